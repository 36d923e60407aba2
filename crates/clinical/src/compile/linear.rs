// SPDX-License-Identifier: Apache-2.0
//! Terms that are linear in the bits of their feature: they cost one CMUX a bit.

use super::lower::Parts;
use crate::intake::{Intake, Kind};
use crate::model::{TermKind, Transform};

/// Points of code 0, of one code more, and of missing.
struct Line {
    feature: usize,
    zero: f64,
    per_code: f64,
    missing: f64,
}

impl Line {
    fn of(kind: &TermKind, intake: &Intake) -> Option<Self> {
        match kind {
            TermKind::Flag { feature, points, missing } => {
                Some(Self { feature: *feature, zero: 0.0, per_code: *points, missing: *missing })
            }
            TermKind::Choice { feature, points, missing } if points.len() == 2 => Some(Self {
                feature: *feature,
                zero: points[0],
                per_code: points[1] - points[0],
                missing: *missing,
            }),
            TermKind::Weight { factor, weight, missing }
                if factor.transform == Transform::Identity =>
            {
                match &intake.features()[factor.feature].kind {
                    Kind::Quantity(quantity) if !quantity.is_binned() => Some(Self {
                        feature: factor.feature,
                        zero: weight * (quantity.min - factor.centre),
                        per_code: weight * quantity.step,
                        missing: *missing,
                    }),
                    Kind::Quantity(_) | Kind::Flag | Kind::Choice { .. } => None,
                }
            }
            _ => None,
        }
    }
}

impl Parts {
    /// Takes a term into the weights if it is linear in bits.
    pub(super) fn add_linear(&mut self, kind: &TermKind, intake: &Intake) -> bool {
        let Some(Line { feature, zero, per_code, missing }) = Line::of(kind, intake) else {
            return false;
        };
        let schema = &intake.features()[feature];
        let offset = intake.offset(feature);
        self.constant += zero;
        for bit in 0..schema.value_bits() {
            self.weights[offset + bit] += per_code * f64::from(1u32 << bit);
        }
        // A missing feature has value bits 0, so its bit replaces the points of code 0.
        let mut ends = vec![0.0, per_code * f64::from(schema.kind.levels() - 1)];
        if schema.missing {
            self.weights[offset + schema.value_bits()] += missing - zero;
            ends.push(missing - zero);
        }
        self.range.0 += ends.iter().copied().fold(f64::INFINITY, f64::min);
        self.range.1 += ends.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        true
    }
}
