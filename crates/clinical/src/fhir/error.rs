// SPDX-License-Identifier: Apache-2.0
//! Bundles and resources that are refused.

use thiserror::Error;

/// Longest URL or id that is shown whole.
const MAX_SHOWN: usize = 80;

/// A URL or an id in one line. A long one keeps both ends: they tell it from others.
pub(super) fn ends(text: &str) -> String {
    let plain: Vec<char> = text.chars().filter(|c| !c.is_control()).collect();
    match plain.len() > MAX_SHOWN {
        true => {
            let (first, last) = (&plain[..MAX_SHOWN / 2], &plain[plain.len() - MAX_SHOWN / 2..]);
            first.iter().chain(&['…']).chain(last).collect()
        }
        false => plain.into_iter().collect(),
    }
}

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
    /// More files than any record has.
    #[error("the record has more than {most} files: export it as Bundles or NDJSON")]
    TooManyFiles {
        /// The bound.
        most: usize,
    },
    /// Nothing in it.
    #[error("the file is empty: export the record again")]
    EmptyFile,
    /// XML instead of JSON.
    #[error("the file is XML: export the record as FHIR JSON")]
    Xml,
    /// A page of a website, such as that on which to log in.
    #[error("the file is HTML, a page of a website: log in there and download the record itself, as FHIR JSON")]
    Html,
    /// Neither text nor packed text, or a text in another form.
    #[error("the file is {found}: export the record as FHIR JSON")]
    OtherForm {
        /// What it is.
        found: &'static str,
    },
    /// A text in an encoding that isn't read.
    #[error("the file is {found}: save it as UTF-8")]
    Encoding {
        /// What it is.
        found: String,
    },
    /// Compressed, and can't be unpacked.
    #[error("the file {why}: unpack it yourself and give what is in it")]
    Packed {
        /// What is wrong.
        why: String,
    },
    /// Not JSON.
    #[error(
        "the file is not JSON (line {line}, column {column}: {why}): give a FHIR R4 Bundle in JSON"
    )]
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong.
        why: String,
    },
    /// JSON whose end is missing.
    #[error(
        "the JSON ends in the middle (line {line}), so a part is missing: export the record again"
    )]
    Cut {
        /// Line, from 1.
        line: usize,
    },
    /// Two members of one name.
    #[error("the member `{member}` stands twice{place} (line {line}), and which one counts can't be known: have the record exported again")]
    Twice {
        /// The member.
        member: String,
        /// In which object, if it isn't the outermost.
        place: String,
        /// Line, from 1.
        line: usize,
    },
    /// Lists or objects in others, deeper than any FHIR is.
    #[error("the JSON is nested more than {most} deep (line {line}): FHIR is not, export the record again")]
    Deep {
        /// Line, from 1.
        line: usize,
        /// The bound.
        most: usize,
    },
    /// JSON, but not FHIR.
    #[error("what is there is not FHIR: it {found}; give a FHIR R4 Bundle in JSON")]
    NotFhir {
        /// What it is.
        found: String,
    },
    /// FHIR, but of no use here.
    #[error(
        "the file is a {kind}: give a Bundle with Patient, Condition, Observation and the like"
    )]
    WrongResource {
        /// Its resource type.
        kind: String,
    },
    /// A bundle without resources.
    #[error("the record has no resources: export it with its entries")]
    Empty,
    /// Old versions and deletions, of which only some still hold.
    #[error("the Bundle is a history: export the record as it is now")]
    History,
    /// The first of several pages.
    #[error("the Bundle is one page of several (it has a `next` link): export the whole record, a part would be read as if the rest weren't there")]
    Page,
    /// A later one of several pages.
    #[error("the Bundle is a later page of several (its link `{link}` says so): export the whole record, a part would be read as if the rest weren't there")]
    LaterPage {
        /// The link's relation.
        link: String,
    },
    /// A search result without all of its matches.
    #[error("the Bundle says that `total` is {total} and has {found}: it is cut, export the whole record, a part would be read as if the rest weren't there")]
    Part {
        /// How many there should be.
        total: u64,
        /// How many there are.
        found: u64,
    },
    /// Something of another shape than in FHIR.
    #[error("the Bundle has {found}: have the record exported again as FHIR R4")]
    Shape {
        /// What it has, and what it should be.
        found: String,
    },
    /// A change of resources that can't be named.
    #[error("the Bundle asks a server to {method} `{url}`, and which resources that concerns can't be known: export the record as it is now")]
    Change {
        /// What is asked: delete, patch.
        method: String,
        /// Of what.
        url: String,
    },
    /// An answer that a request failed.
    #[error("the file is no record but a server's answer that it failed ({told}): export the record again")]
    Failed {
        /// What the server said.
        told: String,
    },
    /// An error in one of several files, or of several values of one.
    #[error("{place}: {error}")]
    At {
        /// Which.
        place: String,
        /// What is wrong there.
        error: Box<FhirError>,
    },
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
    /// Patients who say the same of themselves, and nothing shows that they are one.
    #[error("the record has several patients ({ids}), and nothing but name, sex and date of birth shows that they are one: these may be one person at two hospitals, give the files of one with --bundle")]
    MaybeOnePatient {
        /// Their ids.
        ids: String,
    },
    /// Resources in a resource that isn't read.
    #[error("{place} is a Parameters with resources in its `parameter`: give these resources themselves, in a Bundle")]
    Parameters {
        /// Which.
        place: String,
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

impl FhirError {
    /// The error with its place, if it needs one.
    pub(super) fn at(self, place: &str) -> Self {
        match place {
            "" => self,
            place => Self::At { place: place.to_owned(), error: Box::new(self) },
        }
    }
}
