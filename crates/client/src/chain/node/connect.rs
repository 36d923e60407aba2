// SPDX-License-Identifier: Apache-2.0
//! Connecting by WebSocket.

use super::{unreachable, ChainError, NodeChain};
use crate::socket::{Target, TIMEOUT};

impl NodeChain {
    /// Connects to the node at `url`, which begins with `ws://` or `wss://`.
    ///
    /// # Errors
    ///
    /// As [`NodeChain::new`].
    pub async fn connect(url: &str) -> Result<Self, ChainError> {
        let not_there = |reason| unreachable(url, reason);
        let target = Target::look_up(url).await.map_err(not_there)?;
        let rpc = target.open().await.map_err(not_there)?;
        tokio::time::timeout(TIMEOUT, Self::new(url, rpc))
            .await
            .map_err(|_| unreachable(url, "it accepts connections, but answers nothing".into()))?
    }
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
