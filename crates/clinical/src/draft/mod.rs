// SPDX-License-Identifier: Apache-2.0
//! From a model file and the data it was trained on to a protocol that an expert completes.
//!
//! Features are named as in the model, ranges and steps come from the data, outputs from what the
//! model predicts; [placeholders](crate::Description::placeholders) stand for what neither knows.
//! The terms are [translated](crate::translate) as those of a model file that a protocol names.

mod error;
mod examples;
mod features;
mod grid;
mod ids;
mod links;
mod outputs;

pub use error::DraftError;

use cso_model_files::{Cases, ModelFile};

use crate::intake::Intake;
use crate::model::Model;
use crate::protocol::{Description, Meta, Parts, Protocol, ProtocolError};
use crate::translate::{self, Asked};

/// A protocol made of a model file, for an expert to complete.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// The protocol, with placeholders where only the expert knows what to write.
    pub protocol: Protocol,
    /// What the expert should know about it, a line each.
    notes: Vec<String>,
}

impl Draft {
    /// The protocol file: what [`Protocol::from_toml`] reads is [`Self::protocol`].
    ///
    /// # Errors
    ///
    /// [`ProtocolError::TooLong`] if the file would be longer than what is read.
    pub fn to_toml(&self) -> Result<String, ProtocolError> {
        let mut toml = String::new();
        for note in &self.notes {
            toml += &format!("# {note}\n");
        }
        toml += &self.protocol.to_toml();
        Protocol::check_length(&toml)?;
        Ok(toml)
    }
}

/// Makes a protocol of a model: ranges and steps of the features, and of outputs that have no
/// natural range, are taken from the data.
///
/// Cases with results that the model file carries become worked examples where they lie on the
/// features' grids.
///
/// # Errors
///
/// [`DraftError`] if the data doesn't fit the model, or if the model doesn't become a protocol.
pub fn draft(file: &ModelFile, id: &str, data: &Cases) -> Result<Draft, DraftError> {
    let file = file.named_by(data)?;
    let features = file.columns().iter().map(|column| features::infer(column, data));
    let intake = Intake::new(features.collect::<Result<_, _>>()?).map_err(ProtocolError::from)?;
    let asked = Asked::all(file.columns(), &intake)?;
    let cases: Vec<Vec<f64>> =
        file.table(data)?.iter().filter_map(|case| file.sum_values(case)).collect();
    let made = outputs::outputs(&file, &cases)?;
    let mut sums = Vec::with_capacity(made.sums.len());
    for (id, sum) in &made.sums {
        sums.push(translate::sum_over(id, sum, &asked, &intake)?);
    }
    let model = Model { sums, links: made.links, join: Vec::new(), precise: false };
    let description = Description::new(Parts {
        meta: Meta::draft(id),
        intake,
        requirements: Vec::new(),
        outputs: made.outputs,
        rankings: made.rankings,
        disclosures: Vec::new(),
    })?;
    for (link, output) in model.links.iter().zip(description.outputs()) {
        link.check(output).map_err(ProtocolError::from)?;
    }
    let protocol = Protocol::new(description, model, Vec::new());
    let examples = examples::examples(file.verified_cases(), &asked, &protocol);
    let protocol = protocol.with_examples(examples).map_err(ProtocolError::from)?;
    let mut notes = vec!["Made from a model file: fill in what stands in capitals.".to_owned()];
    notes.extend(made.notes);
    Ok(Draft { protocol, notes })
}
