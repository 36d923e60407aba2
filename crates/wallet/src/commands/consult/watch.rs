// SPDX-License-Identifier: Apache-2.0
//! Where a consultation stands, and waiting for it to get on.

use super::notify;
use crate::{
    context::Context,
    report::{list as rows_of, problem, table, Report},
};
use anyhow::Result;
use cso_client::{
    chain::{node::NodeChain, ChainError, Status},
    clock::SystemClock,
    consultation::{Phase, Standing, Which},
    vault::Stage,
    Amount,
};
use cso_clinical::Description;
use cso_primitives::DeclineReason;
use serde_json::{json, Value};
use std::{collections::BTreeSet, time::Duration};

/// Exit code of `wait` when the fee went back.
const EXIT_NO_OPINION: u8 = 3;
/// Exit code of `wait` when time ran out.
const EXIT_TIMEOUT: u8 = 4;

/// Finds a consultation in the wallet, or takes a number as it is.
async fn find(context: &Context, id: Option<&str>) -> Result<Which> {
    let number = id.and_then(|id| id.parse::<u64>().ok());
    if let (Some(number), false) = (number, context.storage()?.exists()) {
        return Ok(Which::number(number));
    }
    let vault = context.vault().await?;
    match (vault.wallet().dossier(id), number) {
        (Ok(found), _) => Ok(Which::of(found)),
        (Err(_), Some(number)) => Ok(Which::number(number)),
        (Err(error), None) => Err(error.into()),
    }
}

async fn connect(context: &Context, which: &Which) -> Result<NodeChain> {
    let chain = context.chain().await?;
    which.require_chain(&chain)?;
    Ok(chain)
}

/// `cso consult status`.
pub(super) async fn status(context: &mut Context, id: Option<&str>) -> Result<Report> {
    let which = find(context, id).await?;
    let chain = connect(context, &which).await?;
    context.steps.begin("read", "reading the consultation");
    Ok(report(&which, &Standing::look(&chain, &which).await?))
}

/// `cso consult wait`.
pub(super) async fn wait(
    context: &mut Context,
    id: Option<&str>,
    timeout: Option<u64>,
    notify: Option<&str>,
) -> Result<Report> {
    let which = find(context, id).await?;
    which.require_id()?;
    let connected = connect(context, &which).await;
    if let (Err(_), Some(command)) = (&connected, notify) {
        notify::run(command, &which, notify::FAILED);
    }
    let chain = connected?;
    context.steps.begin("wait", "waiting for the expert's opinion");
    let timeout = timeout.map(Duration::from_secs);
    let waited = Standing::wait(&chain, &SystemClock::start(), &which, timeout, |standing| {
        let deadline = standing.found.as_ref().map_or(0, |found| found.deadline);
        context.steps.say(format!(
            "waiting for the expert's opinion (block {}, fee back after {deadline})",
            standing.now
        ));
    })
    .await;
    context.steps.end();
    if let Some(command) = notify {
        let status = match &waited {
            Ok(waited) if waited.timed_out => notify::TIMEOUT,
            Ok(waited) => waited.standing.phase.word(),
            Err(_) => notify::FAILED,
        };
        notify::run(command, &which, status);
    }
    let waited = waited?;
    let mut report = report(&which, &waited.standing);
    if !waited.standing.waits() {
        report.json["waited_blocks"] = json!(waited.blocks);
    }
    // An unhappy end is also said on the error output, in one line.
    if waited.timed_out {
        report.exit = EXIT_TIMEOUT;
        problem(format_args!(
            "no opinion yet: time is over; wait on with `cso consult wait {}`",
            name(&which)
        ));
    } else if !waited.standing.has_opinion() {
        report.exit = EXIT_NO_OPINION;
        let phase = waited.standing.phase;
        let why = without_opinion(phase, &name(&which))
            .unwrap_or_else(|| format!("the consultation is {}", phase.word()));
        problem(format_args!("no opinion: {why}"));
    }
    Ok(report)
}

fn report(which: &Which, standing: &Standing) -> Report {
    Report::new(text(which, standing), json(which, standing))
}

fn json(which: &Which, standing: &Standing) -> Value {
    let found = standing.found.as_ref();
    let status = found.map(|found| found.status);
    json!({
        "handle": which.handle,
        "id": which.id,
        "on_chain": found.is_some(),
        "status": standing.phase.word(),
        "reason": match status { Some(Status::Declined { reason }) => json!(reason.word()), _ => Value::Null },
        "fee": found.map(|found| Amount(found.fee)),
        "deposit": found.map(|found| Amount(found.deposit)),
        "deadline": found.map(|found| found.deadline),
        "accept_by": match status { Some(Status::Delivered { accept_by }) => json!(accept_by), _ => Value::Null },
        "expert": found.map(|found| found.expert.to_string()),
        "patient": found.map(|found| found.patient.to_string()),
        "record": found.map(|found| found.record.to_string()),
        "block": standing.now,
    })
}

/// What to call it in other commands.
fn name(which: &Which) -> String {
    which.id.map(|id| id.to_string()).or_else(|| which.handle.clone()).unwrap_or_default()
}

fn text(which: &Which, standing: &Standing) -> String {
    let name = name(which);
    let mut rows = vec![
        vec!["consultation".to_owned(), name.clone()],
        vec!["status".to_owned(), sentence(standing.phase, &name)],
    ];
    if let Some(found) = &standing.found {
        rows.push(vec!["expert".into(), found.expert.to_string()]);
        rows.push(vec!["fee".into(), format!("{} CSO", Amount(found.fee))]);
        rows.push(vec!["deposit".into(), format!("{} CSO", Amount(found.deposit))]);
        rows.push(vec![
            "deadline".into(),
            format!("block {} (now {})", found.deadline, standing.now),
        ]);
    }
    table(&rows)
}

fn sentence(phase: Phase, name: &str) -> String {
    match phase {
        Phase::OnChain(Status::Requested) => "requested: waits for the expert".into(),
        Phase::OnChain(Status::Delivered { accept_by }) => {
            format!("delivered: read it with `cso consult open {name}`; paid by itself after block {accept_by}")
        }
        Phase::OnChain(Status::Declined { reason }) => {
            format!("declined: {}; {}", decline_sentence(reason), fee_is_back(name))
        }
        Phase::OnChain(Status::Accepted) => {
            format!("accepted: erase it with `cso consult erase {name}`")
        }
        Phase::OnChain(Status::Expired) => {
            format!("expired: {}", fee_is_back(name))
        }
        Phase::Prepared => {
            format!("prepared, not on chain: go on with `cso consult resume {name}`")
        }
        Phase::Sent => {
            format!("sent, not known to be final: go on with `cso consult resume {name}`")
        }
        Phase::Erased => "erased: nothing of it is on chain, its keys are destroyed".into(),
        Phase::Gone => "not on chain: it never was, or has been erased".into(),
    }
}

fn fee_is_back(name: &str) -> String {
    format!("the fee is back; erase it with `cso consult erase {name}`")
}

/// Why there will never be an opinion, and what is left to do; `None` if that isn't so.
pub(super) fn without_opinion(phase: Phase, name: &str) -> Option<String> {
    match phase {
        Phase::OnChain(Status::Declined { reason }) => Some(format!(
            "consultation {name} was declined: {}; {}",
            decline_sentence(reason),
            fee_is_back(name)
        )),
        Phase::OnChain(Status::Expired) => {
            Some(format!("consultation {name} expired without an answer; {}", fee_is_back(name)))
        }
        Phase::Gone => {
            Some(format!("consultation {name} is not on chain: it never was, or has been erased"))
        }
        _ => None,
    }
}

/// A reason as a sentence that says what can be done.
fn decline_sentence(reason: DeclineReason) -> &'static str {
    match reason {
        DeclineReason::RecordMissing => "the record didn't reach the expert's node: ask again",
        DeclineReason::RecordInvalid => {
            "the record that reached the expert's node isn't the one committed to: ask again"
        }
        DeclineReason::EnvelopeUnreadable => {
            "the expert's node can't open the envelope, its sealing key may have changed: ask again"
        }
        DeclineReason::ProtocolUnknown => {
            "the expert's node doesn't have the model of this protocol: ask for another, or another expert"
        }
        DeclineReason::Overloaded => {
            "the expert's node has too much to do: ask again later, or another expert"
        }
        DeclineReason::Declined => "the expert declined without a reason: ask another",
    }
}

/// What `list` says of a consultation that is on chain where the chain's word can't be had.
const UNKNOWN: &str = "unknown";

/// `cso consult list`: what the wallet knows, with the chain's word. Where that can't be had, the
/// status is unknown, and why is said: what the wallet saw last may be over since.
pub(super) async fn list(context: &mut Context) -> Result<Report> {
    let vault = context.vault().await?;
    let (wallet, language) = (vault.wallet(), context.language());
    // A list is of use without a node too.
    let chain = match wallet.dossiers.iter().any(|one| matches!(one.stage, Stage::Requested { .. }))
    {
        true => Some(context.chain().await),
        false => None,
    };
    context.steps.begin("read", "reading the consultations");
    let header = ["consultation", "handle", "status", "protocol", "expert"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    let mut shown = Vec::new();
    let mut unknown = BTreeSet::new();
    for one in &wallet.dossiers {
        let seen = match (one.stage, &chain) {
            (Stage::Erased { .. }, _) => Ok(Phase::Erased),
            (Stage::Submitting { .. }, _) => Ok(Phase::Sent),
            (Stage::Prepared, _) => Ok(Phase::Prepared),
            (Stage::Requested { .. }, Some(Ok(chain))) => see(chain, &Which::of(one)).await?,
            (Stage::Requested { .. }, Some(Err(error))) => Err(format!("{error:#}")),
            (Stage::Requested { .. }, None) => Err("no node was asked".into()),
        };
        let (status, why) = match seen {
            Ok(phase) => (phase.word(), None),
            Err(why) => (UNKNOWN, Some(why)),
        };
        unknown.extend(why.clone());
        let title = Description::from_json(&one.description)
            .map(|it| it.in_language(&language).meta().title.to_string())
            .unwrap_or_default();
        let account = match one.is_erased() {
            true => None,
            false => Some(wallet.asking_pair(one)?.account().to_string()),
        };
        rows.push(vec![
            one.id().map_or_else(|| "-".into(), |id| id.to_string()),
            one.handle.clone(),
            status.to_owned(),
            title.clone(),
            one.expert.to_string(),
        ]);
        shown.push(json!({
            "handle": one.handle,
            "id": one.id(),
            "expert": one.expert.to_string(),
            "protocol": { "id": one.protocol, "title": title },
            "status": status,
            "why_unknown": why,
            "account": account,
        }));
    }
    context.steps.end();
    for why in unknown {
        problem(format_args!("a status is unknown, as the chain's word can't be had: {why}"));
    }
    let text = match shown.is_empty() {
        true => "no consultations yet; begin with `cso directory list`".to_owned(),
        false => rows_of(&rows),
    };
    Ok(Report::new(text, json!({ "consultations": shown })))
}

/// Where a consultation stands by a node, or why this node can't say: others may.
async fn see(chain: &NodeChain, which: &Which) -> Result<Result<Phase, String>> {
    if let Err(other) = which.require_chain(chain) {
        return Ok(Err(other.to_string()));
    }
    match Standing::look(chain, which).await {
        Ok(standing) => Ok(Ok(standing.phase)),
        Err(error @ (ChainError::Behind { .. } | ChainError::OtherHistory { .. })) => {
            Ok(Err(error.to_string()))
        }
        Err(error) => Err(error.into()),
    }
}
