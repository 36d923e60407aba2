// SPDX-License-Identifier: Apache-2.0
//! A consultation as its patient keeps it.

use crate::{
    address::AccountId,
    amount::Amount,
    chain::{
        Anchor, Block, Consultation, ConsultationId, GenesisHash, Opinion, ProtocolId, Signed,
    },
    keys::Pair,
    profile,
    secret::{Secret, SecretText},
};
use cso_clinical::{intake::Feature, Answers, Value, Words};
use cso_fhe::Profile;
use cso_primitives::{ChunkHash, RecordCommitment};
use serde::{Deserialize, Serialize};
use std::fmt;
use subxt_signer::DeriveJunction;
use zeroize::Zeroize;

/// First junction of the accounts that consultations get: `<funding
/// account>//consultation//<index>`.
pub(crate) const CONSULTATION_PATH: &str = "consultation";

/// A consultation as its patient keeps it: everything needed to ask again, to read the answer and
/// to clean up.
#[derive(Clone, Serialize, Deserialize)]
pub struct Dossier {
    /// The wallet's name for it, before and after the chain has given it a number.
    pub handle: String,
    /// How far it came.
    pub stage: Stage,
    /// The chain it belongs to.
    pub genesis: GenesisHash,
    /// Who is asked.
    pub expert: AccountId,
    /// The expert's node, where the record was handed off.
    pub endpoint: String,
    /// Number of the protocol with that expert.
    pub protocol: ProtocolId,
    /// The protocol's public description (JSON), as the answer is read by the one that was asked
    /// with. Text, so that a description that can't be read any more spoils no other dossier.
    pub description: String,
    /// The answers the record was made of, as shown to the patient.
    pub inputs: Vec<Input>,
    /// Encryption profile of the record.
    #[serde(with = "profile")]
    pub profile: Profile,
    /// Bits that the intake's answers take.
    pub bits: usize,
    /// Bytes of the encrypted record.
    pub bytes: usize,
    /// The question to the expert, as typed.
    pub question: String,
    /// The account that asks.
    pub account: Asker,
    /// What the expert gets.
    pub fee: Amount,
    /// Blocks from the request to its deadline.
    pub deadline_blocks: u32,
    /// Keys of the record and of the note that comes back; gone once erased.
    pub keys: Option<RecordKeys>,
    /// Hashes of the chunks that lie (or lay) in the expert's pool.
    #[serde(with = "crate::digits::list")]
    pub chunks: Vec<ChunkHash>,
    /// Commitment to those chunks: the request on chain carries it.
    #[serde(with = "crate::digits")]
    pub record: RecordCommitment,
    /// Block of the request.
    pub requested_in: Option<Block>,
    /// The newest final block in which the wallet has seen something of it. A node whose chain
    /// lacks that block can't say what has become of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<Anchor>,
    /// The opinion, once it was opened: on chain it stays for a while only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opinion: Option<Opinion>,
    /// When the opinion's block was made, by its validator's clock: milliseconds since 1970. Kept
    /// once the block is final, since nodes may drop old blocks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_ms: Option<u64>,
    /// Whether the opinion was written to a file, which outlives the wallet's copy.
    #[serde(default, skip_serializing_if = "is_false")]
    pub exported: bool,
    /// The transfer that fills its account, as it was sent: sent again as it is, never made anew
    /// while it can still be included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub funding: Option<Signed>,
    /// Whether it came back from a backup before it was known to be on chain: the wallet that was
    /// lost may have gone on with it, up to its erasure, of which no trace is left.
    #[serde(default, skip_serializing_if = "is_false")]
    pub restored: bool,
    /// The request, likewise, while the stage is [`Stage::Submitting`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Signed>,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// Neither question nor answers are shown.
impl fmt::Debug for Dossier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dossier")
            .field("handle", &self.handle)
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}

/// One answer of the intake, as shown.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
pub struct Input {
    /// Feature id.
    pub id: String,
    /// Feature label.
    pub label: String,
    /// Value as used, for people.
    pub value: String,
    /// The answer itself, which tells what a result means for this patient; wallets didn't keep it
    /// before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Value>,
    /// Where it came from: a FHIR resource, an answers file, the command line, the keyboard. For
    /// the patient's eyes: it may name files and resources.
    pub source: String,
    /// The same without names, for others.
    #[serde(default)]
    pub origin: Origin,
}

/// Where an answer came from, as far as others are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A FHIR record says it.
    Record,
    /// A FHIR record that is complete says nothing of it.
    Silence,
    /// A FHIR record says nothing of it, and the patient has confirmed that it's a no.
    Confirmed,
    /// A file with answers.
    File,
    /// The command line or the keyboard.
    Typed,
    /// It follows from other answers.
    Computed,
    /// Nobody answered, and the protocol takes that for an answer.
    Open,
    /// Wallets didn't keep it before.
    #[default]
    Unknown,
}

impl Origin {
    /// What others may know of an answer of this origin: see [`Feature::disclosed`], which is about
    /// records.
    pub fn disclosed(self, feature: &Feature, answer: &Value) -> Value {
        match self {
            Self::Record => feature.disclosed(answer),
            _ => answer.clone(),
        }
    }

    /// In words, for a page in that language.
    pub fn words(self, language: &str) -> &'static str {
        let words = match self {
            Self::Record => Words { en: "from a FHIR record", de: "aus einer FHIR-Akte" },
            Self::Silence => Words {
                en: "not in the FHIR record, which is complete: taken as no",
                de: "nicht in der FHIR-Akte, die vollständig ist: als Nein gewertet",
            },
            Self::Confirmed => Words {
                en: "not in the FHIR record: confirmed as no by the patient",
                de: "nicht in der FHIR-Akte: von der Person selbst als Nein bestätigt",
            },
            Self::File => Words { en: "from an answers file", de: "aus einer Antwortdatei" },
            Self::Typed => Words { en: "typed", de: "eingegeben" },
            Self::Computed => {
                Words { en: "computed from other answers", de: "aus anderen Antworten berechnet" }
            }
            Self::Open => Words { en: "not answered", de: "nicht beantwortet" },
            Self::Unknown => Words { en: "origin not kept", de: "Herkunft nicht gespeichert" },
        };
        words.of(language)
    }
}

/// The account of a consultation.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Asker {
    /// One of the wallet's own accounts, by name.
    Existing {
        /// Its name.
        name: String,
    },
    /// Made for this consultation, derived from the account that paid for it.
    Fresh {
        /// Name of the paying account.
        funded_by: String,
        /// Index of the derivation, so that the mnemonic alone finds the account again.
        index: u64,
        /// Its key.
        secret: Secret<64>,
    },
}

/// The secrets that a consultation's privacy rests on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecordKeys {
    /// Seed of the record key: decrypts record and answer.
    pub record: Secret<32>,
    /// Seed of the key that the expert's note is sealed to.
    pub note: Secret<32>,
    /// Seed of the one-time key that claims (and drops) the chunks.
    pub claim: Secret<32>,
    /// Salt of the record's commitment.
    pub salt: Secret<32>,
    /// What shows later what was asked; wallets of version 1 kept none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
}

/// What makes record and envelope again, byte for byte, together with the keys: so the patient, and
/// nobody else, can show what was encrypted and what the expert was told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Evidence {
    /// The intake's answers as they were encrypted: a `0` or `1` each bit.
    pub bits: SecretText,
    /// Coins of the record's encryption.
    pub record: Secret<32>,
    /// Coins of the envelope's sealing.
    pub envelope: Secret<32>,
}

impl Evidence {
    /// Draws coins for these bits.
    pub(crate) fn of(bits: &[bool]) -> Self {
        let mut digits = String::with_capacity(bits.len());
        digits.extend(bits.iter().map(|bit| if *bit { '1' } else { '0' }));
        Self { bits: digits.into(), record: Secret::random(), envelope: Secret::random() }
    }
}

/// How far a consultation came. Each stage is saved before the step that follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "stage")]
pub enum Stage {
    /// Secrets are made; the record may have left, the request hasn't.
    Prepared,
    /// The record lies in the expert's pool, and the request may be on its way with this nonce.
    Submitting {
        /// Nonce of the request: a second one with the same can't be included as well.
        nonce: u64,
    },
    /// On chain under this number.
    Requested {
        /// The chain's number.
        id: ConsultationId,
    },
    /// Erased on chain, keys destroyed.
    Erased {
        /// The number it had.
        id: ConsultationId,
    },
}

impl Dossier {
    /// The chain's number, once it has one.
    pub fn id(&self) -> Option<ConsultationId> {
        match self.stage {
            Stage::Prepared | Stage::Submitting { .. } => None,
            Stage::Requested { id } | Stage::Erased { id } => Some(id),
        }
    }

    /// Whether nothing of it is left on chain, and its keys are destroyed.
    pub fn is_erased(&self) -> bool {
        matches!(self.stage, Stage::Erased { .. })
    }

    /// Whether a consultation on chain is this one. The commitment to the record alone doesn't
    /// tell: it's public, and somebody else may have used it.
    pub fn is_own(&self, found: &Consultation, patient: &AccountId) -> bool {
        found.record == self.record && found.expert == self.expert && found.patient == *patient
    }

    /// Whether it still needs the account of that name.
    pub fn needs(&self, account: &str) -> bool {
        let by = match &self.account {
            Asker::Existing { name } => name,
            Asker::Fresh { funded_by, .. } => funded_by,
        };
        by == account && !self.is_erased()
    }

    /// The answers that were used, as far as the wallet kept them.
    pub fn answers(&self) -> Answers {
        let kept = |input: &Input| Some((input.id.clone(), input.answer.clone()?));
        self.inputs.iter().filter_map(kept).collect()
    }

    /// Destroys what the record, the answer and the note could be read with, what was asked, and
    /// the opinion.
    pub(crate) fn destroy_keys(&mut self) {
        self.keys = None;
        self.opinion = None;
        self.delivered_ms = None;
        self.question.zeroize();
        for input in &mut self.inputs {
            input.value.zeroize();
            if let Some(Value::Choice(option)) = &mut input.answer {
                option.zeroize();
            }
        }
        self.inputs.clear();
    }
}

/// The key of the `index`th consultation account below `funding`.
pub(crate) fn consultation_pair(funding: &Pair, index: u64) -> Pair {
    funding.derive([DeriveJunction::hard(CONSULTATION_PATH), DeriveJunction::hard(index)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consultation_accounts_come_from_the_mnemonic_alone() {
        let pair = Pair::from_suri("//Alice").unwrap();
        assert_eq!(
            consultation_pair(&pair, 3).account(),
            Pair::from_suri("//Alice//consultation//3").unwrap().account()
        );
    }
}
