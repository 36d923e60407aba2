// SPDX-License-Identifier: Apache-2.0
//! What a record tells about itself beside its resources.

use super::kinds::Concern;
use super::time::When;
use std::collections::{BTreeMap, BTreeSet};

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
pub(super) const RESULT: &str = "Observation";

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

    /// What wasn't read and may be of these kinds, and later than a time if one is known.
    pub(super) fn unread(&self, kinds: &BTreeSet<&'static str>, when: Option<When>) -> Vec<String> {
        let of_kind = kinds.iter().copied().map(Some);
        let any = (!kinds.is_empty()).then_some(None);
        let failures = of_kind.chain(any).filter_map(|kind| self.failures.get(&kind));
        let lost = kinds.contains(RESULT).then(|| self.lost_after(when));
        let all: BTreeSet<&String> = failures.flatten().chain(lost.into_iter().flatten()).collect();
        all.into_iter().cloned().collect()
    }

    /// The kind, as it is told, unless all of it is shown to be there.
    pub(super) fn not_shown(&self, kind: &'static str, wanted: Reach) -> Option<String> {
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
