// SPDX-License-Identifier: Apache-2.0
//! How a program is evaluated: which tables share an accumulator, and which work sums share.
//!
//! An accumulator has `N` slots, and a sum uses only as many as it has possible values, so several
//! tables fit side by side. Every step turns the whole accumulator, and turns commute. What several
//! sums add alike is therefore done once, on an accumulator that holds all their tables; then each
//! goes on with its own copy. All weighted steps of a sum become one, so that a bit costs one CMUX
//! however many of them give it points.
//!
//! A sum that leaves its tables uses all `N` slots, and `X^N = -1` does the rest.

use std::collections::HashMap;

use crate::params::{N, ORDER};
use crate::ring::exponent;

use super::bits::BitSet;
use super::diagram::{Diagram, Target};
use super::error::ProgramError;
use super::schedule::Schedule;
use super::sum::{Step, Sum};
use super::work::Work;

/// The plan of a program.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// One accumulator each.
    pub passes: Vec<Pass>,
    /// The distinct diagrams.
    pub schedules: Vec<Schedule>,
    /// For each output, how many CMUXes' variance it has.
    pub depths: Vec<usize>,
    /// The bits that an evaluation reads.
    pub reads: BitSet,
}

/// The work on one initial accumulator.
#[derive(Clone, Debug)]
pub(crate) struct Pass {
    /// The initial accumulator.
    pub slots: Vec<Slot>,
    /// What is done with it.
    pub node: PlanNode,
}

/// The part of tables that their sum can reach, and where in the initial accumulator it lies.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub sum: usize,
    /// Tables of the sum that add to one output.
    pub tables: Vec<usize>,
    /// The first table entry in the slot.
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

/// Coefficient `coefficient` of the accumulator, negated if so, is a part of output `output`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extract {
    pub output: usize,
    pub coefficient: usize,
    pub negate: bool,
}

/// What of one sum is still to be done, with the results that wait for it.
#[derive(Clone, Debug)]
struct Part {
    work: Work,
    results: Vec<Extract>,
}

/// The distinct diagrams met so far.
#[derive(Default)]
struct Planner<'a> {
    schedules: Vec<Schedule>,
    /// The longest way of each.
    depths: Vec<usize>,
    known: HashMap<&'a Diagram, usize>,
}

impl Plan {
    /// Of checked sums, with as many outputs.
    pub(crate) fn new(sums: &[Sum], outputs: usize) -> Result<Self, ProgramError> {
        let mut planner = Planner::default();
        let mut groups: Vec<(usize, Vec<Slot>, Vec<Part>)> = Vec::new();
        let mut work = Vec::with_capacity(sums.len());
        for (i, sum) in sums.iter().enumerate() {
            let (own_work, bias) = planner.normal_form(i, sum)?;
            // Sums that have some work in common share an accumulator if it is large enough.
            for (used, mut slots, mut part) in accumulators(i, sum, &own_work, bias) {
                let mate = groups.iter_mut().find(|(taken, _, parts)| {
                    taken + used <= N && planner.common_cost(parts, &part) > 0
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
            work.push(own_work);
        }
        let passes: Vec<Pass> = groups
            .into_iter()
            .map(|(_, slots, parts)| Pass { slots, node: planner.node(parts) })
            .collect();
        let depths = (0..outputs).map(|o| planner.output_depth(sums, &work, o)).collect();
        let schedules = planner.schedules;
        let weights = work.iter().flat_map(|work| work.weights.iter().map(|(bit, _)| *bit));
        let steps = schedules.iter().flat_map(|s| s.steps.iter().map(|c| usize::from(c.bit)));
        let reads = weights.chain(steps).collect();
        Ok(Self { passes, schedules, depths, reads })
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
}

/// The accumulators that a sum's tables take by themselves: slots used, slots, and what is to be
/// done. The tables of one sum have all their work in common: first fit.
fn accumulators(index: usize, sum: &Sum, work: &Work, bias: i64) -> Vec<(usize, Vec<Slot>, Part)> {
    let (low, len) = sum.window();
    let mut by_output: Vec<(usize, Vec<usize>)> = Vec::new();
    for (table, t) in sum.tables.iter().enumerate() {
        match by_output.iter_mut().find(|(output, _)| *output == t.output) {
            Some((_, tables)) => tables.push(table),
            None => by_output.push((t.output, vec![table])),
        }
    }
    let mut own: Vec<(usize, Vec<Slot>, Part)> = Vec::new();
    for (output, tables) in by_output {
        let at = match own.iter().position(|(used, ..)| used + len <= N) {
            Some(at) => at,
            None => {
                let part = Part { work: work.clone(), results: Vec::new() };
                own.push((0, Vec::new(), part));
                own.len() - 1
            }
        };
        let (used, slots, part) = &mut own[at];
        slots.push(Slot { sum: index, tables, low, len, start: *used });
        part.results.push(extract(output, *used as i64 + bias - low as i64));
        *used += len;
    }
    own
}

impl<'a> Planner<'a> {
    /// What a sum does, and its bias once constants are folded into it.
    fn normal_form(&mut self, index: usize, sum: &'a Sum) -> Result<(Work, i64), ProgramError> {
        let mut points: HashMap<usize, i64> = HashMap::new();
        let mut diagrams = Vec::new();
        let mut bias = i64::from(sum.bias);
        for (at, step) in sum.steps.iter().enumerate() {
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
                    _ => diagrams.push(self.intern(index, at, diagram)?),
                },
            }
        }
        let weights = points
            .into_iter()
            .map(|(bit, p)| (bit, exponent(p)))
            .filter(|(_, e)| *e != 0)
            .collect();
        Ok((Work::new(weights, diagrams), bias))
    }

    fn intern(
        &mut self,
        sum: usize,
        step: usize,
        diagram: &'a Diagram,
    ) -> Result<usize, ProgramError> {
        if let Some(known) = self.known.get(diagram) {
            return Ok(*known);
        }
        let schedule = Schedule::new(diagram).ok_or(ProgramError::DiagramTooWide { sum, step })?;
        let index = self.schedules.len();
        self.schedules.push(schedule);
        self.depths.push(diagram.depth());
        self.known.insert(diagram, index);
        Ok(index)
    }

    /// CMUXes that all of `parts` and `part` have in common.
    fn common_cost(&self, parts: &[Part], part: &Part) -> usize {
        let common = parts.iter().fold(part.work.clone(), |common, p| common.common(&p.work));
        common.cost(|diagram| self.schedules[diagram].steps.len())
    }

    fn node(&self, mut parts: Vec<Part>) -> PlanNode {
        let common = parts
            .iter()
            .map(|part| part.work.clone())
            .reduce(|common, work| common.common(&work))
            .unwrap_or_default();
        let mut results = Vec::new();
        let mut groups: Vec<Vec<Part>> = Vec::new();
        for part in &mut parts {
            part.work = part.work.without(&common);
        }
        for part in parts {
            if part.work.is_empty() {
                results.extend(part.results);
                continue;
            }
            match groups.iter_mut().find(|group| self.common_cost(group, &part) > 0) {
                Some(group) => group.push(part),
                None => groups.push(vec![part]),
            }
        }
        let children = groups.into_iter().map(|group| self.node(group)).collect();
        let Work { weights, diagrams } = common;
        PlanNode { weights, diagrams, results, children }
    }

    /// The CMUXes whose variance an output has: the longest chain of each sum that adds to it, and
    /// for each two of them twice what they have in common. Errors of the same work on accumulators
    /// that are alike hang together, whether it is done once for both or not; errors of different
    /// work don't.
    fn output_depth(&self, sums: &[Sum], work: &[Work], output: usize) -> usize {
        let own: Vec<&Work> = sums
            .iter()
            .zip(work)
            .filter(|(sum, _)| sum.tables.iter().any(|table| table.output == output))
            .map(|(_, work)| work)
            .collect();
        let depth = |work: &Work| work.cost(|diagram| self.depths[diagram]);
        let pairs = own.iter().flat_map(|a| own.iter().map(move |b| (a, b)));
        pairs.map(|(a, b)| depth(&a.common(b))).sum()
    }
}

/// Part of output `output`, at the coefficient that `at` means once `X^N = -1` is taken into
/// account.
fn extract(output: usize, at: i64) -> Extract {
    let at = at.rem_euclid(ORDER as i64) as usize;
    Extract { output, coefficient: at % N, negate: at >= N }
}

#[cfg(test)]
mod tests {
    use super::super::sum::Table;
    use super::*;

    fn sum(points: &[i16], bias: i32, outputs: &[usize], len: usize) -> Sum {
        let table = |output: &usize| Table { output: *output, bits: 1, values: vec![0; len] };
        Sum {
            steps: vec![Step::Weighted { points: points.to_vec() }],
            bias,
            wraps: false,
            tables: outputs.iter().map(table).collect(),
        }
    }

    fn plan(sums: &[Sum], outputs: usize) -> Plan {
        Plan::new(sums, outputs).unwrap()
    }

    #[test]
    fn tables_of_one_sum_share_one_pass_if_they_fit() {
        assert_eq!(plan(&[sum(&[1, 2, 3], 0, &[0, 1, 2], 7)], 3).cmuxes(), 3);
        assert_eq!(plan(&[sum(&[1000, 500], 0, &[0, 1], 1501)], 2).cmuxes(), 4);
        // Those of one output are one.
        assert_eq!(plan(&[sum(&[1000, 500], 0, &[0, 0], 1501)], 1).cmuxes(), 2);
    }

    #[test]
    fn sums_share_the_weights_they_have_in_common() {
        let sums = [sum(&[1, 2, 3, 4], 0, &[0], 11), sum(&[1, 2, 3, -4], 4, &[1], 11)];
        let plan = plan(&sums, 2);
        assert_eq!(plan.cmuxes(), 5);
        assert_eq!(plan.depths, [4, 4]);
    }

    #[test]
    fn an_output_of_several_sums_counts_what_they_have_in_common_twice() {
        let sums = [sum(&[1, 2, 3, 4], 0, &[0], 11), sum(&[1, 2, 3, -4], 4, &[0, 1], 11)];
        assert_eq!(plan(&sums, 2).depths, [4 + 4 + 2 * 3, 4]);
    }

    #[test]
    fn a_sum_that_leaves_its_tables_has_an_accumulator_of_its_own() {
        let small = sum(&[1, 2, 3], 0, &[0], 7);
        let mut wide = sum(&[1, 2, 3000], 0, &[1, 2], 7);
        wide.wraps = true;
        assert_eq!(plan(&[small.clone(), wide.clone()], 3).passes.len(), 3);
        // One that wraps in name only does not.
        let fits = Sum { wraps: true, ..sum(&[1, 2, 4], 0, &[1, 2], 8) };
        assert_eq!(plan(&[small, fits], 3).passes.len(), 1);
    }

    #[test]
    fn steps_of_one_sum_merge_and_cancel() {
        let mut twice = sum(&[1, 2, 3], 0, &[0], 7);
        twice.steps.push(Step::Weighted { points: vec![-1, 0, 3] });
        let plan = plan(&[twice], 1);
        assert_eq!(plan.cmuxes(), 2);
        // What cancels isn't read.
        assert_eq!(plan.reads.iter().collect::<Vec<_>>(), [1, 2]);
    }
}
