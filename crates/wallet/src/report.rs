// SPDX-License-Identifier: Apache-2.0
//! What a command says: text for people or one JSON object for machines, progress and times on the
//! way.

use serde_json::Value;

/// What every face of the product says next to an opinion.
pub(crate) const NOTICE: &str = cso_clinical::DISCLAIMER;

/// The result of a command.
pub(crate) struct Report {
    /// For people; may be empty.
    pub text: String,
    /// For machines: an object.
    pub json: Value,
    /// The process's exit code.
    pub exit: u8,
    /// Whether the times of the steps are added to the JSON.
    pub timed: bool,
}

impl Report {
    /// A success.
    pub(crate) fn new(text: impl Into<String>, json: Value) -> Self {
        Self { text: text.into(), json, exit: 0, timed: true }
    }

    /// Without the times of the steps: what is said is about time already, in a flat object.
    pub(crate) fn untimed(self) -> Self {
        Self { timed: false, ..self }
    }
}

/// A warning: one line on the error output.
pub(crate) fn warn(text: impl std::fmt::Display) {
    eprintln!("warning: {text}");
}

/// Rows as aligned columns, two spaces apart; the last column is as wide as it is.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<_> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells: Vec<_> = row
            .iter()
            .enumerate()
            .map(|(column, cell)| format!("{cell:<width$}", width = widths[column]))
            .collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Text from the chain or from an expert, made harmless for a terminal: no control characters but
/// line ends.
pub(crate) fn plain(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            '\n' => letter,
            '\t' => ' ',
            // Direction overrides and joiners could make a meaning read as another one.
            '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}' => '\u{fffd}',
            _ if letter.is_control() => '\u{fffd}',
            _ => letter,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align() {
        let rows = [vec!["a".into(), "long".into()], vec!["wide".into(), "b".into()]];
        assert_eq!(table(&rows), "a     long\nwide  b");
    }

    #[test]
    fn terminal_escapes_and_direction_overrides_lose_their_power() {
        assert_eq!(plain("a\u{1b}[31m\u{202e}b\nc\td"), "a\u{fffd}[31m\u{fffd}b\nc d");
    }
}
