// SPDX-License-Identifier: Apache-2.0
//! The simplest term for points that are tabulated over a quantity's levels: a weight, bands,
//! knots.

use super::asked::Asked;
use crate::intake::Kind;
use crate::model::{Band, Factor, Knot, TermKind, Transform};

/// What functions in single precision may be off, relative to the greatest value: far less than the
/// compiler rounds.
const ROUNDING: f64 = 1e-6;

/// `constant + slope * transform(value)`.
pub(super) struct Line {
    pub transform: Transform,
    pub slope: f64,
    pub constant: f64,
}

/// The line through a table, if it lies on one.
pub(super) fn line(asked: &Asked, table: &[f64]) -> Option<Line> {
    let transforms: &[Transform] = match asked.feature.kind {
        Kind::Choice { .. } => return None,
        Kind::Flag => &[Transform::Identity],
        // A logarithm to another base is one times a number.
        Kind::Quantity(_) => &[
            Transform::Identity,
            Transform::Ln,
            Transform::Sqrt,
            Transform::Square,
            Transform::Inverse,
        ],
    };
    let (first, last) = (table.first()?, table.last()?);
    let size = table.iter().fold(0.0f64, |size, value| size.max(value.abs()));
    transforms.iter().copied().find_map(|transform| {
        let at: Vec<f64> =
            (0..table.len()).map(|code| transform.apply(asked.value(code))).collect();
        let slope = (last - first) / (at.last()? - at.first()?);
        let constant = first - slope * at.first()?;
        let near =
            |(x, value): (&f64, &f64)| (constant + slope * x - value).abs() <= ROUNDING * size;
        let is_line = slope != 0.0 && slope.is_finite() && at.iter().zip(table).all(near);
        is_line.then_some(Line { transform, slope, constant })
    })
}

/// The constant to add and the simplest term for a quantity's points; `missing` are the points of a
/// missing one, from which the term takes the constant away.
pub(super) fn quantity(
    asked: &Asked,
    table: &[f64],
    missing: Option<f64>,
    exact: Option<f64>,
) -> (f64, TermKind) {
    let feature = asked.index;
    if let Some(weight) = exact {
        let factor = Factor { feature, transform: Transform::Identity, centre: 0.0 };
        return (0.0, TermKind::Weight { factor, weight, missing: missing.unwrap_or(0.0) });
    }
    if let Some(Line { transform, slope, constant }) = line(asked, table) {
        let factor = Factor { feature, transform, centre: 0.0 };
        let missing = missing.map_or(0.0, |points| points - constant);
        return (constant, TermKind::Weight { factor, weight: slope, missing });
    }
    let missing = missing.unwrap_or(0.0);
    let starts: Vec<usize> =
        (0..table.len()).filter(|code| *code == 0 || table[*code] != table[code - 1]).collect();
    if starts.len() <= table.len() / 2 {
        let band = |(place, start): (usize, &usize)| Band {
            below: starts.get(place + 1).map(|next| asked.lower(*next)),
            points: table[*start],
        };
        let bands = starts.iter().enumerate().map(band).collect();
        return (0.0, TermKind::Bands { feature, bands, missing });
    }
    let size = table.iter().fold(0.0f64, |size, value| size.max(value.abs()));
    let bends = |code: usize| {
        let x = |code: usize| asked.value(code);
        let on = table[code - 1]
            + (table[code + 1] - table[code - 1]) * (x(code) - x(code - 1))
                / (x(code + 1) - x(code - 1));
        (on - table[code]).abs() > ROUNDING * size
    };
    let knots = (0..table.len())
        .filter(|code| *code == 0 || *code + 1 == table.len() || bends(*code))
        .map(|code| Knot { at: asked.value(code), points: table[code] })
        .collect();
    (0.0, TermKind::Knots { feature, knots, missing })
}
