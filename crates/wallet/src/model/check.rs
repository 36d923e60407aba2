// SPDX-License-Identifier: Apache-2.0
//! `cso model check`: what a protocol costs, how private it is, and what rounding changes.

use super::cases::{self, Batch};
use super::encrypted::{self, Outcome};
use super::read_protocol;
use crate::{
    context::Context,
    profile::Profile,
    report::{table, Report},
};
use anyhow::{Context as _, Result};
use cso_clinical::compile::{agreement, Agreement};
use cso_clinical::{Compiled, Protocol};
use cso_fhe::{Budget, BudgetError, Evaluator, Record};
use serde_json::{json, Value};
use std::path::Path;

/// Consultations that are timed for each profile.
const RUNS: usize = 5;

/// Reads, compiles and tests a protocol file.
pub fn check(context: &mut Context, file: &Path, cases: Option<&Path>) -> Result<Report> {
    context.steps.begin("read", "reading the protocol");
    let protocol = read_protocol(file)?;
    let batch = match cases {
        None => None,
        Some(path) => {
            let name = || path.display().to_string();
            let cases = cases::read(path)?;
            Some(Batch::read(protocol.intake(), &cases).with_context(name)?)
        }
    };
    let summary = Summary::of(context, &protocol, batch.as_ref())
        .with_context(|| file.display().to_string())?;
    Ok(Report::new(summary.text(&protocol), summary.json(&protocol)))
}

/// What is known of a protocol once it is compiled and tried.
pub struct Summary {
    compiled: Compiled,
    profiles: Vec<(Profile, Result<Trial, BudgetError>)>,
    agreement: Option<Agreement>,
}

/// One profile, tried on this machine.
struct Trial {
    budget: Budget,
    record_bytes: usize,
    outcomes: Vec<Outcome>,
}

impl Summary {
    /// Compiles, reckons the noise, and runs a consultation with each profile that can carry the
    /// program.
    pub fn of(context: &mut Context, protocol: &Protocol, batch: Option<&Batch>) -> Result<Self> {
        context.steps.begin("compile", "compiling the model");
        let compiled = cso_clinical::compile(protocol)?;
        context.steps.begin("try", "trying it on an encrypted record");
        let mut profiles = Vec::new();
        for profile in [Profile::Private, Profile::Fast] {
            let trial = match compiled.program.budget(profile.fhe()) {
                // What the default profile can't carry can't be published.
                Err(error) if profile == Profile::Private => return Err(error.into()),
                Err(error) => Err(error),
                Ok(budget) => Ok(Trial::run(&compiled, budget)?),
            };
            profiles.push((profile, trial));
        }
        let agreement = match batch {
            None => None,
            Some(batch) => {
                context.steps.begin("compare", "comparing program and model");
                Some(agreement(protocol, &compiled, &batch.answers)?)
            }
        };
        context.steps.end();
        Ok(Self { compiled, profiles, agreement })
    }

    /// For people.
    pub fn text(&self, protocol: &Protocol) -> String {
        let meta = protocol.meta();
        let report = &self.compiled.report;
        let padded = cso_fhe::bucket(report.bits).unwrap_or(report.bits);
        let outputs = report.outputs.iter();
        let outputs: Vec<_> =
            outputs.map(|output| format!("{} ({} bits)", output.id, output.bits)).collect();
        let examples = protocol.examples().len();
        let row = |name: &str, value: String| vec![name.to_owned(), value];
        let mut rows = vec![
            row("protocol", format!("{} ({}, version {})", meta.title, meta.id, meta.version)),
            row(
                "asks",
                format!("{} features, {} bits, padded to {padded}", report.features, report.bits),
            ),
            row("says", outputs.join(", ")),
            row("costs", format!("{} external products", self.compiled.program.cmuxes())),
            row("rounding", self.rounding()),
            row(
                "worked examples",
                format!("{examples} of {examples} right, in clear and compiled"),
            ),
        ];
        if let Some(agreement) = &self.agreement {
            rows.push(row("cases", changes(agreement)));
        }
        rows.push(row(
            "description",
            format!("{} bytes on chain", protocol.description().to_json().len()),
        ));
        format!("{}\n\n{}", table(&rows), self.profiles_text())
    }

    fn rounding(&self) -> String {
        let report = &self.compiled.report;
        let sums = report.sums.iter().map(|sum| (&sum.id, sum.deviation));
        let outputs = report.outputs.iter();
        let outputs = outputs.map(|output| (&output.id, output.deviation));
        let moved: Vec<_> = sums
            .chain(outputs)
            .filter(|(_, deviation)| *deviation > 0.0)
            .map(|(id, deviation)| format!("{id} by at most {}", significant(deviation)))
            .collect();
        match moved.is_empty() {
            true => "none: every point is exact".into(),
            false => format!("moves {}", moved.join(", ")),
        }
    }

    fn profiles_text(&self) -> String {
        let mut rows =
            vec![["profile", "record", "failure", "privacy margin", "encrypt", "load", "evaluate"]
                .map(str::to_owned)
                .to_vec()];
        for (profile, trial) in &self.profiles {
            let mut cells = vec![profile.word().to_owned()];
            match trial {
                Err(error) => cells.push(format!("refused: {error}")),
                Ok(trial) => {
                    cells.push(format!("{:.2} MB", trial.record_bytes as f64 / 1e6));
                    cells.push(format!("2^{:.0}", trial.budget.failure_log2));
                    cells.push(format!("2^{:.1}", trial.budget.privacy_margin_log2));
                    let times = encrypted::statistics(&trial.outcomes);
                    cells.extend(times[..3].iter().map(|(median, _)| format!("{median:.2} ms")));
                }
            }
            rows.push(cells);
        }
        format!("{}\n(an answer; times of this machine)", table(&rows))
    }

    /// For machines.
    pub fn json(&self, protocol: &Protocol) -> Value {
        let meta = protocol.meta();
        let report = &self.compiled.report;
        let examples = protocol.examples().len();
        let mut json = json!({
            "title": meta.title,
            "id": meta.id,
            "bits": report.bits,
            "steps": self.compiled.program.cmuxes(),
            "outputs": report.outputs.len(),
            "description_bytes": protocol.description().to_json().len(),
            // The examples are run when the file is read and again when it is compiled: one that
            // fails is an error.
            "examples": { "passed": examples, "total": examples },
            "cases": self.agreement,
            "report": report,
            "profiles": {},
        });
        for (profile, trial) in &self.profiles {
            json["profiles"][profile.word()] = match trial {
                Err(error) => json!({ "refused": error.to_string() }),
                Ok(trial) => json!({
                    "record_bytes": trial.record_bytes,
                    "failure_log2": trial.budget.failure_log2,
                    "privacy_margin_log2": trial.budget.privacy_margin_log2,
                    "times": encrypted::statistics_json(&trial.outcomes),
                }),
            };
        }
        json
    }
}

impl Trial {
    /// The noise and the time of a program depend on its bits' number, not on their values: all of
    /// them are 0 here.
    fn run(compiled: &Compiled, budget: Budget) -> Result<Self> {
        let program = &compiled.program;
        let bits = vec![false; program.bits()];
        let mut evaluator = Evaluator::new();
        let outcomes = (0..RUNS)
            .map(|_| encrypted::consult(&mut evaluator, program, &bits, budget.profile))
            .collect::<Result<_>>()?;
        Ok(Self {
            record_bytes: Record::len_of(program.bits(), budget.profile).unwrap_or_default(),
            budget,
            outcomes,
        })
    }
}

/// What becomes of cases by quantising: answers on grids, points whole.
fn changes(agreement: &Agreement) -> String {
    let outputs = agreement.outputs.iter().map(|output| {
        let largest = significant(output.largest);
        format!("{}: {} values, by at most {largest}", output.id, output.values)
    });
    let outputs: Vec<_> = outputs.collect();
    format!(
        "quantising changes the meaning of {} of {} ({})",
        agreement.changed,
        agreement.cases,
        outputs.join("; ")
    )
}

/// Two significant digits.
fn significant(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let digits = (1.0 - value.abs().log10().floor()).clamp(0.0, 9.0) as usize;
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::significant;

    #[test]
    fn deviations_have_two_significant_digits() {
        assert_eq!(significant(0.012345), "0.012");
        assert_eq!(significant(0.5), "0.50");
        assert_eq!(significant(12.34), "12");
        assert_eq!(significant(0.0), "0");
    }
}
