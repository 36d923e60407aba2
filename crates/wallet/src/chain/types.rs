// SPDX-License-Identifier: Apache-2.0
//! What is read from the chain. Fields not listed here are skipped when decoding.

use crate::amount::Amount;
use serde::Serialize;
use subxt::{ext::scale_decode::DecodeAsType, utils::AccountId32};

/// Block numbers.
pub type Block = u64;

/// `Experts.Experts`.
#[derive(Clone, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Expert {
    /// What the board has decided.
    pub status: ExpertStatus,
    /// Least fee.
    pub price: u128,
    /// What is at stake.
    pub bond: u128,
    /// Address of the expert's node.
    pub endpoint: Vec<u8>,
    /// X-Wing public key.
    pub sealing_key: Vec<u8>,
    /// Who signs for the expert.
    pub workers: Vec<AccountId32>,
}

/// The status of an expert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub enum ExpertStatus {
    /// Waits for the board.
    Applied,
    /// May be asked.
    Accredited {
        /// Last block of it.
        until: Block,
    },
    /// May neither be asked nor answer.
    Suspended {
        /// Last block of the accreditation underneath.
        until: Block,
    },
}

impl Expert {
    /// The endpoint as text. The chain admits printable ASCII only.
    pub fn endpoint(&self) -> String {
        String::from_utf8_lossy(&self.endpoint).into_owned()
    }

    /// The least fee.
    pub fn price(&self) -> Amount {
        Amount(self.price)
    }
}

impl ExpertStatus {
    /// In one word, as of block `now`.
    pub fn word(&self, now: Block) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Accredited { until } if *until < now => "expired",
            Self::Accredited { .. } => "accredited",
            Self::Suspended { .. } => "suspended",
        }
    }

    /// Last block of the accreditation.
    pub fn until(&self) -> Option<Block> {
        match self {
            Self::Applied => None,
            Self::Accredited { until } | Self::Suspended { until } => Some(*until),
        }
    }
}

/// `Experts.Protocols`.
#[derive(Clone, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Protocol {
    /// JSON, as `cso-clinical` writes it.
    pub description: Vec<u8>,
    /// Commitment to the model.
    pub model: [u8; 32],
}

/// `Consultations.Consultations`.
#[derive(Clone, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Consultation {
    /// Who asks.
    pub patient: AccountId32,
    /// Who is asked.
    pub expert: AccountId32,
    /// Commitment to the record.
    pub record: [u8; 32],
    /// What the expert gets.
    pub fee: u128,
    /// What is held until erased.
    pub deposit: u128,
    /// Last block for an answer.
    pub deadline: Block,
    /// Where it stands.
    pub status: Status,
}

/// The status of a consultation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub enum Status {
    /// Waits for the expert.
    Requested,
    /// Waits for the patient.
    Delivered {
        /// Last block before anyone may settle.
        accept_by: Block,
    },
    /// Refused by the expert's node.
    Declined {
        /// Why.
        reason: DeclineReason,
    },
    /// Paid.
    Accepted,
    /// Refunded.
    Expired,
}

impl Status {
    /// In one word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Delivered { .. } => "delivered",
            Self::Declined { .. } => "declined",
            Self::Accepted => "accepted",
            Self::Expired => "expired",
        }
    }

    /// Whether an opinion lies on chain.
    pub fn has_opinion(&self) -> bool {
        matches!(self, Self::Delivered { .. } | Self::Accepted)
    }

    /// Whether the fee is where it belongs, so that the consultation can be erased.
    pub fn is_closed(&self) -> bool {
        !matches!(self, Self::Requested | Self::Delivered { .. })
    }
}

/// Why an expert's node declined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, DecodeAsType, Serialize)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
#[serde(rename_all = "snake_case")]
pub enum DeclineReason {
    /// The chunks weren't in the pool.
    RecordMissing,
    /// They weren't the record committed to, or no record.
    RecordInvalid,
    /// The envelope didn't open.
    EnvelopeUnreadable,
    /// No such protocol or model.
    ProtocolUnknown,
    /// Too much to do.
    Overloaded,
    /// No reason given.
    Declined,
}

impl DeclineReason {
    /// As a sentence that says what can be done.
    pub fn sentence(&self) -> &'static str {
        match self {
            Self::RecordMissing => "the record didn't reach the expert's node: ask again",
            Self::RecordInvalid => "the record that reached the expert's node isn't the one committed to: ask again",
            Self::EnvelopeUnreadable => "the expert's node can't open the envelope, its sealing key may have changed: ask again",
            Self::ProtocolUnknown => "the expert's node doesn't have the model of this protocol: ask for another, or another expert",
            Self::Overloaded => "the expert's node has too much to do: ask again later, or another expert",
            Self::Declined => "the expert declined without a reason: ask another",
        }
    }
}

/// `Consultations.Opinions`.
#[derive(Clone, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Opinion {
    /// Who signed it.
    pub worker: AccountId32,
    /// Encrypted result.
    pub answer: Vec<u8>,
    /// Sealed note.
    pub note: Vec<u8>,
    /// Block it came in.
    pub delivered: Block,
}

/// `Consultations.Loads`: what an expert has to do and to get.
#[derive(Clone, Copy, Debug, Default, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Load {
    /// Consultations that wait for an answer.
    pub requested: u32,
    /// Consultations that wait to be accepted.
    pub delivered: u32,
}

/// What an account has.
#[derive(Clone, Copy, Debug, Default)]
pub struct Balance {
    /// Can be spent.
    pub free: Amount,
    /// Belongs to the account but is bound: fees, deposits, bonds.
    pub held: Amount,
}

/// `System.Account`.
#[derive(Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub(super) struct AccountInfo {
    pub(super) nonce: u64,
    pub(super) data: AccountData,
}

/// The balances pallet's part of it.
#[derive(Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub(super) struct AccountData {
    pub(super) free: u128,
    pub(super) reserved: u128,
}

/// Event `Consultations.Requested`.
#[derive(Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Requested {
    /// The number it got.
    pub id: u64,
}

/// Event `Experts.ProtocolPublished`.
#[derive(Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct ProtocolPublished {
    /// The number it got.
    pub protocol: u32,
}

/// Event `Experts.Slashed`.
#[derive(Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Slashed {
    /// What was taken.
    pub amount: u128,
}
