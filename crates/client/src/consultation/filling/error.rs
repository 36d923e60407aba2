// SPDX-License-Identifier: Apache-2.0
//! Why answers aren't taken, and which questions have none.

use cso_clinical::{fhir::FhirError, IntakeError};

/// A question without an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Feature id.
    pub id: String,
    /// Feature label.
    pub label: String,
    /// Why there is no answer.
    pub reason: String,
    /// Some answer, to show what one looks like.
    pub example: String,
}

/// Why answers aren't taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FillingError {
    /// The history can't be read.
    #[error(transparent)]
    Fhir(#[from] FhirError),
    /// An answer doesn't fit its question.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// The answers aren't an object.
    #[error("this is no JSON object of feature ids and values: {0}")]
    NotAnObject(String),
    /// An answer of a type that no question takes.
    #[error("`{0}` must be true, false, a number or a text like \"98 mg/dL\"")]
    Type(String),
    /// Two answers to one question.
    #[error("`{0}` is answered twice: which answer counts can't be known")]
    Twice(String),
    /// Questions are left that need an answer.
    #[error("answers are missing: {}{near}", names(.gaps))]
    Incomplete {
        /// The questions.
        gaps: Vec<Gap>,
        /// What the history has that may be about those of which it says nothing, or empty.
        near: String,
    },
    /// The history says nothing of these, and nobody has confirmed that they are "no".
    #[error("nobody has confirmed what the history says nothing of: {}", names(.0))]
    Unconfirmed(Vec<Gap>),
    /// The history doesn't show that silence means "no".
    #[error("silence can't be taken for no: {0}")]
    NotShown(String),
    /// The protocol isn't for somebody with these answers.
    #[error("this protocol isn't for you: {}", .reasons.join(" "))]
    NotFor {
        /// What each requirement says that doesn't hold.
        reasons: Vec<String>,
    },
    /// Whether the protocol is for the patient can't be told.
    #[error("whether this protocol is for you can't be told without: {}", names(.0))]
    Untold(Vec<Gap>),
}

fn names(gaps: &[Gap]) -> String {
    let names: Vec<_> =
        gaps.iter().map(|gap| format!("{} ({}: {})", gap.id, gap.label, gap.reason)).collect();
    names.join(", ")
}
