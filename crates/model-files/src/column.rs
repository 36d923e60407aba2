// SPDX-License-Identifier: Apache-2.0
//! Columns of the table on which a model was trained.

use crate::Cell;

/// Most columns that a model file may read, and most features that an operation may give.
pub(crate) const MAX_FEATURES: usize = 256;

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
    let column = |(place, name)| Column { name, kind: ColumnKind::Number { range: None }, place };
    names.into_iter().enumerate().map(column).collect()
}
