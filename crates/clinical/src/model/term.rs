// SPDX-License-Identifier: Apache-2.0
//! Terms: points that depend on few features.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::condition::{Coded, Condition};

/// A part of a sum.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Term {
    /// The term counts only where this holds; elsewhere it gives 0.
    pub when: Option<Condition>,
    /// What the points depend on.
    pub kind: TermKind,
}

/// What a term's points depend on. Features are given by their index in the intake.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TermKind {
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
    /// `weight * (transform(quantity) - centre)`.
    Weight {
        /// The factor.
        factor: Factor,
        /// Points a unit.
        weight: f64,
        /// Points when missing.
        missing: f64,
    },
    /// Straight lines between knots; constant before the first and behind the last.
    Knots {
        /// The quantity.
        feature: usize,
        /// Values of the quantity with their points, upwards.
        knots: Vec<Knot>,
        /// Points when missing.
        missing: f64,
    },
    /// `weight` times the product of two or three factors.
    Product {
        /// The factors, several of one feature among them if need be.
        factors: Vec<Factor>,
        /// Points a unit of the product.
        weight: f64,
        /// Points when one of them is missing.
        missing: f64,
    },
    /// The points of the first case that holds.
    Cases {
        /// The cases in order.
        cases: Vec<Case>,
        /// Points when none holds.
        otherwise: f64,
    },
    /// A decision tree.
    Tree(Tree),
}

/// A range of a quantity with its points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Band {
    /// The band ends below this value; the last band has no end.
    pub below: Option<f64>,
    /// Its points.
    pub points: f64,
}

/// `transform(quantity) - centre`; a flag counts as 0 or 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Factor {
    /// The quantity or flag.
    pub feature: usize,
    /// What is done to it first.
    pub transform: Transform,
    /// What is subtracted then.
    pub centre: f64,
}

/// A function of one quantity.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Transform {
    /// The quantity itself.
    #[default]
    Identity,
    /// Natural logarithm.
    Ln,
    /// Logarithm to base 10.
    Log10,
    /// Square root.
    Sqrt,
    /// Square.
    Square,
    /// One over it.
    Inverse,
    /// A power with this exponent; written as `power`.
    #[serde(skip)]
    Power(f64),
}

/// A point of a piecewise linear curve.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Knot {
    /// The quantity's value.
    pub at: f64,
    /// The points there.
    pub points: f64,
}

/// A condition with its points.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Case {
    /// When the case holds.
    pub when: Condition,
    /// Its points.
    pub points: f64,
}

/// A decision tree: points, or a condition with two trees.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Tree {
    /// The points.
    Leaf(f64),
    /// A question.
    Split {
        /// What is asked.
        when: Condition,
        /// If it holds.
        then: Box<Tree>,
        /// If it doesn't.
        otherwise: Box<Tree>,
    },
}

impl Term {
    /// The points for these answers.
    pub(crate) fn points(&self, coded: Coded<'_>) -> f64 {
        if self.when.as_ref().is_some_and(|when| !when.holds(coded)) {
            return 0.0;
        }
        match &self.kind {
            TermKind::Constant(points) => *points,
            TermKind::Flag { feature, points, missing } => match coded.code(*feature) {
                None => *missing,
                Some(0) => 0.0,
                Some(_) => *points,
            },
            TermKind::Choice { feature, points, missing } => {
                coded.code(*feature).map_or(*missing, |code| points[code as usize])
            }
            TermKind::Bands { feature, bands, missing } => match coded.quantity(*feature) {
                None => *missing,
                Some((value, slack)) => {
                    let within =
                        |band: &&Band| band.below.is_none_or(|below| value < below - slack);
                    bands.iter().find(within).map_or(0.0, |band| band.points)
                }
            },
            TermKind::Weight { factor, weight, missing } => {
                factor.value(coded).map_or(*missing, |value| weight * value)
            }
            TermKind::Knots { feature, knots, missing } => {
                coded.quantity(*feature).map_or(*missing, |(value, _)| interpolate(knots, value))
            }
            TermKind::Product { factors, weight, missing } => {
                let times = |product: f64, factor: &Factor| Some(product * factor.value(coded)?);
                factors.iter().try_fold(*weight, times).unwrap_or(*missing)
            }
            TermKind::Cases { cases, otherwise } => {
                let found = cases.iter().find(|case| case.when.holds(coded));
                found.map_or(*otherwise, |case| case.points)
            }
            TermKind::Tree(tree) => tree.points(coded),
        }
    }

    /// The feature that the term names, if it is of the kinds that name one.
    pub(crate) fn named_feature(&self) -> Option<usize> {
        match &self.kind {
            TermKind::Flag { feature, .. }
            | TermKind::Choice { feature, .. }
            | TermKind::Bands { feature, .. }
            | TermKind::Knots { feature, .. } => Some(*feature),
            TermKind::Weight { factor, .. } => Some(factor.feature),
            TermKind::Constant(_)
            | TermKind::Product { .. }
            | TermKind::Cases { .. }
            | TermKind::Tree(_) => None,
        }
    }

    /// The features the points depend on.
    pub(crate) fn features(&self) -> BTreeSet<usize> {
        let mut features = BTreeSet::new();
        if let Some(when) = &self.when {
            when.collect_features(&mut features);
        }
        features.extend(self.named_feature());
        match &self.kind {
            TermKind::Product { factors, .. } => {
                features.extend(factors.iter().map(|factor| factor.feature))
            }
            TermKind::Cases { cases, .. } => {
                cases.iter().for_each(|case| case.when.collect_features(&mut features));
            }
            TermKind::Tree(tree) => tree.collect_features(&mut features),
            _ => {}
        }
        features
    }
}

impl Transform {
    /// The function's value; not a finite number outside of its domain.
    pub(crate) fn apply(self, x: f64) -> f64 {
        match self {
            Self::Identity => x,
            Self::Ln => x.ln(),
            Self::Log10 => x.log10(),
            Self::Sqrt => x.sqrt(),
            Self::Square => x * x,
            Self::Inverse => 1.0 / x,
            Self::Power(exponent) => x.powf(exponent),
        }
    }
}

impl Factor {
    fn value(&self, coded: Coded<'_>) -> Option<f64> {
        coded.quantity(self.feature).map(|(value, _)| self.transform.apply(value) - self.centre)
    }
}

impl Tree {
    fn points(&self, coded: Coded<'_>) -> f64 {
        match self {
            Self::Leaf(points) => *points,
            Self::Split { when, then, otherwise } => {
                if when.holds(coded) { then } else { otherwise }.points(coded)
            }
        }
    }

    fn collect_features(&self, into: &mut BTreeSet<usize>) {
        if let Self::Split { when, then, otherwise } = self {
            when.collect_features(into);
            then.collect_features(into);
            otherwise.collect_features(into);
        }
    }
}

/// The curve's points at a value; knots ascend and there is at least one.
pub(crate) fn interpolate(knots: &[Knot], value: f64) -> f64 {
    let next = knots.partition_point(|knot| knot.at <= value);
    match (next.checked_sub(1).map(|last| knots[last]), knots.get(next)) {
        (Some(a), Some(b)) => a.points + (b.points - a.points) * (value - a.at) / (b.at - a.at),
        (Some(a), None) => a.points,
        (None, Some(b)) => b.points,
        (None, None) => 0.0,
    }
}
