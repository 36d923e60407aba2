// SPDX-License-Identifier: Apache-2.0
//! What a record that says nothing of a feature shows, and what it doesn't.
//!
//! That a record has no entry is no evidence that something isn't so: a search may have failed, a
//! page may be missing, an entry may have no code that anybody can compare. So silence never
//! answers by itself. Where a protocol lets silence count as "no", the feature joins one group,
//! [`Unconfirmed`], which somebody confirms as a whole, with everything before their eyes that was
//! found and couldn't be read.

use super::codes::Listing;
use super::facts::{Reach, RESULT};
use super::kinds::{kinds, kinds_of};
use super::outcome::Basis;
use super::record::Record;
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
    record.facts.unread(&kinds(feature), None)
}

/// What wasn't read and may hold something later that changes an answer. A "yes" that lasts stays;
/// one by the latest observation may be taken back by a later one.
pub(super) fn later(
    feature: &Feature,
    value: &Value,
    basis: &Basis,
    record: &Record<'_>,
) -> Vec<String> {
    let mut kinds = kinds(feature);
    if *value == Value::Flag(true) {
        kinds.retain(|kind| !basis.lasts && *kind == RESULT);
    }
    record.facts.unread(&kinds, basis.since())
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
                label: feature.label.to_string(),
                notes,
            })
            .collect(),
    }
}
