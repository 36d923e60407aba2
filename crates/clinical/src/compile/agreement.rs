// SPDX-License-Identifier: Apache-2.0
//! What quantising changes: the compiled program against the model on answers as they were given.

use serde::Serialize;

use super::Compiled;
use crate::intake::Answers;
use crate::model::EvaluateError;
use crate::protocol::Protocol;

/// How often and by how much a program differs from the model before anything is put on a grid.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Agreement {
    /// Cases compared.
    pub cases: usize,
    /// Cases in which an output means something else, or a ranking names another output.
    pub changed: usize,
    /// The outputs, in order.
    pub outputs: Vec<OutputAgreement>,
    /// The rankings, in order.
    pub rankings: Vec<RankingAgreement>,
}

/// One output.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OutputAgreement {
    /// Its id.
    pub id: String,
    /// Cases whose value on the output's grid differs.
    pub values: usize,
    /// Cases whose meaning differs: the class of a class, the range of a number.
    pub meanings: usize,
    /// The largest difference of value, in the output's unit.
    pub largest: f64,
}

/// One ranking.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RankingAgreement {
    /// Its id.
    pub id: String,
    /// Cases in which another output is the greatest.
    pub first: usize,
}

/// Compares the program with the model on every case: the program reads bits and adds whole points,
/// the model ([`Protocol::predict`]) takes quantities as they were given, between grid points and
/// beyond the coded range.
///
/// # Errors
///
/// [`EvaluateError`] if answers don't fit the intake.
pub fn agreement<'a>(
    protocol: &Protocol,
    compiled: &Compiled,
    cases: impl IntoIterator<Item = &'a Answers>,
) -> Result<Agreement, EvaluateError> {
    let outputs = protocol.outputs();
    let mut agreement = Agreement {
        cases: 0,
        changed: 0,
        outputs: outputs
            .iter()
            .map(|output| OutputAgreement {
                id: output.id.clone(),
                values: 0,
                meanings: 0,
                largest: 0.0,
            })
            .collect(),
        rankings: protocol
            .rankings()
            .iter()
            .map(|ranking| RankingAgreement { id: ranking.id.clone(), first: 0 })
            .collect(),
    };
    for answers in cases {
        let exact = protocol.predict(answers)?;
        let bits = protocol.intake().encode(answers)?.bits;
        let found =
            compiled.program.evaluate(&bits).expect("the program was compiled for this intake");
        let found: Vec<f64> = outputs
            .iter()
            .zip(&found)
            .map(|(output, raw)| output.value(*raw).unwrap_or(output.max))
            .collect();
        let mut changed = false;
        for (index, output) in outputs.iter().enumerate() {
            let own = &mut agreement.outputs[index];
            let on_grid = output.value(output.raw(exact[index])).unwrap_or(output.max);
            own.values += usize::from(on_grid != found[index]);
            let meaning = |value| output.meaning_for(value, protocol.intake(), answers);
            let other = meaning(on_grid) != meaning(found[index]);
            own.meanings += usize::from(other);
            own.largest = own.largest.max((exact[index] - found[index]).abs());
            changed |= other;
        }
        for (ranking, own) in protocol.rankings().iter().zip(&mut agreement.rankings) {
            let other = ranking.first(outputs, &exact) != ranking.first(outputs, &found);
            own.first += usize::from(other);
            changed |= other;
        }
        agreement.changed += usize::from(changed);
        agreement.cases += 1;
    }
    Ok(agreement)
}
