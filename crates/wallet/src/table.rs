// SPDX-License-Identifier: Apache-2.0
//! Tables: aligned columns where there is room for them, and on a narrow terminal a line for each
//! cell, so that no address is torn apart by another column.

use crate::report::{one_line, width};

/// Rows as aligned columns, two spaces apart; the last column is as wide as it is. A cell stays in
/// its row, whatever it says. On a narrow terminal the first cell is the name of the others.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    table_within(rows, width())
}

/// The same with the names of the columns in the first row. On a narrow terminal each cell stands
/// behind the name of its column.
pub(crate) fn list(rows: &[Vec<String>]) -> String {
    list_within(rows, width())
}

fn table_within(rows: &[Vec<String>], width: Option<usize>) -> String {
    let rows = inert(rows);
    columns_within(&rows, width).unwrap_or_else(|width| {
        let entry = |row: &Vec<String>| match row.split_first() {
            Some((name, rest)) => named(name, &rest.join("  "), width),
            None => String::new(),
        };
        rows.iter().map(entry).collect::<Vec<_>>().join("\n")
    })
}

fn list_within(rows: &[Vec<String>], width: Option<usize>) -> String {
    let rows = inert(rows);
    columns_within(&rows, width).unwrap_or_else(|width| {
        let Some((names, rows)) = rows.split_first() else {
            return String::new();
        };
        let entry = |row: &Vec<String>| {
            let cells = names.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
            cells.map(|(name, cell)| named(name, cell, width)).collect::<Vec<_>>().join("\n")
        };
        rows.iter().map(entry).collect::<Vec<_>>().join("\n\n")
    })
}

fn inert(rows: &[Vec<String>]) -> Vec<Vec<String>> {
    rows.iter().map(|row| row.iter().map(|cell| one_line(cell)).collect()).collect()
}

/// Aligned columns, or the width if they are wider than that.
fn columns_within(rows: &[Vec<String>], width: Option<usize>) -> Result<String, usize> {
    let lines = columns(rows);
    match width {
        Some(width) if lines.iter().any(|line| line.chars().count() > width) => Err(width),
        _ => Ok(lines.join("\n")),
    }
}

fn columns(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells: Vec<_> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

/// A text behind its name: on the same line, or else below it, in lines that end between words.
fn named(name: &str, text: &str, width: usize) -> String {
    let line = format!("{name}: {text}");
    if line.chars().count() <= width {
        return line;
    }
    let mut lines = vec![format!("{name}:"), String::new()];
    for word in text.split_whitespace() {
        if let Some(last) = lines.last_mut() {
            if !last.is_empty() && last.chars().count() + 1 + word.chars().count() > width {
                lines.push(format!("  {word}"));
            } else {
                *last += if last.is_empty() { "  " } else { " " };
                *last += word;
            }
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

    fn rows(rows: &[&[&str]]) -> Vec<Vec<String>> {
        rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect()
    }

    #[test]
    fn columns_align() {
        let rows = rows(&[&["a", "long"], &["wide", "b"]]);
        for width in [None, Some(10)] {
            assert_eq!(table_within(&rows, width), "a     long\nwide  b");
        }
    }

    #[test]
    fn no_cell_makes_another_row() {
        let rows = rows(&[&["title", "a\n  ok  b\u{2028}c"], &["fee", "5 CSO"]]);
        assert_eq!(table(&rows).lines().count(), 2);
    }

    #[test]
    fn on_a_narrow_terminal_each_cell_has_its_name_and_no_address_is_torn() {
        let rows = rows(&[
            &["consultation", "status", "expert"],
            &["7", "requested", ADDRESS],
            &["-", "prepared", ""],
        ]);
        let said = list_within(&rows, Some(40));
        let wanted = format!(
            "consultation: 7\nstatus: requested\nexpert:\n  {ADDRESS}\n\nconsultation: -\nstatus: prepared"
        );
        assert_eq!(said, wanted);
        assert!(list_within(&rows, Some(80)).contains(&format!("requested  {ADDRESS}")));
    }

    #[test]
    fn on_a_narrow_terminal_lines_end_between_words() {
        let said = table_within(&rows(&[&["fee", "5 CSO", "back if it declines"]]), Some(20));
        assert_eq!(said, "fee:\n  5 CSO back if it\n  declines");
    }
}
