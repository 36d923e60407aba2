// SPDX-License-Identifier: Apache-2.0
//! Trees over several columns as nested questions, or as a list of cases.
//!
//! On the way down the levels that are still possible are kept for each feature, so that questions
//! which a path has answered already are left out, and so are branches that nothing leads to.

use super::super::tree::is_end;
use super::super::{ImportError, Node, Split, Test, Tree};
use super::condition::{Clause, Possible, Questions};
use super::quote;
use super::terms::Terms;

/// Most tree nodes of one file: more would not evaluate in acceptable time.
const MAX_NODES: usize = 100_000;

impl Terms<'_> {
    fn everything(&self) -> Possible {
        self.asked.iter().map(|asked| vec![true; asked.cells.len()]).collect()
    }

    pub(super) fn tree(&mut self, tree: &Tree) -> Result<(), ImportError> {
        if let Some(body) = self.cases(tree)? {
            self.push(&body);
            return Ok(());
        }
        let mut possible = self.everything();
        let text = self.node(tree, 0, &mut possible)?;
        if let Ok(points) = text.parse::<f64>() {
            self.constant += points;
        } else {
            self.push(&format!("tree = {text}"));
        }
        Ok(())
    }

    /// A tree that is a list of alternatives with points.
    fn cases(&mut self, tree: &Tree) -> Result<Option<String>, ImportError> {
        let is_case = |split: &Split| is_end(&tree.nodes, split.yes) && split.no == split.unknown;
        if !tree.nodes.iter().all(|node| !matches!(node, Node::Split(split) if !is_case(split))) {
            return Ok(None);
        }
        let mut possible = self.everything();
        let mut cases = Vec::new();
        let mut at = 0;
        while let Node::Split(split) = &tree.nodes[at] {
            at = split.no;
            let holds = self.questions.truth(&split.test, &possible).yes;
            let points = match (&holds, &tree.nodes[split.yes]) {
                (Clause::Always(false), _) => continue,
                (_, Node::Leaf(points)) => *points,
                _ => return Err(ImportError::NothingInTree { condition: holds.text() }),
            };
            if holds == Clause::Always(true) {
                let cases = cases.join(", ");
                return Ok(Some(format!("cases = [{cases}]\notherwise = {points:?}")));
            }
            cases.push(format!("{{ when = {}, points = {points:?} }}", quote(&holds.text())));
            if let Some(column) = Questions::only_column(&split.test) {
                for (place, answer) in
                    possible[column].iter_mut().zip(self.questions.answers(&split.test, column))
                {
                    *place &= answer != Some(true);
                }
            }
        }
        match &tree.nodes[at] {
            Node::Leaf(points) => {
                Ok(Some(format!("cases = [{}]\notherwise = {points:?}", cases.join(", "))))
            }
            // Whether the list covers everything shows only level by level.
            _ => Ok(None),
        }
    }

    /// The tree below a node as nested inline tables, or a number.
    fn node(
        &mut self,
        tree: &Tree,
        at: usize,
        possible: &mut Possible,
    ) -> Result<String, ImportError> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(ImportError::TooLarge { most: MAX_NODES });
        }
        let split = match &tree.nodes[at] {
            Node::Leaf(points) => return Ok(format!("{points:?}")),
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
                self.ways(tree, column, &ways, &split.test, possible)
            }
            None => {
                let truth = self.questions.truth(&split.test, possible);
                let mut ways = vec![(split.yes, truth.yes.clone())];
                if split.unknown == split.yes {
                    ways[0].1 = truth.no.negate();
                } else if split.unknown != split.no {
                    ways.push((split.unknown, truth.unknown()));
                }
                let mut text = String::new();
                let mut depth = 0;
                for (target, clause) in ways {
                    match clause {
                        Clause::Always(false) => continue,
                        Clause::Always(true) => {
                            text += &self.node(tree, target, possible)?;
                            return Ok(text + &" }".repeat(depth));
                        }
                        _ => {}
                    }
                    let then = self.node(tree, target, possible)?;
                    text += &format!("{{ if = {}, then = {then}, else = ", quote(&clause.text()));
                    depth += 1;
                }
                text += &self.node(tree, split.no, possible)?;
                Ok(text + &" }".repeat(depth))
            }
        }
    }

    /// A question about one column: targets with the levels that lead to them.
    fn ways(
        &mut self,
        tree: &Tree,
        column: usize,
        ways: &[(usize, Vec<bool>)],
        test: &Test,
        possible: &mut Possible,
    ) -> Result<String, ImportError> {
        let [(target, set), rest @ ..] = ways else {
            // Nothing is possible here: any number will do, and the branch above drops out.
            return Ok("0.0".to_owned());
        };
        let before = possible[column].clone();
        possible[column].clone_from(set);
        let then = self.node(tree, *target, possible);
        possible[column].clone_from(&before);
        let then = then?;
        if rest.is_empty() {
            return Ok(then);
        }
        for (place, own) in possible[column].iter_mut().zip(set) {
            *place &= !own;
        }
        let otherwise = self.ways(tree, column, rest, test, possible);
        possible[column].clone_from(&before);
        let otherwise = otherwise?;
        if then == otherwise {
            return Ok(then);
        }
        let clause = self.questions.levels(column, set, &before, Some(test));
        Ok(format!("{{ if = {}, then = {then}, else = {otherwise} }}", quote(&clause.text())))
    }

    /// The model gives nothing where a path ends: names the feature that is decisive there.
    fn nothing_on_path(&self, possible: &Possible) -> ImportError {
        let narrowed = possible.iter().zip(self.asked).enumerate();
        let mut found = narrowed.filter_map(|(column, (levels, _))| {
            let first = levels.iter().position(|there| *there)?;
            levels.contains(&false).then_some((
                column,
                first,
                levels.iter().filter(|there| **there).count(),
            ))
        });
        match found.by_ref().min_by_key(|(_, _, count)| *count) {
            Some((column, level, _)) => self.nothing(column, level),
            None => ImportError::NothingInTree { condition: "always".to_owned() },
        }
    }
}
