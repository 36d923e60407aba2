// SPDX-License-Identifier: Apache-2.0
//! The opinion as text and as JSON.

use super::watch;
use crate::{
    context::Context,
    report::{quoted, table, warn, Report, NOTICE},
};
use anyhow::{anyhow, Result};
use cso_client::{
    chain::{node::NodeChain, ConsultationId},
    consultation::{ModelCheck, NoteCheck, Opened, OpinionError, Session, Standing, Which},
    hand_off::NodeHandOff,
    vault::FileStorage,
};
use cso_clinical::Reading;
use serde_json::{json, Value};

/// `cso consult open`.
pub(crate) async fn open(context: &mut Context, id: Option<&str>) -> Result<Report> {
    let mut vault = context.vault().await?;
    let chain = context.chain().await?;
    let mut session = context.session(&chain, &mut vault);
    let opened = read(&mut session, id).await?;
    context.steps.end();
    Ok(Report::new(text(&opened), json(&opened)))
}

/// Reads and decrypts an opinion, and warns of what is wrong with it.
pub(crate) async fn read<'a>(
    session: &'a mut Session<'_, NodeChain, NodeHandOff, FileStorage>,
    id: Option<&str>,
) -> Result<Opened<'a>> {
    let (chain, which) = (session.chain, Which::of(session.vault.wallet().dossier(id)?));
    let opened = match session.open(id).await {
        Ok(opened) => opened,
        Err(OpinionError::None(number)) => return Err(why_none(chain, &which, number).await?),
        Err(error) => return Err(error.into()),
    };
    if let NoteCheck::Unreadable(error) = &opened.note {
        warn(format!("the expert's note can't be opened ({error}): nothing says which model gave this answer"));
    }
    match opened.model {
        ModelCheck::Differs => warn("the note names another model than the one published for this protocol; don't accept, and tell the medical board"),
        ModelCheck::Retired => warn("the expert has retired this protocol meanwhile, so its model can't be compared with the published one"),
        ModelCheck::Published | ModelCheck::Unknown => {}
    }
    Ok(opened)
}

/// Why there is no opinion: not yet, or never.
async fn why_none(
    chain: &NodeChain,
    which: &Which,
    number: ConsultationId,
) -> Result<anyhow::Error> {
    let standing = Standing::look(chain, which).await?;
    Ok(match watch::without_opinion(standing.phase, &number.to_string()) {
        Some(why) => anyhow!(why),
        None => OpinionError::None(number).into(),
    })
}

/// Whether the note names the model that is published for the protocol.
fn is_published(opened: &Opened<'_>) -> bool {
    opened.model == ModelCheck::Published
}

/// For machines.
pub(crate) fn json(opened: &Opened<'_>) -> Value {
    let (meta, dossier) = (opened.description.meta(), opened.dossier);
    json!({
        "id": opened.id,
        "handle": dossier.handle,
        "notice": NOTICE,
        "protocol": { "id": dossier.protocol, "name": meta.id, "title": meta.title, "version": meta.version },
        "expert": dossier.expert.to_string(),
        "worker": opened.opinion.worker.to_string(),
        "model": opened.model_commitment().map(|model| model.to_string()),
        "model_on_chain": is_published(opened),
        "outputs": opened.outputs,
        "readings": readings_json(&opened.readings),
        "note": opened.note.note().map(|note| note.text.clone()),
        "question": dossier.question,
        "inputs": dossier.inputs,
        "blocks": { "requested": dossier.requested_in, "delivered": opened.opinion.delivered },
    })
}

fn text(opened: &Opened<'_>) -> String {
    let (meta, dossier, opinion) = (opened.description.meta(), opened.dossier, &opened.opinion);
    let model = opened.model_commitment().map_or("unknown".into(), |model| {
        let published = match is_published(opened) {
            true => "as published on chain",
            false => "NOT the one published on chain",
        };
        format!("{}… {published}", &model.to_string()[..18])
    });
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let mut rows = vec![
        row("protocol", format!("{} (version {})", meta.title, meta.version)),
        row("expert", dossier.expert.to_string()),
        row("signed by", format!("{} in block {}", opinion.worker, opinion.delivered)),
        row("model", model),
    ];
    if let Some(begin) = dossier.requested_in {
        rows.push(row("took", format!("{} blocks", opinion.delivered.saturating_sub(begin))));
    }
    let mut parts = vec![
        format!("Second opinion on consultation {}", opened.id),
        readings_text(&opened.readings),
        table(&rows),
    ];
    if !dossier.question.is_empty() {
        parts.push(format!("Your question:\n{}", quoted(&dossier.question)));
    }
    if let Some(note) = opened.note.note().filter(|note| !note.text.is_empty()) {
        parts.push(format!(
            "Note from the expert (plain text, not checked by anyone):\n{}",
            quoted(&note.text)
        ));
    }
    parts.push(NOTICE.to_owned());
    parts.join("\n\n")
}

/// Outputs for people: what, how much, what it means, where that was published.
pub(crate) fn readings_text(readings: &[Reading]) -> String {
    readings
        .iter()
        .map(|reading| {
            let mut lines = vec![
                format!("{} = {}", reading.label, reading.text),
                format!("  {}", reading.meaning),
            ];
            if let Some(figure) = &reading.figure {
                let source = reading
                    .source
                    .as_ref()
                    .map(|source| format!(" ({source})"))
                    .unwrap_or_default();
                lines.push(format!("  {figure}{source}"));
            }
            lines.join("\n")
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// Outputs for machines.
pub(crate) fn readings_json(readings: &[Reading]) -> Value {
    readings
        .iter()
        .map(|reading| {
            json!({
                "id": reading.output,
                "label": reading.label,
                "value": reading.value,
                "text": reading.text,
                "unit": reading.unit,
                "name": reading.name,
                "meaning": reading.meaning,
                "figure": reading.figure,
                "source": reading.source,
            })
        })
        .collect()
}
