// SPDX-License-Identifier: Apache-2.0
//! Answers to a protocol's questions, from a FHIR history, an answers file and typed texts: what
//! comes later goes before what came earlier.

use crate::vault::{Input, Origin};
use cso_clinical::{
    fhir::{self, FhirError},
    intake::{Clamped, Feature, Kind},
    Answers, Encoded, Intake, IntakeError, Value,
};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// An answer with where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    /// The answer.
    pub value: Value,
    /// Where it comes from.
    pub source: String,
    /// The same without names of files and resources.
    pub origin: Origin,
    /// What was done to a quantity's unit.
    pub conversion: Option<String>,
}

/// A question without an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Feature id.
    pub id: String,
    /// Feature label.
    pub label: String,
    /// Why there is no answer.
    pub reason: String,
    /// Some answer, to show what one looks like.
    pub example: String,
}

/// One question with what is known of its answer.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// What is asked.
    pub feature: &'a Feature,
    /// The answer.
    pub given: Option<&'a Given>,
    /// What a quantity out of range is moved to.
    pub clamped: Option<Clamped>,
    /// Why there is no answer, where there is none.
    pub reason: &'a str,
}

/// Why answers aren't taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FillingError {
    /// The history can't be read.
    #[error(transparent)]
    Fhir(#[from] FhirError),
    /// An answer doesn't fit its question.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// The answers aren't an object.
    #[error("this is no JSON object of feature ids and values: {0}")]
    NotAnObject(String),
    /// An answer of a type that no question takes.
    #[error("`{0}` must be true, false, a number or a text like \"98 mg/dL\"")]
    Type(String),
    /// Questions are left that need an answer.
    #[error("answers are missing: {}", names(.0))]
    Incomplete(Vec<Gap>),
}

fn names(gaps: &[Gap]) -> String {
    let names: Vec<_> =
        gaps.iter().map(|gap| format!("{} ({}: {})", gap.id, gap.label, gap.reason)).collect();
    names.join(", ")
}

/// An intake as far as it's filled in.
#[derive(Clone, Debug)]
pub struct Filling<'a> {
    intake: &'a Intake,
    found: BTreeMap<String, Given>,
    /// Why the history didn't answer a question.
    reasons: BTreeMap<String, String>,
}

impl<'a> Filling<'a> {
    /// Nothing is answered.
    pub fn new(intake: &'a Intake) -> Self {
        Self { intake, found: BTreeMap::new(), reasons: BTreeMap::new() }
    }

    /// Takes what a FHIR history answers. Ages and the age of findings are reckoned from `today`.
    ///
    /// # Errors
    ///
    /// [`FillingError::Fhir`].
    pub fn read_history(&mut self, json: &str, today: Date) -> Result<(), FillingError> {
        let import = fhir::import(json, self.intake, today)?;
        for finding in import.findings {
            let given = Given {
                value: finding.value,
                source: finding.origin,
                origin: match finding.assumed {
                    true => Origin::Silence,
                    false => Origin::Record,
                },
                conversion: finding.conversion,
            };
            self.found.insert(finding.feature, given);
        }
        self.reasons.extend(import.missing.into_iter().map(|gap| (gap.feature, gap.reason)));
        Ok(())
    }

    /// Takes the answers of a JSON object: texts are read as typed ones are, units and all.
    ///
    /// # Errors
    ///
    /// [`FillingError`], before any of them is taken.
    pub fn read_answers(&mut self, json: &str, source: &str) -> Result<(), FillingError> {
        let object: BTreeMap<String, serde_json::Value> = serde_json::from_str(json)
            .map_err(|error| FillingError::NotAnObject(error.to_string()))?;
        let mut answers = Vec::new();
        for (id, value) in object {
            let text = match &value {
                serde_json::Value::Bool(true) => "yes".to_owned(),
                serde_json::Value::Bool(false) => "no".to_owned(),
                serde_json::Value::Number(number) => number.to_string(),
                serde_json::Value::String(text) => text.clone(),
                serde_json::Value::Null => "missing".to_owned(),
                _ => return Err(FillingError::Type(id)),
            };
            let value = self.intake.parse_answer(&id, &text)?;
            answers.push((id, value));
        }
        for (id, value) in answers {
            self.take(&id, value, source, Origin::File);
        }
        Ok(())
    }

    /// Takes one answer as a person types it.
    ///
    /// # Errors
    ///
    /// [`FillingError::Intake`].
    pub fn read_answer(&mut self, id: &str, text: &str, source: &str) -> Result<(), FillingError> {
        let value = self.intake.parse_answer(id, text)?;
        self.answer(id, value, source);
        Ok(())
    }

    /// Takes one answer that a person gave.
    pub fn answer(&mut self, id: &str, value: Value, source: &str) {
        self.take(id, value, source, Origin::Typed);
    }

    fn take(&mut self, id: &str, value: Value, source: &str, origin: Origin) {
        let given = Given { value, source: source.to_owned(), origin, conversion: None };
        self.found.insert(id.to_owned(), given);
    }

    /// The questions without an answer, with why the history didn't answer them.
    pub fn open(&self) -> Vec<(&'a Feature, Option<&str>)> {
        self.intake
            .features()
            .iter()
            .filter(|feature| !self.found.contains_key(&feature.id))
            .map(|feature| (feature, self.reasons.get(&feature.id).map(String::as_str)))
            .collect()
    }

    /// Whether anything is answered.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Leaves open questions unknown, where that is an answer.
    pub fn leave_open(&mut self) {
        let unknown: Vec<_> = self
            .open()
            .into_iter()
            .filter(|(feature, _)| feature.missing)
            .map(|(feature, reason)| (feature.id.clone(), reason.unwrap_or(NOT_GIVEN).to_owned()))
            .collect();
        for (id, reason) in unknown {
            self.take(&id, Value::Missing, &reason, Origin::Open);
        }
    }

    /// The questions that still need an answer.
    pub fn gaps(&self) -> Vec<Gap> {
        self.open()
            .into_iter()
            .filter(|(feature, _)| !feature.missing)
            .map(|(feature, reason)| Gap {
                id: feature.id.clone(),
                label: feature.label.clone(),
                reason: reason.unwrap_or(NOT_GIVEN).to_owned(),
                example: example_answer(feature),
            })
            .collect()
    }

    /// Refuses to go on with unanswered questions.
    ///
    /// # Errors
    ///
    /// [`FillingError::Incomplete`], which names each.
    pub fn require_complete(&self) -> Result<(), FillingError> {
        match self.gaps() {
            gaps if gaps.is_empty() => Ok(()),
            gaps => Err(FillingError::Incomplete(gaps)),
        }
    }

    /// The answers.
    pub fn answers(&self) -> Answers {
        self.found.iter().map(|(id, given)| (id.clone(), given.value.clone())).collect()
    }

    /// The bits, and what was clamped. Only once complete.
    ///
    /// # Errors
    ///
    /// [`FillingError::Intake`].
    pub fn encode(&self) -> Result<Encoded, FillingError> {
        Ok(self.intake.encode(&self.answers())?)
    }

    /// The answers as the wallet keeps and shows them.
    pub fn inputs(&self) -> Vec<Input> {
        let features = self.intake.features().iter();
        features
            .filter_map(|feature| {
                let given = self.found.get(&feature.id)?;
                Some(Input {
                    id: feature.id.clone(),
                    label: feature.label.clone(),
                    value: feature.show(&given.value),
                    source: given.source.clone(),
                    origin: given.origin,
                })
            })
            .collect()
    }

    /// Every question, for the patient to look over.
    pub fn rows(&self) -> Vec<Row<'_>> {
        let features = self.intake.features().iter();
        features
            .map(|feature| {
                let given = self.found.get(&feature.id);
                Row {
                    feature,
                    given,
                    clamped: given.and_then(|given| feature.accept(&given.value).ok().flatten()),
                    reason: self.reasons.get(&feature.id).map_or(NOT_GIVEN, String::as_str),
                }
            })
            .collect()
    }
}

const NOT_GIVEN: &str = "not given";

/// Some answer to a question, empty where none is needed.
pub fn example_answer(feature: &Feature) -> String {
    match &feature.kind {
        _ if feature.missing => String::new(),
        Kind::Flag => "no".into(),
        Kind::Choice { options } => {
            options.first().map(|option| option.id.clone()).unwrap_or_default()
        }
        Kind::Quantity(quantity) => quantity.min.to_string(),
    }
}
