// SPDX-License-Identifier: Apache-2.0
//! Fine sums with a guard.
//!
//! A table of 2048 entries over everything that a sum can be is coarse for a model of many terms,
//! though what it says changes only within a few points of the sum: a probability is 0 below and 1
//! above. So the sum is added up twice. The fine sum spends the whole table on the part where
//! something changes, and wraps beyond it. The coarse one, the *guard*, never wraps; it adds to the
//! same output a number that tells on which side the sum lies beyond that part, if it does
//! ([`Output::value`](crate::outputs::Output::value)). Where the guard says "within", the fine sum
//! surely hasn't wrapped: both errors are bounded.

use super::lower::Parts;
use super::rounding::Drawn;
use super::scaling::{fitting, Points, Scaled, TABLE};
use super::uses::Use;
use super::{backend, CompileError};

/// How many times finer the sum must become so that a guard pays.
const WORTH: f64 = 1.5;
/// Places at which the output is looked at.
const PLACES: i64 = 1 << 16;
/// Rounds by which the width of the fine sum's table settles.
const ROUNDS: usize = 4;

/// A sum with its guard, or `None` where the output isn't the same beyond both ends of some part,
/// or where it wouldn't become much finer.
pub(super) fn scale(
    id: &str,
    parts: &Parts,
    one: &Use<'_>,
    drawn: &Drawn,
) -> Result<Option<Scaled>, CompileError> {
    let coarse = fitting(id, parts)?;
    if coarse.exact {
        return Ok(None);
    }
    let Some(changing) = Changing::of(parts, one) else { return Ok(None) };
    // The guard says "beyond" only where that is sure; the table holds what else may be.
    let unsure = 2.0 * coarse.deviation + 1.0 / coarse.scale;
    let mut fine = Points::new(parts, coarse.scale, false);
    let mut low = 0.0;
    for _ in 0..ROUNDS {
        let margin = unsure + fine.deviation + 1.0 / fine.scale;
        low = changing.low - margin;
        let width = changing.high + margin - low;
        fine = Points::compensated(parts, (TABLE - 2) as f64 / width, drawn);
    }
    if fine.scale < WORTH * coarse.scale {
        return Ok(None);
    }

    let levels = one.output.values() as u16;
    let (mut values, mut worst) = (Vec::with_capacity(TABLE as usize), 0.0f64);
    // The points of the sum at the table's first entry.
    let first = ((low - fine.value(0, parts)) * fine.scale).floor() as i64;
    for entry in 0..TABLE {
        let sum = fine.value(entry + first, parts);
        worst = worst.max(one.moved(sum, fine.deviation));
        values.push(one.raw(sum));
    }
    let (weights, diagrams) = fine.steps(parts);
    let mut scaling = fine.scaling(id, parts, &diagrams, TABLE as usize);
    let bias = (-first).rem_euclid(2 * TABLE) as i32;
    let table = backend::table(one.place, one.bits(), values);
    let sum = backend::sum(weights, diagrams, bias, vec![table], true);

    let side = |entry: i64| {
        let sum = coarse.value(entry + coarse.lowest, parts);
        if sum < changing.low - coarse.deviation {
            2 * levels * changing.below
        } else if sum > changing.high + coarse.deviation {
            2 * levels * changing.above
        } else {
            0
        }
    };
    let values = (0..=coarse.span()).map(side).collect();
    let (weights, diagrams) = coarse.steps(parts);
    scaling.guard = coarse.weights.iter().filter(|weight| **weight != 0).count()
        + diagrams.iter().map(cso_fhe::Diagram::node_count).sum::<usize>();
    let table = backend::table(one.place, one.bits(), values);
    let guard = backend::sum(weights, diagrams, -coarse.lowest as i32, vec![table], false);
    Ok(Some(Scaled { sums: vec![guard, sum], scaling, deviations: vec![worst] }))
}

/// Where an output changes with its sum, and what it is beyond.
struct Changing {
    low: f64,
    high: f64,
    /// 1 if the output is its least value below, 2 if it's the greatest.
    below: u16,
    above: u16,
}

impl Changing {
    fn of(parts: &Parts, one: &Use<'_>) -> Option<Self> {
        let (least, greatest) = parts.range;
        let at = |place: i64| least + (greatest - least) * place as f64 / PLACES as f64;
        let raw = |place: i64| one.raw(at(place));
        let (first, last) = (raw(0), raw(PLACES));
        let starts = (0..=PLACES).find(|place| raw(*place) != first)?;
        let ends = (0..=PLACES).rev().find(|place| raw(*place) != last)?;
        let top = (one.output.values() - 1) as u16;
        let side = |raw: u16| match raw {
            0 => Some(1),
            raw if raw == top => Some(2),
            // The range ends while the output still changes: there is nothing beyond.
            _ => None,
        };
        let (below, above) = (side(first), side(last));
        Some(Self {
            low: below.map_or(least, |_| at(starts - 1)),
            high: above.map_or(greatest, |_| at(ends + 1)),
            below: below.unwrap_or(1),
            above: above.unwrap_or(2),
        })
    }
}
