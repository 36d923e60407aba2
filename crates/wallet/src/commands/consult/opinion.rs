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
use cso_clinical::{
    about, disclaimer, protocol::Reference, Description, Eligibility, Reading, Words,
};
use serde_json::{json, Value};

/// `cso consult open`.
pub(crate) async fn open(context: &mut Context, id: Option<&str>) -> Result<Report> {
    let mut vault = context.vault().await?;
    let chain = context.chain().await?;
    let mut session = context.session(&chain, &mut vault);
    let opened = read(&mut session, id).await?.in_language(&context.language())?;
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

/// Whether the model that the note names is the published one, in words that stand behind it.
pub(super) fn model_words(model: ModelCheck, language: &str) -> &'static str {
    let words = match model {
        ModelCheck::Published => {
            Words { en: "as published on chain", de: "wie auf der Chain veröffentlicht" }
        }
        ModelCheck::Differs => Words {
            en: "NOT the one published on chain",
            de: "NICHT das auf der Chain veröffentlichte",
        },
        ModelCheck::Retired => Words {
            en: "the protocol is retired, so it can't be compared with the published one",
            de: "das Protokoll ist zurückgezogen und lässt sich nicht mehr vergleichen",
        },
        ModelCheck::Unknown => {
            Words { en: "the note names none", de: "die Anmerkung nennt keines" }
        }
    };
    words.of(language)
}

/// For machines. `inputs` say in full where each answer came from: not for others.
pub(crate) fn json(opened: &Opened<'_>) -> Value {
    let (meta, dossier) = (opened.description.meta(), opened.dossier);
    json!({
        "id": opened.id,
        "handle": dossier.handle,
        "notice": NOTICE,
        "protocol": {
            "id": dossier.protocol,
            "name": meta.id,
            "title": meta.title.as_str(),
            "version": meta.version,
            "setting": meta.setting,
            "intended_use": meta.intended_use.as_str(),
            "not_for": meta.not_for.as_deref(),
            "references": meta.references,
        },
        "language": opened.description.language(),
        "eligibility": opened.description.eligibility(&dossier.answers()),
        "expert": dossier.expert.to_string(),
        "worker": opened.opinion.worker.to_string(),
        "model": opened.model_commitment().map(|model| model.to_string()),
        "model_on_chain": opened.model == ModelCheck::Published,
        "model_check": opened.model.word(),
        "caveat": opened.model.caveat(),
        "outputs": opened.outputs,
        "readings": readings_json(&opened.readings),
        "note": opened.note.note().map(|note| note.text.clone()),
        "question": dossier.question,
        "inputs": dossier.inputs,
        "blocks": { "requested": dossier.requested_in, "delivered": opened.opinion.delivered },
        "delivered_at": opened.time.map(|time| time.to_string()),
    })
}

fn text(opened: &Opened<'_>) -> String {
    let (dossier, opinion) = (opened.dossier, &opened.opinion);
    let model = opened.model_commitment().map_or("unknown".into(), |model| {
        let digits: String = model.to_string().chars().take(18).collect();
        format!("{digits}… {}", model_words(opened.model, "en"))
    });
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let mut rows = vec![
        row("expert", dossier.expert.to_string()),
        row("signed by", format!("{} in block {}", opinion.worker, opinion.delivered)),
        row("model", model),
    ];
    if let Some(time) = opened.time {
        rows.push(row("answered", time.strftime("%Y-%m-%d %H:%M UTC").to_string()));
    }
    if let Some(begin) = dossier.requested_in {
        rows.push(row("took", format!("{} blocks", opinion.delivered.saturating_sub(begin))));
    }
    let mut parts = vec![format!("Second opinion on consultation {}", opened.id)];
    parts.extend(opened.description.warning().map(str::to_owned));
    parts.push(readings_text(&opened.description, &opened.readings));
    parts
        .push(about_text(&opened.description, &opened.description.eligibility(&dossier.answers())));
    parts.push(table(&rows));
    if !dossier.question.is_empty() {
        parts.push(format!("Your question:\n{}", quoted(&dossier.question)));
    }
    if let Some(note) = opened.note.note().filter(|note| !note.text.is_empty()) {
        parts.push(format!(
            "Note from the expert (plain text, not checked by anyone):\n{}",
            quoted(&note.text)
        ));
    }
    parts.push(disclaimer(opened.description.language()).to_owned());
    parts.join("\n\n")
}

/// What belongs beside the result: for whom the protocol is, and where it was published.
pub(crate) fn about_text(description: &Description, eligibility: &Eligibility) -> String {
    let rows = about::of_protocol(description, eligibility);
    let references = description.meta().references.iter().map(Reference::line);
    let lines = rows.iter().map(|[heading, text]| format!("{heading}: {text}")).chain(references);
    lines.collect::<Vec<_>>().join("\n")
}

/// Outputs for people: what, how much, what it means, what to do, what was published of it.
pub(crate) fn readings_text(description: &Description, readings: &[Reading]) -> String {
    let texts = readings.iter().map(|reading| reading_text(description, reading));
    texts.collect::<Vec<_>>().join("\n")
}

fn reading_text(description: &Description, reading: &Reading) -> String {
    let mut lines =
        vec![format!("{} = {}", reading.label, reading.text), format!("  {}", reading.meaning)];
    lines.extend(about::of_reading(description, reading).into_iter().map(|[heading, text]| {
        match heading.is_empty() {
            true => format!("  {text}"),
            false => format!("  {heading}: {text}"),
        }
    }));
    let figures = reading.figures.iter();
    lines.extend(figures.map(|figure| format!("  - {}", figure.line(description.language()))));
    lines.join("\n")
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
                "next": reading.next,
                "warning": reading.warning,
                "clinician": reading.clinician,
                "figures": reading.figures,
                "open": reading.open,
            })
        })
        .collect()
}
