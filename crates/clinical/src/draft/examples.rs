// SPDX-License-Identifier: Apache-2.0
//! Worked examples from the cases that a model file carries.

use cso_model_files::{Cell, VerifiedCase};

use crate::compile;
use crate::intake::{Answers, Kind, Value};
use crate::protocol::{Example, ExpectedValue, Protocol};
use crate::translate::Asked;

/// The cases that lie on the features' grids and come out as the model file says in the model as
/// well as in the compiled program.
pub(super) fn examples(
    cases: &[VerifiedCase],
    asked: &[Asked],
    protocol: &Protocol,
) -> Vec<Example> {
    if cases.is_empty() {
        return Vec::new();
    }
    let Ok(compiled) = compile::compile(protocol) else {
        // Whoever compiles the protocol learns why; examples add nothing then.
        return Vec::new();
    };
    let example = |(index, verified): (usize, &VerifiedCase)| {
        let answers = on_grid(asked, &verified.case)?;
        let expected = protocol.evaluate(&answers).ok()?;
        let bits = protocol.intake().encode(&answers).ok()?.bits;
        let found = compiled.program.evaluate(&bits).ok()?;
        let found: Vec<u16> =
            protocol.outputs().iter().zip(found).map(|(output, raw)| output.settled(raw)).collect();
        if found != expected {
            return None;
        }
        let outputs = protocol.outputs().iter().zip(&expected);
        let outputs = outputs.map(|(output, raw)| {
            Some((output.id.clone(), ExpectedValue::Number(output.value(*raw)?)))
        });
        Some(Example {
            name: format!("case {} of the model file", index + 1),
            source: None,
            answers,
            others_no: false,
            outputs: outputs.collect::<Option<_>>()?,
        })
    };
    cases.iter().enumerate().filter_map(example).collect()
}

/// The case as answers, if it lies on the features' grids; a number of any bin does.
fn on_grid(asked: &[Asked], case: &[Cell]) -> Option<Answers> {
    let one = |(asked, cell): (&Asked, &Cell)| {
        if let (Cell::Number(number), Kind::Quantity(quantity)) = (cell, &asked.feature.kind) {
            if quantity.is_binned() {
                return Some((asked.feature.id.clone(), Value::Quantity(*number)));
            }
        }
        let level = asked.cells.iter().position(|own| match (own, cell) {
            (Cell::Number(own), Cell::Number(given)) => {
                (own - given).abs() <= 1e-9 * own.abs().max(1.0)
            }
            _ => own == cell,
        })?;
        let feature = &asked.feature;
        let value = match (&feature.kind, asked.is_missing(level)) {
            (_, true) => Value::Missing,
            (Kind::Flag, _) => Value::Flag(level == 1),
            (Kind::Choice { options }, _) => Value::Choice(options[level].id.clone()),
            (Kind::Quantity(quantity), _) => Value::Quantity(quantity.value_at(level as u32)),
        };
        // An option that a file would read as a gap.
        let lost = matches!(&value, Value::Choice(id) if id == "missing");
        (!lost).then(|| (feature.id.clone(), value))
    };
    asked.iter().zip(case).map(one).collect()
}
