// SPDX-License-Identifier: Apache-2.0
//! Where a consultation stands, and waiting for it to get on.

use super::request::require_chain;
use crate::amount::Amount;
use crate::chain::{self, Block, Chain, Status};
use crate::context::Context;
use crate::report::{table, Report};
use crate::vault::{Consultation, Stage, Vault};
use anyhow::{bail, Context as _, Result};
use serde_json::{json, Value};
use std::time::Duration;

/// Exit code of `wait` when the fee went back.
const EXIT_NO_OPINION: u8 = 3;
/// Exit code of `wait` when time ran out.
const EXIT_TIMEOUT: u8 = 4;
/// Between two looks at the chain: a fraction of a block's time.
const LOOK: Duration = Duration::from_millis(400);

/// Which consultation: one of the wallet's, or just a number on chain.
pub struct Which {
    /// Handle, if it's the wallet's.
    handle: Option<String>,
    /// Number, if it has one.
    id: Option<u64>,
    stage: Option<Stage>,
    requested_in: Option<Block>,
    genesis: Option<String>,
}

impl Which {
    /// Finds it in the wallet, or takes a number as it is.
    pub fn find(context: &mut Context, id: Option<&str>) -> Result<Self> {
        let number = id.and_then(|id| id.parse::<u64>().ok());
        let from_chain = |id| Self {
            handle: None,
            id: Some(id),
            stage: None,
            requested_in: None,
            genesis: None,
        };
        if let (Some(number), false) = (number, Vault::exists(&context.wallet_path()?)) {
            return Ok(from_chain(number));
        }
        let vault = context.vault()?;
        match (vault.wallet().consultation(id), number) {
            (Ok(found), _) => Ok(Self::of(found)),
            (Err(_), Some(number)) => Ok(from_chain(number)),
            (Err(error), None) => Err(error.into()),
        }
    }

    fn of(consultation: &Consultation) -> Self {
        Self {
            handle: Some(consultation.handle.clone()),
            id: consultation.id(),
            stage: Some(consultation.stage),
            requested_in: consultation.requested_in,
            genesis: Some(consultation.genesis.clone()),
        }
    }
}

/// What is known about a consultation at one moment.
struct Look {
    found: Option<chain::Consultation>,
    now: Block,
    word: &'static str,
}

impl Look {
    async fn take(chain: &Chain, which: &Which) -> Result<Self> {
        let (found, now) = match which.id {
            Some(id) => chain.consultation(id).await?,
            None => (None, chain.best_block().await?),
        };
        let word = match (&found, which.stage) {
            (Some(found), _) => found.status.word(),
            (None, Some(Stage::Prepared | Stage::Submitting { .. })) => "prepared",
            (None, Some(Stage::Erased { .. })) => "erased",
            (None, Some(Stage::Requested { .. }) | None) => "gone",
        };
        Ok(Self { found, now, word })
    }

    fn json(&self, which: &Which) -> Value {
        let found = self.found.as_ref();
        let status = found.map(|found| found.status);
        json!({
            "handle": which.handle,
            "id": which.id,
            "on_chain": found.is_some(),
            "status": self.word,
            "reason": match status { Some(Status::Declined { reason }) => json!(reason), _ => Value::Null },
            "fee": found.map(|found| Amount(found.fee)),
            "deposit": found.map(|found| Amount(found.deposit)),
            "deadline": found.map(|found| found.deadline),
            "accept_by": match status { Some(Status::Delivered { accept_by }) => json!(accept_by), _ => Value::Null },
            "expert": found.map(|found| found.expert.to_string()),
            "patient": found.map(|found| found.patient.to_string()),
            "record": found.map(|found| format!("0x{}", hex::encode(found.record))),
            "block": self.now,
        })
    }

    fn text(&self, which: &Which) -> String {
        let name =
            which.id.map(|id| id.to_string()).or_else(|| which.handle.clone()).unwrap_or_default();
        let mut rows = vec![
            vec!["consultation".to_owned(), name.clone()],
            vec!["status".to_owned(), self.sentence(&name)],
        ];
        if let Some(found) = &self.found {
            rows.push(vec!["expert".into(), found.expert.to_string()]);
            rows.push(vec!["fee".into(), format!("{} CSO", Amount(found.fee))]);
            rows.push(vec!["deposit".into(), format!("{} CSO", Amount(found.deposit))]);
            rows.push(vec![
                "deadline".into(),
                format!("block {} (now {})", found.deadline, self.now),
            ]);
        }
        table(&rows)
    }

    fn sentence(&self, name: &str) -> String {
        match (self.found.as_ref().map(|found| found.status), self.word) {
            (Some(Status::Requested), _) => "requested: waits for the expert".into(),
            (Some(Status::Delivered { accept_by }), _) => {
                format!("delivered: read it with `cso consult open {name}`; paid by itself after block {accept_by}")
            }
            (Some(Status::Declined { reason }), _) => format!("declined: {}", reason.sentence()),
            (Some(Status::Accepted), _) => {
                format!("accepted: erase it with `cso consult erase {name}`")
            }
            (Some(Status::Expired), _) => {
                format!("expired: the fee is back; erase it with `cso consult erase {name}`")
            }
            (None, "prepared") => {
                format!("prepared, not on chain: go on with `cso consult resume {name}`")
            }
            (None, "erased") => "erased: nothing of it is on chain, its keys are destroyed".into(),
            (None, _) => "not on chain: it never was, or has been erased".into(),
        }
    }
}

async fn connect(context: &mut Context, which: &Which) -> Result<Chain> {
    let chain = context.chain().await?;
    if let Some(genesis) = &which.genesis {
        if *genesis != hex::encode(chain.genesis()) {
            bail!("this consultation belongs to another chain than the node at {}; give a node of that chain with --url", chain.url());
        }
    }
    Ok(chain)
}

/// `cso consult status`.
pub async fn status(context: &mut Context, id: Option<&str>) -> Result<Report> {
    let which = Which::find(context, id)?;
    let chain = connect(context, &which).await?;
    context.steps.begin("read", "reading the consultation");
    let look = Look::take(&chain, &which).await?;
    Ok(Report::new(look.text(&which), look.json(&which)))
}

/// `cso consult wait`.
pub async fn wait(context: &mut Context, id: Option<&str>, timeout: Option<u64>) -> Result<Report> {
    let which = Which::find(context, id)?;
    let number = which.id.with_context(|| {
        format!(
            "{} isn't on chain yet; go on with `cso consult resume`",
            which.handle.as_deref().unwrap_or_default()
        )
    })?;
    let chain = connect(context, &which).await?;
    let end = timeout.map(|seconds| tokio::time::Instant::now() + Duration::from_secs(seconds));
    context.steps.begin("wait", "waiting for the expert's opinion");
    loop {
        let look = Look::take(&chain, &which).await?;
        if let Some(status) = look
            .found
            .as_ref()
            .map(|found| found.status)
            .filter(|status| *status != Status::Requested)
        {
            let waited = waited(&chain, &which, number, status, look.now).await?;
            let mut report = Report::new(look.text(&which), look.json(&which));
            report.json["waited_blocks"] = json!(waited);
            report.exit = if status.has_opinion() { 0 } else { EXIT_NO_OPINION };
            return Ok(tell(report));
        }
        if look.found.is_none() {
            let mut report = Report::new(look.text(&which), look.json(&which));
            report.exit = EXIT_NO_OPINION;
            return Ok(tell(report));
        }
        if end.is_some_and(|end| tokio::time::Instant::now() >= end) {
            let mut report = Report::new(look.text(&which), look.json(&which));
            report.exit = EXIT_TIMEOUT;
            return Ok(tell(report));
        }
        let deadline = look.found.as_ref().map_or(0, |found| found.deadline);
        context.steps.say(format!(
            "waiting for the expert's opinion (block {}, fee back after {deadline})",
            look.now
        ));
        tokio::time::sleep(LOOK).await;
    }
}

/// An unhappy end is also said on the error output, in one line.
fn tell(report: Report) -> Report {
    let status = report.json["status"].as_str().unwrap_or_default();
    match report.exit {
        EXIT_NO_OPINION => eprintln!("error: no opinion: the consultation is {status}"),
        EXIT_TIMEOUT => {
            eprintln!("error: no opinion yet: time is over; wait on with `cso consult wait`")
        }
        _ => {}
    }
    report
}

/// Blocks from the request to the opinion, or to now.
async fn waited(
    chain: &Chain,
    which: &Which,
    id: u64,
    status: Status,
    now: Block,
) -> Result<Option<Block>> {
    let end = match status.has_opinion() {
        true => chain.opinion(id).await?.map_or(now, |opinion| opinion.delivered),
        false => now,
    };
    Ok(which.requested_in.map(|begin| end.saturating_sub(begin)))
}

/// `cso consult list`: what the wallet knows, with the chain's word where it can be had.
pub async fn list(context: &mut Context) -> Result<Report> {
    let vault = context.vault()?;
    let consultations = &vault.wallet().consultations;
    // A list is of use without a node too.
    let chain = match consultations.iter().any(|one| matches!(one.stage, Stage::Requested { .. })) {
        true => context.chain().await.ok(),
        false => None,
    };
    context.steps.begin("read", "reading the consultations");
    let mut rows =
        vec![["consultation", "handle", "state", "protocol", "expert"].map(str::to_owned).to_vec()];
    let mut shown = Vec::new();
    for one in consultations {
        let which = Which::of(one);
        let state = match (&chain, one.stage) {
            (Some(chain), Stage::Requested { .. }) if require_chain(one, chain).is_ok() => {
                Look::take(chain, &which).await?.word
            }
            (_, Stage::Requested { .. }) => "requested",
            (_, Stage::Erased { .. }) => "erased",
            (_, Stage::Prepared | Stage::Submitting { .. }) => "prepared",
        };
        let title = cso_clinical::Description::from_json(&one.description)
            .map(|it| it.meta().title.clone())
            .unwrap_or_default();
        let account = match one.stage {
            Stage::Erased { .. } => None,
            _ => Some(one.pair(vault.wallet())?.account().to_string()),
        };
        let id = one.id().map_or_else(|| "-".into(), |id| id.to_string());
        rows.push(vec![
            id,
            one.handle.clone(),
            state.to_owned(),
            crate::report::plain(&title),
            one.expert.clone(),
        ]);
        shown.push(json!({
            "handle": one.handle,
            "id": one.id(),
            "expert": one.expert,
            "protocol": { "id": one.protocol, "title": title },
            "state": state,
            "account": account,
        }));
    }
    let text = match shown.is_empty() {
        true => "no consultations yet; begin with `cso experts list`".to_owned(),
        false => table(&rows),
    };
    Ok(Report::new(text, json!({ "consultations": shown })))
}
