// SPDX-License-Identifier: Apache-2.0
//! Boosters that XGBoost and LightGBM saved, and what is refused.

#[path = "common/boosters.rs"]
mod boosters;

use boosters::{row, three_classes, LIGHTGBM, XGBOOST};
use cso_model_files::{read_with, ModelFile, ModelFileError, Options};

fn model(text: &str) -> Result<ModelFile, ModelFileError> {
    cso_model_files::read(text.as_bytes())
}

#[test]
fn xgboost_trees_compare_strictly_and_send_gaps_their_way() {
    let model = model(XGBOOST).unwrap();
    assert_eq!(model.kind(), "XGBoost");
    let logit = (0.25f64 / 0.75).ln();
    for (case, points) in [
        (row(59.0, 81.0, 0.0), -0.5 - 0.125),
        (row(59.0, 81.5, 0.0), 0.25 - 0.125),
        (row(60.0, 81.0, 1.0), 0.75 + 0.5),
        (row(None, 81.0, 1.0), -0.5 + 0.5),
        (row(None, None, 1.0), 0.25 + 0.5),
    ] {
        let sum = model.sum_values(&case).unwrap()[0];
        assert!((sum - logit - points).abs() < 1e-12, "{case:?}");
        let probability = 1.0 / (1.0 + (-sum).exp());
        let prediction = model.predict(&case).unwrap();
        assert_eq!(prediction.values, [probability]);
        assert_eq!(prediction.class, Some(usize::from(probability > 0.5)));
    }
}

#[test]
fn lightgbm_trees_compare_inclusively() {
    let model = model(LIGHTGBM).unwrap();
    for (case, points) in [
        (row(60.0, 81.5, 0.0), -0.5),
        (row(60.0, 82.0, 0.0), 0.25),
        (row(61.0, 82.0, 0.0), 0.75),
        (row(None, None, 0.0), 0.25),
    ] {
        // The model doesn't read the last column.
        assert_eq!(model.predict(&case[..2]).unwrap().values, [points], "{case:?}");
    }
}

#[test]
fn several_classes_have_a_sum_each() {
    let model = model(&three_classes()).unwrap();
    assert_eq!(model.classes(), ["0", "1", "2"]);
    let case = row(59.0, 81.0, 0.0);
    assert_eq!(model.sum_values(&case).unwrap(), [0.5 - 0.5, 0.25 - 0.125, 0.125 - 1.0]);
    assert_eq!(model.predict(&case).unwrap().class, Some(1));
}

#[test]
fn refuses_models_that_do_not_become_programs() {
    let unsupported = |from: &str, to: &str| match model(&XGBOOST.replace(from, to)) {
        Err(ModelFileError::Unsupported { element, .. }) => element,
        other => panic!("{other:?}"),
    };
    assert_eq!(unsupported("gbtree", "gbforest"), "booster `gbforest`");
    assert_eq!(
        unsupported("binary:logistic", "rank:map"),
        "objective `rank:map`, which only ranks,"
    );
    assert_eq!(unsupported("binary:logistic", "my:loss"), "objective `my:loss`");
    assert_eq!(
        unsupported("\"num_target\":\"1\"", "\"num_target\":\"3\""),
        "a model with several targets"
    );
    assert_eq!(
        unsupported("\"num_class\":\"0\"", "\"num_class\":\"3\""),
        "objective `binary:logistic`"
    );
    assert_eq!(
        unsupported(
            "\"default_left\"",
            "\"tree_param\":{\"size_leaf_vector\":\"3\"},\"default_left\""
        ),
        "a tree with a list of points at each leaf (`multi_output_tree`)"
    );
    assert_eq!(unsupported("\"split_type\":[0,0,0]", "\"split_type\":[2,0,0]"), "split type 2");
    let lightgbm = |from: &str, to: &str| match model(&LIGHTGBM.replace(from, to)) {
        Err(ModelFileError::Unsupported { element, .. }) => element,
        other => panic!("{other:?}"),
    };
    assert_eq!(lightgbm("num_class=1", "num_class=4"), "objective `regression` with 4 sums");
    assert_eq!(
        lightgbm("objective=regression", "objective=lambdarank"),
        "objective `lambdarank`, which only ranks,"
    );
    assert_eq!(
        lightgbm("objective=regression", "objective=cross_entropy_lambda"),
        "objective `cross_entropy_lambda`"
    );
    assert_eq!(
        lightgbm("objective=regression", "objective=regression log1p"),
        "`log1p` in objective `regression`"
    );
    assert_eq!(
        lightgbm("objective=regression\n", ""),
        "a model without an objective (a loss of your own)"
    );
    let list = "pandas_categorical:[[\"a\",\"b\"],[\"c\"]]\n";
    assert_eq!(
        lightgbm("end of parameters\n", &format!("end of parameters\n{list}")),
        "`pandas_categorical` with 2 lists for 0 columns of categories"
    );
}

#[test]
fn a_survival_model_without_baseline_tells_no_risk_at_a_time() {
    let options = Options { horizon: Some(5.0), ..Options::default() };
    let cox = XGBOOST.replace("binary:logistic", "survival:cox");
    let error = read_with(cox.as_bytes(), &options).unwrap_err().to_string();
    assert!(error.contains("no baseline") && error.contains("leave out the horizon"), "{error}");
    assert_eq!(model(&cox).unwrap().notes().len(), 1);
}

#[test]
fn as_many_rounds_count_as_are_asked_for() {
    let options = |iterations| Options { iterations, ..Options::default() };
    let terms = |text: &str, iterations| {
        let model = read_with(text.as_bytes(), &options(iterations)).unwrap();
        (model.sums()[0].terms.len(), model.notes().len())
    };
    assert_eq!(terms(XGBOOST, None), (2, 0));
    assert_eq!(terms(XGBOOST, Some(1)), (1, 0));
    // The library's wrapper predicts with the best iteration, which it counts from 0.
    let best = "\"attributes\":{\"best_iteration\":\"0\"},\"feature_names\"";
    let best = XGBOOST.replace("\"feature_names\"", best);
    assert_eq!(terms(&best, None), (1, 1));
    assert_eq!(terms(&best, Some(2)), (2, 0));
    for rounds in [0, 3] {
        let error = read_with(XGBOOST.as_bytes(), &options(Some(rounds))).unwrap_err();
        let asked = format!("XGBoost model: {rounds} rounds are asked for, the file has 2");
        assert_eq!(error.to_string(), asked);
    }
}

#[test]
fn attributes_of_older_wrappers_hold_the_code_of_a_gap_and_names_of_classes() {
    let own = r#""attributes":{"scikit_learn":"{\"missing\": -1.0, \"base_score\": NaN, \"_le\": {\"classes_\": [\"no\", \"yes\"]}}"},"feature_names""#;
    let model = model(&XGBOOST.replace("\"feature_names\"", own)).unwrap();
    assert_eq!(model.classes(), ["no", "yes"]);
    assert_eq!(model.columns()[0].missing_codes, [-1.0]);
}

#[test]
fn refuses_malformed_models() {
    let problem = |from: &str, to: &str| match model(&XGBOOST.replacen(from, to, 1)) {
        Err(ModelFileError::Syntax { problem, .. }) => problem,
        other => panic!("{other:?}"),
    };
    assert!(problem("[1,3,-1,-1,-1]", "[1,3,-1,-1]").contains("different lengths"));
    assert!(problem("[1,3,-1,-1,-1]", "[0,3,-1,-1,-1]").contains("has child 0"));
    assert!(problem("[1,3,-1,-1,-1]", "[1,9,-1,-1,-1]").contains("has child 9"));
    assert!(problem("[2,4,-1,-1,-1]", "[2,-1,-1,-1,-1]").contains("only one child"));
    assert!(problem("\"split_indices\":[0,1", "\"split_indices\":[7,1").contains("no such feature"));
    assert!(problem("[2.5E-1]", "[1]").contains("no finite margin"));
    assert!(problem("[2.5E-1]", "[half]").contains("base_score is `half`"));
    assert!(
        problem("\"split_type\":[0,0,0]", "\"split_type\":[1,0,0]").contains("no list of categ")
    );
    assert!(problem("\"name\":\"gbtree\"", "\"name\":\"gblinear\"").contains("0 finite weights"));
    assert!(problem("\"name\":\"gbtree\"", "\"name\":\"dart\"").contains("has no model"));
    assert!(matches!(
        model(&LIGHTGBM.replace("left_child=1 -1", "left_child=1 -9")),
        Err(ModelFileError::Syntax { .. })
    ));
    assert!(matches!(
        model(&LIGHTGBM.replace("threshold=60", "threshold=sixty")),
        Err(ModelFileError::Syntax { .. })
    ));
    for (from, to) in [("decision_type=10", "decision_type=11"), ("is_linear=0", "is_linear=1")] {
        let damaged = model(&LIGHTGBM.replace(from, to));
        assert!(matches!(damaged, Err(ModelFileError::Syntax { .. })), "{damaged:?}");
    }
    let four = XGBOOST.replace("]}}}}", "],\"tree_info\":[0,4]}}}}");
    assert!(model(&four).unwrap_err().to_string().contains("tree 1 belongs to class 4 of 1"));
}
