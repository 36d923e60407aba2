// SPDX-License-Identifier: Apache-2.0
//! Shipped models against formulas that were written from another source than the protocol.
//!
//! `oracles/formulas/NAME.py` has the formula of protocol `NAME` and says where it was read. On any
//! answers the model as written must agree with it but for floating point (or what the source's
//! fewer decimals leave open), and the compiled program within what the compiler reports.
//! `oracles/run.sh` runs it.

mod common;

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use cso_clinical::intake::Answers;
use cso_clinical::{compile, Protocol};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{json, Value as Json};

/// Random cases a protocol.
const CASES: usize = 5000;
/// How far apart numbers may lie by floating point alone.
const SAME: f64 = 1e-6;

/// Random answers, moved onto the grid of the intake.
fn cases(protocol: &Protocol) -> Vec<Answers> {
    let mut runner = TestRunner::deterministic();
    let strategy = common::any_answers(protocol.intake());
    let mut any = || {
        let answers = strategy.new_tree(&mut runner).unwrap().current();
        common::coded(protocol.intake(), &answers).0
    };
    (0..CASES).map(|_| any()).collect()
}

/// What the formula gives for each case.
fn formula(name: &str, cases: &[Answers]) -> Vec<Json> {
    let mut child =
        common::oracle("formulas.py").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let lines: Vec<String> = cases
        .iter()
        .map(|answers| json!({ "protocol": name, "answers": answers }).to_string())
        .collect();
    let writer = std::thread::spawn(move || {
        for line in lines {
            writeln!(stdin, "{line}").unwrap();
        }
    });
    let output = BufReader::new(child.stdout.take().unwrap());
    let values: Vec<Json> =
        output.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
    writer.join().unwrap();
    assert!(child.wait().unwrap().success(), "{name}");
    assert_eq!(values.len(), cases.len(), "{name}");
    values
}

#[test]
#[ignore = "needs the environment of oracles/run.sh"]
fn models_agree_with_formulas_of_another_source() {
    let mut compared = 0;
    for (name, protocol) in common::shipped() {
        if !common::formulas().contains(&name) {
            continue;
        }
        let compiled = compile(&protocol).unwrap();
        let cases = cases(&protocol);
        let (mut without, mut worst) = (0, 0.0f64);
        for (answers, theirs) in cases.iter().zip(formula(&name, &cases)) {
            if theirs.is_null() {
                without += 1;
                continue;
            }
            let within = theirs["within"].as_f64().unwrap();
            let model = protocol.predict(answers).unwrap();
            let bits = protocol.intake().encode(answers).unwrap().bits;
            let program = compiled.program.evaluate(&bits).unwrap();
            for (index, output) in protocol.outputs().iter().enumerate() {
                let said = theirs["values"][&output.id].as_f64();
                let said = said.unwrap_or_else(|| panic!("{name}: no {} in {theirs}", output.id));
                // The model's value is kept within the output's range.
                let said = said.max(output.min).min(output.max);
                assert!(
                    (model[index] - said).abs() <= within,
                    "{name}, {}: the model gives {}, the formula {said}: {}",
                    output.id,
                    model[index],
                    json!(answers)
                );
                let answered = output.value(program[index]).unwrap();
                let apart = (answered - said).abs();
                let most =
                    output.step / 2.0 + compiled.summary.outputs[index].deviation + within + SAME;
                assert!(
                    apart <= most,
                    "{name}, {}: the program gives {answered}, the formula {said}, {most} apart at most: {}",
                    output.id,
                    json!(answers)
                );
                worst = worst.max(apart / output.step);
            }
        }
        assert!(without < CASES / 2, "{name}: the formula has no value in {without} cases");
        println!("{name:20} {} cases, {worst:.2} steps apart at most", CASES - without);
        compared += 1;
    }
    assert_eq!(compared, common::formulas().len(), "a formula belongs to no shipped protocol");
}
