// SPDX-License-Identifier: Apache-2.0
//! A node of the chain, reached over JSON-RPC.
//!
//! | module | what |
//! |---|---|
//! | `connect` | sockets, with the feature `native` |
//! | `metadata` | what says how calls are encoded, and its hash |
//! | `config` | what subxt must know of this chain |
//! | `read` | the questions asked |
//! | `calls` | how calls are encoded |
//! | `submit` | signing, sending, waiting |
//! | `block` | blocks as a node tells them, and how transactions in them went |
//! | `fate` | what became of a transaction, from finalised blocks |
//! | `time` | when a block was made |
//! | `decode` | what is decoded on the way |
//!
//! The client is dynamic: it takes shapes from the metadata of the chain it talks to, so a runtime
//! that has moved a pallet or added a field needs no new client. What it signs is signed together
//! with the hash of that metadata, so that a node can't make it mean something else.

mod block;
mod calls;
mod config;
#[cfg(feature = "native")]
mod connect;
mod decode;
mod fate;
mod metadata;
mod read;
mod submit;
mod time;

use super::{
    Anchor, Balance, Block, Call, Chain, ChainError, Consultation, ConsultationId, Expert, Fate,
    GenesisHash, Head, Health, Load, Opinion, Parameters, Protocol, ProtocolId, Reach, Receipt,
    Signed, Until,
};
use crate::{address::AccountId, amount::Amount, keys::Pair};
use config::NodeConfig;
use cso_primitives::RecordCommitment;
use metadata::Metadata;
use std::{collections::BTreeMap, fmt, sync::Arc};
use subxt::{
    backend::LegacyBackend,
    client::OnlineClientAtBlock,
    config::RpcConfigFor,
    rpcs::{methods::LegacyRpcMethods, RpcClient},
    OnlineClient,
};

/// The pallets without which a chain is not one of ours.
const PALLETS: [&str; 2] = ["Experts", "Consultations"];

/// State and metadata at one block.
type At = OnlineClientAtBlock<NodeConfig>;

/// A node of a chain that has experts and consultations.
pub struct NodeChain {
    url: String,
    rpc: RpcClient,
    methods: LegacyRpcMethods<RpcConfigFor<NodeConfig>>,
    config: NodeConfig,
    api: OnlineClient<NodeConfig>,
}

impl fmt::Debug for NodeChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodeChain").field("url", &self.url).finish_non_exhaustive()
    }
}

impl NodeChain {
    /// Takes a connection and makes sure that it leads to the right kind of chain. `url` is what
    /// messages call it.
    ///
    /// # Errors
    ///
    /// [`ChainError::Unreachable`] if it doesn't answer, [`ChainError::OtherChain`] if it lacks
    /// this network's pallets, [`ChainError::Metadata`] if it describes a runtime that is known
    /// otherwise than it is.
    pub async fn new(url: &str, rpc: RpcClient) -> Result<Self, ChainError> {
        let methods = LegacyRpcMethods::new(rpc.clone());
        let found = Metadata::fetch(url, &methods).await?;
        let missing =
            PALLETS.into_iter().find(|pallet| found.metadata.pallet_by_name(pallet).is_none());
        if let Some(missing) = missing {
            let name = methods.system_chain().await.unwrap_or_else(|_| "it".into());
            return Err(ChainError::OtherChain { url: url.to_owned(), name, missing });
        }
        found.require_known(url)?;
        let config = NodeConfig::new(&found);
        let backend = LegacyBackend::builder().build(rpc.clone());
        let api = OnlineClient::from_backend_with_config(config.clone(), Arc::new(backend))
            .await
            .map_err(|error| unreachable(url, one_line(&error)))?;
        Ok(Self { url: url.to_owned(), rpc, methods, config, api })
    }

    /// The last finalised block: what is read there stays.
    async fn finalized(&self) -> Result<At, ChainError> {
        self.api
            .at_current_block()
            .await
            .map_err(|error| self.unreadable("its finalised block", &error))
    }

    /// The best block: the newest news, which another fork may still take back.
    async fn best(&self) -> Result<At, ChainError> {
        let failed = |error: &dyn fmt::Display| self.unreadable("its best block", error);
        let hash = self
            .methods
            .chain_get_block_hash(None)
            .await
            .map_err(|error| failed(&error))?
            .ok_or_else(|| failed(&"it has none"))?;
        self.api.at_block(hash).await.map_err(|error| failed(&error))
    }

    fn unreadable(&self, what: &str, error: &dyn fmt::Display) -> ChainError {
        ChainError::Read { url: self.url.clone(), what: what.to_owned(), reason: one_line(error) }
    }
}

/// The block as a place in history.
fn anchor_of(at: &At) -> Anchor {
    Anchor { block: at.block_number(), hash: at.block_ref().hash().0 }
}

impl Chain for NodeChain {
    fn url(&self) -> &str {
        &self.url
    }

    fn genesis(&self) -> GenesisHash {
        GenesisHash(self.api.genesis_hash().0)
    }

    async fn head(&self) -> Result<Head, ChainError> {
        self.read_head().await
    }

    async fn health(&self) -> Result<Health, ChainError> {
        self.read_health().await
    }

    async fn best_block(&self) -> Result<Block, ChainError> {
        Ok(self.best().await?.block_number())
    }

    async fn time_of(&self, block: Block) -> Result<Option<u64>, ChainError> {
        self.read_time_of(block).await
    }

    async fn parameters(&self) -> Result<Parameters, ChainError> {
        self.read_parameters().await
    }

    async fn expert(&self, expert: &AccountId) -> Result<(Option<Expert>, Block), ChainError> {
        let at = self.finalized().await?;
        let found = self.get(&at, "Experts", "Experts", (expert.0,)).await?;
        Ok((found, at.block_number()))
    }

    async fn experts(&self) -> Result<(Vec<(AccountId, Expert)>, Block), ChainError> {
        self.read_experts().await
    }

    async fn protocol(
        &self,
        expert: &AccountId,
        protocol: ProtocolId,
    ) -> Result<Option<Protocol>, ChainError> {
        let at = self.finalized().await?;
        self.get(&at, "Experts", "Protocols", (expert.0, protocol)).await
    }

    async fn protocols(
        &self,
        expert: &AccountId,
    ) -> Result<Vec<(ProtocolId, Protocol)>, ChainError> {
        self.read_protocols(expert).await
    }

    async fn load(&self, expert: &AccountId) -> Result<Load, ChainError> {
        let at = self.best().await?;
        let found = self.get(&at, "Consultations", "Loads", (expert.0,)).await?;
        Ok(found.unwrap_or_default())
    }

    async fn consultation(
        &self,
        id: ConsultationId,
    ) -> Result<(Option<Consultation>, Block), ChainError> {
        let at = self.best().await?;
        let found = self.get(&at, "Consultations", "Consultations", (id,)).await?;
        Ok((found, at.block_number()))
    }

    async fn finalized_consultation(
        &self,
        id: ConsultationId,
    ) -> Result<Option<Consultation>, ChainError> {
        let at = self.finalized().await?;
        self.get(&at, "Consultations", "Consultations", (id,)).await
    }

    async fn find_consultation(
        &self,
        patient: &AccountId,
        expert: &AccountId,
        record: &RecordCommitment,
    ) -> Result<Option<ConsultationId>, ChainError> {
        self.find(|found| {
            found.patient == *patient && found.expert == *expert && found.record == *record
        })
        .await
    }

    async fn opinion(&self, id: ConsultationId) -> Result<Option<Opinion>, ChainError> {
        let at = self.best().await?;
        self.get(&at, "Consultations", "Opinions", (id,)).await
    }

    async fn balance(&self, account: &AccountId) -> Result<Balance, ChainError> {
        let at = self.best().await?;
        self.balance_at(&at, account).await
    }

    async fn finalized_balances(&self) -> Result<BTreeMap<[u8; 32], Balance>, ChainError> {
        self.read_balances().await
    }

    async fn finalized_balance(&self, account: &AccountId) -> Result<Balance, ChainError> {
        let at = self.finalized().await?;
        self.balance_at(&at, account).await
    }

    async fn nonce(&self, account: &AccountId) -> Result<u64, ChainError> {
        self.methods
            .system_account_next_index(account)
            .await
            .map_err(|error| self.unreadable("the account's nonce", &error))
    }

    async fn finalized_nonce(&self, account: &AccountId) -> Result<u64, ChainError> {
        let at = self.finalized().await?;
        self.nonce_at(&at, account).await
    }

    async fn anchor(&self) -> Result<Anchor, ChainError> {
        let at = self.finalized().await?;
        Ok(anchor_of(&at))
    }

    async fn reach(&self, anchor: &Anchor) -> Result<Reach, ChainError> {
        let finalized = self.finalized().await?.block_number();
        self.reach_from(finalized, anchor).await
    }

    async fn fee(&self, call: &Call) -> Result<Amount, ChainError> {
        self.estimate_fee(call).await
    }

    async fn sign(&self, call: &Call, signer: &Pair) -> Result<Signed, ChainError> {
        self.create_signed(call, signer).await
    }

    async fn send(&self, signed: &Signed, until: Until) -> Result<Receipt, ChainError> {
        self.send_and_wait(signed, until).await
    }

    async fn fate(&self, signed: &Signed, account: &AccountId) -> Result<Fate, ChainError> {
        self.find_fate(signed, account).await
    }
}

fn unreachable(url: &str, reason: String) -> ChainError {
    ChainError::Unreachable { url: url.to_owned(), reason }
}

/// The innermost reason, on one line: the layers above say where in the client it happened, which
/// helps no user.
pub(crate) fn one_line(error: &dyn fmt::Display) -> String {
    let text = error.to_string();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let layers = [
        "Error when establishing the connection: ",
        "Error when opening the TCP socket: ",
        "RPC error: ",
        "client error: ",
        "Backend error: ",
    ];
    let start = layers
        .iter()
        .filter_map(|layer| text.rfind(layer).map(|at| at + layer.len()))
        .max()
        .unwrap_or(0);
    text[start..].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_innermost_reason_is_shown() {
        let error = "Cannot construct OnlineClient: RPC error: client error: Error when\n establishing the connection: Connection refused";
        assert_eq!(one_line(&error), "Connection refused");
        assert_eq!(one_line(&"plain"), "plain");
    }
}
