// SPDX-License-Identifier: Apache-2.0
//! Which resources of a record count: bundles, versions, modifiers, contained results, periods.

mod common;

use cso_clinical::fhir::{questionnaire, FhirError, Import};
use cso_clinical::Value;
use serde_json::{json, Value as Json};

use common::{protocol, read_record, TODAY};

fn bundle(resources: &[Json]) -> Json {
    let entries: Vec<Json> =
        resources.iter().map(|resource| json!({ "resource": resource })).collect();
    json!({ "resourceType": "Bundle", "type": "collection", "entry": entries })
}

fn read(name: &str, record: &Json) -> Result<Import, FhirError> {
    read_record(&record.to_string(), protocol(name).intake(), TODAY)
}

fn value(name: &str, record: &Json, feature: &str) -> Option<Value> {
    read(name, record).unwrap().answers().remove(feature)
}

fn reason(name: &str, record: &Json, feature: &str) -> String {
    let import = read(name, record).unwrap();
    let found = import.missing.iter().find(|m| m.feature == feature);
    found.map(|m| m.reason.clone()).unwrap_or_default()
}

fn with(resource: &Json, field: &str, value: Json) -> Json {
    let mut changed = resource.clone();
    changed[field] = value;
    changed
}

fn waist() -> Json {
    json!({ "resourceType": "Observation", "id": "w", "status": "final", "effectiveDateTime": "2026-10-01",
        "code": { "coding": [{ "system": "http://loinc.org", "code": "8280-0" }] },
        "valueQuantity": { "value": 88, "system": "http://unitsofmeasure.org", "code": "cm" } })
}

#[test]
fn bundles_in_bundles_are_read() {
    let batch = bundle(&[bundle(&[waist()])]);
    assert_eq!(value("findrisc", &batch, "waist"), Some(Value::Quantity(88.0)));
    let deep = (0..6).fold(waist(), |inner, _| bundle(&[inner]));
    assert_eq!(read("findrisc", &deep), Err(FhirError::Nested { most: 4 }));
}

#[test]
fn of_a_resource_that_comes_twice_the_later_version_counts() {
    let patient = json!({ "resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1960-01-01" });
    let version = |day: u8, value: f64| {
        let mut waist = waist();
        waist["meta"] = json!({ "lastUpdated": format!("2026-10-0{day}T12:00:00Z") });
        waist["valueQuantity"]["value"] = json!(value);
        waist
    };
    let search = |waist| bundle(&[patient.clone(), waist]);
    for order in [[1, 2], [2, 1]] {
        let batch = bundle(&order.map(|day| search(version(day, 80.0 + f64::from(day)))));
        assert_eq!(value("findrisc", &batch, "waist"), Some(Value::Quantity(82.0)));
        assert_eq!(value("findrisc", &batch, "sex"), Some(Value::Choice("female".into())));
    }
    let other = with(&patient, "id", json!("q"));
    let error = read("findrisc", &bundle(&[search(waist()), bundle(&[other])])).unwrap_err();
    assert!(matches!(error, FhirError::SeveralPatients { .. }), "{error}");
}

#[test]
fn histories_and_single_pages_are_refused() {
    let history = with(&bundle(&[waist()]), "type", json!("history"));
    assert_eq!(read("findrisc", &history), Err(FhirError::History));
    let links = json!([{ "relation": "self", "url": "x" }, { "relation": "next", "url": "y" }]);
    let page = with(&bundle(&[waist()]), "link", links);
    assert_eq!(read("findrisc", &page), Err(FhirError::Page));
}

#[test]
fn results_contained_in_a_report_are_read() {
    let mut report = json!({ "resourceType": "DiagnosticReport", "id": "r", "status": "final",
        "subject": { "reference": "Patient/p" }, "result": [{ "reference": "#w" }], "contained": [waist()] });
    let patient = json!({ "resourceType": "Patient", "id": "p" });
    let record = bundle(&[patient.clone(), report.clone()]);
    assert_eq!(value("findrisc", &record, "waist"), Some(Value::Quantity(88.0)));
    // Also one that it names nowhere: it may be the latest.
    report["result"] = json!([]);
    let record = bundle(&[patient.clone(), report.clone()]);
    assert_eq!(value("findrisc", &record, "waist"), Some(Value::Quantity(88.0)));
    report["subject"] = json!({ "reference": "Patient/q" });
    let error = read("findrisc", &bundle(&[patient, report])).unwrap_err();
    assert!(matches!(error, FhirError::OtherPatient { .. }), "{error}");
}

#[test]
fn resources_with_modifiers_do_not_count_and_are_mentioned() {
    let extension = json!([{ "url": "http://example.org/negated", "valueBoolean": true }]);
    let modified = with(&waist(), "modifierExtension", extension.clone());
    assert!(reason("findrisc", &modified, "waist").contains("is a modifier that isn't understood"));
    let rules = with(&waist(), "implicitRules", json!("http://example.org/rules"));
    assert!(reason("findrisc", &rules, "waist").contains("is a modifier that isn't understood"));
    let condition = json!({ "resourceType": "Condition", "id": "c",
        "code": { "coding": [{ "system": "http://hl7.org/fhir/sid/icd-10", "code": "I10" }] } });
    let flag = |record| value("cha2ds2-vasc", &record, "hypertension");
    assert_eq!(flag(condition.clone()), Some(Value::Flag(true)));
    let modified = with(&condition, "modifierExtension", extension);
    assert_eq!(flag(modified), None);
}

#[test]
fn observations_of_a_timing_count_at_their_last_event() {
    let mut old = waist();
    old["id"] = json!("old");
    old["effectiveDateTime"] = Json::Null;
    old["effectiveTiming"] = json!({ "event": ["2026-01-05", "2026-02-05"] });
    old["valueQuantity"]["value"] = json!(95);
    let record = bundle(&[old.clone(), waist()]);
    assert_eq!(value("findrisc", &record, "waist"), Some(Value::Quantity(88.0)));
    assert_eq!(value("findrisc", &old, "waist"), Some(Value::Quantity(95.0)));
}

#[test]
fn scores_may_be_plain_integers() {
    let mut gcs = json!({ "resourceType": "Observation", "status": "final", "effectiveDateTime": "2026-11-23",
        "code": { "coding": [{ "system": "http://loinc.org", "code": "9269-2" }] }, "valueInteger": 13 });
    assert_eq!(value("qsofa", &gcs, "gcs"), Some(Value::Quantity(13.0)));
    gcs["code"]["coding"][0]["code"] = json!("9279-1");
    assert!(reason("qsofa", &gcs, "respiration").contains("and no quantity"));
}

#[test]
fn only_a_few_of_many_old_observations_are_mentioned() {
    let old: Vec<Json> = (0..300)
        .map(|n| {
            with(&with(&waist(), "effectiveDateTime", json!("2011")), "id", json!(format!("w{n}")))
        })
        .collect();
    let text = reason("findrisc", &bundle(&old), "waist");
    assert!(text.contains("of 2011, is older than 730 days"), "{text}");
    assert!(text.len() < 200, "{text}");
    let undated: Vec<Json> = old.iter().map(|w| with(w, "effectiveDateTime", Json::Null)).collect();
    let text = reason("findrisc", &bundle(&undated), "waist");
    assert!(text.ends_with("; and 296 more"), "{text}");
}

#[test]
fn r5_statements_say_in_adherence_whether_a_medicine_is_taken() {
    let statement = json!({ "resourceType": "MedicationStatement", "id": "m", "status": "recorded",
        "medication": { "concept": { "coding": [{ "system": "http://www.whocc.no/atc", "code": "B01AC06" }] } } });
    let taken = |record: &Json| value("has-bled", record, "drugs") == Some(Value::Flag(true));
    // That it was written down doesn't say that it is taken.
    assert!(reason("has-bled", &statement, "drugs").contains("`recorded` doesn't say whether"));
    for (code, counts) in [("taking", true), ("not-taking", false), ("stopped", false)] {
        let adherence = json!({ "code": { "coding": [{ "code": code }] } });
        assert_eq!(taken(&with(&statement, "adherence", adherence)), counts, "{code}");
    }
}

#[test]
fn statements_end_with_their_period() {
    let statement = |end: &str| {
        json!({ "resourceType": "MedicationStatement", "id": "m", "status": "active", "effectivePeriod": { "end": end },
            "medicationCodeableConcept": { "coding": [{ "system": "http://www.whocc.no/atc", "code": "B01AC06" }] } })
    };
    let taken = |end| value("has-bled", &statement(end), "drugs") == Some(Value::Flag(true));
    assert!(taken("2026-11-23") && taken("2026") && !taken("2026-10"));
    let text = reason("has-bled", &statement("last week"), "drugs");
    assert!(text.contains("effectivePeriod.end: `last week` can't be read as a date"), "{text}");
}

#[test]
fn items_named_like_features_are_read_only_from_the_intakes_own_questionnaire() {
    let form = questionnaire(&protocol("wells-pe").description());
    let response = |questionnaire: &str| {
        json!({ "resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": questionnaire,
            "item": [{ "linkId": "previous", "answer": [{ "valueBoolean": true }] }] })
    };
    let url = form["url"].as_str().unwrap();
    let yes = Some(Value::Flag(true));
    assert_eq!(value("wells-pe", &response(url), "previous"), yes);
    assert_eq!(value("wells-pe", &response(&format!("{url}|1.0.0")), "previous"), yes);
    assert_ne!(value("wells-pe", &response("http://example.org/form"), "previous"), yes);
    assert_ne!(value("wells-dvt", &response(url), "previous"), yes);
}

/// A laboratory value.
fn lab(code: &str, quantity: Json) -> Json {
    json!({ "resourceType": "Observation", "id": code, "status": "final", "effectiveDateTime": "2026-11-20",
        "code": { "coding": [{ "system": "http://loinc.org", "code": code }] }, "valueQuantity": quantity })
}

#[test]
fn laboratories_of_every_country_are_understood() {
    let ucum = |value: f64, code: &str| json!({ "value": value, "system": "http://unitsofmeasure.org", "code": code });
    let text = |value: f64, unit: &str| json!({ "value": value, "unit": unit });
    let american = [
        lab("1975-2", ucum(3.1, "mg/dL")),
        lab("2160-0", text(1.5, "MG/DL")),
        lab("1751-7", text(3.0, "g/dL")),
        lab("2951-2", text(130.0, "mEq/L")),
        lab("6301-6", text(1.7, "INR")),
    ];
    let european = [
        lab("14631-6", ucum(53.0, "umol/L")),
        lab("14682-9", text(132.6, "µmol/l")),
        lab("1751-7", ucum(30.0, "g/L")),
        lab("2951-2", text(130.0, "mmol/l")),
        lab("6301-6", json!({ "value": 1.7 })),
    ];
    for labs in [american, european] {
        let answers = read("meld-3", &bundle(&labs)).unwrap().answers();
        for (feature, value) in [
            ("bilirubin", 3.1),
            ("creatinine", 1.5),
            ("albumin", 3.0),
            ("sodium", 130.0),
            ("inr", 1.7),
        ] {
            let Some(Value::Quantity(found)) = answers.get(feature) else {
                panic!("{feature} was not found")
            };
            assert!((found - value).abs() < 0.002, "{feature}: {found}");
        }
    }
}

#[test]
fn procedures_count_when_they_were_done() {
    let transplant = json!({ "resourceType": "Procedure", "id": "p",
        "code": { "coding": [{ "system": "http://snomed.info/sct", "code": "70536003" }] } });
    for (status, counts) in [
        ("completed", true),
        ("not-done", false),
        ("preparation", false),
        ("entered-in-error", false),
    ] {
        let record = with(&transplant, "status", json!(status));
        let yes = counts.then_some(Value::Flag(true));
        assert_eq!(value("has-bled", &record, "renal"), yes, "{status}");
    }
}

#[test]
fn every_form_of_a_date_places_an_observation() {
    for (field, when) in [
        ("effectiveDateTime", json!("2026-10")),
        ("effectiveDateTime", json!("2026")),
        ("effectiveDateTime", json!("2026-10-01T08:00:00.250+02:00")),
        ("effectiveInstant", json!("2026-10-01T08:00:00Z")),
        ("effectivePeriod", json!({ "start": "2020-01-01", "end": "2026-10-01" })),
        ("effectivePeriod", json!({ "start": "2026-10-01" })),
        ("issued", json!("2026-10-01T08:00:00Z")),
    ] {
        let mut record = waist();
        record.as_object_mut().unwrap().remove("effectiveDateTime");
        record[field] = when;
        assert_eq!(value("findrisc", &record, "waist"), Some(Value::Quantity(88.0)), "{record}");
    }
}

#[test]
fn urea_and_urea_nitrogen_convert_each_by_its_own_mass() {
    for (code, quantity) in [
        ("3094-0", json!({ "value": 20, "unit": "mg/dL" })),
        ("3091-6", json!({ "value": 42.87, "unit": "mg/dL" })),
        ("22664-7", json!({ "value": 7.14, "unit": "mmol/L" })),
    ] {
        let mut urea = lab(code, quantity);
        urea["effectiveDateTime"] = json!("2026-11-22");
        let Some(Value::Quantity(found)) = value("curb-65", &urea, "urea") else {
            panic!("{code} was not found")
        };
        assert!((found - 7.14).abs() < 0.01, "{code}: {found}");
    }
}

fn diabetes(id: &str, status: &str, when: Option<&str>) -> Json {
    json!({ "resourceType": "Condition", "id": id, "recordedDate": when,
        "code": { "coding": [{ "system": "http://snomed.info/sct", "code": "44054006" }] },
        "verificationStatus": { "coding": [{ "code": status }] } })
}

fn apixaban(id: &str, status: &str, when: Option<&str>) -> Json {
    json!({ "resourceType": "MedicationRequest", "id": id, "status": status, "intent": "order",
        "authoredOn": when, "medicationCodeableConcept": { "coding": [
            { "system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "1364445" }] } })
}

/// Of one code, what was refuted or stopped later may be how it is now.
#[test]
fn what_is_denied_later_is_asked() {
    let (early, late) = (Some("2026-01-10"), Some("2026-10-01"));
    for (status, yes, no, asks) in [
        ("refuted", early, late, true),
        ("refuted", early, None, true),
        ("refuted", early, early, true),
        ("refuted", None, late, true),
        ("refuted", late, early, false),
    ] {
        let all = bundle(&[diabetes("c1", "confirmed", yes), diabetes("c2", status, no)]);
        let found = value("cha2ds2-va", &all, "diabetes");
        assert_eq!(found, (!asks).then_some(Value::Flag(true)), "{status} {yes:?} {no:?}");
        let reason = reason("cha2ds2-va", &all, "diabetes");
        assert_eq!(reason.contains("Condition/c1") && reason.contains("Condition/c2"), asks);
    }
    let mut other = diabetes("c2", "refuted", late);
    other["code"]["coding"][0]["code"] = json!("46635009");
    let all = bundle(&[diabetes("c1", "confirmed", early), other]);
    assert_eq!(value("cha2ds2-va", &all, "diabetes"), Some(Value::Flag(true)), "another code");
    for (status, yes, no, asks) in [
        ("stopped", early, late, true),
        ("stopped", early, None, true),
        ("not-taken", early, late, true),
        ("stopped", late, early, false),
        // Refills end, and are no denials.
        ("completed", early, late, false),
        ("cancelled", early, late, false),
    ] {
        let all = bundle(&[apixaban("m1", "active", yes), apixaban("m2", status, no)]);
        let found = value("cha2ds2-va", &all, "anticoagulant");
        assert_eq!(found, (!asks).then_some(Value::Flag(true)), "{status} {yes:?} {no:?}");
    }
}

/// What is rubbed in has the code of what is swallowed.
#[test]
fn what_acts_where_it_is_put_is_asked() {
    let route = |code: &str| {
        json!([{ "route": { "coding": [
        { "system": "http://snomed.info/sct", "code": code }] } }])
    };
    for (rule, text, routes, asks) in [
        ("topical", "Diclofenac", route("6064005"), true),
        ("in words", "Diclofenac", json!([{ "route": { "text": "Topical route" } }]), true),
        ("ophthalmic", "Diclofenac", route("54485002"), true),
        ("oral", "Diclofenac gel", route("26643006"), false),
        ("a gel", "Voltaren Emulgel 1%", json!([]), true),
        ("drops", "Diclofenac Augentropfen", json!([]), true),
        ("soft capsules", "Ibuprofen 200 MG Gel Oral Capsule", json!([]), false),
        ("nothing", "Diclofenac 50 mg", json!([]), false),
    ] {
        let medicine = json!({ "resourceType": "MedicationStatement", "id": "m", "status": "active",
            "dosage": routes, "medicationCodeableConcept": { "text": text, "coding": [
                { "system": "http://www.whocc.no/atc", "code": "M01AB05" }] } });
        let found = value("has-bled", &bundle(&[medicine]), "drugs");
        assert_eq!(found, (!asks).then_some(Value::Flag(true)), "{rule}");
    }
}

/// A remark beside a code may take it back.
#[test]
fn a_remark_that_denies_is_asked() {
    let mut condition = diabetes("c", "confirmed", None);
    condition["note"] = json!([{ "text": "Diabetes excluded by OGTT" }]);
    let reason = reason("cha2ds2-va", &bundle(&[condition.clone()]), "diabetes");
    assert!(reason.contains("note: `Diabetes excluded by OGTT` says `excluded`"), "{reason}");
    condition["note"] = json!([{ "text": "possible side effects of metformin" }]);
    let all = bundle(&[condition]);
    assert_eq!(value("cha2ds2-va", &all, "diabetes"), Some(Value::Flag(true)));
}
