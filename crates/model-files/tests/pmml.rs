// SPDX-License-Identifier: Apache-2.0
//! PMML: small files for each kind of model, and what is refused.

use cso_model_files::{Cell, ModelFile, ModelFileError};

fn read(text: &str) -> Result<ModelFile, ModelFileError> {
    cso_model_files::read(text.as_bytes())
}

/// The text of a file of tests/data.
fn file(name: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    std::fs::read_to_string(path).unwrap()
}

fn cells(cells: &[&str]) -> Vec<Cell> {
    cells.iter().map(|text| Cell::read(text)).collect()
}

#[test]
fn scorecard_gives_points() {
    let model = read(&file("scorecard.pmml")).unwrap();
    assert_eq!(model.kind(), "PMML Scorecard");
    let score = |age: &str, income: &str, smoker: &str| {
        model.predict(&cells(&[age, income, smoker])).unwrap().values[0]
    };
    assert_eq!(score("25", "employed", "1"), 600.0 - 10.0 + 20.0 - 15.0);
    assert_eq!(score("70", "none", "0"), 600.0 + 25.0 - 30.0 + 5.0);
    assert_eq!(score("", "self-employed", "0"), 600.0 + 0.0 + 20.0 + 5.0);
    let codes = model.reason_codes().unwrap();
    assert_eq!((codes.top, codes.characteristics.len()), (2, 3));
    assert!(model.verified_cases().len() >= 2);
}

#[test]
fn regression_scales_maps_and_multiplies() {
    let model = read(&file("regression.pmml")).unwrap();
    assert_eq!(model.classes(), ["no", "yes"]);
    let names: Vec<&str> = model.columns().iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["age", "crp", "site", "diabetic"]);
}

#[test]
fn trees_follow_their_strategy_for_missing_values() {
    let text = file("tree.pmml");
    let by = |strategy: &str| {
        let text = text.replace(
            "missingValueStrategy=\"defaultChild\"",
            &format!("missingValueStrategy=\"{strategy}\""),
        );
        read(&text)
    };
    let value =
        |model: &ModelFile, case: &[&str]| model.predict(&cells(case)).map(|found| found.values[0]);
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
    assert!(by("weightedConfidence")
        .unwrap_err()
        .to_string()
        .contains("`weightedConfidence` is not supported: use defaultChild"));
}

#[test]
fn forests_vote_and_boosters_pass_their_sum_on() {
    let model = read(&file("votes.pmml")).unwrap();
    assert_eq!(model.classes(), ["A", "B", "C"]);
    let class = |x: &str, y: &str| model.predict(&cells(&[x, y])).unwrap().class;
    assert_eq!(class("1", "1"), Some(0));
    assert_eq!(class("9", "9"), Some(2));

    let model = read(&file("chain.pmml")).unwrap();
    let case = cells(&["30", "1"]);
    let logit = 2.0 * (0.5 - 0.25) + 0.125 - 1.0;
    let expected = 1.0 / (1.0 + f64::exp(-logit));
    assert!((model.predict(&case).unwrap().values[0] - expected).abs() < 1e-12);
}

#[test]
fn a_file_that_fails_its_own_cases_is_refused() {
    let text = file("scorecard.pmml");
    let wrong = text.replacen("<score>595</score>", "<score>596</score>", 1);
    assert_ne!(wrong, text);
    assert_eq!(
        read(&wrong).unwrap_err().to_string(),
        "the model fails its own ModelVerification: row 1, `score` should be 596, it is 595"
    );
    // Within the precision that the file asks for.
    let near = text.replacen("<score>595</score>", "<score>595.0000001</score>", 1);
    assert!(read(&near).is_ok());
}

#[test]
fn refuses_by_name_what_it_does_not_read() {
    let problem = |name: &str, from: &str, to: &str| {
        let text = file(name);
        assert!(text.contains(from), "{from}");
        read(&text.replacen(from, to, 1)).unwrap_err().to_string()
    };
    for (name, from, to, expected) in [
        (
            "regression.pmml",
            "normalizationMethod=\"logit\"",
            "normalizationMethod=\"negbin\"",
            "normalizationMethod `negbin` is not supported: use none, logit or exp",
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
            "multipleModelMethod `median` of classes is not supported: use average",
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
            "the attribute `partial` of Attribute is not supported",
        ),
        ("scorecard.pmml", "<DataDictionary", "<Dictionary", "PMML model: "),
        ("scorecard.pmml", "<?xml version=\"1.0\"?>", "<!DOCTYPE PMML><!-- -->", "PMML model: "),
        ("scorecard.pmml", "<Header/>", "<Header/\n", "PMML model: "),
    ] {
        let problem = problem(name, from, to);
        assert!(problem.contains(expected) && !problem.contains('\n'), "{to}: {problem}");
    }
    let cycle = file("regression.pmml").replace("<FieldRef field=\"crp\"/>", "<FieldRef field=\"loop\"/>").replace(
        "<LocalTransformations>",
        "<LocalTransformations><DerivedField name=\"loop\" optype=\"continuous\" dataType=\"double\"><FieldRef field=\"log crp\"/></DerivedField>",
    );
    assert!(read(&cycle).unwrap_err().to_string().contains("is no field or depends on it in turn"));
    let other = "<PMML version=\"4.4\"><DataDictionary/><NeuralNetwork functionName=\"regression\"><MiningSchema/></NeuralNetwork></PMML>";
    assert!(read(other)
        .unwrap_err()
        .to_string()
        .contains("NeuralNetwork is not supported: write it as a Scorecard"));
    assert_eq!(read("<html/>"), Err(ModelFileError::UnknownFormat));
}
