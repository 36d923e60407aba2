// SPDX-License-Identifier: Apache-2.0
//! Features: kinds, bounds, and how they are written in protocol files and descriptions.

use serde::{Deserialize, Serialize};

use super::check::check_id;
use super::text::{Role, Text, Visit};
use super::{CodeSet, SchemaError, Source, SourceText, WhenAbsent, MAX_LEVELS, MAX_OPTIONS};
use crate::number::{number, points};
use crate::{
    pair,
    plain_text::{code_point, first_not_plain},
    units,
};

/// One thing a protocol asks.
#[derive(Clone, Debug, PartialEq)]
pub struct Feature {
    /// Stable id: names the feature in models, answers, tables.
    pub id: String,
    /// What a person reads.
    pub label: Text,
    /// The question in full, or what counts as yes.
    pub help: Option<Text>,
    /// What answers it takes.
    pub kind: Kind,
    /// Whether the answer may be missing; costs one bit.
    pub missing: bool,
    /// Whether the answer stays on the patient's side: it takes no bits, and only eligibility,
    /// meanings and derived answers use it.
    pub local: bool,
    /// The [`Moment`](super::Moment) that it belongs to, by id.
    pub moment: Option<String>,
    /// What the feature is when a record is silent.
    pub absent: WhenAbsent,
    /// Where in a FHIR record the answer is found.
    pub sources: Vec<Source>,
}

/// What answers a feature takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Yes or no: 1 bit.
    Flag,
    /// One of several options: the binary code of its number.
    Choice {
        /// The options in the order of their codes.
        options: Vec<Choice>,
    },
    /// A number on a grid, or in bins: the binary code of its step or bin.
    Quantity(Quantity),
}

/// One option of a choice.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Stable id.
    pub id: String,
    /// What a person reads.
    pub label: Text,
    /// Codes that mean this option in a record.
    #[serde(default, skip_serializing_if = "CodeSet::is_empty")]
    pub codes: CodeSet,
}

/// The grid of a quantity, or its bins.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// UCUM unit of the other fields and of answers.
    pub unit: String,
    /// The least coded value; lower ones are clamped to it.
    pub min: f64,
    /// The greatest coded value; higher ones are clamped to it.
    pub max: f64,
    /// The distance of two coded values; with `edges`, that of two values as they are recorded.
    pub step: f64,
    /// Where one bin ends and the next begins, upwards, an edge belonging to the bin above it.
    /// Empty if the codes are those of an even grid.
    pub edges: Vec<f64>,
    /// Numbers that stand for a gap in tables, such as -1.
    pub missing_codes: Vec<f64>,
    /// How values between two steps are coded.
    pub rounding: Rounding,
    /// Values outside of these are refused instead of clamped.
    pub limits: Option<[f64; 2]>,
    /// For mass-to-molar conversion.
    pub analyte: Option<String>,
}

/// How a value between two steps is coded.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rounding {
    /// To the step below: right for limits of the form "from 75 on".
    #[default]
    Down,
    /// To the nearer step: least error for linear models.
    Nearest,
    /// To the step above: right for limits of the form "more than 30".
    Up,
}

impl Kind {
    /// How many levels the answers have.
    pub fn levels(&self) -> u32 {
        match self {
            Self::Flag => 2,
            Self::Choice { options } => options.len() as u32,
            Self::Quantity(quantity) => quantity.levels(),
        }
    }

    /// The name of the kind as protocol files write it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Choice { .. } => "choice",
            Self::Quantity(_) => "quantity",
        }
    }
}

impl Quantity {
    /// How many grid points or bins there are; at least 2 and at most [`MAX_LEVELS`] once checked.
    pub fn levels(&self) -> u32 {
        if self.is_binned() {
            return self.edges.len() as u32 + 1;
        }
        ((self.max - self.min) / self.step).round() as u32 + 1
    }
}

impl Quantity {
    /// Whether its codes are those of bins with edges of their own.
    pub fn is_binned(&self) -> bool {
        !self.edges.is_empty()
    }

    fn check_edges(&self, feature: &str) -> Result<(), SchemaError> {
        let refuse =
            |problem: String| Err(SchemaError::BadEdges { feature: feature.to_owned(), problem });
        if self.edges.len() >= MAX_LEVELS as usize {
            return refuse(format!("{} edges, fewer than {MAX_LEVELS} are read", self.edges.len()));
        }
        if let Some(pair) = self.edges.windows(2).find(|pair| pair[0] >= pair[1]) {
            let [before, edge] = [number(pair[0]), number(pair[1])];
            return refuse(format!("{edge} does not lie above the one before, {before}"));
        }
        let is_within = |edge: &&f64| **edge > self.min && **edge <= self.max;
        if let Some(edge) = self.edges.iter().find(|edge| !is_within(edge)) {
            return refuse(format!(
                "{} does not lie above min {} and up to max {}",
                number(*edge),
                number(self.min),
                number(self.max)
            ));
        }
        if self.rounding != Rounding::default() {
            return refuse("bins aren't rounded to: leave `rounding` out".to_owned());
        }
        Ok(())
    }
}

impl Feature {
    pub(super) fn check(&self) -> Result<(), SchemaError> {
        check_id("feature id", &self.id)?;
        self.label.check(&format!("feature `{}`, label", self.id), 200)?;
        if let Some(help) = &self.help {
            help.check(&format!("feature `{}`, help", self.id), 2000)?;
        }
        match &self.kind {
            Kind::Flag => {}
            Kind::Choice { options } => self.check_options(options)?,
            Kind::Quantity(quantity) => self.check_quantity(quantity)?,
        }
        if self.absent == WhenAbsent::No && !matches!(self.kind, Kind::Flag) {
            return Err(SchemaError::FieldOutOfPlace {
                feature: self.id.clone(),
                kind: self.kind.name(),
                field: "absent = \"no\"",
            });
        }
        for (index, source) in self.sources.iter().enumerate() {
            self.check_source(source).map_err(|problem| SchemaError::BadSource {
                feature: self.id.clone(),
                number: index + 1,
                problem,
            })?;
        }
        Ok(())
    }

    /// Shows every text to `visit`.
    pub(super) fn visit_texts(&mut self, visit: &mut Visit<'_>) {
        let id = &self.id;
        visit(&format!("feature `{id}`, label"), Role::Name, &mut self.label);
        if let Some(help) = &mut self.help {
            visit(&format!("feature `{id}`, help"), Role::Sentence, help);
        }
        if let Kind::Choice { options } = &mut self.kind {
            for option in options {
                let place = format!("feature `{id}`, option `{}`, label", option.id);
                visit(&place, Role::Name, &mut option.label);
            }
        }
    }

    fn check_options(&self, options: &[Choice]) -> Result<(), SchemaError> {
        if !(2..=MAX_OPTIONS).contains(&options.len()) {
            return Err(SchemaError::OptionCount {
                feature: self.id.clone(),
                found: options.len(),
                most: MAX_OPTIONS,
            });
        }
        for (index, option) in options.iter().enumerate() {
            check_id(&format!("feature `{}`, option id", self.id), &option.id)?;
            let place = format!("feature `{}`, option `{}`, label", self.id, option.id);
            option.label.check(&place, 200)?;
            option.codes.check().map_err(|problem| SchemaError::BadSource {
                feature: self.id.clone(),
                number: index + 1,
                problem: format!("option `{}`: {problem}", option.id),
            })?;
            if options[..index].iter().any(|other| other.id == option.id) {
                return Err(SchemaError::DuplicateOption {
                    feature: self.id.clone(),
                    option: option.id.clone(),
                });
            }
        }
        Ok(())
    }

    fn check_quantity(&self, quantity: &Quantity) -> Result<(), SchemaError> {
        let Quantity { unit, min, max, step, limits, analyte, .. } = quantity;
        let (feature, min, max, step) = (self.id.clone(), *min, *max, *step);
        units::check(unit)
            .map_err(|error| SchemaError::BadUnit { feature: feature.clone(), error })?;
        if let Some(letter) = first_not_plain(unit) {
            let field = format!("feature `{feature}`, unit");
            return Err(SchemaError::BadLetter { field, letter });
        }
        if ![min, max, step].iter().all(|x| x.is_finite()) || min >= max || step <= 0.0 {
            return Err(SchemaError::BadRange { feature, min, max, step });
        }
        if quantity.missing_codes.iter().any(|code| !code.is_finite())
            || quantity.missing_codes.len() > 16
        {
            let problem = "`missing-codes` are up to 16 finite numbers".to_owned();
            return Err(SchemaError::BadEdges { feature, problem });
        }
        if !self.missing && !quantity.missing_codes.is_empty() {
            let problem = "`missing-codes` need `missing = true`".to_owned();
            return Err(SchemaError::BadEdges { feature, problem });
        }
        if quantity.is_binned() {
            quantity.check_edges(&feature)?;
        }
        let steps = match quantity.is_binned() {
            true => f64::from(quantity.levels() - 1),
            false => (max - min) / step,
        };
        if steps.round() + 1.0 > f64::from(MAX_LEVELS) {
            return Err(SchemaError::TooManyLevels {
                feature,
                levels: points(steps),
                most: MAX_LEVELS,
            });
        }
        if steps.round() < 1.0 || (steps - steps.round()).abs() > 1e-6 {
            return Err(SchemaError::OffGrid { feature, min, max, step });
        }
        if let Some([low, high]) = *limits {
            if !low.is_finite() || !high.is_finite() || low > min || high < max {
                return Err(SchemaError::BadLimits { feature, low, high, min, max });
            }
        }
        match analyte {
            Some(analyte) if units::molar_mass(analyte).is_none() => {
                Err(SchemaError::UnknownAnalyte {
                    feature,
                    analyte: analyte.clone(),
                    known: units::analytes().collect::<Vec<_>>().join(", "),
                })
            }
            _ => Ok(()),
        }
    }

    /// Whether the source can give answers of this feature's kind.
    fn check_source(&self, source: &Source) -> Result<(), String> {
        use super::{PatientField, Pick};
        let refuse = |source: &str, kind: &str| {
            Err(format!("{source} fills a {kind}, not a {}", self.kind.name()))
        };
        match (source, &self.kind) {
            (Source::Patient(PatientField::Age), Kind::Quantity(quantity)) => {
                units::convert(1.0, "a", &quantity.unit, None)
                    .map(|_| ())
                    .map_err(|error| error.to_string())
            }
            (Source::Patient(PatientField::Age), _) => refuse("`age`", "quantity"),
            (Source::Patient(PatientField::Sex), Kind::Choice { options }) => {
                let known = |option: &Choice| matches!(option.id.as_str(), "male" | "female");
                if options.iter().filter(|option| known(option)).count() == 2 {
                    Ok(())
                } else {
                    Err("`sex` needs a choice with the options `male` and `female`".to_owned())
                }
            }
            (Source::Patient(PatientField::Sex), _) => refuse("`sex`", "choice"),
            (Source::Condition { codes, .. }, Kind::Flag) if codes.is_empty() => {
                Err("kind `condition` needs codes: give `snomed`".to_owned())
            }
            (Source::Condition { codes, .. }, Kind::Choice { options }) => {
                match options.iter().all(|option| option.codes.is_empty()) {
                    _ if !codes.is_empty() => {
                        Err("the conditions of a choice are the `codes` of its options".to_owned())
                    }
                    true => Err("a choice by conditions needs options with `codes`".to_owned()),
                    false => Ok(()),
                }
            }
            (
                Source::Condition { .. } | Source::Medication(_) | Source::Procedure { .. },
                Kind::Flag,
            ) => Ok(()),
            (Source::Condition { .. }, _) => refuse("a condition", "flag or a choice"),
            (Source::Medication(_), _) => refuse("a medicine", "flag"),
            (Source::Procedure { .. }, _) => refuse("a procedure", "flag"),
            (Source::Observation(query), Kind::Choice { .. } | Kind::Quantity(_))
                if query.threshold.is_some() || query.ever || query.times.is_some() =>
            {
                refuse("an observation with a limit, `times` or `ever`", "flag")
            }
            (Source::Observation(query), Kind::Flag | Kind::Choice { .. })
                if query.pick != Pick::Latest =>
            {
                refuse("an observation with `pick`", "quantity")
            }
            (Source::Observation(query), Kind::Flag | Kind::Choice { .. })
                if query.analyte.is_some() && query.threshold.is_none() =>
            {
                Err("only a quantity, or a flag with `at-least` or another limit, has an `analyte`"
                    .to_owned())
            }
            (Source::BodyMassIndex { .. }, Kind::Quantity(quantity)) => {
                units::convert(1.0, "kg/m2", &quantity.unit, None)
                    .map(|_| ())
                    .map_err(|error| error.to_string())
            }
            (Source::BodyMassIndex { .. }, _) => refuse("a body mass index", "quantity"),
            (Source::Observation(_), _) => Ok(()),
            // Its inputs are looked at once all features are known.
            (Source::Derived(_), _) => Ok(()),
            (Source::Answer { link }, _) if link.is_empty() || link.len() > 255 => {
                Err("`link` has 1 to 255 characters".to_owned())
            }
            (Source::Answer { link }, _) => match first_not_plain(link) {
                None => Ok(()),
                Some(letter) => {
                    Err(format!("`link` must not have the character {}", code_point(&letter)))
                }
            },
        }
    }
}

/// How a feature is written: every field of every kind, so that one that is out of place can be
/// named.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FeatureText {
    id: String,
    label: Text,
    kind: KindName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    help: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    min: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    step: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rounding: Option<Rounding>,
    #[serde(default, deserialize_with = "pair::limits", skip_serializing_if = "Option::is_none")]
    limits: Option<[f64; 2]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    edges: Option<Vec<f64>>,
    #[serde(default, rename = "missing-codes", skip_serializing_if = "Option::is_none")]
    missing_codes: Option<Vec<f64>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    analyte: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    options: Option<Vec<Choice>>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    missing: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    local: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    moment: Option<String>,
    #[serde(default, skip_serializing_if = "is_ask")]
    absent: WhenAbsent,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    source: Vec<SourceText>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum KindName {
    Flag,
    Choice,
    Quantity,
}

fn is_ask(absent: &WhenAbsent) -> bool {
    *absent == WhenAbsent::Ask
}

impl FeatureText {
    /// The feature this text describes; bounds are checked by [`super::Intake::new`].
    pub(crate) fn read(self) -> Result<Feature, SchemaError> {
        let id = self.id;
        let (kind_name, quantity_fields, choice_fields) = match self.kind {
            KindName::Flag => ("flag", false, false),
            KindName::Choice => ("choice", false, true),
            KindName::Quantity => ("quantity", true, false),
        };
        let given = [
            ("unit", self.unit.is_some(), quantity_fields),
            ("min", self.min.is_some(), quantity_fields),
            ("max", self.max.is_some(), quantity_fields),
            ("step", self.step.is_some(), quantity_fields),
            ("rounding", self.rounding.is_some(), quantity_fields),
            ("limits", self.limits.is_some(), quantity_fields),
            ("edges", self.edges.is_some(), quantity_fields),
            ("missing-codes", self.missing_codes.is_some(), quantity_fields),
            ("analyte", self.analyte.is_some(), quantity_fields),
            ("options", self.options.is_some(), choice_fields),
        ];
        if let Some((field, ..)) = given.iter().find(|(_, there, allowed)| *there && !*allowed) {
            return Err(SchemaError::FieldOutOfPlace { feature: id, kind: kind_name, field });
        }
        let lacking =
            |field| SchemaError::FieldMissing { feature: id.clone(), kind: kind_name, field };
        let kind = match self.kind {
            KindName::Flag => Kind::Flag,
            KindName::Choice => {
                Kind::Choice { options: self.options.ok_or_else(|| lacking("options"))? }
            }
            KindName::Quantity => Kind::Quantity(Quantity {
                unit: self.unit.ok_or_else(|| lacking("unit"))?,
                min: self.min.ok_or_else(|| lacking("min"))?,
                max: self.max.ok_or_else(|| lacking("max"))?,
                step: self.step.ok_or_else(|| lacking("step"))?,
                edges: self.edges.unwrap_or_default(),
                missing_codes: self.missing_codes.unwrap_or_default(),
                rounding: self.rounding.unwrap_or_default(),
                limits: self.limits,
                analyte: self.analyte,
            }),
        };
        let mut sources = Vec::with_capacity(self.source.len());
        for (index, source) in self.source.into_iter().enumerate() {
            sources.push(source.read().map_err(|problem| SchemaError::BadSource {
                feature: id.clone(),
                number: index + 1,
                problem,
            })?);
        }
        Ok(Feature {
            id,
            label: self.label,
            help: self.help,
            kind,
            missing: self.missing,
            local: self.local,
            moment: self.moment,
            absent: self.absent,
            sources,
        })
    }
}

impl From<&Feature> for FeatureText {
    fn from(feature: &Feature) -> Self {
        let quantity = match &feature.kind {
            Kind::Quantity(quantity) => Some(quantity),
            _ => None,
        };
        Self {
            id: feature.id.clone(),
            label: feature.label.clone(),
            kind: match feature.kind {
                Kind::Flag => KindName::Flag,
                Kind::Choice { .. } => KindName::Choice,
                Kind::Quantity(_) => KindName::Quantity,
            },
            help: feature.help.clone(),
            unit: quantity.map(|q| q.unit.clone()),
            min: quantity.map(|q| q.min),
            max: quantity.map(|q| q.max),
            step: quantity.map(|q| q.step),
            rounding: quantity.map(|q| q.rounding).filter(|r| *r != Rounding::Down),
            limits: quantity.and_then(|q| q.limits),
            edges: quantity.map(|q| q.edges.clone()).filter(|edges| !edges.is_empty()),
            missing_codes: quantity.map(|q| q.missing_codes.clone()).filter(|c| !c.is_empty()),
            analyte: quantity.and_then(|q| q.analyte.clone()),
            options: match &feature.kind {
                Kind::Choice { options } => Some(options.clone()),
                _ => None,
            },
            missing: feature.missing,
            local: feature.local,
            moment: feature.moment.clone(),
            absent: feature.absent,
            source: feature.sources.iter().map(SourceText::from).collect(),
        }
    }
}
