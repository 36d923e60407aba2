// SPDX-License-Identifier: Apache-2.0
//! Bundles and resources that are refused.

use thiserror::Error;

/// Why a record isn't read. Each names the resource and says what to do.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum FhirError {
    /// Beyond any patient's record.
    #[error("the file has {found} bytes, at most {most} are read: export fewer resources")]
    TooLong {
        /// Its length.
        found: usize,
        /// The bound.
        most: usize,
    },
    /// XML instead of JSON.
    #[error("the file is XML: export the record as FHIR JSON")]
    Xml,
    /// Not JSON.
    #[error("the file is not JSON (line {line}, column {column}): give a FHIR R4 Bundle in JSON")]
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// JSON, but not FHIR.
    #[error("the file has no `resourceType`: it is not FHIR, give a FHIR R4 Bundle in JSON")]
    NotFhir,
    /// FHIR, but of no use here.
    #[error(
        "the file is a {kind}: give a Bundle with Patient, Condition, Observation and the like"
    )]
    WrongResource {
        /// Its resource type.
        kind: String,
    },
    /// A bundle without resources.
    #[error("the Bundle has no resources: export the record with its entries")]
    Empty,
    /// Old versions and deletions, of which only some still hold.
    #[error("the Bundle is a history: export the record as it is now")]
    History,
    /// The first of several pages.
    #[error("the Bundle is one page of several (it has a `next` link): export the whole record, a part would be read as if the rest weren't there")]
    Page,
    /// Bundles in bundles in bundles.
    #[error("the Bundle has bundles in bundles, deeper than {most}: export the resources in one")]
    Nested {
        /// The bound.
        most: usize,
    },
    /// Data of several people.
    #[error("the record has several patients ({ids}): export one patient's record")]
    SeveralPatients {
        /// Their ids.
        ids: String,
    },
    /// A resource about somebody else.
    #[error("{resource} is about {found}, the record's patient is {expected}: export one patient's record")]
    OtherPatient {
        /// The resource.
        resource: String,
        /// Whom it is about.
        found: String,
        /// Whom the record is about.
        expected: String,
    },
    /// A Patient that another one has replaced, without the other.
    #[error("{patient} was merged: it is replaced by {by} (Patient.link), which isn't in the record: export the record of {by}")]
    Replaced {
        /// The Patient.
        patient: String,
        /// What replaces it.
        by: String,
    },
    /// Two Patients that are linked, and may be two people.
    #[error("{patient} has a link ({link}) to {other}, and nothing else shows that they are one person: export one patient's record")]
    Linked {
        /// The Patient.
        patient: String,
        /// The type of its link.
        link: String,
        /// Where it leads.
        other: String,
    },
}
