// SPDX-License-Identifier: Apache-2.0
//! `cso completions`, `cso man`: what shells and readers of manuals get from the same definition.

use crate::{output_file::OutputFile, report::Report};
use anyhow::{Context as _, Result};
use clap::{Args, Command};
use clap_complete::Shell;
use serde_json::json;
use std::path::PathBuf;

/// Flags of `completions`.
#[derive(Args, Debug)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

/// Flags of `man`.
#[derive(Args, Debug)]
pub(crate) struct Man {
    /// Folder to write the pages to
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Replace pages that are there
    #[arg(long)]
    force: bool,
}

impl Completions {
    pub(crate) fn run(self, mut command: Command) -> Result<Report> {
        let name = command.get_name().to_owned();
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, name, &mut script);
        let script = String::from_utf8(script)?;
        let json = json!({ "shell": self.shell.to_string(), "script": script });
        Ok(Report::new(script.trim_end(), json))
    }
}

impl Man {
    pub(crate) fn run(self, command: Command) -> Result<Report> {
        std::fs::create_dir_all(&self.out)
            .with_context(|| format!("can't make the folder {}", self.out.display()))?;
        let pages = pages(command)?;
        for (name, page) in &pages {
            OutputFile::create(&self.out.join(name), self.force)?.write(page)?;
        }
        let text = format!(
            "{} pages written to {}; read them with `man -l {}`",
            pages.len(),
            self.out.display(),
            self.out.join("cso.1").display()
        );
        let names: Vec<_> = pages.iter().map(|(name, _)| name).collect();
        Ok(Report::new(text, json!({ "out": self.out, "pages": names })))
    }
}

/// A page a command, by file name.
fn pages(command: Command) -> Result<Vec<(String, Vec<u8>)>> {
    let mut command = command.disable_help_subcommand(true);
    command.build();
    let mut pages = Vec::new();
    add(&command, &mut pages)?;
    Ok(pages)
}

fn add(command: &Command, pages: &mut Vec<(String, Vec<u8>)>) -> Result<()> {
    let man = clap_mangen::Man::new(command.clone());
    let mut page = Vec::new();
    man.render(&mut page)?;
    pages.push((man.get_filename(), page));
    let visible = command.get_subcommands().filter(|sub| !sub.is_hide_set());
    visible.into_iter().try_for_each(|sub| add(sub, pages))
}
