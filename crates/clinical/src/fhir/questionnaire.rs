// SPDX-License-Identifier: Apache-2.0
//! Answers from QuestionnaireResponses.

use serde_json::Value as Json;

use super::bundle::{list, Bundle};
use super::{codes, observation, time, FhirError, Found, Lookup};
use crate::intake::{Feature, Kind, Value};

/// Deepest nesting of items that is followed.
const MAX_DEPTH: usize = 32;

/// The answer to the items of that `linkId`, in responses to the questionnaire `form` or to any.
pub(super) fn answer(
    link: &str,
    form: Option<&str>,
    feature: &Feature,
    bundle: &Bundle<'_>,
) -> Result<Lookup, FhirError> {
    let mut responses: Vec<_> = bundle
        .of_kind("QuestionnaireResponse")
        .filter(|response| {
            // A canonical URL may carry a version behind a bar.
            let asked = response.text("questionnaire").unwrap_or("");
            form.is_none_or(|form| asked.split('|').next() == Some(form))
        })
        .filter(|response| matches!(response.text("status"), Some("completed" | "amended") | None))
        .collect();
    responses
        .sort_by_key(|response| std::cmp::Reverse(response.text("authored").and_then(time::parse)));
    let mut remarks = Vec::new();
    for response in responses {
        let mut answers = Vec::new();
        collect(response.json, link, 0, &mut answers);
        match answers[..] {
            [] => {}
            [_] if response.modified().is_some() => remarks.extend(response.modified()),
            [answer] => match read(answer, feature, &response.name)? {
                Ok((value, conversion)) => {
                    let origin = format!("{}: answer to `{link}`", response.name);
                    return Ok(Lookup::Found(Found { value, origin, conversion }));
                }
                Err(remark) => remarks.push(remark),
            },
            _ => remarks.push(format!("{} answers `{link}` more than once", response.name)),
        }
    }
    Ok(Lookup::Nothing(remarks))
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

fn read(
    answer: &Json,
    feature: &Feature,
    resource: &str,
) -> Result<Result<Answer, String>, FhirError> {
    if let Some(text) = answer.get("valueString").and_then(Json::as_str) {
        return Ok(feature
            .parse_answer(text)
            .map(|value| (value, None))
            .map_err(|error| error.to_string()));
    }
    let coding = answer.get("valueCoding");
    let unusable = || Ok(Err(format!("{resource}: the answer is not a {}", feature.kind.name())));
    match &feature.kind {
        Kind::Flag => {
            let flag = answer
                .get("valueBoolean")
                .and_then(Json::as_bool)
                .or_else(|| coding.and_then(codes::yes_or_no));
            flag.map_or_else(unusable, |flag| Ok(Ok((Value::Flag(flag), None))))
        }
        Kind::Choice { options } => {
            let Some(coding) = coding else {
                return unusable();
            };
            let plain = codes::plain_codes(coding);
            for option in options {
                if plain.contains(&option.id.as_str())
                    || codes::find(coding, &option.codes, resource)?.is_some()
                {
                    return Ok(Ok((Value::Choice(option.id.clone()), None)));
                }
            }
            Ok(Err(format!("{resource}: the answer is none of the options")))
        }
        Kind::Quantity(quantity) => {
            if answer.get("valueQuantity").is_some() {
                let analyte = quantity.analyte.as_deref();
                let measured =
                    observation::measured(answer, &quantity.unit, analyte, resource, feature)?;
                return Ok(measured.map(|(value, conversion)| (Value::Quantity(value), conversion)));
            }
            let number = answer
                .get("valueDecimal")
                .or_else(|| answer.get("valueInteger"))
                .and_then(Json::as_f64);
            number.map_or_else(unusable, |number| Ok(Ok((Value::Quantity(number), None))))
        }
    }
}
