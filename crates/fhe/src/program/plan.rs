// SPDX-License-Identifier: Apache-2.0
//! How a program is evaluated: which tables share an accumulator, and which work sums share.
//!
//! An accumulator has `N` slots, and a sum uses only as many as it has possible values, so several
//! tables fit side by side. Every step turns the whole accumulator, and turns commute. What several
//! sums add alike is therefore done once, on an accumulator that holds all their tables; then each
//! goes on with its own copy. All weighted steps of a sum become one, so that a bit costs one CMUX
//! however many of them give it points.

use std::collections::HashMap;

use crate::params::{N, ORDER};
use crate::ring::exponent;

use super::diagram::{Diagram, Target};
use super::schedule::Schedule;
use super::sum::{Step, Sum};

/// The plan of a program.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// One accumulator each.
    pub passes: Vec<Pass>,
    /// The distinct diagrams.
    pub schedules: Vec<Schedule>,
    depths: Vec<usize>,
    known: HashMap<Diagram, usize>,
}

/// The work on one initial accumulator.
#[derive(Clone, Debug)]
pub(crate) struct Pass {
    /// The initial accumulator.
    pub slots: Vec<Slot>,
    /// What is done with it.
    pub node: PlanNode,
}

/// The part of a table that its sum can reach, and where in the initial accumulator it lies.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub sum: usize,
    pub table: usize,
    /// Least possible sum: the first table entry in the slot.
    pub low: usize,
    pub len: usize,
    pub start: usize,
}

/// Steps to apply, results to read off, and ways to go on from there, each with a copy.
#[derive(Clone, Debug, Default)]
pub(crate) struct PlanNode {
    /// Record bit and the exponent of `X` it turns the accumulator by.
    pub weights: Vec<(usize, usize)>,
    /// Indices into [`Plan::schedules`].
    pub diagrams: Vec<usize>,
    pub results: Vec<Extract>,
    pub children: Vec<PlanNode>,
}

/// Output `output` is coefficient `coefficient` of the accumulator, negated if so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extract {
    pub output: usize,
    pub coefficient: usize,
    pub negate: bool,
}

/// What of one sum is still to be done, with the results that wait for it.
#[derive(Clone, Debug)]
struct Part {
    /// Exponent of each bit, without zeros, by bit.
    weights: Vec<(usize, usize)>,
    /// Sorted, with repetition.
    diagrams: Vec<usize>,
    results: Vec<Extract>,
}

impl Plan {
    pub(crate) fn new(sums: &[Sum]) -> Self {
        let mut plan = Self {
            passes: Vec::new(),
            schedules: Vec::new(),
            depths: Vec::new(),
            known: HashMap::new(),
        };
        let mut groups: Vec<(usize, Vec<Slot>, Vec<Part>)> = Vec::new();
        let mut output = 0;
        for (i, sum) in sums.iter().enumerate() {
            let (mut part, bias) = plan.normal_form(sum);
            let (low, high) = sum.range();
            let (low, len) = (low as usize, (high - low + 1) as usize);
            // The tables of one sum have all their work in common: first fit.
            let mut own: Vec<(usize, Vec<Slot>, Part)> = Vec::new();
            for table in 0..sum.tables.len() {
                let at = match own.iter().position(|(used, ..)| used + len <= N) {
                    Some(at) => at,
                    None => {
                        own.push((0, Vec::new(), part.clone()));
                        own.len() - 1
                    }
                };
                let (used, slots, part) = &mut own[at];
                slots.push(Slot { sum: i, table, low, len, start: *used });
                part.results.push(extract(output, *used as i64 + bias - low as i64));
                *used += len;
                output += 1;
            }
            part.results.clear();
            // Sums that have some work in common share an accumulator if it is large enough.
            for (used, mut slots, mut part) in own {
                let mate = groups.iter_mut().find(|(taken, _, parts)| {
                    taken + used <= N && plan.common_cost(parts, &part) > 0
                });
                match mate {
                    None => groups.push((used, slots, vec![part])),
                    Some((taken, all_slots, parts)) => {
                        for slot in &mut slots {
                            slot.start += *taken;
                        }
                        for result in &mut part.results {
                            let at = result.coefficient + if result.negate { N } else { 0 };
                            *result = extract(result.output, (at + *taken) as i64);
                        }
                        *taken += used;
                        all_slots.extend(slots);
                        parts.push(part);
                    }
                }
            }
        }
        plan.passes = groups
            .into_iter()
            .map(|(_, slots, parts)| Pass { slots, node: plan.node(parts) })
            .collect();
        plan
    }

    /// One weighted step and the diagrams of a sum, and its bias once constants are folded into it.
    fn normal_form(&mut self, sum: &Sum) -> (Part, i64) {
        let mut points: HashMap<usize, i64> = HashMap::new();
        let mut diagrams = Vec::new();
        let mut bias = i64::from(sum.bias);
        for step in &sum.steps {
            match step {
                Step::Weighted { points: p } => {
                    for (bit, p) in p.iter().enumerate().filter(|(_, p)| **p != 0) {
                        *points.entry(bit).or_default() += i64::from(*p);
                    }
                }
                Step::Diagram(diagram) => match (diagram.root(), diagram.nodes()) {
                    (Target::Leaf(p), _) => bias += i64::from(p),
                    // One node with two leaves is a weight.
                    (_, [node]) => {
                        if let (Target::Leaf(low), Target::Leaf(high)) = (node.low, node.high) {
                            bias += i64::from(low);
                            *points.entry(usize::from(node.bit)).or_default() +=
                                i64::from(high) - i64::from(low);
                        }
                    }
                    _ => diagrams.push(self.intern(diagram)),
                },
            }
        }
        let mut weights: Vec<_> = points
            .into_iter()
            .map(|(bit, p)| (bit, exponent(p)))
            .filter(|(_, e)| *e != 0)
            .collect();
        weights.sort_unstable();
        diagrams.sort_unstable();
        (Part { weights, diagrams, results: Vec::new() }, bias)
    }

    fn intern(&mut self, diagram: &Diagram) -> usize {
        if let Some(known) = self.known.get(diagram) {
            return *known;
        }
        let index = self.schedules.len();
        self.schedules.push(Schedule::new(diagram));
        self.depths.push(diagram.depth());
        self.known.insert(diagram.clone(), index);
        index
    }

    /// CMUXes that all of `parts` and `part` have in common.
    fn common_cost(&self, parts: &[Part], part: &Part) -> usize {
        let mut all: Vec<&Part> = parts.iter().collect();
        all.push(part);
        let (weights, diagrams) = common(&all);
        weights.len() + diagrams.iter().map(|d| self.schedules[*d].steps.len()).sum::<usize>()
    }

    fn node(&self, mut parts: Vec<Part>) -> PlanNode {
        let (weights, diagrams) = common(&parts.iter().collect::<Vec<_>>());
        let mut results = Vec::new();
        let mut groups: Vec<Vec<Part>> = Vec::new();
        for part in &mut parts {
            part.weights.retain(|w| weights.binary_search(w).is_err());
            for d in &diagrams {
                if let Some(at) = part.diagrams.iter().position(|own| own == d) {
                    part.diagrams.remove(at);
                }
            }
        }
        for part in parts {
            if part.weights.is_empty() && part.diagrams.is_empty() {
                results.extend(part.results);
                continue;
            }
            match groups.iter_mut().find(|group| self.common_cost(group, &part) > 0) {
                Some(group) => group.push(part),
                None => groups.push(vec![part]),
            }
        }
        let children = groups.into_iter().map(|group| self.node(group)).collect();
        PlanNode { weights, diagrams, results, children }
    }

    /// Accumulators that a diagram needs at once.
    pub(crate) fn registers(&self, diagram: &Diagram) -> usize {
        self.known.get(diagram).map_or(0, |i| self.schedules[*i].registers)
    }

    /// The most accumulators any diagram needs at once.
    pub(crate) fn max_registers(&self) -> usize {
        self.schedules.iter().map(|s| s.registers).max().unwrap_or(0)
    }

    /// CMUXes of one evaluation.
    pub(crate) fn cmuxes(&self) -> usize {
        self.passes.iter().map(|pass| self.cost(&pass.node)).sum()
    }

    fn cost(&self, node: &PlanNode) -> usize {
        let diagrams: usize = node.diagrams.iter().map(|d| self.schedules[*d].steps.len()).sum();
        node.weights.len() + diagrams + node.children.iter().map(|c| self.cost(c)).sum::<usize>()
    }

    /// The longest chain of CMUXes to each output.
    pub(crate) fn depths(&self, outputs: usize) -> Vec<usize> {
        let mut depths = vec![0; outputs];
        for pass in &self.passes {
            self.add_depths(&pass.node, 0, &mut depths);
        }
        depths
    }

    fn add_depths(&self, node: &PlanNode, before: usize, depths: &mut [usize]) {
        let here = before
            + node.weights.len()
            + node.diagrams.iter().map(|d| self.depths[*d]).sum::<usize>();
        for result in &node.results {
            depths[result.output] = here;
        }
        for child in &node.children {
            self.add_depths(child, here, depths);
        }
    }
}

/// Output `output` at the coefficient that `at` means once `X^N = -1` is taken into account.
fn extract(output: usize, at: i64) -> Extract {
    let at = at.rem_euclid(ORDER as i64) as usize;
    Extract { output, coefficient: at % N, negate: at >= N }
}

/// Weights and diagrams that all parts have.
fn common(parts: &[&Part]) -> (Vec<(usize, usize)>, Vec<usize>) {
    let Some((first, rest)) = parts.split_first() else {
        return Default::default();
    };
    let mut weights = first.weights.clone();
    let mut diagrams = first.diagrams.clone();
    for part in rest {
        weights.retain(|w| part.weights.binary_search(w).is_ok());
        let mut theirs = part.diagrams.clone();
        diagrams.retain(|d| match theirs.iter().position(|t| t == d) {
            Some(at) => {
                theirs.remove(at);
                true
            }
            None => false,
        });
    }
    (weights, diagrams)
}

#[cfg(test)]
mod tests {
    use super::super::sum::Table;
    use super::*;

    fn sum(points: &[i16], bias: i32, tables: usize, len: usize) -> Sum {
        Sum {
            steps: vec![Step::Weighted { points: points.to_vec() }],
            bias,
            tables: vec![Table { bits: 1, values: vec![0; len] }; tables],
        }
    }

    #[test]
    fn tables_of_one_sum_share_one_pass_if_they_fit() {
        assert_eq!(Plan::new(&[sum(&[1, 2, 3], 0, 3, 7)]).cmuxes(), 3);
        assert_eq!(Plan::new(&[sum(&[1000, 500], 0, 2, 1501)]).cmuxes(), 4);
    }

    #[test]
    fn sums_share_the_weights_they_have_in_common() {
        let plan = Plan::new(&[sum(&[1, 2, 3, 4], 0, 1, 11), sum(&[1, 2, 3, -4], 4, 1, 11)]);
        assert_eq!(plan.cmuxes(), 5);
        assert_eq!(plan.depths(2), [4, 4]);
    }

    #[test]
    fn steps_of_one_sum_merge_and_cancel() {
        let mut twice = sum(&[1, 2, 3], 0, 1, 7);
        twice.steps.push(Step::Weighted { points: vec![-1, 0, 3] });
        assert_eq!(Plan::new(&[twice]).cmuxes(), 2);
    }
}
