// SPDX-License-Identifier: Apache-2.0
//! Body mass index from weight and height.

use super::super::outcome::{agreed, deciding, Doubt, Found, Made, Outcome, Reading, Said};
use super::super::record::Record;
use super::super::time::{self, When};
use super::observed::collect;
use super::value;
use crate::intake::{tidy, CodeLists, CodeSet, Feature, Kind, Value, Window};
use crate::units;

/// Body weight and body height: unspecified, measured, stated.
const WEIGHT: Part = Part {
    name: "weight",
    codes: ["29463-7", "3141-9", "3142-7"],
    unit: "kg",
    limits: [0.2, 650.0],
};
const HEIGHT: Part =
    Part { name: "height", codes: ["8302-2", "3137-7", "3138-5"], unit: "m", limits: [0.2, 2.8] };

/// What grows no more: weight and height of different times go together from this age on.
const ADULT: i16 = 18;
/// At any age they go together if they are at most so many days apart.
const TOGETHER_DAYS: i32 = 31;

/// One of the two quantities.
struct Part {
    name: &'static str,
    codes: [&'static str; 3],
    unit: &'static str,
    /// What people can weigh and measure: beyond it, units were mixed up.
    limits: [f64; 2],
}

/// When one of the two was measured, and where it stands.
pub(in super::super) struct Dated<'a> {
    pub when: Option<When>,
    pub origin: &'a str,
}

/// A quantity of which it is clear which counts.
struct Measured {
    value: f64,
    found: Found,
    when: Option<When>,
}

/// Body weight over squared height, from the latest of both. It is of the time of the weight.
pub(in super::super) fn body_mass_index(
    within_days: Option<u32>,
    feature: &Feature,
    record: &Record<'_>,
) -> Said {
    let mut said = Said::default();
    let Kind::Quantity(quantity) = &feature.kind else {
        return said;
    };
    let Some(weight) = measured(&WEIGHT, within_days, None, record, &mut said) else {
        return said;
    };
    // An adult's height stays: no time limit.
    let Some(height) = measured(&HEIGHT, None, Some(&weight), record, &mut said) else {
        return said;
    };
    let origin = format!("{}; {}", weight.found.origin, height.found.origin);
    let (kg, m) = (weight.value, height.value);
    let index = kg / (m * m);
    let formula = format!("{} kg / ({} m)² = {index:.2} kg/m2", tidy(kg), tidy(m));
    let doubt = |why: String| {
        let shown = format!("{} kg, {} m", tidy(kg), tidy(m));
        Err(Doubt::new(&origin, "value", &shown, why))
    };
    fn dated(one: &Measured) -> Dated<'_> {
        Dated { when: one.when, origin: &one.found.origin }
    }
    let read = match (
        apart(&dated(&weight), &dated(&height), record),
        units::convert(index, "kg/m2", &quantity.unit, None),
    ) {
        (Some((why, _)), _) => doubt(why),
        (None, Err(error)) => doubt(format!("can't be converted: {error}")),
        (None, Ok(value)) => {
            let steps = [weight.found.conversion, height.found.conversion];
            let steps: Vec<String> = steps.into_iter().flatten().chain([formula]).collect();
            let conversion = Some(steps.join("; "));
            Ok(Found {
                value: Value::Quantity(value),
                origin: origin.clone(),
                stands: None,
                conversion,
            })
        }
    };
    said.readings.push(computed(weight.when, read));
    said
}

fn computed(when: Option<When>, said: Result<Found, Doubt>) -> Reading {
    Reading { when, made: Made::Computed, ..Reading::timeless(said) }
}

/// The latest of a quantity, or none after what stands in its way was said: of the time of `with`,
/// or of its own.
fn measured(
    part: &Part,
    within_days: Option<u32>,
    with: Option<&Measured>,
    record: &Record<'_>,
    said: &mut Said,
) -> Option<Measured> {
    let codes = part.codes.map(str::to_owned).to_vec();
    let wanted = CodeSet::new(CodeLists { loinc: codes, ..CodeLists::default() }, &[]);
    let (observed, notes) = collect(&wanted, within_days.map(Window::Days), record);
    said.notes.extend(notes);
    let readings = observed.into_iter().map(|one| {
        let read = one.usable.clone().and_then(|()| read(part, one.holder, &one.resource.name));
        let reported = value::reported(one.holder, part.unit, None).filter(|_| read.is_ok());
        Reading { reported, ..one.reading(read) }
    });
    let open = deciding(readings.collect());
    let when = open.iter().filter_map(|one| one.when).max();
    match agreed(&open) {
        Outcome::Found(found) => match found.value {
            Value::Quantity(value) => Some(Measured { value, found, when }),
            _ => None,
        },
        Outcome::Doubt(doubts) => {
            let when = with.map_or(when, |with| with.when);
            said.readings.extend(doubts.into_iter().map(|doubt| computed(when, Err(doubt))));
            None
        }
        Outcome::Silent => {
            said.notes.insert(0, format!("no body {} for a body mass index", part.name));
            None
        }
    }
}

fn read(
    part: &Part,
    holder: &serde_json::Value,
    resource: &str,
) -> Result<(Value, Option<String>), Doubt> {
    let (value, conversion) = value::measured(holder, part.unit, None, resource, "value")?;
    let [least, most] = part.limits;
    if !(least..=most).contains(&value) {
        let why = format!("is no body {} that can be: the unit may be wrong", part.name);
        return Err(Doubt::new(resource, "value", &value::shown(holder), why));
    }
    Ok((Value::Quantity(value), conversion))
}

/// Why a weight and a height may not be of one grown person, and whether that is due to the height:
/// a child's height with an adult's weight gives an index that nobody ever had.
pub(in super::super) fn apart(
    weight: &Dated<'_>,
    height: &Dated<'_>,
    record: &Record<'_>,
) -> Option<(String, bool)> {
    if let (Some(weighed), Some(measured)) = (weight.when, height.when) {
        if weighed.is_near(measured, TOGETHER_DAYS) {
            return None;
        }
    }
    // The last day that all Patient resources leave possible; none, if one can't be read.
    let births = record.of_kind("Patient").filter_map(|patient| patient.json.get("birthDate"));
    let births = births.map(|birth| birth.as_str().and_then(time::parse));
    let birth = births.max_by_key(|birth| (birth.is_none(), birth.map(|birth| birth.last)));
    let birth = birth.flatten();
    let problem = |one: &Dated<'_>| match (one.when, birth) {
        (None, _) => Some(format!("don't go together: {} has no date", one.origin)),
        (_, None) => Some("don't go together: nothing says how old the patient was".to_owned()),
        (Some(when), Some(birth)) => (time::full_years(birth.last, when.first) < ADULT)
            .then(|| format!("don't go together: {} may be of a child", one.origin)),
    };
    let of_height = problem(height).map(|why| (why, true));
    of_height.or_else(|| weight.when.and_then(|_| problem(weight)).map(|why| (why, false)))
}
