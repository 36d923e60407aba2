// SPDX-License-Identifier: Apache-2.0
//! FHIR R4 in and out: from a record to answers, by an allow-list, and from an opinion to
//! resources.
//!
//! [`import`] reads a Bundle (or a single resource) and looks only at what the sources of an
//! intake's features name. Each answer comes with the resource it was taken from and with what
//! was converted or clamped, so that the patient sees what will leave; what the record doesn't
//! tell is listed with the reason, so that the patient can be asked. Nothing is guessed: a wanted
//! code in an unknown code system, an unknown unit or a second patient's data is an error, because
//! leaving it out silently would change a medical result.
//!
//! Dates never leave: birth dates become ages, and ages over 89 become 90.

mod bundle;
mod clinical;
mod codes;
mod error;
mod export;
mod identity;
mod observation;
mod questionnaire;
mod time;

pub use bundle::MAX_BUNDLE_BYTES;
pub use error::FhirError;
pub use export::{opinion, questionnaire, Answered};

use jiff::civil::Date;
use serde::Serialize;

use crate::intake::{Answers, Clamped, Feature, Intake, Kind, Source, Value, WhenAbsent};
use bundle::Bundle;

/// Answers found in a record.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Import {
    /// One for each feature that the record answers, in the intake's order.
    pub findings: Vec<Finding>,
    /// The features that it doesn't answer.
    pub missing: Vec<Missing>,
    /// How many resources the record has.
    pub resources: usize,
}

/// An answer with its origin.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// The feature's id.
    pub feature: String,
    /// The feature's label.
    pub label: String,
    /// The answer, in the feature's unit.
    pub value: Value,
    /// The answer as a person reads it, with its unit or the option's label.
    pub text: String,
    /// Where it was found.
    pub origin: String,
    /// How units were converted or values computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversion: Option<String>,
    /// Whether the record is silent and the protocol lets that count as "no".
    pub assumed: bool,
    /// Set if the value lies outside of the coded range and will be moved to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clamped: Option<Clamped>,
}

/// A feature the record doesn't answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Missing {
    /// The feature's id.
    pub feature: String,
    /// The feature's label.
    pub label: String,
    /// Why.
    pub reason: String,
}

impl Import {
    /// The answers by feature id; what is missing has no entry.
    pub fn answers(&self) -> Answers {
        self.findings
            .iter()
            .map(|finding| (finding.feature.clone(), finding.value.clone()))
            .collect()
    }
}

/// What one source says of a feature.
struct Found {
    value: Value,
    origin: String,
    conversion: Option<String>,
}

/// A source's result: an answer, or remarks why something near didn't count.
enum Lookup {
    Found(Found),
    Nothing(Vec<String>),
}

/// Reads a FHIR R4 JSON record for the features of an intake.
///
/// # Errors
///
/// [`FhirError`] with the resource, if the text is no FHIR of one patient, or if leaving something
/// out that the intake asks could change the result.
pub fn import(json: &str, intake: &Intake, today: Date) -> Result<Import, FhirError> {
    let text = bundle::parse(json)?;
    let bundle = Bundle::read(&text, today)?;
    let mut findings = Vec::new();
    let mut missing = Vec::new();
    let form = identity::questionnaire(intake);
    for feature in intake.features() {
        match answer(feature, &bundle, &form)? {
            Ok((found, assumed)) => findings.push(finding(feature, found, assumed)?),
            Err(remarks) => {
                let reason = if remarks.is_empty() {
                    "nothing in the record answers it".to_owned()
                } else {
                    told(&remarks)
                };
                missing.push(Missing {
                    feature: feature.id.clone(),
                    label: feature.label.clone(),
                    reason,
                });
            }
        }
    }
    Ok(Import { findings, missing, resources: bundle.resources.len() })
}

/// Most remarks that are told of one feature.
const MAX_REMARKS: usize = 4;

/// The remarks in one line.
fn told(remarks: &[String]) -> String {
    let first = remarks.len().min(MAX_REMARKS);
    let more = match remarks.len() - first {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    format!("{}{more}", remarks[..first].join("; "))
}

/// The answer and whether it was assumed, or remarks why there is none. `form` is the canonical URL
/// of the intake's own questionnaire, whose items carry the features' ids.
fn answer(
    feature: &Feature,
    bundle: &Bundle<'_>,
    form: &str,
) -> Result<Result<(Found, bool), Vec<String>>, FhirError> {
    let mut no = None;
    let mut remarks = Vec::new();
    let own = || questionnaire::answer(&feature.id, Some(form), feature, bundle);
    let sources = feature.sources.iter();
    let lookups = sources.map(|source| look_up(source, feature, bundle));
    for lookup in lookups.chain(std::iter::once_with(own)) {
        match lookup? {
            // Flags are yes if any source says yes, so a "no" waits for the others.
            Lookup::Found(found) if found.value == Value::Flag(false) => no = no.or(Some(found)),
            Lookup::Found(found) => return Ok(Ok((found, false))),
            Lookup::Nothing(more) => remarks.extend(more),
        }
    }
    if let Some(found) = no {
        return Ok(Ok((found, false)));
    }
    if feature.absent == WhenAbsent::No {
        let mut origin = "the history says nothing of it: taken as no".to_owned();
        if !remarks.is_empty() {
            origin = format!("{origin} ({})", told(&remarks));
        }
        return Ok(Ok((Found { value: Value::Flag(false), origin, conversion: None }, true)));
    }
    Ok(Err(remarks))
}

fn look_up(source: &Source, feature: &Feature, bundle: &Bundle<'_>) -> Result<Lookup, FhirError> {
    match source {
        Source::Patient(field) => clinical::patient(*field, feature, bundle),
        Source::Condition { codes, past } => clinical::condition(codes, *past, bundle),
        Source::Procedure { codes } => clinical::procedure(codes, bundle),
        Source::Medication(query) => clinical::medication(query, bundle),
        Source::Observation(query) => observation::observation(query, feature, bundle),
        Source::BodyMassIndex { within_days } => {
            observation::body_mass_index(*within_days, feature, bundle)
        }
        Source::Answer { link } => questionnaire::answer(link, None, feature, bundle),
    }
}

fn finding(feature: &Feature, found: Found, assumed: bool) -> Result<Finding, FhirError> {
    let mut clamped = Vec::new();
    feature.level(&found.value, &mut clamped)?;
    Ok(Finding {
        feature: feature.id.clone(),
        label: feature.label.clone(),
        text: feature.show(&found.value),
        value: found.value,
        origin: found.origin,
        conversion: found.conversion,
        assumed,
        clamped: clamped.pop(),
    })
}

impl Feature {
    /// An answer as a person reads it.
    pub fn show(&self, value: &Value) -> String {
        match (value, &self.kind) {
            (Value::Quantity(_), Kind::Quantity(quantity)) => {
                format!("{value} {}", if quantity.unit == "a" { "years" } else { &quantity.unit })
            }
            (Value::Choice(id), Kind::Choice { options }) => options
                .iter()
                .find(|option| option.id == *id)
                .map_or_else(|| id.clone(), |option| option.label.clone()),
            _ => value.to_string(),
        }
    }
}
