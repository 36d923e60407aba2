// SPDX-License-Identifier: Apache-2.0
//! What is wrong with a record.

use crate::params::{BUCKETS, RECORD_FORM, RECORD_VERSION};
use crate::random::NoRandomness;

/// Why a record was refused, or could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// Nothing to encrypt.
    #[error("a record needs at least one bit")]
    NoBits,
    /// More bits than the largest bucket holds.
    #[error("a record holds at most {max} bits, not {bits}")]
    TooManyBits {
        /// Bits asked for.
        bits: usize,
        /// Bits of the largest bucket.
        max: usize,
    },
    /// The operating system gave no randomness.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// Fewer bytes than the header announces, or than a header has.
    #[error("the record is truncated: {actual} bytes where {expected} are needed")]
    Truncated {
        /// Bytes needed.
        expected: usize,
        /// Bytes there.
        actual: usize,
    },
    /// More bytes than the header announces.
    #[error("the record is oversized: {actual} bytes where its header announces {expected}")]
    Oversized {
        /// Bytes announced.
        expected: usize,
        /// Bytes there.
        actual: usize,
    },
    /// The first four bytes are not `CSOR`.
    #[error("these bytes are not a record: they don't begin with CSOR")]
    Magic,
    /// A version this software doesn't know.
    #[error("record version {0} is unknown; this software reads version {RECORD_VERSION}")]
    Version(u8),
    /// A form this software doesn't know.
    #[error("record form {0} is unknown; this software reads form {RECORD_FORM}")]
    Form(u8),
    /// A profile this software doesn't know.
    #[error("record profile {0} is unknown")]
    Profile(u8),
    /// The number of bits is not a bucket.
    #[error("{0} bits is not the size of a record; sizes are {BUCKETS:?}")]
    Bits(usize),
    /// Reserved bytes are not zero.
    #[error("reserved bytes of the record's header are not zero")]
    Reserved,
    /// The bytes of a block don't have the digest that the header states.
    #[error("block {0} of the record does not match its digest")]
    Block(usize),
}
