// SPDX-License-Identifier: Apache-2.0
//! Conditions of the public part, judged on the patient's side on answers as they are given.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use cso_model_files::shorten;

use super::{Condition, ConditionError};
use crate::intake::{Answers, Intake, Kind, Value};

/// A condition over the intake as its author wrote it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct When(String);

/// What answers say of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    Yes,
    /// It doesn't.
    No,
    /// It can't be told without answers to these features, by id, in the intake's order.
    Open(Vec<String>),
}

impl When {
    /// The condition as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn check(&self, intake: &Intake) -> Result<(), ConditionError> {
        Condition::parse(&self.0, intake).map(|_| ())
    }

    /// Refuses what holds for nobody, as far as that can be found out by trying.
    pub(crate) fn require_possible(&self, intake: &Intake) -> Result<(), ConditionError> {
        let refuse = |problem| ConditionError { condition: shorten(&self.0), problem };
        Condition::parse(&self.0, intake)?.require_possible(intake).map_err(refuse)
    }

    /// Whether several can hold together, as far as that can be found out by trying.
    pub(crate) fn are_possible<'a>(all: impl Iterator<Item = &'a Self>, intake: &Intake) -> bool {
        let parts = all.filter_map(|one| Condition::parse(&one.0, intake).ok());
        Condition::All(parts.collect()).can_hold(intake)
    }

    /// The features that it looks at, by id.
    pub fn features(&self, intake: &Intake) -> BTreeSet<String> {
        let mut features = BTreeSet::new();
        if let Ok(condition) = Condition::parse(&self.0, intake) {
            condition.collect_features(&mut features);
        }
        features.into_iter().map(|index| intake.features()[index].id.clone()).collect()
    }

    /// Whether it holds for these answers, quantities compared as they were given. An answer that
    /// isn't there leaves open what depends on it; only `is missing` holds of it.
    pub fn truth(&self, intake: &Intake, answers: &Answers) -> Truth {
        let Ok(condition) = Condition::parse(&self.0, intake) else {
            // Conditions of a description are checked with it.
            return Truth::Open(Vec::new());
        };
        match condition.told(intake, answers) {
            Some(true) => Truth::Yes,
            Some(false) => Truth::No,
            None => {
                let mut features = BTreeSet::new();
                condition.collect_open(intake, answers, &mut features);
                let id = |index: usize| intake.features()[index].id.clone();
                Truth::Open(features.into_iter().map(id).collect())
            }
        }
    }
}

impl From<&str> for When {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Condition {
    /// Three-valued (Kleene's strong logic): `None` where answers that aren't there could decide.
    pub(super) fn told(&self, intake: &Intake, answers: &Answers) -> Option<bool> {
        let value = |feature: &usize| answers.get(&intake.features()[*feature].id);
        // One part that is `decisive` decides, else one that is open leaves all open.
        let of_all = |parts: &[Self], decisive: bool| {
            let told: Vec<_> = parts.iter().map(|part| part.told(intake, answers)).collect();
            match (told.contains(&Some(decisive)), told.contains(&None)) {
                (true, _) => Some(decisive),
                (false, true) => None,
                (false, false) => Some(!decisive),
            }
        };
        match self {
            Self::All(parts) => of_all(parts, false),
            Self::Any(parts) => of_all(parts, true),
            Self::Not(part) => part.told(intake, answers).map(|holds| !holds),
            Self::Flag(feature) => match value(feature) {
                Some(Value::Flag(flag)) => Some(*flag),
                _ => None,
            },
            Self::Option(feature, option) => {
                match (value(feature), &intake.features()[*feature].kind) {
                    (Some(Value::Choice(id)), Kind::Choice { options }) => {
                        Some(options[*option as usize].id == *id)
                    }
                    _ => None,
                }
            }
            Self::Compare(feature, op, limit) => {
                match (value(feature), &intake.features()[*feature].kind) {
                    (Some(Value::Quantity(number)), Kind::Quantity(quantity)) => {
                        // What unit conversion and binary fractions lose moves nobody over a limit.
                        Some(op.holds(*number, *limit, quantity.step * 1e-6))
                    }
                    _ => None,
                }
            }
            Self::Missing(feature) => Some(matches!(value(feature), None | Some(Value::Missing))),
        }
    }

    /// The features without whose answers this part can't be told.
    fn collect_open(&self, intake: &Intake, answers: &Answers, into: &mut BTreeSet<usize>) {
        if self.told(intake, answers).is_some() {
            return;
        }
        match self {
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().for_each(|part| part.collect_open(intake, answers, into));
            }
            Self::Not(part) => part.collect_open(intake, answers, into),
            Self::Flag(feature)
            | Self::Option(feature, _)
            | Self::Compare(feature, _, _)
            | Self::Missing(feature) => {
                into.insert(*feature);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTAKE: &str = r#"[
        {"id":"age","label":"Age","kind":"quantity","unit":"a","min":0,"max":90,"step":1,"missing":true},
        {"id":"sex","label":"Sex","kind":"choice","options":[{"id":"f","label":"f"},{"id":"m","label":"m"}]},
        {"id":"af","label":"AF","kind":"flag"}]"#;

    fn intake() -> Intake {
        let features: Vec<crate::intake::FeatureText> = serde_json::from_str(INTAKE).unwrap();
        let features = features.into_iter().map(crate::intake::FeatureText::read);
        Intake::new(features.collect::<Result<_, _>>().unwrap()).unwrap()
    }

    fn truth(when: &str, answers: &str) -> Truth {
        let answers = crate::intake::parse_answers_json(answers).unwrap();
        When::from(when).truth(&intake(), &answers)
    }

    fn open(features: &[&str]) -> Truth {
        Truth::Open(features.iter().map(|id| (*id).to_owned()).collect())
    }

    #[test]
    fn what_is_not_answered_leaves_open_what_it_decides() {
        let rule = "age >= 18 and (sex == f or not af)";
        assert_eq!(truth(rule, "{}"), open(&["age", "sex", "af"]));
        assert_eq!(truth(rule, r#"{"age":17}"#), Truth::No);
        assert_eq!(truth(rule, r#"{"age":18,"af":false}"#), Truth::Yes);
        assert_eq!(truth(rule, r#"{"age":18,"af":true}"#), open(&["sex"]));
        assert_eq!(truth(rule, r#"{"age":18,"af":true,"sex":"m"}"#), Truth::No);
        assert_eq!(truth("sex != f", "{}"), open(&["sex"]));
        assert_eq!(truth("not af", "{}"), open(&["af"]));
    }

    #[test]
    fn exact_answers_are_compared_and_not_their_grid() {
        assert_eq!(truth("age >= 18", r#"{"age":17.6}"#), Truth::No);
        assert_eq!(truth("age > 18", r#"{"age":18.4}"#), Truth::Yes);
        assert_eq!(truth("age > 95", r#"{"age":99}"#), Truth::Yes);
        // A year less what a conversion loses.
        assert_eq!(truth("age >= 18", r#"{"age":17.9999999}"#), Truth::Yes);
    }

    #[test]
    fn an_answer_that_is_not_there_is_missing() {
        assert_eq!(truth("age is missing", "{}"), Truth::Yes);
        assert_eq!(truth("age is missing", r#"{"age":"missing"}"#), Truth::Yes);
        assert_eq!(truth("age is missing", r#"{"age":3}"#), Truth::No);
        assert_eq!(truth("age >= 18 or age is missing", r#"{"age":"missing"}"#), Truth::Yes);
        assert_eq!(truth("age >= 18", r#"{"age":"missing"}"#), open(&["age"]));
    }
}
