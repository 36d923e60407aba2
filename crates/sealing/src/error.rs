// SPDX-License-Identifier: Apache-2.0

//! What can go wrong with keys, sealing and opening.

use thiserror::Error;

/// A key that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The public key has another length than X-Wing's.
    #[error("sealing public key has {found} bytes, not {expected}")]
    Length {
        /// Bytes that an X-Wing public key has.
        expected: usize,
        /// Bytes that were given.
        found: usize,
    },
    /// The ML-KEM part holds a coefficient that is not below the modulus 3329 (FIPS 203,
    /// section 7.2).
    #[error("sealing public key is not a valid ML-KEM-768 encapsulation key")]
    Invalid,
}

/// A message that cannot be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SealError {
    /// The envelope names no chunk or too many.
    #[error("envelope names {found} chunks, allowed are 1 to {max}")]
    Chunks {
        /// Most chunks that an envelope may name.
        max: usize,
        /// Chunks that it names.
        found: usize,
    },
    /// A text is too long.
    #[error("{field} has {found} bytes, allowed are {max}")]
    TextTooLong {
        /// Which text.
        field: &'static str,
        /// Most bytes it may have.
        max: usize,
        /// Bytes it has.
        found: usize,
    },
    /// The recipient's key cannot be used.
    #[error(transparent)]
    Recipient(#[from] KeyError),
    /// The HPKE implementation refused; no valid key and plaintext lead here.
    #[error("HPKE refused to seal")]
    Hpke,
}

/// A sealed message that does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// There is not one byte.
    #[error("sealed message is empty")]
    Empty,
    /// Another format version.
    #[error("sealed message has format version {found}, known is {known}")]
    Version {
        /// The version that this crate reads.
        known: u8,
        /// The version in the message.
        found: u8,
    },
    /// The length belongs to none of the size buckets.
    #[error("sealed message has {found} bytes, which is none of its size buckets")]
    Length {
        /// Bytes of the message.
        found: usize,
    },
    /// Authentication failed: the message was altered, or was sealed for another key, chain,
    /// direction, expert, patient or record. Which of them cannot be told.
    #[error("sealed message was altered or is meant for another key or consultation")]
    Rejected,
    /// The padding isn't in the form that sealing gives it.
    #[error("padding of the sealed message is malformed")]
    Padding,
    /// The content does not decode, or has bytes left over.
    #[error("content of the sealed message does not decode")]
    Content,
    /// The content decodes but breaks a bound that sealing keeps.
    #[error("content of the sealed message breaks a bound: {0}")]
    Bound(SealError),
}
