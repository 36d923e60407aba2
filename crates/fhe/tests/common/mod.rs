// SPDX-License-Identifier: Apache-2.0
//! Random programs and records for the tests. Everything follows from a seed, and a failing test
//! prints it.
#![allow(dead_code, missing_docs)]

use cso_fhe::{Diagram, DiagramBuilder, Program, Step, Sum, Table, Target};
use rand::rngs::StdRng;
use rand::Rng;

/// A random weighted step whose points are small enough for several of them to fit a table.
pub(crate) fn weighted(rng: &mut StdRng, bits: usize) -> Step {
    let max = (600 / bits as i16).clamp(1, 40);
    Step::Weighted {
        points: (0..bits)
            .map(|_| if rng.gen_bool(0.2) { 0 } else { rng.gen_range(-max..=max) })
            .collect(),
    }
}

/// A random diagram: shared nodes, tests of the same bit on different ways, leaves of both signs.
pub(crate) fn diagram(rng: &mut StdRng, bits: usize, nodes: usize) -> Diagram {
    let mut builder = DiagramBuilder::new();
    let mut targets: Vec<Target> = (0..4).map(|_| builder.leaf(rng.gen_range(-60..=60))).collect();
    for _ in 0..nodes {
        let bit = rng.gen_range(0..bits) as u16;
        let low = targets[rng.gen_range(0..targets.len())];
        let high = targets[targets.len() - 1 - rng.gen_range(0..targets.len().min(6))];
        let node = builder.node(bit, low, high);
        targets.push(node);
    }
    let root = targets[targets.len() - 1];
    builder.finish(root)
}

/// Least and largest value of steps, so that a bias and tables can be made to fit.
fn range(steps: &[Step]) -> (i64, i64) {
    steps.iter().fold((0, 0), |(low, high), step| match step {
        Step::Weighted { points } => points
            .iter()
            .fold((low, high), |(l, h), p| (l + i64::from(*p.min(&0)), h + i64::from(*p.max(&0)))),
        Step::Diagram(d) => (low + i64::from(d.range().0), high + i64::from(d.range().1)),
    })
}

/// A sum of these steps with random tables for these outputs, from `first` on, the bias such that
/// the least value is 0 or a little more.
pub(crate) fn sum(rng: &mut StdRng, steps: Vec<Step>, first: usize, tables: &[u32]) -> Sum {
    let (low, high) = range(&steps);
    let slack = rng.gen_range(0..3);
    let len = (high - low + 1 + slack) as usize;
    let tables = tables
        .iter()
        .zip(first..)
        .map(|(bits, output)| Table {
            output,
            bits: *bits,
            values: (0..len).map(|_| rng.gen::<u16>() & (((1u32 << bits) - 1) as u16)).collect(),
        })
        .collect();
    Sum { steps, bias: (slack - low) as i32, wraps: false, tables }
}

/// A random program with one to three sums, some of which share steps.
pub(crate) fn program(rng: &mut StdRng, bits: usize, max_output_bits: u32) -> Program {
    loop {
        let mut shared = weighted(rng, bits);
        let mut sums = Vec::new();
        let mut outputs = 0;
        for _ in 0..rng.gen_range(1..=3) {
            let mut steps = Vec::new();
            if rng.gen_bool(0.6) {
                // The shared weights, now and then with a difference.
                if let (Step::Weighted { points }, true) = (&mut shared, rng.gen_bool(0.5)) {
                    let bit = rng.gen_range(0..bits);
                    points[bit] = rng.gen_range(-9..=9);
                }
                steps.push(shared.clone());
            }
            for _ in 0..rng.gen_range(0..3) {
                let nodes = rng.gen_range(0..14);
                steps.push(Step::Diagram(diagram(rng, bits, nodes)));
            }
            let tables: Vec<u32> =
                (0..rng.gen_range(1..=2)).map(|_| rng.gen_range(1..=max_output_bits)).collect();
            sums.push(sum(rng, steps, outputs, &tables));
            outputs += tables.len();
        }
        match Program::new(bits, sums) {
            Ok(program) => return program,
            Err(
                cso_fhe::ProgramError::Range { .. } | cso_fhe::ProgramError::TableLength { .. },
            ) => continue,
            Err(e) => panic!("{e}"),
        }
    }
}

pub(crate) fn bits(rng: &mut StdRng, n: usize) -> Vec<bool> {
    (0..n).map(|_| rng.gen()).collect()
}
