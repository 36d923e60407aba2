// SPDX-License-Identifier: Apache-2.0
//! Grids whose numbers people would choose.

use cso_model_files::{Scale, Sum, Term};

use crate::intake::tidy;

/// Most values of a score whose points are whole numbers, or whole numbers of some decimal.
const EXACT_LEVELS: f64 = 512.0;
/// Steps tried for such scores, the coarsest first.
const EXACT_STEPS: [f64; 14] =
    [100.0, 50.0, 25.0, 20.0, 10.0, 5.0, 2.0, 1.0, 0.5, 0.25, 0.2, 0.1, 0.05, 0.01];

/// From the least to the greatest value in steps.
#[derive(Clone, Copy)]
pub(super) struct Grid {
    pub min: f64,
    pub max: f64,
    pub step: f64,
}

impl Grid {
    /// A grid of at most `levels` steps of 1, 2 or 5 times a power of ten that encloses a range.
    pub(super) fn around(low: f64, high: f64, levels: f64) -> Self {
        // Two steps are kept for rounding the ends outwards.
        let exact = ((high - low) / (levels - 2.0)).max(1e-9);
        let power = exact.log10().floor() as i32;
        let unit = 10f64.powi(power);
        let factor =
            [1.0, 2.0, 5.0, 10.0].into_iter().find(|factor| factor * unit >= exact).unwrap_or(10.0);
        let step = clean(factor * unit, power);
        Self {
            min: clean((low / step).floor() * step, power),
            max: clean((high / step).ceil() * step, power),
            step,
        }
    }
}

/// The number without what binary fractions add beyond the decimals of 10^power.
fn clean(value: f64, power: i32) -> f64 {
    let decimals = usize::try_from(-power).unwrap_or(0);
    format!("{value:.decimals$}").parse().unwrap_or(value)
}

/// A grid over all values.
pub(super) fn grid_of(values: impl Iterator<Item = f64>, levels: f64) -> Grid {
    let (low, high) = values
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
    // Without any case there is no range: one that can be corrected by hand.
    let (low, high) = if low <= high { (low.min(high - 1e-6), high) } else { (0.0, 1.0) };
    Grid::around(low, high, levels)
}

/// The grid of a sum of trees whose points are multiples of a simple step.
pub(super) fn exact_grid(sum: &Sum, scale: &Scale) -> Option<Grid> {
    if !scale.is_linear() {
        return None;
    }
    let of = |points: f64| points * scale.times;
    let constant = of(sum.constant) + scale.plus;
    let (mut low, mut high) = (constant, constant);
    let mut points = vec![constant];
    for term in &sum.terms {
        let Term::Tree(tree) = term else {
            return None;
        };
        if tree.has_lines() {
            return None;
        }
        let own: Vec<f64> = tree.leaves().map(of).collect();
        low += own.iter().copied().fold(f64::INFINITY, f64::min);
        high += own.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        points.extend(own);
    }
    let whole = |step: f64| points.iter().all(|x| (x / step - (x / step).round()).abs() < 1e-9);
    let step = EXACT_STEPS.into_iter().find(|step| whole(*step))?;
    (low < high && (high - low) / step < EXACT_LEVELS).then(|| Grid {
        min: tidy(low),
        max: tidy(high),
        step,
    })
}
