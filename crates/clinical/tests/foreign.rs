// SPDX-License-Identifier: Apache-2.0
//! Records that we did not write: HL7's own examples of R4, and patients by three generators.
//!
//! `oracles/run.sh` installs them and runs these tests; without it they are ignored.

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cso_clinical::fhir::FhirError;
use cso_clinical::Value;
use jiff::civil::{date, Date};
use serde_json::{json, Value as Json};

use common::{protocol, read_record, shipped, TODAY};

/// The kinds of resources that are read.
const READ: [&str; 10] = [
    "Bundle",
    "Condition",
    "DiagnosticReport",
    "Medication",
    "MedicationRequest",
    "MedicationStatement",
    "Observation",
    "Patient",
    "Procedure",
    "QuestionnaireResponse",
];

/// HL7's package of examples.
fn hl7() -> PathBuf {
    let modules =
        std::env::var("CSO_ORACLE_NODE").expect("run oracles/run.sh, which sets CSO_ORACLE_NODE");
    Path::new(&modules).join("hl7.fhir.r4.examples")
}

fn example(name: &str) -> Json {
    let text = std::fs::read_to_string(hl7().join(name).with_extension("json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
#[ignore = "needs the environment of oracles/run.sh"]
fn hl7_examples_are_read_or_refused_in_one_line() {
    let protocols = shipped();
    let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in std::fs::read_dir(hl7()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        // Definitions are refused by their kind, whatever they hold: a few of each will do.
        let conformance = ["StructureDefinition", "ValueSet", "CodeSystem", "SearchParameter"];
        let definition = conformance.iter().any(|kind| name.starts_with(kind));
        if path.extension().is_none_or(|e| e != "json")
            || name == "package"
            || definition && !name.contains("patient")
        {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let kind = name.split('-').next().unwrap();
        // What is refused by its kind is refused by every protocol, and the largest bundles hold
        // definitions.
        let tried = if READ.contains(&kind) && text.len() < 1 << 20 {
            &protocols[..]
        } else {
            &protocols[..1]
        };
        for (_, protocol) in tried {
            let outcome = match read_record(&text, protocol.intake(), TODAY) {
                Ok(import) => {
                    let told = import.findings.len()
                        + import.missing.len()
                        + import.unconfirmed.features.len();
                    assert_eq!(told, protocol.intake().features().len(), "{name}");
                    "read"
                }
                Err(error) => {
                    assert!(!error.to_string().contains('\n'), "{name}: {error}");
                    match error {
                        FhirError::WrongResource { .. } => "refused: no part of a record",
                        FhirError::Empty => "refused: an empty bundle",
                        FhirError::SeveralPatients { .. } => "refused: several patients",
                        FhirError::OtherPatient { .. } => "refused: about another patient",
                        FhirError::History => "refused: a history",
                        FhirError::Page | FhirError::LaterPage { .. } => {
                            "refused: a page of several"
                        }
                        FhirError::Part { .. } => "refused: cut",
                        FhirError::Failed { .. } => "refused: a server's error",
                        FhirError::Change { .. } => "refused: a change",
                        error => panic!("{name}: {error}"),
                    }
                }
            };
            *outcomes.entry(outcome).or_default() += 1;
        }
    }
    for (outcome, count) in &outcomes {
        println!("{count:6} {outcome}");
    }
    assert!(outcomes["read"] > 2500 && outcomes.len() == 8);
}

#[test]
#[ignore = "needs the environment of oracles/run.sh"]
fn hl7_examples_give_the_values_that_stand_in_them() {
    let number = Value::Quantity;
    let known: [(Date, &[&str], &str, &str, Value); 14] = [
        (date(2012, 9, 18), &["Observation-blood-pressure"], "news2", "systolic", number(107.0)),
        (date(2012, 9, 18), &["Observation-blood-pressure"], "curb-65", "diastolic", number(60.0)),
        (date(1999, 7, 2), &["Observation-heart-rate"], "news2", "pulse", number(44.0)),
        (
            date(1999, 7, 2),
            &["Observation-heart-rate"],
            "wells-pe",
            "tachycardia",
            Value::Flag(false),
        ),
        (date(1999, 7, 3), &["Observation-respiratory-rate"], "qsofa", "respiration", number(26.0)),
        (date(1999, 7, 2), &["Observation-body-temperature"], "news2", "temperature", number(36.5)),
        (date(2014, 12, 5), &["Observation-satO2"], "news2", "spo2", number(95.0)),
        (date(2014, 12, 11), &["Observation-glasgow"], "qsofa", "gcs", number(13.0)),
        (date(2000, 1, 1), &["Observation-bmi"], "findrisc", "bmi", number(16.2)),
        (TODAY, &["Patient-example"], "grace", "age", number(51.0)),
        (TODAY, &["Patient-example"], "findrisc", "sex", Value::Choice("male".into())),
        (TODAY, &["Condition-stroke"], "has-bled", "stroke", Value::Flag(true)),
        (
            TODAY,
            &["Patient-example", "Condition-stroke"],
            "cha2ds2-vasc",
            "stroke",
            Value::Flag(true),
        ),
        (
            TODAY,
            &["Patient-example", "Condition-stroke"],
            "cha2ds2-vasc",
            "diabetes",
            Value::Flag(false),
        ),
    ];
    for (today, files, name, feature, value) in known {
        let entries: Vec<Json> =
            files.iter().map(|file| json!({ "resource": example(file) })).collect();
        let bundle = json!({ "resourceType": "Bundle", "type": "collection", "entry": entries });
        let import = read_record(&bundle.to_string(), protocol(name).intake(), today).unwrap();
        assert_eq!(import.answers().get(feature), Some(&value), "{files:?} {feature}");
    }
    // The same observations once they are too old.
    let pressure = example("Observation-blood-pressure").to_string();
    let import = read_record(&pressure, protocol("news2").intake(), TODAY).unwrap();
    assert!(!import.answers().contains_key("systolic"));
}

#[test]
#[ignore = "needs the environment of oracles/run.sh"]
fn generated_records_give_what_a_second_reader_finds() {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("records");
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    let output = common::oracle("records.py").arg(&dir).output().unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{log}");
    let protocols = shipped();
    let (mut records, mut compared) = (0, BTreeMap::<String, usize>::new());
    for name in String::from_utf8(output.stdout).unwrap().lines() {
        let read = |end: &str| std::fs::read_to_string(dir.join(format!("{name}{end}"))).unwrap();
        let record = read(".json");
        let expected: Json = serde_json::from_str(&read(".expected.json")).unwrap();
        records += 1;
        for (id, protocol) in &protocols {
            let import = match read_record(&record, protocol.intake(), TODAY) {
                Ok(import) => import,
                Err(error) => panic!("{name}, {id}: {error}"),
            };
            let answers = import.answers();
            for (feature, value) in expected[id].as_object().unwrap() {
                let ours = serde_json::to_value(answers.get(feature)).unwrap();
                let same = match (ours.as_f64(), value.as_f64()) {
                    (Some(ours), Some(theirs)) => (ours - theirs).abs() < 1e-9,
                    _ => ours == *value,
                };
                assert!(same, "{name}, {id}, {feature}: {ours}, the second reader found {value}");
                *compared.entry(format!("{id} {feature}")).or_default() += 1;
            }
        }
    }
    let total: usize = compared.values().sum();
    println!("{records} records, {total} answers compared");
    for (feature, count) in &compared {
        println!("{count:6} {feature}");
    }
    assert!(records > 80 && total > 2000 && compared.len() > 30);
}
