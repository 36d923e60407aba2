// SPDX-License-Identifier: Apache-2.0
//! Code systems and matching codes.

use serde_json::Value as Json;

use super::FhirError;
use crate::intake::CodeSet;
use cso_model_files::shorten;

/// The code systems that sources name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum System {
    Loinc,
    Snomed,
    Icd10,
    RxNorm,
    Atc,
}

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
fn codings(concept: &Json) -> impl Iterator<Item = (&str, &str, Option<&str>)> {
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

/// Finds a wanted code in a CodeableConcept or Coding and says which, for people.
///
/// A concept with no coding of a known system but with a wanted code of an unknown one is an error:
/// it may well be meant, and only the record's author can tell.
pub(super) fn find(
    concept: &Json,
    codes: &CodeSet,
    resource: &str,
) -> Result<Option<String>, FhirError> {
    let mut known = false;
    for (uri, code, display) in codings(concept) {
        let Some(system) = system_of(uri) else {
            continue;
        };
        known = true;
        if system.wanted(codes).iter().any(|wanted| system.matches(code, wanted)) {
            let text = display.or_else(|| concept.get("text").and_then(Json::as_str));
            return Ok(Some(match text {
                Some(text) => format!("{} {}", shorten(code), shorten(text)),
                None => shorten(code),
            }));
        }
    }
    if known {
        return Ok(None);
    }
    for (uri, code, _) in codings(concept) {
        for system in [System::Loinc, System::Snomed, System::Icd10, System::RxNorm, System::Atc] {
            if system.wanted(codes).iter().any(|wanted| wanted == code) {
                return Err(FhirError::WrongCodeSystem {
                    resource: resource.to_owned(),
                    code: shorten(code),
                    found: if uri.is_empty() { "none".to_owned() } else { shorten(uri) },
                    expected: system.name().to_owned(),
                });
            }
        }
    }
    Ok(None)
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

/// The first code of a status, which R4 writes as CodeableConcept and older records as text.
pub(super) fn status(field: Option<&Json>) -> Option<&str> {
    let field = field?;
    field.as_str().or_else(|| codings(field).next().map(|(_, code, _)| code))
}
