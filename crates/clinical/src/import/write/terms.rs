// SPDX-License-Identifier: Apache-2.0
//! Terms of a model as terms of a protocol file.
//!
//! What depends on one column is tabulated over the feature's levels and written in the plainest
//! shape that gives the table: points, a weight, bands, knots. What depends on several stays a
//! tree, a list of cases, or a product.

use std::collections::BTreeSet;

use super::super::{Cell, Function, ImportError, Sum, Term, Variable};
use super::asked::Asked;
use super::condition::{Clause, Questions};
use super::quote;
use super::shape::{line, quantity_shape, Line};
use crate::intake::Kind;

/// Most different values of a factor that is written as rules.
const MAX_RULES: usize = 16;

/// Writes the terms of one sum.
pub(super) struct Terms<'a> {
    pub(super) asked: &'a [Asked],
    pub(super) questions: Questions<'a>,
    /// `sum = ...`, if it isn't the default.
    pub(super) sum: String,
    pub(super) constant: f64,
    pub(super) toml: String,
    pub(super) nodes: usize,
}

/// The constant and the `[[model.term]]`s of a sum; `id` is its name unless it is the only one.
pub(super) fn write(
    sum: &Sum,
    id: Option<&str>,
    asked: &[Asked],
) -> Result<(f64, String), ImportError> {
    let mut terms = Terms {
        asked,
        questions: Questions { asked },
        sum: id.map_or(String::new(), |id| format!("sum = {}\n", quote(id))),
        constant: sum.constant,
        toml: String::new(),
        nodes: 0,
    };
    for term in &sum.terms {
        terms.add(term)?;
    }
    if terms.toml.is_empty() {
        return Err(ImportError::Constant);
    }
    Ok((terms.constant, terms.toml))
}

impl Terms<'_> {
    fn add(&mut self, term: &Term) -> Result<(), ImportError> {
        let columns: Vec<usize> = term.columns().into_iter().collect();
        match (columns[..].first(), columns.len(), term) {
            (None, ..) => {
                let case = vec![Cell::Missing; self.asked.len()];
                self.constant += term.value(&case).ok_or(ImportError::Constant)?;
                Ok(())
            }
            (Some(column), 1, term) => {
                let table = self.table(*column, |case| term.value(case))?;
                self.one_column(*column, &table, exact_weight(term), &Clause::Always(true));
                Ok(())
            }
            (_, _, Term::Tree(tree)) => self.tree(tree),
            (_, _, Term::Product { factors, weight }) => self.product(&columns, factors, *weight),
        }
    }

    pub(super) fn push(&mut self, body: &str) {
        self.toml += &format!("\n[[model.term]]\n{}{body}\n", self.sum);
    }

    /// A function of one column at each of its levels.
    fn table(
        &self,
        column: usize,
        of: impl Fn(&[Cell]) -> Option<f64>,
    ) -> Result<Vec<f64>, ImportError> {
        let mut case = vec![Cell::Missing; self.asked.len()];
        let asked = &self.asked[column];
        let mut table = Vec::with_capacity(asked.cells.len());
        for (level, cell) in asked.cells.iter().enumerate() {
            case[column] = cell.clone();
            table.push(of(&case).ok_or_else(|| self.nothing(column, level))?);
        }
        Ok(table)
    }

    pub(super) fn nothing(&self, column: usize, level: usize) -> ImportError {
        let asked = &self.asked[column];
        ImportError::Nothing {
            feature: asked.feature.id.clone(),
            value: match asked.is_missing(level) {
                true => "missing".to_owned(),
                false => asked.cells[level].to_string(),
            },
        }
    }

    /// Points that depend on one column; `exact` is the weight if the function is that times the
    /// value.
    fn one_column(&mut self, column: usize, table: &[f64], exact: Option<f64>, when: &Clause) {
        let asked = &self.asked[column];
        let codes = asked.codes();
        let (own, missing) = (&table[..codes], table.get(codes).copied());
        let shape = match &asked.feature.kind {
            Kind::Flag => (own[0], format!("points = {:?}", own[1] - own[0])),
            Kind::Choice { options } => {
                let points = options.iter().zip(own);
                let points: Vec<String> = points
                    .map(|(option, points)| format!("{} = {points:?}", quote(&option.id)))
                    .collect();
                (0.0, format!("choices = {{ {} }}", points.join(", ")))
            }
            Kind::Quantity(_) => quantity_shape(asked, own, exact),
        };
        let (mut constant, shape) = shape;
        if table.iter().all(|points| *points == table[0]) {
            constant = table[0];
        } else {
            let when = self.when(when);
            let missing = missing
                .map_or(String::new(), |points| format!("\nmissing = {:?}", points - constant));
            let feature = quote(&asked.feature.id);
            self.push(&format!("{when}feature = {feature}\n{shape}{missing}"));
        }
        match when {
            Clause::Always(true) => self.constant += constant,
            _ if constant == 0.0 => {}
            rule => {
                let rule = self.when(rule);
                self.push(&format!("{rule}points = {constant:?}"));
            }
        }
    }

    pub(super) fn when(&self, clause: &Clause) -> String {
        match clause {
            Clause::Always(_) => String::new(),
            clause => format!("when = {}\n", quote(&clause.text())),
        }
    }

    fn product(
        &mut self,
        columns: &[usize],
        factors: &[Variable],
        weight: f64,
    ) -> Result<(), ImportError> {
        let [a, b] = columns else {
            return Err(ImportError::Factors { found: columns.len() });
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
            let factor = |column: usize, line: &Line| {
                // Adding 0 turns -0 into 0.
                let centre = -line.constant / line.slope + 0.0;
                let transform = line.transform_text();
                format!(
                    "{{ feature = {}{transform}, centre = {centre:?} }}",
                    quote(&self.asked[column].feature.id)
                )
            };
            let (first, second) = (factor(*a, &x), factor(*b, &y));
            let weight = weight * x.slope * y.slope;
            self.push(&format!("product = [{first}, {second}]\nweight = {weight:?}"));
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
            return Err(ImportError::Product { features: names.join("` and `") });
        }
        for value in different.into_iter().map(f64::from_bits).filter(|value| *value != 0.0) {
            let set: Vec<bool> = rules.iter().map(|own| *own == value).collect();
            let clause = self.questions.levels(rule, &set, &vec![true; set.len()], None);
            let scaled: Vec<f64> = values.iter().map(|own| own * value * weight).collect();
            self.one_column(other, &scaled, None, &clause);
        }
        Ok(())
    }
}

/// The weight of a product that is no more than that times a column.
fn exact_weight(term: &Term) -> Option<f64> {
    match term {
        Term::Product { factors, weight }
            if factors.len() == 1 && *factors[0].function == Function::Input =>
        {
            Some(*weight)
        }
        _ => None,
    }
}
