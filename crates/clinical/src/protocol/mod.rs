// SPDX-License-Identifier: Apache-2.0
//! The protocol: what an expert offers, read from one private TOML file.
//!
//! A protocol has a public and a private side. The public one, the [`Description`], says what is
//! asked (the intake), what comes back (the outputs and what each value means), what it is for
//! and where it was published; it goes on chain. The private one is the model and the worked
//! examples; it stays on the expert's node.

mod description;
mod error;
mod example;
mod meta;
mod output;
mod ranking;
mod text;

pub use description::{Description, Reading, MAX_DESCRIPTION};
pub use error::{
    DescriptionError, EvaluateError, ExampleError, OutputError, ProtocolError, ReadingError,
};
pub use example::Example;
pub use meta::{Meta, Reference};
pub(crate) use output::MAX_OUTPUTS;
pub use output::{Meaning, Output, OutputKind};
pub use ranking::{Probability, Ranking};

use crate::intake::{Answers, Intake};
use crate::model::Model;

/// The version of the protocol file format that this crate reads.
pub const FORMAT: u32 = 1;

/// A protocol with its private model, checked.
#[derive(Clone, Debug)]
pub struct Protocol {
    description: Description,
    model: Model,
    examples: Vec<Example>,
}

impl Protocol {
    /// Reads and checks a protocol file. Unknown fields are errors, so that a typo can't silently
    /// change a model.
    pub fn from_toml(toml: &str) -> Result<Self, ProtocolError> {
        text::read(toml)
    }

    pub(crate) fn new(description: Description, model: Model, examples: Vec<Example>) -> Self {
        Self {
            description,
            model,
            examples,
        }
    }

    /// The public part.
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
    pub fn model(&self) -> &Model {
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
    pub fn evaluate(&self, answers: &Answers) -> Result<Vec<u16>, EvaluateError> {
        let (levels, _) = self.intake().levels(answers)?;
        self.model.evaluate(self.intake(), self.outputs(), &levels)
    }

    /// Runs every worked example of the file through the clear evaluation.
    pub fn check_examples(&self) -> Result<(), ExampleError> {
        self.examples
            .iter()
            .try_for_each(|example| example.check(self))
    }
}
