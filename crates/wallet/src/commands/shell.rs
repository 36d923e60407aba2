// SPDX-License-Identifier: Apache-2.0
//! `cso completions`: what shells get from the definition of the commands.

use crate::report::Report;
use anyhow::Result;
use clap::{Args, Command};
use clap_complete::Shell;
use serde_json::json;

/// Flags of `completions`.
#[derive(Args, Debug)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self, mut command: Command) -> Result<Report> {
        let name = command.get_name().to_owned();
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, name, &mut script);
        let script = String::from_utf8(script)?;
        let json = json!({ "shell": self.shell.to_string(), "script": script });
        Ok(Report::document(script.trim_end(), json))
    }
}
