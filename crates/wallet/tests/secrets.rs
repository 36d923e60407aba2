// SPDX-License-Identifier: Apache-2.0
//! Secrets stay: what is typed isn't shown, what others could read isn't taken, what is easily
//! guessed doesn't protect a new wallet, and a worker's key doesn't leave the computer.

mod common;

use assert_cmd::cargo::cargo_bin;
use common::{
    terminal::{expect, start},
    User,
};
use rexpect::session::PtySession;
use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

const STRONG: &str = "correct horse battery staple";

/// A shell script in a terminal of its own, with `$0` for the program. Nobody gives a passphrase.
fn typed(user: &User, script: &str) -> PtySession {
    let mut command = Command::new("sh");
    command.args(["-c", script]).arg(cargo_bin("cso"));
    start(user, command)
}

/// Whether this process, and so what it starts, ignores Ctrl-C: a shell's background job does.
fn ignores_interrupts() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
    u64::from_str_radix(ignored.trim(), 16).unwrap() & (1 << 1) != 0
}

#[test]
fn ctrl_c_at_the_passphrase_stops_everything_and_leaves_the_terminal_as_it_was() {
    let user = User::new();
    // What comes after the interrupted program is the shell's: it catches the signal, which the
    // whole group gets.
    let mut session = typed(
        &user,
        "stty echo; trap 'echo caught' INT; \"$0\" account create anna; echo status=$?; stty -a",
    );
    expect(&mut session, &["Passphrase for the new wallet", ": "]);
    session.send("half a secret").unwrap();
    session.send_control('c').unwrap();
    let (said, status) = match ignores_interrupts() {
        true => ("error: interrupted; nothing was done", "status=1"),
        // Killed by the signal, as a shell tells it.
        false => ("caught", "status=130"),
    };
    let before = session.exp_string(said).unwrap();
    assert!(!before.contains("half"), "{before}");
    expect(&mut session, &[status]);
    let settings = session.exp_eof().unwrap();
    for setting in ["echo", "icanon", "isig", "iexten"] {
        assert!(settings.split_whitespace().any(|one| one == setting), "{setting} in: {settings}");
    }
    assert!(!user.path("wallet.age").exists());
}

#[test]
fn a_typed_passphrase_is_not_shown_and_is_asked_twice() {
    let user = User::new();
    let mut session = typed(&user, "stty echo; \"$0\" account create anna; \"$0\" account list");
    expect(&mut session, &["Passphrase for the new wallet", ": "]);
    // The typing mistake is taken back.
    session.send_line(&format!("{STRONG}x\u{7f}")).unwrap();
    let mut shown = session.exp_string("The same again: ").unwrap();
    session.send_line(STRONG).unwrap();
    shown += &session.exp_string("anna  5").unwrap();
    shown += &session.exp_string("Passphrase of ").unwrap();
    expect(&mut session, &[": "]);
    session.send_line(STRONG).unwrap();
    shown += &session.exp_string("anna  5").unwrap();
    session.exp_eof().unwrap();
    assert!(!shown.contains("horse"), "{shown}");
}

#[test]
fn two_that_differ_make_no_wallet() {
    let user = User::new();
    let mut session = typed(&user, "\"$0\" account create anna");
    expect(&mut session, &["Passphrase for the new wallet", ": "]);
    session.send_line(STRONG).unwrap();
    expect(&mut session, &["The same again: "]);
    session.send_line("correct horse battery stable").unwrap();
    expect(&mut session, &["error: the two differ; nothing was done"]);
    session.exp_eof().unwrap();
    assert!(!user.path("wallet.age").exists());
}

#[test]
fn a_weak_passphrase_is_refused_before_it_is_asked_for_again() {
    let user = User::new();
    let mut session = typed(&user, "\"$0\" account create anna");
    expect(&mut session, &["Passphrase for the new wallet", ": "]);
    session.send_line("password1").unwrap();
    let before = session.exp_string("too weak").unwrap();
    assert!(!before.contains("The same again"), "{before}");
    expect(&mut session, &["--weak-passphrase"]);
    session.exp_eof().unwrap();
}

#[test]
fn only_new_wallets_need_a_strong_passphrase() {
    let mut user = User::new();
    user.passphrase = "password1";
    let said = user.refused(
        &["account", "create", "anna"],
        &["the wallet's passphrase is too weak", "of 4", "guesses a second", "--weak-passphrase"],
    );
    assert!(!said.contains("password1"), "{said}");
    user.passphrase = "";
    user.refused(&["account", "create", "anna", "--weak-passphrase"], &["passphrase is empty"]);
    user.passphrase = "password1";
    user.json(&["account", "create", "anna", "--weak-passphrase"]);
    user.json(&["account", "create", "ben"]);
    assert_eq!(user.json(&["account", "list"])["accounts"][1]["name"], "ben");
}

#[test]
fn a_file_with_a_secret_that_others_can_read_is_refused() {
    let user = User::new();
    user.json(&["account", "create", "anna"]);
    let (words, passphrase) = (user.path("words"), user.path("pass phrase"));
    let write = |path: &Path, text: &str, mode: u32| {
        fs::write(path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        path.display().to_string()
    };
    for mode in [0o644, 0o640] {
        let file = write(&words, "//Alice\n", mode);
        let advice = format!("chmod 600 {file}");
        user.refused(&["account", "import", "alice", "--suri-file", &file], &[&advice]);
        let file = write(&passphrase, STRONG, mode);
        let advice = format!("chmod 600 {file}");
        user.refused(&["account", "list", "--passphrase-file", &file], &[&advice]);
    }
    let file = write(&words, "//Alice\n", 0o600);
    user.json(&["account", "import", "alice", "--suri-file", &file]);
    let file = write(&passphrase, STRONG, 0o400);
    user.json(&["account", "list", "--passphrase-file", &file]);
}

#[test]
fn a_pipe_is_read_whatever_its_mode() {
    let user = User::new();
    user.json(&["account", "create", "anna"]);
    let script = r#"printf '%s\n' "$1" | "$0" account list --passphrase-file /dev/stdin"#;
    let output = Command::new("sh")
        .args(["-c", script])
        .arg(cargo_bin("cso"))
        .arg(STRONG)
        .env("CSO_WALLET", user.path("wallet.age"))
        .env_remove("CSO_PASSPHRASE")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("anna"));
}

#[test]
fn a_workers_key_goes_to_another_computer_only_if_that_is_said() {
    let user = User::new();
    user.json(&["account", "create", "worker"]);
    let insert = ["expert", "worker", "--insert", "worker"];
    // Not a loopback address, though it leads to this computer, where nobody listens.
    let there = ["--url", "ws://0.0.0.0:1"];
    let over = "--insert-over-network";
    user.refused(&[&insert[..], &there].concat(), &["ws://0.0.0.0:1 isn't on this computer", over]);
    user.refused(&[&insert[..], &there, &[over]].concat(), &["no node answers at ws://0.0.0.0:1"]);
    user.refused(&insert, &["no node answers at ws://127.0.0.1:1"]);
}

#[test]
fn a_key_that_has_no_seed_is_given_to_no_node() {
    let user = User::new();
    user.json(&["account", "import", "worker", "--suri", "//Alice/soft"]);
    user.refused(
        &["expert", "worker", "--insert", "worker"],
        &["`worker`", "soft junction", "cso-node key insert"],
    );
}
