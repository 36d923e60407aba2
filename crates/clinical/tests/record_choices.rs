// SPDX-License-Identifier: Apache-2.0
//! Conditions that fill a choice.

mod common;

use common::{check, intake, protocol, read_resources, try_intake};
use serde_json::{json, Value as Json};

/// What cancer: by ICD-10, one option without codes.
fn choice(source: &str) -> String {
    format!(
        r#"
[[intake]]
id = "cancer"
label = "Cancer"
kind = "choice"
options = [
    {{ id = "none", label = "none" }},
    {{ id = "breast", label = "breast", codes = {{ icd10 = ["C50"], snomed = ["254837009"] }} }},
    {{ id = "lung", label = "lung", codes = {{ icd10 = ["C34"] }} }},
]
[[intake.source]]
kind = "condition"
{source}
"#
    )
}

fn condition(id: &str, code: &str, more: Json) -> Json {
    let mut json = json!({ "resourceType": "Condition", "id": id,
        "code": { "coding": [{ "system": "http://hl7.org/fhir/sid/icd-10", "code": code }] } });
    json.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json
}

#[test]
fn an_active_condition_names_its_option() {
    let over = || json!({ "clinicalStatus": { "coding": [{ "code": "resolved" }] } });
    let odd = || json!({ "verificationStatus": { "coding": [{ "code": "provisional" }] } });
    let none = || json!({});
    let cases: &[(&str, Vec<Json>, [&str; 2])] = &[
        ("one", vec![condition("a", "C50.9", none())], ["= breast"; 2]),
        (
            "the same twice",
            vec![condition("a", "C50.9", none()), condition("b", "C50.1", none())],
            ["= breast"; 2],
        ),
        (
            "two options",
            vec![condition("a", "C50.9", none()), condition("b", "C34.1", none())],
            ["? `breast` is what Condition/a: C50.9 names, and `lung` what Condition/b: C34.1 names"; 2],
        ),
        (
            "one that is over",
            vec![condition("a", "C50.9", over())],
            ["- Condition/a (C50.9) is over", "= breast"],
        ),
        (
            "one that is over and one that isn't",
            vec![condition("a", "C50.9", over()), condition("b", "C34.1", none())],
            ["= lung", "? `lung` what Condition/b"],
        ),
        (
            "one and another in doubt",
            vec![condition("a", "C50.9", none()), condition("b", "C34.1", odd())],
            ["? `provisional` leaves open"; 2],
        ),
        ("another one", vec![condition("a", "C61", none())], ["- nothing"; 2]),
        (
            "less than is asked",
            vec![json!({ "resourceType": "Condition", "id": "a",
                "code": { "coding": [{ "system": "urn:x", "code": "C50.9" }] } })],
            ["? isn't known"; 2],
        ),
    ];
    for (rule, resources, rights) in cases {
        for (source, right) in ["", "past = true"].iter().zip(rights) {
            let import = read_resources(&intake(&choice(source)), resources);
            check(&format!("{rule}, {source}"), &import, "cancer", right);
        }
    }
}

#[test]
fn codes_stand_at_the_options() {
    let error = try_intake(&choice("icd10 = [\"C50\"]")).unwrap_err();
    assert!(error.contains("the `codes` of its options"), "{error}");
    let flag = "[[intake]]\nid = \"f\"\nlabel = \"F\"\nkind = \"flag\"\n[[intake.source]]\nkind = \"condition\"\n";
    let error = try_intake(flag).unwrap_err();
    assert!(error.contains("needs codes"), "{error}");
    let bare = "[[intake]]\nid = \"c\"\nlabel = \"C\"\nkind = \"choice\"\noptions = [{ id = \"a\", label = \"a\" }, { id = \"b\", label = \"b\" }]\n[[intake.source]]\nkind = \"condition\"\n";
    let error = try_intake(bare).unwrap_err();
    assert!(error.contains("needs options with `codes`"), "{error}");
}

/// A coded value is read by the value sets of the options, in any system; yes or no names none.
#[test]
fn a_coded_value_names_the_option_whose_set_has_it() {
    let prevent = protocol("prevent");
    let snomed = |code: &str| json!({ "valueCodeableConcept": { "coding": [{ "system": "http://snomed.info/sct", "code": code }] } });
    for (rule, value, right) in [
        ("every day", snomed("449868002"), "= yes"),
        ("former", snomed("8517006"), "= no"),
        ("never", snomed("266919005"), "= no"),
        ("nothing of it", snomed("195967001"), "? is none of the options"),
        ("flag", json!({ "valueBoolean": true }), "? has no coded value"),
        ("text", json!({ "valueString": "smoker" }), "? has no coded value"),
    ] {
        let mut resource = json!({ "resourceType": "Observation", "id": "o", "status": "final",
            "effectiveDateTime": "2026-10-01",
            "code": { "coding": [{ "system": "http://loinc.org", "code": "72166-2" }] } });
        resource.as_object_mut().unwrap().extend(value.as_object().unwrap().clone());
        check(rule, &read_resources(prevent.intake(), &[resource]), "smoking", right);
    }
}
