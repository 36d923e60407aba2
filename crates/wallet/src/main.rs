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
//! | `report`, `input_file`, `output_file` | all that is printed, files that are read and written |
//! | `profile`, `environment` | flags' values, environment variables |
//! | `usage`, `hint` | a command line that can't be read; which command helps against an error |

mod commands;
mod consent;
mod context;
mod environment;
mod hint;
mod input_file;
mod output_file;
mod profile;
mod prompt;
#[cfg(test)]
mod reference;
mod report;
mod steps;
mod usage;

use clap::Parser;
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
    let Cli { globals, command } = match Cli::try_parse() {
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
        let timings = context.steps.timings();
        match result {
            Ok(report) => print(report, timings, as_json),
            Err(error) => fail(as_json, &hint::with(&error)),
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
    let message = report::one_line(message);
    report::problem(&message);
    if as_json {
        report::print_json(&json!({ "error": message }));
    }
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
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
