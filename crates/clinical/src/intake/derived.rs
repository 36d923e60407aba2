// SPDX-License-Identifier: Apache-2.0
//! Answers that are computed on the patient's side from answers to other features.

use std::collections::BTreeMap;

use super::{Answers, Expression, Feature, Intake, Kind, SchemaError, Source, Value};
use crate::units;
use cso_model_files::shorten;

/// How an answer is computed from others.
#[derive(Clone, Debug, PartialEq)]
pub enum Formula {
    /// The glomerular filtration rate by the creatinine equation of CKD-EPI 2021, in
    /// mL/min/1.73 m², of adults:
    ///
    /// `142 × min(Scr/κ, 1)^α × max(Scr/κ, 1)^-1.200 × 0.9938^age`, for women × 1.012, with
    /// creatinine in mg/dL, κ = 0.7 and α = -0.241 for women, κ = 0.9 and α = -0.302 for men.
    ///
    /// Inker LA, Eneanya ND, Coresh J et al. N Engl J Med 2021;385:1737-1749,
    /// doi:10.1056/NEJMoa2102953. The coefficients were read in two packages of CRAN, which agree:
    /// <https://github.com/cran/nephro/blob/e9cc7d1976740f905643608d9d21aaccad8ab72a/R/nephro.R>
    /// and
    /// <https://github.com/cran/kidney.epi/blob/04297148e9dc8077a99a5b39f4c11471d15aee54/R/egfr_ckdepi2021.R>.
    CkdEpi2021,
    /// Body weight in kg over the square of body height in m.
    BodyMassIndex,
    /// Arithmetic over numbers in their features' own units.
    Expression(Expression),
}

/// What an input of a formula must be.
enum Input {
    /// A number in this unit, of this analyte.
    Number(&'static str, Option<&'static str>),
    /// A number in the feature's own unit.
    Own,
    /// A choice with the options `male` and `female`.
    Sex,
}

/// The age from which CKD-EPI's equation holds.
const ADULT: f64 = 18.0;
/// What people can weigh, in kg, and measure, in m: beyond it, units were mixed up.
const WEIGHT: [f64; 2] = [0.2, 650.0];
const HEIGHT: [f64; 2] = [0.2, 2.8];

impl Formula {
    const ALL: [Self; 2] = [Self::CkdEpi2021, Self::BodyMassIndex];

    /// The name in protocol files, or the expression.
    pub fn name(&self) -> String {
        match self {
            Self::CkdEpi2021 => "ckd-epi-2021".to_owned(),
            Self::BodyMassIndex => "body-mass-index".to_owned(),
            Self::Expression(expression) => expression.to_string(),
        }
    }

    /// The names of all.
    pub(super) fn names() -> String {
        Self::ALL.map(|one| one.name()).join(", ")
    }

    /// The unit of the result; none if it is the feature's own.
    fn unit(&self) -> Option<&'static str> {
        match self {
            Self::CkdEpi2021 => Some("mL/min/{1.73_m2}"),
            Self::BodyMassIndex => Some("kg/m2"),
            Self::Expression(_) => None,
        }
    }

    /// What the unit of the result must say, since units convert without it: mL/min of a person are
    /// others than those of 1.73 m².
    fn area(&self) -> Option<&'static str> {
        match self {
            Self::CkdEpi2021 => Some("{1.73_m2}"),
            Self::BodyMassIndex | Self::Expression(_) => None,
        }
    }

    /// What it takes, by name.
    fn inputs(&self) -> Vec<(&str, Input)> {
        match self {
            Self::CkdEpi2021 => vec![
                ("age", Input::Number("a", None)),
                ("creatinine", Input::Number("mg/dL", Some("creatinine"))),
                ("sex", Input::Sex),
            ],
            Self::BodyMassIndex => {
                vec![("height", Input::Number("m", None)), ("weight", Input::Number("kg", None))]
            }
            Self::Expression(expression) => {
                expression.inputs().into_iter().map(|name| (name, Input::Own)).collect()
            }
        }
    }

    /// The input that changes most, whose time is that of the result.
    pub(crate) fn changing(&self) -> &str {
        match self {
            Self::CkdEpi2021 => "creatinine",
            Self::BodyMassIndex => "weight",
            // Nothing tells which one: the first.
            Self::Expression(expression) => expression.inputs().first().copied().unwrap_or(""),
        }
    }

    /// The value in the formula's unit, or the input by which there is none, and why.
    fn value(&self, number: impl Fn(&str) -> f64, is_female: bool) -> Result<f64, (&str, String)> {
        let within = |what: &'static str, [least, most]: [f64; 2]| match number(what) {
            value if (least..=most).contains(&value) => Ok(value),
            _ => Err((what, format!("the {what} is none that can be"))),
        };
        match self {
            Self::CkdEpi2021 => {
                let (age, creatinine) = (number("age"), number("creatinine"));
                if age < ADULT {
                    return Err(("age", "the formula is one of adults".to_owned()));
                }
                if creatinine <= 0.0 {
                    return Err(("creatinine", "creatinine is none that can be".to_owned()));
                }
                let (kappa, alpha, factor) = match is_female {
                    true => (0.7, -0.241, 1.012),
                    false => (0.9, -0.302, 1.0),
                };
                let ratio: f64 = creatinine / kappa;
                let low = ratio.min(1.0).powf(alpha);
                let high = ratio.max(1.0).powf(-1.2);
                Ok(142.0 * low * high * 0.9938_f64.powf(age) * factor)
            }
            Self::BodyMassIndex => {
                let weight = within("weight", WEIGHT)?;
                let height = within("height", HEIGHT)?;
                Ok(weight / (height * height))
            }
            Self::Expression(expression) => expression
                .value(&number)
                .ok_or_else(|| (self.changing(), format!("{expression} has no value"))),
        }
    }
}

/// A formula and the features that it takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Derivation {
    /// The formula.
    pub formula: Formula,
    /// The feature of each input, by id.
    pub from: BTreeMap<String, String>,
}

/// An answer that was computed.
#[derive(Clone, Debug, PartialEq)]
pub struct Derived {
    /// The feature that it answers.
    pub feature: String,
    /// The answer, in the feature's unit.
    pub value: Value,
    /// The formula with its inputs and its result, for people.
    pub text: String,
    /// The features that it was computed from.
    pub inputs: Vec<String>,
}

/// Why an answer can't be computed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NoValue {
    /// As a sentence.
    pub text: String,
    /// The features that it is due to.
    pub of: Vec<String>,
}

impl Derivation {
    /// A formula by its name, with the feature of each of its inputs.
    pub(super) fn new(name: &str, from: BTreeMap<String, String>) -> Result<Self, String> {
        let known = Formula::ALL.into_iter().find(|one| one.name() == name);
        // What names an input of `from` is arithmetic, everything else a formula's name.
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        let mut words = name.split(|c: char| !is_word(c));
        let formula = match known {
            Some(known) => known,
            None if words.any(|word| from.contains_key(word)) => {
                let expression = Expression::parse(name);
                let refuse = |problem| format!("formula `{}`: {problem}", shorten(name));
                Formula::Expression(expression.map_err(refuse)?)
            }
            None => {
                return Err(format!(
                "formula `{}` is unknown: use one of {}, or arithmetic over the names of `from`",
                shorten(name),
                Formula::names()
            ))
            }
        };
        let inputs: Vec<&str> = formula.inputs().into_iter().map(|(name, _)| name).collect();
        if !from.keys().map(String::as_str).eq(inputs.iter().copied()) {
            return Err(format!("`from` of {name} names the features of {}", inputs.join(", ")));
        }
        Ok(Self { formula, from })
    }

    /// The features that it takes, in the order of the inputs' names.
    pub fn features(&self) -> impl Iterator<Item = &str> {
        self.from.values().map(String::as_str)
    }

    /// Whether the features can be what the formula takes.
    fn check(&self, target: &Feature, features: &[Feature]) -> Result<(), String> {
        let formula = self.formula.name();
        let Kind::Quantity(quantity) = &target.kind else {
            return Err(format!("{formula} fills a quantity, not a {}", target.kind.name()));
        };
        if let Some(unit) = self.formula.unit() {
            units::convert(1.0, unit, &quantity.unit, None).map_err(|error| error.to_string())?;
        }
        if let Some(area) = self.formula.area() {
            if !quantity.unit.contains(area) {
                return Err(format!(
                    "{formula} gives {}, by body surface, and the unit is `{}`: write `{area}` in it",
                    self.formula.unit().unwrap_or_default(),
                    quantity.unit
                ));
            }
        }
        for ((input, wanted), id) in self.formula.inputs().iter().zip(self.features()) {
            let refuse =
                |problem: String| Err(format!("{formula} takes `{id}` as {input}: {problem}"));
            let Some(feature) = features.iter().find(|feature| feature.id == *id) else {
                return refuse("there is no such feature".to_owned());
            };
            if feature.sources.iter().any(|one| matches!(one, Source::Derived(_))) {
                return refuse("it is derived itself".to_owned());
            }
            match (wanted, &feature.kind) {
                (Input::Number(_, Some(analyte)), Kind::Quantity(quantity))
                    if quantity.analyte.as_deref().is_some_and(|own| own != *analyte) =>
                {
                    let own = quantity.analyte.as_deref().unwrap_or_default();
                    return refuse(format!("its `analyte` is {own}, not {analyte}"));
                }
                (Input::Number(unit, analyte), Kind::Quantity(quantity)) => {
                    if let Err(error) = units::convert(1.0, &quantity.unit, unit, *analyte) {
                        return refuse(error.to_string());
                    }
                }
                (Input::Own, Kind::Quantity(_) | Kind::Flag) => {}
                (Input::Own, _) => return refuse("a number is needed".to_owned()),
                (Input::Sex, Kind::Choice { options })
                    if ["male", "female"]
                        .iter()
                        .all(|sex| options.iter().any(|o| o.id == *sex)) => {}
                (Input::Number(unit, _), _) => {
                    return refuse(format!("a quantity in {unit} is needed"))
                }
                (Input::Sex, _) => {
                    return refuse("a choice with `male` and `female` is needed".to_owned())
                }
            }
        }
        Ok(())
    }

    /// The value for a feature; none, if an input isn't answered, and why not, if they are and it
    /// can't be computed.
    pub(crate) fn compute(
        &self,
        target: &Feature,
        intake: &Intake,
        answers: &Answers,
    ) -> Option<Result<Derived, NoValue>> {
        let Kind::Quantity(quantity) = &target.kind else { return None };
        let (mut numbers, mut shown, mut is_female) = (BTreeMap::new(), Vec::new(), false);
        let inputs: Vec<String> = self.features().map(str::to_owned).collect();
        let no_value = |text: String, of: &str| NoValue { text, of: vec![of.to_owned()] };
        for ((input, wanted), id) in self.formula.inputs().iter().zip(&inputs) {
            let (_, feature) = intake.feature(id)?;
            let value = answers.get(id)?;
            match (value, wanted, &feature.kind) {
                (Value::Quantity(number), Input::Number(unit, analyte), Kind::Quantity(of)) => {
                    match units::convert(*number, &of.unit, unit, *analyte) {
                        Ok(number) => numbers.insert(*input, number),
                        Err(error) => return Some(Err(no_value(error.to_string(), id))),
                    };
                }
                (Value::Quantity(number), Input::Own, _) => {
                    numbers.insert(*input, *number);
                }
                (Value::Flag(flag), Input::Own, _) => {
                    numbers.insert(*input, f64::from(u8::from(*flag)));
                }
                (Value::Choice(id), Input::Sex, _) if id == "male" || id == "female" => {
                    is_female = id == "female";
                }
                (Value::Choice(_), Input::Sex, _) => {
                    let why = format!("the formula has no values for `{value}`");
                    return Some(Err(no_value(why, id)));
                }
                _ => return None,
            }
            shown.push(format!("{input} {}", feature.show(value)));
        }
        let unit = self.formula.unit().unwrap_or(&quantity.unit);
        let number = |input: &str| numbers.get(input).copied().unwrap_or(f64::NAN);
        let of = |input: &str| self.from.get(input).map_or("", String::as_str);
        let read = self.formula.value(number, is_female);
        let read = read.map_err(|(input, why)| no_value(why, of(input))).and_then(|value| {
            let converted = units::convert(value, unit, &quantity.unit, None);
            let failed =
                |error: units::UnitError| no_value(error.to_string(), of(self.formula.changing()));
            Ok((value, converted.map_err(failed)?))
        });
        let rounded = |value: f64| match self.formula {
            Formula::Expression(_) => super::tidy(value).to_string(),
            _ => format!("{value:.1}"),
        };
        Some(read.map(|(value, converted)| Derived {
            feature: target.id.clone(),
            value: Value::Quantity(converted),
            text: format!(
                "{} of {}: {} {unit}",
                self.formula.name(),
                shown.join(", "),
                rounded(value)
            ),
            inputs,
        }))
    }
}

/// Checks that derived features have the inputs that they need.
pub(super) fn check(features: &[Feature]) -> Result<(), SchemaError> {
    for feature in features {
        for (index, source) in feature.sources.iter().enumerate() {
            let Source::Derived(derivation) = source else { continue };
            derivation.check(feature, features).map_err(|problem| SchemaError::BadSource {
                feature: feature.id.clone(),
                number: index + 1,
                problem,
            })?;
        }
    }
    Ok(())
}

impl Feature {
    /// How it is computed from others, if it is.
    pub fn derivations(&self) -> impl Iterator<Item = &Derivation> {
        self.sources.iter().filter_map(|source| match source {
            Source::Derived(derivation) => Some(derivation),
            _ => None,
        })
    }
}

impl Intake {
    /// The answers that can be computed from others, of the features that have none. What comes out
    /// and can't be an answer to its feature is left out: the feature is to be asked.
    pub fn derive(&self, answers: &Answers) -> Vec<Derived> {
        let open = self.features().iter().filter(|feature| !answers.contains_key(&feature.id));
        let derived = open.filter_map(|feature| {
            let mut all = feature.derivations();
            let one = all.find_map(|one| one.compute(feature, self, answers)?.ok())?;
            feature.level(&one.value, &mut Vec::new()).is_ok().then_some(one)
        });
        derived.collect()
    }

    /// Whether a feature must be answered as things stand: a local one that only serves to compute
    /// others needn't once all of these are answered.
    pub fn is_needed(&self, feature: &str, answers: &Answers) -> bool {
        let Some((_, feature)) = self.feature(feature) else {
            return false;
        };
        if !feature.local || self.is_used(&feature.id) {
            return true;
        }
        let takes = |one: &&Feature| {
            one.derivations().any(|derivation| derivation.features().any(|id| id == feature.id))
        };
        let mut served = self.features().iter().filter(takes).peekable();
        served.peek().is_none() || served.any(|one| !answers.contains_key(&one.id))
    }
}
