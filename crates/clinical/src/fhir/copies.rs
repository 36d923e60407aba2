// SPDX-License-Identifier: Apache-2.0
//! Copies of what was withdrawn: a resource in force that stands once more, under another id or at
//! another server, as entered in error, and what stands in a document that was withdrawn.
//!
//! A withdrawal ends one copy. Whether it was meant for the other as well can't be told, so that
//! what rests on that one asks.

use super::outcome::Doubt;
use super::person::{identifiers, Identifiers};
use super::report;
use super::resource::{all_of, codes_of, in_any_order, is_withdrawn, Resource};
use serde_json::Value as Json;
use std::collections::{HashMap, HashSet};

/// Marks what may have been withdrawn with something else. The resources come in an order that
/// doesn't depend on the files.
pub(super) fn mark(resources: &mut [Resource<'_>]) {
    let compositions = resources.iter().filter(|one| one.kind == "Composition");
    let withdrawn = compositions.filter(|one| is_withdrawn(one.json));
    let withdrawn: HashSet<String> =
        withdrawn.filter_map(|one| one.text("id").map(str::to_owned)).collect();
    let copies = Copies::of(resources);
    // Results that stand in a report are where that is, also if it is there several times.
    let reports = resources.iter().filter(|one| one.kind == "DiagnosticReport");
    let reports: HashMap<*const Json, Vec<Option<&Json>>> =
        reports.map(|one| (std::ptr::from_ref(one.json), one.documents.clone())).collect();
    for resource in resources {
        // Patients say whose record it is, and Medications what a prescription means.
        if matches!(resource.kind, "Patient" | "Medication") || is_withdrawn(resource.json) {
            continue;
        }
        if let Some(documents) =
            resource.container.and_then(|one| reports.get(&std::ptr::from_ref(one)))
        {
            resource.documents.clone_from(documents);
        }
        if resource.in_doubt.is_none() {
            let doubt = of_document(resource, &withdrawn).or_else(|| copies.doubt(resource));
            resource.in_doubt = doubt;
        }
    }
}

/// Why a resource is in doubt that stands only in documents that were withdrawn: the last version
/// of their Composition says so, or their own.
fn of_document(resource: &Resource<'_>, withdrawn: &HashSet<String>) -> Option<Doubt> {
    let id = |composition: &Json| composition.get("id").and_then(Json::as_str).map(str::to_owned);
    let is_gone = |composition: &Json| {
        is_withdrawn(composition) || id(composition).is_some_and(|id| withdrawn.contains(&id))
    };
    let stands = |document: &Option<&Json>| !document.is_some_and(is_gone);
    if resource.documents.iter().any(stands) {
        return None;
    }
    let ids = resource.documents.iter().flatten().filter_map(|one| id(one));
    let name = ids.min().map(|id| format!(" Composition/{id}")).unwrap_or_default();
    let why = format!("withdraws the document{name}, in which it stands");
    Some(Doubt::new(&resource.name, "Composition.status", "entered-in-error", why))
}

/// What was withdrawn.
#[derive(Default)]
struct Copies {
    /// By kind and number: kind, system, value.
    numbers: HashMap<(String, String, String), Withdrawn>,
    /// By kind, id and contents.
    contents: HashSet<(String, String, String)>,
    /// Kinds and ids of these.
    ids: HashSet<(String, String)>,
}

/// What was withdrawn under one number.
#[derive(Default)]
struct Withdrawn {
    /// The first of them, for people.
    name: String,
    /// Systems and codes.
    codes: HashSet<(String, String)>,
    systems: HashSet<String>,
    /// Whether one of them has no code.
    any: bool,
}

impl Copies {
    fn of(resources: &[Resource<'_>]) -> Self {
        let mut copies = Self::default();
        for resource in resources {
            if is_withdrawn(resource.container.unwrap_or(resource.json))
                || is_withdrawn(resource.json)
            {
                copies.add(
                    resource.kind,
                    &identifiers(resource.json.get("identifier")),
                    &resource.name,
                    &codes(resource.json),
                );
                if let Some(id) = resource.text("id").filter(|_| resource.container.is_none()) {
                    let (kind, id) = (resource.kind.to_owned(), id.to_owned());
                    copies.contents.insert((kind.clone(), id.clone(), content(resource.json)));
                    copies.ids.insert((kind, id));
                }
            }
            if resource.kind == "DiagnosticReport" && !report::counts(resource) {
                let results = all_of(resource.json, "result").into_iter();
                for result in results.filter(|one| one.get("reference").is_none()) {
                    let numbers = identifiers(result.get("identifier"));
                    copies.add("Observation", &numbers, &resource.name, &[]);
                }
            }
        }
        copies
    }

    fn add(&mut self, kind: &str, numbers: &Identifiers, name: &str, codes: &[(String, String)]) {
        for (system, values) in numbers {
            for value in values {
                let key = (kind.to_owned(), system.clone(), value.clone());
                let withdrawn = self.numbers.entry(key).or_default();
                if withdrawn.name.is_empty() {
                    withdrawn.name = name.to_owned();
                }
                withdrawn.any |= codes.is_empty();
                withdrawn.systems.extend(codes.iter().map(|(system, _)| system.clone()));
                withdrawn.codes.extend(codes.iter().cloned());
            }
        }
    }

    fn doubt(&self, resource: &Resource<'_>) -> Option<Doubt> {
        if !self.numbers.is_empty() {
            let codes = codes(resource.json);
            for (system, values) in identifiers(resource.json.get("identifier")) {
                for value in values {
                    let shown = format!("{system}|{value}");
                    let key = (resource.kind.to_owned(), system.clone(), value);
                    if let Some(found) = self.numbers.get(&key).filter(|one| one.may_be(&codes)) {
                        let why = format!(
                            "is also named by {}, which was withdrawn or may not count",
                            found.name
                        );
                        return Some(Doubt::new(&resource.name, "identifier", &shown, why));
                    }
                }
            }
        }
        let id = resource.text("id").filter(|_| resource.container.is_none())?;
        let key = (resource.kind.to_owned(), id.to_owned());
        if self.ids.contains(&key)
            && self.contents.contains(&(key.0, key.1, content(resource.json)))
        {
            let why =
                "stands here with the same contents at another server, where it was withdrawn";
            return Some(Doubt::new(&resource.name, "id", id, why));
        }
        None
    }
}

impl Withdrawn {
    /// Whether something with these codes may be a copy: orders give several tests one number.
    fn may_be(&self, codes: &[(String, String)]) -> bool {
        let is_known = codes.iter().any(|(system, _)| self.systems.contains(system));
        self.any || !is_known || codes.iter().any(|code| self.codes.contains(code))
    }
}

fn codes(json: &Json) -> Vec<(String, String)> {
    let concept = json.get("code").or_else(|| json.get("medicationCodeableConcept"));
    let all = concept.into_iter().flat_map(codes_of);
    all.map(|(system, code)| (system.to_owned(), code.to_owned())).collect()
}

/// What a resource says, without whether it counts and where it stands.
fn content(json: &Json) -> String {
    let mut json = json.clone();
    if let Json::Object(fields) = &mut json {
        for field in ["meta", "text", "status", "verificationStatus", "clinicalStatus", "subject"] {
            fields.remove(field);
        }
    }
    in_any_order(json)
}
