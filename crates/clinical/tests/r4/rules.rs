// SPDX-License-Identifier: Apache-2.0
//! What R4 says of the resources that we write and a JSON schema can't say: invariants by their key
//! in the StructureDefinitions, required bindings, cardinalities of primitive values, forms.

use jiff::civil::Date;
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

const UCUM: &str = "http://unitsofmeasure.org";
const XHTML: &str = "<div xmlns=\"http://www.w3.org/1999/xhtml\">";

/// The value set `observation-status`, to which the status of Observation and RiskAssessment is
/// bound (required).
const STATUS: [&str; 8] = [
    "registered",
    "preliminary",
    "final",
    "amended",
    "corrected",
    "cancelled",
    "entered-in-error",
    "unknown",
];

/// Integrity confidence, a part of the value set `security-labels`.
const CONFIDENCE: [(&str, &str); 4] = [
    ("HRELIABLE", "highly reliable"),
    ("RELIABLE", "reliable"),
    ("UNCERTREL", "uncertain reliability"),
    ("UNRELIABLE", "unreliable"),
];

/// The rules that a resource breaks, and each resource in a bundle: the key, then where.
pub(crate) fn broken(resource: &Json) -> Vec<String> {
    let mut found = Found { problems: Vec::new(), place: String::new() };
    found.resource(resource);
    found.problems
}

struct Found {
    problems: Vec<String>,
    place: String,
}

fn list<'a>(json: &'a Json, field: &str) -> impl Iterator<Item = &'a Json> + Clone {
    json[field].as_array().map(Vec::as_slice).unwrap_or_default().iter()
}

fn text<'a>(json: &'a Json, field: &str) -> &'a str {
    json[field].as_str().unwrap_or_default()
}

fn has(json: &Json, field: &str) -> bool {
    json.get(field).is_some()
}

impl Found {
    /// Notes `key` unless it holds.
    fn check(&mut self, key: &str, holds: bool) {
        if !holds {
            self.problems.push(format!("{key}: {}", self.place));
        }
    }

    fn resource(&mut self, resource: &Json) {
        let kind = text(resource, "resourceType").to_owned();
        self.place = kind.clone();
        self.element(resource);
        // dom-2 to dom-5 are about contained resources, which we don't write.
        self.check("dom-2", !has(resource, "contained"));
        match kind.as_str() {
            "Bundle" => self.bundle(resource),
            "Observation" => self.observation(resource),
            "RiskAssessment" => self.assessment(resource),
            "Questionnaire" => self.questionnaire(resource),
            other => self.check(&format!("we write no {other}"), false),
        }
    }

    /// What holds for every element.
    fn element(&mut self, json: &Json) {
        match json {
            Json::Object(fields) => {
                self.check("ele-1", !fields.is_empty());
                self.choices(fields);
                for (field, value) in fields {
                    self.primitive(field, value);
                    // Resources in entries are looked at one by one.
                    if field != "entry" {
                        self.element(value);
                    }
                }
                for extension in list(json, "extension") {
                    let fields = extension.as_object().into_iter().flat_map(Map::keys);
                    let value = fields.into_iter().any(|field| field.starts_with("value"));
                    self.check("ext-1", value != has(extension, "extension"));
                }
                if has(json, "value") && has(json, "code") {
                    self.check("qty-3", has(json, "system"));
                }
                if json["system"] == UCUM {
                    let unit = octofhir_ucum::parse_expression(text(json, "code"));
                    self.check("ucum", unit.is_ok_and(|it| octofhir_ucum::evaluate(&it).is_ok()));
                }
            }
            Json::Array(items) => {
                self.check("ele-1", !items.is_empty());
                items.iter().for_each(|item| self.element(item));
            }
            Json::Null => self.check("ele-1", false),
            Json::String(text) => self.check("ele-1", !text.trim().is_empty()),
            Json::Bool(_) | Json::Number(_) => {}
        }
    }

    /// Of a choice of types there is one at most.
    fn choices(&mut self, fields: &Map<String, Json>) {
        for choice in ["value", "effective", "occurrence", "probability", "answer"] {
            let typed = |field: &&String| {
                let rest = field.trim_start_matches('_').strip_prefix(choice);
                rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
            };
            let mut named: Vec<_> =
                fields.keys().filter(typed).map(|field| field.trim_start_matches('_')).collect();
            named.sort_unstable();
            named.dedup();
            self.check(&format!("{choice}[x]"), named.len() <= 1);
        }
    }

    fn primitive(&mut self, field: &str, value: &Json) {
        match (field, value.as_str()) {
            ("effectiveDateTime" | "occurrenceDateTime" | "issued", Some(time)) => {
                // A time needs a zone, and the day has to exist.
                let fits = match time.contains('T') {
                    true => time.parse::<Timestamp>().is_ok(),
                    false => time.len() < 10 || time.parse::<Date>().is_ok(),
                };
                self.check("dateTime", fits);
            }
            ("system", Some(system)) => self.check("system", is_absolute(system)),
            _ => {}
        }
    }

    fn bundle(&mut self, bundle: &Json) {
        let kind = text(bundle, "type").to_owned();
        let is = |kinds: &[&str]| kinds.contains(&kind.as_str());
        self.check("bdl-1", !has(bundle, "total") || is(&["searchset", "history"]));
        self.check("bdl-9", kind != "document" || has(bundle, "identifier"));
        // A document or message would have to keep bdl-10 to bdl-12 as well.
        self.check("we write collections", kind == "collection");
        let urls: Vec<&str> = list(bundle, "entry").map(|entry| text(entry, "fullUrl")).collect();
        for entry in list(bundle, "entry") {
            self.place = "Bundle.entry".to_owned();
            self.check("bdl-2", !has(entry, "search") || kind == "searchset");
            let asks = is(&["batch", "transaction", "history"]);
            self.check("bdl-3", has(entry, "request") == asks);
            let answers = is(&["batch-response", "transaction-response", "history"]);
            self.check("bdl-4", has(entry, "response") == answers);
            self.check("bdl-5", has(entry, "resource"));
            let url = text(entry, "fullUrl");
            self.check("bdl-7", urls.iter().filter(|other| **other == url).count() == 1);
            self.check("bdl-8", !url.contains("/_history/"));
            // A resource without id is known by a UUID alone.
            self.check("fullUrl", is_uuid(url) && !has(&entry["resource"], "id"));
            self.resource(&entry["resource"]);
            self.references(&entry["resource"], &urls);
        }
    }

    /// References lead to resources of the bundle.
    fn references(&mut self, json: &Json, urls: &[&str]) {
        if let Some(reference) = json["reference"].as_str() {
            self.check("ref-1", !reference.starts_with('#'));
            self.check("resolves", urls.contains(&reference));
        }
        match json {
            Json::Object(fields) => fields.values().for_each(|it| self.references(it, urls)),
            Json::Array(items) => items.iter().for_each(|it| self.references(it, urls)),
            _ => {}
        }
    }

    fn observation(&mut self, observation: &Json) {
        self.told(observation);
        self.check("1..1 code", has(observation, "code"));
        let value = observation.as_object().is_some_and(|fields| {
            fields.keys().any(|field| field.trim_start_matches('_').starts_with("value"))
        });
        self.check("obs-6", !has(observation, "dataAbsentReason") || !value);
        let codes: Vec<_> = list(&observation["code"], "coding").collect();
        let mut components = list(observation, "component");
        let same = components
            .any(|one| list(&one["code"], "coding").any(|coding| codes.contains(&coding)));
        self.check("obs-7", !value || !same);
        for range in list(observation, "referenceRange") {
            let says = ["low", "high", "text"].iter().any(|field| has(range, field));
            self.check("obs-3", says);
        }
    }

    fn assessment(&mut self, risk: &Json) {
        self.told(risk);
        self.check("1..1 subject", has(risk, "subject"));
        for prediction in list(risk, "prediction") {
            let probability = prediction["probabilityDecimal"].as_f64();
            self.check("ras-2", probability.is_none_or(|it| it <= 100.0));
            for end in ["low", "high"] {
                let end = &prediction["probabilityRange"][end];
                let is_percent = end["code"] == "%" && end["system"] == UCUM;
                self.check("ras-1", end.is_null() || is_percent);
            }
        }
    }

    /// What both resources of an opinion have: a narrative, a status, labels.
    fn told(&mut self, resource: &Json) {
        self.check("1..1 status", has(resource, "status"));
        self.check("observation-status", STATUS.contains(&text(resource, "status")));
        self.check("dom-6", has(&resource["text"], "div"));
        self.narrative(text(&resource["text"], "div"));
        for label in list(&resource["meta"], "security") {
            let known = CONFIDENCE.contains(&(text(label, "code"), text(label, "display")));
            let system = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue";
            self.check("security-labels", known && label["system"] == system);
        }
    }

    /// txt-1: XHTML of the few elements that we write, each closed, without attributes.
    fn narrative(&mut self, div: &str) {
        let mut open: Vec<&str> = Vec::new();
        let mut words = String::new();
        let mut fits = div.starts_with(XHTML);
        let inner = div.strip_prefix(XHTML).and_then(|rest| rest.strip_suffix("</div>"));
        let mut rest = inner.unwrap_or_default();
        while let Some(start) = rest.find('<') {
            words += &rest[..start];
            let (tag, after) = rest[start + 1..].split_once('>').unwrap_or(("", ""));
            match tag.strip_prefix('/') {
                Some(tag) => fits &= open.pop() == Some(tag),
                None => {
                    fits &= ["p", "b"].contains(&tag);
                    open.push(tag);
                }
            }
            rest = after;
        }
        words += rest;
        let entities = words.split('&').skip(1);
        let known = |text: &str| ["amp;", "lt;", "gt;"].iter().any(|it| text.starts_with(it));
        fits &= inner.is_some() && open.is_empty() && entities.clone().all(known);
        fits &= !words.contains('>');
        self.check("txt-1", fits);
        self.check("txt-2", !words.trim().is_empty());
    }

    fn questionnaire(&mut self, form: &Json) {
        self.check("1..1 status", has(form, "status"));
        let name = text(form, "name");
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let begins = name.starts_with(|c: char| c.is_ascii_uppercase());
        self.check("que-0", begins && name.len() <= 255 && name.chars().all(word));
        let mut links = Vec::new();
        list(form, "item").for_each(|item| self.item(item, &mut links));
        let all = links.len();
        links.sort_unstable();
        links.dedup();
        self.check("que-2", links.len() == all);
    }

    fn item<'a>(&mut self, item: &'a Json, links: &mut Vec<&'a str>) {
        self.place = format!("Questionnaire.item {}", text(item, "linkId"));
        self.check("1..1 linkId", has(item, "linkId") && has(item, "type"));
        links.push(text(item, "linkId"));
        let kind = text(item, "type");
        let any = |fields: &[&str]| fields.iter().any(|field| has(item, field));
        let display = kind == "display";
        self.check("que-1", (kind != "group" || has(item, "item")) && !(display && any(&["item"])));
        self.check(
            "que-1",
            kind != "group" || list(item, "item").any(|it| it["type"] != "display"),
        );
        self.check("que-3", !display || !has(item, "code"));
        self.check("que-4", !has(item, "answerOption") || !has(item, "answerValueSet"));
        let chosen = ["choice", "open-choice", "decimal", "integer", "date", "dateTime", "time"];
        let chosen = chosen.contains(&kind) || ["string", "quantity"].contains(&kind);
        self.check("que-5", chosen || !any(&["answerOption", "answerValueSet"]));
        self.check("que-6", !display || !any(&["required", "repeats"]));
        self.check("que-8", !(display || kind == "group") || !has(item, "initial"));
        self.check("que-9", !display || !has(item, "readOnly"));
        self.check("que-11", !has(item, "answerOption") || !has(item, "initial"));
        list(item, "item").for_each(|item| self.item(item, links));
    }
}

/// Whether a text is an absolute URI: a scheme, a colon, more.
fn is_absolute(uri: &str) -> bool {
    uri.split_once(':').is_some_and(|(scheme, rest)| {
        let letters = scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
        letters && scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && !rest.is_empty()
    })
}

/// Whether a text is a UUID as URN, in lower case (R4, Data Types, `uuid`).
fn is_uuid(url: &str) -> bool {
    let Some(uuid) = url.strip_prefix("urn:uuid:") else {
        return false;
    };
    let parts: Vec<&str> = uuid.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && uuid.chars().all(|c| c == '-' || c.is_ascii_digit() || ('a'..='f').contains(&c))
}
