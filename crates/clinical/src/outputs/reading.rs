// SPDX-License-Identifier: Apache-2.0
//! Readings: decrypted values in words.

use serde::Serialize;

use super::{Figure, Output, OutputKind, ReadingError};
use crate::intake::text::Text;
use crate::intake::{Answers, Intake};
use crate::spoken;

/// One output as a person reads it, in one language.
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
    /// The next step; none of auxiliary numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Signs that need help at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
    /// One line for clinicians.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clinician: Option<String>,
    /// What was published for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<Figure>,
    /// The features, by id, without whose answers it can't be told whether a more special meaning
    /// holds: this one is the one for everybody then.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<String>,
}

impl Output {
    /// What a raw value says to somebody with these answers.
    pub(crate) fn read(
        &self,
        raw: u16,
        intake: &Intake,
        answers: &Answers,
        language: &str,
    ) -> Result<Reading, ReadingError> {
        let out_of_range = || ReadingError::OutOfRange {
            output: self.id.clone(),
            found: raw,
            most: self.encrypted_values() - 1,
        };
        let value = self.value(raw).ok_or_else(out_of_range)?;
        let chosen = self.choose(value, intake, answers).ok_or_else(out_of_range)?;
        let meaning = chosen.meaning;
        let words = |text: &Option<Text>| text.as_ref().map(Text::to_string);
        let text = match (self.kind, &meaning.name) {
            (OutputKind::Class, Some(name)) => name.to_string(),
            _ => self.show(value, language),
        };
        let mut open = Vec::new();
        for feature in chosen.open {
            if !open.contains(&feature) {
                open.push(feature);
            }
        }
        Ok(Reading {
            output: self.id.clone(),
            label: self.label.to_string(),
            value,
            text,
            unit: words(&self.unit),
            name: words(&meaning.name),
            meaning: meaning.text.to_string(),
            next: words(&meaning.next),
            warning: words(&meaning.warning),
            clinician: words(&meaning.clinician),
            figures: meaning.figures.iter().map(Figure::shown).collect(),
            open,
        })
    }

    /// The number with its unit, as it is written in that language.
    pub fn show(&self, value: f64, language: &str) -> String {
        let unit = self.unit.as_ref().map_or("", Text::as_str);
        spoken::quantity(value, unit, language)
    }
}
