// SPDX-License-Identifier: Apache-2.0
//! ModelVerification: cases with results that the producer computed, run on the model as it was
//! read.

use roxmltree::Node as Xml;

use super::expression::local;
use super::target_name;
use super::xml::{child, children, name, named, need, number, refuse};
use crate::{
    shorten, Cell, Column, ColumnKind, ModelFile, ModelFileError, Prediction, Target, VerifiedCase,
};

/// Most cases that are run.
const MAX_CASES: usize = 10_000;
/// Least relative tolerance of models that the producer evaluates in single precision: some of its
/// last places.
const SINGLE: f64 = 4e-6;

/// What a verification field holds.
enum Role {
    Input(usize),
    /// The predicted number or class.
    Predicted,
    /// The probability of a class.
    Probability(usize),
}

struct Field<'a> {
    id: &'a str,
    column: &'a str,
    role: Role,
    precision: f64,
    zero: f64,
}

/// Runs the file's cases and gives them back; a file that fails its own is refused. `result` is the
/// output that is told, if it isn't the target.
pub(super) fn run(
    model: Xml<'_, '_>,
    file: &ModelFile,
    result: Option<&str>,
) -> Result<Vec<VerifiedCase>, ModelFileError> {
    let Some(verification) = child(model, "ModelVerification") else {
        return Ok(Vec::new());
    };
    let fields = fields(model, verification, file, result)?;
    let table = child(verification, "InlineTable")
        .ok_or_else(|| refuse("a ModelVerification has no InlineTable"))?;
    let single = model.attribute("x-mathContext") == Some("float");
    let mut verified = Vec::new();
    for (index, row) in named(table, "row").enumerate() {
        if index >= MAX_CASES {
            return Err(refuse(format!("more than {MAX_CASES} verification cases")));
        }
        let text = |column: &str| {
            let cell = children(row).find(|node| name(*node) == local(column));
            cell.and_then(|node| node.text()).map(str::trim)
        };
        let mut case = vec![Cell::Missing; file.columns.len()];
        for field in &fields {
            if let (Role::Input(column), Some(text)) = (&field.role, text(field.column)) {
                let kind = &file.columns[*column];
                case[*column] = kind.gap(kind.kind.read(text));
            }
        }
        for (index, column) in file.columns.iter().enumerate() {
            if let ColumnKind::Derived(expression) = &column.kind {
                case[index] = expression.value(&case).map_or(Cell::Missing, Cell::Number);
            }
        }
        let prediction = file.predict(&case);
        for field in fields.iter().filter(|field| !matches!(field.role, Role::Input(_))) {
            let Some(expected) = text(field.column) else {
                continue;
            };
            let found = prediction.as_ref().map(|prediction| file.says(prediction, &field.role));
            let precision = if single { field.precision.max(SINGLE) } else { field.precision };
            if !found.as_ref().is_some_and(|found| agrees(expected, found, precision, field.zero)) {
                return Err(ModelFileError::Verification {
                    row: index + 1,
                    field: field.id.to_owned(),
                    expected: shorten(expected),
                    found: found.map_or("nothing".to_owned(), |found| found.to_string()),
                });
            }
        }
        if let Some(prediction) = prediction {
            verified.push(VerifiedCase { case, prediction });
        }
    }
    Ok(verified)
}

/// Numbers agree within the relative precision, those near zero within the threshold; classes are
/// equal.
fn agrees(expected: &str, found: &Cell, precision: f64, zero: f64) -> bool {
    match (expected.parse::<f64>(), found.number()) {
        (Ok(expected), Some(found)) if expected.abs() <= zero => found.abs() <= zero,
        (Ok(expected), Some(found)) => (found - expected).abs() <= precision * expected.abs(),
        _ => found.to_string() == expected,
    }
}

fn fields<'a>(
    model: Xml<'a, 'a>,
    verification: Xml<'a, 'a>,
    file: &ModelFile,
    result: Option<&str>,
) -> Result<Vec<Field<'a>>, ModelFileError> {
    let list = child(verification, "VerificationFields")
        .ok_or_else(|| refuse("a ModelVerification has no VerificationFields"))?;
    let mut fields = Vec::new();
    for field in named(list, "VerificationField") {
        let id = need(field, "field")?;
        let derived = |column: &Column| matches!(column.kind, ColumnKind::Derived(_));
        let same = |column: &Column| column.name == id && !derived(column);
        let column = file.columns.iter().position(same);
        let role = match (column, target_name(model) == Some(id)) {
            _ if result.is_some() && column.is_none() => match result == Some(id) {
                true => Some(Role::Predicted),
                false => {
                    output_role(model, id, file).filter(|role| matches!(role, Role::Probability(_)))
                }
            },
            (Some(column), _) => Some(Role::Input(column)),
            (None, true) => Some(Role::Predicted),
            (None, false) => output_role(model, id, file),
        };
        // Columns that the model doesn't read, and outputs of which it has no notion (ids of nodes,
        // affinities), are passed over.
        if let Some(role) = role {
            fields.push(Field {
                id,
                column: field.attribute("column").unwrap_or(id),
                role,
                precision: number(field, "precision")?.unwrap_or(1e-6),
                zero: number(field, "zeroThreshold")?.unwrap_or(1e-16),
            });
        }
    }
    Ok(fields)
}

/// What the output of that name means: of the model, or of the last one of its chain.
fn output_role(model: Xml<'_, '_>, id: &str, file: &ModelFile) -> Option<Role> {
    let mut outputs = model.descendants().filter(|node| node.tag_name().name() == "OutputField");
    let output = outputs.find(|field| field.attribute("name") == Some(id))?;
    match output.attribute("feature").unwrap_or("predictedValue") {
        // A number inside of a chain isn't what comes out in the end.
        "predictedValue" if output.attribute("isFinalResult") != Some("false") => {
            Some(Role::Predicted)
        }
        "probability" => {
            let value = output.attribute("value")?;
            file.classes().iter().position(|class| class == value).map(Role::Probability)
        }
        _ => None,
    }
}

impl ModelFile {
    fn says(&self, prediction: &Prediction, role: &Role) -> Cell {
        let class = || prediction.class.map(|class| self.classes()[class].as_str());
        match (&self.target, role) {
            (Target::Number(_), _) => Cell::Number(prediction.values[0]),
            (_, Role::Input(_) | Role::Predicted) => class().map_or(Cell::Missing, Cell::read),
            (Target::Probability { .. }, Role::Probability(class)) => {
                let second = prediction.values[0];
                Cell::Number(if *class == 1 { second } else { 1.0 - second })
            }
            (_, Role::Probability(class)) => {
                prediction.values.get(*class).map_or(Cell::Missing, |share| Cell::Number(*share))
            }
        }
    }
}
