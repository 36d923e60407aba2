// SPDX-License-Identifier: Apache-2.0
//! Reading the TOML form of a protocol file.

use cso_model_files::shorten;
use cso_primitives::{bounds::MAX_PROTOCOL_FILE_BYTES, is_file_name};
use serde::Deserialize;

use super::meta::FORMAT;
use super::{Description, Disclosure, Example, Meta, Parts, Protocol, ProtocolError, Requirement};
use crate::intake::{FeatureText, Intake, Moment};
use crate::model::{Model, ModelText, Sum};
use crate::outputs::{Output, Ranking};
use crate::translate;

/// Where model files come from that protocol files name: takes a plain name and gives the file's
/// bytes, or why it can't be read.
pub type ModelSource<'a> = dyn Fn(&str) -> Result<Vec<u8>, String> + 'a;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProtocolText {
    format: u32,
    protocol: Meta,
    #[serde(default)]
    moment: Vec<Moment>,
    intake: Vec<FeatureText>,
    #[serde(default)]
    requires: Vec<Requirement>,
    output: Vec<Output>,
    #[serde(default)]
    ranking: Vec<Ranking>,
    #[serde(default)]
    disclosure: Vec<Disclosure>,
    model: ModelText,
    #[serde(default)]
    example: Vec<Example>,
}

/// What tells which model file a protocol file names; the rest may be anything.
#[derive(Deserialize)]
struct Reference {
    #[serde(default)]
    model: ModelReference,
}

#[derive(Default, Deserialize)]
struct ModelReference {
    file: Option<String>,
}

/// The model file that a protocol file names, a plain name.
pub(super) fn model_file(toml: &str) -> Result<Option<String>, ProtocolError> {
    check_length(toml)?;
    let reference: Reference = toml::from_str(toml).map_err(|error| syntax(toml, &error))?;
    reference.model.file.map(check_name).transpose()
}

/// Refuses names that could lead elsewhere, or to a protocol file.
fn check_name(file: String) -> Result<String, ProtocolError> {
    let own = [".toml", ".salt"].iter().any(|ending| file.ends_with(ending));
    if is_file_name(&file) && !own {
        return Ok(file);
    }
    Err(ProtocolError::ModelFile {
        file: shorten(&file),
        problem:
            "it must be a plain name of letters, digits, `.`, `_` and `-`, and no .toml or .salt"
                .to_owned(),
    })
}

pub(super) fn check_length(toml: &str) -> Result<(), ProtocolError> {
    if toml.len() > MAX_PROTOCOL_FILE_BYTES {
        return Err(ProtocolError::TooLong { found: toml.len(), most: MAX_PROTOCOL_FILE_BYTES });
    }
    Ok(())
}

pub(super) fn read(toml: &str, source: &ModelSource<'_>) -> Result<Protocol, ProtocolError> {
    check_length(toml)?;
    let text: ProtocolText = toml::from_str(toml).map_err(|error| syntax(toml, &error))?;
    if text.format != FORMAT {
        return Err(ProtocolError::Format { found: text.format, known: FORMAT });
    }
    let features = text.intake.into_iter().map(FeatureText::read).collect::<Result<Vec<_>, _>>()?;
    let intake = Intake::with_moments(features, text.moment)?;
    intake.require_value_sets()?;
    let description = Description::new(Parts {
        meta: text.protocol,
        intake,
        requirements: text.requires,
        outputs: text.output,
        rankings: text.ranking,
        disclosures: text.disclosure,
    })?;
    description.require_possible()?;
    let sums = match text.model.file() {
        None => None,
        Some(file) => {
            let file = check_name(file.to_owned())?;
            let sums = sums_of_file(&text.model, &file, source, description.intake());
            Some(sums.map_err(|problem| ProtocolError::ModelFile { file, problem })?)
        }
    };
    let model = Model::read(text.model, sums, description.intake(), description.outputs())?;
    Ok(Protocol::new(description, model, Vec::new()).with_examples(text.example)?)
}

/// The sums of the model file that a protocol file names.
fn sums_of_file(
    text: &ModelText,
    name: &str,
    source: &ModelSource<'_>,
    intake: &Intake,
) -> Result<Vec<Sum>, String> {
    if text.has_terms() {
        return Err("leave `intercept` and `[[model.term]]` out beside `file`".to_owned());
    }
    let file = cso_model_files::read(&source(name)?).map_err(|error| error.to_string())?;
    translate::over_intake(&file, intake).map_err(|error| error.to_string())
}

fn syntax(toml: &str, error: &toml::de::Error) -> ProtocolError {
    let start = error.span().map_or(0, |span| span.start.min(toml.len()));
    let before = toml.get(..start).unwrap_or("");
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    // One line: the parser's message may carry several.
    let message = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
    ProtocolError::Syntax { line, column, message }
}
