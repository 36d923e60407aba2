// SPDX-License-Identifier: Apache-2.0
//! What leaves: the questionnaire, the opinion as FHIR, the page for the doctor.

mod common;

use cso_clinical::fhir::{import, opinion, questionnaire};
use cso_clinical::intake::Kind;
use cso_clinical::opinion_page::{html, OpinionPage};
use cso_clinical::{Protocol, Value, DISCLAIMER};
use jiff::civil::date;
use proptest::prelude::*;
use serde_json::json;

use common::{protocol, shipped, TODAY};

/// Asks every kind of question, with and without a way to say "unknown".
const EVERY_KIND: &str = r#"
format = 1
[protocol]
id = "every-kind"
title = "Every kind of question"
version = "1"
language = "en"
licence = "Apache-2.0"
intended_use = "Tests."
[[intake]]
id = "flag"
label = "Flag"
help = "Yes or no."
kind = "flag"
missing = true
[[intake]]
id = "choice"
label = "Choice"
kind = "choice"
options = [{ id = "a b", label = "first", codes = { loinc = ["LA32-8"] } }, { id = "c/d", label = "second" }, { id = "e", label = "third" }]
missing = true
[[intake]]
id = "quantity"
label = "Quantity"
kind = "quantity"
unit = "mg/dL"
min = -2.5
max = 7.5
step = 0.125
missing = true
[[output]]
id = "score"
label = "Score"
min = 0
max = 1
meaning = [{ from = 0, to = 1, text = "any" }]
[[model.term]]
feature = "flag"
points = 1
missing = 0
"#;

#[test]
fn any_answers_to_the_generated_questionnaire_come_back_through_the_import() {
    let every_kind = Protocol::from_toml(EVERY_KIND).unwrap();
    let protocols = shipped().into_iter().map(|(_, protocol)| protocol);
    for protocol in protocols.chain([every_kind]) {
        let form = questionnaire(&protocol.description());
        let id = &protocol.meta().id;
        proptest!(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() }, |(answers in common::any_answers(protocol.intake()))| {
            let mut answers = answers;
            for value in answers.values_mut() {
                if let Value::Quantity(number) = value {
                    // As people write numbers.
                    *number = (*number * 1e6).round() / 1e6;
                }
            }
            let response = common::response(&form, &answers);
            let found = import(&response.to_string(), protocol.intake(), TODAY).unwrap();
            let mut given = answers.clone();
            given.retain(|_, value| *value != Value::Missing);
            let back = found.answers();
            prop_assert_eq!(&back, &given, "{}", id);
            prop_assert_eq!(found.missing.len(), answers.len() - given.len());
            prop_assert_eq!(protocol.intake().encode(&back), protocol.intake().encode(&answers));
        });
    }
}

#[test]
fn quantities_ask_with_their_unit_and_limits() {
    let description = protocol("news2").description();
    let form = questionnaire(&description);
    let (index, feature) = description.intake().feature("temperature").unwrap();
    assert!(matches!(&feature.kind, Kind::Quantity(quantity) if quantity.unit == "Cel"));
    let extensions = form["item"][index]["extension"].as_array().unwrap();
    assert_eq!(extensions[0]["valueCoding"]["code"], "Cel");
    assert_eq!(
        (&extensions[1]["valueDecimal"], &extensions[2]["valueDecimal"]),
        (&json!(20.0), &json!(46.0))
    );
}

#[test]
fn opinions_have_what_the_resources_require() {
    let description = protocol("grace").description();
    let readings = description.interpret(&[149, 9]).unwrap();
    let bundle = opinion(&description, &readings, date(2026, 11, 23), "Dr. Bea Sample");
    let entries = bundle["entry"].as_array().unwrap();
    assert_eq!(entries.len(), 3);
    for entry in &entries[..2] {
        let observation = &entry["resource"];
        assert_eq!(observation["resourceType"], "Observation");
        assert_eq!(observation["status"], "final");
        assert!(observation["code"]["text"].is_string());
        assert_eq!(observation["note"][0]["text"], DISCLAIMER);
    }
    assert_eq!(
        entries[0]["resource"]["valueQuantity"],
        json!({ "value": 150.0, "unit": "points" })
    );
    assert_eq!(entries[1]["resource"]["valueCodeableConcept"]["text"], "about 3.9 %");
    let risk = &entries[2]["resource"];
    assert_eq!(risk["resourceType"], "RiskAssessment");
    assert!(risk["status"].is_string() && risk["subject"].is_object());
    assert_eq!(risk["prediction"].as_array().unwrap().len(), 2);
    assert_eq!(risk["basis"][0]["reference"], entries[0]["fullUrl"]);
}

#[test]
fn the_page_shows_result_sources_and_disclaimer_and_runs_nothing() {
    let description = protocol("cha2ds2-vasc").description();
    let readings = description.interpret(&[5]).unwrap();
    let page = OpinionPage {
        date: "2026-11-23".into(),
        expert: "<script>alert('x')</script> & Co".into(),
        inputs: vec![["Age".into(), "69 years".into(), "Patient/anna: birthDate".into()]],
        proofs: vec![["record commitment".into(), "0xabc".into()]],
        ..OpinionPage::default()
    };
    let html = html(&description, &readings, &page);
    for text in [
        "5 points",
        "69 years",
        "7.2 ischaemic strokes",
        "10.1378/chest.09-1584",
        "0xabc",
        DISCLAIMER,
    ] {
        assert!(html.contains(text), "{text}");
    }
    assert!(
        !html.contains("<script")
            && html.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; Co")
    );
}
