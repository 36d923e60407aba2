// SPDX-License-Identifier: Apache-2.0
//! The JSON schemas of protocol files and descriptions take what the readers take, and refuse what
//! they refuse.

mod common;

use boon::{Compiler, Schemas};
use cso_clinical::{compile, Description, Protocol};
use serde_json::{json, Value as Json};

const TOML: &str = include_str!("data/description-1.toml");
const FROZEN: &str = include_str!("data/description-1.json");
/// What protocols of trained models have, and scorecards don't.
const TRAINED: &str = include_str!("data/trained-model.toml");

/// Checks values against a schema of the crate's folder.
fn validator(schema: &str) -> impl Fn(&Json) -> Result<(), String> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(schema);
    let text: Json = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    let place = format!("https://cso.example/{schema}");
    compiler.add_resource(&place, text).unwrap();
    let index = compiler.compile(&place, &mut schemas).unwrap();
    move |value| schemas.validate(value, index).map_err(|error| format!("{error:#}"))
}

#[test]
fn files_and_descriptions_fit_their_schemas() {
    let (file, description) =
        (validator("protocol.schema.json"), validator("description.schema.json"));
    let every_kind = include_str!("every-kind.toml").to_owned();
    let shipped = common::shipped().into_iter().map(|(name, _)| common::protocol_text(&name));
    for toml in shipped.chain([TOML, TRAINED].map(str::to_owned)).chain([every_kind]) {
        let protocol = Protocol::from_toml(&toml).unwrap();
        let id = &protocol.meta().id;
        file(&toml::from_str(&toml).unwrap()).unwrap_or_else(|error| panic!("{id}: {error}"));
        let json: Json = serde_json::from_str(&protocol.description().to_json()).unwrap();
        description(&json).unwrap_or_else(|error| panic!("{id}: {error}"));
    }
    let frozen: Json = serde_json::from_str(FROZEN).unwrap();
    for (pointer, value) in [
        ("/protocol/setting", Json::from("leisure")),
        ("/requires/0/when", Json::from("")),
        ("/output/0/meaning/2/figure/0/rate/per", Json::from("soon")),
        ("/output/0/meaning/2/text", Json::from(3)),
        ("/moment/0/within-hours", Json::from(0)),
        ("/disclosure/0/label", Json::Null),
        ("/protocol/setting", Json::from("SETTING")),
        ("/protocol/language", Json::from("e")),
        ("/protocol/licence", Json::from("whatever you like!")),
        ("/protocol/reference/0/doi", Json::from("https://doi.org/10.1000/example")),
        ("/protocol/reference/1/url", Json::from("https://")),
        ("/intake/1/source/0/within-days", Json::from(36_526)),
        ("/intake/1/source/0/loinc", Json::from("2160-0")),
        ("/intake/1/limits", json!([0.1, 20, 30])),
        ("/output/0/meaning/2/figure/0/rate/per", Json::from("1e3 a")),
        ("/output/0/meaning/2/figure/0/interval", json!([11, 14, 15])),
        ("/output/0/meaning/2/figure/0/years", Json::from("2005 to 2008")),
    ] {
        let mut broken = frozen.clone();
        *broken.pointer_mut(pointer).unwrap() = value;
        assert!(description(&broken).is_err(), "{pointer}");
        assert!(Description::from_json(&broken.to_string()).is_err(), "{pointer}");
    }
    // What a source may say, and hours, times and sets of it.
    for (source, is_right) in [
        (r#"{"kind":"observation","loinc":["2345-7"],"within-hours":1}"#, true),
        (r#"{"kind":"observation","loinc":["2345-7"],"within-hours":0}"#, false),
        (r#"{"kind":"observation","loinc":["2345-7"],"within-hours":8785}"#, false),
        (r#"{"kind":"observation","value-sets":["creatinine|1"]}"#, true),
        (r#"{"kind":"observation","value-sets":["creatinine|none"]}"#, true),
        (r#"{"kind":"observation","value-sets":["creatinine"]}"#, false),
        (r#"{"kind":"observation","value-sets":["creatinine|"]}"#, false),
        (r#"{"kind":"observation","value-sets":["no-such-set"]}"#, false),
    ] {
        let mut changed = frozen.clone();
        changed["intake"][1]["source"][0] = serde_json::from_str(source).unwrap();
        assert_eq!(description(&changed).is_ok(), is_right, "{source}");
        assert_eq!(Description::from_json(&changed.to_string()).is_ok(), is_right, "{source}");
    }
    for (times, is_right) in [(1, false), (2, true), (10, true), (11, false)] {
        let mut changed = frozen.clone();
        changed["intake"][3]["source"][0] = json!({
            "kind": "observation", "loinc": ["2345-7"], "at-least": 3, "unit": "mmol/L", "times": times
        });
        assert_eq!(description(&changed).is_ok(), is_right, "{times}");
        assert_eq!(Description::from_json(&changed.to_string()).is_ok(), is_right, "{times}");
    }
}

/// The file as the schemas and the reader see it.
fn trained() -> (Json, Json) {
    let protocol = Protocol::from_toml(TRAINED).unwrap_or_else(|error| panic!("{error}"));
    let description = serde_json::from_str(&protocol.description().to_json()).unwrap();
    (toml::from_str(TRAINED).unwrap(), description)
}

#[test]
fn bins_and_gaps_take_their_bits_and_inputs_of_formulas_none() {
    let protocol = Protocol::from_toml(TRAINED).unwrap();
    let summary = compile(&protocol).unwrap().summary;
    // Six bins and a gap, 79 values of the index; weight and height stay with the patient.
    assert_eq!(summary.bits, (3 + 1) + 7);
}

#[test]
fn what_contradicts_itself_fits_no_description() {
    let description = validator("description.schema.json");
    let (_, right) = trained();
    description(&right).unwrap();
    Description::from_json(&right.to_string()).unwrap();
    for (place, field, value) in [
        ("/intake/0", "rounding", json!("nearest")),
        ("/intake/0", "missing", json!(false)),
        ("/intake/0", "edges", json!([450, "high"])),
        ("/intake/0", "missing-codes", json!(-1)),
        ("/intake/3/source/0", "formula", json!("bmi")),
        ("/output/0", "guarded", json!("yes")),
    ] {
        let mut broken = right.clone();
        broken.pointer_mut(place).unwrap()[field] = value;
        assert!(description(&broken).is_err(), "{place}/{field}");
        assert!(Description::from_json(&broken.to_string()).is_err(), "{place}/{field}");
    }
}

#[test]
fn links_of_several_sums_fit_the_schema_as_they_are_read() {
    let file = validator("protocol.schema.json");
    let (right, _) = trained();
    let two = json!([{ "at": 0, "points": 0 }, { "at": 1, "points": 1 }]);
    for (field, value, is_right) in [
        ("lines", two.clone(), true),
        ("lines", json!([{ "at": 0, "points": 0 }]), false),
        ("lines", json!([{ "at": 0, "value": 0 }]), false),
        ("mixed", json!([{ "sum": "second", "link": "lines", "lines": two, "times": 50 }]), true),
        ("mixed", json!([{ "sum": "second", "link": "classes", "times": 50 }]), false),
        ("mixed", json!([{ "link": "logistic", "times": 50 }]), false),
    ] {
        let mut changed = right.clone();
        changed["model"]["output"][1][field] = value;
        assert_eq!(file(&changed).is_ok(), is_right, "{field}: {changed}");
        let text = toml::to_string(&as_toml(&changed)).unwrap();
        let read = Protocol::from_toml(&text).map(drop);
        assert_eq!(read.is_ok(), is_right, "{field}: {read:?}\n{text}");
    }
}

/// The same in TOML, number by number: numbers of JSON may be kept with all their digits.
fn as_toml(json: &Json) -> toml::Value {
    match json {
        Json::Null => panic!("TOML has no null"),
        Json::Bool(truth) => (*truth).into(),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => whole.into(),
            None => number.as_f64().unwrap().into(),
        },
        Json::String(text) => text.as_str().into(),
        Json::Array(list) => list.iter().map(as_toml).collect::<Vec<_>>().into(),
        Json::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| (name.clone(), as_toml(value)));
            toml::Value::Table(fields.collect())
        }
    }
}
