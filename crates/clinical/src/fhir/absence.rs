// SPDX-License-Identifier: Apache-2.0
//! What a record that says nothing of a feature shows, and what it doesn't.
//!
//! That a record has no entry is no evidence that something isn't so: a search may have failed, a
//! page may be missing, an entry may have no code that anybody can compare. So silence never
//! answers by itself. Where a protocol lets silence count as "no", the feature joins one group,
//! [`Unconfirmed`], which somebody confirms as a whole, with everything before their eyes that was
//! found and couldn't be read.

use super::codes::Listing;
use super::kinds::Concern;
use super::outcome::Basis;
use super::record::Record;
use super::time::When;
use crate::intake::{Feature, Source, Value};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Features that are "no" if somebody confirms it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Unconfirmed {
    /// The features, in the intake's order.
    pub features: Vec<Silent>,
    /// Entries of the record that may be about them and that no rule can read: without a code, of
    /// an unknown code system, or with a code whose place in its system isn't known here; and
    /// codes that they ask for, where they stand and don't answer (a reason, a claim).
    pub entries: Vec<String>,
    /// What of the record couldn't be read: searches that failed or were refused, lists that say
    /// that they are not known.
    pub failures: Vec<String>,
    /// The kinds of resources of which the record doesn't show that it has all of them; "past ones"
    /// where it shows all that hold now.
    pub not_shown: Vec<String>,
}

/// A feature of which a record says nothing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Silent {
    /// The feature's id.
    pub feature: String,
    /// The feature's label.
    pub label: String,
    /// What is near and is known not to count: refuted, over, too old.
    pub notes: Vec<String>,
}

impl Unconfirmed {
    /// Whether the record itself shows that silence means "no": all lists that matter were read,
    /// are complete, and have no entry that can't be told.
    pub fn is_shown(&self) -> bool {
        self.entries.is_empty() && self.failures.is_empty() && self.not_shown.is_empty()
    }
}

/// What a record tells about itself beside its resources.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// What wasn't read, by the kind of resources that it may have held; under none, if that can't
    /// be told.
    failures: BTreeMap<Option<&'static str>, BTreeSet<String>>,
    /// Results that are named and aren't there, with their time: what is surely later than that
    /// can't be replaced by them.
    lost: BTreeSet<(String, Option<When>)>,
    /// The kinds of resources of which the record has all, and how many of them.
    complete: BTreeMap<&'static str, Reach>,
    /// Of which kinds nothing shows that all are there, whatever says so: a server remarked
    /// something on its answer. Under none, of any.
    unproven: BTreeSet<Option<&'static str>>,
}

/// What a complete list is complete of. A list of problems has what holds now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// What holds now.
    Now,
    /// That, and what is over.
    Ever,
}

impl Reach {
    /// That of a list that has all of a kind: what was done is done for ever.
    pub(super) fn of_list(kind: &str) -> Self {
        match kind {
            "Procedure" => Self::Ever,
            _ => Self::Now,
        }
    }
}

/// What observations are.
const RESULT: &str = "Observation";

/// Most failures that are kept of one kind: the first by their text, so that their order in the
/// files is nothing.
const MAX_FAILURES: usize = 20;

impl Facts {
    /// Something wasn't read.
    pub(super) fn fail(&mut self, concern: Concern, told: &str) {
        for kind in of_kind(concern) {
            let failures = self.failures.entry(kind).or_default();
            failures.insert(told.to_owned());
            if failures.len() > MAX_FAILURES {
                failures.pop_last();
            }
        }
    }

    /// A result isn't there. Its time is that of what names it.
    pub(super) fn lose(&mut self, told: String, when: Option<When>) {
        self.lost.insert((told, when));
    }

    /// The results that aren't there and may be later than an answer of some time.
    fn lost_after(&self, when: Option<When>) -> impl Iterator<Item = &String> {
        let is_before = move |lost: &Option<When>| {
            when.zip(*lost).is_some_and(|(when, lost)| when.is_after(lost))
        };
        let open = self.lost.iter().filter(move |(_, lost)| !is_before(lost));
        open.map(|(told, _)| told).take(MAX_FAILURES)
    }

    /// Something shows that the record has all resources of a kind.
    pub(super) fn show(&mut self, kind: &'static str, reach: Reach) {
        let shown = self.complete.entry(kind).or_insert(reach);
        *shown = reach.max(*shown);
    }

    /// Something takes away what would show that all is there, and isn't known to be a failure.
    pub(super) fn unprove(&mut self, concern: Concern) {
        self.unproven.extend(of_kind(concern));
    }

    /// Of what the record is shown to have all resources of a kind: of nothing, if some weren't
    /// read.
    pub(super) fn shown(&self, kind: &'static str) -> Option<Reach> {
        let is_lost = |kind| kind == Some(RESULT) && !self.lost.is_empty();
        let open = |kind| {
            self.failures.contains_key(&kind) || self.unproven.contains(&kind) || is_lost(kind)
        };
        self.complete.get(kind).copied().filter(|_| !open(None) && !open(Some(kind)))
    }

    /// The kind, as it is told, unless all of it is shown to be there.
    fn not_shown(&self, kind: &'static str, wanted: Reach) -> Option<String> {
        match self.shown(kind) {
            Some(reach) if reach >= wanted => None,
            Some(_) => Some(format!("{kind} (past ones)")),
            None => Some(kind.to_owned()),
        }
    }
}

/// The kinds that something is about; none, if that can't be told.
fn of_kind(concern: Concern) -> Vec<Option<&'static str>> {
    match concern {
        Concern::All => vec![None],
        Concern::These(kinds) => kinds.iter().copied().map(Some).collect(),
    }
}

/// The kinds of resources that a feature's silence is about.
pub(super) fn kinds(feature: &Feature) -> BTreeSet<&'static str> {
    feature.sources.iter().flat_map(|source| kinds_of(source).iter().copied()).collect()
}

fn kinds_of(source: &Source) -> &'static [&'static str] {
    match source {
        // The patient is there or the record isn't read.
        Source::Patient(_) => &[],
        Source::Condition { .. } => &["Condition"],
        Source::Observation(_) | Source::BodyMassIndex { .. } => &["Observation"],
        Source::Medication(_) => &["MedicationRequest", "MedicationStatement"],
        Source::Procedure { .. } => &["Procedure"],
        // That a form wasn't filled in says nothing.
        Source::Answer { .. } => &[],
    }
}

/// Of what of these kinds a source's silence needs all.
fn wanted(source: &Source) -> Reach {
    match source {
        Source::Condition { past: true, .. } => Reach::Ever,
        Source::Medication(query) if query.past => Reach::Ever,
        _ => Reach::Now,
    }
}

/// What wasn't read and may be about a feature.
pub(super) fn failures(feature: &Feature, record: &Record<'_>) -> Vec<String> {
    of_kinds(&kinds(feature), None, record)
}

/// What wasn't read and may hold something later that changes an answer. A "yes" that lasts stays;
/// one by the latest observation may be taken back by a later one.
pub(super) fn later(
    feature: &Feature,
    value: &Value,
    basis: Basis,
    record: &Record<'_>,
) -> Vec<String> {
    let mut kinds = kinds(feature);
    if *value == Value::Flag(true) {
        kinds.retain(|kind| !basis.lasts && *kind == RESULT);
    }
    of_kinds(&kinds, basis.when, record)
}

/// What wasn't read and may be of these kinds, and later than a time if one is known.
fn of_kinds(
    kinds: &BTreeSet<&'static str>,
    when: Option<When>,
    record: &Record<'_>,
) -> Vec<String> {
    let of_kind = kinds.iter().copied().map(Some);
    let any = (!kinds.is_empty()).then_some(None);
    let failures = of_kind.chain(any).filter_map(|kind| record.facts.failures.get(&kind));
    let lost = kinds.contains(RESULT).then(|| record.facts.lost_after(when));
    let all: BTreeSet<&String> = failures.flatten().chain(lost.into_iter().flatten()).collect();
    all.into_iter().cloned().collect()
}

/// The group of the features of which the record says nothing.
pub(super) fn unconfirmed(
    silent: Vec<(&Feature, Vec<String>)>,
    listing: &Listing<'_>,
    record: &Record<'_>,
) -> Unconfirmed {
    let features: Vec<&Feature> = silent.iter().map(|(feature, _)| *feature).collect();
    let mut needed: BTreeMap<&'static str, Reach> = BTreeMap::new();
    for source in silent.iter().flat_map(|(one, _)| &one.sources) {
        for kind in kinds_of(source) {
            let needed = needed.entry(kind).or_insert(Reach::Now);
            *needed = wanted(source).max(*needed);
        }
    }
    let not_shown = needed.iter().filter_map(|(kind, reach)| record.facts.not_shown(kind, *reach));
    let failures: BTreeSet<String> =
        silent.iter().flat_map(|(feature, _)| failures(feature, record)).collect();
    Unconfirmed {
        entries: listing.shown(&features),
        failures: failures.into_iter().collect(),
        not_shown: not_shown.collect(),
        features: silent
            .into_iter()
            .map(|(feature, notes)| Silent {
                feature: feature.id.clone(),
                label: feature.label.clone(),
                notes,
            })
            .collect(),
    }
}
