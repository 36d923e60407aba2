// SPDX-License-Identifier: Apache-2.0
//! The compiled program and the model's own evaluation are written apart from one another: here
//! they must agree.

mod common;

use cso_clinical::intake::{Answers, Kind, Value};
use cso_clinical::{compile, Protocol};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

fn agrees_on_random_answers(name: &str, protocol: &Protocol, cases: u32) {
    let compiled = compile(protocol).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut runner = TestRunner::new(ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    runner
        .run(&common::any_answers(protocol.intake()), |answers| {
            let bits = protocol.intake().encode(&answers).unwrap().bits;
            let program = compiled.program.evaluate(&bits).unwrap();
            let model = protocol.evaluate(&answers).unwrap();
            prop_assert_eq!(program, model, "{}: {:?}", name, answers);
            Ok(())
        })
        .unwrap();
}

#[test]
fn shipped_protocols_agree_with_their_programs() {
    let mut exact = 0;
    for (name, protocol) in common::shipped() {
        let compiled = compile(&protocol).unwrap_or_else(|error| panic!("{name}: {error}"));
        if compiled.summary.sums.iter().all(|sum| sum.exact) {
            agrees_on_random_answers(&name, &protocol, 2000);
            exact += 1;
        } else {
            agrees_within_the_deviation(&name, &protocol, 2000);
        }
    }
    // Scorecards are.
    assert!(exact >= 25, "{exact}");
}

/// On the coded answers the program may be off the model's value by half a step and what the
/// compiler reports.
fn agrees_within_the_deviation(name: &str, protocol: &Protocol, cases: u32) {
    let compiled = compile(protocol).unwrap();
    let mut runner = TestRunner::deterministic();
    let strategy = common::any_answers(protocol.intake());
    for _ in 0..cases {
        let answers = strategy.new_tree(&mut runner).unwrap().current();
        let (coded, bits) = common::coded(protocol.intake(), &answers);
        let program = compiled.program.evaluate(&bits).unwrap();
        let model = protocol.predict(&coded).unwrap();
        for (index, output) in protocol.outputs().iter().enumerate() {
            let apart = (output.value(program[index]).unwrap() - model[index]).abs();
            let most = output.step / 2.0 + compiled.summary.outputs[index].deviation + 1e-9;
            assert!(apart <= most, "{name}, {}: {apart}, not {most}: {coded:?}", output.id);
        }
    }
}

#[test]
fn meld_3_differs_from_its_formula_by_a_point_in_less_than_one_case_of_a_hundred() {
    let protocol = common::protocol("meld-3");
    let compiled = compile(&protocol).unwrap();
    // Less than half a point, so a score never moves further than to its neighbour.
    assert!(compiled.summary.outputs[0].deviation < 0.06);
    let mut runner = TestRunner::deterministic();
    // Spread over the range where the score isn't at its ends, most values low, as they occur.
    let spread = |low: f64, high: f64| (low.ln()..high.ln()).prop_map(|x| Value::Quantity(x.exp()));
    let strategy = (
        (any::<bool>(), prop::bool::weighted(0.1)),
        (118.0..145.0).prop_map(Value::Quantity),
        spread(0.5, 40.0),
        spread(0.9, 6.0),
        (1.2..4.6).prop_map(Value::Quantity),
        spread(0.5, 5.0),
    )
        .prop_map(|((female, dialysis), sodium, bilirubin, inr, albumin, creatinine)| {
            let sex = if female { "female" } else { "male" };
            Answers::from([
                ("sex".to_owned(), Value::Choice(sex.to_owned())),
                ("dialysis".to_owned(), Value::Flag(dialysis)),
                ("sodium".to_owned(), sodium),
                ("bilirubin".to_owned(), bilirubin),
                ("inr".to_owned(), inr),
                ("albumin".to_owned(), albumin),
                ("creatinine".to_owned(), creatinine),
            ])
        });
    let (cases, mut differ) = (100_000, 0);
    for _ in 0..cases {
        let answers = strategy.new_tree(&mut runner).unwrap().current();
        let bits = protocol.intake().encode(&answers).unwrap().bits;
        let program = compiled.program.evaluate(&bits).unwrap()[0];
        let model = protocol.evaluate(&answers).unwrap()[0];
        assert!(program.abs_diff(model) <= 1, "{answers:?}");
        differ += usize::from(program != model);
    }
    println!("{differ} of {cases} cases differ by a point");
    assert!(differ * 100 < cases);
}

#[test]
fn cha2ds2_vasc_agrees_on_every_possible_record() {
    let protocol = common::protocol("cha2ds2-vasc");
    let compiled = compile(&protocol).unwrap();
    let bits = protocol.intake().bits();
    for code in 0..1u32 << bits {
        let record: Vec<bool> = (0..bits).map(|bit| code >> bit & 1 == 1).collect();
        let levels = protocol.intake().decode(&record).unwrap();
        let answers = protocol
            .intake()
            .features()
            .iter()
            .zip(&levels)
            .map(|(feature, level)| (feature.id.clone(), feature.value_at(*level)))
            .collect();
        assert_eq!(
            compiled.program.evaluate(&record).unwrap(),
            protocol.evaluate(&answers).unwrap()
        );
    }
}

/// A protocol with every kind of feature, term and link.
fn mixed() -> Protocol {
    Protocol::from_toml(include_str!("every-kind.toml")).unwrap()
}

#[test]
fn every_kind_of_term_and_link_agrees() {
    agrees_on_random_answers("mixed", &mixed(), 20_000);
}

#[test]
fn codes_beyond_the_last_level_read_as_the_last_level() {
    let protocol = mixed();
    let compiled = compile(&protocol).unwrap();
    let intake = protocol.intake();
    let (index, feature) = intake.feature("c").unwrap();
    let mut answers: cso_clinical::Answers = protocol
        .intake()
        .features()
        .iter()
        .map(|f| {
            let value = match &f.kind {
                Kind::Flag => "no",
                Kind::Choice { .. } => "e",
                Kind::Quantity(_) => "2",
            };
            (f.id.clone(), f.parse_answer(value).unwrap())
        })
        .collect();
    let honest = intake.encode(&answers).unwrap().bits;
    let mut crafted = honest.clone();
    for bit in 0..feature.value_bits() {
        crafted[intake.offset(index) + bit] = true;
    }
    assert_ne!(honest, crafted);
    assert_eq!(
        compiled.program.evaluate(&crafted).unwrap(),
        compiled.program.evaluate(&honest).unwrap()
    );
    answers.remove("c");
    assert!(intake.encode(&answers).is_ok(), "a feature with a missing bit may be left out");
}

/// A regression whose weights don't become whole points: the program may differ from the model by
/// what the report admits, and by the rounding to the output's grid.
#[test]
fn regressions_deviate_no_more_than_reported() {
    let protocol = Protocol::from_toml(
        r#"
format = 1
[protocol]
id = "regression"
title = "Regression with products and transforms"
version = "1"
language = "en"
licence = "Apache-2.0"
setting = "elective"
intended_use = "Tests."
[[intake]]
id = "a"
label = "a"
kind = "quantity"
unit = "1"
min = 1
max = 12.5
step = 0.1
[[intake]]
id = "b"
label = "b"
kind = "quantity"
unit = "1"
min = 0
max = 40
step = 1
missing = true
[[intake]]
id = "c"
label = "c"
kind = "quantity"
unit = "1"
min = 2
max = 9
step = 0.5
[[intake]]
id = "d"
label = "d"
kind = "flag"
[[output]]
id = "risk"
label = "risk"
unit = "%"
min = 0
max = 100
step = 0.5
meaning = [{ from = 0, to = 100, text = "any", next = "ask" }]
[model]
intercept = -1.7
[[model.term]]
feature = "a"
weight = 0.731
transform = "ln"
centre = 1.1
[[model.term]]
feature = "b"
weight = -0.0173
centre = 20
missing = 0.31
[[model.term]]
feature = "d"
points = 0.917
[[model.term]]
product = [{ feature = "a", centre = 6 }, { feature = "c", centre = 5 }]
weight = 0.0371
[[model.term]]
product = [{ feature = "c" }, { feature = "a", transform = "ln" }]
weight = 0.0219
[[model.term]]
product = [{ feature = "a" }, { feature = "b" }]
weight = 0.0007
missing = -0.013
[[model.term]]
feature = "c"
weight = 0.13
transform = "sqrt"
[[model.output]]
id = "risk"
link = "logistic"
times = 100
"#,
    )
    .unwrap();
    let compiled = compile(&protocol).unwrap();
    let summary = &compiled.summary;
    assert!(!summary.sums[0].exact && summary.sums[0].table_entries <= 2048);
    let allowed = summary.outputs[0].deviation + 0.5;
    assert!(allowed < 3.0, "{summary:?}");
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 5000,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    runner
        .run(&common::any_answers(protocol.intake()), |answers| {
            let bits = protocol.intake().encode(&answers).unwrap().bits;
            let output = &protocol.outputs()[0];
            let program = output.value(compiled.program.evaluate(&bits).unwrap()[0]).unwrap();
            let model = output.value(protocol.evaluate(&answers).unwrap()[0]).unwrap();
            prop_assert!((program - model).abs() <= allowed + 1e-9, "{} and {}", program, model);
            Ok(())
        })
        .unwrap();
}

/// Whole numbers, so that every product is exact in program and model, whether it is joined or not.
fn whole_products(model: &str) -> Protocol {
    let toml = format!(
        r#"
format = 1
[protocol]
id = "products"
title = "Products"
version = "1"
language = "en"
licence = "Apache-2.0"
setting = "elective"
intended_use = "Tests."
[[intake]]
id = "a"
label = "a"
kind = "quantity"
unit = "1"
min = 0
max = 7
step = 1
[[intake]]
id = "b"
label = "b"
kind = "quantity"
unit = "1"
min = 1
max = 4
step = 1
missing = true
[[intake]]
id = "c"
label = "c"
kind = "flag"
[[output]]
id = "sum"
label = "sum"
min = -400
max = 1600
meaning = [{{ from = -400, to = 1600, text = "any", next = "ask" }}]
[model]
{model}
[[model.term]]
product = [{{ feature = "a" }}, {{ feature = "b", centre = 2 }}, {{ feature = "c" }}]
weight = 3
missing = 5
[[model.term]]
product = [{{ feature = "a" }}, {{ feature = "a", centre = 1 }}]
weight = 2
[[model.term]]
when = "c and a > 2"
product = [{{ feature = "a", power = 2 }}, {{ feature = "b" }}, {{ feature = "a", centre = 4 }}]
weight = 1
missing = -7
[[model.term]]
product = [{{ feature = "c" }}, {{ feature = "c" }}]
weight = 11
[[model.term]]
feature = "b"
power = 3
weight = 1
missing = 0
"#
    );
    Protocol::from_toml(&toml).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn products_of_two_and_three_factors_agree() {
    for model in ["", "precise = true", "join = [[\"a\", \"b\", \"c\"]]"] {
        let protocol = whole_products(model);
        assert!(compile(&protocol).unwrap().summary.sums[0].exact, "{model}");
        agrees_on_random_answers(model, &protocol, 2000);
    }
}

/// A Cox model with recalibration, such as those of the cardiovascular risk charts: coefficients by
/// sex, products of age with each quantity, factors by region.
fn recalibrated(model: &str) -> Protocol {
    let mut toml = format!(
        r#"
format = 1
[protocol]
id = "recalibrated"
title = "Recalibrated"
version = "1"
language = "en"
licence = "Apache-2.0"
setting = "elective"
intended_use = "Tests."
[[intake]]
id = "region"
label = "region"
kind = "choice"
options = [{{ id = "r1", label = "1" }}, {{ id = "r2", label = "2" }}, {{ id = "r3", label = "3" }}, {{ id = "r4", label = "4" }}]
[[intake]]
id = "sex"
label = "sex"
kind = "choice"
options = [{{ id = "female", label = "f" }}, {{ id = "male", label = "m" }}]
[[intake]]
id = "age"
label = "age"
kind = "quantity"
unit = "a"
min = 40
max = 69
step = 1
[[intake]]
id = "smoker"
label = "smoker"
kind = "flag"
[[intake]]
id = "pressure"
label = "pressure"
kind = "quantity"
unit = "mm[Hg]"
min = 100
max = 178
step = 2
rounding = "nearest"
[[intake]]
id = "total"
label = "total"
kind = "quantity"
unit = "mmol/L"
min = 3
max = 9.2
step = 0.2
rounding = "nearest"
[[intake]]
id = "hdl"
label = "hdl"
kind = "quantity"
unit = "mmol/L"
min = 0.7
max = 2.25
step = 0.05
rounding = "nearest"
[[output]]
id = "risk"
label = "risk"
kind = "probability"
unit = "%"
min = 0
max = 70
step = 0.1
meaning = [{{ from = 0, to = 70, text = "any", next = "ask" }}]
[model]
{model}
[[model.output]]
id = "risk"
link = "cloglog"
times = 100
clamp = true
"#
    );
    // Of plausible size, and of no published model.
    let sexes = [
        ("female", -3.4, [0.45, 0.77, 0.31, 0.11, -0.26], [-0.11, -0.04, -0.02, 0.02]),
        ("male", -3.0, [0.37, 0.60, 0.27, 0.15, -0.27], [-0.09, -0.03, -0.03, 0.04]),
    ];
    for (region, (plus, times)) in
        [(-0.2, 0.75), (0.0, 0.8), (0.2, 0.85), (0.5, 0.95)].into_iter().enumerate()
    {
        for (sex, zero, main, with_age) in sexes {
            let when = format!("when = \"region == r{} and sex == {sex}\"", region + 1);
            let constant = plus + times * zero;
            toml += &format!("[[model.term]]\n{when}\npoints = {constant}\n");
            let centred = [
                ("age", 60.0, 5.0),
                ("smoker", 0.0, 1.0),
                ("pressure", 120.0, 20.0),
                ("total", 6.0, 1.0),
                ("hdl", 1.3, 0.5),
            ];
            for (place, (feature, centre, unit)) in centred.into_iter().enumerate() {
                let weight = times * main[place] / unit;
                toml += &match feature {
                    "smoker" => {
                        format!("[[model.term]]\n{when}\nfeature = \"smoker\"\npoints = {weight}\n")
                    }
                    _ => format!("[[model.term]]\n{when}\nfeature = \"{feature}\"\nweight = {weight}\ncentre = {centre}\n"),
                };
                if place > 0 {
                    let weight = times * with_age[place - 1] / unit / 5.0;
                    toml += &format!("[[model.term]]\n{when}\nproduct = [{{ feature = \"age\", centre = 60 }}, {{ feature = \"{feature}\", centre = {centre} }}]\nweight = {weight}\n");
                }
            }
        }
    }
    Protocol::from_toml(&toml).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn recalibrated_models_are_right_to_a_tenth_of_a_percent() {
    for model in ["", "precise = true"] {
        let protocol = recalibrated(model);
        let compiled = compile(&protocol).unwrap_or_else(|error| panic!("{error}"));
        let mut runner = TestRunner::deterministic();
        let strategy = common::any_answers(protocol.intake());
        let (mut squares, mut worst, mut low_worst, cases) = (0.0, 0.0f64, 0.0f64, 20_000);
        for _ in 0..cases {
            let answers = strategy.new_tree(&mut runner).unwrap().current();
            let (on_grid, bits) = common::coded(protocol.intake(), &answers);
            let output = &protocol.outputs()[0];
            let program = output.value(compiled.program.evaluate(&bits).unwrap()[0]).unwrap();
            let model = protocol.predict(&on_grid).unwrap()[0];
            let error = (program - model).abs();
            squares += error * error;
            worst = worst.max(error);
            if model <= 10.0 {
                low_worst = low_worst.max(error);
            }
        }
        let rms = (squares / f64::from(cases)).sqrt();
        println!("{model}: rms {rms:.4}, worst {worst:.3}, up to 10 %: {low_worst:.3}");
        // 0.029 of the mean error, and 0.05 of the others, are the output's own steps of 0.1.
        let [most_rms, most, most_low] = match model {
            "" => [0.06, 0.4, 0.15],
            _ => [0.045, 0.25, 0.11],
        };
        assert!(
            rms < most_rms && worst < most && low_worst < most_low,
            "{rms} {worst} {low_worst}"
        );
        assert!(worst <= compiled.summary.outputs[0].deviation + 0.05 + 1e-9);
        compiled.can_serve(cso_fhe::Profile::Private).unwrap();
    }
}
