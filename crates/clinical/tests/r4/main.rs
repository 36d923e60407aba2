// SPDX-License-Identifier: Apache-2.0
//! What we write is FHIR R4: by HL7's JSON schema, and by the rules of the specification that a
//! schema can't say.
//!
//! Three validators that we did not write look at the same resources where they are installed
//! (`conformance.rs`); these tests need nothing and always run.

#[path = "../common/mod.rs"]
mod common;
mod rules;
mod schema;

use common::written::{opinions, questionnaires};
use rules::broken;
use schema::Schema;
use serde_json::{json, Value as Json};

#[test]
fn all_that_is_written_fits_the_schema() {
    let schema = Schema::of_r4();
    let written = [opinions(), questionnaires()].concat();
    assert!(written.len() > 300, "{}", written.len());
    for resource in &written {
        let problems = schema.problems(resource);
        assert!(problems.is_empty(), "{problems:#?}\n{resource:#}");
    }
}

#[test]
fn all_that_is_written_keeps_the_rules() {
    for resource in [opinions(), questionnaires()].concat() {
        let problems = broken(&resource);
        assert!(problems.is_empty(), "{problems:#?}\n{resource:#}");
    }
}

/// A resource with one field set, or taken away where the value is null.
fn changed(resource: &Json, place: &str, field: &str, value: Json) -> Json {
    let mut copy = resource.clone();
    let object = copy.pointer_mut(place).unwrap().as_object_mut().unwrap();
    match value {
        Json::Null => object.remove(field),
        value => object.insert(field.to_owned(), value),
    };
    copy
}

const OBSERVATION: &str = "/entry/0/resource";

/// The opinion at the edge, from another model than the published one, with a time.
fn edge_opinion() -> Json {
    let description = common::written::edge();
    let readings = description.interpret(&[17, 50, 60, 0, 0, 1], &Default::default()).unwrap();
    common::written::in_every_standing(&description, &readings).swap_remove(2)
}

/// Where its RiskAssessment stands: behind six outputs and a ranking.
const RISK: &str = "/entry/7/resource";

#[test]
fn the_schema_finds_what_is_wrong() {
    let schema = Schema::of_r4();
    let opinion = edge_opinion();
    let form = questionnaires().pop().unwrap();
    for (resource, place, field, value) in [
        (&opinion, "", "type", json!("list")),
        (&opinion, OBSERVATION, "status", json!("finished")),
        (&opinion, OBSERVATION, "code", Json::Null),
        (&opinion, OBSERVATION, "result", json!(1)),
        (&opinion, OBSERVATION, "effectiveDateTime", json!("23.11.2026")),
        (&opinion, OBSERVATION, "issued", json!("2026-11-23")),
        (&opinion, OBSERVATION, "note", json!({ "text": "x" })),
        (&opinion, &format!("{OBSERVATION}/code"), "text", json!("5\u{a0}%")),
        (&opinion, &format!("{OBSERVATION}/valueQuantity"), "value", json!("3")),
        (&opinion, &format!("{OBSERVATION}/text"), "status", json!("made")),
        (&opinion, RISK, "subject", Json::Null),
        (&opinion, RISK, "resourceType", json!("Risk")),
        (&opinion, &format!("{RISK}/prediction/0"), "probabilityDecimal", json!("8.5")),
        (&form, "", "status", json!("open")),
        (&form, "/item/0", "type", json!("number")),
        (&form, "/item/0", "linkId", json!(1)),
    ] {
        let broken = changed(resource, place, field, value);
        assert!(!schema.problems(&broken).is_empty(), "{place} {field}");
    }
}

#[test]
fn the_rules_find_what_is_wrong() {
    let opinion = edge_opinion();
    let form = questionnaires().pop().unwrap();
    let reference = |text: &str| json!([{ "reference": text }]);
    let wide = json!({ "low": { "value": 1, "unit": "%" } });
    let coded = json!([{ "system": "http://loinc.org", "code": "1-8" }]);
    let component = json!([{ "code": { "coding": coded }, "valueString": "x" }]);
    let code = json!({ "coding": coded });
    let double = changed(&opinion, "/entry/1", "fullUrl", opinion["entry"][0]["fullUrl"].clone());
    let div = |body: &str| {
        let div = format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{body}</div>");
        json!({ "status": "generated", "div": div })
    };
    let with_component = changed(&opinion, OBSERVATION, "component", component);
    let prediction = format!("{RISK}/prediction/0");
    for (broken_one, key) in [
        (changed(&opinion, "", "total", json!(8)), "bdl-1"),
        (changed(&opinion, "/entry/0", "search", json!({ "mode": "match" })), "bdl-2"),
        (changed(&opinion, "/entry/0", "request", json!({ "method": "PUT" })), "bdl-3"),
        (changed(&opinion, "/entry/0", "response", json!({ "status": "200" })), "bdl-4"),
        (changed(&opinion, "/entry/0", "resource", Json::Null), "bdl-5"),
        (double, "bdl-7"),
        (changed(&opinion, "/entry/0", "fullUrl", json!("http://a/_history/1")), "bdl-8"),
        (changed(&opinion, "", "type", json!("document")), "bdl-9"),
        (changed(&opinion, "/entry/0", "fullUrl", Json::Null), "fullUrl"),
        (changed(&opinion, "/entry/0", "fullUrl", json!("urn:uuid:1")), "fullUrl"),
        (changed(&opinion, RISK, "basis", reference("urn:uuid:1")), "resolves"),
        (changed(&opinion, RISK, "basis", reference("#1")), "ref-1"),
        (changed(&opinion, OBSERVATION, "contained", json!([{}])), "dom-2"),
        (changed(&opinion, OBSERVATION, "text", Json::Null), "dom-6"),
        (changed(&opinion, OBSERVATION, "text", div("<p>x</p><script/>")), "txt-1"),
        (changed(&opinion, OBSERVATION, "text", div("<p>a & b</p>")), "txt-1"),
        (changed(&opinion, OBSERVATION, "text", div("<p>x")), "txt-1"),
        (changed(&opinion, OBSERVATION, "text", div("<p> </p>")), "txt-2"),
        (changed(&opinion, OBSERVATION, "dataAbsentReason", json!({ "text": "x" })), "obs-6"),
        (changed(&with_component, OBSERVATION, "code", code), "obs-7"),
        (changed(&opinion, OBSERVATION, "referenceRange", json!([{ "type": {} }])), "obs-3"),
        (changed(&opinion, OBSERVATION, "valueString", json!("x")), "value[x]"),
        (changed(&opinion, OBSERVATION, "_effectivePeriod", json!({})), "effective[x]"),
        (changed(&opinion, OBSERVATION, "status", Json::Null), "1..1"),
        (changed(&opinion, OBSERVATION, "performer", json!([])), "ele-1"),
        (changed(&opinion, OBSERVATION, "extension", json!([{ "url": "http://a/b" }])), "ext-1"),
        (
            changed(&opinion, OBSERVATION, "effectiveDateTime", json!("2026-11-23T10:11:12")),
            "dateTime",
        ),
        (changed(&opinion, OBSERVATION, "effectiveDateTime", json!("2026-02-30")), "dateTime"),
        (changed(&opinion, &format!("{OBSERVATION}/valueQuantity"), "system", Json::Null), "qty-3"),
        (
            changed(&opinion, &format!("{OBSERVATION}/valueQuantity"), "code", json!("points")),
            "ucum",
        ),
        (changed(&opinion, RISK, "status", json!("done")), "observation-status"),
        (
            changed(&opinion, &format!("{RISK}/meta/security/0"), "code", json!("BAD")),
            "security-labels",
        ),
        (changed(&opinion, &prediction, "probabilityDecimal", json!(100.5)), "ras-2"),
        (changed(&opinion, &prediction, "probabilityRange", wide), "ras-1"),
        (changed(&form, "", "name", json!("edge-1")), "que-0"),
        (changed(&form, "", "status", Json::Null), "1..1"),
        (changed(&form, "/item/0", "type", json!("group")), "que-1"),
        (changed(&form, "/item/1", "linkId", form["item"][0]["linkId"].clone()), "que-2"),
        (changed(&form, "/item/0/item/0", "code", coded.clone()), "que-3"),
        (changed(&form, "/item/1", "answerValueSet", json!("http://a/b")), "que-4"),
        (changed(&form, "/item/0", "answerValueSet", json!("http://a/b")), "que-5"),
        (changed(&form, "/item/0/item/0", "required", json!(true)), "que-6"),
        (changed(&form, "/item/1", "initial", json!([{ "valueBoolean": true }])), "que-11"),
    ] {
        let problems = broken(&broken_one);
        assert!(problems.iter().any(|one| one.starts_with(key)), "{key}: {problems:?}");
    }
}
