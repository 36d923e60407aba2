// SPDX-License-Identifier: Apache-2.0
//! Links: from the value of a sum to the value of an output.

/// How an output is computed from a sum: `times * kind(sum) + plus`.
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
    /// The value of the output.
    pub(crate) fn value(&self, sum: f64) -> f64 {
        let value = match &self.kind {
            LinkKind::Identity => sum,
            LinkKind::Logistic => 1.0 / (1.0 + (-sum).exp()),
            LinkKind::Exp => sum.exp(),
            LinkKind::Cox { baseline } => 1.0 - baseline.powf(sum.exp()),
            // `exp_m1` keeps the digits of small risks.
            LinkKind::Cloglog => -(-sum.exp()).exp_m1(),
            LinkKind::Classes(classes) => {
                let within = |class: &&Class| class.below.is_none_or(|below| sum < below - SLACK);
                classes.iter().find(within).map_or(0.0, |class| class.value)
            }
        };
        self.times * value + self.plus
    }
}
