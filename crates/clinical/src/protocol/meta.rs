// SPDX-License-Identifier: Apache-2.0
//! Metadata of a protocol.

use serde::{Deserialize, Serialize};

use super::placeholder::LICENCE;
use super::{licence, ProtocolError};
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
#[serde(try_from = "String", into = "&'static str")]
pub enum Setting {
    /// It can wait for days: what second opinions are for.
    Elective,
    /// It can wait for hours, with a doctor at hand.
    Urgent,
    /// It can't wait: for clinicians only, last in lists, and with the advice to call emergency
    /// services.
    Emergency,
    /// An import can't know; to be written before the protocol is published.
    Placeholder,
}

impl TryFrom<String> for Setting {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        let all = [Self::Elective, Self::Urgent, Self::Emergency, Self::Placeholder];
        // The placeholder is read and not offered.
        all.into_iter().find(|one| one.word() == word).ok_or_else(|| {
            let word = cso_model_files::shorten(&word);
            format!("`{word}` is no setting: use `elective`, `urgent` or `emergency`")
        })
    }
}

impl From<Setting> for &'static str {
    fn from(setting: Setting) -> Self {
        setting.word()
    }
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
        self.check_languages().map_err(|problem| ProtocolError::Languages { problem })?;
        check_text("protocol licence", &self.licence, 100)?;
        if self.licence != LICENCE {
            licence::check(&self.licence).map_err(|problem| ProtocolError::Licence { problem })?;
        }
        self.intended_use.check("protocol intended_use", 2000)?;
        if let Some(text) = &self.not_for {
            text.check("protocol not_for", 2000)?;
        }
        for reference in &self.references {
            check_text("reference citation", &reference.citation, 1000)?;
            if let Some(doi) = &reference.doi {
                check_text("reference doi", doi, 200)?;
                if !is_doi(doi) {
                    return Err(ProtocolError::Doi { doi: cso_model_files::shorten(doi) });
                }
            }
            if let Some(url) = &reference.url {
                check_text("reference url", url, 500)?;
                let mut rest =
                    ["https://", "http://"].iter().filter_map(|one| url.strip_prefix(one));
                let is_web = rest.next().is_some_and(|host| !host.is_empty());
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
        for (index, language) in all.iter().chain([&self.language]).enumerate() {
            if !is_language_tag(language) {
                let language = cso_model_files::shorten(language);
                return Err(format!("`{language}` is no BCP 47 tag, such as `en` or `de-CH`"));
            }
            let before = all.get(..index).unwrap_or_default();
            if index < all.len() && before.iter().any(|one| one.eq_ignore_ascii_case(language)) {
                return Err(format!("`{language}` is named twice"));
            }
        }
        match all.is_empty() || all.contains(&self.language) {
            true => Ok(()),
            false => Err(format!("the file's language, `{}`, is not among them", self.language)),
        }
    }
}

/// Whether a text has the form of a BCP 47 tag: a language of 2 to 8 letters, and subtags of 1 to 8
/// letters and digits, 35 characters at most (RFC 5646, 2.1 and 4.4.1).
fn is_language_tag(text: &str) -> bool {
    let mut parts = text.split('-');
    let is_language =
        |part: &str| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphabetic());
    let is_subtag = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    text.len() <= 35 && parts.next().is_some_and(is_language) && parts.all(is_subtag)
}

/// Whether a text has the form of a DOI: `10.`, the number of a registrant, a suffix without blanks
/// (DOI Handbook, 2.2).
fn is_doi(text: &str) -> bool {
    let Some((registrant, suffix)) = text.strip_prefix("10.").and_then(|rest| rest.split_once('/'))
    else {
        return false;
    };
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    registrant.split('.').all(is_number)
        && !suffix.is_empty()
        && !suffix.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_tags_have_no_empty_parts() {
        for good in ["en", "de-CH", "zh-Hant-TW", "de-CH-1901", "sl-rozaj-biske-1994"] {
            assert!(is_language_tag(good), "{good}");
        }
        for bad in ["", "e", "x y<\"z", "--", "-a-", "en-", "en--GB", "e1", "en_GB", "englishes"] {
            assert!(!is_language_tag(bad), "{bad}");
        }
        assert!(!is_language_tag(&["en"; 13].join("-")));
    }

    #[test]
    fn dois_begin_with_10() {
        for good in [
            "10.1000/example",
            "10.1056/NEJMoa2102953",
            "10.1000.10/123",
            "10.1016/S0140-6736(05)1",
        ] {
            assert!(is_doi(good), "{good}");
        }
        for bad in [
            "https://doi.org/10.1000/a",
            "doi:10.1000/a",
            "10.1000",
            "10.1000/",
            "10./a",
            "10.1/a b",
        ] {
            assert!(!is_doi(bad), "{bad}");
        }
    }
}
