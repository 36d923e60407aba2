// SPDX-License-Identifier: Apache-2.0
//! From the terms of a sum to weights on bits and decision diagrams, still with real numbers.
//!
//! A term that is linear in the bits of its feature goes into the weights, where it costs one
//! CMUX a bit: flags, choices of two options, weights on a quantity. Everything else becomes a
//! diagram. Diagrams over the same features are added to one another when that costs no more
//! nodes than both; this also makes the sum's range exact where terms exclude one another.

use std::collections::BTreeSet;

use super::diagram::{Combine, Manager, Ref};
use super::CompileError;
use crate::intake::{Intake, Kind};
use crate::model::{Condition, Op, Shape, Sum, Term};

/// A sum in parts, with real numbers.
pub(super) struct Parts {
    /// Added to everything else.
    pub constant: f64,
    /// A weight for each bit of the record.
    pub weights: Vec<f64>,
    /// The diagrams to add up.
    pub diagrams: Vec<Ref>,
    /// The sum's range over coded answers, as far as parts are seen one by one.
    pub honest: (f64, f64),
}

pub(super) fn lower(
    sum: &Sum,
    intake: &Intake,
    manager: &mut Manager<'_>,
) -> Result<Parts, CompileError> {
    let mut parts = Parts {
        constant: sum.intercept,
        weights: vec![0.0; intake.bits()],
        diagrams: Vec::new(),
        honest: (0.0, 0.0),
    };
    let mut grouped: Vec<(BTreeSet<usize>, Ref)> = Vec::new();
    for term in &sum.terms {
        if term.when.is_none() && parts.add_linear(&term.shape, intake) {
            continue;
        }
        let diagram = build_term(term, intake, manager)?;
        let features = term.features();
        let merged = match grouped.iter_mut().find(|(other, _)| *other == features) {
            Some((_, other)) => {
                let both = manager.combine(Combine::Add, *other, diagram)?;
                let cheaper = manager.size(both) <= manager.size(*other) + manager.size(diagram);
                if cheaper {
                    *other = both;
                }
                cheaper
            }
            None => false,
        };
        if !merged {
            grouped.push((features, diagram));
        }
    }
    for (_, diagram) in grouped {
        let (low, high) = manager.range(diagram);
        if manager.size(diagram) == 0 {
            parts.constant += low;
            continue;
        }
        parts.honest.0 += low;
        parts.honest.1 += high;
        parts.diagrams.push(diagram);
    }
    parts.honest.0 += parts.constant;
    parts.honest.1 += parts.constant;
    Ok(parts)
}

impl Parts {
    /// Takes the shape into the weights if it is linear in bits.
    fn add_linear(&mut self, shape: &Shape, intake: &Intake) -> bool {
        // Points of code 0, of one more code, of the last code, of missing.
        let (feature, zero, per_code, missing) = match shape {
            Shape::Constant(points) => {
                self.constant += points;
                return true;
            }
            Shape::Flag {
                feature,
                points,
                missing,
            } => (*feature, 0.0, *points, *missing),
            Shape::Choice {
                feature,
                points,
                missing,
            } if points.len() == 2 => (*feature, points[0], points[1] - points[0], *missing),
            Shape::Linear {
                feature,
                weight,
                centre,
                missing,
            } => match &intake.features()[*feature].kind {
                Kind::Quantity(quantity) => (
                    *feature,
                    weight * (quantity.min - centre),
                    weight * quantity.step,
                    *missing,
                ),
                Kind::Flag | Kind::Choice { .. } => return false,
            },
            Shape::Choice { .. } | Shape::Bands { .. } | Shape::Cases { .. } => return false,
        };
        let schema = &intake.features()[feature];
        let offset = intake.offset(feature);
        self.constant += zero;
        for bit in 0..schema.value_bits() {
            self.weights[offset + bit] += per_code * f64::from(1u32 << bit);
        }
        // A missing feature has value bits 0, so its bit replaces the points of code 0.
        let mut ends = vec![0.0, per_code * f64::from(schema.kind.levels() - 1)];
        if schema.missing {
            self.weights[offset + schema.value_bits()] += missing - zero;
            ends.push(missing - zero);
        }
        self.honest.0 += ends.iter().copied().fold(f64::INFINITY, f64::min);
        self.honest.1 += ends.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        true
    }
}

fn build_term(
    term: &Term,
    intake: &Intake,
    manager: &mut Manager<'_>,
) -> Result<Ref, CompileError> {
    let points = build_shape(&term.shape, intake, manager)?;
    match &term.when {
        None => Ok(points),
        Some(when) => {
            let condition = build_condition(when, intake, manager)?;
            manager.combine(Combine::Multiply, condition, points)
        }
    }
}

fn build_shape(
    shape: &Shape,
    intake: &Intake,
    manager: &mut Manager<'_>,
) -> Result<Ref, CompileError> {
    match shape {
        Shape::Constant(points) => manager.leaf(*points),
        Shape::Flag {
            feature,
            points,
            missing,
        } => manager.of_feature(*feature, |code| {
            code.map_or(*missing, |code| f64::from(code) * points)
        }),
        Shape::Choice {
            feature,
            points,
            missing,
        } => manager.of_feature(*feature, |code| {
            code.map_or(*missing, |code| points[code as usize])
        }),
        Shape::Bands {
            feature,
            bands,
            missing,
        } => {
            let (min, step) = grid(intake, *feature);
            let ends: Vec<i64> = bands
                .iter()
                .map(|band| {
                    band.below
                        .map_or(i64::MAX, |below| ((below - min) / step).round() as i64)
                })
                .collect();
            manager.of_feature(*feature, |code| match code {
                None => *missing,
                // The last end lies above all codes, so one is always found.
                Some(code) => bands[ends.partition_point(|end| *end <= i64::from(code))].points,
            })
        }
        Shape::Linear {
            feature,
            weight,
            centre,
            missing,
        } => {
            let (min, step) = grid(intake, *feature);
            manager.of_feature(*feature, |code| {
                code.map_or(*missing, |code| {
                    weight * (min + f64::from(code) * step - centre)
                })
            })
        }
        Shape::Cases { cases, otherwise } => {
            let mut result = manager.leaf(*otherwise)?;
            for case in cases.iter().rev() {
                let condition = build_condition(&case.when, intake, manager)?;
                let points = manager.leaf(case.points)?;
                result = manager.choose(condition, points, result)?;
            }
            Ok(result)
        }
    }
}

fn build_condition(
    condition: &Condition,
    intake: &Intake,
    manager: &mut Manager<'_>,
) -> Result<Ref, CompileError> {
    let truth = |holds: bool| f64::from(u8::from(holds));
    match condition {
        Condition::All(parts) => {
            let mut result = manager.leaf(1.0)?;
            for part in parts {
                let part = build_condition(part, intake, manager)?;
                result = manager.combine(Combine::Multiply, result, part)?;
            }
            Ok(result)
        }
        Condition::Any(parts) => {
            let mut result = manager.leaf(0.0)?;
            for part in parts {
                let part = build_condition(part, intake, manager)?;
                result = manager.combine(Combine::Max, result, part)?;
            }
            Ok(result)
        }
        Condition::Not(part) => {
            let part = build_condition(part, intake, manager)?;
            manager.not(part)
        }
        Condition::Flag(feature) => {
            manager.of_feature(*feature, |code| truth(code.is_some_and(|code| code != 0)))
        }
        Condition::Option(feature, option) => {
            manager.of_feature(*feature, |code| truth(code == Some(*option)))
        }
        Condition::Missing(feature) => manager.of_feature(*feature, |code| truth(code.is_none())),
        Condition::Compare(feature, op, limit) => {
            let (min, step) = grid(intake, *feature);
            let limit = (limit - min) / step;
            manager.of_feature(*feature, |code| {
                truth(code.is_some_and(|code| on_grid(*op, code, limit)))
            })
        }
    }
}

/// Compares a code with a limit given in steps.
fn on_grid(op: Op, code: u32, limit: f64) -> bool {
    let code = f64::from(code);
    let nearest = limit.round();
    let limit = if (limit - nearest).abs() <= 1e-6 {
        nearest
    } else {
        limit
    };
    match op {
        Op::Equal => code == limit,
        Op::Less => code < limit,
        Op::LessOrEqual => code <= limit,
        Op::Greater => code > limit,
        Op::GreaterOrEqual => code >= limit,
    }
}

fn grid(intake: &Intake, feature: usize) -> (f64, f64) {
    match &intake.features()[feature].kind {
        Kind::Quantity(quantity) => (quantity.min, quantity.step),
        Kind::Flag | Kind::Choice { .. } => (0.0, 1.0),
    }
}
