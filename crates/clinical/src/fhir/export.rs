// SPDX-License-Identifier: Apache-2.0
//! FHIR R4 out: the intake as a Questionnaire, the opinion as RiskAssessment and Observations.

use jiff::civil::Date;
use serde_json::{json, Value as Json};

use crate::intake::{Feature, Kind};
use crate::protocol::{Description, OutputKind, Reading};
use crate::DISCLAIMER;

const UCUM: &str = "http://unitsofmeasure.org";
const EXTENSION: &str = "http://hl7.org/fhir/StructureDefinition";

/// The intake as a FHIR Questionnaire. Items carry the features' ids, so that
/// [`import`](super::import) reads a QuestionnaireResponse to it without further ado.
pub fn questionnaire(description: &Description) -> Json {
    let meta = description.meta();
    let items: Vec<Json> = description.intake().features().iter().map(item).collect();
    json!({
        "resourceType": "Questionnaire",
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
    let body: String = id
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    format!("Intake_{body}")
}

fn item(feature: &Feature) -> Json {
    let mut item = json!({
        "linkId": feature.id,
        "text": feature.label,
        "required": !feature.missing,
        "repeats": false,
    });
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

/// An opinion as a FHIR Bundle: one Observation an output and ranking, and a RiskAssessment that refers to them.
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
    // Behind the outputs come the rankings, which name a class.
    let kinds = description.outputs().iter().map(|output| output.kind);
    let kinds = kinds.chain(std::iter::repeat(OutputKind::Class));
    for (kind, reading) in kinds.zip(readings) {
        let mut observation = json!({
            "resourceType": "Observation",
            "id": reading.output,
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
                // Points are no UCUM unit: the text stands alone then.
                observation["valueQuantity"] = match &reading.unit {
                    Some(unit) => json!({ "value": reading.value, "unit": unit }),
                    None => json!({ "value": reading.value }),
                };
            }
        }
        entries.push(json!({ "fullUrl": format!("urn:cso:observation:{}", reading.output), "resource": observation }));
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
        predictions.push(prediction);
    }
    let basis: Vec<Json> = readings
        .iter()
        .map(|reading| json!({ "reference": format!("urn:cso:observation:{}", reading.output) }))
        .collect();
    entries.push(json!({
        "fullUrl": "urn:cso:risk-assessment",
        "resource": {
            "resourceType": "RiskAssessment",
            "id": "opinion",
            "status": "final",
            "method": { "text": format!("{} {}", meta.title, meta.version) },
            "subject": subject,
            "occurrenceDateTime": date,
            "performer": { "display": expert },
            "basis": basis,
            "prediction": predictions,
            "note": note,
        },
    }));
    json!({ "resourceType": "Bundle", "type": "collection", "entry": entries })
}
