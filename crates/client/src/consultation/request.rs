// SPDX-License-Identifier: Apache-2.0
//! From a prepared consultation to a request on chain: money, hand-off, envelope, transaction.
//!
//! Each step can be interrupted and taken up again: the record lies in storage, the secrets in the
//! wallet, and the nonce of the request is saved before it's sent, so that it can't be sent twice.

use super::{
    state::{require_chain, require_keys, sealing_context},
    terms::needed,
    Prepared, Session, StateError,
};
use crate::{
    address::AccountId,
    amount::Amount,
    chain::{Block, Call, Chain, ChainError, ConsultationId, Event, Until},
    hand_off::{HandOff, HandOffError, RecordPool},
    keys::{KeyError, Pair},
    progress::Step,
    vault::{Asker, Dossier, Stage, Storage, StorageError, VaultError, WalletError},
};
use cso_primitives::bounds::MAX_CHUNK_BYTES;
use cso_sealing::{chunk_hash, Envelope, PublicKey, SealError, SealingKey};
use std::time::Duration;

/// How long to wait for a request that was sent before.
const PENDING: Duration = Duration::from_secs(90);
/// Between two looks for it.
const LOOK: Duration = Duration::from_secs(1);
/// Blocks that a request takes to get in: its deadline is that much later than asked for.
const TO_GET_IN: Block = 2;

/// The asking account can pay.
#[derive(Debug)]
pub struct Funded {
    handle: String,
    pair: Pair,
}

/// The encrypted record lies in the expert's pool.
#[derive(Debug)]
pub struct HandedOff {
    handle: String,
    pair: Pair,
}

/// The request is on chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requested {
    /// The wallet's name for it.
    pub handle: String,
    /// The chain's number.
    pub id: ConsultationId,
    /// The block it's in, if that is known.
    pub block: Option<Block>,
}

/// Where a consultation goes on.
#[derive(Debug)]
pub enum TakenUp {
    /// The request hasn't got through.
    Prepared(Prepared),
    /// The request had got through before.
    Requested(Requested),
}

/// Why a request doesn't get through. What was prepared is kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The dossier doesn't allow it.
    #[error(transparent)]
    State(#[from] StateError),
    /// The record isn't in storage any more.
    #[error(
        "the encrypted record is gone from the wallet's outbox; forget this one and ask again"
    )]
    RecordGone,
    /// The record isn't the one that was committed to.
    #[error(
        "the encrypted record in the wallet's outbox is damaged; forget this one and ask again"
    )]
    RecordDamaged,
    /// The expert has left.
    #[error("{0} is no expert any more")]
    NoExpert(AccountId),
    /// The expert's key can't be sealed to.
    #[error("the expert's sealing key on chain is unusable: {0}")]
    SealingKey(#[from] cso_sealing::KeyError),
    /// The envelope can't be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The chain doesn't tell the number.
    #[error("the chain doesn't say what number the consultation got")]
    NoNumber,
    /// A request that was sent before is neither in nor out.
    #[error("the request that was sent before is still on its way; try again in a minute")]
    OnItsWay,
    /// The chain.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The expert's node.
    #[error(transparent)]
    HandOff(#[from] HandOffError),
    /// The wallet.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The place where the wallet lies.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The wallet's content.
    #[error(transparent)]
    Wallet(#[from] WalletError),
    /// A key in the wallet is damaged.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl<C: Chain, H: HandOff, S: Storage> Session<'_, C, H, S> {
    /// Takes a consultation to its request, from wherever it stopped before.
    ///
    /// # Errors
    ///
    /// [`RequestError`].
    pub async fn send(&mut self, handle: &str) -> Result<Requested, RequestError> {
        let prepared = match self.take_up(handle).await? {
            TakenUp::Requested(requested) => return Ok(requested),
            TakenUp::Prepared(prepared) => prepared,
        };
        let funded = self.fund(prepared).await?;
        let handed_off = self.hand_off(funded).await?;
        self.request(handed_off).await
    }

    /// Finds out where a consultation goes on. A request that was sent before is looked for.
    ///
    /// # Errors
    ///
    /// [`RequestError`].
    pub async fn take_up(&mut self, handle: &str) -> Result<TakenUp, RequestError> {
        let dossier = self.vault.wallet().dossier(Some(handle))?;
        require_chain(dossier, self.chain)?;
        let handle = dossier.handle.clone();
        match dossier.stage {
            Stage::Prepared => Ok(TakenUp::Prepared(Prepared { handle })),
            Stage::Requested { id } | Stage::Erased { id } => {
                Err(StateError::AlreadyRequested { handle, id }.into())
            }
            Stage::Submitting { nonce } => {
                self.progress.begin(Step::Look);
                let account = self.vault.wallet().asking_pair(dossier)?.account();
                match self.find_sent(dossier, &account, nonce).await? {
                    None => Ok(TakenUp::Prepared(Prepared { handle })),
                    Some(id) => {
                        let requested = Requested { handle, id, block: None };
                        self.note_request(&requested).await?;
                        Ok(TakenUp::Requested(requested))
                    }
                }
            }
        }
    }

    /// Fills the consultation's own account, if it has one.
    ///
    /// # Errors
    ///
    /// [`RequestError`].
    pub async fn fund(&mut self, prepared: Prepared) -> Result<Funded, RequestError> {
        let Prepared { handle } = prepared;
        let dossier = self.dossier(&handle)?;
        // Money moves only for a record that is there and whole.
        self.record(dossier).await?;
        let pair = self.vault.wallet().asking_pair(dossier)?;
        if let Asker::Fresh { funded_by, .. } = &dossier.account {
            let account = pair.account();
            let free = self.chain.balance(&account).await?.free;
            let lacking = Amount(needed(dossier.fee).0.saturating_sub(free.0));
            if lacking.0 > 0 {
                self.progress.begin(Step::Fund);
                let payer = self.vault.wallet().account(funded_by)?.pair()?;
                let call = Call::Transfer { to: account, amount: lacking };
                self.chain.submit(&call, &payer, Until::Included).await?;
            }
        }
        Ok(Funded { handle, pair })
    }

    /// Hands the encrypted record to the expert's node.
    ///
    /// # Errors
    ///
    /// [`RequestError`].
    pub async fn hand_off(&mut self, funded: Funded) -> Result<HandedOff, RequestError> {
        let Funded { handle, pair } = funded;
        let dossier = self.dossier(&handle)?;
        let record = self.record(dossier).await?;
        let claim = Pair::from_seed(require_keys(dossier)?.claim.expose())?;
        let count = dossier.chunks.len();
        self.progress.begin(Step::HandOff);
        let pool = self.hand_off.connect(&dossier.endpoint).await?;
        for (number, chunk) in record.chunks(MAX_CHUNK_BYTES).enumerate() {
            self.progress.part(number + 1, count);
            pool.submit(chunk, &claim, &pair).await?;
        }
        Ok(HandedOff { handle, pair })
    }

    /// Seals the envelope and submits the request.
    ///
    /// # Errors
    ///
    /// [`RequestError`].
    pub async fn request(&mut self, handed_off: HandedOff) -> Result<Requested, RequestError> {
        let HandedOff { handle, pair } = handed_off;
        self.progress.begin(Step::Seal);
        let dossier = self.dossier(&handle)?;
        let envelope = self.seal(dossier, &pair.account()).await?;
        let best = self.chain.best_block().await?;
        let longest = self.chain.parameters().await?.max_term;
        let term = Block::from(dossier.deadline_blocks).saturating_add(TO_GET_IN).min(longest);
        let call = Call::Request {
            expert: dossier.expert,
            record: dossier.record,
            envelope,
            fee: dossier.fee,
            deadline: best.saturating_add(term),
        };

        let nonce = self.chain.nonce(&pair.account()).await?;
        self.progress.begin(Step::Save);
        self.set_stage(&handle, Stage::Submitting { nonce }).await?;
        self.progress.begin(Step::Request);
        let sent = self.chain.submit_with_nonce(&call, &pair, nonce, Until::Finalized).await;
        let receipt = match sent {
            Ok(receipt) => receipt,
            Err(error) => {
                if let ChainError::Refused(_) = error {
                    self.set_stage(&handle, Stage::Prepared).await?;
                }
                return Err(error.into());
            }
        };
        let id = receipt.events.iter().find_map(|event| match event {
            Event::Requested { id } => Some(*id),
            _ => None,
        });
        let id = id.ok_or(RequestError::NoNumber)?;
        let requested = Requested { handle, id, block: Some(receipt.block) };
        self.note_request(&requested).await?;
        Ok(requested)
    }

    async fn seal(&self, dossier: &Dossier, patient: &AccountId) -> Result<Vec<u8>, RequestError> {
        let keys = require_keys(dossier)?;
        let (expert, _) = self.chain.expert(&dossier.expert).await?;
        let expert = expert.ok_or(RequestError::NoExpert(dossier.expert))?;
        let to = PublicKey::from_bytes(expert.sealing_key.as_ref())?;
        let envelope = Envelope {
            protocol: dossier.protocol,
            chunks: dossier.chunks.clone(),
            claim_seed: *keys.claim.expose(),
            salt: *keys.salt.expose(),
            note_key: SealingKey::from_seed(*keys.note.expose()).public(),
            question: dossier.question.clone(),
        };
        Ok(envelope.seal(&to, &sealing_context(dossier, patient))?)
    }

    /// Notes the number, and clears the record out of storage.
    async fn note_request(&mut self, requested: &Requested) -> Result<(), RequestError> {
        let Requested { handle, id, block } = requested;
        self.progress.begin(Step::Save);
        self.vault
            .change(|wallet| -> Result<(), VaultError> {
                let dossier = wallet.dossier_mut(Some(handle))?;
                dossier.stage = Stage::Requested { id: *id };
                dossier.requested_in = *block;
                Ok(())
            })
            .await?;
        self.vault.storage().remove_record(handle).await?;
        Ok(())
    }
}

impl<C: Chain, H, S: Storage> Session<'_, C, H, S> {
    fn dossier(&self, handle: &str) -> Result<&Dossier, WalletError> {
        self.vault.wallet().dossier(Some(handle))
    }

    /// The record from storage, checked against what was committed to.
    async fn record(&self, dossier: &Dossier) -> Result<Vec<u8>, RequestError> {
        let record = self.vault.storage().record(&dossier.handle).await?;
        let record = record.ok_or(RequestError::RecordGone)?;
        let chunks = record.chunks(MAX_CHUNK_BYTES).map(chunk_hash);
        match chunks.eq(dossier.chunks.iter().copied()) {
            true => Ok(record),
            false => Err(RequestError::RecordDamaged),
        }
    }

    async fn set_stage(&mut self, handle: &str, stage: Stage) -> Result<(), VaultError> {
        self.vault
            .change(|wallet| {
                wallet.dossier_mut(Some(handle))?.stage = stage;
                Ok(())
            })
            .await
    }

    /// Whether the request that was sent with this nonce has arrived; waits while that's open.
    pub(super) async fn find_sent(
        &self,
        dossier: &Dossier,
        account: &AccountId,
        nonce: u64,
    ) -> Result<Option<ConsultationId>, RequestError> {
        let end = self.clock.elapsed() + PENDING;
        loop {
            let settled = self.chain.finalized_nonce(account).await?;
            if let Some(id) = self.chain.consultation_of_record(&dossier.record).await? {
                return Ok(Some(id));
            }
            // Settled: it was included and failed. Not even in the pool: it never arrived, or was
            // dropped.
            if settled > nonce || self.chain.nonce(account).await? <= nonce {
                return Ok(None);
            }
            if self.clock.elapsed() > end {
                return Err(RequestError::OnItsWay);
            }
            self.clock.pause(LOOK).await;
        }
    }
}
