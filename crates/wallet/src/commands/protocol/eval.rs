// SPDX-License-Identifier: Apache-2.0
//! `cso protocol eval`: one history or many cases, in clear or really encrypted.

use super::cases::{self, Batch};
use super::encrypted::{self, Run, PARTS};
use super::read::read_protocol;
use crate::{
    commands::consult::{
        given::{self, GivenFlags},
        opinion,
    },
    context::Context,
    output_file::OutputFile,
    profile,
    report::{counted, list, warn, Report, NOTICE},
};
use anyhow::{Context as _, Result};
use clap::Args;
use cso_clinical::Protocol;
use cso_fhe::{Evaluator, Profile};
use cso_model_files::Cases;
use serde_json::{json, Value};
use std::{
    path::{Path, PathBuf},
    time::Instant,
};

/// Flags of `eval`.
#[derive(Args, Debug)]
pub(crate) struct Eval {
    /// Protocol file
    // The flag's earlier name is `--model`.
    #[arg(long = "protocol", alias = "model", value_name = "FILE")]
    file: PathBuf,
    /// Many cases: CSV with one column a feature id, empty where missing; see `cso protocol
    /// template`
    #[arg(long, value_name = "CSV", requires = "out", conflicts_with_all = ["bundle", "answers", "answer"])]
    cases: Option<PathBuf>,
    /// Where the results of --cases go: CSV with one column an output
    #[arg(long, value_name = "CSV", requires = "cases")]
    out: Option<PathBuf>,
    /// Replace the file that --out names
    #[arg(long, requires = "out")]
    force: bool,
    /// Encrypt each case under a new key, evaluate the ciphertext, decrypt, and compare with the
    /// program in clear
    #[arg(long)]
    encrypted: bool,
    /// How records are encrypted [default: private]
    #[arg(long, value_parser = profile::parser(), requires = "encrypted")]
    profile: Option<Profile>,
    #[command(flatten)]
    given: GivenFlags,
}

impl Eval {
    pub(crate) fn run(self, context: &mut Context) -> Result<Report> {
        context.steps.begin("read", "reading the protocol");
        let protocol = read_protocol(&self.file)?;
        let profile = self.encrypted.then(|| self.profile.unwrap_or(Profile::Private));
        match (&self.cases, &self.out) {
            (Some(cases), Some(out)) => many(context, &protocol, cases, out, self.force, profile),
            _ => one(context, &protocol, &self.given, profile),
        }
    }
}

fn one(
    context: &mut Context,
    protocol: &Protocol,
    flags: &GivenFlags,
    profile: Option<Profile>,
) -> Result<Report> {
    context.steps.begin("import", "reading the answers");
    let description = protocol.description().in_language(&context.language());
    let intake = flags.fill(context, &description)?;
    context.steps.end();
    let refused = intake.require_not_refused(&description);
    if let Err(error) = intake.require_complete_for_model() {
        return Ok(given::refusal(&intake, error, refused.err()));
    }
    if let Err(error) = refused {
        return Ok(given::refusal(&intake, error, None));
    }
    if let Err(error) = intake.require_fit(&description) {
        warn(error);
    }
    let eligibility = description.eligibility(&intake.answers());
    let bits = intake.encode()?.bits;
    context.steps.begin("evaluate", "evaluating");
    let run = match profile {
        None => None,
        Some(profile) => {
            let program = cso_clinical::compile(protocol)?.program;
            let run = encrypted::consult(&mut Evaluator::new(), &program, &bits, profile)?;
            Some((run, profile))
        }
    };
    let outputs = match &run {
        Some((run, _)) => run.outputs.clone(),
        None => protocol.evaluate(&intake.disclosed())?,
    };
    context.steps.end();
    let readings = description.interpret(&outputs, &intake.answers())?;
    let warning = description.warning();
    let warning = warning.map(|text| format!("{text}\n")).unwrap_or_default();
    let readings_text = opinion::readings_text(&description, &readings);
    let mut text = format!(
        "{}\n\n{warning}{readings_text}\n\n{}",
        given::text(&intake),
        opinion::about_text(&description, &eligibility)
    );
    let mut json = json!({
        "outputs": outputs,
        "readings": opinion::readings_json(&readings),
        "inputs": intake.inputs(),
        "eligibility": eligibility,
        "notice": NOTICE,
    });
    if let Some((run, profile)) = run {
        let times = run.times.map(|time| time.as_secs_f64() * 1e3);
        let parts = PARTS.iter().zip(times);
        let parts: Vec<_> = parts.map(|(part, time)| format!("{part} {time:.2} ms")).collect();
        let parts = parts.join(", ");
        text = format!("{text}\n\nencrypted (profile {}): {parts}", profile.word());
        json["encrypted"] = json!({
            "profile": profile.word(),
            "times": encrypted::statistics_json(&[run]),
        });
    }
    let notice = cso_clinical::disclaimer(description.language());
    Ok(Report::new(format!("{text}\n{notice}"), json))
}

fn many(
    context: &mut Context,
    protocol: &Protocol,
    path: &Path,
    out: &Path,
    force: bool,
    profile: Option<Profile>,
) -> Result<Report> {
    // A result a line, of somebody.
    let file = OutputFile::private(out, force)?;
    context.steps.begin("import", "reading the cases");
    let cases = cases::read(path)?;
    let name = || path.display().to_string();
    let batch = Batch::read(protocol.intake(), &cases).with_context(name)?;
    batch.warnings().iter().for_each(warn);
    let description = protocol.description().in_language(&context.language());
    let not_for = batch.not_for(&description);
    if not_for > 0 {
        let cases = counted(cases.len(), "case");
        warn(format!("{not_for} of {cases} aren't people that the protocol is for: see the column `eligible`"));
    }

    context.steps.begin("evaluate", "evaluating");
    let begun = Instant::now();
    let in_clear = batch.evaluate(protocol, &cases).with_context(name)?;
    let mut seconds = begun.elapsed().as_secs_f64();
    let mut results = in_clear;
    let mut encrypted = None;
    if let Some(profile) = profile {
        let begun = Instant::now();
        let runs = all_encrypted(context, protocol, &cases, &batch, profile).with_context(name)?;
        seconds = begun.elapsed().as_secs_f64();
        let outputs: Vec<_> = runs.iter().map(|one| one.outputs.clone()).collect();
        let moved = results.iter().zip(&outputs).filter(|(a, b)| a != b).count();
        results = outputs;
        encrypted = Some(Encrypted { profile, runs, moved });
    }
    context.steps.begin("write", "writing the results");
    file.write(&cases::results(&description, &batch, &results)?)?;
    context.steps.end();

    let rate = cases.len() as f64 / seconds.max(1e-9);
    let how = match &encrypted {
        Some(_) => "encrypted, on all cores",
        None => "in clear",
    };
    let mut text = format!("{} evaluated {how}: {rate:.1} a second", counted(cases.len(), "case"));
    let mut json = json!({
        "cases": cases.len(),
        "out": out,
        "clamped": batch.clamped,
        "skipped_lines": batch.skipped,
        "not_for": not_for,
        "unknown_columns": batch.unknown,
        "absent_columns": batch.absent,
        "per_second": rate,
        "encrypted": Value::Null,
        "notice": NOTICE,
    });
    if let Some(encrypted) = encrypted {
        text += &format!("\n{}", encrypted.text());
        json["encrypted"] = encrypted.json();
    }
    text += &format!("\nresults: {}\n{NOTICE}", out.display());
    Ok(Report::new(text, json))
}

fn all_encrypted(
    context: &Context,
    protocol: &Protocol,
    cases: &Cases,
    batch: &Batch,
    profile: Profile,
) -> Result<Vec<Run>> {
    let program = cso_clinical::compile(protocol)?.program;
    program.budget(profile)?;
    let (steps, total) = (&context.steps, cases.len());
    let done = |done: usize| steps.say(format!("evaluating encrypted: {done} of {total}"));
    encrypted::consult_all(&program, &batch.bits, profile, &done)
        .map_err(|(case, error)| error.context(format!("line {}", batch.line(cases, case))))
}

/// What an encrypted run adds to the report.
struct Encrypted {
    profile: Profile,
    runs: Vec<Run>,
    /// Cases in which the compiled program and the model as written differ.
    moved: usize,
}

impl Encrypted {
    fn text(&self) -> String {
        let mut rows = vec![["one core, ms", "median", "total"].map(str::to_owned).to_vec()];
        for (part, (median, total)) in PARTS.iter().zip(encrypted::statistics(&self.runs)) {
            rows.push(vec![(*part).to_owned(), format!("{median:.2}"), format!("{total:.1}")]);
        }
        format!(
            "{}\nevery answer (profile {}) is the compiled program's; rounding changes {} of {}",
            list(&rows),
            self.profile.word(),
            self.moved,
            self.runs.len()
        )
    }

    fn json(&self) -> Value {
        json!({
            "profile": self.profile.word(),
            "cores": encrypted::cores(),
            "times": encrypted::statistics_json(&self.runs),
            // Others are an error.
            "equal_to_program": self.runs.len(),
            "changed_by_rounding": self.moved,
        })
    }
}
