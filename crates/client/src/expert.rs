// SPDX-License-Identifier: Apache-2.0
//! What an expert does on chain. The private side, sealing key and models, is not here.

use crate::{
    address::AccountId,
    amount::{Amount, UNIT},
    chain::{Block, Call, Chain, ChainError, Event, ProtocolId, Until},
    keys::{seed_of, KeyError, Pair},
    progress::{Progress, Step},
    secret::Secret,
    vault::Account,
};
use cso_primitives::{bounds::MAX_ENDPOINT_BYTES, ModelCommitment, SealingPublicKey};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Set aside for the fees of an application's transactions, and for what keeps the account alive.
const FEE_ALLOWANCE: u128 = UNIT / 2;

/// What an expert applies with.
#[derive(Clone, Debug)]
pub struct Application {
    /// Where wallets hand off records.
    pub endpoint: String,
    /// What envelopes are sealed to.
    pub sealing_key: Box<SealingPublicKey>,
    /// Who signs for the expert.
    pub workers: Vec<AccountId>,
    /// Least fee.
    pub price: Amount,
    /// What each worker's account is filled up to.
    pub worker_funds: Amount,
}

/// The application is on chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied {
    /// What is held.
    pub bond: Amount,
    /// The block it's in.
    pub block: Block,
}

/// A protocol is on chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    /// Its number.
    pub protocol: ProtocolId,
    /// The block it's in.
    pub block: Block,
}

/// Why something an expert wants to do can't be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExpertError {
    /// The endpoint is no WebSocket URL.
    #[error("the endpoint `{0}` must begin with ws:// or wss://")]
    Endpoint(String),
    /// The endpoint is longer than the chain takes.
    #[error("the endpoint has {0} bytes, at most {MAX_ENDPOINT_BYTES} are allowed")]
    EndpointTooLong(usize),
    /// The account can't pay what an application takes.
    #[error("the balance of {account} is {free} CSO, and {needed} CSO are needed (the bond of {bond}, the workers' funds, and fees)")]
    Funds {
        /// The account.
        account: AccountId,
        /// What it has.
        free: Amount,
        /// What it takes.
        needed: Amount,
        /// The bond in it.
        bond: Amount,
    },
    /// The application is on chain, but a worker's account couldn't be filled.
    #[error("the application is on chain, but the worker {worker} didn't get its {lacking} CSO")]
    Worker {
        /// The worker's account.
        worker: AccountId,
        /// What it still needs.
        lacking: Amount,
        /// Why it didn't get it.
        #[source]
        error: Box<ChainError>,
    },
    /// The account is no expert.
    #[error("{0} is no expert")]
    NoExpert(AccountId),
    /// The model is published.
    #[error("this model is published already, as protocol {0}")]
    Published(ProtocolId),
    /// A worker's key would leave this computer.
    #[error("the node at {0} isn't on this computer (127.0.0.0/8, ::1 or localhost), and the worker's key would go over the network")]
    NotThisComputer(String),
    /// The account came without the text that its key is made from.
    #[error("`{0}` was imported without its mnemonic or secret URI, from which the node's keystore makes the key")]
    NoSuri(String),
    /// What the account's key is made from doesn't fit into a node's keystore.
    #[error("the key of `{name}` can't be given to a node")]
    WorkerKey {
        /// The account's name.
        name: String,
        /// Why.
        #[source]
        error: KeyError,
    },
    /// The text in the wallet makes another key than the wallet has.
    #[error("the secret URI of `{0}` in the wallet makes another account than the wallet says")]
    OtherAccount(String),
    /// The chain doesn't tell the number.
    #[error("the chain doesn't say what number the protocol got")]
    NoNumber,
    /// The chain.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

/// Refuses an endpoint that no wallet could reach.
///
/// # Errors
///
/// [`ExpertError::Endpoint`], [`ExpertError::EndpointTooLong`].
pub fn check_endpoint(url: &str) -> Result<(), ExpertError> {
    if !url.starts_with("ws://") && !url.starts_with("wss://") {
        return Err(ExpertError::Endpoint(url.to_owned()));
    }
    if url.len() > MAX_ENDPOINT_BYTES {
        return Err(ExpertError::EndpointTooLong(url.len()));
    }
    Ok(())
}

/// Refuses a node that is not on this computer, by its URL alone. What can't be read is refused.
///
/// # Errors
///
/// [`ExpertError::NotThisComputer`].
pub fn require_this_computer(url: &str) -> Result<(), ExpertError> {
    match host(url).is_some_and(is_loopback) {
        true => Ok(()),
        false => Err(ExpertError::NotThisComputer(url.to_owned())),
    }
}

/// The host that a URL names, in the plain form that everybody reads the same: without a user's
/// name before it, and without backslashes.
fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    if authority.contains(['@', '\\']) {
        return None;
    }
    match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map(|(host, _)| host),
        None => authority.split(':').next(),
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        || host.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback())
}

/// What a node's keystore needs to sign as that account: the key's seed, from which neither
/// mnemonic nor other keys follow. A node doesn't compare it with the account, so that is done
/// here.
///
/// # Errors
///
/// [`ExpertError::NoSuri`], [`ExpertError::WorkerKey`], [`ExpertError::OtherAccount`].
pub fn worker_seed(account: &Account) -> Result<Secret<32>, ExpertError> {
    let name = || account.name.clone();
    let wrong = |error| ExpertError::WorkerKey { name: name(), error };
    let suri = account.suri.as_ref().ok_or_else(|| ExpertError::NoSuri(name()))?;
    let seed = seed_of(suri.expose()).map_err(wrong)?;
    match Pair::from_seed(seed.expose()).map_err(wrong)?.account() == account.address {
        true => Ok(seed),
        false => Err(ExpertError::OtherAccount(name())),
    }
}

/// Applies with a bond, and fills the workers' accounts.
///
/// # Errors
///
/// [`ExpertError`]; with [`ExpertError::Worker`] the application is on chain.
pub async fn apply(
    chain: &impl Chain,
    progress: &dyn Progress,
    signer: &Pair,
    application: Application,
) -> Result<Applied, ExpertError> {
    let Application { endpoint, sealing_key, workers, price, worker_funds } = application;
    check_endpoint(&endpoint)?;
    let account = signer.account();
    let bond = chain.parameters().await?.bond;
    let mut lacking = Vec::new();
    for worker in &workers {
        let free = chain.balance(worker).await?.free;
        lacking.push((*worker, Amount(worker_funds.0.saturating_sub(free.0))));
    }
    let funds = lacking.iter().fold(0_u128, |sum, (_, amount)| sum.saturating_add(amount.0));
    let needed = Amount(bond.0.saturating_add(funds).saturating_add(FEE_ALLOWANCE));
    let free = chain.balance(&account).await?.free;
    if free < needed {
        return Err(ExpertError::Funds { account, free, needed, bond });
    }
    progress.begin(Step::Submit);
    let call = Call::Apply { endpoint, sealing_key, workers, price };
    let block = chain.submit(&call, signer, Until::Finalized).await?.block;
    progress.begin(Step::FundWorkers);
    for (worker, lacking) in lacking.into_iter().filter(|(_, lacking)| lacking.0 > 0) {
        let call = Call::Transfer { to: worker, amount: lacking };
        let sent = chain.submit(&call, signer, Until::Included).await;
        sent.map_err(|error| ExpertError::Worker { worker, lacking, error: Box::new(error) })?;
    }
    Ok(Applied { bond, block })
}

/// Refuses an account that is no expert.
///
/// # Errors
///
/// [`ExpertError::NoExpert`].
pub async fn require_expert(chain: &impl Chain, account: &AccountId) -> Result<(), ExpertError> {
    match chain.expert(account).await?.0 {
        Some(_) => Ok(()),
        None => Err(ExpertError::NoExpert(*account)),
    }
}

/// Puts the description of a protocol and the commitment to its model on chain.
///
/// # Errors
///
/// [`ExpertError`].
pub async fn publish(
    chain: &impl Chain,
    progress: &dyn Progress,
    signer: &Pair,
    description: String,
    model: ModelCommitment,
) -> Result<Published, ExpertError> {
    let published = chain.protocols(&signer.account()).await?;
    if let Some((id, _)) = published.iter().find(|(_, protocol)| protocol.model == model) {
        return Err(ExpertError::Published(*id));
    }
    progress.begin(Step::Submit);
    let call = Call::Publish { description, model };
    let receipt = chain.submit(&call, signer, Until::Finalized).await?;
    let number = receipt.events.iter().find_map(|event| match event {
        Event::ProtocolPublished { protocol } => Some(*protocol),
        _ => None,
    });
    let protocol = number.ok_or(ExpertError::NoNumber)?;
    Ok(Published { protocol, block: receipt.block })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_urls_of_this_computer_are_taken_for_it() {
        for url in [
            "ws://127.0.0.1:9944",
            "ws://127.8.9.1",
            "ws://localhost:9944/path",
            "wss://LocalHost",
            "ws://[::1]:9944",
        ] {
            assert!(require_this_computer(url).is_ok(), "{url}");
        }
        for url in [
            "ws://node.example:9944",
            "ws://10.0.0.1:9944",
            "ws://127.0.0.1.example",
            "ws://127.0.0.1@node.example",
            "ws://localhost:1@node.example",
            // URL parsers take the backslash for a slash, and the first name for the host.
            r"ws://node.example\@127.0.0.1",
            "ws://[2001:db8::1]:9944",
            "ws://::1",
            "localhost",
            "",
        ] {
            let error = require_this_computer(url).unwrap_err();
            assert!(matches!(error, ExpertError::NotThisComputer(of) if of == url), "{url}");
        }
    }

    fn account(of: &str, suri: Option<&str>) -> Account {
        let pair = Pair::from_suri(of).unwrap();
        Account {
            name: "worker".into(),
            secret: pair.secret(),
            suri: suri.map(|suri| suri.to_owned().into()),
            address: pair.account(),
        }
    }

    #[test]
    fn a_worker_is_given_away_as_its_seed_and_as_no_other_account() {
        let worker = account("//Alice//worker", Some("//Alice//worker"));
        let seed = worker_seed(&worker).unwrap();
        assert_eq!(Pair::from_seed(seed.expose()).unwrap().account(), worker.address);
        for (account, refused) in [
            (account("//Alice", None), "imported without"),
            (account("//Alice/soft", Some("//Alice/soft")), "can't be given"),
            (account("//Alice", Some("//Bob")), "another account"),
        ] {
            let error = worker_seed(&account).unwrap_err().to_string();
            assert!(error.contains("`worker`") && error.contains(refused), "{error}");
        }
    }
}
