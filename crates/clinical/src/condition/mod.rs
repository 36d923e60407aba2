// SPDX-License-Identifier: Apache-2.0
//! Conditions over features: how they are written (`text`), and where they hold.
//!
//! The private model judges them on answers as they are coded ([`Condition::holds`] on [`Coded`]
//! ones), the public part on answers as they are given ([`When`]). Nothing here knows outputs,
//! models or protocols.
//!
//! On coded answers every test of a missing feature but [`Condition::Missing`] is false, so the
//! negation of `age >= 65` holds for a missing age. A file's author is told of what holds for
//! nobody (`possible`).

mod coded;
mod error;
mod possible;
mod text;
mod when;

pub(crate) use coded::Coded;
pub use error::ConditionError;
pub use when::{Truth, When};

use std::collections::BTreeSet;

/// A checked condition over features.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    /// All hold.
    All(Vec<Condition>),
    /// At least one holds.
    Any(Vec<Condition>),
    /// It doesn't hold.
    Not(Box<Condition>),
    /// The flag is set.
    Flag(usize),
    /// The choice has this option.
    Option(usize, u32),
    /// The quantity compares so.
    Compare(usize, Op, f64),
    /// The feature is missing.
    Missing(usize),
}

/// How a quantity is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    /// `==`
    Equal,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Op {
    /// The comparison as protocol files write it.
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// Compares; values closer than `slack` are equal.
    pub(crate) fn holds(self, value: f64, limit: f64, slack: f64) -> bool {
        let equal = (value - limit).abs() <= slack;
        match self {
            Self::Equal => equal,
            Self::Less => value < limit && !equal,
            Self::LessOrEqual => value < limit || equal,
            Self::Greater => value > limit && !equal,
            Self::GreaterOrEqual => value > limit || equal,
        }
    }
}

impl Condition {
    /// Whether it holds for these answers.
    pub(crate) fn holds(&self, coded: Coded<'_>) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(coded)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(coded)),
            Self::Not(part) => !part.holds(coded),
            Self::Flag(feature) => coded.code(*feature).is_some_and(|code| code != 0),
            Self::Option(feature, option) => coded.code(*feature) == Some(*option),
            Self::Compare(feature, op, limit) => coded
                .quantity(*feature)
                .is_some_and(|(value, slack)| op.holds(value, *limit, slack)),
            Self::Missing(feature) => coded.code(*feature).is_none(),
        }
    }

    pub(crate) fn collect_features(&self, into: &mut BTreeSet<usize>) {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().for_each(|part| part.collect_features(into))
            }
            Self::Not(part) => part.collect_features(into),
            Self::Flag(feature)
            | Self::Option(feature, _)
            | Self::Compare(feature, _, _)
            | Self::Missing(feature) => {
                into.insert(*feature);
            }
        }
    }
}
