// SPDX-License-Identifier: Apache-2.0
//! How sources are written in protocol files and descriptions.

use cso_model_files::shorten;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::source::{MedicationQuery, ObservationQuery, PatientField, Pick, Source, Window};
use super::{CodeLists, CodeSet, CodeSystem, Derivation, Formula, Threshold};
use crate::{pair, units};

/// How a source is written in a protocol file: its kind and the fields the kind knows.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SourceText {
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<PatientField>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub value_sets: Vec<String>,
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
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub icd9: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readv2: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ctv3: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dmd: Vec<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub past: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ever: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_days: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_hours: Option<u32>,
    #[serde(default, skip_serializing_if = "is_latest")]
    pub pick: Pick,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(default, deserialize_with = "pair::limits", skip_serializing_if = "Option::is_none")]
    pub limits: Option<[f64; 2]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub analyte: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formula: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub from: BTreeMap<String, String>,
}

fn is_latest(pick: &Pick) -> bool {
    *pick == Pick::Latest
}

/// The fields of [`SourceText`] that each kind may carry.
const FIELDS: &[(&str, &[&str])] = &[
    ("patient", &["field"]),
    ("condition", &["snomed", "icd10", "icd9", "readv2", "ctv3", "value-sets", "past"]),
    (
        "observation",
        &[
            "loinc",
            "snomed",
            "readv2",
            "ctv3",
            "value-sets",
            "within-days",
            "within-hours",
            "pick",
            "at-least",
            "above",
            "at-most",
            "below",
            "unit",
            "limits",
            "times",
            "analyte",
            "ever",
        ],
    ),
    ("medication", &["rxnorm", "atc", "snomed", "dmd", "readv2", "ctv3", "value-sets", "past"]),
    ("procedure", &["snomed", "icd10", "loinc", "readv2", "ctv3", "value-sets"]),
    ("answer", &["link"]),
    ("body-mass-index", &["within-days"]),
    ("derived", &["formula", "from"]),
];

/// The systems whose codes a kind takes of value sets: those of its own lists. ICD-9-CM's codes of
/// procedures look like those of its diagnoses, so that only conditions take it.
fn systems(kind: &str) -> &'static [CodeSystem] {
    use CodeSystem::{Atc, Ctv3, Dmd, Icd10, Icd9, Loinc, ReadV2, RxNorm, Snomed};
    match kind {
        "condition" => &[Snomed, Icd10, Icd9, ReadV2, Ctv3],
        "observation" => &[Loinc, Snomed, ReadV2, Ctv3],
        "medication" => &[RxNorm, Atc, Snomed, Dmd, ReadV2, Ctv3],
        _ => &[Snomed, Icd10, Loinc, ReadV2, Ctv3],
    }
}

/// Most readings that a repeated finding may need.
const MAX_TIMES: u32 = 10;
/// Longest windows: a hundred years, and a year in hours.
const MAX_DAYS: u32 = 36_525;
const MAX_HOURS: u32 = 366 * 24;

/// Refuses a number of readings of different days that a window can't have.
fn check_times(times: u32, window: Option<Window>) -> Result<(), String> {
    if !(2..=MAX_TIMES).contains(&times) {
        return Err(format!("`times` is 2 to {MAX_TIMES}"));
    }
    // Of both ends of a window a part of the day is in it.
    let (name, days) = match window {
        None => return Ok(()),
        Some(Window::Days(days)) => ("within-days", days + 1),
        Some(Window::Hours(hours)) => ("within-hours", hours.div_ceil(24) + 1),
    };
    match times <= days {
        true => Ok(()),
        false => Err(format!(
            "`times` is {times}: `{name}` has readings of at most {days} different days"
        )),
    }
}

impl SourceText {
    fn present(&self) -> Vec<&'static str> {
        [
            ("field", self.field.is_some()),
            ("value-sets", !self.value_sets.is_empty()),
            ("snomed", !self.snomed.is_empty()),
            ("icd10", !self.icd10.is_empty()),
            ("loinc", !self.loinc.is_empty()),
            ("rxnorm", !self.rxnorm.is_empty()),
            ("atc", !self.atc.is_empty()),
            ("icd9", !self.icd9.is_empty()),
            ("readv2", !self.readv2.is_empty()),
            ("ctv3", !self.ctv3.is_empty()),
            ("dmd", !self.dmd.is_empty()),
            ("past", self.past),
            ("ever", self.ever),
            ("within-days", self.within_days.is_some()),
            ("within-hours", self.within_hours.is_some()),
            ("pick", !is_latest(&self.pick)),
            ("at-least", self.at_least.is_some()),
            ("above", self.above.is_some()),
            ("at-most", self.at_most.is_some()),
            ("below", self.below.is_some()),
            ("unit", self.unit.is_some()),
            ("limits", self.limits.is_some()),
            ("times", self.times.is_some()),
            ("analyte", self.analyte.is_some()),
            ("link", self.link.is_some()),
            ("formula", self.formula.is_some()),
            ("from", !self.from.is_empty()),
        ]
        .into_iter()
        .filter_map(|(name, there)| there.then_some(name))
        .collect()
    }

    /// The source this text describes, or what is wrong with it.
    pub(crate) fn read(mut self) -> Result<Source, String> {
        let Some((_, allowed)) = FIELDS.iter().find(|(kind, _)| *kind == self.kind) else {
            let kinds: Vec<&str> = FIELDS.iter().map(|(kind, _)| *kind).collect();
            return Err(format!(
                "kind `{}` is unknown: use one of {}",
                shorten(&self.kind),
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
        if self.within_days.is_some_and(|days| days > MAX_DAYS) {
            return Err(format!("`within-days` is at most {MAX_DAYS}"));
        }
        let codes = self.codes()?;
        // The conditions of a choice are those of its options.
        if allowed.contains(&"value-sets") && codes.is_empty() && self.kind != "condition" {
            return Err(format!("kind `{}` needs codes: give `{}`", self.kind, allowed[0]));
        }
        Ok(match self.kind.as_str() {
            "patient" => {
                Source::Patient(self.field.ok_or("kind `patient` needs `field`: age or sex")?)
            }
            "condition" => Source::Condition { codes, past: self.past },
            "observation" => Source::Observation(self.observation(codes)?),
            "medication" => Source::Medication(MedicationQuery { codes, past: self.past }),
            "procedure" => Source::Procedure { codes },
            "answer" => Source::Answer {
                link: self.link.ok_or("kind `answer` needs `link`, an item's linkId")?,
            },
            "derived" => {
                let name = self.formula.ok_or_else(|| {
                    format!("kind `derived` needs `formula`: one of {}", Formula::names())
                })?;
                Source::Derived(Derivation::new(&name, self.from)?)
            }
            _ => Source::BodyMassIndex { within_days: self.within_days },
        })
    }

    fn codes(&mut self) -> Result<CodeSet, String> {
        let take = std::mem::take::<Vec<String>>;
        let lists = CodeLists {
            snomed: take(&mut self.snomed),
            icd10: take(&mut self.icd10),
            loinc: take(&mut self.loinc),
            rxnorm: take(&mut self.rxnorm),
            atc: take(&mut self.atc),
            icd9: take(&mut self.icd9),
            readv2: take(&mut self.readv2),
            ctv3: take(&mut self.ctv3),
            dmd: take(&mut self.dmd),
        };
        let codes = CodeSet::new(lists, &self.value_sets).taking(systems(&self.kind));
        codes.check()?;
        Ok(codes)
    }

    fn observation(self, codes: CodeSet) -> Result<ObservationQuery, String> {
        if let Some(analyte) = &self.analyte {
            if units::molar_mass(analyte).is_none() {
                return Err(format!("analyte `{}` is unknown", shorten(analyte)));
            }
        }
        let window = match (self.within_days, self.within_hours) {
            (Some(_), Some(_)) => {
                return Err("`within-days` and `within-hours` can't stand together".to_owned());
            }
            (_, Some(hours)) if !(1..=MAX_HOURS).contains(&hours) => {
                return Err(format!("`within-hours` is 1 to {MAX_HOURS}"));
            }
            (Some(days), None) => Some(Window::Days(days)),
            (None, Some(hours)) => Some(Window::Hours(hours)),
            (None, None) => None,
        };
        if self.pick != Pick::Latest && window.is_none() {
            return Err("`pick` needs `within-hours` or `within-days`".to_owned());
        }
        let ends = [self.at_least, self.above, self.at_most, self.below];
        let names = ["at-least", "above", "at-most", "below"];
        let given = names.into_iter().zip(ends).find_map(|(name, end)| end.map(|_| name));
        let threshold = match (given, self.unit) {
            (_, Some(unit)) => Some(Threshold::new(ends, unit, self.limits)?),
            (Some(name), None) => return Err(format!("`{name}` and `unit` belong together")),
            (None, None) if self.limits.is_some() => {
                return Err("`limits` of a source belong to a limit such as `at-least`".to_owned());
            }
            (None, None) => None,
        };
        if let Some(times) = self.times {
            check_times(times, window)?;
            if self.ever {
                return Err(
                    "`times` looks at all observations already: leave `ever` out".to_owned()
                );
            }
        }
        Ok(ObservationQuery {
            codes,
            window,
            pick: self.pick,
            analyte: self.analyte,
            threshold,
            ever: self.ever,
            times: self.times,
        })
    }

    /// The fields as lines of TOML, each on a line of its own.
    pub(crate) fn to_toml(&self) -> String {
        let lines = Self { from: BTreeMap::new(), ..self.clone() };
        let mut toml =
            toml::to_string(&lines).expect("texts, numbers and lists of them are values of TOML");
        if !self.from.is_empty() {
            let text = |text: &String| toml::Value::from(text.as_str()).to_string();
            let pairs: Vec<String> = self
                .from
                .iter()
                .map(|(input, feature)| format!("{} = {}", text(input), text(feature)))
                .collect();
            toml += &format!("from = {{ {} }}\n", pairs.join(", "));
        }
        toml
    }
}

impl From<&Source> for SourceText {
    fn from(source: &Source) -> Self {
        let coded = |kind: &str, codes: &CodeSet| {
            let value_sets = codes.value_sets().map(str::to_owned).collect();
            let CodeLists { snomed, icd10, loinc, rxnorm, atc, icd9, readv2, ctv3, dmd } =
                codes.lists().clone();
            Self {
                kind: kind.to_owned(),
                value_sets,
                snomed,
                icd10,
                loinc,
                rxnorm,
                atc,
                icd9,
                readv2,
                ctv3,
                dmd,
                ..Self::default()
            }
        };
        match source {
            Source::Patient(field) => {
                Self { kind: "patient".to_owned(), field: Some(*field), ..Self::default() }
            }
            Source::Condition { codes, past } => Self { past: *past, ..coded("condition", codes) },
            Source::Observation(query) => {
                let limits = query.threshold.as_ref();
                let [at_least, above, at_most, below] =
                    limits.map(Threshold::written).unwrap_or_default();
                let (within_days, within_hours) = match query.window {
                    None => (None, None),
                    Some(Window::Days(days)) => (Some(days), None),
                    Some(Window::Hours(hours)) => (None, Some(hours)),
                };
                Self {
                    within_days,
                    within_hours,
                    pick: query.pick,
                    ever: query.ever,
                    at_least,
                    above,
                    at_most,
                    below,
                    unit: limits.map(|t| t.unit.clone()),
                    limits: limits.and_then(|t| t.limits),
                    times: query.times,
                    analyte: query.analyte.clone(),
                    ..coded("observation", &query.codes)
                }
            }
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
            Source::Derived(derivation) => Self {
                kind: "derived".to_owned(),
                formula: Some(derivation.formula.name()),
                from: derivation.from.clone(),
                ..Self::default()
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is written of a source is the same source, in a file and in a description.
    #[test]
    fn every_field_comes_back() {
        for text in [
            "kind = 'condition'\nicd9 = ['428']\nreadv2 = ['G58..']\nctv3 = ['XE0Uc']\nvalue-sets = ['heart-failure']\npast = true",
            "kind = 'medication'\ndmd = ['36126411000001107']\nvalue-sets = ['heart-failure|0']",
            "kind = 'observation'\nloinc = ['2160-0']\nwithin-hours = 48\npick = 'lowest'",
            "kind = 'observation'\nloinc = ['2160-0']\nat-least = 1.5\nbelow = 9\nunit = 'mg/dL'\nlimits = [0, 20]\ntimes = 3\nwithin-days = 7",
            "kind = 'observation'\nloinc = ['2160-0']\nabove = 1.5\nat-most = 9\nunit = 'mg/dL'",
            "kind = 'derived'\nformula = 'body-mass-index'\nfrom = { height = 'how tall', weight = 'w' }",
        ] {
            let source = toml::from_str::<SourceText>(text).unwrap().read().unwrap();
            let written = SourceText::from(&source);
            let toml = written.to_toml();
            assert_eq!(toml::from_str::<SourceText>(&toml).unwrap(), written, "{toml}");
            let json = serde_json::to_string(&written).unwrap();
            let read: SourceText = serde_json::from_str(&json).unwrap();
            assert_eq!(read.read().unwrap(), source, "{json}");
            assert!(!json.contains("heart-failure\""), "a set without its version: {json}");
        }
    }
}
