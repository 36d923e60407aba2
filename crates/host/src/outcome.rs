// SPDX-License-Identifier: Apache-2.0

//! What became of a consultation, as it crosses from the evaluator to the off-chain worker.

use alloc::vec::Vec;

use codec::{Decode, Encode};

/// Longest encrypted answer: 72 KiB, which 8 outputs fit (`cso-fhe`).
pub const MAX_ANSWER_BYTES: usize = 72 * 1024;

/// Longest sealed note: 6 KiB, which the largest bucket fits (`cso-sealing`).
pub const MAX_NOTE_BYTES: usize = 6 * 1024;

/// Longest encoded [`Outcome`]: the variant's index and two byte strings, whose lengths take four
/// bytes each. The buffer given to [`crate::evaluator::take`] has this size.
pub const MAX_OUTCOME_BYTES: usize = 1 + 4 + MAX_ANSWER_BYTES + 4 + MAX_NOTE_BYTES;

/// What the evaluator made of a consultation.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Outcome {
    /// Evaluated: the worker delivers this.
    #[codec(index = 0)]
    Deliver {
        /// The encrypted answer.
        answer: Vec<u8>,
        /// The note, sealed to the patient.
        note: Vec<u8>,
    },
    /// Not evaluated: the worker declines.
    #[codec(index = 1)]
    Decline {
        /// Why.
        reason: DeclineReason,
    },
}

/// Why a consultation is declined. The chain knows the same reasons under the same numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
pub enum DeclineReason {
    /// The record did not come to the hand-off pool within the grace time.
    #[codec(index = 0)]
    RecordMissing,
    /// The record is malformed, does not match its commitment or does not fit the protocol.
    #[codec(index = 1)]
    RecordInvalid,
    /// The envelope does not open with the expert's key.
    #[codec(index = 2)]
    EnvelopeUnreadable,
    /// The expert has no such protocol, or its model is not on this node.
    #[codec(index = 3)]
    ProtocolUnknown,
    /// The expert's node has no room for the consultation.
    #[codec(index = 4)]
    Overloaded,
    /// The expert declines without a reason.
    #[codec(index = 5)]
    Declined,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_is_frozen() {
        let deliver = Outcome::Deliver { answer: alloc::vec![7, 8], note: alloc::vec![9] };
        assert_eq!(deliver.encode(), [0, 2 << 2, 7, 8, 1 << 2, 9]);
        let reasons = [
            DeclineReason::RecordMissing,
            DeclineReason::RecordInvalid,
            DeclineReason::EnvelopeUnreadable,
            DeclineReason::ProtocolUnknown,
            DeclineReason::Overloaded,
            DeclineReason::Declined,
        ];
        for (index, reason) in reasons.into_iter().enumerate() {
            assert_eq!(Outcome::Decline { reason }.encode(), [1, index as u8]);
        }
    }

    #[test]
    fn longest_outcome_has_the_length_of_the_buffer() {
        let longest = Outcome::Deliver {
            answer: alloc::vec![0; MAX_ANSWER_BYTES],
            note: alloc::vec![0; MAX_NOTE_BYTES],
        };
        // A length below 2^14 takes two bytes, not four: the note's does.
        assert_eq!(longest.encode().len(), MAX_OUTCOME_BYTES - 2);
    }
}
