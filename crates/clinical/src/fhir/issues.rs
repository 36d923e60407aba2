// SPDX-License-Identifier: Apache-2.0
//! The issues of an OperationOutcome: which of them say that something is missing, and of what.

use super::kinds::{self, Concern};
use super::record::list;
use super::search::Address;
use super::shown::long;
use cso_model_files::shorten;
use serde_json::Value as Json;

/// Codes of warnings that say nothing about what is missing: they are about what is there, or about
/// a parameter that was passed over.
const HARMLESS_WARNINGS: [&str; 12] = [
    "business-rule",
    "code-invalid",
    "deleted",
    "duplicate",
    "extension",
    "informational",
    "invalid",
    "invariant",
    "not-supported",
    "required",
    "structure",
    "value",
];

/// What an issue is about, if it names an element, or the address of a search.
pub(super) fn about(issue: &Json) -> Option<Concern> {
    let elements = ["expression", "location"].into_iter().flat_map(|field| list(issue, field));
    let elements = elements.filter_map(|path| kinds::known(path.as_str()?.split('.').next()?));
    let words = issue.get("diagnostics").and_then(Json::as_str).unwrap_or_default();
    let addresses = words.split_whitespace().filter(|word| word.contains('?'));
    let addresses = addresses.map(|word| Address::read(word).concern());
    elements.chain(addresses).find(|concern| *concern != Concern::All)
}

/// Whether something may be missing because of what an issue tells.
pub(super) fn is_loss(issue: &Json) -> bool {
    let text = |field: &str| issue.get(field).and_then(Json::as_str).unwrap_or_default();
    match text("severity") {
        "information" | "success" => text("code") == "incomplete",
        "warning" => {
            let says_none = said(issue).to_ascii_lowercase().contains("no results");
            !says_none && !HARMLESS_WARNINGS.contains(&text("code"))
        }
        _ => true,
    }
}

/// What an issue says in words.
fn said(issue: &Json) -> &str {
    let details = issue.get("details");
    let text = details.and_then(|details| details.get("text")?.as_str());
    let display = || {
        let codings = details.map_or(&[][..], |details| list(details, "coding"));
        codings.iter().find_map(|coding| coding.get("display")?.as_str())
    };
    let diagnostics = issue.get("diagnostics").and_then(Json::as_str);
    diagnostics.or(text).or_else(display).unwrap_or_default()
}

/// An issue in a few words.
pub(super) fn told(issue: &Json) -> String {
    let text = |field: &str| issue.get(field).and_then(Json::as_str).unwrap_or("unknown");
    let short = format!("{}, {}", shorten(text("severity")), shorten(text("code")));
    match said(issue) {
        "" => short,
        said => format!("{short}: {}", long(said)),
    }
}
