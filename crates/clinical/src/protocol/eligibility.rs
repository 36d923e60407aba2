// SPDX-License-Identifier: Apache-2.0
//! Eligibility: for whom a protocol is, judged on the patient's side before anything leaves.

use serde::{Deserialize, Serialize};

use super::{Description, ProtocolError};
use crate::condition::{Truth, When};
use crate::intake::text::Text;
use crate::intake::{Answers, Feature, Intake};

/// Most requirements of a protocol.
const MAX_REQUIREMENTS: usize = 32;

/// What has to hold of somebody whom the protocol is for.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// The condition, over local features too.
    pub when: When,
    /// Why somebody of whom it doesn't hold doesn't fit.
    pub text: Text,
}

/// Whether the protocol is for somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Eligibility {
    /// Every requirement holds.
    Fits,
    /// Some don't hold.
    DoesNotFit {
        /// What each of them says, in the order of the file.
        reasons: Vec<String>,
    },
    /// None is known not to hold, and some can't be told.
    Open {
        /// The features, by id, without whose answers they can't, in the order of the intake.
        features: Vec<String>,
    },
}

impl Requirement {
    pub(super) fn check_all(requirements: &[Self], intake: &Intake) -> Result<(), ProtocolError> {
        if requirements.len() > MAX_REQUIREMENTS {
            let (found, most) = (requirements.len(), MAX_REQUIREMENTS);
            return Err(ProtocolError::TooMany { what: "requires", found, most });
        }
        for requirement in requirements {
            requirement.text.check("requires, text", 1000)?;
            requirement.when.check(intake).map_err(ProtocolError::Requires)?;
        }
        Ok(())
    }
}

impl Description {
    /// Refuses conditions that hold for nobody: whoever writes a protocol file meant something
    /// else. What stands on chain is judged as it is.
    pub(super) fn require_possible(&self) -> Result<(), ProtocolError> {
        for requirement in &self.requirements {
            requirement.when.require_possible(&self.intake).map_err(ProtocolError::Requires)?;
        }
        if !When::are_possible(self.requirements.iter().map(|one| &one.when), &self.intake) {
            return Err(ProtocolError::Nobody);
        }
        for output in &self.outputs {
            output.require_possible(&self.intake)?;
        }
        Ok(())
    }

    /// What has to hold of those whom the protocol is for.
    pub fn requirements(&self) -> &[Requirement] {
        &self.requirements
    }

    /// Whether somebody with these answers is one whom the protocol is for. Quantities are judged
    /// as they are given, between steps and beyond the coded range. An answer that isn't there
    /// leaves open what depends on it, so it may be asked for while answers still come in: once a
    /// requirement is known not to hold, the others don't matter.
    pub fn eligibility(&self, answers: &Answers) -> Eligibility {
        let (mut reasons, mut open) = (Vec::new(), Vec::new());
        for requirement in &self.requirements {
            match requirement.when.truth(&self.intake, answers) {
                Truth::Yes => {}
                Truth::No => reasons.push(requirement.text.to_string()),
                Truth::Open(features) => open.extend(features),
            }
        }
        if !reasons.is_empty() {
            return Eligibility::DoesNotFit { reasons };
        }
        if open.is_empty() {
            return Eligibility::Fits;
        }
        let features = self.intake.features().iter().map(|feature| feature.id.clone());
        Eligibility::Open { features: features.filter(|id| open.contains(id)).collect() }
    }

    /// Whether a feature must be answered as things stand: not one that stays with the patient and
    /// on which nothing depends any more, such as pregnancy where it is asked of women only and the
    /// patient is a man. See [`Intake::is_needed`] for those that serve to compute others.
    pub fn is_needed(&self, feature: &str, answers: &Answers) -> bool {
        let is_local = self.intake.feature(feature).is_some_and(|(_, one)| one.local);
        self.intake.is_needed(feature, answers) && !(is_local && self.is_settled(feature, answers))
    }

    /// Whether conditions look at a feature, and all of these are decided without it.
    fn is_settled(&self, feature: &str, answers: &Answers) -> bool {
        let meanings = self.outputs.iter().flat_map(|output| &output.meanings);
        let conditions = self.requirements.iter().map(|requirement| &requirement.when);
        let mut conditions = conditions
            .chain(meanings.filter_map(|meaning| meaning.when.as_ref()))
            .filter(|when| when.features(&self.intake).contains(feature))
            .peekable();
        let is_wished =
            self.disclosures().iter().any(|one| one.feature.as_deref() == Some(feature));
        let is_open = |when: &When| match when.truth(&self.intake, answers) {
            Truth::Open(features) => features.iter().any(|id| id == feature),
            Truth::Yes | Truth::No => false,
        };
        let is_computed_from_it = |one: &Feature| {
            one.derivations().any(|derivation| derivation.features().any(|id| id == feature))
        };
        let mut unanswered =
            self.intake.features().iter().filter(|one| !answers.contains_key(&one.id));
        !is_wished
            && !unanswered.any(is_computed_from_it)
            && conditions.peek().is_some()
            && !conditions.any(is_open)
    }
}
