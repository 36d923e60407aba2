// SPDX-License-Identifier: Apache-2.0
//! The wallet's file over the years: another passphrase, backups, and how they come back.

mod common;

use assert_cmd::cargo::cargo_bin;
use common::{
    terminal::{expect, start},
    User,
};
use rexpect::session::PtySession;
use serde_json::Value;
use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

const STRONG: &str = "correct horse battery staple";
const NEW: &str = "gentle purple walrus mandolin";

fn user_with(accounts: &[&str]) -> User {
    let user = User::new();
    for name in accounts {
        user.json(&["account", "create", name]);
    }
    user
}

/// A file with a secret in its first line.
fn secret(user: &User, name: &str, text: &str, mode: u32) -> String {
    let path = user.path(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    path.display().to_string()
}

fn file(user: &User, name: &str) -> String {
    user.path(name).display().to_string()
}

fn names(user: &User) -> Vec<String> {
    let listed = user.json(&["account", "list"]);
    let all = listed["accounts"].as_array().unwrap().iter();
    all.map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn at_terminal(user: &User, script: &str) -> PtySession {
    let mut command = Command::new("sh");
    command.args(["-c", script]).arg(cargo_bin("cso"));
    start(user, command)
}

#[test]
fn a_new_passphrase_opens_what_the_old_one_did() {
    let mut user = user_with(&["anna"]);
    let new = secret(&user, "new", NEW, 0o600);
    let said = user.text(&["wallet", "passphrase", "--new-passphrase-file", &new]);
    for words in ["is changed", "backups made before keep the old one", "CSO_PASSPHRASE still has"]
    {
        assert!(said.contains(words), "{words} in: {said}");
    }
    assert!(!said.contains("walrus") && !said.contains("horse"), "{said}");
    user.refused(&["account", "list"], &["wrong passphrase"]);
    user.passphrase = NEW;
    assert_eq!(names(&user), ["anna"]);
    assert_eq!(mode(&user.path("wallet.age")), 0o600);
}

#[test]
fn a_new_passphrase_is_as_strong_and_as_hidden_as_a_first_one() {
    let mut user = user_with(&["anna"]);
    let change =
        |file: &str| ["wallet", "passphrase", "--new-passphrase-file", file].map(str::to_owned);
    let refused = |user: &User, file: &str, words: &[&str]| {
        let command = change(file);
        user.refused(&command.each_ref().map(String::as_str), words)
    };
    let weak = secret(&user, "weak", "password1", 0o600);
    refused(&user, &weak, &["the new passphrase is too weak", "--weak-passphrase"]);
    let exposed = secret(&user, "exposed", NEW, 0o644);
    refused(&user, &exposed, &["can be read by other users", "chmod 600"]);
    let same = secret(&user, "same", STRONG, 0o600);
    refused(&user, &same, &["the new passphrase is the old one"]);
    let empty = secret(&user, "empty", "", 0o600);
    refused(&user, &empty, &["the new passphrase is empty"]);
    user.refused(
        &["wallet", "passphrase"],
        &["the new passphrase is needed", "--new-passphrase-file"],
    );
    assert_eq!(names(&user), ["anna"]);
    user.json(&["wallet", "passphrase", "--new-passphrase-file", &weak, "--weak-passphrase"]);
    user.passphrase = "password1";
    assert_eq!(names(&user), ["anna"]);
}

#[test]
fn at_the_terminal_the_old_one_is_asked_once_and_the_new_one_twice() {
    let user = user_with(&["anna"]);
    let mut session = at_terminal(&user, "stty echo; \"$0\" wallet passphrase");
    expect(&mut session, &["Passphrase of ", ": "]);
    session.send_line(STRONG).unwrap();
    let mut shown = session.exp_string("New passphrase: ").unwrap();
    session.send_line(NEW).unwrap();
    shown += &session.exp_string("The same again: ").unwrap();
    session.send_line(NEW).unwrap();
    shown += &session.exp_string("is changed").unwrap();
    session.exp_eof().unwrap();
    assert!(!shown.contains("horse") && !shown.contains("walrus"), "{shown}");
    let mut user = user;
    user.passphrase = NEW;
    assert_eq!(names(&user), ["anna"]);
}

#[test]
fn a_backup_is_private_whole_and_not_written_over_another_file() {
    let user = user_with(&["anna", "ben"]);
    let backup = file(&user, "backup.age");
    let said = user.json(&["wallet", "backup", &backup]);
    assert_eq!((&said["accounts"], &said["consultations"]), (&2.into(), &0.into()));
    assert_eq!(mode(&user.path("backup.age")), 0o600);
    let before = fs::read(&backup).unwrap();
    assert!(before.starts_with(b"age-encryption.org/v1"));
    user.refused(&["wallet", "backup", &backup], &["exists already", "--force"]);
    assert_eq!(fs::read(&backup).unwrap(), before);
    let said = user.text(&["wallet", "backup", &backup, "--force"]);
    for words in ["2 accounts and 0 consultations", "cso consult erase", "destroy the older ones"] {
        assert!(said.contains(words), "{words} in: {said}");
    }
    assert_ne!(fs::read(&backup).unwrap(), before);
}

#[test]
fn a_backup_is_not_written_over_the_wallet() {
    let user = user_with(&["anna"]);
    let wallet = file(&user, "wallet.age");
    std::os::unix::fs::symlink(&wallet, user.path("link")).unwrap();
    for place in [wallet, file(&user, "link")] {
        user.refused(&["wallet", "backup", &place, "--force"], &["is the wallet itself"]);
    }
    assert_eq!(names(&user), ["anna"]);
}

#[test]
fn a_lost_wallet_comes_back_under_the_backups_passphrase() {
    let user = user_with(&["anna"]);
    let address = user.json(&["account", "list"])["accounts"][0]["address"].clone();
    let backup = file(&user, "backup.age");
    user.json(&["wallet", "backup", &backup]);
    fs::remove_file(user.path("wallet.age")).unwrap();
    user.refused(&["account", "list"], &["cso wallet restore FILE"]);

    let asked = ["1 account and 0 consultations", "add --yes"];
    user.refused(&["wallet", "restore", &backup], &asked);
    assert!(!user.path("wallet.age").exists());
    let said = user.json(&["wallet", "restore", &backup, "--yes"]);
    assert_eq!(said["new"], true);
    assert_eq!(said["accounts"]["added"][0]["address"], address);
    assert_eq!(names(&user), ["anna"]);
    assert_eq!(mode(&user.path("wallet.age")), 0o600);
    let suri = user.json(&["account", "export", "anna", "--suri"]);
    assert_eq!(suri["suri"].as_str().unwrap().split(' ').count(), 12);
}

#[test]
fn a_lost_wallet_comes_back_under_a_new_passphrase() {
    let mut user = user_with(&["anna"]);
    let (backup, wallet) = (file(&user, "backup.age"), user.path("wallet.age"));
    user.json(&["wallet", "backup", &backup]);
    let new = secret(&user, "new", NEW, 0o600);
    let weak = secret(&user, "weak", "password1", 0o600);
    fs::remove_file(&wallet).unwrap();
    let restore = ["wallet", "restore", &backup, "--yes"];
    let under = |file| [&restore[..], &["--new-passphrase-file", file]].concat();
    user.refused(&under(&weak), &["too weak"]);
    assert!(!wallet.exists());
    user.json(&under(&new));
    user.refused(&["account", "list"], &["wrong passphrase"]);
    user.passphrase = NEW;
    assert_eq!(names(&user), ["anna"]);

    // The wallet's passphrase as always, and another one of the backup.
    fs::remove_file(&wallet).unwrap();
    let old = secret(&user, "old", STRONG, 0o600);
    user.refused(&restore, &["backup.age", "wrong passphrase", "--backup-passphrase-file"]);
    user.json(&[&restore[..], &["--backup-passphrase-file", &old]].concat());
    assert_eq!(names(&user), ["anna"]);
}

#[test]
fn a_backup_is_merged_into_another_wallet() {
    let user = user_with(&["anna", "ben"]);
    let mut other = user_with(&[]);
    other.passphrase = NEW;
    other.json(&["account", "create", "anna"]);
    let backup = file(&user, "backup.age");
    user.json(&["wallet", "backup", &backup]);

    let restore = ["wallet", "restore", &backup, "--yes"];
    other.refused(&restore, &["the backup's passphrase", "--backup-passphrase-file"]);
    let old = secret(&other, "old", STRONG, 0o600);
    let exposed = secret(&other, "exposed", STRONG, 0o640);
    let with = |file| [&restore[..], &["--backup-passphrase-file", file]].concat();
    other.refused(&with(&exposed), &["chmod 600"]);
    let said = other.json(&with(&old));
    assert_eq!(said["new"], false);
    let added = |said: &Value| {
        let all = said["accounts"]["added"].as_array().unwrap().clone();
        all.into_iter().map(|one| (one["name"].clone(), one["name_in_backup"].clone()))
    };
    let told: Vec<_> = added(&said).collect();
    assert_eq!(told, [("anna-2".into(), "anna".into()), ("ben".into(), Value::Null)]);
    assert_eq!(names(&other), ["anna", "anna-2", "ben"]);

    let before = fs::read(other.path("wallet.age")).unwrap();
    let said = other.text(&with(&old));
    assert!(said.contains("nothing to add") && said.contains("`anna` in the backup"), "{said}");
    assert_eq!(fs::read(other.path("wallet.age")).unwrap(), before);

    let new = secret(&other, "new", NEW, 0o600);
    other.refused(
        &[&with(&old)[..], &["--new-passphrase-file", &new]].concat(),
        &["keeps its passphrase", "cso wallet passphrase"],
    );
}

#[test]
fn at_the_terminal_everything_is_listed_and_can_be_refused() {
    let user = user_with(&["anna"]);
    let backup = file(&user, "backup.age");
    user.json(&["wallet", "backup", &backup]);
    fs::remove_file(user.path("wallet.age")).unwrap();
    let script = format!("\"$0\" wallet restore '{backup}'");
    let mut session = at_terminal(&user, &script);
    expect(&mut session, &["Passphrase of the backup ", ": "]);
    session.send_line(STRONG).unwrap();
    expect(&mut session, &["added  account anna (5", "with 1 account", "[y/N] "]);
    session.send_line("n").unwrap();
    expect(&mut session, &["nothing was done"]);
    session.exp_eof().unwrap();
    assert!(!user.path("wallet.age").exists());
}

#[test]
fn what_is_no_backup_is_refused_and_a_copy_of_the_wallet_is_one() {
    let user = user_with(&["anna"]);
    let backup = file(&user, "backup.age");
    user.json(&["wallet", "backup", &backup]);
    let restore = |file: &str| vec!["wallet".to_owned(), "restore".into(), file.into()];
    let refused = |file: &str, words: &[&str]| {
        let command = restore(file);
        user.refused(&command.iter().map(String::as_str).collect::<Vec<_>>(), words)
    };
    let junk = secret(&user, "junk", "no backup", 0o600);
    refused(&junk, &["junk", "no backup of a wallet"]);
    let whole = fs::read(&backup).unwrap();
    fs::write(user.path("cut"), &whole[..whole.len() - 1]).unwrap();
    refused(&file(&user, "cut"), &["cut", "cut short or damaged"]);
    refused(&file(&user, "none"), &["can't read", "none"]);

    let copy = file(&user, "copy.age");
    fs::rename(user.path("wallet.age"), &copy).unwrap();
    user.json(&["wallet", "restore", &copy, "--yes"]);
    assert_eq!(names(&user), ["anna"]);

    fs::rename(&backup, user.path("wallet.age")).unwrap();
    user.refused(&["account", "list"], &["it is a backup of one", "`wallet restore`"]);
}
