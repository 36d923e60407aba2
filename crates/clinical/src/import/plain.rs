// SPDX-License-Identifier: Apache-2.0
//! The plain form of an imported model: sums of terms over named columns.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::answer::Answer;
use super::{Function, Tree};

/// A model file as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    pub(super) kind: &'static str,
    pub(super) columns: Vec<Column>,
    pub(super) sums: Vec<Sum>,
    pub(super) answer: Answer,
    pub(super) vectors: Vec<Vector>,
    pub(super) reasons: Option<Reasons>,
    /// How many columns a file has that doesn't name them, before those were dropped that aren't
    /// read.
    pub(super) unnamed: Option<usize>,
}

/// A column of the table on which the model was trained.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name in the header.
    pub name: String,
    /// What it holds.
    pub kind: ColumnKind,
    /// Its place in the model's input, from 0.
    pub place: usize,
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnKind {
    /// Numbers, with the range that the file allows, if it says so.
    Number {
        /// The least and the greatest number.
        range: Option<[f64; 2]>,
    },
    /// One of several texts or codes; empty if the file doesn't list them.
    Category {
        /// The values as they stand in the column.
        values: Vec<Cell>,
    },
}

/// One value of a case.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Empty.
    Missing,
    /// A number; flags are 0 and 1.
    Number(f64),
    /// A text.
    Text(Arc<str>),
}

impl Cell {
    /// The number, if it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Missing | Self::Text(_) => None,
        }
    }

    /// Reads a field of a CSV file: a number where it is one.
    pub fn read(text: &str) -> Self {
        match text.trim() {
            "" | "NA" | "na" | "NaN" | "nan" => Self::Missing,
            text => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Self::Number(number),
                _ => Self::Text(text.into()),
            },
        }
    }

    /// As [`Self::read`], but one of the column's categories where it holds some; yes and no may be
    /// written in several ways.
    pub(super) fn of_column(text: &str, kind: &ColumnKind) -> Self {
        let ColumnKind::Category { values } = kind else {
            return Self::read(text);
        };
        let text = text.trim();
        let find = |text: &str| values.iter().find(|value| value.to_string() == text);
        let truth = || match text.to_lowercase().as_str() {
            "0" | "no" | "false" => find("false"),
            "1" | "yes" | "true" => find("true"),
            _ => None,
        };
        // Tables write whole numbers as 1.0 where a column has gaps.
        let number = || {
            let number: f64 = text.parse().ok()?;
            let same = |value: &&Self| value.to_string().parse() == Ok(number);
            values.iter().find(same)
        };
        let found = find(text).or_else(truth).or_else(number);
        found.cloned().unwrap_or_else(|| Self::read(text))
    }
}

impl std::fmt::Display for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => f.write_str("missing"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// A constant plus terms.
#[derive(Clone, Debug, PartialEq)]
pub struct Sum {
    /// Added to the terms.
    pub constant: f64,
    /// The terms.
    pub terms: Vec<Term>,
}

/// A part of a sum.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// The leaf of a tree.
    Tree(Tree),
    /// `weight` times the product of the factors.
    Product {
        /// The factors.
        factors: Vec<Variable>,
        /// The weight.
        weight: f64,
    },
}

/// A function of one column.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// The column's index.
    pub column: usize,
    /// What becomes of its value.
    pub function: Arc<Function>,
}

impl Variable {
    /// The column as it stands.
    pub fn plain(column: usize) -> Self {
        Self { column, function: Arc::new(Function::Input) }
    }

    /// The value for a case.
    pub fn value(&self, case: &[Cell]) -> Cell {
        self.function.value(&case[self.column])
    }
}

/// A case with the results that the file says the model has.
#[derive(Clone, Debug, PartialEq)]
pub struct Vector {
    /// One cell a column.
    pub case: Vec<Cell>,
    /// What the model predicts for it.
    pub prediction: Prediction,
}

/// Which characteristics of a scorecard cost most points.
#[derive(Clone, Debug, PartialEq)]
pub struct Reasons {
    /// How many are named.
    pub top: usize,
    /// One a characteristic.
    pub parts: Vec<Reason>,
}

/// What one characteristic of a scorecard costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// The characteristic's name.
    pub name: String,
    /// Its distance from the baseline in points, as a tree.
    pub cost: Tree,
    /// The reason code of each cost, by the leaves' values.
    pub codes: Vec<(f64, String)>,
}

/// What a model says about a case.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// The number, the probability of the second class, or one probability or score a class; none
    /// if the file has a class alone.
    pub values: Vec<f64>,
    /// The class's index in [`Imported::classes`].
    pub class: Option<usize>,
}

impl Imported {
    /// What kind of file and model it was.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// Drops the columns that no term reads.
    pub(super) fn drop_unused(&mut self) {
        let mut used: BTreeSet<usize> = BTreeSet::new();
        for term in self.sums.iter().flat_map(|sum| &sum.terms) {
            used.extend(term.columns());
        }
        let place: Vec<usize> =
            (0..self.columns.len()).map(|column| used.range(..column).count()).collect();
        let mut column = 0;
        self.columns.retain(|_| {
            column += 1;
            used.contains(&(column - 1))
        });
        let renumber = |column: &mut usize| *column = place[*column];
        for term in self.sums.iter_mut().flat_map(|sum| &mut sum.terms) {
            term.renumber(&renumber);
        }
        for part in self.reasons.iter_mut().flat_map(|reasons| &mut reasons.parts) {
            part.cost.renumber(&renumber);
        }
        if let Answer::Class { shares, .. } = &mut self.answer {
            shares.iter_mut().for_each(|share| share.renumber(&renumber));
        }
    }

    /// The columns that the model reads, in its order.
    pub fn features(&self) -> &[Column] {
        &self.columns
    }

    /// The classes, if the model tells them apart.
    pub fn classes(&self) -> &[String] {
        match &self.answer {
            Answer::Number(_) => &[],
            Answer::Probability { labels, .. } => labels,
            Answer::Class { labels, .. } | Answer::Classes { labels, .. } => labels,
        }
    }

    /// The value of each sum, or `None` if the model gives none: a value is missing that it needs.
    ///
    /// A case has one cell a column; panics on another number of them.
    pub fn sums(&self, case: &[Cell]) -> Option<Vec<f64>> {
        assert_eq!(case.len(), self.columns.len(), "one cell a column");
        self.sums.iter().map(|sum| sum.value(case)).collect()
    }

    /// The prediction for a case, as the library behind the file makes it; see [`Self::sums`].
    pub fn predict(&self, case: &[Cell]) -> Option<Prediction> {
        let sums = self.sums(case)?;
        Some(match &self.answer {
            Answer::Number(scale) => Prediction { values: vec![scale.value(sums[0])], class: None },
            Answer::Probability { scale, .. } => {
                let probability = scale.value(sums[0]);
                Prediction {
                    values: vec![probability],
                    class: Some(usize::from(probability > 0.5)),
                }
            }
            Answer::Class { shares, .. } => {
                let shares = shares.iter().map(|share| share.value(case));
                Prediction { values: shares.collect::<Option<_>>()?, class: Some(sums[0] as usize) }
            }
            Answer::Classes { share, .. } => {
                Prediction { values: share.of(&sums), class: first_greatest(&sums) }
            }
        })
    }
}

/// The index of the greatest value, of equal ones the first.
fn first_greatest(values: &[f64]) -> Option<usize> {
    let greatest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    values.iter().position(|value| *value == greatest)
}

impl Sum {
    pub(super) fn value(&self, case: &[Cell]) -> Option<f64> {
        let terms = self.terms.iter().map(|term| term.value(case));
        terms.sum::<Option<f64>>().map(|sum| sum + self.constant)
    }
}

impl Term {
    pub(super) fn value(&self, case: &[Cell]) -> Option<f64> {
        match self {
            Self::Tree(tree) => tree.value(case),
            Self::Product { factors, weight } => factors
                .iter()
                .try_fold(*weight, |product, factor| Some(product * factor.value(case).number()?)),
        }
    }

    /// The columns that the term reads.
    pub(super) fn columns(&self) -> BTreeSet<usize> {
        match self {
            Self::Tree(tree) => tree.columns(),
            Self::Product { factors, .. } => factors.iter().map(|factor| factor.column).collect(),
        }
    }

    fn renumber(&mut self, column: &impl Fn(&mut usize)) {
        match self {
            Self::Tree(tree) => tree.renumber(column),
            Self::Product { factors, .. } => {
                factors.iter_mut().for_each(|factor| column(&mut factor.column));
            }
        }
    }
}
