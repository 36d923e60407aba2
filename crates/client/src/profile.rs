// SPDX-License-Identifier: Apache-2.0
//! Encryption profiles as words: in the wallet file, in text and in JSON.

use cso_fhe::Profile;
use serde::{de::Error, Deserialize, Deserializer, Serializer};

/// How a profile is written.
pub fn word(profile: Profile) -> &'static str {
    match profile {
        Profile::Private => "private",
        Profile::Fast => "fast",
    }
}

/// The profile of a word.
pub fn from_word(text: &str) -> Option<Profile> {
    Profile::ALL.into_iter().find(|profile| word(*profile) == text)
}

pub(crate) fn serialize<S: Serializer>(
    profile: &Profile,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(word(*profile))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Profile, D::Error> {
    let text = String::deserialize(deserializer)?;
    from_word(&text).ok_or_else(|| D::Error::custom("expected private or fast"))
}
