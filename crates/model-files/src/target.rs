// SPDX-License-Identifier: Apache-2.0
//! What the sums of a model stand for: numbers, probabilities, classes.

use crate::Tree;

/// Most classes of a model; far more than a protocol has outputs.
pub(crate) const MAX_CLASSES: usize = 64;

/// What the sums stand for.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// A number: what the scales make of the sums, one each, added up.
    Number(Vec<Scale>),
    /// The probability of the second of two classes: what the scales make of the sums, added up.
    Probability {
        /// The classes.
        labels: [String; 2],
        /// One a sum.
        scales: Vec<Scale>,
    },
    /// The sum is the class's index.
    Class {
        /// The classes.
        labels: Vec<String>,
        /// Each class's share of the leaf's cases, if the file says them.
        shares: Vec<Tree>,
    },
    /// One sum a class; the greatest wins, of equal ones the first.
    Classes {
        /// The classes.
        labels: Vec<String>,
        /// What makes shares of the sums.
        share: Share,
    },
}

/// From a sum to a number: the curves in turn, times a factor, plus a summand.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    /// Applied in this order.
    pub curves: Vec<Curve>,
    /// Factor on their value.
    pub times: f64,
    /// Added to the product.
    pub plus: f64,
}

/// A function of one number.
#[derive(Clone, Debug, PartialEq)]
pub enum Curve {
    /// `1 / (1 + exp(-x))`.
    Logistic,
    /// `exp(x)`.
    Exp,
    /// `1 - exp(-exp(x))`, the inverse of the complementary log-log: the risk of a Cox model whose
    /// baseline is in the sum.
    Cloglog,
    /// The normal distribution function.
    Probit,
    /// `x * |x|`: what undoes a square root that keeps the sign.
    SignedSquare,
    /// `times * x + plus`.
    Line {
        /// The factor.
        times: f64,
        /// The summand.
        plus: f64,
    },
    /// Straight lines between points, which ascend; the end's value beyond an end.
    Lines(Vec<(f64, f64)>),
}

/// What makes shares of one number a class.
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
    pub const IDENTITY: Self = Self { curves: Vec::new(), times: 1.0, plus: 0.0 };

    /// One curve.
    pub(crate) fn of(curve: Curve) -> Self {
        Self { curves: vec![curve], ..Self::IDENTITY }
    }

    /// The number for a sum.
    pub fn value(&self, sum: f64) -> f64 {
        let value = self.curves.iter().fold(sum, |value, curve| curve.value(value));
        self.times * value + self.plus
    }

    /// Whether nothing but a factor and a summand is applied.
    pub fn is_linear(&self) -> bool {
        self.curves.is_empty()
    }
}

impl Curve {
    fn value(&self, x: f64) -> f64 {
        match self {
            Self::Logistic => logistic(x),
            Self::Exp => x.exp(),
            // `exp_m1` keeps the digits of small risks.
            Self::Cloglog => -(-x.exp()).exp_m1(),
            Self::Probit => normal(x),
            Self::SignedSquare => x * x.abs(),
            Self::Line { times, plus } => times * x + plus,
            Self::Lines(points) => on_points(points, x),
        }
    }
}

/// What scales make of the sums.
pub(crate) fn mixed(scales: &[Scale], sums: &[f64]) -> f64 {
    scales.iter().zip(sums).map(|(scale, sum)| scale.value(*sum)).sum()
}

fn logistic(sum: f64) -> f64 {
    1.0 / (1.0 + (-sum).exp())
}

/// The normal distribution function: `erfc(-x / sqrt(2)) / 2`.
fn normal(x: f64) -> f64 {
    libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2) / 2.0
}

fn on_points(points: &[(f64, f64)], x: f64) -> f64 {
    let next = points.partition_point(|point| point.0 <= x);
    match (next.checked_sub(1).map(|last| points[last]), points.get(next)) {
        (Some(a), Some(b)) => a.1 + (b.1 - a.1) * (x - a.0) / (b.0 - a.0),
        (Some(a), None) => a.1,
        (None, Some(b)) => b.1,
        (None, None) => f64::NAN,
    }
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
