// SPDX-License-Identifier: Apache-2.0
//! What we write is FHIR R4 by HL7's definitions: elements, cardinalities, types, codes,
//! invariants, extensions.
//!
//! `oracles/run.sh` installs the validators and runs these tests; without it they are ignored.

mod common;

use cso_clinical::fhir::questionnaire;
use serde_json::{json, Value as Json};

use common::shipped;
use common::written::{opinions, questionnaires};

/// The worked examples as answers to the questionnaires.
fn responses() -> Vec<Json> {
    let mut responses = Vec::new();
    for (_, protocol) in shipped() {
        let form = questionnaire(&protocol.description());
        for example in protocol.examples() {
            responses.push(common::response(&form, &example.full_answers(&protocol)));
        }
    }
    responses
}

#[test]
#[ignore = "needs the environment of oracles/run.sh"]
fn opinions_questionnaires_and_responses_conform_to_r4() {
    let written = [opinions(), questionnaires(), responses()].concat();
    assert!(written.len() > 300);
    for (resource, problems) in written.iter().zip(common::conformance_problems(&written)) {
        assert!(problems.is_empty(), "{problems:#?}\n{resource:#}");
    }
}

#[test]
#[ignore = "needs the environment of oracles/run.sh"]
fn the_validators_find_what_is_wrong() {
    let opinion = opinions().swap_remove(0);
    let form = questionnaires().into_iter().find(|form| form["name"] == "Intake_grace").unwrap();
    let observation = "/entry/0/resource";
    let risk = "/entry/1/resource";
    let items = form["item"].as_array().unwrap();
    let is_number = |item: &Json| item["extension"][1]["valueDecimal"].is_number();
    let number = items.iter().position(is_number).unwrap();
    let [unit, least] = [0, 1].map(|at| format!("/item/{number}/extension/{at}"));
    // Place of an object, its field, and the field's new value; null takes it away.
    let changes: [(&Json, &str, &str, Json, &str); 20] = [
        (&opinion, observation, "status", Json::Null, "status"),
        (&opinion, observation, "status", json!("finished"), "value set"),
        (&opinion, observation, "code", Json::Null, "code"),
        (&opinion, observation, "effectiveDateTime", json!("23.11.2026"), "dateTime"),
        (&opinion, observation, "valueString", json!("x"), "only one type"),
        (&opinion, observation, "dataAbsentReason", json!({ "text": "x" }), "obs-6"),
        (&opinion, observation, "result", json!(1), "Unexpected"),
        (&opinion, risk, "subject", Json::Null, "subject"),
        (&opinion, risk, "status", json!("done"), "value set"),
        (&opinion, risk, "note", json!({ "text": "x" }), "array"),
        (&opinion, &format!("{risk}/prediction/0"), "probabilityDecimal", json!(300), "ras-2"),
        (&opinion, "", "type", json!("list"), "value set"),
        (&form, "", "status", Json::Null, "status"),
        (&form, "/item/0", "linkId", Json::Null, "linkId"),
        (&form, "/item/0", "linkId", json!("age"), "que-2"),
        (&form, "/item/0", "type", json!("number"), "value set"),
        (
            &form,
            &unit,
            "url",
            json!("http://hl7.org/fhir/StructureDefinition/unit"),
            "unknown extension",
        ),
        (&form, "/_title/extension/0/extension/0", "url", json!("language"), "unknown extension"),
        (&form, "/_title/extension/0", "extension", json!([]), "lacks lang"),
        (&form, &least, "valueBoolean", json!(true), "minValue"),
    ];
    let mut broken = Vec::new();
    for (resource, place, field, value, _) in &changes {
        let mut copy = (*resource).clone();
        let object = copy.pointer_mut(place).unwrap().as_object_mut().unwrap();
        if *field == "valueBoolean" {
            object.remove("valueDecimal");
        }
        if value.is_null() {
            object.remove(*field);
        } else {
            object.insert((*field).to_owned(), value.clone());
        }
        broken.push(copy);
    }
    let problems = common::conformance_problems(&broken);
    for ((_, place, field, value, word), problems) in changes.iter().zip(problems) {
        let found = problems.iter().any(|problem| problem.contains(word));
        assert!(found, "{place} {field} = {value}: {problems:?}");
    }
}
