// SPDX-License-Identifier: Apache-2.0

//! Hashes and commitments, a type for each, so that none is taken for another. How they are made
//! is `cso-sealing`'s subject.

// scale-decode's derive makes visitors without it.
#![allow(missing_debug_implementations)]

use core::fmt;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A type of 32 public bytes: shown and written in hexadecimal digits with `0x` before them.
macro_rules! hash {
    ($(#[$docs:meta])* $name:ident) => {
        $(#[$docs])*
        #[derive(
            Clone,
            Copy,
            Decode,
            DecodeWithMemTracking,
            Default,
            Encode,
            Eq,
            Hash,
            MaxEncodedLen,
            Ord,
            PartialEq,
            PartialOrd,
            TypeInfo,
        )]
        #[cfg_attr(feature = "scale-decode", derive(scale_decode::DecodeAsType))]
        #[cfg_attr(feature = "zeroize", derive(zeroize::Zeroize))]
        pub struct $name(pub [u8; 32]);

        impl $name {
            /// The same byte over and over, for tests and benchmarks.
            pub const fn repeat(byte: u8) -> Self {
                Self([byte; 32])
            }
        }

        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }

        impl From<[u8; 32]> for $name {
            fn from(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }
        }

        impl fmt::LowerHex for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "0x{self:x}")
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "(0x{:x})"), self)
            }
        }
    };
}

hash! {
    /// Salted commitment to an encrypted record, over the hashes of its chunks.
    RecordCommitment
}

hash! {
    /// Salted commitment to an expert's private model.
    ModelCommitment
}

hash! {
    /// What a chunk of a record is called in the hand-off pool: BLAKE2b-256 of its bytes.
    ChunkHash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_encoded_as_they_are() {
        assert_eq!(RecordCommitment([7; 32]).encode(), [7; 32]);
        assert_eq!(RecordCommitment::max_encoded_len(), 32);
    }

    #[test]
    fn text_is_hexadecimal() {
        let hash = ChunkHash([0xab; 32]);
        assert_eq!(alloc::format!("{hash}"), alloc::format!("0x{}", "ab".repeat(32)));
        assert_eq!(alloc::format!("{hash:?}"), alloc::format!("ChunkHash(0x{})", "ab".repeat(32)));
    }
}
