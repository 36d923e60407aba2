// SPDX-License-Identifier: Apache-2.0
//! All contact with nodes: reading state, submitting transactions, handing records off.
//!
//! | module | what |
//! |---|---|
//! | `types` | what is read from the chain, as typed structs |
//! | `read` | the questions asked |
//! | `calls` | what transactions call |
//! | `submit` | signing, submitting, waiting |
//! | `explain` | the runtime's refusals as sentences |
//! | `hop` | the hand-off pool of an expert's node |
//!
//! The client is dynamic: it takes shapes from the metadata of the chain it talks to, so a runtime
//! that has moved a pallet or added a field needs no new wallet. No wallet file, no medicine here.

pub mod calls;
mod explain;
pub mod hop;
mod read;
mod submit;
mod types;

pub use submit::{Receipt, Until};
pub use types::*;

use std::{sync::Arc, time::Duration};
use subxt::{
    backend::LegacyBackend,
    client::OnlineClientAtBlock,
    config::{polkadot::PolkadotConfigBuilder, RpcConfigFor},
    rpcs::{methods::LegacyRpcMethods, RpcClient},
    OnlineClient, PolkadotConfig,
};

/// How long to wait for a node to answer the first call.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The pallets without which a chain is not one of ours.
const PALLETS: [&str; 2] = ["Experts", "Consultations"];

/// State and metadata at one block.
type At = OnlineClientAtBlock<PolkadotConfig>;

/// A node of a chain that has experts and consultations.
pub struct Chain {
    url: String,
    rpc: RpcClient,
    methods: LegacyRpcMethods<RpcConfigFor<PolkadotConfig>>,
    api: OnlineClient<PolkadotConfig>,
}

/// What can go wrong with a node.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// Nobody answers.
    #[error("no node answers at {url} ({reason}); start one, or give the right one with --url")]
    Unreachable {
        /// The address.
        url: String,
        /// What the network says.
        reason: String,
    },
    /// Somebody answers, but it's another kind of chain.
    #[error("the node at {url} runs another chain: {name} has no pallet {missing}; give a node of this network with --url")]
    OtherChain {
        /// The address.
        url: String,
        /// What it calls itself.
        name: String,
        /// What it lacks.
        missing: &'static str,
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
    /// The runtime or the pool refused a transaction.
    #[error("{0}")]
    Refused(String),
    /// A transaction left the pool without being included.
    #[error("the transaction was dropped before it got into a block ({0}); try again")]
    Dropped(String),
    /// The connection ended while waiting.
    #[error("the connection to {0} ended while waiting for the transaction; `cso consult list` or `cso account balance` show whether it got through")]
    Lost(String),
    /// The hand-off pool refused a record.
    #[error("the expert's node at {url} doesn't take the record: {reason}")]
    Pool {
        /// The address.
        url: String,
        /// What it said.
        reason: String,
    },
}

impl Chain {
    /// Connects and makes sure that it's the right kind of chain.
    pub async fn connect(url: &str) -> Result<Self, ChainError> {
        let rpc = connect_rpc(url).await?;
        let unreachable = |error: &dyn std::fmt::Display| ChainError::Unreachable {
            url: url.to_owned(),
            reason: one_line(error),
        };
        let backend = LegacyBackend::builder().build(rpc.clone());
        let config = PolkadotConfigBuilder::new().use_historic_types(false).build();
        let connecting = OnlineClient::from_backend_with_config(config, Arc::new(backend));
        let api = tokio::time::timeout(CONNECT_TIMEOUT, connecting)
            .await
            .map_err(|_| unreachable(&"it accepts connections, but answers nothing"))?
            .map_err(|error| unreachable(&error))?;
        let chain =
            Self { url: url.to_owned(), methods: LegacyRpcMethods::new(rpc.clone()), rpc, api };
        chain.check_pallets().await?;
        Ok(chain)
    }

    /// The node's address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The chain's genesis hash.
    pub fn genesis(&self) -> [u8; 32] {
        self.api.genesis_hash().0
    }

    async fn check_pallets(&self) -> Result<(), ChainError> {
        let at = self.finalized().await?;
        let missing =
            PALLETS.into_iter().find(|pallet| at.metadata_ref().pallet_by_name(pallet).is_none());
        match missing {
            None => Ok(()),
            Some(missing) => Err(ChainError::OtherChain {
                url: self.url.clone(),
                name: self.methods.system_chain().await.unwrap_or_else(|_| "it".into()),
                missing,
            }),
        }
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
        let hash = self
            .methods
            .chain_get_block_hash(None)
            .await
            .map_err(|error| self.unreadable("its best block", &error))?
            .ok_or_else(|| self.unreadable("its best block", &"it has none"))?;
        self.api.at_block(hash).await.map_err(|error| self.unreadable("its best block", &error))
    }

    fn unreadable(&self, what: &str, error: &dyn std::fmt::Display) -> ChainError {
        ChainError::Read { url: self.url.clone(), what: what.to_owned(), reason: one_line(error) }
    }
}

/// A bare connection to a node.
async fn connect_rpc(url: &str) -> Result<RpcClient, ChainError> {
    let unreachable = |reason: String| ChainError::Unreachable { url: url.to_owned(), reason };
    if !url.starts_with("ws://") && !url.starts_with("wss://") {
        return Err(unreachable("an address begins with ws:// or wss://".into()));
    }
    tokio::time::timeout(CONNECT_TIMEOUT, RpcClient::from_insecure_url(url))
        .await
        .map_err(|_| unreachable(format!("waited {} s", CONNECT_TIMEOUT.as_secs())))?
        .map_err(|error| unreachable(one_line(&error)))
}

/// The innermost reason, on one line: the layers above say where in the client it happened, which
/// helps no user.
fn one_line(error: &dyn std::fmt::Display) -> String {
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

    #[tokio::test]
    async fn unreachable_node_is_named() {
        for url in ["ws://127.0.0.1:1", "http://127.0.0.1:1", "127.0.0.1"] {
            let error = Chain::connect(url).await.err().unwrap();
            assert!(matches!(error, ChainError::Unreachable { .. }), "{error}");
            let text = error.to_string();
            assert!(text.contains(url) && text.contains("--url") && !text.contains('\n'), "{text}");
        }
    }

    #[test]
    fn only_the_innermost_reason_is_shown() {
        let error = "Cannot construct OnlineClient: RPC error: client error: Error when\n establishing the connection: Connection refused";
        assert_eq!(one_line(&error), "Connection refused");
        assert_eq!(one_line(&"plain"), "plain");
    }
}
