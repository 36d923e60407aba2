// SPDX-License-Identifier: Apache-2.0
//! Where in a FHIR record a feature's answer is found.
//!
//! Sources are part of the public description, since it is the patient's wallet that reads the
//! record. They form the allow-list: what no source names never leaves the bundle.

use cso_model_files::shorten;
use serde::{Deserialize, Serialize};

use super::check_digit;
use crate::units;

/// Codes of one clinical idea in the code systems that records use.
///
/// LOINC, SNOMED CT and RxNorm codes match exactly. ICD-10 and ATC are trees spelled into the
/// code, so `I50` also matches `I50.9` and `C09` also matches `C09AA05`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct CodeSet {
    /// SNOMED CT concept ids.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub snomed: Vec<String>,
    /// ICD-10 codes (WHO, CM or GM) and all below them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub icd10: Vec<String>,
    /// LOINC codes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub loinc: Vec<String>,
    /// RxNorm concept ids.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rxnorm: Vec<String>,
    /// ATC codes and all below them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub atc: Vec<String>,
}

impl CodeSet {
    /// Whether no code is named.
    pub fn is_empty(&self) -> bool {
        self.snomed.is_empty()
            && self.icd10.is_empty()
            && self.loinc.is_empty()
            && self.rxnorm.is_empty()
            && self.atc.is_empty()
    }
}

/// A fact of the Patient resource.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PatientField {
    /// Age in full years from `birthDate`; above 89 it becomes 90.
    Age,
    /// `gender`, for a choice with the options `male` and `female`.
    Sex,
}

/// A limit that turns a measured quantity into yes or no.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// Yes from this value on.
    pub at_least: f64,
    /// The UCUM unit of `at_least`.
    pub unit: String,
    /// Lowest and highest value that can be, in the same unit: others are asked. Without them only
    /// negative ones are.
    pub limits: Option<[f64; 2]>,
}

/// Which observations count, and how.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ObservationQuery {
    /// Codes of the observation or of one of its components.
    pub codes: CodeSet,
    /// Only observations at most this many days old.
    pub within_days: Option<u32>,
    /// What the observation measures, for mass-to-molar conversion, where it isn't the feature's
    /// analyte.
    pub analyte: Option<String>,
    /// For a flag: the limit from which a measured value means yes.
    pub threshold: Option<Threshold>,
    /// For a flag: any such observation counts, not only the latest.
    pub ever: bool,
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
    /// A Condition, by its code; only active ones, or `past` ones too.
    Condition {
        /// Codes of the condition.
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
}

/// How a source is written in a protocol file: its kind and the fields the kind knows.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SourceText {
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<PatientField>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub snomed: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub icd10: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub loinc: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rxnorm: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub atc: Vec<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub past: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ever: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_days: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<[f64; 2]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub analyte: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// The fields of [`SourceText`] that each kind may carry.
const FIELDS: &[(&str, &[&str])] = &[
    ("patient", &["field"]),
    ("condition", &["snomed", "icd10", "past"]),
    (
        "observation",
        &["loinc", "snomed", "within-days", "at-least", "unit", "limits", "analyte", "ever"],
    ),
    ("medication", &["rxnorm", "atc", "snomed", "past"]),
    ("procedure", &["snomed", "icd10", "loinc"]),
    ("answer", &["link"]),
    ("body-mass-index", &["within-days"]),
];

impl SourceText {
    fn present(&self) -> Vec<&'static str> {
        [
            ("field", self.field.is_some()),
            ("snomed", !self.snomed.is_empty()),
            ("icd10", !self.icd10.is_empty()),
            ("loinc", !self.loinc.is_empty()),
            ("rxnorm", !self.rxnorm.is_empty()),
            ("atc", !self.atc.is_empty()),
            ("past", self.past),
            ("ever", self.ever),
            ("within-days", self.within_days.is_some()),
            ("at-least", self.at_least.is_some()),
            ("unit", self.unit.is_some()),
            ("limits", self.limits.is_some()),
            ("analyte", self.analyte.is_some()),
            ("link", self.link.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, there)| there.then_some(name))
        .collect()
    }

    /// The source this text describes, or what is wrong with it.
    pub(crate) fn read(self) -> Result<Source, String> {
        let Some((_, allowed)) = FIELDS.iter().find(|(kind, _)| *kind == self.kind) else {
            let kinds: Vec<&str> = FIELDS.iter().map(|(kind, _)| *kind).collect();
            return Err(format!(
                "kind `{}` is unknown: use one of {}",
                self.kind,
                kinds.join(", ")
            ));
        };
        if let Some(field) = self.present().into_iter().find(|field| !allowed.contains(field)) {
            return Err(format!(
                "kind `{}` has no `{field}`: it takes {}",
                self.kind,
                allowed.join(", ")
            ));
        }
        let codes = CodeSet {
            snomed: self.snomed,
            icd10: self.icd10,
            loinc: self.loinc,
            rxnorm: self.rxnorm,
            atc: self.atc,
        };
        codes.check()?;
        let coded = |codes: CodeSet| {
            if codes.is_empty() {
                Err(format!("kind `{}` needs codes: give `{}`", self.kind, allowed[0]))
            } else {
                Ok(codes)
            }
        };
        Ok(match self.kind.as_str() {
            "patient" => {
                Source::Patient(self.field.ok_or("kind `patient` needs `field`: age or sex")?)
            }
            "condition" => Source::Condition { codes: coded(codes)?, past: self.past },
            "observation" => Source::Observation(ObservationQuery {
                codes: coded(codes)?,
                within_days: self.within_days,
                analyte: match self.analyte {
                    Some(analyte) if units::molar_mass(&analyte).is_none() => {
                        return Err(format!("analyte `{}` is unknown", shorten(&analyte)));
                    }
                    analyte => analyte,
                },
                threshold: match (self.at_least, self.unit) {
                    (Some(at_least), Some(unit)) => {
                        let threshold = Threshold { at_least, unit, limits: self.limits };
                        threshold.check()?;
                        Some(threshold)
                    }
                    (None, None) if self.limits.is_some() => {
                        return Err("`limits` of a source belong to `at-least`".to_owned());
                    }
                    (None, None) => None,
                    _ => return Err("`at-least` and `unit` belong together".to_owned()),
                },
                ever: self.ever,
            }),
            "medication" => {
                Source::Medication(MedicationQuery { codes: coded(codes)?, past: self.past })
            }
            "procedure" => Source::Procedure { codes: coded(codes)? },
            "answer" => Source::Answer {
                link: self.link.ok_or("kind `answer` needs `link`, an item's linkId")?,
            },
            _ => Source::BodyMassIndex { within_days: self.within_days },
        })
    }
}

impl Threshold {
    fn check(&self) -> Result<(), String> {
        if !self.at_least.is_finite() {
            return Err("`at-least` is not a finite number".to_owned());
        }
        if let Some([low, high]) = self.limits {
            let is_between = (low..=high).contains(&self.at_least);
            if !low.is_finite() || !high.is_finite() || !is_between {
                return Err("`at-least` must lie between the two `limits`".to_owned());
            }
        }
        units::check(&self.unit).map_err(|error| error.to_string())
    }
}

impl CodeSet {
    pub(crate) fn check(&self) -> Result<(), String> {
        let lists = [
            ("snomed", &self.snomed),
            ("icd10", &self.icd10),
            ("loinc", &self.loinc),
            ("rxnorm", &self.rxnorm),
            ("atc", &self.atc),
        ];
        for (system, codes) in lists {
            if let Some(code) = codes.iter().find(|code| !well_formed(system, code)) {
                return Err(format!("`{}` is not a code of {system}", shorten(code)));
            }
        }
        Ok(())
    }
}

/// Whether a text has the form of a code of the system, with its check digit where it has one.
/// Guards against mistyped codes and codes in the wrong list.
fn well_formed(system: &str, code: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match system {
        "snomed" => digits(code) && (6..=18).contains(&code.len()) && check_digit::verhoeff(code),
        "rxnorm" => digits(code) && code.len() <= 8,
        "loinc" => match code.split_once('-') {
            // Codes of LOINC terms are `number-check digit`; answers are `LAnumber-digit`.
            Some((number, check)) if digits(check) && check.len() == 1 => {
                match number.strip_prefix("LA") {
                    Some(answer) => digits(answer),
                    None => digits(number) && check_digit::luhn(&format!("{number}{check}")),
                }
            }
            _ => false,
        },
        "icd10" => {
            let bytes = code.as_bytes();
            (3..=8).contains(&bytes.len())
                && bytes[0].is_ascii_uppercase()
                && bytes[1].is_ascii_digit()
                && bytes.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'.')
        }
        _ => {
            let bytes = code.as_bytes();
            (1..=7).contains(&bytes.len())
                && bytes[0].is_ascii_uppercase()
                && bytes.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        }
    }
}

impl From<&Source> for SourceText {
    fn from(source: &Source) -> Self {
        let coded = |kind: &str, codes: &CodeSet| {
            let CodeSet { snomed, icd10, loinc, rxnorm, atc } = codes.clone();
            Self { kind: kind.to_owned(), snomed, icd10, loinc, rxnorm, atc, ..Self::default() }
        };
        match source {
            Source::Patient(field) => {
                Self { kind: "patient".to_owned(), field: Some(*field), ..Self::default() }
            }
            Source::Condition { codes, past } => Self { past: *past, ..coded("condition", codes) },
            Source::Observation(query) => Self {
                within_days: query.within_days,
                ever: query.ever,
                at_least: query.threshold.as_ref().map(|t| t.at_least),
                unit: query.threshold.as_ref().map(|t| t.unit.clone()),
                limits: query.threshold.as_ref().and_then(|t| t.limits),
                analyte: query.analyte.clone(),
                ..coded("observation", &query.codes)
            },
            Source::Medication(query) => {
                Self { past: query.past, ..coded("medication", &query.codes) }
            }
            Source::Procedure { codes } => coded("procedure", codes),
            Source::Answer { link } => {
                Self { kind: "answer".to_owned(), link: Some(link.clone()), ..Self::default() }
            }
            Source::BodyMassIndex { within_days } => Self {
                kind: "body-mass-index".to_owned(),
                within_days: *within_days,
                ..Self::default()
            },
        }
    }
}
