// SPDX-License-Identifier: Apache-2.0
//! The order in which a diagram's nodes are evaluated, and the accumulators that hold their
//! results.
//!
//! A node's result is an accumulator of 32 KiB and is needed until the last of its parents is done.
//! Of two children the one that needs more accumulators goes first (Sethi and Ullman, 1970), and a
//! result takes the place of a child that nobody needs any more, so a tree of depth `d` needs about
//! `d` accumulators however many nodes it has.
//!
//! A diagram whose parts share much needs many accumulators. One that would need more than
//! [`MAX_REGISTERS`] is cut at the top: the two halves are evaluated one after the other, and what
//! they have in common is computed twice.

use crate::params::{MAX_CUTS, MAX_REGISTERS};
use crate::ring::exponent;

use super::diagram::{Diagram, Node, Target};

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
    pub(crate) fn new(diagram: &Diagram) -> Self {
        let nodes = diagram.nodes();
        let mut need = vec![0usize; nodes.len()];
        for (i, node) in nodes.iter().enumerate() {
            let mut needs = [node.low, node.high].map(|t| match t {
                Target::Leaf(_) => 0,
                Target::Node(c) => need[c as usize],
            });
            needs.sort_unstable();
            need[i] = needs[1].max(needs[0] + usize::from(needs[0] > 0)).max(1);
        }
        let graph = Graph { nodes, need };
        let mut made = Steps::default();
        if let Target::Node(root) = diagram.root() {
            graph.cut(root as usize, MAX_REGISTERS, MAX_CUTS, &mut made);
        }
        Self { steps: made.steps, registers: made.registers }
    }
}

/// The nodes, children before parents, and the accumulators each needs if nothing is shared.
struct Graph<'a> {
    nodes: &'a [Node],
    need: Vec<usize>,
}

impl Graph<'_> {
    /// Evaluates the part below `root` within `room` registers, in pieces if it takes that, and
    /// gives the result's register.
    fn cut(&self, root: usize, room: usize, cuts: usize, made: &mut Steps) -> usize {
        let whole = self.shared(root);
        if whole.registers <= room || cuts == 0 {
            return made.append(&whole);
        }
        let node = &self.nodes[root];
        let mut children: Vec<(usize, Target)> =
            [node.low, node.high].into_iter().enumerate().collect();
        children.sort_by_key(|(_, target)| std::cmp::Reverse(self.need_of(*target)));
        let mut choices = [Choice::Turned(0); 2];
        let mut held = Vec::new();
        for (side, target) in children {
            choices[side] = match target {
                Target::Leaf(points) => Choice::Turned(exponent(i64::from(points))),
                Target::Node(c) => {
                    let register = self.cut(c as usize, room - held.len(), cuts - 1, made);
                    held.push(register);
                    Choice::Register(register)
                }
            };
        }
        made.free.append(&mut held);
        let to = made.allocate();
        made.steps.push(Cmux { bit: usize::from(node.bit), low: choices[0], high: choices[1], to });
        to
    }

    fn need_of(&self, target: Target) -> usize {
        match target {
            Target::Leaf(_) => 0,
            Target::Node(c) => self.need[c as usize],
        }
    }

    /// Evaluates every node below `root` once.
    fn shared(&self, root: usize) -> Schedule {
        let nodes = self.nodes;
        let mut parents = vec![0usize; root + 1];
        for i in (0..=root).rev() {
            if i != root && parents[i] == 0 {
                continue;
            }
            for target in [nodes[i].low, nodes[i].high] {
                if let Target::Node(c) = target {
                    parents[c as usize] += 1;
                }
            }
        }
        let mut register: Vec<Option<usize>> = vec![None; root + 1];
        let mut made = Steps::default();
        // Depth first without recursion: a diagram may be as deep as it has nodes.
        let mut stack = vec![(root, false)];
        while let Some((i, children_done)) = stack.pop() {
            if register[i].is_some() {
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
                children.sort_by_key(|c| self.need[*c]);
                stack.extend(children.into_iter().map(|c| (c, false)));
                continue;
            }
            let choices = [node.low, node.high].map(|t| match t {
                Target::Leaf(points) => Choice::Turned(exponent(i64::from(points))),
                Target::Node(c) => {
                    let register =
                        register[c as usize].expect("children are done before their parents");
                    Choice::Register(register)
                }
            });
            let mut dying = [None, None];
            for (slot, target) in dying.iter_mut().zip([node.low, node.high]) {
                if let Target::Node(c) = target {
                    let c = c as usize;
                    parents[c] -= 1;
                    if parents[c] == 0 {
                        *slot = register[c];
                    }
                }
            }
            let to = match dying {
                [Some(low), high] => {
                    made.free.extend(high);
                    low
                }
                [None, Some(high)] => high,
                [None, None] => made.allocate(),
            };
            register[i] = Some(to);
            made.steps.push(Cmux {
                bit: usize::from(node.bit),
                low: choices[0],
                high: choices[1],
                to,
            });
        }
        Schedule { steps: made.steps, registers: made.registers }
    }
}

/// The steps made so far, and which registers they leave free.
#[derive(Default)]
struct Steps {
    steps: Vec<Cmux>,
    free: Vec<usize>,
    registers: usize,
}

impl Steps {
    fn allocate(&mut self) -> usize {
        self.free.pop().unwrap_or_else(|| {
            self.registers += 1;
            self.registers - 1
        })
    }

    /// Appends a piece in registers that are free, and gives its result's.
    fn append(&mut self, piece: &Schedule) -> usize {
        let own: Vec<usize> = (0..piece.registers).map(|_| self.allocate()).collect();
        let choice = |choice| match choice {
            Choice::Turned(exponent) => Choice::Turned(exponent),
            Choice::Register(register) => Choice::Register(own[register]),
        };
        self.steps.extend(piece.steps.iter().map(|step| Cmux {
            bit: step.bit,
            low: choice(step.low),
            high: choice(step.high),
            to: own[step.to],
        }));
        let result = self.steps.last().expect("a piece has a step").to;
        self.free.extend(own.into_iter().filter(|register| *register != result));
        result
    }
}

#[cfg(test)]
mod tests {
    use super::super::builder::DiagramBuilder;
    use super::*;

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

    /// Evaluates a schedule on numbers instead of accumulators.
    fn run(schedule: &Schedule, bits: &[bool]) -> usize {
        let mut registers = vec![usize::MAX; schedule.registers];
        let mut result = 0;
        for step in &schedule.steps {
            let choice = if bits[step.bit] { step.high } else { step.low };
            result = match choice {
                Choice::Turned(exponent) => exponent,
                Choice::Register(register) => registers[register],
            };
            registers[step.to] = result;
        }
        result
    }

    #[test]
    fn a_wide_diagram_is_cut_and_gives_the_same() {
        // 16 rows of 1024 leaves with many equal neighbours: rows share most of their nodes.
        let mut b = DiagramBuilder::new();
        let points = |code: usize| ((code >> 10) * (code & 1023) / 16) as i32;
        let leaves: Vec<_> = (0..1 << 14).map(|code| b.leaf(points(code))).collect();
        let order: Vec<u16> = (0..14).rev().collect();
        let root = b.select(&order, &leaves).unwrap();
        let diagram = b.finish(root);
        let Target::Node(node) = diagram.root() else { panic!("the diagram has nodes") };
        let graph = Graph { nodes: diagram.nodes(), need: vec![1; diagram.nodes().len()] };
        assert!(graph.shared(node as usize).registers > MAX_REGISTERS);
        let schedule = Schedule::new(&diagram);
        assert!(schedule.registers <= MAX_REGISTERS, "{}", schedule.registers);
        for code in (0..1usize << 14).step_by(7) {
            let bits: Vec<bool> = (0..14).map(|bit| code >> bit & 1 == 1).collect();
            assert_eq!(run(&schedule, &bits), exponent(i64::from(points(code))));
        }
    }
}
