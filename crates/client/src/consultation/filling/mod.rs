// SPDX-License-Identifier: Apache-2.0
//! Answers to a protocol's questions, from a FHIR history, an answers file and typed texts. What a
//! person says goes before the history, whichever is read first.

mod error;
mod members;

pub use error::{FillingError, Gap};

use crate::vault::{Input, Origin};
use cso_clinical::{
    fhir::{self, RecordFile, Unconfirmed},
    intake::{Clamped, Derived, Feature, Kind},
    Answers, Description, Eligibility, Encoded, Intake, Value,
};
use jiff::civil::Date;
use members::Members;
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

impl Given {
    /// What others may know of it.
    fn disclosed(&self, feature: &Feature) -> Value {
        self.origin.disclosed(feature, &self.value)
    }

    /// Where the answer comes from, and what was done to it.
    pub fn told(&self, feature: &Feature) -> String {
        let mut told = self.source.clone();
        if let Some(conversion) = &self.conversion {
            told += &format!("; {conversion}");
        }
        if let Ok(Some(clamped)) = feature.accept(&self.disclosed(feature)) {
            let [given, used] =
                [clamped.given, clamped.used].map(|number| feature.show(&Value::Quantity(number)));
            told += &format!("; {given} is out of range, {used} is used");
        }
        told
    }
}

/// One question with what is known of its answer.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// What is asked.
    pub feature: &'a Feature,
    /// The answer.
    pub given: Option<&'a Given>,
    /// The answer as a person reads it.
    pub shown: Option<String>,
    /// What a quantity out of range is moved to.
    pub clamped: Option<Clamped>,
    /// Why there is no answer, where there is none.
    pub reason: &'a str,
    /// Whether it is "no" if somebody confirms it.
    pub is_unconfirmed: bool,
    /// Whether the history has something on it that can't be used.
    pub in_doubt: bool,
}

/// An intake as far as it's filled in.
#[derive(Clone, Debug)]
pub struct Filling<'a> {
    description: &'a Description,
    intake: &'a Intake,
    found: BTreeMap<String, Given>,
    /// What follows from these, of the features that have no answer of their own.
    derived: BTreeMap<String, Given>,
    /// Why the history didn't answer a question.
    reasons: BTreeMap<String, Reason>,
    /// What is "no" if somebody confirms it.
    unconfirmed: Unconfirmed,
    /// Files of archives that weren't read.
    passed_over: Vec<String>,
}

/// Why the history didn't answer a question.
#[derive(Clone, Debug)]
struct Reason {
    text: String,
    /// Whether it has something on it that can't be used: leaving the question open would hide
    /// that.
    in_doubt: bool,
    /// The features whose answers settle the doubt; none, if it is of the question itself.
    of_inputs: Vec<String>,
}

impl<'a> Filling<'a> {
    /// Nothing is answered. Answers are shown in the language of the description.
    pub fn new(description: &'a Description) -> Self {
        Self {
            description,
            intake: description.intake(),
            found: BTreeMap::new(),
            derived: BTreeMap::new(),
            reasons: BTreeMap::new(),
            unconfirmed: Unconfirmed::default(),
            passed_over: Vec::new(),
        }
    }

    /// Takes what the files of a FHIR history answer of what is still open. Ages and the age of
    /// findings are reckoned from `today`.
    ///
    /// # Errors
    ///
    /// [`FillingError::Fhir`].
    pub fn read_history(
        &mut self,
        files: &[RecordFile<'_>],
        today: Date,
    ) -> Result<(), FillingError> {
        let is_answered = |id: &str| self.found.contains_key(id);
        let import = fhir::import_rest(files, self.intake, today, is_answered)?;
        for finding in import.findings {
            let given = Given {
                value: finding.value,
                source: finding.origin,
                origin: Origin::Record,
                conversion: finding.conversion,
            };
            self.found.insert(finding.feature, given);
        }
        self.reasons.extend(import.missing.into_iter().map(|gap| {
            let (in_doubt, of_inputs) = (gap.in_doubt, gap.of_inputs);
            (gap.feature, Reason { text: gap.reason, in_doubt, of_inputs })
        }));
        self.unconfirmed = import.unconfirmed;
        self.passed_over = import.passed_over;
        self.derive();
        Ok(())
    }

    /// Files of the history's archives that are no FHIR by their names and beginnings.
    pub fn passed_over(&self) -> &[String] {
        &self.passed_over
    }

    /// What is "no" if somebody confirms it, with what the record has that couldn't be read;
    /// without features once it's answered.
    pub fn unconfirmed(&self) -> Unconfirmed {
        let mut open = self.unconfirmed.clone();
        open.features.retain(|one| !self.found.contains_key(&one.feature));
        open
    }

    /// Takes all that is unconfirmed for "no": somebody has seen it and says so.
    pub fn confirm_no(&mut self) {
        self.all_no("confirmed as no: the history says nothing of it", Origin::Confirmed);
    }

    /// Takes all that is unconfirmed for "no", without anybody's word.
    ///
    /// # Errors
    ///
    /// [`FillingError::NotShown`] if the history doesn't show that its lists were read and are
    /// complete.
    pub fn assume_no(&mut self) -> Result<(), FillingError> {
        let open = self.unconfirmed();
        if open.features.is_empty() {
            return Ok(());
        }
        if !open.is_shown() {
            return Err(FillingError::NotShown(why_not_shown(&open)));
        }
        self.all_no("the history is complete and says nothing of it", Origin::Silence);
        Ok(())
    }

    /// Makes single questions of what is unconfirmed: somebody has seen it, and it isn't all "no".
    pub fn ask_each(&mut self) {
        let open = self.unconfirmed();
        for one in &open.features {
            let text = silence(&one.notes);
            let reason = Reason { text, in_doubt: true, of_inputs: Vec::new() };
            self.reasons.insert(one.feature.clone(), reason);
        }
        self.unconfirmed.features.clear();
    }

    fn all_no(&mut self, source: &str, origin: Origin) {
        for one in self.unconfirmed().features {
            let notes = one.notes.iter().map(|note| format!("; {note}"));
            let source = format!("{source}{}", notes.collect::<String>());
            self.take(&one.feature, Value::Flag(false), &source, origin);
        }
    }

    /// Takes the answers of a JSON object: texts are read as typed ones are, units and all.
    ///
    /// # Errors
    ///
    /// [`FillingError`], before any of them is taken.
    pub fn read_answers(&mut self, json: &str, source: &str) -> Result<(), FillingError> {
        let json = json.trim_start_matches('\u{feff}');
        let Members(members) = serde_json::from_str(json)
            .map_err(|error| FillingError::NotAnObject(error.to_string()))?;
        let mut answers = BTreeMap::new();
        for (id, value) in members {
            let text = match &value {
                serde_json::Value::Bool(true) => "yes".to_owned(),
                serde_json::Value::Bool(false) => "no".to_owned(),
                serde_json::Value::Number(number) => number.to_string(),
                serde_json::Value::String(text) => text.clone(),
                serde_json::Value::Null => "missing".to_owned(),
                _ => return Err(FillingError::Type(id)),
            };
            let value = self.parse(&id, &text)?;
            if answers.insert(id.clone(), value).is_some() {
                return Err(FillingError::Twice(id));
            }
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
        let value = self.parse(id, text)?;
        self.answer(id, value, source);
        Ok(())
    }

    /// An answer as a person types it, if the question takes it.
    fn parse(&self, id: &str, text: &str) -> Result<Value, FillingError> {
        let value = self.intake.parse_answer(id, text)?;
        if let Some((_, feature)) = self.intake.feature(id) {
            feature.accept(&value)?;
        }
        Ok(value)
    }

    /// Takes one answer that a person gave.
    pub fn answer(&mut self, id: &str, value: Value, source: &str) {
        self.take(id, value, source, Origin::Typed);
    }

    fn take(&mut self, id: &str, value: Value, source: &str, origin: Origin) {
        let given = Given { value, source: source.to_owned(), origin, conversion: None };
        self.found.insert(id.to_owned(), given);
        self.derive();
    }

    /// Computes what follows from the answers. What the history has in doubt stays a question,
    /// unless a person has answered all that the doubt is about.
    fn derive(&mut self) {
        let answers = self.found.iter().map(|(id, given)| (id.clone(), given.value.clone()));
        let derived = self.intake.derive(&answers.collect());
        let is_personal = |id: &String| {
            self.found.get(id).is_some_and(|given| {
                matches!(given.origin, Origin::Typed | Origin::File | Origin::Confirmed)
            })
        };
        let counts = |one: &Derived| {
            self.reasons.get(&one.feature).is_none_or(|Reason { in_doubt, of_inputs, .. }| {
                !in_doubt || !of_inputs.is_empty() && of_inputs.iter().all(is_personal)
            })
        };
        self.derived = derived
            .into_iter()
            .filter(counts)
            .map(|one| {
                let given = Given {
                    value: one.value,
                    source: one.text,
                    origin: Origin::Computed,
                    conversion: None,
                };
                (one.feature, given)
            })
            .collect();
    }

    /// The answer to a question: one of its own, or what follows from others.
    fn given(&self, id: &str) -> Option<&Given> {
        self.found.get(id).or_else(|| self.derived.get(id))
    }

    /// The questions without an answer, with why the history didn't answer them.
    pub fn open(&self) -> Vec<(&'a Feature, Option<&str>)> {
        let answers = self.answers();
        self.intake
            .features()
            .iter()
            .filter(|feature| self.given(&feature.id).is_none())
            .filter(|feature| self.description.is_needed(&feature.id, &answers))
            .filter(|feature| !self.is_unconfirmed(&feature.id))
            .map(|feature| {
                (feature, self.reasons.get(&feature.id).map(|reason| reason.text.as_str()))
            })
            .collect()
    }

    fn is_unconfirmed(&self, id: &str) -> bool {
        self.unconfirmed.features.iter().any(|one| one.feature == id)
    }

    /// Whether a question may stay open without hiding what the record has on it.
    fn may_stay_open(&self, feature: &Feature) -> bool {
        let in_doubt = self.reasons.get(&feature.id).is_some_and(|reason| reason.in_doubt);
        feature.missing && !in_doubt
    }

    /// Whether anything is answered.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Leaves open questions unknown, where that is an answer and the history has nothing on them.
    pub fn leave_open(&mut self) {
        let unknown: Vec<_> = self
            .open()
            .into_iter()
            .filter(|(feature, _)| self.may_stay_open(feature))
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
            .filter(|(feature, _)| !self.may_stay_open(feature))
            .map(|(feature, _)| self.gap(feature))
            .collect()
    }

    /// What nobody has confirmed, as questions.
    fn unconfirmed_gaps(&self) -> Vec<Gap> {
        let gap = |one: fhir::Silent| Gap {
            reason: silence(&one.notes),
            id: one.feature,
            label: one.label,
            example: "no".into(),
        };
        self.unconfirmed().features.into_iter().map(gap).collect()
    }

    /// Refuses to go on with unanswered questions.
    ///
    /// # Errors
    ///
    /// [`FillingError::Incomplete`], which names each; [`FillingError::Unconfirmed`] if there are
    /// only those of which the history says nothing, and it has nothing that couldn't be read.
    pub fn require_complete(&self) -> Result<(), FillingError> {
        self.require(|_| true)
    }

    /// The same of what the model reads: what stays with the patient may be open.
    ///
    /// # Errors
    ///
    /// As [`Self::require_complete`].
    pub fn require_complete_for_model(&self) -> Result<(), FillingError> {
        self.require(|feature| !feature.local)
    }

    fn require(&self, is_wanted: impl Fn(&Feature) -> bool) -> Result<(), FillingError> {
        let is_wanted =
            |gap: &Gap| self.intake.feature(&gap.id).is_some_and(|(_, one)| is_wanted(one));
        let mut gaps = self.gaps();
        gaps.retain(is_wanted);
        let mut silent = self.unconfirmed_gaps();
        silent.retain(is_wanted);
        if silent.is_empty() && gaps.is_empty() {
            return Ok(());
        }
        let open = self.unconfirmed();
        if gaps.is_empty() && open.entries.is_empty() && open.failures.is_empty() {
            return Err(FillingError::Unconfirmed(silent));
        }
        let near = match (silent.is_empty(), entries(&open)) {
            (false, near) if !near.is_empty() => format!("; the history has {near}"),
            _ => String::new(),
        };
        gaps.extend(silent);
        Err(FillingError::Incomplete { gaps, near })
    }

    /// Refuses somebody whom the protocol isn't for. Answers may still be missing: what is known
    /// not to hold is told before they are asked.
    ///
    /// # Errors
    ///
    /// [`FillingError::NotFor`] with the reasons.
    pub fn require_not_refused(&self, description: &Description) -> Result<(), FillingError> {
        match description.eligibility(&self.answers()) {
            Eligibility::DoesNotFit { reasons } => Err(FillingError::NotFor { reasons }),
            Eligibility::Fits | Eligibility::Open { .. } => Ok(()),
        }
    }

    /// Refuses to go on with anybody but whom the protocol is for.
    ///
    /// # Errors
    ///
    /// [`FillingError::NotFor`] with the reasons; [`FillingError::Untold`] with the answers without
    /// which it can't be told.
    pub fn require_fit(&self, description: &Description) -> Result<(), FillingError> {
        match description.eligibility(&self.answers()) {
            Eligibility::Fits => Ok(()),
            Eligibility::DoesNotFit { reasons } => Err(FillingError::NotFor { reasons }),
            Eligibility::Open { features } => {
                let open = self.intake.features().iter();
                let open = open.filter(|feature| features.contains(&feature.id));
                Err(FillingError::Untold(open.map(|feature| self.gap(feature)).collect()))
            }
        }
    }

    fn gap(&self, feature: &Feature) -> Gap {
        let reason = self.reasons.get(&feature.id).map(|reason| reason.text.as_str());
        Gap {
            id: feature.id.clone(),
            label: feature.label.to_string(),
            reason: reason.unwrap_or(NOT_GIVEN).to_owned(),
            example: match feature.missing {
                true => "missing".into(),
                false => example_answer(feature),
            },
        }
    }

    /// The answers.
    pub fn answers(&self) -> Answers {
        let all = self.found.iter().chain(&self.derived);
        all.map(|(id, given)| (id.clone(), given.value.clone())).collect()
    }

    /// The answers as they may leave: of what a history says, ages over 89 as 90.
    pub fn disclosed(&self) -> Answers {
        let all = self.found.iter().chain(&self.derived);
        all.filter_map(|(id, given)| {
            let (_, feature) = self.intake.feature(id)?;
            Some((id.clone(), given.disclosed(feature)))
        })
        .collect()
    }

    /// The bits, and what was clamped. Only once complete.
    ///
    /// # Errors
    ///
    /// [`FillingError::Intake`].
    pub fn encode(&self) -> Result<Encoded, FillingError> {
        Ok(self.intake.encode(&self.disclosed())?)
    }

    /// The answers as the wallet keeps and shows them; what is unconfirmed says so.
    pub fn inputs(&self) -> Vec<Input> {
        let features = self.intake.features().iter();
        let silent = self.unconfirmed();
        features
            .filter_map(|feature| {
                if let Some(one) = silent.features.iter().find(|one| one.feature == feature.id) {
                    return Some(Input {
                        id: feature.id.clone(),
                        label: feature.label.to_string(),
                        value: UNCONFIRMED.into(),
                        answer: None,
                        source: silence(&one.notes),
                        origin: Origin::Open,
                    });
                }
                let given = self.given(&feature.id)?;
                Some(Input {
                    id: feature.id.clone(),
                    label: feature.label.to_string(),
                    value: feature.show_in(&given.value, self.description.language()),
                    answer: Some(given.value.clone()),
                    source: given.told(feature),
                    origin: given.origin,
                })
            })
            .collect()
    }

    /// Every question that must be answered, for the patient to look over.
    pub fn rows(&self) -> Vec<Row<'_>> {
        let answers = self.answers();
        let is_shown = |feature: &&Feature| {
            answers.contains_key(&feature.id) || self.description.is_needed(&feature.id, &answers)
        };
        self.intake
            .features()
            .iter()
            .filter(is_shown)
            .map(|feature| {
                let given = self.given(&feature.id);
                Row {
                    feature,
                    given,
                    shown: given
                        .map(|given| feature.tell(&given.value, self.description.language())),
                    clamped: given
                        .and_then(|given| feature.accept(&given.disclosed(feature)).ok().flatten()),
                    reason: match self.reasons.get(&feature.id) {
                        Some(reason) => &reason.text,
                        None if self.is_unconfirmed(&feature.id) => SILENCE,
                        None => NOT_GIVEN,
                    },
                    is_unconfirmed: given.is_none() && self.is_unconfirmed(&feature.id),
                    in_doubt: given.is_none()
                        && self.reasons.get(&feature.id).is_some_and(|reason| reason.in_doubt),
                }
            })
            .collect()
    }
}

const NOT_GIVEN: &str = "not given";

/// What a history says of which it says nothing.
const SILENCE: &str = "the history says nothing of it";

/// The answer that nobody has confirmed.
const UNCONFIRMED: &str = "no, unconfirmed";

/// That the history says nothing, with what is near and doesn't count.
fn silence(notes: &[String]) -> String {
    match notes.is_empty() {
        true => SILENCE.to_owned(),
        false => format!("{SILENCE} ({})", notes.join("; ")),
    }
}

/// What the history has that couldn't be read, in one line; empty if there is nothing.
fn entries(open: &Unconfirmed) -> String {
    let entries = match open.entries.is_empty() {
        true => None,
        false => Some(format!("entries that can't be told: {}", open.entries.join("; "))),
    };
    let failures = match open.failures.is_empty() {
        true => None,
        false => Some(format!("parts that couldn't be read: {}", open.failures.join("; "))),
    };
    entries.into_iter().chain(failures).collect::<Vec<_>>().join("; and ")
}

fn why_not_shown(open: &Unconfirmed) -> String {
    match entries(open) {
        near if !near.is_empty() => format!("the history has {near}"),
        _ => format!(
            "the history doesn't show that it has every {} of the patient",
            open.not_shown.join(" and every ")
        ),
    }
}

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
