// SPDX-License-Identifier: Apache-2.0
//! Code systems and matching codes.

use super::medication;
use super::outcome::Doubt;
use super::record::Record;
use crate::intake::{CodeSet, Intake};
use cso_model_files::shorten;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// The code systems that sources name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum System {
    Loinc,
    Snomed,
    Icd10,
    RxNorm,
    Atc,
}

const ALL: [System; 5] =
    [System::Loinc, System::Snomed, System::Icd10, System::RxNorm, System::Atc];

/// URIs of each system, with the OID form that CDA-derived records use.
const SYSTEMS: &[(&str, System)] = &[
    ("http://loinc.org", System::Loinc),
    ("urn:oid:2.16.840.1.113883.6.1", System::Loinc),
    ("http://snomed.info/sct", System::Snomed),
    ("urn:oid:2.16.840.1.113883.6.96", System::Snomed),
    ("http://hl7.org/fhir/sid/icd-10", System::Icd10),
    ("http://hl7.org/fhir/sid/icd-10-cm", System::Icd10),
    ("http://fhir.de/CodeSystem/bfarm/icd-10-gm", System::Icd10),
    ("http://fhir.de/CodeSystem/dimdi/icd-10-gm", System::Icd10),
    ("urn:oid:2.16.840.1.113883.6.3", System::Icd10),
    ("urn:oid:2.16.840.1.113883.6.90", System::Icd10),
    ("http://www.nlm.nih.gov/research/umls/rxnorm", System::RxNorm),
    ("urn:oid:2.16.840.1.113883.6.88", System::RxNorm),
    ("http://www.whocc.no/atc", System::Atc),
    ("urn:oid:2.16.840.1.113883.6.73", System::Atc),
];

/// Codes for yes and no, by system URI.
const YES: &[(&str, &str)] = &[
    ("http://loinc.org", "LA33-6"),
    ("http://snomed.info/sct", "373066001"),
    ("http://snomed.info/sct", "52101004"),
    ("http://snomed.info/sct", "10828004"),
    ("http://terminology.hl7.org/CodeSystem/v2-0136", "Y"),
];
const NO: &[(&str, &str)] = &[
    ("http://loinc.org", "LA32-8"),
    ("http://snomed.info/sct", "373067005"),
    ("http://snomed.info/sct", "2667000"),
    ("http://snomed.info/sct", "260385009"),
    ("http://terminology.hl7.org/CodeSystem/v2-0136", "N"),
];

impl System {
    fn name(self) -> &'static str {
        match self {
            Self::Loinc => "LOINC (http://loinc.org)",
            Self::Snomed => "SNOMED CT (http://snomed.info/sct)",
            Self::Icd10 => "ICD-10 (http://hl7.org/fhir/sid/icd-10)",
            Self::RxNorm => "RxNorm (http://www.nlm.nih.gov/research/umls/rxnorm)",
            Self::Atc => "ATC (http://www.whocc.no/atc)",
        }
    }

    fn wanted(self, codes: &CodeSet) -> &[String] {
        match self {
            Self::Loinc => &codes.loinc,
            Self::Snomed => &codes.snomed,
            Self::Icd10 => &codes.icd10,
            Self::RxNorm => &codes.rxnorm,
            Self::Atc => &codes.atc,
        }
    }

    fn matches(self, code: &str, wanted: &str) -> bool {
        match self {
            // Trees spelled into the code; some records leave the dot out.
            Self::Icd10 => code.replace('.', "").starts_with(&wanted.replace('.', "")),
            Self::Atc => code.starts_with(wanted),
            Self::Loinc | Self::Snomed | Self::RxNorm => code == wanted,
        }
    }
}

fn system_of(uri: &str) -> Option<System> {
    // SNOMED CT URIs may carry edition and version behind the path.
    let uri = uri.trim_end_matches('/');
    SYSTEMS.iter().find(|(known, _)| *known == uri).map(|(_, system)| *system)
}

/// The codings of a CodeableConcept, of a Coding, or of nothing.
pub(super) fn codings(concept: &Json) -> impl Iterator<Item = (&str, &str, Option<&str>)> {
    let list = match concept.get("coding") {
        Some(Json::Array(list)) => list.iter().collect(),
        Some(_) => Vec::new(),
        None => vec![concept],
    };
    list.into_iter().filter_map(|coding| {
        let code = coding.get("code")?.as_str()?;
        let system = coding.get("system").and_then(Json::as_str).unwrap_or("");
        Some((system, code, coding.get("display").and_then(Json::as_str)))
    })
}

/// How a concept stands to the codes that are wanted.
pub(super) enum Match {
    /// It has one of them: which, for people.
    Yes(String),
    /// It has what may be one of them, of a code system that isn't known.
    Near(Doubt),
    /// It has none.
    No,
}

/// Compares the CodeableConcept or Coding in an element of a resource with wanted codes. What is
/// one in a known system and what may be one in an unknown system are told apart here, and nowhere
/// else.
pub(super) fn find(
    concept: Option<&Json>,
    element: &'static str,
    wanted: &CodeSet,
    resource: &str,
) -> Match {
    let Some(concept) = concept else {
        return Match::No;
    };
    let mut near = None;
    for (uri, code, display) in codings(concept) {
        let fits = |system: System| {
            system.wanted(wanted).iter().any(|wanted| system.matches(code, wanted))
        };
        match system_of(uri) {
            Some(system) if fits(system) => {
                let text = display.or_else(|| concept.get("text").and_then(Json::as_str));
                return Match::Yes(match text {
                    Some(text) => format!("{} {}", shorten(code), shorten(text)),
                    None => shorten(code),
                });
            }
            Some(_) => {}
            None => {
                if let Some(system) = ALL.into_iter().find(|system| fits(*system)) {
                    let found = if uri.is_empty() { "no code system" } else { uri };
                    let why = format!(
                        "is a code of {}, which isn't known; it may be one of {}",
                        shorten(found),
                        system.name()
                    );
                    near = near.or(Some(Doubt::new(resource, element, code, why)));
                }
            }
        }
    }
    near.map_or(Match::No, Match::Near)
}

/// The entries of these kinds that may be about something that the intake asks, and of which no
/// rule can tell: without a code, of an unknown code system, or with a code of a system whose trees
/// aren't known here.
pub(super) fn unclassified(
    kinds: &BTreeSet<&'static str>,
    intake: &Intake,
    record: &Record<'_>,
) -> Vec<String> {
    let mut entries = BTreeSet::new();
    for resource in record.resources.iter().filter(|one| kinds.contains(one.kind)) {
        let concept = match resource.kind {
            "MedicationRequest" | "MedicationStatement" => medication::concept(resource, record),
            _ => resource.json.get("code"),
        };
        let _ = intake;
        if let Some(text) = concept.and_then(text_only) {
            entries.insert(format!("{}: {text}", resource.name));
        }
    }
    entries.into_iter().collect()
}

/// What a concept without any code says.
fn text_only(concept: &Json) -> Option<String> {
    let has_code = codings(concept).next().is_some();
    let text = concept.get("text").and_then(Json::as_str)?;
    (!has_code).then(|| shorten(text))
}

/// Reads yes or no from a CodeableConcept or Coding.
pub(super) fn yes_or_no(concept: &Json) -> Option<bool> {
    let among = |list: &[(&str, &str)], uri: &str, code: &str| list.contains(&(uri, code));
    codings(concept).find_map(|(uri, code, _)| {
        if among(YES, uri, code) || code == "yes" {
            Some(true)
        } else if among(NO, uri, code) || code == "no" {
            Some(false)
        } else {
            None
        }
    })
}

/// All codes of a CodeableConcept or Coding, whatever their system.
pub(super) fn plain_codes(concept: &Json) -> Vec<&str> {
    codings(concept).map(|(_, code, _)| code).collect()
}
