// SPDX-License-Identifier: Apache-2.0
//! From what the sources say of a feature to its answer, to a question, or to silence.
//!
//! Every source gives [`Reading`]s: all that the record has on the feature, also what can't be used.
//! One rule decides for all of them. What can't be used never steps aside for something older or
//! for silence: it becomes a question.

use super::time::When;
use crate::intake::{Feature, Kind, Value};
use cso_model_files::shorten;
use std::fmt;

/// An answer with where it stands.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub value: Value,
    /// Resource and code, for people.
    pub origin: String,
    /// How units were converted or values computed.
    pub conversion: Option<String>,
}

/// Something in the record that bears on a feature and can't be used as it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Doubt {
    /// The resource's name.
    resource: String,
    /// The element, as a path in the resource.
    element: &'static str,
    /// What stands there.
    value: String,
    /// Why it can't be used, as the end of a sentence that begins with the value.
    why: String,
}

impl Doubt {
    pub(super) fn new(
        resource: &str,
        element: &'static str,
        value: &str,
        why: impl Into<String>,
    ) -> Self {
        Self { resource: resource.to_owned(), element, value: shorten(value), why: why.into() }
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { resource, element, value, why } = self;
        write!(f, "{resource}, {element}: `{value}` {why}")
    }
}

/// One thing that a source has on a feature.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    /// When it was so; unknown if the record doesn't say.
    pub when: Option<When>,
    /// When it was written down, which decides between two of the same time.
    pub issued: Option<When>,
    /// How final it is, which decides where `issued` doesn't.
    pub standing: Standing,
    pub said: Result<Found, Doubt>,
}

/// How final a reading is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    Preliminary,
    #[default]
    Final,
    /// Amended or corrected.
    Corrected,
}

impl Reading {
    /// What has no time of its own.
    pub(super) fn timeless(said: Result<Found, Doubt>) -> Self {
        Self { when: None, issued: None, standing: Standing::Final, said }
    }
}

/// All that one source has on a feature.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    pub readings: Vec<Reading>,
    /// What is near, and is known not to count: refuted, over, too old.
    pub notes: Vec<String>,
}

impl Said {
    pub(super) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    pub(super) fn yes(&mut self, origin: String) {
        let found = Found { value: Value::Flag(true), origin, conversion: None };
        self.readings.push(Reading::timeless(Ok(found)));
    }

    /// Makes notes of what says no: a value below a limit doesn't say that a diagnosis is absent,
    /// where that answers the feature as well.
    pub(super) fn demote_no(&mut self) {
        let is_no = |one: &Reading| matches!(&one.said, Ok(found) if found.value == Value::Flag(false));
        for found in self.readings.iter().filter(|one| is_no(one)).flat_map(|one| &one.said) {
            let conversion = found.conversion.as_deref().map(|text| format!(" ({text})"));
            self.notes.push(format!("{} says no{}", found.origin, conversion.unwrap_or_default()));
        }
        self.readings.retain(|one| !is_no(one));
    }

    pub(super) fn doubt(&mut self, doubt: Doubt) {
        self.readings.push(Reading::timeless(Err(doubt)));
    }
}

/// What the record as a whole says of a feature.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    Found(Found),
    /// It can't be told from the record: ask.
    Doubt(Vec<Doubt>),
    /// The record has nothing on it.
    Silent,
}

/// Decides by everything that all sources have.
pub(super) fn decide(feature: &Feature, readings: Vec<Reading>) -> Outcome {
    let outcome = match feature.kind {
        Kind::Flag => flag(readings),
        Kind::Quantity(_) | Kind::Choice { .. } => latest(readings),
    };
    match outcome {
        Outcome::Found(found) => match feature.level(&found.value, &mut Vec::new()) {
            Ok(_) => Outcome::Found(found),
            Err(error) => Outcome::Doubt(vec![Doubt::new(
                &found.origin,
                "value",
                &feature.show(&found.value),
                format!("can't be taken: {error}"),
            )]),
        },
        other => other,
    }
}

/// A flag is yes if any source says yes. What is in doubt may be a yes, so it goes before a no.
fn flag(readings: Vec<Reading>) -> Outcome {
    let (mut no, mut doubts) = (None, Vec::new());
    for reading in sorted(readings) {
        match reading.said {
            Ok(found) if found.value == Value::Flag(true) => return Outcome::Found(found),
            Ok(found) => no = no.or(Some(found)),
            Err(doubt) => doubts.push(doubt),
        }
    }
    match (doubts.is_empty(), no) {
        (false, _) => Outcome::Doubt(unique(doubts)),
        (true, Some(no)) => Outcome::Found(no),
        (true, None) => Outcome::Silent,
    }
}

/// The latest reading decides, whether it can be used or not. Where it isn't known which is the
/// latest, those that may be must agree.
pub(super) fn latest(readings: Vec<Reading>) -> Outcome {
    let readings = sorted(readings);
    let is_later = |one: &Reading, other: &Reading| match (one.when, other.when) {
        (Some(one), Some(other)) => one.is_after(other),
        _ => false,
    };
    let mut open: Vec<&Reading> =
        readings.iter().filter(|one| !readings.iter().any(|other| is_later(other, one))).collect();
    // Of two of the same time the one that was written later counts, or that corrects the other.
    let replaces = |one: &Reading, other: &Reading| {
        one.when == other.when
            && match (one.issued, other.issued) {
                (Some(one), Some(other)) if one.is_after(other) => true,
                (Some(one), Some(other)) if other.is_after(one) => false,
                _ => one.standing > other.standing,
            }
    };
    let all = open.clone();
    open.retain(|one| !all.iter().any(|other| replaces(other, one)));
    let doubts: Vec<Doubt> =
        open.iter().filter_map(|one| one.said.as_ref().err().cloned()).collect();
    let found: Vec<&Found> = open.iter().filter_map(|one| one.said.as_ref().ok()).collect();
    match (doubts.is_empty(), found.split_first()) {
        (true, None) => Outcome::Silent,
        (false, _) => Outcome::Doubt(unique(doubts)),
        (true, Some((first, rest))) => match rest.iter().find(|other| !first.agrees(other)) {
            None => Outcome::Found((*first).clone()),
            Some(other) => Outcome::Doubt(vec![Doubt::new(
                &first.origin,
                "value",
                &first.value.to_string(),
                format!(
                    "and `{}` of {} may each be the latest",
                    shorten(&other.value.to_string()),
                    other.origin
                ),
            )]),
        },
    }
}

/// The reading that decides among these, for what combines it with others.
pub(super) fn latest_of(readings: Vec<Reading>) -> Vec<Reading> {
    let when = readings.iter().filter_map(|one| one.when).max();
    let said: Vec<Result<Found, Doubt>> = match latest(readings) {
        Outcome::Found(found) => vec![Ok(found)],
        Outcome::Doubt(doubts) => doubts.into_iter().map(Err).collect(),
        Outcome::Silent => Vec::new(),
    };
    said.into_iter().map(|said| Reading { when, ..Reading::timeless(said) }).collect()
}

impl Found {
    /// Whether two answers are one: quantities may differ by rounding of a conversion.
    fn agrees(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::Quantity(one), Value::Quantity(other)) => {
                (one - other).abs() <= 1e-9 * one.abs().max(other.abs())
            }
            (one, other) => one == other,
        }
    }
}

/// In an order that doesn't depend on that in the file: the latest first.
fn sorted(mut readings: Vec<Reading>) -> Vec<Reading> {
    let key = |one: &Reading| match &one.said {
        Ok(found) => (found.origin.clone(), found.value.to_string()),
        Err(doubt) => (doubt.resource.clone(), doubt.to_string()),
    };
    readings.sort_by(|one, other| {
        (other.when, other.standing, other.issued)
            .cmp(&(one.when, one.standing, one.issued))
            .then_with(|| key(one).cmp(&key(other)))
    });
    readings
}

fn unique(mut doubts: Vec<Doubt>) -> Vec<Doubt> {
    doubts.sort();
    doubts.dedup();
    doubts
}
