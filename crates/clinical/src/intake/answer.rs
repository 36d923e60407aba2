// SPDX-License-Identifier: Apache-2.0
//! Answers: values by feature id, and reading them from what a person types.

use cso_model_files::shorten;
use std::collections::BTreeMap;
use std::fmt;

use serde::{de::Error as _, Deserialize, Serialize};

use super::{Feature, Intake, IntakeError, Kind};
use crate::number::number;
use crate::units;

/// Values by feature id.
pub type Answers = BTreeMap<String, Value>;

/// One answer. In JSON and TOML: a boolean, a text, a number, or the text `missing`.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Yes or no.
    Flag(bool),
    /// The id of an option.
    Choice(String),
    /// A number in the feature's unit.
    Quantity(f64),
    /// Unknown to the patient; allowed only where the feature has a missing bit.
    Missing,
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(true) => f.write_str("yes"),
            Self::Flag(false) => f.write_str("no"),
            Self::Choice(option) => f.write_str(option),
            Self::Quantity(value) => f.write_str(&number(tidy(*value))),
            Self::Missing => f.write_str("missing"),
        }
    }
}

/// The number without the tail that unit conversion leaves: at most 6 decimals.
pub(crate) fn tidy(number: f64) -> f64 {
    let rounded = (number * 1e6).round() / 1e6;
    if rounded.is_finite() {
        rounded
    } else {
        number
    }
}

impl Serialize for Value {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Choice(option) => serializer.serialize_str(option),
            Self::Quantity(number) => serializer.serialize_f64(*number),
            Self::Missing => serializer.serialize_str("missing"),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not an untagged enum: one finds no number where serde_json keeps all digits.
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::Bool(flag) => Some(Self::Flag(flag)),
            serde_json::Value::String(text) if text == "missing" => Some(Self::Missing),
            serde_json::Value::String(text) => Some(Self::Choice(text)),
            serde_json::Value::Number(number) => number.as_f64().map(Self::Quantity),
            _ => None,
        }
        .ok_or_else(|| D::Error::custom("an answer is true, false, a number or a text"))
    }
}

/// Reads answers from a JSON object such as `{"age": 70, "sex": "female", "diabetes": true}`.
///
/// # Errors
///
/// [`IntakeError::NotAnswers`] if it's no such object.
pub fn parse_answers_json(json: &str) -> Result<Answers, IntakeError> {
    serde_json::from_str(json)
        .map_err(|error| IntakeError::NotAnswers { problem: shorten(&error.to_string()) })
}

impl Intake {
    /// Reads one answer as a person types it: `yes`, `no` (or `ja`, `nein`), an option's id or
    /// label, a number with or without a unit (`180 mg/dL`), `missing`.
    ///
    /// # Errors
    ///
    /// [`IntakeError`] if there is no such feature, or the text is no answer to it.
    pub fn parse_answer(&self, feature: &str, text: &str) -> Result<Value, IntakeError> {
        let (_, feature) = self.feature(feature).ok_or_else(|| self.unknown_feature(feature))?;
        feature.parse_answer(text)
    }

    pub(super) fn unknown_feature(&self, id: &str) -> IntakeError {
        let known: Vec<&str> = self.features.iter().map(|f| f.id.as_str()).collect();
        IntakeError::UnknownFeature { feature: shorten(id), known: known.join(", ") }
    }
}

impl Feature {
    /// See [`Intake::parse_answer`].
    ///
    /// # Errors
    ///
    /// [`IntakeError`] if the text is no answer to the feature.
    pub fn parse_answer(&self, text: &str) -> Result<Value, IntakeError> {
        let text = text.trim();
        let lower = text.to_lowercase();
        if matches!(lower.as_str(), "missing" | "unknown" | "") {
            return if self.missing {
                Ok(Value::Missing)
            } else {
                Err(IntakeError::Missing {
                    feature: self.id.clone(),
                    label: self.label.to_string(),
                })
            };
        }
        match &self.kind {
            Kind::Flag => match lower.as_str() {
                "yes" | "y" | "ja" | "j" | "true" | "1" | "1.0" => Ok(Value::Flag(true)),
                "no" | "n" | "nein" | "false" | "0" | "0.0" => Ok(Value::Flag(false)),
                _ => Err(self.wrong_kind(text)),
            },
            Kind::Choice { options } => options
                .iter()
                .find(|o| o.id.to_lowercase() == lower || o.label.to_lowercase() == lower)
                .map(|o| Value::Choice(o.id.clone()))
                .ok_or_else(|| self.unknown_option(text)),
            Kind::Quantity(quantity) => {
                let (number, unit) = match text.split_once(char::is_whitespace) {
                    Some((number, unit)) => (number, Some(unit.trim())),
                    None => (text, None),
                };
                let (number, unit) = match number.parse::<f64>() {
                    Ok(number) => (number, unit),
                    Err(_) => {
                        let (number, unit) = number_and_unit(text);
                        if let Some(pointed) = with_point(number, unit) {
                            return Err(self.comma(text, &pointed));
                        }
                        let is_unit =
                            unit.contains(|c: char| c.is_alphabetic() || "%°\"″'′".contains(c));
                        let number = number.parse().ok().filter(|_| is_unit);
                        (number.ok_or_else(|| self.wrong_kind(text))?, Some(unit.trim()))
                    }
                };
                if unit.is_none() && quantity.missing_codes.contains(&number) {
                    return Ok(Value::Missing);
                }
                if !number.is_finite() {
                    return Err(IntakeError::NotFinite { feature: self.id.clone() });
                }
                let converted = match unit {
                    None => Ok(number),
                    Some(unit) => units::from_text(unit, &quantity.unit).and_then(|unit| {
                        units::convert_typed(
                            number,
                            &unit,
                            &quantity.unit,
                            quantity.analyte.as_deref(),
                        )
                    }),
                };
                converted
                    .map(Value::Quantity)
                    .map_err(|error| IntakeError::Unit { feature: self.id.clone(), error })
            }
        }
    }

    fn comma(&self, found: &str, pointed: &str) -> IntakeError {
        match self.wrong_kind(found) {
            IntakeError::WrongKind { feature, expected, found } => {
                let expected = format!("{expected}: write a point: {pointed}");
                IntakeError::WrongKind { feature, expected, found }
            }
            other => other,
        }
    }

    pub(super) fn wrong_kind(&self, found: &str) -> IntakeError {
        let expected = match &self.kind {
            Kind::Flag => "flag: answer yes or no".to_owned(),
            Kind::Choice { options } => {
                format!(
                    "choice: answer one of {}",
                    options.iter().map(|o| o.id.as_str()).collect::<Vec<_>>().join(", ")
                )
            }
            Kind::Quantity(quantity) => format!("number in {}", quantity.unit),
        };
        IntakeError::WrongKind { feature: self.id.clone(), expected, found: shorten(found) }
    }

    pub(super) fn unknown_option(&self, option: &str) -> IntakeError {
        let known = match &self.kind {
            Kind::Choice { options } => {
                options.iter().map(|o| o.id.as_str()).collect::<Vec<_>>().join(", ")
            }
            _ => String::new(),
        };
        IntakeError::UnknownOption { feature: self.id.clone(), option: shorten(option), known }
    }
}

/// A number and the unit that stands right behind it: `1.7mg/dL`.
fn number_and_unit(text: &str) -> (&str, &str) {
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+');
    text.split_at(text.find(|c| !is_number(c)).unwrap_or(text.len()))
}

/// A number with a decimal comma as one with a point.
fn with_point(whole: &str, rest: &str) -> Option<String> {
    let decimals: String =
        rest.strip_prefix(',')?.chars().take_while(char::is_ascii_digit).collect();
    let pointed = format!("{whole}.{decimals}");
    (!decimals.is_empty() && pointed.parse::<f64>().is_ok()).then_some(pointed)
}
