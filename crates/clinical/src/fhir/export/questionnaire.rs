// SPDX-License-Identifier: Apache-2.0
//! The intake as a FHIR Questionnaire.

use serde_json::{json, Value as Json};

use super::{set_text, string, EXTENSION, UCUM};
use crate::fhir::identity;
use crate::intake::{CodeSet, Feature, Kind, Source};
use crate::phrases::Phrases;
use crate::protocol::Description;

const LOINC: &str = "http://loinc.org";
const SNOMED: &str = "http://snomed.info/sct";

/// The intake as a FHIR Questionnaire, local features among it, in the language in which the
/// description is shown, with translations. Items carry the features' ids, so that
/// [`import`](crate::fhir::import) reads a QuestionnaireResponse to it (one that names its `url`)
/// without further ado.
pub fn questionnaire(description: &Description) -> Json {
    let meta = description.meta();
    let shown = description.language();
    let items: Vec<Json> =
        description.intake().features().iter().map(|feature| item(feature, shown)).collect();
    let disclaimer = Phrases::of(shown).disclaimer;
    let about = match meta.setting.warning(shown) {
        Some(warning) => format!("{warning} {disclaimer}"),
        None => disclaimer.to_owned(),
    };
    let mut form = json!({
        "resourceType": "Questionnaire",
        "url": identity::questionnaire(description.intake()),
        "name": name(&meta.id),
        "version": string(&meta.version),
        "language": shown,
        "status": "active",
        "experimental": true,
        "subjectType": ["Patient"],
        "description": about,
        "item": items,
    });
    set_text(&mut form, "title", &meta.title, shown);
    set_text(&mut form, "purpose", &meta.intended_use, shown);
    form
}

/// A name for machines: letters, digits and underscores, beginning with a capital.
fn name(id: &str) -> String {
    let body: String =
        id.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    format!("Intake_{body}")
}

fn item(feature: &Feature, shown: &str) -> Json {
    let mut item = json!({
        "linkId": feature.id,
        // What stays with the patient may be answered by other answers instead.
        "required": !feature.missing && !feature.local,
        "repeats": false,
    });
    set_text(&mut item, "text", &feature.label, shown);
    let codes = asked_codes(feature);
    if !codes.is_empty() {
        item["code"] = json!(codes);
    }
    match &feature.kind {
        Kind::Flag => item["type"] = json!("boolean"),
        Kind::Choice { options } => {
            item["type"] = json!("choice");
            let options = options.iter().map(|option| {
                let mut coding = json!({ "code": option.id });
                set_text(&mut coding, "display", &option.label, shown);
                json!({ "valueCoding": coding })
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
        let mut display = json!({ "linkId": link, "type": "display" });
        set_text(&mut display, "text", help, shown);
        item["item"] = json!([display]);
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
