// SPDX-License-Identifier: Apache-2.0
//! What the tests share: the shipped protocols, example records, random answers.
#![allow(dead_code)] // Each test binary uses its own part.

pub(crate) mod second_reader;
pub(crate) mod written;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use cso_clinical::fhir::{import, FhirError, Import, RecordFile};
use cso_clinical::intake::{Answers, Feature, Intake, Kind, Value};
use cso_clinical::{draft, Description, Draft, Protocol};
use cso_model_files::{Cases, Cell, ModelFile};
use jiff::civil::{date, Date};
use proptest::prelude::*;
use serde_json::{json, Value as Json};

/// The day on which the tests read records.
pub(crate) const TODAY: Date = date(2026, 11, 23);

/// All protocol files that ship, by name.
pub(crate) fn shipped() -> Vec<(String, Protocol)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("protocols");
    let mut names: Vec<PathBuf> =
        std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let toml = names.iter().filter(|path| path.extension().is_some_and(|e| e == "toml"));
    toml.map(|path| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let protocol = protocol(&name);
        (name, protocol)
    })
    .collect()
}

/// What a record of one file answers.
pub(crate) fn read_record(json: &str, intake: &Intake, today: Date) -> Result<Import, FhirError> {
    import(&[RecordFile { name: "record.json", bytes: json.as_bytes() }], intake, today)
}

/// A protocol around the features of a test, which its model doesn't look at.
const AROUND: [&str; 2] = [
    r#"
format = 1
[protocol]
id = "test"
title = "Test"
version = "1"
language = "en"
licence = "Apache-2.0"
setting = "elective"
intended_use = "Tests."
not_for = "Anything else."
"#,
    r#"
[[intake]]
id = "other"
label = "Other"
kind = "flag"
[[output]]
id = "points"
label = "Points"
min = 0
max = 1
meaning = [{ from = 0, to = 1, text = "any", next = "Ask." }]
[model]
[[model.term]]
feature = "other"
points = 1
"#,
];

/// An intake of these features and a flag `other`, or why it is refused.
pub(crate) fn try_intake(features: &str) -> Result<Intake, String> {
    let toml = format!("{}{features}{}", AROUND[0], AROUND[1]);
    let protocol = Protocol::from_toml(&toml).map_err(|error| error.to_string())?;
    let description = protocol.description();
    assert_eq!(Description::from_json(&description.to_json()).unwrap(), description, "{toml}");
    Ok(protocol.intake().clone())
}

/// An intake of these features and a flag `other`.
pub(crate) fn intake(features: &str) -> Intake {
    try_intake(features).unwrap_or_else(|error| panic!("{error}"))
}

/// What a record of these resources answers, in whatever order they stand.
pub(crate) fn read_resources(intake: &Intake, resources: &[Json]) -> Import {
    let read = |resources: Vec<&Json>| {
        let entries: Vec<Json> =
            resources.iter().map(|resource| json!({ "resource": resource })).collect();
        let bundle = json!({ "resourceType": "Bundle", "type": "collection", "entry": entries });
        read_record(&bundle.to_string(), intake, TODAY).unwrap()
    };
    let import = read(resources.iter().collect());
    assert_eq!(read(resources.iter().rev().collect()), import, "the order of entries changed it");
    import
}

/// What came of a feature: `= value`, `? reason` if something is in doubt, `- reason` if nothing
/// is there, `0` and notes if that may be confirmed as "no", nothing if it isn't needed.
pub(crate) fn came_of(import: &Import, feature: &str) -> String {
    let found = import.findings.iter().find(|one| one.feature == feature);
    let missing = import.missing.iter().find(|one| one.feature == feature);
    let silent = import.unconfirmed.features.iter().find(|one| one.feature == feature);
    let text = match (found, missing, silent) {
        (Some(found), None, None) => format!("= {}", found.value),
        (None, Some(missing), None) if missing.in_doubt => format!("? {}", missing.reason),
        (None, Some(missing), None) => format!("- {}", missing.reason),
        (None, None, Some(silent)) => format!("0 {}", silent.notes.join("; ")),
        (None, None, None) => String::new(),
        all => panic!("{all:?}"),
    };
    assert!(!text.contains('\n'), "{text}");
    text
}

/// Compares what came of a feature: a value in full, of a reason some words.
pub(crate) fn check(rule: &str, import: &Import, feature: &str, right: &str) {
    let found = came_of(import, feature);
    let is_right = match right.split_once(' ') {
        Some(("=", _)) | None => found == right || right == "0" && found.starts_with('0'),
        Some((sign, words)) => found.starts_with(sign) && found.contains(words),
    };
    assert!(is_right, "{rule}: `{found}` and not `{right}`");
}

/// The text of one shipped protocol file.
pub(crate) fn protocol_text(name: &str) -> String {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("protocols").join(name).with_extension("toml");
    std::fs::read_to_string(path).unwrap()
}

/// One shipped protocol.
pub(crate) fn protocol(name: &str) -> Protocol {
    Protocol::from_toml(&protocol_text(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// One of the model files that the crate `cso-model-files` tests with, or the data of one.
pub(crate) fn model_file(name: &str) -> Result<Vec<u8>, String> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../model-files/tests/data");
    std::fs::read(dir.join(name)).map_err(|error| error.to_string())
}

/// The protocol that a model becomes, read from its file.
pub(crate) fn drafted(model: &ModelFile, data: &Cases) -> Protocol {
    let draft = draft(model, "imported", data).unwrap();
    comes_back(&draft);
    draft.protocol
}

/// What is written of a draft is read as the same protocol.
pub(crate) fn comes_back(draft: &Draft) {
    if let Ok(toml) = draft.to_toml() {
        let read = Protocol::from_toml(&toml).unwrap_or_else(|error| panic!("{error}\n{toml}"));
        assert_eq!(read, draft.protocol, "{toml}");
    }
}

/// One of the example records of `tests/data`.
pub(crate) fn record(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data").join(name);
    std::fs::read_to_string(path).unwrap()
}

/// A script of `oracles`, ready to run in the environment that `oracles/run.sh` makes.
pub(crate) fn oracle(script: &str) -> Command {
    let python = std::env::var("CSO_ORACLE_PYTHON")
        .expect("run oracles/run.sh, which sets CSO_ORACLE_PYTHON");
    let mut command = Command::new(python);
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("oracles").join(script));
    command
}

/// The protocols that have a formula of another source in `oracles/formulas`.
pub(crate) fn formulas() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("oracles/formulas");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|ending| ending == "py"));
    files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

/// What HL7's definitions of R4 find wrong with each resource; see `oracles/conform.js`.
pub(crate) fn conformance_problems(resources: &[Json]) -> Vec<Vec<String>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("oracles/conform.js");
    let lines: Vec<String> = resources.iter().map(ToString::to_string).collect();
    let name = format!("conform-{}.ndjson", std::process::id());
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&file, lines.join("\n")).unwrap();
    let output = Command::new("node")
        .arg(script)
        .stdin(std::fs::File::open(&file).unwrap())
        .output()
        .unwrap();
    std::fs::remove_file(&file).unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{log}");
    let text = String::from_utf8(output.stdout).unwrap();
    let problems: Vec<Vec<String>> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(problems.len(), resources.len());
    problems
}

/// A QuestionnaireResponse with these answers, as a form filler writes it from the Questionnaire.
pub(crate) fn response(form: &Json, answers: &Answers) -> Json {
    let mut items = Vec::new();
    for item in form["item"].as_array().unwrap() {
        let link = item["linkId"].as_str().unwrap();
        // Examples leave out what stays with the patient.
        let given = answers.get(link).unwrap_or(&Value::Missing);
        let answer = match (given, item["type"].as_str().unwrap()) {
            (Value::Missing, _) => continue,
            (Value::Flag(flag), "boolean") => json!({ "valueBoolean": flag }),
            (Value::Quantity(number), "decimal") => json!({ "valueDecimal": number }),
            (Value::Choice(id), "choice") => {
                let options = item["answerOption"].as_array().unwrap();
                let chosen = options.iter().find(|o| o["valueCoding"]["code"] == id.as_str());
                chosen.unwrap().clone()
            }
            other => panic!("{link}: {other:?}"),
        };
        items.push(json!({ "linkId": link, "text": item["text"], "answer": [answer] }));
    }
    let mut response = json!({ "resourceType": "QuestionnaireResponse", "status": "completed",
        "questionnaire": form["url"] });
    if !items.is_empty() {
        response["item"] = json!(items);
    }
    response
}

/// Any answers to an intake, quantities also beyond their range and between their steps.
pub(crate) fn any_answers(intake: &Intake) -> impl Strategy<Value = Answers> {
    let values: Vec<_> = intake
        .features()
        .iter()
        .map(|f| {
            any_value(f).prop_map({
                let id = f.id.clone();
                move |value| (id.clone(), value)
            })
        })
        .collect();
    values.prop_map(|pairs| pairs.into_iter().collect())
}

/// The answers as they are coded, those that stay with the patient as they are; and the bits.
pub(crate) fn coded(intake: &Intake, answers: &Answers) -> (Answers, Vec<bool>) {
    let bits = intake.encode(answers).unwrap().bits;
    let levels = intake.decode(&bits).unwrap();
    let mut coded = answers.clone();
    let features = intake.features().iter().zip(levels);
    for (feature, level) in features.filter(|(feature, _)| !feature.local) {
        coded.insert(feature.id.clone(), feature.value_at(level));
    }
    (coded, bits)
}

fn any_value(feature: &Feature) -> BoxedStrategy<Value> {
    let present = match &feature.kind {
        Kind::Flag => any::<bool>().prop_map(Value::Flag).boxed(),
        Kind::Choice { options } => {
            let ids: Vec<String> = options.iter().map(|option| option.id.clone()).collect();
            proptest::sample::select(ids).prop_map(Value::Choice).boxed()
        }
        Kind::Quantity(q) => {
            let (min, step, levels) = (q.min, q.step, q.levels());
            let [low, high] = q.limits.unwrap_or([q.min - 10.0 * q.step, q.max + 10.0 * q.step]);
            prop_oneof![
                3 => (0..levels).prop_map(move |code| min + f64::from(code) * step),
                1 => low..high,
            ]
            .prop_map(Value::Quantity)
            .boxed()
        }
    };
    if feature.missing {
        prop_oneof![4 => present, 1 => Just(Value::Missing)].boxed()
    } else {
        present
    }
}

/// A case of an imported model as answers to the protocol that was made from it, whose features
/// stand in the same order.
pub(crate) fn answers(protocol: &Protocol, case: &[Cell]) -> Answers {
    let features = protocol.intake().features().iter().zip(case);
    let answer = features.map(|(feature, cell)| {
        let value = match (cell, &feature.kind) {
            (Cell::Missing, _) => Value::Missing,
            (Cell::Number(number), Kind::Quantity(_)) => Value::Quantity(*number),
            (cell, _) => feature.parse_answer(&cell.to_string()).unwrap(),
        };
        (feature.id.clone(), value)
    });
    answer.collect()
}
