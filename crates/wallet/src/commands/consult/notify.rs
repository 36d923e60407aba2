// SPDX-License-Identifier: Apache-2.0
//! `cso consult wait --notify COMMAND`: a command of the user's that is run when waiting is over.
//!
//! A shell runs it, as with `git` and `watch`, so that quotes and redirections work. Its
//! environment says which consultation, and in a word how waiting ended; nothing that others wrote
//! and nothing medical goes there, and no secret of ours.

use crate::report::{error_output, warn};
use cso_client::consultation::Which;
use std::{
    io,
    process::{Command, ExitStatus, Stdio},
};

/// Variables with secrets, which it doesn't get.
const SECRETS: [&str; 2] = ["CSO_PASSPHRASE", "CSO_EXPORT_PASSWORD"];

/// What `CSO_STATUS` says when time ran out.
pub(super) const TIMEOUT: &str = "timeout";
/// What it says when waiting came to an end that says nothing of the consultation: the node is
/// gone.
pub(super) const FAILED: &str = "failed";

/// Runs the command and waits until it ends. That it fails is a warning: it changes nothing of how
/// the waiting ended.
pub(super) fn run(command: &str, which: &Which, status: &'static str) {
    match shell(command, which, status).status() {
        Ok(ended) if ended.success() => {}
        ended => warn(failure(ended)),
    }
}

/// The system's shell with that command.
#[cfg(not(windows))]
fn system_shell(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", command]);
    shell
}

/// The system's shell with that command. `/S` takes the outer quotes away and leaves those within.
#[cfg(windows)]
fn system_shell(command: &str) -> Command {
    use std::os::windows::process::CommandExt;
    let mut shell = Command::new("cmd");
    shell.args(["/S", "/C"]).raw_arg(format!("\"{command}\""));
    shell
}

/// The command in a shell, with what it is told.
fn shell(command: &str, which: &Which, status: &'static str) -> Command {
    let mut shell = system_shell(command);
    for secret in SECRETS {
        shell.env_remove(secret);
    }
    shell
        .env("CSO_HANDLE", which.handle.as_deref().unwrap_or_default())
        .env("CSO_ID", which.id.map(|id| id.to_string()).unwrap_or_default())
        .env("CSO_STATUS", status)
        .stdin(Stdio::null())
        // The standard output is the report's, with `--json` one object and nothing else.
        .stdout(error_output());
    shell
}

fn failure(ended: io::Result<ExitStatus>) -> String {
    match ended {
        Ok(ended) => format!("the command of --notify failed: {ended}"),
        Err(error) => format!("the command of --notify can't be run: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn which() -> Which {
        let mut which = Which::number(7);
        which.handle = Some("r-1".into());
        which
    }

    #[cfg(unix)]
    #[test]
    fn the_command_is_run_by_a_shell_and_told_which_and_how() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("told");
        let command =
            format!("echo \"$CSO_HANDLE $CSO_ID $CSO_STATUS\" > '{}' && exit 3", file.display());
        let ended = shell(&command, &which(), "delivered").status();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "r-1 7 delivered\n");
        let said = failure(ended);
        assert!(said.contains("--notify failed") && said.contains('3'), "{said}");
    }

    #[cfg(unix)]
    #[test]
    fn a_number_that_is_not_the_wallets_has_no_handle() {
        let output = shell("echo \"<$CSO_HANDLE> $CSO_ID\"", &Which::number(7), TIMEOUT)
            .stdout(Stdio::piped())
            .output()
            .unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "<> 7\n");
    }

    #[test]
    fn secrets_are_taken_out_of_its_environment() {
        let shell = shell("true", &which(), FAILED);
        for secret in SECRETS {
            let removed = shell.get_envs().any(|(name, value)| name == secret && value.is_none());
            assert!(removed, "{secret}");
        }
    }
}
