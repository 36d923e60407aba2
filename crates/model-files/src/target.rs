// SPDX-License-Identifier: Apache-2.0
//! What the sums of a model stand for: numbers, probabilities, classes.

use crate::Tree;

/// Most classes that are read.
pub(crate) const MAX_CLASSES: usize = 64;

/// What the sums stand for.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// A number, from the only sum.
    Number(Scale),
    /// The probability of the second of two classes, from the only sum.
    Probability {
        /// The classes.
        labels: [String; 2],
        /// From the sum to the probability.
        scale: Scale,
    },
    /// The only sum is the number of the class, from 0.
    Class {
        /// The classes.
        labels: Vec<String>,
        /// The share of each class among the cases of a leaf, if the file says it.
        shares: Vec<Tree>,
    },
    /// The class of the greatest sum; one sum a class.
    Classes {
        /// The classes.
        labels: Vec<String>,
        /// How the sums become probabilities.
        share: Share,
    },
}

/// `times * curve(sum) + plus`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// The function.
    pub curve: Curve,
    /// Factor on the function's value.
    pub times: f64,
    /// Added to the product.
    pub plus: f64,
}

/// A function of a sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// The sum itself.
    Identity,
    /// `1 / (1 + exp(-sum))`
    Logistic,
    /// `exp(sum)`
    Exp,
}

/// How the sums of several classes become probabilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// `exp(s_i) / sum of exp(s_j)`
    Softmax,
    /// `s_i / sum of s_j`
    Proportion,
    /// `logistic(s_i)` for each class on its own.
    Logistic,
    /// `logistic(s_i) / sum of logistic(s_j)`
    LogisticProportion,
    /// None: the sums are scores.
    Scores,
}

impl Scale {
    /// The sum itself.
    pub const IDENTITY: Self = Self::of(Curve::Identity);

    /// A function without factor and summand.
    pub(crate) const fn of(curve: Curve) -> Self {
        Self { curve, times: 1.0, plus: 0.0 }
    }

    /// The value for a sum.
    pub fn value(&self, sum: f64) -> f64 {
        let value = match self.curve {
            Curve::Identity => sum,
            Curve::Logistic => logistic(sum),
            Curve::Exp => sum.exp(),
        };
        self.times * value + self.plus
    }
}

fn logistic(sum: f64) -> f64 {
    1.0 / (1.0 + (-sum).exp())
}

impl Share {
    /// The probabilities, or the sums themselves where there are none.
    pub(crate) fn of(self, sums: &[f64]) -> Vec<f64> {
        let logistic = || sums.iter().map(|sum| logistic(*sum)).collect::<Vec<_>>();
        match self {
            Self::Softmax => softmax(sums),
            Self::Proportion => proportion(sums),
            Self::Logistic => logistic(),
            Self::LogisticProportion => proportion(&logistic()),
            Self::Scores => sums.to_vec(),
        }
    }
}

fn softmax(sums: &[f64]) -> Vec<f64> {
    // Less the greatest, so that no power overflows.
    let greatest = sums.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    divided(sums.iter().map(|sum| (sum - greatest).exp()).collect())
}

/// Shares of the whole; equal ones if there is nothing to share.
fn proportion(sums: &[f64]) -> Vec<f64> {
    match sums.iter().any(|sum| *sum > 0.0) {
        true => divided(sums.iter().map(|sum| sum.max(0.0)).collect()),
        false => divided(vec![1.0; sums.len()]),
    }
}

fn divided(parts: Vec<f64>) -> Vec<f64> {
    let sum: f64 = parts.iter().sum();
    parts.iter().map(|part| part / sum).collect()
}
