// SPDX-License-Identifier: Apache-2.0
//! How many of the codes that others use for what a protocol asks are found.
//!
//! `tests/data/recall/*.csv` has codes that others use for the same thing and that aren't among the
//! sources of our value sets: `protocol,feature,system,code,source`, where `system` is a name as in
//! protocol files. Of each a record of one resource is made. At least 95 % of a feature's codes
//! must answer it.
//!
//! `sets.csv` there has codes by value set, `sets,system,code,source`, several sets with `|` between
//! them: they must answer every question of a shipped protocol that reads all these sets.

mod common;

use common::{protocol, read_record, TODAY};
use cso_clinical::fhir::Import;
use cso_clinical::intake::{CodeSystem, Feature, Intake, Kind, Source};
use cso_clinical::Value;
use serde_json::{json, Value as Json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What of the codes of a feature must be found.
const LEAST: f64 = 0.95;

/// The file of codes by value set.
const SETS: &str = "sets.csv";

struct Row {
    protocol: String,
    feature: String,
    system: String,
    code: String,
}

/// The rows of all files.
fn rows() -> Vec<Row> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/recall");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| {
        path.extension().is_some_and(|ending| ending == "csv") && !path.ends_with(SETS)
    });
    files.sort();
    let mut rows = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let mut lines = text.lines().filter(|line| !line.trim().is_empty());
        assert_eq!(lines.next(), Some("protocol,feature,system,code,source"), "{file:?}");
        for line in lines {
            // The source stands last and may have commas.
            let parts: Vec<&str> = line.splitn(5, ',').collect();
            let [protocol, feature, system, code, _] = parts[..] else {
                panic!("{file:?}: {line}")
            };
            let [protocol, feature, system, code] =
                [protocol, feature, system, code].map(|part| part.trim().to_owned());
            rows.push(Row { protocol, feature, system, code });
        }
    }
    rows
}

/// The address by which records name a system.
fn uri(system: &str) -> &'static str {
    match system {
        "snomed" => "http://snomed.info/sct",
        "icd10" => "http://hl7.org/fhir/sid/icd-10-cm",
        "icd9" => "http://hl7.org/fhir/sid/icd-9-cm",
        "loinc" => "http://loinc.org",
        "rxnorm" => "http://www.nlm.nih.gov/research/umls/rxnorm",
        "atc" => "http://www.whocc.no/atc",
        "readv2" => "http://read.info/readv2",
        "ctv3" => "http://read.info/ctv3",
        "dmd" => "https://dmd.nhs.uk",
        other => panic!("{other} is no name of a code system"),
    }
}

/// One resource of each kind that the feature's sources are about, with the code.
fn resources(feature: &Feature, row: &Row) -> Vec<Json> {
    let concept = json!({ "coding": [{ "system": uri(&row.system), "code": row.code }] });
    let sources = feature.sources.iter();
    let resource = |source: &Source| match source {
        Source::Condition { .. } => Some(json!({ "resourceType": "Condition", "code": concept })),
        Source::Procedure { .. } => Some(json!({ "resourceType": "Procedure", "code": concept })),
        Source::Medication(_) => Some(json!({ "resourceType": "MedicationStatement",
            "status": "active", "medicationCodeableConcept": concept })),
        Source::Observation(query) => {
            let is_answer = matches!(feature.kind, Kind::Choice { .. });
            let mut json = json!({ "resourceType": "Observation", "status": "final",
                "effectiveDateTime": TODAY.to_string(), "code": concept });
            let unit = match (&feature.kind, &query.threshold) {
                (Kind::Quantity(quantity), _) => Some((quantity.unit.clone(), quantity.min)),
                (_, Some(threshold)) => {
                    let end = threshold.lower.or(threshold.upper);
                    Some((threshold.unit.clone(), end.map_or(0.0, |end| end.value)))
                }
                _ => None,
            };
            if is_answer {
                // The code is the value's, under any code that the source asks for.
                let asked = *query.codes.all_of(CodeSystem::Loinc).first()?;
                json["code"] = json!({ "coding": [{ "system": uri("loinc"), "code": asked }] });
                json["valueCodeableConcept"] = concept.clone();
            } else if let Some((unit, value)) = unit {
                json["valueQuantity"] =
                    json!({ "value": value, "code": unit, "system": "http://unitsofmeasure.org" });
            } else {
                json["valueBoolean"] = json!(true);
            }
            Some(json)
        }
        _ => None,
    };
    let texts: BTreeSet<String> =
        sources.filter_map(resource).map(|resource| resource.to_string()).collect();
    texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
}

/// Whether a record of the resource answers the feature, a flag with yes.
fn answers(intake: &Intake, feature: &Feature, resource: &Json) -> bool {
    let bundle = json!({ "resourceType": "Bundle", "type": "collection",
        "entry": [{ "resource": resource }] });
    let import: Import = read_record(&bundle.to_string(), intake, TODAY).unwrap();
    match import.answers().get(&feature.id) {
        Some(Value::Flag(flag)) => {
            *flag || matches!(resource["resourceType"].as_str(), Some("Observation"))
        }
        Some(_) => true,
        None => false,
    }
}

#[test]
fn codes_that_others_use_are_found() {
    type Count = (usize, Vec<String>);
    let mut counts: BTreeMap<(String, String), Count> = BTreeMap::new();
    let mut protocols: BTreeMap<String, Intake> = BTreeMap::new();
    let mut skipped = BTreeSet::new();
    for row in rows() {
        let name = row.protocol.clone();
        let intake =
            protocols.entry(name).or_insert_with_key(|name| protocol(name).intake().clone());
        let Some((_, feature)) = intake.feature(&row.feature) else {
            skipped.insert(format!("{} {}", row.protocol, row.feature));
            continue;
        };
        // It alone is read, without what it may be computed from.
        let read = |source: &&Source| !matches!(source, Source::Derived(_));
        let sources = feature.sources.iter().filter(read).cloned().collect();
        let alone = Feature { local: false, moment: None, sources, ..feature.clone() };
        let alone = Intake::new(vec![alone]).unwrap_or_else(|error| panic!("{error}"));
        let resources = resources(feature, &row);
        assert!(!resources.is_empty(), "{} {} has no sources", row.protocol, row.feature);
        let is_found = resources.iter().any(|resource| answers(&alone, feature, resource));
        let (all, lost) = counts.entry((row.protocol, row.feature)).or_default();
        *all += 1;
        if !is_found {
            lost.push(format!("{} {}", row.system, row.code));
        }
    }
    let mut low = Vec::new();
    for ((protocol, feature), (all, lost)) in &counts {
        let recall = 1.0 - lost.len() as f64 / *all as f64;
        println!("{protocol} {feature}: {recall:.3} of {all}, lost: {}", lost.join(", "));
        if recall < LEAST {
            low.push(format!("{protocol} {feature} {recall:.3}: {}", lost.join(", ")));
        }
    }
    println!("not asked any more: {skipped:?}");
    assert!(counts.len() > 10 && skipped.len() < counts.len(), "{skipped:?}");
    assert!(low.is_empty(), "less than {LEAST} is found of {low:#?}");
}

/// Codes by their value sets.
fn codes_by_sets() -> BTreeMap<String, Vec<(String, String)>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/recall").join(SETS);
    let text = std::fs::read_to_string(file).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("sets,system,code,source"));
    let mut codes: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for line in lines {
        let parts: Vec<&str> = line.splitn(4, ',').collect();
        let [sets, system, code, _] = parts[..] else { panic!("{line}") };
        codes.entry(sets.to_owned()).or_default().push((system.to_owned(), code.to_owned()));
    }
    codes
}

/// The names of the value sets that a feature reads, without their versions.
fn sets_of(feature: &Feature) -> BTreeSet<String> {
    let codes = feature.sources.iter().filter_map(Source::codes);
    let names = codes.flat_map(|codes| codes.value_sets());
    names.map(|name| name.split('|').next().unwrap().to_owned()).collect()
}

#[test]
fn codes_of_others_answer_every_question_that_reads_their_set() {
    let codes = codes_by_sets();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("protocols");
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    let (mut asked, mut low) = (0, Vec::new());
    for name in names {
        let intake = protocol(&name).intake().clone();
        for feature in intake.features() {
            // Readings that must repeat aren't one record, and what is computed isn't read.
            let once = |source: &&Source| match source {
                Source::Observation(query) => query.times.is_none(),
                Source::Derived(_) => false,
                _ => true,
            };
            let sources: Vec<_> = feature.sources.iter().filter(once).cloned().collect();
            let feature = Feature { local: false, moment: None, sources, ..feature.clone() };
            let read = sets_of(&feature);
            let Ok(alone) = Intake::new(vec![feature.clone()]) else { continue };
            for (sets, codes) in &codes {
                if !sets.split('|').all(|set| read.contains(set)) {
                    continue;
                }
                asked += 1;
                let is_lost = |(system, code): &&(String, String)| {
                    let row = Row {
                        protocol: name.clone(),
                        feature: feature.id.clone(),
                        system: system.clone(),
                        code: code.clone(),
                    };
                    let found = resources(&feature, &row);
                    !found.iter().any(|resource| answers(&alone, &feature, resource))
                };
                let lost = codes.iter().filter(is_lost).count();
                let recall = 1.0 - lost as f64 / codes.len() as f64;
                if recall < LEAST {
                    low.push(format!("{name} {}: {sets} {recall:.3}", feature.id));
                }
            }
        }
    }
    println!("{asked} pairs of a question and its sets");
    assert!(asked > 90, "{asked}");
    assert!(low.is_empty(), "less than {LEAST} is found of {low:#?}");
}
