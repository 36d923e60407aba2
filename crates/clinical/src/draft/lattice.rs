// SPDX-License-Identifier: Apache-2.0
//! The values as which a quantity is recorded: multiples of a step that everybody knows.

use cso_model_files::Cell;

use crate::intake::tidy;

/// Most steps over a column's range: beyond it the last digits are what floating point adds.
const MOST_STEPS: f64 = 1e7;
/// Most decimals that are looked for.
const MOST_DECIMALS: usize = 12;

/// Multiples of a step between two ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lattice {
    /// The distance of two values as they are recorded.
    pub step: f64,
    /// The least and the greatest value, as multiples of the step.
    pub ends: [i64; 2],
}

impl Lattice {
    /// The lattice on which a column's numbers lie.
    pub(super) fn of(numbers: &[f64]) -> Self {
        let low = numbers.iter().copied().fold(f64::INFINITY, f64::min);
        let high = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let decimals = numbers.iter().map(|number| decimals(*number)).max().unwrap_or(0);
        let mut step = 10f64.powi(-(decimals as i32));
        // A column that is nothing but one number has no range.
        let size = (high - low).max(high.abs().max(low.abs()) * 1e-3);
        while step * MOST_STEPS < size {
            step *= 10.0;
        }
        let step = tidy(step);
        let ends = [(low / step).floor() as i64, (high / step).ceil() as i64];
        Self { step, ends }
    }

    /// The value at a multiple.
    pub(super) fn value(&self, at: i64) -> f64 {
        tidy(at as f64 * self.step)
    }

    /// The place between a multiple and the one before it.
    pub(super) fn edge(&self, at: i64) -> f64 {
        tidy((at as f64 - 0.5) * self.step)
    }

    /// The multiple that is nearest to a value.
    pub(super) fn nearest(&self, value: f64) -> i64 {
        (value / self.step).round() as i64
    }

    /// How many values there are.
    pub(super) fn len(&self) -> u64 {
        self.ends[1].abs_diff(self.ends[0]) + 1
    }

    /// With room for a value.
    pub(super) fn including(&mut self, at: i64) {
        self.ends = [self.ends[0].min(at), self.ends[1].max(at)];
    }

    /// All values, or as many as `most`: those of the data, and even steps between them.
    pub(super) fn sample(&self, numbers: &[f64], most: usize) -> Vec<i64> {
        if self.len() <= most as u64 {
            return (self.ends[0]..=self.ends[1]).collect();
        }
        let span = (self.ends[1] - self.ends[0]) as f64;
        let even = (0..=most / 2).map(|one| one as f64 / (most / 2) as f64);
        let even = even.map(|part| self.ends[0] + (part * span).round() as i64);
        // Where most cases are, however long the tail.
        let mut sorted = numbers.to_vec();
        sorted.sort_by(f64::total_cmp);
        let quantile = |one: usize| sorted[one * (sorted.len() - 1) / (most / 2)];
        let own = (0..=most / 2).map(|one| self.nearest(quantile(one)));
        let mut all: Vec<i64> = match sorted.is_empty() {
            true => even.collect(),
            false => even.chain(own).collect(),
        };
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// Decimals of a number as it is written.
fn decimals(number: f64) -> usize {
    (0..MOST_DECIMALS)
        .find(|decimals| format!("{number:.decimals$}").parse() == Ok(number))
        .unwrap_or(MOST_DECIMALS)
}

/// The numbers among cells.
pub(super) fn numbers<'a>(cells: impl Iterator<Item = &'a Cell>) -> Vec<f64> {
    cells.filter_map(Cell::number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_lie_on_the_step_as_which_they_are_recorded() {
        for (numbers, step, ends) in [
            (vec![5.6, 7.0, 10.25], 0.01, [560, 1025]),
            (vec![120.0, 140.0], 1.0, [120, 140]),
            (vec![-0.5, 0.0], 0.1, [-5, 0]),
            (vec![1.0], 1.0, [1, 1]),
        ] {
            let lattice = Lattice::of(&numbers);
            assert_eq!((lattice.step, lattice.ends), (step, ends), "{numbers:?}");
        }
        let noise = Lattice::of(&[0.1 + 0.2, 1000.0 / 7.0]);
        assert_eq!(noise.step, 1e-4);
    }

    #[test]
    fn edges_lie_between_recordable_values() {
        let lattice = Lattice::of(&[5.5, 5.6]);
        assert_eq!((lattice.edge(56), lattice.value(56)), (5.55, 5.6));
    }
}
