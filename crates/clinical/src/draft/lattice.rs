// SPDX-License-Identifier: Apache-2.0
//! The values as which a quantity is recorded: multiples of a step that everybody knows.

use cso_model_files::Cell;

/// Most steps over a column's range: beyond it the last digits are what floating point adds.
const MOST_STEPS: f64 = 1e7;
/// How far beyond the data's values a column reaches that is added up, as a part of their range: a
/// tree says the same beyond its last limit, a weight doesn't.
const BEYOND: f64 = 0.5;
/// A tail is long if its last tenth is so many times as long as what lies between it and the
/// middle.
const TAIL: f64 = 1.5;
/// Multiples beyond this have more digits than floating point.
const MOST_DIGITS: u64 = 1_000_000_000_000_000;
/// Most decimals that are looked for.
const MOST_DECIMALS: usize = 12;

/// Multiples of a step between two ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lattice {
    /// The distance of two values as they are recorded.
    pub step: f64,
    /// The least and the greatest value, as multiples of the step.
    pub ends: [i64; 2],
    /// Whether all numbers of the data are such values.
    pub is_exact: bool,
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
        let step = clean(step, step);
        let ends = [(low / step).floor() as i64, (high / step).ceil() as i64];
        let is_exact = step <= 1.01 * 10f64.powi(-(decimals as i32)) && decimals < MOST_DECIMALS;
        Self { step, ends, is_exact }
    }

    /// The same range in steps of a tenth, unless floating point has no such steps.
    pub(super) fn finer(&self) -> Option<Self> {
        let step = clean(self.step / 10.0, self.step / 10.0);
        let ends = self.ends.map(|end| end.saturating_mul(10));
        let is_told = step > 0.0 && ends.iter().all(|end| end.unsigned_abs() < MOST_DIGITS);
        is_told.then_some(Self { step, ends, ..*self })
    }

    /// The value at a multiple.
    pub(super) fn value(&self, at: i64) -> f64 {
        clean(at as f64 * self.step, self.step)
    }

    /// The place between a multiple and the one before it.
    pub(super) fn edge(&self, at: i64) -> f64 {
        clean((at as f64 - 0.5) * self.step, self.step / 10.0)
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

    /// With more on both sides, but nothing below 0 where nothing was, and nothing outside of what
    /// may be: a little, and as much again as there is where the numbers have a long tail.
    pub(super) fn widen(&mut self, numbers: &[f64], room: f64, within: Option<[f64; 2]>) {
        let mut sorted = numbers.to_vec();
        sorted.sort_by(f64::total_cmp);
        let quantile = |part: f64| sorted[(part * (sorted.len() - 1) as f64) as usize];
        let [low, high] = self.ends;
        let range = (high - low) as f64;
        let more = |outer: f64, inner: f64, middle: f64| {
            let is_long = (outer - inner).abs() > TAIL * (inner - middle).abs();
            (room * if is_long { range } else { BEYOND * range }).ceil() as i64
        };
        let middle = quantile(0.5);
        let below = more(quantile(0.0), quantile(0.1), middle);
        let above = more(quantile(1.0), quantile(0.9), middle);
        self.ends = [if low >= 0 { (low - below).max(0) } else { low - below }, high + above];
        if let Some([least, greatest]) = within {
            let ends = [(least / self.step).ceil() as i64, (greatest / self.step).floor() as i64];
            self.ends = [self.ends[0].max(ends[0]).min(low), self.ends[1].min(ends[1]).max(high)];
        }
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

/// The number without what binary fractions add beyond the decimals of a step.
fn clean(number: f64, step: f64) -> f64 {
    let decimals = (-step.log10()).ceil().max(0.0) as usize;
    format!("{number:.decimals$}").parse().unwrap_or(number)
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
        let fine = Lattice::of(&[1.5 + 1.0 / 300.0, 1.8]);
        assert_eq!((fine.step, fine.value(fine.ends[1])), (1e-7, 1.8));
        let tiny = Lattice::of(&[2e-8, 5.5e-8]);
        assert_eq!((tiny.step, tiny.edge(30)), (1e-9, 2.95e-8));
    }

    #[test]
    fn edges_lie_between_recordable_values() {
        let lattice = Lattice::of(&[5.5, 5.6]);
        assert_eq!((lattice.edge(56), lattice.value(56)), (5.55, 5.6));
    }
}
