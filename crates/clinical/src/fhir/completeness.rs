// SPDX-License-Identifier: Apache-2.0
//! What resources tell about the record that they are in: that something isn't known or was taken
//! out, that there is nothing, that all is there, or that an entry can't be read.
//!
//! A list is complete only where something says so: a search of all resources of one kind that
//! brought all matches, a document whose section has all of its entries, or the statement that
//! there are none. Whatever says that something wasn't read outweighs it ([`Facts::shown`]).

use super::absence::Facts;
use super::codes;
use super::kinds::{self, Concern};
use super::lists::{is_final, whole_list, Sections};
use super::record::{kind_of, list, Resource};
use super::shown::long;
use cso_model_files::shorten;
use serde_json::Value as Json;
use std::collections::HashSet;

/// What may show that the record has all resources of a kind.
#[derive(Debug, Default)]
pub(super) struct Claims<'a> {
    /// Searches with all of their matches: the kind, and the patient's id.
    pub searches: Vec<(&'static str, String)>,
    /// The Compositions that documents begin with.
    pub documents: Vec<&'a Json>,
}

/// The International Patient Summary's codes for lists that are empty or not known; SNOMED CT and
/// others have some of their own.
const ABSENT_OR_UNKNOWN: &str = "absent-unknown-uv-ips";

/// Codes that say that a list isn't known, of any system.
const NOT_KNOWN: &[(&str, &[&str])] = &[
    ("no-problem-info", &["Condition"]),
    ("no-medication-info", &["MedicationRequest", "MedicationStatement"]),
    ("no-procedure-info", &["Procedure"]),
];

/// Codes that say that a list has nothing in it, of the IPS.
const NONE_KNOWN: &[(&str, &[&str])] = &[
    ("no-known-problems", &["Condition"]),
    ("no-known-medications", &["MedicationRequest", "MedicationStatement"]),
    ("no-known-procedures", &["Procedure"]),
];

/// SNOMED CT: patient not asked (US edition), no current problems or disability.
const NOT_ASKED: &str = "1631000175102";
const NO_PROBLEMS: &str = "160245001";
const SNOMED: &str = "http://snomed.info/sct";

/// Systems whose codes say why there is no code.
const NO_CODE: [&str; 4] = [
    "http://terminology.hl7.org/CodeSystem/data-absent-reason",
    "http://hl7.org/fhir/data-absent-reason",
    "http://terminology.hl7.org/CodeSystem/v3-NullFlavor",
    "http://hl7.org/fhir/v3/NullFlavor",
];

/// Labels that say that something was taken away (HL7's v3-ObservationValue).
const LABELS: [(&str, &str); 3] = [
    ("SUBSETTED", "only a part (SUBSETTED)"),
    ("REDACTED", "without what was taken out (REDACTED)"),
    ("MASKED", "masked (MASKED)"),
];

/// The codes of a CodeableConcept or Coding with their systems.
pub(super) fn codes_of(concept: &Json) -> impl Iterator<Item = (&str, &str)> {
    let codings = match concept.get("coding") {
        Some(Json::Array(list)) => list.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => std::slice::from_ref(concept),
    };
    codings.iter().filter_map(|coding| {
        let system = coding.get("system").and_then(Json::as_str).unwrap_or_default();
        Some((system, coding.get("code")?.as_str()?.trim()))
    })
}

/// What a label says was taken away from a resource or Bundle.
pub(super) fn label(json: &Json) -> Option<&'static str> {
    let meta = json.get("meta")?;
    let has = |label: &str| {
        let labels = list(meta, "tag").iter().chain(list(meta, "security"));
        labels.flat_map(codes_of).any(|(_, code)| code == label)
    };
    LABELS.iter().find(|(label, _)| has(label)).map(|(_, told)| *told)
}

/// Whether a resource is only a part of itself.
pub(super) fn is_part(json: &Json) -> bool {
    label(json) == Some(LABELS[0].1)
}

/// Whether a resource was withdrawn, so that it says nothing.
fn is_withdrawn(json: &Json) -> bool {
    let is = |concept: &Json| {
        concept.as_str() == Some("entered-in-error")
            || codes_of(concept).any(|(_, code)| code == "entered-in-error")
    };
    ["status", "verificationStatus"].iter().any(|field| json.get(field).is_some_and(is))
}

/// Looks at what the resources tell, withdrawn ones among them. Gives the statements about lists,
/// which are no entries of them.
pub(super) fn look(
    resources: &[Resource<'_>],
    claims: &Claims<'_>,
    facts: &mut Facts,
) -> HashSet<*const Json> {
    let index = Index::of(resources);
    let mut none: Vec<(&'static [&'static str], String)> = Vec::new();
    let mut entries: HashSet<&str> = HashSet::new();
    let mut statements: HashSet<*const Json> = HashSet::new();
    for resource in resources.iter().filter(|one| !is_withdrawn(one.json)) {
        let (name, concern) = (&resource.name, kinds::concern(resource.kind));
        if let Some(label) = label(resource.json) {
            facts.fail(
                kinds::known(resource.kind).unwrap_or(Concern::These(&[])),
                &format!("{name} is {label}"),
            );
        }
        match resource.kind {
            "List" => none.extend(whole_list(resource, &index, facts)),
            "Composition" => {
                let is_document =
                    claims.documents.iter().any(|one| std::ptr::eq(*one, resource.json));
                let mut look = Sections { resource, index: &index, facts, none: &mut none };
                look.all(resource.json, is_document && is_final(resource.json));
            }
            _ => {}
        }
        let is_read = matches!(
            resource.kind,
            "Condition"
                | "Medication"
                | "MedicationRequest"
                | "MedicationStatement"
                | "Observation"
                | "Procedure"
        );
        if !is_read {
            continue;
        }
        match statement(resource) {
            Some(Statement::NotKnown(kinds, code)) => {
                facts.fail(
                    Concern::These(kinds),
                    &format!("{name}: `{code}`, there is no information"),
                );
                statements.insert(resource.json);
            }
            Some(Statement::None(kinds, code)) => {
                statements.insert(resource.json);
                if is_confirmed(resource.json) {
                    none.push((kinds, format!("{name}: `{code}`")));
                }
            }
            None => {
                entries.insert(resource.kind);
                if let Some(told) = unreadable(resource, &index) {
                    facts.fail(concern, &format!("{name}: {told}"));
                }
            }
        }
    }
    // That there is none is told only where there is none.
    for (kinds, told) in none {
        if !kinds.iter().any(|kind| entries.contains(kind)) {
            kinds.iter().for_each(|kind| facts.show(kind, &told));
        }
    }
    let patients: HashSet<&str> = resources
        .iter()
        .filter(|one| one.kind == "Patient")
        .filter_map(|one| one.text("id"))
        .collect();
    for (kind, patient) in &claims.searches {
        if patients.contains(patient.as_str()) {
            facts.show(kind, "a search with all of its matches");
        }
    }
    statements
}

/// What can be referred to.
pub(super) struct Index<'a> {
    urls: HashSet<&'a str>,
    ids: HashSet<(&'a str, &'a str)>,
}

impl<'a> Index<'a> {
    fn of(resources: &[Resource<'a>]) -> Self {
        let named = |one: &Resource<'a>| Some((one.kind, one.text("id")?));
        let outer = || resources.iter().filter(|one| one.container.is_none());
        Self {
            urls: resources.iter().filter_map(|one| one.full_url).collect(),
            ids: outer().filter_map(named).collect(),
        }
    }

    /// Whether a reference leads to a resource of the record.
    pub(super) fn has(&self, reference: &str, from: &Json) -> bool {
        if reference.starts_with('#') {
            return contained(reference, from).is_some();
        }
        let reference = reference.split("/_history/").next().unwrap_or(reference);
        let mut parts = reference.rsplit('/');
        let named = parts.next().zip(parts.next());
        self.urls.contains(reference)
            || named.is_some_and(|(id, kind)| self.ids.contains(&(kind, id)))
    }
}

/// The resource inside another one to which a reference leads.
fn contained<'a>(reference: &str, from: &'a Json) -> Option<&'a Json> {
    let id = reference.strip_prefix('#')?;
    list(from, "contained").iter().find(|one| one.get("id").and_then(Json::as_str) == Some(id))
}

/// What a resource says of a whole list.
enum Statement<'a> {
    NotKnown(&'static [&'static str], &'a str),
    None(&'static [&'static str], &'a str),
}

fn statement<'a>(resource: &Resource<'a>) -> Option<Statement<'a>> {
    let among = |list: &[(&str, &'static [&'static str])], code: &str| {
        list.iter().find(|(known, _)| *known == code).map(|(_, kinds)| *kinds)
    };
    let of_kind = match kinds::concern(resource.kind) {
        Concern::These(kinds) => kinds,
        Concern::All => &[],
    };
    let said = |(system, code): (&str, &'a str)| {
        if let Some(kinds) = among(NOT_KNOWN, code) {
            return Some(Statement::NotKnown(kinds, code));
        }
        if system.starts_with(SNOMED) && code == NOT_ASKED {
            return Some(Statement::NotKnown(of_kind, code));
        }
        let none = match system.starts_with(SNOMED) && code == NO_PROBLEMS {
            true => Some(&["Condition"][..]),
            false => among(NONE_KNOWN, code).filter(|_| system.contains(ABSENT_OR_UNKNOWN)),
        };
        none.map(|kinds| Statement::None(kinds, code))
    };
    let concept = concept(resource.json)?;
    // A code of something beside it contradicts: that is an entry, and what it answers asks.
    let codings = concept.get("coding").and_then(Json::as_array).map_or(1, Vec::len);
    let statements: Vec<Statement<'_>> = codes_of(concept).filter_map(said).collect();
    if statements.len() < codings {
        return None;
    }
    let unknown = |one: &Statement<'_>| matches!(one, Statement::NotKnown(..));
    let index = statements.iter().position(unknown).unwrap_or(0);
    statements.into_iter().nth(index)
}

/// What says what a resource is about.
fn concept(json: &Json) -> Option<&Json> {
    let of_medicine = || json.get("medication").map(|one| one.get("concept").unwrap_or(one));
    match kind_of(json) {
        "MedicationRequest" | "MedicationStatement" => {
            json.get("medicationCodeableConcept").or_else(of_medicine)
        }
        _ => json.get("code"),
    }
}

/// Whether a statement is made without doubt.
fn is_confirmed(json: &Json) -> bool {
    json.get("verificationStatus")
        .is_none_or(|status| codes_of(status).any(|(_, code)| code == "confirmed"))
}

/// Why it can't be told what a resource is about, if nothing of it does.
fn unreadable(resource: &Resource<'_>, index: &Index<'_>) -> Option<String> {
    let json = resource.json;
    let reference = json
        .get("medicationReference")
        .or_else(|| json.get("medication").and_then(|medicine| medicine.get("reference")))
        .filter(|reference| reference.is_object());
    if let Some(reference) = reference {
        let from = resource.container.unwrap_or(json);
        let text = |field: &str| reference.get(field).and_then(Json::as_str);
        let display = text("display").map(|text| format!(" ({})", long(text))).unwrap_or_default();
        return match text("reference") {
            // A Medication of the record tells this itself.
            Some(reference) if index.has(reference, from) => {
                contained(reference, from).and_then(without_code)
            }
            Some(reference) => Some(format!(
                "the medicine is at `{}`{display}, which isn't in the record",
                long(reference)
            )),
            None => Some(format!("the medicine{display} is named without a reference to it")),
        };
    }
    without_code(json)
}

/// That nothing says what a resource is about.
fn without_code(json: &Json) -> Option<String> {
    let concept = concept(json);
    if !has_nothing(concept) || !list(json, "ingredient").is_empty() {
        return None;
    }
    let why = concept.into_iter().flat_map(codes_of).next();
    Some(match why {
        Some((_, why)) => format!("has no code (`{}`)", shorten(why)),
        None => "has no code".to_owned(),
    })
}

/// Whether a concept has neither text nor code, in any shape, but for codes that say why there is
/// none.
fn has_nothing(concept: Option<&Json>) -> bool {
    let Some(concept) = concept else {
        return true;
    };
    let read = codes::read(concept);
    let says_why = |one: &codes::Coding<'_>| NO_CODE.contains(&one.system.trim());
    read.texts.iter().all(|text| text.trim().is_empty()) && read.codings.iter().all(says_why)
}
