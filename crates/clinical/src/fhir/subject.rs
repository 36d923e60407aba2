// SPDX-License-Identifier: Apache-2.0
//! Whose record it is.

use super::record::{Record, Resource, KINDS};
use super::FhirError;
use cso_model_files::shorten;

/// All resources must be about one person.
pub(super) fn require_one_patient(record: &mut Record<'_>) -> Result<(), FhirError> {
    let patients: Vec<&Resource<'_>> = record.of_kind("Patient").collect();
    if let [first, second, ..] = patients[..] {
        return Err(FhirError::SeveralPatients { ids: format!("{}, {}", first.name, second.name) });
    }
    let mut expected: Option<&str> = None;
    for resource in record.resources.iter().filter(|one| KINDS.contains(&one.kind)) {
        // Conditional references (`Patient?identifier=...`) can't be compared.
        let Some(found) = subject(resource).filter(|reference| !reference.contains('?')) else {
            continue;
        };
        let (fits, whom) = match (patients.first(), expected) {
            (Some(patient), _) => (patient.is_at(found), patient.name.as_str()),
            (None, Some(expected)) => (expected == found, expected),
            (None, None) => {
                expected = Some(found);
                (true, found)
            }
        };
        if !fits {
            return Err(FhirError::OtherPatient {
                resource: resource.name.clone(),
                found: shorten(found),
                expected: shorten(whom),
            });
        }
    }
    Ok(())
}

fn subject<'a>(resource: &Resource<'a>) -> Option<&'a str> {
    let subject = resource.json.get("subject").or_else(|| resource.json.get("patient"))?;
    subject.get("reference")?.as_str()
}
