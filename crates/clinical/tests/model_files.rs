// SPDX-License-Identifier: Apache-2.0
//! Imported models: read, written as protocol files, compiled; and what is refused.

mod common;

use cso_clinical::import::{model, Cases, Ensemble, ImportError, Objective};
use cso_clinical::intake::{Answers, Kind, Value};
use cso_clinical::{compile, Protocol};

/// Two trees on three features, as XGBoost writes them: a missing age goes left, a missing weight right.
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

fn row(
    age: impl Into<Option<f64>>,
    weight: impl Into<Option<f64>>,
    smoker: f64,
) -> Vec<Option<f64>> {
    vec![age.into(), weight.into(), Some(smoker)]
}

#[test]
fn xgboost_trees_compare_strictly_and_send_gaps_their_way() {
    let ensemble = model(XGBOOST).unwrap();
    assert_eq!(ensemble.objective, Objective::Binary);
    let logit = (0.25f64 / 0.75).ln();
    for (case, points) in [
        (row(59.0, 81.0, 0.0), -0.5 - 0.125),
        (row(59.0, 81.5, 0.0), 0.25 - 0.125),
        (row(60.0, 81.0, 1.0), 0.75 + 0.5),
        (row(None, 81.0, 1.0), -0.5 + 0.5),
        (row(None, None, 1.0), 0.25 + 0.5),
    ] {
        assert!(
            (ensemble.sum(&case) - logit - points).abs() < 1e-12,
            "{case:?}"
        );
    }
}

#[test]
fn lightgbm_trees_compare_inclusively() {
    let ensemble = model(LIGHTGBM).unwrap();
    assert_eq!(ensemble.objective, Objective::Regression);
    for (case, points) in [
        (row(60.0, 81.5, 0.0), -0.5),
        (row(60.0, 82.0, 0.0), 0.25),
        (row(61.0, 82.0, 0.0), 0.75),
        (row(None, None, 0.0), 0.25),
    ] {
        assert_eq!(ensemble.sum(&case), points, "{case:?}");
    }
}

#[test]
fn an_imported_model_becomes_a_protocol_that_agrees_with_it() {
    let ensemble = model(XGBOOST).unwrap();
    let data = Cases::from_csv(DATA).unwrap();
    let toml = ensemble.to_protocol("imported", &data).unwrap();
    let protocol = Protocol::from_toml(&toml).unwrap_or_else(|error| panic!("{error}\n{toml}"));
    let compiled = compile(&protocol).unwrap();
    for case in &data.table(&ensemble.features).unwrap() {
        let answers = answers(&protocol, &ensemble, case);
        let bits = protocol.intake().encode(&answers).unwrap().bits;
        let percent = compiled.program.evaluate(&bits).unwrap()[0];
        assert!(
            (f64::from(percent) - 100.0 * ensemble.predict(case)).abs() <= 0.6,
            "{case:?}: {percent}"
        );
    }
    let kinds: Vec<(&str, bool)> = protocol
        .intake()
        .features()
        .iter()
        .map(|feature| (feature.kind.name(), feature.missing))
        .collect();
    assert_eq!(
        kinds,
        [("quantity", true), ("quantity", true), ("flag", false)]
    );
}

#[test]
fn refuses_models_that_do_not_become_programs() {
    let unsupported = |from: &str, to: &str| match model(&XGBOOST.replace(from, to)) {
        Err(ImportError::Unsupported { element, .. }) => element,
        other => panic!("{other:?}"),
    };
    assert_eq!(unsupported("gbtree", "gblinear"), "booster `gblinear`");
    assert_eq!(
        unsupported("binary:logistic", "rank:map"),
        "objective `rank:map`"
    );
    assert_eq!(
        unsupported("\"num_class\":\"0\"", "\"num_class\":\"3\""),
        "a model with several classes or targets"
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
    assert!(matches!(
        lightgbm("num_class=1", "num_class=4"),
        ImportError::Unsupported { .. }
    ));
    assert!(matches!(
        lightgbm("objective=regression", "objective=poisson"),
        ImportError::Unsupported { .. }
    ));
    assert!(matches!(
        lightgbm("is_linear=0", "is_linear=1"),
        ImportError::Unsupported { .. }
    ));
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
    assert!(problem("[2.5E-1]", "[1]").contains("no finite logit"));
    assert!(problem("[2.5E-1]", "[half]").contains("base_score is `half`"));
    assert!(matches!(
        model("{\"gradient_booster\": 3"),
        Err(ImportError::Syntax { .. })
    ));
    assert!(matches!(model("{}"), Err(ImportError::Syntax { .. })));
    assert_eq!(model("<PMML/>"), Err(ImportError::UnknownFormat));
    assert!(matches!(
        model(&LIGHTGBM.replace("left_child=1 -1", "left_child=1 -9")),
        Err(ImportError::Syntax { .. })
    ));
    assert!(matches!(
        model(&LIGHTGBM.replace("threshold=60", "threshold=sixty")),
        Err(ImportError::Syntax { .. })
    ));
}

#[test]
fn refuses_data_that_does_not_fit_the_model() {
    let ensemble = model(XGBOOST).unwrap();
    let refuse = |csv: &str| {
        ensemble
            .to_protocol("x", &Cases::from_csv(csv).unwrap())
            .unwrap_err()
    };
    assert!(
        matches!(refuse("age,weight\n1,2\n3,4\n"), ImportError::ColumnMissing { feature, .. } if feature == "smoker")
    );
    assert!(
        matches!(refuse("age,weight,smoker\n1,2,0\n1,3,1\n"), ImportError::ColumnConstant { feature } if feature == "age")
    );
    let named = Ensemble {
        features: vec!["a`b".into(), "weight".into(), "smoker".into()],
        ..ensemble.clone()
    };
    let error = named
        .to_protocol("x", &Cases::from_csv(DATA).unwrap())
        .unwrap_err();
    assert!(matches!(error, ImportError::FeatureName { .. }));
}

fn answers(protocol: &Protocol, ensemble: &Ensemble, case: &[Option<f64>]) -> Answers {
    let value = |name: &String, value: &Option<f64>| {
        let (_, feature) = protocol.intake().feature(name).unwrap();
        let value = match (value, &feature.kind) {
            (None, _) => Value::Missing,
            (Some(number), Kind::Flag) => Value::Flag(*number != 0.0),
            (Some(number), _) => Value::Quantity(*number),
        };
        (name.clone(), value)
    };
    ensemble
        .features
        .iter()
        .zip(case)
        .map(|(name, number)| value(name, number))
        .collect()
}

/// Area under the ROC curve: the probability that a positive case ranks above a negative one.
fn auc(labels: &[f64], scores: &[f64]) -> f64 {
    let (mut wins, mut pairs) = (0.0, 0.0);
    for (label, score) in labels.iter().zip(scores) {
        for (other_label, other) in labels.iter().zip(scores) {
            if *label > 0.5 && *other_label < 0.5 {
                pairs += 1.0;
                wins += if score > other {
                    1.0
                } else if score == other {
                    0.5
                } else {
                    0.0
                };
            }
        }
    }
    wins / pairs
}

/// Part of the cases that a prediction from 0.5 on sorts right.
fn accuracy(labels: &[f64], scores: &[f64]) -> f64 {
    let right = labels
        .iter()
        .zip(scores)
        .filter(|(label, score)| (**score >= 0.5) == (**label > 0.5))
        .count();
    right as f64 / labels.len() as f64
}

#[test]
#[ignore = "needs the environment of oracles/run.sh"]
fn trained_models_predict_what_their_libraries_predict() {
    let python = std::env::var("CSO_ORACLE_PYTHON")
        .expect("run oracles/run.sh, which sets CSO_ORACLE_PYTHON");
    let dir = match std::env::var("CSO_ORACLE_MODELS") {
        Ok(dir) => std::path::PathBuf::from(dir),
        Err(_) => {
            let dir = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("trees");
            std::fs::create_dir_all(&dir).unwrap();
            let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("oracles/trees.py");
            assert!(std::process::Command::new(python)
                .arg(script)
                .arg(&dir)
                .status()
                .unwrap()
                .success());
            dir
        }
    };
    println!(
        "{:22} {:>5} {:>5} {:>15} {:>15}",
        "model", "bits", "CMUX", "accuracy", "AUC or error"
    );
    for name in [
        "xgboost-cancer",
        "xgboost-cancer-gaps",
        "xgboost-diabetes",
        "lightgbm-cancer",
        "lightgbm-cancer-gaps",
        "lightgbm-diabetes",
    ] {
        let read =
            |suffix: &str| std::fs::read_to_string(dir.join(format!("{name}.{suffix}"))).unwrap();
        let ensemble = model(&read("model")).unwrap_or_else(|error| panic!("{name}: {error}"));
        let [train, test, expected] = ["train.csv", "test.csv", "expected.csv"]
            .map(|suffix| Cases::from_csv(read(suffix)).unwrap());
        let column = |name: &str| -> Vec<f64> {
            let numbers = expected.numbers(name).unwrap();
            numbers.into_iter().map(Option::unwrap).collect()
        };
        let (labels, library) = (column("label"), column("prediction"));
        let test = test.table(&ensemble.features).unwrap();
        for (case, prediction) in test.iter().zip(&library) {
            let ours = ensemble.predict(case);
            // XGBoost adds up in single precision.
            assert!(
                (ours - prediction).abs() <= 2e-5 * prediction.abs().max(1.0),
                "{name}: {ours} and {prediction}"
            );
        }
        let protocol =
            Protocol::from_toml(&ensemble.to_protocol("imported", &train).unwrap()).unwrap();
        let compiled = compile(&protocol).unwrap();
        let output = &protocol.outputs()[0];
        let programs: Vec<f64> = test
            .iter()
            .map(|case| {
                let bits = protocol
                    .intake()
                    .encode(&answers(&protocol, &ensemble, case))
                    .unwrap()
                    .bits;
                output
                    .value(compiled.program.evaluate(&bits).unwrap()[0])
                    .unwrap()
            })
            .collect();
        let report = &compiled.report;
        if ensemble.objective == Objective::Binary {
            let programs: Vec<f64> = programs.iter().map(|percent| percent / 100.0).collect();
            let (float, quantised) = (accuracy(&labels, &library), accuracy(&labels, &programs));
            let (float_auc, quantised_auc) = (auc(&labels, &library), auc(&labels, &programs));
            println!(
                "{name:22} {:5} {:5} {float:7.4} {quantised:7.4} {float_auc:7.4} {quantised_auc:7.4}",
                report.bits, report.cmuxes
            );
            assert!(
                float - quantised <= 0.005 && float_auc - quantised_auc <= 0.005,
                "{name} lost accuracy"
            );
        } else {
            let error = |predictions: &[f64]| {
                let squares = predictions
                    .iter()
                    .zip(&labels)
                    .map(|(p, label)| (p - label) * (p - label));
                (squares.sum::<f64>() / labels.len() as f64).sqrt()
            };
            let (float, quantised) = (error(&library), error(&programs));
            println!(
                "{name:22} {:5} {:5} {:15} {float:7.3} {quantised:7.3}",
                report.bits, report.cmuxes, ""
            );
            assert!(quantised <= float * 1.01, "{name} lost accuracy");
        }
    }
}
