// SPDX-License-Identifier: Apache-2.0
//! Answers from QuestionnaireResponses.

use super::codes::{self, Match};
use super::observation::value;
use super::outcome::{latest_of, Doubt, Found, Reading, Said};
use super::record::{list, Record};
use super::status::modified;
use super::time;
use crate::intake::{Feature, Kind, Value};
use serde_json::Value as Json;

/// Deepest nesting of items that is followed.
const MAX_DEPTH: usize = 32;

/// The answers to the items of that `linkId`, in responses to the questionnaire `form` or to any.
pub(super) fn answer(
    link: &str,
    form: Option<&str>,
    feature: &Feature,
    record: &Record<'_>,
) -> Said {
    let mut said = Said::default();
    let responses = record
        .of_kind("QuestionnaireResponse")
        .filter(|response| {
            // A canonical URL may carry a version behind a bar.
            let asked = response.text("questionnaire").unwrap_or("");
            form.is_none_or(|form| asked.split('|').next() == Some(form))
        })
        .filter(|response| matches!(response.text("status"), Some("completed" | "amended") | None));
    for response in responses {
        let mut answers = Vec::new();
        collect(response.json, link, 0, &mut answers);
        let name = &response.name;
        let reading = match (&answers[..], modified(response, link)) {
            ([], _) => continue,
            (_, Some(doubt)) => Err(doubt),
            ([answer], None) => read(answer, feature, name).map(|(value, conversion)| Found {
                value,
                origin: format!("{name}: answer to `{link}`"),
                conversion,
            }),
            _ => Err(Doubt::new(name, "item.linkId", link, "is answered more than once")),
        };
        said.readings.push(Reading {
            when: response.text("authored").and_then(time::parse),
            ..Reading::timeless(reading)
        });
    }
    latest_only(said, feature)
}

/// Of several responses the latest counts, for flags too.
fn latest_only(said: Said, feature: &Feature) -> Said {
    match feature.kind {
        Kind::Flag => Said { readings: latest_of(said.readings), ..said },
        _ => said,
    }
}

/// All answers to items with that `linkId`.
fn collect<'a>(holder: &'a Json, link: &str, depth: usize, into: &mut Vec<&'a Json>) {
    if depth > MAX_DEPTH {
        return;
    }
    for item in list(holder, "item") {
        let answers = list(item, "answer");
        if item.get("linkId").and_then(Json::as_str) == Some(link) {
            into.extend(answers);
        }
        collect(item, link, depth + 1, into);
        for answer in answers {
            collect(answer, link, depth + 1, into);
        }
    }
}

type Answer = (Value, Option<String>);

fn read(answer: &Json, feature: &Feature, resource: &str) -> Result<Answer, Doubt> {
    let doubt = |value: &str, why: String| Doubt::new(resource, "item.answer", value, why);
    let unusable = || doubt(&answer.to_string(), format!("is not a {}", feature.kind.name()));
    if let Some(text) = answer.get("valueString").and_then(Json::as_str) {
        return feature
            .parse_answer(text)
            .map(|value| (value, None))
            .map_err(|error| doubt(text, format!("can't be taken: {error}")));
    }
    let coding = answer.get("valueCoding");
    match &feature.kind {
        Kind::Flag => answer
            .get("valueBoolean")
            .and_then(Json::as_bool)
            .or_else(|| coding.and_then(codes::yes_or_no))
            .map(|flag| (Value::Flag(flag), None))
            .ok_or_else(unusable),
        Kind::Choice { options } => {
            let coding = coding.ok_or_else(unusable)?;
            let plain = codes::plain_codes(coding);
            options
                .iter()
                .find(|option| {
                    plain.contains(&option.id.as_str())
                        || matches!(
                            codes::find(Some(coding), "item.answer", &option.codes, resource),
                            Match::Yes(_)
                        )
                })
                .map(|option| (Value::Choice(option.id.clone()), None))
                .ok_or_else(|| doubt(&coding.to_string(), "is none of the options".into()))
        }
        Kind::Quantity(quantity) => {
            if answer.get("valueQuantity").is_some() {
                let analyte = quantity.analyte.as_deref();
                let read =
                    value::measured(answer, &quantity.unit, analyte, resource, "item.answer");
                return read.map(|(value, conversion)| (Value::Quantity(value), conversion));
            }
            let number = answer
                .get("valueDecimal")
                .or_else(|| answer.get("valueInteger"))
                .and_then(Json::as_f64);
            number.map(|number| (Value::Quantity(number), None)).ok_or_else(unusable)
        }
    }
}
