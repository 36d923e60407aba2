// SPDX-License-Identifier: Apache-2.0
//! The plain form of an imported model: a sum of decision trees.

/// A model as a sum of trees.
#[derive(Clone, Debug, PartialEq)]
pub struct Ensemble {
    /// The features' names, in the model's order.
    pub features: Vec<String>,
    /// What the sum becomes.
    pub objective: Objective,
    /// Added to the trees.
    pub intercept: f64,
    /// The trees.
    pub trees: Vec<Tree>,
}

/// What the sum becomes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Objective {
    /// The value itself.
    Regression,
    /// The probability of the positive class, `1 / (1 + exp(-sum))`.
    Binary,
}

/// A tree as a list of nodes; children stand behind their parents, the root is the first.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    /// The nodes.
    pub nodes: Vec<Node>,
}

/// A node of a tree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Node {
    /// Points.
    Leaf(f64),
    /// A question.
    Split(Split),
}

/// A comparison with two ways.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Split {
    /// The feature's index.
    pub feature: usize,
    /// The limit.
    pub threshold: f64,
    /// Whether a value equal to the limit goes left (`<=`) or right (`<`).
    pub inclusive: bool,
    /// Whether value and limit are compared in single precision, as XGBoost does.
    pub single: bool,
    /// Where a missing value goes.
    pub missing_left: bool,
    /// The node if the value is below.
    pub left: usize,
    /// The node otherwise.
    pub right: usize,
}

/// Deepest tree that is read.
pub(super) const MAX_DEPTH: usize = 24;

impl Ensemble {
    /// The sum for one case, with a value or gap for each feature.
    pub fn sum(&self, case: &[Option<f64>]) -> f64 {
        self.intercept + self.trees.iter().map(|tree| tree.points(case)).sum::<f64>()
    }

    /// The prediction for one case: the value, or the probability.
    pub fn predict(&self, case: &[Option<f64>]) -> f64 {
        let sum = self.sum(case);
        match self.objective {
            Objective::Regression => sum,
            Objective::Binary => 1.0 / (1.0 + (-sum).exp()),
        }
    }
}

impl Split {
    fn goes_left(&self, value: Option<f64>) -> bool {
        let Some(value) = value else {
            return self.missing_left;
        };
        let (value, threshold) = if self.single {
            (f64::from(value as f32), f64::from(self.threshold as f32))
        } else {
            (value, self.threshold)
        };
        value < threshold || self.inclusive && value == threshold
    }
}

impl Tree {
    /// Checks that the nodes are a tree of bounded depth: each but the root has one parent before it.
    pub(super) fn new(nodes: Vec<Node>, features: usize) -> Result<Self, String> {
        let mut depth = vec![None; nodes.len()];
        match depth.first_mut() {
            Some(root) => *root = Some(0),
            None => return Err("a tree has no nodes".to_owned()),
        }
        for (index, node) in nodes.iter().enumerate() {
            let Some(own) = depth[index] else {
                return Err(format!("node {index} has no parent"));
            };
            if own > MAX_DEPTH {
                return Err(format!("a tree is deeper than {MAX_DEPTH}"));
            }
            match node {
                Node::Leaf(points) if !points.is_finite() => {
                    return Err(format!("leaf {index} is not a finite number"))
                }
                Node::Leaf(_) => {}
                Node::Split(split) => {
                    if split.feature >= features || !split.threshold.is_finite() {
                        return Err(format!(
                            "node {index} has no such feature or no finite threshold"
                        ));
                    }
                    for child in [split.left, split.right] {
                        match depth.get_mut(child) {
                            Some(place) if child > index && place.is_none() => {
                                *place = Some(own + 1)
                            }
                            _ => {
                                return Err(format!(
                                    "node {index} has child {child}, which can't be"
                                ))
                            }
                        }
                    }
                }
            }
        }
        Ok(Self { nodes })
    }

    fn points(&self, case: &[Option<f64>]) -> f64 {
        let mut at = 0;
        loop {
            match self.nodes[at] {
                Node::Leaf(points) => return points,
                Node::Split(split) => {
                    at = if split.goes_left(case[split.feature]) {
                        split.left
                    } else {
                        split.right
                    };
                }
            }
        }
    }
}
