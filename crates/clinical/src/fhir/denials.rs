// SPDX-License-Identifier: Apache-2.0
//! What one entry says and another one of the same code denies: a diagnosis that was refuted later,
//! a medicine that was stopped. Which of them holds isn't told by their order in a record, only by
//! their times.

use super::codes;
use super::outcome::{Doubt, Said};
use super::resource::Resource;
use super::time::{self, When};
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// When an entry was written or began, in all versions of FHIR.
const WRITTEN: [&str; 10] = [
    "recordedDate",
    "assertedDate",
    "dateRecorded",
    "dateAsserted",
    "authoredOn",
    "dateWritten",
    "onsetDateTime",
    "onsetPeriod",
    "effectiveDateTime",
    "effectivePeriod",
];
/// When it ended, which is later.
const ENDED: [&str; 2] = ["dateEnded", "effectivePeriod"];

/// An entry that says yes, or that denies it.
pub(super) struct Entry<'a> {
    resource: &'a Resource<'a>,
    /// Of all codings.
    codes: BTreeSet<String>,
    /// The code for people.
    code: String,
    /// The origin of a yes, or what it is instead.
    text: String,
}

impl<'a> Entry<'a> {
    pub(super) fn new(
        resource: &'a Resource<'a>,
        concepts: &[&Json],
        code: &str,
        text: String,
    ) -> Self {
        let codings = concepts.iter().flat_map(|concept| codes::read(concept).codings);
        let codes = codings.map(|coding| coding.code.trim().to_uppercase()).collect();
        Self { resource, codes, code: code.to_owned(), text }
    }

    fn times(&self, is_denial: bool) -> Vec<When> {
        let read = |field: &str, part: &str| {
            let value = self.resource.json.get(field)?;
            value.as_str().or_else(|| value.get(part)?.as_str()).and_then(time::parse)
        };
        let written = WRITTEN.iter().filter_map(|field| read(field, "start"));
        let ended = ENDED.iter().filter(|_| is_denial).filter_map(|field| read(field, "end"));
        written.chain(ended).collect()
    }

    /// Whether it surely is later than what denies it.
    fn is_after(&self, denial: &Self) -> bool {
        let denied = denial.times(true);
        let is_after_all = |when: &When| denied.iter().all(|denied| when.is_after(*denied));
        !denied.is_empty() && self.times(false).iter().any(is_after_all)
    }
}

/// Says yes for each entry that no other one of the same code denies, unless that is surely
/// earlier.
pub(super) fn confirm(said: &mut Said, entries: Vec<Entry<'_>>, denials: &[Entry<'_>]) {
    for entry in entries {
        let denies = |denial: &&Entry<'_>| {
            !entry.codes.is_disjoint(&denial.codes) && !entry.is_after(denial)
        };
        let denied = denials.iter().filter(denies).min_by_key(|denial| &denial.resource.name);
        match denied {
            None => said.yes(entry.text),
            Some(denial) => {
                let (name, is) = (&denial.resource.name, &denial.text);
                let when = denial.times(true).into_iter().max();
                let when = when.map(|when| format!(" of {when}")).unwrap_or_default();
                let why = format!("stands here, and {name}{when} of the same code is {is}");
                let code = entry.code.split(' ').next().unwrap_or_default();
                let doubt = Doubt::new(&entry.resource.name, "code", code, why);
                said.doubt(doubt.about(&entry.code));
            }
        }
    }
}
