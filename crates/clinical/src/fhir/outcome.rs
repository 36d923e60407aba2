// SPDX-License-Identifier: Apache-2.0
//! From what the sources say of a feature to its answer, to a question, or to silence.
//!
//! Every source gives [`Reading`]s: all that the record has on the feature, also what can't be
//! used. One rule decides for all of them. What can't be used never steps aside for something older
//! or for silence: it becomes a question.

use super::time::{Earliest, Latest, When};
use crate::intake::{Feature, Kind, Pick, Source, Value};
use cso_model_files::shorten;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt;

/// An answer with where it stands.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub value: Value,
    /// Resource and code, for people.
    pub origin: String,
    /// The value as it stands in the record, where that isn't the value itself.
    pub stands: Option<String>,
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
    /// What the resource is about, if nothing else of it says so: code and name.
    about: Option<String>,
}

impl Doubt {
    pub(super) fn new(
        resource: &str,
        element: &'static str,
        value: &str,
        why: impl Into<String>,
    ) -> Self {
        Self {
            resource: resource.to_owned(),
            element,
            value: shorten(value),
            why: why.into(),
            about: None,
        }
    }

    /// Something that isn't in the record but stands in the way of reading it, as a sentence.
    pub(super) fn general(why: String) -> Self {
        Self { resource: String::new(), element: "", value: String::new(), why, about: None }
    }

    /// Says what the resource is about, as its code and its name.
    pub(super) fn about(self, about: &str) -> Self {
        // A code behind a name stands in the value.
        let about = match about.rsplit_once(" (") {
            Some((name, code)) if code.ends_with(')') => name,
            _ => about,
        };
        let code = about.split(' ').next().unwrap_or(about);
        let is_said =
            [&self.resource, &self.value, &self.why].iter().any(|text| text.contains(code));
        let about = (!code.is_empty() && !is_said).then(|| about.to_owned());
        Self { about: about.or(self.about), ..self }
    }

    /// What is in doubt, where the resource is named already.
    pub(super) fn told(&self) -> String {
        let Self { element, value, why, .. } = self;
        format!("its {element} `{value}` {why}")
    }

    /// The same of a part of the resource.
    pub(super) fn of_part(&self, part: &str) -> Self {
        let why = format!("{}; {} says it, of which this is a part", self.why, self.resource);
        Self { resource: part.to_owned(), why, ..self.clone() }
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { resource, element, value, why, about } = self;
        if resource.is_empty() {
            return f.write_str(why);
        }
        let about = about.as_ref().map(|about| format!(" ({about})")).unwrap_or_default();
        write!(f, "{resource}{about}, {element}: `{value}` {why}")
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
    pub made: Made,
    /// Whether a later one, which the record may lack, wouldn't take it back.
    pub lasts: bool,
    /// Whether it rests on all that a window has, so that an earlier one, which the record may
    /// lack, would change it as well.
    pub is_of_window: bool,
    /// How its quantity was reported, if it is one that was measured.
    pub reported: Option<Reported>,
    /// What it was made of, if not of itself alone: of each it isn't known that it doesn't count.
    pub made_of: Vec<Measured>,
    pub said: Result<Found, Doubt>,
}

/// When something was measured, and which resource says it: all of one is of one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Measured {
    pub when: Option<When>,
    pub resource: Option<String>,
}

/// How a quantity was reported.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reported {
    /// The unit in which it stands in the record, by what 0 and 1 of it are in the wanted one.
    pub scale: String,
    /// Whether that isn't the wanted one.
    pub is_converted: bool,
    /// Half of the last digit that was reported, in the wanted unit.
    pub rounding: f64,
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

/// Where an answer comes from in the record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Made {
    /// It stands there.
    #[default]
    Recorded,
    /// It was computed from what stands there, so that rounding sets it apart from a recorded one.
    Computed,
}

/// How far a computed answer may lie from a recorded one that says the same, as a part of it: a
/// body mass index is often recorded as a whole number.
const COMPUTED: f64 = 0.02;
/// How far two values of one time may lie apart at most that were reported in different units, as a
/// part of them.
const REPORTED: f64 = 0.01;
/// Recorded values that differ by less are the same.
const SAME: f64 = 1e-9;

impl Reading {
    /// What has no time of its own.
    pub(super) fn timeless(said: Result<Found, Doubt>) -> Self {
        let (standing, made) = (Standing::Final, Made::Recorded);
        Self {
            when: None,
            issued: None,
            standing,
            made,
            lasts: true,
            is_of_window: false,
            reported: None,
            made_of: Vec::new(),
            said,
        }
    }

    /// Whether something holds for each time that it may be of, which must be known.
    fn is_each_time(&self, holds: impl Fn(When) -> bool) -> bool {
        match self.made_of.is_empty() {
            true => self.when.is_some_and(holds),
            false => self.made_of.iter().all(|one| one.when.is_some_and(&holds)),
        }
    }

    /// All that it may be made of.
    pub(super) fn measured(&self) -> Vec<Measured> {
        match self.made_of.is_empty() {
            true => vec![Measured { when: self.when, resource: None }],
            false => self.made_of.clone(),
        }
    }

    /// How far quantities of that size may lie apart that say the same, as a part of them. One
    /// sample that was reported in two units was rounded in each.
    fn tolerance(&self, other: &Self, size: f64) -> f64 {
        if self.made != other.made {
            return COMPUTED;
        }
        let is_same_time = match (self.when, other.when) {
            (Some(one), Some(other)) => one.is_same(other),
            _ => false,
        };
        match (&self.reported, &other.reported) {
            (Some(one), Some(other)) if is_same_time && one.scale != other.scale => {
                ((one.rounding + other.rounding) / size.max(f64::MIN_POSITIVE))
                    .clamp(SAME, REPORTED)
            }
            _ => SAME,
        }
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
        let found = Found { value: Value::Flag(true), origin, stands: None, conversion: None };
        self.readings.push(Reading::timeless(Ok(found)));
    }

    /// Makes notes of what says no: a value below a limit doesn't say that a diagnosis is absent,
    /// where that answers the feature as well.
    pub(super) fn demote_no(&mut self) {
        let is_no =
            |one: &Reading| matches!(&one.said, Ok(found) if found.value == Value::Flag(false));
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

/// On what an answer rests, which tells whether something that wasn't read may change it.
#[derive(Clone, Debug, Default)]
pub(super) struct Basis {
    /// When it was so; unknown if the record doesn't say.
    pub when: Option<When>,
    /// Whether a later one wouldn't take it back.
    pub lasts: bool,
    /// Whether what is earlier counts as well.
    pub is_of_window: bool,
    /// All that it may be made of.
    pub made_of: Vec<Measured>,
}

impl Basis {
    /// After which time something that wasn't read would change it.
    pub(super) fn since(&self) -> Option<When> {
        self.when.filter(|_| !self.is_of_window)
    }
}

/// Decides by everything that all sources have.
pub(super) fn decide(feature: &Feature, readings: Vec<Reading>) -> (Outcome, Basis) {
    let (outcome, basis) = match feature.kind {
        Kind::Flag => flag(readings),
        Kind::Quantity(_) | Kind::Choice { .. } => {
            let open = match takes_the_first(feature) {
                true => earliest(readings),
                false => deciding(readings),
            };
            let when = open.iter().filter_map(|one| one.when).max();
            let is_of_window = open.iter().any(|one| one.is_of_window);
            (
                agreed(&open),
                Basis { when, lasts: false, is_of_window, made_of: all_measured(&open) },
            )
        }
    };
    let outcome = match outcome {
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
    };
    (outcome, basis)
}

/// Whether the earliest of several sources counts, since each of them gives its first value.
fn takes_the_first(feature: &Feature) -> bool {
    let is_first =
        |source: &Source| matches!(source, Source::Observation(query) if query.pick == Pick::First);
    feature.sources.iter().any(is_first)
}

/// A flag is yes if any source says yes, and rather by one that lasts. What is in doubt may be a
/// yes, so it goes before a no.
fn flag(readings: Vec<Reading>) -> (Outcome, Basis) {
    let (mut yes, mut no, mut doubts) = (None::<(Found, Basis)>, None, Vec::new());
    let (mut last, mut made_of) = (None, Vec::new());
    for reading in sorted(readings) {
        let Reading { when, lasts, is_of_window, .. } = reading;
        let basis = Basis { when, lasts, is_of_window, made_of: reading.measured() };
        last = last.max(when);
        match reading.said {
            Ok(found) if found.value == Value::Flag(true) => {
                if yes.as_ref().is_none_or(|(_, known)| basis.lasts && !known.lasts) {
                    yes = Some((found, basis));
                }
            }
            Ok(found) => no = no.or(Some((found, basis))),
            Err(doubt) => {
                doubts.push(doubt);
                made_of.extend(basis.made_of);
            }
        }
    }
    match (yes, doubts.is_empty(), no) {
        (Some((yes, basis)), ..) => (Outcome::Found(yes), basis),
        (None, false, _) => {
            (Outcome::Doubt(unique(doubts)), Basis { when: last, made_of, ..Basis::default() })
        }
        (None, true, Some((no, basis))) => (Outcome::Found(no), basis),
        (None, true, None) => (Outcome::Silent, Basis::default()),
    }
}

/// The readings that may each be the latest: it decides, whether it can be used or not. Where it
/// isn't known which it is, those that may be must agree ([`agreed`]).
pub(super) fn deciding(readings: Vec<Reading>) -> Vec<Reading> {
    let mut open = sorted(readings);
    let (single, several): (Vec<&Reading>, Vec<&Reading>) =
        open.iter().partition(|one| one.made_of.len() < 2);
    let latest = Latest::of(single.iter().filter_map(|one| one.when));
    let several: Vec<Reading> = several.into_iter().cloned().collect();
    open.retain(|one| {
        let is_later = |many: &Reading| {
            let mut times = many.made_of.iter().map(|later| later.when);
            times.all(|later| {
                later.is_some_and(|later| one.is_each_time(|when| later.is_after(when)))
            })
        };
        !one.is_each_time(|when| latest.is_after(when)) && !several.iter().any(is_later)
    });
    // Of those of the very same time the one that was written later counts, or that corrects the
    // others.
    replaced_left_out(open)
}

/// Of the readings of one time those that no other replaces.
fn in_force(group: &[Reading]) -> impl Iterator<Item = &Reading> {
    let recorded = |one: &&Reading| one.made == Made::Recorded;
    let issued = Latest::of(group.iter().filter(recorded).filter_map(|one| one.issued));
    let is_early = move |one: &Reading| one.issued.is_some_and(|written| issued.is_after(written));
    let standing =
        group.iter().filter(recorded).filter(|one| !is_early(one)).map(|one| one.standing).max();
    group.iter().filter(move |one| {
        one.made == Made::Computed || !is_early(one) && Some(one.standing) == standing
    })
}

/// Why readings can't be used, each reason once.
pub(super) fn all_doubts(readings: &[Reading]) -> Vec<Doubt> {
    unique(readings.iter().filter_map(|one| one.said.as_ref().err().cloned()).collect())
}

/// What readings say that must agree, each of which may be the latest.
pub(super) fn agreed(open: &[Reading]) -> Outcome {
    agreed_of(open, "latest")
}

/// What readings say that must agree, each of which may be the one that is told.
pub(super) fn agreed_of(open: &[Reading], which: &str) -> Outcome {
    let doubts = all_doubts(open);
    if !doubts.is_empty() {
        return Outcome::Doubt(doubts);
    }
    // What was recorded goes before what was computed, and what is in the wanted unit before what
    // was converted.
    let rank = |one: &Reading| match (one.made, &one.reported) {
        (Made::Recorded, Some(Reported { is_converted: true, .. })) => 1,
        (Made::Recorded, _) => 0,
        (Made::Computed, _) => 2,
    };
    let of = |wanted: usize| open.iter().filter(move |one| rank(one) == wanted);
    let all = of(0).chain(of(1)).chain(of(2));
    let mut found = all.filter_map(|one| Some((one, one.said.as_ref().ok()?)));
    let Some((one, first)) = found.next() else {
        return Outcome::Silent;
    };
    // Each is compared with the first of all and the first of its unit, and not each with each.
    let unit = |one: &Reading| one.reported.as_ref().map(|reported| reported.scale.clone());
    let mut units = HashMap::from([(unit(one), first)]);
    let other = found.find(|(reading, other)| {
        let of_unit: &Found = units.entry(unit(reading)).or_insert(other);
        let is_same = reading.made == Made::Computed || of_unit.agrees(other, |_| SAME);
        !(is_same && first.agrees(other, |size| one.tolerance(reading, size)))
    });
    match other {
        None => Outcome::Found(first.clone()),
        Some((_, other)) => Outcome::Doubt(vec![Doubt::new(
            &first.origin,
            "value",
            &first.shown(),
            match first.origin == other.origin {
                true => format!("and `{}` stand there for the same", shorten(&other.shown())),
                false => {
                    let other_shown = shorten(&other.shown());
                    format!("and `{other_shown}` of {} may each be the {which}", other.origin)
                }
            },
        )]),
    }
}

/// The readings that may each be the earliest, of those that no other replaces.
pub(super) fn earliest(readings: Vec<Reading>) -> Vec<Reading> {
    let mut open = replaced_left_out(readings);
    let earliest = Earliest::of(all_measured(&open).into_iter().filter_map(|one| one.when));
    // What was picked among several is later only if all of them are.
    let is_later = |one: &Measured| one.when.is_some_and(|when| earliest.is_before(when));
    open.retain(|one| !one.measured().iter().all(is_later));
    open
}

/// All readings that no other one of the same time replaces.
pub(super) fn replaced_left_out(readings: Vec<Reading>) -> Vec<Reading> {
    let all = sorted(readings);
    let groups = all.chunk_by(|one, other| match (one.when, other.when) {
        (Some(one), Some(other)) => one.is_same(other),
        _ => false,
    });
    groups.flat_map(|group| in_force(group).cloned()).collect()
}

/// All that several readings may be made of.
pub(super) fn all_measured(readings: &[Reading]) -> Vec<Measured> {
    readings.iter().flat_map(Reading::measured).collect()
}

/// The reading that decides among these, for what combines it with others.
pub(super) fn latest_of(readings: Vec<Reading>) -> Vec<Reading> {
    let open = deciding(readings);
    let made_of = all_measured(&open);
    let when = open.iter().filter_map(|one| one.when).max();
    let said: Vec<Result<Found, Doubt>> = match agreed(&open) {
        Outcome::Found(found) => vec![Ok(found)],
        Outcome::Doubt(doubts) => doubts.into_iter().map(Err).collect(),
        Outcome::Silent => Vec::new(),
    };
    let reading = |said| Reading { when, made_of: made_of.clone(), ..Reading::timeless(said) };
    said.into_iter().map(reading).collect()
}

impl Found {
    /// The value as it stands in the record.
    pub(super) fn shown(&self) -> String {
        self.stands.clone().unwrap_or_else(|| self.value.to_string())
    }

    /// Whether two answers are one: quantities may differ by a part of their size.
    fn agrees(&self, other: &Self, part: impl Fn(f64) -> f64) -> bool {
        match (&self.value, &other.value) {
            (Value::Quantity(one), Value::Quantity(other)) => {
                let size = one.abs().max(other.abs());
                (one - other).abs() <= part(size) * size
            }
            (one, other) => one == other,
        }
    }
}

/// In an order that doesn't depend on that in the file: the latest first, those of one time
/// together.
fn sorted(mut readings: Vec<Reading>) -> Vec<Reading> {
    readings.sort_by_cached_key(|one| {
        let text = match &one.said {
            Ok(found) => (found.origin.clone(), found.value.to_string()),
            Err(doubt) => (doubt.resource.clone(), doubt.to_string()),
        };
        (Reverse((one.when, one.standing, one.issued)), text)
    });
    readings
}

fn unique(mut doubts: Vec<Doubt>) -> Vec<Doubt> {
    doubts.sort();
    doubts.dedup();
    doubts
}
