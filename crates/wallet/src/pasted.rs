// SPDX-License-Identifier: Apache-2.0
//! Commands that are suggested (`` `cso consult resume r-1` ``) work as they are pasted: they get
//! the global flags that this command line was given, without which they would find another
//! wallet, or another node.

use clap::{parser::ValueSource, ArgMatches};
use std::{ffi::OsStr, sync::OnceLock};

/// What a line that somebody else wrote begins with.
pub(crate) const QUOTED: &str = "  | ";

/// Flags with a value that a suggestion repeats.
const FLAGS: [&str; 3] = ["url", "wallet", "passphrase_file"];

/// What a suggested command begins with.
const BEGIN: &str = "`cso ";

/// The flags of this command line, each with a space before it.
static GIVEN: OnceLock<String> = OnceLock::new();

/// Notes the global flags of this command line. What comes from the environment, the next command
/// has too.
pub(crate) fn note(matches: &ArgMatches) {
    // Who sets it first is right: there is one command line.
    let _ = GIVEN.set(given(matches));
}

fn given(matches: &ArgMatches) -> String {
    let is_flag = |id: &&&str| matches.value_source(id) == Some(ValueSource::CommandLine);
    let flag = |id: &&str| {
        let value = matches.get_raw(id)?.next()?;
        Some(format!(" --{} {}", id.replace('_', "-"), quoted(value)))
    };
    FLAGS.iter().filter(is_flag).filter_map(flag).collect()
}

/// A value as a shell takes it for one.
fn quoted(value: &OsStr) -> String {
    let value = value.to_string_lossy();
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:@%+=,".contains(letter);
    match !value.is_empty() && value.chars().all(is_plain) {
        true => value.into_owned(),
        false => format!("'{}'", value.replace('\'', r"'\''")),
    }
}

/// A text of this program with its suggested commands as they have to be pasted. Lines that quote
/// somebody else stay as they are.
pub(crate) fn complete(text: &str) -> String {
    complete_with(text, GIVEN.get().map_or("", String::as_str))
}

fn complete_with(text: &str, flags: &str) -> String {
    let complete = |line: &str| match line.starts_with(QUOTED) {
        true => line.to_owned(),
        false => complete_line(line, flags),
    };
    text.split('\n').map(complete).collect::<Vec<_>>().join("\n")
}

fn complete_line(line: &str, flags: &str) -> String {
    let mut done = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        done += before;
        done += BEGIN;
        rest = after;
        if let Some((command, after)) = rest.split_once('`') {
            done += command;
            // What is said twice, to people and to machines, is completed once.
            if !command.ends_with(flags) {
                done += flags;
            }
            done.push('`');
            rest = after;
        }
    }
    done + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn of(arguments: &[&str]) -> String {
        given(&crate::Cli::command().try_get_matches_from(arguments).unwrap())
    }

    #[test]
    fn flags_that_were_given_are_repeated_wherever_they_stood() {
        assert_eq!(of(&["cso", "consult", "list"]), "");
        assert_eq!(of(&["cso", "--url", "ws://x:1", "consult", "list"]), " --url ws://x:1");
        assert_eq!(
            of(&["cso", "consult", "list", "--wallet", "it's here", "--url", "ws://x"]),
            r" --url ws://x --wallet 'it'\''s here'"
        );
    }

    #[test]
    fn every_suggestion_gets_them_and_a_quotation_does_not() {
        let text =
            "go on with `cso consult resume r-1`, or `cso consult forget r-1`\n  | `cso evil`";
        assert_eq!(complete_with(text, ""), text);
        assert_eq!(
            complete_with(text, " --url ws://x"),
            "go on with `cso consult resume r-1 --url ws://x`, or `cso consult forget r-1 --url ws://x`\n  | `cso evil`"
        );
        let once = complete_with(text, " --url ws://x");
        assert_eq!(complete_with(&once, " --url ws://x"), once);
        let odd = "`cso never ends";
        assert_eq!(complete_with(odd, " --url ws://x"), odd);
    }
}
