// SPDX-License-Identifier: Apache-2.0
//! Conditions that hold for nobody: a mistyped limit, or parts that contradict one another.
//!
//! Comparisons are held against what a feature takes. Whole conditions are tried: on every answer
//! of flags and choices, and of a quantity on the limits that it is compared with, on what lies
//! between them, and on its ends. These are all cases that a condition can tell apart.

use std::collections::BTreeSet;

use super::{Condition, Op};
use crate::intake::{Answers, Intake, Kind, Quantity, Value};
use crate::number::number;

/// Most combinations of answers that are tried.
const MAX_TRIED: usize = 20_000;

impl Condition {
    /// Refuses what holds for no answers as they are given.
    pub(super) fn require_possible(&self, intake: &Intake) -> Result<(), String> {
        self.check_comparisons(intake, &|quantity, op, limit| {
            let Some([low, high]) = quantity.limits else {
                return Ok(());
            };
            match is_met_within(op, limit, [low, high]) {
                true => Ok(()),
                false => Err(format!("its `limits` are {} to {}", number(low), number(high))),
            }
        })?;
        self.require_some(intake)
    }

    /// Refuses what holds for no answers as they are coded.
    pub(crate) fn require_possible_on_grid(&self, intake: &Intake) -> Result<(), String> {
        self.check_comparisons(intake, &|quantity, op, limit| {
            if quantity.is_binned() && !quantity.edges.contains(&limit) {
                return Err(
                    "the limit lies within a bin: compare with one of its `edges`".to_owned()
                );
            }
            let slack = quantity.step * 1e-6;
            let mut levels = 0..quantity.levels();
            match levels.any(|code| op.holds(quantity.value_at(code), limit, slack)) {
                true => Ok(()),
                false => Err(format!(
                    "it takes {} to {} in steps of {}",
                    number(quantity.min),
                    number(quantity.max),
                    number(quantity.step)
                )),
            }
        })?;
        self.require_some(intake)
    }

    fn require_some(&self, intake: &Intake) -> Result<(), String> {
        match self.can_hold(intake) {
            true => Ok(()),
            false => Err("no answers meet it: its parts contradict one another".to_owned()),
        }
    }

    /// Checks each comparison of a quantity; `check` says what the feature takes instead.
    fn check_comparisons(
        &self,
        intake: &Intake,
        check: &impl Fn(&Quantity, Op, f64) -> Result<(), String>,
    ) -> Result<(), String> {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().try_for_each(|part| part.check_comparisons(intake, check))
            }
            Self::Not(part) => part.check_comparisons(intake, check),
            Self::Compare(index, op, limit) => {
                let feature = &intake.features()[*index];
                let Kind::Quantity(quantity) = &feature.kind else {
                    return Ok(());
                };
                check(quantity, *op, *limit).map_err(|takes| {
                    let (id, sign, limit) = (&feature.id, op.sign(), number(*limit));
                    format!("`{id} {sign} {limit}` never holds: feature `{id}`: {takes}")
                })
            }
            Self::Flag(_) | Self::Option(..) | Self::Missing(_) => Ok(()),
        }
    }

    /// Whether some answers meet it; true as well, if there are too many to try.
    pub(super) fn can_hold(&self, intake: &Intake) -> bool {
        let mut features = BTreeSet::new();
        self.collect_features(&mut features);
        let tried: Vec<(usize, Vec<Option<Value>>)> =
            features.into_iter().map(|index| (index, self.answers_to_try(index, intake))).collect();
        let combinations = tried.iter().try_fold(1_usize, |all, (_, answers)| {
            all.checked_mul(answers.len()).filter(|all| *all <= MAX_TRIED)
        });
        let Some(combinations) = combinations else {
            return true;
        };
        (0..combinations).any(|mut number| {
            let mut answers = Answers::new();
            for (index, of_feature) in &tried {
                if let Some(answer) = &of_feature[number % of_feature.len()] {
                    answers.insert(intake.features()[*index].id.clone(), answer.clone());
                }
                number /= of_feature.len();
            }
            self.told(intake, &answers) == Some(true)
        })
    }

    /// Answers to a feature between which the condition can tell, one of each kind.
    fn answers_to_try(&self, index: usize, intake: &Intake) -> Vec<Option<Value>> {
        let feature = &intake.features()[index];
        let mut answers: Vec<Option<Value>> = match &feature.kind {
            Kind::Flag => vec![Some(Value::Flag(false)), Some(Value::Flag(true))],
            Kind::Choice { options } => {
                options.iter().map(|option| Some(Value::Choice(option.id.clone()))).collect()
            }
            Kind::Quantity(quantity) => {
                let mut limits = Vec::new();
                self.collect_limits(index, &mut limits);
                numbers_to_try(quantity, limits).map(|one| Some(Value::Quantity(one))).collect()
            }
        };
        if feature.missing {
            answers.push(None);
        }
        answers
    }

    fn collect_limits(&self, index: usize, into: &mut Vec<f64>) {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().for_each(|part| part.collect_limits(index, into));
            }
            Self::Not(part) => part.collect_limits(index, into),
            Self::Compare(feature, _, limit) if *feature == index => into.push(*limit),
            Self::Compare(..) | Self::Flag(_) | Self::Option(..) | Self::Missing(_) => {}
        }
    }
}

/// The limits themselves, what lies between them, and what lies beyond the outer ones.
fn numbers_to_try(quantity: &Quantity, mut limits: Vec<f64>) -> impl Iterator<Item = f64> {
    limits.sort_by(f64::total_cmp);
    limits.dedup();
    let between = limits.windows(2).map(|pair| pair[0] / 2.0 + pair[1] / 2.0);
    let beyond = [
        limits.first().map_or(quantity.min, |first| first.min(quantity.min) - quantity.step),
        limits.last().map_or(quantity.max, |last| last.max(quantity.max) + quantity.step),
    ];
    let (ends, [low, high]) = match quantity.limits {
        Some(ends) => (ends, ends),
        None => (beyond, [f64::NEG_INFINITY, f64::INFINITY]),
    };
    let all: Vec<f64> = between.chain(ends).collect();
    all.into_iter().chain(limits).filter(move |one| (low..=high).contains(one))
}

/// Whether a number between two ends, these included, compares so.
fn is_met_within(op: Op, limit: f64, [low, high]: [f64; 2]) -> bool {
    match op {
        Op::Equal => (low..=high).contains(&limit),
        Op::Less => low < limit,
        Op::LessOrEqual => low <= limit,
        Op::Greater => high > limit,
        Op::GreaterOrEqual => high >= limit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTAKE: &str = r#"[
        {"id":"age","label":"Age","kind":"quantity","unit":"a","min":18,"max":90,"step":1,"limits":[0,130],"missing":true},
        {"id":"weight","label":"Weight","kind":"quantity","unit":"kg","min":30,"max":200,"step":1},
        {"id":"sex","label":"Sex","kind":"choice","options":[{"id":"f","label":"f"},{"id":"m","label":"m"}]},
        {"id":"af","label":"AF","kind":"flag"}]"#;

    fn problem(text: &str, is_coded: bool) -> Option<String> {
        let features: Vec<crate::intake::FeatureText> = serde_json::from_str(INTAKE).unwrap();
        let features = features.into_iter().map(crate::intake::FeatureText::read);
        let intake = Intake::new(features.collect::<Result<_, _>>().unwrap()).unwrap();
        let condition = Condition::parse(text, &intake).unwrap();
        match is_coded {
            true => condition.require_possible_on_grid(&intake).err(),
            false => condition.require_possible(&intake).err(),
        }
    }

    #[test]
    fn what_somebody_can_meet_is_fine() {
        for text in [
            "age >= 130",
            "age <= 0",
            "age > 64 and age < 65",
            "age != 65 and not age < 65",
            "age >= 90 or age < 20",
            "weight > 500",
            "weight < 3 and age is missing",
            "sex == f and not af or sex == m and af",
            "sex != f and sex != m or af",
        ] {
            assert_eq!(problem(text, false), None, "{text}");
        }
        for text in ["age >= 90", "age <= 18", "age == 44", "weight > 199"] {
            assert_eq!(problem(text, true), None, "{text}");
        }
    }

    #[test]
    fn what_nobody_can_meet_is_refused() {
        let contradiction = "its parts contradict one another";
        for (text, words) in [
            ("age >= 1000", "`age >= 1000` never holds: feature `age`: its `limits` are 0 to 130"),
            ("af or age > 130", "`age > 130` never holds"),
            ("not age < 0", "`age < 0` never holds"),
            ("age != 1000", "`age == 1000` never holds"),
            ("age >= 65 and age < 60", contradiction),
            ("age > 65 and not age > 65", contradiction),
            ("weight > 500 and weight < 500", contradiction),
            ("sex == f and sex == m", contradiction),
            ("af and not af", contradiction),
            ("age is missing and age > 3", contradiction),
        ] {
            let problem = problem(text, false).unwrap_or_default();
            assert!(problem.contains(words), "{text}: {problem}");
        }
        let takes = "feature `age`: it takes 18 to 90 in steps of 1";
        for text in ["age < 18", "age > 90", "age == 44.5", "age >= 100 and af"] {
            let problem = problem(text, true).unwrap_or_default();
            assert!(problem.contains(takes), "{text}: {problem}");
        }
    }

    #[test]
    fn too_many_answers_are_not_tried() {
        let parts = |range: std::ops::Range<usize>| {
            range.map(|year| format!("age == {year}")).collect::<Vec<_>>().join(" or ")
        };
        let weights = parts(40..140).replace("age", "weight");
        let text = format!("({}) and ({weights}) and af and not af", parts(0..100));
        assert_eq!(problem(&text, false), None);
    }
}
