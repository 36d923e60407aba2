// SPDX-License-Identifier: Apache-2.0
//! `cso protocol import`: a protocol file from a model file and the data it was trained on.

use super::cases;
use super::check::{compile, Checked};
use super::read::read_model_file;
use crate::context::Context;
use crate::output_file::OutputFile;
use crate::report::{warn, Report};
use anyhow::{Context as _, Result};
use clap::Args;
use cso_clinical::{draft, NotServed};
use cso_fhe::Profile;
use serde_json::json;
use std::path::PathBuf;

/// Flags of `import`.
#[derive(Args, Debug)]
pub(crate) struct Import {
    /// Model file; what it is is told by its content
    model: PathBuf,
    /// The data it was trained on, or such data: CSV with one column an input of the model
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
    pub(crate) fn run(self, context: &mut Context) -> Result<Report> {
        // It has the model in it, which an expert's patients and peers don't get.
        let file = OutputFile::private(&self.out, self.force)?;
        context.steps.begin("read", "reading model and data");
        let model = read_model_file(&self.model)?;
        let cases = cases::read(&self.data)?;
        let stem = self.out.file_stem().unwrap_or_default().to_string_lossy();
        let id = self.id.as_deref().unwrap_or(&stem);
        context.steps.begin("import", "writing the protocol");
        let name = || self.model.display().to_string();
        let draft = draft(&model, id, &cases).with_context(name)?;
        let toml = draft.to_toml().with_context(name)?;
        // What is written can be compiled and carried by a record; finer outputs than can be served
        // are for the expert to mend.
        let protocol = draft.protocol;
        let compiled = compile(context, &protocol).with_context(name)?;
        match compiled.can_serve(Profile::Private) {
            Ok(_) => {}
            Err(error @ NotServed::Margin { .. }) => warn(&error),
            Err(error) => return Err(error).with_context(name),
        }
        let checked = Checked::new(context, compiled, &protocol, None).with_context(name)?;
        file.write(toml.as_bytes())?;
        let mut json = checked.json(&protocol);
        json["out"] = json!(self.out);
        json["kind"] = json!(model.kind());
        let text = format!(
            "{}\n\n{} read as {}; {} written: fill in what stands in capitals, then `cso protocol check {3}`",
            checked.text(&protocol),
            self.model.display(),
            model.kind(),
            self.out.display()
        );
        Ok(Report::new(text, json))
    }
}
