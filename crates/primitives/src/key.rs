// SPDX-License-Identifier: Apache-2.0

//! Keys as bytes: what the chain stores and passes on without using it.

use alloc::boxed::Box;
use core::fmt;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Length of a [`SealingPublicKey`]: 1184 bytes of ML-KEM-768 and 32 of X25519.
pub const SEALING_PUBLIC_KEY_BYTES: usize = 1216;

/// Type of the worker keys in a node's keystore.
pub const WORKER_KEY_TYPE: [u8; 4] = *b"csow";

/// The X-Wing public key that is sealed to (draft-connolly-cfrg-xwing-kem), as bytes.
///
/// Whether they are a valid key only shows when somebody seals to it: `cso-sealing` checks.
#[derive(Clone, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
#[cfg_attr(feature = "scale-decode", derive(scale_decode::DecodeAsType))]
pub struct SealingPublicKey(pub [u8; SEALING_PUBLIC_KEY_BYTES]);

impl SealingPublicKey {
    /// The same byte over and over, for tests and benchmarks: no valid key.
    pub const fn repeat(byte: u8) -> Self {
        Self([byte; SEALING_PUBLIC_KEY_BYTES])
    }

    /// Takes bytes of the right length; others come back as `None`.
    pub fn from_slice(bytes: &[u8]) -> Option<Box<Self>> {
        bytes.try_into().ok().map(|bytes| Box::new(Self(bytes)))
    }
}

impl AsRef<[u8]> for SealingPublicKey {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::LowerHex for SealingPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for SealingPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "SealingPublicKey(0x{a:02x}{b:02x}{c:02x}{d:02x}..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_exactly_its_length() {
        let bytes = [7; SEALING_PUBLIC_KEY_BYTES];
        let key = SealingPublicKey::from_slice(&bytes).map(|key| key.encode());
        assert_eq!(key.as_deref(), Some(&bytes[..]));
        assert!(SealingPublicKey::from_slice(&bytes[1..]).is_none());
    }
}
