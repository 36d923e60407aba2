// SPDX-License-Identifier: Apache-2.0
//! Money in accounts of consultations that no wallet knows any more.
//!
//! The keys of those accounts follow from the account that paid and a number. Which numbers a
//! wallet has used is in the wallet alone; without it they are tried out: those that a wallet
//! begins with at each minute of some time, and those from 0 that wallets of earlier versions used.

use crate::{
    address::AccountId,
    chain::{Balance, Call, Chain, ChainError, Until},
    keys::Pair,
    progress::{Progress, Step},
    vault::{range_at, Wallet, WalletError, CONSULTATION_PATH},
    Amount,
};
use std::{ops::Range, time::Duration};
use subxt_signer::DeriveJunction;

/// How many accounts of each range are looked for. One that comes after so many has been asked from
/// a wallet with as many consultations before.
pub const DEPTH: u64 = 50;

/// Seconds of a minute.
const MINUTE: u64 = 60;

/// An account of a consultation that exists on chain.
#[derive(Debug)]
pub struct Lost {
    /// Its number below the account that paid.
    pub index: u64,
    /// What it has.
    pub balance: Balance,
    pair: Pair,
}

impl Lost {
    /// Whether a consultation still needs it.
    pub fn is_bound(&self) -> bool {
        self.balance.held.0 > 0
    }

    /// Its address.
    pub fn account(&self) -> AccountId {
        self.pair.account()
    }
}

/// Why there is no looking.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecoveryError {
    /// The chain.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The wallet's content.
    #[error(transparent)]
    Wallet(#[from] WalletError),
}

/// Looks for accounts of consultations that the account `payer` of the wallet has paid for, and
/// that the wallet doesn't know. `when` is the time since 1970 in which the wallet that made them
/// may have begun to ask, in whole minutes.
///
/// # Errors
///
/// [`RecoveryError`].
pub async fn find(
    chain: &impl Chain,
    wallet: &Wallet,
    payer: &str,
    when: Range<Duration>,
    progress: &dyn Progress,
) -> Result<Vec<Lost>, RecoveryError> {
    let known = wallet.open_indices(payer);
    let payer = wallet.account(payer)?.pair().map_err(WalletError::from)?;
    progress.begin(Step::Search);
    let balances = chain.finalized_balances().await?;
    let above = payer.derive([DeriveJunction::hard(CONSULTATION_PATH)]);
    let minutes = when.end.saturating_sub(when.start).as_secs() / MINUTE + 1;
    let count = usize::try_from(minutes).unwrap_or(usize::MAX);
    let begins = (0..minutes)
        .map(|minute| range_at(when.start.saturating_add(Duration::from_secs(minute * MINUTE))));
    let mut lost = Vec::new();
    for (done, begin) in std::iter::once(0).chain(begins).enumerate() {
        progress.part(done, count);
        for index in (begin..begin.saturating_add(DEPTH)).filter(|index| !known.contains(index)) {
            let pair = above.derive([DeriveJunction::hard(index)]);
            if let Some(balance) = balances.get(&pair.account().0) {
                lost.push(Lost { index, balance: *balance, pair });
            }
        }
    }
    Ok(lost)
}

/// Sends what an account has to another one, and closes it. Gives what went, the transaction's fee
/// taken off; nothing if there is less than that. One that still has money bound keeps all of it: a
/// wallet that is in use elsewhere needs it to accept and to erase, and what is bound becomes free
/// when the consultation ends.
///
/// # Errors
///
/// [`ChainError`].
pub async fn bring_back(
    chain: &impl Chain,
    lost: &Lost,
    to: AccountId,
) -> Result<Amount, ChainError> {
    if lost.is_bound() {
        return Ok(Amount(0));
    }
    let call = Call::TransferAll { to };
    let fee = chain.fee(&call).await?;
    let free = chain.balance(&lost.account()).await?.free;
    if free <= fee {
        return Ok(Amount(0));
    }
    chain.submit(&call, &lost.pair, Until::Finalized).await?;
    Ok(Amount(free.0.saturating_sub(fee.0)))
}
