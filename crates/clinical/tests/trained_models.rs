// SPDX-License-Identifier: Apache-2.0
//! Models trained by xgboost, lightgbm and scikit-learn: our reading of their files against the
//! libraries' own predictions on held-out cases, and what quantising costs.

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::{answers, drafted};
use cso_clinical::compile;
use cso_model_files::{read as read_model, Cases, Cell, ModelFile};

/// The files of one kind of model, trained now or, if `CSO_ORACLE_MODELS` names a folder, before.
fn trained(kind: &str) -> PathBuf {
    if let Ok(dir) = std::env::var("CSO_ORACLE_MODELS") {
        return dir.into();
    }
    let python = std::env::var("CSO_ORACLE_PYTHON")
        .expect("run oracles/run.sh, which sets CSO_ORACLE_PYTHON");
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("models-{kind}"));
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("oracles/models.py");
    let done = Command::new(python).arg(script).arg(&dir).arg(kind).status().unwrap();
    assert!(done.success());
    dir
}

/// A column of numbers.
fn numbers(table: &Cases, name: &str) -> Vec<f64> {
    table.numbers(name).unwrap().into_iter().map(|number| number.unwrap()).collect()
}

/// How one model did.
struct Quality {
    /// Part of the cases in the right class, or the coefficient of determination.
    float: f64,
    quantised: f64,
    /// Cases whose class or value on the grid changes by quantising.
    changed: usize,
}

fn check(dir: &Path, name: &str) {
    let read = |suffix: &str| std::fs::read(dir.join(format!("{name}.{suffix}"))).unwrap();
    let [train, test, expected] = ["train.csv", "test.csv", "expected.csv"]
        .map(|suffix| Cases::from_csv(read(suffix)).unwrap());
    let imported = read_model(&read("model")).unwrap_or_else(|error| panic!("{name}: {error}"));
    let cases = imported.table(&test).unwrap();
    agrees_with_the_library(name, &imported, &cases, &expected);
    if name.starts_with("pmml-hand-") {
        return names_the_same_reason(&imported, &cases, &test, &expected);
    }

    let protocol = drafted(&imported, &train);
    let compiled = compile(&protocol).unwrap_or_else(|error| panic!("{name}: {error}"));
    let description = protocol.description();
    let labels = numbers(&expected, "label");
    let mut quantised = Vec::new();
    for case in &cases {
        let bits = protocol.intake().encode(&answers(&protocol, case)).unwrap().bits;
        let raw = compiled.program.evaluate(&bits).unwrap();
        let readings = description.interpret(&raw, &Default::default()).unwrap();
        let last = readings.last().unwrap();
        quantised.push(match imported.classes() {
            [] => last.value,
            [_, _] if last.unit.is_some() => f64::from(u8::from(last.value > 50.0)),
            classes => classes.iter().position(|class| *class == last.text).unwrap() as f64,
        });
    }
    let float: Vec<f64> = cases
        .iter()
        .map(|case| {
            let prediction = imported.predict(case).unwrap();
            prediction.class.map_or(prediction.values[0], |class| class as f64)
        })
        .collect();
    let quality = if imported.classes().is_empty() {
        let mean = labels.iter().sum::<f64>() / labels.len() as f64;
        let error = |values: &[f64]| {
            values.iter().zip(&labels).map(|(v, l)| (v - l) * (v - l)).sum::<f64>()
        };
        let spread = error(&vec![mean; labels.len()]).max(1e-9);
        let step = protocol.outputs()[0].step;
        Quality {
            float: 1.0 - error(&float) / spread,
            quantised: 1.0 - error(&quantised) / spread,
            changed: float.iter().zip(&quantised).filter(|(a, b)| (*a - *b).abs() > step).count(),
        }
    } else {
        let right = |classes: &[f64]| {
            classes.iter().zip(&labels).filter(|(a, b)| a == b).count() as f64 / labels.len() as f64
        };
        Quality {
            float: right(&float),
            quantised: right(&quantised),
            changed: float.iter().zip(&quantised).filter(|(a, b)| a != b).count(),
        }
    };
    println!(
        "{name:26} {:5} {:6} {:8.4} {:8.4} {:5} of {}",
        compiled.summary.bits,
        compiled.summary.cmuxes,
        quality.float,
        quality.quantised,
        quality.changed,
        cases.len()
    );
    // A case more or less of about a hundred is no loss of quality.
    let slack = 0.005f64.max(1.01 / cases.len() as f64);
    assert!(quality.quantised >= quality.float - slack, "{name} lost quality");
}

/// The first reason code of a scorecard, where one characteristic costs more than all others.
fn names_the_same_reason(
    imported: &ModelFile,
    cases: &[Vec<Cell>],
    data: &Cases,
    expected: &Cases,
) {
    let Ok(theirs) = expected.texts("reasons") else {
        return;
    };
    let protocol = drafted(imported, data);
    let mut compared = 0;
    for (case, theirs) in cases.iter().zip(theirs) {
        let raw = protocol.evaluate(&answers(&protocol, case)).unwrap();
        let readings = protocol.description().interpret(&raw, &Default::default()).unwrap();
        let (reasons, costs) = (readings.last().unwrap(), &readings[1..readings.len() - 1]);
        if costs.iter().filter(|cost| cost.value >= reasons.value).count() == 1 {
            assert_eq!(reasons.name.as_deref(), theirs.split(' ').next(), "{case:?}");
            compared += 1;
        }
    }
    assert!(compared >= 10);
}

fn agrees_with_the_library(
    name: &str,
    imported: &ModelFile,
    cases: &[Vec<Cell>],
    expected: &Cases,
) {
    // Libraries that add up in single precision lose some of the last places.
    let near = |ours: f64, theirs: f64| (ours - theirs).abs() <= 3e-5 * theirs.abs().max(1.0);
    let ours: Vec<_> = cases.iter().map(|case| imported.predict(case)).collect();
    if imported.classes().is_empty() {
        for (row, (ours, theirs)) in ours.iter().zip(numbers(expected, "value")).enumerate() {
            let ours = ours.as_ref().unwrap().values[0];
            assert!(near(ours, theirs), "{name}, case {row}: {ours} and {theirs}");
        }
        return;
    }
    let classes = expected.texts("class").unwrap();
    let columns: Vec<Vec<f64>> = (0..imported.classes().len())
        .filter_map(|class| {
            expected.column(&format!("p{class}")).map(|_| numbers(expected, &format!("p{class}")))
        })
        .collect();
    for (row, ours) in ours.iter().enumerate() {
        let ours = ours.as_ref().unwrap();
        let theirs: Vec<f64> = columns.iter().map(|column| column[row]).collect();
        let shares = match ours.values[..] {
            [second] if imported.classes().len() == 2 => vec![1.0 - second, second],
            _ => ours.values.clone(),
        };
        assert!(
            shares.iter().zip(&theirs).all(|(a, b)| near(*a, *b)),
            "{name}, case {row}: {shares:?} and {theirs:?}"
        );
        let mut sorted = theirs.clone();
        sorted.sort_by(|a, b| b.total_cmp(a));
        let tied = sorted.len() > 1 && sorted[0] - sorted[1] < 1e-5;
        let class = &imported.classes()[ours.class.unwrap()];
        assert!(tied || class == classes[row], "{name}, case {row}: {class} and {}", classes[row]);
    }
}

fn check_all(kind: &str, prefixes: &[&str]) {
    let dir = trained(kind);
    let mut names: Vec<String> = std::fs::read_dir(&dir)
        .unwrap()
        .filter_map(|entry| {
            Some(entry.unwrap().file_name().to_str()?.strip_suffix(".model")?.to_owned())
        })
        .filter(|name| prefixes.iter().any(|prefix| name.starts_with(prefix)))
        .collect();
    names.sort();
    assert!(names.len() >= 9, "{names:?}");
    println!(
        "{:26} {:>5} {:>6} {:>17} {:>10}",
        "model", "bits", "CMUX", "accuracy or R2", "changed"
    );
    for name in names {
        check(&dir, &name);
    }
}

#[test]
#[ignore = "needs the Python environment of oracles/run.sh"]
fn boosters_predict_what_xgboost_and_lightgbm_predict() {
    check_all("boosters", &["xgboost-", "lightgbm-"]);
}

#[test]
#[ignore = "needs the Python environment of oracles/run.sh"]
fn pmml_predicts_what_jpmml_predicts() {
    check_all("pmml", &["pmml-"]);
}

#[test]
#[ignore = "needs the Python environment of oracles/run.sh"]
fn onnx_predicts_what_onnxruntime_predicts() {
    check_all("onnx", &["onnx-"]);
}
