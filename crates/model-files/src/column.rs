// SPDX-License-Identifier: Apache-2.0
//! Columns of the table on which a model was trained.

use std::collections::BTreeSet;

use crate::{Cases, CasesError, Cell, Operation};

/// Most columns that a model file may read, and most features that an operation may give.
pub(crate) const MAX_FEATURES: usize = 256;
/// Most parts of the expression of a derived column.
pub(crate) const MAX_EXPRESSION: usize = 128;

/// A column of the table on which the model was trained.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name in the header.
    pub name: String,
    /// What it holds.
    pub kind: ColumnKind,
    /// Its place in the model's input, from 0.
    pub place: usize,
    /// Numbers that stand for a gap, such as -1 or 999.
    pub missing_codes: Vec<f64>,
    /// What the file tells people of it.
    pub said: Said,
}

/// What a file tells people of a column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// What they read instead of its name.
    pub label: Option<String>,
    /// The UCUM unit of its numbers.
    pub unit: Option<String>,
    /// Codes of it in records: the system's URL or short name, and the code.
    pub codes: Vec<(String, String)>,
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
    /// A number that is computed from columns before it, such as the body mass index.
    Derived(Expression),
}

/// How a number is computed from several columns.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// A column, by its index.
    Column(usize),
    /// A number.
    Number(f64),
    /// An operation on one or two expressions.
    Apply(Operation, Vec<Expression>),
}

impl Expression {
    /// The number for a case, if there is one.
    pub fn value(&self, case: &[Cell]) -> Option<f64> {
        match self {
            Self::Column(column) => case[*column].number(),
            Self::Number(number) => Some(*number),
            Self::Apply(operation, arguments) => {
                let mut numbers = arguments.iter().map(|argument| argument.value(case));
                let first = numbers.next()??;
                let second = match numbers.next() {
                    Some(second) => Some(second?),
                    None => None,
                };
                operation.of(first, second).filter(|number| number.is_finite())
            }
        }
    }

    /// The columns that it reads.
    pub fn columns(&self) -> BTreeSet<usize> {
        match self {
            Self::Column(column) => BTreeSet::from([*column]),
            Self::Number(_) => BTreeSet::new(),
            Self::Apply(_, arguments) => arguments.iter().flat_map(Self::columns).collect(),
        }
    }

    /// How many parts it has.
    pub(crate) fn parts(&self) -> usize {
        match self {
            Self::Column(_) | Self::Number(_) => 1,
            Self::Apply(_, arguments) => {
                arguments.iter().fold(1, |sum, one| one.parts().saturating_add(sum))
            }
        }
    }

    /// Gives columns other numbers.
    pub(crate) fn renumber(&mut self, column: &impl Fn(&mut usize)) {
        match self {
            Self::Column(own) => column(own),
            Self::Number(_) => {}
            Self::Apply(_, arguments) => {
                arguments.iter_mut().for_each(|argument| argument.renumber(column));
            }
        }
    }
}

impl Column {
    /// A column by name and place.
    pub(crate) fn new(name: String, kind: ColumnKind, place: usize) -> Self {
        Self { name, kind, place, missing_codes: Vec::new(), said: Said::default() }
    }

    /// The column's cells in a table, one a case. Those of a derived column are computed from
    /// others' ([`ModelFile::table`](crate::ModelFile::table)).
    ///
    /// # Errors
    ///
    /// [`CasesError`] if the table lacks the column, or has a text where there must be a number.
    pub fn cells(&self, data: &Cases) -> Result<Vec<Cell>, CasesError> {
        let cells: Vec<Cell> = match &self.kind {
            ColumnKind::Number { .. } => {
                let numbers = data.numbers(&self.name)?.into_iter();
                numbers.map(|number| number.map_or(Cell::Missing, Cell::Number)).collect()
            }
            ColumnKind::Category { .. } => {
                let texts = data.texts(&self.name)?.into_iter();
                texts.map(|text| self.kind.read(text)).collect()
            }
            ColumnKind::Derived(_) => vec![Cell::Missing; data.len()],
        };
        Ok(cells.into_iter().map(|cell| self.gap(cell)).collect())
    }

    /// The cell, or a gap if it's a number that stands for one.
    pub(crate) fn gap(&self, cell: Cell) -> Cell {
        match cell {
            Cell::Number(number) if self.missing_codes.contains(&number) => Cell::Missing,
            other => other,
        }
    }
}

impl ColumnKind {
    /// Reads a field of the column as [`Cell::read`] does, but as one of its categories where it
    /// holds some; yes and no may be written in several ways.
    pub fn read(&self, text: &str) -> Cell {
        let Self::Category { values } = self else {
            return Cell::read(text);
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
            let same = |value: &&Cell| value.to_string().parse() == Ok(number);
            values.iter().find(same)
        };
        let found = find(text).or_else(truth).or_else(number);
        found.cloned().unwrap_or_else(|| Cell::read(text))
    }
}

/// Columns of numbers without a range, in the model's order.
pub(crate) fn numbers(names: impl IntoIterator<Item = String>) -> Vec<Column> {
    let column = |(place, name)| Column::new(name, ColumnKind::Number { range: None }, place);
    names.into_iter().enumerate().map(column).collect()
}
