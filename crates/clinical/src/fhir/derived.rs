// SPDX-License-Identifier: Apache-2.0
//! Answers that are computed from what the record says of other features, where it has none or only
//! one that is older.

use super::observation::{apart, Dated};
use super::outcome::{Basis, Doubt, Found, Outcome};
use super::record::Record;
use super::time::When;
use super::{told, Read};
use crate::intake::{Answers, Derivation, Formula, Intake};

/// Computes what can be. An input in doubt leaves open what is computed from it. `is_answered`
/// tells of which features a person gave an answer, which isn't known here: their values aren't
/// used, but that the record has something later of them is.
pub(super) fn derive(
    intake: &Intake,
    record: &Record<'_>,
    read: &mut [Read<'_>],
    is_answered: &dyn Fn(&str) -> bool,
) {
    let answers: Answers = read
        .iter()
        .filter(|one| !is_answered(&one.feature.id))
        .filter_map(|one| Some((one.feature.id.clone(), one.found()?.value.clone())))
        .collect();
    let all = Inputs { intake, record, answers, is_answered };
    for at in 0..read.len() {
        let feature = read[at].feature;
        for derivation in feature.derivations() {
            let is_silent = matches!(read[at].outcome, Outcome::Silent);
            let later = all
                .changing(derivation, read)
                .filter(|later| later.last().is_some_and(|later| is_older(&read[at].basis, later)));
            if !is_silent && later.is_none() {
                continue;
            }
            let (outcome, of_inputs) = all.compute(derivation, &read[at], read);
            match outcome {
                Outcome::Silent if is_silent => {
                    let inputs: Vec<&str> = derivation.features().collect();
                    let name = derivation.formula.name();
                    let note = format!("{name} needs {}", inputs.join(", "));
                    read[at].notes.push(note);
                }
                // It is computed once these are answered; what the record has is older.
                Outcome::Silent => {
                    let Some(later) = later else { continue };
                    let doubts = vec![all.superseded(&read[at], later)];
                    let of_inputs = all.open(derivation, read);
                    (read[at].outcome, read[at].of_inputs) = (Outcome::Doubt(doubts), of_inputs);
                    break;
                }
                outcome => {
                    (read[at].outcome, read[at].of_inputs) = (outcome, of_inputs);
                    break;
                }
            }
        }
    }
}

/// Whether all that an answer may be of is surely before a time.
fn is_older(basis: &Basis, later: When) -> bool {
    let times = basis.made_of.iter().map(|one| one.when);
    let mut times = times.chain(basis.made_of.is_empty().then_some(basis.when));
    times.all(|when| when.is_some_and(|when| later.is_after(when)))
}

/// What the answers of a record are computed from.
struct Inputs<'r> {
    intake: &'r Intake,
    record: &'r Record<'r>,
    answers: Answers,
    is_answered: &'r dyn Fn(&str) -> bool,
}

impl Inputs<'_> {
    /// The input whose time the result has.
    fn changing<'a, 'f>(
        &self,
        derivation: &Derivation,
        read: &'a [Read<'f>],
    ) -> Option<&'a Read<'f>> {
        let id = derivation.from.get(derivation.formula.changing())?;
        read.iter().find(|one| one.feature.id == *id)
    }

    /// The inputs that the record doesn't answer, by id.
    fn open(&self, derivation: &Derivation, read: &[Read<'_>]) -> Vec<String> {
        let is_open = |id: &&str| {
            (self.is_answered)(id)
                || !read.iter().any(|one| one.feature.id == **id && one.found().is_some())
        };
        derivation.features().filter(is_open).map(str::to_owned).collect()
    }

    /// That what the record has is older than what it would be computed from.
    fn superseded(&self, one: &Read<'_>, later: &Read<'_>) -> Doubt {
        let feature = &later.feature.id;
        let when = later.last().map(|when| format!(" of {when}")).unwrap_or_default();
        match &one.outcome {
            Outcome::Found(found) => {
                let shown = found.stands.clone().unwrap_or_else(|| one.feature.show(&found.value));
                let why = format!("is older than `{feature}`{when}, from which it is computed");
                Doubt::new(&found.origin, "value", &shown, why)
            }
            _ => Doubt::general(format!("it is computed from `{feature}`{when}")),
        }
    }

    /// The result, and the inputs whose doubts are its own.
    fn compute(
        &self,
        derivation: &Derivation,
        target: &Read<'_>,
        read: &[Read<'_>],
    ) -> (Outcome, Vec<String>) {
        let feature = target.feature;
        let inputs: Vec<&Read<'_>> = derivation
            .features()
            .filter(|id| !(self.is_answered)(id))
            .filter_map(|id| read.iter().find(|one| one.feature.id == id))
            .collect();
        let name = derivation.formula.name();
        let (mut open, mut of_inputs) = (Vec::new(), Vec::new());
        for one in &inputs {
            if let Outcome::Doubt(doubts) = &one.outcome {
                let doubts: Vec<String> = doubts.iter().map(ToString::to_string).collect();
                let why = format!("{name} needs `{}`: {}", one.feature.id, told(&doubts));
                open.push(Doubt::general(why));
                of_inputs.push(one.feature.id.clone());
            }
        }
        if !open.is_empty() {
            return (Outcome::Doubt(open), of_inputs);
        }
        let origins: Vec<String> = inputs
            .iter()
            .filter_map(|one| Some(format!("{} ({})", one.feature.id, one.found()?.origin)))
            .collect();
        let origin = origins.join(", ");
        let doubt = |why: String, of: Vec<String>| {
            (Outcome::Doubt(vec![Doubt::general(format!("{name} of {origin}{why}"))]), of)
        };
        if let Some((why, of)) = self.apart(derivation, read) {
            return doubt(format!(": they {why}"), vec![of]);
        }
        match derivation.compute(feature, self.intake, &self.answers) {
            None => (Outcome::Silent, Vec::new()),
            Some(Err(why)) => doubt(format!(": {}", why.text), why.of),
            Some(Ok(derived)) => match feature.level(&derived.value, &mut Vec::new()) {
                Ok(_) => {
                    let (value, conversion) = (derived.value, Some(derived.text));
                    let found = Found { value, origin, stands: None, conversion };
                    (Outcome::Found(found), Vec::new())
                }
                Err(error) => doubt(
                    format!(" can't be taken: {error}"),
                    vec![derivation.from[derivation.formula.changing()].clone()],
                ),
            },
        }
    }

    /// Why weight and height of the record may not be of one grown person, and which it is due to.
    fn apart(&self, derivation: &Derivation, read: &[Read<'_>]) -> Option<(String, String)> {
        if derivation.formula != Formula::BodyMassIndex {
            return None;
        }
        let dated = |input: &str| {
            let id = derivation.from.get(input).filter(|id| !(self.is_answered)(id))?;
            let one = read.iter().find(|one| one.feature.id == *id)?;
            Some((id, Dated { when: one.last(), origin: &one.found()?.origin }))
        };
        let ((weight_id, weight), (height_id, height)) = (dated("weight")?, dated("height")?);
        let (why, is_height) = apart(&weight, &height, self.record)?;
        Some((why, if is_height { height_id } else { weight_id }.clone()))
    }
}
