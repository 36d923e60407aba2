// SPDX-License-Identifier: Apache-2.0
//! Placeholders: what an import can't know and an expert has to write.

use super::{Description, Meta, Setting};
use crate::intake::text::Text;

/// Stands for the title.
const TITLE: &str = "TITLE";
/// Stands for the licence.
pub(super) const LICENCE: &str = "LICENCE";
/// Stands for the intended use.
const INTENDED_USE: &str = "FOR WHOM AND FOR WHAT QUESTION";
/// Stands for what to do with a result.
pub(crate) const NEXT: &str = "WHAT TO DO NEXT";
/// Stands for what the values of an output mean.
pub(crate) const MEANING: &str = "WHAT THESE VALUES MEAN";

impl Meta {
    /// What nobody but the expert knows stands in capitals.
    pub(crate) fn draft(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            title: TITLE.into(),
            version: "0.1.0".to_owned(),
            language: "en".to_owned(),
            languages: Vec::new(),
            licence: LICENCE.to_owned(),
            setting: Setting::Placeholder,
            intended_use: INTENDED_USE.into(),
            not_for: None,
            references: Vec::new(),
        }
    }
}

impl Description {
    /// The placeholders of an import that are still there, each with its place in the protocol
    /// file. A protocol that has some isn't fit for patients.
    pub fn placeholders(&self) -> Vec<String> {
        let meta = &self.meta;
        let fields = [
            ("title", meta.title.as_str(), TITLE),
            ("licence", meta.licence.as_str(), LICENCE),
            ("intended_use", meta.intended_use.as_str(), INTENDED_USE),
            ("setting", meta.setting.word(), Setting::Placeholder.word()),
        ];
        let fields = fields.into_iter().filter(|(_, text, placeholder)| text == placeholder);
        let fields = fields.map(|(field, _, text)| format!("protocol {field} `{text}`"));
        let meanings = self
            .outputs
            .iter()
            .filter(|output| output.meanings.iter().any(|meaning| meaning.text == MEANING));
        let meanings = meanings.map(|output| format!("meaning of output `{}`", output.id));
        let is_open = |text: &Option<Text>| text.as_ref().is_some_and(|text| *text == NEXT);
        let steps = self
            .outputs
            .iter()
            .filter(|output| output.meanings.iter().any(|meaning| is_open(&meaning.next)));
        let steps = steps.map(|output| format!("next step of output `{}`", output.id));
        fields.chain(meanings).chain(steps).collect()
    }
}
