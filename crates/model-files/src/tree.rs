// SPDX-License-Identifier: Apache-2.0
//! Decision trees whose questions have three answers: yes, no, unknown.

use std::collections::BTreeSet;

use crate::{Cell, Test, Variable};

/// A tree as a list of nodes. Questions point only to nodes behind them; the root is the first.
/// Several may point to one, such as to the child that a missing value takes by default.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    nodes: Vec<Node>,
}

/// A node of a tree.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// Points.
    Leaf(f64),
    /// Points that depend on columns.
    Lines(Lines),
    /// The model gives no prediction here.
    Nothing,
    /// A question.
    Split(Split),
}

/// A leaf with a linear function: a constant plus weights times numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Lines {
    /// Added to the products.
    pub constant: f64,
    /// Numbers with their weights.
    pub weights: Vec<(Variable, f64)>,
    /// The points where one of the numbers is missing.
    pub missing: f64,
}

/// A question with the node for each answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// The question.
    pub test: Test,
    /// If it holds.
    pub yes: usize,
    /// If it doesn't.
    pub no: usize,
    /// If a value is missing that decides it.
    pub unknown: usize,
}

/// Deepest tree that is read; lists of alternatives count as one level.
pub(crate) const MAX_DEPTH: usize = 32;

impl Tree {
    /// Checks that questions lead forwards, that no path is too deep, and that leaves are finite.
    pub(crate) fn new(nodes: Vec<Node>) -> Result<Self, String> {
        if nodes.is_empty() {
            return Err("a tree has no nodes".to_owned());
        }
        let mut depth = vec![0usize; nodes.len()];
        for (index, node) in nodes.iter().enumerate() {
            let own = depth[index];
            if own > MAX_DEPTH {
                return Err(format!("a tree is deeper than {MAX_DEPTH}"));
            }
            match node {
                Node::Leaf(points) if !points.is_finite() => {
                    return Err(format!("leaf {index} is not a finite number"))
                }
                Node::Lines(lines) if !lines.is_finite() => {
                    return Err(format!("leaf {index} has a number that is not finite"))
                }
                Node::Leaf(_) | Node::Lines(_) | Node::Nothing => {}
                Node::Split(split) => {
                    for (child, below) in [
                        (split.yes, own + 1),
                        (split.unknown, own + 1),
                        // The next alternative of a list stands on the same level.
                        (split.no, own + usize::from(!is_end(&nodes, split.yes))),
                    ] {
                        match depth.get_mut(child) {
                            Some(place) if child > index => *place = below.max(*place),
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

    /// The nodes, parents before their children.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Whether a path ends at a node.
    pub fn is_end(&self, index: usize) -> bool {
        is_end(&self.nodes, index)
    }

    /// The points for a case, or `None` where the model gives none.
    pub(crate) fn value(&self, case: &[Cell]) -> Option<f64> {
        let mut at = 0;
        loop {
            match &self.nodes[at] {
                Node::Leaf(points) => return Some(*points),
                Node::Lines(lines) => return Some(lines.value(case)),
                Node::Nothing => return None,
                Node::Split(split) => {
                    at = match split.test.holds(case) {
                        Some(true) => split.yes,
                        Some(false) => split.no,
                        None => split.unknown,
                    }
                }
            }
        }
    }

    /// The columns that the questions read.
    pub fn columns(&self) -> BTreeSet<usize> {
        let mut columns = BTreeSet::new();
        for node in &self.nodes {
            match node {
                Node::Split(split) => split.test.collect_columns(&mut columns),
                Node::Lines(lines) => columns.extend(lines.columns()),
                Node::Leaf(_) | Node::Nothing => {}
            }
        }
        columns
    }

    /// Changes the questions.
    pub(crate) fn change_tests(&mut self, change: &mut impl FnMut(&mut Test)) {
        for node in &mut self.nodes {
            if let Node::Split(split) = node {
                change(&mut split.test);
            }
        }
    }

    /// Gives columns other numbers.
    pub(crate) fn renumber(&mut self, column: &impl Fn(&mut usize)) {
        for node in &mut self.nodes {
            match node {
                Node::Split(split) => split.test.renumber(column),
                Node::Lines(lines) => {
                    lines.weights.iter_mut().for_each(|(variable, _)| column(&mut variable.column));
                }
                Node::Leaf(_) | Node::Nothing => {}
            }
        }
    }

    /// The tree with all points times a factor.
    pub(crate) fn times(&self, factor: f64) -> Self {
        let node = |node: &Node| match node {
            Node::Leaf(own) => Node::Leaf(factor * own),
            Node::Lines(own) => Node::Lines(own.times(factor)),
            other => other.clone(),
        };
        Self { nodes: self.nodes.iter().map(node).collect() }
    }

    /// The tree with other points at its leaves, which have no lines.
    pub(crate) fn map(&self, points: impl Fn(f64) -> f64) -> Self {
        let node = |node: &Node| match node {
            Node::Leaf(own) => Node::Leaf(points(*own)),
            other => other.clone(),
        };
        Self { nodes: self.nodes.iter().map(node).collect() }
    }

    /// Whether a leaf has a linear function.
    pub fn has_lines(&self) -> bool {
        self.nodes.iter().any(|node| matches!(node, Node::Lines(_)))
    }

    /// The points of all leaves without a linear function.
    pub fn leaves(&self) -> impl Iterator<Item = f64> + '_ {
        self.nodes.iter().filter_map(|node| match node {
            Node::Leaf(points) => Some(*points),
            _ => None,
        })
    }
}

impl Lines {
    /// The points for a case.
    pub fn value(&self, case: &[Cell]) -> f64 {
        let product = |(variable, weight): &(Variable, f64)| {
            variable.value(case).number().map(|number| number * weight)
        };
        let products: Option<f64> = self.weights.iter().map(product).sum();
        products.map_or(self.missing, |sum| sum + self.constant)
    }

    /// The columns that it reads.
    pub fn columns(&self) -> impl Iterator<Item = usize> + '_ {
        self.weights.iter().map(|(variable, _)| variable.column)
    }

    fn is_finite(&self) -> bool {
        let mut numbers = self.weights.iter().map(|(_, weight)| *weight);
        numbers.all(f64::is_finite) && self.constant.is_finite() && self.missing.is_finite()
    }

    fn times(&self, factor: f64) -> Self {
        let weights = self.weights.iter();
        Self {
            constant: factor * self.constant,
            weights: weights.map(|(variable, own)| (variable.clone(), factor * own)).collect(),
            missing: factor * self.missing,
        }
    }
}

fn is_end(nodes: &[Node], index: usize) -> bool {
    !matches!(nodes.get(index), Some(Node::Split(_)))
}
