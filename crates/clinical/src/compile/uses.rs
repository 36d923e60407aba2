// SPDX-License-Identifier: Apache-2.0
//! What outputs make of sums: the function of each, and, where an output mixes several, the share
//! of each.

use super::lower::Parts;
use super::CompileError;
use crate::model::{LinkKind, Model};
use crate::outputs::Output;

/// Places at which a function is looked at to find its least and greatest value.
const PLACES: i32 = 2048;

/// What one output takes from one sum.
pub(super) struct Use<'a> {
    /// The output's number.
    pub place: usize,
    pub output: &'a Output,
    kind: &'a LinkKind,
    times: f64,
    plus: f64,
    clamp: bool,
    /// The greatest raw value, if the output mixes several sums.
    most: Option<u16>,
}

impl<'a> Use<'a> {
    /// What the outputs take from each sum.
    pub(super) fn all(
        model: &'a Model,
        outputs: &'a [Output],
        parts: &[Parts],
    ) -> Result<Vec<Vec<Self>>, CompileError> {
        let mut all: Vec<Vec<Self>> = parts.iter().map(|_| Vec::new()).collect();
        for (place, (output, link)) in outputs.iter().zip(&model.links).enumerate() {
            let mut own = vec![(link.sum, &link.kind, link.times)];
            own.extend(link.mixed.iter().map(|part| (part.sum, &part.kind, part.times)));
            let is_mixed = own.len() > 1;
            let ends: Vec<[f64; 2]> = own
                .iter()
                .map(|(sum, kind, times)| ends(kind, *times, parts[*sum].range))
                .collect();
            // Each part begins at its own least value, and the first takes up the rest.
            let lows: f64 = ends.iter().skip(1).map(|[low, _]| low).sum();
            if is_mixed {
                let total = |end: usize| link.plus + ends.iter().map(|own| own[end]).sum::<f64>();
                if let Some(value) =
                    [total(0), total(1)].into_iter().find(|value| !output.contains(*value))
                {
                    return Err(CompileError::OutputRange {
                        output: output.id.clone(),
                        value,
                        min: output.min,
                        max: output.max,
                    });
                }
            }
            let mut rest = output.values() - 1;
            let mut uses = Vec::with_capacity(own.len());
            for (index, (sum, kind, times)) in own.into_iter().enumerate().rev() {
                let [low, high] = ends[index];
                let steps = ((high - low) / output.step + 1e-9).floor().max(0.0) as u32;
                let most = if index == 0 { rest } else { steps.min(rest) };
                rest -= most;
                let plus = match index {
                    0 => link.plus + if is_mixed { lows } else { 0.0 },
                    _ => output.min - low,
                };
                let most = is_mixed.then_some(most as u16);
                let clamp = link.clamp || is_mixed;
                uses.push((sum, Self { place, output, kind, times, plus, clamp, most }));
            }
            for (sum, one) in uses.into_iter().rev() {
                all[sum].push(one);
            }
        }
        Ok(all)
    }

    /// The value that a sum adds.
    fn value(&self, sum: f64) -> f64 {
        self.times * self.kind.value(sum) + self.plus
    }

    /// The raw value that a sum adds.
    pub(super) fn raw(&self, sum: f64) -> u16 {
        let value = self.value(sum);
        let raw = if value.is_nan() { 0 } else { self.output.raw(value) };
        self.most.map_or(raw, |most| raw.min(most))
    }

    /// Bits of the encrypted value.
    pub(super) fn bits(&self) -> usize {
        (u32::BITS - (self.output.encrypted_values() - 1).leading_zeros()) as usize
    }

    /// Refuses a value that the output doesn't describe.
    pub(super) fn require_in_range(&self, sum: f64) -> Result<(), CompileError> {
        let value = self.value(sum);
        if self.clamp || value.is_finite() && self.output.contains(value) {
            return Ok(());
        }
        Err(CompileError::OutputRange {
            output: self.output.id.clone(),
            value,
            min: self.output.min,
            max: self.output.max,
        })
    }

    /// How far the value moves if the sum moves so far in either direction.
    pub(super) fn moved(&self, sum: f64, by: f64) -> f64 {
        let value = self.value(sum);
        let moved = [sum - by, sum + by].map(|other| (self.value(other) - value).abs());
        moved[0].max(moved[1])
    }

    /// Whether it's the only part of an output that can tell a sum beyond its table.
    pub(super) fn is_guarded(&self) -> bool {
        self.output.guarded && self.most.is_none() && self.clamp
    }
}

/// The least and the greatest value of a function over a sum's range.
fn ends(kind: &LinkKind, times: f64, (low, high): (f64, f64)) -> [f64; 2] {
    let at = |place: i32| low + (high - low) * f64::from(place) / f64::from(PLACES);
    let values = (0..=PLACES).map(|place| times * kind.value(at(place)));
    values.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], value| {
        [low.min(value), high.max(value)]
    })
}
