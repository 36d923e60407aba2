// SPDX-License-Identifier: Apache-2.0
//! `cso chain`: what the node says of itself.

use crate::{
    context::Context,
    report::{table, Report},
};
use anyhow::Result;
use cso_client::{
    chain::Chain,
    hand_off::{NodeHandOff, PoolStatus, RecordPool},
    HandOff,
};
use serde_json::json;

pub(super) async fn run(context: &mut Context) -> Result<Report> {
    let chain = context.chain().await?;
    context.steps.begin("read", "reading the chain's state");
    let head = chain.head().await?;
    let pool = pool(chain.url()).await;
    let evaluator = chain.evaluator_status().await;
    let genesis = chain.genesis().to_string();
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let text = table(&[
        row("node", chain.url().to_owned()),
        row("runtime", format!("{} {}", head.spec_name, head.spec_version)),
        row("genesis", genesis.clone()),
        row("best block", head.best.to_string()),
        row("finalised block", head.finalized.to_string()),
        row(
            "hand-off pool",
            pool.map_or("none".into(), |pool| {
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
        "pool": pool.map(|pool| json!({ "entries": pool.entries, "bytes": pool.bytes })),
        "evaluator": evaluator,
    });
    Ok(Report::new(text, json))
}

async fn pool(url: &str) -> Option<PoolStatus> {
    NodeHandOff::to_all().connect(url).await.ok()?.status().await.ok()
}
