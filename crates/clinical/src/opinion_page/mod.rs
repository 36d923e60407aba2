// SPDX-License-Identifier: Apache-2.0
//! The opinion as one page that a patient can take to a doctor.
//!
//! [`OpinionPage::document`] says what stands on the page, in which order; [`html()`] writes it for
//! browsers. Whoever can write another format (the wallet writes PDF) starts from the same
//! [`Document`].

mod html;

pub use html::html;

use jiff::Timestamp;

use crate::about;
use crate::outputs::Reading;
use crate::phrases::Phrases;
use crate::protocol::{Description, Eligibility, Reference};
use crate::ModelCheck;

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
    /// Whether the patient is somebody whom the protocol is for.
    pub eligibility: Eligibility,
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
    /// BCP 47 language in which the protocol's texts are shown.
    pub language: String,
    /// The title of the page.
    pub title: String,
    /// What must be seen first of all, directly below the title: why the values may be wrong.
    pub caveat: Option<String>,
    /// What must be seen next: that what the protocol is about can't wait.
    pub warning: Option<String>,
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
        /// What to do and what else the meaning says: heading (which may be empty) and text.
        notes: Vec<[String; 2]>,
        /// The published figures, each with its people and its source.
        figures: Vec<String>,
    },
    /// A paragraph.
    Text(String),
    /// Rows of as many cells each.
    Table(Vec<Vec<String>>),
    /// One line each, in small print.
    List(Vec<String>),
}

impl OpinionPage {
    /// What stands on the page: first the results, with what to do and what the protocol says of
    /// itself, then what was written and asked, and what proves it. `readings` are in the language
    /// in which the description is shown.
    pub fn document(&self, description: &Description, readings: &[Reading]) -> Document {
        let (meta, language) = (description.meta(), description.language());
        let phrases = Phrases::of(language);
        let heading = |text: &str| Block::Heading(text.to_owned());
        let rows =
            |rows: &[[String; 2]]| Block::Table(rows.iter().map(|row| row.to_vec()).collect());
        let mut blocks = vec![heading(phrases.result)];
        blocks.extend(readings.iter().map(|reading| result(description, reading)));
        blocks.push(heading(phrases.protocol));
        blocks.push(rows(&about::of_protocol(description, &self.eligibility)));
        if !meta.references.is_empty() {
            blocks.push(heading(phrases.references));
            blocks.push(Block::List(meta.references.iter().map(Reference::line).collect()));
        }
        if !self.note.is_empty() {
            blocks.push(heading(phrases.note));
            blocks.push(Block::Text(self.note.clone()));
        }
        if !self.question.is_empty() {
            blocks.push(heading(phrases.question));
            blocks.push(Block::Text(self.question.clone()));
        }
        blocks.push(heading(phrases.answers));
        blocks.push(Block::Table(self.inputs.iter().map(|row| row.to_vec()).collect()));
        if !self.proofs.is_empty() {
            blocks.push(heading(phrases.proof));
            blocks.push(rows(&self.proofs));
        }
        Document {
            language: language.to_owned(),
            title: phrases.second_opinion.replace("{}", &meta.title),
            caveat: self.model.caveat_in(language).map(str::to_owned),
            warning: meta.setting.warning(language).map(str::to_owned),
            byline: self.byline(phrases),
            notice: phrases.disclaimer.to_owned(),
            blocks,
        }
    }

    fn byline(&self, phrases: &Phrases) -> String {
        let words = match self.time {
            Some(time) => {
                let time = time.strftime("%Y-%m-%d %H:%M UTC").to_string();
                phrases.answered.replace("{time}", &time)
            }
            None => phrases.answered_sometime.to_owned(),
        };
        // The expert's name last, since it may hold anything.
        words.replace("{date}", &self.date).replace("{expert}", &self.expert)
    }
}

fn result(description: &Description, reading: &Reading) -> Block {
    let language = description.language();
    Block::Result {
        label: reading.label.clone(),
        value: reading.text.clone(),
        meaning: reading.meaning.clone(),
        notes: about::of_reading(description, reading),
        figures: reading.figures.iter().map(|figure| figure.line(language)).collect(),
    }
}
