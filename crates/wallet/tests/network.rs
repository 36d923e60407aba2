// SPDX-License-Identifier: Apache-2.0
//! Where a wallet's words go: a way that others can read along is told, and suggested commands
//! lead to the same node and the same wallet.

mod common;

use common::User;
use serde_json::Value;

/// A node that isn't on this computer, and isn't there either.
const PLAIN: &str = "ws://nobody.invalid:1";

#[test]
fn a_way_without_encryption_is_told_once_and_to_people_only() {
    let user = User::new();
    let said = |url: &str, more: &[&str]| {
        let command = [&["chain", "--url", url], more].concat();
        let output = user.command(&command).assert().code(1).get_output().clone();
        let said = String::from_utf8(output.stderr).unwrap();
        said.matches("isn't encrypted").count()
    };
    assert_eq!(said(PLAIN, &[]), 1);
    assert_eq!(said(PLAIN, &["--json"]), 0);
    for url in ["wss://nobody.invalid:1", "ws://127.0.0.1:1", "ws://localhost:1", "ws://[::1]:1"] {
        assert_eq!(said(url, &[]), 0, "{url}");
    }
}

#[test]
fn the_doctor_mentions_a_way_without_encryption() {
    let user = User::new();
    let found = |url: &str| {
        let doctor = ["doctor", "--json", "--url", url];
        let output = user.command(&doctor).assert().code(1).get_output().clone();
        let said: Value = serde_json::from_slice(&output.stdout).unwrap();
        let findings = said["findings"].as_array().unwrap().clone();
        findings.into_iter().find(|one| one["what"] == "way to the node")
    };
    let finding = found(PLAIN).unwrap();
    assert_eq!(finding["state"], "note");
    assert!(finding["said"].as_str().unwrap().contains("isn't encrypted"), "{finding}");
    assert_eq!(found("ws://127.0.0.1:1"), None);
}

#[test]
fn suggested_commands_lead_to_the_same_wallet() {
    let user = User::new();
    let wallet = user.path("it's another.age").display().to_string();
    let listed = ["account", "list", "--wallet", &wallet];
    let wanted = format!("`cso account create NAME --wallet '{}'`", wallet.replace('\'', r"'\''"));
    user.refused(&listed, &[&wanted]);
    // What the environment says, the next command hears too.
    user.refused(&["account", "list"], &["`cso account create NAME`"]);
}
