// SPDX-License-Identifier: Apache-2.0
//! The public part of a protocol, and reading an answer with it.

use serde::{Deserialize, Serialize};

use super::output::MAX_OUTPUTS;
use super::{
    DescriptionError, Meta, Output, OutputError, OutputKind, ProtocolError, Ranking, ReadingError,
    FORMAT,
};
use crate::intake::{tidy, FeatureText, Intake};

/// Longest description in bytes of JSON; the chain's bound.
pub const MAX_DESCRIPTION: usize = 32 * 1024;

/// What everybody may know of a protocol: metadata, intake, outputs with their meanings.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    pub(super) meta: Meta,
    pub(super) intake: Intake,
    pub(super) outputs: Vec<Output>,
    pub(super) rankings: Vec<Ranking>,
}

/// The JSON form: fields in this order, no white space, absent fields left out.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct DescriptionText {
    format: u32,
    protocol: Meta,
    intake: Vec<FeatureText>,
    output: Vec<Output>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ranking: Vec<Ranking>,
}

/// One output as a person reads it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reading {
    /// The output's id.
    pub output: String,
    /// The output's label.
    pub label: String,
    /// The number.
    pub value: f64,
    /// The number with its unit, or the class's name.
    pub text: String,
    /// The unit of the number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The short name of the meaning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the value means.
    pub meaning: String,
    /// The figure that was published for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub figure: Option<String>,
    /// Where the figure was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl Description {
    /// Checks metadata, outputs and length.
    pub(crate) fn new(
        meta: Meta,
        intake: Intake,
        outputs: Vec<Output>,
        rankings: Vec<Ranking>,
    ) -> Result<Self, ProtocolError> {
        meta.check()?;
        if !(1..=MAX_OUTPUTS).contains(&outputs.len()) {
            return Err(ProtocolError::OutputCount { found: outputs.len(), most: MAX_OUTPUTS });
        }
        for (index, output) in outputs.iter().enumerate() {
            output.check()?;
            if outputs[..index].iter().any(|other| other.id == output.id) {
                return Err(OutputError::Duplicate { output: output.id.clone() }.into());
            }
        }
        for (index, ranking) in rankings.iter().enumerate() {
            ranking.check(&outputs)?;
            if rankings[..index].iter().any(|other| other.id == ranking.id) {
                return Err(OutputError::Duplicate { output: ranking.id.clone() }.into());
            }
        }
        let description = Self { meta, intake, outputs, rankings };
        let found = description.to_json().len();
        if found > MAX_DESCRIPTION {
            return Err(DescriptionError::TooLong { found, most: MAX_DESCRIPTION }.into());
        }
        Ok(description)
    }

    /// Compact, canonical JSON: equal descriptions give equal bytes.
    pub fn to_json(&self) -> String {
        let text = DescriptionText {
            format: FORMAT,
            protocol: self.meta.clone(),
            intake: self.intake.features().iter().map(FeatureText::from).collect(),
            output: self.outputs.clone(),
            ranking: self.rankings.clone(),
        };
        serde_json::to_string(&text)
            .expect("numbers are finite once checked, and all keys are strings")
    }

    /// Reads and checks a description, as it comes from the chain.
    pub fn from_json(json: &str) -> Result<Self, DescriptionError> {
        if json.len() > MAX_DESCRIPTION {
            return Err(DescriptionError::TooLong { found: json.len(), most: MAX_DESCRIPTION });
        }
        let text: DescriptionText = serde_json::from_str(json)
            .map_err(|error| DescriptionError::Syntax { message: error.to_string() })?;
        let invalid = |problem: String| DescriptionError::Invalid { problem };
        if text.format != FORMAT {
            return Err(invalid(format!(
                "format {} is unknown, this program reads format {FORMAT}",
                text.format
            )));
        }
        let features =
            text.intake.into_iter().map(FeatureText::read).collect::<Result<Vec<_>, _>>();
        let intake = features.and_then(Intake::new).map_err(|error| invalid(error.to_string()))?;
        Self::new(text.protocol, intake, text.output, text.ranking)
            .map_err(|error| invalid(error.to_string()))
    }

    /// Metadata: title, version, references.
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// What is asked.
    pub fn intake(&self) -> &Intake {
        &self.intake
    }

    /// What comes back.
    pub fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    /// Which outputs are compared with one another.
    pub fn rankings(&self) -> &[Ranking] {
        &self.rankings
    }

    /// Puts decrypted outputs into words: one reading an output, in order, then one a ranking.
    pub fn interpret(&self, outputs: &[u16]) -> Result<Vec<Reading>, ReadingError> {
        if outputs.len() != self.outputs.len() {
            return Err(ReadingError::Count { found: outputs.len(), expected: self.outputs.len() });
        }
        let mut readings = self
            .outputs
            .iter()
            .zip(outputs)
            .map(|(output, raw)| output.read(*raw))
            .collect::<Result<Vec<_>, _>>()?;
        let values: Vec<f64> = readings.iter().map(|reading| reading.value).collect();
        let rankings = self.rankings.iter();
        readings.extend(rankings.map(|ranking| ranking.read(&self.outputs, &values)));
        Ok(readings)
    }
}

impl Output {
    fn read(&self, raw: u16) -> Result<Reading, ReadingError> {
        let out_of_range = || ReadingError::OutOfRange {
            output: self.id.clone(),
            found: raw,
            most: self.values() - 1,
        };
        let value = self.value(raw).ok_or_else(out_of_range)?;
        let meaning = self.meaning(value).ok_or_else(out_of_range)?;
        let text = match (self.kind, &meaning.name) {
            (OutputKind::Class, Some(name)) => name.clone(),
            _ => self.show(value),
        };
        Ok(Reading {
            output: self.id.clone(),
            label: self.label.clone(),
            value,
            text,
            unit: self.unit.clone(),
            name: meaning.name.clone(),
            meaning: meaning.text.clone(),
            figure: meaning.figure.clone(),
            source: meaning.source.clone(),
        })
    }

    /// The number with its unit.
    pub fn show(&self, value: f64) -> String {
        match &self.unit {
            Some(unit) => format!("{} {unit}", tidy(value)),
            None => tidy(value).to_string(),
        }
    }
}
