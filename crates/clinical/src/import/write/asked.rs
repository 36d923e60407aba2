// SPDX-License-Identifier: Apache-2.0
//! How the model's columns are asked: features with a grid, and what the model sees at each level.

use std::collections::BTreeSet;

use super::super::{Cases, Cell, Column, ColumnKind, ImportError, Imported};
use crate::intake::MAX_OPTIONS;
use crate::intake::{check_id, Choice, Feature, Intake, Kind, Quantity, Rounding, WhenAbsent};

/// Grid points of a feature that isn't whole: 8 bits.
const LEVELS: f64 = 255.0;

/// A column with the feature that asks for it.
pub(super) struct Asked {
    pub feature: Feature,
    /// What the model sees at each code, and last, if the feature may be missing, for missing.
    pub cells: Vec<Cell>,
}

impl Asked {
    /// How many codes there are, missing not counted.
    pub fn codes(&self) -> usize {
        self.feature.kind.levels() as usize
    }

    /// Whether a level is the missing one.
    pub fn is_missing(&self, level: usize) -> bool {
        level == self.codes()
    }

    /// The quantity's value at a code, else the code.
    pub fn value(&self, code: usize) -> f64 {
        match &self.feature.kind {
            Kind::Quantity(quantity) => quantity.value_at(code as u32),
            Kind::Flag | Kind::Choice { .. } => code as f64,
        }
    }

    fn new(feature: Feature, column: &Column) -> Result<Self, ImportError> {
        let codes = feature.kind.levels();
        let mut cells = Vec::with_capacity(codes as usize + 1);
        for code in 0..codes {
            cells.push(cell(&feature, column, code)?);
        }
        if feature.missing {
            cells.push(Cell::Missing);
        }
        Ok(Self { feature, cells })
    }
}

impl Imported {
    /// The features that a protocol asks already, by the columns' names.
    pub(super) fn asked_by(&self, intake: &Intake) -> Result<Vec<Asked>, ImportError> {
        let one = |column: &Column| match intake.feature(&column.name) {
            Some((_, feature)) => Asked::new(feature.clone(), column),
            None => Err(ImportError::NotAsked { feature: column.name.clone() }),
        };
        self.columns.iter().map(one).collect()
    }

    /// Features whose ranges and steps come from data.
    pub(super) fn asked_of(&self, data: &Cases) -> Result<Vec<Asked>, ImportError> {
        let one = |column: &Column| Asked::new(infer(column, data)?, column);
        self.columns.iter().map(one).collect()
    }
}

/// What the model sees where a feature has a code.
fn cell(feature: &Feature, column: &Column, code: u32) -> Result<Cell, ImportError> {
    let refuse =
        |problem: String| Err(ImportError::Column { feature: column.name.clone(), problem });
    match (&feature.kind, &column.kind) {
        (Kind::Quantity(quantity), ColumnKind::Number { .. }) => {
            Ok(Cell::Number(quantity.value_at(code)))
        }
        (Kind::Quantity(_), ColumnKind::Category { .. }) => {
            refuse("the model takes a category: ask a choice, not a quantity".to_owned())
        }
        (Kind::Flag, ColumnKind::Number { .. }) => Ok(Cell::Number(f64::from(code))),
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
            let read = |text: &str| Cell::of_column(text, kind);
            let known = match kind {
                ColumnKind::Category { values } => values
                    .iter()
                    .find(|value| [&option.id, &option.label].contains(&&value.to_string())),
                ColumnKind::Number { .. } => None,
            };
            let cell = known.cloned().unwrap_or_else(|| read(&option.id));
            match (kind, cell) {
                (ColumnKind::Number { .. }, Cell::Text(_)) => {
                    refuse(format!("the model takes a number, option `{}` is none", option.id))
                }
                (_, cell) => Ok(cell),
            }
        }
    }
}

fn infer(column: &Column, data: &Cases) -> Result<Feature, ImportError> {
    let name = &column.name;
    if check_id("feature", name).is_err() {
        return Err(ImportError::FeatureName { feature: crate::units::shorten(name) });
    }
    let (kind, missing) = match &column.kind {
        ColumnKind::Number { range } => {
            let values = data.numbers(name)?;
            (number(name, &values, *range)?, values.contains(&None))
        }
        ColumnKind::Category { values } => {
            let texts = data.texts(name)?;
            let gap = |text: &&str| Cell::read(text) == Cell::Missing;
            (category(name, values, &texts)?, texts.iter().any(gap))
        }
    };
    Ok(Feature {
        id: name.clone(),
        label: name.clone(),
        help: None,
        kind,
        missing,
        absent: WhenAbsent::Ask,
        sources: Vec::new(),
    })
}

fn number(
    name: &str,
    values: &[Option<f64>],
    range: Option<[f64; 2]>,
) -> Result<Kind, ImportError> {
    let known = || values.iter().copied().flatten();
    let mut low = known().fold(f64::INFINITY, f64::min);
    let mut high = known().fold(f64::NEG_INFINITY, f64::max);
    if let Some([least, greatest]) = range {
        (low, high) = (low.max(least), high.min(greatest));
    }
    // Also refuses a column without values: the least is infinite then.
    if high <= low || !low.is_finite() {
        return Err(ImportError::ColumnConstant { feature: name.to_owned() });
    }
    if known().all(|value| value == 0.0 || value == 1.0) {
        return Ok(Kind::Flag);
    }
    let whole = known().all(|value| value == value.trunc());
    let (min, max, step) =
        if whole && high - low <= LEVELS { (low, high, 1.0) } else { nice(low, high, LEVELS) };
    Ok(Kind::Quantity(Quantity {
        unit: "1".to_owned(),
        min,
        max,
        step,
        rounding: Rounding::Nearest,
        limits: range.filter(|[least, greatest]| *least <= min && *greatest >= max),
        analyte: None,
    }))
}

fn category(name: &str, values: &[Cell], texts: &[&str]) -> Result<Kind, ImportError> {
    let refuse = |problem: String| ImportError::Column { feature: name.to_owned(), problem };
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
        let cell = Cell::of_column(text, &kind);
        !values.is_empty() && cell != Cell::Missing && !values.contains(&cell)
    };
    if let Some(text) = texts.iter().find(unknown) {
        let text = crate::units::shorten(text);
        return Err(refuse(format!("the data has `{text}`, which the model doesn't know")));
    }
    if options == ["false", "true"] || options == ["0", "1"] {
        return Ok(Kind::Flag);
    }
    let mut choices: Vec<Choice> = Vec::with_capacity(options.len());
    for label in options {
        let id = unique_id(&label, choices.iter().map(|choice| choice.id.as_str()));
        choices.push(Choice { id, label, codes: Default::default() });
    }
    Ok(Kind::Choice { options: choices })
}

/// The text as an id: other characters than an id may have become `-`, and a number makes it
/// unique.
pub(super) fn unique_id<'a>(text: &str, taken: impl Iterator<Item = &'a str> + Clone) -> String {
    let allowed = |c: char| {
        if c.is_ascii_graphic() && !"\"'`,=<>\\".contains(c) || c == ' ' {
            c
        } else {
            '-'
        }
    };
    let mut id: String = text.chars().map(allowed).take(56).collect();
    id = id.trim().to_owned();
    if id.is_empty() {
        id = "-".to_owned();
    }
    if !taken.clone().any(|other| other == id) {
        return id;
    }
    let numbered = (2..).map(|number| format!("{id} {number}"));
    let free = |candidate: &String| !taken.clone().any(|other| other == candidate);
    numbered.into_iter().find(free).unwrap_or(id)
}

/// A grid of at most `levels` steps of 1, 2 or 5 times a power of ten that encloses a range.
pub(super) fn nice(low: f64, high: f64, levels: f64) -> (f64, f64, f64) {
    // Two steps are kept for rounding the ends outwards.
    let exact = ((high - low) / (levels - 2.0)).max(1e-9);
    let power = exact.log10().floor() as i32;
    let unit = 10f64.powi(power);
    let factor =
        [1.0, 2.0, 5.0, 10.0].into_iter().find(|factor| factor * unit >= exact).unwrap_or(10.0);
    let step = clean(factor * unit, power);
    (clean((low / step).floor() * step, power), clean((high / step).ceil() * step, power), step)
}

/// The number without what binary fractions add beyond the decimals of 10^power.
fn clean(value: f64, power: i32) -> f64 {
    let decimals = usize::try_from(-power).unwrap_or(0);
    format!("{value:.decimals$}").parse().unwrap_or(value)
}
