// SPDX-License-Identifier: Apache-2.0
//! The record: resources in force, all of one patient.

use super::absence::Facts;
use super::files::Files;
use super::{entries, subject, versions, FhirError};
use cso_model_files::shorten;
use jiff::civil::Date;
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

/// A patient's history, as far as it is read.
pub(super) struct Record<'a> {
    /// In an order that doesn't depend on that in the files.
    pub resources: Vec<Resource<'a>>,
    /// What the record tells about itself.
    pub facts: Facts,
    pub today: Date,
}

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
}

impl<'a> Record<'a> {
    /// All that the files have.
    pub(super) fn read(files: &'a Files, today: Date) -> Result<Self, FhirError> {
        let (resources, facts) = entries::read(files)?;
        let resources = versions::in_force(resources);
        let mut record = Self { resources, facts, today };
        subject::require_one_patient(&mut record)?;
        record
            .resources
            .sort_by_cached_key(|one| (one.kind, one.name.clone(), one.json.to_string()));
        Ok(record)
    }

    /// The resources of one kind.
    pub(super) fn of_kind(&self, kind: &'static str) -> impl Iterator<Item = &Resource<'a>> {
        self.resources.iter().filter(move |resource| resource.kind == kind)
    }

    /// The resource that a reference in `from` points to.
    pub(super) fn resolve(&self, reference: &str, from: &Resource<'a>) -> Option<&'a Json> {
        if let Some(id) = reference.strip_prefix('#') {
            let contained = from.container.unwrap_or(from.json).get("contained")?.as_array()?;
            return contained
                .iter()
                .find(|resource| resource.get("id").and_then(Json::as_str) == Some(id));
        }
        self.resources
            .iter()
            .find(|resource| resource.is_at(reference))
            .map(|resource| resource.json)
    }
}

/// A list field, empty if it is absent or something else.
pub(super) fn list<'a>(json: &'a Json, field: &str) -> &'a [Json] {
    json.get(field).and_then(Json::as_array).map_or(&[][..], Vec::as_slice)
}

/// The type of a resource.
pub(super) fn kind_of(json: &Json) -> &str {
    json.get("resourceType").and_then(Json::as_str).unwrap_or("resource without type")
}

impl<'a> Resource<'a> {
    /// `place` names a resource that has no id.
    pub(super) fn new(json: &'a Json, full_url: Option<&'a str>, place: &str) -> Self {
        let kind = kind_of(json);
        let name = match json.get("id").and_then(Json::as_str) {
            Some(id) => format!("{}/{}", shorten(kind), shorten(id)),
            None => format!("{}{place}", shorten(kind)),
        };
        Self { kind, json, name, full_url, container: None }
    }

    /// A resource that stands in another one.
    pub(super) fn contained(json: &'a Json, container: &'a Json) -> Self {
        let id = |json: &'a Json| shorten(json.get("id").and_then(Json::as_str).unwrap_or(""));
        let (kind, outer) = (kind_of(json), kind_of(container));
        let name =
            format!("{} {} in {}/{}", shorten(kind), id(json), shorten(outer), id(container));
        Self { kind, json, name, full_url: None, container: Some(container) }
    }

    /// A text field of the resource.
    pub(super) fn text(&self, field: &str) -> Option<&'a str> {
        self.json.get(field).and_then(Json::as_str)
    }

    /// Why the resource can't be taken at its word, if it says that more must be understood first:
    /// the element that says so.
    pub(super) fn modifier(&self) -> Option<&'static str> {
        let modified = |json: &Json| {
            if !list(json, "modifierExtension").is_empty() {
                return Some("modifierExtension");
            }
            json.get("implicitRules").map(|_| "implicitRules")
        };
        let parts = ["component", "item"].map(|field| list(self.json, field));
        modified(self.json).or_else(|| parts.iter().copied().flatten().find_map(modified))
    }

    /// Whether a reference points here: by the bundle's URL, or by kind and id with any base and
    /// version.
    pub(super) fn is_at(&self, reference: &str) -> bool {
        if self.full_url == Some(reference) {
            return true;
        }
        let reference = reference.split("/_history/").next().unwrap_or(reference);
        let mut parts = reference.rsplit('/');
        let (id, kind) = (parts.next(), parts.next());
        id.is_some() && id == self.text("id") && kind == Some(self.kind)
    }
}
