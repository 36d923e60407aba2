// SPDX-License-Identifier: Apache-2.0
//! Worked examples: answers with the result that the source publishes for them.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Eligibility, ExampleError, Protocol};
use crate::intake::text::Text;
use crate::intake::{Answers, Intake, Value};
use crate::model::EvaluateError;
use crate::outputs::Output;

/// Answers and the outputs they must give.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What the example shows.
    pub name: String,
    /// Where the result comes from.
    #[serde(default)]
    pub source: Option<String>,
    /// Answers by feature id; flags left out are "no" if the example says so with `others_no`.
    pub answers: Answers,
    /// Whether flags that `answers` leaves out are "no".
    #[serde(default)]
    pub others_no: bool,
    /// Values by output id: a number, or a class's name.
    pub outputs: BTreeMap<String, ExpectedValue>,
}

/// What an example expects of an output.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(untagged, expecting = "an output is a number or the name of a class")]
pub enum ExpectedValue {
    /// The number.
    Number(f64),
    /// The name of the meaning.
    Name(String),
}

impl Example {
    /// The answers in full.
    pub fn full_answers(&self, protocol: &Protocol) -> Answers {
        let mut answers = self.answers.clone();
        if self.others_no {
            for feature in protocol.intake().features() {
                if matches!(feature.kind, crate::intake::Kind::Flag)
                    && !answers.contains_key(&feature.id)
                {
                    answers.insert(feature.id.clone(), Value::Flag(false));
                }
            }
        }
        answers
    }

    /// Whether the raw outputs are what the example says.
    pub(crate) fn compare(&self, protocol: &Protocol, raw: &[u16]) -> Result<(), ExampleError> {
        let outputs = protocol.outputs();
        if self.outputs.len() != outputs.len()
            || outputs.iter().any(|o| !self.outputs.contains_key(&o.id))
        {
            let known = outputs.iter().map(|o| o.id.as_str()).collect::<Vec<_>>().join(", ");
            return Err(ExampleError::Outputs { example: self.name.clone(), known });
        }
        let answers = self.full_answers(protocol);
        for (output, raw) in outputs.iter().zip(raw) {
            self.compare_one(output, *raw, protocol.intake(), &answers)?;
        }
        Ok(())
    }

    fn compare_one(
        &self,
        output: &Output,
        raw: u16,
        intake: &Intake,
        answers: &Answers,
    ) -> Result<(), ExampleError> {
        let value = output.value(raw);
        let meaning = value.and_then(|value| output.meaning_for(value, intake, answers));
        let name = meaning.and_then(|meaning| meaning.name.as_ref()).map(Text::to_string);
        let (same, expected) = match &self.outputs[&output.id] {
            ExpectedValue::Number(number) => (
                value.is_some_and(|value| (value - number).abs() < output.step * 1e-6),
                number.to_string(),
            ),
            ExpectedValue::Name(expected) => (name.as_deref() == Some(expected), expected.clone()),
        };
        if same {
            return Ok(());
        }
        let found = match (&self.outputs[&output.id], name, value) {
            (ExpectedValue::Name(_), Some(name), _) => name,
            (_, _, Some(value)) => value.to_string(),
            (_, _, None) => format!("raw value {raw}, which is out of range"),
        };
        Err(ExampleError::Differs {
            example: self.name.clone(),
            output: output.id.clone(),
            expected,
            found,
        })
    }

    pub(super) fn check(&self, protocol: &Protocol) -> Result<(), ExampleError> {
        let answers = self.full_answers(protocol);
        if let Eligibility::DoesNotFit { reasons } = protocol.description.eligibility(&answers) {
            return Err(ExampleError::DoesNotFit { example: self.name.clone(), reasons });
        }
        let raw = protocol.evaluate(&answers).map_err(|error| match error {
            EvaluateError::Answers(error) => {
                ExampleError::Answers { example: self.name.clone(), error }
            }
            error => ExampleError::Range { example: self.name.clone(), error: Box::new(error) },
        })?;
        self.compare(protocol, &raw)
    }
}
