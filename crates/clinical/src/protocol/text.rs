// SPDX-License-Identifier: Apache-2.0
//! The TOML form of a protocol file.

use serde::Deserialize;

use super::{Description, Example, Meta, Output, Protocol, ProtocolError, Ranking, FORMAT};
use crate::intake::{FeatureText, Intake};
use crate::model::{Model, ModelText};

/// Longest protocol file in bytes: room for an ensemble of a few thousand tree nodes.
const MAX_FILE: usize = 4 * 1024 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProtocolText {
    format: u32,
    protocol: Meta,
    intake: Vec<FeatureText>,
    output: Vec<Output>,
    #[serde(default)]
    ranking: Vec<Ranking>,
    model: ModelText,
    #[serde(default)]
    example: Vec<Example>,
}

pub(super) fn read(toml: &str) -> Result<Protocol, ProtocolError> {
    if toml.len() > MAX_FILE {
        return Err(ProtocolError::TooLong {
            found: toml.len(),
            most: MAX_FILE,
        });
    }
    let text: ProtocolText = toml::from_str(toml).map_err(|error| syntax(toml, &error))?;
    if text.format != FORMAT {
        return Err(ProtocolError::Format {
            found: text.format,
            known: FORMAT,
        });
    }
    let features = text
        .intake
        .into_iter()
        .map(FeatureText::read)
        .collect::<Result<Vec<_>, _>>()?;
    let intake = Intake::new(features)?;
    let description = Description::new(text.protocol, intake, text.output, text.ranking)?;
    let model = Model::read(text.model, description.intake(), description.outputs())?;
    let protocol = Protocol::new(description, model, text.example);
    protocol.check_examples()?;
    Ok(protocol)
}

fn syntax(toml: &str, error: &toml::de::Error) -> ProtocolError {
    let start = error.span().map_or(0, |span| span.start.min(toml.len()));
    let before = toml.get(..start).unwrap_or("");
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    // One line: the parser's message may carry several.
    let message = error
        .message()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    ProtocolError::Syntax {
        line,
        column,
        message,
    }
}
