// SPDX-License-Identifier: Apache-2.0
//! The codings of a concept, in whatever shape a record has it.
//!
//! The codings of a CodeableConcept are translations of each other. Records also write a single
//! Coding, one coding instead of a list, a list of concepts, a code that is a number, or a plain
//! text: all that can be read is read.

use serde_json::Value as Json;
use std::borrow::Cow;

/// Deepest list or object that is followed.
const MAX_DEPTH: usize = 4;

/// One code with its system.
#[derive(Clone, Debug)]
pub(in crate::fhir) struct Coding<'a> {
    /// Empty if none is named.
    pub system: &'a str,
    pub code: Cow<'a, str>,
    pub display: Option<&'a str>,
    /// The coding's object, for its extensions.
    pub json: &'a Json,
}

/// What a concept says.
#[derive(Clone, Debug, Default)]
pub(in crate::fhir) struct Concept<'a> {
    pub codings: Vec<Coding<'a>>,
    /// Texts, and names of codings without a code.
    pub texts: Vec<&'a str>,
}

/// Reads a CodeableConcept, a Coding, or what stands in their place.
pub(in crate::fhir) fn read(json: &Json) -> Concept<'_> {
    let mut concept = Concept::default();
    concept.collect(json, 0);
    concept
}

impl<'a> Concept<'a> {
    fn collect(&mut self, json: &'a Json, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        match json {
            Json::Array(list) => list.iter().for_each(|one| self.collect(one, depth + 1)),
            Json::String(text) if !text.trim().is_empty() => self.code(json, Cow::from(text)),
            Json::Number(number) => self.code(json, Cow::from(number.to_string())),
            Json::Object(fields) => {
                for part in ["coding", "concept"].into_iter().filter_map(|key| fields.get(key)) {
                    self.collect(part, depth + 1);
                }
                self.texts.extend(fields.get("text").and_then(Json::as_str));
                match fields.get("code") {
                    Some(Json::String(code)) if !code.trim().is_empty() => {
                        self.code(json, Cow::from(code));
                    }
                    Some(Json::Number(code)) => self.code(json, Cow::from(code.to_string())),
                    Some(nested @ (Json::Object(_) | Json::Array(_))) => {
                        self.collect(nested, depth + 1);
                    }
                    _ => self.texts.extend(fields.get("display").and_then(Json::as_str)),
                }
            }
            _ => {}
        }
    }

    fn code(&mut self, json: &'a Json, code: Cow<'a, str>) {
        let text = |field| json.get(field).and_then(Json::as_str);
        self.codings.push(Coding {
            system: text("system").unwrap_or(""),
            code,
            display: text("display"),
            json,
        });
    }

    /// The concept's text, the same in whatever order it stands.
    pub(in crate::fhir) fn text(&self) -> Option<&'a str> {
        let texts = self.texts.iter().copied().filter(|text| !text.trim().is_empty());
        texts.min().or_else(|| self.codings.iter().filter_map(|one| one.display).min())
    }
}
