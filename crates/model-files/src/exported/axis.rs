// SPDX-License-Identifier: Apache-2.0
//! One column cut into bins or told by category, as questions that lead to what stands for each:
//! numbers are halved, categories asked for one after the other.

use super::problem::{need, Problem};
use crate::{Cell, Compare, Node, Split, Test, Tree, Variable};

/// The end of a path: points, or no prediction.
pub(super) fn end(points: Option<f64>) -> Node {
    points.map_or(Node::Nothing, Node::Leaf)
}

/// One column that is cut into bins or told by category.
pub(super) struct Axis {
    variable: Variable,
    cut: Cut,
}

enum Cut {
    /// Ascending edges; whether an edge belongs to the bin above it.
    Edges(Vec<f64>, bool),
    /// Categories; all others come last.
    Categories(Vec<Cell>),
}

impl Axis {
    pub(super) fn steps(
        variable: Variable,
        edges: Option<Vec<f64>>,
        closed: Option<&str>,
    ) -> Result<Self, Problem> {
        let edges = need(edges, "edges")?;
        let finite = edges.iter().all(|edge| edge.is_finite());
        if !finite || edges.windows(2).any(|pair| pair[0] >= pair[1]) {
            return Err("`edges` must ascend".to_owned().into());
        }
        let above = match closed {
            Some("left") => true,
            Some("right") => false,
            _ => return Err("`closed` is `left` or `right`".to_owned().into()),
        };
        Ok(Self { variable, cut: Cut::Edges(edges, above) })
    }

    pub(super) fn categories(variable: Variable, categories: Vec<Cell>) -> Self {
        Self { variable, cut: Cut::Categories(categories) }
    }

    /// How many places it has, without that for missing.
    pub(super) fn places(&self) -> usize {
        1 + match &self.cut {
            Cut::Edges(edges, _) => edges.len(),
            Cut::Categories(categories) => categories.len(),
        }
    }

    /// A leaf for each place, and one for missing.
    pub(super) fn leaves(
        &self,
        values: &[Option<f64>],
        missing: Option<f64>,
    ) -> Result<Vec<Vec<Node>>, Problem> {
        if values.len() != self.places() {
            return Err(format!("{} values for {} places", values.len(), self.places()).into());
        }
        let ends = values.iter().chain([&missing]);
        Ok(ends.map(|points| vec![end(*points)]).collect())
    }

    /// Questions that lead to a subtree for each place; the last is for missing.
    pub(super) fn tree(&self, mut below: Vec<Vec<Node>>) -> Result<Tree, Problem> {
        let nodes = self.nodes(&mut below);
        Ok(Tree::new(nodes)?)
    }

    pub(super) fn nodes(&self, below: &mut [Vec<Node>]) -> Vec<Node> {
        let mut nodes = Vec::new();
        let places = self.places();
        match &self.cut {
            Cut::Edges(edges, above) => self.halve(edges, *above, 0, places, &mut nodes),
            Cut::Categories(categories) => self.alternatives(categories, &mut nodes),
        }
        // Questions so far point to places; a place stands behind all questions.
        let questions = nodes.len();
        let mut starts = Vec::with_capacity(below.len());
        let mut start = questions;
        for own in below.iter() {
            starts.push(start);
            start += own.len();
        }
        if questions == 0 {
            // One place: only a missing value is told apart.
            let (yes, no) = (1 + starts[places], 1);
            let test = Test::Missing(self.variable.clone());
            nodes.push(Node::Split(Split { test, yes, no, unknown: yes }));
            starts.iter_mut().for_each(|start| *start += 1);
        } else {
            let resolve = |target: &mut usize| {
                if *target >= PLACE {
                    *target = starts[*target - PLACE];
                }
            };
            for node in &mut nodes {
                if let Node::Split(split) = node {
                    resolve(&mut split.yes);
                    resolve(&mut split.no);
                    resolve(&mut split.unknown);
                }
            }
        }
        for (own, start) in below.iter_mut().zip(starts) {
            nodes.extend(std::mem::take(own).into_iter().map(|node| moved(node, start)));
        }
        nodes
    }

    /// Asks for the middle edge, then below and above it.
    fn halve(&self, edges: &[f64], above: bool, low: usize, high: usize, nodes: &mut Vec<Node>) {
        if high - low < 2 {
            return;
        }
        let middle = (low + high) / 2;
        let own = nodes.len();
        let unknown = PLACE + self.places();
        let test = Test::Compare {
            variable: self.variable.clone(),
            op: if above { Compare::Less } else { Compare::LessOrEqual },
            limit: Cell::Number(edges[middle - 1]),
            single: false,
        };
        nodes.push(Node::Split(Split { test, yes: PLACE + low, no: PLACE + middle, unknown }));
        for (from, to, is_yes) in [(low, middle, true), (middle, high, false)] {
            let child = nodes.len();
            self.halve(edges, above, from, to, nodes);
            if let (true, Node::Split(split)) = (nodes.len() > child, &mut nodes[own]) {
                *(if is_yes { &mut split.yes } else { &mut split.no }) = child;
            }
        }
    }

    /// Asks for one category after the other.
    fn alternatives(&self, categories: &[Cell], nodes: &mut Vec<Node>) {
        let count = categories.len();
        for (place, category) in categories.iter().enumerate() {
            let last = place + 1 == count;
            nodes.push(Node::Split(Split {
                test: Test::OneOf { variable: self.variable.clone(), set: vec![category.clone()] },
                yes: PLACE + place,
                no: if last { PLACE + count } else { place + 1 },
                unknown: PLACE + count + 1,
            }));
        }
    }
}

/// Targets from here on are places until they are resolved.
const PLACE: usize = usize::MAX / 2;

/// A node of a subtree that begins elsewhere.
fn moved(mut node: Node, by: usize) -> Node {
    if let Node::Split(split) = &mut node {
        split.yes += by;
        split.no += by;
        split.unknown += by;
    }
    node
}
