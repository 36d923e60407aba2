// SPDX-License-Identifier: Apache-2.0
//! Products of two features by their bits.
//!
//! The product of two quantities of 7 bits as one diagram has thousands of nodes. Where a factor is
//! linear in the bits of its feature, `a = a0 + sum of a_i * bit i`, the product is
//! `a0 * b + sum of bit i * (a_i * b)`: one small diagram a bit. If both are linear, it comes down
//! to pairs of bits with two nodes each.

use super::diagram::{Combine, Manager, Ref};
use super::terms::factor_values;
use super::CompileError;
use crate::intake::Intake;
use crate::model::{Factor, Transform};

/// A product in parts.
pub(super) struct Split {
    pub diagrams: Vec<Ref>,
    /// The product's range over coded answers.
    pub range: (f64, f64),
}

/// Splits the product by bits if that pays, or gives `None`: then it is built as one diagram.
pub(super) fn split(
    factors: &[Factor; 2],
    weight: f64,
    intake: &Intake,
    manager: &mut Manager<'_>,
) -> Result<Option<Split>, CompileError> {
    let features = factors.map(|factor| &intake.features()[factor.feature]);
    // One diagram is small when one of the features is.
    let small = features.iter().any(|feature| feature.value_bits() <= 2);
    if small || features.iter().any(|feature| feature.missing) {
        return Ok(None);
    }
    let linear = factors.map(|factor| factor.transform == Transform::Identity);
    let (line, other) = match linear {
        [true, _] => (&factors[0], &factors[1]),
        [false, true] => (&factors[1], &factors[0]),
        [false, false] => return Ok(None),
    };
    let mut diagrams = Vec::new();
    for (gate, by) in bits(line, intake, manager)? {
        if linear == [true, true] {
            for (inner, times) in bits(other, intake, manager)? {
                let both = manager.combine(Combine::Multiply, gate, inner)?;
                let points = manager.leaf(weight * by * times)?;
                diagrams.push(manager.combine(Combine::Multiply, both, points)?);
            }
        } else {
            let values = factor_values(other, intake);
            let scaled = |code: Option<u32>| weight * by * values(code.unwrap_or(0));
            let function = manager.of_feature(other.feature, scaled)?;
            diagrams.push(manager.combine(Combine::Multiply, gate, function)?);
        }
    }
    let ends = factors.map(|factor| {
        let values = factor_values(&factor, intake);
        let levels = intake.features()[factor.feature].kind.levels();
        (0..levels).map(values).fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        })
    });
    let corners = [ends[0].0, ends[0].1].map(|a| [ends[1].0, ends[1].1].map(|b| weight * a * b));
    let corners = corners.as_flattened();
    Ok(Some(Split {
        diagrams,
        range: (
            corners.iter().copied().fold(f64::INFINITY, f64::min),
            corners.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        ),
    }))
}

/// A linear factor as a sum: diagrams of 0 and 1 with the number each stands for. The first is the
/// constant part.
fn bits(
    factor: &Factor,
    intake: &Intake,
    manager: &mut Manager<'_>,
) -> Result<Vec<(Ref, f64)>, CompileError> {
    let values = factor_values(factor, intake);
    let (zero, one) = (values(0), values(1));
    let mut parts = vec![(manager.leaf(1.0)?, zero)];
    let offset = intake.offset(factor.feature);
    for bit in 0..intake.features()[factor.feature].value_bits() {
        parts.push((manager.bit(offset + bit)?, (one - zero) * f64::from(1u32 << bit)));
    }
    Ok(parts)
}
