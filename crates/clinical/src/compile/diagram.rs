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

pub(super) use super::free::Full;
use super::free::{Builder, FreeDiagram, Target};
use crate::intake::{Feature, Intake};

/// Most nodes at one time; far beyond what evaluates in acceptable time.
const MAX_NODES: usize = 1 << 21;

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

/// Owns all nodes while one sum is lowered.
pub(super) struct Manager<'a> {
    intake: &'a Intake,
    nodes: Vec<Node>,
    unique: HashMap<Node, Ref>,
    combined: HashMap<(Combine, Ref, Ref), Ref>,
    chosen: HashMap<(Ref, Ref, Ref), Ref>,
    /// Nodes and pairs that a try may still look at, and how many it might at its beginning.
    effort: Option<(usize, usize)>,
    /// Nodes that [`Self::collect`] kept last time.
    kept: usize,
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
            effort: None,
            kept: 0,
            bit_of_rank,
            first_rank,
        }
    }

    /// Builds something that may turn out too large: gives `None`, and leaves no nodes behind, if
    /// it takes more work than `effort` nodes or if `fits` refuses it.
    pub(super) fn attempt(
        &mut self,
        effort: usize,
        build: impl FnOnce(&mut Self) -> Result<Ref, Full>,
        fits: impl FnOnce(&Self, Ref) -> bool,
    ) -> Option<Ref> {
        let before = self.nodes.len();
        // What the try finds goes with its nodes if it fails.
        let combined = std::mem::take(&mut self.combined);
        let chosen = std::mem::take(&mut self.chosen);
        self.effort = Some((effort, effort));
        let built = build(self);
        self.effort = None;
        let combined_now = std::mem::replace(&mut self.combined, combined);
        let chosen_now = std::mem::replace(&mut self.chosen, chosen);
        match built {
            Ok(root) if fits(self, root) => {
                self.combined.extend(combined_now);
                self.chosen.extend(chosen_now);
                Some(root)
            }
            _ => {
                for node in self.nodes.drain(before..) {
                    self.unique.remove(&node);
                }
                None
            }
        }
    }

    /// Takes one step of a try.
    fn spend(&mut self) -> Result<(), Full> {
        match &mut self.effort {
            Some((0, most)) => Err(Full { most: *most }),
            Some((left, _)) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Whether so many nodes were made that [`Self::collect`] should look for unused ones.
    pub(super) fn is_crowded(&self) -> bool {
        self.nodes.len() > MAX_NODES / 16 + 2 * self.kept
    }

    /// Forgets all nodes that these don't reach, and moves the others.
    pub(super) fn collect(&mut self, roots: Vec<&mut Ref>) {
        let mut reached = vec![false; self.nodes.len()];
        roots.iter().for_each(|root| reached[root.0 as usize] = true);
        for (index, node) in self.nodes.iter().enumerate().rev() {
            if let (true, Node::Inner { low, high, .. }) = (reached[index], node) {
                reached[low.0 as usize] = true;
                reached[high.0 as usize] = true;
            }
        }
        self.combined = HashMap::new();
        self.chosen = HashMap::new();
        self.unique = HashMap::new();
        let mut place = vec![Ref(0); self.nodes.len()];
        let nodes = std::mem::take(&mut self.nodes);
        for (index, node) in nodes.into_iter().enumerate().filter(|(index, _)| reached[*index]) {
            place[index] = Ref(self.nodes.len() as u32);
            let node = match node {
                Node::Inner { rank, low, high } => {
                    Node::Inner { rank, low: place[low.0 as usize], high: place[high.0 as usize] }
                }
                leaf => leaf,
            };
            self.unique.insert(node, place[index]);
            self.nodes.push(node);
        }
        roots.into_iter().for_each(|root| *root = place[root.0 as usize]);
        self.kept = self.nodes.len();
    }

    fn intern(&mut self, node: Node) -> Result<Ref, Full> {
        if let Some(found) = self.unique.get(&node) {
            return Ok(*found);
        }
        if self.nodes.len() >= MAX_NODES {
            return Err(Full { most: MAX_NODES });
        }
        let index = Ref(self.nodes.len() as u32);
        self.nodes.push(node);
        self.unique.insert(node, index);
        Ok(index)
    }

    pub(super) fn leaf(&mut self, value: f64) -> Result<Ref, Full> {
        // Adding 0 turns -0 into 0, so that equal numbers share one leaf.
        self.intern(Node::Leaf((value + 0.0).to_bits()))
    }

    fn inner(&mut self, rank: u32, low: Ref, high: Ref) -> Result<Ref, Full> {
        if low == high {
            return Ok(low);
        }
        self.spend()?;
        self.intern(Node::Inner { rank, low, high })
    }

    /// The function of one feature that gives each code, or `None` for missing, its number.
    /// Codes beyond the last level behave as the last level.
    pub(super) fn of_feature(
        &mut self,
        index: usize,
        points: impl Fn(Option<u32>) -> f64,
    ) -> Result<Ref, Full> {
        let feature: &Feature = &self.intake.features()[index];
        let (value_bits, levels, can_miss) =
            (feature.value_bits(), feature.kind.levels(), feature.missing);
        // A row of numbers is less work than as many nodes, but not none.
        for _ in 0..(1usize << value_bits) / 16 {
            self.spend()?;
        }
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
    pub(super) fn combine(&mut self, how: Combine, a: Ref, b: Ref) -> Result<Ref, Full> {
        // All three operations commute: one order serves both.
        let (a, b) = if a.0 <= b.0 { (a, b) } else { (b, a) };
        if let Some(found) = self.combined.get(&(how, a, b)) {
            return Ok(*found);
        }
        self.spend()?;
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
    pub(super) fn bit(&mut self, bit: usize) -> Result<Ref, Full> {
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
    ) -> Result<Ref, Full> {
        if then == otherwise {
            return Ok(then);
        }
        if let Node::Leaf(bits) = self.nodes[condition.0 as usize] {
            return Ok(if f64::from_bits(bits) == 0.0 { otherwise } else { then });
        }
        if let Some(found) = self.chosen.get(&(condition, then, otherwise)) {
            return Ok(*found);
        }
        self.spend()?;
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
            .filter(|node| matches!(self.nodes[node.0 as usize], Node::Inner { .. }))
            .count()
    }

    /// The least and the greatest leaf.
    pub(super) fn range(&self, root: Ref) -> (f64, f64) {
        self.nodes_below(root).iter().fold(
            (f64::INFINITY, f64::NEG_INFINITY),
            |(low, high), node| match self.nodes[node.0 as usize] {
                Node::Leaf(bits) => (low.min(f64::from_bits(bits)), high.max(f64::from_bits(bits))),
                Node::Inner { .. } => (low, high),
            },
        )
    }

    /// The diagram by itself.
    pub(super) fn alone(&self, root: Ref) -> Result<FreeDiagram, Full> {
        let mut builder = Builder::default();
        let mut places: HashMap<Ref, Target> = HashMap::new();
        for node in self.nodes_below(root) {
            let place = match self.nodes[node.0 as usize] {
                Node::Leaf(bits) => Target::Leaf(bits),
                Node::Inner { rank, low, high } => {
                    builder.node(self.bit_of_rank[rank as usize], places[&low], places[&high])?
                }
            };
            places.insert(node, place);
        }
        Ok(builder.finish(places[&root]))
    }
}
