// SPDX-License-Identifier: Apache-2.0
//! Patient, Condition, Procedure and medicines.

use serde_json::Value as Json;

use super::bundle::{Bundle, Resource};
use super::{codes, time, FhirError, Found, Lookup};
use crate::intake::{CodeSet, Feature, Kind, MedicationQuery, PatientField, Value};
use crate::units;
use cso_model_files::shorten;

/// Ages above this are given as [`OLD`], since they identify people.
const OLDEST_TOLD: i16 = 89;
const OLD: i16 = 90;

pub(super) fn patient(
    field: PatientField,
    feature: &Feature,
    bundle: &Bundle<'_>,
) -> Result<Lookup, FhirError> {
    let Some(patient) = bundle.of_kind("Patient").next() else {
        return Ok(Lookup::Nothing(vec!["the record has no Patient".to_owned()]));
    };
    match field {
        PatientField::Age => age(patient, feature, bundle),
        PatientField::Sex => Ok(match patient.text("gender") {
            Some(sex @ ("male" | "female")) => {
                found_plain(Value::Choice(sex.to_owned()), &patient.name, "gender")
            }
            Some(other) => {
                Lookup::Nothing(vec![format!("{}: gender is `{}`", patient.name, shorten(other))])
            }
            None => Lookup::Nothing(vec![format!("{} has no gender", patient.name)]),
        }),
    }
}

fn found_plain(value: Value, resource: &str, field: &str) -> Lookup {
    Lookup::Found(Found { value, origin: format!("{resource}: {field}"), conversion: None })
}

fn age(
    patient: &Resource<'_>,
    feature: &Feature,
    bundle: &Bundle<'_>,
) -> Result<Lookup, FhirError> {
    let Some(text) = patient.text("birthDate") else {
        return Ok(Lookup::Nothing(vec![format!("{} has no birthDate", patient.name)]));
    };
    let bad = || FhirError::BadDate {
        resource: patient.name.clone(),
        field: "birthDate",
        text: shorten(text),
    };
    let birth = time::parse(text).ok_or_else(bad)?;
    if birth.first > bundle.today {
        return Err(bad());
    }
    let told = |birth| {
        let years = time::full_years(birth, bundle.today);
        if years > OLDEST_TOLD {
            OLD
        } else {
            years
        }
    };
    let (least, most) = (told(birth.last.min(bundle.today)), told(birth.first));
    if least != most {
        let remark =
            format!("{}: birthDate has no day, the age is {least} or {most}", patient.name);
        return Ok(Lookup::Nothing(vec![remark]));
    }
    let Kind::Quantity(quantity) = &feature.kind else {
        return Ok(Lookup::Nothing(Vec::new()));
    };
    let years = units::convert(f64::from(least), "a", &quantity.unit, None).map_err(|error| {
        FhirError::Unit { resource: patient.name.clone(), feature: feature.id.clone(), error }
    })?;
    let conversion = if least == OLD {
        "birth date to age; ages over 89 become 90"
    } else {
        "birth date to age"
    };
    Ok(Lookup::Found(Found {
        value: Value::Quantity(years),
        origin: format!("{}: birthDate", patient.name),
        conversion: Some(conversion.to_owned()),
    }))
}

/// Statuses of conditions that are over.
const PAST: [&str; 3] = ["inactive", "remission", "resolved"];
/// Verification statuses that mean "this was not found to be true".
const NOT_TRUE: [&str; 2] = ["refuted", "entered-in-error"];
/// Verification statuses that leave it open.
const NOT_SURE: [&str; 3] = ["unconfirmed", "provisional", "differential"];

pub(super) fn condition(
    wanted: &CodeSet,
    past: bool,
    bundle: &Bundle<'_>,
) -> Result<Lookup, FhirError> {
    let mut remarks = Vec::new();
    for resource in bundle.of_kind("Condition") {
        let Some(code) = find_code(resource, "code", wanted)? else {
            continue;
        };
        let verification =
            codes::status(resource.json.get("verificationStatus")).unwrap_or("confirmed");
        if NOT_TRUE.contains(&verification) {
            continue;
        }
        if NOT_SURE.contains(&verification) {
            remarks.push(format!("{} ({code}) is only {verification}", resource.name));
            continue;
        }
        if let Some(remark) = resource.modified() {
            remarks.push(remark);
            continue;
        }
        let over = codes::status(resource.json.get("clinicalStatus")).map_or_else(
            || {
                resource
                    .json
                    .as_object()
                    .is_some_and(|o| o.keys().any(|key| key.starts_with("abatement")))
            },
            |status| PAST.contains(&status),
        );
        if over && !past {
            remarks.push(format!("{} ({code}) is over", resource.name));
            continue;
        }
        let when = if over { ", over" } else { "" };
        return Ok(yes(format!("{}: {code}{when}", resource.name)));
    }
    Ok(Lookup::Nothing(remarks))
}

pub(super) fn procedure(wanted: &CodeSet, bundle: &Bundle<'_>) -> Result<Lookup, FhirError> {
    let mut remarks = Vec::new();
    for resource in bundle.of_kind("Procedure") {
        let Some(code) = find_code(resource, "code", wanted)? else {
            continue;
        };
        if let Some(remark) = resource.modified() {
            remarks.push(remark);
            continue;
        }
        match resource.text("status") {
            Some("completed") | None => return Ok(yes(format!("{}: {code}", resource.name))),
            Some("entered-in-error") => {}
            Some(status) => {
                remarks.push(format!("{} ({code}) is {}", resource.name, shorten(status)))
            }
        }
    }
    Ok(Lookup::Nothing(remarks))
}

pub(super) fn medication(
    query: &MedicationQuery,
    bundle: &Bundle<'_>,
) -> Result<Lookup, FhirError> {
    let mut remarks = Vec::new();
    for resource in bundle.of_kind("MedicationStatement").chain(bundle.of_kind("MedicationRequest"))
    {
        let Some(code) = medicine(resource, &query.codes, bundle)? else {
            continue;
        };
        let never = resource.json.get("doNotPerform") == Some(&Json::Bool(true))
            || matches!(resource.text("intent"), Some("proposal" | "plan" | "option"));
        if let Some(remark) = resource.modified() {
            remarks.push(remark);
            continue;
        }
        match taking(resource, bundle)? {
            _ if never => {}
            "active" => return Ok(yes(format!("{}: {code}", resource.name))),
            "completed" | "ended" | "stopped" | "on-hold" if query.past => {
                return Ok(yes(format!("{}: {code}, in the past", resource.name)));
            }
            status @ ("completed" | "ended" | "stopped" | "on-hold" | "intended" | "unknown") => {
                remarks.push(format!("{} ({code}) is {status}", resource.name));
            }
            _ => {}
        }
    }
    Ok(Lookup::Nothing(remarks))
}

/// Whether the medicine is taken, as a status of R4's MedicationStatement.
fn taking<'a>(resource: &Resource<'a>, bundle: &Bundle<'_>) -> Result<&'a str, FhirError> {
    let status = match resource.text("status") {
        // In R5 the status is that of the statement; whether the medicine is taken stands in
        // `adherence`.
        Some("recorded") => {
            let adherence = resource.json.get("adherence").and_then(|a| a.get("code"));
            match codes::status(adherence) {
                None | Some("taking") => "active",
                Some(other) => other,
            }
        }
        other => other.unwrap_or("active"),
    };
    // Statements often stay active after their period.
    let period = resource.json.get("effectivePeriod");
    if let ("active", Some(end)) =
        (status, period.and_then(|p| p.get("end")).and_then(Json::as_str))
    {
        let end = time::parse(end).ok_or_else(|| FhirError::BadDate {
            resource: resource.name.clone(),
            field: "effectivePeriod",
            text: shorten(end),
        })?;
        if end.last < bundle.today {
            return Ok("completed");
        }
    }
    Ok(status)
}

/// The medicine's code, given in the resource itself or by reference to a Medication.
fn medicine(
    resource: &Resource<'_>,
    wanted: &CodeSet,
    bundle: &Bundle<'_>,
) -> Result<Option<String>, FhirError> {
    // R5 has `medication.concept` and `medication.reference` instead of R4's two fields.
    let r5 = |field| resource.json.get("medication").and_then(|medication| medication.get(field));
    if let Some(concept) = resource.json.get("medicationCodeableConcept").or_else(|| r5("concept"))
    {
        return codes::find(concept, wanted, &resource.name);
    }
    let reference = resource.json.get("medicationReference").or_else(|| r5("reference"));
    let target = reference.and_then(|r| r.get("reference")).and_then(Json::as_str);
    match target
        .and_then(|target| bundle.resolve(target, resource))
        .and_then(|medicine| medicine.get("code"))
    {
        Some(concept) => codes::find(concept, wanted, &resource.name),
        None => Ok(None),
    }
}

fn find_code(
    resource: &Resource<'_>,
    field: &str,
    wanted: &CodeSet,
) -> Result<Option<String>, FhirError> {
    match resource.json.get(field) {
        Some(concept) => codes::find(concept, wanted, &resource.name),
        None => Ok(None),
    }
}

fn yes(origin: String) -> Lookup {
    Lookup::Found(Found { value: Value::Flag(true), origin, conversion: None })
}
