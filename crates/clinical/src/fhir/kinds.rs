// SPDX-License-Identifier: Apache-2.0
//! Which kinds of resources an answer of a server, a list or a file is about.

use super::resource::codes_of;
use crate::intake::{Feature, Source};
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// The kinds of which a record's silence is asked.
const ASKED: [&str; 5] =
    ["Condition", "MedicationRequest", "MedicationStatement", "Observation", "Procedure"];

const CONDITIONS: &[&str] = &["Condition"];
const MEDICINES: &[&str] = &["MedicationRequest", "MedicationStatement"];
const RESULTS: &[&str] = &["Observation"];
const PROCEDURES: &[&str] = &["Procedure"];

/// Statements and prescriptions, also under their names in DSTU1 and DSTU2.
pub(super) const MEDICINES_TAKEN: [&str; 4] =
    ["MedicationStatement", "MedicationRequest", "MedicationOrder", "MedicationPrescription"];
/// What was given or handed out once, which doesn't say what is taken: mentioned, never an answer.
pub(super) const MEDICINES_GIVEN: [&str; 2] = ["MedicationAdministration", "MedicationDispense"];

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
    // The NHS's lists (GP Connect): allergies, ended allergies, immunisations, medicines.
    ("886921000000105", &[]),
    ("1103671000000101", &[]),
    ("1102181000000102", &[]),
    ("933361000000108", MEDICINES),
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

/// The kinds of resources that a feature's silence is about.
pub(super) fn kinds(feature: &Feature) -> BTreeSet<&'static str> {
    feature.sources.iter().flat_map(|source| kinds_of(source).iter().copied()).collect()
}

pub(super) fn kinds_of(source: &Source) -> &'static [&'static str] {
    match source {
        // The patient is there or the record isn't read.
        Source::Patient(_) => &[],
        Source::Condition { .. } => &["Condition"],
        Source::Observation(_) | Source::BodyMassIndex { .. } => &["Observation"],
        Source::Medication(_) => &["MedicationRequest", "MedicationStatement"],
        Source::Procedure { .. } => &["Procedure"],
        // That a form wasn't filled in says nothing.
        Source::Answer { .. } => &[],
        // What isn't read of its inputs makes questions of these.
        Source::Derived(_) => &[],
    }
}
