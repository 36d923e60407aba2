// SPDX-License-Identifier: Apache-2.0
//! The plan: a program in plain data, just before it is handed to `cso_fhe`.

use std::collections::HashMap;

use super::diagram::{Manager, Ref, View};

/// A sum of whole points and the tables it picks from.
#[derive(Debug)]
pub(super) struct PlanSum {
    /// Points of each bit, if any has some.
    pub weights: Option<Vec<i16>>,
    pub diagrams: Vec<PlanDiagram>,
    /// Added to the points so that the sum is never negative.
    pub bias: i32,
    pub tables: Vec<PlanTable>,
}

/// The values of one output by the sum.
#[derive(Debug)]
pub(super) struct PlanTable {
    pub bits: usize,
    pub values: Vec<u16>,
}

/// A decision diagram with whole points at its leaves; children stand before their parents.
#[derive(Debug)]
pub(super) struct PlanDiagram {
    pub nodes: Vec<PlanNode>,
    pub root: Child,
}

/// An inner node.
#[derive(Debug)]
pub(super) struct PlanNode {
    pub bit: usize,
    pub low: Child,
    pub high: Child,
}

/// What an edge leads to.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(super) enum Child {
    Leaf(i32),
    Node(usize),
}

impl PlanDiagram {
    /// Copies a diagram out of the manager with rounded leaves; nodes that rounding makes equal are
    /// merged.
    pub fn build(manager: &Manager<'_>, root: Ref, points: impl Fn(f64) -> i32) -> Self {
        let mut nodes: Vec<PlanNode> = Vec::new();
        let mut child_of: HashMap<Ref, Child> = HashMap::new();
        let mut unique: HashMap<(usize, Child, Child), Child> = HashMap::new();
        for node in manager.nodes_below(root) {
            let child = match manager.view(node) {
                View::Leaf(value) => Child::Leaf(points(value)),
                View::Inner { bit, low, high } => {
                    let (low, high) = (child_of[&low], child_of[&high]);
                    if low == high {
                        low
                    } else {
                        *unique.entry((bit, low, high)).or_insert_with(|| {
                            nodes.push(PlanNode { bit, low, high });
                            Child::Node(nodes.len() - 1)
                        })
                    }
                }
            };
            child_of.insert(node, child);
        }
        Self { nodes, root: child_of[&root] }
    }
}
