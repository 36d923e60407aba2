// SPDX-License-Identifier: Apache-2.0
//! Values with units.

use super::super::codes;
use super::super::outcome::{Doubt, Reported};
use crate::intake::{tidy, Comparator};
use crate::units::{self, UnitError};
use cso_model_files::shorten;
use serde_json::Value as Json;

const UCUM: [&str; 2] = ["unitsofmeasure.org", "urn:oid:2.16.840.1.113883.6.8"];

/// Units that differ by less say the same.
const ROUNDING: f64 = 1e-6;

/// The fields `value[x]` of an object that have something.
pub(super) fn values(holder: &Json) -> Vec<(&str, &Json)> {
    let is_value = |name: &str| {
        name.strip_prefix("value").is_some_and(|kind| kind.starts_with(|c: char| c.is_uppercase()))
    };
    let fields = holder.as_object().into_iter().flatten();
    let values = fields.filter(|(name, value)| is_value(name) && !value.is_null());
    values.map(|(name, value)| (name.as_str(), value)).collect()
}

/// An object must say one thing in `value[x]`.
pub(in super::super) fn require_one(
    holder: &Json,
    resource: &str,
    element: &'static str,
) -> Result<(), Doubt> {
    let doubt = |why: &str| Doubt::new(resource, element, &shown(holder), why);
    match values(holder)[..] {
        [_, _, ..] => Err(doubt("is one of several values, and only one can be")),
        [_] if is_absent(holder) => Err(doubt("stands beside a reason why there is none")),
        _ => Ok(()),
    }
}

/// Whether it says why there is no value, itself or beside a value of a primitive type.
fn is_absent(holder: &Json) -> bool {
    let beside = |name: &str| is_said(holder, &format!("_{name}"));
    is_said(holder, "dataAbsentReason") || values(holder).into_iter().any(|(name, _)| beside(name))
}

/// Whether an element is there.
fn is_said(json: &Json, field: &str) -> bool {
    json.get(field).is_some_and(|value| !value.is_null())
}

/// How a [`measured`] value was reported.
pub(super) fn reported(holder: &Json, unit: &str, analyte: Option<&str>) -> Option<Reported> {
    let quantity = holder.get("valueQuantity")?;
    let number = quantity.get("value")?;
    let (value, half) = (number.as_f64()?, half_of_last_digit(&number.to_string())?);
    let from = unit_of(quantity, value, unit, analyte).ok()?;
    let convert = |value| units::convert(value, &from, unit, analyte).ok();
    let (zero, one) = (convert(0.0)?, convert(1.0)?);
    let rounding = (one - zero).abs() * half;
    let is_converted = zero.abs() > ROUNDING || (one - 1.0).abs() > ROUNDING;
    // Spellings of one unit are one.
    Some(Reported { scale: format!("{zero:.6e} {one:.6e}"), is_converted, rounding })
}

/// Half of the last digit of a decimal number.
fn half_of_last_digit(number: &str) -> Option<f64> {
    if number.contains(['e', 'E']) {
        return None;
    }
    let decimals = match number.split_once('.') {
        // A whole number may be written as `212.0`.
        Some((_, "0")) | None => 0,
        Some((_, decimals)) => decimals.len(),
    };
    Some(0.5 * 10_f64.powi(-i32::try_from(decimals).ok()?))
}

/// A `valueQuantity` in the wanted unit, and how it was converted. `element` is where `holder`
/// stands in the resource.
pub(in super::super) fn measured(
    holder: &Json,
    unit: &str,
    analyte: Option<&str>,
    resource: &str,
    element: &'static str,
) -> Result<(f64, Option<String>), Doubt> {
    match compared(holder, unit, analyte, resource, element)? {
        (value, Comparator::Exact, conversion) => Ok((value, conversion)),
        _ => Err(Doubt::new(resource, element, &shown(holder), "is only a limit")),
    }
}

/// The same, where a limit (`<5`) may tell enough.
pub(super) fn compared(
    holder: &Json,
    unit: &str,
    analyte: Option<&str>,
    resource: &str,
    element: &'static str,
) -> Result<(f64, Comparator, Option<String>), Doubt> {
    require_one(holder, resource, element)?;
    let doubt = |value: &str, why: String| Doubt::new(resource, element, value, why);
    let Some(quantity) = holder.get("valueQuantity").filter(|quantity| quantity.is_object()) else {
        // Scores are often plain integers.
        return match holder.get("valueInteger").and_then(Json::as_f64) {
            Some(value) if dimensionless(unit) => Ok((value, Comparator::Exact, None)),
            _ => Err(doubt(&shown(holder), format!("is {}, and no quantity", kind(holder)))),
        };
    };
    let shown = shown(holder);
    let Some(value) = quantity.get("value").and_then(Json::as_f64) else {
        return Err(doubt(&shown, "has no number".into()));
    };
    let comparator = quantity.get("comparator").filter(|comparator| !comparator.is_null());
    let known = match comparator.map(|comparator| comparator.as_str().and_then(Comparator::read)) {
        None => Comparator::Exact,
        Some(Some(known)) => known,
        Some(None) => return Err(doubt(&shown, "is only a limit".into())),
    };
    if let Some(field) =
        ["_value", "_comparator"].into_iter().find(|field| is_said(quantity, field))
    {
        return Err(doubt(&shown, format!("has an extension that isn't understood (`{field}`)")));
    }
    let from = unit_of(quantity, value, unit, analyte).map_err(|why| doubt(&shown, why))?;
    let converted = units::convert(value, &from, unit, analyte)
        .map_err(|error| doubt(&shown, format!("can't be converted: {error}")))?;
    // UCUM takes a filtration of the whole body for one of 1.73 m².
    let is_indexed = |text: &str| ["1.73", "1,73"].iter().any(|size| text.contains(size));
    let fields = ["code", "unit"].map(|field| quantity.get(field).and_then(Json::as_str));
    if is_indexed(unit) && !fields.into_iter().flatten().any(is_indexed) {
        let why = format!("doesn't say whether it is of 1.73 m² of body surface, as `{unit}` is");
        return Err(doubt(&shown, why));
    }
    let sign = known.sign();
    let conversion =
        (from != unit).then(|| format!("{sign}{value} {from} = {sign}{} {unit}", tidy(converted)));
    Ok((converted, known, conversion))
}

/// What kind of value stands in `value[x]`, for people.
fn kind(holder: &Json) -> &'static str {
    match values(holder).first() {
        Some((_, Json::Array(_))) => "a list",
        Some((_, Json::String(_)) | ("valueCodeableConcept", _)) => "a text",
        Some(("valueRange", _)) => "a range",
        Some(("valueRatio", _)) => "a ratio",
        Some((_, Json::Number(_))) => "a number without unit",
        Some((_, Json::Bool(_))) => "yes or no",
        Some(("valueSampledData", _)) => "a series",
        Some(_) => "something else",
        None => "nothing",
    }
}

/// What stands in `value[x]`, as a person reads it.
pub(in super::super) fn shown(holder: &Json) -> String {
    values(holder).first().map(|(_, value)| in_words(value, 0)).unwrap_or_default()
}

/// How deep values in values are shown.
const MAX_DEPTH: usize = 3;

fn in_words(value: &Json, depth: usize) -> String {
    let text = |field: &str| match value.get(field) {
        Some(Json::String(text)) => Some(text.clone()),
        Some(Json::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    match value {
        Json::String(text) => text.clone(),
        Json::Object(_) if value.get("value").is_some() => {
            let comparator = text("comparator").unwrap_or_default();
            let number = text("value").unwrap_or_default();
            let unit = text("unit").or_else(|| text("code")).unwrap_or_default();
            format!("{comparator}{number} {unit}").trim().to_owned()
        }
        Json::Array(list) if depth < MAX_DEPTH && !list.is_empty() => {
            let all: Vec<String> = list.iter().map(|one| in_words(one, depth + 1)).collect();
            all.join(", ")
        }
        Json::Object(_) if depth < MAX_DEPTH => {
            let part = |field: &str| value.get(field).map(|part| in_words(part, depth + 1));
            match (part("low"), part("high"), part("numerator"), part("denominator")) {
                (Some(low), Some(high), _, _) => range(&low, &high),
                (Some(low), None, _, _) => format!("from {low}"),
                (None, Some(high), _, _) => format!("up to {high}"),
                (_, _, Some(over), Some(under)) => format!("{over} / {under}"),
                _ => text("text").or_else(|| concept(value)).unwrap_or_else(|| value.to_string()),
            }
        }
        other => other.to_string(),
    }
}

/// `1 to 2 mg/dL`: a unit that both ends have stands once.
fn range(low: &str, high: &str) -> String {
    let unit = high.split_once(' ').map(|(_, unit)| unit);
    match low.split_once(' ') {
        Some((number, of_low)) if Some(of_low) == unit => format!("{number} to {high}"),
        _ => format!("{low} to {high}"),
    }
}

/// A concept without a text, by its names and codes.
fn concept(value: &Json) -> Option<String> {
    value.get("coding")?;
    Some(codes::label(Some(value)))
}

/// Whether the unit is that of counts and scores.
fn dimensionless(unit: &str) -> bool {
    unit == "1" || unit.starts_with('{')
}

/// Whether a code system is UCUM, however its URI is written.
fn is_ucum(system: &str) -> bool {
    let system = system.trim().to_lowercase();
    let system = system.trim_start_matches("https://").trim_start_matches("http://");
    UCUM.contains(&system.trim_end_matches('/'))
}

/// The UCUM unit of a Quantity: its code if it says UCUM, else what its text means. Code and text
/// must not contradict each other.
fn unit_of(
    quantity: &Json,
    value: f64,
    wanted: &str,
    analyte: Option<&str>,
) -> Result<String, String> {
    let field = |name| match quantity.get(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
        Some(other) => Err(format!("has `{}` as `{name}`", shorten(&other.to_string()))),
    };
    let (system, code, text) = (field("system")?, field("code")?, field("unit")?);
    let as_text = |text: Option<&str>| text.map(|text| units::from_text(text, wanted));
    let readings = match system {
        Some(system) if is_ucum(system) => {
            [code.map(|code| units::from_code(code, wanted)), as_text(text)]
        }
        // A code of another system is only compared.
        Some(_) => [as_text(text), as_text(code)],
        None => [as_text(code), as_text(text)],
    };
    match readings {
        [Some(Ok(one)), Some(Ok(other))] => {
            let number = |unit: &str| units::convert(value, unit, wanted, analyte).ok();
            match (number(&one), number(&other)) {
                (Some(first), Some(second))
                    if (first - second).abs() > ROUNDING * first.abs().max(second.abs()) =>
                {
                    Err(differ(code, text))
                }
                (Some(_), None) => Err(differ(code, text)),
                _ => Ok(one),
            }
        }
        // The text is a unit as well, and of something else. What isn't UCUM may only look like
        // one.
        [Some(Ok(one)), Some(Err(_))]
            if system.is_none_or(is_ucum)
                && text.is_some_and(units::is_unit)
                && units::convert(value, &one, wanted, analyte).is_ok() =>
        {
            Err(differ(code, text))
        }
        // A text beside a UCUM code, or a code of another system, may be anything.
        [Some(Ok(one)), _] => Ok(one),
        [Some(Err(error)), _] => Err(cannot(&error)),
        [None, Some(_)] => match (system, code, text) {
            (Some(system), Some(code), None) => Err(format!(
                "has the unit `{}` of the system `{}`: a UCUM unit is needed",
                shorten(code),
                shorten(system)
            )),
            // Only the text is there.
            _ => as_text(text).unwrap_or(Ok(wanted.to_owned())).map_err(|error| cannot(&error)),
        },
        // A plain count or score needs no unit.
        [None, None] if dimensionless(wanted) => Ok(wanted.to_owned()),
        [None, None] => Err("has no unit: a UCUM unit is needed".to_owned()),
    }
}

fn differ(code: Option<&str>, text: Option<&str>) -> String {
    let shown = |text: Option<&str>| shorten(text.unwrap_or_default());
    format!(
        "has the code `{}` and the unit `{}`, which are different units",
        shown(code),
        shown(text)
    )
}

fn cannot(error: &UnitError) -> String {
    format!("can't be converted: {error}")
}
