// SPDX-License-Identifier: Apache-2.0
//! `cso model`: protocol files, without a chain.

use crate::consult::intake::{Given, Intake};
use crate::consult::opinion;
use crate::context::Context;
use crate::report::{table, Report, NOTICE};
use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use cso_clinical::Protocol;
use cso_fhe::Profile;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Verbs of protocol files.
#[derive(Subcommand, Debug)]
pub enum Model {
    /// Read, compile and test a protocol file; say what it costs and how private it is
    #[command(after_help = "Example:\n  cso model check cha2ds2-vasc.toml")]
    Check {
        /// Protocol file
        file: PathBuf,
    },
    /// Evaluate a protocol file in clear
    #[command(
        after_help = "Examples:\n  cso model eval --model cha2ds2-vasc.toml --bundle record.json\n  cso model eval --model cha2ds2-vasc.toml -a age=70 -a sex=female …"
    )]
    Eval(Eval),
}

/// Flags of `eval`.
#[derive(Args, Debug)]
pub struct Eval {
    /// Protocol file
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    #[command(flatten)]
    given: Given,
}

impl Model {
    pub fn run(self, context: &mut Context) -> Result<Report> {
        match self {
            Self::Check { file } => check(context, &file),
            Self::Eval(flags) => eval(context, flags),
        }
    }
}

fn read(file: &Path) -> Result<Protocol> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("can't read {}", file.display()))?;
    Protocol::from_toml(&text).with_context(|| file.display().to_string())
}

fn check(context: &mut Context, file: &Path) -> Result<Report> {
    context.steps.begin("read", "reading the protocol");
    let protocol = read(file)?;
    context.steps.begin("compile", "compiling the model");
    let compiled = cso_clinical::compile(&protocol).with_context(|| file.display().to_string())?;
    context.steps.begin("budget", "reckoning the noise");
    let budget = compiled
        .program
        .budget(Profile::Private)
        .with_context(|| file.display().to_string())?;
    context.steps.end();

    let description = protocol.description();
    let meta = description.meta();
    let examples = protocol.examples().len();
    let report = &compiled.report;
    let description_bytes = description.to_json().len();
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let mut rows = vec![
        row(
            "protocol",
            format!("{} ({}, version {})", meta.title, meta.id, meta.version),
        ),
        row(
            "asks",
            format!("{} features, {} bits", report.features, report.bits),
        ),
        row(
            "says",
            report
                .outputs
                .iter()
                .map(|output| output.id.as_str())
                .collect::<Vec<_>>()
                .join(", "),
        ),
        row("costs", format!("{} external products", report.cmuxes)),
        row("failure", format!("2^{:.0} an answer", budget.failure_log2)),
        row(
            "privacy margin",
            format!("2^{:.1} an answer", budget.privacy_margin_log2),
        ),
        row("description", format!("{description_bytes} bytes on chain")),
        row(
            "worked examples",
            format!("{examples} of {examples} right, in clear and compiled"),
        ),
    ];
    for output in report
        .outputs
        .iter()
        .filter(|output| output.deviation > 0.0)
    {
        rows.push(row(
            "rounding",
            format!("{} moves by at most {:.3}", output.id, output.deviation),
        ));
    }
    let json = json!({
        "title": meta.title,
        "id": meta.id,
        "bits": report.bits,
        "steps": report.cmuxes,
        "outputs": report.outputs.len(),
        "failure_log2": budget.failure_log2,
        "privacy_margin_log2": budget.privacy_margin_log2,
        "description_bytes": description_bytes,
        // The examples are run when the file is read and again when it is compiled: one that fails is an error.
        "examples": { "passed": examples, "total": examples },
        "report": report,
    });
    Ok(Report::new(table(&rows), json))
}

fn eval(context: &mut Context, flags: Eval) -> Result<Report> {
    let protocol = read(&flags.model)?;
    context.steps.begin("import", "reading the answers");
    let intake = Intake::collect(context, protocol.intake(), &flags.given)?;
    intake.require_complete()?;
    context.steps.begin("evaluate", "evaluating in clear");
    let outputs = protocol.evaluate(&intake.answers)?;
    context.steps.end();
    let readings = protocol.description().interpret(&outputs)?;
    let text = format!("{}\n{NOTICE}", opinion::readings_text(&readings));
    let json = json!({
        "outputs": outputs,
        "readings": opinion::readings_json(&readings),
        "inputs": intake.inputs(),
        "notice": NOTICE,
    });
    Ok(Report::new(text, json))
}
