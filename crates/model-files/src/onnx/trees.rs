// SPDX-License-Identifier: Apache-2.0
//! TreeEnsembleClassifier, TreeEnsembleRegressor and TreeEnsemble: what sums of trees stand for.
//!
//! Results follow onnxruntime: scores of a class without weights are 0; two classes with weights
//! for one of them are that score and its opposite.

use std::sync::Arc;

use super::affine::{same, Affine, Atom};
use super::arithmetic::softmax;
use super::columns::Columns;
use super::ensemble::{Ensemble, Leaf};
use super::linear::doubles;
use super::proto::Node;
use super::tensor::{Kind, Tensor};
use super::unary::bent;
use super::{classified, labels, refuse, regressor_transform, unknown_transform, unsupported};
use crate::{Curve, ModelFileError, Sum, Term};

type Read<T> = Result<T, ModelFileError>;

/// The trees' sum of what a leaf gives.
fn sum(
    ensemble: &Ensemble,
    features: &mut super::ensemble::Features<'_>,
    points: &dyn Fn(&Leaf) -> f64,
) -> Read<Affine> {
    let mut terms = Vec::with_capacity(ensemble.roots.len());
    for root in &ensemble.roots {
        let tree = ensemble.tree(*root, features, points)?;
        if tree.leaves().any(|points| points != 0.0) {
            terms.push(Term::Tree(tree));
        }
    }
    Ok(match terms.is_empty() {
        true => Affine::constant(0.0),
        false => Affine::atom(Atom::Trees(Arc::new(Sum { constant: 0.0, terms }))),
    })
}

/// What a leaf gives to one class or target.
fn weight(leaf: &Leaf, class: usize) -> f64 {
    leaf.iter().filter(|(of, _)| *of == class).map(|(_, weight)| weight).sum()
}

fn base(node: &Node) -> Read<Vec<f64>> {
    let base = match node.tensor("base_values_as_tensor") {
        Some(tensor) => tensor.numbers().unwrap_or_default(),
        None => doubles(node.floats("base_values")),
    };
    match base.iter().all(|value| value.is_finite()) {
        true => Ok(base),
        false => Err(refuse("base values that are no finite numbers")),
    }
}

fn logistic(of: &Affine) -> Read<Affine> {
    bent(of, Curve::Logistic)
}

pub(super) fn regressor(node: &Node, of: &Tensor, columns: &mut Columns) -> Read<Vec<Tensor>> {
    let newest = node.op_type == "TreeEnsemble";
    let targets = match node.int("n_targets", 1) {
        targets @ 1..=64 => targets as usize,
        targets => return Err(refuse(format!("a regressor of {targets} targets"))),
    };
    let (ensemble, aggregate, post) = if newest {
        let aggregate = ["AVERAGE", "SUM", "MIN", "MAX"];
        let posts = ["NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"];
        let name = |names: &[&'static str], place: i64| {
            usize::try_from(place).ok().and_then(|place| names.get(place)).copied().unwrap_or("?")
        };
        let aggregate = name(&aggregate, node.int("aggregate_function", 1));
        let post = name(&posts, node.int("post_transform", 0));
        (Ensemble::newest(node, targets)?, aggregate, post)
    } else {
        let ensemble = Ensemble::read(node, "target", targets)?;
        (ensemble, node.text("aggregate_function", "SUM"), node.text("post_transform", "NONE"))
    };
    let times = match aggregate {
        "SUM" => 1.0,
        "AVERAGE" => 1.0 / ensemble.roots.len().max(1) as f64,
        other => {
            return Err(unsupported(
                format!("aggregate_function {}", crate::shorten(other)),
                "use SUM or AVERAGE",
            ))
        }
    };
    let base = match base(node)? {
        base if base.is_empty() => vec![0.0; targets],
        base if base.len() == targets => base,
        base => return Err(refuse(format!("{} base values for {targets} outputs", base.len()))),
    };
    let mut features = ensemble.features(of, columns);
    let mut values = Vec::with_capacity(targets);
    for (target, base) in base.iter().enumerate() {
        let mut value = sum(&ensemble, &mut features, &|leaf| times * weight(leaf, target))?;
        value.constant += base;
        values.push(value);
    }
    let values = match post {
        "NONE" => values,
        "LOGISTIC" if targets > 1 => values.iter().map(logistic).collect::<Read<_>>()?,
        "SOFTMAX" if targets > 1 => softmax(&values.iter().collect::<Vec<_>>())?,
        other => return Err(regressor_transform(other)),
    };
    let kind = if of.kind == Kind::Double { Kind::Double } else { Kind::Single };
    Ok(vec![Tensor::row(kind, values)])
}

pub(super) fn classifier(node: &Node, of: &Tensor, columns: &mut Columns) -> Read<Vec<Tensor>> {
    let labels = labels(node, "classlabels_int64s")?;
    let post = node.text("post_transform", "NONE");
    let ensemble = Ensemble::read(node, "class", labels.len())?;
    let base = base(node)?;
    let mut features = ensemble.features(of, columns);
    let values = match labels.len() {
        2 => two_classes(&ensemble, &mut features, &base, post)?,
        count => {
            if !(base.is_empty() || base.len() == count) {
                return Err(refuse(format!("{} base values for {count} outputs", base.len())));
            }
            let mut values = Vec::with_capacity(count);
            for class in 0..count {
                let mut value = sum(&ensemble, &mut features, &|leaf| weight(leaf, class))?;
                value.constant += base.get(class).copied().unwrap_or(0.0);
                values.push(value);
            }
            match post {
                "NONE" => values,
                "LOGISTIC" => values.iter().map(logistic).collect::<Read<_>>()?,
                "SOFTMAX" => softmax(&values.iter().collect::<Vec<_>>())?,
                other => return Err(unknown_transform(other)),
            }
        }
    };
    classified(labels, values)
}

fn two_classes(
    ensemble: &Ensemble,
    features: &mut super::ensemble::Features<'_>,
    base: &[f64],
    post: &str,
) -> Read<Vec<Affine>> {
    let mut classes: Vec<usize> = ensemble.leaves().flatten().map(|(class, _)| *class).collect();
    classes.sort_unstable();
    classes.dedup();
    let no_base = base.iter().all(|value| *value == 0.0);
    let one = Affine::constant(1.0);
    if let [class] = classes[..] {
        if !(base.len() <= 1 && class == 0 || no_base) {
            return Err(unsupported(
                format!("{} base values for two classes with weights for one", base.len()),
                "export it with skl2onnx or onnxmltools, which write one for the first class",
            ));
        }
        let mut score = sum(ensemble, features, &|leaf| weight(leaf, class))?;
        score.constant += base.first().copied().unwrap_or(0.0);
        let positive = ensemble.leaves().flatten().all(|(_, weight)| *weight >= 0.0);
        return match post {
            "LOGISTIC" => {
                let second = logistic(&score)?;
                Ok(vec![one.plus(&second, -1.0), second])
            }
            "NONE" if positive => Ok(vec![one.plus(&score, -1.0), score]),
            "NONE" => {
                let first = if class == 0 { score.times(-1.0) } else { Affine::constant(0.0) };
                Ok(vec![first, score])
            }
            other => Err(unsupported(
                format!(
                    "post_transform {} of two classes with such weights",
                    crate::shorten(other)
                ),
                "use LOGISTIC, or NONE with weights from 0 on",
            )),
        };
    }
    // Runtimes take a leaf without weight for the second class in different ways.
    let complete =
        |tree: &Vec<&Leaf>| tree.iter().all(|leaf| leaf.iter().any(|(class, _)| *class == 1));
    let trees: Vec<Vec<&Leaf>> =
        ensemble.roots.iter().map(|root| ensemble.leaves_of(*root)).collect();
    if !no_base || classes.len() != 2 || !trees.iter().any(complete) {
        return Err(unsupported(
            "a TreeEnsembleClassifier of two classes with weights for both, not in every leaf or with base values",
            "export it with skl2onnx or onnxmltools, which write those of one class",
        ));
    }
    let second = sum(ensemble, features, &|leaf| weight(leaf, 1))?;
    // What both classes share in a leaf is the same all over the tree, as a rule.
    let both = |leaf: &&Leaf| weight(leaf, 0) + weight(leaf, 1);
    let mut total = Some(0.0);
    for tree in &trees {
        let first = tree.first().map_or(0.0, both);
        let even =
            tree.iter().all(|leaf| (both(leaf) - first).abs() < 1e-4 * first.abs().max(1e-2));
        total = total.filter(|_| even).map(|total| total + first);
    }
    let first = match total {
        Some(total) if (total - 1.0).abs() < 1e-3 => one.plus(&second, -1.0),
        Some(total) if same(total, 0.0) || total.abs() < 1e-3 => second.times(-1.0),
        Some(total) => Affine::constant(total).plus(&second, -1.0),
        None => sum(ensemble, features, &|leaf| weight(leaf, 0))?,
    };
    match post {
        "NONE" => Ok(vec![first, second]),
        "LOGISTIC" if first.is_same(&second.times(-1.0)) => {
            let second = logistic(&second)?;
            Ok(vec![one.plus(&second, -1.0), second])
        }
        "LOGISTIC" => Ok(vec![logistic(&first)?, logistic(&second)?]),
        "SOFTMAX" => softmax(&[&first, &second]),
        other => Err(unknown_transform(other)),
    }
}
