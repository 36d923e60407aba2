// SPDX-License-Identifier: Apache-2.0
//! The back end: the only place that builds something of `cso_fhe`.

use cso_fhe::{Diagram, DiagramBuilder, Program, ProgramError, Step, Sum, Table, Target};

use super::free::{self, FreeDiagram};

/// A diagram with whole points at its leaves. Nodes that rounding makes equal are merged by the
/// builder.
pub(super) fn diagram(diagram: &FreeDiagram, points: impl Fn(f64) -> i32) -> Diagram {
    let mut builder = DiagramBuilder::new();
    let mut built: Vec<Target> = Vec::with_capacity(diagram.size());
    let place = |target, built: &[Target]| match target {
        free::Target::Leaf(bits) => Target::Leaf(points(f64::from_bits(bits))),
        free::Target::Node(index) => built[index as usize],
    };
    for node in diagram.nodes() {
        let (low, high) = (place(node.low, &built), place(node.high, &built));
        // An intake has at most 1536 bits (`intake::MAX_BITS`).
        built.push(builder.node(node.bit as u16, low, high));
    }
    builder.finish(place(diagram.root(), &built))
}

/// Whether a diagram adds nothing, whatever the record.
pub(super) fn adds_nothing(diagram: &Diagram) -> bool {
    *diagram == Diagram::constant(0)
}

/// What a sum adds to an output, by its points.
pub(super) fn table(output: usize, bits: usize, values: Vec<u16>) -> Table {
    Table { output, bits: bits as u32, values }
}

/// A sum: points of each bit, if any has some, diagrams, what is added so that it's never negative,
/// and its tables.
pub(super) fn sum(
    weights: Option<Vec<i16>>,
    diagrams: Vec<Diagram>,
    bias: i32,
    tables: Vec<Table>,
    wraps: bool,
) -> Sum {
    let weighted = weights.map(|points| Step::Weighted { points });
    let steps = weighted.into_iter().chain(diagrams.into_iter().map(Step::Diagram)).collect();
    Sum { steps, bias, wraps, tables }
}

/// The program of the sums, in their order.
pub(super) fn program(bits: usize, sums: Vec<Sum>) -> Result<Program, ProgramError> {
    Program::new(bits, sums)
}
