// SPDX-License-Identifier: Apache-2.0
//! The back end: the only place that builds something of `cso_fhe`.

use cso_fhe::{Diagram, DiagramBuilder, Program, ProgramError, Step, Sum, Table, Target};

use super::plan::{Child, PlanDiagram, PlanSum};

/// Builds the program of the sums, in their order.
pub(super) fn program(bits: usize, plans: Vec<PlanSum>) -> Result<Program, ProgramError> {
    let mut sums = Vec::with_capacity(plans.len());
    for plan in plans {
        let weighted = plan.weights.map(|points| Step::Weighted { points });
        let diagrams = plan.diagrams.iter().map(|diagram| Step::Diagram(build(diagram)));
        let steps = weighted.into_iter().chain(diagrams).collect();
        let tables = plan
            .tables
            .into_iter()
            .map(|table| Table { bits: table.bits as u32, values: table.values })
            .collect();
        sums.push(Sum { steps, bias: plan.bias, tables });
    }
    Program::new(bits, sums)
}

fn build(plan: &PlanDiagram) -> Diagram {
    let mut builder = DiagramBuilder::new();
    let mut built: Vec<Target> = Vec::with_capacity(plan.nodes.len());
    for node in &plan.nodes {
        let target = |child| match child {
            Child::Leaf(points) => Target::Leaf(points),
            // Children stand before their parents in a plan.
            Child::Node(index) => built[index],
        };
        let (low, high) = (target(node.low), target(node.high));
        // A record has at most 1024 bits (`intake::MAX_BITS`).
        built.push(builder.node(node.bit as u16, low, high));
    }
    let root = match plan.root {
        Child::Leaf(points) => builder.leaf(points),
        Child::Node(index) => built[index],
    };
    builder.finish(root)
}
