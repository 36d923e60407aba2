// SPDX-License-Identifier: Apache-2.0
//! Many cases at once: answers from a CSV with one column a feature, results into a CSV with one
//! column an output.

use crate::{input_file, report::counted};
use anyhow::{bail, Context as _, Result};
use cso_clinical::{
    intake::Feature, outputs::OutputKind, Answers, Description, Eligibility, Encoded, Intake,
    Protocol, Value,
};
use cso_model_files::Cases;
use rayon::prelude::*;
use std::path::Path;

/// The column that says whom the protocol is for.
const ELIGIBLE: &str = "eligible";

/// Reads a CSV file.
pub(super) fn read(path: &Path) -> Result<Cases> {
    let csv = input_file::read(path, cso_model_files::MAX_CSV)?;
    Cases::from_csv(&csv).with_context(|| path.display().to_string())
}

/// How a CSV's columns stand to what a protocol asks.
struct Columns {
    /// For each feature its column, if it has one.
    of_feature: Vec<Option<usize>>,
    /// Columns that the protocol doesn't ask for.
    unknown: Vec<String>,
    /// Features without a column, missing in every case.
    absent: Vec<String>,
}

impl Columns {
    /// Finds the columns. A feature that may not be missing must have one, unless it's local, so
    /// that the model doesn't know it, or follows from others.
    fn find(intake: &Intake, cases: &Cases) -> Result<Self> {
        let features = intake.features();
        // A name that can't be an id is the label.
        let column =
            |feature: &Feature| cases.column(&feature.id).or_else(|| cases.column(&feature.label));
        let of_feature: Vec<_> = features.iter().map(column).collect();
        let without = |may_miss: bool| -> Vec<String> {
            let columns = features.iter().zip(&of_feature).filter(|(_, column)| column.is_none());
            let without = columns.filter(|(feature, _)| {
                !is_derived(feature) && (feature.missing || feature.local) == may_miss
            });
            without.map(|(feature, _)| feature.id.clone()).collect()
        };
        let needed = without(false);
        if !needed.is_empty() {
            bail!(
                "columns are missing: {}; `cso protocol template FILE` prints a header with all",
                needed.join(", ")
            );
        }
        let unknown = |place: &usize| !of_feature.contains(&Some(*place));
        let unknown = (0..cases.columns().len()).filter(unknown);
        Ok(Self {
            unknown: unknown.map(|place| cases.columns()[place].clone()).collect(),
            absent: without(true),
            of_feature,
        })
    }

    /// The answers of one case, and their bits, or the feature that isn't answered and must be.
    /// Errors name line, feature and bound.
    fn read(
        &self,
        intake: &Intake,
        cases: &Cases,
        case: usize,
    ) -> Result<Result<(Answers, Encoded), String>> {
        let line = || format!("line {}", cases.line(case));
        let mut answers = Answers::new();
        for (feature, column) in intake.features().iter().zip(&self.of_feature) {
            let Some(cell) = column.and_then(|column| cases.given(case, column)) else {
                continue;
            };
            let value = feature.parse_answer(cell).with_context(line)?;
            answers.insert(feature.id.clone(), value);
        }
        let derived = intake.derive(&answers);
        answers.extend(derived.into_iter().map(|one| (one.feature, one.value)));
        for feature in intake.features().iter().filter(|feature| !feature.local) {
            if !answers.contains_key(&feature.id) {
                if !feature.missing {
                    return Ok(Err(feature.id.clone()));
                }
                answers.insert(feature.id.clone(), Value::Missing);
            }
        }
        let encoded = intake.encode(&answers).with_context(line)?;
        Ok(Ok((answers, encoded)))
    }
}

/// Whether a feature follows from others.
fn is_derived(feature: &Feature) -> bool {
    feature.derivations().next().is_some()
}

/// All cases of a table, read.
pub(super) struct Batch {
    /// The answers.
    pub answers: Vec<Answers>,
    /// The same as bits.
    pub bits: Vec<Vec<bool>>,
    /// Where in the table each of them stands.
    rows: Vec<usize>,
    /// Lines with a gap where there must be an answer: they are left out.
    pub skipped: Vec<usize>,
    /// The feature of the first such gap.
    open: Option<String>,
    /// Values that were moved into their feature's range.
    pub clamped: usize,
    /// Columns that the protocol doesn't ask for.
    pub unknown: Vec<String>,
    /// Features without a column: missing in every case.
    pub absent: Vec<String>,
}

impl Batch {
    /// Reads every case; the first that doesn't fit the intake is refused.
    pub(super) fn read(intake: &Intake, cases: &Cases) -> Result<Self> {
        if cases.is_empty() {
            bail!("there is nothing but the header");
        }
        let columns = Columns::find(intake, cases)?;
        let mut batch = Self {
            answers: Vec::with_capacity(cases.len()),
            bits: Vec::with_capacity(cases.len()),
            rows: Vec::with_capacity(cases.len()),
            skipped: Vec::new(),
            open: None,
            clamped: 0,
            unknown: Vec::new(),
            absent: Vec::new(),
        };
        for case in 0..cases.len() {
            let (answers, encoded) = match columns.read(intake, cases, case)? {
                Ok(read) => read,
                Err(open) => {
                    batch.skipped.push(cases.line(case));
                    batch.open.get_or_insert(open);
                    continue;
                }
            };
            batch.rows.push(case);
            batch.answers.push(answers);
            batch.clamped += encoded.clamped.len();
            batch.bits.push(encoded.bits);
        }
        if let (true, Some(line), Some(open)) =
            (batch.rows.is_empty(), batch.skipped.first(), &batch.open)
        {
            bail!("line {line}: `{open}` is missing, and no other line has all answers");
        }
        batch.unknown = columns.unknown;
        batch.absent = columns.absent;
        Ok(batch)
    }

    /// What should be looked at before the results are relied on.
    pub(super) fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if !self.unknown.is_empty() {
            let names = self.unknown.join(", ");
            warnings.push(format!("columns that the protocol doesn't ask for: {names}"));
        }
        if !self.absent.is_empty() {
            let names = self.absent.join(", ");
            warnings.push(format!("no columns for {names}: missing in every case"));
        }
        if let (Some(first), Some(open)) = (self.skipped.first(), &self.open) {
            let lines = counted(self.skipped.len(), "line");
            warnings.push(format!(
                "left out, since an answer is missing that is needed: {lines}, the first is {first}, `{open}`"
            ));
        }
        if self.clamped > 0 {
            let values = counted(self.clamped, "value");
            warnings.push(format!(
                "out of their feature's range, so that the nearer end is used: {values}"
            ));
        }
        warnings
    }

    /// How many of the cases the protocol isn't for, as far as that can be told.
    pub(super) fn not_for(&self, description: &Description) -> usize {
        let does_not_fit = |answers: &&Answers| {
            matches!(description.eligibility(answers), Eligibility::DoesNotFit { .. })
        };
        self.answers.iter().filter(does_not_fit).count()
    }

    /// The model's own results, in clear: one raw value an output, for each case.
    pub(super) fn evaluate(&self, protocol: &Protocol, cases: &Cases) -> Result<Vec<Vec<u16>>> {
        let all: Vec<_> =
            self.answers.par_iter().map(|answers| protocol.evaluate(answers)).collect();
        all.into_iter()
            .enumerate()
            .map(|(case, outputs)| {
                outputs.with_context(|| format!("line {}", self.line(cases, case)))
            })
            .collect()
    }

    /// The line of one of the cases that were read.
    pub(super) fn line(&self, cases: &Cases, case: usize) -> usize {
        cases.line(self.rows[case])
    }
}

/// Results as CSV, cases in their order: a column for each output with the value, and for classes
/// one more with the name; a column for each ranking with the names that come first; and, if the
/// protocol isn't for everybody, whether it is for this one: `yes`, `no`, or nothing if that can't
/// be told. Cases that were left out have an empty line.
pub(super) fn results(
    description: &Description,
    batch: &Batch,
    results: &[Vec<u16>],
) -> Result<Vec<u8>> {
    let outputs = description.outputs();
    let is_class = |index: usize| outputs[index].kind == OutputKind::Class;
    let mut header = Vec::new();
    for (index, output) in outputs.iter().enumerate() {
        header.push(output.id.clone());
        if is_class(index) {
            header.push(format!("{} name", output.id));
        }
    }
    let rankings = description.rankings().iter();
    header.extend(rankings.map(|ranking| ranking.id.clone()));
    let has_requirements = !description.requirements().is_empty();
    header.extend(has_requirements.then(|| ELIGIBLE.to_owned()));
    let mut csv = csv::Writer::from_writer(Vec::new());
    let shares: Vec<_> =
        description.rankings().iter().filter(|one| one.probability.is_some()).collect();
    for ranking in &shares {
        header.extend(ranking.outputs.iter().map(|id| format!("probability {id}")));
    }
    csv.write_record(&header)?;
    let mut next = 0;
    for ((row, answers), case) in batch.rows.iter().zip(&batch.answers).zip(results) {
        for _ in next..*row {
            csv.write_record(vec![""; header.len()])?;
        }
        next = row + 1;
        for (index, reading) in description.interpret(case, answers)?.into_iter().enumerate() {
            if index >= outputs.len() {
                csv.write_field(&reading.text)?;
                continue;
            }
            csv.write_field(reading.value.to_string())?;
            if is_class(index) {
                csv.write_field(reading.text)?;
            }
        }
        if has_requirements {
            csv.write_field(match description.eligibility(answers) {
                Eligibility::Fits => "yes",
                Eligibility::DoesNotFit { .. } => "no",
                Eligibility::Open { .. } => "",
            })?;
        }
        let values: Vec<f64> = outputs
            .iter()
            .zip(case)
            .map(|(output, raw)| output.value(*raw).unwrap_or(output.max))
            .collect();
        for ranking in &shares {
            for share in ranking.probabilities(outputs, &values).unwrap_or_default() {
                csv.write_field(format!("{share:.4}"))?;
            }
        }
        csv.write_record(None::<&[u8]>)?;
    }
    for _ in next..batch.rows.len() + batch.skipped.len() {
        csv.write_record(vec![""; header.len()])?;
    }
    Ok(csv.into_inner()?)
}
