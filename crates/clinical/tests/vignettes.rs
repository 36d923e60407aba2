// SPDX-License-Identifier: Apache-2.0
//! Case vignettes: a history in, an opinion out. `tests/vignettes/PROTOCOL.toml` has those of one
//! protocol, from publications' own examples and tables; every file there is run.
//!
//! ```toml
//! [[vignette]]
//! name = "woman of 72 with atrial fibrillation and hypertension"
//! source = "Author 2010, p. 270"
//! today = "2026-11-28"
//! record = "cha2ds2-vasc-1.json"       # FHIR, beside the file; optional
//! answers = { labile-inr = false }     # the patient's own; what is left to confirm is confirmed
//! outputs = { score = 3 }              # numbers, or names of classes and rankings
//! says = ["3.2"]                       # what must stand in the English readings
//! ```
//!
//! Instead of `outputs` and `says`, `refused = "..."` stands for somebody whom the protocol isn't
//! for, or whose answers it doesn't take: the text must stand in the reason.

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use cso_clinical::fhir::{opinion, Answered};
use cso_clinical::intake::{Answers, Value};
use cso_clinical::protocol::ExpectedValue;
use cso_clinical::{about, compile, Description, Eligibility, ModelCheck, Protocol, Reading};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    vignette: Vec<Vignette>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vignette {
    name: String,
    source: String,
    today: String,
    record: Option<String>,
    #[serde(default)]
    answers: Answers,
    #[serde(default)]
    outputs: BTreeMap<String, ExpectedValue>,
    #[serde(default)]
    says: Vec<String>,
    refused: Option<String>,
}

impl Vignette {
    /// Runs it, and says what is wrong.
    fn check(&self, protocol: &Protocol, record: &dyn Fn(&str) -> String) -> Result<(), String> {
        if self.source.trim().is_empty() {
            return Err("it names no source".to_owned());
        }
        if self.refused.is_none() && self.outputs.is_empty() {
            return Err("it expects neither `outputs` nor to be `refused`".to_owned());
        }
        let description = protocol.description().in_language("en");
        let (answers, found) = self.all_answers(protocol, record)?;
        let reason = match description.eligibility(&answers) {
            Eligibility::DoesNotFit { reasons } => Some(reasons.join(" ")),
            Eligibility::Open { features } => {
                return Err(format!("eligibility needs answers to {features:?}; {found}"));
            }
            Eligibility::Fits => None,
        };
        let encoded = protocol.intake().encode(&answers);
        let reason = reason.or_else(|| encoded.as_ref().err().map(ToString::to_string));
        let encoded = match (&self.refused, reason, encoded) {
            (None, None, Ok(encoded)) => encoded,
            (None, Some(reason), _) => return Err(format!("refused: {reason}; {found}")),
            (Some(expected), Some(reason), _) if reason.contains(expected) => return Ok(()),
            (Some(_), Some(reason), _) => return Err(format!("the reason is `{reason}`")),
            (Some(_), None, _) => return Err(format!("it isn't refused; {found}")),
            (None, None, Err(error)) => return Err(error.to_string()),
        };
        let program = compile(protocol).map_err(|error| error.to_string())?.program;
        let raw = program.evaluate(&encoded.bits).map_err(|error| error.to_string())?;
        let readings = description.interpret(&raw, &answers).map_err(|error| error.to_string())?;
        nobody_who_fits_is_told_why_others_dont(&description, &readings)?;
        self.compare(&readings).map_err(|problem| format!("{problem}; {found}"))
    }

    /// What the record answers, with the patient's own answers before it, and what was found in
    /// words. What is only to be confirmed is confirmed.
    fn all_answers(
        &self,
        protocol: &Protocol,
        record: &dyn Fn(&str) -> String,
    ) -> Result<(Answers, String), String> {
        let today: Date = self.today.parse().map_err(|_| format!("`{}` is no day", self.today))?;
        let (mut answers, mut found) = (Answers::new(), "no record".to_owned());
        if let Some(name) = &self.record {
            let import = common::read_record(&record(name), protocol.intake(), today)
                .map_err(|error| format!("{name}: {error}"))?;
            let silent = import.unconfirmed.features.iter();
            answers.extend(silent.map(|one| (one.feature.clone(), Value::Flag(false))));
            answers.extend(import.answers());
            let missing =
                import.missing.iter().map(|one| format!("{}: {}", one.feature, one.reason));
            found =
                format!("found {:?}, asked {:?}", import.answers(), missing.collect::<Vec<_>>());
        }
        for (id, value) in &self.answers {
            if protocol.intake().feature(id).is_none() {
                return Err(format!("there is no feature `{id}`"));
            }
            answers.insert(id.clone(), value.clone());
        }
        let derived = protocol.intake().derive(&answers);
        answers.extend(derived.into_iter().map(|one| (one.feature, one.value)));
        Ok((answers, found))
    }

    fn compare(&self, readings: &[Reading]) -> Result<(), String> {
        for (id, expected) in &self.outputs {
            let Some(reading) = readings.iter().find(|reading| reading.output == *id) else {
                return Err(format!("there is no output `{id}`"));
            };
            let same = match expected {
                ExpectedValue::Number(number) => (reading.value - number).abs() < 1e-9,
                ExpectedValue::Name(name) => {
                    reading.text == *name || reading.name.as_ref() == Some(name)
                }
            };
            if !same {
                let (text, value) = (&reading.text, reading.value);
                return Err(format!("`{id}` is {text} ({value}), not {expected:?}"));
            }
        }
        let words: Vec<String> = readings.iter().flat_map(words).collect();
        match self.says.iter().find(|text| !words.iter().any(|own| own.contains(*text))) {
            None => Ok(()),
            Some(text) => Err(format!("nothing says `{text}`: {words:?}")),
        }
    }
}

fn nobody_who_fits_is_told_why_others_dont(
    description: &Description,
    readings: &[Reading],
) -> Result<(), String> {
    let answered = Answered {
        expert: "Dr. Bea",
        time: None,
        model: ModelCheck::Published,
        eligibility: &Eligibility::Fits,
    };
    let told = opinion(description, readings, &answered).to_string()
        + &json!(about::of_protocol(description, &Eligibility::Fits)).to_string();
    let reasons = description.requirements().iter().map(|one| json!(one.text.as_str()).to_string());
    match reasons.map(|json| json.trim_matches('"').to_owned()).find(|text| told.contains(text)) {
        None => Ok(()),
        Some(text) => Err(format!("somebody who fits is told `{text}`")),
    }
}

/// All that a reading says.
fn words(reading: &Reading) -> Vec<String> {
    let mut words = vec![reading.text.clone(), reading.meaning.clone()];
    let others = [&reading.name, &reading.next, &reading.warning, &reading.clinician];
    words.extend(others.into_iter().flatten().cloned());
    words.extend(reading.figures.iter().map(|figure| figure.line("en")));
    words
}

/// What is wrong with the vignettes of one file.
fn problems(protocol: &Protocol, toml: &str, record: &dyn Fn(&str) -> String) -> Vec<String> {
    let file: File = match toml::from_str(toml) {
        Ok(file) => file,
        Err(error) => return vec![error.to_string()],
    };
    let checked = file.vignette.iter().map(|one| (one, one.check(protocol, record)));
    checked.filter_map(|(one, result)| Some(format!("{}: {}", one.name, result.err()?))).collect()
}

#[test]
fn every_vignette_comes_out_as_published() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vignettes");
    let record = |name: &str| {
        let path = folder.join(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let files = std::fs::read_dir(&folder).into_iter().flatten();
    let mut files: Vec<_> = files.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for path in files.iter().filter(|path| path.extension().is_some_and(|end| end == "toml")) {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let toml = std::fs::read_to_string(path).unwrap();
        let own = problems(&common::protocol(name), &toml, &record);
        wrong.extend(own.into_iter().map(|problem| format!("{name}: {problem}")));
        count += toml.matches("[[vignette]]").count();
    }
    println!("{count} vignettes");
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_vignette_that_differs_is_found() {
    let protocol = Protocol::from_toml(include_str!("data/description-1.toml")).unwrap();
    let record = |name: &str| {
        assert_eq!(name, "patient.json");
        r#"{"resourceType":"Patient","gender":"female","birthDate":"1956-02-03"}"#.to_owned()
    };
    let good = r#"
[[vignette]]
name = "woman of 70 who smokes"
source = "made up"
today = "2026-11-28"
record = "patient.json"
answers = { creatinine = 1.0, glucose = 5.0, smoker = true }
outputs = { risk = 1, points = 4, kind = "A", greatest = "Points, A" }
says = ["Few of your age", "Ask again in a year."]
[[vignette]]
name = "child"
source = "made up"
today = "2026-11-28"
answers = { age = 12 }
refused = "for adults"
[[vignette]]
name = "man who is too old to be"
source = "made up"
today = "2026-11-28"
answers = { age = 150, sex = "female", creatinine = 1.0, glucose = 5.0, smoker = true }
refused = "outside of 0 to 130"
"#;
    assert_eq!(problems(&protocol, good, &record), Vec::<String>::new());
    for (from, to, problem) in [
        ("risk = 1,", "risk = 2,", "`risk` is 1 % (1), not Number(2.0)"),
        ("kind = \"A\"", "kind = \"B\"", "`kind` is A (0)"),
        ("points = 4,", "score = 4,", "there is no output `score`"),
        ("Few of your age", "Many", "nothing says `Many`"),
        ("glucose = 5.0, smoker = true }\noutputs", "sugar = 5 }\noutputs", "no feature `sugar`"),
        (
            "glucose = 5.0, smoker = true }\noutputs",
            "smoker = true }\noutputs",
            "refused: feature `glucose`",
        ),
        (
            "age = 12",
            "age = 32, sex = \"female\", creatinine = 1.0, glucose = 5.0, smoker = true",
            "it isn't refused",
        ),
        ("for adults", "for children", "the reason is `This is for adults.`"),
        ("answers = { age = 12 }", "", "eligibility needs answers to"),
        ("source = \"made up\"", "source = \"\"", "names no source"),
        ("2026-11-28", "28.11.2026", "is no day"),
        ("refused = \"for adults\"", "", "neither `outputs`"),
    ] {
        assert!(good.contains(from), "{from}");
        let found = problems(&protocol, &good.replacen(from, to, 1), &record);
        assert!(found.len() == 1 && found[0].contains(problem), "{from}: {found:?}");
    }
}
