// SPDX-License-Identifier: Apache-2.0
//! What older FHIR says in elements that R4 doesn't have: that something was not done.
//!
//! DSTU1, DSTU2 and STU3 kept the status of a statement and its negation apart: a
//! MedicationStatement could be `active` and `wasNotTaken`, a Procedure `completed` and `notDone`.
//! R4 keeps one such element, `doNotPerform`, and profiles keep extensions. They are read in
//! resources of every version, since records seldom say which one they are of.

use super::codes;
use super::outcome::Doubt;
use super::resource::{all_of, Resource};
use serde_json::Value as Json;

/// Elements that negate a resource if they are true.
const NEGATIONS: [&str; 9] = [
    "wasNotTaken",
    "wasNotGiven",
    "notTaken",
    "notGiven",
    "notDone",
    "notPerformed",
    "doNotPerform",
    "prohibited",
    "negated",
];
/// Elements that say why something was not done, in a resource that may not say so otherwise.
const REASONS: [&str; 6] = [
    "reasonNotTaken",
    "reasonNotGiven",
    "reasonNotPerformed",
    "reasonNotDone",
    "notDoneReason",
    "notGivenReason",
];

/// What a resource says of its own negation.
pub(super) enum Negation {
    /// Nothing, or that it isn't negated.
    None,
    /// It says that it was not done: in which element.
    Negated(String),
    /// It can't be told.
    Unclear(Doubt),
}

/// Reads all elements by which any version negates.
pub(super) fn negation(resource: &Resource<'_>) -> Negation {
    let mut unclear = None;
    let mut doubt = |element, value: &Json, why: &str| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        unclear.get_or_insert(Doubt::new(&resource.name, element, &text, why.to_owned()));
    };
    for element in NEGATIONS {
        let value = resource.json.get(element);
        match value.and_then(truth) {
            Some(true) => return Negation::Negated(element.to_owned()),
            Some(false) => {}
            None => {
                if let Some(value) = value.or_else(|| beside(resource, element)) {
                    doubt(element, value, "says neither that it was done nor that it wasn't");
                }
            }
        }
    }
    // STU3: `y`, `n`, `unk`, `na`.
    if let Some(taken) = resource.json.get("taken").or_else(|| beside(resource, "taken")) {
        match taken.as_str().map(|text| text.trim().to_lowercase()).as_deref() {
            Some("y") => {}
            Some("n") => return Negation::Negated("taken".to_owned()),
            _ => doubt("taken", taken, "doesn't say whether it was taken"),
        }
    }
    // Profiles keep it in an extension, like QI-Core's `qicore-notDone`.
    let extensions = ["extension", "modifierExtension"].map(|field| all_of(resource.json, field));
    for extension in extensions.into_iter().flatten() {
        let url = extension.get("url").and_then(Json::as_str).unwrap_or("");
        let name = url.rsplit(['/', ':', '#']).next().unwrap_or(url);
        let plain = name.to_lowercase().replace(['-', '_'], "");
        if plain.ends_with("notdone") {
            match extension.get("valueBoolean").and_then(truth) {
                Some(true) => return Negation::Negated(cso_model_files::shorten(name)),
                Some(false) => {}
                None => doubt(
                    "extension",
                    extension,
                    "says neither that it was done nor that it wasn't",
                ),
            }
        } else if plain.ends_with("notdonereason") {
            doubt("extension", extension, "is a reason for not doing it");
        }
    }
    for element in REASONS {
        match resource.json.get(element) {
            None | Some(Json::Null) => {}
            Some(Json::Array(list)) if list.is_empty() => {}
            Some(value) => {
                let shown = Json::String(codes::label(Some(value)));
                doubt(element, &shown, "is a reason for not doing it");
            }
        }
    }
    unclear.map_or(Negation::None, Negation::Unclear)
}

/// What is said of an element without its value: `_notDone`.
fn beside<'a>(resource: &Resource<'a>, element: &str) -> Option<&'a Json> {
    resource.json.get(format!("_{element}"))
}

/// Booleans, also written as text.
fn truth(value: &Json) -> Option<bool> {
    match value {
        Json::Bool(truth) => Some(*truth),
        Json::String(text) if text.trim().eq_ignore_ascii_case("true") => Some(true),
        Json::String(text) if text.trim().eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}
