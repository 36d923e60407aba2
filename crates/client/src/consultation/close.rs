// SPDX-License-Identifier: Apache-2.0
//! The end of a consultation: accepting, erasing, forgetting. Money comes back, keys are destroyed.

use super::{
    request::{Found, LOOK, PENDING},
    state::{require_chain, require_open_id, require_own, require_reach},
    RequestError, Session, StateError,
};
use crate::{
    address::AccountId,
    amount::Amount,
    chain::{Block, Call, Chain, ChainError, ConsultationId, Fate, Status, Until},
    hand_off::{HandOff, HandOffError, RecordPool},
    keys::{KeyError, Pair},
    progress::Step,
    vault::{Asker, Dossier, Stage, Storage, StorageError, VaultError, WalletError},
};

/// The expert is paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The chain's number.
    pub id: ConsultationId,
    /// What the expert has.
    pub fee: Amount,
    /// The block it's in.
    pub block: Block,
}

/// The fee is back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expired {
    /// The chain's number.
    pub id: ConsultationId,
    /// The block it's in.
    pub block: Block,
}

/// Nothing is left on chain, the keys are destroyed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erased {
    /// The number it had.
    pub id: ConsultationId,
    /// The wallet's name for it.
    pub handle: String,
    /// The block of the erasure; `None` if the chain had erased it before.
    pub block: Option<Block>,
    /// What came back from an account made for the consultation.
    pub swept: Option<Amount>,
    /// What became of the record in the expert's pool.
    pub dropped: Dropped,
}

/// What became of a record's chunks in the expert's pool. The node drops them by itself after
/// delivery and after some hours: failing is no harm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dropped {
    /// So many were there and are gone.
    Chunks(usize),
    /// The node couldn't be asked.
    Failed {
        /// The expert's node.
        endpoint: String,
        /// Why.
        reason: String,
    },
}

/// Why a consultation can't be closed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CloseError {
    /// The dossier doesn't allow it.
    #[error(transparent)]
    State(#[from] StateError),
    /// Money is still bound.
    #[error("consultation {id} is still open ({})", status.word())]
    Open {
        /// The chain's number.
        id: ConsultationId,
        /// Where it stands.
        status: Status,
        /// The block after which the fee returns, if there is no answer.
        deadline: Block,
    },
    /// The consultation should be gone, and the finalised chain still has it.
    #[error("consultation {id} isn't gone from the finalised chain yet")]
    NotFinal {
        /// The chain's number.
        id: ConsultationId,
    },
    /// Money is on its way to its account, which would be lost with it.
    #[error("money is on its way to the account of {handle}; it can get into a block until block {last}")]
    MoneyOnItsWay {
        /// The consultation's handle.
        handle: String,
        /// The last block that can include the transfer.
        last: Block,
    },
    /// Its account should be empty, and isn't in the finalised state.
    #[error("the account {0} isn't empty in the finalised state yet")]
    MoneyLeft(AccountId),
    /// A node that is catching up doesn't know what is on chain now.
    #[error("the node at {0} is still catching up with the chain")]
    Syncing(String),
    /// What is to be forgotten is on chain.
    #[error("{handle} is on chain as consultation {id}")]
    OnChain {
        /// The wallet's name for it.
        handle: String,
        /// The chain's number.
        id: ConsultationId,
        /// Whether the wallet knew.
        known: bool,
    },
    /// The account that paid is gone, and nothing else says where the rest goes.
    #[error("the account `{0}` that paid is gone")]
    NoDestination(String),
    /// Looking for a request that was sent before.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The chain.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The wallet.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The place where the wallet lies.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The wallet's content.
    #[error(transparent)]
    Wallet(#[from] WalletError),
}

/// What can go wrong with dropping chunks.
#[derive(Debug, thiserror::Error)]
enum DropError {
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    HandOff(#[from] HandOffError),
}

impl<C: Chain, H: HandOff, S: Storage> Session<'_, C, H, S> {
    /// Accepts the opinion: the expert is paid.
    ///
    /// # Errors
    ///
    /// [`CloseError`].
    pub async fn accept(&mut self, id: &str) -> Result<Accepted, CloseError> {
        let accepted = self.try_accept(id).await;
        self.vault.let_go();
        accepted
    }

    async fn try_accept(&mut self, id: &str) -> Result<Accepted, CloseError> {
        let handle = self.hold(id).await?;
        let wallet = self.vault.wallet();
        let dossier = wallet.dossier(Some(&handle))?;
        let (id, fee) = (require_open_id(dossier)?, dossier.fee);
        let pair = wallet.asking_pair(dossier)?;
        require_chain(dossier, self.chain)?;
        if let Some(found) = self.chain.consultation(id).await?.0 {
            require_own(dossier, &pair.account(), id, &found)?;
        }
        self.progress.begin(Step::Submit);
        let receipt = self.chain.submit(&Call::Accept { id }, &pair, Until::Finalized).await?;
        Ok(Accepted { id, fee, block: receipt.block })
    }

    /// Returns a fee that is due. Anyone may.
    ///
    /// # Errors
    ///
    /// [`CloseError`].
    pub async fn expire(&mut self, id: ConsultationId, by: &Pair) -> Result<Expired, CloseError> {
        self.progress.begin(Step::Submit);
        let receipt = self.chain.submit(&Call::Expire { id }, by, Until::Finalized).await?;
        Ok(Expired { id, block: receipt.block })
    }

    /// Removes a closed consultation from the chain, brings the rest of the money back, and
    /// destroys the keys. `to` is where the rest goes, if not to the account that paid.
    ///
    /// # Errors
    ///
    /// [`CloseError`]; the keys are there then.
    pub async fn erase(&mut self, id: &str, to: Option<AccountId>) -> Result<Erased, CloseError> {
        let erased = self.try_erase(id, to).await;
        self.vault.let_go();
        erased
    }

    async fn try_erase(&mut self, id: &str, to: Option<AccountId>) -> Result<Erased, CloseError> {
        let handle = self.hold(id).await?;
        let dossier = self.vault.wallet().dossier(Some(&handle))?;
        let id = require_open_id(dossier)?;
        let leftovers = self.leftovers(dossier, to)?;
        let pair = self.vault.wallet().asking_pair(dossier)?;
        require_chain(dossier, self.chain)?;
        self.progress.begin(Step::Look);
        require_reach(dossier.anchor.as_ref(), dossier.requested_in, self.chain).await?;

        let found = self.chain.consultation(id).await?.0;
        if let Some(found) = &found {
            require_own(dossier, &pair.account(), id, found)?;
        }
        let block = match found {
            None => None,
            Some(found) if !found.status.is_closed() => {
                let (status, deadline) = (found.status, found.deadline);
                return Err(CloseError::Open { id, status, deadline });
            }
            Some(_) => {
                // What follows from the same account is final only if this is.
                let until = match leftovers {
                    Some(_) => Until::Included,
                    None => Until::Finalized,
                };
                self.progress.begin(Step::Erase);
                Some(self.chain.submit(&Call::Erase { id }, &pair, until).await?.block)
            }
        };
        let swept = self.sweep(leftovers.as_ref()).await?;
        // Keys are destroyed once it's final that nothing on chain needs them. What another command
        // has swept may come back with a fork, so the account is looked at again then.
        self.wait_until_gone(id).await?;
        let more = self.empty(leftovers.as_ref()).await?;
        let swept = swept.map(|swept| Amount(swept.0.saturating_add(more.0)));
        let dropped = self.drop_chunks(self.vault.wallet().dossier(Some(&handle))?).await;
        self.progress.begin(Step::Save);
        self.vault
            .change(|wallet| -> Result<(), VaultError> {
                let dossier = wallet.dossier_mut(Some(&handle))?;
                dossier.destroy_keys();
                dossier.stage = Stage::Erased { id };
                Ok(())
            })
            .await?;
        self.vault.storage().remove_record(&handle).await?;
        Ok(Erased { id, handle, block, swept, dropped })
    }

    /// Takes a consultation for this program alone. Gives its handle.
    async fn hold(&mut self, id: &str) -> Result<String, CloseError> {
        let handle = self.vault.wallet().dossier(Some(id))?.handle.clone();
        self.vault.hold(&handle).await?;
        Ok(handle)
    }

    /// Waits until the finalised chain has no such consultation.
    async fn wait_until_gone(&self, id: ConsultationId) -> Result<(), CloseError> {
        let end = self.clock.elapsed() + PENDING;
        while self.chain.finalized_consultation(id).await?.is_some() {
            if self.clock.elapsed() > end {
                return Err(CloseError::NotFinal { id });
            }
            self.clock.pause(LOOK).await;
        }
        Ok(())
    }

    /// Forgets a consultation that isn't on chain: brings back what its account holds, drops its
    /// chunks, and removes it from the wallet with its keys.
    ///
    /// # Errors
    ///
    /// [`CloseError::OnChain`] for those that are on chain: their money is still bound.
    /// [`RequestError::OnItsWay`] for those whose request may still get there.
    pub async fn forget(&mut self, handle: &str) -> Result<Dropped, CloseError> {
        let dropped = self.try_forget(handle).await;
        self.vault.let_go();
        dropped
    }

    async fn try_forget(&mut self, handle: &str) -> Result<Dropped, CloseError> {
        let handle = self.hold(handle).await?;
        let wallet = self.vault.wallet();
        let dossier = wallet.dossier(Some(&handle))?;
        let stage = dossier.stage;
        let sent = (dossier.funding.clone(), dossier.request.clone());
        let dropped = match stage {
            Stage::Erased { .. } => Dropped::Chunks(0),
            _ => {
                require_chain(dossier, self.chain)?;
                self.progress.begin(Step::Look);
                self.require_absent(dossier).await?;
                let leftovers = self.leftovers(dossier, None)?;
                self.empty(leftovers.as_ref()).await?;
                self.drop_chunks(dossier).await
            }
        };
        self.vault
            .change(|wallet| -> Result<(), CloseError> {
                // What was looked at is what is forgotten.
                let now = wallet.dossier(Some(&handle))?;
                let same = (&now.funding, &now.request) == (&sent.0, &sent.1);
                if now.stage != stage || !same {
                    return Err(StateError::Moved { handle: handle.clone() }.into());
                }
                Ok(wallet.forget(&handle)?)
            })
            .await?;
        self.vault.storage().remove_record(&handle).await?;
        Ok(dropped)
    }

    /// Refuses unless it's final that the chain neither has the consultation nor can get it.
    async fn require_absent(&self, dossier: &Dossier) -> Result<(), CloseError> {
        require_reach(dossier.anchor.as_ref(), dossier.requested_in, self.chain).await?;
        if self.chain.health().await?.is_syncing {
            return Err(CloseError::Syncing(self.chain.url().to_owned()));
        }
        if let (Some(funding), Asker::Fresh { funded_by, .. }) =
            (&dossier.funding, &dossier.account)
        {
            let payer = self.vault.wallet().account(funded_by)?.address;
            if self.chain.fate(funding, &payer).await? == Fate::Open {
                let handle = dossier.handle.clone();
                return Err(CloseError::MoneyOnItsWay { handle, last: funding.last });
            }
        }
        if let Some(request) = &dossier.request {
            let account = self.vault.wallet().asking_pair(dossier)?.account();
            if self.chain.fate(request, &account).await? == Fate::Open {
                let open = RequestError::OnItsWay { last: request.last, reason: None };
                return Err(open.into());
            }
        }
        let found = match dossier.stage {
            Stage::Requested { id } => self.chain.finalized_consultation(id).await?.map(|_| id),
            _ => match self.find(dossier).await? {
                Found::There(id) => Some(id),
                Found::Absent { .. } => None,
            },
        };
        match found {
            None => Ok(()),
            Some(id) => {
                let handle = dossier.handle.clone();
                Err(CloseError::OnChain { handle, id, known: dossier.id().is_some() })
            }
        }
    }

    /// What an account made for one consultation still holds: who signs, and where it goes. Found
    /// before anything is done, so that a missing account stops nothing halfway.
    fn leftovers(
        &self,
        dossier: &Dossier,
        to: Option<AccountId>,
    ) -> Result<Option<(Pair, AccountId)>, CloseError> {
        let Asker::Fresh { funded_by, .. } = &dossier.account else {
            return Ok(None);
        };
        let wallet = self.vault.wallet();
        let to = match to {
            Some(to) => to,
            None => {
                wallet
                    .account(funded_by)
                    .map_err(|_| CloseError::NoDestination(funded_by.clone()))?
                    .address
            }
        };
        Ok(Some((wallet.asking_pair(dossier)?, to)))
    }

    async fn sweep(
        &self,
        leftovers: Option<&(Pair, AccountId)>,
    ) -> Result<Option<Amount>, ChainError> {
        let Some((pair, to)) = leftovers else {
            return Ok(None);
        };
        let free = self.chain.balance(&pair.account()).await?.free;
        let call = Call::TransferAll { to: *to };
        let fee = self.chain.fee(&call).await?;
        if free <= fee {
            return Ok(Some(Amount(0)));
        }
        self.progress.begin(Step::Sweep);
        self.chain.submit(&call, pair, Until::Finalized).await?;
        Ok(Some(Amount(free.0 - fee.0)))
    }

    /// Sweeps until it's final that nothing is left that a transaction could bring back. Gives what
    /// came back.
    async fn empty(&self, leftovers: Option<&(Pair, AccountId)>) -> Result<Amount, CloseError> {
        let mut swept = Amount(0);
        let Some((pair, to)) = leftovers else {
            return Ok(swept);
        };
        let account = pair.account();
        let end = self.clock.elapsed() + PENDING;
        loop {
            let fee = self.chain.fee(&Call::TransferAll { to: *to }).await?;
            if self.chain.finalized_balance(&account).await?.free <= fee
                && self.chain.balance(&account).await?.free <= fee
            {
                return Ok(swept);
            }
            let more = self.sweep(leftovers).await?.unwrap_or(Amount(0));
            swept = Amount(swept.0.saturating_add(more.0));
            if self.clock.elapsed() > end {
                return Err(CloseError::MoneyLeft(account));
            }
            self.clock.pause(LOOK).await;
        }
    }

    async fn drop_chunks(&self, dossier: &Dossier) -> Dropped {
        self.progress.begin(Step::DropChunks);
        match self.try_drop_chunks(dossier).await {
            Ok(count) => Dropped::Chunks(count),
            Err(error) => {
                Dropped::Failed { endpoint: dossier.endpoint.clone(), reason: error.to_string() }
            }
        }
    }

    async fn try_drop_chunks(&self, dossier: &Dossier) -> Result<usize, DropError> {
        let Some(keys) = &dossier.keys else {
            return Ok(0);
        };
        let claim = Pair::from_seed(keys.claim.expose())?;
        let pool = self.hand_off.connect(&dossier.endpoint).await?;
        let mut dropped = 0;
        for chunk in &dossier.chunks {
            dropped += usize::from(pool.remove(chunk, &claim).await?);
        }
        Ok(dropped)
    }
}

impl Dropped {
    /// How many chunks were there and are gone.
    pub fn count(&self) -> usize {
        match self {
            Self::Chunks(count) => *count,
            Self::Failed { .. } => 0,
        }
    }
}
