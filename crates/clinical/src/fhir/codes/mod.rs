// SPDX-License-Identifier: Apache-2.0
//! Code systems and matching codes.
//!
//! [`find`] alone decides whether a concept is one that is wanted, may be, or isn't: what matches
//! in a known system and what would match in an unknown one can't come apart. [`unclassified`]
//! names what no rule can tell, [`elsewhere`] what is asked and stands where it answers nothing.

mod concept;
mod elsewhere;
mod system;
mod unclassified;

pub(super) use concept::{read, Coding, Concept};
pub(super) use elsewhere::KINDS as ELSEWHERE;
pub(super) use system::{icd10, Edition, System};
pub(super) use unclassified::Listing;

use super::outcome::Doubt;
use super::shown::long;
use crate::intake::CodeSet;
use cso_model_files::shorten;
use serde_json::Value as Json;
use std::borrow::Cow;
use system::{named, Fit, Named, ALL};

/// What IPS writes in place of an entry (code system `absent-unknown-uv-ips`): that there are none,
/// or that it isn't known.
const ABSENT_OR_UNKNOWN: &str = "absent-unknown-uv-ips";

/// Codes for yes and no, and where they are from.
const YES: &[(&str, &str)] = &[
    ("loinc", "LA33-6"),
    ("snomed", "373066001"),
    ("snomed", "52101004"),
    ("snomed", "10828004"),
    ("v2", "Y"),
];
const NO: &[(&str, &str)] = &[
    ("loinc", "LA32-8"),
    ("snomed", "373067005"),
    ("snomed", "2667000"),
    ("snomed", "260385009"),
    ("v2", "N"),
];

/// The system that a coding's URI means, if it is one that sources name.
pub(super) fn system_of(uri: &str) -> Option<System> {
    match named(uri) {
        Named::Known(system) => Some(system),
        Named::Foreign | Named::Unknown => None,
    }
}

/// How a concept stands to the codes that are wanted.
pub(super) enum Match {
    /// It has one of them: which, for people.
    Yes(String),
    /// It has what may be one of them: of a code system that isn't known, or above it in its tree.
    Near(Doubt),
    /// It has none.
    No,
}

/// Compares the concept in an element of a resource with wanted codes. Neither the order of its
/// codings nor a foreign one beside changes what is found.
pub(super) fn find(
    concept: Option<&Json>,
    element: &'static str,
    wanted: &CodeSet,
    resource: &str,
) -> Match {
    let Some(json) = concept else {
        return Match::No;
    };
    let concept = read(json);
    let (mut found, mut near, mut none) = (Vec::new(), Vec::new(), Vec::new());
    for coding in &concept.codings {
        let code = coding.code.trim();
        let doubt = |why: String| Doubt::new(resource, element, code, why);
        match named(coding.system) {
            Named::Known(system) => match system.fit(code, wanted) {
                Fit::Yes => found.push((system, code, coding.display)),
                Fit::Perhaps(why) => near.push(doubt(why.to_owned())),
                Fit::No => {}
            },
            Named::Foreign => {}
            Named::Unknown if coding.system.ends_with(ABSENT_OR_UNKNOWN) => none.push(code),
            Named::Unknown => {
                let fits = |system: &System| {
                    // Numbers of few digits are everywhere: articles, local lists.
                    let is_anything = match system {
                        System::RxNorm => true,
                        System::Icd9 => code.bytes().all(|b| b.is_ascii_digit()),
                        _ => false,
                    };
                    // Which edition it may be of isn't known either.
                    let system = match system {
                        System::Icd10(_) => System::Icd10(Edition::Cm),
                        other => *other,
                    };
                    !is_anything && system.fit(code, wanted) == Fit::Yes
                };
                if let Some(system) = ALL.into_iter().find(fits) {
                    let uri = coding.system.trim();
                    let system_text = match uri.is_empty() {
                        true => "has no code system".to_owned(),
                        false => {
                            format!("is a code of {}, which isn't known", long(uri))
                        }
                    };
                    near.push(doubt(format!("{system_text}; it may be one of {}", system.name())));
                }
            }
        }
    }
    if let (false, Some(none)) = (found.is_empty(), none.iter().min()) {
        let why = format!("stands beside {}, which contradicts it", shorten(found[0].1));
        return Match::Near(Doubt::new(resource, element, none, why));
    }
    if let Some((_, code, display)) = found.into_iter().min() {
        let text = display.or_else(|| concept.text());
        return Match::Yes(match text {
            Some(text) if text.trim() != code => format!("{} {}", shorten(code), shorten(text)),
            _ => shorten(code),
        });
    }
    near.into_iter().min().map_or(Match::No, Match::Near)
}

/// Reads yes or no from a CodeableConcept or Coding; neither, if it says both.
pub(super) fn yes_or_no(json: &Json) -> Option<bool> {
    let concept = read(json);
    let said = |list: &[(&str, &str)], word: &str| {
        concept.codings.iter().any(|coding| {
            let code = coding.code.trim();
            let from = match system_of(coding.system) {
                Some(System::Loinc) => "loinc",
                Some(System::Snomed) => "snomed",
                _ if coding.system.ends_with("v2-0136") || coding.system.ends_with("v2-0532") => {
                    "v2"
                }
                _ => "",
            };
            list.contains(&(from, code)) || code.eq_ignore_ascii_case(word)
        })
    };
    match (said(YES, "yes"), said(NO, "no")) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    }
}

/// The codes of a CodeableConcept or Coding, whatever their system.
pub(super) fn plain_codes(json: &Json) -> Vec<&str> {
    fn borrowed(code: Cow<'_, str>) -> Option<&str> {
        match code {
            Cow::Borrowed(code) => Some(code.trim()),
            Cow::Owned(_) => None,
        }
    }
    read(json).codings.into_iter().filter_map(|coding| borrowed(coding.code)).collect()
}

/// A concept as a person reads it, in one line: its text and its codes.
pub(super) fn label(json: Option<&Json>) -> String {
    labelled(json, shorten)
}

/// The same, with its text cut in this way.
fn labelled(json: Option<&Json>, cut: fn(&str) -> String) -> String {
    let concept = json.map(read).unwrap_or_default();
    let mut codes: Vec<&str> = concept.codings.iter().map(|one| one.code.trim()).collect();
    codes.sort_unstable();
    codes.dedup();
    let shown: Vec<String> = codes.iter().take(MAX_SHOWN).map(|code| shorten(code)).collect();
    match (concept.text(), shown.is_empty()) {
        (Some(text), true) => cut(text),
        (Some(text), false) if codes != [text.trim()] => {
            format!("{} ({})", cut(text), shown.join(", "))
        }
        (_, false) => shown.join(", "),
        (None, true) => "without text or code".to_owned(),
    }
}

/// Most codes of one concept that are shown.
const MAX_SHOWN: usize = 3;
