// SPDX-License-Identifier: Apache-2.0
//! The values of a factor, code by code.

use crate::intake::{Intake, Kind};
use crate::model::Factor;

/// The factor's value at each code of its feature.
pub(super) fn factor_values(factor: &Factor, intake: &Intake) -> impl Fn(u32) -> f64 {
    let (min, step) = grid(intake, factor.feature);
    let Factor { transform, centre, .. } = *factor;
    move |code| transform.apply(min + f64::from(code) * step) - centre
}

/// The least value and the step of a quantity; of a flag 0 and 1.
pub(super) fn grid(intake: &Intake, feature: usize) -> (f64, f64) {
    match &intake.features()[feature].kind {
        Kind::Quantity(quantity) => (quantity.min, quantity.step),
        Kind::Flag | Kind::Choice { .. } => (0.0, 1.0),
    }
}
