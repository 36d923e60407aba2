// SPDX-License-Identifier: Apache-2.0
//! How much each sum of a model may lose through its columns so that what it says hardly changes.

use cso_model_files::{ModelFile, Scale, Share, Target};

use super::usage::Usage;

/// What a probability may lose through bins and steps.
const PROBABILITY: f64 = 0.004;
/// What a number may lose, as a part of the range that it has in the data.
const NUMBER: f64 = 0.0012;
/// What a logit may lose.
const LOGIT: f64 = 4.0 * PROBABILITY;

/// For each sum what one column may take from it: the losses of different columns are independent,
/// so that together they are the root of their squares' sum. `cases` are the sums of each case.
pub(super) fn tolerances(file: &ModelFile, cases: &[Vec<f64>], usages: &[Usage]) -> Vec<f64> {
    let count = file.sums().len();
    let columns = |sum: usize| {
        let uses = usages.iter().map(|usage| usage.functions.iter());
        uses.filter(|functions| functions.clone().any(|one| one.sum == sum)).count().max(1)
    };
    let of_sum = |sum: usize| {
        let values = || cases.iter().map(|sums| sums[sum]);
        let whole = match file.target() {
            Target::Number(scales) => {
                let scale = &scales[sum];
                let range = range(values().map(|value| scale.value(value)));
                NUMBER * range / steepest(scale, values())
            }
            Target::Probability { scales, .. } => PROBABILITY / steepest(&scales[sum], values()),
            Target::Class { .. } => PROBABILITY,
            Target::Classes { share: Share::Proportion, .. } => PROBABILITY,
            Target::Classes { share: Share::Scores, .. } => NUMBER * range(values()),
            Target::Classes { .. } => LOGIT,
        };
        whole / (columns(sum) as f64).sqrt() / (count as f64).sqrt()
    };
    (0..count)
        .map(of_sum)
        .map(|one| if one > 0.0 && one.is_finite() { one } else { 1e-6 })
        .collect()
}

/// How steep a scale is at most where the data lies.
fn steepest(scale: &Scale, sums: impl Iterator<Item = f64> + Clone) -> f64 {
    let width = 1e-3 * range(sums.clone()).max(1e-6);
    let slope =
        |sum: f64| (scale.value(sum + width) - scale.value(sum - width)).abs() / (2.0 * width);
    sums.map(slope).filter(|slope| slope.is_finite()).fold(1e-9, f64::max)
}

/// The distance of the greatest and the least value.
fn range(values: impl Iterator<Item = f64>) -> f64 {
    let (low, high) = values
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), one| (low.min(one), high.max(one)));
    if high > low {
        high - low
    } else {
        1.0
    }
}
