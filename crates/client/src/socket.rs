// SPDX-License-Identifier: Apache-2.0
//! WebSockets to nodes. A name is resolved once, so that what was looked at is what is connected
//! to, and nobody sends a wallet on: redirections aren't followed.

use crate::chain::node::one_line;
use jsonrpsee_ws_client::WsClientBuilder;
use rustls_platform_verifier::BuilderVerifierExt;
use std::{fmt, net::SocketAddr, sync::Arc, time::Duration};
use subxt::rpcs::RpcClient;
use tokio::{
    net::{lookup_host, TcpStream},
    time::timeout,
};
use tokio_rustls::{
    client::TlsStream,
    rustls::{crypto::ring, pki_types::ServerName, ClientConfig},
    TlsConnector,
};
use url::{Host, Url};

/// How long to wait for a name to be resolved, and for a node to answer.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);

/// Messages of a subscription that may wait, as subxt's own client has it.
const BUFFER: usize = 4096;

/// A node's URL with the addresses that it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    url: Url,
    addresses: Vec<SocketAddr>,
}

/// The reason, on one line.
fn reason(error: impl fmt::Display) -> String {
    one_line(&error)
}

fn waited() -> String {
    format!("waited {} s", TIMEOUT.as_secs())
}

impl Target {
    /// A URL whose name has been resolved.
    #[cfg(test)]
    pub(crate) fn new(url: Url, addresses: Vec<SocketAddr>) -> Self {
        Self { url, addresses }
    }

    /// Reads a URL, which begins with `ws://` or `wss://`, and resolves its name. Errors say why
    /// that can't be.
    pub(crate) async fn look_up(text: &str) -> Result<Self, String> {
        if !text.starts_with("ws://") && !text.starts_with("wss://") {
            return Err("an address begins with ws:// or wss://".into());
        }
        let url = Url::parse(text).map_err(reason)?;
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err("it names no host".into());
        };
        let addresses = match host {
            Host::Ipv4(address) => vec![SocketAddr::new(address.into(), port)],
            Host::Ipv6(address) => vec![SocketAddr::new(address.into(), port)],
            Host::Domain(name) => {
                let found = timeout(TIMEOUT, lookup_host((name, port))).await;
                found.map_err(|_| waited())?.map_err(reason)?.collect()
            }
        };
        match addresses.is_empty() {
            true => Err("its name has no address".into()),
            false => Ok(Self { url, addresses }),
        }
    }

    /// The addresses, one or more.
    pub(crate) fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Whether TLS is spoken.
    pub(crate) fn is_encrypted(&self) -> bool {
        self.url.scheme() == "wss"
    }

    /// Connects. Errors say why that can't be.
    pub(crate) async fn open(&self) -> Result<RpcClient, String> {
        timeout(TIMEOUT, self.try_open()).await.map_err(|_| waited())?
    }

    async fn try_open(&self) -> Result<RpcClient, String> {
        let stream = self.connect().await?;
        let builder = WsClientBuilder::default().max_buffer_capacity_per_subscription(BUFFER);
        // A stream leads to one address: the builder has none of its own to be sent on to.
        let client = match self.is_encrypted() {
            true => builder.build_with_stream(&self.url, self.encrypt(stream).await?).await,
            false => builder.build_with_stream(&self.url, stream).await,
        };
        client.map(RpcClient::new).map_err(reason)
    }

    /// Tries one address after the other; each gets its share of the time.
    async fn connect(&self) -> Result<TcpStream, String> {
        let share = TIMEOUT / u32::try_from(self.addresses.len()).unwrap_or(u32::MAX).max(1);
        let mut last = String::new();
        for address in &self.addresses {
            match timeout(share, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    stream.set_nodelay(true).map_err(reason)?;
                    return Ok(stream);
                }
                Ok(Err(error)) => last = reason(error),
                Err(_) => last = waited(),
            }
        }
        Err(last)
    }

    /// Speaks TLS with whoever can show, by the system's certificates, that the name is theirs.
    async fn encrypt(&self, stream: TcpStream) -> Result<TlsStream<TcpStream>, String> {
        let name = match self.url.host() {
            Some(Host::Domain(name)) => ServerName::try_from(name.to_owned()).map_err(reason)?,
            Some(Host::Ipv4(address)) => ServerName::IpAddress(address.into()),
            Some(Host::Ipv6(address)) => ServerName::IpAddress(address.into()),
            None => return Err("it names no host".into()),
        };
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(reason)?
            .with_platform_verifier()
            .with_no_client_auth();
        TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    /// Somebody who answers the first connection with `answer`.
    async fn answering(answer: String) -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let first = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = first.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = first.accept().await.unwrap();
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).await.unwrap();
            let answer = answer.replace("{elsewhere}", &address.to_string());
            stream.write_all(answer.as_bytes()).await.unwrap();
        });
        (listener, at)
    }

    #[tokio::test]
    async fn nobody_sends_a_wallet_on() {
        let redirection = "HTTP/1.1 302 Found\r\nLocation: ws://{elsewhere}/\r\n\r\n".to_owned();
        let (elsewhere, at) = answering(redirection).await;
        let target = Target::look_up(&format!("ws://{at}")).await.unwrap();
        let error = target.open().await.err().unwrap();
        assert!(error.contains("302"), "{error}");
        let followed = timeout(Duration::from_millis(200), elsewhere.accept()).await;
        assert!(followed.is_err(), "the redirection was followed");
    }

    #[tokio::test]
    async fn a_name_is_resolved_once() {
        let (_elsewhere, at) = answering("HTTP/1.1 403 Forbidden\r\n\r\n".into()).await;
        // The name leads nowhere; what it was resolved to does.
        let url = Url::parse("ws://nobody.invalid").unwrap();
        let error = Target::new(url, vec![at]).open().await.err().unwrap();
        assert!(error.contains("403"), "{error}");
    }

    #[tokio::test]
    async fn wss_is_never_spoken_in_clear() {
        let (_elsewhere, at) = answering("HTTP/1.1 403 Forbidden\r\n\r\n".into()).await;
        let target = Target::look_up(&format!("wss://{at}")).await.unwrap();
        let error = target.open().await.err().unwrap();
        assert!(!error.contains("403"), "{error}");
    }

    #[tokio::test]
    async fn the_next_address_is_tried() {
        let (_elsewhere, at) = answering("HTTP/1.1 403 Forbidden\r\n\r\n".into()).await;
        let nobody = SocketAddr::from(([127, 0, 0, 1], 1));
        let url = Url::parse("ws://nobody.invalid").unwrap();
        let error = Target::new(url, vec![nobody, at]).open().await.err().unwrap();
        assert!(error.contains("403"), "{error}");
    }
}
