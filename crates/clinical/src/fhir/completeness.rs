// SPDX-License-Identifier: Apache-2.0
//! What resources tell about the record that they are in: that something isn't known or was taken
//! out, that there is nothing, that all is there, or that an entry can't be read.
//!
//! A list is complete only where something says so: a search of all resources of one kind that
//! brought all matches, a document whose section has all of its entries, or the statement that
//! there are none. Whatever says that something wasn't read outweighs it ([`Facts::shown`]).

use super::codes;
use super::evidence::{contained, is_recent, Index};
use super::facts::{Facts, Reach};
use super::kinds::{self, Concern};
use super::lists::{whole_list, Sections};
use super::none_known;
use super::resource::{codes_of, kind_of, list, modifier, Resource};
use super::shown::long;
use super::whole::WholeSearch;
use cso_model_files::shorten;
use jiff::civil::Date;
use serde_json::Value as Json;
use std::collections::{BTreeMap, HashSet};

/// What may show that the record has all resources of a kind.
#[derive(Debug, Default)]
pub(super) struct Claims<'a> {
    /// The Bundles that stand in no other one.
    pub bundles: Vec<&'a Json>,
    /// Bundles of searches with all of their matches.
    pub searches: Vec<(&'a Json, WholeSearch)>,
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

/// Labels that say that something was taken away (HL7's v3-ObservationValue), or is to be
/// (v3-ActCode).
const LABELS: [(&str, &str); 7] = [
    ("SUBSETTED", "only a part (SUBSETTED)"),
    ("REDACTED", "without what was taken out (REDACTED)"),
    ("MASKED", "masked (MASKED)"),
    ("ABSTRED", "only an abstract (ABSTRED)"),
    ("AGGRED", "only a sum (AGGRED)"),
    ("REDACT", "to be read without what is to be taken out (REDACT)"),
    ("MASK", "to be masked (MASK)"),
];

/// The Bundles, and what they hold, that show nothing: old ones, and what can't be understood.
fn distrust(bundle: &Json, is_doubted: bool, today: Date, into: &mut HashSet<*const Json>) {
    let meta = bundle.get("meta");
    let times = bundle.get("timestamp").into_iter();
    let times = times.chain(meta.and_then(|meta| meta.get("lastUpdated")));
    let is_doubted = is_doubted || modifier(bundle).is_some() || !is_recent(times, today);
    if is_doubted {
        into.insert(bundle);
    }
    for inner in list(bundle, "entry").iter().filter_map(|entry| entry.get("resource")) {
        match kind_of(inner) {
            "Bundle" => distrust(inner, is_doubted, today, into),
            _ if is_doubted => {
                into.insert(inner);
            }
            _ => {}
        }
    }
}

/// What a label says was taken away from a resource or Bundle.
pub(super) fn label(json: &Json) -> Option<&'static str> {
    let meta = json.get("meta")?;
    let has = |label: &str| {
        let labels = list(meta, "tag").iter().chain(list(meta, "security"));
        labels.flat_map(codes_of).any(|(_, code)| code.eq_ignore_ascii_case(label))
    };
    LABELS.iter().find(|(label, _)| has(label)).map(|(_, told)| *told)
}

/// Whether a resource is only a part of itself.
pub(super) fn is_part(json: &Json) -> bool {
    label(json) == Some(LABELS[0].1)
}

/// Looks at what the patient's resources tell, none of them withdrawn; `index` knows those, too.
/// Gives the statements about lists, which are no entries of them.
pub(super) fn look(
    resources: &[Resource<'_>],
    index: &Index<'_>,
    claims: &Claims<'_>,
    today: Date,
    facts: &mut Facts,
) -> HashSet<*const Json> {
    // Kinds of which something says that there is none.
    let mut none: BTreeMap<&'static str, Reach> = BTreeMap::new();
    let mut entries: HashSet<&str> = HashSet::new();
    let mut statements: HashSet<*const Json> = HashSet::new();
    let mut doubted: HashSet<*const Json> = HashSet::new();
    for bundle in &claims.bundles {
        distrust(bundle, false, today, &mut doubted);
    }
    let documents: HashSet<*const Json> =
        claims.documents.iter().map(|one| std::ptr::from_ref(*one)).collect();
    for resource in resources {
        let is_trusted =
            resource.in_doubt.is_none() && !doubted.contains(&std::ptr::from_ref(resource.json));
        let (name, concern) = (&resource.name, kinds::concern(resource.kind));
        if let Some(label) = label(resource.json) {
            facts.fail(
                kinds::known(resource.kind).unwrap_or(Concern::These(&[])),
                &format!("{name} is {label}"),
            );
        }
        match resource.kind {
            "List" => {
                let kinds = whole_list(resource, index, today, facts);
                let kinds = kinds.into_iter().flatten().filter(|_| is_trusted);
                kinds.for_each(|kind| add(&mut none, kind, Reach::of_list(kind)));
            }
            "Composition" => {
                let is_document = documents.contains(&std::ptr::from_ref(resource.json));
                let told = Sections::of(resource, is_document && is_trusted, index, today, facts);
                for (kind, (reach, is_empty)) in told {
                    match is_empty {
                        true => add(&mut none, kind, reach),
                        false => facts.show(kind, reach),
                    }
                }
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
                let concept = concept(resource.json).unwrap_or(&Json::Null);
                match none_known::objection(resource.json, concept) {
                    Some(why) => {
                        facts.fail(Concern::These(kinds), &format!("{name}: `{code}`, but {why}"));
                    }
                    None if is_trusted && none_known::is_recent(resource.json, today) => {
                        kinds.iter().for_each(|kind| add(&mut none, kind, Reach::of_list(kind)));
                    }
                    None => {}
                }
            }
            None => {
                entries.insert(resource.kind);
                if let Some(told) = unreadable(resource, index) {
                    facts.fail(concern, &format!("{name}: {told}"));
                }
            }
        }
    }
    // That there is none is told only where there is none.
    let is_medicine = |kind: &str| kind.starts_with("Medication");
    for (kind, reach) in none {
        let is_there = |one: &str| one == kind || is_medicine(one) && is_medicine(kind);
        if !entries.iter().any(|one| is_there(one)) {
            facts.show(kind, reach);
        }
    }
    let patients: Vec<&Resource<'_>> =
        resources.iter().filter(|one| one.kind == "Patient").collect();
    let is_his = |search: &WholeSearch| {
        // All servers that are named must be one, the patient's.
        let is_at = |patient: &&&Resource<'_>| {
            let mut bases = search.bases.iter().cloned().chain(patient.base());
            let first = bases.next();
            patient.text("id") == Some(&search.patient) && bases.all(|base| Some(base) == first)
        };
        patients.iter().any(|patient| is_at(&patient))
    };
    for (bundle, search) in &claims.searches {
        if !doubted.contains(&std::ptr::from_ref(*bundle)) && is_his(search) {
            facts.show(search.kind, Reach::Ever);
        }
    }
    statements
}

/// Adds a kind, as far as something reaches.
fn add(to: &mut BTreeMap<&'static str, Reach>, kind: &'static str, reach: Reach) {
    let known = to.entry(kind).or_insert(reach);
    *known = reach.max(*known);
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
