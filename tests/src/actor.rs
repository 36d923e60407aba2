// SPDX-License-Identifier: Apache-2.0

//! A person with a wallet.

use crate::{binary, files_in, Node};
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};
use tempfile::TempDir;

/// A person with a wallet file of their own, who talks to one node.
#[derive(Debug)]
pub struct Actor {
    folder: TempDir,
    /// The node the wallet talks to.
    pub url: String,
    /// The passphrase of the wallet file.
    pub passphrase: String,
}

/// How the wallet refused: its exit code and what it said.
#[derive(Debug)]
pub struct Refusal {
    /// Exit code of the process.
    pub code: i32,
    /// What it wrote to its error output.
    pub message: String,
}

impl Actor {
    /// A person without any account.
    pub fn new(url: &str) -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        Self { folder, url: url.to_owned(), passphrase: "correct horse battery staple".into() }
    }

    /// A person who holds one of the development chain's accounts, such as `//Dave`, under the name
    /// `me`.
    pub fn with_account(node: &Node, suri: &str) -> Self {
        let actor = Self::new(&node.url);
        actor.cso(&["account", "import", "me", "--suri", suri]);
        actor
    }

    /// The wallet file.
    pub fn wallet(&self) -> PathBuf {
        self.folder.path().join("wallet.age")
    }

    /// The path, as text, of a file in the person's own folder.
    pub fn file(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// Runs `cso ARGUMENTS --json` and gives what it printed, or panics with what it said.
    pub fn cso(&self, arguments: &[&str]) -> Value {
        self.try_cso(arguments)
            .unwrap_or_else(|refusal| panic!("cso {}: {refusal:?}", arguments.join(" ")))
    }

    /// Runs `cso ARGUMENTS --json`, which must be refused.
    pub fn refused(&self, arguments: &[&str]) -> Refusal {
        match self.try_cso(arguments) {
            Err(refusal) => refusal,
            Ok(answer) => panic!("cso {} was not refused: {answer}", arguments.join(" ")),
        }
    }

    /// Runs `cso ARGUMENTS --json`.
    ///
    /// # Errors
    ///
    /// What the wallet said if its exit code isn't 0.
    pub fn try_cso(&self, arguments: &[&str]) -> Result<Value, Refusal> {
        let output = self.run(arguments, &["--json"]);
        let text = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            let message = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(Refusal { code: output.status.code().unwrap_or(-1), message });
        }
        Ok(serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("cso {}: {error}: {text}", arguments.join(" "))))
    }

    /// Runs `cso ARGUMENTS` as a person sees it and gives the text it printed.
    pub fn read(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments, &[]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The person's own folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// All files in the person's own folder.
    pub fn files(&self) -> Vec<PathBuf> {
        files_in(self.folder())
    }

    fn run(&self, arguments: &[&str], more: &[&str]) -> Output {
        self.command(arguments).args(more).output().expect("the wallet starts")
    }

    /// `cso ARGUMENTS`, in this person's name.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary("cso"));
        command
            .args(arguments)
            .env("CSO_URL", &self.url)
            .env("CSO_WALLET", self.wallet())
            .env("CSO_PASSPHRASE", &self.passphrase)
            .stdin(Stdio::null());
        command
    }

    /// What an account holds, free and held together, in the smallest unit of the chain.
    pub fn total(&self, account: &str) -> u128 {
        let answer = self.cso(&["account", "balance", account]);
        plancks(answer["accounts"][0]["total"].as_str().expect("a balance is a string"))
    }

    /// What all accounts of the wallet hold together, those of its consultations included.
    pub fn total_of_all(&self) -> u128 {
        let answer = self.cso(&["account", "balance"]);
        let accounts = answer["accounts"].as_array().expect("a list of accounts");
        let total = |account: &Value| plancks(account["total"].as_str().expect("a balance"));
        accounts.iter().map(total).sum()
    }
}

/// An amount typed in CSO, in the smallest unit (10^-12 CSO).
fn plancks(amount: &str) -> u128 {
    let (whole, part) = amount.split_once('.').unwrap_or((amount, ""));
    format!("{whole}{part:0<12}").parse().unwrap_or_else(|_| panic!("{amount} is no amount"))
}
