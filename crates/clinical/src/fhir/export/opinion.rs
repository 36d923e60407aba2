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

use jiff::Timestamp;
use serde_json::{json, Value as Json};

use super::narrative::narrative;
use super::{string, EXTENSION, UCUM};
use crate::fhir::identity;
use crate::outputs::{OutputKind, Reading};
use crate::protocol::Description;
use crate::{units, ModelCheck, DISCLAIMER};

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
}

/// An opinion as a FHIR Bundle: one Observation an output and ranking, and a RiskAssessment that
/// refers to them.
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
    json!({ "resourceType": "Bundle", "type": "collection", "entry": entries })
}

fn entry(id: &str, resource: Json) -> Json {
    let url = identity::urn(b"cso/opinion", format!("{id}\n{resource}").as_bytes());
    json!({ "fullUrl": url, "resource": resource })
}

/// What every resource of an opinion has.
fn resource(kind: &str, answered: &Answered<'_>, paragraphs: &[String]) -> Json {
    let caveat = answered.model.caveat();
    let status = if caveat.is_none() { "final" } else { "preliminary" };
    let notes = caveat.into_iter().chain([DISCLAIMER]).map(|text| json!({ "text": text }));
    let mut resource = json!({
        "resourceType": kind,
        "text": narrative(caveat, paragraphs),
        "status": status,
        "subject": { "display": "the patient who asked" },
        "note": notes.collect::<Vec<_>>(),
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
    let words = [
        format!("{title}: {} = {}", reading.label, reading.text),
        reading.meaning.clone(),
        DISCLAIMER.to_owned(),
    ];
    let mut observation = resource("Observation", answered, &words);
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
    let meta = description.meta();
    let method = format!("{} {}", meta.title, meta.version);
    let values = readings
        .iter()
        .map(|reading| format!("{} = {}: {}", reading.label, reading.text, reading.meaning));
    let words: Vec<_> =
        [method.clone()].into_iter().chain(values).chain([DISCLAIMER.to_owned()]).collect();
    let predictions = readings.iter().enumerate().map(|(index, reading)| {
        let kind = description.outputs().get(index).map(|output| output.kind);
        prediction(kind == Some(OutputKind::Probability), reading, answered.model)
    });
    let mut risk = resource("RiskAssessment", answered, &words);
    risk["method"] = json!({ "text": string(&method) });
    risk["performer"] = json!({ "display": string(answered.expert) });
    risk["basis"] = basis;
    risk["prediction"] = predictions.collect();
    set_time(&mut risk, "occurrenceDateTime", answered.time);
    risk
}

fn prediction(is_probability: bool, reading: &Reading, model: ModelCheck) -> Json {
    let mut rationale = reading.meaning.clone();
    if let Some(caveat) = model.caveat() {
        rationale = format!("{caveat} {rationale}");
    }
    for figure in &reading.figures {
        rationale = format!("{rationale} {} ({})", figure.text, figure.source);
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
