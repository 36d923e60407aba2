// SPDX-License-Identifier: Apache-2.0
//! Observations: the latest value of a code, its unit, and body mass index.

use serde_json::Value as Json;

use super::bundle::{list, Bundle, Resource};
use super::time::{self, When};
use super::{codes, FhirError, Found, Lookup};
use crate::intake::{tidy, CodeSet, Feature, Kind, ObservationQuery, Value};
use crate::units;
use cso_model_files::shorten;

/// Statuses of observations that count.
const COUNTS: [&str; 4] = ["final", "amended", "corrected", "preliminary"];

const UCUM: [&str; 2] = ["http://unitsofmeasure.org", "urn:oid:2.16.840.1.113883.6.8"];

/// A value that was observed.
struct Observed<'a> {
    resource: &'a Resource<'a>,
    /// The observation or its component: the object that has `value[x]`.
    holder: &'a Json,
    code: String,
    when: Option<When>,
}

impl Observed<'_> {
    fn origin(&self) -> String {
        match self.when {
            Some(when) => format!("{} of {}: {}", self.resource.name, when.first, self.code),
            None => format!("{}: {}", self.resource.name, self.code),
        }
    }
}

pub(super) fn observation(
    query: &ObservationQuery,
    feature: &Feature,
    bundle: &Bundle<'_>,
) -> Result<Lookup, FhirError> {
    let (observed, mut remarks) = collect(&query.codes, query.within_days, bundle)?;
    let mut no = None;
    for one in &observed {
        match read(one, query, feature)? {
            Ok(found) if query.ever && found.value == Value::Flag(false) => no = no.or(Some(found)),
            Ok(found) => return Ok(Lookup::Found(found)),
            Err(remark) => remarks.push(remark),
        }
    }
    Ok(no.map_or(Lookup::Nothing(remarks), Lookup::Found))
}

/// The observations with one of the codes, the latest first, and remarks on those that don't count.
fn collect<'a>(
    wanted: &CodeSet,
    within_days: Option<u32>,
    bundle: &'a Bundle<'a>,
) -> Result<(Vec<Observed<'a>>, Vec<String>), FhirError> {
    let mut observed = Vec::new();
    let mut remarks = Vec::new();
    let mut old: Vec<(When, &str)> = Vec::new();
    for resource in bundle.of_kind("Observation") {
        let own = resource.json.get("code").map(|code| (resource.json, code));
        let parts = list(resource.json, "component")
            .iter()
            .filter_map(|part| part.get("code").map(|code| (part, code)));
        for (holder, concept) in own.into_iter().chain(parts) {
            let Some(code) = codes::find(concept, wanted, &resource.name)? else {
                continue;
            };
            if resource.text("status").is_some_and(|status| !COUNTS.contains(&status)) {
                continue;
            }
            if let Some(remark) = resource.modified() {
                remarks.push(remark);
                continue;
            }
            let when = effective(resource)?;
            match (when, within_days) {
                (Some(when), _) if time::in_future(when, bundle.today) => {
                    remarks.push(format!("{} lies in the future", resource.name));
                    continue;
                }
                (Some(when), Some(days)) if time::older_than(when, days, bundle.today) => {
                    old.push((when, &resource.name));
                    continue;
                }
                // It can't be shown to be recent.
                (None, Some(_)) => {
                    remarks.push(format!("{} has no date", resource.name));
                    continue;
                }
                _ => {}
            }
            if has_value(holder) {
                observed.push(Observed { resource, holder, code, when });
            } else if let Some(reason) = holder.get("dataAbsentReason") {
                let reason = codes::status(Some(reason)).unwrap_or("unknown");
                remarks.push(format!("{} has no value ({})", resource.name, shorten(reason)));
            }
        }
    }
    if let (Some((when, name)), Some(days)) = (old.iter().max(), within_days) {
        remarks.push(format!("the latest, {name} of {}, is older than {days} days", when.first));
    }
    observed.sort_by_key(|one| std::cmp::Reverse(one.when));
    Ok((observed, remarks))
}

fn has_value(holder: &Json) -> bool {
    holder.as_object().is_some_and(|fields| fields.keys().any(|key| key.starts_with("value")))
}

fn effective(resource: &Resource<'_>) -> Result<Option<When>, FhirError> {
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
        Some(text) => time::parse(text).map(Some).ok_or_else(|| FhirError::BadDate {
            resource: resource.name.clone(),
            field: "effective",
            text: shorten(text),
        }),
    }
}

/// Reads the value for the feature, or says why it can't serve.
fn read(
    one: &Observed<'_>,
    query: &ObservationQuery,
    feature: &Feature,
) -> Result<Result<Found, String>, FhirError> {
    let name = &one.resource.name;
    let found = |value, conversion| Ok(Ok(Found { value, origin: one.origin(), conversion }));
    let analyte = query.analyte.as_deref();
    match (&feature.kind, &query.threshold) {
        (Kind::Quantity(quantity), _) => {
            match measured(
                one.holder,
                &quantity.unit,
                analyte.or(quantity.analyte.as_deref()),
                name,
                feature,
            )? {
                Ok((value, conversion)) => found(Value::Quantity(value), conversion),
                Err(remark) => Ok(Err(remark)),
            }
        }
        (Kind::Flag, Some(threshold)) => {
            match measured(one.holder, &threshold.unit, analyte, name, feature)? {
                Ok((value, conversion)) => {
                    let yes = value >= threshold.at_least * (1.0 - 1e-9);
                    let sign = if yes { "at least" } else { "below" };
                    let limit = format!(
                        "{} {} is {sign} {}",
                        tidy(value),
                        threshold.unit,
                        threshold.at_least
                    );
                    let text = conversion
                        .map_or(limit.clone(), |conversion| format!("{conversion}; {limit}"));
                    found(Value::Flag(yes), Some(text))
                }
                Err(remark) => Ok(Err(remark)),
            }
        }
        (Kind::Flag, None) => {
            let flag = match one.holder.get("valueBoolean") {
                Some(Json::Bool(flag)) => Some(*flag),
                _ => one.holder.get("valueCodeableConcept").and_then(codes::yes_or_no),
            };
            match flag {
                Some(flag) => found(Value::Flag(flag), None),
                None => Ok(Err(format!("{name} says neither yes nor no"))),
            }
        }
        (Kind::Choice { options }, _) => {
            let Some(concept) = one.holder.get("valueCodeableConcept") else {
                return Ok(Err(format!("{name} has no coded value")));
            };
            for option in options {
                if codes::find(concept, &option.codes, name)?.is_some() {
                    return found(Value::Choice(option.id.clone()), None);
                }
            }
            Ok(Err(format!("{name} has a value that is none of the options")))
        }
    }
}

/// A `valueQuantity` in the wanted unit, and how it was converted.
pub(super) fn measured(
    holder: &Json,
    unit: &str,
    analyte: Option<&str>,
    resource: &str,
    feature: &Feature,
) -> Result<Result<(f64, Option<String>), String>, FhirError> {
    let Some(quantity) = holder.get("valueQuantity") else {
        // Scores are often plain integers.
        return Ok(match holder.get("valueInteger").and_then(Json::as_f64) {
            Some(value) if dimensionless(unit) => Ok((value, None)),
            _ => Err(format!("{resource} has no quantity")),
        });
    };
    let Some(value) = quantity.get("value").and_then(Json::as_f64) else {
        return Ok(Err(format!("{resource} has a quantity without a value")));
    };
    if let Some(comparator) = quantity.get("comparator").and_then(Json::as_str) {
        return Ok(Err(format!("{resource} gives only a limit ({}{value})", shorten(comparator))));
    }
    let from = unit_of(quantity, unit, resource, feature)?;
    let converted = units::convert(value, from, unit, analyte).map_err(|error| {
        FhirError::Unit { resource: resource.to_owned(), feature: feature.id.clone(), error }
    })?;
    let conversion = (from != unit).then(|| format!("{value} {from} = {} {unit}", tidy(converted)));
    Ok(Ok((converted, conversion)))
}

/// Whether the unit is that of counts and scores.
fn dimensionless(unit: &str) -> bool {
    unit == "1" || unit.starts_with('{')
}

/// The UCUM unit of a Quantity: its code if it says UCUM, else its text if that can be read as
/// UCUM.
fn unit_of<'a>(
    quantity: &'a Json,
    wanted: &'a str,
    resource: &str,
    feature: &Feature,
) -> Result<&'a str, FhirError> {
    let field =
        |name| quantity.get(name).and_then(Json::as_str).filter(|text| !text.trim().is_empty());
    let refuse = |problem: String| FhirError::UnitSystem {
        resource: resource.to_owned(),
        feature: feature.id.clone(),
        problem,
    };
    match (field("system"), field("code"), field("unit")) {
        (Some(system), Some(code), _) if UCUM.contains(&system) => Ok(code),
        (Some(system), Some(code), _) => {
            Err(refuse(format!("the unit `{}` of the system `{}`", shorten(code), shorten(system))))
        }
        (_, None, Some(text)) | (None, Some(text), _) => units::from_text(text).map_err(|error| {
            FhirError::Unit { resource: resource.to_owned(), feature: feature.id.clone(), error }
        }),
        // A plain count or score needs no unit.
        (_, None, None) if dimensionless(wanted) => Ok(wanted),
        (_, None, None) => Err(refuse("no unit".to_owned())),
    }
}

pub(super) fn body_mass_index(
    within_days: Option<u32>,
    feature: &Feature,
    bundle: &Bundle<'_>,
) -> Result<Lookup, FhirError> {
    let Kind::Quantity(quantity) = &feature.kind else {
        return Ok(Lookup::Nothing(Vec::new()));
    };
    let codes = |codes: [&str; 3]| CodeSet {
        loinc: codes.map(str::to_owned).to_vec(),
        ..CodeSet::default()
    };
    let mut latest = Vec::with_capacity(2);
    // Body weight and body height: unspecified, measured, stated. An adult's height stays: no time
    // limit.
    for (what, codes, unit, days) in [
        ("weight", codes(["29463-7", "3141-9", "3142-7"]), "kg", within_days),
        ("height", codes(["8302-2", "3137-7", "3138-5"]), "m", None),
    ] {
        let (observed, mut remarks) = collect(&codes, days, bundle)?;
        let Some(first) = observed.first() else {
            remarks.insert(0, format!("no body {what} for a body mass index"));
            return Ok(Lookup::Nothing(remarks));
        };
        match measured(first.holder, unit, None, &first.resource.name, feature)? {
            Ok((value, conversion)) => latest.push((value, conversion, first.origin())),
            Err(remark) => return Ok(Lookup::Nothing(vec![remark])),
        }
    }
    let [(weight, weight_text, weight_origin), (height, height_text, height_origin)] = &latest[..]
    else {
        return Ok(Lookup::Nothing(Vec::new()));
    };
    if *height <= 0.0 || *weight <= 0.0 {
        return Ok(Lookup::Nothing(vec!["body weight or height is not above 0".to_owned()]));
    }
    let value = units::convert(weight / (height * height), "kg/m2", &quantity.unit, None).map_err(
        |error| FhirError::Unit {
            resource: "body mass index".to_owned(),
            feature: feature.id.clone(),
            error,
        },
    )?;
    let steps = [weight_text.as_deref(), height_text.as_deref()].into_iter().flatten();
    let formula = format!(
        "{} kg / ({} m)² = {:.2} kg/m2",
        tidy(*weight),
        tidy(*height),
        weight / (height * height)
    );
    let conversion = steps.map(str::to_owned).chain([formula]).collect::<Vec<_>>().join("; ");
    Ok(Lookup::Found(Found {
        value: Value::Quantity(value),
        origin: format!("{weight_origin}; {height_origin}"),
        conversion: Some(conversion),
    }))
}
