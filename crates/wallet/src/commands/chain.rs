// SPDX-License-Identifier: Apache-2.0
//! `cso chain`: what the node says of itself.

use crate::chain::hop::Pool;
use crate::context::Context;
use crate::report::{table, Report};
use anyhow::Result;
use serde_json::json;

pub async fn run(context: &mut Context) -> Result<Report> {
    let chain = context.chain().await?;
    context.steps.begin("read", "reading the chain's state");
    let head = chain.head().await?;
    let pool = Pool::connect(chain.url()).await?.status().await;
    let evaluator = chain.evaluator_status().await;
    let genesis = format!("0x{}", hex::encode(chain.genesis()));
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let text = table(&[
        row("node", chain.url().to_owned()),
        row("runtime", format!("{} {}", head.spec_name, head.spec_version)),
        row("genesis", genesis.clone()),
        row("best block", head.best.to_string()),
        row("finalised block", head.finalized.to_string()),
        row(
            "hand-off pool",
            pool.as_ref().map_or("none".into(), |pool| {
                format!("{} records, {} bytes", pool.entries, pool.bytes)
            }),
        ),
        row(
            "evaluator",
            evaluator.as_ref().map_or("none, or not told".into(), ToString::to_string),
        ),
    ]);
    let json = json!({
        "url": chain.url(),
        "genesis": genesis,
        "spec_name": head.spec_name,
        "spec_version": head.spec_version,
        "best": head.best,
        "finalized": head.finalized,
        "pool": pool,
        "evaluator": evaluator,
    });
    Ok(Report::new(text, json))
}
