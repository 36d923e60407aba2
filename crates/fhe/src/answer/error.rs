// SPDX-License-Identifier: Apache-2.0
//! What is wrong with an answer.

use crate::params::{ANSWER_VERSION, MAX_OUTPUTS, MAX_OUTPUT_BITS};

/// Why an answer was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// Fewer bytes than the header announces, or than a header has.
    #[error("the answer is truncated: {actual} bytes where {expected} are needed")]
    Truncated {
        /// Bytes needed.
        expected: usize,
        /// Bytes there.
        actual: usize,
    },
    /// More bytes than the header announces.
    #[error("the answer is oversized: {actual} bytes where its header announces {expected}")]
    Oversized {
        /// Bytes announced.
        expected: usize,
        /// Bytes there.
        actual: usize,
    },
    /// The first four bytes are not `CSOA`.
    #[error("these bytes are not an answer: they don't begin with CSOA")]
    Magic,
    /// A version this software doesn't know.
    #[error("answer version {0} is unknown; this software reads version {ANSWER_VERSION}")]
    Version(u8),
    /// A profile this software doesn't know.
    #[error("answer profile {0} is unknown")]
    Profile(u8),
    /// No outputs, or too many.
    #[error("an answer has 1 to {MAX_OUTPUTS} outputs, not {0}")]
    Outputs(u8),
    /// A width no output has.
    #[error("output {output} claims {bits} bits; 1 to {MAX_OUTPUT_BITS} are possible")]
    OutputBits {
        /// The output, counted from 0.
        output: usize,
        /// Bits claimed.
        bits: u8,
    },
    /// Reserved or padding bits are not zero.
    #[error("reserved or padding bits of the answer are not zero")]
    Reserved,
    /// The answer belongs to a record of another key.
    #[error("the answer was computed on a record of another key")]
    OtherKey,
}
