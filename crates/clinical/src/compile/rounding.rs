// SPDX-License-Identifier: Apache-2.0
//! Rounding the points of many diagrams so that their errors cancel.
//!
//! Rounded on their own, the points of a hundred trees are off by several whole points together.
//! Here each leaf is rounded up or down against the mean error of what was rounded before, over
//! answers that reach it: the errors of different trees then compensate one another (error
//! feedback, as in sigma-delta modulation). The answers are drawn from the intake's levels, whose
//! bins lie where the training data does; no patient's are needed, and the same protocol always
//! gives the same program.

use std::collections::HashMap;

use super::free::{FreeDiagram, Target};
use crate::intake::{Intake, Level};

/// Fewer diagrams are rounded on their own.
const FEWEST: usize = 8;
/// How many answers are drawn.
const DRAWN: usize = 2048;
/// How often every leaf is rounded: later times against what all others lose.
const PASSES: usize = 3;
/// Of so many answers one is missing, where it may be.
const MISSING: u64 = 12;
/// Means of few answers count less: as if there were so many more without an error.
const PRIOR: f64 = 4.0;

/// The whole points of each of a diagram's leaves, by the bits of its points.
pub(super) type Leaves = HashMap<u64, i64>;

/// Answers that are drawn from an intake, as bits.
pub(super) struct Drawn(Vec<Vec<bool>>);

impl Drawn {
    pub(super) fn from(intake: &Intake) -> Self {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        // xorshift64*: Vigna, https://doi.org/10.1145/2845077.
        let mut next = move || {
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
        };
        let mut one = || {
            let level = |feature: &crate::intake::Feature| {
                let is_missing = next() % MISSING == 0;
                let code = (next() % u64::from(feature.kind.levels())) as u32;
                if feature.missing && is_missing {
                    Level::Missing
                } else {
                    Level::Code(code)
                }
            };
            let levels: Vec<Level> = intake.features().iter().map(level).collect();
            intake.bits_of(&levels)
        };
        Self((0..DRAWN).map(|_| one()).collect())
    }
}

/// Rounds each leaf on its own.
pub(super) fn nearest(diagrams: &[FreeDiagram], scale: f64) -> Vec<Leaves> {
    let whole = |points: &f64| (points.to_bits(), (points * scale).round() as i64);
    diagrams.iter().map(|diagram| diagram.leaves().iter().map(whole).collect()).collect()
}

/// Rounds leaves against what was lost before, and gives the mean of what is lost in the end, in
/// whole points; `None` if there are too few diagrams. `weights` are the errors of bits' points.
pub(super) fn compensated(
    diagrams: &[FreeDiagram],
    scale: f64,
    weights: &[f64],
    drawn: &Drawn,
) -> Option<(Vec<Leaves>, f64)> {
    if diagrams.len() < FEWEST {
        return None;
    }
    let of_weights = |bits: &Vec<bool>| -> f64 {
        weights.iter().zip(bits).filter(|(_, bit)| **bit).map(|(error, _)| error).sum()
    };
    let mut errors: Vec<f64> = drawn.0.iter().map(of_weights).collect();
    let mean = |errors: &[f64]| errors.iter().sum::<f64>() / errors.len().max(1) as f64;
    let begun = mean(&errors);
    errors.iter_mut().for_each(|error| *error -= begun);
    let reached: Vec<Vec<u64>> = diagrams
        .iter()
        .map(|diagram| drawn.0.iter().map(|bits| leaf(diagram, bits)).collect())
        .collect();
    let mut all: Vec<Leaves> = vec![Leaves::new(); diagrams.len()];
    for (place, diagram) in (0..PASSES).flat_map(|_| diagrams.iter().enumerate()) {
        let reached = &reached[place];
        // From the second time on without what was lost here before.
        for (leaf, error) in reached.iter().zip(&mut errors) {
            if let Some(whole) = all[place].get(leaf) {
                *error -= *whole as f64 - f64::from_bits(*leaf) * scale;
            }
        }
        let mut lost: HashMap<u64, (f64, usize)> = HashMap::new();
        for (leaf, error) in reached.iter().zip(&errors) {
            let (sum, count) = lost.entry(*leaf).or_default();
            (*sum, *count) = (*sum + error, *count + 1);
        }
        let whole = |points: &f64| {
            let exact = points * scale;
            let (sum, count) = lost.get(&points.to_bits()).copied().unwrap_or_default();
            let rounded = (exact - sum / (count as f64 + PRIOR)).round();
            (points.to_bits(), rounded.clamp(exact.floor(), exact.ceil()) as i64)
        };
        let leaves: Leaves = diagram.leaves().iter().map(whole).collect();
        for (leaf, error) in reached.iter().zip(&mut errors) {
            *error += leaves[leaf] as f64 - f64::from_bits(*leaf) * scale;
        }
        all[place] = leaves;
    }
    Some((all, begun + mean(&errors)))
}

/// The bits of the points that a diagram gives.
fn leaf(diagram: &FreeDiagram, bits: &[bool]) -> u64 {
    let mut at = diagram.root();
    loop {
        match at {
            Target::Leaf(points) => return points,
            Target::Node(index) => {
                let node = &diagram.nodes()[index as usize];
                at = if bits[node.bit] { node.high } else { node.low };
            }
        }
    }
}
