// SPDX-License-Identifier: Apache-2.0
//! Lists of a record as wholes: Lists and the sections of documents. They say why they are empty,
//! and which entries they should have.

use super::absence::Facts;
use super::completeness::{codes_of, Index};
use super::kinds::{self, Concern};
use super::record::{list, Resource};
use super::shown::long;
use cso_model_files::shorten;
use serde_json::Value as Json;

/// Why an empty list is empty, where it is known to be.
const NIL_KNOWN: &str = "nilknown";

/// Whether a Composition is in force.
pub(super) fn is_final(composition: &Json) -> bool {
    let status = composition.get("status").and_then(Json::as_str);
    matches!(status, Some("final" | "amended" | "appended" | "corrected"))
}

/// Why a list or section is empty, if it says it.
fn empty_reason(json: &Json) -> Option<String> {
    let reason = json.get("emptyReason")?;
    let text = || reason.get("text").and_then(Json::as_str);
    let codes: Vec<&str> = codes_of(reason).map(|(_, code)| code).collect();
    // All must say that there is nothing.
    let first = codes.iter().find(|code| **code != NIL_KNOWN).or(codes.first()).copied();
    Some(shorten(first.or_else(text).unwrap_or("unknown")))
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

/// What a List tells; if it says that there is nothing on it, of which kinds.
pub(super) fn whole_list(
    resource: &Resource<'_>,
    index: &Index<'_>,
    facts: &mut Facts,
) -> Option<(&'static [&'static str], String)> {
    let (json, name) = (resource.json, &resource.name);
    if resource.text("status") == Some("retired") {
        return None;
    }
    let concern = kinds::of_list(json.get("code"));
    let entries = list(json, "entry");
    match empty_reason(json) {
        Some(reason) if reason == NIL_KNOWN => match concern {
            Concern::These(kinds)
                if entries.is_empty() && resource.text("mode") != Some("changes") =>
            {
                return Some((kinds, format!("{name}: `{NIL_KNOWN}`")));
            }
            _ => {}
        },
        Some(reason) => facts.fail(concern, &format!("{name} is empty: `{reason}`")),
        None => {}
    }
    // Where it isn't known what is on the list, what isn't there may be a goal or a device.
    if concern != Concern::All {
        for one in dangling(entries, Some("item"), json, index) {
            facts.fail(concern, &format!("{name}: {one} isn't in the record"));
        }
    }
    None
}

/// Looks at the sections of a Composition.
pub(super) struct Sections<'a, 'b> {
    pub resource: &'b Resource<'a>,
    pub index: &'b Index<'a>,
    pub facts: &'b mut Facts,
    pub none: &'b mut Vec<(&'static [&'static str], String)>,
}

impl Sections<'_, '_> {
    pub(super) fn all(&mut self, json: &Json, is_document: bool) {
        for section in list(json, "section") {
            self.section(section, is_document);
            self.all(section, is_document);
        }
    }

    fn section(&mut self, section: &Json, is_document: bool) {
        let concern = kinds::of_list(section.get("code"));
        let title = section.get("title").and_then(Json::as_str).unwrap_or("without title");
        let name = format!("{}, section `{}`", self.resource.name, shorten(title));
        let entries = list(section, "entry");
        let reason = empty_reason(section);
        let is_nil = reason.as_deref() == Some(NIL_KNOWN);
        if let Some(reason) = reason.as_ref().filter(|_| !is_nil) {
            self.facts.fail(concern, &format!("{name} is empty: `{reason}`"));
        }
        let Concern::These(kinds) = concern else {
            return;
        };
        if entries.is_empty() && reason.is_none() && list(section, "section").is_empty() {
            self.facts.fail(concern, &format!("{name} has only text"));
        }
        let lost = dangling(entries, None, self.resource.json, self.index);
        for one in &lost {
            self.facts.fail(concern, &format!("{name}: {one} isn't in the record"));
        }
        let is_whole = is_document && section.get("mode").and_then(Json::as_str) != Some("changes");
        if is_whole && is_nil && entries.is_empty() {
            self.none.push((kinds, format!("{name}: `{NIL_KNOWN}`")));
            return;
        }
        let is_full = section.get("code").into_iter().flat_map(codes_of).any(is_full);
        if is_whole && is_full && reason.is_none() && !entries.is_empty() && lost.is_empty() {
            kinds.iter().for_each(|kind| self.facts.show(kind, &name));
        }
    }
}

/// Whether a section with this code is the list of its kind, not only of some.
fn is_full((_, code): (&str, &str)) -> bool {
    matches!(code, "11450-4" | "10160-0" | "47519-4" | "30954-2")
}
