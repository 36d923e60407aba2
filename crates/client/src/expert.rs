// SPDX-License-Identifier: Apache-2.0
//! What an expert does on chain. The private side, sealing key and models, is not here.

use crate::{
    address::AccountId,
    amount::{Amount, UNIT},
    chain::{Block, Call, Chain, ChainError, Event, ProtocolId, Until},
    keys::Pair,
    progress::{Progress, Step},
};
use cso_primitives::{bounds::MAX_ENDPOINT_BYTES, ModelCommitment, SealingPublicKey};

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
