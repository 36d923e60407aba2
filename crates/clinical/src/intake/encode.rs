// SPDX-License-Identifier: Apache-2.0
//! From answers to levels on each feature's grid, and from levels to bits.

use serde::Serialize;

use super::{
    Answers, Feature, Intake, IntakeError, Kind, PatientField, Quantity, Rounding, Source, Value,
};
use crate::units;

/// A feature's answer on its grid: what is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The missing bit is set, the value bits are 0.
    Missing,
    /// 0 or 1 for a flag, the option's number for a choice, the step's number for a quantity.
    Code(u32),
}

/// A quantity that was outside of the coded range and was moved to its nearer end.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Clamped {
    /// The feature.
    pub feature: String,
    /// The value given.
    pub given: f64,
    /// The value used instead.
    pub used: f64,
    /// The unit of both.
    pub unit: String,
}

/// A record's bits, and what of the answers was changed to get them.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoded {
    /// The bits, in the layout that the compiler's programs read.
    pub bits: Vec<bool>,
    /// Quantities moved into their range.
    pub clamped: Vec<Clamped>,
}

/// The age, in years, that stands for all from it on.
const OLDEST_TOLD: f64 = 90.0;

/// A value less than this part of a step below a grid point counts as on it, so that what unit
/// conversion and binary fractions lose (5.6 read as 5.5999999) doesn't cost a level.
pub(crate) const GRID_TOLERANCE: f64 = 1e-6;

impl Intake {
    /// Lays answers out as bits. Every feature needs an answer, if only `Missing` where it may be,
    /// except local ones: those take no bits, and are only looked at whether they fit.
    ///
    /// # Errors
    ///
    /// [`IntakeError`] if an answer is missing, unknown, of another kind, or outside of the limits.
    pub fn encode(&self, answers: &Answers) -> Result<Encoded, IntakeError> {
        let (levels, clamped) = self.levels(answers)?;
        Ok(Encoded { bits: self.bits_of(&levels), clamped })
    }

    /// The bits of levels, one a feature.
    pub(crate) fn bits_of(&self, levels: &[Level]) -> Vec<bool> {
        let features = self.features.iter().zip(levels);
        features.flat_map(|(feature, level)| feature.level_bits(*level)).collect()
    }

    /// The level of each feature, in order, and what was clamped.
    pub(crate) fn levels(
        &self,
        answers: &Answers,
    ) -> Result<(Vec<Level>, Vec<Clamped>), IntakeError> {
        if let Some(unknown) = answers.keys().find(|id| self.feature(id).is_none()) {
            return Err(self.unknown_feature(unknown));
        }
        let mut clamped = Vec::new();
        let mut levels = Vec::with_capacity(self.features.len());
        for feature in &self.features {
            let value = answers.get(&feature.id).unwrap_or(&Value::Missing);
            levels.push(feature.level(value, &mut clamped)?);
        }
        Ok((levels, clamped))
    }

    /// Reads levels back from bits; unused codes read as the highest level, as programs read them,
    /// and local features, which have no bits, as missing.
    pub fn decode(&self, bits: &[bool]) -> Option<Vec<Level>> {
        if bits.len() != self.bits() {
            return None;
        }
        let mut rest = bits;
        let mut levels = Vec::with_capacity(self.features.len());
        for feature in &self.features {
            let (own, tail) = rest.split_at(feature.bits());
            rest = tail;
            if feature.local {
                levels.push(Level::Missing);
                continue;
            }
            let (value, missing) = own.split_at(feature.value_bits());
            levels.push(if missing == [true] {
                Level::Missing
            } else {
                let code = value.iter().rev().fold(0, |code, bit| code << 1 | u32::from(*bit));
                Level::Code(code.min(feature.kind.levels() - 1))
            });
        }
        Some(levels)
    }
}

impl Feature {
    /// Bits of the value's binary code.
    pub fn value_bits(&self) -> usize {
        // levels is at least 2, so the code of the highest level has at least one bit.
        (u32::BITS - (self.kind.levels() - 1).leading_zeros()) as usize
    }

    /// All bits of the feature in a record, with the missing bit if it has one; none if it's local.
    pub fn bits(&self) -> usize {
        match self.local {
            true => 0,
            false => self.value_bits() + usize::from(self.missing),
        }
    }

    /// The value at a level, for showing.
    pub fn value_at(&self, level: Level) -> Value {
        match (level, &self.kind) {
            (Level::Missing, _) => Value::Missing,
            (Level::Code(code), Kind::Flag) => Value::Flag(code != 0),
            (Level::Code(code), Kind::Choice { options }) => {
                let last = options.len() - 1;
                Value::Choice(options[(code as usize).min(last)].id.clone())
            }
            (Level::Code(code), Kind::Quantity(quantity)) => {
                Value::Quantity(quantity.value_at(code))
            }
        }
    }

    /// What others may know of an answer that a record gave: ages over 89 become 90, since they
    /// identify people. What stays with the patient, eligibility and what is computed, goes by the
    /// answer itself.
    pub fn disclosed(&self, value: &Value) -> Value {
        let is_age = self.sources.contains(&Source::Patient(PatientField::Age));
        match (value, &self.kind) {
            (Value::Quantity(age), Kind::Quantity(quantity)) if is_age => {
                let oldest = units::convert(OLDEST_TOLD, "a", &quantity.unit, None);
                Value::Quantity(oldest.map_or(*age, |oldest| age.min(oldest)))
            }
            _ => value.clone(),
        }
    }

    /// Whether the feature takes an answer, and what it is moved to if it's out of range.
    ///
    /// # Errors
    ///
    /// [`IntakeError`] if it doesn't.
    pub fn accept(&self, value: &Value) -> Result<Option<Clamped>, IntakeError> {
        let mut clamped = Vec::new();
        self.level(value, &mut clamped)?;
        Ok(clamped.pop())
    }

    fn level_bits(&self, level: Level) -> impl Iterator<Item = bool> {
        let (code, missing) = match level {
            Level::Missing => (0, true),
            Level::Code(code) => (code, false),
        };
        let value = (0..self.value_bits()).map(move |bit| code >> bit & 1 == 1);
        value.chain(self.missing.then_some(missing)).take(self.bits())
    }

    pub(crate) fn level(
        &self,
        value: &Value,
        clamped: &mut Vec<Clamped>,
    ) -> Result<Level, IntakeError> {
        match (value, &self.kind) {
            (Value::Missing, _) if self.missing || self.local => Ok(Level::Missing),
            (Value::Missing, _) => Err(IntakeError::Missing {
                feature: self.id.clone(),
                label: self.label.to_string(),
            }),
            (Value::Flag(flag), Kind::Flag) => Ok(Level::Code(u32::from(*flag))),
            (Value::Choice(id), Kind::Choice { options }) => options
                .iter()
                .position(|option| option.id == *id)
                .map(|code| Level::Code(code as u32))
                .ok_or_else(|| self.unknown_option(id)),
            (Value::Quantity(number), Kind::Quantity(quantity))
                if quantity.missing_codes.contains(number) =>
            {
                Ok(Level::Missing)
            }
            (Value::Quantity(number), Kind::Quantity(quantity)) => {
                let (code, moved) = quantity.level(*number, &self.id)?;
                // What stays with the patient is used as it is given.
                if moved && !self.local {
                    clamped.push(Clamped {
                        feature: self.id.clone(),
                        given: *number,
                        used: quantity.value_at(code),
                        unit: quantity.unit.clone(),
                    });
                }
                Ok(Level::Code(code))
            }
            _ => Err(self.wrong_kind(&value.to_string())),
        }
    }
}

impl Quantity {
    /// The value at a step, or one in the middle of a bin.
    pub fn value_at(&self, code: u32) -> f64 {
        if self.is_binned() {
            return self.middle(code as usize);
        }
        let value = self.min + f64::from(code) * self.step;
        // 2.0 + 36 * 0.1 is 5.6000000000000005 in binary: shown and compared as 5.6.
        super::answer::tidy(value).min(self.max)
    }

    /// The ends of a bin; the outer ones end with the range.
    pub fn bin(&self, code: u32) -> [f64; 2] {
        let code = code as usize;
        let low = code.checked_sub(1).and_then(|below| self.edges.get(below));
        let high = self.edges.get(code);
        [low.copied().unwrap_or(self.min), high.copied().unwrap_or(self.max)]
    }

    /// A value as it is recorded in the middle of a bin, or what is nearest to one.
    fn middle(&self, code: usize) -> f64 {
        let [low, high] = self.bin(code as u32);
        let middle = low / 2.0 + high / 2.0;
        let is_last = code == self.edges.len();
        let is_within = |value: &f64| *value >= low && (*value < high || is_last && *value == high);
        // Steps so small have no decimals that could be tidied.
        let tidied = |value: f64| if self.step < 1e-6 { value } else { super::answer::tidy(value) };
        let recorded = [(middle / self.step).round(), (low / self.step).ceil()];
        let mut recorded = recorded.into_iter().map(|steps| tidied(steps * self.step));
        recorded.find(is_within).unwrap_or(middle)
    }

    /// The step of a value by the feature's rounding, and whether it was moved into the range.
    fn level(&self, value: f64, feature: &str) -> Result<(u32, bool), IntakeError> {
        if !value.is_finite() {
            return Err(IntakeError::NotFinite { feature: feature.to_owned() });
        }
        if let Some([low, high]) = self.limits {
            if value < low || value > high {
                return Err(IntakeError::OutOfRange {
                    feature: feature.to_owned(),
                    value: super::answer::tidy(value),
                    low,
                    high,
                    unit: self.unit.clone(),
                });
            }
        }
        if self.is_binned() {
            // Nothing is lost beyond the outer edges.
            let below = self.edges.partition_point(|edge| *edge <= value);
            return Ok((below as u32, false));
        }
        let steps = (value - self.min) / self.step;
        let rounded = match self.rounding {
            Rounding::Down => (steps + GRID_TOLERANCE).floor(),
            Rounding::Nearest => (steps + GRID_TOLERANCE).round(),
            Rounding::Up => (steps - GRID_TOLERANCE).ceil(),
        };
        let top = f64::from(self.levels() - 1);
        let moved = value < self.min - self.step * GRID_TOLERANCE
            || value > self.max + self.step * GRID_TOLERANCE;
        Ok((rounded.clamp(0.0, top) as u32, moved))
    }
}
