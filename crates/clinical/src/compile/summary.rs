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
    /// The largest change of the sum that rounding can cause.
    pub deviation: f64,
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
