// SPDX-License-Identifier: Apache-2.0
//! `cso man`: a page a command, from the definition of the commands.

use crate::{
    environment::{self, StandsFor},
    output_file::OutputFile,
    report::Report,
};
use anyhow::{Context as _, Result};
use clap::{Args, Command};
use serde_json::json;
use std::path::PathBuf;

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

impl Man {
    pub(crate) fn run(self, command: Command) -> Result<Report> {
        std::fs::create_dir_all(&self.out)
            .with_context(|| format!("can't make the folder {}", self.out.display()))?;
        let pages = pages(command)?;
        for (name, page) in &pages {
            OutputFile::create(&self.out.join(name), self.force)?.write(page.as_bytes())?;
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
fn pages(command: Command) -> Result<Vec<(String, String)>> {
    let mut command = command.disable_help_subcommand(true);
    command.build();
    let environment = environment_section(&command);
    let mut pages = Vec::new();
    add(&command, &environment, &mut pages)?;
    Ok(pages)
}

fn add(command: &Command, environment: &str, pages: &mut Vec<(String, String)>) -> Result<()> {
    // clap_mangen would fill the examples into one paragraph.
    let man = clap_mangen::Man::new(command.clone().after_help(None::<&'static str>));
    let mut page = Vec::new();
    man.render(&mut page)?;
    let mut page = String::from_utf8(page)?;
    page.push_str(environment);
    if let Some(help) = command.get_after_help() {
        page.push_str(&examples_section(&help.to_string()));
    }
    pages.push((man.get_filename(), ascii(&page)));
    let visible = command.get_subcommands().filter(|sub| !sub.is_hide_set());
    visible.into_iter().try_for_each(|sub| add(sub, environment, pages))
}

fn environment_section(command: &Command) -> String {
    let entries = environment::variables(command).into_iter().map(|variable| {
        let names: Vec<_> =
            variable.names.iter().map(|name| format!(r"\fB{}\fR", escape(name))).collect();
        let stands_for = match variable.stands_for {
            StandsFor::Flag(flag) => format!(r"stands for \fB{}\fR", escape(&flag)),
            StandsFor::Text(text) => escape(text),
        };
        format!(".TP\n{}\n{stands_for}\n", names.join(", "))
    });
    format!(".SH ENVIRONMENT\n{}", entries.collect::<String>())
}

/// The examples with their lines as they are.
fn examples_section(help: &str) -> String {
    let lines = help.lines().filter(|line| !matches!(*line, "Example:" | "Examples:"));
    let lines: Vec<_> = lines.map(|line| escape(line.strip_prefix("  ").unwrap_or(line))).collect();
    format!(".SH EXAMPLES\n.nf\n{}\n.fi\n", lines.join("\n"))
}

/// A line as it is meant, where roff has other meanings for its characters.
fn escape(line: &str) -> String {
    let mut escaped = String::with_capacity(line.len());
    if line.starts_with(['.', '\'']) {
        escaped.push_str(r"\&");
    }
    for letter in line.chars() {
        match letter {
            '\\' => escaped.push_str(r"\e"),
            '-' => escaped.push_str(r"\-"),
            '\'' => escaped.push_str(r"\(aq"),
            '`' => escaped.push_str(r"\(ga"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The page without letters that a roff without `preconv` would misread.
fn ascii(page: &str) -> String {
    let mut ascii = String::with_capacity(page.len());
    for letter in page.chars() {
        match letter.is_ascii() {
            true => ascii.push(letter),
            false => ascii.push_str(&format!(r"\[u{:04X}]", u32::from(letter))),
        }
    }
    ascii
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_keep_their_lines_and_characters() {
        let section = examples_section("Examples:\n  cso x --y 5Fxyz…   it's\n  .hidden");
        assert_eq!(
            ascii(&section),
            ".SH EXAMPLES\n.nf\ncso x \\-\\-y 5Fxyz\\[u2026]   it\\(aqs\n\\&.hidden\n.fi\n"
        );
    }
}
