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
//! Where features can't be put into groups, because one of them (age, sex) works together with
//! many, a *precise* model rounds each feature and each product once, instead of bit by bit, and
//! merges diagrams also where that costs some nodes.

use std::collections::BTreeSet;

use super::diagram::{Combine, Manager, Ref};
use super::{product, terms, CompileError};
use crate::intake::{Intake, Kind};
use crate::model::{Model, Sum, TermKind, Transform};

/// Diagrams of more nodes than this together aren't tried for merging: a failed try is wasted work.
const MERGE_NODES: usize = 512;
/// In precise models all are tried whose features have at most so many bits, which bounds the work.
const PRECISE_BITS: usize = 15;
/// In precise models diagrams over any features are merged up to so many nodes.
const PRECISE_NODES: usize = 1024;

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
    model: &Model,
    intake: &Intake,
    manager: &mut Manager<'_>,
) -> Result<Parts, CompileError> {
    let mut parts = Parts {
        constant: sum.intercept,
        weights: vec![0.0; intake.bits()],
        diagrams: Vec::new(),
        range: (0.0, 0.0),
    };
    let join = &model.join;
    let mut grouped: Vec<Group> = Vec::new();
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
        if let (TermKind::Constant(points), None) = (&term.kind, &term.when) {
            parts.constant += points;
            continue;
        }
        if term.when.is_none() && !model.precise {
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
        let support = match &term.when {
            Some(when) => Some(terms::condition(when, intake, manager)?),
            None => None,
        };
        merge(&mut grouped, Group { features, support, diagram }, model, intake, manager)?;
    }
    if model.precise {
        grouped = merge_small(grouped, manager)?;
    }
    let grouped = grouped.into_iter().map(|group| group.diagram);
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

/// Diagrams that were added up.
struct Group {
    features: BTreeSet<usize>,
    /// Where they may differ from 0, if not everywhere: where the conditions of their terms hold.
    support: Option<Ref>,
    diagram: Ref,
}

/// Adds the diagram to one over the same features, or over more or fewer of them, if that is no
/// dearer, else keeps it apart.
fn merge(
    grouped: &mut Vec<Group>,
    new: Group,
    model: &Model,
    intake: &Intake,
    manager: &mut Manager<'_>,
) -> Result<(), CompileError> {
    let size = manager.size(new.diagram);
    for other in grouped.iter_mut() {
        let related =
            other.features.is_subset(&new.features) || new.features.is_subset(&other.features);
        if !related {
            continue;
        }
        let apart = manager.size(other.diagram) + size;
        let all = other.features.union(&new.features);
        let bits: usize = all.map(|feature| intake.features()[*feature].bits()).sum();
        // Terms that exclude one another (for men, for women) are added without any loss.
        let excluded = match (other.support, new.support) {
            (Some(a), Some(b)) => {
                let both = manager.combine(Combine::Multiply, a, b)?;
                manager.size(both) == 0 && manager.range(both) == (0.0, 0.0)
            }
            _ => false,
        };
        if !(apart <= MERGE_NODES || excluded || model.precise && bits <= PRECISE_BITS) {
            continue;
        }
        let both = manager.combine(Combine::Add, other.diagram, new.diagram)?;
        if manager.size(both) <= apart {
            other.diagram = both;
            other.features.extend(new.features);
            other.support = match (other.support, new.support) {
                (Some(a), Some(b)) => Some(manager.combine(Combine::Max, a, b)?),
                _ => None,
            };
            return Ok(());
        }
    }
    grouped.push(new);
    Ok(())
}

/// Adds diagrams to one another, whatever their features, as long as the sum is small: each one
/// less is a rounding less.
fn merge_small(grouped: Vec<Group>, manager: &mut Manager<'_>) -> Result<Vec<Group>, CompileError> {
    let mut sized: Vec<(usize, Group)> =
        grouped.into_iter().map(|group| (manager.size(group.diagram), group)).collect();
    sized.sort_by_key(|(size, _)| *size);
    let mut merged: Vec<(usize, Group)> = Vec::new();
    for (size, new) in sized {
        let mut is_apart = true;
        for (other_size, other) in &mut merged {
            if other_size.saturating_mul(size) > PRECISE_NODES * 64 {
                continue;
            }
            let both = manager.combine(Combine::Add, other.diagram, new.diagram)?;
            if manager.size(both) <= PRECISE_NODES {
                (*other_size, other.diagram, is_apart) = (manager.size(both), both, false);
                break;
            }
        }
        if is_apart {
            merged.push((size, new));
        }
    }
    Ok(merged.into_iter().map(|(_, group)| group).collect())
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
                    Kind::Quantity(quantity) if !quantity.is_binned() => Some(Self {
                        feature: factor.feature,
                        zero: weight * (quantity.min - factor.centre),
                        per_code: weight * quantity.step,
                        missing: *missing,
                    }),
                    Kind::Quantity(_) | Kind::Flag | Kind::Choice { .. } => None,
                }
            }
            _ => None,
        }
    }
}

impl Parts {
    /// Takes a term into the weights if it is linear in bits.
    fn add_linear(&mut self, kind: &TermKind, intake: &Intake) -> bool {
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
