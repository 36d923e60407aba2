// SPDX-License-Identifier: Apache-2.0
//! ONNX graphs, written field by field.
#![allow(dead_code)] // Each test binary uses its own part.

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

pub(crate) enum Of<'a> {
    Text(&'a str),
    Texts(&'a [&'a str]),
    Floats(&'a [f32]),
    Ints(&'a [i64]),
    Int(i64),
}

fn attribute(name: &str, of: &Of<'_>) -> Vec<u8> {
    let mut message = bytes(1, name.as_bytes());
    match of {
        Of::Text(text) => message.extend(bytes(4, text.as_bytes())),
        Of::Texts(texts) => texts.iter().for_each(|text| message.extend(bytes(9, text.as_bytes()))),
        Of::Int(number) => message.extend(int(3, *number)),
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

pub(crate) fn node(
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
pub(crate) fn input(name: &str, width: i64) -> Vec<u8> {
    let dims = [bytes(1, &int(1, 0)), bytes(1, &int(1, width))].concat();
    let tensor = [int(1, 1), bytes(2, &dims)].concat();
    bytes(11, &[bytes(1, name.as_bytes()), bytes(2, &bytes(1, &tensor))].concat())
}

/// A constant tensor.
pub(crate) fn constant(name: &str, numbers: &[f32]) -> Vec<u8> {
    let raw: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    let message =
        [int(1, numbers.len() as i64), int(2, 1), bytes(8, name.as_bytes()), bytes(9, &raw)];
    bytes(5, &message.concat())
}

pub(crate) fn graph(parts: &[Vec<u8>]) -> Vec<u8> {
    [int(1, 8), bytes(7, &parts.concat())].concat()
}

/// A scaled logistic regression on two named columns, as skl2onnx writes it.
pub(crate) fn logistic() -> Vec<Vec<u8>> {
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
        node("Cast", &["label"], &["out"], &[("to", Of::Int(8))]),
        node(
            "ZipMap",
            &["probabilities"],
            &["map"],
            &[("classlabels_strings", Of::Texts(&["well", "ill"]))],
        ),
    ]
}

/// Two trees over an input without names: the second sends missing values to where its comparison
/// leads if true.
pub(crate) fn forest(post: &str) -> Vec<Vec<u8>> {
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
