// SPDX-License-Identifier: Apache-2.0
//! What is wrong with a term of an exporter's file.

use crate::ModelFileError;

/// What is wrong with a term, before its place is said.
pub(super) enum Problem {
    Refused(ModelFileError),
    Malformed(String),
}

impl From<ModelFileError> for Problem {
    fn from(error: ModelFileError) -> Self {
        Self::Refused(error)
    }
}

impl From<String> for Problem {
    fn from(problem: String) -> Self {
        Self::Malformed(problem)
    }
}

pub(super) fn need<T>(field: Option<T>, name: &str) -> Result<T, Problem> {
    field.ok_or_else(|| format!("`{name}` is missing").into())
}
