// SPDX-License-Identifier: Apache-2.0
//! Statements that there is nothing of a kind (`no-known-problems`): whether they are made without
//! doubt. What else stands in them may take back what the code says.

use super::evidence;
use super::issues::plain;
use super::resource::{all_of, codes_of, list};
use cso_model_files::shorten;
use jiff::civil::Date;
use serde_json::Value as Json;

/// The words of a statement, as [`plain`] words: those of the International Patient Summary and of
/// SNOMED CT.
const PHRASES: [&str; 12] = [
    "",
    "no current problems or disability",
    "no current problems or disability (situation)",
    "no known current problems or disability",
    "no known medication",
    "no known medications",
    "no known problem",
    "no known problems",
    "no known procedure",
    "no known procedures",
    "no medications known",
    "no problems known",
];

/// The elements of which only these codes may stand there.
const STATUSES: [(&str, &[&str]); 3] = [
    ("clinicalStatus", &["active"]),
    ("verificationStatus", &["confirmed"]),
    ("status", &["active", "completed", "confirmed", "recorded", "unknown"]),
];

/// Elements that say something of a disease, or take something back.
const OTHERS: [&str; 12] = [
    "bodySite",
    "doNotPerform",
    "evidence",
    "note",
    "notDone",
    "notPerformed",
    "severity",
    "stage",
    "statusReason",
    "taken",
    "wasNotGiven",
    "wasNotTaken",
];

/// Elements that say when it was written.
const TIMES: [&str; 8] = [
    "assertedDate",
    "authoredOn",
    "dateAsserted",
    "dateRecorded",
    "dateWritten",
    "effectiveDateTime",
    "performedDateTime",
    "recordedDate",
];

/// Why a statement doesn't show that there is nothing; `concept` is what it is about.
pub(super) fn objection(json: &Json, concept: &Json) -> Option<String> {
    for (field, allowed) in STATUSES {
        if let Some(status) = json.get(field) {
            let codes: Vec<&str> = match status.as_str() {
                Some(word) => vec![word.trim()],
                None => codes_of(status).map(|(_, code)| code).collect(),
            };
            let other = codes.iter().find(|code| !allowed.contains(code));
            if codes.is_empty() || other.is_some() {
                let shown = other.map_or_else(|| status.to_string(), |code| (*code).to_owned());
                return Some(format!("{field} is `{}`", shorten(&shown)));
            }
        }
    }
    let is_of_time = |field: &str| {
        let field = field.trim_start_matches('_');
        field.starts_with("abatement") || field.starts_with("onset")
    };
    let is_other =
        |field: &str| OTHERS.contains(&field) && json.get(field) != Some(&Json::Bool(false));
    let mut fields = json.as_object()?.keys().map(String::as_str).collect::<Vec<_>>();
    fields.sort_unstable();
    if let Some(field) = fields.into_iter().find(|field| is_of_time(field) || is_other(field)) {
        return Some(format!("it has `{field}`"));
    }
    let mut categories = all_of(json, "category").into_iter().flat_map(codes_of);
    if categories.any(|(_, code)| code == "encounter-diagnosis") {
        return Some("its category is `encounter-diagnosis`".to_owned());
    }
    let displays = list(concept, "coding").iter().filter_map(|coding| coding.get("display"));
    let mut texts: Vec<&str> = concept
        .get("text")
        .into_iter()
        .chain(displays)
        .map(|text| text.as_str().unwrap_or("?"))
        .filter(|text| !PHRASES.contains(&plain(text).as_str()))
        .collect();
    texts.sort_unstable();
    texts.first().map(|text| format!("its text is `{}`", shorten(text)))
}

/// Whether a statement was written lately enough to tell of today.
pub(super) fn is_recent(json: &Json, today: Date) -> bool {
    evidence::is_recent(TIMES.iter().filter_map(|field| json.get(field)), today)
}
