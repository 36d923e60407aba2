// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0

//! The command line's reference in `docs/reference`, which must be what clap knows.

use std::{fs, path::Path};

use clap::CommandFactory;

use crate::cli::Cli;

const PAGE: &str = "../docs/reference/cso-node.md";

/// The page as it should be.
fn page() -> String {
    let options = clap_markdown::MarkdownOptions::new()
        .title("`cso-node`: every command and flag".to_owned())
        .show_footer(false)
        .show_table_of_contents(true);
    let command = Cli::command().name("cso-node");
    let body = clap_markdown::help_markdown_command_custom(&command, &options);
    let lines: Vec<_> = body.lines().map(str::trim_end).collect();
    format!("{}\n", lines.join("\n").trim_end())
}

#[test]
fn reference_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    if std::env::var_os("CSO_UPDATE_REFERENCE").is_some() {
        fs::write(&path, page()).expect("docs/reference can be written");
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == page(),
        "docs/reference/cso-node.md is stale: CSO_UPDATE_REFERENCE=1 ./scripts/test.sh reference_is_up_to_date"
    );
}
