// SPDX-License-Identifier: Apache-2.0
//! National statements of how certain a diagnosis is, beside its verification status.
//!
//! Germany's outpatient data carry the "Diagnosesicherheit" of ICD-10-GM with each code (§ 295
//! SGB V; KBV, S_ICD_DIAGNOSESICHERHEIT, OID 1.2.276.0.76.5.384): A excluded, G certain, V
//! suspected, Z condition after. It stands in an extension of the coding, the concept or the
//! resource, as a coding of the verification status, or as a letter behind the code.

use super::codes::{self, Edition, System};
use super::outcome::Doubt;
use super::resource::{all_of, Resource};
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// In the extension's URL and in the URIs of its code systems: fhir.de's, the older ones of DIMDI,
/// and KBV's (`KBV_EX_..._Diagnosesicherheit`, `KBV_CS_SFHIR_ICD_DIAGNOSESICHERHEIT`).
const NAME: &str = "diagnosesicherheit";

/// What is said of how certain a diagnosis is.
pub(super) enum Certainty {
    /// Nothing, or that it is certain.
    Sure,
    Excluded,
    /// It was so and is treated as over.
    After,
    Unclear(Doubt),
}

/// Whether a code system is one of the Diagnosesicherheit.
pub(super) fn is_certainty(system: &str) -> bool {
    system.to_lowercase().contains(NAME)
}

/// Reads the certainty of the diagnosis in `code`. `about` names it in doubts.
pub(super) fn certainty(resource: &Resource<'_>, about: &str) -> Certainty {
    let mut letters: BTreeSet<String> = BTreeSet::new();
    // With letters behind codes whose edition isn't known to be German.
    let mut foreign: BTreeSet<String> = BTreeSet::new();
    extensions(resource.json, &mut letters);
    if let Some(status) = resource.json.get("verificationStatus") {
        let codings = codes::read(status).codings.into_iter();
        let codings = codings.filter(|coding| is_certainty(coding.system));
        letters.extend(codings.map(|coding| letter(&coding.code)));
    }
    if let Some(code) = resource.json.get("code") {
        extensions(code, &mut letters);
        for coding in codes::read(code).codings {
            extensions(coding.json, &mut letters);
            let (sure, open) = behind(&coding.code, coding.system);
            letters.extend(sure.into_iter().map(String::from));
            if open {
                foreign.insert(coding.code.trim().to_owned());
            }
        }
    }
    let doubt = |value: &str, why: String| {
        Certainty::Unclear(Doubt::new(&resource.name, "code", value, why))
    };
    if let Some(code) = foreign.first() {
        let why = format!(
            "may end in a Diagnosesicherheit, which leaves open whether {about} holds: its system isn't ICD-10-GM"
        );
        return doubt(code, why);
    }
    let known: Vec<&str> = letters.iter().map(String::as_str).collect();
    match known[..] {
        [] | ["G"] => Certainty::Sure,
        ["A"] => Certainty::Excluded,
        ["Z"] => Certainty::After,
        ["V"] => {
            doubt("V", format!("(suspected, Diagnosesicherheit) leaves open whether {about} holds"))
        }
        _ => {
            let why = format!("(Diagnosesicherheit) leaves open whether {about} holds");
            doubt(&known.join(", "), why)
        }
    }
}

/// The letters in extensions of an object.
fn extensions(json: &Json, into: &mut BTreeSet<String>) {
    for extension in all_of(json, "extension") {
        let url = extension.get("url").and_then(Json::as_str).unwrap_or("");
        if !url.trim_end_matches('/').to_lowercase().ends_with(NAME) {
            continue;
        }
        let fields = extension.as_object().into_iter().flatten();
        let values: Vec<&Json> = fields
            .filter(|(field, _)| field.starts_with("value"))
            .map(|(_, value)| value)
            .collect();
        let mut said = Vec::new();
        for value in values {
            said.extend(codes::read(value).codings.into_iter().map(|one| letter(&one.code)));
        }
        match said.is_empty() {
            true => into.extend([cso_model_files::shorten(&extension.to_string())]),
            false => into.extend(said),
        }
    }
}

fn letter(code: &str) -> String {
    let code = code.trim().to_uppercase();
    match code.as_str() {
        "A" | "G" | "V" | "Z" => code,
        // One line, and short, whatever it is.
        other => cso_model_files::shorten(other),
    }
}

/// The letters behind ICD-10 codes, and whether there are others. ICD-10-CM has letters of its own
/// there; elsewhere only ICD-10-GM is known to mean its certainty, so that another's is open.
fn behind(code: &str, uri: &str) -> (Vec<char>, bool) {
    let Some(System::Icd10(edition)) = codes::system_of(uri) else {
        return (Vec::new(), false);
    };
    if edition == Edition::Cm {
        return (Vec::new(), false);
    }
    let letters = codes::icd10(code).unwrap_or_default().into_iter().filter_map(|one| {
        let mut end = one.code.chars().rev();
        let (last, before) = (end.next()?, end.next()?);
        let is_suffix = one.code.len() > 3 && "AGVZ".contains(last) && before.is_ascii_digit();
        one.certainty.or(is_suffix.then_some(last))
    });
    let (sure, open): (Vec<char>, Vec<char>) =
        letters.partition(|letter| edition == Edition::Gm || *letter == 'G');
    (sure, !open.is_empty())
}
