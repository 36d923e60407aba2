// SPDX-License-Identifier: Apache-2.0
//! The opinion as a FHIR Bundle.
//!
//! A value whose model isn't known to be the published one is said to be so wherever it stands, in
//! four ways, since each program reads another one:
//!
//! - `status` is `preliminary`, which R4 defines as "data may be incomplete or unverified", instead
//!   of `final`. Of the other codes of `observation-status`, `entered-in-error` and `cancelled` say
//!   that the expert has taken the result back, `amended` that it was changed, `registered` that
//!   there is none, and `unknown` that one of these holds and nobody knows which;
//! - `meta.security` carries how far the value can be trusted, coded (integrity confidence of HL7's
//!   `ObservationValue`, which the value set `security-labels` includes);
//! - the first note and the first paragraph of the narrative say it in words;
//! - so does the rationale of each prediction.
//!
//! Whoever reads one resource alone learns with the value what to do, whom the protocol is for and
//! isn't, its version and its references: each stands in notes and narrative of every resource,
//! before the disclaimer.

use jiff::Timestamp;
use serde_json::{json, Value as Json};

use super::narrative::narrative;
use super::{string, EXTENSION, UCUM};
use crate::fhir::identity;
use crate::outputs::{OutputKind, Reading};
use crate::phrases::Phrases;
use crate::protocol::{Description, Eligibility};
use crate::{about, units, ModelCheck};

/// HL7's codes of how far something can be trusted.
const CONFIDENCE: &str = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue";

/// Who answered, when, and by which model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered<'a> {
    /// A name or an account for people to read.
    pub expert: &'a str,
    /// When the opinion came, by the chain's clock; `None` if nobody can tell any more.
    pub time: Option<Timestamp>,
    /// Whether the model is the published one.
    pub model: ModelCheck,
    /// Whether the patient is somebody whom the protocol is for.
    pub eligibility: &'a Eligibility,
}

/// An opinion as a FHIR Bundle: one Observation an output and ranking, and a RiskAssessment that
/// refers to them, in the language in which the description is shown.
///
/// The bundle names no patient: whoever files it in a record fills the subject in. It bears the
/// time of the opinion and no other: where that isn't known, it says so.
pub fn opinion(description: &Description, readings: &[Reading], answered: &Answered<'_>) -> Json {
    let mut entries = Vec::with_capacity(readings.len() + 1);
    // Behind the outputs come the rankings, which name a class.
    let kinds = description.outputs().iter().map(|output| output.kind);
    let kinds = kinds.chain(std::iter::repeat(OutputKind::Class));
    for (kind, reading) in kinds.zip(readings) {
        // Two outputs may say the same in the same words.
        entries.push(entry(&reading.output, observation(description, kind, reading, answered)));
    }
    let basis = entries.iter().map(|entry| json!({ "reference": entry["fullUrl"] })).collect();
    entries.push(entry("", assessment(description, readings, answered, basis)));
    let language = description.language();
    json!({ "resourceType": "Bundle", "language": language, "type": "collection", "entry": entries })
}

fn entry(id: &str, resource: Json) -> Json {
    let url = identity::urn(b"cso/opinion", format!("{id}\n{resource}").as_bytes());
    json!({ "fullUrl": url, "resource": resource })
}

/// What every resource of an opinion has. `words` says the value and what it means; behind it comes
/// what the protocol says of itself.
fn resource(
    kind: &str,
    description: &Description,
    answered: &Answered<'_>,
    values: Vec<String>,
    beside: &[String],
) -> Json {
    let (meta, language) = (description.meta(), description.language());
    let phrases = Phrases::of(language);
    let caveat = answered.model.caveat_in(language);
    let status = if caveat.is_none() { "final" } else { "preliminary" };
    let warning = meta.setting.warning(language);
    let protocol = about::of_protocol(description, answered.eligibility);
    let protocol = protocol.iter().map(|[heading, text]| format!("{heading}: {text}"));
    let references = meta.references.iter().map(|reference| reference.line());
    let references = references.collect::<Vec<_>>().join("; ");
    let references =
        (!references.is_empty()).then(|| format!("{}: {references}", phrases.references));
    let protocol: Vec<String> = protocol.chain(references).collect();
    let first = caveat.into_iter().chain(warning).chain([phrases.disclaimer]).map(str::to_owned);
    let notes = first.chain(beside.iter().cloned()).chain(protocol.iter().cloned());
    let notes: Vec<Json> = notes.map(|text| json!({ "text": string(&text) })).collect();
    let paragraphs = values.into_iter().chain(beside.iter().cloned());
    let paragraphs = warning.map(str::to_owned).into_iter().chain(paragraphs).chain(protocol);
    let paragraphs: Vec<String> = paragraphs.chain([phrases.disclaimer.to_owned()]).collect();
    let mut resource = json!({
        "resourceType": kind,
        "language": language,
        "text": narrative(caveat, &paragraphs),
        "status": status,
        "subject": { "display": phrases.patient },
        "note": notes,
    });
    if let Some((code, display)) = confidence(answered.model) {
        let label = json!({ "system": CONFIDENCE, "code": code, "display": display });
        resource["meta"] = json!({ "security": [label] });
    }
    resource
}

/// How far the values can be trusted, as HL7 codes it.
fn confidence(model: ModelCheck) -> Option<(&'static str, &'static str)> {
    match model {
        ModelCheck::Published => None,
        ModelCheck::Differs => Some(("UNRELIABLE", "unreliable")),
        ModelCheck::Retired | ModelCheck::Unknown => Some(("UNCERTREL", "uncertain reliability")),
    }
}

/// Sets a field of type `dateTime`, or says that the time isn't known.
fn set_time(resource: &mut Json, field: &str, time: Option<Timestamp>) {
    match time {
        Some(time) => resource[field] = json!(time.to_string()),
        None => {
            let absent = format!("{EXTENSION}/data-absent-reason");
            let absent = json!({ "url": absent, "valueCode": "unknown" });
            resource[format!("_{field}")] = json!({ "extension": [absent] });
        }
    }
}

fn observation(
    description: &Description,
    kind: OutputKind,
    reading: &Reading,
    answered: &Answered<'_>,
) -> Json {
    let title = &description.meta().title;
    let values =
        vec![format!("{title}: {} = {}", reading.label, reading.text), reading.meaning.clone()];
    let beside = beside(description, reading);
    let mut observation = resource("Observation", description, answered, values, &beside);
    observation["method"] = json!({ "text": string(&method(description)) });
    observation["code"] = json!({ "text": string(&format!("{title}: {}", reading.label)) });
    observation["performer"] = json!([{ "display": string(answered.expert) }]);
    observation["interpretation"] = json!([{ "text": string(&reading.meaning) }]);
    set_time(&mut observation, "effectiveDateTime", answered.time);
    if let Some(time) = answered.time {
        observation["issued"] = json!(time.to_string());
    }
    match kind {
        OutputKind::Class => {
            observation["valueCodeableConcept"] = json!({ "text": string(&reading.text) });
        }
        OutputKind::Number | OutputKind::Probability => {
            observation["valueQuantity"] = quantity(reading);
        }
    }
    observation
}

/// By what a value was found.
fn method(description: &Description) -> String {
    let meta = description.meta();
    format!("{} {}", meta.title, meta.version)
}

/// What a reading says besides its value and its meaning, a line each.
fn beside(description: &Description, reading: &Reading) -> Vec<String> {
    let notes = about::of_reading(description, reading).into_iter();
    let notes = notes.map(|[heading, text]| match heading.is_empty() {
        true => text,
        false => format!("{heading}: {text}"),
    });
    let figures = reading.figures.iter().map(|figure| figure.line(description.language()));
    notes.chain(figures).collect()
}

fn quantity(reading: &Reading) -> Json {
    let mut quantity = json!({ "value": reading.value });
    if let Some(unit) = &reading.unit {
        quantity["unit"] = json!(string(unit));
        // Points are no UCUM unit: the text stands alone then.
        if units::check(unit).is_ok() {
            quantity["system"] = json!(UCUM);
            quantity["code"] = json!(unit);
        }
    }
    quantity
}

fn assessment(
    description: &Description,
    readings: &[Reading],
    answered: &Answered<'_>,
    basis: Json,
) -> Json {
    let method = method(description);
    let (mut values, mut notes) = (vec![method.clone()], Vec::new());
    for reading in readings {
        values.push(format!("{} = {}: {}", reading.label, reading.text, reading.meaning));
        for line in beside(description, reading) {
            // A ranking says what its greatest output says.
            if !notes.contains(&line) {
                notes.push(line);
            }
        }
    }
    let predictions = readings.iter().enumerate().map(|(index, reading)| {
        let kind = description.outputs().get(index).map(|output| output.kind);
        let caveat = answered.model.caveat_in(description.language());
        prediction(kind == Some(OutputKind::Probability), description, reading, caveat)
    });
    let mut risk = resource("RiskAssessment", description, answered, values, &notes);
    risk["method"] = json!({ "text": string(&method) });
    risk["performer"] = json!({ "display": string(answered.expert) });
    risk["basis"] = basis;
    risk["prediction"] = predictions.collect();
    // What might reduce the risk: the next steps.
    let mut steps: Vec<&str> = Vec::new();
    for next in readings.iter().filter_map(|reading| reading.next.as_deref()) {
        if !steps.contains(&next) {
            steps.push(next);
        }
    }
    if !steps.is_empty() {
        risk["mitigation"] = json!(string(&steps.join(" ")));
    }
    set_time(&mut risk, "occurrenceDateTime", answered.time);
    risk
}

fn prediction(
    is_probability: bool,
    description: &Description,
    reading: &Reading,
    caveat: Option<&str>,
) -> Json {
    let mut rationale = reading.meaning.clone();
    if let Some(caveat) = caveat {
        rationale = format!("{caveat} {rationale}");
    }
    for figure in &reading.figures {
        rationale = format!("{rationale} {}", figure.line(description.language()));
    }
    let risk = reading.name.as_deref().unwrap_or(&reading.meaning);
    let mut prediction = json!({
        "outcome": { "text": string(&format!("{}: {}", reading.label, reading.text)) },
        "qualitativeRisk": { "text": string(risk) },
        "rationale": string(&rationale),
    });
    // A percentage alone is none (an oxygen saturation has the same unit), and nothing beyond the
    // scale is one (ras-2): those are told as the quantities they are.
    if is_probability && (0.0..=100.0).contains(&reading.value) {
        prediction["probabilityDecimal"] = json!(reading.value);
    }
    prediction
}
