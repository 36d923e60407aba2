// SPDX-License-Identifier: Apache-2.0
//! Answers from QuestionnaireResponses.

use super::codes::{self, Match};
use super::observation::value;
use super::outcome::{latest_of, Doubt, Found, Reading, Said};
use super::record::Record;
use super::resource::{all_of, list, Resource};
use super::status::modified;
use super::time;
use crate::intake::{Choice, Feature, Kind, Value};
use serde_json::Value as Json;

/// Deepest nesting of items that is followed: deeper than JSON is read.
const MAX_DEPTH: usize = 128;

/// The answers to the items of that `linkId`, in responses to the questionnaire `form` or to any.
pub(super) fn answer(
    link: &str,
    form: Option<&str>,
    feature: &Feature,
    record: &Record<'_>,
) -> Said {
    let mut said = Said::default();
    let responses = record.of_kind("QuestionnaireResponse").filter(|response| {
        // A canonical URL may carry a version behind a bar.
        let asked = response.text("questionnaire").unwrap_or("");
        form.is_none_or(|form| asked.split('|').next() == Some(form))
    });
    for response in responses {
        let name = &response.name;
        let mut answers = Answers::default();
        answers.collect(response.json, link, 0);
        if answers.found.is_empty() && answers.doubt.is_none() {
            continue;
        }
        let usable = match status(response) {
            Ok(true) => Ok(()),
            Ok(false) => continue,
            Err(Unread::Note(note)) => {
                said.note(note);
                continue;
            }
            Err(Unread::Doubt(doubt)) => Err(doubt),
        };
        let authored = response.json.get("authored").filter(|json| !json.is_null());
        let (when, dated) = match authored.map(|json| json.as_str().and_then(time::parse)) {
            None => (None, Ok(())),
            Some(Some(when)) => (Some(when), Ok(())),
            Some(None) => {
                let shown = authored.map(Json::to_string).unwrap_or_default();
                (None, Err(Doubt::new(name, "authored", &shown, "can't be read as a date")))
            }
        };
        if when.is_some_and(|when| time::in_future(when, record.today)) {
            said.note(format!("{name} lies in the future"));
            continue;
        }
        let bad =
            answers.doubt.map_or(Ok(()), |(shown, why)| Err(Doubt::new(name, "item", &shown, why)));
        let reading = usable
            .and(dated)
            .and(modified(response, link).map_or(Ok(()), Err))
            .and(bad)
            .and_then(|()| one(&answers.found, link, feature, name));
        let found = |(value, conversion)| Found {
            value,
            origin: format!("{name}: answer to `{link}`"),
            stands: None,
            conversion,
        };
        said.readings.push(Reading { when, ..Reading::timeless(reading.map(found)) });
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

/// Why a response isn't read.
enum Unread {
    /// It is known not to count.
    Note(String),
    Doubt(Doubt),
}

/// Whether a response counts; withdrawn ones take no part in anything.
fn status(response: &Resource<'_>) -> Result<bool, Unread> {
    let name = &response.name;
    match response.json.get("status") {
        None | Some(Json::Null) => Ok(true),
        Some(Json::String(status)) => match status.as_str() {
            "completed" | "amended" => Ok(true),
            "entered-in-error" => Ok(false),
            "in-progress" | "stopped" => {
                Err(Unread::Note(format!("{name} isn't completed ({status})")))
            }
            other => {
                let why = "doesn't say whether it is completed";
                Err(Unread::Doubt(Doubt::new(name, "status", other, why)))
            }
        },
        Some(other) => {
            let why = "can't be read as a status";
            Err(Unread::Doubt(Doubt::new(name, "status", &other.to_string(), why)))
        }
    }
}

/// The answers to items with one `linkId`.
#[derive(Default)]
struct Answers<'a> {
    found: Vec<&'a Json>,
    /// What stands there and can't be read as it is, and why.
    doubt: Option<(String, &'static str)>,
}

impl<'a> Answers<'a> {
    /// All answers to items with that `linkId`.
    fn collect(&mut self, holder: &'a Json, link: &str, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        for item in list(holder, "item") {
            let answers = list(item, "answer");
            let asked = item.get("linkId").and_then(Json::as_str) == Some(link);
            let before = self.found.len();
            if asked {
                self.found.extend(answers);
                if item.get("answer").is_some_and(|answer| !answer.is_array() && !answer.is_null())
                {
                    self.doubt = Some((item["answer"].to_string(), "is no list of answers"));
                }
            }
            self.collect(item, link, depth + 1);
            for answer in answers {
                self.collect(answer, link, depth + 1);
            }
            // A modifier holds for all that is in the item.
            let modified = |json: &Json| !all_of(json, "modifierExtension").is_empty();
            if self.found.len() > before && (modified(item) || answers.iter().any(modified)) {
                self.doubt = Some((link.to_owned(), "has a modifier that isn't understood"));
            }
        }
    }
}

type Answer = (Value, Option<String>);

/// What the answers to one item say, which must be one thing.
fn one(answers: &[&Json], link: &str, feature: &Feature, name: &str) -> Result<Answer, Doubt> {
    let read = answers.iter().map(|answer| read(answer, feature, name));
    let mut read: Vec<Answer> = read.collect::<Result<_, _>>()?;
    read.dedup_by(|one, other| one.0 == other.0);
    match read.pop() {
        Some(answer) if read.is_empty() => Ok(answer),
        _ => Err(Doubt::new(name, "item.linkId", link, "is answered more than once")),
    }
}

fn read(answer: &Json, feature: &Feature, resource: &str) -> Result<Answer, Doubt> {
    const ELEMENT: &str = "item.answer";
    let doubt = |value: &str, why: String| Doubt::new(resource, ELEMENT, value, why);
    let unusable = || doubt(&answer.to_string(), format!("is not a {}", feature.kind.name()));
    value::require_one(answer, resource, ELEMENT)?;
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
            let is_id = |id: &str| plain.contains(&id);
            let id = option(coding, options, is_id, resource, ELEMENT, &coding.to_string())?;
            Ok((Value::Choice(id), None))
        }
        Kind::Quantity(quantity) => {
            if answer.get("valueQuantity").is_some() {
                let analyte = quantity.analyte.as_deref();
                let read = value::measured(answer, &quantity.unit, analyte, resource, ELEMENT);
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

/// The option that a concept names: by a code, or by what `is_id` says of its id. All of its
/// codings must name the same.
pub(super) fn option(
    concept: &Json,
    options: &[Choice],
    is_id: impl Fn(&str) -> bool,
    resource: &str,
    element: &'static str,
    shown: &str,
) -> Result<String, Doubt> {
    let mut named = Vec::new();
    let mut near = None;
    for option in options {
        match codes::find(Some(concept), element, &option.codes, resource) {
            Match::Yes(_) => named.push(&option.id),
            _ if is_id(&option.id) => named.push(&option.id),
            Match::Near(doubt) => near = near.or(Some(doubt)),
            Match::No => {}
        }
    }
    match (&named[..], near) {
        ([id], _) => Ok((*id).clone()),
        ([], Some(doubt)) => Err(doubt),
        ([], None) => Err(Doubt::new(resource, element, shown, "is none of the options")),
        _ => Err(Doubt::new(resource, element, shown, "is several of the options")),
    }
}
