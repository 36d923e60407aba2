// SPDX-License-Identifier: Apache-2.0
//! Trees over several columns as nested questions, or as a list of cases.
//!
//! On the way down the levels that are still possible are kept for each feature, so that questions
//! which a path has answered already are left out, and so are branches that nothing leads to.

use cso_model_files as files;
use files::{Node, Split, Test};

use super::clause::Clause;
use super::lines::Part;
use super::questions::{Possible, Questions};
use super::terms::Terms;
use super::TranslateError;
use crate::model::{Case, TermKind, Tree};

/// Most tree nodes of one sum: each one costs at least an external product, and `cso_fhe` takes no
/// more in one evaluation.
const MAX_NODES: usize = 1_000_000;
/// Most questions one after the other, those included that a path has answered already.
const MAX_DEPTH: usize = 512;

/// A list of cases with points, and the points where none holds.
type Cases = (Vec<Case>, f64);

impl Terms<'_> {
    pub(super) fn everything(&self) -> Possible {
        self.asked.iter().map(|asked| vec![true; asked.cells.len()]).collect()
    }

    pub(super) fn tree(&mut self, tree: &files::Tree) -> Result<(), TranslateError> {
        if tree.has_lines() {
            return self.linear_tree(tree);
        }
        match self.cases(tree)? {
            Some((cases, otherwise)) if cases.is_empty() => self.constant += otherwise,
            Some((cases, otherwise)) => self.push(None, TermKind::Cases { cases, otherwise }),
            None => match self.node(tree, 0, &mut self.everything(), 0, Part::Whole)? {
                Tree::Leaf(points) => self.constant += points,
                split => self.push(None, TermKind::Tree(split)),
            },
        }
        Ok(())
    }

    /// A tree that is a list of alternatives with points.
    fn cases(&mut self, tree: &files::Tree) -> Result<Option<Cases>, TranslateError> {
        let nodes = tree.nodes();
        let is_case = |split: &Split| tree.is_end(split.yes) && split.no == split.unknown;
        if !nodes.iter().all(|node| !matches!(node, Node::Split(split) if !is_case(split))) {
            return Ok(None);
        }
        let mut possible = self.everything();
        let mut cases = Vec::new();
        let mut at = 0;
        while let Node::Split(split) = &nodes[at] {
            at = split.no;
            let holds = self.questions.truth(&split.test, &possible)?.yes;
            let points = match (&holds, &nodes[split.yes]) {
                (Clause::Always(false), _) => continue,
                (_, Node::Leaf(points)) => *points,
                _ => {
                    let condition = holds.text(self.questions.intake);
                    return Err(TranslateError::NothingInTree { condition });
                }
            };
            match holds {
                Clause::When(when) => cases.push(Case { when, points }),
                Clause::Always(_) => return Ok(Some((cases, points))),
            }
            if let Some(column) = Questions::only_column(&split.test) {
                for (place, answer) in
                    possible[column].iter_mut().zip(self.questions.answers(&split.test, column))
                {
                    *place &= answer != Some(true);
                }
            }
        }
        match &nodes[at] {
            Node::Leaf(points) => Ok(Some((cases, *points))),
            // Whether the list covers everything shows only level by level.
            _ => Ok(None),
        }
    }

    /// Counts a node of a tree.
    pub(super) fn count(&mut self, part: Part) -> Result<(), TranslateError> {
        self.nodes += 1;
        match (self.nodes > MAX_NODES, part) {
            (false, _) => Ok(()),
            (true, Part::Whole) => Err(TranslateError::TooLarge { most: MAX_NODES }),
            (true, _) => Err(TranslateError::LinesTooLarge { most: MAX_NODES }),
        }
    }

    /// The tree below a node; `part` is which of those that linear leaves make.
    pub(super) fn node(
        &mut self,
        tree: &files::Tree,
        at: usize,
        possible: &mut Possible,
        depth: usize,
        part: Part,
    ) -> Result<Tree, TranslateError> {
        self.count(part)?;
        if depth > MAX_DEPTH {
            return Err(TranslateError::TooDeep { most: MAX_DEPTH });
        }
        let split = match &tree.nodes()[at] {
            Node::Leaf(points) => {
                return Ok(Tree::Leaf(match part {
                    Part::Whole | Part::Constants => *points,
                    Part::Column(_) => 0.0,
                }))
            }
            Node::Lines(lines) => return self.linear_leaf(lines, part, possible),
            Node::Nothing => return Err(self.nothing_on_path(possible)),
            Node::Split(split) => split,
        };
        match Questions::only_column(&split.test) {
            Some(column) => {
                let answers = self.questions.answers(&split.test, column);
                let mut ways: Vec<(usize, Vec<bool>)> = Vec::new();
                for (answer, target) in
                    [(Some(true), split.yes), (Some(false), split.no), (None, split.unknown)]
                {
                    let set = answers.iter().zip(&possible[column]);
                    let set: Vec<bool> = set.map(|(own, there)| *there && *own == answer).collect();
                    match ways.iter_mut().find(|(other, _)| *other == target) {
                        _ if !set.contains(&true) => {}
                        Some((_, sum)) => sum.iter_mut().zip(&set).for_each(|(a, b)| *a |= b),
                        None => ways.push((target, set)),
                    }
                }
                let asked = Asked { column, test: &split.test };
                self.ways(tree, &asked, &ways, possible, depth, part)
            }
            None => {
                let truth = self.questions.truth(&split.test, possible)?;
                let mut ways = vec![(split.yes, truth.yes.clone())];
                if split.unknown == split.yes {
                    ways[0].1 = truth.no.negate();
                } else if split.unknown != split.no {
                    ways.push((split.unknown, truth.unknown()));
                }
                self.alternatives(tree, ways, split.no, possible, depth, part)
            }
        }
    }

    /// A question about several columns: targets with where they are entered, and the target where
    /// none is.
    fn alternatives(
        &mut self,
        tree: &files::Tree,
        ways: Vec<(usize, Clause)>,
        last: usize,
        possible: &mut Possible,
        depth: usize,
        part: Part,
    ) -> Result<Tree, TranslateError> {
        let mut questions = Vec::new();
        let mut end = last;
        for (target, clause) in ways {
            match clause {
                Clause::Always(false) => {}
                Clause::Always(true) => {
                    end = target;
                    break;
                }
                Clause::When(when) => {
                    questions.push((when, self.node(tree, target, possible, depth + 1, part)?));
                }
            }
        }
        let end = self.node(tree, end, possible, depth + 1, part)?;
        Ok(questions.into_iter().rev().fold(end, |otherwise, (when, then)| Tree::Split {
            when,
            then: Box::new(then),
            otherwise: Box::new(otherwise),
        }))
    }

    /// A question about one column: targets with the levels that lead to them.
    fn ways(
        &mut self,
        tree: &files::Tree,
        asked: &Asked<'_>,
        ways: &[(usize, Vec<bool>)],
        possible: &mut Possible,
        depth: usize,
        part: Part,
    ) -> Result<Tree, TranslateError> {
        let [(target, set), rest @ ..] = ways else {
            // Nothing is possible here: any number will do, and the branch above drops out.
            return Ok(Tree::Leaf(0.0));
        };
        let column = asked.column;
        let before = possible[column].clone();
        possible[column].clone_from(set);
        let then = self.node(tree, *target, possible, depth + 1, part);
        possible[column].clone_from(&before);
        let then = then?;
        if rest.is_empty() {
            return Ok(then);
        }
        for (place, own) in possible[column].iter_mut().zip(set) {
            *place &= !own;
        }
        let otherwise = self.ways(tree, asked, rest, possible, depth, part);
        possible[column].clone_from(&before);
        let otherwise = otherwise?;
        if then == otherwise {
            return Ok(then);
        }
        Ok(match self.questions.levels(column, set, &before, Some(asked.test)) {
            Clause::When(when) => {
                Tree::Split { when, then: Box::new(then), otherwise: Box::new(otherwise) }
            }
            Clause::Always(true) => then,
            Clause::Always(false) => otherwise,
        })
    }

    /// The model gives nothing where a path ends: names the feature that is decisive there.
    fn nothing_on_path(&self, possible: &Possible) -> TranslateError {
        let narrowed = possible.iter().enumerate();
        let found = narrowed.filter_map(|(column, levels)| {
            let first = levels.iter().position(|there| *there)?;
            let count = levels.iter().filter(|there| **there).count();
            levels.contains(&false).then_some((column, first, count))
        });
        match found.min_by_key(|(_, _, count)| *count) {
            Some((column, level, _)) => self.nothing(column, level),
            None => TranslateError::NothingInTree { condition: "always".to_owned() },
        }
    }
}

/// A question about one column.
struct Asked<'a> {
    column: usize,
    test: &'a Test,
}
