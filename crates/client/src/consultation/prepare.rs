// SPDX-License-Identifier: Apache-2.0
//! Keys, encryption, commitment: everything that is made on the patient's side before anything
//! leaves.

use super::{Filling, FillingError, Offer, Payer, Session, Terms, TermsError};
use crate::{
    chain::{Balance, Chain, ChainError, GenesisHash},
    keys::Pair,
    progress::Step,
    secret::Secret,
    vault::{
        consultation_pair, Asker, Dossier, Evidence, RecordKeys, Stage, Storage, StorageError,
        VaultError, WalletError,
    },
};
use cso_fhe::{NoRandomness, RecordError, RecordKey};
use cso_primitives::bounds::MAX_CHUNK_BYTES;
use cso_sealing::{chunk_hash, commit_record, SealingKey};

/// Hex digits of the record's commitment in a handle.
const HANDLE_DIGITS: usize = 8;

/// A consultation whose secrets are in the wallet. Nothing has left.
#[derive(Debug)]
pub struct Prepared {
    pub(super) handle: String,
    /// How many transactions the asking account had sent when there was no request; `None` for one
    /// that has just been made.
    pub(super) nonce: Option<u64>,
}

/// Why a consultation can't be prepared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PrepareError {
    /// The terms can't be met.
    #[error(transparent)]
    Terms(Box<TermsError>),
    /// Answers are missing or don't fit.
    #[error(transparent)]
    Filling(#[from] FillingError),
    /// There is no randomness to make keys from.
    #[error("the operating system gives no random numbers: {0}")]
    Randomness(#[from] NoRandomness),
    /// The answers make no record.
    #[error(transparent)]
    Record(#[from] RecordError),
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

impl From<TermsError> for PrepareError {
    fn from(error: TermsError) -> Self {
        Self::Terms(Box::new(error))
    }
}

impl Prepared {
    /// The wallet's name for it.
    pub fn handle(&self) -> &str {
        &self.handle
    }
}

impl<C: Chain, H, S: Storage> Session<'_, C, H, S> {
    /// Checks the terms, makes keys, encrypts the answers, and saves all of it.
    ///
    /// # Errors
    ///
    /// [`PrepareError`]; nothing has changed then, but that an encrypted record without keys may be
    /// left in storage.
    pub async fn prepare(
        &mut self,
        offer: &Offer,
        filling: &Filling<'_>,
        terms: Terms,
    ) -> Result<Prepared, PrepareError> {
        terms.check(offer, self.vault.wallet(), self.chain).await?;
        let anchor = self.chain.anchor().await?;
        let payer = terms.payer.clone();
        let asker = self.asker::<PrepareError>(&payer).await?;
        self.progress.begin(Step::Encrypt);
        let (mut dossier, record) = encrypt(self.chain.genesis(), offer, filling, terms, asker)?;
        dossier.anchor = Some(anchor);
        let handle = dossier.handle.clone();

        // All secrets are stored before anything leaves.
        self.progress.begin(Step::Save);
        self.vault.storage().put_record(&handle, &record).await?;
        while !self.add(&dossier).await? {
            dossier.account = self.asker::<PrepareError>(&payer).await?;
        }
        self.remove_left_behind().await;
        Ok(Prepared { handle, nonce: None })
    }

    /// Removes the records of programs that were killed before they had added a consultation to the
    /// wallet, or after they had removed it: ciphertext that nobody has the key of. Failing is no
    /// harm, the next one tries again.
    async fn remove_left_behind(&self) {
        let storage = self.vault.storage();
        for handle in storage.records().await.unwrap_or_default() {
            if self.vault.wallet().dossier(Some(&handle)).is_err() {
                // What somebody works on is somebody's.
                if let Ok(_hold) = storage.hold(&handle).await {
                    storage.remove_record(&handle).await.unwrap_or_default();
                }
            }
        }
    }

    /// Adds the dossier to the wallet, unless another program has taken its account meanwhile.
    async fn add(&mut self, dossier: &Dossier) -> Result<bool, VaultError> {
        let now = self.clock.now();
        self.vault
            .change(|wallet| {
                let is_free = wallet.take(&dossier.account, now);
                if is_free {
                    wallet.dossiers.push(dossier.clone());
                }
                Ok(is_free)
            })
            .await
    }

    /// The account that asks: the chosen one, or the next below it that was never used.
    pub(super) async fn asker<E>(&self, payer: &Payer) -> Result<Asker, E>
    where
        E: From<ChainError> + From<WalletError>,
    {
        let name = match payer {
            Payer::Existing(name) => return Ok(Asker::Existing { name: name.clone() }),
            Payer::Fresh(name) => name,
        };
        let funding = self.vault.wallet().account(name)?.pair().map_err(WalletError::from)?;
        let mut index = self.vault.wallet().next_index(name, self.clock.now());
        loop {
            let pair = consultation_pair(&funding, index);
            // Another copy of the wallet may have begun in the same minute.
            if self.is_unused(&pair).await? {
                return Ok(Asker::Fresh { funded_by: name.clone(), index, secret: pair.secret() });
            }
            index = index.saturating_add(1);
        }
    }

    async fn is_unused(&self, pair: &Pair) -> Result<bool, ChainError> {
        let account = pair.account();
        let nothing = Balance::default();
        Ok(self.chain.nonce(&account).await? == 0
            && self.chain.balance(&account).await? == nothing
            && self.chain.finalized_balance(&account).await? == nothing)
    }
}

/// Encrypts the answers under a new key. Gives what the wallet keeps, and the encrypted record.
fn encrypt(
    genesis: GenesisHash,
    offer: &Offer,
    filling: &Filling<'_>,
    terms: Terms,
    account: Asker,
) -> Result<(Dossier, Vec<u8>), PrepareError> {
    filling.require_complete()?;
    filling.require_fit(&offer.description)?;
    let bits = filling.encode()?.bits;
    let key = RecordKey::generate()?;
    let evidence = Evidence::of(&bits);
    let record = key.encrypt_with_coins(&bits, terms.profile, evidence.record.expose())?.to_bytes();
    let chunks: Vec<_> = record.chunks(MAX_CHUNK_BYTES).map(chunk_hash).collect();
    let salt = Secret::<32>::random();
    let commitment = commit_record(salt.expose(), &chunks);
    let digits = format!("{commitment:x}");
    let dossier = Dossier {
        handle: format!("r-{}", &digits[..HANDLE_DIGITS]),
        stage: Stage::Prepared,
        genesis,
        expert: offer.address,
        endpoint: terms.endpoint,
        protocol: offer.protocol,
        description: offer.description.to_json(),
        inputs: filling.inputs(),
        profile: terms.profile,
        bits: bits.len(),
        bytes: record.len(),
        question: terms.question,
        account,
        fee: terms.fee,
        deadline_blocks: terms.deadline_blocks,
        keys: Some(RecordKeys {
            record: Secret::from(*key.seed()),
            note: Secret::from(*SealingKey::generate().seed()),
            claim: Secret::random(),
            salt,
            evidence: Some(evidence),
        }),
        chunks,
        record: commitment,
        requested_in: None,
        anchor: None,
        opinion: None,
        delivered_ms: None,
        exported: false,
        funding: None,
        restored: false,
        request: None,
    };
    Ok((dossier, record))
}
