// SPDX-License-Identifier: Apache-2.0
//! What is wrong with a program.

use crate::params::{MAX_CMUXES, MAX_OUTPUTS, MAX_OUTPUT_BITS, MAX_REGISTERS, MAX_TABLES, N};

/// A program that cannot be, each with the limit it breaks. Sums, steps and tables count from 0.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProgramError {
    /// No bits, or more than a record holds.
    #[error("a program reads 1 to {max} bits, not {bits}")]
    Bits {
        /// Bits asked for.
        bits: usize,
        /// Bits of the largest record.
        max: usize,
    },
    /// No outputs, or too many.
    #[error("a program has 1 to {MAX_OUTPUTS} outputs, not {0}")]
    Outputs(usize),
    /// More tables than a program may have.
    #[error("the program has {0} tables; at most {MAX_TABLES} are allowed")]
    Tables(usize),
    /// An output that no table adds to, though one adds to a later output.
    #[error("output {0} has no table; outputs are numbered from 0 without holes")]
    NoOutput(usize),
    /// A table is wider or narrower than the others of its output.
    #[error(
        "sum {sum}, table {table} has values of {bits} bits; other tables of output {output} have {expected}"
    )]
    OutputBits {
        /// The sum.
        sum: usize,
        /// The table.
        table: usize,
        /// The output.
        output: usize,
        /// The table's width.
        bits: u32,
        /// The width of the output's first table.
        expected: u32,
    },
    /// The tables of an output can add up to more than it holds.
    #[error("output {output} can reach {total}, which does not fit {bits} bits")]
    Total {
        /// The output.
        output: usize,
        /// The greatest total.
        total: u64,
        /// The output's width.
        bits: u32,
    },
    /// A sum without a table.
    #[error("sum {0} has no table")]
    NoTable(usize),
    /// A weighted step with too few or too many points.
    #[error("sum {sum}, step {step} has points for {actual} bits; the program reads {expected}")]
    PointsLength {
        /// The sum.
        sum: usize,
        /// The step.
        step: usize,
        /// The program's bits.
        expected: usize,
        /// The step's.
        actual: usize,
    },
    /// A diagram asks for a bit the program doesn't read.
    #[error("sum {sum}, step {step} asks for bit {bit}; the program reads {bits} bits")]
    BitOutOfRange {
        /// The sum.
        sum: usize,
        /// The step.
        step: usize,
        /// The bit.
        bit: u16,
        /// The program's bits.
        bits: usize,
    },
    /// A diagram whose evaluation would need too much memory.
    #[error(
        "sum {sum}, step {step} needs more than {MAX_REGISTERS} accumulators at once: \
         split its diagram into several steps, or give it as a tree"
    )]
    DiagramTooWide {
        /// The sum.
        sum: usize,
        /// The step.
        step: usize,
    },
    /// More CMUXes than an evaluation may take.
    #[error(
        "the program takes {0} CMUXes, and at most {MAX_CMUXES} are allowed: use fewer or shallower trees, \
         or quantities of fewer bits"
    )]
    TooManyCmuxes(usize),
    /// A table's values have an impossible width.
    #[error(
        "sum {sum}, table {table} has values of {bits} bits; 1 to {MAX_OUTPUT_BITS} are possible"
    )]
    TableBits {
        /// The sum.
        sum: usize,
        /// The table.
        table: usize,
        /// The width.
        bits: u32,
    },
    /// A table is empty or longer than an accumulator.
    #[error("sum {sum}, table {table} has {len} values; 1 to {N} are possible")]
    TableLength {
        /// The sum.
        sum: usize,
        /// The table.
        table: usize,
        /// Its length.
        len: usize,
    },
    /// A table value doesn't fit its width.
    #[error("sum {sum}, table {table}, value {index} is {value}, which does not fit {bits} bits")]
    TableValue {
        /// The sum.
        sum: usize,
        /// The table.
        table: usize,
        /// Where in the table.
        index: usize,
        /// The value.
        value: u16,
        /// The table's width.
        bits: u32,
    },
    /// A sum could leave its table.
    #[error(
        "sum {sum} ranges from {low} to {high}, but table {table} covers 0 to {} and the sum doesn't wrap",
        *.len as i64 - 1
    )]
    Range {
        /// The sum.
        sum: usize,
        /// The table.
        table: usize,
        /// Least possible sum.
        low: i64,
        /// Largest possible sum.
        high: i64,
        /// The table's length.
        len: usize,
    },
    /// Bits to evaluate on are too few or too many.
    #[error("the program reads {expected} bits, but {actual} were given")]
    WrongBits {
        /// The program's bits.
        expected: usize,
        /// Bits given.
        actual: usize,
    },
}
