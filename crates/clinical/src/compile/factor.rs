// SPDX-License-Identifier: Apache-2.0
//! The values of a factor, code by code.

use crate::intake::{Intake, Kind};
use crate::model::Factor;

/// The factor's value at each code of its feature.
pub(super) fn factor_values<'a>(
    factor: &Factor,
    intake: &'a Intake,
) -> impl Fn(u32) -> f64 + use<'a> {
    let Factor { transform, centre, feature } = *factor;
    let value = values(intake, feature);
    move |code| transform.apply(value(code)) - centre
}

/// A quantity's value at a code; of a flag 0 and 1.
pub(super) fn values(intake: &Intake, feature: usize) -> impl Fn(u32) -> f64 + use<'_> {
    let kind = &intake.features()[feature].kind;
    move |code| match kind {
        Kind::Quantity(quantity) => quantity.value_at(code),
        Kind::Flag | Kind::Choice { .. } => f64::from(code),
    }
}

/// Values closer than this to a limit are on it.
pub(super) fn slack(intake: &Intake, feature: usize) -> f64 {
    match &intake.features()[feature].kind {
        Kind::Quantity(quantity) => quantity.step * 1e-6,
        Kind::Flag | Kind::Choice { .. } => 0.0,
    }
}
