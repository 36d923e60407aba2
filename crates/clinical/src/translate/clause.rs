// SPDX-License-Identifier: Apache-2.0
//! Conditions that are put together without what doesn't matter.

use crate::condition::Condition;
use crate::intake::Intake;

/// A condition, or the answer if it doesn't depend on anything.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Clause {
    Always(bool),
    When(Condition),
}

impl Clause {
    pub(super) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::join(parts, false, Condition::All)
    }

    pub(super) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::join(parts, true, Condition::Any)
    }

    /// Leaves out what doesn't matter; `decisive` is the answer that decides alone.
    fn join(
        parts: impl IntoIterator<Item = Self>,
        decisive: bool,
        make: fn(Vec<Condition>) -> Condition,
    ) -> Self {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Self::Always(always) if always == decisive => return Self::Always(decisive),
                Self::Always(_) => {}
                Self::When(condition) => kept.push(condition),
            }
        }
        match kept.len() {
            0 => Self::Always(!decisive),
            1 => Self::When(kept.remove(0)),
            _ => Self::When(make(kept)),
        }
    }

    pub(super) fn negate(self) -> Self {
        match self {
            Self::Always(always) => Self::Always(!always),
            Self::When(Condition::Not(inner)) => Self::When(*inner),
            Self::When(other) => Self::When(Condition::Not(Box::new(other))),
        }
    }

    /// How many tests it has.
    pub(super) fn size(&self) -> usize {
        fn size(condition: &Condition) -> usize {
            match condition {
                Condition::All(parts) | Condition::Any(parts) => parts.iter().map(size).sum(),
                Condition::Not(part) => size(part),
                _ => 1,
            }
        }
        match self {
            Self::Always(_) => 0,
            Self::When(condition) => size(condition),
        }
    }

    /// For messages.
    pub(super) fn text(&self, intake: &Intake) -> String {
        match self {
            Self::Always(always) => always.to_string(),
            Self::When(condition) => condition.text(intake),
        }
    }
}
