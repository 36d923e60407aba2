// SPDX-License-Identifier: Apache-2.0
//! Boosters that XGBoost and LightGBM saved: read, written as protocol files, compiled; and what is
//! refused.

mod common;

use common::answers;
use cso_clinical::import::{Cases, Cell, ImportError, Imported};
use cso_clinical::{compile, Protocol};

/// Two trees on three features, as XGBoost writes them: a missing age goes left, a missing weight
/// right.
const XGBOOST: &str = r#"{"learner":{"feature_names":["age","weight","smoker"],"objective":{"name":"binary:logistic"},
"learner_model_param":{"base_score":"[2.5E-1]","num_class":"0","num_feature":"3","num_target":"1"},
"gradient_booster":{"name":"gbtree","model":{"trees":[
{"left_children":[1,3,-1,-1,-1],"right_children":[2,4,-1,-1,-1],"split_indices":[0,1,0,0,0],
 "split_conditions":[60.0,81.5,0.75,-0.5,0.25],"default_left":[1,0,0,0,0],"split_type":[0,0,0,0,0]},
{"left_children":[1,-1,-1],"right_children":[2,-1,-1],"split_indices":[2,0,0],
 "split_conditions":[1.0,-0.125,0.5],"default_left":[0,0,0],"split_type":[0,0,0]}]}}}}"#;

/// The first of those trees as LightGBM's text, whose comparisons include the threshold.
const LIGHTGBM: &str = "tree\nversion=v4\nnum_class=1\nobjective=regression\nfeature_names=age weight smoker\n\n\
Tree=0\nnum_leaves=3\nsplit_feature=0 1\nthreshold=60 81.5\ndecision_type=10 8\nleft_child=1 -1\nright_child=-2 -3\n\
leaf_value=-0.5 0.75 0.25\nis_linear=0\n\n\nend of trees\n\nparameters:\nend of parameters\n";

const DATA: &str = "age,weight,smoker\n41,70.5,0\n80,99.25,1\n,55.5,0\n63,,1\n";

fn model(text: &str) -> Result<Imported, ImportError> {
    cso_clinical::import::model(text.as_bytes())
}

fn row(age: impl Into<Option<f64>>, weight: impl Into<Option<f64>>, smoker: f64) -> Vec<Cell> {
    let cell = |number: Option<f64>| number.map_or(Cell::Missing, Cell::Number);
    vec![cell(age.into()), cell(weight.into()), Cell::Number(smoker)]
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
        let sum = model.sums(&case).unwrap()[0];
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
fn an_imported_model_becomes_a_protocol_that_agrees_with_it() {
    let model = model(XGBOOST).unwrap();
    let data = Cases::from_csv(DATA).unwrap();
    let toml = model.to_protocol("imported", &data).unwrap();
    let protocol = Protocol::from_toml(&toml).unwrap_or_else(|error| panic!("{error}\n{toml}"));
    let compiled = compile(&protocol).unwrap();
    for case in &model.table(&data).unwrap() {
        let bits = protocol.intake().encode(&answers(&protocol, case)).unwrap().bits;
        let percent = compiled.program.evaluate(&bits).unwrap()[0];
        let predicted = model.predict(case).unwrap().values[0];
        assert!((f64::from(percent) - 100.0 * predicted).abs() <= 0.6, "{case:?}: {percent}");
    }
    let kinds: Vec<(&str, bool)> = protocol
        .intake()
        .features()
        .iter()
        .map(|feature| (feature.kind.name(), feature.missing))
        .collect();
    assert_eq!(kinds, [("quantity", true), ("quantity", true), ("flag", false)]);
}

/// Three classes: each tree of the binary model stands for one, and a leaf for the third.
fn three_classes() -> String {
    XGBOOST
        .replace("binary:logistic", "multi:softprob")
        .replace("\"num_class\":\"0\"", "\"num_class\":\"3\"")
        .replace("[2.5E-1]", "[5E-1,2.5E-1,0]")
        .replace("]}}}}", r#",{"left_children":[-1],"right_children":[-1],"split_indices":[0],"split_conditions":[0.125],"default_left":[0]},
            {"left_children":[1,-1,-1],"right_children":[2,-1,-1],"split_indices":[1,0,0],"split_conditions":[80,1,-1],"default_left":[1,0,0]}],
            "tree_info":[0,1,2,2]}}}}"#)
}

#[test]
fn several_classes_become_an_output_each_and_a_ranking() {
    let model = model(&three_classes()).unwrap();
    assert_eq!(model.classes(), ["0", "1", "2"]);
    let case = row(59.0, 81.0, 0.0);
    assert_eq!(model.sums(&case).unwrap(), [0.5 - 0.5, 0.25 - 0.125, 0.125 - 1.0]);
    assert_eq!(model.predict(&case).unwrap().class, Some(1));

    let data = Cases::from_csv(DATA).unwrap();
    let toml = model.to_protocol("imported", &data).unwrap();
    let protocol = Protocol::from_toml(&toml).unwrap_or_else(|error| panic!("{error}\n{toml}"));
    let compiled = compile(&protocol).unwrap();
    let description = protocol.description();
    for case in &model.table(&data).unwrap() {
        let bits = protocol.intake().encode(&answers(&protocol, case)).unwrap().bits;
        let raw = compiled.program.evaluate(&bits).unwrap();
        let readings = description.interpret(&raw).unwrap();
        let predicted = model.predict(case).unwrap();
        let class = predicted.class.unwrap();
        assert_eq!(readings.len(), 4);
        assert_eq!(readings[3].text, model.classes()[class], "{case:?}");
        assert!((readings[3].value - 100.0 * predicted.values[class]).abs() < 1.0, "{readings:?}");
    }
    let again = cso_clinical::Description::from_json(&description.to_json()).unwrap();
    assert_eq!(again, description);
}

#[test]
fn refuses_models_that_do_not_become_programs() {
    let unsupported = |from: &str, to: &str| match model(&XGBOOST.replace(from, to)) {
        Err(ImportError::Unsupported { element, .. }) => element,
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
        ImportError::Unsupported { .. }
    ));
    assert!(matches!(lightgbm("num_class=1", "num_class=4"), ImportError::Unsupported { .. }));
    assert!(matches!(
        lightgbm("objective=regression", "objective=lambdarank"),
        ImportError::Unsupported { .. }
    ));
    assert!(matches!(lightgbm("is_linear=0", "is_linear=1"), ImportError::Unsupported { .. }));
}

#[test]
fn refuses_malformed_models() {
    let problem = |from: &str, to: &str| match model(&XGBOOST.replacen(from, to, 1)) {
        Err(ImportError::Syntax { problem, .. }) => problem,
        other => panic!("{other:?}"),
    };
    assert!(problem("[1,3,-1,-1,-1]", "[1,3,-1,-1]").contains("different lengths"));
    assert!(problem("[1,3,-1,-1,-1]", "[0,3,-1,-1,-1]").contains("has child 0"));
    assert!(problem("[1,3,-1,-1,-1]", "[1,9,-1,-1,-1]").contains("has child 9"));
    assert!(problem("[2,4,-1,-1,-1]", "[2,-1,-1,-1,-1]").contains("only one child"));
    assert!(problem("\"split_indices\":[0,1", "\"split_indices\":[7,1").contains("no such feature"));
    assert!(problem("[2.5E-1]", "[1]").contains("no finite margin"));
    assert!(problem("[2.5E-1]", "[half]").contains("base_score is `half`"));
    assert!(matches!(model("{\"gradient_booster\": 3"), Err(ImportError::Syntax { .. })));
    assert!(matches!(model("{}"), Err(ImportError::Syntax { .. })));
    assert_eq!(model("random words"), Err(ImportError::UnknownFormat));
    assert!(matches!(
        model(&LIGHTGBM.replace("left_child=1 -1", "left_child=1 -9")),
        Err(ImportError::Syntax { .. })
    ));
    assert!(matches!(
        model(&LIGHTGBM.replace("threshold=60", "threshold=sixty")),
        Err(ImportError::Syntax { .. })
    ));
    let four = XGBOOST.replace("]}}}}", "],\"tree_info\":[0,4]}}}}");
    assert!(model(&four).unwrap_err().to_string().contains("tree 1 belongs to class 4 of 1"));
}

#[test]
fn refuses_data_that_does_not_fit_the_model() {
    let refuse = |text: &str, csv: &str| {
        model(text).unwrap().to_protocol("x", &Cases::from_csv(csv).unwrap()).unwrap_err()
    };
    assert!(
        matches!(refuse(XGBOOST, "age,weight\n1,2\n3,4\n"), ImportError::ColumnMissing { feature, .. } if feature == "smoker")
    );
    assert!(
        matches!(refuse(XGBOOST, "age,weight,smoker\n1,2,0\n1,3,1\n"), ImportError::ColumnConstant { feature } if feature == "age")
    );
    let named = XGBOOST.replace("\"age\"", "\"a`b\"");
    assert!(matches!(refuse(&named, DATA), ImportError::FeatureName { .. }));
    let nine = three_classes()
        .replace("\"num_class\":\"3\"", "\"num_class\":\"9\"")
        .replace("[5E-1,2.5E-1,0]", "[5E-1]");
    assert_eq!(refuse(&nine, DATA), ImportError::Classes { found: 9, most: 8 });
}
