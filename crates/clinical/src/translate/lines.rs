// SPDX-License-Identifier: Apache-2.0
//! Trees whose leaves are linear functions of columns.
//!
//! Such a tree is a sum: of one tree with the constants, and one for each column of the leaves,
//! with the same questions. In the tree of a column each leaf asks on for the column's level, bit
//! by bit, until its weight times the value is known.

use std::collections::BTreeSet;

use cso_model_files as files;
use files::{Cell, Lines, Node};

use super::clause::Clause;
use super::questions::Possible;
use super::terms::Terms;
use super::TranslateError;
use crate::condition::{Condition, Op};
use crate::intake::Kind;
use crate::model::{TermKind, Tree};

/// A tree, or which of the trees that one with linear leaves becomes.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Part {
    Whole,
    Constants,
    Column(usize),
}

impl Terms<'_> {
    /// Adds a tree with linear leaves, part by part.
    pub(super) fn linear_tree(&mut self, tree: &files::Tree) -> Result<(), TranslateError> {
        let leaves = tree.nodes().iter().filter_map(|node| match node {
            Node::Lines(lines) => Some(lines),
            _ => None,
        });
        let columns: BTreeSet<usize> = leaves.flat_map(Lines::columns).collect();
        let columns = columns.into_iter().map(Part::Column);
        for part in std::iter::once(Part::Constants).chain(columns) {
            match self.node(tree, 0, &mut self.everything(), 0, part)? {
                Tree::Leaf(points) => self.constant += points,
                split => self.push(None, TermKind::Tree(split)),
            }
        }
        Ok(())
    }

    /// What a linear leaf gives in one part. Where one of its numbers is missing, its other points
    /// count, and they are among the constants.
    pub(super) fn linear_leaf(
        &mut self,
        lines: &Lines,
        part: Part,
        possible: &Possible,
    ) -> Result<Tree, TranslateError> {
        let otherwise = match part {
            Part::Whole | Part::Constants => lines.missing,
            Part::Column(_) => 0.0,
        };
        let columns: BTreeSet<usize> = lines.columns().collect();
        let mut gaps = Vec::new();
        let mut constant = lines.constant;
        let mut points = Tree::Leaf(0.0);
        for column in columns {
            let table = self.products(lines, column);
            let is_gap: Vec<bool> = table.iter().map(Option::is_none).collect();
            match self.questions.levels(column, &is_gap, &possible[column], None) {
                Clause::Always(true) => return Ok(Tree::Leaf(otherwise)),
                Clause::Always(false) => {}
                Clause::When(when) => gaps.push(when),
            }
            let levels = table.iter().zip(&possible[column]).enumerate();
            let there = levels.filter(|(_, (_, there))| **there);
            let mut numbers: Vec<(usize, f64)> =
                there.filter_map(|(level, (own, _))| Some((level, (*own)?))).collect();
            // What the column gives in the middle of the leaf is a constant: the rest is small.
            let middle = middle(&numbers);
            constant += middle;
            if matches!(part, Part::Column(own) if own == column) {
                numbers.iter_mut().for_each(|(_, number)| *number -= middle);
                points = self.by_level(column, &numbers)?;
            }
        }
        if matches!(part, Part::Whole | Part::Constants) {
            points = Tree::Leaf(constant);
        }
        for when in gaps {
            points = self.split(when, Tree::Leaf(otherwise), points)?;
        }
        Ok(points)
    }

    /// Weights times numbers at each level of a column, `None` where a number is missing.
    fn products(&self, lines: &Lines, column: usize) -> Vec<Option<f64>> {
        let mut case = vec![Cell::Missing; self.asked.len()];
        let own = lines.weights.iter().filter(|(variable, _)| variable.column == column);
        let own: Vec<_> = own.collect();
        let product = |cell: &Cell| {
            case[column] = cell.clone();
            own.iter()
                .map(|(variable, weight)| Some(variable.value(&case).number()? * weight))
                .sum()
        };
        self.asked[column].cells.iter().map(product).collect()
    }

    /// The points at a column's levels: of a quantity the highest bit in which levels differ is
    /// asked first, so that every question costs one node.
    fn by_level(&mut self, column: usize, levels: &[(usize, f64)]) -> Result<Tree, TranslateError> {
        let asked = &self.asked[column];
        let index = asked.index;
        let Some(((first, points), rest)) = levels.split_first() else {
            return Ok(Tree::Leaf(0.0));
        };
        let Some((last, of_last)) = rest.last() else {
            return Ok(Tree::Leaf(*points));
        };
        if rest.iter().all(|(_, own)| own == points) {
            return Ok(Tree::Leaf(*points));
        }
        if asked.is_missing(*last) {
            let others = self.by_level(column, &levels[..levels.len() - 1])?;
            return self.split(Condition::Missing(index), Tree::Leaf(*of_last), others);
        }
        match &asked.feature.kind {
            Kind::Quantity(_) => {
                let bit = usize::BITS - 1 - (first ^ last).leading_zeros();
                let limit = last >> bit << bit;
                let when = Condition::Compare(index, Op::GreaterOrEqual, asked.lower(limit));
                let (below, above) =
                    levels.split_at(levels.partition_point(|(level, _)| *level < limit));
                let (above, below) = (self.by_level(column, above)?, self.by_level(column, below)?);
                self.split(when, above, below)
            }
            kind => {
                let when = match kind {
                    Kind::Choice { .. } => Condition::Option(index, *first as u32),
                    _ => Condition::Not(Box::new(Condition::Flag(index))),
                };
                let others = self.by_level(column, rest)?;
                self.split(when, Tree::Leaf(*points), others)
            }
        }
    }

    fn split(
        &mut self,
        when: Condition,
        then: Tree,
        otherwise: Tree,
    ) -> Result<Tree, TranslateError> {
        self.count(Part::Constants)?;
        Ok(Tree::Split { when, then: Box::new(then), otherwise: Box::new(otherwise) })
    }
}

/// The middle between the least and the greatest number.
fn middle(numbers: &[(usize, f64)]) -> f64 {
    let (low, high) =
        numbers.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (_, x)| {
            (low.min(*x), high.max(*x))
        });
    if low <= high {
        low / 2.0 + high / 2.0
    } else {
        0.0
    }
}
