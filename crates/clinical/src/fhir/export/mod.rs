// SPDX-License-Identifier: Apache-2.0
//! FHIR R4 out.
//!
//! | module | what |
//! |---|---|
//! | `questionnaire` | the intake as a Questionnaire |
//! | `opinion` | the opinion as RiskAssessment and Observations |
//! | `narrative` | what a resource says in words, for readers of XHTML |
//!
//! Nothing here knows the patient, nor where an answer was read.

mod narrative;
mod opinion;
mod questionnaire;

pub use opinion::{opinion, Answered};
pub use questionnaire::questionnaire;

use serde_json::{json, Value as Json};

use crate::intake::text::Text;

const UCUM: &str = "http://unitsofmeasure.org";
const EXTENSION: &str = "http://hl7.org/fhir/StructureDefinition";

/// A text in the language that is shown under `field`, and what it is in others beside it, by the
/// standard extension `translation`.
fn set_text(json: &mut Json, field: &str, text: &Text, shown: &str) {
    json[field] = json!(string(text));
    let others = text.translations().filter(|(language, _)| *language != shown);
    let others: Vec<Json> = others
        .map(|(language, text)| {
            let language = json!({ "url": "lang", "valueCode": language });
            let content = json!({ "url": "content", "valueString": string(text) });
            json!({ "url": format!("{EXTENSION}/translation"), "extension": [language, content] })
        })
        .collect();
    if !others.is_empty() {
        json[format!("_{field}")] = json!({ "extension": others });
    }
}

/// A text as FHIR's type `string` takes it: of white space it has blanks, tabs and line ends only
/// (R4, Data Types, `[ \r\n\t\S]+`), not the narrow and fixed ones that people set before units.
fn string(text: &str) -> String {
    let plain = |letter: char| match letter {
        '\t' | '\r' | '\n' => letter,
        _ if letter.is_whitespace() => ' ',
        _ => letter,
    };
    text.chars().map(plain).collect()
}
