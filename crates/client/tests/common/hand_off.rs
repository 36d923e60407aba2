// SPDX-License-Identifier: Apache-2.0
//! The pool of the expert's node in memory.

use super::{Fault, Faults};
use cso_client::{
    hand_off::{HandOffError, PoolStatus, RecordPool},
    AccountId, HandOff, Pair,
};
use cso_primitives::ChunkHash;
use cso_sealing::chunk_hash;
use std::{cell::RefCell, collections::HashMap, rc::Rc};

/// Chunks with the account that may claim them.
pub(super) type Chunks = HashMap<ChunkHash, (Vec<u8>, AccountId)>;

/// Leads to one pool, whatever the address.
#[derive(Clone, Debug)]
pub(crate) struct MemoryHandOff {
    pub chunks: Rc<RefCell<Chunks>>,
    faults: Rc<Faults>,
}

impl MemoryHandOff {
    pub(crate) fn new(faults: &Rc<Faults>) -> Self {
        Self { chunks: Rc::default(), faults: faults.clone() }
    }

    async fn act<T>(&self, act: impl FnOnce(&mut Chunks) -> T) -> Result<T, HandOffError> {
        let lost = || HandOffError::Unreachable {
            url: "ws://expert".into(),
            reason: "the test says so".into(),
        };
        self.faults.turn().await;
        let result = match self.faults.next() {
            Some(Fault::Before) => Err(lost()),
            Some(Fault::After) => {
                act(&mut self.chunks.borrow_mut());
                Err(lost())
            }
            None => Ok(act(&mut self.chunks.borrow_mut())),
        };
        self.faults.turn().await;
        result
    }
}

impl HandOff for MemoryHandOff {
    type Pool = Self;

    async fn connect(&self, _: &str) -> Result<Self, HandOffError> {
        self.act(|_| self.clone()).await
    }
}

impl RecordPool for MemoryHandOff {
    async fn status(&self) -> Result<PoolStatus, HandOffError> {
        self.act(|chunks| PoolStatus {
            entries: chunks.len() as u64,
            bytes: chunks.values().map(|(chunk, _)| chunk.len() as u64).sum(),
        })
        .await
    }

    async fn submit(&self, chunk: &[u8], claim: &Pair, _: &Pair) -> Result<(), HandOffError> {
        self.act(|chunks| {
            chunks.insert(chunk_hash(chunk), (chunk.to_vec(), claim.account()));
        })
        .await
    }

    async fn remove(&self, chunk: &ChunkHash, claim: &Pair) -> Result<bool, HandOffError> {
        self.act(|chunks| match chunks.get(chunk) {
            Some((_, owner)) if *owner == claim.account() => chunks.remove(chunk).is_some(),
            _ => false,
        })
        .await
    }
}
