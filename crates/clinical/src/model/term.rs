// SPDX-License-Identifier: Apache-2.0
//! Terms: points that depend on few features.

use std::collections::BTreeSet;

use super::{Coded, Condition};
use crate::intake::Kind;

/// A part of a sum.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// The term counts only where this holds; elsewhere it gives 0.
    pub when: Option<Condition>,
    /// The points.
    pub shape: Shape,
}

/// What a term's points depend on. Features are given by their index in the intake.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// The same points always; with `when`, a rule.
    Constant(f64),
    /// Points of a flag that is set.
    Flag {
        /// The flag.
        feature: usize,
        /// Points for yes; no gives 0.
        points: f64,
        /// Points when missing.
        missing: f64,
    },
    /// Points by option.
    Choice {
        /// The choice.
        feature: usize,
        /// Points in the order of the options.
        points: Vec<f64>,
        /// Points when missing.
        missing: f64,
    },
    /// Points by band of a quantity.
    Bands {
        /// The quantity.
        feature: usize,
        /// The bands, upwards; the last has no end.
        bands: Vec<Band>,
        /// Points when missing.
        missing: f64,
    },
    /// `weight * (quantity - centre)`.
    Linear {
        /// The quantity.
        feature: usize,
        /// Points a unit.
        weight: f64,
        /// The value that gives no points.
        centre: f64,
        /// Points when missing.
        missing: f64,
    },
    /// The points of the first case that holds.
    Cases {
        /// The cases in order.
        cases: Vec<Case>,
        /// Points when none holds.
        otherwise: f64,
    },
}

/// A range of a quantity with its points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// The band ends below this value; the last band has no end.
    pub below: Option<f64>,
    /// Its points.
    pub points: f64,
}

/// A condition with its points.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// When the case holds.
    pub when: Condition,
    /// Its points.
    pub points: f64,
}

impl Term {
    /// The points for these answers.
    pub fn points(&self, coded: Coded<'_>) -> f64 {
        if self.when.as_ref().is_some_and(|when| !when.holds(coded)) {
            return 0.0;
        }
        match &self.shape {
            Shape::Constant(points) => *points,
            Shape::Flag {
                feature,
                points,
                missing,
            } => match coded.code(*feature) {
                None => *missing,
                Some(0) => 0.0,
                Some(_) => *points,
            },
            Shape::Choice {
                feature,
                points,
                missing,
            } => match coded.code(*feature) {
                None => *missing,
                Some(code) => points[code as usize],
            },
            Shape::Bands {
                feature,
                bands,
                missing,
            } => match quantity(coded, *feature) {
                None => *missing,
                Some((value, slack)) => {
                    let within =
                        |band: &&Band| band.below.is_none_or(|below| value < below - slack);
                    bands.iter().find(within).map_or(0.0, |band| band.points)
                }
            },
            Shape::Linear {
                feature,
                weight,
                centre,
                missing,
            } => match quantity(coded, *feature) {
                None => *missing,
                Some((value, _)) => weight * (value - centre),
            },
            Shape::Cases { cases, otherwise } => cases
                .iter()
                .find(|case| case.when.holds(coded))
                .map_or(*otherwise, |case| case.points),
        }
    }

    /// The features the points depend on.
    pub fn features(&self) -> BTreeSet<usize> {
        let mut features = BTreeSet::new();
        if let Some(when) = &self.when {
            when.collect_features(&mut features);
        }
        match &self.shape {
            Shape::Constant(_) => {}
            Shape::Flag { feature, .. }
            | Shape::Choice { feature, .. }
            | Shape::Bands { feature, .. }
            | Shape::Linear { feature, .. } => {
                features.insert(*feature);
            }
            Shape::Cases { cases, .. } => cases
                .iter()
                .for_each(|case| case.when.collect_features(&mut features)),
        }
        features
    }
}

/// A quantity's coded value, and the slack within which it equals a limit.
pub(super) fn quantity(coded: Coded<'_>, feature: usize) -> Option<(f64, f64)> {
    let code = coded.code(feature)?;
    match &coded.intake.features()[feature].kind {
        Kind::Quantity(quantity) => Some((quantity.value_at(code), quantity.step * 1e-6)),
        // Terms are checked against the intake: other kinds don't get here.
        Kind::Flag | Kind::Choice { .. } => Some((f64::from(code), 0.0)),
    }
}
