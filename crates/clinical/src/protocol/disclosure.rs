// SPDX-License-Identifier: Apache-2.0
//! Wished disclosures: what an expert would like to read beside the encrypted record, if the
//! patient chooses to show it.

use serde::{Deserialize, Serialize};

use super::ProtocolError;
use crate::intake::text::Text;
use crate::intake::{check_id, Intake};

/// Most wishes of a protocol.
const MAX_DISCLOSURES: usize = 32;

/// Something that the expert would like to read.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    /// Stable id.
    pub id: String,
    /// What a person reads.
    pub label: Text,
    /// The feature whose answer it is, by id; `None` for anything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feature: Option<String>,
}

impl Disclosure {
    pub(super) fn check_all(disclosures: &[Self], intake: &Intake) -> Result<(), ProtocolError> {
        if disclosures.len() > MAX_DISCLOSURES {
            let (found, most) = (disclosures.len(), MAX_DISCLOSURES);
            return Err(ProtocolError::TooMany { what: "disclosure", found, most });
        }
        for (index, disclosure) in disclosures.iter().enumerate() {
            let refuse = |problem: String| {
                Err(ProtocolError::Disclosure { disclosure: disclosure.id.clone(), problem })
            };
            check_id("disclosure id", &disclosure.id)?;
            disclosure.label.check(&format!("disclosure `{}`, label", disclosure.id), 200)?;
            if disclosures[..index].iter().any(|other| other.id == disclosure.id) {
                return refuse("it is defined twice".to_owned());
            }
            if let Some(feature) = &disclosure.feature {
                if intake.feature(feature).is_none() {
                    let feature = cso_model_files::shorten(feature);
                    return refuse(format!("there is no feature `{feature}` in the intake"));
                }
            }
        }
        Ok(())
    }
}
