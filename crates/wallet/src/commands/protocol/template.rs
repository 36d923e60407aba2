// SPDX-License-Identifier: Apache-2.0
//! `cso protocol template`: the header of a CSV of cases, with one row to show what goes in.

use super::read::{read_model_file, read_protocol};
use crate::context::Context;
use crate::output_file::OutputFile;
use crate::report::Report;
use anyhow::Result;
use clap::Args;
use cso_client::consultation::example_answer;
use cso_clinical::{Answers, Protocol};
use cso_model_files::{Column, ColumnKind};
use serde_json::json;
use std::path::PathBuf;

/// Flags of `template`.
#[derive(Args, Debug)]
pub(crate) struct Template {
    /// Protocol file (.toml) or model file
    file: PathBuf,
    /// Write it there [default: print it]
    #[arg(long, value_name = "CSV")]
    out: Option<PathBuf>,
    /// Replace the file that --out names
    #[arg(long, requires = "out")]
    force: bool,
}

impl Template {
    pub(crate) fn run(self, context: &mut Context) -> Result<Report> {
        let out = self.out.as_deref();
        // It's filled in with somebody's answers.
        let out = out.map(|path| OutputFile::private(path, self.force)).transpose()?;
        context.steps.begin("read", "reading the file");
        let is_protocol = self.file.extension().is_some_and(|ending| ending == "toml");
        let columns = match is_protocol {
            true => of_protocol(&read_protocol(&self.file)?),
            false => of_model(read_model_file(&self.file, &Default::default())?.columns()),
        };
        context.steps.end();
        let (header, example): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
        let mut csv = csv::Writer::from_writer(Vec::new());
        csv.write_record(&header)?;
        csv.write_record(&example)?;
        let csv = csv.into_inner()?;
        let text = String::from_utf8(csv)?;
        let json = json!({ "columns": header, "example": example, "out": self.out });
        let (Some(out), Some(path)) = (out, &self.out) else {
            return Ok(Report::document(text.trim_end(), json));
        };
        out.write(text.as_bytes())?;
        let count = header.len();
        let said = format!("{count} columns and one case written to {}", path.display());
        Ok(Report::new(said, json))
    }
}

/// Each feature's id with an answer: that of the first worked example, if there is one.
fn of_protocol(protocol: &Protocol) -> Vec<(String, String)> {
    let examples = protocol.examples().first();
    let answers = examples.map_or_else(Answers::new, |example| example.full_answers(protocol));
    let features = protocol.intake().features().iter();
    features
        .map(|feature| {
            let answer = answers.get(&feature.id).map(ToString::to_string);
            let answer = answer.filter(|answer| answer != "missing");
            (feature.id.clone(), answer.unwrap_or_else(|| example_answer(feature)))
        })
        .collect()
}

/// Each column with a value that the model takes.
fn of_model(columns: &[Column]) -> Vec<(String, String)> {
    columns
        .iter()
        .map(|column| {
            let value = match &column.kind {
                ColumnKind::Number { range } => range.map_or(0.0, |[least, _]| least).to_string(),
                ColumnKind::Derived(_) => String::new(),
                ColumnKind::Category { values } => {
                    values.first().map(ToString::to_string).unwrap_or_default()
                }
            };
            (column.name.clone(), value)
        })
        .collect()
}
