// SPDX-License-Identifier: Apache-2.0
//! A command line that can't be read: clap tells people, and with `--json` this tells machines.

use crate::report;
use clap::error::ErrorKind;
use serde_json::json;
use std::{ffi::OsString, process::ExitCode};

/// Exit code of wrong usage.
const EXIT_USAGE: u8 = 2;

/// Says what is wrong, or prints the help or version that was asked for.
pub(crate) fn answer(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        // Nobody left to read it is no second error.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    // Without clap's colours: what was typed, or pasted, stands in it.
    report::say(error.to_string().trim_end());
    if asks_for_json(std::env::args_os()) {
        report::print_json(&json!({ "error": message(error) }));
    }
    ExitCode::from(EXIT_USAGE)
}

/// Whether `--json` is among the flags. What can't be read as a whole has no globals to ask.
fn asks_for_json(arguments: impl IntoIterator<Item = OsString>) -> bool {
    arguments.into_iter().take_while(|argument| argument != "--").any(|one| one == "--json")
}

fn message(error: &clap::Error) -> String {
    match error.kind() {
        // What clap says then is the help.
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "a command is missing; try '--help'".into()
        }
        _ => one_line(&error.to_string()),
    }
}

/// clap's paragraphs without the usage, on one line.
fn one_line(said: &str) -> String {
    let said = said.strip_prefix("error: ").unwrap_or(said);
    let parts = said.split("\n\n").map(str::trim).filter(|part| !part.starts_with("Usage:"));
    let parts = parts.map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
    let parts: Vec<_> = parts.filter(|part| !part.is_empty()).collect();
    parts.join("; ").replace("For more information, try", "try")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_become_one_line_without_the_usage() {
        let said = "error: the following required arguments were not provided:\n  --expert <E>\n  \
                    --protocol <P>\n\nUsage: cso consult preview --expert <E>\n\nFor more \
                    information, try '--help'.\n";
        assert_eq!(
            one_line(said),
            "the following required arguments were not provided: --expert <E> --protocol <P>; try \
             '--help'."
        );
    }

    #[test]
    fn json_is_asked_for_among_the_flags_only() {
        let asks = |words: &[&str]| asks_for_json(words.iter().map(OsString::from));
        assert!(asks(&["cso", "nonsense", "--json"]));
        assert!(!asks(&["cso", "nonsense"]));
        assert!(!asks(&["cso", "account", "create", "--", "--json"]));
    }
}
