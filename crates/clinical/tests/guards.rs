// SPDX-License-Identifier: Apache-2.0
//! Outputs of several sums: fine sums with a guard, and mixtures.

mod common;

use cso_clinical::intake::{Answers, Value};
use cso_clinical::{compile, Protocol};
use cso_fhe::{Evaluator, LoadedRecord, Profile, RecordKey};
use proptest::prelude::*;

const QUANTITIES: usize = 12;

/// A logistic model that is hundreds of logits wide.
fn wide(guarded: bool) -> Protocol {
    let mut toml = String::from(
        r#"
format = 1
[protocol]
id = "wide"
title = "Wide"
version = "1"
language = "en"
licence = "Apache-2.0"
setting = "elective"
intended_use = "Tests."
"#,
    );
    for one in 0..QUANTITIES {
        toml += &format!(
            "[[intake]]\nid = \"x{one}\"\nlabel = \"x{one}\"\nkind = \"quantity\"\nunit = \"1\"\n\
             min = 0\nmax = 1023\nstep = 1\n"
        );
    }
    toml += &format!(
        "[[output]]\nid = \"p\"\nlabel = \"Probability\"\nkind = \"probability\"\nunit = \"%\"\n\
         min = 0\nmax = 100\nstep = 0.5\nguarded = {guarded}\n\
         meaning = [{{ from = 0, to = 100, text = \"any\", next = \"ask\" }}]\n\
         [model]\nintercept = -3\n[[model.output]]\nid = \"p\"\nlink = \"logistic\"\ntimes = 100\n\
         clamp = true\n"
    );
    for one in 0..QUANTITIES {
        let weight = [0.0137, -0.0211, 0.0093, -0.0057][one % 4];
        toml += &format!("[[model.term]]\nfeature = \"x{one}\"\nweight = {weight}\n");
    }
    Protocol::from_toml(&toml).unwrap()
}

fn answers(values: &[u32]) -> Answers {
    let one =
        |(index, value): (usize, &u32)| (format!("x{index}"), Value::Quantity(f64::from(*value)));
    values.iter().enumerate().map(one).collect()
}

/// How far the program is from the model.
fn moved(protocol: &Protocol, values: &[u32]) -> f64 {
    thread_local! {
        static COMPILED: std::cell::RefCell<Vec<(bool, cso_clinical::Compiled)>> =
            const { std::cell::RefCell::new(Vec::new()) };
    }
    let guarded = protocol.outputs()[0].guarded;
    COMPILED.with_borrow_mut(|all| {
        if !all.iter().any(|(own, _)| *own == guarded) {
            all.push((guarded, compile(protocol).unwrap()));
        }
        let (_, compiled) = all.iter().find(|(own, _)| *own == guarded).unwrap();
        let answers = answers(values);
        let bits = protocol.intake().encode(&answers).unwrap().bits;
        let raw = compiled.program.evaluate(&bits).unwrap()[0];
        let own = protocol.outputs()[0].value(raw).unwrap();
        (own - protocol.predict(&answers).unwrap()[0]).abs()
    })
}

#[test]
fn a_guard_makes_a_wide_sum_fine_and_never_lets_it_wrap() {
    let (plain, guarded) = (wide(false), wide(true));
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 20_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let worst = std::cell::Cell::new([0.0f64; 2]);
    let values = proptest::collection::vec(0u32..1024, QUANTITIES);
    runner
        .run(&values, |values| {
            let [a, b] = worst.get();
            let found = moved(&guarded, &values);
            prop_assert!(found < 4.0, "{found} at {values:?}");
            worst.set([a.max(moved(&plain, &values)), b.max(found)]);
            Ok(())
        })
        .unwrap();
    let [plain_worst, guarded_worst] = worst.get();
    assert!(2.0 * guarded_worst < plain_worst, "{guarded_worst} of {plain_worst} without a guard");
    // As far beyond the fine table as can be, where it wraps several times.
    for (high, low) in [(1023, 0), (0, 1023), (1023, 1023), (0, 0), (900, 3), (511, 512)] {
        let values: Vec<u32> =
            (0..QUANTITIES as u32).map(|one| if one % 2 == 0 { high } else { low }).collect();
        assert!(moved(&guarded, &values) < 4.0, "{high} {low}");
    }
}

#[test]
fn a_guarded_answer_is_the_same_encrypted() {
    let protocol = wide(true);
    let compiled = compile(&protocol).unwrap();
    for values in [[1023, 0, 1023, 0], [0, 1023, 0, 1023], [400, 380, 512, 90]] {
        let values: Vec<u32> = values.iter().copied().cycle().take(QUANTITIES).collect();
        let bits = protocol.intake().encode(&answers(&values)).unwrap().bits;
        let expected = compiled.program.evaluate(&bits).unwrap();
        let key = RecordKey::generate().unwrap();
        let record = LoadedRecord::load(&key.encrypt(&bits, Profile::Private).unwrap());
        let answer = Evaluator::new().evaluate(&record, &compiled.program).unwrap();
        assert_eq!(key.decrypt(&answer).unwrap(), expected);
    }
}

/// The mean of two probabilities, each of a sum of its own.
const MIXED: &str = r#"
format = 1
[protocol]
id = "mixed"
title = "Mixed"
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
max = 15
step = 1
[[intake]]
id = "b"
label = "b"
kind = "quantity"
unit = "1"
min = 0
max = 15
step = 1
[[output]]
id = "p"
label = "Probability"
kind = "probability"
unit = "%"
min = 0
max = 100
step = 0.5
meaning = [{ from = 0, to = 100, text = "any", next = "ask" }]
[model]
intercept = { one = -3, two = -2 }
[[model.output]]
id = "p"
sum = "one"
link = "logistic"
times = 50
clamp = true
mixed = [{ sum = "two", link = "lines", lines = [{ at = -2, points = 0 }, { at = 0, points = 0.25 }, { at = 1, points = 1 }], times = 50 }]
[[model.term]]
sum = "one"
feature = "a"
weight = 0.5
[[model.term]]
sum = "two"
feature = "b"
bands = [{ below = 4, points = 0 }, { below = 9, points = 2 }, { points = 3.5 }]
"#;

#[test]
fn a_mixture_adds_up_what_each_sum_says() {
    let protocol = Protocol::from_toml(MIXED).unwrap();
    let compiled = compile(&protocol).unwrap();
    let key = RecordKey::generate().unwrap();
    for a in 0..16 {
        for b in [0, 4, 15] {
            let answers: Answers = [("a", a), ("b", b)]
                .map(|(id, value)| (id.to_owned(), Value::Quantity(f64::from(value))))
                .into();
            let bits = protocol.intake().encode(&answers).unwrap().bits;
            let raw = compiled.program.evaluate(&bits).unwrap();
            let own = protocol.outputs()[0].value(raw[0]).unwrap();
            let logistic = 1.0 / (1.0 + (3.0 - 0.5 * f64::from(a)).exp());
            let lines = match b {
                0 => 0.0,
                4 => 0.25,
                _ => 1.0,
            };
            let truth = 50.0 * logistic + 50.0 * lines;
            assert!((own - truth).abs() <= 1.0, "{a} {b}: {own}, {truth}");
            if a % 5 == 0 {
                let record = LoadedRecord::load(&key.encrypt(&bits, Profile::Private).unwrap());
                let answer = Evaluator::new().evaluate(&record, &compiled.program).unwrap();
                assert_eq!(key.decrypt(&answer).unwrap(), raw);
            }
        }
    }
}
