// SPDX-License-Identifier: Apache-2.0

//! What the evaluator needs of the chain and of the hand-off pool. The node implements both over
//! its client and its pool, tests in memory.

use cso_primitives::{ChunkHash, ModelCommitment, RecordCommitment};
use thiserror::Error;

/// A consultation as the chain shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its number.
    pub id: u64,
    /// Account of the patient.
    pub patient: [u8; 32],
    /// Account of the expert.
    pub expert: [u8; 32],
    /// Commitment to the record.
    pub record: RecordCommitment,
    /// Whether it still waits for an answer.
    pub waiting: bool,
    /// The sealed envelope.
    pub envelope: Vec<u8>,
}

/// The chain at its finalised head: no time is spent on, and no answer let out for, a request that
/// a fork may undo.
pub trait ChainView: Send + Sync {
    /// Hash of the genesis block.
    fn genesis(&self) -> [u8; 32];

    /// Hash of the finalised head, if it's cheap to tell. State is then read again only when it
    /// has changed.
    fn finalized(&self) -> Option<[u8; 32]> {
        None
    }

    /// A consultation; `None` if there is none of that number.
    ///
    /// # Errors
    ///
    /// A text for the log if the state could not be read; the evaluator tries again later.
    fn job(&self, id: u64) -> Result<Option<Job>, String>;

    /// The commitment to the model of an expert's protocol; `None` if there is no such protocol.
    ///
    /// # Errors
    ///
    /// As [`Self::job`].
    fn model(&self, expert: [u8; 32], protocol: u32) -> Result<Option<ModelCommitment>, String>;
}

/// Why a chunk could not be claimed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ClaimError {
    /// The pool doesn't hold it, or not for this key: it may still come.
    #[error("not in the pool")]
    NotFound,
    /// The pool itself is in trouble.
    #[error("the pool failed: {0}")]
    Pool(String),
}

/// The hand-off pool of the expert's node.
pub trait RecordPool: Send + Sync {
    /// The chunk with this hash, for the one-time key that grows from `claim_seed`. It stays in
    /// the pool.
    ///
    /// # Errors
    ///
    /// [`ClaimError`].
    fn claim(&self, hash: ChunkHash, claim_seed: &[u8; 32]) -> Result<Vec<u8>, ClaimError>;

    /// Acknowledges a chunk, which lets the pool delete it. Nothing happens if it isn't there.
    fn ack(&self, hash: ChunkHash, claim_seed: &[u8; 32]);
}
