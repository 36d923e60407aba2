// SPDX-License-Identifier: Apache-2.0
//! Which kinds of resources an answer of a server, a list or a file is about.

use super::completeness::codes_of;
use serde_json::Value as Json;

/// The kinds of which a record's silence is asked.
const ASKED: [&str; 5] =
    ["Condition", "MedicationRequest", "MedicationStatement", "Observation", "Procedure"];

const CONDITIONS: &[&str] = &["Condition"];
const MEDICINES: &[&str] = &["MedicationRequest", "MedicationStatement"];
const RESULTS: &[&str] = &["Observation"];
const PROCEDURES: &[&str] = &["Procedure"];

/// What something that wasn't read may have held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Concern {
    /// Anything.
    All,
    /// Resources of these kinds; of none that matter, if there are none.
    These(&'static [&'static str]),
}

/// What is in the kinds of resources of FHIR.
const KINDS: &[(&str, &[&str])] = &[
    ("Condition", CONDITIONS),
    ("Medication", MEDICINES),
    ("MedicationAdministration", MEDICINES),
    ("MedicationDispense", MEDICINES),
    ("MedicationOrder", MEDICINES),
    ("MedicationPrescription", MEDICINES),
    ("MedicationRequest", &["MedicationRequest"]),
    ("MedicationStatement", &["MedicationStatement"]),
    ("MedicationUsage", &["MedicationStatement"]),
    ("Observation", RESULTS),
    ("DiagnosticReport", RESULTS),
    ("Procedure", PROCEDURES),
    ("Account", &[]),
    ("AdverseEvent", &[]),
    ("AllergyIntolerance", &[]),
    ("Appointment", &[]),
    ("AuditEvent", &[]),
    ("CarePlan", &[]),
    ("CareTeam", &[]),
    ("Claim", &[]),
    ("Communication", &[]),
    ("Consent", &[]),
    ("Coverage", &[]),
    ("Device", &[]),
    ("DocumentReference", &[]),
    ("Encounter", &[]),
    ("EpisodeOfCare", &[]),
    ("ExplanationOfBenefit", &[]),
    ("FamilyMemberHistory", &[]),
    ("Goal", &[]),
    ("ImagingStudy", &[]),
    ("Immunization", &[]),
    ("Location", &[]),
    ("Media", &[]),
    ("NutritionOrder", &[]),
    ("Organization", &[]),
    ("Patient", &[]),
    ("Practitioner", &[]),
    ("PractitionerRole", &[]),
    ("Provenance", &[]),
    ("QuestionnaireResponse", &[]),
    ("RelatedPerson", &[]),
    ("ServiceRequest", &[]),
    ("Specimen", &[]),
    ("Task", &[]),
];

/// What lists and sections are about, by their code: LOINC, and HL7's example codes of lists.
const LISTS: &[(&str, &[&str])] = &[
    ("11450-4", CONDITIONS),
    ("11348-0", CONDITIONS),
    ("problems", CONDITIONS),
    ("10160-0", MEDICINES),
    ("medications", MEDICINES),
    ("47519-4", PROCEDURES),
    ("30954-2", RESULTS),
    ("8716-3", RESULTS),
    ("48765-2", &[]),
    ("allergies", &[]),
    ("adverserxns", &[]),
    ("11369-6", &[]),
    ("46264-8", &[]),
    ("42348-3", &[]),
    ("18776-5", &[]),
    ("29762-2", &[]),
    ("47420-5", &[]),
    ("10157-6", &[]),
    ("familyhx", &[]),
    ("careplans", &[]),
    ("goals", &[]),
];

/// The kind, if a record's silence on it is asked.
pub(super) fn asked(kind: &str) -> Option<&'static str> {
    ASKED.into_iter().find(|one| *one == kind)
}

/// What a type of resources in an address or manifest stands for, if it is one.
pub(super) fn known(kind: &str) -> Option<Concern> {
    KINDS.iter().find(|(name, _)| *name == kind).map(|(_, kinds)| Concern::These(kinds))
}

/// What resources of a type hold.
pub(super) fn concern(kind: &str) -> Concern {
    known(kind).unwrap_or(Concern::All)
}

/// What a list or section with this code holds.
pub(super) fn of_list(code: Option<&Json>) -> Concern {
    let Some(code) = code else {
        return Concern::All;
    };
    let mut kinds = codes_of(code)
        .filter_map(|(_, code)| LISTS.iter().find(|(known, _)| *known == code))
        .map(|(_, kinds)| Concern::These(kinds));
    let first = kinds.next().unwrap_or(Concern::All);
    match kinds.all(|kind| kind == first) {
        true => first,
        false => Concern::All,
    }
}
