// SPDX-License-Identifier: Apache-2.0
//! What a command says: text for people or one JSON object for machines.
//!
//! Everything that is printed goes through this module, which makes it *inert*: what others wrote
//! (titles, notes, errors of nodes, names in files) can neither command the terminal nor pretend to
//! be a line of this program. Nobody has to remember that: a test finds printing anywhere else. It
//! also completes the commands that are suggested, so that they work as they are [pasted].

pub(crate) use crate::table::{list, table};

use crate::pasted::{self, QUOTED};
use cso_clinical::plain_text::is_plain;
use serde_json::Value;
use std::{
    fmt::{Display, Write as _},
    io::{self, IsTerminal, Write as _},
    process::Stdio,
};
use terminal_size::terminal_size_of;

/// What every face of the product says next to an opinion.
pub(crate) const NOTICE: &str = cso_clinical::DISCLAIMER;

/// So many of a thing, whose name makes its plural with an s.
pub(crate) fn counted(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}

/// What stands where a character isn't shown.
const NOT_SHOWN: char = '\u{fffd}';

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
    /// Whether the text is a file's content, which other programs read as it is.
    pub document: bool,
}

impl Report {
    /// A success.
    pub(crate) fn new(text: impl Into<String>, json: Value) -> Self {
        Self { text: text.into(), json, exit: 0, timed: true, document: false }
    }

    /// A file's content: into files and other programs it goes as it is. On a terminal it is inert
    /// like everything.
    pub(crate) fn document(text: impl Into<String>, json: Value) -> Self {
        Self { document: true, ..Self::new(text, json) }
    }

    /// Without the times of the steps: what is said is about time already, in a flat object.
    pub(crate) fn untimed(self) -> Self {
        Self { timed: false, ..self }
    }

    /// Prints it, as one JSON object with the times of the steps if they are given.
    pub(crate) fn print(self, timings: Option<Value>) -> io::Result<()> {
        let Self { text, mut json, timed, document, .. } = self;
        let mut out = io::stdout().lock();
        let text = match timings {
            Some(timings) => {
                if timed {
                    json["timings_ms"] = timings;
                }
                inert_json(&json)
            }
            None if document && !out.is_terminal() => text,
            None if document => inert(&text),
            None => inert(&pasted::complete(&text)),
        };
        match text.as_str() {
            "" => {}
            text => writeln!(out, "{text}")?,
        }
        out.flush()
    }
}

/// One JSON object where there is no report.
pub(crate) fn print_json(json: &Value) {
    // Nobody left to read it is no second error.
    let _ = writeln!(io::stdout(), "{}", inert_json(json));
}

/// An error: one line on the error output.
pub(crate) fn problem(text: impl Display) {
    say(format_args!("error: {}", one_line(&text.to_string())));
}

/// A warning: one line on the error output.
pub(crate) fn warn(text: impl Display) {
    say(format_args!("warning: {}", one_line(&text.to_string())));
}

/// Lines for the person at the terminal, on the error output.
pub(crate) fn say(text: impl Display) {
    // As with the output: whoever doesn't listen doesn't stop the command.
    let _ = writeln!(io::stderr(), "{}", inert(&pasted::complete(&text.to_string())));
}

/// Where a command of the user's own writes to. What it writes doesn't go through here: nothing
/// that others wrote is given to it.
pub(crate) fn error_output() -> Stdio {
    io::stderr().into()
}

/// A question: on the error output, and the answer is typed behind it.
pub(crate) fn ask(text: &str) {
    let mut out = io::stderr().lock();
    let _ = write!(out, "{}", inert(text)).and_then(|()| out.flush());
}

/// How many characters fit into a line of the terminal; `None` where the output isn't one, or
/// nobody knows. A terminal that doesn't say leaves it to COLUMNS.
pub(crate) fn width() -> Option<usize> {
    let out = io::stdout();
    if !out.is_terminal() {
        return None;
    }
    let told = terminal_size_of(out).map_or(0, |(width, _)| usize::from(width.0));
    let columns = || std::env::var("COLUMNS").ok()?.parse().ok();
    Some(told).filter(|width| *width > 0).or_else(columns).filter(|width| *width > 0)
}

/// A text of several lines that somebody else wrote: each line is marked, so that none looks like
/// one of this program.
pub(crate) fn quoted(text: &str) -> String {
    let line = |line| format!("{QUOTED}{}", one_line(line));
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// A text that commands no terminal: lines stay, a tab is a space, and what isn't
/// [plain](is_plain) is replaced.
pub(crate) fn inert(text: &str) -> String {
    text.chars().map(|letter| if letter == '\n' { letter } else { shown(letter) }).collect()
}

/// The same for what is one line: no other can be forged behind it.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(shown).collect()
}

fn shown(letter: char) -> char {
    match letter {
        '\t' => ' ',
        _ if is_plain(letter) => letter,
        _ => NOT_SHOWN,
    }
}

/// JSON on one line. What isn't plain is within its texts, where an escape means the same to every
/// reader.
fn inert_json(json: &Value) -> String {
    let mut text = String::new();
    for letter in json.to_string().chars() {
        if is_plain(letter) {
            text.push(letter);
            continue;
        }
        for unit in letter.encode_utf16(&mut [0; 2]) {
            // Writing to a `String` can't fail.
            let _ = write!(text, "\\u{unit:04x}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::{fs, path::Path};

    /// What fills the clipboard, forges a row, turns the direction, and splits a line.
    const HOSTILE: &str =
        "a\u{1b}]52;c;QUFBQQ==\u{7}\n  ok  b\u{202e}c\u{61c}d\u{2028}e\u{9b}f\u{200b}g";

    #[test]
    fn terminal_escapes_and_direction_overrides_lose_their_power() {
        assert_eq!(inert("a\u{1b}[31m\u{202e}b\nc\td"), "a\u{fffd}[31m\u{fffd}b\nc d");
        assert!(inert(HOSTILE).chars().all(|letter| letter == '\n' || is_plain(letter)));
        assert!(one_line(HOSTILE).chars().all(is_plain));
    }

    #[test]
    fn every_line_of_a_quotation_is_marked() {
        let text = quoted("I advise rest.\r\nmodel  0x00 as published on chain\rx\n\nBye");
        assert_eq!(text.lines().count(), 4);
        assert!(text.lines().all(|line| line.starts_with("  | ")), "{text}");
    }

    #[test]
    fn json_is_inert_and_says_the_same() {
        let json = json!({ "title": HOSTILE, "tag": "\u{e0041}" });
        let text = inert_json(&json);
        assert!(text.chars().all(is_plain), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), json);
    }

    #[test]
    fn nothing_else_prints() {
        let calls = ["print!", "println!", "io::stdout()", "io::stderr()"];
        let is_printing = |line: &str| {
            let code = line.split("//").next().unwrap_or_default();
            calls.iter().any(|call| code.contains(call)) && !code.contains("is_terminal")
        };
        fn check(folder: &Path, is_printing: &dyn Fn(&str) -> bool) {
            for entry in fs::read_dir(folder).unwrap().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    check(&path, is_printing);
                } else if !path.ends_with("src/report.rs") {
                    let text = fs::read_to_string(&path).unwrap();
                    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
                    let printing = code.lines().find(|line| is_printing(line));
                    assert!(printing.is_none(), "{}: {printing:?}", path.display());
                }
            }
        }
        check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &is_printing);
    }
}
