// SPDX-License-Identifier: Apache-2.0
//! From real numbers to whole points: the scale of a sum, its range, its tables.
//!
//! A sum of points picks one of `TABLE` entries and must never wrap, whatever the record's bits
//! are. So the scale is either *exact* (every number becomes a whole one: scorecards) or the
//! largest that fits, and the error which rounding then causes is bounded and reported.

use super::free::FreeDiagram;
use super::lower::Parts;
use super::summary::{OutputScaling, SumScaling};
use super::{backend, CompileError};
use crate::model::Link;
use crate::outputs::Output;

/// Entries of an output table.
const TABLE: i64 = cso_fhe::POLYNOMIAL_SIZE as i64;

/// Scales tried for exact points: one over what decimals and small fractions need.
const EXACT_SCALES: [f64; 12] =
    [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 20.0, 50.0, 100.0, 1000.0];

/// A sum in whole points.
pub(super) struct Scaled {
    pub sum: cso_fhe::Sum,
    pub scaling: SumScaling,
    /// One an output of the sum.
    pub outputs: Vec<OutputScaling>,
}

/// Whole points of a sum's weights, and between which ends the whole sum lies.
struct Points {
    weights: Vec<i64>,
    lowest: i64,
    highest: i64,
}

impl Points {
    fn span(&self) -> i64 {
        self.highest - self.lowest
    }
}

/// Brings a sum to whole points that fit the table.
pub(super) fn scale(
    id: &str,
    parts: &Parts,
    outputs: &[(&Output, &Link)],
) -> Result<Scaled, CompileError> {
    let (scale, exact) = choose_scale(id, parts)?;
    let points = round(parts, scale);
    let span = points.span();
    debug_assert!(span < TABLE);
    // The value of the sum behind each table entry.
    let value = |entry: i64| (entry + points.lowest) as f64 / scale + parts.constant;
    let deviation = if exact { 0.0 } else { deviation(parts, scale) };

    let mut tables = Vec::with_capacity(outputs.len());
    let mut scalings = Vec::with_capacity(outputs.len());
    for (output, link) in outputs {
        let bits = (u32::BITS - (output.values() - 1).leading_zeros()) as usize;
        let mut values = Vec::with_capacity(span as usize + 1);
        let mut worst = 0.0f64;
        for entry in 0..=span {
            let sum = value(entry);
            let result = link.own(sum);
            let slack = deviation + 0.5 / scale;
            // Other entries are picked only by bits that are no coded answers.
            let reachable = sum > parts.range.0 - slack && sum < parts.range.1 + slack;
            if reachable && !link.clamp && !(result.is_finite() && output.contains(result)) {
                return Err(CompileError::OutputRange {
                    output: output.id.clone(),
                    value: result,
                    min: output.min,
                    max: output.max,
                });
            }
            if reachable {
                for shifted in [sum - deviation, sum + deviation] {
                    worst = worst.max((link.own(shifted) - result).abs());
                }
            }
            values.push(if result.is_nan() { 0 } else { output.raw(result) });
        }
        scalings.push(OutputScaling { id: output.id.clone(), bits, deviation: worst });
        tables.push((bits, values));
    }
    let diagrams: Vec<cso_fhe::Diagram> = parts
        .diagrams
        .iter()
        .map(|own| backend::diagram(own, |leaf| (leaf * scale).round() as i64 as i32))
        .filter(|diagram| !backend::adds_nothing(diagram))
        .collect();
    let scaling = SumScaling {
        id: id.to_owned(),
        scale,
        exact,
        lowest: parts.range.0,
        highest: parts.range.1,
        table_entries: span as usize + 1,
        weighted_bits: points.weights.iter().filter(|weight| **weight != 0).count(),
        diagrams: diagrams.len(),
        nodes: diagrams.iter().map(cso_fhe::Diagram::node_count).sum(),
        trees: parts.trees.clone(),
        deviation,
    };
    // Every point lies within the table's 2048 entries, so within i16.
    let weights = (scaling.weighted_bits > 0)
        .then(|| points.weights.iter().map(|weight| *weight as i16).collect());
    let sum = backend::sum(weights, diagrams, -points.lowest as i32, tables);
    Ok(Scaled { sum, scaling, outputs: scalings })
}

/// The numbers that must become whole.
fn numbers(parts: &Parts) -> impl Iterator<Item = f64> + '_ {
    let leaves = parts.diagrams.iter().flat_map(|diagram| diagram.leaves());
    parts.weights.iter().chain(leaves).copied()
}

fn choose_scale(id: &str, parts: &Parts) -> Result<(f64, bool), CompileError> {
    let all: Vec<f64> = numbers(parts).filter(|number| *number != 0.0).collect();
    if all.is_empty() {
        return Err(CompileError::Constant { sum: id.to_owned() });
    }
    let whole = |scale: f64| {
        all.iter().all(|x| (x * scale - (x * scale).round()).abs() < 1e-9 * scale.max(1.0))
    };
    if let Some(scale) = EXACT_SCALES.into_iter().find(|scale| whole(*scale)) {
        let divisor = all.iter().map(|x| (x * scale).round().abs() as u64).fold(0, gcd).max(1);
        let scale = scale / divisor as f64;
        let points = round(parts, scale);
        if points.span() < TABLE {
            return Ok((scale, true));
        }
    }
    let span: f64 = parts.weights.iter().map(|weight| weight.abs()).sum::<f64>()
        + parts.diagrams.iter().map(FreeDiagram::range).map(|(low, high)| high - low).sum::<f64>();
    let mut scale = (TABLE - 1) as f64 / span;
    // Rounding may widen the span by a point a part: shrink until it fits.
    for _ in 0..1000 {
        let points = round(parts, scale);
        if points.span() < TABLE {
            return Ok((scale, false));
        }
        scale *= 0.998;
    }
    Err(CompileError::TooManyParts { sum: id.to_owned(), parts: all.len() })
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 {
        a
    } else {
        gcd(b, a % b)
    }
}

fn round(parts: &Parts, scale: f64) -> Points {
    let weights: Vec<i64> =
        parts.weights.iter().map(|weight| (weight * scale).round() as i64).collect();
    let mut lowest: i64 = weights.iter().filter(|weight| **weight < 0).sum();
    let mut highest: i64 = weights.iter().filter(|weight| **weight > 0).sum();
    for (low, high) in parts.diagrams.iter().map(FreeDiagram::range) {
        lowest += (low * scale).round() as i64;
        highest += (high * scale).round() as i64;
    }
    Points { weights, lowest, highest }
}

/// The largest difference between a sum and its rounded form, part by part.
fn deviation(parts: &Parts, scale: f64) -> f64 {
    let lost = |number: f64| ((number * scale).round() - number * scale).abs() / scale;
    let weights: f64 = parts.weights.iter().map(|weight| lost(*weight)).sum();
    let leaves: f64 = parts
        .diagrams
        .iter()
        .map(|diagram| diagram.leaves().iter().fold(0.0f64, |worst, leaf| worst.max(lost(*leaf))))
        .sum();
    weights + leaves
}
