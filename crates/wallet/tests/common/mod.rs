// SPDX-License-Identifier: Apache-2.0
//! What the tests share: a user with a folder of their own, who runs the real binary.
#![allow(dead_code)] // Each test binary uses its own part.

pub(crate) mod terminal;

use assert_cmd::Command;
use serde_json::Value;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A protocol with every kind of feature, a feature that may be missing, a number and a class.
pub(crate) const FALLS: &str = include_str!("falls.toml");

/// Somebody with a folder of their own.
pub(crate) struct User {
    folder: TempDir,
    pub passphrase: &'static str,
}

impl User {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().unwrap(), passphrase: "correct horse battery staple" }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::cargo_bin("cso").unwrap();
        command
            .args(arguments)
            .env_clear()
            .env("CSO_WALLET", self.path("wallet.age"))
            .env("CSO_PASSPHRASE", self.passphrase)
            // Nobody listens there.
            .env("CSO_URL", "ws://127.0.0.1:1");
        command
    }

    pub(crate) fn text(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).assert().success().get_output().clone();
        String::from_utf8(output.stdout).unwrap()
    }

    /// With `--json`: one object, with the times of the steps.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let output = self.command(arguments).arg("--json").assert().success().get_output().clone();
        let value: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(value["timings_ms"]["total"].is_number(), "{value}");
        value
    }

    /// Refused: exit code 1, one line that has all the words, nothing on the output but the same as
    /// JSON.
    #[track_caller]
    pub(crate) fn refused(&self, arguments: &[&str], words: &[&str]) -> String {
        let output = self.command(arguments).arg("--json").assert().code(1).get_output().clone();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(message.lines().count(), 1, "{message}");
        assert!(message.starts_with("error: "), "{message}");
        for word in words {
            assert!(message.contains(word), "«{word}» in: {message}");
        }
        let value: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(format!("error: {}", value["error"].as_str().unwrap()), message.trim_end());
        message
    }
}

pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(crate) fn protocol(name: &str) -> String {
    repository().join(format!("crates/clinical/protocols/{name}.toml")).display().to_string()
}

/// What Anna, whose history is `bundle-anna.json`, answers herself: what it doesn't say for
/// certain.
pub(crate) fn own_answers(name: &str) -> [&'static str; 2] {
    let file = match name {
        "findrisc" => {
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/answers-anna-findrisc.json")
        }
        _ => {
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/answers-anna-cha2ds2-vasc.json")
        }
    };
    ["--answers", file]
}

pub(crate) fn data(name: &str) -> String {
    repository().join("tests/data").join(name).display().to_string()
}
