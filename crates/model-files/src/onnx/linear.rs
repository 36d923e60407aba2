// SPDX-License-Identifier: Apache-2.0
//! LinearClassifier and LinearRegressor: one row of coefficients a class or target.

use super::affine::{same, Affine};
use super::arithmetic::softmax;
use super::proto::Node;
use super::tensor::{Kind, Tensor};
use super::unary::{bent, flat};
use super::{classified, labels, refuse, regressor_transform, unknown_transform, unsupported};
use crate::{Curve, ModelFileError};

pub(super) fn doubles(floats: &[f32]) -> Vec<f64> {
    floats.iter().copied().map(f64::from).collect()
}

/// The sums: coefficients row by row.
fn sums(node: &Node, features: &[&Affine], rows: usize) -> Result<Vec<Affine>, ModelFileError> {
    let coefficients = doubles(node.floats("coefficients"));
    let intercepts = doubles(node.floats("intercepts"));
    let width = features.len();
    let finite = coefficients.iter().chain(&intercepts).all(|number| number.is_finite());
    if coefficients.len() != rows * width
        || !(intercepts.is_empty() || intercepts.len() == rows)
        || !finite
    {
        return Err(refuse(format!(
            "a {} has {} coefficients and {} intercepts for {rows} rows of {width} features",
            node.op_type,
            coefficients.len(),
            intercepts.len()
        )));
    }
    let row = |row: usize| {
        let mut sum = Affine::constant(intercepts.get(row).copied().unwrap_or(0.0));
        for (feature, weight) in features.iter().zip(&coefficients[row * width..]) {
            sum.add(feature, *weight);
        }
        sum
    };
    Ok((0..rows).map(row).collect())
}

/// The features of one case.
fn features(node: &Node, of: &Tensor) -> Result<Vec<Affine>, ModelFileError> {
    if of.dims.len() > 1 && of.dims[0] != 1 || of.dims.len() > 2 {
        return Err(refuse(format!("a {} on the shape {:?}", node.op_type, of.dims)));
    }
    let numbers = of.numbers(&node.op_type)?;
    Ok(numbers.into_iter().cloned().collect())
}

pub(super) fn regressor(node: &Node, of: &Tensor) -> Result<Vec<Tensor>, ModelFileError> {
    let own = features(node, of)?;
    let targets = match node.int("targets", 1) {
        targets @ 1..=64 => targets as usize,
        targets => return Err(refuse(format!("a regressor of {targets} targets"))),
    };
    let sums = sums(node, &own.iter().collect::<Vec<_>>(), targets)?;
    match node.text("post_transform", "NONE") {
        "NONE" => {}
        other => return Err(regressor_transform(other)),
    }
    Ok(vec![Tensor::row(Kind::Single, sums)])
}

pub(super) fn classifier(node: &Node, of: &Tensor) -> Result<Vec<Tensor>, ModelFileError> {
    let labels = labels(node, "classlabels_ints")?;
    let own = features(node, of)?;
    let own: Vec<&Affine> = own.iter().collect();
    let post = node.text("post_transform", "NONE");
    // Two classes may share one row: that of the second.
    let rows = match own.len() {
        0 => 0,
        width => node.floats("coefficients").len() / width,
    };
    let sums = sums(node, &own, rows)?;
    let one = Affine::constant(1.0);
    let logistic = |sum: &Affine| bent(sum, Curve::Logistic);
    let values = match (&sums[..], post) {
        // As scikit-learn's binary models are exported: the first row is the second one's negative.
        ([first, second], "LOGISTIC") if opposite(first, second) => {
            let second = logistic(second)?;
            vec![one.plus(&second, -1.0), second]
        }
        ([sum], "LOGISTIC") if labels.len() == 2 => {
            let second = logistic(sum)?;
            vec![one.plus(&second, -1.0), second]
        }
        (all, _) if all.len() != labels.len() => {
            return Err(unsupported(
                format!("a LinearClassifier of {rows} rows for {} classes by {post}", labels.len()),
                "export probabilities: one row a class",
            ))
        }
        (all, "NONE") => all.to_vec(),
        (all, "LOGISTIC") => all.iter().map(logistic).collect::<Result<_, _>>()?,
        (all, "SOFTMAX") => softmax(&all.iter().collect::<Vec<_>>())?,
        (_, other) => return Err(unknown_transform(other)),
    };
    classified(labels, values)
}

fn opposite(a: &Affine, b: &Affine) -> bool {
    match (flat(a), flat(b)) {
        (Ok(a), Ok(b)) => {
            let sum = a.plus(&b, 1.0);
            same(sum.constant, 0.0) && sum.parts.is_empty()
        }
        _ => false,
    }
}
