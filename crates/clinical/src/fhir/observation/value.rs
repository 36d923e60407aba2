// SPDX-License-Identifier: Apache-2.0
//! Values with units.

use super::super::outcome::Doubt;
use crate::intake::tidy;
use crate::units;
use cso_model_files::shorten;
use serde_json::Value as Json;

const UCUM: [&str; 2] = ["http://unitsofmeasure.org", "urn:oid:2.16.840.1.113883.6.8"];

/// A `valueQuantity` in the wanted unit, and how it was converted. `element` is where `holder`
/// stands in the resource.
pub(in super::super) fn measured(
    holder: &Json,
    unit: &str,
    analyte: Option<&str>,
    resource: &str,
    element: &'static str,
) -> Result<(f64, Option<String>), Doubt> {
    let doubt = |value: &str, why: String| Doubt::new(resource, element, value, why);
    let Some(quantity) = holder.get("valueQuantity") else {
        // Scores are often plain integers.
        return match holder.get("valueInteger").and_then(Json::as_f64) {
            Some(value) if dimensionless(unit) => Ok((value, None)),
            _ => Err(doubt(&shown(holder), "is no quantity".into())),
        };
    };
    let shown = shown(holder);
    let Some(value) = quantity.get("value").and_then(Json::as_f64) else {
        return Err(doubt(&shown, "has no number".into()));
    };
    if quantity.get("comparator").is_some() {
        return Err(doubt(&shown, "is only a limit".into()));
    }
    let from = unit_of(quantity, unit).map_err(|why| doubt(&shown, why))?;
    let converted = units::convert(value, from, unit, analyte)
        .map_err(|error| doubt(&shown, format!("can't be converted: {error}")))?;
    let conversion = (from != unit).then(|| format!("{value} {from} = {} {unit}", tidy(converted)));
    Ok((converted, conversion))
}

/// What stands in `value[x]`, as a person reads it.
pub(super) fn shown(holder: &Json) -> String {
    let Some((_, value)) = holder
        .as_object()
        .and_then(|fields| fields.iter().find(|(name, _)| name.starts_with("value")))
    else {
        return String::new();
    };
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
        other => other.to_string(),
    }
}

/// Whether the unit is that of counts and scores.
fn dimensionless(unit: &str) -> bool {
    unit == "1" || unit.starts_with('{')
}

/// The UCUM unit of a Quantity: its code if it says UCUM, else its text if that can be read as
/// UCUM.
fn unit_of<'a>(quantity: &'a Json, wanted: &'a str) -> Result<&'a str, String> {
    let field =
        |name| quantity.get(name).and_then(Json::as_str).filter(|text| !text.trim().is_empty());
    match (field("system"), field("code"), field("unit")) {
        (Some(system), Some(code), _) if UCUM.contains(&system) => Ok(code),
        (Some(system), Some(code), _) => Err(format!(
            "has the unit `{}` of the system `{}`: a UCUM unit is needed",
            shorten(code),
            shorten(system)
        )),
        (_, None, Some(text)) | (None, Some(text), _) => {
            units::from_text(text).map_err(|error| error.to_string())
        }
        // A plain count or score needs no unit.
        (_, None, None) if dimensionless(wanted) => Ok(wanted),
        (_, None, None) => Err("has no unit: a UCUM unit is needed".to_owned()),
    }
}
