// SPDX-License-Identifier: Apache-2.0
//! What resources tell about the lists that they are in: that a list isn't known, that it is empty,
//! that it is complete, or that an entry of it can't be read.
//!
//! A list is complete only where something says so: a search of all resources of one kind that
//! brought all matches, a document whose section has all of its entries, or the statement that there
//! are none. Whatever says that something wasn't read outweighs it ([`Facts::shown`]).

use super::absence::Facts;
use super::kinds::{self, Concern};
use super::record::{kind_of, list, Resource};
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

/// Why an empty list is empty, where it is known to be.
const NIL_KNOWN: &str = "nilknown";

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

/// Looks at what the resources tell. Statements about lists are no entries of them, and are taken
/// out.
pub(super) fn look(resources: &mut Vec<Resource<'_>>, claims: &Claims<'_>, facts: &mut Facts) {
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
    resources.retain(|resource| !statements.contains(&std::ptr::from_ref(resource.json)));
}

/// What can be referred to.
struct Index<'a> {
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
    fn has(&self, reference: &str, from: &Json) -> bool {
        if let Some(id) = reference.strip_prefix('#') {
            let mut contained = list(from, "contained").iter();
            return contained.any(|one| one.get("id").and_then(Json::as_str) == Some(id));
        }
        let reference = reference.split("/_history/").next().unwrap_or(reference);
        let mut parts = reference.rsplit('/');
        let named = parts.next().zip(parts.next());
        self.urls.contains(reference)
            || named.is_some_and(|(id, kind)| self.ids.contains(&(kind, id)))
    }
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
    let mut empty = None;
    for (system, code) in concept(resource.json).into_iter().flat_map(codes_of) {
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
        empty = empty.or(none.map(|kinds| Statement::None(kinds, code)));
    }
    empty
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
        let display =
            text("display").map(|text| format!(" ({})", shorten(text))).unwrap_or_default();
        return match text("reference") {
            Some(reference) if index.has(reference, from) => None,
            Some(reference) => Some(format!(
                "the medicine is at `{}`{display}, which isn't in the record",
                shorten(reference)
            )),
            None => Some(format!("the medicine{display} is named without a reference to it")),
        };
    }
    let concept = concept(json);
    let text = concept.and_then(|concept| concept.as_str().or(concept.get("text")?.as_str()));
    let mut codes = concept.into_iter().flat_map(codes_of).peekable();
    let has_codes = codes.peek().is_some();
    let says_why = codes.find(|(system, _)| NO_CODE.contains(system)).map(|(_, code)| code);
    let has_others =
        concept.into_iter().flat_map(codes_of).any(|(system, _)| !NO_CODE.contains(&system));
    // What has a text or any other code is looked at by those who look for codes.
    if text.is_some_and(|text| !text.trim().is_empty()) || has_codes && has_others {
        return None;
    }
    let displays = || concept.into_iter().flat_map(|one| list(one, "coding"));
    if !has_codes && displays().any(|one| one.get("code").is_some() || one.get("display").is_some())
    {
        return None;
    }
    if !has_codes
        && concept
            .is_some_and(|one| !one.is_object() || one.get("coding").is_some_and(|c| !c.is_array()))
    {
        return None;
    }
    Some(match says_why {
        Some(why) => format!("has no code (`{}`)", shorten(why)),
        None => "has no code".to_owned(),
    })
}

/// Whether a Composition is in force.
fn is_final(composition: &Json) -> bool {
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
            Some(reference) => Some(format!("`{}`", shorten(reference))),
            None => Some("an entry without a reference".to_owned()),
        })
        .collect()
}

/// What a List tells; if it says that there is nothing on it, of which kinds.
fn whole_list(
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
struct Sections<'a, 'b> {
    resource: &'b Resource<'a>,
    index: &'b Index<'a>,
    facts: &'b mut Facts,
    none: &'b mut Vec<(&'static [&'static str], String)>,
}

impl Sections<'_, '_> {
    fn all(&mut self, json: &Json, is_document: bool) {
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
        } else if is_whole && reason.is_none() && !entries.is_empty() && lost.is_empty() {
            if section.get("code").into_iter().flat_map(codes_of).any(|(_, code)| is_full(code)) {
                for kind in kinds {
                    self.facts.show(kind, &name);
                }
            }
        }
    }
}

/// Whether a section with this code is the list of its kind, not only of some.
fn is_full(code: &str) -> bool {
    matches!(code, "11450-4" | "10160-0" | "47519-4" | "30954-2")
}
