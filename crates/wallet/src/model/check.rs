// SPDX-License-Identifier: Apache-2.0
//! `cso model check`: what a protocol costs, and how private it is.

use super::read_protocol;
use crate::context::Context;
use crate::report::{table, Report};
use anyhow::{Context as _, Result};
use cso_fhe::Profile;
use serde_json::json;
use std::path::Path;

/// Reads, compiles and tests a protocol file.
pub fn check(context: &mut Context, file: &Path) -> Result<Report> {
    context.steps.begin("read", "reading the protocol");
    let protocol = read_protocol(file)?;
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
