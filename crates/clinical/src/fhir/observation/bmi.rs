// SPDX-License-Identifier: Apache-2.0
//! Body mass index from weight and height.

use super::super::outcome::{latest, Doubt, Found, Outcome, Reading, Said};
use super::super::record::Record;
use super::{collect, value};
use crate::intake::{tidy, CodeSet, Feature, Kind, Value};
use crate::units;

/// Body weight and body height: unspecified, measured, stated.
const WEIGHT: [&str; 3] = ["29463-7", "3141-9", "3142-7"];
const HEIGHT: [&str; 3] = ["8302-2", "3137-7", "3138-5"];

/// Body weight over squared height, from the latest of both.
pub(in super::super) fn body_mass_index(
    within_days: Option<u32>,
    feature: &Feature,
    record: &Record<'_>,
) -> Said {
    let mut said = Said::default();
    let Kind::Quantity(quantity) = &feature.kind else {
        return said;
    };
    // An adult's height stays: no time limit.
    let parts = [("weight", WEIGHT, "kg", within_days), ("height", HEIGHT, "m", None)];
    let mut found = Vec::with_capacity(2);
    let mut when = None;
    for (what, codes, unit, days) in parts {
        let wanted = CodeSet { loinc: codes.map(str::to_owned).to_vec(), ..CodeSet::default() };
        let (observed, notes) = collect(&wanted, days, record);
        said.notes.extend(notes);
        let readings = observed.into_iter().map(|one| {
            let read = one.usable.clone().and_then(|()| {
                value::measured(one.holder, unit, None, &one.resource.name, "value")
            });
            one.reading(read.map(|(value, conversion)| (Value::Quantity(value), conversion)))
        });
        let readings: Vec<Reading> = readings.collect();
        let times = readings.iter().filter_map(|one| one.when);
        when = times.max().max(when);
        match latest(readings) {
            Outcome::Found(one) => found.push(one),
            Outcome::Doubt(doubts) => {
                let doubts = doubts.into_iter().map(Err).map(Reading::timeless);
                said.readings.extend(doubts);
                return said;
            }
            Outcome::Silent => {
                said.notes.insert(0, format!("no body {what} for a body mass index"));
                return said;
            }
        }
    }
    let [Found { value: Value::Quantity(weight), origin: from, conversion: weighed }, Found { value: Value::Quantity(height), origin: and, conversion: measured }] =
        &found[..]
    else {
        return said;
    };
    let origin = format!("{from}; {and}");
    let doubt = |why: String| {
        let shown = format!("{} kg, {} m", tidy(*weight), tidy(*height));
        Reading { when, ..Reading::timeless(Err(Doubt::new(&origin, "value", &shown, why))) }
    };
    if *height <= 0.0 || *weight <= 0.0 {
        said.readings.push(doubt("isn't above 0".into()));
        return said;
    }
    let value = match units::convert(weight / (height * height), "kg/m2", &quantity.unit, None) {
        Ok(value) => value,
        Err(error) => {
            said.readings.push(doubt(format!("can't be converted: {error}")));
            return said;
        }
    };
    let formula = format!(
        "{} kg / ({} m)² = {:.2} kg/m2",
        tidy(*weight),
        tidy(*height),
        weight / (height * height)
    );
    let steps = [weighed, measured].into_iter().flatten().cloned().chain([formula]);
    let conversion = Some(steps.collect::<Vec<_>>().join("; "));
    let answer = Found { value: Value::Quantity(value), origin: origin.clone(), conversion };
    said.readings.push(Reading { when, ..Reading::timeless(Ok(answer)) });
    said
}
