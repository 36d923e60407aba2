// SPDX-License-Identifier: Apache-2.0
//! The hand-off pool of a node (`sc-hop`), over JSON-RPC.

use super::{
    Allowed, Endpoint, HandOff, HandOffError, PoolRefusal, PoolStatus, RecordPool, Whereabouts,
};
use crate::{chain::node::one_line, hash::blake2_256, keys::Pair};
use codec::Encode;
use cso_primitives::ChunkHash;
use serde::Deserialize;
use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
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
/// JSON-RPC: the node has no such method.
const NO_SUCH_METHOD: i32 = -32601;
/// The pool has this blob already.
const DUPLICATE: i32 = 1003;
/// The pool doesn't have this blob.
const NOT_FOUND: i32 = 1004;
/// The account has no open request and too little money, as far as that node knows.
const NOT_AUTHORIZED: i32 = 1012;
/// How often, and how long apart, a node is asked again that may not have seen the account's money
/// yet: four blocks.
const PATIENCE: (u32, Duration) = (6, Duration::from_secs(2));

/// Pools of nodes that are reached by WebSocket, as far as they may be contacted.
#[derive(Clone, Copy, Debug)]
pub struct NodeHandOff {
    allowed: Allowed,
}

impl NodeHandOff {
    /// The way to all nodes: the user has named them.
    pub fn to_all() -> Self {
        Self { allowed: Allowed::All }
    }

    /// The way to nodes that strangers name, for a wallet whose own node is at `own`. If nobody
    /// knows where that is, it's taken for one on the internet.
    pub async fn beside(own: &str) -> Self {
        let own = Endpoint::look_up(own).await;
        let place = own.map_or(Whereabouts::Internet, |own| own.whereabouts());
        Self { allowed: Allowed::Beside(place) }
    }

    /// Finds out where an endpoint leads, and refuses it if it isn't to be contacted.
    ///
    /// # Errors
    ///
    /// [`HandOffError::Unreachable`], [`HandOffError::Elsewhere`], [`HandOffError::Plain`].
    pub async fn look_up(&self, endpoint: &str) -> Result<Endpoint, HandOffError> {
        let endpoint = Endpoint::look_up(endpoint).await?;
        endpoint.require_allowed(self.allowed)?;
        Ok(endpoint)
    }
}

/// Encrypted endpoints on the internet only.
impl Default for NodeHandOff {
    fn default() -> Self {
        Self { allowed: Allowed::Beside(Whereabouts::Internet) }
    }
}

impl HandOff for NodeHandOff {
    type Pool = NodePool;

    async fn connect(&self, endpoint: &str) -> Result<NodePool, HandOffError> {
        // Names aren't resolved again: what is connected to is what was looked at.
        let found = self.look_up(endpoint).await?;
        let unreachable = |reason| HandOffError::Unreachable { url: endpoint.to_owned(), reason };
        let rpc = found.target().open().await.map_err(unreachable)?;
        let pool = NodePool { url: endpoint.to_owned(), rpc };
        pool.status().await?;
        Ok(pool)
    }
}

/// The pool of a node.
pub struct NodePool {
    url: String,
    rpc: RpcClient,
}

impl fmt::Debug for NodePool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodePool").field("url", &self.url).finish_non_exhaustive()
    }
}

/// `hop_poolStatus` as the node writes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    entry_count: u64,
    total_bytes: u64,
}

impl NodePool {
    async fn try_submit(
        &self,
        chunk: &[u8],
        claim: &Pair,
        signer: &Pair,
    ) -> Result<Result<serde_json::Value, Error>, HandOffError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| HandOffError::Clock)?;
        let now = u64::try_from(now.as_millis()).map_err(|_| HandOffError::Clock)?;
        let hash = cso_sealing::chunk_hash(chunk);
        let payload = blake2_256(&[SUBMIT_CONTEXT, hash.as_ref(), &now.to_le_bytes()]);
        let params = rpc_params![
            hex(chunk),
            [hex(&public(claim))],
            hex(&signature(signer, &payload)),
            hex(&public(signer)),
            now
        ];
        Ok(self.rpc.request("hop_submit", params).await)
    }

    fn refused(&self, error: &Error) -> HandOffError {
        let url = self.url.clone();
        match refusal(error) {
            None => HandOffError::NoPool { url },
            Some(refusal) => HandOffError::Refused { url, refusal },
        }
    }
}

impl RecordPool for NodePool {
    async fn status(&self) -> Result<PoolStatus, HandOffError> {
        let status: Status = self
            .rpc
            .request("hop_poolStatus", rpc_params![])
            .await
            .map_err(|_| HandOffError::NoPool { url: self.url.clone() })?;
        Ok(PoolStatus { entries: status.entry_count, bytes: status.total_bytes })
    }

    async fn submit(&self, chunk: &[u8], claim: &Pair, signer: &Pair) -> Result<(), HandOffError> {
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
                Err(error) => return Err(self.refused(&error)),
            }
        }
    }

    async fn remove(&self, chunk: &ChunkHash, claim: &Pair) -> Result<bool, HandOffError> {
        let payload = blake2_256(&[ACK_CONTEXT, chunk.as_ref()]);
        let params = rpc_params![hex(chunk.as_ref()), hex(&signature(claim, &payload))];
        match self.rpc.request::<serde_json::Value>("hop_ack", params).await {
            Ok(_) => Ok(true),
            Err(Error::User(error)) if error.code == NOT_FOUND => Ok(false),
            Err(error) => Err(self.refused(&error)),
        }
    }
}

/// The pool's error codes that a patient can meet; `None` if there is no pool.
fn refusal(error: &Error) -> Option<PoolRefusal> {
    let Error::User(refusal) = error else {
        return Some(PoolRefusal::Other(one_line(error)));
    };
    match refusal.code {
        NO_SUCH_METHOD => None,
        1001 => Some(PoolRefusal::TooLarge),
        1002 => Some(PoolRefusal::Full),
        1011 | 1020 => Some(PoolRefusal::RateLimited),
        NOT_AUTHORIZED => Some(PoolRefusal::NotAuthorized),
        _ => Some(PoolRefusal::Other(one_line(&refusal.message))),
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

fn hex(bytes: &[u8]) -> String {
    subxt::utils::to_hex(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{net::TcpListener, time::timeout};

    #[tokio::test]
    async fn a_strangers_endpoint_on_this_computer_is_contacted_by_the_users_word_only() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("ws://localhost:{}", listener.local_addr().unwrap().port());
        for strict in [NodeHandOff::default(), NodeHandOff::beside("wss://1.1.1.1").await] {
            let refused = strict.connect(&endpoint).await.err().unwrap();
            assert!(matches!(refused, HandOffError::Elsewhere { .. }), "{refused}");
        }
        let contacted = timeout(Duration::from_millis(200), listener.accept()).await;
        assert!(contacted.is_err(), "it was contacted all the same");
        for allowed in [NodeHandOff::to_all(), NodeHandOff::beside("ws://127.0.0.1:1").await] {
            let answer = async { drop(listener.accept().await.unwrap()) };
            let (connected, ()) = tokio::join!(allowed.connect(&endpoint), answer);
            let lost = connected.err().unwrap();
            assert!(matches!(lost, HandOffError::Unreachable { .. }), "{lost}");
        }
    }

    #[test]
    fn signers_and_signatures_are_tagged_as_sr25519() {
        let pair = Pair::from_seed(&[7; 32]).unwrap();
        assert_eq!(public(&pair)[0], 1);
        assert_eq!(public(&pair).len(), 33);
        let signature = signature(&pair, b"payload");
        assert_eq!((signature[0], signature.len()), (1, 65));
    }
}
