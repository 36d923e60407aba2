// SPDX-License-Identifier: Apache-2.0
//! `cso`: the command line of patients, experts and the medical board.
//!
//! What they do is `cso-client`'s. Here are commands, prompts, text and JSON.
//!
//! | module | what lives there |
//! |---|---|
//! | `commands` | one file or folder a noun: its flags and what it says |
//! | `context` | what all commands share: flags, wallet, chain, names |
//! | `prompt`, `consent`, `steps` | asking, what is said before money moves, progress |
//! | `interrupt` | what is said at Ctrl-C |
//! | `record_files` | the files of a history |
//! | `report`, `table`, `input_file`, `output_file` | all that is printed, files that are read and written |
//! | `profile`, `environment` | flags' values, environment variables |
//! | `usage`, `hint`, `pasted` | a command line that can't be read; which command helps against an error |

mod commands;
mod consent;
mod context;
mod environment;
mod hint;
mod input_file;
mod interrupt;
mod output_file;
mod pasted;
mod profile;
mod prompt;
mod record_files;
#[cfg(test)]
mod reference;
mod report;
mod steps;
mod table;
mod usage;

use clap::{CommandFactory, FromArgMatches, Parser};
use commands::Command;
use context::{Context, Globals};
use report::Report;
use serde_json::json;
use std::{io, process::ExitCode};

/// Ask accredited experts for a second opinion on an encrypted medical history.
///
/// Research software, not a medical device.
#[derive(Parser, Debug)]
#[command(name = "cso", version, max_term_width = 110, after_help = EXAMPLES)]
struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  cso account create anna                       a wallet with an account
  cso directory list                            who can be asked, for what, at what price
  cso consult preview --expert 5Fxyz… --protocol cha2ds2-vasc --bundle history.json
  cso consult request --expert 5Fxyz… --protocol cha2ds2-vasc --bundle history.json
  cso consult wait && cso consult open          the opinion, decrypted here and nowhere else
  cso consult accept 7 && cso consult erase 7   the expert is paid, and nothing stays";

fn main() -> ExitCode {
    let matches = Cli::command().try_get_matches();
    let parsed = matches.and_then(|matches| {
        pasted::note(&matches);
        Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut Cli::command()))
    });
    let Cli { globals, command } = match parsed {
        Ok(cli) => cli,
        Err(error) => return usage::answer(&error),
    };
    let as_json = globals.json;
    let runtime =
        match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return fail(as_json, &format!("the system gives no threads: {error}")),
        };
    runtime.block_on(async {
        let mut context = Context::new(globals);
        let result = command.run(&mut context).await;
        let subject = context.subject();
        let timings = context.steps.timings();
        match result {
            Ok(report) => print(report, timings, as_json),
            Err(error) => fail(as_json, &hint::with(&error, subject.as_deref())),
        }
    })
}

fn print(report: Report, timings: serde_json::Value, as_json: bool) -> ExitCode {
    let exit = ExitCode::from(report.exit);
    match report.print(as_json.then_some(timings)) {
        Ok(()) => exit,
        // The reader has gone (`cso ... | head`): that is its right.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => exit,
        Err(error) => {
            report::problem(format_args!("can't write the output: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn fail(as_json: bool, message: &str) -> ExitCode {
    let message = report::one_line(&pasted::complete(message));
    report::problem(&message);
    if as_json {
        report::print_json(&json!({ "error": message }));
    }
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, path::Path};

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    /// What stands for something that a person puts in.
    const PLACEHOLDERS: [&str; 5] = ["CSO", "FILE", "HANDLE", "NAME", "NUMBER"];

    /// Commands that are only named, not suggested: `after `cso consult erase` make a new one`.
    const NAMED: [&str; 3] = ["cso consult erase", "cso expert publish", "cso protocol import"];

    /// The commands between backticks in the code of a file, with something in the place of what
    /// is put in.
    fn suggested(code: &str) -> Vec<String> {
        let code: Vec<_> =
            code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let parts = code.join("\n");
        let parts = parts.split("`cso ").skip(1).filter_map(|part| part.split_once('`'));
        parts
            .map(|(command, _)| {
                let mut said = String::from("cso ");
                let mut rest = command;
                while let Some((before, after)) = rest.split_once('{') {
                    said += before;
                    said += "7";
                    rest = after.split_once('}').map_or("", |(_, after)| after);
                }
                said + rest
            })
            .collect()
    }

    #[test]
    fn every_command_that_is_suggested_works_as_it_is_pasted() {
        fn look(folder: &Path, found: &mut Vec<(String, String)>) {
            for entry in fs::read_dir(folder).unwrap().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    look(&path, found);
                } else {
                    let text = fs::read_to_string(&path).unwrap();
                    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
                    let place = path.display().to_string();
                    found.extend(suggested(code).into_iter().map(|one| (place.clone(), one)));
                }
            }
        }
        let mut found = Vec::new();
        look(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
        // What goes on behind the end of a text or line is none.
        found.retain(|(_, command)| !command.contains(['"', '\n']));
        found.retain(|(_, command)| command != "cso " && !NAMED.contains(&command.as_str()));
        assert!(found.len() > 40, "{found:?}");
        let put_in = |word: &str| match PLACEHOLDERS.contains(&word) {
            true => "7".to_owned(),
            false => word.to_owned(),
        };
        let is_wrong = |command: &str| {
            let words = command.split_whitespace().map(put_in);
            // A help is an answer, too.
            Cli::command().try_get_matches_from(words).is_err_and(|error| error.use_stderr())
        };
        found.retain(|(_, command)| is_wrong(command));
        assert!(found.is_empty(), "{found:#?}");
    }

    #[test]
    fn no_command_is_suggested_without_backticks() {
        // Those would miss the flags that `pasted` adds.
        for bare in ["choose one: cso ", "make one: cso ", "first: cso ", "with: cso "] {
            let hints = include_str!("hint.rs");
            assert!(!hints.contains(bare), "{bare}");
        }
    }

    #[test]
    fn every_leaf_command_has_examples() {
        fn check(command: &clap::Command, path: &str) {
            for sub in command.get_subcommands() {
                let path = format!("{path} {}", sub.get_name());
                if sub.has_subcommands() {
                    check(sub, &path);
                } else {
                    let help = sub.get_after_help().map(ToString::to_string).unwrap_or_default();
                    assert!(
                        help.contains("Example") && help.contains(&path),
                        "{path} has no example of itself"
                    );
                    assert!(sub.get_about().is_some(), "{path} doesn't say what it does");
                }
            }
        }
        check(&Cli::command(), "cso");
    }
}
