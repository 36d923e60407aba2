// SPDX-License-Identifier: Apache-2.0
//! Decision trees whose questions have three answers: yes, no, unknown.

use std::collections::BTreeSet;

use crate::{Cell, Test};

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
    /// The model gives no prediction here.
    Nothing,
    /// A question.
    Split(Split),
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
                Node::Leaf(_) | Node::Nothing => {}
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
    pub(crate) fn columns(&self) -> BTreeSet<usize> {
        let mut columns = BTreeSet::new();
        for node in &self.nodes {
            if let Node::Split(split) = node {
                split.test.collect_columns(&mut columns);
            }
        }
        columns
    }

    /// Gives columns other numbers.
    pub(crate) fn renumber(&mut self, column: &impl Fn(&mut usize)) {
        for node in &mut self.nodes {
            if let Node::Split(split) = node {
                split.test.renumber(column);
            }
        }
    }

    /// The tree with other points at its leaves.
    pub(crate) fn map(&self, points: impl Fn(f64) -> f64) -> Self {
        let node = |node: &Node| match node {
            Node::Leaf(own) => Node::Leaf(points(*own)),
            other => other.clone(),
        };
        Self { nodes: self.nodes.iter().map(node).collect() }
    }

    /// The points of all leaves.
    pub fn leaves(&self) -> impl Iterator<Item = f64> + '_ {
        self.nodes.iter().filter_map(|node| match node {
            Node::Leaf(points) => Some(*points),
            _ => None,
        })
    }
}

fn is_end(nodes: &[Node], index: usize) -> bool {
    !matches!(nodes.get(index), Some(Node::Split(_)))
}
