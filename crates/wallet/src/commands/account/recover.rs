// SPDX-License-Identifier: Apache-2.0
//! `cso account recover`: money in accounts of consultations that a lost wallet has made.

use crate::{
    context::Context,
    report::{counted, list as rows_of, Report},
};
use anyhow::{ensure, Context as _, Result};
use clap::Args;
use cso_client::{
    recovery::{bring_back, find, Lost},
    Amount,
};
use jiff::{civil::Date, tz::TimeZone, Timestamp};
use serde_json::json;
use std::time::Duration;

/// Flags of `recover`.
#[derive(Args, Debug)]
pub(crate) struct Recover {
    /// The account that paid
    name: String,
    /// First day on which the lost wallet may have been made or restored
    #[arg(long, value_name = "YYYY-MM-DD")]
    since: Date,
    /// Don't ask
    #[arg(long)]
    yes: bool,
}

impl Recover {
    pub(crate) async fn run(self, context: &mut Context) -> Result<Report> {
        let now = Timestamp::now();
        let since = self.since.to_zoned(TimeZone::UTC).context("--since")?.timestamp();
        ensure!(since <= now, "--since {} is in the future", self.since);
        let seconds = |time: Timestamp| u64::try_from(time.as_second()).map(Duration::from_secs);
        // The day began earlier to the east.
        let begin = seconds(since).context("--since must be after 1970")?;
        let begin = begin.saturating_sub(Duration::from_secs(24 * 3600));
        let end = seconds(now).context("this computer's clock is before 1970")?;

        let vault = context.vault().await?;
        let to = vault.wallet().account(&self.name)?.address;
        let chain = context.chain().await?;
        let lost = find(&chain, vault.wallet(), &self.name, begin..end, &context.steps).await?;
        let (bound, loose): (Vec<_>, Vec<_>) = lost.iter().partition(|one| one.is_bound());
        let free = total(loose.iter().map(|one| one.balance.free));
        let held = total(bound.iter().map(|one| one.balance.held));
        let (mut brought, mut failed) = (Amount(0), Vec::new());
        if free.0 > 0 {
            let question = format!(
                "Send what {} of consultations {}, {free} CSO less fees, to {}?",
                counted(loose.len(), "account"),
                if loose.len() == 1 { "has" } else { "have" },
                self.name
            );
            context.confirm(self.yes, &question)?;
            for one in loose {
                match bring_back(&chain, one, to).await {
                    Ok(back) => brought = Amount(brought.0.saturating_add(back.0)),
                    Err(error) => failed.push((one.account().to_string(), error.to_string())),
                }
            }
        }
        let failures =
            failed.iter().map(|(account, error)| json!({ "account": account, "error": error }));
        let json = json!({
            "accounts": lost.iter().map(shown).collect::<Vec<_>>(),
            "brought_back": brought,
            "held": held,
            "failed": failures.collect::<Vec<_>>(),
        });
        let mut text = text(&lost, brought, held);
        for (account, error) in &failed {
            text += &format!("\n{account} keeps what it has: {error}");
        }
        Ok(Report::new(text, json))
    }
}

fn total(amounts: impl Iterator<Item = Amount>) -> Amount {
    Amount(amounts.fold(0, |sum, amount| sum.saturating_add(amount.0)))
}

fn shown(one: &Lost) -> serde_json::Value {
    json!({
        "account": one.account().to_string(),
        "index": one.index,
        "free": one.balance.free,
        "held": one.balance.held,
    })
}

fn text(lost: &[Lost], brought: Amount, held: Amount) -> String {
    if lost.is_empty() {
        return "no account of a consultation was found that this wallet doesn't know".to_owned();
    }
    let mut rows = vec![["account", "free", "held"].map(str::to_owned).to_vec()];
    rows.extend(lost.iter().map(|one| {
        let amounts = [one.balance.free, one.balance.held].map(|amount| amount.to_string());
        [vec![one.account().to_string()], amounts.to_vec()].concat()
    }));
    let mut text = format!("{}\n{brought} CSO came back", rows_of(&rows));
    if held.0 > 0 {
        text += &format!(
            "\n{held} CSO are bound in consultations, whose accounts keep what they have until those end: try again then"
        );
    }
    text
}
