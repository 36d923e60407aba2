// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0

//! The record pool as the evaluator sees it: chunks are claimed and acknowledged with the one-time
//! key from the patient's envelope.
//!
//! The pool checks a signature of that key even for its own node, so that nothing but a
//! consultation's envelope opens a record's chunks.

use std::sync::Arc;

use codec::Encode;
use cso_evaluator::{ClaimError, RecordPool};
use cso_primitives::ChunkHash;
use sc_hop::{
    types::{signing_payload, HOP_ACK_CONTEXT, HOP_CLAIM_CONTEXT},
    HopDataPool, HopError, HopHash,
};
use sp_core::{sr25519, Pair};
use sp_runtime::MultiSignature;

/// The node's HOP pool.
pub(super) struct Records(pub Arc<HopDataPool>);

impl RecordPool for Records {
    fn claim(&self, hash: ChunkHash, claim_seed: &[u8; 32]) -> Result<Vec<u8>, ClaimError> {
        let hash = HopHash::from(hash.0);
        match self.0.claim(&hash, &sign(HOP_CLAIM_CONTEXT, &hash, claim_seed)) {
            Ok(chunk) => Ok(chunk),
            Err(HopError::NotFound | HopError::AlreadyClaimed) => Err(ClaimError::NotFound),
            Err(error) => Err(ClaimError::Pool(error.to_string())),
        }
    }

    fn ack(&self, hash: ChunkHash, claim_seed: &[u8; 32]) {
        let hash = HopHash::from(hash.0);
        match self.0.ack(&hash, &sign(HOP_ACK_CONTEXT, &hash, claim_seed)) {
            Ok(()) | Err(HopError::NotFound) => {}
            Err(error) => {
                log::warn!(target: "cso::evaluator", "can't remove a chunk from the record pool: {error}")
            }
        }
    }
}

/// The one-time key's signature of an operation on a chunk, as the pool wants it.
fn sign(context: &[u8], hash: &HopHash, claim_seed: &[u8; 32]) -> Vec<u8> {
    let pair = sr25519::Pair::from_seed(claim_seed);
    MultiSignature::Sr25519(pair.sign(&signing_payload(context, hash))).encode()
}

#[cfg(test)]
mod tests {
    use sc_hop::{types::Recipient, HopMetrics, RateLimitConfig};
    use sp_runtime::MultiSigner;

    use super::*;

    const SEED: [u8; 32] = [5; 32];

    /// A pool that holds one chunk for the key of [`SEED`], and the chunk's hash.
    fn pool_with(chunk: &[u8]) -> (Records, ChunkHash, tempfile::TempDir) {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let pool = HopDataPool::new(
            1 << 20,
            1 << 20,
            60,
            directory.path().into(),
            RateLimitConfig::disabled(),
            HopMetrics::disabled(),
        )
        .expect("the pool opens");
        let recipient = sr25519::Pair::from_seed(&SEED).public();
        let recipients =
            vec![Recipient { signer: MultiSigner::Sr25519(recipient), claimed: false }]
                .try_into()
                .expect("one recipient");
        let sender = sr25519::Pair::from_seed(&[6; 32]);
        let hash = pool
            .insert(
                chunk.to_vec(),
                recipients,
                sender.public().0,
                MultiSigner::Sr25519(sender.public()),
                MultiSignature::Sr25519(sender.sign(chunk)),
                0,
            )
            .expect("the pool takes the chunk");
        (Records(Arc::new(pool)), ChunkHash(hash.0), directory)
    }

    #[test]
    fn the_key_from_the_envelope_claims_a_chunk_as_often_as_it_likes() {
        let (records, hash, _directory) = pool_with(b"encrypted");
        assert_eq!(records.claim(hash, &SEED), Ok(b"encrypted".to_vec()));
        assert_eq!(records.claim(hash, &SEED), Ok(b"encrypted".to_vec()));
    }

    #[test]
    fn another_key_finds_nothing() {
        let (records, hash, _directory) = pool_with(b"encrypted");
        assert_eq!(records.claim(hash, &[7; 32]), Err(ClaimError::NotFound));
        records.ack(hash, &[7; 32]);
        assert!(records.claim(hash, &SEED).is_ok());
    }

    #[test]
    fn an_acknowledged_chunk_is_gone() {
        let (records, hash, _directory) = pool_with(b"encrypted");
        records.ack(hash, &SEED);
        assert_eq!(records.claim(hash, &SEED), Err(ClaimError::NotFound));
        assert_eq!(records.0.status().entry_count, 0);
        // A second time is no trouble.
        records.ack(hash, &SEED);
    }
}
