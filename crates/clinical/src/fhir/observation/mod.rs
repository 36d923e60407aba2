// SPDX-License-Identifier: Apache-2.0
//! Observations: all that have a code, of which the latest decides. [`observed`] finds them and
//! says of each whether and when it counts, [`replaced`] which of them another one replaces,
//! [`several`] which of a window count, [`stay`] which of them are of before a stay in hospital,
//! [`context`] whether one is of the patient and of what its code says, [`matter`] what it is
//! measured in, [`value`] reads numbers with units, [`bmi`] computes the body mass index.

mod bmi;
mod context;
mod matter;
mod observed;
mod pressure;
mod replaced;
mod several;
mod stay;
pub(super) mod value;

pub(super) use bmi::{apart, body_mass_index, Dated};
pub(super) use context::focus;

use super::codes;
use super::outcome::{latest_of, Doubt, Reading, Said};
use super::questionnaire::option;
use super::record::Record;
use crate::intake::{tidy, Feature, Kind, ObservationQuery, Pick, Value};
use observed::{collect, Observed};
use serde_json::Value as Json;

/// Observations with one of the codes.
pub(super) fn observation(
    query: &ObservationQuery,
    feature: &Feature,
    record: &Record<'_>,
) -> Said {
    let (mut observed, mut notes) = collect(&query.codes, query.window, record);
    if query.ever || query.times.is_some() {
        // What wasn't measured hides nothing that was, where every measurement counts.
        observed.retain(|one| {
            if one.is_empty {
                notes.push(format!("{} has no value", one.resource.name));
            }
            !one.is_empty
        });
    }
    let readings = observed.iter().map(|one| {
        let read = one.usable.clone().and_then(|()| read(one, query, feature));
        let reported = match (&feature.kind, &read) {
            (Kind::Quantity(quantity), Ok(_)) => {
                let analyte = query.analyte.as_deref().or(quantity.analyte.as_deref());
                value::reported(one.holder, &quantity.unit, analyte)
            }
            _ => None,
        };
        Reading { reported, ..one.reading(read) }
    });
    let mut readings: Vec<Reading> = readings.collect();
    if query.pick == Pick::First {
        readings.extend(stay::before(&observed, record).map(|doubt| Reading::timeless(Err(doubt))));
    }
    if let Some(times) = query.times {
        let readings = several::repeated(readings, times);
        return Said { readings, notes };
    }
    if query.pick != Pick::Latest {
        let readings = several::picked(readings, query.pick);
        return Said { readings, notes };
    }
    // Of what changes the latest counts; what was ever so stays so.
    if feature.kind == Kind::Flag && !query.ever {
        readings = latest_of(readings);
    }
    for reading in &mut readings {
        reading.lasts = query.ever;
    }
    Said { readings, notes }
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
    value::require_one(one.holder, name, "value")?;
    match (&feature.kind, &query.threshold) {
        (Kind::Quantity(quantity), _) => {
            let analyte = analyte.or(quantity.analyte.as_deref());
            let (value, conversion) =
                value::measured(one.holder, &quantity.unit, analyte, name, "value")?;
            Ok((Value::Quantity(value), conversion))
        }
        (Kind::Flag, Some(threshold)) => {
            let unit = &threshold.unit;
            let (value, known, conversion) =
                value::compared(one.holder, unit, analyte, name, "value")?;
            let [least, most] = threshold.limits.unwrap_or([0.0, f64::INFINITY]);
            if !(least..=most).contains(&value) {
                return Err(doubt(&match most.is_finite() {
                    true => format!("is outside of {least} to {most} {unit}"),
                    false => "is less than nothing".to_owned(),
                }));
            }
            let Some(yes) = threshold.holds(value, known) else {
                return Err(doubt(&format!("doesn't tell whether it is {threshold} {unit}")));
            };
            let is = if yes { threshold.to_string() } else { threshold.missed() };
            let limit = format!("{}{} {unit} is {is}", known.sign(), tidy(value));
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
            let shown = value::shown(one.holder);
            let id = option(concept, options, |_| false, name, "value", &shown)?;
            Ok((Value::Choice(id), None))
        }
    }
}
