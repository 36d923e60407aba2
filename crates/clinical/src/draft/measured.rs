// SPDX-License-Identifier: Apache-2.0
//! What a protocol says, compared with the model file that it was made of: the compiled program on
//! coded answers against the file's own prediction on the values as they are.

use cso_model_files::{Cases, Cell, ModelFile, Prediction, Target};
use serde::Serialize;

use crate::compile::Compiled;
use crate::intake::{Answers, Kind, Level, Value};
use crate::outputs::OutputKind;
use crate::protocol::Protocol;
use crate::translate::Asked;

use super::DraftError;

/// By how much a protocol differs from the model file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measured {
    /// Cases that were compared.
    pub cases: usize,
    /// Cases left out, since the model file says nothing about them.
    pub without_prediction: usize,
    /// Largest difference of a probability, or of a number as a part of the range that it has in
    /// these cases.
    pub largest: f64,
    /// Mean of these differences.
    pub mean: f64,
    /// The feature whose coding changes most in the case with the largest difference, if one does.
    pub feature: Option<String>,
    /// Cases in which the class differs, if the model tells classes apart.
    pub classes_changed: Option<usize>,
}

/// One case, predicted in both ways.
struct Pair {
    truth: Prediction,
    own: Prediction,
}

/// Compares a compiled protocol with the model file on a table of cases.
///
/// # Errors
///
/// [`DraftError`] if the cases don't fit the model or the protocol.
pub fn measure(
    file: &ModelFile,
    protocol: &Protocol,
    compiled: &Compiled,
    data: &Cases,
) -> Result<Measured, DraftError> {
    let named = file.named_by(data)?;
    let ids: Vec<String> =
        named.columns().iter().map(|column| id_of(&column.name, protocol)).collect();
    of_table(&named.renamed(&ids), protocol, compiled, &named.table(data)?)
}

/// [`measure`] of a model file whose columns are named as the features, on its own table.
pub(super) fn of_table(
    renamed: &ModelFile,
    protocol: &Protocol,
    compiled: &Compiled,
    table: &[Vec<Cell>],
) -> Result<Measured, DraftError> {
    let asked = Asked::all(renamed.columns(), protocol.intake())?;
    let mut pairs = Vec::new();
    let mut places = Vec::new();
    for (place, case) in table.iter().enumerate() {
        let (Some(truth), Some(answers)) = (renamed.predict(case), answers(&asked, case)) else {
            continue;
        };
        let Ok(encoded) = protocol.intake().encode(&answers) else { continue };
        let Ok(raw) = compiled.program.evaluate(&encoded.bits) else { continue };
        pairs.push(Pair { truth, own: said(protocol, renamed, &raw) });
        places.push(place);
    }
    let scale = scale(renamed.target(), &pairs);
    let differences: Vec<f64> = pairs.iter().map(|pair| difference(pair) / scale).collect();
    let worst = (0..pairs.len()).max_by(|a, b| differences[*a].total_cmp(&differences[*b]));
    let feature = worst.filter(|worst| differences[*worst] > 0.0).and_then(|worst| {
        let case = &table[places[worst]];
        most_changed(renamed, &asked, case, &pairs[worst].truth)
    });
    let has_classes = pairs.first().is_some_and(|pair| pair.truth.class.is_some());
    let changed = pairs.iter().filter(|pair| pair.truth.class != pair.own.class).count();
    Ok(Measured {
        cases: pairs.len(),
        without_prediction: table.len() - pairs.len(),
        largest: differences.iter().copied().fold(0.0, f64::max),
        mean: differences.iter().sum::<f64>() / differences.len().max(1) as f64,
        feature,
        classes_changed: has_classes.then_some(changed),
    })
}

/// The id of the feature that asks for a column.
fn id_of(name: &str, protocol: &Protocol) -> String {
    let features = protocol.intake().features();
    let by_id = features.iter().find(|feature| feature.id == name);
    let found = by_id.or_else(|| features.iter().find(|feature| *feature.label == *name));
    found.map_or_else(|| name.to_owned(), |feature| feature.id.clone())
}

/// A case as answers.
fn answers(asked: &[Asked], case: &[Cell]) -> Option<Answers> {
    let one = |(asked, cell): (&Asked, &Cell)| {
        let feature = &asked.feature;
        let value = match (cell, &feature.kind) {
            (Cell::Missing, _) if feature.missing || feature.local => Value::Missing,
            (Cell::Missing, _) => return None,
            (Cell::Number(number), Kind::Quantity(_)) => Value::Quantity(*number),
            (cell, Kind::Flag) => Value::Flag(asked.cells.get(1) == Some(cell)),
            (cell, Kind::Choice { options }) => {
                let place = asked.cells.iter().position(|own| own == cell)?;
                Value::Choice(options.get(place)?.id.clone())
            }
            _ => return None,
        };
        Some((feature.id.clone(), value))
    };
    asked.iter().zip(case).map(one).collect()
}

/// What the program says, in the terms of a prediction.
fn said(protocol: &Protocol, file: &ModelFile, raw: &[u16]) -> Prediction {
    let outputs = protocol.outputs();
    let values: Vec<f64> = outputs
        .iter()
        .zip(raw)
        .map(|(output, raw)| output.value(*raw).unwrap_or(output.max))
        .collect();
    match file.target() {
        Target::Number(_) => Prediction { values: vec![values[0]], class: None },
        Target::Probability { .. } => {
            let scale = if outputs[0].kind == OutputKind::Probability { 100.0 } else { 1.0 };
            let probability = values[0] / scale;
            let is_second = match file.cutoff() {
                Some(cutoff) => probability >= cutoff,
                None => probability > 0.5,
            };
            Prediction { values: vec![probability], class: Some(usize::from(is_second)) }
        }
        Target::Class { .. } => Prediction { values: Vec::new(), class: Some(values[0] as usize) },
        Target::Classes { .. } => match protocol.rankings().first() {
            Some(ranking) => {
                let shares = ranking.probabilities(outputs, &values).unwrap_or_default();
                Prediction { values: shares, class: ranking.first(outputs, &values) }
            }
            None => Prediction { values, class: None },
        },
    }
}

/// What a difference is divided by: 1 for probabilities, the range of numbers and scores.
fn scale(target: &Target, pairs: &[Pair]) -> f64 {
    let is_number = matches!(target, Target::Number(_))
        || matches!(target, Target::Classes { share: cso_model_files::Share::Scores, .. });
    if !is_number {
        return 1.0;
    }
    let values = pairs.iter().flat_map(|pair| &pair.truth.values);
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), one| {
        (low.min(*one), high.max(*one))
    });
    if high > low {
        high - low
    } else {
        1.0
    }
}

fn difference(pair: &Pair) -> f64 {
    let values = pair.truth.values.iter().zip(&pair.own.values);
    values.map(|(truth, own)| (truth - own).abs()).fold(0.0, f64::max)
}

/// The feature whose coded value, put in place of the case's own, moves the file's prediction most.
fn most_changed(
    file: &ModelFile,
    asked: &[Asked],
    case: &[Cell],
    truth: &Prediction,
) -> Option<String> {
    let moved = |(index, asked): (usize, &Asked)| {
        let value = match (&case[index], &asked.feature.kind) {
            (Cell::Number(number), Kind::Quantity(_)) => Value::Quantity(*number),
            _ => return None,
        };
        let level = asked.feature.level(&value, &mut Vec::new()).ok()?;
        let (Value::Quantity(coded), Level::Code(code)) = (asked.feature.value_at(level), level)
        else {
            return None;
        };
        // Of a bin also its ends: the model may tell values within it apart.
        let ends = match &asked.feature.kind {
            Kind::Quantity(quantity) if quantity.is_binned() => {
                let [low, high] = quantity.bin(code);
                [low, high.next_down()]
            }
            _ => [coded, coded],
        };
        let change = [coded, ends[0], ends[1]].into_iter().filter_map(|number| {
            let mut other = case.to_vec();
            other[index] = Cell::Number(number);
            Some(difference(&Pair { truth: truth.clone(), own: file.predict(&other)? }))
        });
        let change = change.fold(0.0, f64::max);
        (change > 0.0).then(|| (change, asked.feature.id.clone()))
    };
    let changes = asked.iter().enumerate().filter_map(moved);
    changes.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, id)| id)
}
