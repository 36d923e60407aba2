// SPDX-License-Identifier: Apache-2.0
//! Outputs: the values that come back, their grid, and what each value means.

use serde::{Deserialize, Serialize};

use super::{Meaning, OutputError};
use crate::intake::text::{Role, Text, Visit};
use crate::intake::{check_id, tidy, Intake};
use crate::number::points;

/// Most different values of one output: a table entry is at most 11 bits.
const MAX_VALUES: u32 = 2048;

/// One value that comes back.
///
/// The encrypted value is the number of a step: 0 stands for `min`, 1 for `min + step`, and so on
/// to `max`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// Stable id.
    pub id: String,
    /// What a person reads.
    pub label: Text,
    /// Whether a person reads the number or the name of its meaning.
    #[serde(default)]
    pub kind: OutputKind,
    /// UCUM or plain unit shown behind the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Text>,
    /// The least value.
    pub min: f64,
    /// The greatest value.
    pub max: f64,
    /// The distance of two values.
    #[serde(default = "one")]
    pub step: f64,
    /// Whether encrypted values beyond those of the range tell on which side of it the result lies.
    /// What is added to a value is twice the number of values where it's below, so that `min` is
    /// meant, and four times that number where it's above.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub guarded: bool,
    /// What the values mean; those without `when` cover `min` to `max` without gap or overlap.
    #[serde(rename = "meaning")]
    pub meanings: Vec<Meaning>,
}

/// How an output is read.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutputKind {
    /// A number, whatever its unit: points, milligrams, a share in percent.
    #[default]
    Number,
    /// A number that is the probability of what the label names, in percent: the unit is `%`, and
    /// all values are within 0 and 100.
    Probability,
    /// A class: each meaning has a name, and the name is shown instead of the number.
    Class,
}

fn one() -> f64 {
    1.0
}

impl Output {
    /// How many different values there are.
    pub fn values(&self) -> u32 {
        ((self.max - self.min) / self.step).round() as u32 + 1
    }

    /// How many different encrypted values there are.
    pub fn encrypted_values(&self) -> u32 {
        // Beyond the range a value may lie as far from its side as the range is wide.
        self.values() * if self.guarded { 5 } else { 1 }
    }

    /// The value that a raw output stands for, or `None` if it stands for none.
    pub fn value(&self, raw: u16) -> Option<f64> {
        let (raw, values) = (u32::from(raw), self.values());
        let at = |raw: u32| tidy(self.min + f64::from(raw) * self.step);
        match raw / values {
            0 => Some(at(raw)),
            1 | 2 if self.guarded => Some(at(0)),
            3 | 4 if self.guarded => Some(at(values - 1)),
            _ => None,
        }
    }

    /// The raw output within the range that means the same as one.
    pub fn settled(&self, raw: u16) -> u16 {
        self.value(raw).map_or(raw, |value| self.raw(value))
    }

    /// The raw output nearest to a value, clamped to the range.
    pub(crate) fn raw(&self, value: f64) -> u16 {
        let top = f64::from(self.values() - 1);
        // The tolerance makes 2.5 steps that binary fractions turned into 2.4999999 round up.
        ((value - self.min) / self.step + 1e-9).round().clamp(0.0, top) as u16
    }

    /// Whether a value lies in the range, up to rounding to the grid.
    pub(crate) fn contains(&self, value: f64) -> bool {
        value >= self.min - self.step / 2.0 && value <= self.max + self.step / 2.0
    }

    /// Shows every text to `visit`.
    pub(crate) fn visit_texts(&mut self, visit: &mut Visit<'_>) {
        visit(&format!("output `{}`, label", self.id), Role::Name, &mut self.label);
        if let Some(unit) = &mut self.unit {
            visit(&format!("output `{}`, unit", self.id), Role::Name, unit);
        }
        for meaning in &mut self.meanings {
            meaning.visit_texts(&self.id, visit);
        }
    }

    pub(crate) fn check(&self, intake: &Intake) -> Result<(), OutputError> {
        let output = || self.id.clone();
        check_id("output id", &self.id)?;
        self.label.check(&format!("output `{}`, label", self.id), 200)?;
        if let Some(unit) = &self.unit {
            unit.check(&format!("output `{}`, unit", self.id), 50)?;
        }
        let (min, max, step) = (self.min, self.max, self.step);
        if ![min, max, step].iter().all(|x| x.is_finite()) || min >= max || step <= 0.0 {
            return Err(OutputError::BadRange { output: output(), min, max, step });
        }
        let steps = (max - min) / step;
        if steps.round() + 1.0 > f64::from(MAX_VALUES) {
            return Err(OutputError::TooManyValues {
                output: output(),
                values: points(steps),
                most: MAX_VALUES,
            });
        }
        if steps.round() < 1.0 || (steps - steps.round()).abs() > 1e-6 {
            return Err(OutputError::OffGrid {
                output: output(),
                field: "max",
                value: max,
                min,
                step,
            });
        }
        if self.kind == OutputKind::Probability
            && (self.unit.as_deref() != Some("%") || min < 0.0 || max > 100.0)
        {
            let unit = self.unit.as_ref().map(Text::to_string).unwrap_or_default();
            return Err(OutputError::NoProbability { output: output(), unit, min, max });
        }
        self.check_meanings(intake)
    }
}
