// SPDX-License-Identifier: Apache-2.0
//! Secrets in memory: wiped when dropped, never shown by `Debug`, hex text only inside the
//! encrypted wallet file. How strong a new passphrase must be is here too (`strength`).

mod strength;

pub use strength::{require_strong, WeakPassphrase};

use serde::{de::Error as _, Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// `N` secret bytes.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret<const N: usize>([u8; N]);

/// A secret text: a mnemonic, a secret URI, a passphrase.
#[derive(Clone, Zeroize, ZeroizeOnDrop, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretText(String);

impl<const N: usize> Secret<N> {
    /// Fresh bytes from the operating system.
    pub fn random() -> Self {
        let mut bytes = [0; N];
        rand::RngCore::fill_bytes(&mut rand::rngs::OsRng, &mut bytes);
        Self(bytes)
    }

    /// The bytes themselves; keep them no longer than needed.
    pub fn expose(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> From<[u8; N]> for Secret<N> {
    fn from(bytes: [u8; N]) -> Self {
        Self(bytes)
    }
}

impl SecretText {
    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl<const N: usize> fmt::Debug for Secret<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret<{N}>(..)")
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(..)")
    }
}

impl<const N: usize> Serialize for Secret<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = Zeroizing::new(hex::encode(self.0));
        serializer.serialize_str(&text)
    }
}

impl<'de, const N: usize> Deserialize<'de> for Secret<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        let mut bytes = [0; N];
        hex::decode_to_slice(text.as_bytes(), &mut bytes)
            .map_err(|_| D::Error::custom(format!("expected {} hex characters", 2 * N)))?;
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        assert_eq!(format!("{:?}", Secret([7u8; 4])), "Secret<4>(..)");
        assert_eq!(format!("{:?}", SecretText::from("word".to_owned())), "SecretText(..)");
    }

    #[test]
    fn refuses_hex_of_another_length() {
        assert!(serde_json::from_str::<Secret<4>>("\"01020304\"").is_ok());
        for text in ["\"0102\"", "\"0102030405\"", "\"zz020304\""] {
            assert!(serde_json::from_str::<Secret<4>>(text).is_err(), "{text}");
        }
    }
}
