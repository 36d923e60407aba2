// SPDX-License-Identifier: Apache-2.0
//! `cso consult export`: the opinion as a file that a patient can take to a doctor, or a program
//! can read.

mod layout;
mod pdf;

use super::opinion;
use crate::{
    context::Context,
    output_file::OutputFile,
    report::{inert, one_line, Report},
};
use anyhow::{bail, Result};
use clap::{Args, ValueEnum};
use cso_client::consultation::{ModelCheck, Opened};
use cso_clinical::{
    fhir,
    opinion_page::{html, OpinionPage},
};
use jiff::civil::Date;
use serde_json::{json, Value};
use std::path::{Path, PathBuf};

/// Flags of `export`.
#[derive(Args, Debug)]
pub(crate) struct Export {
    /// Number or handle
    id: String,
    /// What to write [default: told by the ending .pdf or .html of --out]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Replace the file that --out names
    #[arg(long)]
    force: bool,
    /// The day that is written on it [default: today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<Date>,
}

/// What an opinion is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// A page on paper
    Pdf,
    /// A page for browsers
    Html,
    /// A FHIR R4 Bundle: RiskAssessment and Observations
    Fhir,
    /// What `cso consult open --json` says, with the commitments
    Json,
}

impl Format {
    /// What the file's ending says, if it says it.
    fn of(path: &Path) -> Result<Self> {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("pdf") => Ok(Self::Pdf),
            Some("html" | "htm") => Ok(Self::Html),
            _ => bail!(
                "the name {} doesn't say what to write: add --format pdf, html, fhir or json",
                path.display()
            ),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Html => "html",
            Self::Fhir => "fhir",
            Self::Json => "json",
        }
    }
}

impl Export {
    pub(crate) async fn run(self, context: &mut Context) -> Result<Report> {
        let format = match self.format {
            Some(format) => format,
            None => Format::of(&self.out)?,
        };
        let file = OutputFile::private(&self.out, self.force)?;
        let mut vault = context.vault().await?;
        let chain = context.chain().await?;
        let mut session = context.session(&chain, &mut vault);
        let opened = opinion::read(&mut session, Some(&self.id)).await?;
        context.steps.begin("write", "writing the file");
        let day = self.date.unwrap_or_else(|| jiff::Zoned::now().date());
        let bytes = write(&opened, format, day)?;
        let length = bytes.len();
        file.write(&bytes)?;
        context.steps.end();
        let text = format!(
            "opinion {} written to {}: it isn't encrypted any more, keep it as you keep your records",
            opened.id,
            self.out.display()
        );
        let json =
            json!({ "id": opened.id, "format": format.word(), "out": self.out, "bytes": length });
        Ok(Report::new(text, json))
    }
}

fn write(opened: &Opened<'_>, format: Format, day: Date) -> Result<Vec<u8>> {
    let (description, readings) = (&opened.description, &opened.readings);
    let pretty = |json: &Value| Ok(format!("{json:#}\n").into_bytes());
    match format {
        Format::Pdf => pdf::pdf(&page(opened, day).document(description, readings), day),
        Format::Html => Ok(html(description, readings, &page(opened, day)).into_bytes()),
        Format::Fhir => {
            let expert = opened.dossier.expert.to_string();
            pretty(&fhir::opinion(description, readings, day, &expert))
        }
        Format::Json => {
            let mut json = opinion::json(opened);
            json["date"] = json!(day.to_string());
            json["proofs"] = proofs(opened)
                .into_iter()
                .map(|[name, value]| (name, Value::from(value)))
                .collect::<serde_json::Map<_, _>>()
                .into();
            pretty(&json)
        }
    }
}

fn page(opened: &Opened<'_>, day: Date) -> OpinionPage {
    let dossier = opened.dossier;
    let inputs = dossier.inputs.iter();
    let note = opened.note.note();
    OpinionPage {
        date: day.to_string(),
        expert: dossier.expert.to_string(),
        question: inert(&dossier.question),
        note: note.map(|note| inert(&note.text)).unwrap_or_default(),
        inputs: inputs
            .map(|input| [&input.label, &input.value, &input.source].map(|text| one_line(text)))
            .collect(),
        proofs: proofs(opened),
    }
}

/// What ties the page to the chain.
fn proofs(opened: &Opened<'_>) -> Vec<[String; 2]> {
    let dossier = opened.dossier;
    let model = match (opened.model_commitment(), opened.model) {
        (Some(model), ModelCheck::Published) => format!("{model}, as published"),
        (Some(model), _) => format!("{model}, NOT as published"),
        (None, _) => "unknown".into(),
    };
    let proofs = [
        ("chain", dossier.genesis.to_string()),
        ("consultation", opened.id.to_string()),
        ("block of the answer", opened.opinion.delivered.to_string()),
        ("signed by", opened.opinion.worker.to_string()),
        ("commitment to the record", dossier.record.to_string()),
        ("commitment to the model", model),
    ];
    proofs.map(|(name, value)| [name.to_owned(), value]).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_tells_the_format_or_it_must_be_given() {
        assert_eq!(Format::of(Path::new("a/b.pdf")).unwrap(), Format::Pdf);
        assert_eq!(Format::of(Path::new("b.html")).unwrap(), Format::Html);
        for name in ["b.json", "b", "pdf"] {
            let error = Format::of(Path::new(name)).unwrap_err().to_string();
            assert!(error.contains("--format"), "{error}");
        }
    }
}
