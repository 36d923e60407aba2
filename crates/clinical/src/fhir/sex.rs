// SPDX-License-Identifier: Apache-2.0
//! What a Patient says of the sex beside `gender`.
//!
//! `gender` is administrative. HL7's Gender Harmony model tells it apart from the sex parameter for
//! clinical use (SPCU), from the sex that was recorded, as at birth, and from the gender identity.
//! Which of them an expert's model means can't be told where they differ, so a difference asks.

use super::codes;
use super::resource::all_of;
use serde_json::Value as Json;

/// Something that is said of the sex in an extension.
#[derive(Debug)]
pub(super) struct Claim {
    pub element: &'static str,
    /// What stands there.
    pub value: String,
    /// `male` or `female`, if it is one of them.
    pub sex: Option<&'static str>,
    pub is_for_clinical_use: bool,
}

/// An extension that speaks of gender in a way that isn't known here.
const GENDER: &str = "extension (gender)";

/// How deep extensions are followed.
const MAX_DEPTH: usize = 3;

/// Codes that say that nothing is known, and so contradict nothing.
const UNKNOWN: [&str; 9] = [
    "unk",
    "unknown",
    "asku",
    "asked-declined",
    "asked-unknown",
    "not-asked",
    "not-applicable",
    "184115007",
    "nask",
];

/// `male` or `female`, by HL7's administrative and version 2 codes, SNOMED CT, LOINC's answers and
/// the codes of the sex parameter for clinical use.
pub(super) fn of_code(code: &str) -> Option<&'static str> {
    match &*code.trim().to_ascii_lowercase() {
        "m" | "male" | "male-typical" | "248153007" | "446151000124109" | "la2-8" => Some("male"),
        "f" | "female" | "female-typical" | "248152002" | "446141000124107" | "la3-6" => {
            Some("female")
        }
        _ => None,
    }
}

/// `male` or `female` as `gender` has them.
pub(super) fn of_word(word: &str) -> Option<&'static str> {
    match &*word.trim().to_ascii_lowercase() {
        "male" => Some("male"),
        "female" => Some("female"),
        _ => None,
    }
}

/// The extension's name to people, if it speaks of the sex or of the gender.
fn element(url: &str) -> Option<&'static str> {
    let url = url.to_ascii_lowercase();
    let name = url.rsplit('/').next().unwrap_or(&url);
    let has = |part: &str| name.contains(part);
    if has("sexual") || has("orientation") || has("interpreter") {
        None
    } else if has("clinicaluse") || has("for-clinical-use") {
        Some("extension (sex for clinical use)")
    } else if has("birthsex") || has("birth-sex") || has("sexatbirth") || has("assigned-at-birth") {
        Some("extension (birth sex)")
    } else if has("recordedsex") || has("sex") {
        Some("extension (recorded sex)")
    } else if has("genderidentity") || has("gender-identity") {
        Some("extension (gender identity)")
    } else if has("gender") {
        Some(GENDER)
    } else {
        None
    }
}

/// All that the extensions of a Patient say, also those of its `gender`.
pub(super) fn claims(patient: &Json) -> Vec<Claim> {
    let mut claims = Vec::new();
    let of_gender = patient.get("_gender").map(|gender| all_of(gender, "extension"));
    for extension in all_of(patient, "extension").into_iter().chain(of_gender.into_iter().flatten())
    {
        let url = extension.get("url").and_then(Json::as_str).unwrap_or("");
        let Some(element) = element(url) else {
            continue;
        };
        let is_for_clinical_use = element.contains("clinical");
        let mut values = Vec::new();
        collect(extension, 0, &mut values);
        if values.is_empty() && element != GENDER {
            let value = extension.to_string();
            claims.push(Claim { element, value, sex: None, is_for_clinical_use });
        }
        for value in values {
            let codes = codes::plain_codes(value);
            let codes: Vec<&str> = match value.as_str() {
                Some(code) => vec![code],
                None => codes,
            };
            let is_unknown = |code: &&str| UNKNOWN.contains(&&*code.trim().to_ascii_lowercase());
            if !is_for_clinical_use && !codes.is_empty() && codes.iter().all(is_unknown) {
                continue;
            }
            let sexes: Vec<Option<&'static str>> =
                codes.iter().filter(|code| !is_unknown(code)).map(|code| of_code(code)).collect();
            let first = sexes.first().copied().flatten();
            // What was meant for some time only doesn't tell what is meant now.
            let is_for_now = !is_for_clinical_use || !ends(extension);
            let sex = first.filter(|_| is_for_now && sexes.iter().all(|one| *one == first));
            let text = value.get("text").and_then(Json::as_str).map(str::to_owned);
            let value = match codes.is_empty() {
                true => text.unwrap_or_else(|| value.to_string()),
                false => codes.join(", "),
            };
            claims.push(Claim { element, value, sex, is_for_clinical_use });
        }
    }
    claims
}

/// Whether an extension says until when it holds.
fn ends(extension: &Json) -> bool {
    let parts = all_of(extension, "extension").into_iter();
    let mut periods = parts.filter_map(|part| part.get("valuePeriod"));
    periods.any(|period| period.get("end").is_some_and(|end| !end.is_null()))
}

/// The values of an extension: its own, or that of its part named `value`.
fn collect<'a>(extension: &'a Json, depth: usize, into: &mut Vec<&'a Json>) {
    let fields = ["valueCode", "valueCoding", "valueCodeableConcept", "valueString"];
    into.extend(fields.iter().filter_map(|field| extension.get(*field)));
    if depth == MAX_DEPTH {
        return;
    }
    for part in all_of(extension, "extension") {
        if part.get("url").and_then(Json::as_str) == Some("value") {
            collect(part, depth + 1, into);
        }
    }
}
