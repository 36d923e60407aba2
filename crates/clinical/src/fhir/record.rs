// SPDX-License-Identifier: Apache-2.0
//! The record: resources in force, all of one patient.

use super::absence::Facts;
use super::error::ends;
use super::files::Files;
use super::outcome::{Doubt, Standing};
use super::reference::Index;
use super::status::modified;
use super::{completeness, copies, entries, kinds, report, sections, subject, versions, FhirError};
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
    index: Index,
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

impl<'a> Record<'a> {
    /// All that the files have.
    pub(super) fn read(files: &'a Files, today: Date) -> Result<Self, FhirError> {
        let (mut resources, mut facts, claims) = entries::read(files)?;
        name_by_content(&mut resources);
        let mut resources = versions::in_force(resources);
        // Older versions tell nothing; that something was withdrawn, that it isn't missing.
        let index = completeness::Index::of(&resources);
        resources.sort_by_cached_key(|one| {
            (one.kind, one.name.clone(), in_any_order(one.json.clone()), one.full_url)
        });
        copies::mark(&mut resources);
        let mut resources = report::settle(resources, today, &mut facts);
        resources.retain(|one| !one.container.is_some_and(is_withdrawn));
        // What a withdrawn specimen was taken for can't be told: results ask for it.
        resources.retain(|one| one.kind == "Specimen" || !is_withdrawn(one.json));
        subject::require_one_patient(&mut resources)?;
        sections::mark(&mut resources);
        // That there is nothing must be said of this patient, and of nothing else.
        let statements = completeness::look(&resources, &index, &claims, today, &mut facts);
        let (statements, resources): (Vec<_>, Vec<_>) = resources
            .into_iter()
            .partition(|one| statements.contains(&std::ptr::from_ref(one.json)));
        for statement in &statements {
            let kind = match statement.kind.starts_with("Medication") {
                true => "Medication",
                false => statement.kind,
            };
            if let Some(doubt) = modified(statement, "a statement about a list") {
                facts.fail(kinds::concern(kind), &doubt.to_string());
            }
        }
        let index = Index::new(&resources);
        let mut record = Self { resources, facts, today, index };
        record.tell_contradicting_medicines();
        Ok(record)
    }

    /// What refers to a medicine that stands here with different contents refers to nothing that
    /// can be told.
    fn tell_contradicting_medicines(&mut self) {
        let medicines = self.resources.iter().filter(|one| one.kind == "Medication");
        for doubt in medicines.filter_map(|one| one.in_doubt.as_ref()) {
            self.facts.fail(kinds::concern("Medication"), &doubt.to_string());
        }
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
        let slot = self.index.slot(reference, from.base().as_deref())?;
        match self.index.members(slot) {
            [one] => Some(self.resources[*one].json),
            _ => None,
        }
    }
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

/// Names resources without an id by their URL or their content: places differ from file to file.
fn name_by_content(resources: &mut [Resource<'_>]) {
    let nameless = |one: &&mut Resource<'_>| one.container.is_none() && one.text("id").is_none();
    let mut nameless: Vec<&mut Resource<'_>> = resources.iter_mut().filter(nameless).collect();
    nameless.sort_by_cached_key(|one| (one.kind, in_any_order(one.json.clone()), one.full_url));
    let (mut kind, mut number) = ("", 0);
    for resource in nameless {
        number = if kind == resource.kind { number + 1 } else { 1 };
        kind = resource.kind;
        let kind = shorten(kind);
        resource.name = match resource.full_url {
            Some(url) => format!("{kind} ({})", ends(url)),
            None => format!("{kind} without id ({number})"),
        };
    }
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
        let modified = |json: &Json| {
            let has = |field: &str| !all_of(json, field).is_empty();
            ["modifierExtension", "implicitRules"].into_iter().find(|field| has(field))
        };
        let parts = ["component", "item"].map(|field| all_of(self.json, field));
        modified(self.json).or_else(|| parts.into_iter().flatten().find_map(modified))
    }
}
