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

const UCUM: &str = "http://unitsofmeasure.org";
const EXTENSION: &str = "http://hl7.org/fhir/StructureDefinition";

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
