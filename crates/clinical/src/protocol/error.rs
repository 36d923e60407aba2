// SPDX-License-Identifier: Apache-2.0
//! What can be wrong with a protocol file, a description, an example, an answer.

use thiserror::Error;

use crate::intake::{IntakeError, SchemaError};
use crate::model::ModelError;

/// A protocol file that is refused.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum ProtocolError {
    /// Not TOML, or not the fields of a protocol file.
    #[error("protocol file, line {line}, column {column}: {message}")]
    Syntax {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong, from the parser.
        message: String,
    },
    /// A later format.
    #[error("protocol file: format {found} is unknown, this program reads format {known}")]
    Format {
        /// The version in the file.
        found: u32,
        /// The version read here.
        known: u32,
    },
    /// The file is too long.
    #[error("protocol file: {found} bytes, at most {most} are read")]
    TooLong {
        /// Its length.
        found: usize,
        /// The bound.
        most: usize,
    },
    /// The model file beside it can't be read, or isn't a model of this intake.
    #[error("model file `{file}`: {problem}")]
    ModelFile {
        /// The file's name.
        file: String,
        /// What is wrong.
        problem: String,
    },
    /// An intake that can't be offered.
    #[error(transparent)]
    Intake(#[from] SchemaError),
    /// An output that can't be offered.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// A model that doesn't fit the intake and outputs.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// Nothing or too much comes back.
    #[error("the protocol has {found} outputs: 1 to {most} are allowed")]
    OutputCount {
        /// How many there are.
        found: usize,
        /// The bound.
        most: usize,
    },
    /// The public part is too long for the chain.
    #[error(transparent)]
    Description(#[from] DescriptionError),
    /// An example with answers that don't fit, or with a wrong result.
    #[error(transparent)]
    Example(#[from] ExampleError),
}

/// An output that can't be offered.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum OutputError {
    /// An id or a text breaks its bound.
    #[error(transparent)]
    Text(#[from] SchemaError),
    /// `min`, `max` or `step` are not numbers in order.
    #[error("output `{output}`: min {min}, max {max}, step {step}: min must be below max and step above 0")]
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
    #[error("output `{output}`: {field} {value} is not min {min} plus a whole number of steps of {step}")]
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
        "output `{output}` has {values} values, at most {most} are allowed: use a coarser step"
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
        "output `{output}`: the meaning from {from} to {to} is empty or ends beyond max {max}"
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
    #[error("output `{output}`: the next meaning must begin at {expected}, it begins at {found}: meanings follow one another without gap or overlap")]
    MeaningGap {
        /// The output.
        output: String,
        /// Where it should begin.
        expected: f64,
        /// Where it begins.
        found: f64,
    },
    /// The last values have no meaning.
    #[error("output `{output}`: the values from {next} to {max} have no meaning")]
    MeaningsEnd {
        /// The output.
        output: String,
        /// The first value without meaning.
        next: f64,
        /// The greatest value.
        max: f64,
    },
    /// A class without a name.
    #[error(
        "output `{output}`: the meaning from {from} needs a `name`, since the output is a class"
    )]
    NameMissing {
        /// The output.
        output: String,
        /// Where the meaning begins.
        from: f64,
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

/// A description that is refused.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum DescriptionError {
    /// Longer than what the chain takes.
    #[error(
        "the public description has {found} bytes, at most {most} fit: shorten texts or code lists"
    )]
    TooLong {
        /// Its length.
        found: usize,
        /// The bound.
        most: usize,
    },
    /// Not the JSON of a description.
    #[error("not a protocol description: {message}")]
    Syntax {
        /// What is wrong, from the parser.
        message: String,
    },
    /// The content breaks a rule of protocol files.
    #[error("not a valid protocol description: {problem}")]
    Invalid {
        /// What is wrong.
        problem: String,
    },
}

/// Why a model couldn't be evaluated on answers.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum EvaluateError {
    /// The answers don't fit the intake.
    #[error(transparent)]
    Answers(#[from] IntakeError),
    /// The model leaves the range that its output describes.
    #[error("output `{output}` becomes {value}, outside of its {min} to {max}: the protocol file describes too little")]
    Range {
        /// The output.
        output: String,
        /// The value.
        value: f64,
        /// The least value described.
        min: f64,
        /// The greatest value described.
        max: f64,
    },
}

/// A worked example that fails.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum ExampleError {
    /// The answers don't fit the intake.
    #[error("example `{example}`: {error}")]
    Answers {
        /// The example.
        example: String,
        /// What is wrong.
        error: IntakeError,
    },
    /// The model leaves the range that its output describes.
    #[error("example `{example}`: {error}")]
    Range {
        /// The example.
        example: String,
        /// What is wrong.
        error: Box<EvaluateError>,
    },
    /// It names an output that isn't there, or misses one.
    #[error("example `{example}`: give a value for exactly the outputs {known}")]
    Outputs {
        /// The example.
        example: String,
        /// The ids there are.
        known: String,
    },
    /// The model says otherwise.
    #[error(
        "example `{example}`: output `{output}` should be {expected}, the model gives {found}"
    )]
    Differs {
        /// The example.
        example: String,
        /// The output.
        output: String,
        /// What the example says.
        expected: String,
        /// What the model says.
        found: String,
    },
}

/// Raw outputs that a description can't interpret.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
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
