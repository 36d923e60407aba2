// SPDX-License-Identifier: Apache-2.0
//! One resource, and how its elements are looked at, in whatever shape they are.

use super::error::ends;
use super::outcome::{Doubt, Standing};
use cso_model_files::shorten;
use serde_json::Value as Json;

/// The kinds of resources that are read.
pub(super) const KINDS: [&str; 13] = [
    "Condition",
    "DiagnosticReport",
    "Medication",
    "MedicationAdministration",
    "MedicationDispense",
    "MedicationOrder",
    "MedicationPrescription",
    "MedicationRequest",
    "MedicationStatement",
    "Observation",
    "Patient",
    "Procedure",
    "QuestionnaireResponse",
];

/// One resource of the record.
#[derive(Clone)]
pub(super) struct Resource<'a> {
    pub kind: &'a str,
    pub json: &'a Json,
    /// How to name it to people: `Observation/bmi`, or by its place in the bundle.
    pub name: String,
    /// The bundle's URL for it.
    pub full_url: Option<&'a str>,
    /// The resource in which it stands: its id is known only there.
    pub container: Option<&'a Json>,
    /// Where the same stands once more: the bundles' URLs.
    pub also_at: Vec<Option<&'a str>>,
    /// Why it can't be taken at its word, whatever it says: versions that contradict each other, a
    /// report that may not count, a subject that can't be told.
    pub in_doubt: Option<Doubt>,
    /// How final it can be at most, by the reports that have it as a result.
    pub at_most: Standing,
    /// The reports that have it as a result, which tell its subject if it doesn't.
    pub reports: Vec<&'a Json>,
    /// Whether a document names it only among past illnesses.
    pub is_past: bool,
    /// Whether it isn't known to be about the patient, of a kind that answers nothing.
    pub is_others: bool,
    /// The Compositions of the documents in which it stands, and `None` where it stands in none.
    pub documents: Vec<Option<&'a Json>>,
    /// The panels that have it as a member.
    pub panels: Vec<&'a Json>,
}

/// How deep a status is looked into.
const MAX_STATUS_DEPTH: usize = 4;

/// Whether a resource says that it should never have been written: any of the translations of its
/// status, in whatever shape.
pub(super) fn is_withdrawn(json: &Json) -> bool {
    fn says(status: &Json, depth: usize) -> bool {
        match status {
            Json::String(text) => {
                let word = text.trim().to_lowercase();
                matches!(
                    word.as_str(),
                    "entered-in-error" | "entered in error" | "entered_in_error" | "723510000"
                )
            }
            Json::Array(list) => depth > 0 && list.iter().any(|one| says(one, depth - 1)),
            Json::Object(fields) => {
                depth > 0
                    && ["coding", "code", "text"]
                        .iter()
                        .any(|field| fields.get(*field).is_some_and(|one| says(one, depth - 1)))
            }
            _ => false,
        }
    }
    ["status", "verificationStatus"]
        .iter()
        .any(|field| json.get(field).is_some_and(|status| says(status, MAX_STATUS_DEPTH)))
}

/// The codes of a CodeableConcept or Coding with their systems.
pub(super) fn codes_of(concept: &Json) -> impl Iterator<Item = (&str, &str)> {
    let codings = match concept.get("coding") {
        Some(_) => all_of(concept, "coding"),
        None => vec![concept],
    };
    codings.into_iter().filter_map(|coding| {
        let system = coding.get("system").and_then(Json::as_str).unwrap_or_default();
        Some((system, coding.get("code")?.as_str()?.trim()))
    })
}

/// A resource as a text that is the same in whatever order the codings of its concepts stand:
/// they are translations of each other.
pub(super) fn in_any_order(mut json: Json) -> String {
    fn sort(json: &mut Json) {
        match json {
            Json::Array(list) => list.iter_mut().for_each(sort),
            Json::Object(fields) => {
                for (name, value) in fields {
                    sort(value);
                    if let ("coding", Json::Array(list)) = (name.as_str(), value) {
                        list.sort_by_cached_key(Json::to_string);
                    }
                }
            }
            _ => {}
        }
    }
    sort(&mut json);
    json.to_string()
}

/// How deep lists in lists are followed.
const MAX_LIST_DEPTH: usize = 4;

/// What stands in a list field, also if it is one thing instead of a list, or a list in a list.
/// For what changes the meaning of a resource, and so may not be passed over for its shape.
pub(super) fn all_of<'a>(json: &'a Json, field: &str) -> Vec<&'a Json> {
    fn collect<'a>(json: &'a Json, depth: usize, into: &mut Vec<&'a Json>) {
        match json {
            Json::Null => {}
            Json::Array(list) if depth < MAX_LIST_DEPTH => {
                list.iter().for_each(|one| collect(one, depth + 1, into));
            }
            one => into.push(one),
        }
    }
    let mut all = Vec::new();
    json.get(field).into_iter().for_each(|one| collect(one, 0, &mut all));
    all
}

/// A list field, empty if it is absent or something else.
pub(super) fn list<'a>(json: &'a Json, field: &str) -> &'a [Json] {
    json.get(field).and_then(Json::as_array).map_or(&[][..], Vec::as_slice)
}

/// A field that is a list, or one thing.
pub(super) fn one_or_more<'a>(json: &'a Json, field: &str) -> &'a [Json] {
    match json.get(field) {
        None | Some(Json::Null) => &[],
        Some(Json::Array(list)) => list,
        Some(one) => std::slice::from_ref(one),
    }
}

/// A field that is a text with more than blanks.
pub(super) fn text<'a>(json: &'a Json, field: &str) -> Option<&'a str> {
    json.get(field).and_then(Json::as_str).filter(|text| !text.trim().is_empty())
}

/// The element that changes the meaning of a part of a resource in a way that isn't understood.
pub(super) fn modifier(json: &Json) -> Option<&'static str> {
    let has = |field: &str| !all_of(json, field).is_empty();
    ["modifierExtension", "implicitRules"].into_iter().find(|field| has(field))
}

/// The type of a resource.
pub(super) fn kind_of(json: &Json) -> &str {
    json.get("resourceType").and_then(Json::as_str).unwrap_or("resource without type")
}

impl<'a> Resource<'a> {
    /// `place` names a resource that has no id, until [`Record::read`] names it by its content.
    pub(super) fn new(json: &'a Json, full_url: Option<&'a str>, place: &str) -> Self {
        let kind = kind_of(json);
        let name = match json.get("id").and_then(Json::as_str) {
            Some(id) => format!("{}/{}", shorten(kind), ends(id)),
            None => format!("{}{place}", shorten(kind)),
        };
        Self::named(name, json, full_url, None)
    }

    /// A resource that stands in another one.
    pub(super) fn contained(json: &'a Json, container: &'a Json) -> Self {
        let id = |json: &'a Json| ends(json.get("id").and_then(Json::as_str).unwrap_or(""));
        let (kind, outer) = (kind_of(json), kind_of(container));
        let name =
            format!("{} {} in {}/{}", shorten(kind), id(json), shorten(outer), id(container));
        Self::named(name, json, None, Some(container))
    }

    fn named(
        name: String,
        json: &'a Json,
        full_url: Option<&'a str>,
        container: Option<&'a Json>,
    ) -> Self {
        Self {
            kind: kind_of(json),
            json,
            name,
            full_url,
            container,
            also_at: Vec::new(),
            in_doubt: None,
            at_most: Standing::Corrected,
            reports: Vec::new(),
            is_past: false,
            is_others: false,
            documents: vec![None],
            panels: Vec::new(),
        }
    }

    /// The bundles' URLs for it, and `None` where one gave none.
    pub(super) fn urls(&self) -> impl Iterator<Item = Option<&'a str>> + '_ {
        std::iter::once(self.full_url).chain(self.also_at.iter().copied())
    }

    /// A text field of the resource.
    pub(super) fn text(&self, field: &str) -> Option<&'a str> {
        self.json.get(field).and_then(Json::as_str)
    }

    /// Why the resource can't be taken at its word, if it says that more must be understood first:
    /// the element that says so.
    pub(super) fn modifier(&self) -> Option<&'static str> {
        let parts = ["component", "item"].map(|field| all_of(self.json, field));
        modifier(self.json).or_else(|| parts.into_iter().flatten().find_map(modifier))
    }
}
