// SPDX-License-Identifier: Apache-2.0
//! Whether an opinion comes from the model that everybody can see was published, and what its
//! readers have to know if it doesn't.

/// Whether the model that the note names is the one that is published for the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelCheck {
    /// It is.
    Published,
    /// Another one is published.
    Differs,
    /// The expert has retired the protocol meanwhile: nothing to compare with.
    Retired,
    /// The note names none, since it can't be read.
    Unknown,
}

impl ModelCheck {
    /// In one word, for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Differs => "differs",
            Self::Retired => "retired",
            Self::Unknown => "unknown",
        }
    }

    /// What stands before the values wherever an opinion is shown to others; `None` if the model is
    /// the published one.
    pub fn caveat(self) -> Option<&'static str> {
        match self {
            Self::Published => None,
            Self::Differs => Some(
                "NOT VERIFIED: the expert's note names another model than the one that was published for this protocol. Don't rely on these values.",
            ),
            Self::Retired => Some(
                "NOT VERIFIED: the expert has retired this protocol, so that nothing shows whether the model that gave these values is the one that was published.",
            ),
            Self::Unknown => Some(
                "NOT VERIFIED: the expert's note can't be read, so that nothing says which model gave these values. Don't rely on them.",
            ),
        }
    }
}
