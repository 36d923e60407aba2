// SPDX-License-Identifier: Apache-2.0
//! What the patient decides beside the answers: fee, deadline, question, who pays.

use super::Offer;
use crate::{
    address::AccountId,
    amount::{Amount, UNIT},
    chain::{Block, Chain, ChainError, Parameters},
    vault::{Wallet, WalletError},
};
use cso_clinical::protocol::ProfileNotServed;
use cso_fhe::Profile;
use cso_primitives::bounds::MAX_QUESTION_BYTES;
use std::fmt;

/// Blocks to the deadline if none is given: an hour of 3-second blocks.
const DEADLINE_BLOCKS: u32 = 1200;
/// Set aside for the deposit: it depends on the envelope's length, and its price isn't told by the
/// metadata. The network takes 0.9 CSO.
const DEPOSIT_ALLOWANCE: u128 = UNIT * 5 / 4;
/// Set aside for the fees of request, acceptance and erasure.
const FEE_ALLOWANCE: u128 = UNIT / 4;
/// Set aside for the fee of the transfer that fills the consultation's account, and for what keeps
/// the paying account alive.
const TRANSFER_ALLOWANCE: u128 = UNIT / 50;

/// Who asks and pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payer {
    /// A new account, made for the consultation and filled by this one.
    Fresh(String),
    /// This account itself, which links its consultations to each other.
    Existing(String),
}

/// What the patient decided.
#[derive(Clone, PartialEq, Eq)]
pub struct Terms {
    /// What the expert gets.
    pub fee: Amount,
    /// Blocks until the fee returns.
    pub deadline_blocks: u32,
    /// The question, in words; may be empty.
    pub question: String,
    /// Where the record goes.
    pub endpoint: String,
    /// How it's encrypted.
    pub profile: Profile,
    /// Who asks.
    pub payer: Payer,
}

/// The question is not shown.
impl fmt::Debug for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terms")
            .field("fee", &self.fee)
            .field("payer", &self.payer)
            .finish_non_exhaustive()
    }
}

/// Why terms can't be met.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TermsError {
    /// The fee is below the price.
    #[error("the expert's price is {price} CSO, and the fee {fee} CSO is less")]
    FeeBelowPrice {
        /// What was to be paid.
        fee: Amount,
        /// What must be paid.
        price: Amount,
    },
    /// The deadline isn't one that the network takes.
    #[error("a deadline of {blocks} blocks is not within this network's {least} to {most} blocks")]
    Deadline {
        /// What was given.
        blocks: u32,
        /// Fewest.
        least: u32,
        /// Most.
        most: u32,
    },
    /// No envelope holds the question.
    #[error(
        "the question has {found} bytes, at most {MAX_QUESTION_BYTES} are allowed; shorten it"
    )]
    Question {
        /// Its length.
        found: usize,
    },
    /// The payer can't pay.
    #[error("the balance of {name} is {free} CSO, and {needed} CSO are needed (fee {fee}, deposit and transaction fees up to {costs}); send some to {account}")]
    Funds {
        /// The paying account's name.
        name: String,
        /// Its address.
        account: AccountId,
        /// What it has.
        free: Amount,
        /// What it takes.
        needed: Amount,
        /// The fee in it.
        fee: Amount,
        /// The rest of it.
        costs: Amount,
    },
    /// The expert's node would decline a record in this profile.
    #[error(transparent)]
    Profile(#[from] ProfileNotServed),
    /// The wallet has no such account.
    #[error(transparent)]
    Wallet(#[from] WalletError),
    /// The chain.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

impl Payer {
    /// The paying account's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Fresh(name) | Self::Existing(name) => name,
        }
    }

    /// The most that is on hold as deposit. It comes back when the consultation is erased.
    pub fn most_deposit(&self) -> Amount {
        Amount(DEPOSIT_ALLOWANCE)
    }

    /// The most that transactions take.
    pub fn most_transaction_fees(&self) -> Amount {
        let transfer = match self {
            Self::Fresh(_) => TRANSFER_ALLOWANCE,
            Self::Existing(_) => 0,
        };
        Amount(FEE_ALLOWANCE + transfer)
    }

    /// What the paying account must have: the fee, and the most of deposit and transactions.
    pub fn needed(&self, fee: Amount) -> Amount {
        let others = self.most_deposit().0 + self.most_transaction_fees().0;
        Amount(fee.0.saturating_add(others))
    }
}

impl Terms {
    /// Refuses terms that this offer, this network or this payer can't meet: all that is known
    /// before anything is made.
    ///
    /// # Errors
    ///
    /// [`TermsError`].
    pub async fn check(
        &self,
        offer: &Offer,
        wallet: &Wallet,
        chain: &impl Chain,
    ) -> Result<(), TermsError> {
        offer.description.require_profile(self.profile)?;
        Self::fee(Some(self.fee), offer)?;
        Self::deadline(Some(self.deadline_blocks), &chain.parameters().await?)?;
        Self::check_question(&self.question)?;
        Self::check_funds(&self.payer, self.fee, wallet, chain).await
    }

    /// The fee: what is given, or the expert's price.
    ///
    /// # Errors
    ///
    /// [`TermsError::FeeBelowPrice`].
    pub fn fee(given: Option<Amount>, offer: &Offer) -> Result<Amount, TermsError> {
        let price = offer.expert.price();
        match given {
            Some(fee) if fee < price => Err(TermsError::FeeBelowPrice { fee, price }),
            Some(fee) => Ok(fee),
            None => Ok(price),
        }
    }

    /// Blocks to the deadline: what is given, or an hour's.
    ///
    /// # Errors
    ///
    /// [`TermsError::Deadline`].
    pub fn deadline(given: Option<u32>, parameters: &Parameters) -> Result<u32, TermsError> {
        let bound = |blocks: Block| u32::try_from(blocks).unwrap_or(u32::MAX);
        let (least, most) = (bound(parameters.min_term), bound(parameters.max_term));
        match given {
            Some(blocks) if blocks < least || blocks > most => {
                Err(TermsError::Deadline { blocks, least, most })
            }
            Some(blocks) => Ok(blocks),
            None => Ok(DEADLINE_BLOCKS.clamp(least, most)),
        }
    }

    /// Refuses a question that no envelope holds.
    ///
    /// # Errors
    ///
    /// [`TermsError::Question`].
    pub fn check_question(question: &str) -> Result<(), TermsError> {
        match question.len() {
            found if found > MAX_QUESTION_BYTES => Err(TermsError::Question { found }),
            _ => Ok(()),
        }
    }

    /// Refuses if the payer can't pay.
    ///
    /// # Errors
    ///
    /// [`TermsError::Funds`], [`TermsError::Wallet`] if the wallet has no such account.
    pub async fn check_funds(
        payer: &Payer,
        fee: Amount,
        wallet: &Wallet,
        chain: &impl Chain,
    ) -> Result<(), TermsError> {
        let account = wallet.account(payer.name())?.address;
        let free = chain.balance(&account).await?.free;
        let needed = payer.needed(fee);
        if free >= needed {
            return Ok(());
        }
        Err(TermsError::Funds {
            name: payer.name().to_owned(),
            account,
            free,
            needed,
            fee,
            costs: Amount(needed.0.saturating_sub(fee.0)),
        })
    }
}

/// What the asking account must have, free, before the request.
pub(super) fn needed(fee: Amount) -> Amount {
    Amount(fee.0.saturating_add(DEPOSIT_ALLOWANCE + FEE_ALLOWANCE))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARAMETERS: Parameters =
        Parameters { min_term: 5, max_term: 1000, bond: Amount(0), block_ms: 3000 };

    #[test]
    fn a_full_account_can_hand_off_and_pay() {
        // The pool serves accounts with at least 1 CSO, whatever the fee.
        assert!(needed(Amount(0)).0 >= UNIT);
        assert_eq!(needed(Amount(5 * UNIT)).to_string(), "6.5");
        let fresh = Payer::Fresh("anna".into()).needed(Amount(5 * UNIT));
        assert_eq!(fresh.to_string(), "6.52");
    }

    #[test]
    fn deadlines_are_kept_within_what_the_network_takes() {
        assert_eq!(Terms::deadline(Some(5), &PARAMETERS).ok(), Some(5));
        assert_eq!(Terms::deadline(None, &PARAMETERS).ok(), Some(1000));
        for blocks in [4, 1001] {
            assert!(matches!(
                Terms::deadline(Some(blocks), &PARAMETERS),
                Err(TermsError::Deadline { least: 5, most: 1000, .. })
            ));
        }
    }

    #[test]
    fn questions_that_no_envelope_holds_are_refused() {
        assert!(Terms::check_question(&"?".repeat(MAX_QUESTION_BYTES)).is_ok());
        assert!(matches!(
            Terms::check_question(&"?".repeat(MAX_QUESTION_BYTES + 1)),
            Err(TermsError::Question { found }) if found == MAX_QUESTION_BYTES + 1
        ));
    }
}
