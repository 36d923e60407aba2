// SPDX-License-Identifier: Apache-2.0
//! Ctrl-C in the middle of a command: what was kept is said, with how to go on, and the exit code
//! is 130.

mod common;

use assert_cmd::cargo::cargo_bin;
use common::User;
use serde_json::Value;
use std::{
    net::TcpListener,
    process::{Command, Output, Stdio},
};

/// Runs a command against a node that takes the connection and says nothing, and sends Ctrl-C's
/// signal once it is connected.
fn interrupted(user: &User, arguments: &[&str]) -> Output {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut command = Command::new(cargo_bin("cso"));
    command
        .args(arguments)
        .env_clear()
        .env("CSO_WALLET", user.path("wallet.age"))
        .env("CSO_PASSPHRASE", user.passphrase)
        .env("CSO_URL", format!("ws://{}", silent.local_addr().unwrap()))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let (_connection, _) = silent.accept().unwrap();
    let id = child.id().to_string();
    assert!(Command::new("sh").args(["-c", "kill -INT \"$0\"", &id]).status().unwrap().success());
    child.wait_with_output().unwrap()
}

#[test]
fn what_was_kept_is_said_to_people_and_to_machines() {
    let user = User::new();
    for name in ["anna", "ben"] {
        user.json(&["account", "create", name]);
    }
    let transfer =
        ["account", "transfer", "--from", "anna", "--to", "ben", "--amount", "1", "--yes"];
    let expert = "5FLSigC9HGRKVhB9FiEo4Y3koPsNmBmLJbpXg2mp1hXcS59Y";
    let request = ["consult", "request", "--expert", expert, "--protocol", "0", "--from", "anna"];
    for (arguments, words) in [
        (&transfer[..], "interrupted; nothing was sent"),
        (&request[..], "interrupted; nothing was sent, nothing was paid"),
    ] {
        let output = interrupted(&user, arguments);
        assert_eq!(output.status.code(), Some(130), "{output:?}");
        assert_eq!(String::from_utf8(output.stderr).unwrap(), format!("error: {words}\n"));
        assert!(output.stdout.is_empty());
        let output = interrupted(&user, &[arguments, &["--json"]].concat());
        assert_eq!(output.status.code(), Some(130), "{output:?}");
        let said: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(said["error"], words);
    }
}
