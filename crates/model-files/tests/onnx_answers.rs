// SPDX-License-Identifier: Apache-2.0
//! ONNX files that libraries wrote, against the answers of onnxruntime (`data/onnx/make.py`), and
//! those that are refused.

use std::path::{Path, PathBuf};

use cso_model_files::{read, Cases, ModelFile, ModelFileError};

/// Files that are refused, with a part of the message.
const REFUSED: &[(&str, &str)] = &[
    ("bayes", "operator ReduceLogSumExp"),
    ("calibrated-three", "calibrate with `ensemble=False`"),
    ("gaps-filled-before-ratio", "compute it in the table and train on that column"),
    ("hidden-layer", "a neural network with hidden layers"),
    ("hidden-layer-large", "operator LeakyRelu is not supported: a neural network"),
    ("neighbours", "operator Scan"),
    ("perceptron-hidden", "a neural network with hidden layers is not supported: train a linear"),
    ("perceptron-hidden-tanh", "a neural network with hidden layers"),
    ("recalibrated-power", "Pow of a model's result"),
    ("recurrent", "operator BatchNormalization"),
    ("row-normaliser", "operator Normalizer (L2) of features"),
    ("scores-without-softmax", "end with Softmax"),
    ("spelling-normalised", "operator StringNormalizer"),
    ("support-vectors", "a support vector machine's kernel isn't read"),
    ("threshold-third", "(a decision threshold)"),
    ("trees-greatest", "aggregate_function MAX"),
    ("trees-logistic", "post_transform LOGISTIC of a regressor"),
    ("trees-probit", "post_transform PROBIT of a regressor"),
    ("two-targets", "export one model a target"),
    ("voting-hard", "(soft voting)"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/onnx")
}

fn names() -> Vec<String> {
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<String> = files
        .filter(|path| path.extension().is_some_and(|end| end == "onnx"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

fn model(name: &str) -> Result<ModelFile, ModelFileError> {
    read(&std::fs::read(folder().join(format!("{name}.onnx"))).unwrap())
}

/// The first answer of the model that differs from the library's.
fn difference(name: &str, model: &ModelFile) -> Option<String> {
    let data = Cases::from_csv(std::fs::read(folder().join(format!("{name}.csv"))).unwrap());
    let data = data.unwrap();
    let inputs: Vec<&String> =
        data.columns().iter().filter(|column| !column.starts_with('=')).collect();
    let mut given: String = inputs.iter().map(|name| format!("{name},")).collect();
    given.pop();
    for case in 0..data.len() {
        given.push('\n');
        let cells: Vec<&str> = (0..inputs.len()).map(|column| data.cell(case, column)).collect();
        given.push_str(&cells.join(","));
    }
    let table = match model.table(&Cases::from_csv(given).unwrap()) {
        Ok(table) => table,
        Err(error) => return Some(error.to_string()),
    };
    for (index, case) in table.iter().enumerate() {
        let expected = |column: &str| {
            let place = data.column(column)?;
            Some(data.cell(index, place).to_owned())
        };
        let number = |column: &str| expected(column).and_then(|text| text.parse::<f64>().ok());
        let Some(found) = model.predict(case) else {
            if number("=1").or(number("=value")).is_some_and(f64::is_finite) {
                return Some(format!("row {index}: nothing for {case:?}"));
            }
            continue;
        };
        let wanted: Vec<f64> = match (number("=value"), found.values.len()) {
            // A score whose sign decides is the second class's.
            (Some(value), 2) => vec![found.values[0], value],
            (Some(value), _) => vec![value],
            (None, 1) => number("=1").into_iter().collect(),
            (None, count) => (0..count).filter_map(|class| number(&format!("={class}"))).collect(),
        };
        if !wanted.is_empty() && wanted.len() != found.values.len() {
            return Some(format!("row {index}: {} values", found.values.len()));
        }
        for (wanted, found) in wanted.iter().zip(&found.values) {
            let close = (wanted - found).abs() <= 2e-5 * (1.0 + wanted.abs());
            if !close {
                return Some(format!("row {index}: {found} instead of {wanted}"));
            }
        }
        if let (Some(wanted), Some(class)) = (expected("=class"), found.class) {
            let label = &model.classes()[class];
            if *label != wanted {
                return Some(format!("row {index}: class {label} instead of {wanted}"));
            }
        }
    }
    None
}

#[test]
fn files_of_libraries_have_the_answers_of_onnxruntime_or_are_refused() {
    let mut wrong = Vec::new();
    let names = names();
    for name in &names {
        let refusal = REFUSED.iter().find(|(file, _)| file == name);
        let problem = match (model(name), refusal) {
            (Ok(model), None) => difference(name, &model),
            (Err(error), Some((_, part))) => {
                let text = error.to_string();
                let clear = text.contains(part) && !text.contains('\n') && text.len() < 300;
                (!clear).then_some(text)
            }
            (Ok(_), Some(_)) => Some("is read".to_owned()),
            (Err(error), None) => Some(error.to_string()),
        };
        wrong.extend(problem.map(|problem| format!("{name}: {problem}")));
    }
    assert!(names.len() > 50 && wrong.is_empty(), "{}", wrong.join("\n"));
}
