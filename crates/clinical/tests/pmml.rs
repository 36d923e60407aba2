// SPDX-License-Identifier: Apache-2.0
//! PMML files that become protocols: model, protocol and program agree on every answer that can be
//! given.

mod common;

use common::{answers, drafted};
use cso_clinical::intake::Kind;
use cso_clinical::outputs::OutputKind;
use cso_clinical::{compile, draft, Protocol};
use cso_model_files::{Cases, Cell, ColumnKind, ModelFile, ModelFileError};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

fn read(text: &str) -> Result<ModelFile, ModelFileError> {
    cso_model_files::read(text.as_bytes())
}

/// A model file with its data.
fn file(name: &str) -> (String, Cases) {
    let text = String::from_utf8(common::model_file(name).unwrap()).unwrap();
    let data = common::model_file(&name.replace(".pmml", ".csv")).unwrap();
    (text, Cases::from_csv(data).unwrap())
}

/// Model, protocol and program on random answers of the protocol's intake.
///
/// The protocol's evaluation shares no code with the reader's, and the program's none with either.
fn agree(model: &ModelFile, data: &Cases, slack: f64) -> Protocol {
    let protocol = drafted(model, data);
    let compiled = compile(&protocol).unwrap();
    let features = protocol.intake().features().to_vec();
    let levels: Vec<_> = features
        .iter()
        .map(|feature| 0..feature.kind.levels() + u32::from(feature.missing))
        .collect();
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 500,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    runner
        .run(&levels, |levels| {
            let case: Vec<Cell> = features
                .iter()
                .zip(model.columns())
                .zip(&levels)
                .map(|((feature, column), code)| match &feature.kind {
                    kind if *code == kind.levels() => Cell::Missing,
                    Kind::Quantity(quantity) => Cell::Number(quantity.value_at(*code)),
                    Kind::Flag if matches!(column.kind, ColumnKind::Category { .. }) => {
                        Cell::Text(["false", "true"][*code as usize].into())
                    }
                    Kind::Flag => Cell::Number(f64::from(*code)),
                    Kind::Choice { options } => {
                        Cell::Text(options[*code as usize].label.as_str().into())
                    }
                })
                .collect();
            let answers = answers(&protocol, &case);
            let sums = model.sum_values(&case);
            prop_assert!(sums.is_some(), "{:?}", case);
            let protocol_sums = protocol.predict(&answers).unwrap();
            let program = compiled
                .program
                .evaluate(&protocol.intake().encode(&answers).unwrap().bits)
                .unwrap();
            for ((output, exact), raw) in
                protocol.outputs().iter().zip(&protocol_sums).zip(&program)
            {
                let program = output.value(*raw).unwrap();
                prop_assert!(
                    (exact - program).abs() <= output.step / 2.0 + slack,
                    "{}: {exact} and {program}",
                    output.id
                );
            }
            let ours = model.predict(&case).unwrap();
            if model.classes().is_empty() {
                let found = protocol_sums[0];
                let expected =
                    ours.values[0].clamp(protocol.outputs()[0].min, protocol.outputs()[0].max);
                prop_assert!(
                    (expected - found).abs() <= 1e-6 * found.abs().max(1.0),
                    "{:?}: {expected} and {found}",
                    case
                );
            }
            Ok(())
        })
        .unwrap();
    protocol
}

#[test]
fn a_scorecards_reason_codes_become_a_ranking() {
    let (text, data) = file("scorecard.pmml");
    let model = read(&text).unwrap();
    let protocol = agree(&model, &data, 1e-9);
    let output = &protocol.outputs()[0];
    assert_eq!(
        (output.id.as_str(), output.min, output.max, output.step),
        ("score", 545.0, 650.0, 5.0)
    );
    assert_eq!(protocol.outputs().len(), 4);
    let compiled = compile(&protocol).unwrap();
    let bits = protocol
        .intake()
        .encode(&answers(&protocol, &["25", "none", "0"].map(Cell::read)))
        .unwrap()
        .bits;
    let readings = protocol
        .description()
        .interpret(&compiled.program.evaluate(&bits).unwrap(), &Default::default())
        .unwrap();
    // Points below the baselines 25, 20 and 5: 35, 50 and 0.
    assert_eq!(readings[4].text, "RC2b, RC1a");
    assert!(protocol.examples().len() >= 2, "verification vectors become examples");
}

#[test]
fn a_regression_becomes_a_probability() {
    let (text, data) = file("regression.pmml");
    let model = read(&text).unwrap();
    let protocol = agree(&model, &data, 0.6);
    assert_eq!(protocol.outputs()[0].label, "Probability of yes");
    assert_eq!(protocol.outputs()[0].kind, OutputKind::Probability);
    let features: Vec<&str> =
        protocol.intake().features().iter().map(|feature| feature.id.as_str()).collect();
    assert_eq!(features, ["age", "crp", "site", "diabetic"]);
}

#[test]
fn trees_keep_their_way_with_missing_values() {
    let (text, data) = file("tree.pmml");
    let by = |strategy: &str| {
        let text = text.replace(
            "missingValueStrategy=\"defaultChild\"",
            &format!("missingValueStrategy=\"{strategy}\""),
        );
        read(&text).unwrap()
    };
    agree(&by("defaultChild"), &data, 0.1);
    agree(&by("lastPrediction"), &data, 0.1);
    let error = draft(&by("nullPrediction"), "x", &data).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the model gives no prediction where `lactate` is missing: leave such cases out of the data, or train with them"
    );
}

#[test]
fn forests_become_a_ranking_and_chains_a_probability() {
    let (text, data) = file("votes.pmml");
    let protocol = agree(&read(&text).unwrap(), &data, 0.5);
    assert_eq!(protocol.rankings().len(), 1);
    let (text, data) = file("chain.pmml");
    agree(&read(&text).unwrap(), &data, 0.6);
}
