// SPDX-License-Identifier: Apache-2.0
//! Encryption profiles as words in the wallet file.

use cso_fhe::Profile;
use serde::{de::Error, Deserialize, Deserializer, Serializer};

pub(crate) fn serialize<S: Serializer>(
    profile: &Profile,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(profile.word())
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Profile, D::Error> {
    let text = String::deserialize(deserializer)?;
    Profile::from_word(&text).ok_or_else(|| D::Error::custom("expected private or fast"))
}
