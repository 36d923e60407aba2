// SPDX-License-Identifier: Apache-2.0
//! PMML: what is read predicts what jpmml-evaluator predicts (tests/data/pmml, answers.py), or R
//! itself (its `r-` files).

use std::path::PathBuf;

use cso_model_files::{read, Cases, Cell, ModelFile};

fn folder() -> PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/pmml")
}

/// The model's number, or the probability of a class; none if it predicts nothing.
fn told(model: &ModelFile, case: &[Cell], class: Option<&str>) -> Option<f64> {
    let values = model.predict(case)?.values;
    let place = class.map(|class| model.classes().iter().position(|label| label == class).unwrap());
    Some(match (place, values.as_slice()) {
        (Some(0), [second]) if model.classes().len() == 2 => 1.0 - second,
        (None | Some(_), [only]) => *only,
        (place, values) => values[place.unwrap_or(values.len() - 1)],
    })
}

/// How far an answer may be off, as a share of it: curves drawn by points, and hazards of nothing.
fn tolerance(file: &str, answer: &str) -> f64 {
    match (file, answer) {
        (_, "=cauchit" | "=power") | ("r-glm-cauchit" | "r-glm-gamma", _) => 1e-3,
        ("cox-time" | "cox-survival" | "r-coxph", _) => 1e-3,
        _ => 1e-9,
    }
}

#[test]
fn files_predict_what_another_library_predicts() {
    let mut compared = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "pmml") {
            continue;
        }
        let file = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let table = std::fs::read_to_string(path.with_extension("csv")).unwrap();
        let table = Cases::from_csv(&table).unwrap();
        for answer in table.columns().iter().filter(|name| name.starts_with('=')) {
            let text = text.replace("{variant}", &answer[1..]);
            let model = read(text.as_bytes()).unwrap_or_else(|error| panic!("{file}: {error}"));
            let class = answer.strip_prefix("=p ");
            let cases = model.table(&table).unwrap();
            let expected = table.numbers(answer).unwrap();
            for (case, expected) in cases.iter().zip(expected) {
                let found = told(&model, case, class);
                let near = match (found, expected) {
                    (Some(found), Some(expected)) => {
                        let scale = expected.abs().max(0.02);
                        (found - expected).abs() <= scale * tolerance(&file, answer)
                    }
                    (found, expected) => found.is_none() && expected.is_none(),
                };
                assert!(near, "{file} {answer}: {found:?}, expected {expected:?} for {case:?}");
                compared += 1;
            }
        }
    }
    assert!(compared > 700, "{compared} answers compared");
}
