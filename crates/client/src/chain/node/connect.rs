// SPDX-License-Identifier: Apache-2.0
//! Connecting by WebSocket.

use super::{one_line, unreachable, ChainError, NodeChain};
use std::time::Duration;
use subxt::rpcs::RpcClient;

/// How long to wait for a node to answer the first call.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

impl NodeChain {
    /// Connects to the node at `url`, which begins with `ws://` or `wss://`.
    ///
    /// # Errors
    ///
    /// As [`NodeChain::new`].
    pub async fn connect(url: &str) -> Result<Self, ChainError> {
        let rpc = connect_rpc(url).await?;
        tokio::time::timeout(CONNECT_TIMEOUT, Self::new(url, rpc))
            .await
            .map_err(|_| unreachable(url, "it accepts connections, but answers nothing".into()))?
    }
}

/// A bare connection to a node.
pub(crate) async fn connect_rpc(url: &str) -> Result<RpcClient, ChainError> {
    if !url.starts_with("ws://") && !url.starts_with("wss://") {
        return Err(unreachable(url, "an address begins with ws:// or wss://".into()));
    }
    tokio::time::timeout(CONNECT_TIMEOUT, RpcClient::from_insecure_url(url))
        .await
        .map_err(|_| unreachable(url, format!("waited {} s", CONNECT_TIMEOUT.as_secs())))?
        .map_err(|error| unreachable(url, one_line(&error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn unreachable_node_is_named() {
        for url in ["ws://127.0.0.1:1", "http://127.0.0.1:1", "127.0.0.1"] {
            let error = NodeChain::connect(url).await.err().unwrap();
            assert!(matches!(error, ChainError::Unreachable { .. }), "{error}");
            let text = error.to_string();
            assert!(text.contains(url) && !text.contains('\n'), "{text}");
        }
    }
}
