// SPDX-License-Identifier: Apache-2.0
//! Protocol files that name a model file in their folder.

mod common;

use cso_clinical::intake::{Answers, Value};
use cso_clinical::{compile, Protocol};
use cso_model_files::Cell;

const TOML: &str = r#"
format = 1
[protocol]
id = "stay"
title = "Days in hospital"
version = "1"
language = "en"
licence = "Apache-2.0"
setting = "elective"
intended_use = "Tests."
[[intake]]
id = "lactate"
label = "Lactate"
kind = "quantity"
unit = "mmol/L"
min = 0
max = 12.7
step = 0.1
missing = true
[[intake]]
id = "age"
label = "Age"
kind = "quantity"
unit = "a"
min = 18
max = 100
step = 1
[[output]]
id = "days"
label = "Days"
min = 0
max = 20
meaning = [{ from = 0, to = 20, text = "Days.", next = "ask" }]
[model]
file = "tree.pmml"
[[model.output]]
id = "days"
clamp = true
"#;

#[test]
fn the_model_is_read_over_the_protocols_features() {
    assert_eq!(Protocol::model_file(TOML).unwrap().as_deref(), Some("tree.pmml"));
    let protocol = Protocol::from_toml_with(TOML, &common::model_file).unwrap();
    let compiled = compile(&protocol).unwrap();
    let model = cso_model_files::read(&common::model_file("tree.pmml").unwrap()).unwrap();
    for age in 18..=100 {
        for lactate in (0..=127).map(|steps| Some(f64::from(steps) / 10.0)).chain([None]) {
            let case = [Cell::Number(f64::from(age)), lactate.map_or(Cell::Missing, Cell::Number)];
            let expected = model.predict(&case).unwrap().values[0];
            let answers = Answers::from([
                ("age".to_owned(), Value::Quantity(f64::from(age))),
                ("lactate".to_owned(), lactate.map_or(Value::Missing, Value::Quantity)),
            ]);
            let bits = protocol.intake().encode(&answers).unwrap().bits;
            assert_eq!(
                compiled.program.evaluate(&bits).unwrap(),
                [expected as u16],
                "{age}, {lactate:?}"
            );
            assert_eq!(protocol.evaluate(&answers).unwrap(), [expected as u16]);
        }
    }
}

#[test]
fn refuses_model_files_that_are_not_there_or_do_not_fit() {
    let problem =
        |toml: &str| Protocol::from_toml_with(toml, &common::model_file).unwrap_err().to_string();
    let named = |name: &str| TOML.replace("tree.pmml", name);
    for name in ["../tree.pmml", "/etc/passwd", ".tree", "", "stay.toml", "a b"] {
        assert!(problem(&named(name)).contains("it must be a plain name"), "{name}");
        assert!(Protocol::model_file(&named(name)).is_err());
    }
    assert!(problem(&named("nothing.pmml")).starts_with("model file `nothing.pmml`: No such file"));
    assert_eq!(
        problem(&named("chain.pmml")),
        "model file `chain.pmml`: the model reads `smoker`, which the protocol doesn't ask: add an `[[intake]]` with that id"
    );
    assert_eq!(
        problem(&TOML.replace("file = ", "intercept = 1\nfile = ")),
        "model file `tree.pmml`: leave `intercept` and `[[model.term]]` out beside `file`"
    );
    assert_eq!(
        Protocol::from_toml(TOML).unwrap_err().to_string(),
        "model file `tree.pmml`: there is no folder here to read it from"
    );
    assert_eq!(Protocol::model_file("format = 1").unwrap(), None);
}
