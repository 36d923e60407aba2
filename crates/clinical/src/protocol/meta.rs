// SPDX-License-Identifier: Apache-2.0
//! Metadata of a protocol.

use serde::{Deserialize, Serialize};

use super::ProtocolError;
use crate::intake::{check_id, check_text};

/// The version of the format of protocol files and descriptions that this crate reads.
pub(super) const FORMAT: u32 = 1;

/// Who wrote what for whom.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Meta {
    /// Stable id, such as `cha2ds2-vasc`.
    pub id: String,
    /// What a person reads.
    pub title: String,
    /// Version of the protocol file.
    pub version: String,
    /// BCP 47 language of the texts.
    pub language: String,
    /// SPDX licence of the file.
    pub licence: String,
    /// For whom and for what question.
    pub intended_use: String,
    /// For whom or what it must not be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_for: Option<String>,
    /// Where the model was published.
    #[serde(default, rename = "reference", skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
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
}

impl Meta {
    pub(super) fn check(&self) -> Result<(), ProtocolError> {
        check_id("protocol id", &self.id)?;
        check_text("protocol title", &self.title, 200)?;
        check_text("protocol version", &self.version, 64)?;
        check_text("protocol language", &self.language, 35)?;
        check_text("protocol licence", &self.licence, 100)?;
        check_text("protocol intended_use", &self.intended_use, 2000)?;
        if let Some(text) = &self.not_for {
            check_text("protocol not_for", text, 2000)?;
        }
        for reference in &self.references {
            check_text("reference citation", &reference.citation, 1000)?;
            if let Some(doi) = &reference.doi {
                check_text("reference doi", doi, 200)?;
            }
        }
        Ok(())
    }
}
