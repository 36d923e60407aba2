// SPDX-License-Identifier: Apache-2.0
//! Model files and data that don't become a protocol.

use cso_model_files::CasesError;
use thiserror::Error;

use crate::protocol::ProtocolError;
use crate::translate::TranslateError;

/// Why a model file with its data doesn't become a protocol.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum DraftError {
    /// The data doesn't fit the model.
    #[error(transparent)]
    Cases(#[from] CasesError),
    /// A column without any value.
    #[error("column `{feature}` has no values in the data: its range can't be inferred")]
    ColumnEmpty {
        /// The column.
        feature: String,
    },
    /// A column that can't be asked as it stands.
    #[error("column `{feature}`: {problem}")]
    Column {
        /// The column.
        feature: String,
        /// What is wrong and how to mend it.
        problem: String,
    },
    /// More classes than an answer has outputs.
    #[error("the model tells {found} classes apart, at most {most} have an output: merge classes, or train one binary model a class")]
    Classes {
        /// How many there are.
        found: usize,
        /// The bound.
        most: usize,
    },
    /// The model doesn't become one over the features.
    #[error(transparent)]
    Translate(#[from] TranslateError),
    /// The protocol that it becomes is refused.
    #[error("as a protocol the model is refused: {0}")]
    Protocol(Box<ProtocolError>),
}

impl From<ProtocolError> for DraftError {
    fn from(error: ProtocolError) -> Self {
        Self::Protocol(Box::new(error))
    }
}
