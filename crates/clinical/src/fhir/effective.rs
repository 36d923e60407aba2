// SPDX-License-Identifier: Apache-2.0
//! When an observation was made.

use super::outcome::Doubt;
use super::resource::{list, Resource};
use super::time::{self, When};
use jiff::civil::Date;
use serde_json::Value as Json;

/// The time of an observation.
#[derive(Clone, Copy)]
pub(super) struct Effective<'a> {
    /// All of it.
    pub when: When,
    /// When it ended, which says how old it is.
    pub end: When,
    /// The end as it stands in the record.
    pub text: &'a str,
}

impl Effective<'_> {
    /// The day, month or year as it stands in the record.
    pub(super) fn day(&self) -> &str {
        self.text.get(..DAY).unwrap_or(self.text)
    }
}

/// Length of a day as it is written: `2026-11-28`.
pub(super) const DAY: usize = 10;

/// When a resource with the times of an observation was made; none if that isn't known.
pub(super) fn time_of(resource: &Resource<'_>, today: Date) -> Option<When> {
    effective(resource, today).ok().flatten().map(|effective| effective.when)
}

/// When it was made; none if it doesn't say.
pub(super) fn effective<'a>(
    resource: &Resource<'a>,
    today: Date,
) -> Result<Option<Effective<'a>>, Doubt> {
    let bad = |text: &str, why: &str| Doubt::new(&resource.name, "effective", text, why);
    let read = |json: &'a Json| {
        let text = json.as_str();
        let when = text.and_then(|text| Some((time::parse(text)?, text)));
        let shown = || text.map_or_else(|| json.to_string(), str::to_owned);
        when.ok_or_else(|| bad(&shown(), "can't be read as a date"))
    };
    let at = |(when, text): (When, &'a str)| Some(Effective { when, end: when, text });
    let is_time = |name: &str| {
        let kind = name.strip_prefix("effective");
        kind.is_some_and(|kind| kind.starts_with(|c: char| c.is_uppercase()))
    };
    let fields = resource.json.as_object().into_iter().flatten();
    let times: Vec<(&String, &Json)> =
        fields.filter(|(name, json)| is_time(name) && !json.is_null()).collect();
    let (name, json) = match times[..] {
        [one] => one,
        [] => {
            // It was written down at that time, and made then or before.
            let issued = resource.json.get("issued").filter(|json| !json.is_null());
            let Some((issued, text)) = issued.map(read).transpose()? else {
                return Ok(None);
            };
            return Ok(Some(Effective { when: issued.until(), end: issued, text }));
        }
        [(first, _), (second, _), ..] => {
            return Err(bad(&format!("{first}, {second}"), "are two times, and only one can be"));
        }
    };
    let period = |period: &'a Json| {
        let end = |name| period.get(name).filter(|json| !json.is_null()).map(read).transpose();
        let span = |start, end| {
            let why = "ends before it begins";
            When::span(start, end).ok_or_else(|| bad(&period.to_string(), why))
        };
        Ok(match (end("start")?, end("end")?) {
            (Some((start, _)), Some((end, text))) => {
                Some(Effective { when: span(start, end)?, end, text })
            }
            // It may have ended at any time since.
            (Some((start, text)), None) if start.first <= today => {
                let last = When::day(today.max(start.last));
                let when = span(start, last)?;
                // What is so, as smoking, is so until it ends; a number may be of any time of it.
                let is_state = ["valueCodeableConcept", "valueBoolean"]
                    .iter()
                    .any(|field| resource.json.get(*field).is_some());
                Some(Effective { when, end: if is_state { last } else { when }, text })
            }
            (Some(start), None) => at(start),
            (None, Some((end, text))) => Some(Effective { when: end.until(), end, text }),
            (None, None) => None,
        })
    };
    match name.as_str() {
        "effectiveDateTime" | "effectiveInstant" => Ok(at(read(json)?)),
        "effectivePeriod" if json.is_object() => period(json),
        "effectiveTiming" => {
            let events: Vec<(When, &str)> =
                list(json, "event").iter().map(read).collect::<Result<_, _>>()?;
            let bounds = json.get("repeat").and_then(|repeat| repeat.get("boundsPeriod"));
            match (events.into_iter().max(), bounds) {
                (Some(last), _) => Ok(at(last)),
                (None, Some(bounds)) if bounds.is_object() => period(bounds),
                _ => Err(bad(&json.to_string(), "is no time that can be placed")),
            }
        }
        _ => Err(bad(&json.to_string(), "is no time that can be placed")),
    }
}
