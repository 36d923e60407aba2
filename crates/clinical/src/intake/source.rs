// SPDX-License-Identifier: Apache-2.0
//! Where in a FHIR record a feature's answer is found.
//!
//! Sources are part of the public description, since it is the patient's wallet that reads the
//! record. They form the allow-list: what no source names never leaves the bundle.

use serde::{Deserialize, Serialize};

use super::{CodeSet, Derivation, Threshold};

/// A fact of the Patient resource.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PatientField {
    /// Age in full years from `birthDate`; above 89 it leaves as 90.
    Age,
    /// `gender`, for a choice with the options `male` and `female`.
    Sex,
}

/// How far back observations count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// At most this many days.
    Days(u32),
    /// At most this many hours.
    Hours(u32),
}

/// Which of several values counts.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pick {
    /// The latest.
    #[default]
    Latest,
    /// The earliest of the window.
    First,
    /// The highest of the window.
    Highest,
    /// The lowest of the window.
    Lowest,
}

/// Which observations count, and how.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ObservationQuery {
    /// Codes of the observation or of one of its components.
    pub codes: CodeSet,
    /// How far back they count; without it, for ever.
    pub window: Option<Window>,
    /// For a quantity: which value of the window counts.
    pub pick: Pick,
    /// What the observation measures, for mass-to-molar conversion, where it isn't the feature's
    /// analyte.
    pub analyte: Option<String>,
    /// For a flag: the limits within which a measured value means yes.
    pub threshold: Option<Threshold>,
    /// For a flag: any such observation counts, not only the latest.
    pub ever: bool,
    /// For a flag: so many such observations of different days make a yes, at least 2.
    pub times: Option<u32>,
}

/// Which medicines count.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MedicationQuery {
    /// Codes of the medicine.
    pub codes: CodeSet,
    /// Also medicines that are no longer taken.
    pub past: bool,
}

/// What a flag is when the history says nothing.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhenAbsent {
    /// It stays open and the patient is asked.
    #[default]
    Ask,
    /// It counts as no, and the patient is told that it was assumed.
    No,
}

/// One place in a record where an answer may be found.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// The Patient resource.
    Patient(PatientField),
    /// A Condition, by its code; only active ones, or `past` ones too. For a choice, the codes are
    /// those of its options.
    Condition {
        /// Codes of the condition; none for a choice.
        codes: CodeSet,
        /// Also conditions that are over (a stroke years ago).
        past: bool,
    },
    /// An Observation, or a component of one.
    Observation(ObservationQuery),
    /// A MedicationStatement or MedicationRequest.
    Medication(MedicationQuery),
    /// A Procedure that was completed.
    Procedure {
        /// Codes of the procedure.
        codes: CodeSet,
    },
    /// The item of a QuestionnaireResponse with this `linkId`.
    Answer {
        /// The item's `linkId`.
        link: String,
    },
    /// Body weight over squared height, from the latest Observations of both.
    BodyMassIndex {
        /// Only observations at most this many days old.
        within_days: Option<u32>,
    },
    /// Computed from the answers to other features, if nothing else answers this one.
    Derived(Derivation),
}

impl Source {
    /// The name of its kind in protocol files.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Patient(_) => "patient",
            Self::Condition { .. } => "condition",
            Self::Observation(_) => "observation",
            Self::Medication(_) => "medication",
            Self::Procedure { .. } => "procedure",
            Self::Answer { .. } => "answer",
            Self::BodyMassIndex { .. } => "body-mass-index",
            Self::Derived(_) => "derived",
        }
    }

    /// The codes that it names.
    pub fn codes(&self) -> Option<&CodeSet> {
        match self {
            Self::Condition { codes, .. } | Self::Procedure { codes } => Some(codes),
            Self::Medication(query) => Some(&query.codes),
            Self::Observation(query) => Some(&query.codes),
            Self::Patient(_)
            | Self::Answer { .. }
            | Self::BodyMassIndex { .. }
            | Self::Derived(_) => None,
        }
    }
}
