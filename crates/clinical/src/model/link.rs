// SPDX-License-Identifier: Apache-2.0
//! Links: from the values of sums to the value of an output.

use super::{interpolate, Knot};

/// How an output is computed: `times * kind(sum) + plus`, and more parts of other sums if it mixes
/// some.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Link {
    /// Which sum.
    pub sum: usize,
    /// The function.
    pub kind: LinkKind,
    /// Factor on the function's value.
    pub times: f64,
    /// Added to the product.
    pub plus: f64,
    /// Whether values beyond the output's range become its nearer end instead of an error.
    pub clamp: bool,
    /// What other sums add, each as a sum of its own.
    pub mixed: Vec<Part>,
}

/// What one more sum adds to an output: `times * kind(sum)`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Part {
    /// Which sum.
    pub sum: usize,
    /// The function.
    pub kind: LinkKind,
    /// Factor on the function's value.
    pub times: f64,
}

/// The function from sum to value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum LinkKind {
    /// The sum itself.
    Identity,
    /// `1 / (1 + exp(-sum))`: the probability of a logistic regression.
    Logistic,
    /// `exp(sum)`.
    Exp,
    /// `1 - baseline ^ exp(sum)`: the risk of a Cox model with that baseline survival.
    Cox {
        /// Survival at the horizon where the sum is 0.
        baseline: f64,
    },
    /// `1 - exp(-exp(sum))`, the inverse of the complementary log-log: a Cox model whose baseline
    /// is in the sum, as `ln(-ln(baseline))`, such as one that was recalibrated.
    Cloglog,
    /// The value of the first class whose upper limit lies above the sum.
    Classes(Vec<Class>),
    /// Straight lines between knots, the end's value beyond an end: any curve, such as that of a
    /// calibration.
    Lines(Vec<Knot>),
}

/// A range of a sum with one value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Class {
    /// The range ends below this sum; the last class has no end.
    pub below: Option<f64>,
    /// Its value.
    pub value: f64,
}

/// Slack on class limits, for sums of binary fractions such as 0.1 + 0.2.
const SLACK: f64 = 1e-9;

impl Link {
    /// The value of the output, of all sums.
    pub(crate) fn value(&self, sums: &[f64]) -> f64 {
        let mixed = self.mixed.iter().map(|part| part.times * part.kind.value(sums[part.sum]));
        self.own(sums[self.sum]) + mixed.sum::<f64>()
    }

    /// What its first sum gives.
    pub(crate) fn own(&self, sum: f64) -> f64 {
        self.times * self.kind.value(sum) + self.plus
    }
}

impl LinkKind {
    /// The value of the function.
    pub(crate) fn value(&self, sum: f64) -> f64 {
        match self {
            Self::Identity => sum,
            Self::Logistic => 1.0 / (1.0 + (-sum).exp()),
            Self::Exp => sum.exp(),
            Self::Cox { baseline } => 1.0 - baseline.powf(sum.exp()),
            // `exp_m1` keeps the digits of small risks.
            Self::Cloglog => -(-sum.exp()).exp_m1(),
            Self::Classes(classes) => {
                let within = |class: &&Class| class.below.is_none_or(|below| sum < below - SLACK);
                classes.iter().find(within).map_or(0.0, |class| class.value)
            }
            Self::Lines(knots) => interpolate(knots, sum),
        }
    }
}
