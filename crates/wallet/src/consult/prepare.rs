// SPDX-License-Identifier: Apache-2.0
//! Keys, encryption, commitment: everything that is made on the patient's side before anything
//! leaves.

use super::intake::Intake;
use super::offer::Offer;
use crate::amount::Amount;
use crate::secret::Secret;
use crate::vault::{Asker, Consultation, RecordKeys, Stage};
use anyhow::{bail, Context as _, Result};
use clap::ValueEnum;
use cso_fhe::RecordKey;
use cso_sealing::{chunk_hash, commit_record, SealingKey, MAX_QUESTION_BYTES};

/// Longest piece that an expert's pool takes (`max_promotion_size` of the runtime).
pub const CHUNK_BYTES: usize = 4 * 1024 * 1024;
/// Hex digits of the record's commitment in a handle.
const HANDLE_DIGITS: usize = 8;

/// How a record is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Profile {
    /// Twice the size; hides the expert's model better, and allows finer outputs
    Private,
    /// Half the size, half the time
    Fast,
}

impl Profile {
    /// The same for the engine.
    pub fn fhe(self) -> cso_fhe::Profile {
        match self {
            Self::Private => cso_fhe::Profile::Private,
            Self::Fast => cso_fhe::Profile::Fast,
        }
    }

    /// How it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Fast => "fast",
        }
    }
}

/// What the patient decided.
pub struct Terms {
    /// What the expert gets.
    pub fee: Amount,
    /// Blocks until the fee returns.
    pub deadline_blocks: u32,
    /// The question, in words.
    pub question: String,
    /// Where the record goes.
    pub endpoint: String,
    /// How it's encrypted.
    pub profile: Profile,
    /// Who asks.
    pub account: Asker,
}

/// Refuses a question that no envelope holds.
pub fn check_question(question: &str) -> Result<()> {
    if question.len() > MAX_QUESTION_BYTES {
        bail!(
            "the question has {} bytes, at most {MAX_QUESTION_BYTES} are allowed; shorten it",
            question.len()
        );
    }
    Ok(())
}

/// Encrypts the answers under a new key. Gives what the wallet keeps, and the encrypted record.
pub fn encrypt(
    genesis: [u8; 32],
    offer: &Offer,
    intake: &Intake<'_>,
    terms: Terms,
) -> Result<(Consultation, Vec<u8>)> {
    let bits = intake.encode()?.bits;
    let key = RecordKey::generate().context("the operating system gives no random numbers")?;
    let record = key.encrypt(&bits, terms.profile.fhe())?.to_bytes();
    let chunks: Vec<_> = record.chunks(CHUNK_BYTES).map(chunk_hash).collect();
    let salt = Secret::<32>::random();
    let commitment = commit_record(salt.expose(), &chunks);
    let commitment_hex = hex::encode(commitment);
    let consultation = Consultation {
        handle: format!("r-{}", &commitment_hex[..HANDLE_DIGITS]),
        stage: Stage::Prepared,
        genesis: hex::encode(genesis),
        expert: offer.address.to_string(),
        endpoint: terms.endpoint,
        protocol: offer.protocol,
        description: offer.description.to_json(),
        inputs: intake.inputs(),
        profile: terms.profile.word().to_owned(),
        bits: bits.len(),
        bytes: record.len(),
        question: terms.question,
        account: terms.account,
        fee: terms.fee,
        deadline_blocks: terms.deadline_blocks,
        keys: Some(RecordKeys {
            record: Secret::from(*key.seed()),
            note: Secret::from(*SealingKey::generate().seed()),
            claim: Secret::random(),
            salt,
        }),
        chunks: chunks.iter().map(hex::encode).collect(),
        record: commitment_hex,
        requested_in: None,
    };
    Ok((consultation, record))
}
