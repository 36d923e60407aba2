// SPDX-License-Identifier: Apache-2.0
//! Terms of a model file as terms of a model.

use std::collections::BTreeSet;

use cso_model_files as files;
use files::{Cell, Function, Variable};

use super::asked::Asked;
use super::clause::Clause;
use super::questions::Questions;
use super::tables::{self, line, Line};
use super::TranslateError;
use crate::condition::Condition;
use crate::intake::{Intake, Kind};
use crate::model::{Factor, Term, TermKind};

/// Most different values of a factor that is written as rules.
const MAX_RULES: usize = 16;

/// The terms of one sum, while they are translated.
pub(super) struct Terms<'a> {
    pub(super) asked: &'a [Asked],
    pub(super) questions: Questions<'a>,
    pub(super) constant: f64,
    /// Nodes of trees that were looked at.
    pub(super) nodes: usize,
    terms: Vec<Term>,
}

/// The constant and the terms of a sum.
pub(super) fn translate(
    sum: &files::Sum,
    asked: &[Asked],
    intake: &Intake,
) -> Result<(f64, Vec<Term>), TranslateError> {
    let mut terms = Terms {
        asked,
        questions: Questions { asked, intake },
        constant: sum.constant,
        nodes: 0,
        terms: Vec::new(),
    };
    for term in &sum.terms {
        terms.add(term)?;
    }
    if terms.terms.is_empty() {
        return Err(TranslateError::Constant);
    }
    Ok((terms.constant, terms.terms))
}

impl Terms<'_> {
    fn add(&mut self, term: &files::Term) -> Result<(), TranslateError> {
        let columns: Vec<usize> = term.columns().into_iter().collect();
        if let Some(column) = columns.iter().find(|column| self.asked[**column].is_local()) {
            return Err(TranslateError::Column {
                feature: self.asked[*column].feature.id.clone(),
                problem: "the answer is `local` and never reaches the model".to_owned(),
            });
        }
        match (columns[..].first(), columns.len(), term) {
            (None, ..) => {
                let case = vec![Cell::Missing; self.asked.len()];
                self.constant += term.value(&case).ok_or(TranslateError::Constant)?;
                Ok(())
            }
            (Some(column), 1, term) => {
                let table = self.table(*column, |case| term.value(case))?;
                self.one_column(*column, &table, exact_weight(term), None);
                Ok(())
            }
            (_, _, files::Term::Tree(tree)) => self.tree(tree),
            (_, _, files::Term::Product { factors, weight }) => {
                self.product(&columns, factors, *weight)
            }
        }
    }

    pub(super) fn push(&mut self, when: Option<Condition>, kind: TermKind) {
        self.terms.push(Term { when, kind });
    }

    /// A function of one column at each of its levels.
    fn table(
        &self,
        column: usize,
        of: impl Fn(&[Cell]) -> Option<f64>,
    ) -> Result<Vec<f64>, TranslateError> {
        let mut case = vec![Cell::Missing; self.asked.len()];
        let asked = &self.asked[column];
        let mut table = Vec::with_capacity(asked.cells.len());
        for (level, cell) in asked.cells.iter().enumerate() {
            case[column] = cell.clone();
            table.push(of(&case).ok_or_else(|| self.nothing(column, level))?);
        }
        Ok(table)
    }

    pub(super) fn nothing(&self, column: usize, level: usize) -> TranslateError {
        let asked = &self.asked[column];
        TranslateError::Nothing {
            feature: asked.feature.id.clone(),
            value: match asked.is_missing(level) {
                true => "missing".to_owned(),
                false => files::shorten(&asked.cells[level].to_string()),
            },
        }
    }

    /// Points that depend on one column; `exact` is the weight if the function is that times the
    /// value.
    fn one_column(
        &mut self,
        column: usize,
        table: &[f64],
        exact: Option<f64>,
        when: Option<Condition>,
    ) {
        let asked = &self.asked[column];
        let codes = asked.codes();
        let (own, missing) = (&table[..codes], table.get(codes).copied());
        let feature = asked.index;
        let (mut constant, kind) = match &asked.feature.kind {
            Kind::Flag => {
                let missing = missing.map_or(0.0, |points| points - own[0]);
                (own[0], TermKind::Flag { feature, points: own[1] - own[0], missing })
            }
            Kind::Choice { .. } => {
                let missing = missing.unwrap_or(0.0);
                (0.0, TermKind::Choice { feature, points: own.to_vec(), missing })
            }
            Kind::Quantity(_) => tables::quantity(asked, own, missing, exact),
        };
        if table.iter().all(|points| *points == table[0]) {
            constant = table[0];
        } else {
            self.push(when.clone(), kind);
        }
        match when {
            None => self.constant += constant,
            Some(_) if constant == 0.0 => {}
            rule => self.push(rule, TermKind::Constant(constant)),
        }
    }

    fn product(
        &mut self,
        columns: &[usize],
        factors: &[Variable],
        weight: f64,
    ) -> Result<(), TranslateError> {
        let [a, b] = columns else {
            return Err(TranslateError::Factors { found: columns.len() });
        };
        let of = |column: usize| factors.iter().filter(move |factor| factor.column == column);
        let table = |column: usize| {
            self.table(column, |case| {
                of(column)
                    .try_fold(1.0, |product, factor| Some(product * factor.value(case).number()?))
            })
        };
        let (left, right) = (table(*a)?, table(*b)?);
        let misses = [a, b].iter().any(|column| self.asked[**column].feature.missing);
        let line = |column: usize, table: &[f64]| {
            let asked = &self.asked[column];
            line(asked, &table[..asked.codes()])
        };
        if let (Some(x), Some(y), false) = (line(*a, &left), line(*b, &right), misses) {
            let factor = |column: usize, line: &Line| Factor {
                feature: self.asked[column].index,
                transform: line.transform,
                // Adding 0 turns -0 into 0.
                centre: -line.constant / line.slope + 0.0,
            };
            let factors = vec![factor(*a, &x), factor(*b, &y)];
            let weight = weight * x.slope * y.slope;
            self.push(None, TermKind::Product { factors, weight, missing: 0.0 });
            return Ok(());
        }
        // One factor with few values becomes rules under which the other one counts.
        let distinct =
            |table: &[f64]| table.iter().map(|value| value.to_bits()).collect::<BTreeSet<u64>>();
        let (rule, other, rules, values) = if distinct(&left).len() <= distinct(&right).len() {
            (*a, *b, left, right)
        } else {
            (*b, *a, right, left)
        };
        let different = distinct(&rules);
        if different.len() > MAX_RULES {
            let names = [*a, *b].map(|column| self.asked[column].feature.id.clone());
            return Err(TranslateError::Product { features: names.join("` and `") });
        }
        for value in different.into_iter().map(f64::from_bits).filter(|value| *value != 0.0) {
            let set: Vec<bool> = rules.iter().map(|own| *own == value).collect();
            let when = match self.questions.levels(rule, &set, &vec![true; set.len()], None) {
                Clause::Always(_) => None,
                Clause::When(condition) => Some(condition),
            };
            let scaled: Vec<f64> = values.iter().map(|own| own * value * weight).collect();
            self.one_column(other, &scaled, None, when);
        }
        Ok(())
    }
}

/// The weight of a product that is no more than that times a column.
fn exact_weight(term: &files::Term) -> Option<f64> {
    match term {
        files::Term::Product { factors, weight }
            if factors.len() == 1 && *factors[0].function == Function::Input =>
        {
            Some(*weight)
        }
        _ => None,
    }
}
