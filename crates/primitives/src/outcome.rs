// SPDX-License-Identifier: Apache-2.0

//! What became of a consultation on the expert's node.

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// What the evaluator made of a consultation, as it crosses to the off-chain worker. At most
/// [`MAX_OUTCOME_BYTES`](crate::bounds::MAX_OUTCOME_BYTES) encoded.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
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

/// Why an expert's node doesn't answer. The fee returns in full, whatever the reason.
#[derive(
    Clone,
    Copy,
    Debug,
    Decode,
    DecodeWithMemTracking,
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
pub enum DeclineReason {
    /// The record didn't come to the hand-off pool within the grace time.
    #[codec(index = 0)]
    RecordMissing,
    /// The record is malformed, isn't the one that was committed to, or doesn't fit the protocol.
    #[codec(index = 1)]
    RecordInvalid,
    /// The envelope doesn't open with the expert's key, or its content makes no sense.
    #[codec(index = 2)]
    EnvelopeUnreadable,
    /// The expert has no such protocol, or its model isn't on this node.
    #[codec(index = 3)]
    ProtocolUnknown,
    /// The expert's node has no room for the consultation.
    #[codec(index = 4)]
    Overloaded,
    /// The expert declines without a reason.
    #[codec(index = 5)]
    Declined,
}

impl DeclineReason {
    /// Every reason, in the order of their indices.
    pub const ALL: [Self; 6] = [
        Self::RecordMissing,
        Self::RecordInvalid,
        Self::EnvelopeUnreadable,
        Self::ProtocolUnknown,
        Self::Overloaded,
        Self::Declined,
    ];

    /// The reason as one word for machines: metrics, JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::RecordMissing => "record_missing",
            Self::RecordInvalid => "record_invalid",
            Self::EnvelopeUnreadable => "envelope_unreadable",
            Self::ProtocolUnknown => "protocol_unknown",
            Self::Overloaded => "overloaded",
            Self::Declined => "declined",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::{MAX_ANSWER_BYTES, MAX_NOTE_BYTES, MAX_OUTCOME_BYTES};

    #[test]
    fn encoding_is_frozen() {
        let deliver = Outcome::Deliver { answer: alloc::vec![7, 8], note: alloc::vec![9] };
        assert_eq!(deliver.encode(), [0, 2 << 2, 7, 8, 1 << 2, 9]);
        for (index, reason) in DeclineReason::ALL.into_iter().enumerate() {
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
