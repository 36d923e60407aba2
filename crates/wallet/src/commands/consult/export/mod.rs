// SPDX-License-Identifier: Apache-2.0
//! `cso consult export`: the opinion as a file that a patient can take to a doctor, or a program
//! can read.

mod layout;
mod pdf;

use super::opinion;
use crate::{
    context::Context,
    output_file::OutputFile,
    report::{inert, one_line, warn, Report},
};
use anyhow::{bail, Result};
use clap::{Args, ValueEnum};
use cso_client::{consultation::Opened, vault::Input};
use cso_clinical::{
    fhir,
    intake::Feature,
    opinion_page::{html, OpinionPage},
    Description, Eligibility, Words,
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
    /// The day of writing that stands on a page or in JSON [default: today]; FHIR bears the time of
    /// the opinion alone
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
        if format == Format::Fhir && self.date.is_some() {
            bail!("--date is the day of writing, which FHIR doesn't bear: leave it out");
        }
        let file = OutputFile::private(&self.out, self.force)?;
        let mut vault = context.vault().await?;
        let chain = context.chain().await?;
        let mut session = context.session(&chain, &mut vault);
        let opened =
            opinion::read(&mut session, Some(&self.id)).await?.in_language(&context.language())?;
        context.steps.begin("write", "writing the file");
        let day = self.date.unwrap_or_else(|| jiff::Zoned::now().date());
        let bytes = write(&opened, format, day)?;
        let length = bytes.len();
        let (id, handle) = (opened.id, opened.dossier.handle.clone());
        file.write(&bytes)?;
        // The file is there: that the wallet can't note it must not look as if it weren't.
        if let Err(error) = session.note_exported(&handle).await {
            warn(format!("the wallet couldn't note that the opinion was exported: {error}"));
        }
        context.steps.end();
        let text = format!(
            "opinion {id} written to {}: it isn't encrypted any more, keep it as you keep your records",
            self.out.display()
        );
        let json = json!({ "id": id, "format": format.word(), "out": self.out, "bytes": length });
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
            let answered = fhir::Answered {
                expert: &expert,
                time: opened.time,
                model: opened.model,
                eligibility: &eligibility(opened),
            };
            pretty(&fhir::opinion(description, readings, &answered))
        }
        Format::Json => {
            let mut json = opinion::json(opened);
            let inputs = opened.dossier.inputs.iter();
            json["inputs"] = inputs.map(|input| input_json(description, input)).collect();
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

/// An answer for others: where it came from, without names of files and resources.
fn input_json(description: &Description, input: &Input) -> Value {
    let Input { id, label, value, answer, source: _, origin } = input;
    let value = match (answer, disclosed(description, input)) {
        (Some(answer), Some((feature, told))) if *answer != told => feature.show(&told),
        _ => value.clone(),
    };
    json!({ "id": id, "label": label, "value": value, "source": origin.words("en") })
}

/// The same for a page, in the language in which the protocol is shown: that of the request may
/// have been another.
fn input_row(description: &Description, input: &Input) -> [String; 3] {
    let feature = description.intake().feature(&input.id).map(|(_, feature)| feature);
    let label = feature.map_or(&*input.label, |feature| &feature.label);
    let value = match disclosed(description, input) {
        Some((feature, told)) => feature.tell(&told, description.language()),
        None => input.value.clone(),
    };
    [label, &value, input.origin.words(description.language())].map(one_line)
}

/// What others may know of an answer that the wallet kept, with its question.
fn disclosed<'a>(
    description: &'a Description,
    input: &Input,
) -> Option<(&'a Feature, cso_clinical::Value)> {
    let (_, feature) = description.intake().feature(&input.id)?;
    let answer = input.answer.as_ref()?;
    Some((feature, input.origin.disclosed(feature, answer)))
}

fn page(opened: &Opened<'_>, day: Date) -> OpinionPage {
    let dossier = opened.dossier;
    let inputs = dossier.inputs.iter();
    let note = opened.note.note();
    OpinionPage {
        date: day.to_string(),
        expert: dossier.expert.to_string(),
        time: opened.time,
        model: opened.model,
        eligibility: eligibility(opened),
        question: inert(&dossier.question),
        note: note.map(|note| inert(&note.text)).unwrap_or_default(),
        inputs: inputs.map(|input| input_row(&opened.description, input)).collect(),
        proofs: proofs(opened),
    }
}

/// Whether the protocol is for the patient, by the answers that were given.
fn eligibility(opened: &Opened<'_>) -> Eligibility {
    opened.description.eligibility(&opened.dossier.answers())
}

/// What ties the page to the chain, in the language of the page.
fn proofs(opened: &Opened<'_>) -> Vec<[String; 2]> {
    let dossier = opened.dossier;
    let language = opened.description.language();
    let unknown = Words { en: "unknown", de: "unbekannt" };
    let model = opened.model_commitment().map_or_else(
        || unknown.of(language).to_owned(),
        |model| format!("{model}: {}", opinion::model_words(opened.model, language)),
    );
    let proofs = [
        (Words { en: "chain", de: "Chain" }, dossier.genesis.to_string()),
        (Words { en: "consultation", de: "Konsultation" }, opened.id.to_string()),
        (
            Words { en: "block of the answer", de: "Block der Antwort" },
            opened.opinion.delivered.to_string(),
        ),
        (Words { en: "signed by", de: "unterschrieben von" }, opened.opinion.worker.to_string()),
        (
            Words { en: "commitment to the record", de: "Festlegung auf die Akte" },
            dossier.record.to_string(),
        ),
        (Words { en: "commitment to the model", de: "Festlegung auf das Modell" }, model),
    ];
    proofs.map(|(name, value)| [name.of(language).to_owned(), value]).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cso_client::vault::Origin;
    use cso_clinical::{Protocol, Value};

    fn protocol() -> Protocol {
        let toml = include_str!("../../../../../clinical/protocols/cha2ds2-vasc.toml");
        Protocol::from_toml(toml).unwrap()
    }

    #[test]
    fn answers_are_shown_in_the_language_of_the_page() {
        let [id, label, value] = ["diabetes", "Diabetes", "yes"].map(str::to_owned);
        let answer = Some(Value::Flag(true));
        let input =
            Input { id, label, value, answer, source: String::new(), origin: Origin::Typed };
        let row =
            |language: &str| input_row(&protocol().description().in_language(language), &input);
        assert_eq!(row("de")[..2], ["Diabetes mellitus (Zuckerkrankheit)", "ja"]);
        assert_eq!([&row("en")[1], &row("en")[2], &row("de")[2]], ["yes", "typed", "eingegeben"]);
    }

    #[test]
    fn exports_name_no_file_and_no_resource() {
        for (source, origin, told) in [
            ("/home/anna/answers.json", Origin::File, "from an answers file"),
            ("Observation/123: valueQuantity", Origin::Record, "from a FHIR record"),
            ("given with -a", Origin::Typed, "typed"),
            ("/home/anna/old.json", Origin::Unknown, "origin not kept"),
        ] {
            let [id, label, value] = ["age", "Age", "70 years"].map(str::to_owned);
            let source_text = source.to_owned();
            let input = Input { id, label, value, answer: None, source: source_text, origin };
            let description = protocol().description();
            assert_eq!(input_row(&description, &input), ["Age", "70 years", told]);
            let json = input_json(&description, &input);
            assert_eq!(json["source"], told);
            assert!(!json.to_string().contains(source), "{json}");
        }
    }

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
