// SPDX-License-Identifier: Apache-2.0
//! The intake as a FHIR Questionnaire.

use serde_json::{json, Value as Json};

use super::{string, EXTENSION, UCUM};
use crate::fhir::identity;
use crate::intake::{CodeSystem, Feature, Kind, Source};
use crate::protocol::Description;
use crate::DISCLAIMER;

const LOINC: &str = "http://loinc.org";
const SNOMED: &str = "http://snomed.info/sct";

/// The intake as a FHIR Questionnaire. Items carry the features' ids, so that
/// [`import`](crate::fhir::import) reads a QuestionnaireResponse to it (one that names its `url`)
/// without further ado.
pub fn questionnaire(description: &Description) -> Json {
    let meta = description.meta();
    let items: Vec<Json> = description.intake().features().iter().map(item).collect();
    json!({
        "resourceType": "Questionnaire",
        "url": identity::questionnaire(description.intake()),
        "name": name(&meta.id),
        "title": string(&meta.title),
        "version": string(&meta.version),
        "language": meta.language,
        "status": "active",
        "experimental": true,
        "subjectType": ["Patient"],
        "description": DISCLAIMER,
        "purpose": string(&meta.intended_use),
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
        "text": string(&feature.label),
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
            let options = options.iter().map(|option| {
                let display = string(&option.label);
                json!({ "valueCoding": { "code": option.id, "display": display } })
            });
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
        item["item"] = json!([{ "linkId": link, "text": string(help), "type": "display" }]);
    }
    item
}

/// The codes of the observations that answer the question, except those judged by a limit: there
/// the question is another than the observation's.
fn asked_codes(feature: &Feature) -> Vec<Json> {
    let coding = |system: &str, code: &str| json!({ "system": system, "code": code });
    feature
        .sources
        .iter()
        .filter_map(|source| match source {
            Source::Observation(query) if query.threshold.is_none() => Some(&query.codes),
            _ => None,
        })
        .flat_map(|codes| {
            let of =
                |system, name| codes.all_of(system).into_iter().map(move |code| coding(name, code));
            of(CodeSystem::Loinc, LOINC).chain(of(CodeSystem::Snomed, SNOMED))
        })
        .collect()
}
