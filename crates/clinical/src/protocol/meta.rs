// SPDX-License-Identifier: Apache-2.0
//! Metadata of a protocol.

use serde::{Deserialize, Serialize};

use super::ProtocolError;
use crate::intake::text::{Role, Text, Visit};
use crate::intake::{check_id, check_text};

/// The version of the format of protocol files and descriptions that this crate reads.
pub(super) const FORMAT: u32 = 1;

/// Most languages of a file.
const MAX_LANGUAGES: usize = 16;

/// Who wrote what for whom.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Meta {
    /// Stable id, such as `cha2ds2-vasc`.
    pub id: String,
    /// What a person reads.
    pub title: Text,
    /// Version of the protocol file.
    pub version: String,
    /// BCP 47 language of the texts that stand alone, and of what is shown to readers of none of
    /// the [`languages`](Self::languages).
    pub language: String,
    /// All languages of the texts; empty if it's that one alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) languages: Vec<String>,
    /// SPDX licence of the file.
    pub licence: String,
    /// How urgent the question is.
    pub setting: Setting,
    /// For whom and for what question.
    pub intended_use: Text,
    /// For whom or what it must not be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_for: Option<Text>,
    /// Where the model was published.
    #[serde(default, rename = "reference", skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
}

/// How urgent the question of a protocol is. An answer takes blocks, and an expert may be asleep.
/// In this order protocols stand in lists.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Setting {
    /// It can wait for days: what second opinions are for.
    Elective,
    /// It can wait for hours, with a doctor at hand.
    Urgent,
    /// It can't wait: for clinicians only, last in lists, and with the advice to call emergency
    /// services.
    Emergency,
    /// An import can't know; to be written before the protocol is published.
    #[serde(rename = "SETTING")]
    Placeholder,
}

impl Setting {
    /// The word of protocol files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Elective => "elective",
            Self::Urgent => "urgent",
            Self::Emergency => "emergency",
            Self::Placeholder => "SETTING",
        }
    }
}

/// A published source.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// The citation in full.
    pub citation: String,
    /// Its DOI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doi: Option<String>,
    /// Its address, for what has no DOI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl Reference {
    /// The citation with DOI and address, in one line.
    pub fn line(&self) -> String {
        let doi = self.doi.as_deref().map_or(String::new(), |doi| format!(" doi:{doi}"));
        let url = self.url.as_deref().map_or(String::new(), |url| format!(" {url}"));
        format!("{}{doi}{url}", self.citation)
    }
}

impl Meta {
    /// The languages of the texts, at least one.
    pub fn languages(&self) -> Vec<&str> {
        match self.languages.is_empty() {
            true => vec![&self.language],
            false => self.languages.iter().map(String::as_str).collect(),
        }
    }

    pub(super) fn visit_texts(&mut self, visit: &mut Visit<'_>) {
        visit("protocol title", Role::Name, &mut self.title);
        visit("protocol intended_use", Role::Sentence, &mut self.intended_use);
        if let Some(text) = &mut self.not_for {
            visit("protocol not_for", Role::Sentence, text);
        }
    }

    pub(super) fn check(&self) -> Result<(), ProtocolError> {
        check_id("protocol id", &self.id)?;
        self.title.check("protocol title", 200)?;
        check_text("protocol version", &self.version, 64)?;
        check_text("protocol language", &self.language, 35)?;
        self.check_languages().map_err(|problem| ProtocolError::Languages { problem })?;
        check_text("protocol licence", &self.licence, 100)?;
        self.intended_use.check("protocol intended_use", 2000)?;
        if let Some(text) = &self.not_for {
            text.check("protocol not_for", 2000)?;
        }
        for reference in &self.references {
            check_text("reference citation", &reference.citation, 1000)?;
            if let Some(doi) = &reference.doi {
                check_text("reference doi", doi, 200)?;
            }
            if let Some(url) = &reference.url {
                check_text("reference url", url, 500)?;
                let is_web = ["https://", "http://"].iter().any(|start| url.starts_with(start));
                if !is_web || url.contains(char::is_whitespace) {
                    return Err(ProtocolError::Url { url: cso_model_files::shorten(url) });
                }
            }
        }
        Ok(())
    }

    fn check_languages(&self) -> Result<(), String> {
        let all = &self.languages;
        if all.len() > MAX_LANGUAGES {
            return Err(format!("there are {}, at most {MAX_LANGUAGES} are allowed", all.len()));
        }
        for (index, language) in all.iter().enumerate() {
            let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
            if !(2..=35).contains(&language.len()) || !language.bytes().all(allowed) {
                let language = cso_model_files::shorten(language);
                return Err(format!("`{language}` is no BCP 47 tag, such as `en` or `de-CH`"));
            }
            if all[..index].contains(language) {
                return Err(format!("`{language}` is named twice"));
            }
        }
        match all.is_empty() || all.contains(&self.language) {
            true => Ok(()),
            false => Err(format!("the file's language, `{}`, is not among them", self.language)),
        }
    }
}
