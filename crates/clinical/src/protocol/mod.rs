// SPDX-License-Identifier: Apache-2.0
//! The protocol: what an expert offers, read from one private TOML file.
//!
//! A protocol has a public and a private side. The public one, the [`Description`], says what is
//! asked (the intake), what comes back (the outputs and what each value means), what it is for
//! and where it was published; it goes on chain. The private one is the model and the worked
//! examples; it stays on the expert's node.

mod description;
mod disclosure;
mod eligibility;
mod error;
mod example;
mod licence;
mod meta;
mod placeholder;
mod profiles;
mod text;
mod write;

pub use description::Description;
pub(crate) use description::Parts;
pub use disclosure::Disclosure;
pub use eligibility::{Eligibility, Requirement};
pub use error::{DescriptionError, ExampleError, ProfileNotServed, ProtocolError};
pub use example::{Example, ExpectedValue};
pub use meta::{Meta, Reference, Setting};
pub(crate) use placeholder::{MEANING, NEXT};
pub use text::ModelSource;

use crate::condition::Coded;
use crate::intake::{Answers, Feature, Intake, Value};
use crate::model::{EvaluateError, Model};
use crate::outputs::{Output, Ranking};

/// A protocol with its private model, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Protocol {
    description: Description,
    model: Model,
    examples: Vec<Example>,
}

impl Protocol {
    /// Reads and checks a protocol file. Unknown fields are errors, so that a typo can't silently
    /// change a model.
    ///
    /// A file that names a model file is refused: see [`Self::from_toml_with`].
    ///
    /// # Errors
    ///
    /// [`ProtocolError`], with the place and how to mend it.
    pub fn from_toml(toml: &str) -> Result<Self, ProtocolError> {
        let none = |_: &str| Err("there is no folder here to read it from".to_owned());
        Self::from_toml_with(toml, &none)
    }

    /// As [`Self::from_toml`]; a model file that it names is read from `source`.
    ///
    /// # Errors
    ///
    /// [`ProtocolError`], with the place and how to mend it.
    pub fn from_toml_with(toml: &str, source: &ModelSource<'_>) -> Result<Self, ProtocolError> {
        text::read(toml, source)
    }

    /// The name of the model file that a protocol file builds on, if it does.
    ///
    /// # Errors
    ///
    /// [`ProtocolError`] if the text is no TOML or too long, or names what may be no model file.
    pub fn model_file(toml: &str) -> Result<Option<String>, ProtocolError> {
        text::model_file(toml)
    }

    /// A protocol of parts that are checked already.
    pub(crate) fn new(description: Description, model: Model, examples: Vec<Example>) -> Self {
        Self { description, model, examples }
    }

    /// The public part, without the profiles in which the protocol is served: those show once it
    /// is compiled, see [`publication`](crate::publication).
    pub fn description(&self) -> Description {
        self.description.clone()
    }

    /// Metadata: title, version, references.
    pub fn meta(&self) -> &Meta {
        &self.description.meta
    }

    /// What is asked.
    pub fn intake(&self) -> &Intake {
        &self.description.intake
    }

    /// What comes back.
    pub fn outputs(&self) -> &[Output] {
        &self.description.outputs
    }

    /// Which outputs are compared with one another.
    pub fn rankings(&self) -> &[Ranking] {
        &self.description.rankings
    }

    /// The private model.
    pub(crate) fn model(&self) -> &Model {
        &self.model
    }

    /// Worked examples of the file.
    pub fn examples(&self) -> &[Example] {
        &self.examples
    }

    /// Evaluates the model in clear, straight from its source, on the answers as they are coded.
    ///
    /// This path shares nothing with the compiler but the intake, so each checks the other.
    /// Returns one raw value an output, as [`Description::interpret`] takes them.
    ///
    /// # Errors
    ///
    /// [`EvaluateError`] if the answers don't fit the intake, or a value leaves its output's range.
    pub fn evaluate(&self, answers: &Answers) -> Result<Vec<u16>, EvaluateError> {
        let (levels, _) = self.intake().levels(answers)?;
        self.model.evaluate(self.intake(), self.outputs(), &levels)
    }

    /// The value of each output by the model alone: quantities as they are given, not on their grid
    /// or clamped, and results not on the output's grid, but within its range.
    ///
    /// # Errors
    ///
    /// [`EvaluateError::Answers`] if the answers don't fit the intake.
    pub fn predict(&self, answers: &Answers) -> Result<Vec<f64>, EvaluateError> {
        let intake = self.intake();
        let (levels, _) = intake.levels(answers)?;
        let given = |feature: &Feature| match answers.get(&feature.id) {
            Some(Value::Quantity(number)) => Some(*number),
            _ => None,
        };
        let exact: Vec<Option<f64>> = intake.features().iter().map(given).collect();
        let coded = Coded { intake, levels: &levels, exact: Some(&exact) };
        Ok(self.model.values(coded, self.outputs()))
    }

    /// Runs every worked example of the file through the clear evaluation.
    fn check_examples(&self) -> Result<(), ExampleError> {
        self.examples.iter().try_for_each(|example| example.check(self))
    }

    /// With other worked examples, which must be right.
    pub(crate) fn with_examples(self, examples: Vec<Example>) -> Result<Self, ExampleError> {
        let protocol = Self { examples, ..self };
        protocol.check_examples()?;
        Ok(protocol)
    }
}
