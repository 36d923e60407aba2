// SPDX-License-Identifier: Apache-2.0
//! Meanings: what a range of values says to whom, and which of them holds for a patient.

use serde::{Deserialize, Serialize};

use super::{Figure, Output, OutputError, OutputKind};
use crate::condition::{Truth, When};
use crate::intake::text::{Role, Text, Visit};
use crate::intake::{tidy, Answers, Intake};

/// What a range of values means.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Meaning {
    /// The first value of the range.
    pub from: f64,
    /// The last value of the range.
    pub to: f64,
    /// For whom, if not for everybody; judged on the patient's side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
    /// A short name, such as `high` or `class B`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// What it means for the patient.
    pub text: Text,
    /// The next step: what to do with it, with whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Text>,
    /// Signs that need help at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<Text>,
    /// One line for clinicians.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clinician: Option<Text>,
    /// What was published for this range, such as risks.
    #[serde(default, rename = "figure", skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<Figure>,
}

impl Meaning {
    pub(super) fn visit_texts(&mut self, output: &str, visit: &mut Visit<'_>) {
        let place = |field: &str| format!("output `{output}`, meaning from {}, {field}", self.from);
        if let Some(name) = &mut self.name {
            visit(&place("name"), Role::Name, name);
        }
        visit(&place("text"), Role::Sentence, &mut self.text);
        for (field, text) in [
            ("next", &mut self.next),
            ("warning", &mut self.warning),
            ("clinician", &mut self.clinician),
        ] {
            if let Some(text) = text {
                visit(&place(field), Role::Sentence, text);
            }
        }
        let place = place("figure");
        self.figures.iter_mut().for_each(|figure| figure.visit_texts(&place, visit));
    }
}

/// A meaning that was chosen for answers.
pub(super) struct Chosen<'a> {
    pub meaning: &'a Meaning,
    /// The features, by id, without whose answers it can't be told whether another one holds.
    pub open: Vec<String>,
}

impl Output {
    /// The meaning of a value for everybody: the one without `when`.
    pub fn meaning(&self, value: f64) -> Option<&Meaning> {
        self.of_value(value).find(|meaning| meaning.when.is_none())
    }

    /// The meaning of a value for somebody with these answers.
    pub fn meaning_for(&self, value: f64, intake: &Intake, answers: &Answers) -> Option<&Meaning> {
        self.choose(value, intake, answers).map(|chosen| chosen.meaning)
    }

    /// The first meaning whose range has the value and whose `when` holds; the one without `when`
    /// as soon as an earlier one can't be told for lack of answers.
    pub(super) fn choose(
        &self,
        value: f64,
        intake: &Intake,
        answers: &Answers,
    ) -> Option<Chosen<'_>> {
        let mut open = Vec::new();
        for meaning in self.of_value(value) {
            match meaning.when.as_ref().map(|when| when.truth(intake, answers)) {
                None => return Some(Chosen { meaning, open }),
                Some(Truth::Yes) if open.is_empty() => return Some(Chosen { meaning, open }),
                Some(Truth::Yes | Truth::No) => {}
                Some(Truth::Open(features)) => open.extend(features),
            }
        }
        None
    }

    fn of_value(&self, value: f64) -> impl Iterator<Item = &Meaning> {
        let slack = self.step * 1e-6;
        self.meanings
            .iter()
            .filter(move |meaning| value >= meaning.from - slack && value <= meaning.to + slack)
    }

    pub(super) fn check_meanings(&self, intake: &Intake) -> Result<(), OutputError> {
        let output = || self.id.clone();
        let slack = self.step * 1e-6;
        let mut next = self.min;
        for (index, meaning) in self.meanings.iter().enumerate() {
            self.check_texts(meaning)?;
            self.check_range(meaning)?;
            if let Some(when) = &meaning.when {
                when.check(intake)?;
                let hides = |other: &&Meaning| {
                    let apart = other.to < meaning.from - slack || other.from > meaning.to + slack;
                    other.when.is_none() && !apart
                };
                if let Some(other) = self.meanings[..index].iter().find(hides) {
                    return Err(self.refuse(meaning, format!(
                        "its `when` is never looked at, since the meaning from {}, which has none, stands before it: move it up",
                        other.from
                    )));
                }
                continue;
            }
            if (meaning.from - next).abs() > slack {
                return Err(OutputError::MeaningGap {
                    output: output(),
                    expected: tidy(next),
                    found: meaning.from,
                });
            }
            next = meaning.to + self.step;
        }
        if next <= self.max + slack {
            return Err(OutputError::MeaningsEnd {
                output: output(),
                next: tidy(next),
                max: self.max,
            });
        }
        let with_next = self.meanings.iter().filter(|meaning| meaning.next.is_some()).count();
        match self.meanings.iter().find(|meaning| meaning.next.is_none()) {
            Some(lacking) if with_next > 0 => {
                Err(self
                    .refuse(lacking, "it needs a `next` step, since another one has it".to_owned()))
            }
            _ => Ok(()),
        }
    }

    /// Refuses meanings that are for nobody.
    pub(crate) fn require_possible(&self, intake: &Intake) -> Result<(), OutputError> {
        for meaning in &self.meanings {
            let Some(when) = &meaning.when else { continue };
            when.require_possible(intake)
                .map_err(|error| self.refuse(meaning, error.to_string()))?;
        }
        Ok(())
    }

    /// Whether its meanings say what to do next; else it's an auxiliary number beside an output
    /// that does.
    pub(crate) fn has_next(&self) -> bool {
        self.meanings.iter().all(|meaning| meaning.next.is_some())
    }

    fn refuse(&self, meaning: &Meaning, problem: String) -> OutputError {
        OutputError::Meaning { output: self.id.clone(), from: meaning.from, problem }
    }

    fn check_texts(&self, meaning: &Meaning) -> Result<(), OutputError> {
        meaning.text.check(&format!("output `{}`, meaning text", self.id), 1000)?;
        for (field, text, most) in [
            ("name", &meaning.name, 200),
            ("next", &meaning.next, 1000),
            ("warning", &meaning.warning, 1000),
            ("clinician", &meaning.clinician, 1000),
        ] {
            if let Some(text) = text {
                text.check(&format!("output `{}`, meaning {field}", self.id), most)?;
            }
        }
        self.check_figures(&meaning.figures)?;
        match self.kind == OutputKind::Class && meaning.name.is_none() {
            true => Err(OutputError::NameMissing { output: self.id.clone(), from: meaning.from }),
            false => Ok(()),
        }
    }

    fn check_range(&self, meaning: &Meaning) -> Result<(), OutputError> {
        let slack = self.step * 1e-6;
        for (field, value) in [("meaning from", meaning.from), ("meaning to", meaning.to)] {
            let steps = (value - self.min) / self.step;
            if !value.is_finite() || (steps - steps.round()).abs() > 1e-6 {
                return Err(OutputError::OffGrid {
                    output: self.id.clone(),
                    field,
                    value,
                    min: self.min,
                    step: self.step,
                });
            }
        }
        let is_outside = meaning.from < self.min - slack || meaning.to > self.max + slack;
        match meaning.to < meaning.from - slack || is_outside {
            true => Err(OutputError::BadMeaning {
                output: self.id.clone(),
                from: meaning.from,
                to: meaning.to,
                max: self.max,
            }),
            false => Ok(()),
        }
    }
}
