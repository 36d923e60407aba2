// SPDX-License-Identifier: Apache-2.0
//! ONNX: small graphs, written field by field, and what is refused.

#[path = "common/onnx.rs"]
mod onnx;

use cso_model_files::{Cases, Cell, ModelFile, ModelFileError};
use onnx::{constant, forest, graph, input, logistic, node, Of};

fn read(parts: &[Vec<u8>]) -> Result<ModelFile, ModelFileError> {
    cso_model_files::read(&graph(parts))
}

fn case(age: f64, dose: f64) -> Vec<Cell> {
    vec![Cell::Number(age), Cell::Number(dose)]
}

#[test]
fn scaled_logistic_regression_gives_the_probability_of_the_second_class() {
    let model = read(&logistic()).unwrap();
    assert_eq!(model.kind(), "ONNX");
    assert_eq!(model.classes(), ["well", "ill"]);
    let scaled = 0.5 * (64.0 - 50.0) * f64::from(0.1f32) - 0.25 * (2.25 - 1.0) * 2.0 - 1.0;
    let expected = 1.0 / (1.0 + (-scaled).exp());
    let found = model.predict(&case(64.0, 2.25)).unwrap();
    assert!((found.values[0] - expected).abs() < 1e-6);
    assert_eq!(model.predict(&[Cell::Missing, Cell::Number(1.0)]), None);
}

#[test]
fn forests_compare_in_single_precision_and_track_missing_values() {
    let model = read(&forest("NONE")).unwrap();
    let share = |case: &[Cell]| model.predict(case).unwrap().values[0];
    assert_eq!(share(&case(60.0, 1.0)), 0.125);
    assert_eq!(share(&case(60.5, 1.2)), 0.875);
    // 1.1 in single precision is greater than in double precision.
    assert_eq!(share(&case(60.0, 1.1)), 0.125);
    assert_eq!(share(&[Cell::Missing, Cell::Missing]), 0.5 + 0.375);
    let logistic = read(&forest("LOGISTIC")).unwrap();
    let probability = logistic.predict(&case(60.0, 1.0)).unwrap().values[0];
    assert!((probability - 1.0 / (1.0 + f64::exp(-0.125))).abs() < 1e-12);
}

#[test]
fn an_input_without_names_takes_those_of_the_data() {
    let model = read(&forest("NONE")).unwrap();
    let names = |model: &ModelFile| -> Vec<String> {
        model.columns().iter().map(|column| column.name.clone()).collect()
    };
    assert_eq!(names(&model), ["X0", "X1"]);
    let data = Cases::from_csv("age,dose\n30,0.5\n").unwrap();
    assert_eq!(names(&model.named_by(&data).unwrap()), ["age", "dose"]);
    let own = Cases::from_csv("X1,X0,y\n1,2,3\n").unwrap();
    assert_eq!(model.table(&own).unwrap(), [[Cell::Number(2.0), Cell::Number(1.0)]]);
    let error = model.named_by(&Cases::from_csv("a,b,c\n1,2,3\n").unwrap()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the model file names no columns, it has 2: give data with exactly these, in the model's order, or with the names X0, X1"
    );
}

#[test]
fn constants_scale_features_before_the_model() {
    let parts = |operator: &str| {
        vec![
            input("X", 2),
            constant("c", &[2.0, 4.0]),
            node(operator, &["X", "c"], &["scaled"], &[]),
            node(
                "LinearRegressor",
                &["scaled"],
                &["y"],
                &[("coefficients", Of::Floats(&[1.0, 10.0])), ("intercepts", Of::Floats(&[0.5]))],
            ),
        ]
    };
    for operator in ["Mul", "Div", "Sub", "Add"] {
        let model = read(&parts(operator)).unwrap();
        let value = model.predict(&case(8.0, 6.0)).unwrap().values[0];
        let f = |x: f64, c: f64| match operator {
            "Mul" => x * c,
            "Div" => x / c,
            "Sub" => x - c,
            _ => x + c,
        };
        assert_eq!(value, 0.5 + f(8.0, 2.0) + 10.0 * f(6.0, 4.0), "{operator}");
    }
}

#[test]
fn refuses_by_name_what_it_does_not_read() {
    let problem = |parts: &[Vec<u8>]| read(parts).unwrap_err().to_string();
    let with = |extra: Vec<u8>| {
        let mut parts = logistic();
        parts.insert(3, extra);
        parts
    };
    for (extra, expected) in [
        (
            node("Normalizer", &["all"], &["n"], &[]),
            "operator Normalizer (MAX) of features is not supported: export scalers",
        ),
        (
            node("SVMClassifier", &["all"], &["n"], &[]),
            "operator SVMClassifier is not supported: a support vector machine",
        ),
        (node("Scaler", &["nobody"], &["n"], &[]), "nothing gives `nobody` before it is used"),
        (
            node("Scaler", &["all"], &["n"], &[("offset", Of::Floats(&[1.0, 2.0, 3.0]))]),
            "a Scaler has 3 numbers for 2 features",
        ),
    ] {
        let problem = problem(&with(extra));
        assert!(problem.contains(expected) && !problem.contains('\n'), "{problem}");
    }
    assert_eq!(
        problem(&[input("X", 2)]),
        "ONNX model: the graph has no model: LinearClassifier, LinearRegressor or TreeEnsemble…"
    );
    assert!(problem(&forest("PROBIT"))
        .contains("post_transform PROBIT of two classes with such weights is not supported"));
    assert!(problem(&[input("X", 0)]).contains("input `X` has 0 columns"));
    assert!(
        problem(&[input("X", 100_000)]).contains("input `X` has 100000 columns, 1 to 256 are read")
    );
    // A tree whose child leads back to it.
    let mut circle = forest("NONE");
    let text = String::from_utf8_lossy(&circle[1]).into_owned();
    assert!(text.contains("nodes_truenodeids"));
    let place = circle[1].windows(17).position(|w| w == b"nodes_truenodeids").unwrap();
    circle[1][place + 19] = 0;
    assert!(problem(&circle).contains("the nodes of a tree are no tree"));
    assert_eq!(cso_model_files::read(&[0xff, 0xfe, 0, 1]), Err(ModelFileError::UnknownFormat));
}

#[test]
fn damaged_files_are_read_or_refused() {
    for valid in [graph(&logistic()), graph(&forest("NONE"))] {
        for place in 0..valid.len() {
            for change in [0x00, 0x01, 0x7f, 0x80, 0xff] {
                let mut damaged = valid.clone();
                damaged[place] = change;
                if let Ok(model) = cso_model_files::read(&damaged) {
                    let _ = model.predict(&vec![Cell::Missing; model.columns().len()]);
                }
            }
            let _ = cso_model_files::read(&valid[..place]);
        }
    }
}
