// SPDX-License-Identifier: Apache-2.0
//! Statuses: what a resource says of itself.
//!
//! A status may be a code, a concept with several translations, a text, or something of the wrong
//! shape. All that it says is read; what isn't in the closed list of its element is unknown, and
//! never passes for the usual.

use super::certainty;
use super::codes;
use super::outcome::Doubt;
use super::resource::{all_of, Resource};
use serde_json::Value as Json;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Why a resource can't be taken at its word: it says that more must be understood before it can
/// be read, or the rest of the record does.
pub(super) fn modified(resource: &Resource<'_>, code: &str) -> Option<Doubt> {
    if let Some(doubt) = &resource.in_doubt {
        return Some(doubt.clone());
    }
    let element = resource.modifier()?;
    let why = "is a modifier that isn't understood: it may say that the rest isn't so";
    let doubt = Doubt::new(&resource.name, element, &modifier(resource, element), why);
    Some(doubt.about(code))
}

/// What a modifier says: the URL of the extension, the rules.
fn modifier(resource: &Resource<'_>, element: &str) -> String {
    let parts = ["component", "item"].map(|field| all_of(resource.json, field));
    let holders = std::iter::once(resource.json).chain(parts.into_iter().flatten());
    let found = holders.flat_map(|holder| all_of(holder, element));
    let shown = found.map(|one| {
        let text = one.as_str().or_else(|| one.get("url").and_then(Json::as_str));
        text.map_or_else(|| one.to_string(), str::to_owned)
    });
    shown.min().unwrap_or_default()
}

/// What is said that isn't in the list of its element.
pub(super) const UNKNOWN: &str = "";

/// Everything that an element says, by the words of a table.
#[derive(Clone, Debug, Default)]
pub(super) struct Statement {
    /// The meanings; [`UNKNOWN`] among them if something isn't in the table.
    pub meanings: BTreeSet<&'static str>,
    /// What stands there, for people.
    pub shown: String,
}

impl Statement {
    /// Whether the element is absent.
    pub(super) fn is_silent(&self) -> bool {
        self.meanings.is_empty()
    }

    pub(super) fn says(&self, meaning: &str) -> bool {
        self.meanings.contains(meaning)
    }

    /// The one meaning that it has.
    pub(super) fn only(&self) -> Option<&'static str> {
        match self.meanings.len() {
            1 => self.meanings.first().copied().filter(|meaning| *meaning != UNKNOWN),
            _ => None,
        }
    }
}

/// Reads an element of a resource by a table from words to meanings.
pub(super) fn statement(
    resource: &Resource<'_>,
    element: &str,
    table: &'static [(&'static str, &'static str)],
) -> Statement {
    let value = resource.json.get(element).filter(|value| !value.is_null());
    let mut said = value.map_or_else(Statement::default, |value| read(value, table));
    // `_status` says why there is none.
    let beside = resource.json.get(format!("_{element}"));
    if value.is_none() && beside.is_some_and(|beside| !beside.is_null()) {
        said.meanings.insert(UNKNOWN);
        said.shown = "absent, with an extension".to_owned();
    }
    said
}

/// Reads the value of a status by a table from words to meanings.
pub(super) fn read(value: &Json, table: &'static [(&'static str, &'static str)]) -> Statement {
    let mut concept = codes::read(value);
    let all = concept.codings.len();
    // They say something else beside the status.
    concept.codings.retain(|coding| !certainty::is_certainty(coding.system));
    let has_certainty = concept.codings.len() < all;
    let meaning = |word: &str| {
        let word = plain(word);
        table.iter().find(|(known, _)| *known == word).map(|(_, meaning)| *meaning)
    };
    let words: Vec<Cow<'_, str>> =
        concept.codings.iter().map(|coding| coding.code.clone()).collect();
    let displays = concept.codings.iter().filter_map(|coding| coding.display);
    let texts: Vec<&str> = concept.texts.iter().copied().chain(displays).collect();
    let known: BTreeSet<&'static str> = words.iter().filter_map(|word| meaning(word)).collect();
    let mut meanings = known.clone();
    // A code that isn't known is a translation of one that is, if its name is.
    let is_unknown = |coding: &codes::Coding<'_>| {
        let translated = coding.display.and_then(meaning).filter(|name| known.contains(name));
        meaning(&coding.code).is_none() && translated.is_none()
    };
    if concept.codings.iter().any(is_unknown) || has_unreadable(value) {
        meanings.insert(UNKNOWN);
    }
    // Free texts beside a code say something only where they use a word of the table.
    meanings.extend(texts.iter().filter_map(|text| meaning(text)));
    if meanings.is_empty() && !has_certainty {
        meanings.insert(UNKNOWN);
    }
    let mut shown: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match shown.is_empty() {
        true => shown.extend(&texts),
        false => shown.extend(
            texts
                .iter()
                .filter(|text| meaning(text).is_some_and(|meaning| !known.contains(meaning))),
        ),
    }
    shown.sort_unstable();
    shown.dedup();
    let shown = match shown.is_empty() {
        true => value.to_string(),
        false => shown.join(", "),
    };
    Statement { meanings, shown }
}

/// Whether a code stands there that can't be read: true, an object without one.
fn has_unreadable(value: &Json) -> bool {
    let is_unreadable =
        |code: &Json| !code.is_null() && !code.is_string() && codes::read(code).codings.is_empty();
    let concepts = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    concepts.iter().any(|concept| {
        let codings = all_of(concept, "coding").into_iter().chain([concept]);
        codings.filter_map(|coding| coding.get("code")).any(is_unreadable)
    })
}

/// A word without case, and with one sign between its parts.
fn plain(word: &str) -> String {
    let word = word.trim().to_lowercase();
    let parts = word.split(|c: char| c.is_whitespace() || c == '_' || c == '-');
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}
