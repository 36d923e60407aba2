// SPDX-License-Identifier: Apache-2.0
//! Bytes as hexadecimal digits in the wallet file, for serde's `with`.

use serde::{Deserialize, Deserializer, Serializer};

/// Writes the digits.
pub(crate) fn serialize<T: AsRef<[u8]>, S: Serializer>(
    bytes: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&hex::encode(bytes))
}

/// Reads exactly 64 digits.
pub(crate) fn deserialize<'de, T: From<[u8; 32]>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    decode(&String::deserialize(deserializer)?)
}

fn decode<T: From<[u8; 32]>, E: serde::de::Error>(text: &str) -> Result<T, E> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| E::custom("expected 64 hex characters"))?;
    Ok(bytes.into())
}

/// The same for bytes of any number.
pub(crate) mod any {
    use super::{Deserialize, Deserializer, Serializer};
    use serde::de::Error;

    /// Writes the digits.
    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(bytes))
    }

    /// Reads an even number of digits.
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        hex::decode(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// The same for a list.
pub(crate) mod list {
    use super::{decode, Deserialize, Deserializer, Serializer};

    /// Writes a text each.
    pub(crate) fn serialize<T: AsRef<[u8]>, S: Serializer>(
        list: &[T],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(list.iter().map(hex::encode))
    }

    /// Reads a text each.
    pub(crate) fn deserialize<'de, T: From<[u8; 32]>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<T>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        texts.iter().map(|text| decode(text)).collect()
    }
}
