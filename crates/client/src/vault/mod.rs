// SPDX-License-Identifier: Apache-2.0
//! The wallet: what is in it, how it's encrypted, and where it lies.
//!
//! | module | what |
//! |---|---|
//! | `wallet` | the content: accounts and dossiers |
//! | `account`, `dossier` | one of each |
//! | `encryption` | the content as bytes under a passphrase |
//! | `sealed` | how such bytes are written again without their passphrase |
//! | `backup` | the content in a file of its own, and how it comes back |
//! | `storage` | where the bytes lie: a trait |
//! | `file` | a file on this computer, with the feature `native` |
//!
//! Nothing here asks the chain. Secrets leave this module only as typed values that wipe
//! themselves.

mod account;
mod backup;
mod dossier;
mod encryption;
#[cfg(feature = "native")]
mod file;
mod sealed;
mod storage;
mod wallet;

pub use account::Account;
pub use backup::{Backup, BackupError, Merged, Restored, RestoredAccount, RestoredDossier};
pub(crate) use dossier::{consultation_pair, CONSULTATION_PATH};
pub use dossier::{Asker, Dossier, Evidence, Input, Origin, RecordKeys, Stage};
#[cfg(feature = "native")]
pub use file::FileStorage;
pub use sealed::EncryptionError;
pub use storage::{Storage, StorageError, SETTLED};
pub(crate) use wallet::range_at;
pub use wallet::{Wallet, WalletError};

use crate::secret::SecretText;
use sealed::Seal;
use std::fmt;

/// An open wallet.
pub struct Vault<S: Storage> {
    storage: S,
    passphrase: SecretText,
    log_n: u8,
    /// What the bytes that lie there are written again by.
    seal: Option<Seal>,
    /// The bytes as they were last read or written, to notice that another program changed them.
    stored: Option<Vec<u8>>,
    wallet: Wallet,
    /// The consultation that this program works on.
    held: Option<(String, S::Hold)>,
}

impl<S: Storage> fmt::Debug for Vault<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(..)")
    }
}

/// Why the wallet can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// There is none.
    #[error("there is no wallet at {0}")]
    Missing(String),
    /// The place doesn't serve.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Not encrypted with this passphrase.
    #[error("wrong passphrase for the wallet {0}")]
    Passphrase(String),
    /// It was, when it was opened.
    #[error("another program has changed the passphrase of the wallet {0} meanwhile; this change was not made")]
    Rekeyed(String),
    /// Not a wallet, or damaged.
    #[error("{0} is no wallet: {1}")]
    Form(String, String),
    /// A backup, not a wallet.
    #[error("{0} is no wallet: it is a backup of one")]
    Backup(String),
    /// An empty passphrase protects nothing.
    #[error("the passphrase is empty; choose one of at least four words")]
    EmptyPassphrase,
    /// A new passphrase that is the old one.
    #[error("the new passphrase is the old one; nothing was changed")]
    SamePassphrase,
    /// The content refuses the change.
    #[error(transparent)]
    Wallet(#[from] WalletError),
}

impl<S: Storage> Vault<S> {
    /// Opens an existing wallet.
    ///
    /// # Errors
    ///
    /// [`VaultError`] if there is none, or it doesn't open with that passphrase.
    pub async fn open(storage: S, passphrase: SecretText) -> Result<Self, VaultError> {
        let stored = storage.read().await?.ok_or_else(|| VaultError::Missing(storage.place()))?;
        let (seal, wallet) =
            encryption::decrypt(&stored, &passphrase).map_err(|error| named(&storage, error))?;
        Ok(Self {
            storage,
            passphrase,
            log_n: encryption::LOG_N,
            seal: Some(seal),
            stored: Some(stored),
            wallet,
            held: None,
        })
    }

    /// An empty wallet, written with the first change.
    ///
    /// # Errors
    ///
    /// [`VaultError::EmptyPassphrase`].
    pub fn create(storage: S, passphrase: SecretText) -> Result<Self, VaultError> {
        if passphrase.expose().is_empty() {
            return Err(VaultError::EmptyPassphrase);
        }
        let (wallet, log_n) = (Wallet::default(), encryption::LOG_N);
        Ok(Self { storage, passphrase, log_n, seal: None, stored: None, wallet, held: None })
    }

    /// From now on writes with this scrypt work, `log2 N`, instead of 16: less is for tests.
    pub fn with_work(self, log_n: u8) -> Self {
        Self { log_n, ..self }
    }

    /// The content as last read.
    pub fn wallet(&self) -> &Wallet {
        &self.wallet
    }

    /// Where it lies, and the records on their way out.
    pub fn storage(&self) -> &S {
        &self.storage
    }

    /// Takes a consultation for this program alone, until another one is taken or it's let go, and
    /// reads what others have written before.
    ///
    /// # Errors
    ///
    /// [`StorageError::Held`] if another program has it.
    pub(crate) async fn hold(&mut self, handle: &str) -> Result<(), VaultError> {
        if self.held.as_ref().is_none_or(|(held, _)| held != handle) {
            self.held = None;
            self.held = Some((handle.to_owned(), self.storage.hold(handle).await?));
        }
        self.refresh().await
    }

    /// Lets go of it.
    pub(crate) fn let_go(&mut self) {
        self.held = None;
    }

    /// Changes the content and writes it. The change is made to what lies there at that moment,
    /// and made again should another program have written meanwhile: nothing is lost. A refused
    /// change leaves everything as it was.
    ///
    /// # Errors
    ///
    /// What the change says, and [`VaultError`].
    pub async fn change<T, E: From<VaultError>>(
        &mut self,
        mut change: impl FnMut(&mut Wallet) -> Result<T, E>,
    ) -> Result<T, E> {
        loop {
            self.refresh().await?;
            let mut wallet = self.wallet.clone();
            let result = change(&mut wallet)?;
            let bytes = self.encrypt(&wallet)?;
            match self.storage.replace(self.stored.as_deref(), &bytes).await {
                Ok(()) => {
                    self.stored = Some(bytes);
                    self.wallet = wallet;
                    return Ok(result);
                }
                Err(StorageError::Changed(_)) => {}
                Err(error) => return Err(VaultError::from(error).into()),
            }
        }
    }

    /// Puts the wallet under another passphrase: what lies there at that moment, with what other
    /// programs have written meanwhile. A program that has it open under the old one is refused its
    /// next change with [`VaultError::Rekeyed`]. Copies and backups that were made before stay
    /// under the old one.
    ///
    /// # Errors
    ///
    /// [`VaultError::EmptyPassphrase`], [`VaultError::SamePassphrase`], and what a change can fail
    /// with. The old passphrase opens the wallet then, unless it is the place that failed: of that
    /// nobody knows whether it has written.
    pub async fn rekey(&mut self, passphrase: SecretText) -> Result<(), VaultError> {
        if passphrase.expose().is_empty() {
            return Err(VaultError::EmptyPassphrase);
        }
        if passphrase.expose() == self.passphrase.expose() {
            return Err(VaultError::SamePassphrase);
        }
        loop {
            self.refresh().await?;
            let named = |error| named(&self.storage, error);
            let seal = Seal::new(&passphrase, self.log_n).map_err(named)?;
            let bytes = encryption::write(&self.wallet, &seal).map_err(named)?;
            match self.storage.replace(self.stored.as_deref(), &bytes).await {
                Ok(()) => {
                    self.stored = Some(bytes);
                    self.seal = Some(seal);
                    self.passphrase = passphrase;
                    return Ok(());
                }
                Err(StorageError::Changed(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// What lies there now, as the bytes of a backup under the wallet's passphrase.
    ///
    /// # Errors
    ///
    /// [`VaultError`].
    pub async fn backup(&mut self) -> Result<Vec<u8>, VaultError> {
        self.refresh().await?;
        backup::encrypt(&self.wallet, &self.passphrase, self.log_n)
            .map_err(|error| named(&self.storage, error))
    }

    /// Opens a backup under the wallet's own passphrase.
    ///
    /// # Errors
    ///
    /// [`BackupError`].
    pub fn open_backup(&self, bytes: &[u8]) -> Result<Backup, BackupError> {
        Backup::open(bytes, &self.passphrase)
    }

    /// Adds what a backup has and the wallet hasn't: see [`Backup::plan`]. If there is nothing,
    /// nothing is written.
    ///
    /// # Errors
    ///
    /// [`VaultError`].
    pub async fn restore(&mut self, backup: &Backup) -> Result<Restored, VaultError> {
        self.refresh().await?;
        let plan = backup.plan(&self.wallet);
        if self.stored.is_some() && !plan.changes_anything() {
            return Ok(plan);
        }
        // Whoever works on one of those goes on to its end first.
        let mut held = Vec::new();
        for handle in plan.touched() {
            held.push(self.storage.hold(handle).await?);
        }
        let restored = self.change(|wallet| -> Result<_, VaultError> { Ok(backup.merge(wallet)) });
        let restored = restored.await?;
        for one in restored.dossiers.iter().filter(|one| one.merged == Merged::Erased) {
            self.storage.remove_record(&one.handle).await?;
        }
        Ok(restored)
    }

    /// Drops a consultation without looking at the chain: what it still holds there is given up,
    /// and its answer can't be read any more.
    /// [`Session::forget`](crate::consultation::Session::forget) looks first.
    ///
    /// # Errors
    ///
    /// [`VaultError`].
    pub async fn abandon(&mut self, handle: &str) -> Result<(), VaultError> {
        let handle = self.wallet.dossier(Some(handle))?.handle.clone();
        self.hold(&handle).await?;
        let abandoned = self.try_abandon(&handle).await;
        self.let_go();
        abandoned
    }

    async fn try_abandon(&mut self, handle: &str) -> Result<(), VaultError> {
        self.change(|wallet| -> Result<(), VaultError> { Ok(wallet.forget(handle)?) }).await?;
        Ok(self.storage.remove_record(handle).await?)
    }

    /// Takes what lies there now.
    async fn refresh(&mut self) -> Result<(), VaultError> {
        let found = self.storage.read().await?;
        if found == self.stored {
            return Ok(());
        }
        let newer = found.ok_or_else(|| VaultError::Missing(self.storage.place()))?;
        self.wallet = match self.decrypt(&newer) {
            // It opened before.
            Err(VaultError::Passphrase(place)) if self.stored.is_some() => {
                return Err(VaultError::Rekeyed(place));
            }
            decrypted => decrypted?,
        };
        self.stored = Some(newer);
        Ok(())
    }

    /// The wallet in bytes that lie there now.
    fn decrypt(&mut self, bytes: &[u8]) -> Result<Wallet, VaultError> {
        let named = |error| named(&self.storage, error);
        if let Some(plain) = self.seal.as_ref().and_then(|seal| seal.reopen(bytes)) {
            return encryption::read(&plain.map_err(named)?).map_err(named);
        }
        let (seal, wallet) = encryption::decrypt(bytes, &self.passphrase).map_err(named)?;
        self.seal = Some(seal);
        Ok(wallet)
    }

    /// The wallet as the bytes to be written.
    fn encrypt(&mut self, wallet: &Wallet) -> Result<Vec<u8>, VaultError> {
        let named = |error| named(&self.storage, error);
        let seal = match self.seal.take() {
            Some(seal) => seal,
            None => Seal::new(&self.passphrase, self.log_n).map_err(named)?,
        };
        let bytes = encryption::write(wallet, &seal).map_err(named);
        self.seal = Some(seal);
        bytes
    }
}

/// The error with the place it's about.
fn named<S: Storage>(storage: &S, error: EncryptionError) -> VaultError {
    match error {
        EncryptionError::Passphrase => VaultError::Passphrase(storage.place()),
        EncryptionError::Form(reason) => VaultError::Form(storage.place(), reason),
        EncryptionError::Backup => VaultError::Backup(storage.place()),
        EncryptionError::Wallet(error) => error.into(),
    }
}
