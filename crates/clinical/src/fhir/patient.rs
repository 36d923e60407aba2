// SPDX-License-Identifier: Apache-2.0
//! Age and sex of the patient.
//!
//! A record may have several Patient resources of one person, after a merge or from several
//! searches: what they say must agree.

use super::outcome::{Doubt, Found, Reading, Said};
use super::person::is_replaced;
use super::record::Record;
use super::resource::{all_of, Resource};
use super::sex::{self, Claim};
use super::time::{self, When};
use crate::intake::{Feature, Kind, PatientField, Value};
use crate::units;
use jiff::civil::Date;
use jiff::ToSpan;
use serde_json::Value as Json;

/// Nobody is known to have lived longer by more than two years (J. Calment, 122 years).
const OLDEST: i16 = 124;
/// Dates that software writes where it knows none: the first day of the last century, and the days
/// from which Unix and spreadsheets count.
const PLACEHOLDERS: [&str; 4] = ["1900-01-01", "1899-12-30", "1899-12-31", "1970-01-01"];

/// What the Patient resources say.
pub(super) fn patient(field: PatientField, feature: &Feature, record: &Record<'_>) -> Said {
    let mut said = Said::default();
    let mut patients: Vec<&Resource<'_>> = record.of_kind("Patient").collect();
    // The one that is in use is named.
    patients.sort_by_key(|patient| is_replaced(patient.json));
    if patients.is_empty() {
        said.note("the record has no Patient");
        return said;
    }
    let mut doubts: Vec<Doubt> = patients.iter().filter_map(|one| not_in_use(one)).collect();
    let found = match field {
        PatientField::Age => {
            doubts.extend(patients.iter().filter_map(|one| deceased(one)));
            age(&patients, feature, record, &mut doubts)
        }
        PatientField::Sex => sex(&patients, &mut doubts),
    };
    // A patient's data hold today.
    let when = Some(When::day(record.today));
    let reading = |said| Reading { when, ..Reading::timeless(said) };
    match found {
        _ if !doubts.is_empty() => {
            said.readings.extend(doubts.into_iter().map(|doubt| reading(Err(doubt))));
        }
        Some(found) => said.readings.push(reading(Ok(found))),
        None => {
            let what = match field {
                PatientField::Age => "birthDate",
                PatientField::Sex => "gender",
            };
            said.note(format!("{} has no {what}", patients[0].name));
        }
    }
    said
}

/// A Patient whose data may not be used, unless another took its place.
fn not_in_use(patient: &Resource<'_>) -> Option<Doubt> {
    if let Some(element) = patient.modifier() {
        let why = "has a modifier that isn't understood";
        return Some(Doubt::new(&patient.name, element, patient.kind, why));
    }
    let active = patient.json.get("active").filter(|active| !active.is_null())?;
    if *active == Json::Bool(true) || is_replaced(patient.json) {
        return None;
    }
    Some(Doubt::new(&patient.name, "active", &shown(active), "says that it isn't in use"))
}

fn deceased(patient: &Resource<'_>) -> Option<Doubt> {
    let fields = patient.json.as_object()?;
    for field in ["deceasedDateTime", "deceasedBoolean"] {
        if is_absent(patient, field) {
            let why =
                "says that it isn't known whether the patient died: give the age that is meant";
            return Some(Doubt::new(&patient.name, field, "absent, with a reason", why));
        }
        match fields.get(field) {
            None | Some(Json::Null | Json::Bool(false)) => {}
            Some(value) => {
                let why = "says that the patient died: give the age that is meant";
                return Some(Doubt::new(&patient.name, field, &shown(value), why));
            }
        }
    }
    None
}

/// A value as it stands, texts without their quotes.
fn shown(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Whether `_field` says that the field's value isn't known.
fn is_absent(patient: &Resource<'_>, field: &str) -> bool {
    let beside = patient.json.get(format!("_{field}"));
    beside.is_some_and(|beside| {
        all_of(beside, "extension").into_iter().any(|extension| {
            let url = extension.get("url").and_then(Json::as_str).unwrap_or("");
            url.ends_with("/data-absent-reason")
        })
    })
}

/// All that is said of the sex must agree. The administrative gender answers, or the sex parameter
/// for clinical use where that is absent or unknown; the others can only contradict.
fn sex(patients: &[&Resource<'_>], doubts: &mut Vec<Doubt>) -> Option<Found> {
    let mut answers: Vec<(&'static str, String)> = Vec::new();
    let mut claims: Vec<(&Resource<'_>, Claim)> = Vec::new();
    let mut unknown: Vec<Doubt> = Vec::new();
    for patient in patients {
        let doubt = |value: &str, why: &str| Doubt::new(&patient.name, "gender", value, why);
        match patient.json.get("gender").filter(|gender| !gender.is_null()) {
            None => {}
            Some(value) => match sex::of_word(value.as_str().unwrap_or("")) {
                _ if is_absent(patient, "gender") => {
                    doubts.push(doubt(&shown(value), "stands beside a reason why it is absent"));
                }
                Some(sex) => answers.push((sex, format!("{}: gender", patient.name))),
                None if value
                    .as_str()
                    .is_some_and(|word| word.trim().eq_ignore_ascii_case("unknown")) =>
                {
                    unknown.push(doubt(&shown(value), "is neither male nor female"));
                }
                None => doubts.push(doubt(&shown(value), "is neither male nor female")),
            },
        }
        claims.extend(sex::claims(patient.json).into_iter().map(|claim| (*patient, claim)));
    }
    if !answers.is_empty() {
        // Another Patient of this person says that it isn't known.
        doubts.append(&mut unknown);
    } else {
        for (patient, claim) in claims.iter().filter(|(_, claim)| claim.is_for_clinical_use) {
            if let Some(sex) = claim.sex {
                answers.push((sex, format!("{}: {}", patient.name, claim.element)));
            }
        }
        if answers.is_empty() {
            doubts.append(&mut unknown);
            doubts.extend(claims.iter().map(|(patient, claim)| {
                let why = "stands without a gender that can be used";
                Doubt::new(&patient.name, claim.element, &claim.value, why)
            }));
        }
    }
    let (sex, origin) = answers.first()?.clone();
    if let Some((other, origin)) = answers.iter().find(|(other, _)| *other != sex) {
        let (resource, element) = origin.split_once(": ").unwrap_or((origin, ""));
        let why = format!("and `{sex}` of another Patient of this person contradict each other");
        doubts.push(Doubt::new(&format!("{resource} {element}"), "sex", other, why));
    }
    for (patient, claim) in &claims {
        if claim.sex != Some(sex) {
            let why = match claim.sex {
                Some(_) => format!("contradicts `{sex}` ({origin})"),
                None => format!("leaves open whether `{sex}` ({origin}) is meant"),
            };
            doubts.push(Doubt::new(&patient.name, claim.element, &claim.value, why));
        }
    }
    Some(Found { value: Value::Choice(sex.to_owned()), origin, stands: None, conversion: None })
}

fn age(
    patients: &[&Resource<'_>],
    feature: &Feature,
    record: &Record<'_>,
    doubts: &mut Vec<Doubt>,
) -> Option<Found> {
    // The days that all dates leave possible.
    let mut birth: Option<(Date, Date)> = None;
    let mut first: Option<(&Resource<'_>, String)> = None;
    for patient in patients {
        let Some(value) = patient.json.get("birthDate").filter(|value| !value.is_null()) else {
            continue;
        };
        let text = shown(value);
        let doubt = |why: String| Doubt::new(&patient.name, "birthDate", &text, why);
        let Some([from, to]) = value.as_str().and_then(|text| days(text.trim(), record.today))
        else {
            doubts.push(doubt("is no date of birth that can be".to_owned()));
            continue;
        };
        if is_absent(patient, "birthDate") {
            doubts.push(doubt("stands beside a reason why it is absent".to_owned()));
        }
        if PLACEHOLDERS.contains(&text.trim()) || time::full_years(to, record.today) > OLDEST {
            doubts.push(doubt("is what some software writes for an unknown date".to_owned()));
        }
        let both = birth.map_or((from, to), |(least, most)| (least.max(from), most.min(to)));
        if both.0 > both.1 {
            let other = first.as_ref().map_or("", |(_, text)| text);
            doubts.push(doubt(format!(
                "and `{}` of another Patient of this person contradict each other",
                cso_model_files::shorten(other)
            )));
        } else {
            birth = Some(both);
        }
        first.get_or_insert((patient, text));
    }
    let (patient, text) = first?;
    let doubt = |why: String| Doubt::new(&patient.name, "birthDate", &text, why);
    let (from, to) = birth?;
    let years = |birth| time::full_years(birth, record.today);
    let (least, most) = (years(to), years(from));
    if least != most {
        doubts.push(doubt(format!("has no day, so that the age is {least} or {most}")));
        return None;
    }
    let Kind::Quantity(quantity) = &feature.kind else {
        doubts.push(doubt("answers only a question for a number".to_owned()));
        return None;
    };
    let years = match units::convert(f64::from(least), "a", &quantity.unit, None) {
        Ok(years) => years,
        Err(error) => {
            doubts.push(doubt(format!("can't be converted: {error}")));
            return None;
        }
    };
    let value = Value::Quantity(years);
    let conversion = match feature.local || feature.disclosed(&value) == value {
        true => "birth date to age",
        false => "birth date to age; ages over 89 leave as 90",
    };
    Some(Found {
        value,
        origin: format!("{}: birthDate", patient.name),
        stands: None,
        conversion: Some(conversion.to_owned()),
    })
}

/// The days that a date of birth can mean, up to today. With a time of day it was converted between
/// time zones, which may have moved it by a day.
fn days(text: &str, today: Date) -> Option<[Date; 2]> {
    let birth = time::parse(text)?;
    let margin = i64::from(text.len() > "1957-03-14".len()).days();
    let from = birth.first.checked_sub(margin).ok()?;
    let to = birth.last.checked_add(margin).ok()?.min(today);
    (birth.first <= today).then_some([from, to])
}
