// SPDX-License-Identifier: Apache-2.0
//! What transactions cause.

use super::{Block, ConsultationId, ProtocolId};
use crate::amount::Amount;

/// An event that somebody waits for. Others are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// `Consultations.Requested`.
    Requested {
        /// The number that the consultation got.
        id: ConsultationId,
    },
    /// `Experts.ProtocolPublished`.
    ProtocolPublished {
        /// The number that the protocol got.
        protocol: ProtocolId,
    },
    /// `Experts.Slashed`.
    Slashed {
        /// What was taken.
        amount: Amount,
    },
}

/// A transaction that succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Number of its block.
    pub block: Block,
    /// What it caused.
    pub events: Vec<Event>,
}
