// SPDX-License-Identifier: Apache-2.0
//! What is read from the chain. Fields not listed here are skipped when decoding.

use crate::{address::AccountId, amount::Amount};
use cso_primitives::{DeclineReason, ModelCommitment, RecordCommitment, SealingPublicKey};
use serde::{Deserialize, Serialize};
use std::fmt;
use subxt::ext::scale_decode::DecodeAsType;

/// Number of a block.
pub type Block = u64;
/// Number of a consultation.
pub type ConsultationId = u64;
/// Number of an expert's protocol.
pub type ProtocolId = u32;

/// The hash of a chain's first block, which tells it from all others.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GenesisHash(#[serde(with = "crate::digits")] pub [u8; 32]);

impl fmt::Display for GenesisHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(self.0))
    }
}

impl fmt::Debug for GenesisHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GenesisHash({self})")
    }
}

/// What a chain says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Name of the runtime.
    pub spec_name: String,
    /// Version of the runtime.
    pub spec_version: u32,
    /// Best block.
    pub best: Block,
    /// Finalised block.
    pub finalized: Block,
}

/// How a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    /// Nodes it's connected to.
    pub peers: usize,
    /// Whether it should be connected to any: a development chain's only node shouldn't.
    pub should_have_peers: bool,
    /// Whether it's still catching up with the chain.
    pub is_syncing: bool,
    /// When its best block was made, by the validator's clock: milliseconds since 1970.
    pub best_block_ms: u64,
}

/// What the runtime fixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// Fewest blocks from a request to its deadline.
    pub min_term: Block,
    /// Most blocks from a request to its deadline.
    pub max_term: Block,
    /// What an expert has at stake.
    pub bond: Amount,
    /// Milliseconds between two blocks.
    pub block_ms: u64,
}

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
    pub sealing_key: SealingPublicKey,
    /// Who signs for the expert.
    pub workers: Vec<AccountId>,
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
    pub model: ModelCommitment,
}

/// `Consultations.Consultations`.
#[derive(Clone, Debug, DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Consultation {
    /// Who asks.
    pub patient: AccountId,
    /// Who is asked.
    pub expert: AccountId,
    /// Commitment to the record.
    pub record: RecordCommitment,
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

/// `Consultations.Opinions`. Wallets keep it as well.
#[derive(Clone, Debug, PartialEq, Eq, DecodeAsType, Serialize, Deserialize)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub struct Opinion {
    /// Who signed it.
    pub worker: AccountId,
    /// Encrypted result.
    #[serde(with = "crate::digits::any")]
    pub answer: Vec<u8>,
    /// Sealed note.
    #[serde(with = "crate::digits::any")]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// Can be spent.
    pub free: Amount,
    /// Belongs to the account but is bound: fees, deposits, bonds.
    pub held: Amount,
}
