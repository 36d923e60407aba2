// SPDX-License-Identifier: Apache-2.0
//! From the scales of a model file to the links of a model.

use cso_model_files::{Curve, Scale};

use crate::model::{Knot, Link, LinkKind, Part};

/// Pieces by which a composed curve is written as straight lines.
const PIECES: usize = 512;
/// How far beyond the sums of the data a composed curve is written, as a part of their range.
const BEYOND: f64 = 0.5;

/// The link of one sum; `sums` are its values in the data. The sum's number is filled in when the
/// output is added.
pub(super) fn link(scale: &Scale, sums: &[f64], clamp: bool) -> Link {
    let kind = kind(&scale.curves, sums);
    Link { sum: 0, kind, times: scale.times, plus: scale.plus, clamp, mixed: Vec::new() }
}

/// The link of all sums of a model, one scale each; `cases` are the sums of each case of the data.
pub(super) fn mixed(scales: &[Scale], cases: &[Vec<f64>], clamp: bool) -> Link {
    let sums = |place: usize| -> Vec<f64> { cases.iter().map(|sums| sums[place]).collect() };
    let mut first = link(&scales[0], &sums(0), clamp);
    for (place, scale) in scales.iter().enumerate().skip(1) {
        let kind = kind(&scale.curves, &sums(place));
        first.mixed.push(Part { sum: place, kind, times: scale.times });
        first.plus += scale.plus;
    }
    first
}

fn kind(curves: &[Curve], sums: &[f64]) -> LinkKind {
    match curves {
        [] => LinkKind::Identity,
        [Curve::Logistic] => LinkKind::Logistic,
        [Curve::Exp] => LinkKind::Exp,
        [Curve::Cloglog] => LinkKind::Cloglog,
        curves => LinkKind::Lines(lines(curves, sums)),
    }
}

/// The curves in turn as straight lines: between points of the first one where it's made of such,
/// and in small steps over what the data has.
fn lines(curves: &[Curve], sums: &[f64]) -> Vec<Knot> {
    let scale = Scale { curves: curves.to_vec(), ..Scale::IDENTITY };
    let low = sums.iter().copied().fold(f64::INFINITY, f64::min);
    let high = sums.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    // Without any data the curve is written where a logistic one is.
    let (low, high) = if low < high { (low, high) } else { (-10.0, 10.0) };
    let (low, high) = (low - BEYOND * (high - low), high + BEYOND * (high - low));
    let even = |piece: usize| low + (high - low) * piece as f64 / PIECES as f64;
    let mut at: Vec<f64> = (0..=PIECES).map(even).collect();
    if let Some(Curve::Lines(points)) = curves.first() {
        at.extend(points.iter().map(|(x, _)| *x));
    }
    at.sort_by(f64::total_cmp);
    at.dedup();
    let knot = |at: f64| Knot { at, points: scale.value(at) };
    let knots: Vec<Knot> =
        at.into_iter().map(knot).filter(|knot| knot.points.is_finite()).collect();
    without_needless(knots)
}

/// Leaves out what lies on the line between its neighbours.
fn without_needless(knots: Vec<Knot>) -> Vec<Knot> {
    let size = knots.iter().fold(0.0f64, |size, knot| size.max(knot.points.abs()));
    let mut kept: Vec<Knot> = Vec::with_capacity(knots.len());
    for (place, knot) in knots.iter().enumerate() {
        let (Some(before), Some(after)) = (kept.last(), knots.get(place + 1)) else {
            kept.push(*knot);
            continue;
        };
        let slope = (after.points - before.points) / (after.at - before.at);
        let on_line = before.points + slope * (knot.at - before.at);
        if (on_line - knot.points).abs() > 1e-9 * size {
            kept.push(*knot);
        }
    }
    kept
}
