// SPDX-License-Identifier: Apache-2.0
//! From real numbers to whole points: the scale of a sum, its range, its tables.
//!
//! A sum of points picks one of `TABLE` entries and must never wrap, whatever the record's bits
//! are, unless a [guard](super::guard) tells it. So the scale is either *exact* (every number
//! becomes a whole one: scorecards) or the largest that fits, and the error which rounding then
//! causes is bounded and reported.

use super::free::FreeDiagram;
use super::lower::Parts;
use super::rounding::{self, Drawn, Leaves};
use super::summary::SumScaling;
use super::uses::Use;
use super::{backend, CompileError};

/// Entries of an output table.
pub(super) const TABLE: i64 = cso_fhe::POLYNOMIAL_SIZE as i64;

/// Scales tried for exact points: one over what decimals and small fractions need.
const EXACT_SCALES: [f64; 12] =
    [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 20.0, 50.0, 100.0, 1000.0];

/// Parts of the finest scale that are tried for points whose errors cancel.
const SHRUNK: [f64; 4] = [1.0, 0.99, 0.97, 0.9];

/// A sum in whole points.
pub(super) struct Scaled {
    /// The sum, and before it its guard if it has one.
    pub sums: Vec<cso_fhe::Sum>,
    pub scaling: SumScaling,
    /// By how much rounding moves what each use adds to its output, at most.
    pub deviations: Vec<f64>,
}

/// The numbers of a sum in whole points.
pub(super) struct Points {
    /// Whole points per point of the model.
    pub scale: f64,
    /// Whether every number of the model became a whole one.
    pub exact: bool,
    /// Those of each bit.
    pub weights: Vec<i64>,
    /// Those of each diagram's leaves.
    leaves: Vec<Leaves>,
    /// Between which ends the whole sum lies.
    pub lowest: i64,
    pub highest: i64,
    /// The error of the sum that is taken away again, in points of the model.
    centre: f64,
    /// How far the sum lies from its rounded form less that, at most.
    pub deviation: f64,
}

impl Points {
    /// Each number rounded on its own.
    pub(super) fn new(parts: &Parts, scale: f64, exact: bool) -> Self {
        let leaves = rounding::nearest(&parts.diagrams, scale);
        Self::with_leaves(parts, scale, exact, leaves, None)
    }

    /// Numbers rounded so that errors cancel, where there are many.
    pub(super) fn compensated(parts: &Parts, scale: f64, drawn: &Drawn) -> Self {
        let error = |weight: &f64| (weight * scale).round() - weight * scale;
        let weights: Vec<f64> = parts.weights.iter().map(error).collect();
        match rounding::compensated(&parts.diagrams, scale, &weights, drawn) {
            Some((leaves, mean)) => Self::with_leaves(parts, scale, false, leaves, Some(mean)),
            None => Self::new(parts, scale, false),
        }
    }

    fn with_leaves(
        parts: &Parts,
        scale: f64,
        exact: bool,
        leaves: Vec<Leaves>,
        mean: Option<f64>,
    ) -> Self {
        let weights: Vec<i64> =
            parts.weights.iter().map(|own| (own * scale).round() as i64).collect();
        let mut lowest: i64 = weights.iter().filter(|weight| **weight < 0).sum();
        let mut highest: i64 = weights.iter().filter(|weight| **weight > 0).sum();
        let mut ends = [0.0, 0.0];
        for (own, whole) in parts.weights.iter().zip(&weights) {
            let error = *whole as f64 - own * scale;
            ends = [ends[0] + error.min(0.0), ends[1] + error.max(0.0)];
        }
        for own in &leaves {
            lowest += own.values().min().copied().unwrap_or(0);
            highest += own.values().max().copied().unwrap_or(0);
            let errors =
                own.iter().map(|(bits, whole)| *whole as f64 - f64::from_bits(*bits) * scale);
            let (low, high) = errors
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), one| {
                    (low.min(one), high.max(one))
                });
            ends = [ends[0] + low, ends[1] + high];
        }
        if exact {
            ends = [0.0, 0.0];
        }
        let centre = mean.unwrap_or((ends[0] + ends[1]) / 2.0);
        let deviation = (ends[1] - centre).max(centre - ends[0]);
        let (centre, deviation) = (centre / scale, deviation / scale);
        Self { scale, exact, weights, leaves, lowest, highest, centre, deviation }
    }

    pub(super) fn span(&self) -> i64 {
        self.highest - self.lowest
    }

    /// The value of the sum behind so many points.
    pub(super) fn value(&self, points: i64, parts: &Parts) -> f64 {
        points as f64 / self.scale + parts.constant - self.centre
    }

    /// What adds the points.
    pub(super) fn steps(&self, parts: &Parts) -> (Option<Vec<i16>>, Vec<cso_fhe::Diagram>) {
        let diagrams = parts
            .diagrams
            .iter()
            .zip(&self.leaves)
            .map(|(own, leaves)| backend::diagram(own, |leaf| leaves[&leaf.to_bits()] as i32))
            .filter(|diagram| !backend::adds_nothing(diagram))
            .collect();
        // An accumulator turns by points modulo twice its length.
        let within = |points: i64| (points + TABLE).rem_euclid(2 * TABLE) - TABLE;
        let weights = self.weights.iter().map(|points| within(*points) as i16);
        let any = self.weights.iter().any(|weight| *weight != 0);
        (any.then(|| weights.collect()), diagrams)
    }

    /// What the compiler tells of it.
    pub(super) fn scaling(
        &self,
        id: &str,
        parts: &Parts,
        diagrams: &[cso_fhe::Diagram],
        table_entries: usize,
    ) -> SumScaling {
        SumScaling {
            id: id.to_owned(),
            scale: self.scale,
            exact: self.exact,
            lowest: parts.range.0,
            highest: parts.range.1,
            table_entries,
            weighted_bits: self.weights.iter().filter(|weight| **weight != 0).count(),
            diagrams: diagrams.len(),
            nodes: diagrams.iter().map(cso_fhe::Diagram::node_count).sum(),
            trees: parts.trees.clone(),
            guard: 0,
            deviation: self.deviation,
        }
    }
}

/// Brings a sum to whole points that fit the table.
pub(super) fn scale(
    id: &str,
    parts: &Parts,
    uses: &[Use<'_>],
    drawn: &Drawn,
) -> Result<Scaled, CompileError> {
    let mut points = fitting(id, parts)?;
    if !points.exact {
        // Cancelling errors may widen the span by a point a diagram.
        let finer = SHRUNK.map(|part| Points::compensated(parts, part * points.scale, drawn));
        points = finer.into_iter().find(|points| points.span() < TABLE).unwrap_or(points);
    }
    let span = points.span();
    debug_assert!(span < TABLE);
    let mut tables = Vec::with_capacity(uses.len());
    let mut deviations = Vec::with_capacity(uses.len());
    for one in uses {
        let mut values = Vec::with_capacity(span as usize + 1);
        let mut worst = 0.0f64;
        for entry in 0..=span {
            let sum = points.value(entry + points.lowest, parts);
            let slack = points.deviation + 0.5 / points.scale;
            // Other entries are picked only by bits that are no coded answers.
            let reachable = sum > parts.range.0 - slack && sum < parts.range.1 + slack;
            if reachable {
                one.require_in_range(sum)?;
                worst = worst.max(one.moved(sum, points.deviation));
            }
            values.push(one.raw(sum));
        }
        deviations.push(worst);
        tables.push(backend::table(one.place, one.bits(), values));
    }
    let (weights, diagrams) = points.steps(parts);
    let scaling = points.scaling(id, parts, &diagrams, span as usize + 1);
    let sum = backend::sum(weights, diagrams, -points.lowest as i32, tables, false);
    Ok(Scaled { sums: vec![sum], scaling, deviations })
}

/// The numbers that must become whole.
fn numbers(parts: &Parts) -> impl Iterator<Item = f64> + '_ {
    let leaves = parts.diagrams.iter().flat_map(|diagram| diagram.leaves());
    parts.weights.iter().chain(leaves).copied()
}

/// Whole points that fit the table: exact ones if there are such, else the finest.
pub(super) fn fitting(id: &str, parts: &Parts) -> Result<Points, CompileError> {
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
        let points = Points::new(parts, scale, true);
        if points.span() < TABLE {
            return Ok(points);
        }
    }
    let span: f64 = parts.weights.iter().map(|weight| weight.abs()).sum::<f64>()
        + parts.diagrams.iter().map(FreeDiagram::range).map(|(low, high)| high - low).sum::<f64>();
    let mut scale = (TABLE - 1) as f64 / span;
    // Rounding may widen the span by a point a part: shrink until it fits.
    for _ in 0..1000 {
        let points = Points::new(parts, scale, false);
        if points.span() < TABLE {
            return Ok(points);
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
