// SPDX-License-Identifier: Apache-2.0
//! What changes whose or what an observation is: its focus, its specimen, its site of the body.
//!
//! A code says what is measured, and where: creatinine in serum or plasma. What stands beside it
//! and says otherwise makes one of both wrong, and nobody can tell which from here.

use super::super::outcome::Doubt;
use super::super::record::{kind_of, list, Record, Resource};
use serde_json::Value as Json;
use std::collections::HashMap;

/// Codes of specimens of blood, in SNOMED CT and HL7's tables 0487 and 0070.
const BLOOD_CODES: [&str; 15] = [
    "119297000",
    "119361006",
    "119364003",
    "122552005",
    "122554006",
    "122555007",
    "258580003",
    "BLD",
    "BLDA",
    "BLDC",
    "BLDV",
    "PLAS",
    "PPP",
    "SER",
    "WB",
];
const BLOOD: [&str; 6] = ["blood", "serum", "plasma", "blut", "sang", "suero"];
/// What isn't the patient's blood though the word may stand beside it: `cord blood`.
const NOT_BLOOD: [&str; 22] = [
    "urin", "cord", "csf", "liquor", "cerebro", "saliva", "speichel", "stool", "stuhl", "faec",
    "fec", "sweat", "fluid", "swab", "tissue", "marrow", "fetal", "foetal", "control", "donor",
    "dialys", "nabel",
];
/// Sites at which vital signs are usually taken, and blood is.
const USUAL_SITES: [&str; 36] = [
    "arm",
    "wrist",
    "finger",
    "hand",
    "ear",
    "tympan",
    "mouth",
    "oral",
    "tongue",
    "axilla",
    "rectum",
    "rectal",
    "forehead",
    "temporal",
    "chest",
    "thora",
    "heart",
    "cardiac",
    "waist",
    "abdom",
    "umbilic",
    "trunk",
    "whole body",
    "entire body",
    "brachi",
    "radial",
    "vein",
    "cubital",
    "elbow",
    "handgelenk",
    "ohr",
    "mund",
    "stirn",
    "brust",
    "taille",
    "bauch",
];
const OTHER_SITES: [&str; 12] = [
    "fet", "foet", "placent", "cord", "leg", "ankle", "thigh", "toe", "foot", "calf", "bein",
    "knöchel",
];
/// SNOMED CT's codes of usual sites: upper arms, upper limbs, wrist, finger, ear, mouth, rectum,
/// heart.
const USUAL_SITE_CODES: [&str; 14] = [
    "368208006",
    "368209003",
    "40983000",
    "53120007",
    "368456002",
    "368455003",
    "8205005",
    "7569003",
    "117590005",
    "123851003",
    "34402009",
    "80891009",
    "91470000",
    "33878007",
];

/// The resources to which observations point.
pub(super) struct Context<'a> {
    record: &'a Record<'a>,
    specimens: HashMap<&'a str, &'a Json>,
    /// By resource that contains some, since one may contain many.
    contained: HashMap<*const Json, HashMap<&'a str, &'a Json>>,
}

impl<'a> Context<'a> {
    pub(super) fn new(record: &'a Record<'a>) -> Self {
        let mut specimens = HashMap::new();
        for specimen in record.of_kind("Specimen") {
            specimens.extend(specimen.full_url.map(|url| (url, specimen.json)));
            specimens.extend(specimen.text("id").map(|id| (id, specimen.json)));
        }
        Self { record, specimens, contained: HashMap::new() }
    }

    /// Whether the observation is one of the patient, and of what its code says.
    pub(super) fn fits(&mut self, resource: &'a Resource<'a>) -> Result<(), Doubt> {
        focus(resource, self.record)?;
        self.specimen(resource)?;
        site(resource)
    }

    fn specimen(&mut self, resource: &'a Resource<'a>) -> Result<(), Doubt> {
        for specimen in one_or_more(resource.json, "specimen") {
            let doubt = |found: &str, why: &str| Doubt::new(&resource.name, "specimen", found, why);
            let found = reference(specimen).and_then(|reference| self.find(reference, resource));
            if let Some(status @ ("unsatisfactory" | "entered-in-error")) =
                found.and_then(|found| text(found, "status"))
            {
                return Err(doubt(status, "is the status of its specimen"));
            }
            let kind = found.and_then(|found| found.get("type"));
            let said = said(kind, text(specimen, "display"), &BLOOD_CODES);
            if let Some(other) = said.iter().find(|said| !is_usual(said, &BLOOD, &NOT_BLOOD)) {
                return Err(doubt(&other.text, "isn't known to be the blood that is asked about"));
            }
        }
        Ok(())
    }

    fn find(&mut self, reference: &'a str, resource: &'a Resource<'a>) -> Option<&'a Json> {
        let Some(id) = reference.strip_prefix('#') else {
            let path = reference.split("/_history/").next().unwrap_or(reference);
            let id = path.rsplit('/').next().unwrap_or(path);
            return self.specimens.get(reference).or_else(|| self.specimens.get(id)).copied();
        };
        let holder = resource.container.unwrap_or(resource.json);
        let contained = self.contained.entry(std::ptr::from_ref(holder)).or_insert_with(|| {
            let inner = list(holder, "contained").iter();
            inner.filter_map(|inner| Some((text(inner, "id")?, inner))).collect()
        });
        contained.get(id).copied()
    }
}

/// What an observation or a procedure is about if that isn't its subject: a fetus, a donor, a
/// device.
pub(in super::super) fn focus(resource: &Resource<'_>, record: &Record<'_>) -> Result<(), Doubt> {
    let subject = resource.json.get("subject").and_then(reference);
    let is_patient = |focus: &Json| {
        reference(focus).is_some_and(|found| {
            let is_patient = |target: &Json| kind_of(target) == "Patient";
            Some(found) == subject || record.resolve(found, resource).is_some_and(is_patient)
        })
    };
    match one_or_more(resource.json, "focus").iter().find(|focus| !is_patient(focus)) {
        None => Ok(()),
        Some(focus) => {
            let shown = reference(focus).or_else(|| text(focus, "display"));
            let shown = shown.map_or_else(|| focus.to_string(), str::to_owned);
            let why = "is what it is about, and not the patient";
            Err(Doubt::new(&resource.name, "focus", &shown, why))
        }
    }
}

/// The site of the body, where it isn't one at which such things are usually measured.
fn site(resource: &Resource<'_>) -> Result<(), Doubt> {
    for site in one_or_more(resource.json, "bodySite") {
        let said = said(Some(site), None, &USUAL_SITE_CODES);
        if let Some(other) = said.iter().find(|one| !is_usual(one, &USUAL_SITES, &OTHER_SITES)) {
            let why = "is no site at which this is usually measured";
            return Err(Doubt::new(&resource.name, "bodySite", &other.text, why));
        }
    }
    Ok(())
}

/// One thing that a concept says.
struct Said {
    text: String,
    has_usual_code: bool,
}

/// What a concept says in words, or in codes that have none.
fn said(concept: Option<&Json>, display: Option<&str>, usual: &[&str]) -> Vec<Said> {
    let own = concept.and_then(|concept| text(concept, "text"));
    let words = own.into_iter().chain(display);
    let mut said: Vec<Said> =
        words.map(|text| Said { text: text.to_owned(), has_usual_code: false }).collect();
    for coding in concept.map_or(&[][..], |concept| one_or_more(concept, "coding")) {
        let code = text(coding, "code");
        let has_usual_code = code.is_some_and(|code| usual.contains(&code));
        let text = text(coding, "display").or(code);
        said.extend(text.map(|text| Said { text: text.to_owned(), has_usual_code }));
    }
    said
}

/// Whether it is known to be usual, and nothing speaks against it.
fn is_usual(said: &Said, usual: &[&str], other: &[&str]) -> bool {
    let text = said.text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    !has(other) && (said.has_usual_code || has(usual))
}

/// A field that is a list, or one thing.
fn one_or_more<'a>(json: &'a Json, field: &str) -> &'a [Json] {
    match json.get(field) {
        None | Some(Json::Null) => &[],
        Some(Json::Array(list)) => list,
        Some(one) => std::slice::from_ref(one),
    }
}

fn reference(json: &Json) -> Option<&str> {
    text(json, "reference")
}

fn text<'a>(json: &'a Json, field: &str) -> Option<&'a str> {
    json.get(field).and_then(Json::as_str).filter(|text| !text.trim().is_empty())
}
