// SPDX-License-Identifier: Apache-2.0
//! How long what was prescribed lasts: the lengths of dosages and of the supply.

use super::resource::{list, Resource};
use super::time::When;
use jiff::civil::Date;
use jiff::ToSpan;
use serde_json::Value as Json;

/// Longest length in days that is reckoned with.
const MAX_DAYS: f64 = 36_525.0;

/// Where a prescription says that it lasts until a day before today, if it began at `start`: the
/// element, and what stands there. Lengths are taken for the longest that they can be.
pub(super) fn over(
    resource: &Resource<'_>,
    start: When,
    today: Date,
) -> Option<(&'static str, String)> {
    // It may begin later than it was written.
    let dispense = resource.json.get("dispenseRequest");
    let valid = dispense.and_then(|one| one.get("validityPeriod")?.get("start")?.as_str());
    let valid = valid.and_then(super::time::parse);
    let begins = valid.map_or(start.last, |valid| start.last.max(valid.last));
    let is_past = |days: f64| {
        let days = days.ceil().clamp(0.0, MAX_DAYS) as i64;
        begins.checked_add(days.days()).is_ok_and(|end| end < today)
    };
    let dosages = [list(resource.json, "dosageInstruction"), list(resource.json, "dosage")];
    let bounds: Vec<Option<&Json>> = dosages
        .into_iter()
        .flatten()
        .map(|dosage| dosage.get("timing")?.get("repeat")?.get("boundsDuration"))
        .collect();
    let lengths: Option<Vec<f64>> = bounds.iter().map(|bounds| days((*bounds)?)).collect();
    let longest = lengths.and_then(|lengths| lengths.into_iter().reduce(f64::max));
    if longest.is_some_and(is_past) {
        let text = bounds.into_iter().flatten().map(shown).max()?;
        return Some(("dosage.timing.repeat.boundsDuration", text));
    }
    let supply = dispense.and_then(|dispense| dispense.get("expectedSupplyDuration"))?;
    // Of repeats that can't be read none is known.
    let repeats = dispense.and_then(|dispense| dispense.get("numberOfRepeatsAllowed")?.as_f64());
    let repeats = repeats.unwrap_or(0.0);
    is_past(days(supply)? * (1.0 + repeats))
        .then(|| ("dispenseRequest.expectedSupplyDuration", shown(supply)))
}

/// A length of time in days.
fn days(duration: &Json) -> Option<f64> {
    let value = duration.get("value").and_then(Json::as_f64).filter(|value| *value >= 0.0)?;
    let unit = ["code", "unit"].into_iter().find_map(|field| duration.get(field)?.as_str())?;
    let one = match &*unit.trim().to_lowercase() {
        "s" | "min" | "h" | "hour" | "hours" => 1.0 / 24.0,
        "d" | "day" | "days" | "tag" | "tage" => 1.0,
        "wk" | "week" | "weeks" => 7.0,
        "mo" | "month" | "months" => 31.0,
        "a" | "year" | "years" => 366.0,
        _ => return None,
    };
    Some(value * one)
}

fn shown(duration: &Json) -> String {
    let number = duration.get("value").map(Json::to_string).unwrap_or_default();
    let unit = ["unit", "code"].into_iter().find_map(|field| duration.get(field)?.as_str());
    format!("{number} {}", unit.unwrap_or_default())
}
