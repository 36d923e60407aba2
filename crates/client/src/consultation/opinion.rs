// SPDX-License-Identifier: Apache-2.0
//! The opinion: decrypted here, put into words, with who stands behind it.

use super::{
    state::{require_chain, require_id, require_keys, require_own, sealing_context},
    Session, StateError,
};
use crate::{
    chain::{Chain, ChainError, ConsultationId, Opinion, ProtocolId},
    progress::Step,
    vault::{Dossier, Storage, VaultError, WalletError},
};
use cso_clinical::{outputs::ReadingError, protocol::DescriptionError, Description, Reading};
use cso_fhe::{Answer, AnswerError, RecordKey};
use cso_primitives::ModelCommitment;
use cso_sealing::{Note, OpenError, SealingKey};
use jiff::Timestamp;

pub use cso_clinical::ModelCheck;

/// An opinion, decrypted and put into words.
#[derive(Debug)]
pub struct Opened<'a> {
    /// The chain's number of the consultation.
    pub id: ConsultationId,
    /// What the wallet knows of it.
    pub dossier: &'a Dossier,
    /// As it stands on chain.
    pub opinion: Opinion,
    /// When its block was made; `None` if neither wallet nor node can tell any more.
    pub time: Option<Timestamp>,
    /// What the expert wrote.
    pub note: NoteCheck,
    /// Whether the model that answered is the published one.
    pub model: ModelCheck,
    /// The protocol as it was when asked.
    pub description: Description,
    /// The result, one raw value an output.
    pub outputs: Vec<u16>,
    /// The result in words.
    pub readings: Vec<Reading>,
}

/// What became of the expert's note. An opinion with an unreadable note is still shown: its values
/// may be right.
#[derive(Debug)]
pub enum NoteCheck {
    /// It opens.
    Opened(Note),
    /// It doesn't, so that nothing says which model gave this answer.
    Unreadable(OpenError),
}

/// Why an opinion can't be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpinionError {
    /// The dossier doesn't allow it.
    #[error(transparent)]
    State(#[from] StateError),
    /// There is none.
    #[error("there is no opinion on consultation {0} yet")]
    None(ConsultationId),
    /// The bytes are no answer, or not to this record.
    #[error("{UNUSABLE}: {0}")]
    Answer(#[from] AnswerError),
    /// The values are none that the protocol has.
    #[error("{UNUSABLE}: {0}")]
    Reading(#[from] ReadingError),
    /// The expert's node answered another protocol.
    #[error("the expert's node answered protocol {found} instead of {wanted}: {UNUSABLE}")]
    OtherProtocol {
        /// The one asked for.
        wanted: ProtocolId,
        /// The one in the note.
        found: ProtocolId,
    },
    /// The wallet's copy of the description is damaged.
    #[error("the wallet's copy of the protocol is damaged: {0}")]
    Description(#[from] DescriptionError),
    /// The chain.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The wallet can't be written.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The wallet.
    #[error(transparent)]
    Wallet(#[from] WalletError),
}

const UNUSABLE: &str = "the answer can't be used; don't accept it, and tell the medical board";

impl NoteCheck {
    /// The note, if it opens.
    pub fn note(&self) -> Option<&Note> {
        match self {
            Self::Opened(note) => Some(note),
            Self::Unreadable(_) => None,
        }
    }
}

impl Opened<'_> {
    /// The same in words of the language that fits `wanted` best, a BCP 47 tag.
    ///
    /// # Errors
    ///
    /// [`ReadingError`], which the opinion in the protocol's own language hasn't had.
    pub fn in_language(self, wanted: &str) -> Result<Self, ReadingError> {
        let description = self.description.in_language(wanted);
        let readings = description.interpret(&self.outputs, &self.dossier.answers())?;
        Ok(Self { description, readings, ..self })
    }

    /// The commitment to the model that answered, as the note names it.
    pub fn model_commitment(&self) -> Option<ModelCommitment> {
        self.note.note().map(|note| note.model)
    }
}

impl<C: Chain, H, S: Storage> Session<'_, C, H, S> {
    /// Reads the opinion from the chain and decrypts it. What opens is kept in the wallet, until
    /// the consultation is erased: on chain an opinion ends.
    ///
    /// # Errors
    ///
    /// [`OpinionError`].
    pub async fn open(&mut self, id: Option<&str>) -> Result<Opened<'_>, OpinionError> {
        let dossier = self.vault.wallet().dossier(id)?;
        require_keys(dossier)?;
        let handle = dossier.handle.clone();
        let id = require_id(dossier)?;
        require_chain(dossier, self.chain)?;
        self.progress.begin(Step::Read);
        let kept = dossier.opinion.clone();
        let found = self.own_opinion(dossier, id).await?;
        let opinion = found.or_else(|| kept.clone()).ok_or(OpinionError::None(id))?;
        let known = dossier.delivered_ms.filter(|_| kept.as_ref() == Some(&opinion));
        let (delivered_ms, is_final) = match known {
            Some(ms) => (Some(ms), true),
            None => self.time_of(&opinion).await,
        };

        self.progress.begin(Step::Decrypt);
        let description = Description::from_json(&dossier.description)?;
        let (outputs, note) = self.open_answer(dossier, &opinion)?;
        let readings = description.interpret(&outputs, &dossier.answers())?;
        let to_keep = delivered_ms.filter(|_| is_final);
        if kept.as_ref() != Some(&opinion) || known != to_keep {
            self.progress.begin(Step::Save);
            self.vault
                .change(|wallet| -> Result<(), VaultError> {
                    let dossier = wallet.dossier_mut(Some(&handle))?;
                    // Another command may have erased it meanwhile.
                    if dossier.keys.is_some() {
                        dossier.opinion = Some(opinion.clone());
                        dossier.delivered_ms = to_keep;
                    }
                    Ok(())
                })
                .await?;
        }
        self.progress.begin(Step::Verify);
        let dossier = self.vault.wallet().dossier(Some(&handle))?;
        let model = self.check_model(dossier, &note).await?;
        let time = delivered_ms.and_then(|ms| i64::try_from(ms).ok());
        let time = time.and_then(|ms| Timestamp::from_millisecond(ms).ok());
        Ok(Opened { id, dossier, opinion, time, note, model, description, outputs, readings })
    }

    /// Remembers that the opinion was written to a file.
    ///
    /// # Errors
    ///
    /// [`VaultError`] if there is no such dossier or the wallet can't be written.
    pub async fn note_exported(&mut self, handle: &str) -> Result<(), VaultError> {
        if self.vault.wallet().dossier(Some(handle))?.exported {
            return Ok(());
        }
        self.vault
            .change(|wallet| -> Result<(), VaultError> {
                wallet.dossier_mut(Some(handle))?.exported = true;
                Ok(())
            })
            .await
    }

    /// When the opinion's block was made, and whether the block is final: another one may take its
    /// place before. The opinion can be read without, so a node that doesn't answer is no error.
    async fn time_of(&self, opinion: &Opinion) -> (Option<u64>, bool) {
        // The anchor first: the time that is read after it is that of the final block.
        let anchor = self.chain.anchor().await;
        let Ok(Some(ms)) = self.chain.time_of(opinion.delivered).await else {
            return (None, false);
        };
        (Some(ms), anchor.is_ok_and(|anchor| anchor.block >= opinion.delivered))
    }

    /// The opinion on chain, if it's on this consultation.
    async fn own_opinion(
        &self,
        dossier: &Dossier,
        id: ConsultationId,
    ) -> Result<Option<Opinion>, OpinionError> {
        let Some(opinion) = self.chain.opinion(id).await? else {
            return Ok(None);
        };
        let patient = self.vault.wallet().asking_pair(dossier)?.account();
        if let Some(found) = self.chain.consultation(id).await?.0 {
            require_own(dossier, &patient, id, &found)?;
        }
        Ok(Some(opinion))
    }

    /// The one place where an answer and its note are opened.
    fn open_answer(
        &self,
        dossier: &Dossier,
        opinion: &Opinion,
    ) -> Result<(Vec<u16>, NoteCheck), OpinionError> {
        let keys = require_keys(dossier)?;
        let answer = Answer::from_bytes(&opinion.answer)?;
        let outputs = RecordKey::from_seed(*keys.record.expose()).decrypt(&answer)?;
        let key = SealingKey::from_seed(*keys.note.expose());
        let patient = self.vault.wallet().asking_pair(dossier)?.account();
        let note = match Note::open(&opinion.note, &key, &sealing_context(dossier, &patient)) {
            Ok(note) if note.protocol == dossier.protocol => NoteCheck::Opened(note),
            Ok(note) => {
                return Err(OpinionError::OtherProtocol {
                    wanted: dossier.protocol,
                    found: note.protocol,
                })
            }
            Err(error) => NoteCheck::Unreadable(error),
        };
        Ok((outputs, note))
    }

    async fn check_model(
        &self,
        dossier: &Dossier,
        note: &NoteCheck,
    ) -> Result<ModelCheck, ChainError> {
        let Some(note) = note.note() else {
            return Ok(ModelCheck::Unknown);
        };
        let published = self.chain.protocol(&dossier.expert, dossier.protocol).await?;
        Ok(match published {
            Some(protocol) if protocol.model == note.model => ModelCheck::Published,
            Some(_) => ModelCheck::Differs,
            None => ModelCheck::Retired,
        })
    }
}
