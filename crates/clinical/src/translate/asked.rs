// SPDX-License-Identifier: Apache-2.0
//! How a model's columns are asked: what the model sees at each level of a feature.

use cso_model_files::{shorten, Cell, Column, ColumnKind};

use super::TranslateError;
use crate::intake::{Feature, Intake, Kind};

/// A column with the feature that asks for it.
pub(crate) struct Asked {
    /// The feature's index in the intake.
    pub index: usize,
    pub feature: Feature,
    /// What the model sees at each code, and last, if the feature may be missing, for missing.
    pub cells: Vec<Cell>,
}

impl Asked {
    /// How many codes there are, missing not counted.
    pub(crate) fn codes(&self) -> usize {
        self.feature.kind.levels() as usize
    }

    /// Whether a level is the missing one.
    pub(crate) fn is_missing(&self, level: usize) -> bool {
        level == self.codes()
    }

    /// The least value of a code: that of the grid or the lower edge of a bin.
    pub(crate) fn lower(&self, code: usize) -> f64 {
        match &self.feature.kind {
            Kind::Quantity(quantity) if quantity.is_binned() => quantity.bin(code as u32)[0],
            _ => self.value(code),
        }
    }

    /// The quantity's value at a code, else the code.
    pub(crate) fn value(&self, code: usize) -> f64 {
        match &self.feature.kind {
            Kind::Quantity(quantity) => quantity.value_at(code as u32),
            Kind::Flag | Kind::Choice { .. } => code as f64,
        }
    }

    /// The features that an intake asks, by the columns' names.
    pub(crate) fn all(columns: &[Column], intake: &Intake) -> Result<Vec<Self>, TranslateError> {
        let one = |column: &Column| match intake.feature(&column.name) {
            Some((_, feature)) if feature.local => Err(TranslateError::Column {
                feature: column.name.clone(),
                problem: "the answer is `local` and never reaches the model".to_owned(),
            }),
            Some((index, feature)) => Self::new(index, feature.clone(), column),
            None => Err(TranslateError::NotAsked { feature: shorten(&column.name) }),
        };
        columns.iter().map(one).collect()
    }

    fn new(index: usize, feature: Feature, column: &Column) -> Result<Self, TranslateError> {
        let codes = feature.kind.levels();
        let mut cells = Vec::with_capacity(codes as usize + 1);
        for code in 0..codes {
            cells.push(cell(&feature, column, code)?);
        }
        if feature.missing {
            cells.push(Cell::Missing);
        }
        Ok(Self { index, feature, cells })
    }
}

/// What the model sees where a feature has a code.
fn cell(feature: &Feature, column: &Column, code: u32) -> Result<Cell, TranslateError> {
    let refuse =
        |problem: String| Err(TranslateError::Column { feature: column.name.clone(), problem });
    match (&feature.kind, &column.kind) {
        (Kind::Quantity(quantity), ColumnKind::Number { .. } | ColumnKind::Derived(_)) => {
            Ok(Cell::Number(quantity.value_at(code)))
        }
        (Kind::Quantity(_), ColumnKind::Category { .. }) => {
            refuse("the model takes a category: ask a choice, not a quantity".to_owned())
        }
        (Kind::Flag, ColumnKind::Number { .. } | ColumnKind::Derived(_)) => {
            Ok(Cell::Number(f64::from(code)))
        }
        (Kind::Flag, ColumnKind::Category { values }) => {
            let names = [["0", "no", "false", "n"], ["1", "yes", "true", "y"]][code as usize];
            let is = |value: &&Cell| names.contains(&value.to_string().to_lowercase().as_str());
            match values.iter().find(is) {
                Some(value) => Ok(value.clone()),
                None => {
                    refuse("the model's categories are not yes and no: ask a choice".to_owned())
                }
            }
        }
        (Kind::Choice { options }, kind) => {
            let option = &options[code as usize];
            let known = match kind {
                ColumnKind::Category { values } => values
                    .iter()
                    .find(|value| [&*option.id, &*option.label].contains(&&*value.to_string())),
                ColumnKind::Number { .. } | ColumnKind::Derived(_) => None,
            };
            let cell = known.cloned().unwrap_or_else(|| kind.read(&option.id));
            match (kind, cell) {
                (ColumnKind::Number { .. } | ColumnKind::Derived(_), Cell::Text(_)) => {
                    refuse(format!("the model takes a number, option `{}` is none", option.id))
                }
                (_, cell) => Ok(cell),
            }
        }
    }
}
