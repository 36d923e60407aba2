// SPDX-License-Identifier: Apache-2.0
//! ONNX files that become protocols.

mod common;
#[path = "../../model-files/tests/common/onnx.rs"]
mod onnx;

use common::{answers, drafted};
use cso_clinical::{compile, draft};
use cso_model_files::{read, Cases};
use onnx::{forest, graph, logistic};

const DATA: &str = "age,dose\n30,0.5\n64,2.25\n81,1\n45,0.75\n59,2\n";

#[test]
fn a_scaled_logistic_regression_becomes_plain_weights() {
    let model = read(&graph(&logistic())).unwrap();
    let data = Cases::from_csv(DATA).unwrap();
    let toml = draft(&model, "x", &data).unwrap().to_toml().unwrap();
    // Scaling is written as plain weights, in spite of single precision.
    assert_eq!(toml.matches("\nweight = ").count(), 2, "{toml}");
    let protocol = drafted(&model, &data);
    let compiled = compile(&protocol).unwrap();
    for case in model.table(&data).unwrap() {
        let bits = protocol.intake().encode(&answers(&protocol, &case)).unwrap().bits;
        let raw = compiled.program.evaluate(&bits).unwrap()[0];
        let percent = protocol.outputs()[0].value(raw).unwrap();
        assert!((percent - 100.0 * model.predict(&case).unwrap().values[0]).abs() < 0.6);
    }
}

#[test]
fn an_input_without_names_takes_those_of_the_data() {
    let model = read(&graph(&forest("NONE"))).unwrap();
    let protocol = drafted(&model, &Cases::from_csv(DATA).unwrap());
    let ids: Vec<&str> =
        protocol.intake().features().iter().map(|feature| feature.id.as_str()).collect();
    assert_eq!(ids, ["age", "dose"]);
    let error = draft(&model, "x", &Cases::from_csv("a,b,c\n1,2,3\n4,5,6\n").unwrap()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the model file names no columns, it has 2: give data with exactly these, in the model's order, or with the names X0, X1"
    );
}

#[test]
fn damaged_files_become_protocols_that_can_be_read_or_none() {
    let data = Cases::from_csv(DATA).unwrap();
    for valid in [graph(&logistic()), graph(&forest("NONE"))] {
        for place in 0..valid.len() {
            for change in [0x00, 0x01, 0x7f, 0x80, 0xff] {
                let mut damaged = valid.clone();
                damaged[place] = change;
                if let Ok(model) = read(&damaged) {
                    if let Ok(draft) = draft(&model, "x", &data) {
                        common::comes_back(&draft);
                        let _ = compile(&draft.protocol);
                    }
                }
            }
        }
    }
}
