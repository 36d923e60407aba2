// SPDX-License-Identifier: Apache-2.0
//! The order in which a diagram's nodes are evaluated, and the accumulators that hold their results.
//!
//! A node's result is an accumulator of 32 KiB and is needed until the last of its parents is done. Of two children the one that
//! needs more accumulators goes first (Sethi and Ullman, 1970), and a result takes the place of a child that nobody needs any
//! more, so a tree of depth `d` needs about `d` accumulators however many nodes it has.

use crate::diagram::{Diagram, Target};
use crate::poly::exponent;

/// What a CMUX takes as one of its two choices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// The accumulator as it came into the diagram, times `X^exponent`.
    Turned(usize),
    /// The result of an earlier step.
    Register(usize),
}

/// `registers[to] = if bit { high } else { low }`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cmux {
    pub bit: usize,
    pub low: Choice,
    pub high: Choice,
    pub to: usize,
}

/// A diagram ready for evaluation. The last step's `to` is the result.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    pub steps: Vec<Cmux>,
    /// Registers needed.
    pub registers: usize,
}

impl Schedule {
    pub fn new(diagram: &Diagram) -> Self {
        let nodes = diagram.nodes();
        let mut parents = vec![0usize; nodes.len()];
        let mut need = vec![0usize; nodes.len()];
        for (i, node) in nodes.iter().enumerate() {
            let mut needs = [node.low, node.high].map(|t| match t {
                Target::Leaf(_) => 0,
                Target::Node(c) => {
                    parents[c as usize] += 1;
                    need[c as usize]
                }
            });
            needs.sort_unstable();
            need[i] = needs[1].max(needs[0] + usize::from(needs[0] > 0)).max(1);
        }

        let mut run = Run {
            register: vec![None; nodes.len()],
            free: Vec::new(),
            registers: 0,
        };
        let mut steps = Vec::with_capacity(nodes.len());
        // Depth first without recursion: a diagram may be as deep as it has nodes.
        let mut stack: Vec<(usize, bool)> = match diagram.root() {
            Target::Leaf(_) => Vec::new(),
            Target::Node(root) => vec![(root as usize, false)],
        };
        while let Some((i, children_done)) = stack.pop() {
            if run.register[i].is_some() {
                continue;
            }
            let node = &nodes[i];
            if !children_done {
                stack.push((i, true));
                let mut children: Vec<usize> = [node.low, node.high]
                    .into_iter()
                    .filter_map(|t| match t {
                        Target::Leaf(_) => None,
                        Target::Node(c) => Some(c as usize),
                    })
                    .collect();
                // The last pushed is done first.
                children.sort_by_key(|c| need[*c]);
                stack.extend(children.into_iter().map(|c| (c, false)));
                continue;
            }
            let mut dying = [None, None];
            let choices = [node.low, node.high].map(|t| match t {
                Target::Leaf(points) => Choice::Turned(exponent(i64::from(points))),
                Target::Node(c) => {
                    let register =
                        run.register[c as usize].expect("children are done before their parents");
                    Choice::Register(register)
                }
            });
            for (slot, target) in dying.iter_mut().zip([node.low, node.high]) {
                if let Target::Node(c) = target {
                    let c = c as usize;
                    parents[c] -= 1;
                    if parents[c] == 0 {
                        *slot = run.register[c];
                    }
                }
            }
            let to = match dying {
                [Some(low), high] => {
                    run.free.extend(high);
                    low
                }
                [None, Some(high)] => high,
                [None, None] => run.allocate(),
            };
            run.register[i] = Some(to);
            steps.push(Cmux {
                bit: usize::from(node.bit),
                low: choices[0],
                high: choices[1],
                to,
            });
        }
        Self {
            steps,
            registers: run.registers,
        }
    }
}

struct Run {
    register: Vec<Option<usize>>,
    free: Vec<usize>,
    registers: usize,
}

impl Run {
    fn allocate(&mut self) -> usize {
        self.free.pop().unwrap_or_else(|| {
            self.registers += 1;
            self.registers - 1
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagram::DiagramBuilder;

    #[test]
    fn a_comparison_needs_one_register() {
        let mut b = DiagramBuilder::new();
        let (yes, no) = (b.leaf(1), b.leaf(0));
        let root = b.less_than(&[0, 1, 2, 3, 4, 5, 6], 85, yes, no).unwrap();
        let schedule = Schedule::new(&b.finish(root));
        assert_eq!(schedule.registers, 1);
        assert_eq!(schedule.steps.len(), 7);
    }

    #[test]
    fn a_full_tree_needs_as_many_registers_as_levels() {
        let mut b = DiagramBuilder::new();
        let leaves: Vec<_> = (0..256).map(|p| b.leaf(p)).collect();
        let root = b.select(&[0, 1, 2, 3, 4, 5, 6, 7], &leaves).unwrap();
        let schedule = Schedule::new(&b.finish(root));
        assert_eq!(schedule.steps.len(), 255);
        assert!(schedule.registers <= 8, "{}", schedule.registers);
    }
}
