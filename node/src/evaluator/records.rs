// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0

//! The record pool as the evaluator sees it: chunks are claimed and acknowledged with the one-time key from the patient's envelope.
//!
//! The pool checks a signature of that key even for its own node, so that nothing but a consultation's envelope opens a record's chunks.

use std::sync::Arc;

use codec::Encode;
use cso_evaluator::{ClaimError, RecordPool};
use sc_hop::{
    types::{signing_payload, HOP_ACK_CONTEXT, HOP_CLAIM_CONTEXT},
    HopDataPool, HopError, HopHash,
};
use sp_core::{sr25519, Pair};
use sp_runtime::MultiSignature;

/// The node's HOP pool.
pub struct Records(pub Arc<HopDataPool>);

impl RecordPool for Records {
    fn claim(&self, hash: [u8; 32], claim_seed: &[u8; 32]) -> Result<Vec<u8>, ClaimError> {
        let hash = HopHash::from(hash);
        match self
            .0
            .claim(&hash, &sign(HOP_CLAIM_CONTEXT, &hash, claim_seed))
        {
            Ok(chunk) => Ok(chunk),
            Err(HopError::NotFound | HopError::AlreadyClaimed) => Err(ClaimError::NotFound),
            Err(error) => Err(ClaimError::Pool(error.to_string())),
        }
    }

    fn ack(&self, hash: [u8; 32], claim_seed: &[u8; 32]) {
        let hash = HopHash::from(hash);
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
