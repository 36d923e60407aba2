// SPDX-License-Identifier: Apache-2.0
//! ONNX: small graphs, written field by field, and what is refused.

mod common;

use common::answers;
use cso_clinical::import::{model, Cases, Cell, ImportError, Imported};
use cso_clinical::{compile, Protocol};

/// A varint.
fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// A field of bytes: a text or a message.
fn bytes(tag: u64, content: &[u8]) -> Vec<u8> {
    [varint(tag << 3 | 2), varint(content.len() as u64), content.to_vec()].concat()
}

/// A field that is a whole number.
fn int(tag: u64, number: i64) -> Vec<u8> {
    [varint(tag << 3), varint(number as u64)].concat()
}

enum Of<'a> {
    Text(&'a str),
    Texts(&'a [&'a str]),
    Floats(&'a [f32]),
    Ints(&'a [i64]),
}

fn attribute(name: &str, of: &Of<'_>) -> Vec<u8> {
    let mut message = bytes(1, name.as_bytes());
    match of {
        Of::Text(text) => message.extend(bytes(4, text.as_bytes())),
        Of::Texts(texts) => texts.iter().for_each(|text| message.extend(bytes(9, text.as_bytes()))),
        Of::Floats(floats) => {
            let packed: Vec<u8> = floats.iter().flat_map(|float| float.to_le_bytes()).collect();
            message.extend(bytes(7, &packed));
        }
        Of::Ints(ints) => {
            let packed: Vec<u8> = ints.iter().flat_map(|int| varint(*int as u64)).collect();
            message.extend(bytes(8, &packed));
        }
    }
    bytes(5, &message)
}

fn node(
    operator: &str,
    inputs: &[&str],
    outputs: &[&str],
    attributes: &[(&str, Of<'_>)],
) -> Vec<u8> {
    let mut message = Vec::new();
    inputs.iter().for_each(|name| message.extend(bytes(1, name.as_bytes())));
    outputs.iter().for_each(|name| message.extend(bytes(2, name.as_bytes())));
    message.extend(bytes(4, operator.as_bytes()));
    attributes.iter().for_each(|(name, of)| message.extend(attribute(name, of)));
    bytes(1, &message)
}

/// An input tensor of `width` columns of single precision.
fn input(name: &str, width: i64) -> Vec<u8> {
    let dims = [bytes(1, &int(1, 0)), bytes(1, &int(1, width))].concat();
    let tensor = [int(1, 1), bytes(2, &dims)].concat();
    bytes(11, &[bytes(1, name.as_bytes()), bytes(2, &bytes(1, &tensor))].concat())
}

/// A constant tensor.
fn constant(name: &str, numbers: &[f32]) -> Vec<u8> {
    let raw: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    let message =
        [int(1, numbers.len() as i64), int(2, 1), bytes(8, name.as_bytes()), bytes(9, &raw)];
    bytes(5, &message.concat())
}

fn graph(parts: &[Vec<u8>]) -> Vec<u8> {
    [int(1, 8), bytes(7, &parts.concat())].concat()
}

fn read(parts: &[Vec<u8>]) -> Result<Imported, ImportError> {
    model(&graph(parts))
}

const DATA: &str = "age,dose\n30,0.5\n64,2.25\n81,1\n45,0.75\n59,2\n";

fn logistic() -> Vec<Vec<u8>> {
    vec![
        input("age", 1),
        input("dose", 1),
        node("Concat", &["age", "dose"], &["all"], &[]),
        node(
            "Scaler",
            &["all"],
            &["scaled"],
            &[("offset", Of::Floats(&[50.0, 1.0])), ("scale", Of::Floats(&[0.1, 2.0]))],
        ),
        node(
            "LinearClassifier",
            &["scaled"],
            &["label", "probabilities"],
            &[
                ("coefficients", Of::Floats(&[-0.5, 0.25, 0.5, -0.25])),
                ("intercepts", Of::Floats(&[1.0, -1.0])),
                ("classlabels_strings", Of::Texts(&["well", "ill"])),
                ("post_transform", Of::Text("LOGISTIC")),
            ],
        ),
        node("Cast", &["label"], &["out"], &[]),
        node("ZipMap", &["probabilities"], &["map"], &[]),
    ]
}

/// Two trees over an input without names: the second sends missing values to where its comparison
/// leads if true.
fn forest(post: &str) -> Vec<Vec<u8>> {
    vec![
        input("X", 2),
        node(
            "TreeEnsembleClassifier",
            &["X"],
            &["label", "probabilities"],
            &[
                ("nodes_treeids", Of::Ints(&[0, 0, 0, 1, 1, 1])),
                ("nodes_nodeids", Of::Ints(&[0, 1, 2, 0, 1, 2])),
                ("nodes_featureids", Of::Ints(&[0, 0, 0, 1, 0, 0])),
                (
                    "nodes_modes",
                    Of::Texts(&["BRANCH_LEQ", "LEAF", "LEAF", "BRANCH_GT", "LEAF", "LEAF"]),
                ),
                ("nodes_values", Of::Floats(&[60.0, 0.0, 0.0, 1.1, 0.0, 0.0])),
                ("nodes_truenodeids", Of::Ints(&[1, 0, 0, 1, 0, 0])),
                ("nodes_falsenodeids", Of::Ints(&[2, 0, 0, 2, 0, 0])),
                ("nodes_missing_value_tracks_true", Of::Ints(&[0, 0, 0, 1, 0, 0])),
                ("class_treeids", Of::Ints(&[0, 0, 1, 1])),
                ("class_nodeids", Of::Ints(&[1, 2, 1, 2])),
                ("class_ids", Of::Ints(&[0, 0, 0, 0])),
                ("class_weights", Of::Floats(&[0.125, 0.5, 0.375, 0.0])),
                ("classlabels_int64s", Of::Ints(&[0, 1])),
                ("post_transform", Of::Text(post)),
            ],
        ),
    ]
}

fn case(age: f64, dose: f64) -> Vec<Cell> {
    vec![Cell::Number(age), Cell::Number(dose)]
}

#[test]
fn scaled_logistic_regression_gives_the_probability_of_the_second_class() {
    let imported = read(&logistic()).unwrap();
    assert_eq!(imported.kind(), "ONNX");
    assert_eq!(imported.classes(), ["well", "ill"]);
    let scaled = 0.5 * (64.0 - 50.0) * f64::from(0.1f32) - 0.25 * (2.25 - 1.0) * 2.0 - 1.0;
    let expected = 1.0 / (1.0 + (-scaled).exp());
    let found = imported.predict(&case(64.0, 2.25)).unwrap();
    assert!((found.values[0] - expected).abs() < 1e-6);
    assert_eq!(imported.predict(&[Cell::Missing, Cell::Number(1.0)]), None);

    let data = Cases::from_csv(DATA).unwrap();
    let toml = imported.to_protocol("x", &data).unwrap();
    // Scaling is written as plain weights, in spite of single precision.
    assert_eq!(toml.matches("\nweight = ").count(), 2, "{toml}");
    let protocol = Protocol::from_toml(&toml).unwrap();
    let compiled = compile(&protocol).unwrap();
    for case in imported.table(&data).unwrap() {
        let bits = protocol.intake().encode(&answers(&protocol, &case)).unwrap().bits;
        let percent = f64::from(compiled.program.evaluate(&bits).unwrap()[0]);
        assert!((percent - 100.0 * imported.predict(&case).unwrap().values[0]).abs() < 1.0);
    }
}

#[test]
fn forests_compare_in_single_precision_and_track_missing_values() {
    let imported = read(&forest("NONE")).unwrap();
    let share = |case: &[Cell]| imported.predict(case).unwrap().values[0];
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
    let imported = read(&forest("NONE")).unwrap();
    let names: Vec<&str> = imported.features().iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["X0", "X1"]);
    let toml = imported.to_protocol("x", &Cases::from_csv(DATA).unwrap()).unwrap();
    let protocol = Protocol::from_toml(&toml).unwrap();
    let ids: Vec<&str> =
        protocol.intake().features().iter().map(|feature| feature.id.as_str()).collect();
    assert_eq!(ids, ["age", "dose"]);
    let error =
        imported.to_protocol("x", &Cases::from_csv("a,b,c\n1,2,3\n4,5,6\n").unwrap()).unwrap_err();
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
        let imported = read(&parts(operator)).unwrap();
        let value = imported.predict(&case(8.0, 6.0)).unwrap().values[0];
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
            "operator Normalizer is not supported: export scalers",
        ),
        (node("OneHotEncoder", &["all"], &["n"], &[]), "operator OneHotEncoder is not supported"),
        (node("Scaler", &["nobody"], &["n"], &[]), "nothing gives `nobody` before it is used"),
        (
            node("Scaler", &["all"], &["n"], &[("offset", Of::Floats(&[1.0, 2.0, 3.0]))]),
            "a Scaler has 3 numbers for 2 features",
        ),
        (
            node("LinearRegressor", &["all"], &["y"], &[("coefficients", Of::Floats(&[1.0, 2.0]))]),
            "a second model in one graph is not supported",
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
    assert_eq!(model(&[0xff, 0xfe, 0, 1]), Err(ImportError::UnknownFormat));
}

#[test]
fn damaged_files_are_read_or_refused() {
    let data = Cases::from_csv(DATA).unwrap();
    for valid in [graph(&logistic()), graph(&forest("NONE"))] {
        for place in 0..valid.len() {
            for change in [0x00, 0x01, 0x7f, 0x80, 0xff] {
                let mut damaged = valid.clone();
                damaged[place] = change;
                if let Ok(imported) = model(&damaged) {
                    if let Ok(toml) = imported.to_protocol("x", &data) {
                        let _ = Protocol::from_toml(&toml)
                            .map(|protocol| compile(&protocol).map(|_| ()));
                    }
                }
            }
            let _ = model(&valid[..place]);
        }
    }
}
