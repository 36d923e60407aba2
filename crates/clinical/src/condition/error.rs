// SPDX-License-Identifier: Apache-2.0
//! Conditions that can't be read.

use thiserror::Error;

/// A condition that can't be read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("condition `{condition}`: {problem}")]
pub struct ConditionError {
    /// The condition.
    pub condition: String,
    /// What is wrong.
    pub problem: String,
}
