// SPDX-License-Identifier: Apache-2.0
//! Outputs that can't be offered, and values that they don't describe.

use thiserror::Error;

use crate::condition::ConditionError;
use crate::intake::SchemaError;
use crate::number::{count, number};

/// An output that can't be offered.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum OutputError {
    /// An id or a text breaks its bound.
    #[error(transparent)]
    Text(#[from] SchemaError),
    /// `min`, `max` or `step` are not numbers in order.
    #[error("output `{output}`: min {}, max {}, step {}: min must be below max and step above 0", number(*.min), number(*.max), number(*.step))]
    BadRange {
        /// The output.
        output: String,
        /// Its least value.
        min: f64,
        /// Its greatest value.
        max: f64,
        /// Its step.
        step: f64,
    },
    /// A value between two steps.
    #[error("output `{output}`: {field} {} is not min {} plus a whole number of steps of {}", number(*.value), number(*.min), number(*.step))]
    OffGrid {
        /// The output.
        output: String,
        /// Where the value stands.
        field: &'static str,
        /// The value.
        value: f64,
        /// The least value.
        min: f64,
        /// The step.
        step: f64,
    },
    /// Too fine a grid.
    #[error(
        "output `{output}` has {} values, at most {most} are allowed: use a coarser step",
        count(*.values)
    )]
    TooManyValues {
        /// The output.
        output: String,
        /// How many there are.
        values: u64,
        /// The bound.
        most: u32,
    },
    /// A range that is empty or leaves the output's.
    #[error(
        "output `{output}`: the meaning from {} to {} is empty or leaves the output's range, which ends at max {}",
        number(*.from), number(*.to), number(*.max)
    )]
    BadMeaning {
        /// The output.
        output: String,
        /// Its first value.
        from: f64,
        /// Its last value.
        to: f64,
        /// The greatest value.
        max: f64,
    },
    /// A gap, an overlap, or the wrong order.
    #[error("output `{output}`: the next meaning must begin at {}, it begins at {}: meanings follow one another without gap or overlap", number(*.expected), number(*.found))]
    MeaningGap {
        /// The output.
        output: String,
        /// Where it should begin.
        expected: f64,
        /// Where it begins.
        found: f64,
    },
    /// The last values have no meaning.
    #[error("output `{output}`: the values from {} to {} have no meaning", number(*.next), number(*.max))]
    MeaningsEnd {
        /// The output.
        output: String,
        /// The first value without meaning.
        next: f64,
        /// The greatest value.
        max: f64,
    },
    /// A meaning that nobody reads, or that says too little.
    #[error("output `{output}`, meaning from {}: {problem}", number(*.from))]
    Meaning {
        /// The output.
        output: String,
        /// Where the meaning begins.
        from: f64,
        /// What is wrong and how to mend it.
        problem: String,
    },
    /// A condition that can't be read.
    #[error(transparent)]
    Condition(#[from] ConditionError),
    /// No output says what to do.
    #[error("no output says what to do: give the meanings of at least one a `next` step")]
    NoNextStep,
    /// A figure that can't be.
    #[error("output `{output}`, figure `{figure}`: {problem}")]
    Figure {
        /// The output.
        output: String,
        /// The figure in words.
        figure: String,
        /// What is wrong and how to mend it.
        problem: String,
    },
    /// More figures than allowed.
    #[error("output `{output}`: a meaning has {found} figures, at most {most} are allowed")]
    TooManyFigures {
        /// The output.
        output: String,
        /// How many there are.
        found: usize,
        /// The bound.
        most: usize,
    },
    /// A class without a name.
    #[error(
        "output `{output}`: the meaning from {} needs a `name`, since the output is a class",
        number(*.from)
    )]
    NameMissing {
        /// The output.
        output: String,
        /// Where the meaning begins.
        from: f64,
    },
    /// A probability that can't be one.
    #[error("output `{output}`: unit `{unit}`, min {}, max {}: a probability has the unit `%` and values within 0 and 100", number(*.min), number(*.max))]
    NoProbability {
        /// The output.
        output: String,
        /// Its unit; empty if it has none.
        unit: String,
        /// Its least value.
        min: f64,
        /// Its greatest value.
        max: f64,
    },
    /// A ranking that can't be read.
    #[error("ranking `{ranking}`: {problem}")]
    Ranking {
        /// The ranking.
        ranking: String,
        /// What is wrong.
        problem: String,
    },
    /// Two outputs with one id.
    #[error("output `{output}` is defined twice")]
    Duplicate {
        /// The id.
        output: String,
    },
}

/// Raw outputs that a description can't interpret.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadingError {
    /// Another number of outputs than described.
    #[error("the answer has {found} outputs, the protocol describes {expected}")]
    Count {
        /// How many there are.
        found: usize,
        /// How many are described.
        expected: usize,
    },
    /// A value outside of what is described.
    #[error("output `{output}`: raw value {found} is beyond the described {most}: the answer doesn't belong to this protocol")]
    OutOfRange {
        /// The output.
        output: String,
        /// The raw value.
        found: u16,
        /// The greatest raw value described.
        most: u32,
    },
}
