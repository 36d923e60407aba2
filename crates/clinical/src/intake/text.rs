// SPDX-License-Identifier: Apache-2.0
//! Texts that people read, in one language or in several.
//!
//! In a protocol file a text is a string, or a table by language:
//! `label = { en = "Age", de = "Alter" }`. A [`Text`] reads as the string of one language, which is
//! the file's until [`Description::in_language`](crate::Description::in_language) chooses another.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};

use super::check::check_text;
use super::error::SchemaError;

/// A text that people read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// What it reads as.
    shown: String,
    /// By language, if the file has it in several; one of them is the shown one.
    table: Option<BTreeMap<String, String>>,
}

impl Text {
    /// What it reads as.
    pub fn as_str(&self) -> &str {
        &self.shown
    }

    /// Each language with its text; none of a text that is one string for all.
    pub fn translations(&self) -> impl Iterator<Item = (&str, &str)> {
        self.table.iter().flatten().map(|(language, text)| (language.as_str(), text.as_str()))
    }

    /// The same, read in that language, if it has it.
    pub(crate) fn show_in(&mut self, language: &str) {
        if let Some(text) = self.table.as_ref().and_then(|table| table.get(language)) {
            self.shown.clone_from(text);
        }
    }

    /// What it reads as, alone.
    pub(crate) fn shown(&self) -> Self {
        Self { shown: self.shown.clone(), table: None }
    }

    /// Checks the text of every language as [`check_text`] does.
    pub(crate) fn check(&self, field: &str, most: usize) -> Result<(), SchemaError> {
        match &self.table {
            None => check_text(field, &self.shown, most),
            Some(table) => table.iter().try_for_each(|(language, text)| {
                check_text(&format!("{field} ({language})"), text, most)
            }),
        }
    }

    /// Checks that a table has exactly these languages, and that there is one if there must be.
    pub(crate) fn check_languages(
        &self,
        field: &str,
        role: Role,
        languages: &[&str],
    ) -> Result<(), SchemaError> {
        let wrong = |problem: String| SchemaError::Languages { field: field.to_owned(), problem };
        match &self.table {
            None if role == Role::Sentence && languages.len() > 1 => Err(wrong(format!(
                "it is one text, and the file has the languages {}: give a table, {{ {} = \"...\" }}",
                languages.join(", "),
                languages.join(" = \"...\", ")
            ))),
            None => Ok(()),
            Some(table) => {
                let lacks = languages.iter().find(|language| !table.contains_key(**language));
                if let Some(language) = lacks {
                    return Err(wrong(format!("it has no text for `{language}`")));
                }
                match table.keys().find(|language| !languages.contains(&language.as_str())) {
                    None => Ok(()),
                    Some(other) => Err(wrong(format!(
                        "`{}` is none of the file's languages, {}",
                        cso_model_files::shorten(other),
                        languages.join(", ")
                    ))),
                }
            }
        }
    }
}

/// What a text is, which says whether one string may serve all languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A name, such as `CHA2DS2-VASc`: often the same in all languages.
    Name,
    /// A sentence: to be written in each.
    Sentence,
}

/// Visits texts with the place of each, to check or to change them.
pub(crate) type Visit<'a> = dyn FnMut(&str, Role, &mut Text) + 'a;

/// Of the languages that there are, the one to show to somebody who wants `wanted`: the same tag,
/// else the longest that is a part of it (`de` for `de-CH`), else one that it is a part of (`de-AT`
/// for `de`), as RFC 4647 looks up and filters. Case doesn't matter.
pub(crate) fn best_language<'a>(wanted: &str, there: &[&'a str]) -> Option<&'a str> {
    let wanted = wanted.trim().to_ascii_lowercase();
    let is_part = |short: &str, long: &str| {
        long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    let lower = |language: &str| language.to_ascii_lowercase();
    let shorter = there.iter().filter(|own| is_part(&lower(own), &wanted));
    let longer = || there.iter().find(|own| is_part(&wanted, &lower(own)));
    shorter.max_by_key(|own| own.len()).or_else(longer).copied()
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.shown
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        &self.shown
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.shown)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<String> for Text {
    fn from(shown: String) -> Self {
        Self { shown, table: None }
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.shown
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.shown == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.shown == *other
    }
}

impl Serialize for Text {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.table {
            None => serializer.serialize_str(&self.shown),
            Some(table) => table.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a text is a string, or a table of strings by language")]
        enum Untagged {
            Plain(String),
            Table(BTreeMap<String, String>),
        }
        Ok(match Untagged::deserialize(deserializer)? {
            Untagged::Plain(shown) => Self { shown, table: None },
            // Which one to show is known once the file's language is.
            Untagged::Table(table) => {
                let shown = table.values().next().cloned().unwrap_or_default();
                Self { shown, table: Some(table) }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_language_is_found() {
        let there = ["en", "de", "pt-BR"];
        for (wanted, found) in [
            ("de", Some("de")),
            ("de-CH", Some("de")),
            ("DE-at-1996", Some("de")),
            ("pt", Some("pt-BR")),
            ("pt-br", Some("pt-BR")),
            ("d", None),
            ("den", None),
            ("", None),
        ] {
            assert_eq!(best_language(wanted, &there), found, "{wanted}");
        }
        assert_eq!(best_language("de-CH-1901", &["de", "de-CH"]), Some("de-CH"));
    }

    #[test]
    fn a_table_lacks_no_language_and_has_no_other() {
        let text = |json: &str| serde_json::from_str::<Text>(json).unwrap();
        let problem = |json: &str, role, languages: &[&str]| {
            text(json)
                .check_languages("label", role, languages)
                .err()
                .map(|error| error.to_string())
        };
        let both = r#"{"de":"Alter","en":"Age"}"#;
        assert_eq!(problem(both, Role::Sentence, &["en", "de"]), None);
        assert_eq!(problem(r#""Age""#, Role::Name, &["en", "de"]), None);
        assert_eq!(problem(r#""Age""#, Role::Sentence, &["en"]), None);
        assert!(problem(r#""Age""#, Role::Sentence, &["en", "de"]).unwrap().contains("{ en = "));
        assert!(problem(both, Role::Name, &["en", "fr"]).unwrap().contains("no text for `fr`"));
        assert!(problem(both, Role::Name, &["en"]).unwrap().contains("`de` is none"));
        assert!(serde_json::from_str::<Text>("3").is_err());
        assert_eq!(serde_json::to_string(&text(both)).unwrap(), both);
    }

    #[test]
    fn every_language_is_checked() {
        let text: Text = serde_json::from_str(r#"{"en":"fine","de":"a\nb"}"#).unwrap();
        assert!(text.check("label", 10).unwrap_err().to_string().starts_with("label (de):"));
        let text: Text = serde_json::from_str(r#"{"en":"fine","de":""}"#).unwrap();
        assert!(text.check("label", 10).is_err());
    }
}
