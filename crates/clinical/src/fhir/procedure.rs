// SPDX-License-Identifier: Apache-2.0
//! Procedures that were done.

use super::codes::{self, Match};
use super::outcome::{Doubt, Said};
use super::record::Record;
use super::status::modified;
use crate::intake::CodeSet;

/// Procedures with one of the codes.
pub(super) fn procedure(wanted: &CodeSet, record: &Record<'_>) -> Said {
    let mut said = Said::default();
    for resource in record.of_kind("Procedure") {
        let name = &resource.name;
        let code = match codes::find(resource.json.get("code"), "code", wanted, name) {
            Match::Yes(code) => code,
            Match::Near(doubt) => {
                said.doubt(doubt);
                continue;
            }
            Match::No => continue,
        };
        if let Some(doubt) = modified(resource, &code) {
            said.doubt(doubt);
            continue;
        }
        match resource.text("status") {
            Some("completed") | None => said.yes(format!("{name}: {code}")),
            Some(status @ ("entered-in-error" | "not-done" | "preparation")) => {
                said.note(format!("{name} ({code}) is {status}"));
            }
            Some(status) => {
                let why = format!("doesn't say whether {code} was done");
                said.doubt(Doubt::new(name, "status", status, why));
            }
        }
    }
    said
}
