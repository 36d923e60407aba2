// SPDX-License-Identifier: Apache-2.0
//! Decision diagrams with numbers at their leaves, kept reduced while they are built.
//!
//! A reduced ordered decision diagram has every function exactly once: nodes with equal children
//! vanish and equal nodes are shared, both by construction (*hash consing*). Bits are ordered by
//! feature; within a feature the missing bit comes first, then the value from its most to its
//! least significant bit, which keeps comparisons with a limit linear in the number of bits
//! (Bryant 1986, <https://doi.org/10.1109/TC.1986.1676819>; numbers at leaves: Fujita, McGeer and
//! Yang 1997,
//! <https://doi.org/10.1023/A:1008647823331>).

use std::collections::{BTreeSet, HashMap};

use super::CompileError;
use crate::intake::{Feature, Intake};

/// Most nodes while compiling one model; far beyond what evaluates in acceptable time.
const MAX_NODES: usize = 1 << 20;

/// A node in the [`Manager`].
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(super) struct Ref(u32);

#[derive(Clone, Copy, Hash, PartialEq, Eq)]
enum Node {
    /// The bits of an `f64` that is not -0.
    Leaf(u64),
    Inner {
        rank: u32,
        low: Ref,
        high: Ref,
    },
}

/// How two diagrams are combined leaf by leaf.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(super) enum Combine {
    Add,
    Multiply,
    /// The greater one; "or" on conditions.
    Max,
}

/// A node as the outside sees it.
pub(super) enum View {
    Leaf(f64),
    Inner { bit: usize, low: Ref, high: Ref },
}

/// Owns all nodes of one compilation.
pub(super) struct Manager<'a> {
    intake: &'a Intake,
    nodes: Vec<Node>,
    unique: HashMap<Node, Ref>,
    combined: HashMap<(Combine, Ref, Ref), Ref>,
    chosen: HashMap<(Ref, Ref, Ref), Ref>,
    /// The record's bit at each rank of the order.
    bit_of_rank: Vec<usize>,
    /// The first rank of each feature.
    first_rank: Vec<u32>,
}

impl<'a> Manager<'a> {
    pub(super) fn new(intake: &'a Intake) -> Self {
        let mut bit_of_rank = Vec::with_capacity(intake.bits());
        let mut first_rank = Vec::with_capacity(intake.features().len());
        for (index, feature) in intake.features().iter().enumerate() {
            first_rank.push(bit_of_rank.len() as u32);
            let offset = intake.offset(index);
            // The missing bit is the last of the feature, so this is simply backwards.
            bit_of_rank.extend((offset..offset + feature.bits()).rev());
        }
        Self {
            intake,
            nodes: Vec::new(),
            unique: HashMap::new(),
            combined: HashMap::new(),
            chosen: HashMap::new(),
            bit_of_rank,
            first_rank,
        }
    }

    fn intern(&mut self, node: Node) -> Result<Ref, CompileError> {
        if let Some(found) = self.unique.get(&node) {
            return Ok(*found);
        }
        if self.nodes.len() >= MAX_NODES {
            return Err(CompileError::TooManyNodes { most: MAX_NODES });
        }
        let index = Ref(self.nodes.len() as u32);
        self.nodes.push(node);
        self.unique.insert(node, index);
        Ok(index)
    }

    pub(super) fn leaf(&mut self, value: f64) -> Result<Ref, CompileError> {
        // Adding 0 turns -0 into 0, so that equal numbers share one leaf.
        self.intern(Node::Leaf((value + 0.0).to_bits()))
    }

    fn inner(&mut self, rank: u32, low: Ref, high: Ref) -> Result<Ref, CompileError> {
        if low == high {
            return Ok(low);
        }
        self.intern(Node::Inner { rank, low, high })
    }

    pub(super) fn view(&self, node: Ref) -> View {
        match self.nodes[node.0 as usize] {
            Node::Leaf(bits) => View::Leaf(f64::from_bits(bits)),
            Node::Inner { rank, low, high } => {
                View::Inner { bit: self.bit_of_rank[rank as usize], low, high }
            }
        }
    }

    /// The function of one feature that gives each code, or `None` for missing, its number.
    /// Codes beyond the last level behave as the last level.
    pub(super) fn of_feature(
        &mut self,
        index: usize,
        points: impl Fn(Option<u32>) -> f64,
    ) -> Result<Ref, CompileError> {
        let feature: &Feature = &self.intake.features()[index];
        let (value_bits, levels, can_miss) =
            (feature.value_bits(), feature.kind.levels(), feature.missing);
        let first = self.first_rank[index];
        let mut row = Vec::with_capacity(1 << value_bits);
        for code in 0..1u32 << value_bits {
            row.push(self.leaf(points(Some(code.min(levels - 1))))?);
        }
        let value_rank = first + u32::from(can_miss);
        // From the least significant bit, which has the last rank, upwards.
        for rank in (value_rank..value_rank + value_bits as u32).rev() {
            let mut halved = Vec::with_capacity(row.len() / 2);
            for pair in row.chunks_exact(2) {
                halved.push(self.inner(rank, pair[0], pair[1])?);
            }
            row = halved;
        }
        let value = row[0];
        if !can_miss {
            return Ok(value);
        }
        let missing = self.leaf(points(None))?;
        self.inner(first, value, missing)
    }

    /// Combines two diagrams leaf by leaf.
    pub(super) fn combine(&mut self, how: Combine, a: Ref, b: Ref) -> Result<Ref, CompileError> {
        // All three operations commute: one order serves both.
        let (a, b) = if a.0 <= b.0 { (a, b) } else { (b, a) };
        if let Some(found) = self.combined.get(&(how, a, b)) {
            return Ok(*found);
        }
        let result = match (self.nodes[a.0 as usize], self.nodes[b.0 as usize]) {
            (Node::Leaf(x), Node::Leaf(y)) => {
                let (x, y) = (f64::from_bits(x), f64::from_bits(y));
                self.leaf(match how {
                    Combine::Add => x + y,
                    Combine::Multiply => x * y,
                    Combine::Max => x.max(y),
                })?
            }
            _ => {
                let top = self.rank(a).min(self.rank(b));
                let ((a_low, a_high), (b_low, b_high)) = (self.split(a, top), self.split(b, top));
                let low = self.combine(how, a_low, b_low)?;
                let high = self.combine(how, a_high, b_high)?;
                self.inner(top, low, high)?
            }
        };
        self.combined.insert((how, a, b), result);
        Ok(result)
    }

    /// The value of one bit of the record.
    pub(super) fn bit(&mut self, bit: usize) -> Result<Ref, CompileError> {
        let rank = self.bit_of_rank.iter().position(|own| *own == bit);
        let rank = rank.expect("every bit of the intake has a rank") as u32;
        let (zero, one) = (self.leaf(0.0)?, self.leaf(1.0)?);
        self.inner(rank, zero, one)
    }

    /// `then` where the condition is not 0, `otherwise` where it is 0.
    pub(super) fn choose(
        &mut self,
        condition: Ref,
        then: Ref,
        otherwise: Ref,
    ) -> Result<Ref, CompileError> {
        if then == otherwise {
            return Ok(then);
        }
        if let Node::Leaf(bits) = self.nodes[condition.0 as usize] {
            return Ok(if f64::from_bits(bits) == 0.0 { otherwise } else { then });
        }
        if let Some(found) = self.chosen.get(&(condition, then, otherwise)) {
            return Ok(*found);
        }
        let top = [condition, then, otherwise].map(|node| self.rank(node)).into_iter().min();
        let top = top.unwrap_or(u32::MAX);
        let [c, t, o] = [condition, then, otherwise].map(|node| self.split(node, top));
        let low = self.choose(c.0, t.0, o.0)?;
        let high = self.choose(c.1, t.1, o.1)?;
        let result = self.inner(top, low, high)?;
        self.chosen.insert((condition, then, otherwise), result);
        Ok(result)
    }

    /// The place of a node's bit in the order; leaves come last.
    fn rank(&self, node: Ref) -> u32 {
        match self.nodes[node.0 as usize] {
            Node::Inner { rank, .. } => rank,
            Node::Leaf(_) => u32::MAX,
        }
    }

    /// The node's two ways at a rank that is not below its own.
    fn split(&self, node: Ref, at: u32) -> (Ref, Ref) {
        match self.nodes[node.0 as usize] {
            Node::Inner { rank, low, high } if rank == at => (low, high),
            _ => (node, node),
        }
    }

    /// All nodes below and including this one, children before parents.
    pub(super) fn nodes_below(&self, root: Ref) -> Vec<Ref> {
        let mut order = Vec::new();
        let mut seen = BTreeSet::new();
        // The flag says whether the node's children were already visited.
        let mut stack = vec![(root, false)];
        while let Some((node, done)) = stack.pop() {
            if done {
                order.push(node);
            } else if seen.insert(node.0) {
                stack.push((node, true));
                if let Node::Inner { low, high, .. } = self.nodes[node.0 as usize] {
                    stack.push((high, false));
                    stack.push((low, false));
                }
            }
        }
        order
    }

    /// How many nodes that are no leaves a diagram has: the CMUXes it costs.
    pub(super) fn size(&self, root: Ref) -> usize {
        self.nodes_below(root)
            .iter()
            .filter(|node| matches!(self.view(**node), View::Inner { .. }))
            .count()
    }

    /// The least and the greatest leaf.
    pub(super) fn range(&self, root: Ref) -> (f64, f64) {
        self.nodes_below(root).iter().fold(
            (f64::INFINITY, f64::NEG_INFINITY),
            |(low, high), node| match self.view(*node) {
                View::Leaf(value) => (low.min(value), high.max(value)),
                View::Inner { .. } => (low, high),
            },
        )
    }
}
