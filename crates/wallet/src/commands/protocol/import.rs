// SPDX-License-Identifier: Apache-2.0
//! `cso protocol import`: a protocol file from a model file and the data it was trained on.

use super::cases;
use super::check::{compile, Checked};
use super::compared::compared;
use super::edges_key::edges_key;
use super::read::{read_model_file, read_protocol};
use crate::context::Context;
use crate::output_file::OutputFile;
use crate::report::{warn, Report};
use anyhow::{bail, Context as _, Result};
use clap::Args;
use cso_clinical::{draft_with, intake::Intake, measure, Binning, Measured, NotServed};
use cso_fhe::Profile;
use cso_model_files::Options;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Points of a probability, or of a number's range, by which a protocol may differ from its model
/// file.
const MAX_DEVIATION: f64 = 2.0;

/// Flags of `import`.
#[derive(Args, Debug)]
pub(crate) struct Import {
    /// Model file; what it is is told by its content
    model: PathBuf,
    /// The data it was trained on, or such data: CSV with one column an input of the model
    #[arg(long, value_name = "CSV")]
    data: PathBuf,
    /// Cases that it wasn't trained on: what the protocol says is compared with the model on them
    /// too
    #[arg(long, value_name = "CSV")]
    held_out: Option<PathBuf>,
    /// The protocol file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The protocol's id [default: the name of the file that --out names, without its ending]
    #[arg(long)]
    id: Option<String>,
    /// Replace the file that --out names
    #[arg(long)]
    force: bool,
    /// Rounds of boosting that count [default: as many as the library's own wrapper predicts with]
    #[arg(long, value_name = "ROUNDS")]
    iterations: Option<usize>,
    /// Time at which a survival model's risk is told, in the unit of its baseline
    #[arg(long, value_name = "TIME")]
    horizon: Option<f64>,
    /// A number that stands for a gap in the data, such as -1 or 999
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    missing: Option<f64>,
    /// Largest difference from the model file, in points of a probability or percent of a number's
    /// range
    #[arg(long, value_name = "POINTS", default_value_t = MAX_DEVIATION)]
    max_deviation: f64,
    /// Bins of the public intake end where the model's limits are, and nowhere else: then everybody
    /// can read them
    #[arg(long)]
    publish_thresholds: bool,
    /// A protocol file whose edges of bins are public already, such as an earlier version: they are
    /// repeated
    #[arg(long, value_name = "FILE")]
    earlier: Vec<PathBuf>,
}

impl Import {
    pub(crate) fn run(self, context: &mut Context) -> Result<Report> {
        // It has the model in it, which an expert's patients and peers don't get.
        let file = OutputFile::private(&self.out, self.force)?;
        context.steps.begin("read", "reading model and data");
        let options =
            Options { iterations: self.iterations, horizon: self.horizon, missing: self.missing };
        let mut model = read_model_file(&self.model, &options)?;
        let cases = cases::read(&self.data)?;
        let code = self.missing.is_none().then(|| model.missing_code(&cases)).flatten();
        if let Some(code) = code {
            warn(format!(
                "{code} is read as a gap: only so do the model's trees get the cases that they record (`--missing` says otherwise)"
            ));
            model = read_model_file(&self.model, &Options { missing: Some(code), ..options })?;
        }
        let held_out = self.held_out.as_deref().map(cases::read).transpose()?;
        let stem = self.out.file_stem().unwrap_or_default().to_string_lossy();
        let id = self.id.as_deref().unwrap_or(&stem);
        let binning = Binning {
            publish_thresholds: self.publish_thresholds,
            key: edges_key(self.out.parent().unwrap_or(Path::new("")))?,
            earlier: self.earlier()?,
        };
        context.steps.begin("import", "writing the protocol");
        let name = || self.model.display().to_string();
        let draft = draft_with(&model, id, &cases, &binning).with_context(name)?;
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
        context.steps.begin("compare", "comparing with the model file");
        let mut measured = vec![("the data", measure(&model, &protocol, &compiled, &cases)?)];
        if let Some(held_out) = &held_out {
            measured.push(("the held-out cases", measure(&model, &protocol, &compiled, held_out)?));
        }
        for (where_from, one) in &measured {
            self.refuse_if_far(where_from, one)?;
        }
        let checked = Checked::new(context, compiled, &protocol, None).with_context(name)?;
        file.write(toml.as_bytes())?;
        let mut json = checked.json(&protocol);
        json["out"] = json!(self.out);
        json["kind"] = json!(model.kind());
        json["intake_tells"] = json!(draft.told);
        json["measured"] = json!(measured.iter().map(|(_, one)| one).collect::<Vec<_>>());
        let mut text = checked.text(&protocol);
        for (where_from, one) in &measured {
            text += &format!("\n{}", compared(where_from, one));
        }
        for line in model.notes().iter().chain(&draft.told) {
            text += &format!("\n{line}");
        }
        text += &format!(
            "\n\n{} read as {}; {} written: fill in what stands in capitals, then `cso protocol check {3}`",
            self.model.display(),
            model.kind(),
            self.out.display(),
            self.out.display()
        );
        Ok(Report::new(text, json))
    }

    /// The intakes whose edges are repeated: those that are named, and that of the file which is
    /// replaced.
    fn earlier(&self) -> Result<Vec<Intake>> {
        let replaced = self.out.exists().then_some(&self.out);
        let all = self.earlier.iter().map(|path| read_protocol(path)).chain(
            // What is replaced may be anything.
            replaced.into_iter().filter_map(|path| read_protocol(path).ok()).map(Ok),
        );
        all.map(|protocol| Ok(protocol?.intake().clone())).collect()
    }

    fn refuse_if_far(&self, where_from: &str, measured: &Measured) -> Result<()> {
        let points = 100.0 * measured.largest;
        if points <= self.max_deviation {
            return Ok(());
        }
        let feature = match &measured.feature {
            Some(feature) => format!(", most of it by the bins or steps of `{feature}`"),
            None => ", by rounding its points".to_owned(),
        };
        bail!(
            "the protocol would differ from the model by {points:.1} points on {where_from}{feature}: simplify the model, or allow it with --max-deviation {:.0}",
            points.ceil()
        )
    }
}
