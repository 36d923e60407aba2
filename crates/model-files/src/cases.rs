// SPDX-License-Identifier: Apache-2.0
//! Tables of cases: training data and cases to evaluate, as CSV (RFC 4180).

use csv::{Position, ReaderBuilder, StringRecord, Trim};
use thiserror::Error;

use crate::cell::is_missing;
use crate::shorten;

/// Longest table in bytes.
pub const MAX_CSV: usize = 64 * 1024 * 1024;
/// Most cases of a table.
const MAX_CASES: usize = 1_000_000;
/// Most columns of a table.
const MAX_COLUMNS: usize = 4096;

/// Why a table of cases isn't read, or doesn't fit a model.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum CasesError {
    /// Not a table, or no numbers where they are needed.
    #[error("data, line {line}: {problem}")]
    Table {
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// A column that isn't there.
    #[error("the data has no column `{column}`: it has {known}")]
    ColumnMissing {
        /// The column.
        column: String,
        /// The columns there are.
        known: String,
    },
    /// A column of which the model knows no text.
    #[error("column `{column}`: none of its texts is a category that the model tells apart")]
    Categories {
        /// The column.
        column: String,
    },
    /// The model file doesn't name its columns, and the data has others.
    #[error("the model file names no columns, it has {width}: give data with exactly these, in the model's order, or with the names {names}")]
    Unnamed {
        /// How many columns the model has.
        width: usize,
        /// The names that stand for them.
        names: String,
    },
}

/// A table of cases with named columns: text as it stands, numbers where they are asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Cases {
    columns: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Clone, Debug, PartialEq)]
struct Row {
    line: usize,
    cells: StringRecord,
}

impl Cases {
    /// Reads CSV in UTF-8: a header line, commas, fields in double quotes where needed. White space
    /// around fields doesn't count.
    ///
    /// # Errors
    ///
    /// [`CasesError::Table`] with the line if the bytes are too many, no UTF-8, or no such table.
    pub fn from_csv(csv: impl AsRef<[u8]>) -> Result<Self, CasesError> {
        let csv = csv.as_ref();
        if csv.len() > MAX_CSV {
            let problem = format!("{} bytes, at most {MAX_CSV} are read", csv.len());
            return Err(refuse(1, problem));
        }
        let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(csv);
        let unreadable = |error: csv::Error| refuse(line(csv, error.position()), explain(&error));
        let columns = check_header(reader.headers().map_err(unreadable)?)?;
        let mut rows = Vec::new();
        for cells in reader.into_records() {
            let cells = cells.map_err(unreadable)?;
            let line = line(csv, cells.position());
            if rows.len() == MAX_CASES {
                let problem = format!("more than {MAX_CASES} cases; give them in several files");
                return Err(refuse(line, problem));
            }
            // A quote that isn't closed swallows the lines behind it.
            if let Some(column) = cells.iter().position(|cell| cell.contains(['\n', '\r'])) {
                let column = shorten(&columns[column]);
                let problem = format!("column `{column}` has a line break: is a quote not closed?");
                return Err(refuse(line, problem));
            }
            rows.push(Row { line, cells });
        }
        Ok(Self { columns, rows })
    }

    /// The header.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// How many cases there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is nothing but the header.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The line of the file in which a case stands, from 1.
    ///
    /// # Panics
    ///
    /// Beyond [`Self::len`].
    pub fn line(&self, case: usize) -> usize {
        self.rows[case].line
    }

    /// The index of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// The text of one cell.
    ///
    /// # Panics
    ///
    /// Beyond [`Self::len`] and [`Self::columns`].
    pub fn cell(&self, case: usize, column: usize) -> &str {
        &self.rows[case].cells[column]
    }

    /// The text of one cell, or `None` if it's missing: empty, `NA` or `nan`.
    ///
    /// # Panics
    ///
    /// Beyond [`Self::len`] and [`Self::columns`].
    pub fn given(&self, case: usize, column: usize) -> Option<&str> {
        Some(self.cell(case, column)).filter(|cell| !is_missing(cell))
    }

    /// One column as text, one cell a case.
    ///
    /// # Errors
    ///
    /// [`CasesError::ColumnMissing`].
    pub fn texts(&self, name: &str) -> Result<Vec<&str>, CasesError> {
        let column = self.require(name)?;
        Ok(self.rows.iter().map(|row| &row.cells[column]).collect())
    }

    /// One column as numbers, one a case; an empty cell, `NA` and `nan` are missing.
    ///
    /// # Errors
    ///
    /// [`CasesError::ColumnMissing`], or [`CasesError::Table`] with the line of a text.
    pub fn numbers(&self, name: &str) -> Result<Vec<Option<f64>>, CasesError> {
        let column = self.require(name)?;
        self.rows
            .iter()
            .map(|row| {
                number(&row.cells[column]).ok_or_else(|| {
                    let (name, cell) = (shorten(name), shorten(&row.cells[column]));
                    refuse(row.line, format!("column `{name}`: `{cell}` is not a number"))
                })
            })
            .collect()
    }

    fn require(&self, name: &str) -> Result<usize, CasesError> {
        self.column(name).ok_or_else(|| CasesError::ColumnMissing {
            column: shorten(name),
            known: self.columns.join(", "),
        })
    }
}

fn check_header(header: &StringRecord) -> Result<Vec<String>, CasesError> {
    if header.iter().all(str::is_empty) {
        return Err(refuse(1, "there is no header".to_owned()));
    }
    if header.len() > MAX_COLUMNS {
        let problem = format!("{} columns, at most {MAX_COLUMNS} are read", header.len());
        return Err(refuse(1, problem));
    }
    if header.len() == 1 && header[0].contains([';', '\t']) {
        let problem = "fields are separated by semicolons or tabs: separate them by commas";
        return Err(refuse(1, problem.to_owned()));
    }
    let mut columns: Vec<String> = Vec::with_capacity(header.len());
    for column in header {
        if column.is_empty() || columns.iter().any(|other| other == column) {
            let number = columns.len() + 1;
            return Err(refuse(1, format!("column {number} has no name or a name twice")));
        }
        columns.push(column.to_owned());
    }
    Ok(columns)
}

/// A number, a gap, or neither.
fn number(cell: &str) -> Option<Option<f64>> {
    if is_missing(cell) {
        return Some(None);
    }
    // Programs write truth values of a column of numbers as words.
    match cell {
        "True" | "TRUE" | "true" => return Some(Some(1.0)),
        "False" | "FALSE" | "false" => return Some(Some(0.0)),
        _ => {}
    }
    let number = cell.parse::<f64>().ok();
    number.filter(|number| number.is_finite()).map(Some)
}

/// The line of a record. The reader's position stands before the line ends that separate it from
/// the record before.
fn line(csv: &[u8], position: Option<&Position>) -> usize {
    let Some(position) = position else {
        return 1;
    };
    let index = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let rest = csv.get(index(position.byte())..).unwrap_or_default();
    let ends = rest.iter().take_while(|byte| b"\r\n".contains(byte));
    index(position.line()) + ends.filter(|byte| **byte == b'\n').count()
}

fn refuse(line: usize, problem: String) -> CasesError {
    CasesError::Table { line, problem }
}

fn explain(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "this is no UTF-8".to_owned(),
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} fields, the header has {expected_len}")
        }
        _ => shorten(&error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_quoted_headers_text_and_gaps() {
        let csv = "\u{feff}a,\"b, or \"\"c\"\"\",sex\r\n1,, female\r\nNA,-2.5,\"größer\"\n\n";
        let cases = Cases::from_csv(csv).unwrap();
        assert_eq!(cases.columns(), ["a", "b, or \"c\"", "sex"]);
        assert_eq!(cases.texts("sex").unwrap(), ["female", "größer"]);
        assert_eq!(cases.numbers("a").unwrap(), [Some(1.0), None]);
        assert_eq!(cases.numbers("b, or \"c\"").unwrap(), [None, Some(-2.5)]);
        assert_eq!((cases.given(0, 0), cases.given(1, 0)), (Some("1"), None));
        assert_eq!((cases.len(), cases.line(1), cases.cell(1, 1)), (2, 3, "-2.5"));
    }

    #[test]
    fn refuses_ragged_lines_open_quotes_and_unnamed_columns() {
        let problem = |csv: &str| Cases::from_csv(csv).unwrap_err().to_string();
        assert_eq!(problem("a,b\n\n1"), "data, line 3: 1 fields, the header has 2");
        assert_eq!(
            problem("a,b\n1,\"2\n3,4\n"),
            "data, line 2: column `b` has a line break: is a quote not closed?"
        );
        for header in ["a,a\n1,2", "a,\n1,2"] {
            assert_eq!(problem(header), "data, line 1: column 2 has no name or a name twice");
        }
        assert_eq!(problem(""), "data, line 1: there is no header");
        assert_eq!(
            problem("a;b\n1;2"),
            "data, line 1: fields are separated by semicolons or tabs: separate them by commas"
        );
        let wide = vec!["x"; MAX_COLUMNS + 1].join(",");
        assert_eq!(problem(&wide), "data, line 1: 4097 columns, at most 4096 are read");
    }

    #[test]
    fn refuses_other_encodings_with_the_line() {
        let error = Cases::from_csv(b"a\n1\n\xfc\n").unwrap_err().to_string();
        assert_eq!(error, "data, line 3: this is no UTF-8");
    }

    #[test]
    fn refuses_text_where_numbers_are_asked_for() {
        let cases = Cases::from_csv("a,b\n1,2\n3,x").unwrap();
        assert_eq!(
            cases.numbers("b").unwrap_err().to_string(),
            "data, line 3: column `b`: `x` is not a number"
        );
        assert_eq!(
            cases.numbers("c").unwrap_err().to_string(),
            "the data has no column `c`: it has a, b"
        );
    }
}
