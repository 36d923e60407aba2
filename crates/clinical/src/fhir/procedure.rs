// SPDX-License-Identifier: Apache-2.0
//! Procedures that were done.

use super::codes::{self, Match};
use super::older::{negation, Negation};
use super::outcome::{Doubt, Said};
use super::record::Record;
use super::resource::Resource;
use super::status::{modified, statement};
use super::time;
use super::{observation, wording};
use crate::intake::CodeSet;
use jiff::civil::Date;

/// Words of the status. What was begun, stopped or aborted says nothing of what was done.
const STATUS: &[(&str, &str)] = &[
    ("completed", "done"),
    ("not-done", "not-done"),
    ("preparation", "preparation"),
    ("entered-in-error", "entered-in-error"),
];
/// The meanings by which it wasn't done.
const NOT_DONE: [&str; 3] = ["entered-in-error", "not-done", "preparation"];

/// How a procedure stands.
pub(super) enum Standing {
    Done,
    /// It was not done: what it is instead.
    Not(String),
    Open(Doubt),
}

/// Procedures with one of the codes.
pub(super) fn procedure(wanted: &CodeSet, record: &Record<'_>) -> Said {
    let mut said = Said::default();
    for resource in record.of_kind("Procedure") {
        let name = &resource.name;
        let concept = resource.json.get("code");
        let (code, near) = match codes::find(concept, "code", wanted, name) {
            Match::Yes(code) => (code, None),
            Match::Near(doubt) => (codes::label(concept), Some(doubt)),
            Match::No => continue,
        };
        match standing(resource, &code, record.today) {
            Standing::Not(why) => said.note(format!("{name} ({code}) is {why}")),
            Standing::Open(doubt) => said.doubt(near.unwrap_or(doubt).about(&code)),
            Standing::Done => {
                let doubt = near
                    .or_else(|| wording::denied(concept.as_slice(), "code", &code, true, name))
                    .or_else(|| observation::focus(resource, record).err())
                    .or_else(|| modified(resource, &code));
                match doubt {
                    Some(doubt) => said.doubt(doubt.about(&code)),
                    None => said.yes(format!("{name}: {code}")),
                }
            }
        }
    }
    said
}

/// How a procedure stands by all that it says of itself.
pub(super) fn standing(resource: &Resource<'_>, code: &str, today: Date) -> Standing {
    let status = statement(resource, "status", STATUS);
    if let Some(not) = NOT_DONE.into_iter().find(|not| status.says(not)) {
        // A known negative wins over what isn't known, not over what says the contrary.
        if !status.says("done") {
            return Standing::Not(not.to_owned());
        }
    }
    match negation(resource) {
        Negation::None => {}
        Negation::Negated(element) => return Standing::Not(format!("not done (`{element}`)")),
        Negation::Unclear(doubt) => return Standing::Open(doubt),
    }
    let open = |element, shown: &str, why: String| {
        Standing::Open(Doubt::new(&resource.name, element, shown, why))
    };
    if !status.is_silent() && status.only() != Some("done") {
        return open("status", &status.shown, format!("doesn't say whether {code} was done"));
    }
    for (element, text) in times(resource) {
        // The day is enough to tell that it is over.
        match time::parse(text).or_else(|| time::parse(text.get(..10)?)) {
            None => return open(element, text, "can't be read as a date".to_owned()),
            Some(when) if time::in_future(when, today) => {
                return open(element, text, format!("lies ahead, yet {code} is completed"));
            }
            Some(_) => {}
        }
    }
    Standing::Done
}

/// When it was done, with the element that says so: `performed[x]`, in R5 `occurrence[x]`, in DSTU1
/// `date`.
fn times<'a>(resource: &Resource<'a>) -> Vec<(&'static str, &'a str)> {
    const MOMENTS: [(&str, &str); 3] = [
        ("performed", "performedDateTime"),
        ("occurrence", "occurrenceDateTime"),
        ("date", "date"),
    ];
    const PERIODS: [(&str, &str); 3] =
        [("performed", "performedPeriod"), ("occurrence", "occurrencePeriod"), ("date", "date")];
    let field = |name: &str| resource.json.get(name);
    let moments = MOMENTS.into_iter().filter_map(|(element, name)| Some((element, field(name)?)));
    let starts = PERIODS
        .into_iter()
        .filter_map(|(element, name)| Some((element, field(name)?.get("start")?)));
    moments.chain(starts).filter_map(|(element, time)| Some((element, time.as_str()?))).collect()
}
