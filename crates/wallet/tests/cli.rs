// SPDX-License-Identifier: Apache-2.0
//! `cso` as a user meets it, without a node: accounts, files, protocols, and refusals.

mod common;

use common::{data, protocol, User};
use serde_json::Value;
use std::{fs, os::unix::fs::PermissionsExt};

#[test]
fn the_first_account_makes_a_private_wallet() {
    let user = User::new();
    let created = user.json(&["account", "create", "anna"]);
    let wallet = user.path("wallet.age");
    assert_eq!(fs::metadata(&wallet).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(fs::read(&wallet).unwrap().starts_with(b"age-encryption.org/v1"));
    let listed = user.json(&["account", "list"]);
    assert_eq!(listed["accounts"][0]["address"], created["address"]);
    assert_eq!(listed["accounts"][0]["for_consultation"], Value::Null);
}

#[test]
fn secrets_are_shown_by_export_only() {
    let user = User::new();
    let created = user.text(&["account", "create", "anna"]);
    let suri = user.text(&["account", "export", "anna", "--suri"]);
    assert_eq!(suri.split_whitespace().count(), 12);
    for shown in [created, user.text(&["account", "list"])] {
        assert!(!shown.contains(suri.trim()), "{shown}");
    }
}

#[test]
fn a_mnemonic_brings_the_account_back() {
    let (user, other) = (User::new(), User::new());
    let created = user.json(&["account", "create", "anna"]);
    let suri = user.text(&["account", "export", "anna", "--suri"]);
    fs::write(other.path("words"), suri).unwrap();
    let words = other.path("words").display().to_string();
    let imported = other.json(&["account", "import", "again", "--suri-file", &words]);
    assert_eq!(imported["address"], created["address"]);
}

#[test]
fn a_polkadot_js_file_brings_the_account_back_with_its_password_only() {
    let (user, other) = (User::new(), User::new());
    let created = user.json(&["account", "import", "alice", "--suri", "//Alice"]);
    assert_eq!(created["address"], "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY");
    let file = user.path("alice.json").display().to_string();
    user.command(&["account", "export", "alice", "--polkadot-js", &file])
        .env("CSO_EXPORT_PASSWORD", "secret")
        .assert()
        .success();
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let read = |password: &str| {
        let mut command =
            other.command(&["account", "import", "alice", "--polkadot-js", &file, "--json"]);
        command.env("CSO_EXPORT_PASSWORD", password).assert()
    };
    let wrong = read("wrong").code(1).get_output().clone();
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("wrong password"));
    read("secret").success();
    assert_eq!(other.json(&["account", "list"])["accounts"][0]["address"], created["address"]);
    other.refused(
        &["account", "export", "alice", "--suri"],
        &["without its mnemonic", "--polkadot-js"],
    );
}

#[test]
fn wallets_are_refused_with_what_to_do() {
    let mut user = User::new();
    user.refused(&["account", "list"], &["no wallet", "cso account create"]);
    user.json(&["account", "create", "anna"]);
    user.refused(&["account", "create", "anna"], &["`anna` already"]);
    user.refused(&["account", "create", "a b"], &["can't be an account's name"]);
    user.refused(&["account", "import", "x", "--suri", "not words"], &["mnemonic"]);
    user.refused(&["account", "remove", "anna"], &["--yes"]);
    user.refused(&["account", "export", "ben", "--suri"], &["no account `ben`"]);
    user.passphrase = "another";
    user.refused(&["account", "list"], &["wrong passphrase"]);
    user.passphrase = "correct horse battery staple";
    fs::set_permissions(user.path("wallet.age"), fs::Permissions::from_mode(0o644)).unwrap();
    user.refused(&["account", "list"], &["chmod 600"]);
}

#[test]
fn without_a_terminal_a_passphrase_must_be_given() {
    let user = User::new();
    let mut command = user.command(&["account", "create", "anna"]);
    let output = command.env_remove("CSO_PASSPHRASE").assert().code(1).get_output().clone();
    assert!(String::from_utf8_lossy(&output.stderr).contains("--passphrase-file"));
    fs::write(user.path("pass"), "from a file\n").unwrap();
    let mut command = user.command(&["account", "create", "anna", "--passphrase-file"]);
    command.env_remove("CSO_PASSPHRASE").arg(user.path("pass")).assert().success();
}

#[test]
fn an_unreachable_node_is_named() {
    let user = User::new();
    user.json(&["account", "import", "me", "--suri", "//Dave"]);
    let expert = "5FLSigC9HGRKVhB9FiEo4Y3koPsNmBmLJbpXg2mp1hXcS59Y";
    let bundle = data("bundle-anna.json");
    let ask = ["--expert", expert, "--protocol", "0", "--bundle", &bundle];
    for start in [vec!["consult", "preview"], vec!["consult", "request", "--yes"]] {
        let arguments: Vec<_> = start.into_iter().chain(ask).collect();
        user.refused(&arguments, &["ws://127.0.0.1:1", "--url"]);
    }
    for arguments in [
        ["experts", "list"].as_slice(),
        &["chain"],
        &["account", "balance"],
        &["consult", "status", "7"],
    ] {
        user.refused(arguments, &["ws://127.0.0.1:1", "--url"]);
    }
    assert_eq!(user.json(&["consult", "list"])["consultations"], serde_json::json!([]));
}

#[test]
fn mistyped_addresses_and_amounts_are_refused_before_anything_is_asked() {
    let user = User::new();
    user.json(&["account", "import", "me", "--suri", "//Dave"]);
    let typo = "5FLSigC9HGRKVhB9FiEo4Y3koPsNmBmLJbpXg2mp1hXcS59X";
    user.refused(&["experts", "show", typo], &["no address"]);
    user.refused(&["experts", "show", "nobody"], &["nobody"]);
    let transfer = |amount: &str| {
        user.command(&["account", "transfer", "--to", "me", "--amount", amount]).assert()
    };
    let output = transfer("1,5").code(2).get_output().clone();
    assert!(String::from_utf8_lossy(&output.stderr).contains("like 5 or 0.25"));
    transfer("0.0000000000001").code(2);
}

#[test]
fn an_experts_directory_is_made_once() {
    let user = User::new();
    let dir = user.path("expert").display().to_string();
    let made = user.json(&["expert", "init", "--dir", &dir]);
    // X-Wing: 1216 bytes.
    assert_eq!(made["sealing_key"].as_str().unwrap().len(), 2 + 2 * 1216);
    let key = user.path("expert/sealing.key");
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    let before = fs::read(&key).unwrap();
    user.refused(&["expert", "init", "--dir", &dir], &["exists already"]);
    assert_eq!(fs::read(&key).unwrap(), before);
}

#[test]
fn a_protocol_that_does_not_compile_is_not_published() {
    let user = User::new();
    user.json(&["account", "create", "me"]);
    let dir = user.path("expert").display().to_string();
    user.json(&["expert", "init", "--dir", &dir]);
    let broken = user.path("broken.toml");
    fs::write(
        &broken,
        fs::read_to_string(protocol("findrisc")).unwrap().replacen("[[model", "[[modle", 1),
    )
    .unwrap();
    user.refused(
        &["expert", "publish", "--dir", &dir, &broken.display().to_string()],
        &["broken.toml"],
    );
    assert_eq!(fs::read_dir(user.path("expert/protocols")).unwrap().count(), 0);
}

#[test]
fn usage_errors_have_exit_code_2() {
    let user = User::new();
    for arguments in [
        ["consult", "request"].as_slice(),
        &["board", "accredit", "x"],
        &["nonsense"],
        &["expert", "worker"],
    ] {
        user.command(arguments).assert().code(2);
    }
}

#[test]
fn the_doctor_says_what_is_missing() {
    let user = User::new();
    let output = user.command(&["doctor", "--json"]).assert().code(1).get_output().clone();
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let state = |what: &str| {
        let findings = said["findings"].as_array().unwrap();
        let found = findings.iter().find(|one| one["what"] == what);
        found.map(|one| one["state"].as_str().unwrap().to_owned())
    };
    assert_eq!(said["healthy"], false);
    assert_eq!(state("cso").as_deref(), Some("ok"));
    assert_eq!(state("wallet").as_deref(), Some("note"));
    assert_eq!(state("node").as_deref(), Some("WRONG"));

    user.json(&["account", "create", "anna"]);
    fs::set_permissions(user.path("wallet.age"), fs::Permissions::from_mode(0o644)).unwrap();
    let output = user.command(&["doctor"]).assert().code(1).get_output().clone();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("chmod 600"), "{text}");
}

#[test]
fn shells_and_manuals_know_every_command() {
    let user = User::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = user.text(&["completions", shell]);
        assert!(script.contains("questionnaire"), "{shell}");
    }
    let pages = user.path("man").display().to_string();
    user.json(&["man", "--out", &pages]);
    for page in ["cso.1", "cso-consult.1", "cso-consult-request.1", "cso-protocol-check.1"] {
        let text = fs::read_to_string(user.path("man").join(page)).unwrap();
        assert!(text.starts_with(".ie") && text.contains(".SH"), "{page}");
    }
    user.refused(&["man", "--out", &pages], &["exists already", "--force"]);
}

#[test]
fn earlier_names_of_commands_still_work() {
    let user = User::new();
    let file = protocol("qsofa");
    let (now, before) =
        (user.json(&["protocol", "check", &file]), user.json(&["model", "check", &file]));
    assert_eq!(now["id"], before["id"]);
    user.refused(&["experts", "list"], &["ws://127.0.0.1:1"]);
    user.refused(&["directory", "list"], &["ws://127.0.0.1:1"]);
}
