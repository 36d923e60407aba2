// SPDX-License-Identifier: Apache-2.0
//! Features for a model's columns: kinds and ranges from the data, steps and bins from what the
//! model needs.

use std::collections::BTreeSet;

use cso_model_files::{shorten, Cell, Column, ColumnKind};

use super::bins::{self, limits, line_step, smooth, Decoys};
use super::lattice::{numbers, Lattice};
use super::usage::Usage;
use super::{Binning, DraftError};
use crate::intake::{
    Choice, Derivation, Expression, Feature, Formula, Intake, Kind, Quantity, Rounding, Source,
    WhenAbsent, MAX_LEVELS, MAX_OPTIONS,
};

/// The least step of an even grid, whose values are rounded to six decimals.
const FINEST: f64 = 1e-6;

/// One column with all that is known of it.
pub(super) struct Known<'a> {
    pub column: &'a Column,
    /// The id of its feature.
    pub id: &'a str,
    /// Its cells in the data.
    pub cells: Vec<&'a Cell>,
    pub usage: &'a Usage,
    /// What each sum may lose through this column.
    pub tolerances: &'a [f64],
    /// Whether the model says something where it is missing.
    pub may_miss: bool,
    /// How much room it gets beyond the data's values, as a part of what one column alone gets.
    pub room: f64,
    /// Bins that it may have at most.
    pub most_bins: usize,
}

/// The feature that asks for a column.
pub(super) fn infer(known: &Known<'_>, binning: &Binning) -> Result<Feature, DraftError> {
    let kind = match &known.column.kind {
        ColumnKind::Number { range } => number(known, *range, binning)?,
        ColumnKind::Derived(_) => number(known, None, binning)?,
        ColumnKind::Category { values } => category(known, values)?,
    };
    Ok(Feature {
        id: known.id.to_owned(),
        label: known.column.name.as_str().into(),
        help: None,
        kind,
        missing: known.may_miss,
        local: false,
        moment: None,
        absent: WhenAbsent::Ask,
        sources: Vec::new(),
    })
}

fn number(
    known: &Known<'_>,
    range: Option<[f64; 2]>,
    binning: &Binning,
) -> Result<Kind, DraftError> {
    let mut values = numbers(known.cells.iter().copied());
    if let Some([least, greatest]) = range {
        values.retain(|value| (least..=greatest).contains(value));
    }
    let is_flag = values.iter().all(|value| *value == 0.0 || *value == 1.0);
    // A flag that is never set in the data is one all the same.
    if is_flag && !values.is_empty() {
        return Ok(Kind::Flag);
    }
    if values.is_empty() {
        return Err(DraftError::ColumnEmpty { feature: shorten(&known.column.name) });
    }
    let mut lattice = Lattice::of(&values);
    let is_single = lattice.ends[0] == lattice.ends[1];
    if is_single || !known.usage.tests.is_empty() && lattice.len() < 3 {
        lattice.including(lattice.ends[0] - 1);
        lattice.including(lattice.ends[1] + 1);
    }
    if !known.usage.functions.is_empty() {
        let data = lattice.ends;
        lattice.widen(&values, known.room, range);
        // A logarithm ends before 0 does, a table where it ends.
        for (end, own) in data.into_iter().enumerate() {
            let cell = Cell::Number(lattice.value(lattice.ends[end]));
            if known.usage.functions.iter().any(|function| function.value(&cell).is_none()) {
                lattice.ends[end] = own;
            }
        }
    }
    let mut at = loop {
        match (limits(known.usage, &lattice, &values), lattice.finer()) {
            (Some(at), _) => break at,
            (None, Some(finer)) => lattice = finer,
            (None, None) => {
                return Err(DraftError::Column {
                    feature: shorten(&known.column.name),
                    problem: "the model tells values apart that differ by less than 15 digits show: round the data".to_owned(),
                })
            }
        }
    };
    let earlier = binning.earlier(known.id, &lattice);
    earlier.iter().for_each(|at| lattice.including(*at));
    at.extend(&earlier);
    let functions = &known.usage.functions;
    let missing_codes = known.column.missing_codes.clone();
    let missing_codes = if known.may_miss { missing_codes } else { Vec::new() };
    let [low, high] = lattice.ends;
    let even = |step: f64| {
        let [min, max] = [lattice.value(low), lattice.value(high)];
        // The grid may reach beyond the range by a part of a step.
        let steps = ((max - min) / step - 1e-9).ceil().max(1.0);
        Quantity {
            unit: "1".to_owned(),
            min,
            max: lattice.value(low + (steps * step / lattice.step).round() as i64),
            step,
            edges: Vec::new(),
            missing_codes: missing_codes.clone(),
            rounding: Rounding::Nearest,
            limits: range.filter(|[least, greatest]| *least <= min && *greatest >= max),
            analyte: None,
        }
    };
    if at.is_empty() {
        if let Some(step) = line_step(functions, known.tolerances, &lattice) {
            let grid = even(step);
            if step >= FINEST && grid.levels() <= MAX_LEVELS {
                return Ok(Kind::Quantity(Quantity { limits: None, ..grid }));
            }
        }
    }
    if !functions.is_empty() {
        at.extend(smooth(functions, known.tolerances, &lattice, &values));
    }
    at.sort_unstable();
    at.dedup();
    at.retain(|at| *at > low && *at <= high);
    if at.is_empty() {
        // Read, but never told apart.
        at.push(low + 1);
    }
    thin(&mut at, (known.most_bins * 4 / 5).saturating_sub(2));
    // As many bins as the bits of a code tell apart, a fifth of them or more without a need.
    let bits = |levels: u64| u64::BITS - (levels - 1).leading_zeros();
    let wanted = bits((at.len() as u64 + 1) * 5 / 4 + 1);
    let is_short = lattice.len() <= u64::from(MAX_LEVELS) && lattice.step >= FINEST;
    if is_short && !binning.publish_thresholds && bits(lattice.len()) <= wanted {
        return Ok(Kind::Quantity(even(lattice.step)));
    }
    let most = (1u64 << wanted).min(u64::from(MAX_LEVELS)) - 1;
    if at.len() as u64 > most {
        return Err(DraftError::Column {
            feature: shorten(&known.column.name),
            problem: format!("the model compares it with {} limits, at most {most} have a bin: train with fewer bins (`max_bins`) or fewer trees", at.len()),
        });
    }
    let edges: Vec<f64> = match binning.publish_thresholds {
        true => {
            let raw = bins::raw_limits(known.usage, &lattice);
            let raw = raw.filter(|raw| !raw.is_empty() && known.usage.functions.is_empty());
            raw.unwrap_or_else(|| at.iter().map(|at| lattice.edge(*at)).collect())
        }
        false => {
            let decoys = Decoys { key: &binning.key, feature: known.id };
            let needless = most as usize - at.len();
            decoys.add(&mut at, needless, &lattice, &values);
            at.iter().map(|at| lattice.edge(*at)).collect()
        }
    };
    let grid = even(lattice.step);
    Ok(Kind::Quantity(Quantity {
        max: grid.max.max(edges.last().copied().unwrap_or(grid.max)),
        edges,
        rounding: Rounding::default(),
        ..grid
    }))
}

/// Keeps so many at most, evenly among all.
fn thin(at: &mut Vec<i64>, most: usize) {
    let count = at.len();
    if count > most {
        let kept = (0..most).map(|place| at[place * count / most]);
        *at = kept.collect();
    }
}

fn category(known: &Known<'_>, values: &[Cell]) -> Result<Kind, DraftError> {
    let refuse =
        |problem: String| DraftError::Column { feature: shorten(&known.column.name), problem };
    let given = known.cells.iter().filter(|cell| ***cell != Cell::Missing);
    let options: Vec<String> = if values.is_empty() {
        let distinct: BTreeSet<String> = given.map(|cell| cell.to_string()).collect();
        distinct.into_iter().take(MAX_OPTIONS + 1).collect()
    } else {
        if let Some(text) = given.clone().find(|cell| !values.contains(cell)) {
            let text = shorten(&text.to_string());
            return Err(refuse(format!("the data has `{text}`, which the model doesn't know")));
        }
        values.iter().map(Cell::to_string).collect()
    };
    if !(2..=MAX_OPTIONS).contains(&options.len()) {
        let problem =
            format!("it has {} categories, 2 to {MAX_OPTIONS} make a choice", options.len());
        return Err(refuse(problem));
    }
    if options == ["false", "true"] || options == ["0", "1"] {
        return Ok(Kind::Flag);
    }
    let mut choices: Vec<Choice> = Vec::with_capacity(options.len());
    for label in options {
        let id = super::ids::unique_id(&label, choices.iter().map(|choice| choice.id.as_str()));
        choices.push(Choice { id, label: label.into(), codes: Default::default() });
    }
    Ok(Kind::Choice { options: choices })
}

/// The intake of these features: derived ones say how they are computed, and what the model reads
/// only through them stays at home.
pub(super) fn intake(
    mut features: Vec<Feature>,
    columns: &[Column],
    is_read: &[bool],
) -> Result<Intake, DraftError> {
    let ids: Vec<String> = features.iter().map(|feature| feature.id.clone()).collect();
    for (index, column) in columns.iter().enumerate() {
        if let ColumnKind::Derived(expression) = &column.kind {
            let formula = Expression::of(expression, columns, &|column| input(&ids, column));
            let named = |column: usize| (input(&ids, column), ids[column].clone());
            let from = inputs(expression, columns).into_iter().map(named).collect();
            let refuse = |problem| DraftError::Column { feature: shorten(&column.name), problem };
            let formula = Formula::Expression(formula.bounded().map_err(refuse)?);
            features[index].sources.push(Source::Derived(Derivation { formula, from }));
        }
    }
    for (feature, is_read) in features.iter_mut().zip(is_read) {
        feature.local = !is_read;
        feature.missing &= *is_read;
        if let (Kind::Quantity(quantity), false) = (&mut feature.kind, *is_read) {
            quantity.missing_codes.clear();
        }
    }
    Ok(Intake::new(features).map_err(crate::protocol::ProtocolError::from)?)
}

/// The columns from which one is computed in the end.
fn inputs(expression: &cso_model_files::Expression, columns: &[Column]) -> BTreeSet<usize> {
    let of = |column: usize| match &columns[column].kind {
        ColumnKind::Derived(inner) => inputs(inner, columns),
        _ => BTreeSet::from([column]),
    };
    expression.columns().into_iter().flat_map(of).collect()
}

/// The name of a feature in a formula: its id, if that can be one.
fn input(ids: &[String], column: usize) -> String {
    let id = &ids[column];
    let is_word = id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && id.starts_with(|c: char| c.is_ascii_alphabetic());
    if is_word {
        id.clone()
    } else {
        format!("x{column}")
    }
}
