// SPDX-License-Identifier: Apache-2.0
//! What can go wrong with a chain.

use super::{Block, Refusal};

/// What can go wrong with a chain.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// Nobody answers.
    #[error("no node answers at {url} ({reason})")]
    Unreachable {
        /// The address.
        url: String,
        /// What the network says.
        reason: String,
    },
    /// Somebody answers, but it's another kind of chain.
    #[error("the node at {url} runs another chain: {name} has no pallet {missing}")]
    OtherChain {
        /// The address.
        url: String,
        /// What it calls itself.
        name: String,
        /// What it lacks.
        missing: &'static str,
    },
    /// Its runtime is of a version that is known, and described otherwise.
    #[error("the node at {url} describes version {version} of the runtime otherwise than this program knows it: a program of another state of development, or a node that isn't honest")]
    Metadata {
        /// The address.
        url: String,
        /// Version of the runtime.
        version: u32,
    },
    /// A question went wrong.
    #[error("the node at {url} can't say {what}: {reason}")]
    Read {
        /// The address.
        url: String,
        /// What was asked.
        what: String,
        /// What it said.
        reason: String,
    },
    /// The runtime or the node's transaction pool refused a transaction.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The node doesn't take a key into its keystore.
    #[error("the node at {url} doesn't take the key ({reason})")]
    Keystore {
        /// The address.
        url: String,
        /// What it said.
        reason: String,
    },
    /// The node has another history than what the wallet has seen of this chain.
    #[error("the node at {url} has another history: its block {block} isn't the one that the wallet has seen final")]
    OtherHistory {
        /// The address.
        url: String,
        /// The block.
        block: Block,
    },
    /// The node hasn't caught up with what the wallet has seen.
    #[error("the node at {url} is behind: it has finalised block {finalized}, and the wallet has seen block {seen}")]
    Behind {
        /// The address.
        url: String,
        /// How far it has come.
        finalized: Block,
        /// What was seen.
        seen: Block,
    },
    /// A transaction left the pool without being included.
    #[error("the transaction was dropped before it got into a block ({0}); try again")]
    Dropped(String),
    /// The connection ended while waiting.
    #[error("the connection to {0} ended while waiting for the transaction")]
    Lost(String),
}
