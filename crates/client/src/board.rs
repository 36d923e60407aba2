// SPDX-License-Identifier: Apache-2.0
//! What members of the medical board decide.

use crate::{
    address::AccountId,
    amount::Amount,
    chain::{Block, Call, Chain, ChainError, Event, ExpertStatus, Until},
    keys::Pair,
    progress::{Progress, Step},
};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// A decision on an expert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// May be asked until this block.
    Accredit(Block),
    /// Can neither be asked nor answer.
    Suspend,
    /// The suspension ends.
    Reinstate,
    /// The accreditation ends.
    Revoke,
    /// This much is taken from the bond, if it's there.
    Slash(Amount),
}

/// A decision is on chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The expert's status afterwards.
    pub status: ExpertStatus,
    /// The block that was read at.
    pub now: Block,
    /// The block of the decision.
    pub block: Block,
    /// What was taken from the bond.
    pub slashed: Option<Amount>,
}

/// Why a decision doesn't get through.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BoardError {
    /// The end is beyond the chain's last block.
    #[error("{0} days from now is beyond the chain's last block; give fewer")]
    TooManyDays(u32),
    /// The expert has left.
    #[error("the expert {0} has left meanwhile")]
    Left(AccountId),
    /// The chain.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

impl Decision {
    fn call(self, expert: AccountId) -> Call {
        match self {
            Self::Accredit(until) => Call::Accredit { expert, until },
            Self::Suspend => Call::Suspend { expert },
            Self::Reinstate => Call::Reinstate { expert },
            Self::Revoke => Call::Revoke { expert },
            Self::Slash(amount) => Call::Slash { expert, amount },
        }
    }
}

/// The block that many days from now.
///
/// # Errors
///
/// [`BoardError::TooManyDays`].
pub async fn block_after_days(chain: &impl Chain, days: u32) -> Result<Block, BoardError> {
    let blocks = u64::from(days) * DAY_MS / chain.parameters().await?.block_ms.max(1);
    let until = chain.best_block().await?.saturating_add(blocks);
    // The runtime counts blocks in 32 bits.
    match u32::try_from(until) {
        Ok(_) => Ok(until),
        Err(_) => Err(BoardError::TooManyDays(days)),
    }
}

/// Submits a decision, and reads what it made of the expert.
///
/// # Errors
///
/// [`BoardError`].
pub async fn decide(
    chain: &impl Chain,
    progress: &dyn Progress,
    member: &Pair,
    expert: AccountId,
    decision: Decision,
) -> Result<Decided, BoardError> {
    progress.begin(Step::Submit);
    let receipt = chain.submit(&decision.call(expert), member, Until::Finalized).await?;
    let slashed = receipt.events.iter().find_map(|event| match event {
        Event::Slashed { amount } => Some(*amount),
        _ => None,
    });
    let (found, now) = chain.expert(&expert).await?;
    let status = found.ok_or(BoardError::Left(expert))?.status;
    Ok(Decided { status, now, block: receipt.block, slashed })
}
