// SPDX-License-Identifier: Apache-2.0
//! Losses that users wrote, which files don't name: the logistic loss is known by the weights that
//! trees record of the training data.

use crate::{Node, Tree};

/// Relative distance of numbers that are written with six digits.
const NEAR: f64 = 1e-5;

/// The first tree of a model and the root of the second.
pub(crate) struct Beginning<'a> {
    /// What sums begin with.
    pub(crate) start: f64,
    pub(crate) first: &'a Tree,
    /// The weight of the training data at each node of the first tree.
    pub(crate) weights: &'a [f64],
    /// How many cases these are, if the file says so.
    pub(crate) counts: Option<&'a [f64]>,
    /// The weight of the training data at the root of the second tree.
    pub(crate) second: f64,
}

impl Beginning<'_> {
    /// Whether cases are weighed as the logistic loss weighs them, `p * (1 - p)`: all alike in the
    /// first tree, and in the second as the leaves of the first give.
    pub(crate) fn is_logistic(&self) -> bool {
        let mut expected = 0.0;
        let mut moved = false;
        for (index, node) in self.first.nodes().iter().enumerate() {
            let Some(weight) = self.weights.get(index) else {
                return false;
            };
            let alike = weight / curvature(self.start);
            let count = match self.counts {
                Some(counts) => counts.get(index).copied().unwrap_or(f64::NAN),
                None => alike.round(),
            };
            if !near(alike, count) {
                return false;
            }
            match node {
                Node::Leaf(points) => {
                    expected += count * curvature(self.start + points);
                    moved |= points.abs() > 1e-3;
                }
                Node::Split(_) => {}
                Node::Lines(_) | Node::Nothing => return false,
            }
        }
        moved && near(self.second, expected)
    }
}

/// `p * (1 - p)` for log-odds.
fn curvature(sum: f64) -> f64 {
    let p = 1.0 / (1.0 + (-sum).exp());
    p * (1.0 - p)
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= NEAR * b.abs()
}
