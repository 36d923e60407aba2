// SPDX-License-Identifier: Apache-2.0
//! From a prepared consultation to a request on chain: hand-off, envelope, transaction.
//!
//! Each step can be interrupted and taken up again: the record lies in storage, the secrets in the
//! wallet. A request happens once: its signed transaction is saved before it's sent, and sent again
//! as it is until finalised blocks show what became of it. What an error of sending says doesn't
//! count, as the node may have taken the transaction nevertheless.

use super::{
    state::{require_chain, require_keys, require_reach, sealing_context},
    terms::needed,
    Funded, Prepared, Session, StateError,
};
use crate::{
    address::AccountId,
    chain::{
        Anchor, Block, Call, Chain, ChainError, ConsultationId, Event, Fate, PoolRefusal, Receipt,
        Refusal, Signed, Until,
    },
    hand_off::{HandOff, HandOffError, RecordPool},
    keys::{KeyError, Pair},
    progress::Step,
    vault::{Asker, Dossier, Stage, Storage, StorageError, VaultError, WalletError},
};
use cso_primitives::bounds::MAX_CHUNK_BYTES;
use cso_sealing::{Envelope, PublicKey, SealError, SealingKey};
use std::time::Duration;

/// How long to wait for what was sent before to be settled.
pub(super) const PENDING: Duration = Duration::from_secs(90);
/// Between two looks at it.
pub(super) const LOOK: Duration = Duration::from_secs(1);
/// Blocks that a request takes to get in: its deadline is that much later than asked for.
const TO_GET_IN: Block = 2;

/// The encrypted record lies in the expert's pool.
#[derive(Debug)]
pub struct HandedOff {
    handle: String,
    pair: Pair,
    nonce: Option<u64>,
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
    /// The record isn't in storage any more, and nothing to make it again of: wallets of version 1
    /// kept nothing.
    #[error(
        "the encrypted record is gone from the wallet's outbox; forget this one and ask again"
    )]
    RecordGone,
    /// The record isn't the one that was committed to.
    #[error(
        "the encrypted record in the wallet's outbox is damaged; forget this one and ask again"
    )]
    RecordDamaged,
    /// What was kept to make the record again makes another one.
    #[error(
        "what the wallet keeps of the record doesn't make the one that was committed to; forget this one and ask again"
    )]
    EvidenceDamaged,
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
    /// The request was signed, and may still get in.
    #[error("the request isn't in a final block yet{}; it can get into one until block {last}", because(.reason))]
    OnItsWay {
        /// The last block that can include it.
        last: Block,
        /// Why it isn't there yet, if the node said so.
        reason: Option<String>,
    },
    /// The request was sent, and no block took it in time.
    #[error("no block took the request in time; nothing was paid")]
    TooLate,
    /// The request got into a block, and nothing of it is on chain any more.
    #[error("the request got into block {0}, and nothing of it is on chain any more: it failed, or the consultation has ended")]
    Ended(Block),
    /// The account has sent something that isn't final, and it may be this very request, sent by a
    /// copy of the wallet.
    #[error("the account that asks has a transaction on its way, which may be this very request; try again when it's in a final block")]
    Unsettled,
    /// A program of an earlier version has sent the request and kept nothing to find it by.
    #[error("an earlier version of this program has sent the request, and it isn't on chain")]
    Untraceable,
    /// It came back from a backup, and the chain can't tell whether it was asked since.
    #[error("{handle} came back from a backup, and the chain doesn't tell whether it was asked before, and has ended since: asking again would be paid again")]
    Restored {
        /// The consultation's handle.
        handle: String,
    },
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
        let sent = self.try_send(handle, false).await;
        self.vault.let_go();
        sent
    }

    /// The same, and takes the user's word for it that a consultation which came back from a backup
    /// hasn't been asked before.
    ///
    /// # Errors
    ///
    /// [`RequestError`], but [`RequestError::Restored`].
    pub async fn send_vouched(&mut self, handle: &str) -> Result<Requested, RequestError> {
        let sent = self.try_send(handle, true).await;
        self.vault.let_go();
        sent
    }

    async fn try_send(&mut self, handle: &str, vouched: bool) -> Result<Requested, RequestError> {
        let prepared = match self.try_take_up(handle).await? {
            TakenUp::Requested(requested) => return Ok(requested),
            TakenUp::Prepared(prepared) => prepared,
        };
        if !vouched {
            self.require_unasked(&prepared).await?;
        }
        let funded = self.fund(prepared).await?;
        let handed_off = self.hand_off(funded).await?;
        self.request(handed_off).await
    }

    /// Finds out where a consultation goes on, and takes it for this program alone. The chain is
    /// looked at in every stage: a copy of the wallet on another computer may have come further. A
    /// request that was sent before is sent again as it is.
    ///
    /// # Errors
    ///
    /// [`RequestError`].
    pub async fn take_up(&mut self, handle: &str) -> Result<TakenUp, RequestError> {
        let taken_up = match self.try_take_up(handle).await {
            Ok(TakenUp::Prepared(prepared)) => {
                self.require_unasked(&prepared).await.map(|()| TakenUp::Prepared(prepared))
            }
            other => other,
        };
        if !matches!(taken_up, Ok(TakenUp::Prepared(_))) {
            self.vault.let_go();
        }
        taken_up
    }

    async fn try_take_up(&mut self, handle: &str) -> Result<TakenUp, RequestError> {
        let handle = self.vault.wallet().dossier(Some(handle))?.handle.clone();
        self.vault.hold(&handle).await?;
        let dossier = self.dossier(&handle)?;
        require_chain(dossier, self.chain)?;
        let (stage, request) = (dossier.stage, dossier.request.clone());
        if let Stage::Requested { id } | Stage::Erased { id } = stage {
            return Err(StateError::AlreadyRequested { handle, id }.into());
        }
        self.progress.begin(Step::Look);
        require_reach(dossier.anchor.as_ref(), dossier.requested_in, self.chain).await?;
        match (stage, request) {
            (Stage::Submitting { .. }, Some(request)) => {
                match self.settle(&handle, request).await {
                    Ok(requested) => Ok(TakenUp::Requested(requested)),
                    Err(RequestError::TooLate) => {
                        // Of the next one it's known then that nothing came before it.
                        let nonce = self.require_settled(&handle).await?;
                        Ok(TakenUp::Prepared(Prepared { handle, nonce }))
                    }
                    Err(error) => Err(error),
                }
            }
            (stage, _) => match (self.find(dossier).await?, stage) {
                (Found::There(id), _) => {
                    // It's final by now, at least.
                    let anchor = self.chain.anchor().await?;
                    let requested = Requested { handle, id, block: None };
                    self.note_request(&requested, anchor).await?;
                    Ok(TakenUp::Requested(requested))
                }
                (Found::Absent { nonce }, Stage::Prepared) => {
                    Ok(TakenUp::Prepared(Prepared { handle, nonce: Some(nonce) }))
                }
                (Found::Absent { .. }, _) => Err(RequestError::Untraceable),
            },
        }
    }

    /// Refuses what the lost wallet may have asked already. Its own account tells, as long as it is
    /// there: it has what a request needs, and has sent nothing. To make that up of an account that
    /// was closed, somebody would have to pay more than the request.
    async fn require_unasked(&self, prepared: &Prepared) -> Result<(), RequestError> {
        let dossier = self.dossier(&prepared.handle)?;
        if !dossier.restored {
            return Ok(());
        }
        let account = self.vault.wallet().asking_pair(dossier)?.account();
        let is_own = matches!(dossier.account, Asker::Fresh { .. });
        match is_own
            && self.chain.nonce(&account).await? == 0
            && self.chain.finalized_balance(&account).await?.free >= needed(dossier.fee)
        {
            true => Ok(()),
            false => Err(RequestError::Restored { handle: prepared.handle.clone() }),
        }
    }

    /// Hands the encrypted record to the expert's node.
    ///
    /// # Errors
    ///
    /// [`RequestError`].
    pub async fn hand_off(&mut self, funded: Funded) -> Result<HandedOff, RequestError> {
        let Funded { handle, pair, nonce } = funded;
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
        Ok(HandedOff { handle, pair, nonce })
    }

    /// Seals the envelope and submits the request.
    ///
    /// # Errors
    ///
    /// [`RequestError`].
    pub async fn request(&mut self, handed_off: HandedOff) -> Result<Requested, RequestError> {
        let HandedOff { handle, pair, nonce } = handed_off;
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

        let signed = self.chain.sign(&call, &pair).await?;
        // What the account has sent since it was looked at may be the same request.
        if nonce.is_some_and(|nonce| nonce != signed.nonce) {
            return Err(RequestError::Unsettled);
        }
        self.progress.begin(Step::Save);
        let signed = self.keep_request(&handle, signed).await?;
        self.settle(&handle, signed).await
    }

    /// Saves the signed request before it's sent. Gives the one to send: what another command has
    /// saved comes first.
    async fn keep_request(&mut self, handle: &str, signed: Signed) -> Result<Signed, RequestError> {
        self.vault
            .change(|wallet| -> Result<Signed, RequestError> {
                let dossier = wallet.dossier_mut(Some(handle))?;
                match (dossier.stage, &dossier.request) {
                    (Stage::Prepared, _) => {
                        dossier.stage = Stage::Submitting { nonce: signed.nonce };
                        dossier.request = Some(signed.clone());
                        Ok(signed.clone())
                    }
                    (Stage::Submitting { .. }, Some(kept)) => Ok(kept.clone()),
                    _ => Err(StateError::Moved { handle: handle.to_owned() }.into()),
                }
            })
            .await
    }

    /// Sends the saved request, as it is, until finalised blocks show what has become of it.
    async fn settle(&mut self, handle: &str, signed: Signed) -> Result<Requested, RequestError> {
        self.progress.begin(Step::Request);
        let account = self.vault.wallet().asking_pair(self.dossier(handle)?)?.account();
        let end = self.clock.elapsed() + PENDING;
        loop {
            let sent = self.chain.send(&signed, Until::Finalized).await;
            let reason = match (sent, self.chain.fate(&signed, &account).await) {
                (_, Ok(Fate::Done(receipt, anchor))) => {
                    return self.requested(handle, &receipt, anchor).await
                }
                (_, Ok(Fate::Failed(refusal))) => {
                    self.back_to_prepared(handle, &signed).await?;
                    return Err(ChainError::from(refusal).into());
                }
                (_, Ok(Fate::Dead)) => {
                    self.back_to_prepared(handle, &signed).await?;
                    return Err(RequestError::TooLate);
                }
                (_, Ok(Fate::Forgotten(anchor))) => {
                    let Found::There(id) = self.find(self.dossier(handle)?).await? else {
                        return Err(RequestError::Ended(anchor.block));
                    };
                    let requested =
                        Requested { handle: handle.to_owned(), id, block: Some(anchor.block) };
                    self.note_request(&requested, anchor).await?;
                    return Ok(requested);
                }
                // The node says that it's final, and in the next breath that it isn't.
                (Ok(_), Ok(Fate::Open)) => None,
                (Err(error), Ok(Fate::Open)) if is_transient(&error) => Some(error.to_string()),
                (Err(error), _) | (Ok(_), Err(error)) => {
                    let reason = Some(error.to_string());
                    return Err(RequestError::OnItsWay { last: signed.last, reason });
                }
            };
            if self.clock.elapsed() > end {
                return Err(RequestError::OnItsWay { last: signed.last, reason });
            }
            self.clock.pause(LOOK).await;
        }
    }

    /// Notes what a request that succeeded says.
    async fn requested(
        &mut self,
        handle: &str,
        receipt: &Receipt,
        anchor: Anchor,
    ) -> Result<Requested, RequestError> {
        let id = receipt.events.iter().find_map(|event| match event {
            Event::Requested { id } => Some(*id),
            _ => None,
        });
        let id = id.ok_or(RequestError::NoNumber)?;
        let requested = Requested { handle: handle.to_owned(), id, block: Some(receipt.block) };
        self.note_request(&requested, anchor).await?;
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
        let context = sealing_context(dossier, patient);
        let sealed = match &keys.evidence {
            Some(evidence) => envelope.seal_with_coins(&to, &context, evidence.envelope.expose()),
            None => envelope.seal(&to, &context),
        };
        Ok(sealed?)
    }

    /// Notes the number, and clears the record out of storage.
    async fn note_request(
        &mut self,
        requested: &Requested,
        anchor: Anchor,
    ) -> Result<(), RequestError> {
        let Requested { handle, id, block } = requested;
        self.progress.begin(Step::Save);
        self.vault
            .change(|wallet| -> Result<(), VaultError> {
                let dossier = wallet.dossier_mut(Some(handle))?;
                // Another command may have noted it, and gone on.
                if dossier.id().is_none() {
                    dossier.stage = Stage::Requested { id: *id };
                    dossier.requested_in = *block;
                    dossier.anchor = Some(anchor);
                    dossier.restored = false;
                    dossier.request = None;
                }
                Ok(())
            })
            .await?;
        self.vault.storage().remove_record(handle).await?;
        Ok(())
    }
}

impl<C: Chain, H, S: Storage> Session<'_, C, H, S> {
    pub(super) fn dossier(&self, handle: &str) -> Result<&Dossier, WalletError> {
        self.vault.wallet().dossier(Some(handle))
    }

    /// The request is out of the world: another may be made.
    async fn back_to_prepared(&mut self, handle: &str, dead: &Signed) -> Result<(), VaultError> {
        self.vault
            .change(|wallet| {
                let dossier = wallet.dossier_mut(Some(handle))?;
                if dossier.request.as_ref() == Some(dead) {
                    dossier.stage = Stage::Prepared;
                    dossier.request = None;
                }
                Ok(())
            })
            .await
    }

    /// Looks for a dossier's consultation in the finalised state, once nothing of its account is on
    /// its way there any more.
    pub(super) async fn find(&self, dossier: &Dossier) -> Result<Found, RequestError> {
        let patient = self.vault.wallet().asking_pair(dossier)?.account();
        let end = self.clock.elapsed() + PENDING;
        loop {
            let next = self.chain.nonce(&patient).await?;
            // Who has sent nothing has no consultation, and needs no search through all of them.
            if next == 0 {
                return Ok(Found::Absent { nonce: 0 });
            }
            // The nonce first: what is final by then is seen in the state that is read after it.
            let settled = self.chain.finalized_nonce(&patient).await?;
            let (expert, record) = (&dossier.expert, &dossier.record);
            if let Some(id) = self.chain.find_consultation(&patient, expert, record).await? {
                return Ok(Found::There(id));
            }
            if settled >= next {
                return Ok(Found::Absent { nonce: next });
            }
            if self.clock.elapsed() > end {
                return Err(RequestError::Unsettled);
            }
            self.clock.pause(LOOK).await;
        }
    }

    /// The nonce of a dossier's account, once nothing of it is on its way any more.
    async fn require_settled(&self, handle: &str) -> Result<Option<u64>, RequestError> {
        match self.find(self.dossier(handle)?).await? {
            Found::Absent { nonce } => Ok(Some(nonce)),
            // A copy of the wallet has asked: the next look takes it up.
            Found::There(_) => Err(RequestError::Unsettled),
        }
    }
}

/// What the finalised state says of a consultation.
pub(super) enum Found {
    /// It's there, under that number.
    There(ConsultationId),
    /// It isn't, and its account has sent so many transactions.
    Absent {
        /// Their number.
        nonce: u64,
    },
}

/// Whether a node that doesn't take a transaction may have it already, or may take it later.
fn is_transient(error: &ChainError) -> bool {
    match error {
        ChainError::Refused(Refusal::Pool(refusal)) => {
            matches!(refusal, PoolRefusal::Outdated | PoolRefusal::Busy)
        }
        ChainError::Dropped(_) => true,
        _ => false,
    }
}

/// For the error's text.
fn because(reason: &Option<String>) -> String {
    reason.as_ref().map_or_else(String::new, |reason| format!(" ({reason})"))
}
