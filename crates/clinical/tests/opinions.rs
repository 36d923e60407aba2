// SPDX-License-Identifier: Apache-2.0
//! What leaves: the questionnaire, the opinion as FHIR, the page for the doctor.

mod common;

use cso_clinical::fhir::{import, opinion, questionnaire};
use cso_clinical::intake::Kind;
use cso_clinical::report::{html, Page};
use cso_clinical::{Value, DISCLAIMER};
use jiff::civil::date;
use serde_json::{json, Value as Json};

use common::{protocol, shipped, TODAY};

#[test]
fn answers_to_the_generated_questionnaire_come_back_through_the_import() {
    for (name, protocol) in shipped() {
        let form = questionnaire(&protocol.description());
        assert_eq!(form["resourceType"], "Questionnaire");
        for example in protocol.examples() {
            let answers = example.full_answers(&protocol);
            let items: Vec<Json> = form["item"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| {
                    let answer = match (
                        &answers[item["linkId"].as_str().unwrap()],
                        item["type"].as_str().unwrap(),
                    ) {
                        (Value::Flag(flag), "boolean") => json!({ "valueBoolean": flag }),
                        (Value::Quantity(number), "decimal") => json!({ "valueDecimal": number }),
                        (Value::Choice(id), "choice") => {
                            let options = item["answerOption"].as_array().unwrap();
                            options
                                .iter()
                                .find(|option| option["valueCoding"]["code"] == id.as_str())
                                .unwrap()
                                .clone()
                        }
                        other => panic!("{name}: {other:?}"),
                    };
                    json!({ "linkId": item["linkId"], "answer": [answer] })
                })
                .collect();
            let response = json!({ "resourceType": "QuestionnaireResponse", "status": "completed",
                "questionnaire": form["url"], "item": items });
            let found = import(&response.to_string(), protocol.intake(), TODAY).unwrap();
            assert_eq!(found.answers(), answers, "{name}");
        }
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
        (
            &extensions[1]["valueDecimal"],
            &extensions[2]["valueDecimal"]
        ),
        (&json!(20.0), &json!(46.0))
    );
}

#[test]
fn opinions_have_what_the_resources_require() {
    let description = protocol("grace").description();
    let readings = description.interpret(&[149, 9]).unwrap();
    let bundle = opinion(
        &description,
        &readings,
        date(2026, 11, 23),
        "Dr. Bea Sample",
    );
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
    assert_eq!(
        entries[1]["resource"]["valueCodeableConcept"]["text"],
        "about 3.9 %"
    );
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
    let page = Page {
        answered: "2026-11-23".into(),
        expert: "<script>alert('x')</script> & Co".into(),
        inputs: vec![[
            "Age".into(),
            "69 years".into(),
            "Patient/anna: birthDate".into(),
        ]],
        proofs: vec![["record commitment".into(), "0xabc".into()]],
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
