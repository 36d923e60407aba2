// SPDX-License-Identifier: Apache-2.0
//! Whose record it is: all resources must be about one person.
//!
//! A resource that is known to be about somebody else ends the reading: the record isn't one
//! patient's. Where it can't be told whom a resource is about, what rests on it asks. A resource
//! that names nobody is the patient's: exports of one patient leave it out.

use super::codes::ELSEWHERE;
use super::error::ends;
use super::likeness::Likeness;
use super::outcome::Doubt;
use super::person::{identifiers, is_placeholder, Identifiers, Person};
use super::reference::{address, literal, unversioned, Index, Literal};
use super::resource::{all_of, kind_of, list, Resource, KINDS};
use super::FhirError;
use serde_json::Value as Json;
use std::collections::{BTreeMap, HashMap};

/// What tells of a person without being read for answers.
const LISTS: [&str; 2] = ["Composition", "List"];

/// What a subject can be without being a person.
const THINGS: [&str; 9] = [
    "BiologicallyDerivedProduct",
    "Device",
    "Location",
    "Medication",
    "NutritionProduct",
    "Organization",
    "Procedure",
    "Specimen",
    "Substance",
];

/// Whom a resource is about.
#[derive(Debug)]
enum Whose {
    /// The patient.
    Same,
    /// The patient's id at a server that isn't known to be the patient's.
    Elsewhere(String),
    /// Somebody else.
    Other(String),
    /// It can't be told: what stands there, and why.
    Unclear(String, String),
}

/// What is learnt on the way.
#[derive(Default)]
struct Seen<'a> {
    /// Servers that are known only by references to the patient: by id and server, the first
    /// resource that says so, and how the server is written there.
    servers: BTreeMap<String, BTreeMap<String, (String, String)>>,
    /// What resources contain, by id: many results may stand in one report.
    contained: HashMap<*const Json, HashMap<&'a str, &'a Json>>,
}

/// Finds the patient, and marks what may be about somebody else. The resources come in an order
/// that doesn't depend on the files.
pub(super) fn require_one_patient(resources: &mut [Resource<'_>]) -> Result<(), FhirError> {
    tell_encounters(resources);
    let patients: Vec<&Resource<'_>> =
        resources.iter().filter(|one| one.kind == "Patient").collect();
    let person = match Person::of(&patients)? {
        Some(person) => person,
        None => first_named(resources),
    };
    let mut seen = Seen::default();
    let is_looked_at =
        |one: &&mut Resource<'_>| KINDS.contains(&one.kind) || LISTS.contains(&one.kind);
    for resource in resources.iter_mut().filter(is_looked_at) {
        let (found, expected) = match whose(resource, &person, &mut seen) {
            Whose::Same => continue,
            // A list of several people's isn't about somebody else.
            Whose::Other(found) if LISTS.contains(&resource.kind) && is_group(&found) => {
                let why = "doesn't tell of the record's patient alone".to_owned();
                let doubt = Doubt::new(&resource.name, "subject", &found, why);
                resource.in_doubt.get_or_insert(doubt);
                continue;
            }
            Whose::Elsewhere(found) => (found, person.url.as_ref().unwrap_or(&person.name)),
            Whose::Other(found) => (found, &person.name),
            Whose::Unclear(value, why) => {
                let doubt = Doubt::new(&resource.name, "subject", &value, why);
                resource.in_doubt.get_or_insert(doubt);
                continue;
            }
        };
        let told_by = match subjects(resource.json).next() {
            Some(_) => "",
            None => ", by its report or encounter,",
        };
        return Err(FhirError::OtherPatient {
            resource: format!("{}{told_by}", resource.name),
            found: ends(&found),
            expected: ends(expected),
        });
    }
    // What answers nothing refuses nothing: it is only left out.
    let mut aside = Seen::default();
    for resource in resources.iter_mut().filter(|one| ELSEWHERE.contains(&one.kind)) {
        resource.is_others = !matches!(whose(resource, &person, &mut aside), Whose::Same);
    }
    for (id, servers) in seen.servers {
        // The patient's own server isn't known: it can't be two.
        let mut servers = servers.into_values();
        if let (Some((_, base)), Some((resource, other))) = (servers.next(), servers.next()) {
            return Err(FhirError::OtherPatient {
                resource,
                found: ends(&format!("{other}/Patient/{id}")),
                expected: ends(&format!("{base}/Patient/{id}")),
            });
        }
    }
    Ok(())
}

/// Whether what was found to be somebody else is a Group.
fn is_group(found: &str) -> bool {
    literal(found).is_some_and(|found| found.kind == "Group") || found.ends_with("(Group)")
}

/// Most encounters of one resource that are looked at, and most versions of one that contradict
/// each other.
const MAX_ENCOUNTERS: usize = 8;

/// Adds to resources that name nobody the encounter in which they were made: it tells whose they
/// are. Before R4 `context` named it.
fn tell_encounters(resources: &mut [Resource<'_>]) {
    let names_nobody = |one: &Resource<'_>| {
        KINDS.contains(&one.kind)
            && !matches!(one.kind, "Patient" | "Medication")
            && subjects(one.json).next().is_none()
    };
    if !resources.iter().any(|one| matches!(one.kind, "Encounter" | "EpisodeOfCare")) {
        return;
    }
    let index = Index::new(resources);
    let mut found = Vec::new();
    for (number, resource) in resources.iter().enumerate().filter(|(_, one)| names_nobody(one)) {
        let from = resource.base();
        let fields = ["encounter", "context"].into_iter();
        let named = fields.flat_map(|field| all_of(resource.json, field));
        let references = named.filter_map(|one| one.get("reference").unwrap_or(one).as_str());
        let slots =
            references.take(MAX_ENCOUNTERS).filter_map(|one| index.slot(one, from.as_deref()));
        let members = slots.flat_map(|slot| index.members(slot).iter().take(MAX_ENCOUNTERS));
        let encounters = members.map(|one| &resources[*one]);
        let encounters = encounters.filter(|one| matches!(one.kind, "Encounter" | "EpisodeOfCare"));
        found.extend(encounters.map(|one| (number, one.json)));
    }
    for (number, encounter) in found {
        resources[number].reports.push(encounter);
    }
}

/// The elements that say whom a resource is about; `patient` is that of older FHIR.
fn subjects(json: &Json) -> impl Iterator<Item = &Json> {
    ["subject", "patient"]
        .into_iter()
        .filter_map(|field| json.get(field))
        .filter(|one| !one.is_null())
}

/// All subjects of a resource; if it has none those of the report whose result it is, and of its
/// encounter.
fn subjects_of<'a>(resource: &Resource<'a>) -> Vec<&'a Json> {
    if matches!(resource.kind, "Patient" | "Medication") {
        return Vec::new();
    }
    let own: Vec<&Json> = subjects(resource.json).collect();
    if !own.is_empty() {
        return own;
    }
    let reports = resource.container.into_iter().chain(resource.reports.iter().copied());
    reports.flat_map(subjects).collect()
}

/// The person of a record without a Patient: whom the first reference names.
fn first_named(resources: &[Resource<'_>]) -> Person {
    let mut references: Vec<(Option<Literal<'_>>, &str)> = Vec::new();
    let mut numbers: Vec<(String, String)> = Vec::new();
    for resource in resources.iter().filter(|one| KINDS.contains(&one.kind)) {
        for subject in subjects_of(resource) {
            let reference = subject.get("reference").unwrap_or(subject).as_str().map(unversioned);
            match reference {
                Some(text) if text.starts_with('#') || text.is_empty() => {}
                Some(text) => match (conditional(text), literal(text)) {
                    (Some(asked), _) => numbers.extend(flat(&asked)),
                    (None, Some(mut found)) if found.kind == "Patient" => {
                        found.base = found.base.or_else(|| resource.base());
                        references.push((Some(found), text));
                    }
                    (None, Some(_)) => {}
                    (None, None) => references.push((None, text)),
                },
                None => numbers.extend(flat(&identifiers(subject.get("identifier")))),
            }
        }
    }
    let mut person = Person { name: "somebody without a name".to_owned(), ..Person::default() };
    let literals = references.iter().filter(|(found, _)| found.is_some()).min();
    if let Some((found, text)) = literals.or_else(|| references.iter().min()) {
        person.name = (*text).to_owned();
        match found {
            Some(found) => {
                person.places.entry(found.id.to_owned()).or_default().insert(found.base.clone());
            }
            None => {
                person.urls.insert(address(text).into_owned());
            }
        }
    } else if let Some((system, value)) = numbers.into_iter().min() {
        person.name = format!("{system}|{value}");
        person.identifiers.entry(system).or_default().insert(value);
    }
    person
}

fn flat(identifiers: &Identifiers) -> Vec<(String, String)> {
    let pairs = identifiers
        .iter()
        .flat_map(|(system, values)| values.iter().map(|value| (system.clone(), value.clone())));
    pairs.collect()
}

fn whose<'a>(resource: &Resource<'a>, person: &Person, seen: &mut Seen<'a>) -> Whose {
    let mut unclear = None;
    for subject in subjects_of(resource) {
        let all = subject.as_array().map_or(std::slice::from_ref(subject), Vec::as_slice);
        for one in all {
            match whose_is(one, resource, person, seen) {
                Whose::Same => {}
                Whose::Unclear(value, why) => unclear = unclear.or(Some((value, why))),
                other => return other,
            }
        }
        if all.is_empty() {
            unclear = unclear.or(Some(("[]".to_owned(), "names nobody".to_owned())));
        }
    }
    unclear.map_or(Whose::Same, |(value, why)| Whose::Unclear(value, why))
}

/// Whom one reference names, by everything that it has.
fn whose_is<'a>(
    subject: &Json,
    resource: &Resource<'a>,
    person: &Person,
    seen: &mut Seen<'a>,
) -> Whose {
    let reference = match (subject, subject.get("reference")) {
        (Json::String(text), _) | (_, Some(Json::String(text))) => {
            Some(by_reference(text, resource, person, seen))
        }
        (_, Some(other)) if !other.is_null() => {
            Some(Whose::Unclear(other.to_string(), "is no reference".to_owned()))
        }
        _ => None,
    };
    let identifier = subject.get("identifier").filter(|field| !field.is_null());
    let identifier =
        identifier.map(|field| by_identifier(&identifiers(Some(field)), field, person));
    let told = match (reference, identifier) {
        (Some(Whose::Elsewhere(_)), Some(Whose::Same)) => Whose::Same,
        (Some(other @ (Whose::Other(_) | Whose::Elsewhere(_))), _)
        | (_, Some(other @ Whose::Other(_))) => other,
        (Some(Whose::Same), _) | (_, Some(Whose::Same)) => Whose::Same,
        (Some(unclear), _) | (None, Some(unclear)) => unclear,
        (None, None) => {
            let display = subject.get("display").and_then(Json::as_str);
            let shown = display.map_or_else(|| subject.to_string(), str::to_owned);
            Whose::Unclear(shown, "doesn't tell whether it is the record's patient".to_owned())
        }
    };
    match (told, other_type(subject)) {
        (Whose::Same, Some(other)) => {
            let why = "is the `type` of a reference that leads to the record's patient".to_owned();
            Whose::Unclear(other, why)
        }
        (told, _) => told,
    }
}

/// The type that a reference gives what it leads to, if that is no Patient. In R4 it may be the
/// URL of a definition.
fn other_type(subject: &Json) -> Option<String> {
    let given = subject.get("type").filter(|given| !given.is_null())?;
    let text = given.as_str().map_or_else(|| given.to_string(), str::to_owned);
    let kind = text.trim().rsplit('/').next().unwrap_or_default();
    (!kind.eq_ignore_ascii_case("Patient")).then_some(text)
}

fn by_identifier(found: &Identifiers, field: &Json, person: &Person) -> Whose {
    let mut is_known = false;
    for (system, values) in found {
        if let Some(own) = person.identifiers.get(system) {
            is_known = true;
            if let Some(value) = values.iter().find(|value| !own.contains(*value)) {
                return Whose::Other(format!("{system}|{value}"));
            }
        }
    }
    match is_known {
        true => Whose::Same,
        false => {
            let shown = flat(found).into_iter().next();
            let shown = shown.map(|(system, value)| format!("{system}|{value}"));
            let why = "is an identifier that the record's patient doesn't have".to_owned();
            let written = || field.as_str().map_or_else(|| field.to_string(), str::to_owned);
            Whose::Unclear(shown.unwrap_or_else(written), why)
        }
    }
}

fn by_reference<'a>(
    text: &str,
    resource: &Resource<'a>,
    person: &Person,
    seen: &mut Seen<'a>,
) -> Whose {
    let text = unversioned(text);
    if let Some(id) = text.strip_prefix('#') {
        return by_contained(id, resource, person, seen);
    }
    if text.is_empty() {
        return Whose::Unclear(String::new(), "is no reference".to_owned());
    }
    let address = address(text);
    if person.urls.contains(&*address) {
        return Whose::Same;
    }
    if let Some(asked) = conditional(text) {
        if !text.split('?').next().is_some_and(|kind| kind.ends_with("Patient")) {
            return Whose::Other(text.to_owned());
        }
        return by_identifier(&asked, &Json::String(text.to_owned()), person);
    }
    let place = match literal(text) {
        Some(found) if found.kind.eq_ignore_ascii_case("Patient") => found,
        Some(found) if THINGS.contains(&found.kind) => {
            return Whose::Unclear(text.to_owned(), "is no person".to_owned());
        }
        Some(_) => return Whose::Other(text.to_owned()),
        // A bare id, or a UUID that is the patient's id.
        None => {
            let id = address.strip_prefix("urn:uuid:").unwrap_or(text);
            Literal { id, kind: "Patient", base: None }
        }
    };
    let Some(bases) = person.places.get(place.id) else {
        return Whose::Other(text.to_owned());
    };
    let is_relative = place.base.is_none();
    match place.base.or_else(|| resource.base().filter(|_| text.contains('/'))) {
        None => Whose::Same,
        Some(base) if bases.contains(&Some(base.clone())) => Whose::Same,
        Some(base) if bases.contains(&None) => {
            // The patient's server isn't known: all must name one.
            if bases.len() == 1 {
                let servers = seen.servers.entry(place.id.to_owned()).or_default();
                let written = match is_relative {
                    true => resource.base_as_written().unwrap_or(&base),
                    false => text.rsplitn(3, '/').nth(2).unwrap_or(&base),
                };
                let written = (resource.name.clone(), written.to_owned());
                servers.entry(base).or_insert(written);
            }
            Whose::Same
        }
        Some(base) if is_relative => {
            let base = resource.base_as_written().unwrap_or(&base);
            Whose::Elsewhere(format!("{base}/{}", text.trim_start_matches('/')))
        }
        Some(_) => Whose::Elsewhere(text.to_owned()),
    }
}

/// A Patient that the resource contains has no identity but its identifiers; what it says of itself
/// must be so of the patient, too.
fn by_contained<'a>(
    id: &str,
    resource: &Resource<'a>,
    person: &Person,
    seen: &mut Seen<'a>,
) -> Whose {
    let container = resource.container.unwrap_or(resource.json);
    let contained = seen.contained.entry(std::ptr::from_ref(container)).or_insert_with(|| {
        let all = list(container, "contained").iter();
        all.filter_map(|one| Some((one.get("id")?.as_str()?, one))).collect()
    });
    match contained.get(id).copied() {
        Some(patient) if kind_of(patient) == "Patient" => {
            match by_identifier(
                &identifiers(patient.get("identifier")),
                &Json::String(format!("#{id}")),
                person,
            ) {
                Whose::Unclear(value, _) => Whose::Unclear(
                    value,
                    "is a contained Patient, which nothing shows to be the record's".to_owned(),
                ),
                Whose::Same if differs(&Likeness::of(patient), person) => Whose::Unclear(
                    format!("#{id}"),
                    "is a contained Patient of another name, sex or date of birth than the record's"
                        .to_owned(),
                ),
                told => told,
            }
        }
        Some(other) if !THINGS.contains(&kind_of(other)) => {
            Whose::Other(format!("#{id} ({})", kind_of(other)))
        }
        Some(_) => Whose::Unclear(format!("#{id}"), "is no person".to_owned()),
        None => Whose::Unclear(format!("#{id}"), "leads nowhere".to_owned()),
    }
}

/// Whether it differs from all that the record's Patients say.
fn differs(found: &Likeness, person: &Person) -> bool {
    let differs = |own: &Likeness| {
        own.births_differ(found) || own.sexes_differ(found) || own.given_names_differ(found)
    };
    !person.likenesses.is_empty() && person.likenesses.iter().all(differs)
}

/// The identifiers for which a conditional reference (`Patient?identifier=system|value`) asks.
fn conditional(text: &str) -> Option<Identifiers> {
    let (_, query) = text.split_once('?')?;
    let mut found = Identifiers::new();
    for part in query.split('&') {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let value = decoded(value);
        if name.split(':').next() == Some("identifier") {
            if let Some((system, value)) = value.rsplit_once('|') {
                let system = system.trim_end_matches('/');
                if !system.is_empty() && !is_placeholder(value) {
                    found.entry(system.to_owned()).or_default().insert(value.to_owned());
                }
            }
        }
    }
    Some(found)
}

/// Text of a URL without its percent signs.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = match (first, tail) {
            (b'%', [high, low, ..]) => {
                let digit = |byte: &u8| (*byte as char).to_digit(16);
                digit(high).zip(digit(low)).map(|(high, low)| (high * 16 + low) as u8)
            }
            _ => None,
        };
        bytes.push(hex.unwrap_or(*first));
        rest = if hex.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
