// SPDX-License-Identifier: Apache-2.0
//! Handing encrypted records to an expert's node: they go into its pool, never onto the chain.

#[cfg(feature = "native")]
mod endpoint;
#[cfg(feature = "native")]
mod node;
mod whereabouts;

#[cfg(feature = "native")]
pub use endpoint::{Allowed, Endpoint};
#[cfg(feature = "native")]
pub use node::{NodeHandOff, NodePool};
pub use whereabouts::Whereabouts;

use crate::keys::Pair;
use cso_primitives::ChunkHash;
use std::net::IpAddr;

/// How full a pool is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolStatus {
    /// Blobs in it.
    pub entries: u64,
    /// Bytes of them.
    pub bytes: u64,
}

/// The way to the pools of experts' nodes.
#[allow(async_fn_in_trait)] // See `Chain`.
pub trait HandOff {
    /// A pool that answers.
    type Pool: RecordPool;

    /// Connects to the node at `endpoint`.
    ///
    /// # Errors
    ///
    /// [`HandOffError::Unreachable`] if nobody answers, [`HandOffError::NoPool`] if the node has
    /// no pool, [`HandOffError::Elsewhere`] or [`HandOffError::Plain`] if it isn't to be contacted.
    async fn connect(&self, endpoint: &str) -> Result<Self::Pool, HandOffError>;
}

/// The pool of one node.
///
/// # Errors
///
/// Each method: [`HandOffError`].
#[allow(async_fn_in_trait)] // See `Chain`.
pub trait RecordPool {
    /// How full it is.
    async fn status(&self) -> Result<PoolStatus, HandOffError>;

    /// Hands a chunk to whoever holds the claim key. A chunk that lies there already is fine.
    async fn submit(&self, chunk: &[u8], claim: &Pair, signer: &Pair) -> Result<(), HandOffError>;

    /// Removes a chunk: its only recipient says it is done with it. Says whether it was there.
    async fn remove(&self, chunk: &ChunkHash, claim: &Pair) -> Result<bool, HandOffError>;
}

/// What can go wrong with handing a record off.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum HandOffError {
    /// Nobody answers.
    #[error("the expert's node at {url} doesn't answer ({reason})")]
    Unreachable {
        /// The address.
        url: String,
        /// What the network says.
        reason: String,
    },
    /// The endpoint leads where a stranger's has no business.
    #[error("the expert's endpoint {url} leads to {address}, {place}; it wasn't contacted")]
    Elsewhere {
        /// The endpoint.
        url: String,
        /// An address that it leads to.
        address: IpAddr,
        /// Where that is.
        place: Whereabouts,
    },
    /// The way to the endpoint isn't encrypted.
    #[error("the expert's endpoint {url} isn't encrypted (wss://), so everyone on the way would see who talks to whom; it wasn't contacted")]
    Plain {
        /// The endpoint.
        url: String,
    },
    /// A node without a pool.
    #[error("the node at {url} has no hand-off pool for records")]
    NoPool {
        /// The address.
        url: String,
    },
    /// The pool refused.
    #[error("the expert's node at {url} doesn't take the record: {refusal}")]
    Refused {
        /// The address.
        url: String,
        /// Why.
        refusal: PoolRefusal,
    },
    /// This computer's clock can't date a submission.
    #[error("this computer's clock is out of all bounds; set it")]
    Clock,
}

/// Why a pool refuses.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum PoolRefusal {
    /// A chunk is longer than the pool takes.
    #[error("a chunk is larger than its limit")]
    TooLarge,
    /// No room.
    #[error("its pool is full; ask later")]
    Full,
    /// The account has handed off too much.
    #[error("this account has handed off too much lately; wait a minute and go on then")]
    RateLimited,
    /// The account has no open request and too little money, as far as that node knows.
    #[error("the account has neither an open request nor 1 CSO on that chain")]
    NotAuthorized,
    /// Something else, in the node's words.
    #[error("{0}")]
    Other(String),
}
