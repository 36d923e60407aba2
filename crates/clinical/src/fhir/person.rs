// SPDX-License-Identifier: Apache-2.0
//! Which Patients of a record are one person.
//!
//! They are one if they are one resource, if a merge says so (`Patient.link` replaces,
//! replaced-by), or if they share an identifier or a link, their dates of birth are the same and
//! their names can be one person's. Else the record is of several people.

use super::error::ends;
use super::likeness::Likeness;
use super::reference::{address, literal, site, Literal, Site};
use super::resource::{list, Resource};
use super::FhirError;
use cso_model_files::shorten;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Most Patients that are compared: duplicates and merges leave a few.
const MAX_PATIENTS: usize = 64;

/// Where a Patient stands: its server, if it's known, and its id.
type Place = (Option<String>, String);

/// The person whom the record is about.
#[derive(Debug, Default)]
pub(super) struct Person {
    /// How to name it to people.
    pub name: String,
    pub places: BTreeMap<String, BTreeSet<Option<String>>>,
    pub urls: HashSet<String>,
    /// The values by system.
    pub identifiers: Identifiers,
    /// Where it stands, as the Bundle writes it.
    pub url: Option<String>,
    /// What its Patients say of it.
    pub likenesses: Vec<Likeness>,
}

pub(super) type Identifiers = BTreeMap<String, BTreeSet<String>>;

/// One Patient on the way to its person.
struct Node<'a> {
    patient: &'a Resource<'a>,
    places: BTreeSet<Place>,
    urls: BTreeSet<String>,
    identifiers: Identifiers,
    likeness: Likeness,
    /// The first Patient of the same person, by number.
    first: usize,
}

impl Person {
    /// The person of the Patients, in an order that doesn't depend on the files; nobody if there
    /// are none.
    pub(super) fn of(patients: &[&Resource<'_>]) -> Result<Option<Self>, FhirError> {
        if patients.is_empty() {
            return Ok(None);
        }
        let several = |one: &Resource<'_>, other: &Resource<'_>| {
            let ids = format!("{}, {}", told(one, other), told(other, one));
            match Likeness::of(one.json).looks_like(&Likeness::of(other.json)) {
                true => FhirError::MaybeOnePatient { ids },
                false => FhirError::SeveralPatients { ids },
            }
        };
        if patients.len() > MAX_PATIENTS {
            return Err(several(patients[0], patients[1]));
        }
        let mut nodes: Vec<Node<'_>> = patients
            .iter()
            .enumerate()
            .map(|(number, patient)| Node::new(patient, number))
            .collect();
        join_same(&mut nodes);
        follow_links(&mut nodes)?;
        if let Some(other) = nodes.iter().find(|node| node.first != nodes[0].first) {
            return Err(several(nodes[0].patient, other.patient));
        }
        let in_use = nodes.iter().find(|node| !is_replaced(node.patient.json));
        let named = in_use.unwrap_or(&nodes[0]).patient;
        let (name, url) = (named.name.clone(), named.full_url.map(str::to_owned));
        let mut person = Self { name, url, ..Self::default() };
        for node in nodes {
            person.likenesses.push(node.likeness);
            for (base, id) in node.places {
                person.places.entry(id).or_default().insert(base);
            }
            person.urls.extend(node.urls);
            for (system, values) in node.identifiers {
                person.identifiers.entry(system).or_default().extend(values);
            }
        }
        Ok(Some(person))
    }
}

/// Names a Patient so that it can be told from the other.
fn told(one: &Resource<'_>, other: &Resource<'_>) -> String {
    if one.name != other.name {
        return one.name.clone();
    }
    match (one.full_url, one.text("birthDate")) {
        (Some(url), _) if one.full_url != other.full_url => ends(url),
        (_, Some(date)) => format!("{} born {}", one.name, shorten(date)),
        _ => one.name.clone(),
    }
}

impl<'a> Node<'a> {
    fn new(patient: &'a Resource<'a>, number: usize) -> Self {
        let (mut places, mut urls) = (BTreeSet::new(), BTreeSet::new());
        for url in patient.urls() {
            let id = patient.text("id");
            let base = match site(url, patient.kind) {
                Some(Site::Server(base)) => Some(base),
                _ => None,
            };
            let url = url.map(address).filter(|url| !url.is_empty());
            let named = url.as_deref().and_then(literal).map(|one| one.id);
            let uuid = url.as_deref().and_then(|url| url.strip_prefix("urn:uuid:"));
            places.extend(id.into_iter().chain(named).map(|id| (base.clone(), id.to_owned())));
            // In references by URN it has no case.
            places.extend(uuid.map(|uuid| (None, uuid.to_owned())));
            places.extend(id.filter(|id| is_uuid(id)).map(|id| (None, id.to_ascii_lowercase())));
            urls.extend(url.map(std::borrow::Cow::into_owned));
        }
        let identifiers = identifiers(patient.json.get("identifier"));
        let likeness = Likeness::of(patient.json);
        Self { patient, places, urls, identifiers, likeness, first: number }
    }

    /// Whether the two can't well be one person.
    fn contradicts(&self, other: &Self) -> bool {
        let has_other_number = self.identifiers.iter().any(|(system, values)| {
            other.identifiers.get(system).is_some_and(|others| values.is_disjoint(others))
        });
        has_other_number
            || self.likeness.births_differ(&other.likeness)
            || self.likeness.sexes_differ(&other.likeness)
    }

    /// Whether the two look like one person, where an identifier or a link says that they are.
    fn resembles(&self, other: &Self) -> bool {
        self.likeness.is_born_with(&other.likeness)
            && !self.likeness.given_names_differ(&other.likeness)
            && !self.contradicts(other)
    }

    /// Whether the two may be one person, where only an id says so.
    fn may_be(&self, other: &Self) -> bool {
        !self.contradicts(other) && !self.likeness.names_differ(&other.likeness)
    }

    fn shares_identifier(&self, other: &Self) -> bool {
        self.identifiers.iter().any(|(system, values)| {
            other.identifiers.get(system).is_some_and(|others| !values.is_disjoint(others))
        })
    }
}

fn is_uuid(id: &str) -> bool {
    let is_dash = |place: usize| matches!(place, 8 | 13 | 18 | 23);
    let fits = |(place, byte): (usize, u8)| match is_dash(place) {
        true => byte == b'-',
        false => byte.is_ascii_hexdigit(),
    };
    id.len() == 36 && id.bytes().enumerate().all(fits)
}

/// What stands in place of a number that nobody knows.
const NO_NUMBERS: [&str; 20] = [
    "123456789",
    "1234567890",
    "na",
    "nil",
    "none",
    "notavailable",
    "notknown",
    "null",
    "pending",
    "tba",
    "tbd",
    "temp",
    "temporary",
    "test",
    "unassigned",
    "unavailable",
    "unbekannt",
    "unk",
    "unknown",
    "undefined",
];
/// How deep lists of identifiers in lists are followed.
const MAX_LISTS: usize = 4;
/// From how many times the same digit is no number; only of 0 less is none either.
const SAME_DIGITS: usize = 4;

/// Whether a value of an identifier stands for none: many people have it.
pub(super) fn is_placeholder(value: &str) -> bool {
    let plain: String = value.chars().filter(|c| c.is_alphanumeric()).collect();
    let plain = plain.to_lowercase();
    let mut letters = plain.chars();
    let Some(first) = letters.next() else {
        return true;
    };
    let is_same = letters.all(|letter| letter == first);
    let is_repeated = first.is_numeric() && plain.len() >= SAME_DIGITS;
    is_same && (is_repeated || first == '0' || first == 'x') || NO_NUMBERS.contains(&&*plain)
}

/// The values of an Identifier, or of a list of them, by system. Without a system a value is known
/// only to whoever wrote it; a placeholder is nobody's.
pub(super) fn identifiers(field: Option<&Json>) -> Identifiers {
    fn collect(field: &Json, depth: usize, found: &mut Identifiers) {
        if let Json::Array(list) = field {
            if depth < MAX_LISTS {
                list.iter().for_each(|one| collect(one, depth + 1, found));
            }
            return;
        }
        let text = |name| field.get(name).and_then(Json::as_str).map(str::trim);
        if let (Some(system), Some(value)) = (text("system"), text("value")) {
            let system = system.trim_end_matches('/');
            if !system.is_empty() && !is_placeholder(value) {
                found.entry(system.to_owned()).or_default().insert(value.to_owned());
            }
        }
    }
    let mut found = Identifiers::new();
    field.into_iter().for_each(|field| collect(field, 0, &mut found));
    found
}

fn join(nodes: &mut [Node<'_>], one: usize, other: usize) {
    let (one, other) = (nodes[one].first, nodes[other].first);
    let first = one.min(other);
    for node in nodes {
        if node.first == one || node.first == other {
            node.first = first;
        }
    }
}

/// Joins what is one resource, or has one identifier and one date of birth.
fn join_same(nodes: &mut [Node<'_>]) {
    let mut servers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (base, id) in nodes.iter().flat_map(|node| &node.places) {
        servers.entry(id.clone()).or_default().extend(base.clone());
    }
    for one in 0..nodes.len() {
        for other in one + 1..nodes.len() {
            let (a, b) = (&nodes[one], &nodes[other]);
            let same = a.places.iter().any(|place| place.0.is_some() && b.places.contains(place));
            // Where the server isn't known it may be any, if there is but one.
            let maybe = a.places.iter().any(|(base, id)| {
                let is_one = servers.get(id).is_some_and(|servers| servers.len() <= 1);
                let unplaced = base.is_none() && b.places.iter().any(|(_, other)| other == id);
                let other_unplaced = b.places.contains(&(None, id.clone()));
                (is_one && (unplaced || other_unplaced)) || (base.is_none() && other_unplaced)
            });
            if same || (maybe && a.may_be(b)) || (a.shares_identifier(b) && a.resembles(b)) {
                join(nodes, one, other);
            }
        }
    }
}

/// One `Patient.link`.
struct Link<'a> {
    kind: String,
    /// How to name what it leads to.
    shown: String,
    other: &'a Json,
}

fn links(patient: &Json) -> Vec<Link<'_>> {
    let one = patient.get("link").filter(|link| link.is_object());
    let all = list(patient, "link").iter().chain(one);
    all.filter_map(|link| {
        let other = link.get("other")?;
        let kind = link.get("type").and_then(Json::as_str).unwrap_or("of no type");
        let shown = match other.get("reference").and_then(Json::as_str) {
            Some(reference) => ends(reference),
            None => ends(&other.to_string()),
        };
        Some(Link { kind: kind.trim().to_ascii_lowercase(), shown, other })
    })
    .collect()
}

/// Whether another Patient has taken the place of this one; DSTU2 says `replace`.
pub(super) fn is_replaced(patient: &Json) -> bool {
    links(patient).iter().any(|link| matches!(&*link.kind, "replaced-by" | "replace"))
}

/// Joins what merges have made one person.
fn follow_links(nodes: &mut [Node<'_>]) -> Result<(), FhirError> {
    let patients: Vec<&Resource<'_>> = nodes.iter().map(|node| node.patient).collect();
    // What was replaced and isn't here is known by its references only.
    for (number, patient) in patients.iter().enumerate() {
        for link in links(patient.json).iter().filter(|link| link.kind == "replaces") {
            match target(nodes, patient, link.other) {
                Some(other) => join(nodes, number, other),
                None => {
                    for (system, values) in identifiers(link.other.get("identifier")) {
                        nodes[number].identifiers.entry(system).or_default().extend(values);
                    }
                    let reference = link.other.get("reference").and_then(Json::as_str);
                    let Some(reference) = reference else { continue };
                    if let Some(Literal { id, kind: "Patient", base }) = literal(reference) {
                        let base = base.or_else(|| patient.base());
                        nodes[number].places.insert((base, id.to_owned()));
                    }
                    nodes[number].urls.insert(address(reference).into_owned());
                }
            }
        }
    }
    for (number, patient) in patients.iter().enumerate() {
        for link in links(patient.json) {
            let found = target(nodes, patient, link.other);
            let reference = link.other.get("reference").and_then(Json::as_str);
            let kind = reference.and_then(literal).map(|one| one.kind);
            match (&*link.kind, found) {
                ("replaces", _) => {}
                ("replaced-by" | "replace", Some(other)) => join(nodes, number, other),
                ("replaced-by" | "replace", None) => {
                    let patient = patient.name.clone();
                    return Err(FhirError::Replaced { patient, by: link.shown });
                }
                ("refer" | "seealso", Some(other)) if nodes[number].resembles(&nodes[other]) => {
                    join(nodes, number, other);
                }
                ("refer" | "seealso", None) => {}
                (_, None) if kind == Some("RelatedPerson") => {}
                (_, Some(other)) if nodes[number].first == nodes[other].first => {}
                _ => {
                    return Err(FhirError::Linked {
                        patient: patient.name.clone(),
                        link: shorten(&link.kind),
                        other: link.shown,
                    })
                }
            }
        }
    }
    Ok(())
}

/// The Patient that a link leads to: by its reference, or by an identifier beside it.
fn target(nodes: &[Node<'_>], from: &Resource<'_>, other: &Json) -> Option<usize> {
    let reference = other.get("reference").and_then(Json::as_str);
    let found = reference.and_then(|reference| referred(nodes, from, reference));
    found.or_else(|| {
        let wanted = identifiers(other.get("identifier"));
        let has = |node: &Node<'_>| {
            wanted.iter().any(|(system, values)| {
                node.identifiers.get(system).is_some_and(|found| !found.is_disjoint(values))
            })
        };
        let is_from = |node: &Node<'_>| std::ptr::eq(node.patient.json, from.json);
        let another = nodes.iter().position(|node| !is_from(node) && has(node));
        another.or_else(|| nodes.iter().position(has))
    })
}

fn referred(nodes: &[Node<'_>], from: &Resource<'_>, reference: &str) -> Option<usize> {
    let address = address(reference);
    if let Some(found) = nodes.iter().position(|node| node.urls.contains(&*address)) {
        return Some(found);
    }
    let Literal { id, kind: "Patient", base } = literal(reference)? else {
        return None;
    };
    let base = base.or_else(|| from.base());
    let is_at = |base: Option<&String>, node: &Node<'_>| {
        node.places.iter().any(|(at, found)| found == id && at.as_ref() == base)
    };
    let exact = nodes.iter().position(|node| is_at(base.as_ref(), node));
    exact.or_else(|| {
        let mut near = nodes.iter().enumerate().filter(|(_, node)| match &base {
            Some(_) => is_at(None, node),
            None => node.places.iter().any(|(_, found)| found == id),
        });
        // Several may stand for one person.
        let (first, node) = near.next()?;
        near.all(|(_, other)| other.first == node.first).then_some(first)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_no_numbers() {
        for value in [
            "000-00-0000",
            "0",
            "999999999",
            "1111",
            "Unknown",
            "n/a",
            "-",
            "XXX",
            " ",
            "123-45-6789",
        ] {
            assert!(is_placeholder(value), "{value}");
        }
        for value in ["1", "11", "111", "1112", "A111", "10", "aaaa", "1234"] {
            assert!(!is_placeholder(value), "{value}");
        }
    }
}
