// SPDX-License-Identifier: Apache-2.0
//! From the terms of a sum to weights on bits and decision diagrams, still with real numbers.
//!
//! A term that is linear in the bits of its feature goes into the weights
//! ([`linear`](super::linear)), where it costs one CMUX a bit: flags, choices of two options,
//! weights on a quantity. Everything else becomes a diagram. Diagrams over the same features are
//! added to one another when that costs no more nodes than both; this also makes the sum's range
//! exact where terms exclude one another. Trees are lowered as they stand where that takes fewer
//! nodes ([`trees`]), and merged only where that is found out soon.
//!
//! Every part is rounded to whole points on its own. Where that costs too much accuracy, the model
//! *joins* features: all terms on features of one group become one diagram, which rounds once.
//! Where features can't be put into groups, because one of them (age, sex) works together with
//! many, a *precise* model rounds each feature and each product once, instead of bit by bit, and
//! merges diagrams also where that costs some nodes.

use std::collections::BTreeSet;

use super::diagram::{Combine, Full, Manager, Ref};
use super::free::FreeDiagram;
use super::question::Tests;
use super::summary::TreeLowering;
use super::trees::{self, Costlier, Lowered};
use super::{product, terms, CompileError};
use crate::intake::Intake;
use crate::model::{Model, Sum, Term, TermKind};

/// Diagrams of more nodes than this together aren't tried for merging: a failed try is wasted work.
const MERGE_NODES: usize = 512;
/// In precise models all are tried whose features have at most so many bits, which bounds the work.
const PRECISE_BITS: usize = 15;
/// In precise models diagrams over any features are merged up to so many nodes.
const PRECISE_NODES: usize = 1024;
/// Pairs of nodes that are looked at for that, at most: sums of many diagrams stay apart.
const PRECISE_EFFORT: usize = 1 << 18;
/// After so many tries in vain one after the other, trees over more than [`TREE_BITS`] bits are
/// kept apart without a try.
const TREE_TRIES: usize = 32;
/// Trees whose features have at most so many bits together are always tried.
const TREE_BITS: usize = 10;
/// Work on merging trees, for each node of both, before the try is given up.
const TREE_EFFORT: usize = 16;

/// A sum in parts, with real numbers.
pub(super) struct Parts {
    /// Added to everything else.
    pub constant: f64,
    /// A weight for each bit of the record.
    pub weights: Vec<f64>,
    /// The diagrams to add up.
    pub diagrams: Vec<FreeDiagram>,
    /// The sum's range over coded answers, as far as parts are seen one by one.
    pub range: (f64, f64),
    /// What became of trees.
    pub trees: TreeLowering,
}

/// Brings a sum into parts.
pub(super) fn lower(sum: &Sum, model: &Model, intake: &Intake) -> Result<Parts, CompileError> {
    let mut lowering = Lowering {
        model,
        intake,
        tests: Tests::new(intake),
        manager: Manager::new(intake),
        parts: Parts {
            constant: sum.intercept,
            weights: vec![0.0; intake.bits()],
            diagrams: Vec::new(),
            range: (0.0, 0.0),
            trees: TreeLowering::default(),
        },
        grouped: Vec::new(),
        joined: vec![None; model.join.len()],
        in_vain: 0,
    };
    for (index, term) in sum.terms.iter().enumerate() {
        lowering.add(term).map_err(|Full { most }| CompileError::TooManyNodes {
            sum: sum.id.clone(),
            term: index + 1,
            most,
        })?;
    }
    lowering.finish().map_err(|Full { most }| CompileError::TooManyNodes {
        sum: sum.id.clone(),
        term: sum.terms.len(),
        most,
    })
}

/// The parts of a sum while its terms are added.
struct Lowering<'a> {
    model: &'a Model,
    intake: &'a Intake,
    tests: Tests<'a>,
    manager: Manager<'a>,
    parts: Parts,
    grouped: Vec<Group>,
    joined: Vec<Option<Ref>>,
    /// Tries in vain, one after the other, to merge trees.
    in_vain: usize,
}

/// Diagrams that were added up.
struct Group {
    features: BTreeSet<usize>,
    /// Where they may differ from 0, if not everywhere: where the conditions of their terms hold.
    support: Option<Ref>,
    diagram: Ref,
    /// Nodes that it costs.
    size: usize,
    /// How many trees are in it.
    trees: usize,
    /// Of trees, what they would cost as they stand.
    otherwise: usize,
    /// A single tree as it stands, if that is smaller.
    direct: Option<FreeDiagram>,
}

impl Lowering<'_> {
    fn add(&mut self, term: &Term) -> Result<(), Full> {
        let (intake, manager) = (self.intake, &mut self.manager);
        if manager.is_crowded() {
            let groups = self.grouped.iter_mut();
            let roots = groups.flat_map(|own| [Some(&mut own.diagram), own.support.as_mut()]);
            let joined = self.joined.iter_mut().map(Option::as_mut);
            manager.collect(roots.chain(joined).flatten().collect());
        }
        let features = term.features();
        if !features.is_empty() {
            let group = self.model.join.iter().position(|group| features.is_subset(group));
            if let Some(joined) = group.map(|group| &mut self.joined[group]) {
                let diagram = terms::term(term, intake, manager)?;
                *joined = Some(match *joined {
                    Some(others) => manager.combine(Combine::Add, others, diagram)?,
                    None => diagram,
                });
                return Ok(());
            }
        }
        if let (TermKind::Constant(points), None) = (&term.kind, &term.when) {
            self.parts.constant += points;
            return Ok(());
        }
        if term.when.is_none() && !self.model.precise {
            if self.parts.add_linear(&term.kind, intake) {
                return Ok(());
            }
            if let TermKind::Product { factors, weight, .. } = &term.kind {
                if let Some(split) = product::split(factors, *weight, intake, manager)? {
                    for diagram in split.diagrams {
                        self.parts.diagrams.push(manager.alone(diagram)?);
                    }
                    self.parts.range.0 += split.range.0;
                    self.parts.range.1 += split.range.1;
                    return Ok(());
                }
            }
        }
        // The larger way is of use only where the ordered one may be merged.
        let precise = self.model.precise;
        let keep = |direct: usize, ordered: usize| {
            ordered <= direct || precise || ordered <= MERGE_NODES.min(8 * direct)
        };
        let mut group = match trees::lower(term, &self.tests, intake, manager, keep)? {
            None => {
                let diagram = terms::term(term, intake, manager)?;
                let size = manager.size(diagram);
                Group { size, ..Group::new(features, diagram) }
            }
            Some(Lowered { direct, ordered: Ok((diagram, size)) }) => Group {
                size: size.min(direct.size()),
                trees: 1,
                otherwise: size.max(direct.size()),
                direct: (direct.size() < size).then_some(direct),
                ..Group::new(features, diagram)
            },
            Some(Lowered { direct, ordered: Err(costlier) }) => {
                let cost = &mut self.parts.trees.as_they_stand;
                cost.trees += 1;
                cost.nodes += direct.size();
                match costlier {
                    Costlier::Larger(size) => cost.otherwise += size,
                    Costlier::GivenUp(effort) => {
                        cost.given_up += 1;
                        cost.effort += effort;
                    }
                }
                self.parts.add(direct);
                return Ok(());
            }
        };
        if let Some(when) = &term.when {
            group.support = Some(terms::condition(when, intake, manager)?);
        }
        self.merge(group)
    }

    /// Adds the diagram to one over the same features, or over more or fewer of them, if that is
    /// no dearer, else keeps it apart.
    fn merge(&mut self, new: Group) -> Result<(), Full> {
        let (manager, precise) = (&mut self.manager, self.model.precise);
        for other in &mut self.grouped {
            let related =
                other.features.is_subset(&new.features) || new.features.is_subset(&other.features);
            if !related {
                continue;
            }
            let apart = other.size + new.size;
            let all = other.features.union(&new.features);
            let bits: usize = all.map(|feature| self.intake.features()[*feature].bits()).sum();
            // Terms that exclude one another (for men, for women) are added without any loss.
            let excluded = match (other.support, new.support) {
                (Some(a), Some(b)) => {
                    let both = manager.combine(Combine::Multiply, a, b)?;
                    manager.size(both) == 0 && manager.range(both) == (0.0, 0.0)
                }
                _ => false,
            };
            if !(apart <= MERGE_NODES || excluded || precise && bits <= PRECISE_BITS) {
                continue;
            }
            let are_trees = new.trees > 0 && other.trees > 0 && !precise;
            if are_trees && bits > TREE_BITS && self.in_vain >= TREE_TRIES {
                continue;
            }
            let effort = if are_trees { TREE_EFFORT * apart.max(64) } else { usize::MAX };
            let (a, b) = (other.diagram, new.diagram);
            let both = manager.attempt(
                effort,
                |manager| manager.combine(Combine::Add, a, b),
                |manager, both| manager.size(both) <= apart,
            );
            self.in_vain += usize::from(are_trees);
            if let Some(both) = both {
                self.in_vain = 0;
                let support = match (other.support, new.support) {
                    (Some(a), Some(b)) => Some(manager.combine(Combine::Max, a, b)?),
                    _ => None,
                };
                let features = other.features.union(&new.features).copied().collect();
                *other = Group {
                    support,
                    size: manager.size(both),
                    trees: other.trees + new.trees,
                    otherwise: other.as_they_stand() + new.as_they_stand(),
                    ..Group::new(features, both)
                };
                return Ok(());
            }
        }
        self.grouped.push(new);
        Ok(())
    }

    /// All parts, those in order taken out of the manager.
    fn finish(self) -> Result<Parts, Full> {
        let Self { mut manager, mut parts, mut grouped, .. } = self;
        if self.model.precise {
            grouped = merge_small(grouped, &mut manager)?;
        }
        for group in grouped {
            let cost = match group.direct {
                Some(_) => &mut parts.trees.as_they_stand,
                None => &mut parts.trees.in_order,
            };
            if group.trees > 0 {
                cost.trees += group.trees;
                cost.nodes += group.size;
                cost.otherwise += group.otherwise;
            }
            let diagram = match group.direct {
                Some(direct) => direct,
                None => manager.alone(group.diagram)?,
            };
            parts.add(diagram);
        }
        for diagram in self.joined.into_iter().flatten() {
            let diagram = manager.alone(diagram)?;
            parts.add(diagram);
        }
        parts.range.0 += parts.constant;
        parts.range.1 += parts.constant;
        Ok(parts)
    }
}

impl Group {
    fn new(features: BTreeSet<usize>, diagram: Ref) -> Self {
        let (support, size, trees, otherwise, direct) = (None, 0, 0, 0, None);
        Self { features, support, diagram, size, trees, otherwise, direct }
    }

    /// What its trees cost as they stand.
    fn as_they_stand(&self) -> usize {
        match &self.direct {
            Some(direct) => direct.size(),
            None => self.otherwise,
        }
    }
}

/// Adds diagrams to one another, whatever their features, as long as the sum is small: each one
/// less is a rounding less.
fn merge_small(mut grouped: Vec<Group>, manager: &mut Manager<'_>) -> Result<Vec<Group>, Full> {
    grouped.sort_by_key(|group| group.size);
    let mut merged: Vec<Group> = Vec::new();
    let mut effort = PRECISE_EFFORT;
    for new in grouped {
        let mut kept = Some(new);
        for other in &mut merged {
            let is_tried = |new: &mut Group| {
                let work = other.size.saturating_mul(new.size);
                work <= PRECISE_NODES * 64 && work <= effort
            };
            let Some(new) = kept.take_if(is_tried) else { continue };
            effort -= other.size * new.size;
            let (a, b) = (other.diagram, new.diagram);
            let both = manager.combine(Combine::Add, a, b)?;
            let size = manager.size(both);
            if size > PRECISE_NODES {
                kept = Some(new);
                continue;
            }
            *other = Group {
                size,
                trees: other.trees + new.trees,
                otherwise: other.as_they_stand() + new.as_they_stand(),
                ..Group::new(BTreeSet::new(), both)
            };
            break;
        }
        merged.extend(kept);
    }
    Ok(merged)
}

impl Parts {
    /// Takes a diagram among the parts, or its points if it always gives the same.
    fn add(&mut self, diagram: FreeDiagram) {
        let (low, high) = diagram.range();
        if diagram.size() == 0 {
            self.constant += low;
            return;
        }
        self.range.0 += low;
        self.range.1 += high;
        self.diagrams.push(diagram);
    }
}
