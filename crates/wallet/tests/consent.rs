// SPDX-License-Identifier: Apache-2.0
//! Money moves when somebody has said so: at the terminal, where it is said in full, or by flags.

mod common;

use assert_cmd::cargo::cargo_bin;
use common::{protocol, User};
use rexpect::session::{spawn_command, PtySession};
use std::{fs, process::Command};

/// Longest wait for any line, in milliseconds; nothing takes that long.
const PATIENCE: Option<u64> = Some(60_000);

/// A user with two accounts, and nobody at the terminal.
fn anna_and_ben() -> User {
    let user = User::new();
    for name in ["anna", "ben"] {
        user.json(&["account", "create", name]);
    }
    user
}

/// The same user at a terminal.
fn at_terminal(user: &User, arguments: &[&str]) -> PtySession {
    let mut command = Command::new(cargo_bin("cso"));
    command
        .args(arguments)
        .env_clear()
        .env("TERM", "xterm")
        .env("CSO_WALLET", user.path("wallet.age"))
        .env("CSO_PASSPHRASE", user.passphrase)
        .env("CSO_URL", "ws://127.0.0.1:1");
    spawn_command(command, PATIENCE).unwrap()
}

const TRANSFER: [&str; 8] =
    ["account", "transfer", "--from", "anna", "--to", "ben", "--amount", "2.5"];

#[test]
fn without_a_terminal_nothing_moves_unless_yes_is_said() {
    let user = anna_and_ben();
    for (arguments, words) in [
        (&TRANSFER[..], &["2.5 CSO", "from anna (5", "to ben (5"][..]),
        (&["board", "slash", "ben", "200", "--as", "anna"][..], &["200 CSO", "ben (5"][..]),
        (&["board", "revoke", "ben", "--as", "anna"][..], &["ben (5"][..]),
    ] {
        user.refused(arguments, &[words, &["--yes"]].concat());
        user.refused(&[arguments, &["--yes"]].concat(), &["ws://127.0.0.1:1"]);
    }
}

#[test]
fn at_the_terminal_a_transfer_is_said_in_full_and_can_be_refused() {
    let user = anna_and_ben();
    for (answer, said) in [("n", "nothing was done"), ("", "nothing was done"), ("y", "no node")] {
        let mut session = at_terminal(&user, &TRANSFER);
        for words in ["Send 2.5 CSO from anna (5", "to ben (5", "[y/N] "] {
            session.exp_string(words).unwrap();
        }
        session.send_line(answer).unwrap();
        session.exp_string(said).unwrap();
        session.exp_eof().unwrap();
    }
}

#[test]
fn nothing_is_accepted_or_erased_that_is_not_there() {
    let user = anna_and_ben();
    for command in ["accept", "erase"] {
        user.refused(&["consult", command, "7"], &["7", "cso consult list"]);
    }
}

#[test]
fn a_question_comes_from_a_flag_or_a_file_but_not_from_both() {
    let user = anna_and_ben();
    let file = user.path("question.txt").display().to_string();
    let ask = ["consult", "request", "--expert", "ben", "--protocol", "0", "--from", "anna"];
    let with = |more: &[&'static str]| [&ask[..], more].concat();
    fs::write(&file, "?".repeat(5000)).unwrap();
    let long = [&ask[..], &["--question-file", &file]].concat();
    user.refused(&long, &["question.txt", "4098 bytes"]);
    fs::write(&file, "What now?\n").unwrap();
    user.refused(&long, &["ws://127.0.0.1:1"]);
    user.command(&[&long[..], &["--question", "Why?"]].concat()).assert().code(2);
    let both = with(&["--question-file", "-", "--answers", "-"]);
    user.refused(&both, &["--answers -", "--question-file -", "standard input"]);
}

#[test]
fn answers_are_read_from_the_standard_input() {
    let user = User::new();
    let file = protocol("qsofa");
    let eval = ["protocol", "eval", "--protocol", &file, "--json"];
    let mut piped = user.command(&[&eval[..], &["--answers", "-"]].concat());
    let answers = r#"{ "respiration": 30, "systolic": 90, "gcs": 14 }"#;
    let output = piped.write_stdin(answers).assert().success().get_output().clone();
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let flags = ["-a", "respiration=30", "-a", "systolic=90", "-a", "gcs=14"];
    let given = user.json(&[&eval[..4], &flags[..]].concat());
    assert_eq!(said["outputs"], given["outputs"]);
    assert_eq!(said["inputs"][0]["source"], "the standard input");
}
