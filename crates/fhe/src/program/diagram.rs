// SPDX-License-Identifier: Apache-2.0
//! Decision diagrams over record bits whose leaves are points.
//!
//! A diagram evaluates any function of a few bits, a band of a quantity or a whole decision tree,
//! and adds its leaf's points to a sum. Evaluated on ciphertexts each inner node costs one CMUX, so
//! diagrams are kept reduced: equal nodes exist once, and a node whose two ways lead to the same
//! place does not exist.

/// Where an edge of a diagram leads: what a [`DiagramBuilder`](crate::DiagramBuilder) gives for
/// leaves and nodes, and takes to build on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// To the end: add these points.
    Leaf(i32),
    /// To an inner node of the same builder or diagram, by number.
    Node(u32),
}

/// An inner node: `low` is taken if the bit is 0, `high` if it is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Node {
    /// The record bit that decides.
    pub bit: u16,
    /// Where 0 leads.
    pub low: Target,
    /// Where 1 leads.
    pub high: Target,
}

/// A reduced decision diagram over record bits whose leaves are points: a [`Step`](crate::Step) of
/// a sum. [`DiagramBuilder`](crate::DiagramBuilder) makes it.
///
/// ```
/// use cso_fhe::{Diagram, DiagramBuilder};
///
/// // Three points if bit 1 is set and bit 0 isn't.
/// let mut builder = DiagramBuilder::new();
/// let [none, three] = [0, 3].map(|points| builder.leaf(points));
/// let without = builder.node(1, none, three);
/// let root = builder.node(0, without, none);
/// let diagram = builder.finish(root);
///
/// assert_eq!(diagram.evaluate(&[false, true]), 3);
/// assert_eq!(diagram.evaluate(&[true, true]), 0);
/// // What a program needs to know of it: its least and largest points, and its longest way.
/// assert_eq!((diagram.range(), diagram.depth()), ((0, 3), 2));
/// assert_eq!(diagram.node_count(), 2);
/// assert_eq!(Diagram::constant(5).depth(), 0);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Diagram {
    nodes: Vec<Node>,
    root: Target,
}

impl Diagram {
    /// The diagram of these nodes, which are reduced and stand children before parents.
    pub(super) fn of(nodes: Vec<Node>, root: Target) -> Self {
        Self { nodes, root }
    }

    /// A diagram that gives the same points whatever the bits.
    pub fn constant(points: i32) -> Self {
        Self { nodes: Vec::new(), root: Target::Leaf(points) }
    }

    /// How many inner nodes it has: bits that it looks at, each time it does.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// Inner nodes, children before parents.
    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Where evaluation begins.
    pub(crate) fn root(&self) -> Target {
        self.root
    }

    /// The points for these bits.
    ///
    /// # Panics
    ///
    /// If a bit that the diagram asks for is missing; a [`Program`](crate::Program) checks that
    /// when it is made.
    pub fn evaluate(&self, bits: &[bool]) -> i32 {
        let mut at = self.root;
        loop {
            match at {
                Target::Leaf(points) => return points,
                Target::Node(i) => {
                    let node = &self.nodes[i as usize];
                    at = if bits[usize::from(node.bit)] { node.high } else { node.low };
                }
            }
        }
    }

    /// The least and the largest points of any leaf.
    pub fn range(&self) -> (i32, i32) {
        let leaves = self.nodes.iter().flat_map(|n| [n.low, n.high]).chain([self.root]);
        leaves
            .filter_map(|t| match t {
                Target::Leaf(points) => Some(points),
                Target::Node(_) => None,
            })
            .fold((i32::MAX, i32::MIN), |(lo, hi), p| (lo.min(p), hi.max(p)))
    }

    /// The largest number of nodes on a way from the root to a leaf: what the noise grows with.
    pub fn depth(&self) -> usize {
        let mut depths = Vec::with_capacity(self.nodes.len());
        let depth = |target, depths: &[usize]| match target {
            Target::Leaf(_) => 0,
            Target::Node(i) => depths[i as usize],
        };
        for node in &self.nodes {
            depths.push(1 + depth(node.low, &depths).max(depth(node.high, &depths)));
        }
        depth(self.root, &depths)
    }

    /// The largest record bit asked for.
    pub(crate) fn max_bit(&self) -> Option<u16> {
        self.nodes.iter().map(|n| n.bit).max()
    }
}
