// SPDX-License-Identifier: Apache-2.0
//! What can be wrong with a protocol file, a description, an example.

use thiserror::Error;

use crate::condition::ConditionError;
use crate::intake::{IntakeError, SchemaError};
use crate::model::{EvaluateError, ModelError};
use crate::outputs::OutputError;

/// A protocol file that is refused.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
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
    /// The model file that it names can't be read, or isn't a model of this intake.
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
    /// Languages that can't be read or contradict.
    #[error("protocol languages: {problem}")]
    Languages {
        /// What is wrong and how to mend it.
        problem: String,
    },
    /// A licence that is none of SPDX.
    #[error("protocol licence: {problem}")]
    Licence {
        /// What is wrong and how to mend it.
        problem: String,
    },
    /// A DOI that is none.
    #[error("reference doi: `{doi}` is no DOI: it begins with 10., without https://doi.org/")]
    Doi {
        /// What stands there.
        doi: String,
    },
    /// An address that is none of the web.
    #[error("reference url: `{url}` is no address: it begins with https:// and has no blanks")]
    Url {
        /// What stands there.
        url: String,
    },
    /// A requirement whose condition can't be read.
    #[error("requires: {0}")]
    Requires(ConditionError),
    /// Requirements that contradict one another.
    #[error("requires: nobody fits all of them: they contradict one another")]
    Nobody,
    /// More of something than allowed.
    #[error("there are {found} `[[{what}]]`, at most {most} are allowed")]
    TooMany {
        /// The table.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// The bound.
        most: usize,
    },
    /// A disclosure that can't be wished.
    #[error("disclosure `{disclosure}`: {problem}")]
    Disclosure {
        /// The disclosure.
        disclosure: String,
        /// What is wrong and how to mend it.
        problem: String,
    },
    /// The public part is too long for the chain.
    #[error(transparent)]
    Description(#[from] DescriptionError),
    /// An example with answers that don't fit, or with a wrong result.
    #[error(transparent)]
    Example(#[from] ExampleError),
}

/// A description that is refused.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum DescriptionError {
    /// Longer than what the chain takes.
    #[error(
        "the public description has {found} bytes, at most {most} fit: shorten texts, code lists or edges of bins"
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

/// A worked example that fails.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum ExampleError {
    /// The answers don't fit the intake.
    #[error("example `{example}`: {error}")]
    Answers {
        /// The example.
        example: String,
        /// What is wrong.
        error: IntakeError,
    },
    /// It is somebody whom the protocol isn't for.
    #[error("example `{example}` is nobody whom the protocol is for: {}", .reasons.join(" "))]
    DoesNotFit {
        /// The example.
        example: String,
        /// What the requirements that don't hold say.
        reasons: Vec<String>,
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

/// A profile in which records of a protocol aren't answered.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the expert's node doesn't answer this protocol in profile {profile}, which would tell too much of the model: ask in profile private")]
pub struct ProfileNotServed {
    /// The profile.
    pub profile: &'static str,
}
