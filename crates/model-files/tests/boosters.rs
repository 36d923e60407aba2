// SPDX-License-Identifier: Apache-2.0
//! Boosters that XGBoost and LightGBM saved, and what is refused.

#[path = "common/boosters.rs"]
mod boosters;

use boosters::{row, three_classes, LIGHTGBM, XGBOOST};
use cso_model_files::{ModelFile, ModelFileError};

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
    assert_eq!(unsupported("gbtree", "gblinear"), "booster `gblinear`");
    assert_eq!(unsupported("binary:logistic", "rank:map"), "objective `rank:map`");
    assert_eq!(
        unsupported("\"num_target\":\"1\"", "\"num_target\":\"3\""),
        "a model with several targets"
    );
    assert_eq!(
        unsupported("\"num_class\":\"0\"", "\"num_class\":\"3\""),
        "objective `binary:logistic`"
    );
    assert_eq!(
        unsupported("\"split_type\":[0,0,0]", "\"split_type\":[1,0,0]"),
        "a split by categories"
    );
    let lightgbm = |from: &str, to: &str| model(&LIGHTGBM.replace(from, to)).unwrap_err();
    assert!(matches!(
        lightgbm("decision_type=10", "decision_type=11"),
        ModelFileError::Unsupported { .. }
    ));
    assert!(matches!(lightgbm("num_class=1", "num_class=4"), ModelFileError::Unsupported { .. }));
    assert!(matches!(
        lightgbm("objective=regression", "objective=lambdarank"),
        ModelFileError::Unsupported { .. }
    ));
    assert!(matches!(lightgbm("is_linear=0", "is_linear=1"), ModelFileError::Unsupported { .. }));
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
    assert!(matches!(model("{\"gradient_booster\": 3"), Err(ModelFileError::Syntax { .. })));
    assert!(matches!(model("{}"), Err(ModelFileError::Syntax { .. })));
    assert_eq!(model("random words"), Err(ModelFileError::UnknownFormat));
    assert!(matches!(
        model(&LIGHTGBM.replace("left_child=1 -1", "left_child=1 -9")),
        Err(ModelFileError::Syntax { .. })
    ));
    assert!(matches!(
        model(&LIGHTGBM.replace("threshold=60", "threshold=sixty")),
        Err(ModelFileError::Syntax { .. })
    ));
    let four = XGBOOST.replace("]}}}}", "],\"tree_info\":[0,4]}}}}");
    assert!(model(&four).unwrap_err().to_string().contains("tree 1 belongs to class 4 of 1"));
}
