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

    /// [`Self::caveat_in`] English.
    pub fn caveat(self) -> Option<&'static str> {
        self.caveat_in("en")
    }
}
