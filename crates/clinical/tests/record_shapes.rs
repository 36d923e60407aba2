// SPDX-License-Identifier: Apache-2.0
//! What stands in another shape or order than it should, and what changes its meaning, is never
//! passed over: the cases that the second reader found.

mod common;

use common::{protocol, read_record, TODAY};
use cso_clinical::fhir::{FhirError, Import};
use serde_json::{json, Value as Json};

const SNOMED: &str = "http://snomed.info/sct";
const LOINC: &str = "http://loinc.org";
const IPS: &str = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips";

fn with(json: &Json, more: &Json) -> Json {
    let mut json = json.clone();
    json.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json
}

fn of(kind: &str, id: &str, more: &Json) -> Json {
    let resource =
        json!({ "resourceType": kind, "id": id, "subject": { "reference": "Patient/p" } });
    with(&resource, more)
}

fn diabetes(more: &Json) -> Json {
    let code = json!({ "code": { "coding": [{ "system": SNOMED, "code": "44054006" }] } });
    with(&of("Condition", "c", &code), more)
}

fn sodium(id: &str, day: &str, value: f64) -> Json {
    of(
        "Observation",
        id,
        &json!({ "status": "final", "effectiveDateTime": day,
            "code": { "coding": [{ "system": LOINC, "code": "2951-2" }] },
            "valueQuantity": { "value": value, "system": "http://unitsofmeasure.org", "code": "mmol/L" } }),
    )
}

fn read(name: &str, resources: &[Json]) -> Result<Import, FhirError> {
    let patient = json!({ "resourceType": "Patient", "id": "p", "gender": "male", "birthDate": "1957-03-14" });
    let all = resources.iter().chain([&patient]);
    let entries: Vec<Json> = all.map(|resource| json!({ "resource": resource })).collect();
    let record = json!({ "resourceType": "Bundle", "type": "collection", "entry": entries });
    read_record(&record.to_string(), protocol(name).intake(), TODAY)
}

/// The answer as text, `asked` with why, `unconfirmed`, or that there is nothing.
fn answer(name: &str, feature: &str, resources: &[Json]) -> String {
    let import = read(name, resources).unwrap();
    if let Some(value) = import.answers().get(feature) {
        return value.to_string();
    }
    match import.missing.iter().find(|one| one.feature == feature) {
        Some(missing) if missing.in_doubt => format!("asked: {}", missing.reason),
        Some(_) => "nothing".to_owned(),
        None => "unconfirmed".to_owned(),
    }
}

#[test]
fn conditions_keep_what_changes_them_in_any_shape() {
    let certainty = json!({ "url": "http://fhir.de/StructureDefinition/icd-10-gm-diagnosesicherheit",
        "valueCoding": { "code": "A" } });
    for (more, right) in [
        (json!({}), "yes"),
        (json!({ "modifierExtension": "x" }), "asked"),
        (json!({ "modifierExtension": { "url": "urn:x", "valueBoolean": true } }), "asked"),
        (json!({ "modifierExtension": [] }), "yes"),
        (json!({ "implicitRules": null }), "yes"),
        (json!({ "extension": certainty }), "unconfirmed"),
        (json!({ "extension": [[certainty]] }), "unconfirmed"),
        (json!({ "subject": { "reference": "" } }), "asked"),
        (
            json!({ "clinicalStatus": { "coding": [{ "code": "resolved" }, { "code": "x" }] },
                "abatementBoolean": false }),
            "asked",
        ),
    ] {
        let answer = answer("cha2ds2-vasc", "diabetes", &[diabetes(&more)]);
        assert!(answer.starts_with(right), "{more}: {answer}");
    }
}

#[test]
fn a_result_in_another_shape_is_never_passed_over_for_an_older_one() {
    let old = sodium("old", "2026-11-01", 130.0);
    let new = sodium("new", "2026-11-10", 140.0);
    let panel = |component: Json| {
        let code = json!({ "coding": [{ "system": LOINC, "code": "24323-8" }] });
        let mut panel = with(&new, &json!({ "code": code, "component": component }));
        panel.as_object_mut().unwrap().remove("valueQuantity");
        panel
    };
    let part = json!({ "code": new["code"], "valueQuantity": new["valueQuantity"] });
    let inside = |result: Json, contained: Json| {
        of(
            "DiagnosticReport",
            "d",
            &json!({ "status": "final", "result": result, "contained": contained }),
        )
    };
    let mut group = panel(json!([]));
    group.as_object_mut().unwrap().remove("component");
    let group = with(&group, &json!({ "id": "panel", "hasMember": [{ "reference": "#new" }] }));
    for (resource, right) in [
        (panel(json!([part])), "140"),
        (panel(json!(part)), "140"),
        (panel(json!([[part]])), "140"),
        (with(&new, &json!({ "code": { "coding": [{ "system": LOINC, "code": "" }] } })), "asked"),
        (with(&new, &json!({ "code": { "coding": null } })), "asked"),
        (with(&new, &json!({ "code": [] })), "asked"),
        (inside(json!([{ "reference": "#new" }]), json!([new])), "140"),
        (inside(json!([[{ "reference": "#new" }]]), json!([new])), "140"),
        (inside(json!({ "reference": "#new" }), json!(new)), "140"),
        (inside(json!([]), json!([new])), "140"),
        // Nothing there has the name of the result: another one may be missing.
        (
            inside(json!([{ "reference": "#new" }]), json!([with(&new, &json!({ "id": 7 }))])),
            "asked",
        ),
        (inside(json!([]), json!([with(&new, &json!({ "id": 7 }))])), "140"),
        (inside(json!([{ "reference": "#panel" }]), json!([group, new])), "140"),
    ] {
        let answer = answer("meld-3", "sodium", &[old.clone(), resource.clone()]);
        assert!(answer.starts_with(right), "{resource}: {answer}");
    }
}

#[test]
fn versions_that_differ_in_the_order_of_codings_are_equal() {
    let local = json!({ "system": "http://local.example/lab", "code": "NA" });
    let mut one = sodium("o", "2026-11-10", 140.0);
    one["code"]["coding"].as_array_mut().unwrap().push(local);
    let mut other = one.clone();
    other["code"]["coding"].as_array_mut().unwrap().reverse();
    assert_eq!(answer("meld-3", "sodium", &[one, other]), "140");
}

#[test]
fn older_versions_tell_no_failure() {
    let lost = json!({ "status": "active", "meta": { "versionId": "1" },
        "medicationReference": { "reference": "Medication/nowhere" } });
    let lost = of("MedicationStatement", "m", &lost);
    let answer = |all: &[Json]| answer("has-bled", "drugs", all);
    assert!(answer(std::slice::from_ref(&lost)).starts_with("asked"));
    let withdrawn =
        with(&lost, &json!({ "status": "entered-in-error", "meta": { "versionId": "2" } }));
    assert_eq!(answer(&[lost, withdrawn]), "nothing");
}

#[test]
fn that_there_is_nothing_must_be_said_of_the_patient() {
    let none = json!({ "code": { "coding": [{ "system": IPS, "code": "no-known-problems" }] } });
    let none = of("Condition", "c", &none);
    let shown = |resource: &Json| {
        let import = read("cha2ds2-vasc", std::slice::from_ref(resource)).unwrap();
        assert!(import.unconfirmed.entries.is_empty(), "{import:?}");
        !import.unconfirmed.not_shown.iter().any(|kind| kind == "Condition")
    };
    assert!(shown(&none));
    for more in [json!({ "subject": {} }), json!({ "modifierExtension": [{ "url": "urn:x" }] })] {
        assert!(!shown(&with(&none, &more)), "{more}");
    }
    let other = with(&none, &json!({ "subject": { "reference": "Patient/q" } }));
    let error = read("cha2ds2-vasc", &[other]).unwrap_err();
    assert!(matches!(error, FhirError::OtherPatient { .. }), "{error}");
}
