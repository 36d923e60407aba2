// SPDX-License-Identifier: Apache-2.0
//! The coded answers, as conditions and terms look at them.

use crate::intake::{Intake, Kind, Level};

/// The coded answers, by feature.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Coded<'a> {
    /// The features.
    pub intake: &'a Intake,
    /// One level a feature.
    pub levels: &'a [Level],
    /// Quantities as they were given, by feature, to be used instead of their levels.
    pub exact: Option<&'a [Option<f64>]>,
}

impl Coded<'_> {
    /// The code of a feature, or `None` when it is missing.
    pub(crate) fn code(&self, feature: usize) -> Option<u32> {
        match self.levels[feature] {
            Level::Missing => None,
            Level::Code(code) => Some(code),
        }
    }

    /// A quantity's coded value (0 or 1 of a flag), and the slack within which it equals a limit.
    pub(crate) fn quantity(&self, feature: usize) -> Option<(f64, f64)> {
        let code = self.code(feature)?;
        if let Some(value) = self.exact.and_then(|exact| exact[feature]) {
            return Some((value, 0.0));
        }
        match &self.intake.features()[feature].kind {
            Kind::Quantity(quantity) => Some((quantity.value_at(code), quantity.step * 1e-6)),
            Kind::Flag | Kind::Choice { .. } => Some((f64::from(code), 0.0)),
        }
    }
}
