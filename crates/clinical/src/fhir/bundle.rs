// SPDX-License-Identifier: Apache-2.0
//! The bundle: resources, all of one patient.

use std::collections::hash_map::Entry;
use std::collections::HashMap;

use jiff::civil::Date;
use serde_json::Value as Json;

use super::{time, FhirError};
use cso_model_files::shorten;

/// Longest bundle in bytes; a long life with many laboratory values takes a few MiB.
pub const MAX_BUNDLE_BYTES: usize = 64 * 1024 * 1024;

/// Deepest bundle in a bundle: a server answers a batch of searches so.
const MAX_DEPTH: usize = 4;

/// The kinds of resources that are read.
const KINDS: [&str; 9] = [
    "Condition",
    "DiagnosticReport",
    "Medication",
    "MedicationRequest",
    "MedicationStatement",
    "Observation",
    "Patient",
    "Procedure",
    "QuestionnaireResponse",
];

/// A patient's history, as far as it is read.
pub(super) struct Bundle<'a> {
    pub resources: Vec<Resource<'a>>,
    pub today: Date,
}

/// One resource of the bundle.
pub(super) struct Resource<'a> {
    pub kind: &'a str,
    pub json: &'a Json,
    /// How to name it to people: `Observation/bmi`, or by its place in the bundle.
    pub name: String,
    /// The bundle's URL for it.
    full_url: Option<&'a str>,
    /// Whether it stands in another resource: its id is known only there.
    contained: bool,
}

/// Parses the text and checks that it is FHIR in JSON.
pub(super) fn parse(json: &str) -> Result<Json, FhirError> {
    if json.len() > MAX_BUNDLE_BYTES {
        return Err(FhirError::TooLong { found: json.len(), most: MAX_BUNDLE_BYTES });
    }
    let text = json.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('<') {
        return Err(FhirError::Xml);
    }
    let value: Json = serde_json::from_str(text)
        .map_err(|error| FhirError::NotJson { line: error.line(), column: error.column() })?;
    if value.get("resourceType").and_then(Json::as_str).is_none() {
        return Err(FhirError::NotFhir);
    }
    Ok(value)
}

impl<'a> Bundle<'a> {
    pub(super) fn read(root: &'a Json, today: Date) -> Result<Self, FhirError> {
        let kind = kind_of(root);
        let mut resources = Vec::new();
        if kind == "Bundle" {
            entries(root, 0, &mut resources)?;
            resources = latest_versions(resources);
            if resources.is_empty() {
                return Err(FhirError::Empty);
            }
        } else if KINDS.contains(&kind) {
            resources.push(Resource::new(root, None, String::new()));
            contained_results(root, &mut resources);
        } else {
            return Err(FhirError::WrongResource { kind: shorten(kind) });
        }
        let bundle = Self { resources, today };
        bundle.check_patient()?;
        Ok(bundle)
    }

    /// The resources of one kind.
    pub(super) fn of_kind(&self, kind: &'static str) -> impl Iterator<Item = &Resource<'a>> {
        self.resources.iter().filter(move |resource| resource.kind == kind)
    }

    /// The resource that a reference in `from` points to.
    pub(super) fn resolve(&self, reference: &str, from: &Resource<'a>) -> Option<&'a Json> {
        if let Some(id) = reference.strip_prefix('#') {
            let contained = from.json.get("contained")?.as_array()?;
            return contained
                .iter()
                .find(|resource| resource.get("id").and_then(Json::as_str) == Some(id));
        }
        self.resources
            .iter()
            .find(|resource| resource.is_at(reference))
            .map(|resource| resource.json)
    }

    /// All resources must be about one person.
    fn check_patient(&self) -> Result<(), FhirError> {
        let patients: Vec<&Resource<'_>> = self.of_kind("Patient").collect();
        if let [first, second, ..] = patients[..] {
            return Err(FhirError::SeveralPatients {
                ids: format!("{}, {}", first.name, second.name),
            });
        }
        let mut expected: Option<&str> = None;
        for resource in self.resources.iter().filter(|r| KINDS.contains(&r.kind)) {
            // Conditional references (`Patient?identifier=...`) can't be compared.
            let Some(found) = resource.subject().filter(|reference| !reference.contains('?'))
            else {
                continue;
            };
            let (fits, whom) = match (patients.first(), expected) {
                (Some(patient), _) => (patient.is_at(found), patient.name.as_str()),
                (None, Some(expected)) => (expected == found, expected),
                (None, None) => {
                    expected = Some(found);
                    (true, found)
                }
            };
            if !fits {
                return Err(FhirError::OtherPatient {
                    resource: resource.name.clone(),
                    found: shorten(found),
                    expected: shorten(whom),
                });
            }
        }
        Ok(())
    }
}

/// Adds the resources of a bundle and of bundles in it.
fn entries<'a>(
    bundle: &'a Json,
    depth: usize,
    resources: &mut Vec<Resource<'a>>,
) -> Result<(), FhirError> {
    if bundle.get("type").and_then(Json::as_str) == Some("history") {
        return Err(FhirError::History);
    }
    let mut links = list(bundle, "link").iter();
    if links.any(|link| link.get("relation").and_then(Json::as_str) == Some("next")) {
        return Err(FhirError::Page);
    }
    for (index, entry) in list(bundle, "entry").iter().enumerate() {
        let Some(resource) = entry.get("resource") else {
            continue;
        };
        if kind_of(resource) == "Bundle" {
            if depth == MAX_DEPTH {
                return Err(FhirError::Nested { most: MAX_DEPTH });
            }
            entries(resource, depth + 1, resources)?;
            continue;
        }
        let full_url = entry.get("fullUrl").and_then(Json::as_str);
        let place = format!(" (entry {})", index + 1);
        resources.push(Resource::new(resource, full_url, place));
        contained_results(resource, resources);
    }
    Ok(())
}

/// Of resources that come more than once, as from several searches, the version that was updated
/// last.
fn latest_versions(resources: Vec<Resource<'_>>) -> Vec<Resource<'_>> {
    let mut place: HashMap<(&str, &str, Option<&str>), usize> = HashMap::new();
    let mut kept: Vec<Resource<'_>> = Vec::with_capacity(resources.len());
    for resource in resources {
        let Some(id) = resource.text("id").filter(|_| !resource.contained) else {
            kept.push(resource);
            continue;
        };
        match place.entry((resource.kind, id, resource.full_url)) {
            Entry::Vacant(entry) => {
                entry.insert(kept.len());
                kept.push(resource);
            }
            Entry::Occupied(entry) => {
                let other = &mut kept[*entry.get()];
                if other.updated() < resource.updated() {
                    *other = resource;
                }
            }
        }
    }
    kept
}

/// Adds the observations that a report contains as its results.
fn contained_results<'a>(report: &'a Json, resources: &mut Vec<Resource<'a>>) {
    if kind_of(report) != "DiagnosticReport" {
        return;
    }
    let id = |resource: &'a Json| resource.get("id").and_then(Json::as_str);
    let results: Vec<&str> = list(report, "result")
        .iter()
        .filter_map(|result| result.get("reference")?.as_str()?.strip_prefix('#'))
        .collect();
    for resource in list(report, "contained") {
        if kind_of(resource) == "Observation"
            && id(resource).is_some_and(|id| results.contains(&id))
        {
            let place = format!(" in DiagnosticReport/{}", shorten(id(report).unwrap_or("")));
            resources.push(Resource {
                name: format!("Observation {}{place}", shorten(id(resource).unwrap_or(""))),
                contained: true,
                ..Resource::new(resource, None, String::new())
            });
        }
    }
}

/// A list field, empty if it is absent or something else.
pub(super) fn list<'a>(json: &'a Json, field: &str) -> &'a [Json] {
    json.get(field).and_then(Json::as_array).map_or(&[][..], Vec::as_slice)
}

impl<'a> Resource<'a> {
    /// `place` names a resource that has no id.
    fn new(json: &'a Json, full_url: Option<&'a str>, place: String) -> Self {
        let kind = kind_of(json);
        let name = match json.get("id").and_then(Json::as_str) {
            Some(id) => format!("{}/{}", shorten(kind), shorten(id)),
            None => format!("{}{place}", shorten(kind)),
        };
        Self { kind, json, name, full_url, contained: false }
    }

    /// A text field of the resource.
    pub(super) fn text(&self, field: &str) -> Option<&'a str> {
        self.json.get(field).and_then(Json::as_str)
    }

    /// Why the resource can't be taken at its word, if it says that more must be understood first.
    pub(super) fn modified(&self) -> Option<String> {
        let modified = |json: &Json| {
            !list(json, "modifierExtension").is_empty() || json.get("implicitRules").is_some()
        };
        let parts = ["component", "item"].map(|field| list(self.json, field));
        (modified(self.json) || parts.iter().copied().flatten().any(modified))
            .then(|| format!("{} has a modifier that isn't understood", self.name))
    }

    fn updated(&self) -> Option<time::When> {
        let updated = self.json.get("meta")?.get("lastUpdated")?;
        time::parse(updated.as_str()?)
    }

    fn subject(&self) -> Option<&'a str> {
        let subject = self.json.get("subject").or_else(|| self.json.get("patient"))?;
        subject.get("reference")?.as_str()
    }

    /// Whether a reference points here: by the bundle's URL, or by kind and id with any base and
    /// version.
    fn is_at(&self, reference: &str) -> bool {
        if self.full_url == Some(reference) {
            return true;
        }
        let reference = reference.split("/_history/").next().unwrap_or(reference);
        let mut parts = reference.rsplit('/');
        let (id, kind) = (parts.next(), parts.next());
        id.is_some() && id == self.text("id") && kind == Some(self.kind)
    }
}

fn kind_of(json: &Json) -> &str {
    json.get("resourceType").and_then(Json::as_str).unwrap_or("resource without type")
}
