// SPDX-License-Identifier: Apache-2.0
//! The issues of an OperationOutcome: which of them say that something is missing, and of what.

use super::kinds::{self, Concern};
use super::resource::list;
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

/// Codes that say that something was left out, however harmless the severity.
const LOSSES: [&str; 15] = [
    "exception",
    "expired",
    "forbidden",
    "incomplete",
    "lock-error",
    "login",
    "no-store",
    "security",
    "suppressed",
    "throttled",
    "timeout",
    "too-costly",
    "too-long",
    "transient",
    "unknown",
];

/// What a server says where it left something out (Epic's warning 4119).
const LEFT_OUT: &str = "may not contain the entire record";

/// All that a server says where it left nothing out, as [`plain`] words.
const ALL_IS_WELL: [&str; 12] = [
    "all ok",
    "no matches",
    "no matches found",
    "no matching resources",
    "no matching resources found",
    "no results",
    "no results found",
    "ok",
    "request returns no results",
    "resource request returns no results",
    "returns no results",
    "success",
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
    let code = text("code").trim().to_ascii_lowercase();
    let is_left_out = words(issue).iter().any(|words| words.contains(LEFT_OUT));
    if is_left_out || LOSSES.contains(&code.as_str()) {
        return true;
    }
    match text("severity") {
        "information" | "success" => false,
        "warning" => !is_well(issue) && !HARMLESS_WARNINGS.contains(&code.as_str()),
        _ => true,
    }
}

/// Whether an issue says nothing but that all is well.
pub(super) fn is_well(issue: &Json) -> bool {
    let words = words(issue);
    !words.is_empty() && words.iter().all(|words| ALL_IS_WELL.contains(&words.as_str()))
}

/// Everything that an issue says in words, as [`plain`] words.
fn words(issue: &Json) -> Vec<String> {
    let details = issue.get("details");
    let text = details.and_then(|details| details.get("text"));
    let codings = details.map_or(&[][..], |details| list(details, "coding"));
    let displays = codings.iter().filter_map(|coding| coding.get("display"));
    let all = issue.get("diagnostics").into_iter().chain(text).chain(displays);
    all.map(|said| plain(said.as_str().unwrap_or("?"))).collect()
}

/// A text without case, punctuation at its ends, and spaces.
pub(super) fn plain(text: &str) -> String {
    let lower = text.to_lowercase();
    let trimmed = lower.trim_matches(|c: char| c.is_whitespace() || matches!(c, '.' | '!' | ','));
    trimmed.split_whitespace().collect::<Vec<_>>().join(" ")
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
