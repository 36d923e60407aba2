// SPDX-License-Identifier: Apache-2.0
//! Value sets by which records are read, and code systems beside the usual ones.

mod common;

use common::{check, intake, read_resources, try_intake};
use cso_clinical::intake::{value_sets, CodeSystem, ValueSet};
use cso_clinical::{Description, Protocol};
use serde_json::{json, Value as Json};
use std::time::Instant;

fn flag(id: &str, source: &str) -> String {
    format!(
        "[[intake]]\nid = \"{id}\"\nlabel = \"{id}\"\nkind = \"flag\"\n[[intake.source]]\n{source}\n"
    )
}

fn coded(kind: &str, id: &str, system: &str, code: &str) -> Json {
    let element = match kind {
        "MedicationStatement" => "medicationCodeableConcept",
        _ => "code",
    };
    json!({ "resourceType": kind, "id": id,
        element: { "coding": [{ "system": system, "code": code }] } })
}

const SNOMED: &str = "http://snomed.info/sct";
const ICD9: &str = "http://hl7.org/fhir/sid/icd-9-cm";

#[test]
fn codes_of_a_set_count_beside_those_of_the_source() {
    let text =
        flag("f", "kind = \"condition\"\nvalue-sets = [\"heart-failure\"]\nicd10 = [\"I42\"]");
    let intake = intake(&text);
    for (system, code, right) in [
        (SNOMED, "84114007", "= yes"),
        ("http://hl7.org/fhir/sid/icd-10", "I50.9", "= yes"),
        ("http://hl7.org/fhir/sid/icd-10", "I42.0", "= yes"),
        ("http://hl7.org/fhir/sid/icd-10", "I4", "- nothing"),
        ("http://hl7.org/fhir/sid/icd-10", "I10", "- nothing"),
        ("urn:x", "84114007", "? it may be one of SNOMED CT"),
    ] {
        let import = read_resources(&intake, &[coded("Condition", "c", system, code)]);
        check(code, &import, "f", right);
    }
}

/// Whether a set has codes by which conditions are found.
fn has_conditions(set: &ValueSet) -> bool {
    CONDITIONS.into_iter().any(|system| !set.codes.of(system).is_empty())
}

const CONDITIONS: [CodeSystem; 3] = [CodeSystem::Snomed, CodeSystem::Icd10, CodeSystem::Icd9];

/// Every code of every set of conditions is found.
#[test]
fn every_code_of_a_set_is_one_of_it() {
    for set in value_sets().filter(|set| has_conditions(set)) {
        let text = flag("f", &format!("kind = \"condition\"\nvalue-sets = [\"{}\"]", set.id));
        let intake = intake(&text);
        let codes = intake.features()[0].sources[0].codes().unwrap();
        for system in CONDITIONS {
            let all = codes.all_of(system);
            assert_eq!(all, set.codes.of(system), "{}", set.id);
        }
    }
}

#[test]
fn a_description_names_the_version() {
    let text = flag("f", "kind = \"condition\"\nvalue-sets = [\"heart-failure\"]");
    let intake = intake(&text);
    let codes = intake.features()[0].sources[0].codes().unwrap();
    let version = value_sets().find(|set| set.id == "heart-failure").unwrap().reference();
    assert_eq!(codes.value_sets().collect::<Vec<_>>(), [version]);
}

#[test]
fn a_file_names_only_sets_that_there_are() {
    for (set, words) in [
        (
            "heart-failures",
            "there is no value set `heart-failures`: the nearest are `heart-failure`",
        ),
        (
            "heart-failure|0",
            "value set `heart-failure` has no version `0` here: it is `heart-failure|",
        ),
    ] {
        let source = format!("kind = \"condition\"\nvalue-sets = [\"{set}\"]");
        let error = try_intake(&flag("f", &source)).unwrap_err();
        assert!(error.contains(words), "{error}");
    }
    let option = "[[intake]]\nid = \"c\"\nlabel = \"C\"\nkind = \"choice\"\noptions = [{ id = \"a\", label = \"a\", codes = { value-sets = [\"none\"] } }, { id = \"b\", label = \"b\" }]\n";
    assert!(try_intake(option).unwrap_err().contains("there is no value set `none`"));
}

/// A description may be newer than the program: what it has no codes for is asked.
#[test]
fn a_set_that_is_not_known_asks() {
    let protocol = Protocol::from_toml(&common::protocol_text("cha2ds2-vasc")).unwrap();
    let json = protocol.description().to_json();
    let mut description: Json = serde_json::from_str(&json).unwrap();
    let feature = |description: &mut Json, id: &str, source: Json| {
        let all = description["intake"].as_array_mut().unwrap();
        let one = all.iter_mut().find(|one| one["id"] == id).unwrap();
        one["source"] = json!([source]);
    };
    let unknown = json!({ "kind": "condition", "value-sets": ["diabetes|999"] });
    feature(&mut description, "diabetes", unknown);
    let both = json!({ "kind": "condition", "value-sets": ["no-such-set|1"], "icd10": ["I10"] });
    feature(&mut description, "hypertension", both);
    let description = Description::from_json(&description.to_string()).unwrap();
    let resources = [coded("Condition", "c", "http://hl7.org/fhir/sid/icd-10", "E11.9")];
    let import = read_resources(description.intake(), &resources);
    check("set", &import, "diabetes", "? this program doesn't have the codes `diabetes|999`");
    check(
        "set",
        &import,
        "hypertension",
        "? `no-such-set|1`, by which it would be found: update it",
    );
    check("set", &import, "heart-failure", "0");
    // It is written back as it came.
    assert!(description.to_json().contains("diabetes|999"));
}

#[test]
fn codes_of_other_systems_are_read() {
    let text = flag("c", "kind = \"condition\"\nicd9 = [\"428\", \"V45.11\"]\nreadv2 = [\"G58..\"]\nctv3 = [\"XE0Uc\"]")
        + &flag("m", "kind = \"medication\"\ndmd = [\"36126411000001107\"]\natc = [\"C09\"]")
        + &flag("p", "kind = \"procedure\"\nsnomed = [\"302497006\"]\nreadv2 = [\"7L1A.\"]");
    let intake = intake(&text);
    for (kind, feature, system, code, right) in [
        ("Condition", "c", ICD9, "428.0", "= yes"),
        ("Condition", "c", "urn:oid:2.16.840.1.113883.6.103", "4280", "= yes"),
        ("Condition", "c", "http://terminology.hl7.org/CodeSystem/icd9cm", "V45.11", "= yes"),
        ("Condition", "c", ICD9, "42", "- entries that can't be told"),
        ("Condition", "c", ICD9, "401.9", "- nothing in the record answers it"),
        ("Condition", "c", "urn:x", "428.0", "? it may be one of ICD-9-CM"),
        ("Condition", "c", "urn:x", "4280", "- nothing"),
        ("Condition", "c", "http://hl7.org/fhir/sid/icd-10", "428", "- nothing"),
        ("Condition", "c", "http://read.info/readv2", "G58..", "= yes"),
        ("Condition", "c", "http://read.info/readv2", "G58..00", "= yes"),
        ("Condition", "c", "http://read.info/readv2", "G58", "= yes"),
        ("Condition", "c", "http://read.info/readv2", "g58..", "- entries that can't be told"),
        ("Condition", "c", "http://read.info/readv2", "G580.", "- entries that can't be told"),
        ("Condition", "c", "http://read.info/ctv3", "XE0Uc", "= yes"),
        ("Condition", "c", "http://read.info/ctv3", "G58..", "- nothing"),
        ("MedicationStatement", "m", "https://dmd.nhs.uk", "36126411000001107", "= yes"),
        ("MedicationStatement", "m", SNOMED, "36126411000001107", "= yes"),
        ("MedicationStatement", "m", "http://fhir.de/CodeSystem/bfarm/atc", "C09AA05", "= yes"),
        ("MedicationStatement", "m", "http://fhir.de/CodeSystem/dimdi/atc", "C09AA05", "= yes"),
        ("Procedure", "p", "http://read.info/readv2", "7L1A.", "= yes"),
        ("Procedure", "p", ICD9, "39.95", "- entries that can't be told"),
        ("Procedure", "p", ICD9, "3995", "- entries that can't be told"),
    ] {
        let import = read_resources(&intake, &[coded(kind, "r", system, code)]);
        check(&format!("{kind} {system} {code}"), &import, feature, right);
    }
}

/// Where not all that is asked has codes of ICD-9-CM, one of these may be what is asked.
#[test]
fn icd_9_says_what_it_is_only_where_all_have_its_codes() {
    let known = flag("a", "kind = \"condition\"\nicd9 = [\"428\"]");
    let unknown = flag("b", "kind = \"condition\"\nicd10 = [\"I10\"]");
    let condition = [coded("Condition", "c", ICD9, "401.9")];
    check("all", &read_resources(&intake(&known), &condition), "a", "- nothing in the record");
    let both = intake(&(known + &unknown));
    check("one", &read_resources(&both, &condition), "b", "- entries that can't be told");
}

/// Sets have thousands of codes and records tens of thousands of resources.
#[test]
fn a_large_record_is_read_in_time() {
    let sources = value_sets().filter(|set| has_conditions(set)).take(20).map(|set| {
        flag(
            &format!("x-{}", set.id),
            &format!("kind = \"condition\"\nvalue-sets = [\"{}\"]", set.id),
        )
    });
    // Codes of a source's own are looked up in the same way.
    let own: Vec<String> =
        (0..1500).map(|number| format!("\"I{:02}.{:03}\"", number % 100, number / 4)).collect();
    let own = flag("own", &format!("kind = \"condition\"\nicd10 = [{}]", own.join(", ")));
    let text: String = sources.chain([own]).collect();
    let Ok(intake) = try_intake(&text) else { panic!("{text}") };
    let entries: Vec<Json> = (0..20_000)
        .map(|at| json!({ "resource": coded("Condition", &format!("c{at}"), SNOMED, &format!("{}", 100_000_000 + at)) }))
        .collect();
    let bundle =
        json!({ "resourceType": "Bundle", "type": "collection", "entry": entries }).to_string();
    let start = Instant::now();
    common::read_record(&bundle, &intake, common::TODAY).unwrap();
    let took = start.elapsed();
    println!("20 000 conditions and {} features: {took:?}", intake.features().len());
    assert!(took.as_secs() < 20, "{took:?}");
}

const ICD: &str = "http://hl7.org/fhir/sid/icd-10";
const ICD_GM: &str = "http://fhir.de/CodeSystem/bfarm/icd-10-gm";

/// What codes of each set say: what is only near is asked, and never "no" nor "yes".
#[test]
fn codes_that_leave_it_open_are_asked() {
    let asks = "? leaves open whether it is what is asked";
    let above = "? is less detailed than what is asked";
    for (set, system, code, right) in [
        ("vascular-disease-2024", ICD, "I20.0", "= yes"),
        ("vascular-disease-2024", ICD, "I20.9", "= yes"),
        ("vascular-disease-2024", ICD, "I24.0", "= yes"),
        ("peripheral-artery-disease", ICD_GM, "E11.50", "= yes"),
        ("peripheral-artery-disease", ICD_GM, "E14.51", "= yes"),
        ("peripheral-artery-disease", ICD_GM, "I79.2", "= yes"),
        ("dialysis", ICD, "Z99.2", "= yes"),
        ("dialysis", ICD, "Z49.1", "= yes"),
        ("dialysis", ICD, "Z49.0", asks),
        ("dialysis", ICD, "Z49.01", asks),
        ("dialysis", ICD, "N18.6", asks),
        ("dialysis", ICD9, "V56.0", "= yes"),
        ("dialysis", ICD9, "V56.1", asks),
        ("mitral-stenosis-moderate-severe-or-mechanical-valve", SNOMED, "838450006", "= yes"),
        ("mitral-stenosis-moderate-severe-or-mechanical-valve", SNOMED, "79619009", asks),
        ("mitral-stenosis-moderate-severe-or-mechanical-valve", ICD, "I05.0", asks),
        ("mitral-stenosis-moderate-severe-or-mechanical-valve", ICD, "I34.2", asks),
        ("mitral-stenosis-moderate-severe-or-mechanical-valve", ICD, "Z95.2", asks),
        ("cardiac-amyloidosis", ICD, "E85.4", asks),
        ("cardiac-amyloidosis", ICD, "E85.3", "- nothing"),
        ("bleeding", ICD, "K92.2", "= yes"),
        ("bleeding", ICD, "K62.5", asks),
        ("bleeding", ICD, "H43.1", asks),
        ("bleeding", ICD, "R04.2", asks),
        ("bleeding", ICD, "M25.01", asks),
        // In the editions of the WHO and Germany these bleed, in ICD-10-CM they don't.
        ("bleeding", ICD, "I85.0", above),
        ("bleeding", ICD, "K29.0", above),
        ("deep-vein-thrombosis-history", ICD9, "V12.51", asks),
        ("venous-thromboembolism-history", ICD9, "V12.51", "= yes"),
    ] {
        let text = flag("f", &format!("kind = \"condition\"\nvalue-sets = [\"{set}\"]"));
        let import = read_resources(&intake(&text), &[coded("Condition", "c", system, code)]);
        check(&format!("{set} {code}"), &import, "f", right);
    }
}

#[test]
fn answers_of_loinc_about_smoking_are_found() {
    let choice = "[[intake]]\nid = \"s\"\nlabel = \"S\"\nkind = \"choice\"\noptions = [\
        { id = \"no\", label = \"n\", codes = { value-sets = [\"smoking-never\"] } }, \
        { id = \"past\", label = \"p\", codes = { value-sets = [\"smoking-former\"] } }, \
        { id = \"yes\", label = \"y\", codes = { value-sets = [\"smoking-current\"] } }]\n\
        [[intake.source]]\nkind = \"observation\"\nvalue-sets = [\"smoking-status\"]\n";
    let smoking = intake(choice);
    for (code, right) in [
        ("LA18976-3", "= yes"),
        ("LA18977-1", "= yes"),
        ("LA18981-3", "= yes"),
        ("LA18982-1", "= yes"),
        ("LA15920-4", "= past"),
        ("LA18978-9", "= no"),
    ] {
        let answer = json!({ "resourceType": "Observation", "id": "o", "status": "final",
            "effectiveDateTime": common::TODAY.to_string(),
            "code": { "coding": [{ "system": "http://loinc.org", "code": "72166-2" }] },
            "valueCodeableConcept": { "coding": [{ "system": "http://loinc.org", "code": code }] } });
        check(code, &read_resources(&smoking, &[answer]), "s", right);
    }
}
