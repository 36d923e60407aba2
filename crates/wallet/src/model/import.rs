// SPDX-License-Identifier: Apache-2.0
//! `cso model import`: a protocol file from a model file and the data it was trained on.

use super::cases;
use super::check::Summary;
use super::read_at_most;
use crate::context::Context;
use crate::output_file::OutputFile;
use crate::report::Report;
use anyhow::{Context as _, Result};
use clap::Args;
use cso_clinical::import::{self, Imported};
use cso_clinical::Protocol;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Flags of `import`.
#[derive(Args, Debug)]
pub struct Import {
    /// Model file; what it is is told by its content
    model: PathBuf,
    /// The data it was trained on, or such data: CSV with one column a feature of the model
    #[arg(long, value_name = "CSV")]
    data: PathBuf,
    /// The protocol file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The protocol's id [default: the name of the file that --out names, without its ending]
    #[arg(long)]
    id: Option<String>,
    /// Replace the file that --out names
    #[arg(long)]
    force: bool,
}

impl Import {
    pub fn run(self, context: &mut Context) -> Result<Report> {
        let file = OutputFile::create(&self.out, self.force)?;
        context.steps.begin("read", "reading model and data");
        let model = read(&self.model)?;
        let cases = cases::read(&self.data)?;
        let stem = self.out.file_stem().unwrap_or_default().to_string_lossy();
        let id = self.id.as_deref().unwrap_or(&stem);
        context.steps.begin("import", "writing the protocol");
        let name = || self.model.display().to_string();
        let toml = model.to_protocol(id, &cases).with_context(name)?;
        // What is written can be read, compiled, and carried by a record.
        let protocol = Protocol::from_toml(&toml).with_context(name)?;
        let summary = Summary::of(context, &protocol, None).with_context(name)?;
        file.write(toml.as_bytes())?;
        let mut json = summary.json(&protocol);
        json["out"] = json!(self.out);
        json["kind"] = json!(model.kind());
        let text = format!(
            "{}\n\n{} read as {}; {} written: fill in what stands in capitals, then `cso model check` it",
            summary.text(&protocol),
            self.model.display(),
            model.kind(),
            self.out.display()
        );
        Ok(Report::new(text, json))
    }
}

/// Reads a model file.
pub fn read(path: &Path) -> Result<Imported> {
    let bytes = read_at_most(path, import::MAX_MODEL)?;
    import::model(&bytes).with_context(|| path.display().to_string())
}
