// SPDX-License-Identifier: Apache-2.0
//! What can be wrong with a model, and with its evaluation.

use thiserror::Error;

use crate::condition::ConditionError;
use crate::intake::IntakeError;

/// A model that doesn't fit its intake or outputs, or contradicts itself.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum ModelError {
    /// A term names a feature that isn't asked.
    #[error("model, {term}: there is no feature `{feature}` in the intake")]
    UnknownFeature {
        /// The term.
        term: String,
        /// The feature it names.
        feature: String,
    },
    /// The fields of a term don't belong together, or don't fit its feature.
    #[error("model, {term}: {problem}")]
    Term {
        /// The term.
        term: String,
        /// What is wrong and how to mend it.
        problem: String,
    },
    /// Bands that don't cover the range once.
    #[error("model, {term}: {problem}")]
    Bands {
        /// The term.
        term: String,
        /// What is wrong and how to mend it.
        problem: String,
    },
    /// Points or a weight that are no finite number of sensible size.
    #[error(
        "model, {term}: `{field}` is {value}: it must be a finite number between -1e9 and 1e9"
    )]
    Number {
        /// The term or output.
        term: String,
        /// The field.
        field: &'static str,
        /// What was given.
        value: f64,
    },
    /// A condition that can't be read.
    #[error(transparent)]
    Condition(#[from] ConditionError),
    /// `[[model.output]]` and `[[output]]` don't agree.
    #[error("model: {problem}")]
    Outputs {
        /// What is wrong and how to mend it.
        problem: String,
    },
    /// The links of an output are incomplete or contradict.
    #[error("model output `{output}`: {problem}")]
    Link {
        /// The output.
        output: String,
        /// What is wrong and how to mend it.
        problem: String,
    },
}

/// Why a model couldn't be evaluated on answers.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
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
