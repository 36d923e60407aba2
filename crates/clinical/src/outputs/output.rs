// SPDX-License-Identifier: Apache-2.0
//! Outputs: the values that come back, their grid, and what each value means.

use serde::{Deserialize, Serialize};

use super::OutputError;
use crate::intake::{check_id, check_text, tidy};

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
    pub label: String,
    /// Whether a person reads the number or the name of its meaning.
    #[serde(default)]
    pub kind: OutputKind,
    /// UCUM or plain unit shown behind the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The least value.
    pub min: f64,
    /// The greatest value.
    pub max: f64,
    /// The distance of two values.
    #[serde(default = "one")]
    pub step: f64,
    /// What the values mean; together they cover `min` to `max` without gap or overlap.
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

/// What a range of values means.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Meaning {
    /// The first value of the range.
    pub from: f64,
    /// The last value of the range.
    pub to: f64,
    /// A short name, such as `high` or `class B`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it means, in a sentence.
    pub text: String,
    /// The figure that was published for this range, such as a risk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figure: Option<String>,
    /// Where the figure was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

fn one() -> f64 {
    1.0
}

impl Output {
    /// How many different values there are.
    pub fn values(&self) -> u32 {
        ((self.max - self.min) / self.step).round() as u32 + 1
    }

    /// The value that a raw output stands for, or `None` beyond `max`.
    pub fn value(&self, raw: u16) -> Option<f64> {
        (u32::from(raw) < self.values()).then(|| tidy(self.min + f64::from(raw) * self.step))
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

    /// The meaning of a value.
    pub fn meaning(&self, value: f64) -> Option<&Meaning> {
        let slack = self.step * 1e-6;
        self.meanings
            .iter()
            .find(|meaning| value >= meaning.from - slack && value <= meaning.to + slack)
    }

    pub(crate) fn check(&self) -> Result<(), OutputError> {
        let output = || self.id.clone();
        check_id("output id", &self.id)?;
        check_text(&format!("output `{}`, label", self.id), &self.label, 200)?;
        if let Some(unit) = &self.unit {
            check_text(&format!("output `{}`, unit", self.id), unit, 50)?;
        }
        let (min, max, step) = (self.min, self.max, self.step);
        if ![min, max, step].iter().all(|x| x.is_finite()) || min >= max || step <= 0.0 {
            return Err(OutputError::BadRange { output: output(), min, max, step });
        }
        let steps = (max - min) / step;
        if steps.round() + 1.0 > f64::from(MAX_VALUES) {
            return Err(OutputError::TooManyValues {
                output: output(),
                values: steps.round() as u64 + 1,
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
            let unit = self.unit.clone().unwrap_or_default();
            return Err(OutputError::NoProbability { output: output(), unit, min, max });
        }
        self.check_meanings()
    }

    fn check_meanings(&self) -> Result<(), OutputError> {
        let output = || self.id.clone();
        let slack = self.step * 1e-6;
        let mut next = self.min;
        for meaning in &self.meanings {
            check_text(&format!("output `{}`, meaning text", self.id), &meaning.text, 1000)?;
            for (field, text) in
                [("name", &meaning.name), ("figure", &meaning.figure), ("source", &meaning.source)]
            {
                if let Some(text) = text {
                    check_text(&format!("output `{}`, meaning {field}", self.id), text, 500)?;
                }
            }
            if self.kind == OutputKind::Class && meaning.name.is_none() {
                return Err(OutputError::NameMissing { output: output(), from: meaning.from });
            }
            for (field, value) in [("meaning from", meaning.from), ("meaning to", meaning.to)] {
                let steps = (value - self.min) / self.step;
                if !value.is_finite() || (steps - steps.round()).abs() > 1e-6 {
                    return Err(OutputError::OffGrid {
                        output: output(),
                        field,
                        value,
                        min: self.min,
                        step: self.step,
                    });
                }
            }
            if meaning.to < meaning.from - slack || meaning.to > self.max + slack {
                return Err(OutputError::BadMeaning {
                    output: output(),
                    from: meaning.from,
                    to: meaning.to,
                    max: self.max,
                });
            }
            if (meaning.from - next).abs() > slack {
                return Err(OutputError::MeaningGap {
                    output: output(),
                    expected: tidy(next),
                    found: meaning.from,
                });
            }
            next = meaning.to + self.step;
        }
        if next <= self.max + slack {
            return Err(OutputError::MeaningsEnd {
                output: output(),
                next: tidy(next),
                max: self.max,
            });
        }
        Ok(())
    }
}
