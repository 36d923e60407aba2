// SPDX-License-Identifier: Apache-2.0
//! Bins of a quantity for a model: between the values that the model tells apart, or so fine that
//! what it adds up hardly changes within one.
//!
//! Bins are public, and a tree's limits lie in the middle between two values of its training data.
//! So an edge stands at the middle between two values as they are recorded, whatever limit lies
//! there, which changes nothing for any recorded value; and edges that the model doesn't need
//! ([`Decoys`]) fill up the bins to as many as the bits of a code tell apart.

use blake2::digest::consts::U8;
use blake2::{Blake2b, Digest};
use cso_model_files::{Cell, Compare, Function as Inner, Test};

use super::lattice::Lattice;
use super::usage::{Function, Usage};

/// Most values on which a function is looked at.
const SAMPLE: usize = 20_000;
/// Most values on which a test is looked at that isn't a plain comparison.
const TEST_SAMPLE: usize = 2_000;
/// Most bins of a function that isn't a line.
const MOST_BINS: usize = 1023;

/// Where the model tells two neighbouring values apart: the multiples above each such place.
///
/// `None`, if numbers of the data on two sides of a limit have no place between them on the
/// lattice: they have more digits than its values.
pub(super) fn limits(usage: &Usage, lattice: &Lattice, numbers: &[f64]) -> Option<Vec<i64>> {
    let mut at = Vec::new();
    let sample = lattice.sample(numbers, TEST_SAMPLE);
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.dedup();
    let mut asker = Asker::of(&usage.tests);
    for test in &usage.tests {
        match plain(test, lattice, &mut asker) {
            Some(limit) => {
                let limit = match limit {
                    Some(limit) if !lattice.is_exact => {
                        let limit = beside(test, limit, lattice);
                        Some(between(test, limit, lattice, &sorted, &mut asker)?)
                    }
                    Some(limit) => Some(between(test, limit, lattice, &sorted, &mut asker)?),
                    None => None,
                };
                at.extend(limit.filter(|at| *at > lattice.ends[0] && *at <= lattice.ends[1]));
            }
            None => {
                let mut own = Vec::new();
                changes(test, lattice, &sample, &mut asker, &mut own);
                // A comparison of a function that rises or falls throughout.
                if let [one] = &mut own[..] {
                    *one = between(test, *one, lattice, &sorted, &mut asker)?;
                }
                at.extend(own);
            }
        }
    }
    at.sort_unstable();
    at.dedup();
    Some(at)
}

/// The multiple whose edge is the first on the side of a limit to which the limit itself doesn't
/// belong: numbers that equal it, as the middle between two others may, stay where they are.
fn beside(test: &Test, at: i64, lattice: &Lattice) -> i64 {
    let Test::Compare { op, limit, .. } = test else { return at };
    let Some(limit) = limit.number() else { return at };
    let mut near = at - 2..=at + 3;
    let found = match op {
        Compare::LessOrEqual | Compare::Greater => near.find(|at| lattice.edge(*at) > limit),
        _ => near.rfind(|at| lattice.edge(*at) <= limit),
    };
    found.unwrap_or(at)
}

/// The multiple whose edge has the data's numbers on the same sides as the comparison has them:
/// the one that is given, or one close by.
fn between(
    test: &Test,
    at: i64,
    lattice: &Lattice,
    sorted: &[f64],
    asker: &mut Asker,
) -> Option<i64> {
    let first = asker.answer(test, *sorted.first()?);
    let above = sorted.partition_point(|number| asker.answer(test, *number) == first);
    let low = above.checked_sub(1).map_or(f64::NEG_INFINITY, |below| sorted[below]);
    let high = sorted.get(above).copied().unwrap_or(f64::INFINITY);
    let fits = |at: &i64| low < lattice.edge(*at) && lattice.edge(*at) <= high;
    // Numbers all on one side leave the limit where it is, beyond them.
    if fits(&at) || above == 0 || above == sorted.len() {
        return Some(at);
    }
    let near = lattice.nearest(low);
    [at - 1, at + 1, at - 2, at + 2].into_iter().chain(near - 1..=near + 2).find(fits)
}

/// The limits themselves, of plain comparisons, as the least values above them; `None` where a test
/// is none.
pub(super) fn raw_limits(usage: &Usage, lattice: &Lattice) -> Option<Vec<f64>> {
    let mut all = Vec::with_capacity(usage.tests.len());
    for test in &usage.tests {
        let Test::Compare { variable, op, limit, .. } = test else { return None };
        if *variable.function != Inner::Input {
            return None;
        }
        let limit = limit.number()?;
        all.push(match op {
            Compare::Less | Compare::GreaterOrEqual => limit,
            Compare::LessOrEqual | Compare::Greater => limit.next_up(),
            Compare::Equal => return None,
        });
    }
    let [low, high] = lattice.ends.map(|at| lattice.value(at));
    all.retain(|limit| *limit > low && *limit <= high);
    all.sort_by(f64::total_cmp);
    all.dedup();
    Some(all)
}

/// What tests of one column say of its values.
struct Asker {
    case: Vec<Cell>,
    column: usize,
}

impl Asker {
    fn of(tests: &[Test]) -> Self {
        let column = tests.first().and_then(|test| test.columns().first().copied()).unwrap_or(0);
        Self { case: vec![Cell::Missing; column + 1], column }
    }

    fn answer(&mut self, test: &Test, value: f64) -> Option<bool> {
        self.case[self.column] = Cell::Number(value);
        test.holds(&self.case)
    }
}

/// The multiple above the limit of a plain comparison, if it lies within the range. Single
/// precision moves it by a step at most.
fn plain(test: &Test, lattice: &Lattice, asker: &mut Asker) -> Option<Option<i64>> {
    let Test::Compare { variable, op, limit, .. } = test else { return None };
    if *variable.function != Inner::Input || *op == Compare::Equal {
        return None;
    }
    let near = lattice.nearest(limit.number()?);
    let found = (near.saturating_sub(2)..near.saturating_add(3)).find(|at| {
        let below = asker.answer(test, lattice.value(at - 1));
        below != asker.answer(test, lattice.value(*at))
    });
    Some(found)
}

/// The multiples at which a test's answer changes.
fn changes(test: &Test, lattice: &Lattice, sample: &[i64], asker: &mut Asker, into: &mut Vec<i64>) {
    let mut of = |at: i64| asker.answer(test, lattice.value(at));
    let mut before = None;
    for at in sample {
        let own = of(*at);
        if let Some((last, other)) = before.filter(|(_, other)| *other != own) {
            // Halved until it lies between two neighbours.
            let (mut low, mut high): (i64, i64) = (last, *at);
            while high - low > 1 {
                let middle = low + (high - low) / 2;
                if of(middle) == other {
                    low = middle
                } else {
                    high = middle
                }
            }
            into.push(high);
        }
        before = Some((*at, own));
    }
}

/// The step of an even grid on which lines lose at most what each may, if all functions are lines:
/// as fine as the bits allow that it takes, so that no more than their number is told.
pub(super) fn line_step(
    functions: &[Function],
    tolerances: &[f64],
    lattice: &Lattice,
) -> Option<f64> {
    let mut widest = f64::INFINITY;
    let ends = lattice.ends.map(|at| lattice.value(at));
    for function in functions {
        let slope = function.slope(ends)?.abs();
        if slope > 0.0 {
            widest = widest.min(2.0 * tolerances[function.sum] / slope);
        }
    }
    let range = (lattice.len() - 1) as f64;
    let levels = (range * lattice.step / widest).ceil().clamp(1.0, range) + 1.0;
    let codes = levels.log2().ceil().exp2();
    Some(above((range / (codes - 1.0)).max(1.0)) * lattice.step)
}

/// The least whole number of two significant digits that isn't below.
fn above(value: f64) -> f64 {
    let unit = 10f64.powi((value.log10().floor() as i32 - 1).max(0));
    (value / unit - 1e-9).ceil() * unit
}

/// Multiples at which new bins begin so that no function changes within one by more than twice its
/// tolerance, or by as little as so many bins allow.
pub(super) fn smooth(
    functions: &[Function],
    tolerances: &[f64],
    lattice: &Lattice,
    numbers: &[f64],
) -> Vec<i64> {
    let sample = lattice.sample(numbers, SAMPLE);
    let values: Vec<Vec<f64>> = functions
        .iter()
        .map(|function| {
            let of =
                |at: &i64| function.value(&Cell::Number(lattice.value(*at))).unwrap_or(f64::NAN);
            sample.iter().map(of).collect()
        })
        .collect();
    let mut slack = 1.0;
    loop {
        let wide: Vec<f64> =
            functions.iter().map(|one| slack * 2.0 * tolerances[one.sum]).collect();
        let starts = starts(&values, &wide);
        if starts.len() < MOST_BINS {
            return starts.into_iter().map(|start| sample[start]).collect();
        }
        slack *= 1.3;
    }
}

/// Where a bin begins so that within each no row of values spans more than its width.
fn starts(values: &[Vec<f64>], widths: &[f64]) -> Vec<usize> {
    let mut starts = Vec::new();
    let count = values.first().map_or(0, Vec::len);
    let mut span: Vec<[f64; 2]> = values.iter().map(|row| [row[0], row[0]]).collect();
    for place in 1..count {
        let leaves = values.iter().zip(&span).zip(widths).any(|((row, [low, high]), width)| {
            let [low, high] = [low.min(row[place]), high.max(row[place])];
            high - low > *width || row[place].is_nan() != row[place - 1].is_nan()
        });
        if leaves {
            starts.push(place);
            span = values.iter().map(|row| [row[place], row[place]]).collect();
        } else {
            for (row, [low, high]) in values.iter().zip(&mut span) {
                (*low, *high) = (low.min(row[place]), high.max(row[place]));
            }
        }
    }
    starts
}

/// Edges that stand where a model could have limits and has none, the same for the same key.
pub(super) struct Decoys<'a> {
    /// Kept by the expert, so that later versions have the same ones.
    pub key: &'a [u8; 32],
    /// The feature.
    pub feature: &'a str,
}

impl Decoys<'_> {
    /// Adds so many places, first where the data's values have room between them, since limits of
    /// trees lie there.
    pub(super) fn add(&self, at: &mut Vec<i64>, count: usize, lattice: &Lattice, numbers: &[f64]) {
        let mut own: Vec<i64> = numbers.iter().map(|number| lattice.nearest(*number)).collect();
        own.sort_unstable();
        own.dedup();
        let between = own.windows(2).map(|pair| pair[0] + (pair[1] - pair[0] + 1) / 2);
        let mut added = self.first(between, at, count);
        if added.len() < count {
            let any = lattice.sample(&[], 4 * (count + at.len()) + 64).into_iter().skip(1);
            let rest = count - added.len();
            let known: Vec<i64> = at.iter().chain(&added).copied().collect();
            added.extend(self.first(any, &known, rest));
        }
        at.extend(added);
        at.sort_unstable();
        at.dedup();
    }

    /// The first so many by their mark that aren't taken.
    fn first(&self, all: impl Iterator<Item = i64>, taken: &[i64], count: usize) -> Vec<i64> {
        let taken: std::collections::BTreeSet<&i64> = taken.iter().collect();
        let mut marked: Vec<(u64, i64)> =
            all.filter(|at| !taken.contains(at)).map(|at| (self.mark(at), at)).collect();
        marked.sort_unstable();
        marked.dedup();
        marked.into_iter().take(count).map(|(_, at)| at).collect()
    }

    /// A pseudo-random number of a place: keyed, so that nobody else can tell decoys.
    fn mark(&self, at: i64) -> u64 {
        let mut hash = Blake2b::<U8>::new();
        hash.update(b"cso/decoy-edges/1");
        hash.update(self.key);
        hash.update((self.feature.len() as u64).to_le_bytes());
        hash.update(self.feature);
        hash.update(at.to_le_bytes());
        u64::from_le_bytes(hash.finalize().into())
    }
}
