// SPDX-License-Identifier: Apache-2.0
//! One value of a case.

use std::fmt;
use std::sync::Arc;

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

    /// Reads a field of a CSV file: a number where it is one, missing where it is empty, `NA` or
    /// `nan`.
    pub fn read(text: &str) -> Self {
        let text = text.trim();
        if is_missing(text) {
            return Self::Missing;
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Self::Number(number),
            _ => Self::Text(text.into()),
        }
    }

    /// Whether two cells are one category; a code may stand as a number on one side and as a text
    /// on the other.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self == other
            || !matches!((self, other), (Self::Missing, _) | (_, Self::Missing))
                && self.to_string() == other.to_string()
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("missing"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// Whether a trimmed field of a table is a gap.
pub(crate) fn is_missing(text: &str) -> bool {
    matches!(text, "" | "NA" | "na" | "NaN" | "nan")
}
