// SPDX-License-Identifier: Apache-2.0
//! FHIR R4 out: the intake as a Questionnaire, the opinion as RiskAssessment and Observations.

use jiff::civil::Date;
use serde_json::{json, Value as Json};

use super::identity;
use crate::intake::{CodeSet, Feature, Kind, Source};
use crate::outputs::{OutputKind, Reading};
use crate::protocol::Description;
use crate::{units, DISCLAIMER};

const UCUM: &str = "http://unitsofmeasure.org";
const LOINC: &str = "http://loinc.org";
const SNOMED: &str = "http://snomed.info/sct";
const EXTENSION: &str = "http://hl7.org/fhir/StructureDefinition";

/// The intake as a FHIR Questionnaire. Items carry the features' ids, so that
/// [`import`](super::import) reads a QuestionnaireResponse to it (one that names its `url`) without
/// further ado.
pub fn questionnaire(description: &Description) -> Json {
    let meta = description.meta();
    let items: Vec<Json> = description.intake().features().iter().map(item).collect();
    json!({
        "resourceType": "Questionnaire",
        "url": identity::questionnaire(description.intake()),
        "name": name(&meta.id),
        "title": meta.title,
        "version": meta.version,
        "language": meta.language,
        "status": "active",
        "experimental": true,
        "subjectType": ["Patient"],
        "description": DISCLAIMER,
        "purpose": meta.intended_use,
        "item": items,
    })
}

/// A name for machines: letters, digits and underscores, beginning with a capital.
fn name(id: &str) -> String {
    let body: String =
        id.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    format!("Intake_{body}")
}

fn item(feature: &Feature) -> Json {
    let mut item = json!({
        "linkId": feature.id,
        "text": feature.label,
        "required": !feature.missing,
        "repeats": false,
    });
    let codes = asked_codes(feature);
    if !codes.is_empty() {
        item["code"] = json!(codes);
    }
    match &feature.kind {
        Kind::Flag => item["type"] = json!("boolean"),
        Kind::Choice { options } => {
            item["type"] = json!("choice");
            let options = options.iter().map(
                |option| json!({ "valueCoding": { "code": option.id, "display": option.label } }),
            );
            item["answerOption"] = options.collect();
        }
        Kind::Quantity(quantity) => {
            item["type"] = json!("decimal");
            let [low, high] = quantity.limits.unwrap_or([quantity.min, quantity.max]);
            let mut extensions = vec![json!({
                "url": format!("{EXTENSION}/questionnaire-unit"),
                "valueCoding": { "system": UCUM, "code": quantity.unit, "display": quantity.unit },
            })];
            // Without limits every value is taken and clamped.
            if quantity.limits.is_some() {
                extensions
                    .push(json!({ "url": format!("{EXTENSION}/minValue"), "valueDecimal": low }));
                extensions
                    .push(json!({ "url": format!("{EXTENSION}/maxValue"), "valueDecimal": high }));
            }
            item["extension"] = json!(extensions);
        }
    }
    if let Some(help) = &feature.help {
        let link = format!("{}/help", feature.id);
        item["item"] = json!([{ "linkId": link, "text": help, "type": "display" }]);
    }
    item
}

/// The codes of the observations that answer the question, except those judged by a limit: there
/// the question is another than the observation's.
fn asked_codes(feature: &Feature) -> Vec<Json> {
    let coding = |system: &str, code: &String| json!({ "system": system, "code": code });
    feature
        .sources
        .iter()
        .filter_map(|source| match source {
            Source::Observation(query) if query.threshold.is_none() => Some(&query.codes),
            _ => None,
        })
        .flat_map(|CodeSet { loinc, snomed, .. }| {
            let loinc = loinc.iter().map(move |code| coding(LOINC, code));
            loinc.chain(snomed.iter().map(move |code| coding(SNOMED, code)))
        })
        .collect()
}

/// An opinion as a FHIR Bundle: one Observation an output and ranking, and a RiskAssessment that
/// refers to them.
///
/// The bundle names no patient: whoever files it in a record fills the subject in. `expert` is a
/// name or an account for people to read.
pub fn opinion(
    description: &Description,
    readings: &[Reading],
    answered: Date,
    expert: &str,
) -> Json {
    let meta = description.meta();
    let subject = json!({ "display": "the patient who asked" });
    let date = answered.to_string();
    let note = json!([{ "text": DISCLAIMER }]);
    let mut entries = Vec::with_capacity(readings.len() + 1);
    let mut predictions = Vec::with_capacity(readings.len());
    let mut basis = Vec::with_capacity(readings.len());
    // Behind the outputs come the rankings, which name a class.
    let kinds = description.outputs().iter().map(|output| output.kind);
    let kinds = kinds.chain(std::iter::repeat(OutputKind::Class));
    for (kind, reading) in kinds.zip(readings) {
        let mut observation = json!({
            "resourceType": "Observation",
            "status": "final",
            "code": { "text": format!("{}: {}", meta.title, reading.label) },
            "subject": subject,
            "effectiveDateTime": date,
            "performer": [{ "display": expert }],
            "interpretation": [{ "text": reading.meaning }],
            "note": note,
        });
        match kind {
            OutputKind::Class => {
                observation["valueCodeableConcept"] = json!({ "text": reading.text })
            }
            OutputKind::Number => {
                let mut quantity = json!({ "value": reading.value });
                if let Some(unit) = &reading.unit {
                    quantity["unit"] = json!(unit);
                    // Points are no UCUM unit: the text stands alone then.
                    if units::check(unit).is_ok() {
                        quantity["system"] = json!(UCUM);
                        quantity["code"] = json!(unit);
                    }
                }
                observation["valueQuantity"] = quantity;
            }
        }
        let url = identity::urn(b"cso/opinion", observation.to_string().as_bytes());
        basis.push(json!({ "reference": url }));
        entries.push(json!({ "fullUrl": url, "resource": observation }));
        let mut prediction = json!({
            "outcome": { "text": format!("{}: {}", reading.label, reading.text) },
            "qualitativeRisk": { "text": reading.name.as_deref().unwrap_or(&reading.meaning) },
        });
        let mut rationale = reading.meaning.clone();
        if let Some(figure) = &reading.figure {
            rationale = format!("{rationale} {figure}");
        }
        if let Some(source) = &reading.source {
            rationale = format!("{rationale} ({source})");
        }
        prediction["rationale"] = json!(rationale);
        if kind == OutputKind::Number && reading.unit.as_deref() == Some("%") {
            prediction["probabilityDecimal"] = json!(reading.value);
        }
        predictions.push(prediction);
    }
    let risk = json!({
        "resourceType": "RiskAssessment",
        "status": "final",
        "method": { "text": format!("{} {}", meta.title, meta.version) },
        "subject": subject,
        "occurrenceDateTime": date,
        "performer": { "display": expert },
        "basis": basis,
        "prediction": predictions,
        "note": note,
    });
    let url = identity::urn(b"cso/opinion", risk.to_string().as_bytes());
    entries.push(json!({ "fullUrl": url, "resource": risk }));
    json!({ "resourceType": "Bundle", "type": "collection", "entry": entries })
}
