// SPDX-License-Identifier: Apache-2.0
//! The command line's reference in `docs/reference`, which must be what clap knows.

use crate::{
    environment::{self, StandsFor},
    Cli,
};
use clap::CommandFactory;
use std::{fs, path::Path};

const PAGE: &str = "../../docs/reference/cso.md";

/// The page as it should be.
fn page() -> String {
    let options = clap_markdown::MarkdownOptions::new()
        .title("`cso`: every command and flag".to_owned())
        .show_footer(false)
        .show_table_of_contents(true);
    let body = clap_markdown::help_markdown_command_custom(&Cli::command(), &options);
    let lines: Vec<_> = body.lines().map(str::trim_end).collect();
    format!("{}\n{}", lines.join("\n").trim_end(), variables())
}

/// The environment variables as a table.
fn variables() -> String {
    let rows = environment::variables(&Cli::command()).into_iter().map(|variable| {
        let stands_for = match variable.stands_for {
            StandsFor::Flag(flag) => format!("`{flag}`"),
            StandsFor::Text(text) => text.to_owned(),
        };
        format!("| `{}` | {stands_for} |\n", variable.names.join("`, `"))
    });
    let rows: String = rows.collect();
    format!("\n## Environment\n\n| variable | stands for |\n|---|---|\n{rows}")
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
        "docs/reference/cso.md is stale: CSO_UPDATE_REFERENCE=1 ./scripts/test.sh reference_is_up_to_date"
    );
}

#[test]
fn every_environment_variable_of_the_sources_is_listed() {
    fn sources(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).expect("sources can be listed").flatten() {
            let path = entry.path();
            if path.is_dir() {
                sources(&path, found);
            } else {
                found.push(fs::read_to_string(path).expect("sources are text"));
            }
        }
    }
    let mut texts = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut texts);
    let listed = variables();
    for text in &texts {
        for call in ["env::var(\"", "env::var_os(\"", "env = \""] {
            for rest in text.split(call).skip(1) {
                let name = rest.split('"').next().unwrap_or_default();
                let own = name == "CSO_UPDATE_REFERENCE" || name.is_empty();
                assert!(own || listed.contains(&format!("`{name}`")), "{name} is not listed");
            }
        }
    }
}
