// SPDX-License-Identifier: Apache-2.0
//! Transactions between being signed and being settled.
//!
//! An error of sending says nothing of what becomes of a transaction: the node may have taken it
//! and the reply got lost. So the signed bytes are kept, sent again as they are, and what became of
//! them is read from finalised blocks alone ([`Fate`]).

use super::{Block, Receipt, Refusal};
use crate::hash::blake2_256;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A finalised block by number and hash: a place in one chain's history.
///
/// Two chains may have one genesis, as development chains that begin again have: a block further on
/// tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// Its number.
    pub block: Block,
    /// Its hash.
    #[serde(with = "crate::digits")]
    pub hash: [u8; 32],
}

/// Whether a node's finalised chain has a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It has: what the node says of finalised state is no older than that block.
    Within,
    /// It hasn't come so far.
    Behind {
        /// How far it has.
        finalized: Block,
    },
    /// It has another block there: another chain, or one that began again.
    Elsewhere,
}

/// A signed transaction, as it's sent: the same bytes each time.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// SCALE, as a node takes it.
    #[serde(with = "crate::digits::any")]
    pub bytes: Vec<u8>,
    /// How many transactions of the account come before it.
    pub nonce: u64,
    /// The finalised block it was signed at. It can only be included after that.
    pub born: Anchor,
    /// The last block that can include it.
    pub last: Block,
}

impl Signed {
    /// What finds it in a block.
    pub fn hash(&self) -> [u8; 32] {
        blake2_256(&[&self.bytes])
    }
}

impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed")
            .field("hash", &hex::encode(self.hash()))
            .field("nonce", &self.nonce)
            .field("born", &self.born.block)
            .field("last", &self.last)
            .finish_non_exhaustive()
    }
}

/// What has become of a transaction, as finalised blocks tell. Only [`Fate::Open`] can change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It can still be included.
    Open,
    /// It was included and did what it should.
    Done(Receipt, Anchor),
    /// It was included and failed.
    Failed(Refusal),
    /// It was included, and the node has forgotten how it went.
    Forgotten(Anchor),
    /// No block has it, and none can include it any more: its time is over, or another transaction
    /// of the account took its place.
    Dead,
}
