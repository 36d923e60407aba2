// SPDX-License-Identifier: Apache-2.0
//! Tables of numbers: training data and cases to evaluate, as CSV.

use super::ImportError;
use crate::units::shorten;

/// A table of numbers with named columns; an empty field is missing.
#[derive(Clone, Debug, PartialEq)]
pub struct Cases {
    /// The header.
    pub columns: Vec<String>,
    /// One number or gap a column.
    pub rows: Vec<Vec<Option<f64>>>,
}

impl Cases {
    /// Reads CSV: a header line, commas, fields in double quotes where needed. `NA` and `nan` count as empty.
    pub fn from_csv(csv: &str) -> Result<Self, ImportError> {
        let refuse = |line: usize, problem: String| ImportError::Data {
            line: line + 1,
            problem,
        };
        let mut lines = csv
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty());
        let (first, header) = lines
            .next()
            .ok_or_else(|| refuse(0, "there is no header".to_owned()))?;
        let columns = split(header).map_err(|problem| refuse(first, problem))?;
        for (index, column) in columns.iter().enumerate() {
            if column.is_empty() || columns[..index].contains(column) {
                return Err(refuse(
                    first,
                    format!("column {} has no name or a name twice", index + 1),
                ));
            }
        }
        let mut rows = Vec::new();
        for (number, line) in lines {
            let fields = split(line).map_err(|problem| refuse(number, problem))?;
            if fields.len() != columns.len() {
                let problem = format!("{} fields, the header has {}", fields.len(), columns.len());
                return Err(refuse(number, problem));
            }
            let mut row = Vec::with_capacity(fields.len());
            for (field, column) in fields.iter().zip(&columns) {
                row.push(read(field).ok_or_else(|| {
                    refuse(
                        number,
                        format!(
                            "column `{}`: `{}` is not a number",
                            shorten(column),
                            shorten(field)
                        ),
                    )
                })?);
            }
            rows.push(row);
        }
        Ok(Self { columns, rows })
    }

    /// The values of one column.
    pub fn column(&self, name: &str) -> Option<impl Iterator<Item = Option<f64>> + '_> {
        let index = self.columns.iter().position(|column| column == name)?;
        Some(self.rows.iter().map(move |row| row[index]))
    }
}

/// A number, a gap, or neither.
fn read(field: &str) -> Option<Option<f64>> {
    match field.trim() {
        "" | "NA" | "na" | "NaN" | "nan" => Some(None),
        text => text
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())
            .map(Some),
    }
}

/// The fields of a line; quotes inside of quotes are doubled.
fn split(line: &str) -> Result<Vec<String>, String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut chars = line.trim_end_matches('\r').chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                push(&mut fields, '"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            other => push(&mut fields, other),
        }
    }
    if quoted {
        return Err("a quote is not closed".to_owned());
    }
    Ok(fields
        .into_iter()
        .map(|field| field.trim().to_owned())
        .collect())
}

fn push(fields: &mut [String], c: char) {
    if let Some(last) = fields.last_mut() {
        last.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_quoted_headers_and_gaps() {
        let cases = Cases::from_csv("a,\"b, or \"\"c\"\"\"\r\n1,\r\nNA,-2.5\n\n").unwrap();
        assert_eq!(cases.columns, ["a", "b, or \"c\""]);
        assert_eq!(cases.rows, [[Some(1.0), None], [None, Some(-2.5)]]);
    }

    #[test]
    fn refuses_text_ragged_lines_and_open_quotes() {
        let problem = |csv: &str| Cases::from_csv(csv).unwrap_err().to_string();
        assert_eq!(
            problem("a,b\n1,x"),
            "data, line 2: column `b`: `x` is not a number"
        );
        assert_eq!(
            problem("a,b\n1"),
            "data, line 2: 1 fields, the header has 2"
        );
        assert_eq!(problem("a,\"b\n1,2"), "data, line 1: a quote is not closed");
        assert_eq!(
            problem("a,a\n1,2"),
            "data, line 1: column 2 has no name or a name twice"
        );
        assert_eq!(problem(""), "data, line 1: there is no header");
    }
}
