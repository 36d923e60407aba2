// SPDX-License-Identifier: Apache-2.0
//! What the compiler says of the difference between model and program, and of costs.

mod common;

use cso_clinical::compile::agreement;
use cso_clinical::intake::{Answers, Value};
use cso_clinical::{compile, Protocol};
use cso_fhe::{Profile, Record};

/// Two classes by bands of one quantity, whose answers are rounded to whole numbers.
fn protocol() -> Protocol {
    Protocol::from_toml(
        r#"
format = 1
[protocol]
id = "limits"
title = "Limits"
version = "1"
language = "en"
licence = "Apache-2.0"
setting = "elective"
intended_use = "Tests."
[[intake]]
id = "x"
label = "x"
kind = "quantity"
unit = "1"
min = 0
max = 10
step = 1
rounding = "nearest"
[[output]]
id = "low"
label = "Low"
min = 0
max = 10
meaning = [{ from = 0, to = 4, text = "little", next = "ask" }, { from = 5, to = 10, text = "much", next = "ask" }]
[[output]]
id = "high"
label = "High"
min = 0
max = 10
meaning = [{ from = 0, to = 10, text = "any", next = "ask" }]
[[ranking]]
id = "class"
label = "Class"
outputs = ["low", "high"]
[model]
intercept = { down = 10 }
[[model.output]]
id = "low"
sum = "down"
clamp = true
[[model.output]]
id = "high"
sum = "up"
[[model.term]]
sum = "down"
feature = "x"
weight = -1
[[model.term]]
sum = "up"
feature = "x"
bands = [{ below = 5, points = 2 }, { points = 8 }]
"#,
    )
    .unwrap()
}

fn cases(values: &[f64]) -> Vec<Answers> {
    let answers = |value: &f64| Answers::from([("x".to_owned(), Value::Quantity(*value))]);
    values.iter().map(answers).collect()
}

#[test]
fn grid_points_agree_exactly() {
    let protocol = protocol();
    let compiled = compile(&protocol).unwrap();
    let found = agreement(&protocol, &compiled, &cases(&[0.0, 4.0, 5.0, 10.0])).unwrap();
    assert_eq!((found.cases, found.changed), (4, 0));
    assert!(found.outputs.iter().all(|output| output.values == 0 && output.largest < 1e-9));
}

#[test]
fn values_between_grid_points_and_beyond_the_range_are_counted_where_they_change_something() {
    let protocol = protocol();
    let compiled = compile(&protocol).unwrap();
    // 4.75 is coded as 5, which has other points and another class; 2.25 is coded as 2, which
    // changes nothing on the outputs' grids; 12 is coded as 10, where both give 0.
    let found = agreement(&protocol, &compiled, &cases(&[4.75, 2.25, 12.0])).unwrap();
    assert_eq!((found.cases, found.changed), (3, 1));
    let [low, high] = &found.outputs[..] else { panic!("{found:?}") };
    assert_eq!((low.values, low.meanings, high.values, high.meanings), (0, 0, 1, 0));
    assert_eq!((low.largest, high.largest), (0.25, 6.0));
    assert_eq!(found.rankings[0].first, 1);
}

#[test]
fn scorecards_that_ship_agree_on_answers_as_people_give_them() {
    for name in ["cha2ds2-vasc", "has-bled", "qsofa"] {
        let protocol = common::protocol(name);
        let compiled = compile(&protocol).unwrap();
        let examples: Vec<Answers> =
            protocol.examples().iter().map(|example| example.full_answers(&protocol)).collect();
        assert!(!examples.is_empty());
        let found = agreement(&protocol, &compiled, &examples).unwrap();
        assert_eq!((found.cases, found.changed), (examples.len(), 0), "{name}");
    }
}

#[test]
fn a_faster_profile_costs_less_and_hides_less() {
    let compiled = compile(&common::protocol("news2")).unwrap();
    let budget = |profile| compiled.program.budget(profile).unwrap();
    let (private, fast) = (budget(Profile::Private), budget(Profile::Fast));
    assert_eq!(private.cmuxes, fast.cmuxes);
    let bytes = |profile| Record::len_of(compiled.summary.bits, profile).unwrap();
    assert!(bytes(Profile::Private) > bytes(Profile::Fast));
    assert!(private.privacy_margin_log2 < fast.privacy_margin_log2);
    assert!(private.failure_log2 <= -128.0);
}
