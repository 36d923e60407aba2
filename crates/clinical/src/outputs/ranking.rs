// SPDX-License-Identifier: Apache-2.0
//! Rankings: which of several outputs is the greatest, found once they are decrypted.
//!
//! A program's output is a table on one sum, so it can't compare two sums. A model of several
//! classes gives one output a class instead, and the patient's wallet names the greatest. Reason
//! codes of a scorecard are a ranking too: of the points that each characteristic costs.

use serde::{Deserialize, Serialize};

use super::{Output, OutputError, Reading};
use crate::intake::text::{Role, Text, Visit};
use crate::intake::{check_id, tidy};
use crate::spoken;

/// Outputs that are compared with one another.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Ranking {
    /// Stable id, different from those of the outputs.
    pub id: String,
    /// What a person reads.
    pub label: Text,
    /// Ids of the outputs to compare; of equal ones the first here comes first.
    pub outputs: Vec<String>,
    /// How many to name.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub top: usize,
    /// How the outputs become probabilities, if they do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<Probability>,
}

/// How the values `v` of compared outputs become probabilities.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Probability {
    /// `exp(v_i) / sum of exp(v_j)`.
    Softmax,
    /// `v_i / sum of v_j`; for values that are never negative.
    Proportion,
}

impl Probability {
    /// The probabilities; they add up to 1. Equal ones if all proportions are 0.
    pub fn of(self, values: &[f64]) -> Vec<f64> {
        let greatest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let parts: Vec<f64> = match self {
            // Less the greatest, so that no power overflows.
            Self::Softmax => values.iter().map(|v| (v - greatest).exp()).collect(),
            Self::Proportion if greatest <= 0.0 => vec![1.0; values.len()],
            Self::Proportion => values.iter().map(|v| v.max(0.0)).collect(),
        };
        let sum: f64 = parts.iter().sum();
        parts.iter().map(|part| part / sum).collect()
    }
}

fn one() -> usize {
    1
}

fn is_one(top: &usize) -> bool {
    *top == 1
}

impl Ranking {
    /// Shows every text to `visit`.
    pub(crate) fn visit_texts(&mut self, visit: &mut Visit<'_>) {
        visit(&format!("ranking `{}`, label", self.id), Role::Name, &mut self.label);
    }

    pub(crate) fn check(&self, outputs: &[Output]) -> Result<(), OutputError> {
        check_id("ranking id", &self.id)?;
        self.label.check(&format!("ranking `{}`, label", self.id), 200)?;
        let refuse =
            |problem: String| Err(OutputError::Ranking { ranking: self.id.clone(), problem });
        if outputs.iter().any(|output| output.id == self.id) {
            return refuse("an output has the same id".to_owned());
        }
        if self.outputs.len() < 2 || !(1..=self.outputs.len()).contains(&self.top) {
            return refuse(
                "it compares at least two outputs and names 1 to all of them".to_owned(),
            );
        }
        for (index, id) in self.outputs.iter().enumerate() {
            if self.outputs[..index].contains(id) {
                return refuse(format!("output `{id}` is given twice"));
            }
            let Some(output) = outputs.iter().find(|output| output.id == *id) else {
                return refuse(format!("there is no output `{}`", cso_model_files::shorten(id)));
            };
            if self.probability == Some(Probability::Proportion) && output.min < 0.0 {
                return refuse(format!(
                    "proportions need values of 0 and more: output `{id}` begins at {}",
                    output.min
                ));
            }
        }
        Ok(())
    }

    /// The compared outputs, the greatest first: index among all outputs, value, and probability if
    /// asked for.
    fn order(&self, outputs: &[Output], values: &[f64]) -> Vec<(usize, f64, Option<f64>)> {
        let own: Vec<usize> = self
            .outputs
            .iter()
            .filter_map(|id| outputs.iter().position(|output| output.id == *id))
            .collect();
        let compared: Vec<f64> = own.iter().map(|index| values[*index]).collect();
        let shares = self.probability.map(|probability| probability.of(&compared));
        let mut order: Vec<(usize, f64, Option<f64>)> = own
            .iter()
            .enumerate()
            .map(|(place, index)| (*index, compared[place], shares.as_ref().map(|s| s[place])))
            .collect();
        // Stable: of equal values the first stays first.
        order.sort_by(|a, b| b.1.total_cmp(&a.1));
        order
    }

    /// The probability of each compared output, in the ranking's order, if it has some; `values`
    /// are those of all outputs.
    pub fn probabilities(&self, outputs: &[Output], values: &[f64]) -> Option<Vec<f64>> {
        let place = |id: &String| outputs.iter().position(|output| output.id == *id);
        let compared: Vec<f64> =
            self.outputs.iter().filter_map(place).map(|index| values[index]).collect();
        self.probability.map(|probability| probability.of(&compared))
    }

    /// The index among all outputs of the greatest compared one.
    pub(crate) fn first(&self, outputs: &[Output], values: &[f64]) -> Option<usize> {
        self.order(outputs, values).first().map(|first| first.0)
    }

    /// Puts the order into words; `readings` are those of the outputs. What to do is what the
    /// greatest one says.
    pub(crate) fn read(&self, outputs: &[Output], readings: &[Reading], language: &str) -> Reading {
        let values: Vec<f64> = readings.iter().map(|reading| reading.value).collect();
        let order = self.order(outputs, &values);
        let percent = |share: f64| tidy((share * 1000.0).round() / 10.0);
        let name = |index: usize| {
            let reading = &readings[index];
            reading.name.as_ref().unwrap_or(&reading.label).clone()
        };
        let show = |&(index, value, share): &(usize, f64, Option<f64>)| match share {
            Some(share) => {
                format!("{} {} %", name(index), spoken::number(percent(share), language))
            }
            None => format!("{} ({})", name(index), outputs[index].show(value, language)),
        };
        let all: Vec<String> = order.iter().map(show).collect();
        let top: Vec<String> = order[..self.top].iter().map(|one| name(one.0)).collect();
        let (first, value, share) = order[0];
        let greatest = &readings[first];
        Reading {
            output: self.id.clone(),
            label: self.label.to_string(),
            value: share.map_or(value, percent),
            text: top.join(", "),
            unit: match share {
                Some(_) => Some("%".to_owned()),
                None => greatest.unit.clone(),
            },
            name: Some(name(first)),
            meaning: all.join(", "),
            next: greatest.next.clone(),
            warning: greatest.warning.clone(),
            clinician: greatest.clinician.clone(),
            figures: Vec::new(),
            open: greatest.open.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outputs::{Meaning, OutputKind};

    fn output(id: &str, name: Option<&str>) -> Output {
        Output {
            id: id.to_owned(),
            label: id.to_uppercase().into(),
            kind: OutputKind::Number,
            unit: None,
            min: -10.0,
            max: 10.0,
            step: 1.0,
            meanings: vec![Meaning {
                from: -10.0,
                to: 10.0,
                when: None,
                name: name.map(Text::from),
                text: "any".into(),
                next: None,
                warning: None,
                clinician: None,
                figures: Vec::new(),
            }],
        }
    }

    impl Output {
        fn reading(&self, value: f64) -> Reading {
            let flag = r#"[{"id":"f","label":"f","kind":"flag"}]"#;
            let features: Vec<crate::intake::FeatureText> = serde_json::from_str(flag).unwrap();
            let features = features.into_iter().map(|text| text.read().unwrap()).collect();
            let intake = crate::intake::Intake::new(features).unwrap();
            self.read(self.raw(value), &intake, &Default::default(), "en").unwrap()
        }
    }

    fn ranking(outputs: &[&str], top: usize, probability: Option<Probability>) -> Ranking {
        Ranking {
            id: "class".to_owned(),
            label: "Class".into(),
            outputs: outputs.iter().map(|id| (*id).to_owned()).collect(),
            top,
            probability,
        }
    }

    #[test]
    fn names_the_greatest_and_of_equal_ones_the_first() {
        let outputs = [output("a", None), output("b", None), output("c", Some("code"))];
        let read = |top, values: &[f64]| {
            let readings = outputs.iter().zip(values);
            let readings: Vec<Reading> =
                readings.map(|(output, value)| output.reading(*value)).collect();
            ranking(&["c", "a", "b"], top, None).read(&outputs, &readings, "en")
        };
        assert_eq!(read(1, &[3.0, 5.0, -1.0]).text, "B");
        assert_eq!(read(2, &[3.0, 3.0, 3.0]).text, "code, A");
        assert_eq!(read(1, &[3.0, 5.0, -1.0]).meaning, "B (5), A (3), code (-1)");
    }

    #[test]
    fn softmax_neither_overflows_nor_depends_on_a_shift() {
        let near = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12);
        let low = Probability::Softmax.of(&[0.0, 1.0, 2.0]);
        assert!(near(&low, &Probability::Softmax.of(&[1000.0, 1001.0, 1002.0])));
        assert!((low.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!((low[1] / low[0] - 1f64.exp()).abs() < 1e-12);
        assert!(near(&Probability::Proportion.of(&[1.0, 3.0]), &[0.25, 0.75]));
        assert!(near(&Probability::Proportion.of(&[0.0, 0.0]), &[0.5, 0.5]));
    }

    #[test]
    fn refuses_what_can_not_be_compared() {
        let outputs = [output("a", None), output("b", None)];
        let problem = |ranking: Ranking| ranking.check(&outputs).unwrap_err().to_string();
        assert_eq!(
            problem(ranking(&["a", "x"], 1, None)),
            "ranking `class`: there is no output `x`"
        );
        assert_eq!(
            problem(ranking(&["a", "a"], 1, None)),
            "ranking `class`: output `a` is given twice"
        );
        assert!(problem(ranking(&["a", "b"], 3, None)).contains("names 1 to all"));
        assert!(problem(ranking(&["a"], 1, None)).contains("at least two"));
        assert!(problem(ranking(&["a", "b"], 1, Some(Probability::Proportion)))
            .contains("begins at -10"));
        let same = Ranking { id: "a".to_owned(), ..ranking(&["a", "b"], 1, None) };
        assert!(problem(same).contains("same id"));
    }
}
