// SPDX-License-Identifier: Apache-2.0
//! `cso protocol check`: what a protocol costs, how private it is, and what rounding changes.

use super::cases::{self, Batch};
use super::compared::compared;
use super::encrypted::{self, Run};
use super::read::{read_model_file, read_protocol};
use crate::{
    context::Context,
    profile,
    report::{list, table, warn, Report},
};
use anyhow::{Context as _, Result};
use cso_clinical::compile::{agreement, Agreement, SumScaling, TreeCost};
use cso_clinical::{measure, Compiled, NotServed, Protocol};
use cso_fhe::{Budget, Evaluator, Profile, Record};
use serde_json::{json, Value};
use std::path::Path;

/// Consultations that are timed for each profile.
const RUNS: usize = 5;

/// Reads, compiles and tests a protocol file. One that can't be served, not even in the profile
/// that hides most, is refused.
pub(super) fn check(
    context: &mut Context,
    file: &Path,
    cases: Option<&Path>,
    against: Option<&Path>,
) -> Result<Report> {
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
    let name = || file.display().to_string();
    let compiled = compile(context, &protocol).with_context(name)?;
    compiled.can_serve(Profile::Private).with_context(name)?;
    let measured = match (against, cases) {
        (Some(model), Some(cases)) => {
            context.steps.begin("compare", "comparing with the model file");
            let model = read_model_file(model, &Default::default())?;
            Some(measure(&model, &protocol, &compiled, &cases::read(cases)?)?)
        }
        _ => None,
    };
    let checked = Checked::new(context, compiled, &protocol, batch.as_ref()).with_context(name)?;
    for left in protocol.description().placeholders() {
        warn(format!("{left} is still to be written; `cso expert publish` refuses it"));
    }
    let (mut text, mut json) = (checked.text(&protocol), checked.json(&protocol));
    if let Some(measured) = measured {
        text += &format!("\n{}", compared("these cases", &measured));
        json["measured"] = json!([measured]);
    }
    Ok(Report::new(text, json))
}

/// Compiles a protocol's model.
pub(super) fn compile(context: &mut Context, protocol: &Protocol) -> Result<Compiled> {
    context.steps.begin("compile", "compiling the model");
    Ok(cso_clinical::compile(protocol)?)
}

/// What is known of a protocol once it is compiled and tried.
pub(super) struct Checked {
    compiled: Compiled,
    profiles: Vec<ProfileCheck>,
    agreement: Option<Agreement>,
}

/// What is known of one profile.
struct ProfileCheck {
    profile: Profile,
    /// Whether an expert's node answers records in it.
    served: Result<Budget, NotServed>,
    /// How it went on this machine, unless the noise budget forbids it.
    trial: Option<Trial>,
}

/// One profile, tried on this machine.
struct Trial {
    budget: Budget,
    record_bytes: usize,
    runs: Vec<Run>,
}

impl Checked {
    /// Reckons the noise, and runs a consultation with each profile that can carry the program.
    pub(super) fn new(
        context: &mut Context,
        compiled: Compiled,
        protocol: &Protocol,
        batch: Option<&Batch>,
    ) -> Result<Self> {
        context.steps.begin("try", "trying it on an encrypted record");
        let mut profiles = Vec::new();
        for profile in profile::all() {
            let served = compiled.can_serve(profile);
            let budget = compiled.program.budget(profile).ok();
            let trial = budget.map(|budget| Trial::run(&compiled, budget)).transpose()?;
            profiles.push(ProfileCheck { profile, served, trial });
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

    /// Bytes of the description on chain, with the profiles that are served.
    fn description_bytes(&self, protocol: &Protocol) -> usize {
        let published = cso_clinical::publication(protocol, &self.compiled);
        published.unwrap_or_else(|_| protocol.description()).to_json().len()
    }

    /// For people.
    pub(super) fn text(&self, protocol: &Protocol) -> String {
        let meta = protocol.meta();
        let summary = &self.compiled.summary;
        let padded = cso_fhe::bucket(summary.bits).unwrap_or(summary.bits);
        let outputs = summary.outputs.iter();
        let outputs: Vec<_> =
            outputs.map(|output| format!("{} ({} bits)", output.id, output.bits)).collect();
        let examples = protocol.examples().len();
        let row = |name: &str, value: String| vec![name.to_owned(), value];
        let mut rows = vec![
            row("protocol", format!("{} ({}, version {})", meta.title, meta.id, meta.version)),
            row(
                "asks",
                format!("{} features, {} bits, padded to {padded}", summary.features, summary.bits),
            ),
            row("says", outputs.join(", ")),
            row("costs", format!("{} external products", self.compiled.program.cmuxes())),
            row("trees", trees(&summary.sums)),
            row("rounding", self.rounding()),
            row(
                "worked examples",
                format!("{examples} of {examples} right, in clear and compiled"),
            ),
        ];
        rows.retain(|row| !row[1].is_empty());
        if let Some(agreement) = &self.agreement {
            rows.push(row("cases", changes(agreement)));
        }
        rows.push(row(
            "description",
            format!("{} bytes on chain", self.description_bytes(protocol)),
        ));
        format!("{}\n\n{}", table(&rows), self.profiles_text())
    }

    fn rounding(&self) -> String {
        let summary = &self.compiled.summary;
        let sums = summary.sums.iter().map(|sum| (&sum.id, sum.deviation));
        let outputs = summary.outputs.iter();
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
        let mut rows = vec![[
            "profile",
            "served",
            "record",
            "failure",
            "privacy margin",
            "encrypt",
            "load",
            "evaluate",
        ]
        .map(str::to_owned)
        .to_vec()];
        let mut refusals = String::new();
        for ProfileCheck { profile, served, trial } in &self.profiles {
            let word = if served.is_ok() { "yes" } else { "no" };
            let mut cells = vec![profile.word().to_owned(), word.to_owned()];
            if let Some(trial) = trial {
                cells.push(format!("{:.2} MB", trial.record_bytes as f64 / 1e6));
                cells.push(format!("2^{:.0}", trial.budget.failure_log2));
                cells.push(format!("2^{:.1}", trial.budget.privacy_margin_log2));
                let times = encrypted::statistics(&trial.runs);
                cells.extend(times[..3].iter().map(|(median, _)| format!("{median:.2} ms")));
            }
            rows.push(cells);
            if let Err(error) = served {
                refusals += &format!("\nnot served in profile {}: {error}", profile.word());
            }
        }
        format!("{}\n(an answer; times of this machine){refusals}", list(&rows))
    }

    /// For machines.
    pub(super) fn json(&self, protocol: &Protocol) -> Value {
        let meta = protocol.meta();
        let summary = &self.compiled.summary;
        let examples = protocol.examples().len();
        let mut json = json!({
            "title": meta.title.as_str(),
            "id": meta.id,
            "bits": summary.bits,
            "steps": self.compiled.program.cmuxes(),
            "outputs": summary.outputs.len(),
            "description_bytes": self.description_bytes(protocol),
            // The examples are run when the file is read and again when it is compiled: one that
            // fails is an error.
            "examples": { "passed": examples, "total": examples },
            "cases": self.agreement,
            "placeholders": protocol.description().placeholders(),
            "report": summary,
            "profiles": {},
        });
        for ProfileCheck { profile, served, trial } in &self.profiles {
            let mut own = json!({ "served": served.is_ok() });
            if let Err(error) = served {
                own["refused"] = json!(error.to_string());
            }
            if let Some(trial) = trial {
                own["record_bytes"] = json!(trial.record_bytes);
                own["failure_log2"] = json!(trial.budget.failure_log2);
                own["privacy_margin_log2"] = json!(trial.budget.privacy_margin_log2);
                own["times"] = encrypted::statistics_json(&trial.runs);
            }
            json["profiles"][profile.word()] = own;
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
        let runs = (0..RUNS)
            .map(|_| encrypted::consult(&mut evaluator, program, &bits, budget.profile))
            .collect::<Result<_>>()?;
        Ok(Self {
            record_bytes: Record::len_of(program.bits(), budget.profile).unwrap_or_default(),
            budget,
            runs,
        })
    }
}

/// How trees were lowered, and what the other way would have cost; nothing if there are none.
fn trees(sums: &[SumScaling]) -> String {
    let total = |cost: fn(&SumScaling) -> &TreeCost| {
        sums.iter().map(cost).fold(TreeCost::default(), |a, b| TreeCost {
            trees: a.trees + b.trees,
            nodes: a.nodes + b.nodes,
            otherwise: a.otherwise + b.otherwise,
            given_up: a.given_up + b.given_up,
            effort: a.effort + b.effort,
        })
    };
    let ways = [
        (total(|sum| &sum.trees.as_they_stand), "as they stand", "in the intake's order"),
        (total(|sum| &sum.trees.in_order), "in the intake's order", "as they stand"),
    ];
    let ways = ways.into_iter().filter(|(cost, ..)| cost.trees > 0).map(|(cost, way, other)| {
        let TreeCost { trees, nodes, otherwise, given_up, effort } = cost;
        let compared = match given_up {
            0 => format!("{otherwise} {other}"),
            all if all == trees => format!("{other} given up after {effort}"),
            some => {
                format!(
                    "{} of them {otherwise} {other}, {some} given up after {effort}",
                    trees - some
                )
            }
        };
        format!("{trees} {way} with {nodes} nodes ({compared})")
    });
    ways.collect::<Vec<_>>().join("; ")
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
    use super::{significant, trees};
    use cso_clinical::compile::{SumScaling, TreeCost, TreeLowering};

    #[test]
    fn deviations_have_two_significant_digits() {
        assert_eq!(significant(0.012345), "0.012");
        assert_eq!(significant(0.5), "0.50");
        assert_eq!(significant(12.34), "12");
        assert_eq!(significant(0.0), "0");
    }

    #[test]
    fn trees_are_told_with_what_the_other_way_costs() {
        let sum = |as_they_stand, in_order| SumScaling {
            id: "score".into(),
            scale: 1.0,
            exact: true,
            lowest: 0.0,
            highest: 1.0,
            table_entries: 2,
            weighted_bits: 0,
            diagrams: 1,
            nodes: 1,
            trees: TreeLowering { as_they_stand, in_order },
            guard: 0,
            deviation: 0.0,
        };
        let cost = |trees, nodes, otherwise, given_up, effort| TreeCost {
            trees,
            nodes,
            otherwise,
            given_up,
            effort,
        };
        assert_eq!(trees(&[sum(TreeCost::default(), TreeCost::default())]), "");
        let both = sum(cost(3, 40, 70, 1, 8192), cost(2, 10, 12, 0, 0));
        assert_eq!(
            trees(&[both]),
            "3 as they stand with 40 nodes (2 of them 70 in the intake's order, 1 given up after \
             8192); 2 in the intake's order with 10 nodes (12 as they stand)"
        );
    }
}
