// SPDX-License-Identifier: Apache-2.0
//! The hand-off pool of an expert's node (`sc-hop`): records go in here, never onto the chain.

use super::{connect_rpc, one_line, ChainError};
use crate::keys::Pair;
use blake2::{digest::consts::U32, Blake2b, Digest};
use codec::Encode;
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use subxt::{
    rpcs::{rpc_params, Error, RpcClient},
    utils::MultiSignature,
};

/// What signatures of a submission begin with.
const SUBMIT_CONTEXT: &[u8] = b"hop-submit-v1:";
/// What signatures of an acknowledgement begin with.
const ACK_CONTEXT: &[u8] = b"hop-ack-v1:";
/// Index of `MultiSigner::Sr25519`.
const SR25519: u8 = 1;
/// The pool has this blob already.
const DUPLICATE: i32 = 1003;
/// The pool doesn't have this blob.
const NOT_FOUND: i32 = 1004;
/// The account has no open request and too little money, as far as that node knows.
const NOT_AUTHORIZED: i32 = 1012;
/// How often, and how long apart, a node is asked again that may not have seen the account's money
/// yet: four blocks.
const PATIENCE: (u32, Duration) = (6, Duration::from_secs(2));

/// The pool of a node.
pub struct Pool {
    url: String,
    rpc: RpcClient,
}

/// How full a pool is.
#[derive(Debug, Serialize, Deserialize)]
pub struct PoolStatus {
    /// Blobs in it.
    #[serde(rename(deserialize = "entryCount"))]
    pub entries: u64,
    /// Bytes of them.
    #[serde(rename(deserialize = "totalBytes"))]
    pub bytes: u64,
}

impl Pool {
    /// Connects to the node at `url`.
    pub async fn connect(url: &str) -> Result<Self, ChainError> {
        Ok(Self { url: url.to_owned(), rpc: connect_rpc(url).await? })
    }

    /// Hands a chunk to whoever holds the claim key. A chunk that lies there already is fine.
    pub async fn submit(
        &self,
        chunk: &[u8],
        claim: &Pair,
        signer: &Pair,
    ) -> Result<(), ChainError> {
        let (attempts, pause) = PATIENCE;
        let mut attempt = 1;
        loop {
            match self.try_submit(chunk, claim, signer).await? {
                Ok(_) => return Ok(()),
                Err(Error::User(error)) if error.code == DUPLICATE => return Ok(()),
                Err(Error::User(error)) if error.code == NOT_AUTHORIZED && attempt < attempts => {
                    attempt += 1;
                    tokio::time::sleep(pause).await;
                }
                Err(error) => return Err(self.refused(&explain(&error))),
            }
        }
    }

    async fn try_submit(
        &self,
        chunk: &[u8],
        claim: &Pair,
        signer: &Pair,
    ) -> Result<Result<serde_json::Value, Error>, ChainError> {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_err(|_| self.refused("this computer's clock stands before 1970"))?
            .as_millis();
        let now = u64::try_from(now)
            .map_err(|_| self.refused("this computer's clock is far in the future"))?;
        let hash = cso_sealing::chunk_hash(chunk);
        let payload = blake2_256(&[SUBMIT_CONTEXT, &hash, &now.to_le_bytes()]);
        let params = rpc_params![
            hex(chunk),
            [hex(&public(claim))],
            hex(&signature(signer, &payload)),
            hex(&public(signer)),
            now
        ];
        Ok(self.rpc.request("hop_submit", params).await)
    }

    /// Drops a chunk: its only recipient says it is done with it. Says whether it was there.
    pub async fn drop_chunk(&self, hash: &[u8; 32], claim: &Pair) -> Result<bool, ChainError> {
        let payload = blake2_256(&[ACK_CONTEXT, hash]);
        let params = rpc_params![hex(hash), hex(&signature(claim, &payload))];
        match self.rpc.request::<serde_json::Value>("hop_ack", params).await {
            Ok(_) => Ok(true),
            Err(Error::User(error)) if error.code == NOT_FOUND => Ok(false),
            Err(error) => Err(self.refused(&explain(&error))),
        }
    }

    /// How full the pool is; `None` if the node has none.
    pub async fn status(&self) -> Option<PoolStatus> {
        self.rpc.request("hop_poolStatus", rpc_params![]).await.ok()
    }

    fn refused(&self, reason: &str) -> ChainError {
        ChainError::Pool { url: self.url.clone(), reason: reason.to_owned() }
    }
}

/// The pool's error codes that a patient can meet, as sentences.
fn explain(error: &Error) -> String {
    let Error::User(refusal) = error else {
        return one_line(error);
    };
    match refusal.code {
        -32601 => "it has no hand-off pool; the expert must start it with --expert-dir".into(),
        1001 => "a chunk is larger than its limit".into(),
        1002 => "its pool is full; ask later".into(),
        1011 | 1020 => "this account has handed off too much lately; wait a minute and go on with `cso consult resume`".into(),
        1012 => "the account has neither an open request nor 1 CSO on that chain; check that --endpoint is of the same network".into(),
        _ => one_line(&refusal.message),
    }
}

/// SCALE of `MultiSigner::Sr25519`.
fn public(pair: &Pair) -> Vec<u8> {
    (SR25519, pair.account().0).encode()
}

/// SCALE of `MultiSignature::Sr25519`.
fn signature(pair: &Pair, payload: &[u8]) -> Vec<u8> {
    MultiSignature::Sr25519(pair.sign(payload)).encode()
}

/// BLAKE2b-256 of the parts one after the other: Substrate's hash of most things.
pub(super) fn blake2_256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Blake2b::<U32>::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

fn hex(bytes: &[u8]) -> String {
    subxt::utils::to_hex(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signers_and_signatures_are_tagged_as_sr25519() {
        let pair = Pair::from_seed(&[7; 32]).unwrap();
        assert_eq!(public(&pair)[0], 1);
        assert_eq!(public(&pair).len(), 33);
        let signature = signature(&pair, b"payload");
        assert_eq!((signature[0], signature.len()), (1, 65));
    }

    #[test]
    fn hashes_as_the_pool_does() {
        let whole = blake2_256(&[b"hop-ack-v1:", &[1; 32]]);
        let mut joined = b"hop-ack-v1:".to_vec();
        joined.extend([1; 32]);
        assert_eq!(whole, blake2_256(&[&joined]));
        assert_eq!(cso_sealing::chunk_hash(b"x"), blake2_256(&[b"x"]));
    }
}
