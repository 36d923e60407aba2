// SPDX-License-Identifier: Apache-2.0
//! What the compiler tells the expert about a program.

use serde::Serialize;

/// Size and accuracy of a compiled protocol.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProgramSummary {
    /// Features asked.
    pub features: usize,
    /// Bits of a record.
    pub bits: usize,
    /// External products of one evaluation: one a bit with points, one a diagram node.
    pub cmuxes: usize,
    /// The sums.
    pub sums: Vec<SumScaling>,
    /// The outputs.
    pub outputs: Vec<OutputScaling>,
}

/// How the points of one sum became whole.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SumScaling {
    /// Its name.
    pub id: String,
    /// Whole points per point of the model.
    pub scale: f64,
    /// Whether every number of the model became a whole one.
    pub exact: bool,
    /// The least value of the sum.
    pub lowest: f64,
    /// The greatest value of the sum.
    pub highest: f64,
    /// Entries of the table that the sum picks from, at most 2048.
    pub table_entries: usize,
    /// Bits with points: the external products of the blind rotation.
    pub weighted_bits: usize,
    /// Decision diagrams.
    pub diagrams: usize,
    /// Their nodes: one external product each.
    pub nodes: usize,
    /// What became of trees and lists of cases.
    pub trees: TreeLowering,
    /// The largest change of the sum that rounding can cause.
    pub deviation: f64,
}

/// How the trees and lists of cases of a sum became diagrams: each as it stands, or in the order of
/// the intake's bits, whichever takes fewer nodes. Counted before points are rounded.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TreeLowering {
    /// Those that were lowered as they stand; the other way is the intake's order.
    pub as_they_stand: TreeCost,
    /// Those that were lowered in the intake's order, alone or added to other terms; the other way
    /// is as they stand, each by itself.
    pub in_order: TreeCost,
}

/// Trees that were lowered one way, and what the other way would have cost.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TreeCost {
    /// How many there are.
    pub trees: usize,
    /// Nodes of their diagrams.
    pub nodes: usize,
    /// Nodes that the other way takes, for those for which it was tried to the end.
    pub otherwise: usize,
    /// How many trees there are for which the other way was given up.
    pub given_up: usize,
    /// Nodes and pairs of nodes that were looked at in vain for those.
    pub effort: usize,
}

/// What that means for one output.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OutputScaling {
    /// Its id.
    pub id: String,
    /// Bits of the encrypted value.
    pub bits: usize,
    /// The largest change of the value, before it is put on the output's grid, that rounding can
    /// cause.
    pub deviation: f64,
}
