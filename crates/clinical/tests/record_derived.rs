// SPDX-License-Identifier: Apache-2.0
//! Answers that are computed from answers to other features.

mod common;

use common::{came_of, check, intake, read_record, read_resources, try_intake, TODAY};
use cso_clinical::fhir::{import_rest, RecordFile};
use cso_clinical::intake::{Answers, Intake, Value};
use serde_json::{json, Value as Json};
use std::collections::BTreeSet;

/// The kidneys' filtration by the laboratory, or from creatinine; body mass index from weight and
/// height.
const FEATURES: &str = r#"
[[intake]]
id = "egfr"
label = "eGFR"
kind = "quantity"
unit = "mL/min/{1.73_m2}"
min = 0
max = 150
step = 1
limits = [0, 300]
[[intake.source]]
kind = "observation"
loinc = ["98979-8"]
within-days = 365
[[intake.source]]
kind = "derived"
formula = "ckd-epi-2021"
from = { creatinine = "creatinine", age = "age", sex = "sex" }
[[intake]]
id = "age"
label = "Age"
kind = "quantity"
unit = "a"
min = 18
max = 90
step = 1
limits = [0, 130]
local = true
[[intake.source]]
kind = "patient"
field = "age"
[[intake]]
id = "sex"
label = "Sex"
kind = "choice"
options = [{ id = "male", label = "male" }, { id = "female", label = "female" }, { id = "other", label = "other" }]
local = true
[[intake.source]]
kind = "patient"
field = "sex"
[[intake]]
id = "creatinine"
label = "Creatinine"
kind = "quantity"
unit = "umol/L"
min = 0
max = 1000
step = 1
analyte = "creatinine"
local = true
[[intake.source]]
kind = "observation"
value-sets = ["creatinine"]
[[intake]]
id = "bmi"
label = "Body mass index"
kind = "quantity"
unit = "kg/m2"
min = 10
max = 60
step = 0.1
[[intake.source]]
kind = "observation"
loinc = ["39156-5"]
[[intake.source]]
kind = "derived"
formula = "body-mass-index"
from = { weight = "weight", height = "height" }
[[intake]]
id = "weight"
label = "Weight"
kind = "quantity"
unit = "kg"
min = 20
max = 300
step = 1
local = true
[[intake.source]]
kind = "observation"
loinc = ["29463-7"]
[[intake]]
id = "height"
label = "Height"
kind = "quantity"
unit = "cm"
min = 100
max = 220
step = 1
local = true
[[intake.source]]
kind = "observation"
loinc = ["8302-2"]
"#;

fn answers(pairs: &[(&str, Value)]) -> Answers {
    pairs.iter().map(|(id, value)| ((*id).to_owned(), value.clone())).collect()
}

fn number(value: f64) -> Value {
    Value::Quantity(value)
}

fn sex(id: &str) -> Value {
    Value::Choice(id.to_owned())
}

fn derived(intake: &Intake, given: &Answers, feature: &str) -> Option<f64> {
    let all = intake.derive(given);
    all.iter().find(|one| one.feature == feature).map(|one| match one.value {
        Value::Quantity(value) => value,
        _ => panic!("{one:?}"),
    })
}

/// Values by the functions `CKDEpi2021.creat` of nephro and `egfr.ckdepi.cr.2021` of kidney.epi,
/// whose formula was computed in Python, for creatinine in mg/dL.
const CKD_EPI: [(f64, f64, &str, f64); 8] = [
    (1.4, 60.0, "male", 57.539),
    (0.9, 60.0, "male", 97.775),
    (0.6, 30.0, "male", 133.180),
    (3.0, 75.0, "male", 21.002),
    (0.7, 40.0, "female", 112.054),
    (0.5, 25.0, "female", 133.401),
    (1.1, 70.0, "female", 54.056),
    (5.2, 88.0, "female", 7.494),
];

#[test]
fn filtration_is_that_of_ckd_epi_2021() {
    let intake = intake(FEATURES);
    for (creatinine, age, of, right) in CKD_EPI {
        let given = answers(&[
            ("creatinine", number(creatinine * 10_000.0 / 113.12)),
            ("age", number(age)),
            ("sex", sex(of)),
        ]);
        let found = derived(&intake, &given, "egfr").unwrap();
        assert!((found - right).abs() < 0.005, "{creatinine} {age} {of}: {found} is not {right}");
    }
}

#[test]
fn what_cannot_be_computed_stays_open() {
    let intake = intake(FEATURES);
    let all = [("creatinine", number(88.4)), ("age", number(60.0)), ("sex", sex("male"))];
    assert!(derived(&intake, &answers(&all), "egfr").is_some());
    for (rule, changed) in [
        ("a child", ("age", number(17.0))),
        ("no creatinine", ("creatinine", number(0.0))),
        ("beyond the limits", ("creatinine", number(0.001))),
        ("neither", ("sex", sex("other"))),
        ("unknown", ("sex", Value::Missing)),
    ] {
        let mut given = answers(&all);
        given.insert(changed.0.to_owned(), changed.1);
        assert_eq!(derived(&intake, &given, "egfr"), None, "{rule}");
    }
    assert_eq!(derived(&intake, &answers(&all[..2]), "egfr"), None);
    let mut answered = answers(&all);
    answered.insert("egfr".to_owned(), number(50.0));
    assert_eq!(derived(&intake, &answered, "egfr"), None, "it is answered already");
    let body = |weight, height| answers(&[("weight", number(weight)), ("height", number(height))]);
    assert!((derived(&intake, &body(80.0, 200.0), "bmi").unwrap() - 20.0).abs() < 1e-9);
    assert_eq!(derived(&intake, &body(80.0, 2.0), "bmi"), None);
}

#[test]
fn inputs_are_needed_while_something_they_serve_is_open() {
    let intake = intake(FEATURES);
    let open = Answers::new();
    let done = answers(&[("egfr", number(60.0))]);
    for (feature, answered, right) in [
        ("creatinine", &open, true),
        ("creatinine", &done, false),
        ("age", &done, false),
        ("weight", &done, true),
        ("egfr", &done, true),
        ("other", &done, true),
        ("no such feature", &done, false),
    ] {
        assert_eq!(intake.is_needed(feature, answered), right, "{feature} {answered:?}");
    }
    let used = intake.with_used(BTreeSet::from(["age".to_owned()]));
    assert!(used.is_needed("age", &done) && !used.is_needed("sex", &done));
}

fn observation(id: &str, loinc: &str, value: Json) -> Json {
    json!({ "resourceType": "Observation", "id": id, "status": "final",
        "effectiveDateTime": "2026-11-20",
        "code": { "coding": [{ "system": "http://loinc.org", "code": loinc }] },
        "valueQuantity": value })
}

fn quantity(value: f64, unit: &str) -> Json {
    json!({ "value": value, "code": unit, "system": "http://unitsofmeasure.org" })
}

fn patient() -> Json {
    json!({ "resourceType": "Patient", "id": "p", "gender": "male", "birthDate": "1966-03-14" })
}

#[test]
fn a_record_answers_by_what_it_has() {
    let limit = json!({ "value": 2, "comparator": "<", "code": "mg/dL",
        "system": "http://unitsofmeasure.org" });
    let creatinine = || observation("c", "2160-0", quantity(1.4, "mg/dL"));
    let lab = |value: Json| observation("e", "98979-8", value);
    let rate = |value: f64| quantity(value, "mL/min/{1.73_m2}");
    let cases: &[(&str, Vec<Json>, &str, &str)] = &[
        ("both", vec![patient(), creatinine(), lab(rate(50.0))], "= 50", "= 123.762376"),
        ("the laboratory alone", vec![patient(), lab(rate(50.0))], "= 50", ""),
        ("neither", vec![patient()], "- ckd-epi-2021 needs age, creatinine, sex", "- nothing"),
        (
            "an input in doubt",
            vec![patient(), observation("c", "2160-0", limit)],
            "? ckd-epi-2021 needs `creatinine`: Observation/c (2160-0), value: `<2 mg/dL` is only a limit",
            "? is only a limit",
        ),
        (
            "what it is computed from couldn't be read",
            vec![
                patient(),
                json!({ "resourceType": "OperationOutcome",
                    "issue": [{ "severity": "error", "code": "exception" }] }),
            ],
            "? ckd-epi-2021 needs",
            "? exception",
        ),
        (
            "a laboratory value in doubt",
            vec![patient(), creatinine(), lab(quantity(50.0, "kg"))],
            "? can't be converted",
            "= 123.762376",
        ),
        (
            "a child",
            vec![
                json!({ "resourceType": "Patient", "id": "p", "gender": "male", "birthDate": "2010-03-14" }),
                creatinine(),
            ],
            "? the formula is one of adults",
            "= 123.762376",
        ),
    ];
    for (rule, resources, egfr, creatinine) in cases {
        let import = read_resources(&intake(FEATURES), resources);
        check(rule, &import, "egfr", egfr);
        check(rule, &import, "creatinine", creatinine);
    }
    let import = read_resources(&intake(FEATURES), &[patient(), creatinine()]);
    let found = import.findings.iter().find(|one| one.feature == "egfr").unwrap();
    let Value::Quantity(value) = found.value else { panic!("{found:?}") };
    assert!((value - 57.539).abs() < 0.005, "{value}");
    assert_eq!(
        found.origin,
        "age (Patient/p: birthDate), creatinine (Observation/c of 2026-11-20: 2160-0), sex (Patient/p: gender)"
    );
    assert!(found
        .conversion
        .as_ref()
        .unwrap()
        .starts_with("ckd-epi-2021 of age 60 years, creatinine "));
}

fn at(day: &str, observation: Json) -> Json {
    let mut observation = observation;
    observation["effectiveDateTime"] = json!(day);
    observation
}

/// The later of a recorded value and what one is computed from decides, as everywhere.
#[test]
fn an_older_value_never_stands_in_for_newer_inputs() {
    let lab = |day: &str| at(day, observation("e", "98979-8", quantity(75.0, "mL/min/{1.73_m2}")));
    let creatinine = |day: &str, value: Json| at(day, observation("c", "2160-0", value));
    let high = || quantity(3.6, "mg/dL");
    let no_sex = || json!({ "resourceType": "Patient", "id": "p", "birthDate": "1966-03-14" });
    let unclear = || {
        let mut lab = lab("2026-01-05");
        lab["status"] = json!("unknown");
        lab
    };
    let cases: &[(&str, Vec<Json>, &str, &[&str])] = &[
        (
            "later",
            vec![patient(), lab("2026-01-05"), creatinine("2026-11-20", high())],
            "= 18.",
            &[],
        ),
        (
            "of one day",
            vec![patient(), lab("2026-11-20"), creatinine("2026-11-20", high())],
            "= 75",
            &[],
        ),
        (
            "earlier",
            vec![patient(), lab("2026-11-20"), creatinine("2026-11-19", high())],
            "= 75",
            &[],
        ),
        (
            "may be earlier",
            vec![patient(), lab("2026-11-20"), creatinine("2026", high())],
            "= 75",
            &[],
        ),
        (
            "later than what is in doubt",
            vec![patient(), unclear(), creatinine("2026-11-20", high())],
            "= 18.",
            &[],
        ),
        (
            "later and in doubt",
            vec![patient(), lab("2026-01-05"), creatinine("2026-11-20", quantity(3.6, "kg"))],
            "? ckd-epi-2021 needs `creatinine`",
            &["creatinine"],
        ),
        (
            "later, and another isn't there",
            vec![no_sex(), lab("2026-01-05"), creatinine("2026-11-20", high())],
            "? is older than `creatinine` of 2026-11-20, from which it is computed",
            &["sex"],
        ),
        (
            "a doubt of its own",
            vec![patient(), creatinine("2026-11-19", high()), {
                let mut lab = lab("2026-11-20");
                lab["status"] = json!("unknown");
                lab
            }],
            "? doesn't say whether it counts",
            &[],
        ),
    ];
    for (rule, resources, egfr, of_inputs) in cases {
        let import = read_resources(&intake(FEATURES), resources);
        let came = came_of(&import, "egfr");
        match egfr.strip_suffix('.') {
            Some(begin) => assert!(came.starts_with(begin), "{rule}: {came}"),
            None => check(rule, &import, "egfr", egfr),
        }
        let missing = import.missing.iter().find(|one| one.feature == "egfr");
        let found = missing.map_or(&[][..], |one| &one.of_inputs);
        assert_eq!(found, *of_inputs, "{rule}");
    }
    // An answer of one's own to an input doesn't bring the older value back.
    let all = [patient(), lab("2026-01-05"), creatinine("2026-11-20", high())];
    let entries: Vec<Json> = all.iter().map(|one| json!({ "resource": one })).collect();
    let bundle = json!({ "resourceType": "Bundle", "type": "collection", "entry": entries });
    let bundle = bundle.to_string();
    let files = [RecordFile { name: "r.json", bytes: bundle.as_bytes() }];
    let import = import_rest(&files, &intake(FEATURES), TODAY, |id| id == "creatinine").unwrap();
    let egfr = import.missing.iter().find(|one| one.feature == "egfr").unwrap();
    assert_eq!(egfr.of_inputs, ["creatinine"], "{egfr:?}");
    assert_eq!(came_of(&import, "creatinine"), "");
}

/// As of the source that is a body mass index: a child's height says nothing of an adult.
#[test]
fn weight_and_height_of_a_record_must_go_together() {
    let weight = || at("2026-11-01", observation("w", "29463-7", quantity(72.0, "kg")));
    let height = |day: Option<&str>| {
        let mut height = observation("h", "8302-2", quantity(148.0, "cm"));
        height["effectiveDateTime"] = json!(day);
        height
    };
    for (rule, day, bmi) in [
        ("a child", Some("1977-06-01"), "? may be of a child"),
        ("no date", None, "? has no date"),
        ("grown up", Some("1984-06-01"), "= 32.8"),
    ] {
        let all = [patient(), weight(), height(day)];
        let import = read_resources(&intake(FEATURES), &all);
        let came = came_of(&import, "bmi");
        match bmi.starts_with('=') {
            true => assert!(came.starts_with(bmi), "{rule}: {came}"),
            false => check(rule, &import, "bmi", bmi),
        }
        let doubt = import.missing.iter().find(|one| one.feature == "bmi");
        assert!(doubt.is_none_or(|one| one.of_inputs == ["height"]), "{rule}: {doubt:?}");
    }
    let child = json!({ "resourceType": "Patient", "id": "p", "gender": "male", "birthDate": "2012-01-01" });
    let all = [child, weight(), height(Some("2026-10-20"))];
    let import = read_resources(&intake(FEATURES), &all);
    assert!(came_of(&import, "bmi").starts_with("= 32.8"), "of one month: {import:?}");
    // A recorded index of before the weight doesn't stand in for it.
    let recorded = at("2025-01-10", observation("b", "39156-5", quantity(39.0, "kg/m2")));
    let all = [patient(), weight(), height(Some("2010-01-01")), recorded];
    let import = read_resources(&intake(FEATURES), &all);
    assert!(came_of(&import, "bmi").starts_with("= 32.8"), "{import:?}");
}

/// What somebody answered isn't read, so that it is computed once all is answered.
#[test]
fn answers_of_a_person_are_left_to_the_caller() {
    let bundle = json!({ "resourceType": "Bundle", "type": "collection",
        "entry": [{ "resource": patient() }] })
    .to_string();
    let files = [RecordFile { name: "r.json", bytes: bundle.as_bytes() }];
    let intake = intake(FEATURES);
    let import = import_rest(&files, &intake, TODAY, |id| id == "creatinine").unwrap();
    assert!(came_of(&import, "egfr").starts_with("- ckd-epi-2021 needs"), "{import:?}");
    let import = import_rest(&files, &intake, TODAY, |id| id == "egfr").unwrap();
    assert_eq!(came_of(&import, "creatinine"), "", "it serves nothing");
    assert!(read_record(&bundle, &intake, TODAY).is_ok());
}

#[test]
fn formulas_take_what_they_need() {
    for (from, to, words) in [
        (
            "ckd-epi-2021",
            "ckd-epi-2020",
            "formula `ckd-epi-2020` is unknown: use one of ckd-epi-2021, body-mass-index",
        ),
        ("sex = \"sex\" }", "}", "names the features of age, creatinine, sex"),
        (
            "creatinine = \"creatinine\",",
            "creatinine = \"none\",",
            "takes `none` as creatinine: there is no such feature",
        ),
        (
            "creatinine = \"creatinine\",",
            "creatinine = \"weight\",",
            "takes `weight` as creatinine: unit",
        ),
        ("creatinine = \"creatinine\",", "creatinine = \"bmi\",", "it is derived itself"),
        ("sex = \"sex\" }", "sex = \"age\" }", "a choice with `male` and `female` is needed"),
        ("age = \"age\",", "age = \"sex\",", "a quantity in a is needed"),
        ("unit = \"kg/m2\"", "unit = \"kg\"", "doesn't convert"),
    ] {
        assert!(FEATURES.contains(from), "{from}");
        let error = try_intake(&FEATURES.replacen(from, to, 1)).unwrap_err();
        assert!(error.contains(words), "{error}");
    }
}
