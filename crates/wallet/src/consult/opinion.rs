// SPDX-License-Identifier: Apache-2.0
//! The opinion: decrypted here, put into words, shown with who stands behind it.

use super::request::{expert_of, keys, require_chain, sealing_context};
use crate::chain::{Chain, Opinion};
use crate::context::Context;
use crate::report::{plain, table, warn, Report, NOTICE};
use crate::vault::{Consultation, Vault};
use anyhow::{bail, Context as _, Result};
use cso_clinical::{Description, Reading};
use cso_fhe::{Answer, RecordKey};
use cso_sealing::{Note, SealingKey};
use serde_json::{json, Value};

/// `cso consult open`.
pub async fn open(context: &mut Context, id: Option<&str>) -> Result<Report> {
    let vault = context.vault()?;
    let opened = Opened::read(context, &vault, id).await?;
    Ok(Report::new(opened.text(), opened.json()))
}

/// An opinion, decrypted and put into words.
pub struct Opened<'a> {
    /// The chain's number of the consultation.
    pub number: u64,
    /// What the wallet knows of it.
    pub consultation: &'a Consultation,
    /// As it stands on chain.
    pub opinion: Opinion,
    /// What the expert wrote, if it can be read.
    pub note: Option<Note>,
    /// Whether the note names the model that is published for the protocol.
    pub model_on_chain: bool,
    /// The protocol as it was when asked.
    pub description: Description,
    /// The result, one raw value an output.
    pub outputs: Vec<u16>,
    /// The result in words.
    pub readings: Vec<Reading>,
}

impl<'a> Opened<'a> {
    /// Reads the opinion from the chain and decrypts it.
    pub async fn read(context: &mut Context, vault: &'a Vault, id: Option<&str>) -> Result<Self> {
        let consultation = vault.wallet().consultation(id)?;
        let keys = keys(consultation)?;
        let number = consultation.id().with_context(|| {
            format!(
                "{0} isn't on chain yet; go on with `cso consult resume {0}`",
                consultation.handle
            )
        })?;
        let chain = context.chain().await?;
        require_chain(consultation, &chain)?;
        context.steps.begin("read", "reading the opinion");
        let opinion = chain
            .opinion(number)
            .await?
            .with_context(|| format!("there is no opinion on consultation {number} yet; wait with `cso consult wait {number}`"))?;

        context.steps.begin("decrypt", "decrypting");
        let answer = Answer::from_bytes(&opinion.answer).context(UNUSABLE)?;
        let outputs =
            RecordKey::from_seed(*keys.record.expose()).decrypt(&answer).context(UNUSABLE)?;
        let description = Description::from_json(&consultation.description)
            .context("the wallet's copy of the protocol is damaged")?;
        let readings = description.interpret(&outputs).context(UNUSABLE)?;
        let note = open_note(vault, consultation, &opinion)?;
        context.steps.begin("verify", "comparing with the published model");
        let model_on_chain = match &note {
            Some(note) => model_is_published(&chain, consultation, note).await?,
            None => false,
        };
        context.steps.end();
        Ok(Self {
            number,
            consultation,
            opinion,
            note,
            model_on_chain,
            description,
            outputs,
            readings,
        })
    }

    /// The commitment to the model that answered, as the note names it.
    pub fn model(&self) -> Option<String> {
        let note = self.note.as_ref();
        note.map(|note| format!("0x{}", hex::encode(note.model)))
    }

    /// For machines.
    pub fn json(&self) -> Value {
        let (meta, consultation) = (self.description.meta(), self.consultation);
        json!({
            "id": self.number,
            "handle": consultation.handle,
            "notice": NOTICE,
            "protocol": { "id": consultation.protocol, "name": meta.id, "title": meta.title, "version": meta.version },
            "expert": consultation.expert,
            "worker": self.opinion.worker.to_string(),
            "model": self.model(),
            "model_on_chain": self.model_on_chain,
            "outputs": self.outputs,
            "readings": readings_json(&self.readings),
            "note": self.note.as_ref().map(|note| note.text.clone()),
            "question": consultation.question,
            "inputs": consultation.inputs,
            "blocks": { "requested": consultation.requested_in, "delivered": self.opinion.delivered },
        })
    }

    fn text(&self) -> String {
        let (meta, consultation, opinion) =
            (self.description.meta(), self.consultation, &self.opinion);
        let model = self.model().map_or("unknown".into(), |model| {
            let published = match self.model_on_chain {
                true => "as published on chain",
                false => "NOT the one published on chain",
            };
            format!("{}… {published}", &model[..18])
        });
        let row = |name: &str, value: String| vec![name.to_owned(), plain(&value)];
        let mut rows = vec![
            row("protocol", format!("{} (version {})", meta.title, meta.version)),
            row("expert", consultation.expert.clone()),
            row("signed by", format!("{} in block {}", opinion.worker, opinion.delivered)),
            row("model", model),
        ];
        if let Some(begin) = consultation.requested_in {
            let took = opinion.delivered.saturating_sub(begin);
            rows.push(row("took", format!("{took} blocks")));
        }
        if !consultation.question.is_empty() {
            rows.push(row("question", consultation.question.clone()));
        }
        let mut parts = vec![
            format!("Second opinion on consultation {}", self.number),
            readings_text(&self.readings),
            table(&rows),
        ];
        if let Some(note) = self.note.as_ref().filter(|note| !note.text.is_empty()) {
            parts.push(format!(
                "Note from the expert (plain text, not checked by anyone):\n{}",
                plain(&note.text)
            ));
        }
        parts.push(NOTICE.to_owned());
        parts.join("\n\n")
    }
}

const UNUSABLE: &str = "the answer can't be used; don't accept it, and tell the medical board";

/// Opens the expert's note. An opinion with an unreadable note is shown, with a warning: its values
/// may still be right.
fn open_note(
    vault: &Vault,
    consultation: &Consultation,
    opinion: &Opinion,
) -> Result<Option<Note>> {
    let key = SealingKey::from_seed(*keys(consultation)?.note.expose());
    let patient = consultation.pair(vault.wallet())?.account();
    match Note::open(&opinion.note, &key, &sealing_context(consultation, &patient)?) {
        Ok(note) if note.protocol == consultation.protocol => Ok(Some(note)),
        Ok(note) => bail!(
            "the expert's node answered protocol {} instead of {}: {UNUSABLE}",
            note.protocol,
            consultation.protocol
        ),
        Err(error) => {
            warn(format!("the expert's note can't be opened ({error}): nothing says which model gave this answer"));
            Ok(None)
        }
    }
}

async fn model_is_published(
    chain: &Chain,
    consultation: &Consultation,
    note: &Note,
) -> Result<bool> {
    let expert = expert_of(consultation)?;
    match chain.protocol(&expert, consultation.protocol).await? {
        Some(protocol) if protocol.model == note.model => Ok(true),
        Some(_) => {
            warn("the note names another model than the one published for this protocol; don't accept, and tell the medical board");
            Ok(false)
        }
        None => {
            warn("the expert has retired this protocol meanwhile, so its model can't be compared with the published one");
            Ok(false)
        }
    }
}

/// Outputs for people: what, how much, what it means, where that was published.
pub fn readings_text(readings: &[Reading]) -> String {
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
            plain(&lines.join("\n"))
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// Outputs for machines.
pub fn readings_json(readings: &[Reading]) -> Value {
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
