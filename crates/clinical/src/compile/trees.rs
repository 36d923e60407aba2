// SPDX-License-Identifier: Apache-2.0
//! Trees and lists of cases, lowered as they stand: a split becomes a chain of nodes on the bits of
//! the feature that it asks, whose ends are its two subtrees.
//!
//! That takes at most as many nodes as splits times bits, in whatever order the tree asks. A
//! diagram in the order of the intake's bits can be smaller, where subtrees have much in common, or
//! larger without bounds. So both are built, the ordered one only as long as that is cheap.

use super::diagram::{Full, Manager, Ref};
use super::free::{Builder, FreeDiagram, Target};
use super::question::{Possible, Question, Test, Tests};
use super::terms;
use crate::condition::Condition;
use crate::intake::Intake;
use crate::model::{Case, Term, TermKind, Tree};

/// Work on an ordered diagram, for each node of the tree as it stands, before it is given up: small
/// ones are always finished, and all tries of a forest together take a fraction of a second.
const EFFORT: usize = 4;
/// The least work before an ordered diagram is given up.
const LEAST_EFFORT: usize = 1 << 13;

/// A tree in both ways.
pub(super) struct Lowered {
    /// As it stands.
    pub direct: FreeDiagram,
    /// In the order of the intake's bits, with its size.
    pub ordered: Result<(Ref, usize), Costlier>,
}

/// Why there is no diagram in the order of the intake's bits.
pub(super) enum Costlier {
    /// It would have this size.
    Larger(usize),
    /// It was given up after so much work.
    GivenUp(usize),
}

/// Lowers a term in both ways if it is a tree or a list of cases. `keep` says by the sizes of both
/// whether the ordered one is of use.
pub(super) fn lower(
    term: &Term,
    tests: &Tests<'_>,
    intake: &Intake,
    manager: &mut Manager<'_>,
    keep: impl Fn(usize, usize) -> bool,
) -> Result<Option<Lowered>, Full> {
    let shape = match &term.kind {
        TermKind::Tree(tree) => Shape::Tree(tree),
        TermKind::Cases { cases, otherwise } => Shape::Cases(cases, *otherwise),
        _ => return Ok(None),
    };
    let mut walk = Walk { tests, possible: Possible::new(intake), builder: Builder::default() };
    let root = match &term.when {
        None => walk.shape(shape)?,
        Some(when) => {
            let when = tests.read(when, true);
            walk.branch(&when, |walk| walk.shape(shape), |_| Ok(Target::points(0.0)))?
        }
    };
    let direct = walk.builder.finish(root);
    let effort = LEAST_EFFORT.max(EFFORT * direct.size());
    let build = |manager: &mut Manager<'_>| terms::term(term, intake, manager);
    let mut size = None;
    let fits = |manager: &Manager<'_>, root| {
        let own = manager.size(root);
        size = Some(own);
        keep(direct.size(), own)
    };
    let root = manager.attempt(effort, build, fits);
    let ordered = match (root, size) {
        (Some(root), Some(size)) => Ok((root, size)),
        (_, Some(size)) => Err(Costlier::Larger(size)),
        (_, None) => Err(Costlier::GivenUp(effort)),
    };
    Ok(Some(Lowered { direct, ordered }))
}

#[derive(Clone, Copy)]
enum Shape<'a> {
    Tree(&'a Tree),
    Cases(&'a [Case], f64),
}

/// The way down a tree.
struct Walk<'a> {
    tests: &'a Tests<'a>,
    possible: Possible<'a>,
    builder: Builder,
}

impl Walk<'_> {
    fn shape(&mut self, shape: Shape<'_>) -> Result<Target, Full> {
        match shape {
            Shape::Tree(tree) => self.tree(tree),
            Shape::Cases(cases, otherwise) => self.cases(cases, otherwise),
        }
    }

    fn tree(&mut self, tree: &Tree) -> Result<Target, Full> {
        match tree {
            Tree::Leaf(points) => Ok(Target::points(*points)),
            Tree::Split { then, otherwise, .. }
                if !matches!((&**then, &**otherwise), (Tree::Leaf(_), Tree::Leaf(_)))
                    && only_feature(tree).is_some() =>
            {
                self.one_feature(tree)
            }
            Tree::Split { when, then, otherwise } => {
                let test = self.tests.read(when, true);
                self.branch(&test, |walk| walk.tree(then), |walk| walk.tree(otherwise))
            }
        }
    }

    fn branch(
        &mut self,
        test: &Test,
        then: impl FnOnce(&mut Self) -> Result<Target, Full>,
        otherwise: impl FnOnce(&mut Self) -> Result<Target, Full>,
    ) -> Result<Target, Full> {
        let question = self.possible.ask(test);
        match question {
            Question::Settled(true) => return then(self),
            Question::Settled(false) => return otherwise(self),
            _ => {}
        }
        let before = self.possible.narrow(test, true);
        let yes = then(self)?;
        self.possible.restore(before);
        let before = self.possible.narrow(test, false);
        let no = otherwise(self)?;
        self.possible.restore(before);
        question.decide(yes, no, &self.possible, &mut self.builder)
    }

    /// A tree that asks one feature: its points level by level.
    fn one_feature(&mut self, tree: &Tree) -> Result<Target, Full> {
        let feature = only_feature(tree).unwrap_or_default();
        let mut points = Vec::new();
        self.spread(tree, self.possible.there(feature), &mut points);
        points.sort_unstable_by_key(|(level, _)| *level);
        self.possible.select(feature, &points, &mut self.builder)
    }

    fn spread(&self, tree: &Tree, levels: Vec<usize>, points: &mut Vec<(usize, Target)>) {
        match tree {
            _ if levels.is_empty() => {}
            Tree::Leaf(own) => {
                points.extend(levels.into_iter().map(|level| (level, Target::points(*own))));
            }
            Tree::Split { when, then, otherwise } => {
                let (yes, no) =
                    levels.into_iter().partition(|level| self.tests.holds(when, *level));
                self.spread(then, yes, points);
                self.spread(otherwise, no, points);
            }
        }
    }

    /// A list can be longer than calls may nest.
    fn cases(&mut self, cases: &[Case], otherwise: f64) -> Result<Target, Full> {
        let mut asked = Vec::new();
        let mut end = Target::points(otherwise);
        let mut before = Vec::new();
        for case in cases {
            let test = self.tests.read(&case.when, true);
            match self.possible.ask(&test) {
                Question::Settled(false) => {}
                Question::Settled(true) => {
                    end = Target::points(case.points);
                    break;
                }
                question => asked.push((question, Target::points(case.points))),
            }
            before.extend(self.possible.narrow(&test, false));
        }
        self.possible.restore(before);
        let decide = |next, (question, points): (Question, Target)| {
            question.decide(points, next, &self.possible, &mut self.builder)
        };
        asked.into_iter().rev().try_fold(end, decide)
    }
}

/// The feature that a tree asks, if it asks only one.
fn only_feature(tree: &Tree) -> Option<usize> {
    fn of_condition(condition: &Condition, only: &mut Option<usize>) -> bool {
        match condition {
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().all(|part| of_condition(part, only))
            }
            Condition::Not(part) => of_condition(part, only),
            Condition::Flag(feature)
            | Condition::Option(feature, _)
            | Condition::Compare(feature, ..)
            | Condition::Missing(feature) => only.get_or_insert(*feature) == feature,
        }
    }
    fn of_tree(tree: &Tree, only: &mut Option<usize>) -> bool {
        match tree {
            Tree::Leaf(_) => true,
            Tree::Split { when, then, otherwise } => {
                of_condition(when, only) && of_tree(then, only) && of_tree(otherwise, only)
            }
        }
    }
    let mut only = None;
    let is_one = of_tree(tree, &mut only);
    only.filter(|_| is_one)
}
