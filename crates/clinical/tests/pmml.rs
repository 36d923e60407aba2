// SPDX-License-Identifier: Apache-2.0
//! PMML: small files for each kind of model, what is refused, and that model, protocol and program
//! agree on every answer that can be given.

mod common;

use common::answers;
use cso_clinical::import::{Cases, Cell, ColumnKind, ImportError, Imported};
use cso_clinical::intake::Kind;
use cso_clinical::{compile, Protocol};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

fn model(text: &str) -> Result<Imported, ImportError> {
    cso_clinical::import::model(text.as_bytes())
}

/// A file of tests/data, read.
fn file(name: &str) -> (String, Cases) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    let data = std::fs::read(path.with_extension("csv")).unwrap();
    (std::fs::read_to_string(path).unwrap(), Cases::from_csv(data).unwrap())
}

fn cells(cells: &[&str]) -> Vec<Cell> {
    cells.iter().map(|text| Cell::read(text)).collect()
}

/// Model, protocol and program on random answers of the protocol's intake.
///
/// The protocol's evaluation shares no code with the reader's, and the program's none with either.
fn agree(imported: &Imported, data: &Cases, slack: f64) -> Protocol {
    let toml = imported.to_protocol("imported", data).unwrap();
    let protocol = Protocol::from_toml(&toml).unwrap_or_else(|error| panic!("{error}\n{toml}"));
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
                .zip(imported.features())
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
            let model = imported.sums(&case);
            prop_assert!(model.is_some(), "{:?}", case);
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
            let ours = imported.predict(&case).unwrap();
            if imported.classes().is_empty() {
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
fn scorecard_gives_points_and_names_what_cost_most() {
    let (text, data) = file("scorecard.pmml");
    let imported = model(&text).unwrap();
    assert_eq!(imported.kind(), "PMML Scorecard");
    let score = |age: &str, income: &str, smoker: &str| {
        imported.predict(&cells(&[age, income, smoker])).unwrap().values[0]
    };
    assert_eq!(score("25", "employed", "1"), 600.0 - 10.0 + 20.0 - 15.0);
    assert_eq!(score("70", "none", "0"), 600.0 + 25.0 - 30.0 + 5.0);
    assert_eq!(score("", "self-employed", "0"), 600.0 + 0.0 + 20.0 + 5.0);

    let protocol = agree(&imported, &data, 1e-9);
    let output = &protocol.outputs()[0];
    assert_eq!(
        (output.id.as_str(), output.min, output.max, output.step),
        ("score", 545.0, 650.0, 5.0)
    );
    assert_eq!(protocol.outputs().len(), 4);
    let compiled = compile(&protocol).unwrap();
    let bits =
        protocol.intake().encode(&answers(&protocol, &cells(&["25", "none", "0"]))).unwrap().bits;
    let readings =
        protocol.description().interpret(&compiled.program.evaluate(&bits).unwrap()).unwrap();
    // Points below the baselines 25, 20 and 5: 35, 50 and 0.
    assert_eq!(readings[4].text, "RC2b, RC1a");
    assert!(protocol.examples().len() >= 2, "verification vectors become examples");
}

#[test]
fn regression_scales_maps_and_multiplies() {
    let (text, data) = file("regression.pmml");
    let imported = model(&text).unwrap();
    let protocol = agree(&imported, &data, 0.6);
    assert_eq!(imported.classes(), ["no", "yes"]);
    assert_eq!(protocol.outputs()[0].label, "Probability of yes");
    let features: Vec<&str> =
        protocol.intake().features().iter().map(|feature| feature.id.as_str()).collect();
    assert_eq!(features, ["age", "crp", "site", "diabetic"]);
}

#[test]
fn trees_follow_their_strategy_for_missing_values() {
    let (text, data) = file("tree.pmml");
    let by = |strategy: &str| {
        let text = text.replace(
            "missingValueStrategy=\"defaultChild\"",
            &format!("missingValueStrategy=\"{strategy}\""),
        );
        model(&text)
    };
    let value = |imported: &Imported, case: &[&str]| {
        imported.predict(&cells(case)).map(|found| found.values[0])
    };
    let default = by("defaultChild").unwrap();
    assert_eq!(value(&default, &["30", "5"]), Some(1.0));
    assert_eq!(value(&default, &["30", "9"]), Some(2.0));
    assert_eq!(value(&default, &["60", "9"]), Some(4.0));
    assert_eq!(value(&default, &["", "9"]), Some(4.0));
    assert_eq!(value(&default, &["", ""]), Some(3.0));
    assert_eq!(value(&by("lastPrediction").unwrap(), &["30", ""]), Some(10.0));
    assert_eq!(value(&by("lastPrediction").unwrap(), &["", "9"]), Some(20.0));
    assert_eq!(value(&by("nullPrediction").unwrap(), &["", "9"]), None);
    // Neither child holds then, and the file wants the last prediction.
    assert_eq!(value(&by("none").unwrap(), &["", "9"]), Some(20.0));
    agree(&default, &data, 0.1);
    agree(&by("lastPrediction").unwrap(), &data, 0.1);
    let error = by("nullPrediction").unwrap().to_protocol("x", &data).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the model gives no prediction where `lactate` is missing: leave such cases out of the data, or train with them"
    );
    assert!(by("weightedConfidence")
        .unwrap_err()
        .to_string()
        .contains("`weightedConfidence` is not supported: use defaultChild"));
}

#[test]
fn forests_vote_and_boosters_pass_their_sum_on() {
    let (text, data) = file("votes.pmml");
    let imported = model(&text).unwrap();
    assert_eq!(imported.classes(), ["A", "B", "C"]);
    let class = |x: &str, y: &str| imported.predict(&cells(&[x, y])).unwrap().class;
    assert_eq!(class("1", "1"), Some(0));
    assert_eq!(class("9", "9"), Some(2));
    let protocol = agree(&imported, &data, 0.5);
    assert_eq!(protocol.rankings().len(), 1);

    let (text, data) = file("chain.pmml");
    let imported = model(&text).unwrap();
    let case = cells(&["30", "1"]);
    let logit = 2.0 * (0.5 - 0.25) + 0.125 - 1.0;
    let expected = 1.0 / (1.0 + f64::exp(-logit));
    assert!((imported.predict(&case).unwrap().values[0] - expected).abs() < 1e-12);
    agree(&imported, &data, 0.6);
}

#[test]
fn a_file_that_fails_its_own_cases_is_refused() {
    let (text, _) = file("scorecard.pmml");
    let wrong = text.replacen("<score>595</score>", "<score>596</score>", 1);
    assert_ne!(wrong, text);
    assert_eq!(
        model(&wrong).unwrap_err().to_string(),
        "the model fails its own ModelVerification: row 1, `score` should be 596, it is 595"
    );
    // Within the precision that the file asks for.
    let near = text.replacen("<score>595</score>", "<score>595.0000001</score>", 1);
    assert!(model(&near).is_ok());
}

#[test]
fn refuses_by_name_what_it_does_not_read() {
    let problem = |name: &str, from: &str, to: &str| {
        let (text, _) = file(name);
        assert!(text.contains(from), "{from}");
        model(&text.replacen(from, to, 1)).unwrap_err().to_string()
    };
    for (name, from, to, expected) in [
        (
            "regression.pmml",
            "normalizationMethod=\"logit\"",
            "normalizationMethod=\"probit\"",
            "normalizationMethod `probit` is not supported: use none, logit or exp",
        ),
        (
            "regression.pmml",
            "function=\"ln\"",
            "function=\"erf\"",
            "function `erf` in derived field `log crp` is not supported: use + - * /",
        ),
        (
            "regression.pmml",
            "<FieldRef field=\"crp\"/>",
            "<FieldRef field=\"log crp\"/>",
            "derived field `log crp` depends on itself",
        ),
        ("regression.pmml", "<FieldRef field=\"crp\"/>", "<FieldRef field=\"scaled age\"/>", ""),
        (
            "regression.pmml",
            "<RegressionTable intercept=\"-2.5\"",
            "<RegressionTable intercept=\"-x\"",
            "RegressionTable `intercept` is `-x`: it must be a number",
        ),
        (
            "regression.pmml",
            "name=\"scaled age\" coefficient",
            "name=\"nothing\" coefficient",
            "there is no field `nothing`",
        ),
        (
            "regression.pmml",
            "missingValueReplacement=\"3\"",
            "missingValueTreatment=\"returnInvalid\"",
            "missingValueTreatment `returnInvalid` of `crp` is not supported",
        ),
        (
            "regression.pmml",
            "version=\"4.4\"",
            "version=\"2.1\"",
            "version 2.1 is not supported: write PMML 4.0 to 4.4",
        ),
        (
            "votes.pmml",
            "majorityVote",
            "median",
            "multipleModelMethod `median` is not supported: use sum, average",
        ),
        (
            "votes.pmml",
            "functionName=\"classification\"",
            "functionName=\"clustering\"",
            "functionName `clustering` is not supported: use regression or classification",
        ),
        (
            "tree.pmml",
            "operator=\"lessThan\" value=\"50\"",
            "operator=\"below\" value=\"50\"",
            "the operator `below` is unknown",
        ),
        ("tree.pmml", "defaultChild=\"2\"", "defaultChild=\"9\"", "there is no default child `9`"),
        (
            "scorecard.pmml",
            "partialScore=\"-10\"",
            "partial=\"-10\"",
            "a Attribute has no `partialScore`",
        ),
        ("scorecard.pmml", "<DataDictionary", "<Dictionary", "PMML model: "),
        ("scorecard.pmml", "<?xml version=\"1.0\"?>", "<!DOCTYPE PMML><!-- -->", "PMML model: "),
        ("scorecard.pmml", "<Header/>", "<Header/\n", "PMML model: "),
    ] {
        let problem = problem(name, from, to);
        assert!(problem.contains(expected) && !problem.contains('\n'), "{to}: {problem}");
    }
    let cycle = file("regression.pmml").0.replace("<FieldRef field=\"crp\"/>", "<FieldRef field=\"loop\"/>").replace(
        "<LocalTransformations>",
        "<LocalTransformations><DerivedField name=\"loop\" optype=\"continuous\" dataType=\"double\"><FieldRef field=\"log crp\"/></DerivedField>",
    );
    assert!(model(&cycle)
        .unwrap_err()
        .to_string()
        .contains("is no field or depends on it in turn"));
    let other = "<PMML version=\"4.4\"><DataDictionary/><NeuralNetwork functionName=\"regression\"><MiningSchema/></NeuralNetwork></PMML>";
    assert!(model(other)
        .unwrap_err()
        .to_string()
        .contains("NeuralNetwork is not supported: write it as a Scorecard"));
    assert_eq!(model("<html/>"), Err(ImportError::UnknownFormat));
}
