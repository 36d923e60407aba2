// SPDX-License-Identifier: Apache-2.0

//! X-Wing key pairs (draft-connolly-cfrg-xwing-kem). The secret key *is* a 32-byte seed; the
//! public key is 1184 bytes of ML-KEM-768 followed by 32 bytes of X25519.

use core::fmt;

use cso_primitives::{SealingPublicKey, SEALING_PUBLIC_KEY_BYTES};
use hpke::{
    kem::{Kem, XWing},
    Deserializable, Serializable,
};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{error::KeyError, random::random_bytes};

/// Bytes of an X-Wing seed.
pub const SEED_BYTES: usize = 32;

/// The secret key that opens what was sealed to its [`PublicKey`]. Erased from memory when
/// dropped, never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SealingKey([u8; SEED_BYTES]);

impl SealingKey {
    /// A new key from the operating system's randomness.
    ///
    /// # Panics
    ///
    /// As [`random_bytes`].
    pub fn generate() -> Self {
        Self(random_bytes())
    }

    /// The key that `seed` stands for.
    pub fn from_seed(seed: [u8; SEED_BYTES]) -> Self {
        Self(seed)
    }

    /// The seed: all there is to store.
    pub fn seed(&self) -> &[u8; SEED_BYTES] {
        &self.0
    }

    /// The key that others seal to.
    pub fn public(&self) -> PublicKey {
        let mut bytes = Box::new(SealingPublicKey([0; SEALING_PUBLIC_KEY_BYTES]));
        XWing::sk_to_pk(&self.hpke()).write_exact(&mut bytes.0);
        PublicKey(bytes)
    }

    /// The key in the form that HPKE takes.
    pub(crate) fn hpke(&self) -> <XWing as Kem>::PrivateKey {
        Deserializable::from_bytes(&self.0).expect("every 32 bytes are an X-Wing seed; qed")
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(..)")
    }
}

/// An X-Wing public key that passed the checks of FIPS 203.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey(Box<SealingPublicKey>);

impl PublicKey {
    /// Checks and takes the bytes of a public key.
    ///
    /// # Errors
    ///
    /// [`KeyError`] for another length or an ML-KEM part outside its range.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let bytes = SealingPublicKey::from_slice(bytes)
            .ok_or(KeyError::Length { expected: SEALING_PUBLIC_KEY_BYTES, found: bytes.len() })?;
        let key = Self(bytes);
        key.hpke()?;
        Ok(key)
    }

    /// The bytes, as the chain stores them.
    pub fn as_bytes(&self) -> &SealingPublicKey {
        &self.0
    }

    /// The key in the form that HPKE takes.
    pub(crate) fn hpke(&self) -> Result<<XWing as Kem>::PublicKey, KeyError> {
        Deserializable::from_bytes(&self.0 .0).map_err(|_| KeyError::Invalid)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PublicKey").field(&self.0).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_public_key_with_wrong_length() {
        let bytes = SealingKey::from_seed([1; 32]).public().as_bytes().0;
        assert_eq!(
            PublicKey::from_bytes(&bytes[1..]),
            Err(KeyError::Length { expected: 1216, found: 1215 })
        );
        assert!(PublicKey::from_bytes(&bytes).is_ok());
    }

    #[test]
    fn refuses_public_key_with_coefficient_past_the_modulus() {
        // The first two bytes hold the first coefficient's 12 bits: 0xfff = 4095 > 3328.
        let mut bytes = SealingKey::from_seed([1; 32]).public().as_bytes().0;
        bytes[0] = 0xff;
        bytes[1] |= 0x0f;
        assert_eq!(PublicKey::from_bytes(&bytes), Err(KeyError::Invalid));
    }

    #[test]
    fn debug_shows_no_secret() {
        let key = SealingKey::from_seed([0xab; 32]);
        let shown = format!("{key:?}");
        assert!(!shown.contains("171") && !shown.contains("ab"), "{shown}");
    }

    #[test]
    fn zeroizing_erases_the_seed() {
        let mut key = SealingKey::from_seed([0xab; 32]);
        key.zeroize();
        assert_eq!(key.seed(), &[0; 32]);
    }
}
