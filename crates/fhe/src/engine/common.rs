// SPDX-License-Identifier: Apache-2.0
//! What a loaded record holds in every arithmetic.

use crate::params::{Profile, KEY_ID_LEN, N};
use crate::record::{unpack, Header};
use crate::ring::{ExactProduct, Limbs};

/// A loaded record but for its ciphertexts.
pub(crate) struct Common {
    pub profile: Profile,
    pub bits: usize,
    pub key_id: [u8; KEY_ID_LEN],
    pub zero: ZeroEncryption,
}

impl Common {
    /// Of the record with this header and zero encryption, of which `bits` bits are kept.
    pub(crate) fn load(header: &Header, zero_body: &[u8], bits: usize) -> Self {
        Self {
            profile: header.profile,
            bits,
            key_id: header.key_id,
            zero: ZeroEncryption::load(header, zero_body),
        }
    }
}

/// The record's public key: an encryption of zero whose mask the patient cannot choose.
pub(crate) struct ZeroEncryption {
    pub mask: Limbs,
    pub body: Box<[u64]>,
}

impl ZeroEncryption {
    fn load(header: &Header, body: &[u8]) -> Self {
        let mut mask = ExactProduct::limbs();
        ExactProduct::new().split(&mut mask, &header.zero_mask());
        let mut unpacked: Box<[u64]> = vec![0; N].into();
        unpack(&mut unpacked, body);
        Self { mask, body: unpacked }
    }

    /// Bytes held.
    pub(crate) fn resident_bytes(&self) -> usize {
        self.mask.resident_bytes() + size_of_val(&*self.body)
    }
}
