// SPDX-License-Identifier: Apache-2.0
//! What chooses entries: classes by their scores, steps by the nearest number.

use std::sync::{Arc, OnceLock};

use super::affine::{Affine, Atom};
use crate::{Cell, Curve, Node, Sum, Term, Tree};

/// The first of the greatest scores wins.
#[derive(Debug)]
pub(super) struct Choice {
    pub scores: Vec<Affine>,
    /// 1 or 0, if it's a comparison of columns that may be a feature too.
    truth: Option<Affine>,
    /// 1 or 0 for two classes of one tree.
    second: OnceLock<Option<Affine>>,
}

/// The number of the nearest of ascending points, of two as near the first.
#[derive(Debug)]
pub(super) struct Nearest {
    pub of: Affine,
    pub points: Vec<f64>,
}

impl Choice {
    pub(super) fn of(scores: Vec<Affine>) -> Self {
        Self { scores, truth: None, second: OnceLock::new() }
    }

    /// The choice between two scores, and its truth if that may be a feature.
    pub(super) fn two(scores: [Affine; 2], truth: Option<Affine>) -> Self {
        Self { truth, ..Self::of(scores.into()) }
    }

    /// The label as a feature, if it's a comparison of columns.
    pub(super) fn feature(&self, labels: &[Cell]) -> Option<Affine> {
        between_labels(self.truth.as_ref()?, labels)
    }

    /// The label as a number, if it's a comparison of columns or the class of one tree.
    pub(super) fn number(&self, labels: &[Cell]) -> Option<Affine> {
        if let Some(feature) = self.feature(labels) {
            return Some(feature);
        }
        match labels.len() {
            // The same tree for both labels, so that they may cancel out.
            2 => {
                let labelled = || self.of_tree(&[Cell::Number(0.0), Cell::Number(1.0)]);
                between_labels(self.second.get_or_init(labelled).as_ref()?, labels)
            }
            _ => self.of_tree(labels),
        }
    }

    /// The label as a number, if the scores are those of one tree.
    fn of_tree(&self, labels: &[Cell]) -> Option<Affine> {
        let mut tree: Option<&Tree> = None;
        let mut scores = Vec::with_capacity(self.scores.len());
        for score in &self.scores {
            scores.push(match &score.parts[..] {
                [] => (score.constant, None),
                [(Atom::Trees(sum), weight)] => match &sum.terms[..] {
                    [Term::Tree(own)] => {
                        let same = |known: &Tree| own.nodes().len() == known.nodes().len();
                        if !tree.is_none_or(same) {
                            return None;
                        }
                        tree = Some(own);
                        (score.constant + weight * sum.constant, Some((own.nodes(), *weight)))
                    }
                    _ => return None,
                },
                _ => return None,
            });
        }
        let tree = tree?;
        let mut nodes = Vec::with_capacity(tree.nodes().len());
        for (place, node) in tree.nodes().iter().enumerate() {
            let mut best: Option<(f64, f64)> = None;
            for ((constant, own), label) in scores.iter().zip(labels) {
                let points = match (node, own.map(|(nodes, weight)| (&nodes[place], weight))) {
                    (Node::Leaf(_), Some((Node::Leaf(points), weight))) => {
                        constant + weight * points
                    }
                    (Node::Leaf(_), None) => *constant,
                    (Node::Split(_), None) => continue,
                    (Node::Split(_), Some((own, _))) if own == node => continue,
                    _ => return None,
                };
                if best.is_none_or(|(known, _)| points > known) {
                    best = Some((points, label.number()?));
                }
            }
            nodes.push(match best {
                Some((_, label)) => Node::Leaf(label),
                None => node.clone(),
            });
        }
        let tree = Tree::new(nodes).ok()?;
        Some(Affine::atom(Atom::Trees(Arc::new(Sum::of_tree(tree)))))
    }

    /// Whether the greatest of the values is always the class that is chosen.
    pub(super) fn agrees(&self, values: &[Affine]) -> bool {
        if self.scores.len() != values.len() {
            return false;
        }
        if let ([a, b], [c, d]) = (&self.scores[..], values) {
            return ranked(b.plus(a, -1.0)).is_same(&ranked(d.plus(c, -1.0)));
        }
        let scores = self.scores.iter().map(plain);
        scores.zip(values.iter().map(plain)).all(|(score, value)| score.is_same(&value))
    }
}

/// The first label or the second, by a truth.
fn between_labels(truth: &Affine, labels: &[Cell]) -> Option<Affine> {
    let [first, second] = labels else { return None };
    let (first, second) = (first.number()?, second.number()?);
    Some(Affine::constant(first).plus(truth, second - first))
}

/// What orders values as these do.
fn plain(value: &Affine) -> Affine {
    match value.as_atom() {
        Some(Atom::Share(shared, index)) => {
            let member = &shared.members[*index];
            member.logit().unwrap_or_else(|| member.clone())
        }
        _ => value.logit().or_else(|| value.power()).unwrap_or_else(|| value.clone()),
    }
}

/// A difference that has the same sign, without the last curve, and of a fixed size.
fn ranked(difference: Affine) -> Affine {
    let [(atom, weight)] = &difference.parts[..] else {
        return sized(difference);
    };
    if let Atom::Bent(bent) = atom {
        let limit = -difference.constant / weight;
        if bent.unread.is_none() && bent.curves == [Curve::Logistic] && limit > 0.0 && limit < 1.0 {
            let mut of = bent.of.clone();
            of.constant -= (limit / (1.0 - limit)).ln();
            return sized(of.times(weight.signum()));
        }
    }
    sized(difference)
}

fn sized(sum: Affine) -> Affine {
    match sum.parts.first() {
        Some((_, weight)) if weight.is_finite() && *weight != 0.0 => sum.times(1.0 / weight.abs()),
        _ => sum,
    }
}
