// SPDX-License-Identifier: Apache-2.0
//! The opinion as one page that a patient can take to a doctor.
//!
//! [`OpinionPage::document`] says what stands on the page, in which order; [`html()`] writes it for
//! browsers. Whoever can write another format (the wallet writes PDF) starts from the same
//! [`Document`].

mod html;

pub use html::html;

use jiff::Timestamp;

use crate::outputs::Reading;
use crate::protocol::Description;
use crate::{ModelCheck, DISCLAIMER};

/// What the page shows beside the protocol and the readings.
#[derive(Clone, Debug, PartialEq)]
pub struct OpinionPage {
    /// The day that is written on the page.
    pub date: String,
    /// Who answered: a name or an account.
    pub expert: String,
    /// When the opinion came, by the chain's clock; `None` if nobody can tell any more.
    pub time: Option<Timestamp>,
    /// Whether the model that answered is the published one.
    pub model: ModelCheck,
    /// The question that was asked in words; empty if there was none.
    pub question: String,
    /// What the expert wrote beside the result; empty if nothing.
    pub note: String,
    /// The answers that were used: label, value, kind of origin. The page goes to others: no path,
    /// no name of a resource.
    pub inputs: Vec<[String; 3]>,
    /// What proves the consultation: name and value, such as the commitments to record and model.
    pub proofs: Vec<[String; 2]>,
}

/// The page without a format.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// BCP 47 language of the protocol's texts.
    pub language: String,
    /// The title of the page.
    pub title: String,
    /// What must be seen first of all, directly below the title: why the values may be wrong.
    pub caveat: Option<String>,
    /// Who answered, and when.
    pub byline: String,
    /// What must be seen before the result.
    pub notice: String,
    /// All else, from top to bottom.
    pub blocks: Vec<Block>,
}

/// A part of the page.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// The heading of what follows.
    Heading(String),
    /// One output.
    Result {
        /// What it is.
        label: String,
        /// The value with its unit, or the class.
        value: String,
        /// What it means.
        meaning: String,
        /// The published figure with its source; may be empty.
        figure: String,
    },
    /// A paragraph.
    Text(String),
    /// Rows of as many cells each.
    Table(Vec<Vec<String>>),
    /// One line each, in small print.
    List(Vec<String>),
}

impl OpinionPage {
    /// What stands on the page.
    pub fn document(&self, description: &Description, readings: &[Reading]) -> Document {
        let meta = description.meta();
        let heading = |text: &str| Block::Heading(text.to_owned());
        let mut blocks = vec![heading("Result")];
        blocks.extend(readings.iter().map(result));
        if !self.note.is_empty() {
            blocks.push(heading("Note of the expert"));
            blocks.push(Block::Text(self.note.clone()));
        }
        if !self.question.is_empty() {
            blocks.push(heading("Question"));
            blocks.push(Block::Text(self.question.clone()));
        }
        blocks.push(heading("Answers used"));
        blocks.push(Block::Table(self.inputs.iter().map(|row| row.to_vec()).collect()));
        blocks.push(heading("Protocol"));
        blocks.push(Block::Text(format!(
            "{} ({}), version {}. {}",
            meta.title, meta.id, meta.version, meta.intended_use
        )));
        if let Some(not_for) = &meta.not_for {
            blocks.push(Block::Text(format!("Not for: {not_for}")));
        }
        let references = meta.references.iter().map(|reference| {
            let doi = reference.doi.as_deref();
            let doi = doi.map_or(String::new(), |doi| format!(" doi:{doi}"));
            format!("{}{doi}", reference.citation)
        });
        blocks.push(Block::List(references.collect()));
        if !self.proofs.is_empty() {
            blocks.push(heading("Proof"));
            blocks.push(Block::Table(self.proofs.iter().map(|row| row.to_vec()).collect()));
        }
        Document {
            language: description.language().to_owned(),
            title: format!("Second opinion: {}", meta.title),
            caveat: self.model.caveat().map(str::to_owned),
            byline: self.byline(),
            notice: DISCLAIMER.to_owned(),
            blocks,
        }
    }

    fn byline(&self) -> String {
        let (expert, date) = (&self.expert, &self.date);
        match self.time {
            Some(time) => {
                let time = time.strftime("%Y-%m-%d %H:%M UTC");
                format!("Answered by {expert} on {time}. Written on {date}.")
            }
            None => format!("Answered by {expert}, at a time that isn't known. Written on {date}."),
        }
    }
}

fn result(reading: &Reading) -> Block {
    Block::Result {
        label: reading.label.clone(),
        value: reading.text.clone(),
        meaning: reading.meaning.clone(),
        figure: String::new(),
    }
}
