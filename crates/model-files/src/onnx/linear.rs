// SPDX-License-Identifier: Apache-2.0
//! LinearClassifier and LinearRegressor: one row of coefficients a class or target.

use super::proto::Node;
use super::scale::doubles;
use super::{binary, labels, refuse, unknown_transform, unsupported, Predictor};
use crate::{Curve, ModelFileError, Scale, Share, Sum, Target, Term, Variable};

/// The sums: coefficients row by row.
fn sums(node: &Node, features: &[Variable], rows: usize) -> Result<Vec<Sum>, ModelFileError> {
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
    let row = |row: usize| Sum {
        constant: intercepts.get(row).copied().unwrap_or(0.0),
        terms: features
            .iter()
            .zip(&coefficients[row * width..])
            .map(|(feature, weight)| Term::Product {
                factors: vec![feature.clone()],
                weight: *weight,
            })
            .collect(),
    };
    Ok((0..rows).map(row).collect())
}

pub(super) fn regressor(node: &Node, features: &[Variable]) -> Result<Predictor, ModelFileError> {
    if node.int("targets", 1) != 1 {
        return Err(unsupported("a regressor of several targets", "export one model a target"));
    }
    let scale = match node.text("post_transform", "NONE") {
        "NONE" => Scale::IDENTITY,
        "LOGISTIC" => Scale::of(Curve::Logistic),
        other => return Err(unknown_transform(other)),
    };
    Ok(Predictor { sums: sums(node, features, 1)?, target: Target::Number(vec![scale]) })
}

pub(super) fn classifier(node: &Node, features: &[Variable]) -> Result<Predictor, ModelFileError> {
    let labels = labels(node, "classlabels_ints")?;
    let post = node.text("post_transform", "NONE");
    // Two classes may share one row: that of the second.
    let rows = match features.len() {
        0 => 0,
        width => node.floats("coefficients").len() / width,
    };
    let mut sums = sums(node, features, rows)?;
    let share = match post {
        "NONE" => Share::Scores,
        "LOGISTIC" => Share::Logistic,
        "SOFTMAX" => Share::Softmax,
        other => return Err(unknown_transform(other)),
    };
    match (<[String; 2]>::try_from(labels), sums.len()) {
        (Ok(labels), 1) if share == Share::Logistic => {
            Ok(binary(labels, Scale::of(Curve::Logistic), sums.remove(0)))
        }
        (Ok(labels), 2) if share == Share::Softmax => {
            let mut difference = sums.remove(1);
            difference.add(&sums[0], -1.0);
            Ok(binary(labels, Scale::of(Curve::Logistic), difference))
        }
        // As scikit-learn's binary models are exported: the first row is the second one's negative.
        (Ok(labels), 2) if share == Share::Logistic && opposite(&sums[0], &sums[1]) => {
            Ok(binary(labels, Scale::of(Curve::Logistic), sums.remove(1)))
        }
        (Ok(labels), 2) => Ok(classes(labels.into(), sums, share)),
        (Err(labels), rows) if rows == labels.len() => Ok(classes(labels, sums, share)),
        (labels, rows) => {
            let classes = labels.map_or_else(|labels| labels.len(), |labels| labels.len());
            Err(unsupported(
                format!("a LinearClassifier of {rows} rows for {classes} classes by {post}"),
                "export probabilities: one row a class",
            ))
        }
    }
}

fn classes(labels: Vec<String>, sums: Vec<Sum>, share: Share) -> Predictor {
    Predictor { sums, target: Target::Classes { labels, share } }
}

fn opposite(a: &Sum, b: &Sum) -> bool {
    let weight = |term: &Term| match term {
        Term::Product { weight, .. } => *weight,
        Term::Tree(_) => f64::NAN,
    };
    a.constant == -b.constant && a.terms.iter().zip(&b.terms).all(|(a, b)| weight(a) == -weight(b))
}
