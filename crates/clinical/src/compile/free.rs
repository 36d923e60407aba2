// SPDX-License-Identifier: Apache-2.0
//! Diagrams whose bits stand in any order: what a sum is made of before its points become whole.
//!
//! Trees are built here as they stand. Diagrams in the order of the intake's bits
//! ([`diagram`](super::diagram)) end here too, so that everything behind sees one kind.

use std::collections::{BTreeSet, HashMap};

/// Most nodes of one diagram while it is built; `cso_fhe` takes fewer of all together.
const MAX_NODES: usize = 1 << 20;

/// There is no room for more nodes, or a try has made as many as it may.
#[derive(Clone, Copy, Debug)]
pub(super) struct Full {
    /// The bound.
    pub most: usize,
}

/// Where an edge leads.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(super) enum Target {
    /// To points: the bits of an `f64` that is not -0.
    Leaf(u64),
    /// To a node, by number.
    Node(u32),
}

impl Target {
    /// The end with these points; equal numbers are one end.
    pub(super) fn points(points: f64) -> Self {
        // Adding 0 turns -0 into 0.
        Self::Leaf((points + 0.0).to_bits())
    }
}

/// A node: `low` is taken if the record's bit is 0, `high` if it is 1.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(super) struct Node {
    pub bit: usize,
    pub low: Target,
    pub high: Target,
}

/// A diagram: nodes with children before parents, and where it begins.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FreeDiagram {
    nodes: Vec<Node>,
    root: Target,
    /// All different points.
    leaves: Vec<f64>,
}

impl FreeDiagram {
    pub(super) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    pub(super) fn root(&self) -> Target {
        self.root
    }

    /// How many nodes it has: the external products it costs.
    pub(super) fn size(&self) -> usize {
        self.nodes.len()
    }

    /// All points that it may give, each once.
    pub(super) fn leaves(&self) -> &[f64] {
        &self.leaves
    }

    /// The least and the greatest points.
    pub(super) fn range(&self) -> (f64, f64) {
        self.leaves
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(*x), high.max(*x)))
    }
}

/// Builds a diagram from its leaves upwards; equal nodes exist once.
#[derive(Default)]
pub(super) struct Builder {
    nodes: Vec<Node>,
    known: HashMap<Node, u32>,
}

impl Builder {
    /// A node, an equal one that exists, or no node where both ways are one.
    pub(super) fn node(&mut self, bit: usize, low: Target, high: Target) -> Result<Target, Full> {
        if low == high {
            return Ok(low);
        }
        let node = Node { bit, low, high };
        if let Some(known) = self.known.get(&node) {
            return Ok(Target::Node(*known));
        }
        if self.nodes.len() >= MAX_NODES {
            return Err(Full { most: MAX_NODES });
        }
        let index = self.nodes.len() as u32;
        self.nodes.push(node);
        self.known.insert(node, index);
        Ok(Target::Node(index))
    }

    /// The diagram that begins at a target, without nodes that it doesn't reach.
    pub(super) fn finish(self, root: Target) -> FreeDiagram {
        let mut reached = vec![false; self.nodes.len()];
        let mut leaves = BTreeSet::new();
        let reach = |target, reached: &mut [bool], leaves: &mut BTreeSet<u64>| match target {
            Target::Node(index) => reached[index as usize] = true,
            Target::Leaf(points) => {
                leaves.insert(points);
            }
        };
        reach(root, &mut reached, &mut leaves);
        for (index, node) in self.nodes.iter().enumerate().rev() {
            if reached[index] {
                reach(node.low, &mut reached, &mut leaves);
                reach(node.high, &mut reached, &mut leaves);
            }
        }
        let mut place = vec![0u32; self.nodes.len()];
        let mut nodes = Vec::new();
        let moved = |target, place: &[u32]| match target {
            Target::Node(index) => Target::Node(place[index as usize]),
            leaf => leaf,
        };
        for (index, node) in self.nodes.iter().enumerate().filter(|(index, _)| reached[*index]) {
            place[index] = nodes.len() as u32;
            let Node { bit, low, high } = *node;
            nodes.push(Node { bit, low: moved(low, &place), high: moved(high, &place) });
        }
        let leaves = leaves.into_iter().map(f64::from_bits).collect();
        FreeDiagram { root: moved(root, &place), nodes, leaves }
    }
}
