// SPDX-License-Identifier: Apache-2.0
//! The intake as a FHIR Questionnaire, for programs that ask patients.

use crate::output_file::OutputFile;
use crate::report::Report;
use anyhow::Result;
use clap::Args;
use cso_clinical::{fhir, Description};
use serde_json::json;
use std::path::PathBuf;

/// Where a questionnaire goes.
#[derive(Args, Debug)]
pub(crate) struct Out {
    /// Write it there [default: print it]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace the file that --out names
    #[arg(long, requires = "out")]
    force: bool,
}

/// Writes or prints the Questionnaire of a protocol.
pub(crate) fn questionnaire(description: &Description, to: &Out) -> Result<Report> {
    let questionnaire = fhir::questionnaire(description);
    let text = serde_json::to_string_pretty(&questionnaire)?;
    let json = json!({ "questionnaire": questionnaire, "out": to.out });
    let Some(path) = &to.out else {
        return Ok(Report::document(text, json));
    };
    OutputFile::create(path, to.force)?.write(format!("{text}\n").as_bytes())?;
    let said = format!(
        "{} questions written to {}; a QuestionnaireResponse to it goes to --bundle",
        description.intake().features().len(),
        path.display()
    );
    Ok(Report::new(said, json))
}
