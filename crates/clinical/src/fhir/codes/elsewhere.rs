// SPDX-License-Identifier: Apache-2.0
//! Codes of what is asked where they answer nothing: the reason of a visit or of a medicine, the
//! diagnosis of a claim, a warning, the value of an observation. They don't say that it is so, but
//! whoever says that it isn't must have seen them.

use super::{find, Match};
use crate::fhir::kinds::MEDICINES_TAKEN;
use crate::fhir::resource::{all_of, Resource};
use crate::intake::{CodeSet, Feature, Kind, Source};
use serde_json::Value as Json;
use std::fmt;

/// The kinds of resources that are read for nothing else.
pub(in crate::fhir) const KINDS: [&str; 4] = ["Claim", "Encounter", "ExplanationOfBenefit", "Flag"];

/// Elements that say why something is done, in all versions of FHIR.
const REASONS: [&str; 4] =
    ["reasonCode", "reason", "reasonCodeableConcept", "reasonForUseCodeableConcept"];

/// A concept in a place that answers nothing, or only other sources.
pub(super) struct Place<'r> {
    resource: &'r Resource<'r>,
    element: &'static str,
    pub concept: &'r Json,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.resource.name, self.element)
    }
}

impl Place<'_> {
    /// Whether it is what the resource itself is about.
    pub(super) fn is_own(&self) -> bool {
        matches!(self.element, "code" | "component")
    }

    /// Whether it has one of the codes, in a system that is known.
    pub(super) fn is_code_of(&self, codes: &CodeSet) -> bool {
        matches!(find(Some(self.concept), "code", codes, ""), Match::Yes(_))
    }

    /// Whether a feature asks for it. What the resource itself is about was read where a source is
    /// about such resources.
    pub(super) fn is_asked(&self, feature: &Feature) -> bool {
        let was_read = |source: &Source| {
            let kind = match source {
                Source::Condition { .. } => "Condition",
                Source::Procedure { .. } => "Procedure",
                Source::Observation(_) => "Observation",
                _ => return false,
            };
            self.is_own() && self.resource.kind == kind
        };
        let sources = feature.sources.iter().filter(|source| !was_read(source));
        sources.flat_map(|source| codes_of(feature, source)).any(|codes| self.is_code_of(codes))
    }
}

/// The concepts of a resource in such places.
pub(super) fn places<'r>(resource: &'r Resource<'r>) -> Vec<Place<'r>> {
    let json = resource.json;
    let mut found: Vec<(&'static str, &'r Json)> = Vec::new();
    let mut add = |element: &'static str, concepts: Vec<&'r Json>| {
        found.extend(concepts.into_iter().map(|concept| (element, concept)));
    };
    match resource.kind {
        // About somebody else, or nobody knows.
        _ if resource.is_others => return Vec::new(),
        "Encounter" => {
            for reason in all_of(json, "reason") {
                add("reason", all_of(reason, "value"));
            }
            for diagnosis in all_of(json, "diagnosis") {
                add("diagnosis", all_of(diagnosis, "condition"));
            }
        }
        "Claim" | "ExplanationOfBenefit" => {
            for diagnosis in all_of(json, "diagnosis") {
                add("diagnosis", all_of(diagnosis, "diagnosisCodeableConcept"));
                add("diagnosis", all_of(diagnosis, "diagnosis"));
            }
        }
        "DiagnosticReport" => {
            add("conclusionCode", all_of(json, "conclusionCode"));
            add("codedDiagnosis", all_of(json, "codedDiagnosis"));
        }
        "Condition" | "Flag" | "Procedure" => add("code", all_of(json, "code")),
        "Observation" => {
            add("code", all_of(json, "code"));
            add("value", all_of(json, "valueCodeableConcept"));
            for part in all_of(json, "component") {
                add("component", all_of(part, "code"));
                add("component.value", all_of(part, "valueCodeableConcept"));
            }
        }
        _ => {}
    }
    if ["Encounter", "Procedure"].contains(&resource.kind)
        || MEDICINES_TAKEN.contains(&resource.kind)
    {
        for reason in REASONS {
            add(reason, all_of(json, reason));
        }
    }
    found.into_iter().map(|(element, concept)| Place { resource, element, concept }).collect()
}

/// The codes that the sources of a feature name. A choice that conditions answer has them at its
/// options.
pub(super) fn codes_of_feature(feature: &Feature) -> Vec<&CodeSet> {
    feature.sources.iter().flat_map(|source| codes_of(feature, source)).collect()
}

/// The codes that a source of a feature names.
pub(super) fn codes_of<'a>(feature: &'a Feature, source: &'a Source) -> Vec<&'a CodeSet> {
    match (source, &feature.kind) {
        (Source::Condition { .. }, Kind::Choice { options }) => {
            options.iter().map(|option| &option.codes).collect()
        }
        _ => source.codes().into_iter().collect(),
    }
}
