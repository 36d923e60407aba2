// SPDX-License-Identifier: Apache-2.0
//! `cso` as a user meets it, without a node: accounts, files, protocols, and refusals.

mod common;

use common::{data, protocol, User};
use serde_json::Value;
use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt, path::Path};

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

/// A file that nobody else can read, as the wallet wants it.
fn write_secret(path: &std::path::Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn a_mnemonic_brings_the_account_back() {
    let (user, other) = (User::new(), User::new());
    let created = user.json(&["account", "create", "anna"]);
    let suri = user.text(&["account", "export", "anna", "--suri"]);
    write_secret(&other.path("words"), &suri);
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
        .env("CSO_EXPORT_PASSWORD", "lantern orchid gravel teacup")
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
    read("lantern orchid gravel teacup").success();
    assert_eq!(other.json(&["account", "list"])["accounts"][0]["address"], created["address"]);
    other.refused(
        &["account", "export", "alice", "--suri"],
        &["without its mnemonic", "--polkadot-js"],
    );
}

#[test]
fn an_account_file_is_printed_in_either_form() {
    let (user, other) = (User::new(), User::new());
    let created = user.json(&["account", "import", "alice", "--suri", "//Alice"]);
    let export = |more: &[&str]| -> Value {
        let arguments = [&["account", "export", "alice", "--polkadot-js", "-"], more].concat();
        let mut command = user.command(&arguments);
        let output =
            command.env("CSO_EXPORT_PASSWORD", "lantern orchid gravel teacup").assert().success();
        serde_json::from_slice(&output.get_output().stdout).unwrap()
    };
    let (bare, told) = (export(&[]), export(&["--json"]));
    assert_eq!(bare["address"], created["address"]);
    assert_eq!(told["account"]["address"], created["address"]);
    assert!(told["account"]["encoded"].is_string(), "{told}");
    fs::write(user.path("alice.json"), told["account"].to_string()).unwrap();
    let file = user.path("alice.json").display().to_string();
    other
        .command(&["account", "import", "again", "--polkadot-js", &file])
        .env("CSO_EXPORT_PASSWORD", "lantern orchid gravel teacup")
        .assert()
        .success();
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
    write_secret(&user.path("pass"), "lantern orchid gravel teacup\n");
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
    fs::write(user.path("file"), "").unwrap();
    let file = user.path("file").display().to_string();
    let said = user.refused(&["expert", "init", "--dir", &file], &[&file]);
    assert_eq!(said.matches("Not a directory").count(), 1, "{said}");
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
fn usage_errors_are_json_where_json_is_asked_for() {
    let user = User::new();
    for (arguments, words) in [
        (&["consult", "request", "--json"][..], &["--expert", "--protocol", "--help"][..]),
        (&["--json", "nonsense"][..], &["nonsense"][..]),
        (&["account", "transfer", "--json", "--amount", "1,5"][..], &["like 5 or"][..]),
        (&["account", "list", "--json", "--jso"][..], &["--jso"][..]),
        (&["expert", "--json"][..], &["command"][..]),
    ] {
        let output = user.command(arguments).assert().code(2).get_output().clone();
        let said: Value = serde_json::from_slice(&output.stdout).unwrap();
        let error = said["error"].as_str().unwrap();
        assert!(!error.contains('\n') && !error.starts_with("error"), "{error}");
        for word in words {
            assert!(error.contains(word), "{error}");
        }
        assert!(!output.stderr.is_empty());
    }
    let output = user.command(&["nonsense"]).assert().code(2).get_output().clone();
    assert!(output.stdout.is_empty());
    for flag in ["--help", "--version"] {
        let output = user.command(&[flag, "--json"]).assert().success().get_output().clone();
        assert!(output.stdout.starts_with(b"cso") || output.stdout.starts_with(b"Ask"));
    }
}

#[test]
fn files_without_an_end_are_refused() {
    let user = User::new();
    user.json(&["account", "create", "anna"]);
    let (file, out) = (protocol("qsofa"), user.path("out").display().to_string());
    let endless = "/dev/zero";
    let eval = ["protocol", "eval", "--protocol", &file];
    for (arguments, bound) in [
        ([&eval[..], &["--bundle", endless]].concat(), "67108864 bytes"),
        ([&eval[..], &["--answers", endless]].concat(), "1048576 bytes"),
        ([&eval[..], &["--cases", endless, "--out", &out]].concat(), "67108864 bytes"),
        (vec!["protocol", "check", endless], "16777216 bytes"),
        (vec!["protocol", "template", endless], "67108864 bytes"),
        (vec!["protocol", "import", endless, "--data", &file, "--out", &out], "67108864 bytes"),
        (vec!["expert", "publish", "--dir", "x", endless], "16777216 bytes"),
        (vec!["account", "import", "x", "--suri-file", endless], "65536 bytes"),
        (vec!["account", "import", "x", "--polkadot-js", endless], "65536 bytes"),
        (vec!["account", "list", "--passphrase-file", endless], "65536 bytes"),
    ] {
        user.refused(&arguments, &[endless, bound]);
    }
}

/// What `cso doctor` finds: state and words by name. Without a node all is never well.
fn findings(command: &mut assert_cmd::Command) -> BTreeMap<String, [String; 2]> {
    let output = command.arg("--json").assert().code(1).get_output().clone();
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said["healthy"], false);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = said["findings"].as_array().unwrap().iter();
    findings.map(|one| (text(&one["what"]), [text(&one["state"]), text(&one["said"])])).collect()
}

#[test]
fn the_doctor_looks_into_the_wallet() {
    let mut user = User::new();
    let wallet = user.path("wallet.age");
    for content in [&b""[..], b"\x00\xff random"] {
        fs::write(&wallet, content).unwrap();
        fs::set_permissions(&wallet, fs::Permissions::from_mode(0o600)).unwrap();
        let [state, said] = findings(&mut user.command(&["doctor"]))["wallet"].clone();
        assert!(state == "WRONG" && said.contains("is no wallet"), "{said}");
    }
    fs::remove_file(&wallet).unwrap();
    user.json(&["account", "create", "anna"]);
    let [state, said] = findings(&mut user.command(&["doctor"]))["wallet"].clone();
    assert!(state == "ok" && said.ends_with("opens"), "{said}");
    let mut unasked = user.command(&["doctor"]);
    let [state, said] = findings(unasked.env_remove("CSO_PASSPHRASE"))["wallet"].clone();
    assert!(state == "ok" && said.contains("not opened"), "{said}");
    user.passphrase = "another";
    let [state, said] = findings(&mut user.command(&["doctor"]))["wallet"].clone();
    assert!(state == "WRONG" && said.contains("wrong passphrase"), "{said}");
}

#[test]
fn the_doctor_looks_into_the_passphrase_file() {
    let user = User::new();
    let file = user.path("pass");
    let look = |path: &Path| {
        let mut command = user.command(&["doctor", "--passphrase-file"]);
        findings(command.arg(path))["passphrase file"].clone()
    };
    let write = |text: &str, mode: u32| {
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    };
    for path in [user.path(""), user.path("none")] {
        let [state, said] = look(&path);
        assert!(state == "WRONG" && said.contains("can't read"), "{said}");
    }
    write("\n", 0o600);
    let [state, said] = look(&file);
    assert!(state == "WRONG" && said.contains("is empty"), "{said}");
    write("some words\n", 0o600);
    assert_eq!(look(&file)[0], "ok");
    write("some words\n", 0o640);
    let [state, said] = look(&file);
    assert!(state == "WRONG" && said.contains("chmod 600"), "{said}");
}

#[test]
fn the_doctor_tells_the_rest_where_no_place_for_a_wallet_is_known() {
    let user = User::new();
    let found = findings(user.command(&["doctor"]).env_remove("CSO_WALLET"));
    let [state, said] = &found["wallet"];
    assert!(state == "WRONG" && said.contains("--wallet"), "{said}");
    assert_eq!(found["node"][0], "WRONG");
}

#[test]
fn the_doctor_says_what_is_missing() {
    let user = User::new();
    let found = findings(&mut user.command(&["doctor"]));
    assert_eq!(found["cso"][0], "ok");
    assert_eq!(found["wallet"][0], "note");
    assert_eq!(found["node"][0], "WRONG");

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
        assert!(text.is_ascii() && !text.contains("EXTRA"), "{page}");
        for words in [".SH ENVIRONMENT", r"\fBCSO_PASSPHRASE\fR", r"\fB\-\-url\fR"] {
            assert!(text.contains(words), "{words} in {page}");
        }
    }
    let page = fs::read_to_string(user.path("man/cso-consult-request.1")).unwrap();
    let (_, examples) = page.split_once(".SH EXAMPLES\n.nf\n").unwrap();
    let lines: Vec<_> = examples.lines().collect();
    assert!(lines[0].starts_with("cso consult request"), "{examples}");
    assert_eq!(lines.last(), Some(&".fi"));
    user.refused(&["man", "--out", &pages], &["exists already", "--force"]);
}

#[test]
fn earlier_names_of_commands_still_work() {
    let user = User::new();
    let file = protocol("qsofa");
    let (now, before) =
        (user.json(&["protocol", "check", &file]), user.json(&["model", "check", &file]));
    assert_eq!(now["id"], before["id"]);
    let asked = |flag: &str| {
        let answers = ["-a", "respiration=30", "-a", "systolic=90", "-a", "gcs=14"];
        let command = [&["protocol", "eval", flag, &file], &answers[..]].concat();
        user.json(&command)["outputs"].clone()
    };
    assert_eq!(asked("--protocol"), asked("--model"));
    user.refused(&["experts", "list"], &["ws://127.0.0.1:1"]);
    user.refused(&["directory", "list"], &["ws://127.0.0.1:1"]);
}
