// SPDX-License-Identifier: Apache-2.0
//! What a history leaves open: questions, and a group that somebody confirms.

use cso_client::{
    consultation::{Filling, FillingError},
    vault::Origin,
};
use cso_clinical::{fhir::RecordFile, intake::Feature, Description, Protocol, Value};
use jiff::civil::date;
use serde_json::{json, Value as Json};

const CHA2DS2_VASC: &str = include_str!("../../clinical/protocols/cha2ds2-vasc.toml");
/// Its features that silence may make "no".
const FLAGS: [&str; 5] =
    ["heart-failure", "hypertension", "diabetes", "stroke", "vascular-disease"];
/// What it always asks.
const ASKED: [(&str, &str); 4] = [
    ("atrial-fibrillation", "yes"),
    ("anticoagulant", "no"),
    ("valve", "no"),
    ("cardiomyopathy", "no"),
];

fn patient() -> Json {
    json!({ "resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1957-03-14" })
}

fn condition(code: Json) -> Json {
    json!({ "resourceType": "Condition", "id": "c", "code": code, "subject": { "reference": "Patient/p" } })
}

fn icd(code: &str) -> Json {
    json!({ "coding": [{ "system": "http://hl7.org/fhir/sid/icd-10", "code": code }] })
}

fn bundle(resources: &[Json]) -> String {
    let entries: Vec<Json> = resources.iter().map(|one| json!({ "resource": one })).collect();
    json!({ "resourceType": "Bundle", "type": "collection", "entry": entries }).to_string()
}

fn filling<'a>(description: &'a Description, record: &str) -> Filling<'a> {
    let mut filling = Filling::new(description);
    let files = [RecordFile { name: "record.json", bytes: record.as_bytes() }];
    filling.read_history(&files, date(2026, 11, 23)).unwrap();
    for (id, text) in ASKED.iter().filter(|(id, _)| description.intake().feature(id).is_some()) {
        filling.read_answer(id, text, "typed").unwrap();
    }
    filling
}

fn silent(filling: &Filling<'_>) -> Vec<String> {
    filling.unconfirmed().features.into_iter().map(|one| one.feature).collect()
}

#[test]
fn silence_answers_nothing_until_somebody_confirms_it() {
    let protocol = Protocol::from_toml(CHA2DS2_VASC).unwrap();
    let description = protocol.description();
    let record = bundle(&[patient(), condition(icd("I10"))]);
    let mut filling = filling(&description, &record);
    let without_hypertension = FLAGS.into_iter().filter(|id| *id != "hypertension");
    assert_eq!(silent(&filling), without_hypertension.collect::<Vec<_>>());
    assert!(filling.open().is_empty() && filling.answers().len() == 3 + ASKED.len());
    let Err(FillingError::Unconfirmed(gaps)) = filling.require_complete() else { panic!() };
    assert_eq!(gaps.len(), 4);
    // Every answer is told, and none of them as if it were one.
    let inputs = filling.inputs();
    assert_eq!(inputs.len(), protocol.intake().features().len());
    assert!(inputs.iter().filter(|one| one.value == "no, unconfirmed").count() == 4);
    assert!(filling.encode().is_err());

    filling.confirm_no();
    filling.require_complete().unwrap();
    assert!(filling.encode().is_ok() && silent(&filling).is_empty());
    let inputs = filling.inputs();
    let confirmed = inputs.iter().filter(|one| one.origin == Origin::Confirmed);
    assert_eq!(confirmed.count(), 4);
}

#[test]
fn who_does_not_confirm_is_asked_one_by_one() {
    let description = Protocol::from_toml(CHA2DS2_VASC).unwrap().description();
    let mut filling = filling(&description, &bundle(&[patient()]));
    assert_eq!(silent(&filling), FLAGS);
    // An answer of one's own leaves the group.
    filling.read_answer("stroke", "yes", "typed").unwrap();
    filling.ask_each();
    assert!(silent(&filling).is_empty());
    let open: Vec<&str> = filling.open().iter().map(|(feature, _)| feature.id.as_str()).collect();
    assert_eq!(open, FLAGS.into_iter().filter(|id| *id != "stroke").collect::<Vec<_>>());
    filling.confirm_no();
    assert!(matches!(filling.require_complete(), Err(FillingError::Incomplete { .. })));
}

#[test]
fn nothing_is_assumed_of_a_record_that_does_not_show_that_it_is_complete() {
    let description = Protocol::from_toml(CHA2DS2_VASC).unwrap().description();
    let own_words = json!({ "text": "Zuckerkrankheit" });
    for (record, words) in [
        (bundle(&[patient()]), "doesn't show that it has every Condition"),
        (bundle(&[patient(), condition(own_words)]), "Zuckerkrankheit"),
    ] {
        let mut filling = filling(&description, &record);
        let error = filling.assume_no().unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
        assert_eq!(silent(&filling), FLAGS);
    }
    // What nobody can tell is named where nobody can be asked.
    let record = bundle(&[patient(), condition(json!({ "text": "Zuckerkrankheit" }))]);
    let error = filling(&description, &record).require_complete().unwrap_err().to_string();
    assert!(error.starts_with("answers are missing: heart-failure"), "{error}");
    assert!(error.contains("Zuckerkrankheit"), "{error}");
}

#[test]
fn what_is_in_doubt_does_not_stay_open_unseen() {
    let falls = include_str!("../../wallet/tests/common/falls.toml").replace(
        "id = \"grip\"",
        "id = \"grip\"\nsource = [{ kind = \"observation\", loinc = [\"83174-3\"] }]",
    );
    let description = Protocol::from_toml(&falls).unwrap().description();
    let grip = |unit: &str| {
        json!({ "resourceType": "Observation", "id": "g", "status": "final", "effectiveDateTime": "2026-11-20",
            "code": { "coding": [{ "system": "http://loinc.org", "code": "83174-3" }] },
            "valueQuantity": { "value": 31, "unit": unit } })
    };
    let given = |record: Json| {
        let mut filling = filling(&description, &record.to_string());
        for (id, text) in [("age", "70"), ("aid", "none"), ("fell", "no")] {
            filling.read_answer(id, text, "typed").unwrap();
        }
        filling.leave_open();
        filling.require_complete().map(|()| filling.answers()["grip"].clone())
    };
    assert_eq!(given(grip("kg")).unwrap(), Value::Quantity(31.0));
    let Err(FillingError::Incomplete { gaps, .. }) = given(grip("stones of grip")) else {
        panic!()
    };
    assert!(gaps[0].reason.contains("31 stones of grip") && gaps[0].example == "missing");
    // Nothing at all may stay unknown.
    let other = json!({ "resourceType": "Observation", "status": "final",
        "code": { "coding": [{ "system": "http://loinc.org", "code": "8867-4" }] } });
    assert_eq!(given(other).unwrap(), Value::Missing);
    assert!(description.intake().features().iter().any(|one: &Feature| one.missing));
}

#[test]
fn what_nothing_depends_on_any_more_is_not_asked() {
    let findrisc = include_str!("../../clinical/protocols/findrisc.toml");
    let description = Protocol::from_toml(findrisc).unwrap().description();
    let asks = |filling: &Filling<'_>, id: &str| {
        let open = filling.open().iter().any(|(feature, _)| feature.id == id);
        assert_eq!(open, filling.rows().iter().any(|row| row.feature.id == id));
        open
    };
    let mut filling = Filling::new(&description);
    assert!(asks(&filling, "pregnant"));
    filling.read_answer("sex", "female", "typed").unwrap();
    assert!(asks(&filling, "pregnant"));
    filling.read_answer("sex", "male", "typed").unwrap();
    assert!(!asks(&filling, "pregnant"));
}

#[test]
fn answers_are_given_once_and_within_their_limits() {
    let description = Protocol::from_toml(CHA2DS2_VASC).unwrap().description();
    let mut filling = Filling::new(&description);
    for (text, words) in [
        (r#"{"stroke": false, "stroke": true}"#, "`stroke` is answered twice"),
        (r#"{"age": 300}"#, "age"),
        ("[1]", "an object of feature ids and values"),
    ] {
        let error = filling.read_answers(text, "file").unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    assert!(filling.is_empty());
    assert!(filling.read_answer("age", "300", "typed").is_err());
    // A byte order mark is no answer.
    filling.read_answers("\u{feff}{\"age\": 80}", "file").unwrap();
    assert_eq!(filling.answers()["age"], Value::Quantity(80.0));
}

#[test]
fn what_is_answered_asks_nothing_of_the_history() {
    let description = Protocol::from_toml(CHA2DS2_VASC).unwrap().description();
    let record = bundle(&[patient(), condition(json!({ "text": "Zuckerkrankheit" }))]);
    let mut filling = Filling::new(&description);
    for (id, text) in FLAGS.into_iter().map(|id| (id, "no")).chain(ASKED) {
        filling.read_answer(id, text, "typed").unwrap();
    }
    let files = [RecordFile { name: "record.json", bytes: record.as_bytes() }];
    filling.read_history(&files, date(2026, 11, 23)).unwrap();
    assert!(filling.unconfirmed().entries.is_empty());
    filling.require_complete().unwrap();
    filling.assume_no().unwrap();
}

const PREVENT: &str = include_str!("../../clinical/protocols/prevent.toml");

fn observation(id: &str, code: &str, when: &str, value: f64, unit: &str) -> Json {
    json!({ "resourceType": "Observation", "id": id, "status": "final", "effectiveDateTime": when,
        "code": { "coding": [{ "system": "http://loinc.org", "code": code }] },
        "valueQuantity": { "value": value, "system": "http://unitsofmeasure.org", "code": unit } })
}

/// What is computed settles a doubt about what it is computed from, once a person has answered
/// that, and no other one.
#[test]
fn a_doubt_is_settled_by_the_answers_that_it_is_about() {
    let description = Protocol::from_toml(PREVENT).unwrap().description();
    let has = |filling: &Filling<'_>, id: &str| filling.answers().contains_key(id);
    // A laboratory's rate that can't be read is a doubt of its own.
    let record = bundle(&[
        patient(),
        observation("c", "2160-0", "2026-09-01", 0.8, "mg/dL"),
        observation("e", "98979-8", "2026-11-20", 15.0, "kg"),
    ]);
    let mut typed = filling(&description, &record);
    assert!(!has(&typed, "egfr"));
    for (id, text) in [("sex", "female"), ("creatinine", "0.8"), ("age", "69")] {
        typed.read_answer(id, text, "typed").unwrap();
        assert!(!has(&typed, "egfr"), "{id}");
    }
    // A child's height is a doubt about the height.
    let record = bundle(&[
        patient(),
        observation("w", "29463-7", "2026-11-01", 72.0, "kg"),
        observation("h", "8302-2", "1968-06-01", 148.0, "cm"),
    ]);
    let mut typed = filling(&description, &record);
    assert!(!has(&typed, "bmi"));
    typed.read_answer("weight", "73 kg", "typed").unwrap();
    assert!(!has(&typed, "bmi"));
    typed.read_answer("height", "165 cm", "typed").unwrap();
    assert!(has(&typed, "bmi"));
}

/// Eligibility and what is computed go by the age itself, what leaves doesn't.
#[test]
fn ages_over_89_leave_as_90() {
    let description = Protocol::from_toml(CHA2DS2_VASC).unwrap().description();
    let old = json!({ "resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1928-03-14" });
    let filling = filling(&description, &bundle(&[old]));
    assert_eq!(filling.answers()["age"], Value::Quantity(98.0));
    assert_eq!(filling.disclosed()["age"], Value::Quantity(90.0));
}
