// SPDX-License-Identifier: Apache-2.0
//! Answers that are computed from what the record says of other features, where it has none.

use super::outcome::{Doubt, Found, Outcome};
use super::{told, Read};
use crate::intake::{Answers, Derivation, Feature, Intake};

/// Computes what can be. An input in doubt leaves open what is computed from it.
pub(super) fn derive(intake: &Intake, read: &mut [Read<'_>]) {
    let answers: Answers = read
        .iter()
        .filter_map(|one| Some((one.feature.id.clone(), one.found()?.value.clone())))
        .collect();
    for at in 0..read.len() {
        if !matches!(read[at].outcome, Outcome::Silent) {
            continue;
        }
        let feature = read[at].feature;
        for derivation in feature.derivations() {
            match compute(derivation, feature, intake, &answers, read) {
                Outcome::Silent => {
                    let inputs: Vec<&str> = derivation.features().collect();
                    let name = derivation.formula.name();
                    let note = format!("{name} needs {}", inputs.join(", "));
                    read[at].notes.push(note);
                }
                outcome => {
                    read[at].outcome = outcome;
                    break;
                }
            }
        }
    }
}

fn compute(
    derivation: &Derivation,
    feature: &Feature,
    intake: &Intake,
    answers: &Answers,
    read: &[Read<'_>],
) -> Outcome {
    let inputs: Vec<&Read<'_>> = derivation
        .features()
        .filter_map(|id| read.iter().find(|one| one.feature.id == id))
        .collect();
    let name = derivation.formula.name();
    let open: Vec<String> = inputs
        .iter()
        .filter_map(|one| match &one.outcome {
            Outcome::Doubt(doubts) => {
                let doubts: Vec<String> = doubts.iter().map(ToString::to_string).collect();
                Some(format!("{name} needs `{}`: {}", one.feature.id, told(&doubts)))
            }
            _ => None,
        })
        .collect();
    if !open.is_empty() {
        return Outcome::Doubt(open.into_iter().map(Doubt::general).collect());
    }
    let of_inputs: Vec<String> = inputs
        .iter()
        .filter_map(|one| Some(format!("{} ({})", one.feature.id, one.found()?.origin)))
        .collect();
    let origin = of_inputs.join(", ");
    match derivation.compute(feature, intake, answers) {
        None => Outcome::Silent,
        Some(Err(why)) => {
            Outcome::Doubt(vec![Doubt::general(format!("{name} of {origin}: {why}"))])
        }
        Some(Ok(derived)) => match feature.level(&derived.value, &mut Vec::new()) {
            Ok(_) => {
                let (value, conversion) = (derived.value, Some(derived.text));
                Outcome::Found(Found { value, origin, stands: None, conversion })
            }
            Err(error) => Outcome::Doubt(vec![Doubt::general(format!(
                "{name} of {origin} can't be taken: {error}"
            ))]),
        },
    }
}
