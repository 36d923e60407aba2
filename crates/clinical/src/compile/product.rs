// SPDX-License-Identifier: Apache-2.0
//! Products of features.
//!
//! The product of two quantities of 7 bits as one diagram has thousands of nodes. Where a factor is
//! linear in the bits of its feature, `a = a0 + sum of a_i * bit i`, the product is
//! `a0 * b + sum of bit i * (a_i * b)`: one small diagram a bit. If both are linear, it comes down
//! to pairs of bits with two nodes each.

use super::diagram::{Combine, Full, Manager, Ref};
use super::factor::factor_values;
use crate::intake::{Intake, Kind};
use crate::model::{Factor, Transform};

/// The factors of one feature in a product, which multiply code by code.
pub(super) struct Group {
    pub feature: usize,
    factors: Vec<Factor>,
}

impl Group {
    /// The factors by feature, in the order in which features first occur.
    pub(super) fn of(factors: &[Factor]) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for factor in factors {
            match groups.iter_mut().find(|group| group.feature == factor.feature) {
                Some(group) => group.factors.push(*factor),
                None => groups.push(Self { feature: factor.feature, factors: vec![*factor] }),
            }
        }
        groups
    }

    /// The product of the factors at each code.
    pub(super) fn values<'a>(&self, intake: &'a Intake) -> impl Fn(u32) -> f64 + use<'a> {
        let all: Vec<_> = self.factors.iter().map(|factor| factor_values(factor, intake)).collect();
        move |code| all.iter().map(|values| values(code)).product()
    }

    /// Whether it is linear in the bits of its feature.
    fn is_linear(&self, intake: &Intake) -> bool {
        let is_even = match &intake.features()[self.feature].kind {
            Kind::Quantity(quantity) => !quantity.is_binned(),
            Kind::Flag | Kind::Choice { .. } => true,
        };
        is_even && matches!(self.factors[..], [Factor { transform: Transform::Identity, .. }])
    }

    /// The least and the greatest value.
    fn ends(&self, intake: &Intake) -> [f64; 2] {
        let values = self.values(intake);
        let levels = intake.features()[self.feature].kind.levels();
        (0..levels).map(values).fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], value| {
            [low.min(value), high.max(value)]
        })
    }
}

/// A product in parts.
pub(super) struct Split {
    pub diagrams: Vec<Ref>,
    /// The product's range over coded answers.
    pub range: (f64, f64),
}

/// Splits the product of two features by bits if that pays, or gives `None`: then it is built as
/// one diagram.
pub(super) fn split(
    factors: &[Factor],
    weight: f64,
    intake: &Intake,
    manager: &mut Manager<'_>,
) -> Result<Option<Split>, Full> {
    let groups = Group::of(factors);
    let [first, second] = &groups[..] else {
        return Ok(None);
    };
    let features = [first, second].map(|group| &intake.features()[group.feature]);
    // One diagram is small when one of the features is.
    let small = features.iter().any(|feature| feature.value_bits() <= 2);
    if small || features.iter().any(|feature| feature.missing) {
        return Ok(None);
    }
    let linear = [first, second].map(|group| group.is_linear(intake));
    let (line, other) = match linear {
        [true, _] => (first, second),
        [false, true] => (second, first),
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
            let values = other.values(intake);
            let scaled = |code: Option<u32>| weight * by * values(code.unwrap_or(0));
            let function = manager.of_feature(other.feature, scaled)?;
            diagrams.push(manager.combine(Combine::Multiply, gate, function)?);
        }
    }
    let (a, b) = (first.ends(intake), second.ends(intake));
    let corners = a.map(|a| b.map(|b| weight * a * b));
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
    group: &Group,
    intake: &Intake,
    manager: &mut Manager<'_>,
) -> Result<Vec<(Ref, f64)>, Full> {
    let values = group.values(intake);
    let (zero, one) = (values(0), values(1));
    let mut parts = vec![(manager.leaf(1.0)?, zero)];
    let offset = intake.offset(group.feature);
    for bit in 0..intake.features()[group.feature].value_bits() {
        parts.push((manager.bit(offset + bit)?, (one - zero) * f64::from(1u32 << bit)));
    }
    Ok(parts)
}
