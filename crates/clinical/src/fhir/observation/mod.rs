// SPDX-License-Identifier: Apache-2.0
//! Observations: all that have a code, of which the latest decides.

mod bmi;
pub(super) mod value;

pub(super) use bmi::body_mass_index;

use super::codes::{self, Match};
use super::outcome::{latest_of, Doubt, Found, Reading, Said, Standing};
use super::record::{list, Record, Resource};
use super::status::{modified, status};
use super::time::{self, When};
use crate::intake::{tidy, CodeSet, Feature, Kind, ObservationQuery, Value};
use cso_model_files::shorten;
use serde_json::Value as Json;

/// Something that was observed.
struct Observed<'a> {
    resource: &'a Resource<'a>,
    /// The observation or its component: the object that has `value[x]`.
    holder: &'a Json,
    code: String,
    when: Option<When>,
    standing: Standing,
    /// Why it can't be used, whatever its value is.
    usable: Result<(), Doubt>,
}

impl Observed<'_> {
    fn origin(&self) -> String {
        match self.when {
            Some(when) => format!("{} of {}: {}", self.resource.name, when.first, self.code),
            None => format!("{}: {}", self.resource.name, self.code),
        }
    }

    fn reading(&self, read: Result<(Value, Option<String>), Doubt>) -> Reading {
        let found = |(value, conversion)| Found { value, origin: self.origin(), conversion };
        Reading {
            when: self.when,
            issued: self.resource.text("issued").and_then(time::parse),
            standing: self.standing,
            said: read.map(found),
        }
    }
}

/// Observations with one of the codes.
pub(super) fn observation(
    query: &ObservationQuery,
    feature: &Feature,
    record: &Record<'_>,
) -> Said {
    let (observed, notes) = collect(&query.codes, query.within_days, record);
    let readings = observed.iter().map(|one| {
        let read = one.usable.clone().and_then(|()| read(one, query, feature));
        one.reading(read)
    });
    let readings: Vec<Reading> = readings.collect();
    let readings = match feature.kind {
        // Of what changes the latest counts; what was ever so stays so.
        Kind::Flag if !query.ever => latest_of(readings),
        _ => readings,
    };
    Said { readings, notes }
}

/// The observations with one of the codes, and notes on those that don't count.
fn collect<'a>(
    wanted: &CodeSet,
    within_days: Option<u32>,
    record: &'a Record<'a>,
) -> (Vec<Observed<'a>>, Vec<String>) {
    let mut observed = Vec::new();
    let mut notes = Vec::new();
    let mut old: Vec<(When, &str)> = Vec::new();
    for resource in record.of_kind("Observation") {
        let own = resource.json.get("code").map(|code| (resource.json, code));
        let parts = list(resource.json, "component")
            .iter()
            .filter_map(|part| part.get("code").map(|code| (part, code)));
        for (holder, concept) in own.into_iter().chain(parts) {
            let (code, mut usable) =
                match codes::find(Some(concept), "code", wanted, &resource.name) {
                    Match::Yes(code) => (code, Ok(())),
                    Match::Near(doubt) => (String::new(), Err(doubt)),
                    Match::No => continue,
                };
            let standing = match resource.text("status") {
                Some("preliminary") => Standing::Preliminary,
                Some("final") | None => Standing::Final,
                Some("amended" | "corrected" | "appended") => Standing::Corrected,
                Some("entered-in-error" | "cancelled" | "registered") => continue,
                Some(other) => {
                    let why = "doesn't say whether it counts";
                    usable = Err(Doubt::new(&resource.name, "status", other, why));
                    Standing::Final
                }
            };
            let standing = standing.min(resource.at_most);
            if let Some(doubt) = modified(resource, &code) {
                usable = Err(doubt);
            }
            let when = match effective(resource) {
                Ok(when) => when,
                Err(doubt) => {
                    usable = Err(doubt);
                    None
                }
            };
            match (when, within_days) {
                (Some(when), _) if time::in_future(when, record.today) => {
                    notes.push(format!("{} lies in the future", resource.name));
                    continue;
                }
                (Some(when), Some(days)) if time::older_than(when, days, record.today) => {
                    old.push((when, &resource.name));
                    continue;
                }
                // It can't be shown to be recent.
                (None, Some(days)) if usable.is_ok() => {
                    let why = format!("has no date, and must be of the last {days} days");
                    usable =
                        Err(Doubt::new(&resource.name, "effective", &value::shown(holder), why));
                }
                _ => {}
            }
            if has_value(holder) {
                observed.push(Observed { resource, holder, code, when, standing, usable });
            } else if let Some(reason) = holder.get("dataAbsentReason") {
                let reason = status(Some(reason)).unwrap_or("unknown");
                notes.push(format!("{} has no value ({})", resource.name, shorten(reason)));
            }
        }
    }
    if let (Some((when, name)), Some(days)) = (old.iter().max(), within_days) {
        notes.push(format!("the latest, {name} of {}, is older than {days} days", when.first));
    }
    (observed, notes)
}

fn has_value(holder: &Json) -> bool {
    holder.as_object().is_some_and(|fields| fields.keys().any(|key| key.starts_with("value")))
}

fn effective(resource: &Resource<'_>) -> Result<Option<When>, Doubt> {
    let period =
        |end| resource.json.get("effectivePeriod").and_then(|p| p.get(end)).and_then(Json::as_str);
    let last_event = || {
        let events = list(resource.json.get("effectiveTiming")?, "event");
        events.iter().filter_map(Json::as_str).max()
    };
    let text = resource
        .text("effectiveDateTime")
        .or_else(|| resource.text("effectiveInstant"))
        .or_else(last_event)
        .or_else(|| period("end"))
        .or_else(|| period("start"))
        .or_else(|| resource.text("issued"));
    match text {
        None => Ok(None),
        Some(text) => time::parse(text)
            .map(Some)
            .ok_or_else(|| Doubt::new(&resource.name, "effective", text, "is no date that can be")),
    }
}

/// Reads the value for the feature, or says why it can't serve.
fn read(
    one: &Observed<'_>,
    query: &ObservationQuery,
    feature: &Feature,
) -> Result<(Value, Option<String>), Doubt> {
    let name = &one.resource.name;
    let analyte = query.analyte.as_deref();
    let doubt = |why: &str| Doubt::new(name, "value", &value::shown(one.holder), why);
    match (&feature.kind, &query.threshold) {
        (Kind::Quantity(quantity), _) => {
            let analyte = analyte.or(quantity.analyte.as_deref());
            let (value, conversion) =
                value::measured(one.holder, &quantity.unit, analyte, name, "value")?;
            Ok((Value::Quantity(value), conversion))
        }
        (Kind::Flag, Some(threshold)) => {
            let (value, conversion) =
                value::measured(one.holder, &threshold.unit, analyte, name, "value")?;
            let yes = value >= threshold.at_least * (1.0 - 1e-9);
            let sign = if yes { "at least" } else { "below" };
            let limit =
                format!("{} {} is {sign} {}", tidy(value), threshold.unit, threshold.at_least);
            let text =
                conversion.map_or(limit.clone(), |conversion| format!("{conversion}; {limit}"));
            Ok((Value::Flag(yes), Some(text)))
        }
        (Kind::Flag, None) => {
            let flag = match one.holder.get("valueBoolean") {
                Some(Json::Bool(flag)) => Some(*flag),
                _ => one.holder.get("valueCodeableConcept").and_then(codes::yes_or_no),
            };
            let flag = flag.ok_or_else(|| doubt("says neither yes nor no"))?;
            Ok((Value::Flag(flag), None))
        }
        (Kind::Choice { options }, _) => {
            let concept = one
                .holder
                .get("valueCodeableConcept")
                .ok_or_else(|| doubt("has no coded value"))?;
            let fits =
                |codes| matches!(codes::find(Some(concept), "value", codes, name), Match::Yes(_));
            options
                .iter()
                .find(|option| fits(&option.codes))
                .map(|option| (Value::Choice(option.id.clone()), None))
                .ok_or_else(|| doubt("is none of the options"))
        }
    }
}
