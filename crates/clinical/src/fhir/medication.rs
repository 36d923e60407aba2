// SPDX-License-Identifier: Apache-2.0
//! Medicines that are or were taken.

use super::codes::{self, Match};
use super::outcome::{Doubt, Said};
use super::record::{Record, Resource};
use super::status::{modified, status};
use super::time;
use crate::intake::{CodeSet, MedicationQuery};
use serde_json::Value as Json;

/// Statements of and prescriptions for one of the medicines.
pub(super) fn medication(query: &MedicationQuery, record: &Record<'_>) -> Said {
    let mut said = Said::default();
    for resource in record.of_kind("MedicationStatement").chain(record.of_kind("MedicationRequest"))
    {
        let name = &resource.name;
        let code = match medicine(resource, &query.codes, record) {
            Match::Yes(code) => code,
            Match::Near(doubt) => {
                said.doubt(doubt);
                continue;
            }
            Match::No => continue,
        };
        let never = resource.json.get("doNotPerform") == Some(&Json::Bool(true))
            || matches!(resource.text("intent"), Some("proposal" | "plan" | "option"));
        if let Some(doubt) = modified(resource, &code) {
            said.doubt(doubt);
            continue;
        }
        match taking(resource, record) {
            Err(doubt) => said.doubt(doubt),
            Ok(status) if never => {
                said.note(format!("{name} ({code}) is {status}, but isn't taken"))
            }
            Ok("active") => said.yes(format!("{name}: {code}")),
            Ok("completed" | "ended" | "stopped" | "on-hold") if query.past => {
                said.yes(format!("{name}: {code}, in the past"));
            }
            Ok(
                status @ ("completed" | "ended" | "stopped" | "on-hold" | "entered-in-error"
                | "not-taken" | "not-taking" | "cancelled" | "draft"),
            ) => said.note(format!("{name} ({code}) is {status}")),
            Ok(status) => {
                let why = format!("doesn't say whether {code} is taken");
                said.doubt(Doubt::new(name, "status", status, why));
            }
        }
    }
    said
}

/// Whether the medicine is taken, as a status of R4's MedicationStatement.
fn taking<'a>(resource: &Resource<'a>, record: &Record<'_>) -> Result<&'a str, Doubt> {
    let status = match resource.text("status") {
        // In R5 the status is that of the statement; whether the medicine is taken stands in
        // `adherence`.
        Some("recorded") => {
            let adherence = resource.json.get("adherence").and_then(|a| a.get("code"));
            match status(adherence) {
                None | Some("taking") => "active",
                Some(other) => other,
            }
        }
        other => other.unwrap_or("active"),
    };
    // Statements often stay active after their period.
    let period = resource.json.get("effectivePeriod");
    if let ("active", Some(text)) =
        (status, period.and_then(|p| p.get("end")).and_then(Json::as_str))
    {
        let end = time::parse(text).ok_or_else(|| {
            Doubt::new(&resource.name, "effectivePeriod.end", text, "is no date that can be")
        })?;
        if end.last < record.today {
            return Ok("completed");
        }
    }
    Ok(status)
}

/// The medicine's code, given in the resource itself or by reference to a Medication.
fn medicine(resource: &Resource<'_>, wanted: &CodeSet, record: &Record<'_>) -> Match {
    codes::find(concept(resource, record), "medication", wanted, &resource.name)
}

/// What medicine it is.
pub(super) fn concept<'a>(resource: &Resource<'a>, record: &Record<'a>) -> Option<&'a Json> {
    // R5 has `medication.concept` and `medication.reference` instead of R4's two fields.
    let r5 = |field| resource.json.get("medication").and_then(|medication| medication.get(field));
    let own = resource.json.get("medicationCodeableConcept").or_else(|| r5("concept"));
    own.or_else(|| {
        let reference = resource.json.get("medicationReference").or_else(|| r5("reference"))?;
        record.resolve(reference.get("reference")?.as_str()?, resource)?.get("code")
    })
}
