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

use crate::params::{MAX_CMUXES, MAX_CUTS, MAX_REGISTERS};
use crate::ring::exponent;

use super::diagram::{Diagram, Node, Target};

/// What a CMUX takes as one of its two choices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// The accumulator as it came into the diagram, times `X^exponent`.
    Turned(u16),
    /// The result of an earlier step.
    Register(u16),
}

/// `registers[to] = if bit { high } else { low }`. Small, since there may be a million of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cmux {
    pub bit: u16,
    pub low: Choice,
    pub high: Choice,
    pub to: u16,
}

/// A diagram ready for evaluation. The last step's `to` is the result.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schedule {
    pub steps: Vec<Cmux>,
    /// Registers needed.
    pub registers: usize,
}

impl Schedule {
    /// The order of a diagram's work, or `None` if it can't be cut into pieces that need no more
    /// than [`MAX_REGISTERS`].
    pub(crate) fn new(diagram: &Diagram) -> Option<Self> {
        let mut made = Steps::default();
        if let Target::Node(root) = diagram.root() {
            let mut graph = Graph::new(diagram.nodes());
            graph.cut(root as usize, MAX_REGISTERS, MAX_CUTS, &mut made)?;
        }
        Some(Self { steps: made.steps, registers: made.registers })
    }
}

/// The choice of a leaf.
fn turned(points: i32) -> Choice {
    // Below 2N = 4096.
    Choice::Turned(exponent(i64::from(points)) as u16)
}

/// What is known of a node while a piece is put in order.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    /// Parents that still wait for it; the root's are one too many.
    parents: u32,
    register: Option<u16>,
}

/// The nodes, children before parents, and the accumulators each needs if nothing is shared.
struct Graph<'a> {
    nodes: &'a [Node],
    need: Vec<u32>,
    /// All as by default between two pieces.
    states: Vec<State>,
}

impl<'a> Graph<'a> {
    fn new(nodes: &'a [Node]) -> Self {
        let mut need = vec![0u32; nodes.len()];
        for (i, node) in nodes.iter().enumerate() {
            let mut needs = [node.low, node.high].map(|t| match t {
                Target::Leaf(_) => 0,
                Target::Node(c) => need[c as usize],
            });
            needs.sort_unstable();
            need[i] = needs[1].max(needs[0] + u32::from(needs[0] > 0)).max(1);
        }
        Self { nodes, need, states: vec![State::default(); nodes.len()] }
    }

    /// Evaluates the part below `root` within `room` registers, in pieces if it takes that, and
    /// gives the result's register.
    fn cut(&mut self, root: usize, room: usize, cuts: usize, made: &mut Steps) -> Option<u16> {
        if made.steps.len() > MAX_CMUXES {
            return None;
        }
        if let Some(whole) = self.shared(root, room) {
            return Some(made.append(&whole));
        }
        if cuts == 0 {
            return None;
        }
        let node = self.nodes[root];
        let mut children: Vec<(usize, Target)> =
            [node.low, node.high].into_iter().enumerate().collect();
        children.sort_by_key(|(_, target)| std::cmp::Reverse(self.need_of(*target)));
        let mut choices = [Choice::Turned(0); 2];
        let mut held = Vec::new();
        for (side, target) in children {
            choices[side] = match target {
                Target::Leaf(points) => turned(points),
                Target::Node(c) => {
                    let register = self.cut(c as usize, room - held.len(), cuts - 1, made)?;
                    held.push(register);
                    Choice::Register(register)
                }
            };
        }
        made.free.append(&mut held);
        let to = made.allocate();
        made.steps.push(Cmux { bit: node.bit, low: choices[0], high: choices[1], to });
        Some(to)
    }

    fn need_of(&self, target: Target) -> u32 {
        match target {
            Target::Leaf(_) => 0,
            Target::Node(c) => self.need[c as usize],
        }
    }

    /// Evaluates every node below `root` once, if `room` registers are enough for that.
    fn shared(&mut self, root: usize, room: usize) -> Option<Schedule> {
        let below = self.count_parents(root);
        let made = self.order(root, room);
        for node in below {
            self.states[node] = State::default();
        }
        made.map(|made| Schedule { steps: made.steps, registers: made.registers })
    }

    /// Counts the parents of all nodes below `root`, itself included, and gives them.
    fn count_parents(&mut self, root: usize) -> Vec<usize> {
        let mut below = vec![root];
        self.states[root].parents = 1;
        let mut next = 0;
        while let Some(node) = below.get(next).map(|i| self.nodes[*i]) {
            next += 1;
            for target in [node.low, node.high] {
                if let Target::Node(c) = target {
                    let parents = &mut self.states[c as usize].parents;
                    *parents += 1;
                    if *parents == 1 {
                        below.push(c as usize);
                    }
                }
            }
        }
        below
    }

    /// Puts the nodes below `root` in order, once their parents are counted.
    fn order(&mut self, root: usize, room: usize) -> Option<Steps> {
        let mut made = Steps::default();
        // Depth first without recursion: a diagram may be as deep as it has nodes.
        let mut stack = vec![(root, false)];
        while let Some((i, children_done)) = stack.pop() {
            if self.states[i].register.is_some() {
                continue;
            }
            let node = self.nodes[i];
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
            let mut dying = [None, None];
            let mut choices = [Choice::Turned(0); 2];
            for (side, target) in [node.low, node.high].into_iter().enumerate() {
                choices[side] = match target {
                    Target::Leaf(points) => turned(points),
                    Target::Node(c) => {
                        let child = &mut self.states[c as usize];
                        let register =
                            child.register.expect("children are done before their parents");
                        child.parents -= 1;
                        if child.parents == 0 {
                            dying[side] = Some(register);
                        }
                        Choice::Register(register)
                    }
                };
            }
            let to = match dying {
                [Some(low), high] => {
                    made.free.extend(high);
                    low
                }
                [None, Some(high)] => high,
                [None, None] => made.allocate(),
            };
            if made.registers > room {
                return None;
            }
            self.states[i].register = Some(to);
            made.steps.push(Cmux { bit: node.bit, low: choices[0], high: choices[1], to });
        }
        Some(made)
    }
}

/// The steps made so far, and which registers they leave free.
#[derive(Default)]
struct Steps {
    steps: Vec<Cmux>,
    free: Vec<u16>,
    registers: usize,
}

impl Steps {
    fn allocate(&mut self) -> u16 {
        self.free.pop().unwrap_or_else(|| {
            self.registers += 1;
            // At most `MAX_REGISTERS` and one.
            (self.registers - 1) as u16
        })
    }

    /// Appends a piece in registers that are free, and gives its result's.
    fn append(&mut self, piece: &Schedule) -> u16 {
        let own: Vec<u16> = (0..piece.registers).map(|_| self.allocate()).collect();
        let choice = |choice| match choice {
            Choice::Turned(exponent) => Choice::Turned(exponent),
            Choice::Register(register) => Choice::Register(own[usize::from(register)]),
        };
        self.steps.extend(piece.steps.iter().map(|step| Cmux {
            bit: step.bit,
            low: choice(step.low),
            high: choice(step.high),
            to: own[usize::from(step.to)],
        }));
        let result = self.steps.last().expect("a piece has a step").to;
        self.free.extend(own.into_iter().filter(|register| *register != result));
        result
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use rand::rngs::StdRng;
    use rand::{Rng, SeedableRng};

    use super::super::builder::DiagramBuilder;
    use super::*;

    #[test]
    fn a_comparison_needs_one_register() {
        let mut b = DiagramBuilder::new();
        let (yes, no) = (b.leaf(1), b.leaf(0));
        let root = b.less_than(&[0, 1, 2, 3, 4, 5, 6], 85, yes, no).unwrap();
        let schedule = Schedule::new(&b.finish(root)).unwrap();
        assert_eq!(schedule.registers, 1);
        assert_eq!(schedule.steps.len(), 7);
    }

    #[test]
    fn a_full_tree_needs_as_many_registers_as_levels() {
        let mut b = DiagramBuilder::new();
        let leaves: Vec<_> = (0..256).map(|p| b.leaf(p)).collect();
        let root = b.select(&[0, 1, 2, 3, 4, 5, 6, 7], &leaves).unwrap();
        let schedule = Schedule::new(&b.finish(root)).unwrap();
        assert_eq!(schedule.steps.len(), 255);
        assert!(schedule.registers <= 8, "{}", schedule.registers);
    }

    /// Evaluates a schedule on numbers instead of accumulators.
    fn run(schedule: &Schedule, bits: &[bool]) -> usize {
        let mut registers = vec![u16::MAX; schedule.registers];
        let mut result = 0;
        for step in &schedule.steps {
            let choice = if bits[usize::from(step.bit)] { step.high } else { step.low };
            result = match choice {
                Choice::Turned(exponent) => exponent,
                Choice::Register(register) => registers[usize::from(register)],
            };
            registers[usize::from(step.to)] = result;
        }
        usize::from(result)
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
        let mut graph = Graph::new(diagram.nodes());
        assert!(graph.shared(node as usize, MAX_REGISTERS).is_none());
        let schedule = Schedule::new(&diagram).unwrap();
        assert!(schedule.registers <= MAX_REGISTERS, "{}", schedule.registers);
        for code in (0..1usize << 14).step_by(7) {
            let bits: Vec<bool> = (0..14).map(|bit| code >> bit & 1 == 1).collect();
            assert_eq!(run(&schedule, &bits), exponent(i64::from(points(code))));
        }
    }

    /// A tree that compares numbers of seven bits with thresholds, as a library grows it: in any
    /// order, on any feature, as deep as it likes.
    fn grown(splits: usize, rng: &mut StdRng) -> Diagram {
        fn grow(b: &mut DiagramBuilder, splits: usize, rng: &mut StdRng) -> Target {
            if splits == 0 {
                return b.leaf(rng.gen_range(-1000..1000));
            }
            let left = rng.gen_range(0..splits);
            let (below, other) = (grow(b, left, rng), grow(b, splits - 1 - left, rng));
            let first = 7 * rng.gen_range(0..30);
            let bits: Vec<u16> = (first..first + 7).collect();
            b.less_than(&bits, rng.gen_range(1..128), below, other).unwrap()
        }
        let mut b = DiagramBuilder::new();
        let root = grow(&mut b, splits, rng);
        b.finish(root)
    }

    #[test]
    fn trees_of_any_shape_need_few_registers() {
        let mut rng = StdRng::seed_from_u64(13);
        for splits in [60, 600, 6000] {
            let diagram = grown(splits, &mut rng);
            let schedule = Schedule::new(&diagram).unwrap();
            // Every node once.
            assert_eq!(schedule.steps.len(), diagram.node_count());
            println!("{splits} splits, {} nodes: {}", schedule.steps.len(), schedule.registers);
            assert!(schedule.registers < 20, "{splits} splits: {}", schedule.registers);
            for _ in 0..50 {
                let bits: Vec<bool> = (0..210).map(|_| rng.gen()).collect();
                let points = i64::from(diagram.evaluate(&bits));
                assert_eq!(run(&schedule, &bits), exponent(points));
            }
        }
    }

    #[test]
    fn planning_takes_time_in_proportion_to_nodes() {
        let mut rng = StdRng::seed_from_u64(14);
        let mut time = |splits| {
            let diagram = grown(splits, &mut rng);
            let start = Instant::now();
            Schedule::new(&diagram).unwrap();
            start.elapsed().as_secs_f64() / diagram.node_count() as f64
        };
        // The least of some runs: other programs run beside.
        let mut least = |splits, runs| (0..runs).map(|_| time(splits)).fold(f64::MAX, f64::min);
        let (small, large) = (least(300, 20), least(30_000, 3));
        println!("{:.0} and {:.0} ns a node", small * 1e9, large * 1e9);
        // Caches and pages make a node of a large one dearer, but not a hundred times.
        assert!(large < 20.0 * small, "{small:e} and {large:e} s a node");
    }

    #[test]
    fn what_no_cut_makes_narrow_is_refused_soon() {
        // Each node on two of any below it: pieces would be nearly as large as the whole.
        let mut rng = StdRng::seed_from_u64(15);
        let mut b = DiagramBuilder::new();
        let mut targets: Vec<Target> = (0..50).map(|points| b.leaf(points)).collect();
        for _ in 0..30_000 {
            let [low, high] = [0; 2].map(|_| targets[rng.gen_range(0..targets.len())]);
            targets.push(b.node(rng.gen_range(0..1000), low, high));
        }
        let mut last = targets.split_off(29_000);
        while last.len() > 1 {
            let (low, high) = (last.swap_remove(0), last.swap_remove(0));
            last.push(b.node(rng.gen_range(0..1000), low, high));
        }
        let diagram = b.finish(last[0]);
        assert!(diagram.node_count() > 10_000);
        let start = Instant::now();
        assert!(Schedule::new(&diagram).is_none());
        println!("refused in {:?}", start.elapsed());
    }
}
