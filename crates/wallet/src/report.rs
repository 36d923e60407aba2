// SPDX-License-Identifier: Apache-2.0
//! What a command says: text for people or one JSON object for machines, progress and times on the
//! way.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{json, Map, Value};
use std::time::{Duration, Instant};

/// What every face of the product says next to an opinion.
pub const NOTICE: &str = cso_clinical::DISCLAIMER;

/// The result of a command.
pub struct Report {
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
    pub fn new(text: impl Into<String>, json: Value) -> Self {
        Self { text: text.into(), json, exit: 0, timed: true }
    }

    /// Without the times of the steps: what is said is about time already, in a flat object.
    pub fn untimed(self) -> Self {
        Self { timed: false, ..self }
    }
}

/// The steps of a command: how long each takes, and a spinner for those that take over a second.
pub struct Steps {
    begun: Instant,
    current: Option<(&'static str, Instant)>,
    done: Map<String, Value>,
    bar: ProgressBar,
}

/// Steps shorter than this show nothing.
const QUIET: Duration = Duration::from_secs(1);

impl Steps {
    /// Starts the clock.
    pub fn new() -> Self {
        Self { begun: Instant::now(), current: None, done: Map::new(), bar: ProgressBar::hidden() }
    }

    /// Ends the step before and begins one. `doing` is what the spinner says.
    pub fn begin(&mut self, name: &'static str, doing: impl Into<String>) {
        self.end();
        self.current = Some((name, Instant::now()));
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden())
            .with_style(
                ProgressStyle::with_template("{spinner} {msg} {elapsed}")
                    .unwrap_or_else(|_| ProgressStyle::default_spinner()),
            )
            .with_message(doing.into());
        self.bar = bar.clone();
        // Appears only if the step is still going on by then. Draws on a terminal only.
        tokio::spawn(async move {
            tokio::time::sleep(QUIET).await;
            if !bar.is_finished() {
                bar.set_draw_target(ProgressDrawTarget::stderr());
                bar.enable_steady_tick(Duration::from_millis(120));
            }
        });
    }

    /// Says something else about the step that goes on.
    pub fn say(&self, doing: impl Into<String>) {
        self.bar.set_message(doing.into());
    }

    /// Ends the step.
    pub fn end(&mut self) {
        self.bar.finish_and_clear();
        if let Some((name, begun)) = self.current.take() {
            let before = self.done.get(name).and_then(Value::as_f64).unwrap_or(0.0);
            self.done.insert(name.to_owned(), milliseconds(begun.elapsed(), before));
        }
    }

    /// All steps with the total.
    pub fn timings(mut self) -> Value {
        self.end();
        self.done.insert("total".into(), milliseconds(self.begun.elapsed(), 0.0));
        Value::Object(self.done)
    }
}

fn milliseconds(elapsed: Duration, before: f64) -> Value {
    json!(before + (elapsed.as_secs_f64() * 10_000.0).round() / 10.0)
}

/// A warning: one line on the error output.
pub fn warn(text: impl std::fmt::Display) {
    eprintln!("warning: {text}");
}

/// Rows as aligned columns, two spaces apart; the last column is as wide as it is.
pub fn table(rows: &[Vec<String>]) -> String {
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
pub fn plain(text: &str) -> String {
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

    #[tokio::test]
    async fn steps_are_timed_and_summed() {
        let mut steps = Steps::new();
        steps.begin("one", "doing one");
        steps.begin("two", "doing two");
        steps.begin("one", "again");
        let timings = steps.timings();
        let names: Vec<_> = timings.as_object().unwrap().keys().cloned().collect();
        assert_eq!(names.len(), 3);
        assert!(["one", "two", "total"].iter().all(|name| timings[name].is_number()));
    }
}
