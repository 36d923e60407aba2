// SPDX-License-Identifier: Apache-2.0
//! Records that we did not write: HL7's own examples of R4, those of its guides for patient
//! summaries (IPS) and cancer care (mCODE, on US Core), and patients by three generators.
//!
//! `oracles/run.sh` installs them and runs these tests; without it they are ignored.

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cso_clinical::fhir::FhirError;
use cso_clinical::Value;
use jiff::civil::{date, Date};
use serde_json::{json, Value as Json};

use common::second_reader::{difference, ours, second_reader};
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

/// A package of npm that `oracles/run.sh` installed.
fn package(name: &str) -> PathBuf {
    let modules =
        std::env::var("CSO_ORACLE_NODE").expect("run oracles/run.sh, which sets CSO_ORACLE_NODE");
    Path::new(&modules).join(name)
}

/// HL7's package of examples.
fn hl7() -> PathBuf {
    package("hl7.fhir.r4.examples")
}

/// The examples of a guide's package, by name.
fn examples(guide: &str) -> BTreeMap<String, Json> {
    let files = std::fs::read_dir(package(guide).join("example")).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    let json = paths.filter(|path| path.extension().is_some_and(|e| e == "json"));
    json.map(|path| {
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, serde_json::from_str(&text).unwrap())
    })
    .collect()
}

/// One record a patient: everything in the examples that is about the same one.
fn by_patient(examples: &BTreeMap<String, Json>) -> BTreeMap<String, Json> {
    let mut patients: BTreeMap<String, Vec<Json>> = BTreeMap::new();
    for example in examples.values() {
        let own = format!("{}/{}", example["resourceType"].as_str().unwrap(), example["id"]);
        let subject = example["subject"]["reference"].as_str().unwrap_or(&own).replace('"', "");
        if subject.starts_with("Patient/") {
            patients.entry(subject).or_default().push(json!({ "resource": example }));
        }
    }
    let bundle =
        |entries| json!({ "resourceType": "Bundle", "type": "collection", "entry": entries });
    patients.into_iter().map(|(patient, entries)| (patient, bundle(entries))).collect()
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
                        FhirError::Linked { .. } => "refused: linked Patients",
                        FhirError::Replaced { .. } => "refused: a merged Patient",
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
    assert!(outcomes["read"] > 2500 && outcomes.len() == 9, "{outcomes:?}");
}

#[test]
#[ignore = "needs the environment of oracles/run.sh"]
fn hl7_examples_give_the_values_that_stand_in_them() {
    let number = Value::Quantity;
    let known: [(Date, &[&str], &str, &str, Value); 12] = [
        (date(2012, 9, 17), &["Observation-blood-pressure"], "news2", "systolic", number(107.0)),
        (date(1999, 7, 2), &["Observation-heart-rate"], "news2", "pulse", number(44.0)),
        (
            date(1999, 7, 2),
            &["Observation-heart-rate"],
            "wells-pe",
            "tachycardia",
            Value::Flag(false),
        ),
        (date(1999, 7, 2), &["Observation-respiratory-rate"], "qsofa", "respiration", number(26.0)),
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
fn examples_of_guides_are_read_as_by_the_second_reader() {
    let protocols = shipped();
    for (guide, files, patients) in [("hl7.fhir.uv.ips", 44, 3), ("hl7.fhir.us.mcode", 179, 7)] {
        let mut records = examples(guide);
        assert_eq!(records.len(), files, "{guide}");
        let joined = by_patient(&records);
        assert!(joined.len() >= patients, "{guide}: {:?}", joined.keys());
        records.extend(joined);
        let texts: Vec<String> = records.values().map(ToString::to_string).collect();
        let expected = second_reader(&texts, &[]);
        let (mut answered, mut differences) = (0, Vec::new());
        for ((name, text), expected) in records.keys().zip(&texts).zip(&expected) {
            for (id, protocol) in &protocols {
                let read = read_record(text, protocol.intake(), TODAY);
                match &read {
                    Ok(import) => answered += import.findings.len(),
                    // By their kind: organisations, devices, the patient's doctor.
                    Err(FhirError::WrongResource { .. } | FhirError::Empty) => continue,
                    Err(error) => assert!(!error.to_string().contains('\n'), "{name}: {error}"),
                }
                if let Some(difference) = difference(&ours(&read), &expected[id]) {
                    differences.push(format!("{name}, {id}: {difference:?}"));
                }
            }
        }
        println!("{guide}: {} records, {answered} answers", records.len());
        assert!(differences.is_empty(), "{guide}\n{}", differences.join("\n"));
        assert!(answered > 50, "{guide}: {answered}");
    }
}

#[test]
#[ignore = "needs the environment of oracles/run.sh"]
fn examples_of_guides_give_the_values_that_stand_in_them() {
    let ips = examples("hl7.fhir.uv.ips");
    let mcode = by_patient(&examples("hl7.fhir.us.mcode"));
    let number = Value::Quantity;
    let (summary, minimal) =
        (&ips["Bundle-bundle-ips-all-sections"], &ips["Bundle-bundle-minimal"]);
    let john = &mcode["Patient/cancer-patient-john-anyperson"];
    let known: [(Date, &Json, &str, &str, Value); 9] = [
        (TODAY, summary, "cha2ds2-vasc", "age", number(70.0)),
        (TODAY, summary, "cha2ds2-vasc", "sex", Value::Choice("female".into())),
        (TODAY, summary, "cha2ds2-vasc", "hypertension", Value::Flag(true)),
        (TODAY, minimal, "grace", "age", number(54.0)),
        (TODAY, john, "cha2ds2-vasc", "heart-failure", Value::Flag(true)),
        (TODAY, john, "grace", "age", number(75.0)),
        (
            date(2018, 3, 1),
            &ips["Observation-serum-creatinine-adult"],
            "meld-3",
            "creatinine",
            number(2.46),
        ),
        (
            date(2018, 3, 1),
            &ips["Observation-serum-creatinine-adult"],
            "has-bled",
            "renal",
            Value::Flag(true),
        ),
        (TODAY, &ips["Patient-patient-example-female"], "grace", "age", number(34.0)),
    ];
    for (today, record, name, feature, value) in known {
        let import = read_record(&record.to_string(), protocol(name).intake(), today).unwrap();
        assert_eq!(import.answers().get(feature), Some(&value), "{name}, {feature}");
    }
    // A year of birth leaves the age open.
    let year = ips["Patient-eumfh-39-07"].to_string();
    let import = read_record(&year, protocol("grace").intake(), TODAY).unwrap();
    assert!(import.missing.iter().any(|m| m.feature == "age" && m.in_doubt));
}

#[test]
#[ignore = "needs the environment of oracles/run.sh"]
fn patient_summaries_show_which_lists_they_know() {
    let ips = examples("hl7.fhir.uv.ips");
    let of = |record: &Json, today: Date| {
        let read = read_record(&record.to_string(), protocol("cha2ds2-vasc").intake(), today);
        read.unwrap().unconfirmed
    };
    let unconfirmed = |name: &str| of(&ips[name], TODAY);
    // It adds to another document, of a time of its own, and is old.
    let mut minimal = ips["Bundle-bundle-minimal"].clone();
    let known = of(&minimal, TODAY);
    assert_eq!(known.features.len(), 5);
    assert!(!known.is_shown() && known.not_shown.contains(&"Condition".to_owned()), "{known:?}");
    // Alone, a section of problems with all its entries in the document, each with a code that
    // places it: all that the patient has now.
    let composition = minimal["entry"][0]["resource"].as_object_mut().unwrap();
    assert!(composition.remove("relatesTo").is_some() && composition.remove("event").is_some());
    let known = of(&minimal, date(2020, 12, 24));
    let others = ["Observation", "Procedure"];
    assert_eq!(known.not_shown, ["Condition (past ones)", others[0], others[1]]);
    assert!(known.entries.is_empty() && known.failures.is_empty(), "{known:?}");
    assert!(of(&minimal, TODAY).not_shown.contains(&"Condition".to_owned()));
    // With what is over it is all of them.
    let mut past = minimal["entry"][0]["resource"]["section"][0].clone();
    assert_eq!(past["code"]["coding"][0]["code"], "11450-4");
    past["code"]["coding"][0]["code"] = json!("11348-0");
    minimal["entry"][0]["resource"]["section"].as_array_mut().unwrap().push(past);
    assert_eq!(of(&minimal, date(2020, 12, 24)).not_shown, others);
    // "No information available" about problems: nothing can be taken from that.
    let unknown = unconfirmed("Bundle-bundle-no-info-required-sections");
    assert_eq!(unknown.features.len(), 5);
    assert!(!unknown.is_shown() && !unknown.failures.is_empty(), "{unknown:?}");
    // Diseases by SNOMED CT that no list of the protocol has are shown to the patient.
    let summary = unconfirmed("Bundle-bundle-ips-all-sections");
    assert!(!summary.is_shown() && !summary.entries.is_empty(), "{summary:?}");
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
