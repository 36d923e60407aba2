// SPDX-License-Identifier: Apache-2.0
//! Placeholders: what an import can't know and an expert has to write.

use super::Description;

/// Stands for the title.
pub(crate) const TITLE: &str = "TITLE";
/// Stands for the licence.
pub(crate) const LICENCE: &str = "LICENCE";
/// Stands for the intended use.
pub(crate) const INTENDED_USE: &str = "FOR WHOM AND FOR WHAT QUESTION";
/// Stands for what the values of an output mean.
pub(crate) const MEANING: &str = "WHAT THESE VALUES MEAN";

impl Description {
    /// The placeholders of an import that are still there, each with its place in the protocol
    /// file. A protocol that has some isn't fit for patients.
    pub fn placeholders(&self) -> Vec<String> {
        let meta = &self.meta;
        let fields = [
            ("title", &meta.title, TITLE),
            ("licence", &meta.licence, LICENCE),
            ("intended_use", &meta.intended_use, INTENDED_USE),
        ];
        let fields = fields.into_iter().filter(|(_, text, placeholder)| text == placeholder);
        let fields = fields.map(|(field, _, text)| format!("protocol {field} `{text}`"));
        let meanings = self
            .outputs
            .iter()
            .filter(|output| output.meanings.iter().any(|meaning| meaning.text == MEANING));
        let meanings = meanings.map(|output| format!("meaning of output `{}`", output.id));
        fields.chain(meanings).collect()
    }
}
