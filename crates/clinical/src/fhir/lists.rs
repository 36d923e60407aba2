// SPDX-License-Identifier: Apache-2.0
//! Lists of a record as wholes: Lists and the sections of documents. They say why they are empty,
//! and which entries they should have.

use super::evidence::{is_recent, Index};
use super::facts::{Facts, Reach};
use super::issues::plain;
use super::kinds::{self, Concern};
use super::resource::{codes_of, list, modifier, Resource};
use super::sections::PAST;
use super::shown::long;
use cso_model_files::shorten;
use jiff::civil::Date;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// Why an empty list is empty, where it is known to be; HL7's systems of it, and its words.
const NIL_KNOWN: &str = "nilknown";
const EMPTY_REASONS: [&str; 2] = [
    "http://terminology.hl7.org/CodeSystem/list-empty-reason",
    "http://hl7.org/fhir/list-empty-reason",
];
const NIL_WORDS: [&str; 5] = ["", "nil known", "nilknown", "none known", "none"];

const LOINC: &str = "http://loinc.org";

/// The lists and sections that have all of their kind, not only some, by their code of LOINC. A
/// list of results has what somebody found relevant.
const WHOLE: [&str; 3] = ["11450-4", "10160-0", "47519-4"];

/// LOINC: a patient summary. Other documents tell of one visit or question.
const SUMMARY: &str = "60591-5";

/// Whether one of LOINC's codes stands in a concept.
fn has_loinc(concept: Option<&Json>, codes: &[&str]) -> bool {
    let is_one = |(system, code): (&str, &str)| {
        system.trim().trim_end_matches('/') == LOINC && codes.contains(&code)
    };
    concept.into_iter().flat_map(codes_of).any(is_one)
}

/// Why an empty list is empty, if it says it.
fn empty_reason(json: &Json) -> Option<String> {
    let reason = json.get("emptyReason")?;
    let text = || reason.get("text").and_then(Json::as_str);
    let codes: Vec<&str> = codes_of(reason).map(|(_, code)| code).collect();
    // All must say that there is nothing.
    let first = codes.iter().find(|code| **code != NIL_KNOWN).or(codes.first()).copied();
    Some(shorten(first.or_else(text).unwrap_or("unknown")))
}

/// Whether the reason says in HL7's codes, and in no words against them, that there is nothing.
fn is_nil(json: &Json) -> bool {
    let Some(reason) = json.get("emptyReason") else {
        return false;
    };
    let mut codes = codes_of(reason).peekable();
    let displays = list(reason, "coding").iter().filter_map(|coding| coding.get("display"));
    let mut words = reason.get("text").into_iter().chain(displays);
    codes.peek().is_some()
        && codes.all(|(system, code)| EMPTY_REASONS.contains(&system) && code == NIL_KNOWN)
        && words.all(|text| NIL_WORDS.contains(&plain(text.as_str().unwrap_or("?")).as_str()))
}

/// The entries of a list or section that lead nowhere.
fn dangling(entries: &[Json], field: Option<&str>, from: &Json, index: &Index<'_>) -> Vec<String> {
    entries
        .iter()
        .filter(|entry| entry.get("deleted") != Some(&Json::Bool(true)))
        .map(|entry| field.map_or(entry, |field| entry.get(field).unwrap_or(&Json::Null)))
        .filter_map(|reference| match reference.get("reference").and_then(Json::as_str) {
            Some(reference) if index.has(reference, from) => None,
            Some(reference) => Some(format!("`{}`", long(reference))),
            None => Some("an entry without a reference".to_owned()),
        })
        .collect()
}

/// What a List tells; if it shows that there is nothing on it, of which kinds.
pub(super) fn whole_list(
    resource: &Resource<'_>,
    index: &Index<'_>,
    today: Date,
    facts: &mut Facts,
) -> Option<&'static [&'static str]> {
    let (json, name) = (resource.json, &resource.name);
    if resource.text("status") == Some("retired") {
        return None;
    }
    let concern = kinds::of_list(json.get("code"));
    let reason = empty_reason(json).filter(|reason| reason != NIL_KNOWN);
    if let Some(reason) = &reason {
        facts.fail(concern, &format!("{name} is empty: `{reason}`"));
    }
    // Where it isn't known what is on the list, what isn't there may be a goal or a device.
    let Concern::These(kinds) = concern else {
        return None;
    };
    let entries = list(json, "entry");
    for one in dangling(entries, Some("item"), json, index) {
        facts.fail(concern, &format!("{name}: {one} isn't in the record"));
    }
    let modifier = modifier(json).or_else(|| entries.iter().find_map(modifier));
    if let Some(element) = modifier {
        facts.fail(concern, &format!("{name} has a {element} that isn't understood"));
    }
    // Of one visit, or with words of its own, it isn't the patient's list.
    let is_own = json.get("encounter").is_none() && list(json, "note").is_empty();
    let shows = resource.text("status") == Some("current")
        && matches!(resource.text("mode"), None | Some("working" | "snapshot"))
        && is_own
        && entries.is_empty()
        && is_nil(json)
        && has_loinc(json.get("code"), &WHOLE)
        && is_recent(json.get("date"), today);
    (shows && modifier.is_none()).then_some(kinds)
}

/// What a document's sections show of each kind: how much, and whether that is nothing.
type Told = BTreeMap<&'static str, (Reach, bool)>;

/// Looks at the sections of a Composition.
pub(super) struct Sections<'a, 'b> {
    resource: &'b Resource<'a>,
    index: &'b Index<'a>,
    facts: &'b mut Facts,
    /// The kinds of which all is here, and whether that is nothing.
    whole: BTreeMap<&'static str, bool>,
    /// The kinds of which all that is over is here.
    past: BTreeSet<&'static str>,
}

impl<'a, 'b> Sections<'a, 'b> {
    /// What they show, if the Composition is that of a document that can be trusted.
    pub(super) fn of(
        resource: &'b Resource<'a>,
        is_document: bool,
        index: &'b Index<'a>,
        today: Date,
        facts: &'b mut Facts,
    ) -> Told {
        let (whole, past) = (BTreeMap::new(), BTreeSet::new());
        let mut look = Self { resource, index, facts, whole, past };
        let element = modifier(resource.json);
        let shows = is_document && element.is_none() && is_summary(resource.json, today);
        look.all(resource.json, shows, element);
        let Self { whole, past, .. } = look;
        whole
            .into_iter()
            .map(|(kind, is_empty)| match past.contains(kind) {
                true => (kind, (Reach::Ever, is_empty)),
                false => (kind, (Reach::of_list(kind), is_empty)),
            })
            .collect()
    }

    /// `outer` is what modifies all of them.
    fn all(&mut self, json: &Json, shows: bool, outer: Option<&'static str>) {
        for section in list(json, "section") {
            let element = modifier(section).or(outer);
            let shows = shows && element.is_none() && self.is_plain(section);
            self.section(section, shows, element);
            self.all(section, shows, element);
        }
    }

    fn section(&mut self, section: &Json, shows: bool, modifier: Option<&'static str>) {
        let concern = kinds::of_list(section.get("code"));
        let title = section.get("title").and_then(Json::as_str).unwrap_or("without title");
        let name = format!("{}, section `{}`", self.resource.name, shorten(title));
        let entries = list(section, "entry");
        let reason = empty_reason(section);
        let other = reason.as_ref().filter(|reason| *reason != NIL_KNOWN);
        if let Some(reason) = other {
            self.facts.fail(concern, &format!("{name} is empty: `{reason}`"));
        }
        let Concern::These(kinds) = concern else {
            return;
        };
        if let Some(element) = modifier {
            self.facts.fail(concern, &format!("{name} has a {element} that isn't understood"));
        }
        if entries.is_empty() && reason.is_none() && list(section, "section").is_empty() {
            self.facts.fail(concern, &format!("{name} has only text"));
        }
        let lost = dangling(entries, None, self.resource.json, self.index);
        for one in &lost {
            self.facts.fail(concern, &format!("{name}: {one} isn't in the record"));
        }
        let is_empty = entries.is_empty() && is_nil(section);
        let is_full = !entries.is_empty() && reason.is_none() && lost.is_empty();
        if !shows || !is_empty && !is_full {
            return;
        }
        let code = section.get("code");
        if has_loinc(code, &WHOLE) {
            for kind in kinds {
                // Of two sections one with entries has some.
                *self.whole.entry(kind).or_insert(true) &= is_empty;
            }
        } else if has_loinc(code, &[PAST]) {
            self.past.extend(kinds);
        }
    }

    /// Whether a section has entries of the patient, and all that its text tells.
    fn is_plain(&self, section: &Json) -> bool {
        let reference = |json: Option<&Json>| json?.get("reference")?.as_str().map(str::to_owned);
        let focus = section.get("focus");
        let is_his = focus.is_none()
            || reference(focus).is_some()
                && reference(focus) == reference(self.resource.json.get("subject"));
        let text = section.get("text").and_then(|text| text.get("status"));
        let mode = section.get("mode").and_then(Json::as_str);
        is_his
            && text.and_then(Json::as_str) != Some("additional")
            && matches!(mode, None | Some("working" | "snapshot"))
    }
}

/// Whether a Composition is a patient summary in force, of no one visit or time, and not of long
/// ago.
fn is_summary(json: &Json, today: Date) -> bool {
    let status = json.get("status").and_then(Json::as_str);
    let has = |field: &str| json.get(field).is_some();
    matches!(status, Some("final" | "amended" | "appended" | "corrected"))
        && has_loinc(json.get("type"), &[SUMMARY])
        && !has("encounter")
        && !has("relatesTo")
        && !list(json, "event").iter().any(|event| event.get("period").is_some())
        && is_recent(json.get("date"), today)
}
