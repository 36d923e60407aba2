// SPDX-License-Identifier: Apache-2.0
//! The end of a consultation: accepting, erasing, forgetting. Money comes back, keys are destroyed.

use super::{
    state::{require_chain, require_open_id},
    RequestError, Session, StateError,
};
use crate::{
    address::AccountId,
    amount::Amount,
    chain::{Block, Call, Chain, ChainError, ConsultationId, Status, Until},
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
        let wallet = self.vault.wallet();
        let dossier = wallet.dossier(Some(id))?;
        let (id, fee) = (require_open_id(dossier)?, dossier.fee);
        let pair = wallet.asking_pair(dossier)?;
        require_chain(dossier, self.chain)?;
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
        let dossier = self.vault.wallet().dossier(Some(id))?;
        let handle = dossier.handle.clone();
        let id = require_open_id(dossier)?;
        let leftovers = self.leftovers(dossier, to)?;
        let pair = self.vault.wallet().asking_pair(dossier)?;
        require_chain(dossier, self.chain)?;

        let block = match self.chain.consultation(id).await?.0 {
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
        let dropped = self.drop_chunks(dossier).await;
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

    /// Brings back what a consultation that isn't on chain still holds, and drops its chunks: what
    /// comes before forgetting it.
    ///
    /// # Errors
    ///
    /// [`CloseError::OnChain`] for those that are on chain: their money is still bound.
    pub async fn recover(&mut self, handle: &str) -> Result<Dropped, CloseError> {
        let wallet = self.vault.wallet();
        let dossier = wallet.dossier(Some(handle))?;
        require_chain(dossier, self.chain)?;
        self.progress.begin(Step::Look);
        let on_chain = match dossier.stage {
            Stage::Prepared => None,
            Stage::Submitting { nonce } => {
                let account = wallet.asking_pair(dossier)?.account();
                self.find_sent(dossier, &account, nonce).await?
            }
            Stage::Requested { id } | Stage::Erased { id } => {
                self.chain.consultation(id).await?.0.map(|_| id)
            }
        };
        if let Some(id) = on_chain {
            let handle = dossier.handle.clone();
            return Err(CloseError::OnChain { handle, id, known: dossier.id().is_some() });
        }
        let leftovers = self.leftovers(dossier, None)?;
        self.sweep(leftovers.as_ref()).await?;
        Ok(self.drop_chunks(dossier).await)
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
        let fee = self.chain.fee(&call, pair).await?;
        if free <= fee {
            return Ok(Some(Amount(0)));
        }
        self.progress.begin(Step::Sweep);
        self.chain.submit(&call, pair, Until::Finalized).await?;
        Ok(Some(Amount(free.0 - fee.0)))
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
