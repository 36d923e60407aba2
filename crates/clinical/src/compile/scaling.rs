// SPDX-License-Identifier: Apache-2.0
//! From real numbers to whole points: the scale of a sum, its range, its tables.
//!
//! A sum of points picks one of `TABLE` entries and must never wrap, whatever the record's bits
//! are, unless a [guard](super::guard) tells it. So the scale is either *exact* (every number
//! becomes a whole one: scorecards) or the largest that fits, and the error which rounding then
//! causes is bounded and reported.

use super::free::FreeDiagram;
use super::lower::Parts;
use super::summary::SumScaling;
use super::uses::Use;
use super::{backend, CompileError};

/// Entries of an output table.
pub(super) const TABLE: i64 = cso_fhe::POLYNOMIAL_SIZE as i64;

/// Scales tried for exact points: one over what decimals and small fractions need.
const EXACT_SCALES: [f64; 12] =
    [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 20.0, 50.0, 100.0, 1000.0];

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
    /// Between which ends the whole sum lies.
    pub lowest: i64,
    pub highest: i64,
    /// The middle between the least and the greatest error of the sum, in points of the model.
    centre: f64,
    /// How far the sum lies from its rounded form less that middle, at most.
    pub deviation: f64,
}

impl Points {
    pub(super) fn new(parts: &Parts, scale: f64, exact: bool) -> Self {
        let whole = |number: f64| (number * scale).round();
        let weights: Vec<i64> = parts.weights.iter().map(|own| whole(*own) as i64).collect();
        let mut lowest: i64 = weights.iter().filter(|weight| **weight < 0).sum();
        let mut highest: i64 = weights.iter().filter(|weight| **weight > 0).sum();
        for (low, high) in parts.diagrams.iter().map(FreeDiagram::range) {
            lowest += whole(low) as i64;
            highest += whole(high) as i64;
        }
        let error = |number: f64| if exact { 0.0 } else { whole(number) / scale - number };
        let mut ends = [0.0, 0.0];
        for weight in &parts.weights {
            ends = [ends[0] + error(*weight).min(0.0), ends[1] + error(*weight).max(0.0)];
        }
        for diagram in &parts.diagrams {
            let own = diagram.leaves().iter().map(|leaf| error(*leaf));
            let (low, high) = own.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), error| {
                (low.min(error), high.max(error))
            });
            ends = [ends[0] + low, ends[1] + high];
        }
        let (centre, deviation) = ((ends[0] + ends[1]) / 2.0, (ends[1] - ends[0]) / 2.0);
        Self { scale, exact, weights, lowest, highest, centre, deviation }
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
            .map(|own| backend::diagram(own, |leaf| (leaf * self.scale).round() as i64 as i32))
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
pub(super) fn scale(id: &str, parts: &Parts, uses: &[Use<'_>]) -> Result<Scaled, CompileError> {
    let points = fitting(id, parts)?;
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
