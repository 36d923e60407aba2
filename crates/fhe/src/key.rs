// SPDX-License-Identifier: Apache-2.0
//! The patient's key: the seed, and what is derived from it. Encrypting stands with the record,
//! decrypting with the answer.

use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::params::{KEY_ID_LEN, N, SEED_LEN};
use crate::random::{context, os_bytes, NoRandomness, Stream};

/// The secret key of one record: 32 bytes from which the GLWE key is derived.
///
/// Every record gets its own key, so that destroying one seed shreds one record for good. The key
/// is wiped from memory when dropped, and never shows in debug output.
///
/// ```
/// use cso_fhe::{Profile, RecordKey};
///
/// let key = RecordKey::generate()?;
/// let record = key.encrypt(&[true, false, true], Profile::Private)?;
///
/// // The seed is all there is to keep, as the secret it is.
/// let again = RecordKey::from_seed(*key.seed());
/// assert_eq!(again.seed().len(), 32);
/// assert_eq!(format!("{again:?}"), "RecordKey(redacted)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// What it encrypts is a [`Record`](crate::Record), what it decrypts an [`Answer`](crate::Answer).
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct RecordKey {
    seed: [u8; SEED_LEN],
}

impl fmt::Debug for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordKey(redacted)")
    }
}

impl RecordKey {
    /// A new key from the operating system's randomness.
    ///
    /// # Errors
    ///
    /// [`NoRandomness`] if the operating system gives none.
    pub fn generate() -> Result<Self, NoRandomness> {
        os_bytes().map(Self::from_seed)
    }

    /// The key a seed stands for.
    pub fn from_seed(seed: [u8; SEED_LEN]) -> Self {
        Self { seed }
    }

    /// The seed, to be stored as the secret it is.
    pub fn seed(&self) -> &[u8; SEED_LEN] {
        &self.seed
    }

    /// Public identifier of the key, which records and answers carry.
    pub(crate) fn id(&self) -> [u8; KEY_ID_LEN] {
        Stream::new(context::KEY_ID, &[&self.seed]).array()
    }

    /// The GLWE secret key: uniform bits.
    pub(crate) fn secret(&self) -> Secret {
        let mut bits = Zeroizing::new([0; N]);
        Stream::new(context::SECRET_KEY, &[&self.seed]).binary(&mut bits);
        Secret { bits }
    }
}

/// The GLWE secret key `s`.
pub(crate) struct Secret {
    pub bits: Zeroizing<[u64; N]>,
}
