// SPDX-License-Identifier: Apache-2.0
//! Features for a model's columns, with ranges and steps from the data.

use std::collections::BTreeSet;

use cso_model_files::{shorten, Cases, Cell, Column, ColumnKind};

use super::grid::Grid;
use super::ids::unique_id;
use super::DraftError;
use crate::intake::{check_id, Choice, Feature, Kind, Quantity, Rounding, WhenAbsent, MAX_OPTIONS};

/// Grid points of a feature that isn't whole: 8 bits.
const LEVELS: f64 = 255.0;

/// The feature that asks for a column.
pub(super) fn infer(column: &Column, data: &Cases) -> Result<Feature, DraftError> {
    let name = &column.name;
    if check_id("feature", name).is_err() {
        return Err(DraftError::FeatureName { feature: shorten(name) });
    }
    let (kind, missing) = match &column.kind {
        ColumnKind::Number { range } => {
            let values = data.numbers(name)?;
            (number(name, &values, *range)?, values.contains(&None))
        }
        ColumnKind::Derived(_) => {
            let problem = "computed columns are not supported yet".to_owned();
            return Err(DraftError::Column { feature: name.clone(), problem });
        }
        ColumnKind::Category { values } => {
            let texts = data.texts(name)?;
            let gap = |text: &&str| Cell::read(text) == Cell::Missing;
            (category(name, values, &texts)?, texts.iter().any(gap))
        }
    };
    Ok(Feature {
        id: name.clone(),
        label: name.as_str().into(),
        help: None,
        kind,
        missing,
        local: false,
        moment: None,
        absent: WhenAbsent::Ask,
        sources: Vec::new(),
    })
}

fn number(name: &str, values: &[Option<f64>], range: Option<[f64; 2]>) -> Result<Kind, DraftError> {
    let known = || values.iter().copied().flatten();
    let mut low = known().fold(f64::INFINITY, f64::min);
    let mut high = known().fold(f64::NEG_INFINITY, f64::max);
    if let Some([least, greatest]) = range {
        (low, high) = (low.max(least), high.min(greatest));
    }
    // Also refuses a column without values: the least is infinite then.
    if high <= low || !low.is_finite() {
        return Err(DraftError::ColumnConstant { feature: name.to_owned() });
    }
    if known().all(|value| value == 0.0 || value == 1.0) {
        return Ok(Kind::Flag);
    }
    let whole = known().all(|value| value == value.trunc());
    let Grid { min, max, step } = match whole && high - low <= LEVELS {
        true => Grid { min: low, max: high, step: 1.0 },
        false => Grid::around(low, high, LEVELS),
    };
    Ok(Kind::Quantity(Quantity {
        unit: "1".to_owned(),
        min,
        max,
        step,
        edges: Vec::new(),
        missing_codes: Vec::new(),
        rounding: Rounding::Nearest,
        limits: range.filter(|[least, greatest]| *least <= min && *greatest >= max),
        analyte: None,
    }))
}

fn category(name: &str, values: &[Cell], texts: &[&str]) -> Result<Kind, DraftError> {
    let refuse = |problem: String| DraftError::Column { feature: name.to_owned(), problem };
    let options: Vec<String> = if values.is_empty() {
        let distinct: BTreeSet<&str> =
            texts.iter().copied().filter(|text| !text.is_empty()).collect();
        distinct.into_iter().take(MAX_OPTIONS + 1).map(str::to_owned).collect()
    } else {
        values.iter().map(Cell::to_string).collect()
    };
    if !(2..=MAX_OPTIONS).contains(&options.len()) {
        let problem =
            format!("it has {} categories, 2 to {MAX_OPTIONS} make a choice", options.len());
        return Err(refuse(problem));
    }
    let kind = ColumnKind::Category { values: values.to_vec() };
    let unknown = |text: &&&str| {
        let cell = kind.read(text);
        !values.is_empty() && cell != Cell::Missing && !values.contains(&cell)
    };
    if let Some(text) = texts.iter().find(unknown) {
        let text = shorten(text);
        return Err(refuse(format!("the data has `{text}`, which the model doesn't know")));
    }
    if options == ["false", "true"] || options == ["0", "1"] {
        return Ok(Kind::Flag);
    }
    let mut choices: Vec<Choice> = Vec::with_capacity(options.len());
    for label in options {
        let id = unique_id(&label, choices.iter().map(|choice| choice.id.as_str()));
        choices.push(Choice { id, label: label.into(), codes: Default::default() });
    }
    Ok(Kind::Choice { options: choices })
}
