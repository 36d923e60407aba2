// SPDX-License-Identifier: Apache-2.0
//! Readings: decrypted values in words.

use serde::Serialize;

use super::{Output, OutputKind, ReadingError};
use crate::intake::tidy;

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

impl Output {
    /// What a raw value says.
    pub(crate) fn read(&self, raw: u16) -> Result<Reading, ReadingError> {
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
