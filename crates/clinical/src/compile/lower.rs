// SPDX-License-Identifier: Apache-2.0
//! From the terms of a sum to weights on bits and decision diagrams, still with real numbers.
//!
//! A term that is linear in the bits of its feature goes into the weights, where it costs one
//! CMUX a bit: flags, choices of two options, weights on a quantity. Everything else becomes a
//! diagram. Diagrams over the same features are added to one another when that costs no more
//! nodes than both; this also makes the sum's range exact where terms exclude one another.
//!
//! Every part is rounded to whole points on its own. Where that costs too much accuracy, the model
//! *joins* features: all terms on features of one group become one diagram, which rounds once.

use std::collections::BTreeSet;

use super::diagram::{Combine, Manager, Ref};
use super::{product, terms, CompileError};
use crate::intake::{Intake, Kind};
use crate::model::{Sum, TermKind, Transform};

/// Diagrams of more nodes than this together aren't tried for merging: a failed try is wasted work.
const MERGE_NODES: usize = 512;

/// A sum in parts, with real numbers.
pub(super) struct Parts {
    /// Added to everything else.
    pub constant: f64,
    /// A weight for each bit of the record.
    pub weights: Vec<f64>,
    /// The diagrams to add up.
    pub diagrams: Vec<Ref>,
    /// The sum's range over coded answers, as far as parts are seen one by one.
    pub range: (f64, f64),
}

pub(super) fn lower(
    sum: &Sum,
    join: &[BTreeSet<usize>],
    intake: &Intake,
    manager: &mut Manager<'_>,
) -> Result<Parts, CompileError> {
    let mut parts = Parts {
        constant: sum.intercept,
        weights: vec![0.0; intake.bits()],
        diagrams: Vec::new(),
        range: (0.0, 0.0),
    };
    let mut grouped: Vec<(BTreeSet<usize>, Ref)> = Vec::new();
    let mut joined: Vec<Option<Ref>> = vec![None; join.len()];
    for term in &sum.terms {
        let features = term.features();
        if let Some(group) = join.iter().position(|group| features.is_subset(group)) {
            if !features.is_empty() {
                let diagram = terms::term(term, intake, manager)?;
                joined[group] = Some(match joined[group] {
                    Some(others) => manager.combine(Combine::Add, others, diagram)?,
                    None => diagram,
                });
                continue;
            }
        }
        if term.when.is_none() {
            if parts.add_linear(&term.kind, intake) {
                continue;
            }
            if let TermKind::Product { factors, weight, .. } = &term.kind {
                if let Some(split) = product::split(factors, *weight, intake, manager)? {
                    parts.diagrams.extend(split.diagrams);
                    parts.range.0 += split.range.0;
                    parts.range.1 += split.range.1;
                    continue;
                }
            }
        }
        let diagram = terms::term(term, intake, manager)?;
        merge(&mut grouped, features, diagram, manager)?;
    }
    let grouped = grouped.into_iter().map(|(_, diagram)| diagram);
    for diagram in grouped.chain(joined.into_iter().flatten()) {
        let (low, high) = manager.range(diagram);
        if manager.size(diagram) == 0 {
            parts.constant += low;
            continue;
        }
        parts.range.0 += low;
        parts.range.1 += high;
        parts.diagrams.push(diagram);
    }
    parts.range.0 += parts.constant;
    parts.range.1 += parts.constant;
    Ok(parts)
}

/// Adds the diagram to one over the same features, or over more or fewer of them, if that is no
/// dearer, else keeps it apart.
fn merge(
    grouped: &mut Vec<(BTreeSet<usize>, Ref)>,
    features: BTreeSet<usize>,
    diagram: Ref,
    manager: &mut Manager<'_>,
) -> Result<(), CompileError> {
    let size = manager.size(diagram);
    for (other_features, other) in grouped.iter_mut() {
        let related = other_features.is_subset(&features) || features.is_subset(other_features);
        let apart = manager.size(*other) + size;
        if !related || apart > MERGE_NODES {
            continue;
        }
        let both = manager.combine(Combine::Add, *other, diagram)?;
        if manager.size(both) <= apart {
            *other = both;
            other_features.extend(features);
            return Ok(());
        }
    }
    grouped.push((features, diagram));
    Ok(())
}

/// Points of code 0, of one code more, and of missing.
struct Line {
    feature: usize,
    zero: f64,
    per_code: f64,
    missing: f64,
}

impl Line {
    fn of(kind: &TermKind, intake: &Intake) -> Option<Self> {
        match kind {
            TermKind::Flag { feature, points, missing } => {
                Some(Self { feature: *feature, zero: 0.0, per_code: *points, missing: *missing })
            }
            TermKind::Choice { feature, points, missing } if points.len() == 2 => Some(Self {
                feature: *feature,
                zero: points[0],
                per_code: points[1] - points[0],
                missing: *missing,
            }),
            TermKind::Weight { factor, weight, missing }
                if factor.transform == Transform::Identity =>
            {
                match &intake.features()[factor.feature].kind {
                    Kind::Quantity(quantity) => Some(Self {
                        feature: factor.feature,
                        zero: weight * (quantity.min - factor.centre),
                        per_code: weight * quantity.step,
                        missing: *missing,
                    }),
                    Kind::Flag | Kind::Choice { .. } => None,
                }
            }
            _ => None,
        }
    }
}

impl Parts {
    /// Takes a term into the weights if it is linear in bits.
    fn add_linear(&mut self, kind: &TermKind, intake: &Intake) -> bool {
        if let TermKind::Constant(points) = kind {
            self.constant += points;
            return true;
        }
        let Some(Line { feature, zero, per_code, missing }) = Line::of(kind, intake) else {
            return false;
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
        self.range.0 += ends.iter().copied().fold(f64::INFINITY, f64::min);
        self.range.1 += ends.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        true
    }
}
