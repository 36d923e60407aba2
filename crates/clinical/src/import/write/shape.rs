// SPDX-License-Identifier: Apache-2.0
//! The plainest shape of points that are tabulated over a quantity's levels: a weight, bands,
//! knots.

use super::asked::Asked;
use crate::intake::Kind;
use crate::model::Transform;

/// What functions in single precision may be off, relative to the greatest value: far less than the
/// compiler rounds.
const ROUNDING: f64 = 1e-6;

/// `constant + slope * transform(value)`.
pub(super) struct Line {
    pub transform: Transform,
    pub slope: f64,
    pub constant: f64,
}

impl Line {
    /// `transform = ...` in a factor, if it has one.
    pub fn transform_text(&self) -> &'static str {
        match self.transform {
            Transform::Ln => ", transform = \"ln\"",
            Transform::Sqrt => ", transform = \"sqrt\"",
            Transform::Square => ", transform = \"square\"",
            Transform::Inverse => ", transform = \"inverse\"",
            Transform::Identity | Transform::Log10 => "",
        }
    }
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
        let fits = slope != 0.0 && slope.is_finite() && at.iter().zip(table).all(near);
        fits.then_some(Line { transform, slope, constant })
    })
}

/// The constant to add and the plainest shape of a quantity's points.
pub(super) fn quantity_shape(asked: &Asked, table: &[f64], exact: Option<f64>) -> (f64, String) {
    if let Some(weight) = exact {
        return (0.0, format!("weight = {weight:?}"));
    }
    if let Some(line) = line(asked, table) {
        let transform = line.transform_text().replace(", ", "\n");
        return (line.constant, format!("weight = {:?}{transform}", line.slope));
    }
    let starts: Vec<usize> =
        (0..table.len()).filter(|code| *code == 0 || table[*code] != table[code - 1]).collect();
    if starts.len() <= table.len() / 2 {
        let band = |(place, start): (usize, &usize)| match starts.get(place + 1) {
            Some(next) => {
                format!("{{ below = {:?}, points = {:?} }}", asked.value(*next), table[*start])
            }
            None => format!("{{ points = {:?} }}", table[*start]),
        };
        let bands: Vec<String> = starts.iter().enumerate().map(band).collect();
        return (0.0, format!("bands = [{}]", bands.join(", ")));
    }
    let size = table.iter().fold(0.0f64, |size, value| size.max(value.abs()));
    let bends = |code: usize| {
        let x = |code: usize| asked.value(code);
        let on = table[code - 1]
            + (table[code + 1] - table[code - 1]) * (x(code) - x(code - 1))
                / (x(code + 1) - x(code - 1));
        (on - table[code]).abs() > ROUNDING * size
    };
    let knots: Vec<String> = (0..table.len())
        .filter(|code| *code == 0 || *code + 1 == table.len() || bends(*code))
        .map(|code| format!("{{ at = {:?}, points = {:?} }}", asked.value(code), table[code]))
        .collect();
    (0.0, format!("knots = [{}]", knots.join(", ")))
}
