// SPDX-License-Identifier: Apache-2.0
//! Conditions.

use super::codes::{self, Match};
use super::outcome::{Doubt, Said};
use super::record::Record;
use super::status::{modified, status};
use crate::intake::CodeSet;

/// Clinical statuses of conditions that hold.
const HOLDS: [&str; 3] = ["active", "recurrence", "relapse"];
/// Clinical statuses of conditions that are over.
const PAST: [&str; 3] = ["inactive", "remission", "resolved"];
/// Verification statuses that mean "this was not found to be true".
const NOT_TRUE: [&str; 2] = ["refuted", "entered-in-error"];
/// Verification statuses that leave it open.
const NOT_SURE: [&str; 3] = ["unconfirmed", "provisional", "differential"];

/// Conditions with one of the codes, also those that are over if they count.
pub(super) fn condition(wanted: &CodeSet, past: bool, record: &Record<'_>) -> Said {
    let mut said = Said::default();
    for resource in record.of_kind("Condition") {
        let name = &resource.name;
        let code = match codes::find(resource.json.get("code"), "code", wanted, name) {
            Match::Yes(code) => code,
            Match::Near(doubt) => {
                said.doubt(doubt);
                continue;
            }
            Match::No => continue,
        };
        let verification = status(resource.json.get("verificationStatus")).unwrap_or("confirmed");
        if NOT_TRUE.contains(&verification) {
            said.note(format!("{name} ({code}) is {verification}"));
            continue;
        }
        if NOT_SURE.contains(&verification) || verification != "confirmed" {
            let why = format!("leaves open whether {code} holds");
            said.doubt(Doubt::new(name, "verificationStatus", verification, why));
            continue;
        }
        if let Some(doubt) = modified(resource, &code) {
            said.doubt(doubt);
            continue;
        }
        let abated = resource
            .json
            .as_object()
            .is_some_and(|fields| fields.keys().any(|key| key.starts_with("abatement")));
        let over = match status(resource.json.get("clinicalStatus")) {
            None => abated,
            Some(status) if HOLDS.contains(&status) => false,
            Some(status) if PAST.contains(&status) => true,
            Some(status) => {
                let why = format!("doesn't say whether {code} holds");
                said.doubt(Doubt::new(name, "clinicalStatus", status, why));
                continue;
            }
        };
        match (over, past) {
            (true, false) => said.note(format!("{name} ({code}) is over")),
            (true, true) => said.yes(format!("{name}: {code}, over")),
            (false, _) => said.yes(format!("{name}: {code}")),
        }
    }
    said
}
