// SPDX-License-Identifier: Apache-2.0
//! Backups: a wallet's accounts and dossiers in a file of their own, and how they come back.
//!
//! The file is JSON inside `age` passphrase encryption, as the wallet is, with a format and a
//! version before the content. A plain copy of a wallet's file is taken as well.
//!
//! What comes back is *added*. What the wallet has already stays as it is: the wallet may have come
//! further than the backup. One thing goes over from either side to the other: a consultation that
//! is erased in one of them is erased afterwards, so that keys that were destroyed never come back.
//!
//! Encrypted records on their way are in no backup: they are made again of what their dossiers keep
//! ([`Evidence`](super::Evidence)).

use super::{
    encryption::{self, BACKUP},
    sealed::{EncryptionError, Seal},
    wallet::MAX_NAME,
    Asker, Dossier, Stage, Wallet, WalletError,
};
use crate::{address::AccountId, secret::SecretText};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// Version of the format; another one is refused, never guessed.
const VERSION: u32 = 1;

/// A backup that is open.
#[derive(Clone)]
pub struct Backup {
    wallet: Wallet,
}

impl fmt::Debug for Backup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Backup(..)")
    }
}

/// Why bytes are no backup that this passphrase opens.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// Not encrypted with this passphrase.
    #[error("the backup doesn't open: wrong passphrase")]
    Passphrase,
    /// Not a backup, or damaged.
    #[error("this is no backup of a wallet: {0}")]
    Form(String),
    /// Made by another version of this program.
    #[error("the backup has version {0}, this program reads version {VERSION}; use the program it was made with")]
    Version(u32),
    /// The content is of another version.
    #[error(transparent)]
    Wallet(#[from] WalletError),
}

impl From<EncryptionError> for BackupError {
    fn from(error: EncryptionError) -> Self {
        match error {
            EncryptionError::Passphrase => Self::Passphrase,
            EncryptionError::Wallet(error) => Self::Wallet(error),
            other => Self::Form(other.to_string()),
        }
    }
}

/// What is written.
#[derive(Serialize)]
struct Written<'a> {
    format: &'static str,
    version: u32,
    wallet: &'a Wallet,
}

/// What is read, once the header is known.
#[derive(Deserialize)]
struct Read {
    wallet: Wallet,
}

/// What became of each account and each consultation of a backup, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// The accounts.
    pub accounts: Vec<RestoredAccount>,
    /// The consultations.
    pub dossiers: Vec<RestoredDossier>,
}

/// What became of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestoredAccount {
    /// What the wallet calls it.
    pub name: String,
    /// What the backup calls it, if that is another name.
    pub name_in_backup: Option<String>,
    /// Its address.
    pub address: AccountId,
    /// What became of it: added or there.
    pub merged: Merged,
}

/// What became of a consultation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestoredDossier {
    /// The wallet's name for it.
    pub handle: String,
    /// How far it has come in the wallet afterwards.
    pub stage: Stage,
    /// What became of it.
    pub merged: Merged,
}

/// How something of a backup and the wallet came together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merged {
    /// The wallet hadn't it.
    Added,
    /// The wallet had it and keeps its own.
    Present,
    /// The wallet has erased it: the backup's keys were not brought back.
    StaysErased,
    /// Both, and the backup has come further: the wallet has now.
    Advanced,
    /// The backup has it as erased: the wallet's keys are destroyed.
    Erased,
}

impl Restored {
    /// Those that are there and become something else.
    pub(super) fn touched(&self) -> impl Iterator<Item = &str> {
        let touched =
            |one: &&RestoredDossier| matches!(one.merged, Merged::Advanced | Merged::Erased);
        self.dossiers.iter().filter(touched).map(|one| one.handle.as_str())
    }

    /// Whether the wallet is another afterwards.
    pub fn changes_anything(&self) -> bool {
        let changes =
            |merged: Merged| matches!(merged, Merged::Added | Merged::Advanced | Merged::Erased);
        self.accounts.iter().any(|one| changes(one.merged))
            || self.dossiers.iter().any(|one| changes(one.merged))
    }
}

/// The bytes of a backup of this wallet.
pub(super) fn encrypt(
    wallet: &Wallet,
    passphrase: &SecretText,
    log_n: u8,
) -> Result<Vec<u8>, EncryptionError> {
    let written = Written { format: BACKUP, version: VERSION, wallet };
    encryption::encrypt(&written, passphrase, log_n)
}

impl Backup {
    /// Opens a backup, or a copy of a wallet's file.
    ///
    /// # Errors
    ///
    /// [`BackupError`] if it is neither, or doesn't open with that passphrase.
    pub fn open(bytes: &[u8], passphrase: &SecretText) -> Result<Self, BackupError> {
        let (_, plain) = Seal::open(bytes, passphrase)?;
        let header = encryption::header(&plain)?;
        let wallet = match header.format.as_deref() {
            None => encryption::wallet(&plain)?,
            Some(BACKUP) if header.version != VERSION => {
                return Err(BackupError::Version(header.version));
            }
            Some(BACKUP) => {
                let read: Read = serde_json::from_slice(&plain).map_err(encryption::damaged)?;
                read.wallet.upgrade()?
            }
            Some(_) => return Err(BackupError::Form("its content is something else".into())),
        };
        Ok(Self { wallet })
    }

    /// What [`Vault::restore`](super::Vault::restore) would do to this wallet.
    pub fn plan(&self, wallet: &Wallet) -> Restored {
        self.merge(&mut wallet.clone())
    }

    /// Adds what the wallet hasn't. From then on the wallet takes consultation accounts of a range
    /// of its own: another one with the same mnemonics may be in use.
    pub(super) fn merge(&self, wallet: &mut Wallet) -> Restored {
        let accounts = self.merge_accounts(wallet);
        let dossiers = self.merge_dossiers(wallet, &accounts);
        let restored = Restored { accounts, dossiers };
        if restored.changes_anything() {
            wallet.begin_range();
        }
        restored
    }

    fn merge_accounts(&self, wallet: &mut Wallet) -> Vec<RestoredAccount> {
        let mut restored = Vec::new();
        for account in &self.wallet.accounts {
            let address = account.address;
            let there = wallet.accounts.iter().find(|one| one.address == address);
            let (name, merged) = match there {
                Some(there) => (there.name.clone(), Merged::Present),
                None => {
                    let name = free_name(&account.name, |name| {
                        let is_other = |other: &str| other == name && other != account.name;
                        wallet.accounts.iter().any(|one| one.name == name)
                            || self.wallet.accounts.iter().any(|one| is_other(&one.name))
                    });
                    let mut added = account.clone();
                    added.name.clone_from(&name);
                    wallet.accounts.push(added);
                    (name, Merged::Added)
                }
            };
            let name_in_backup = (name != account.name).then(|| account.name.clone());
            restored.push(RestoredAccount { name, name_in_backup, address, merged });
        }
        restored
    }

    fn merge_dossiers(
        &self,
        wallet: &mut Wallet,
        accounts: &[RestoredAccount],
    ) -> Vec<RestoredDossier> {
        let renamed: BTreeMap<&str, &str> = accounts
            .iter()
            .filter_map(|one| Some((one.name_in_backup.as_deref()?, one.name.as_str())))
            .collect();
        let mut restored = Vec::new();
        // Oldest first: one that is added comes behind the one that it follows in the backup.
        let mut next = 0;
        for dossier in &self.wallet.dossiers {
            let mut there = wallet.dossiers.iter_mut().enumerate();
            if let Some((at, own)) = there.find(|(_, one)| is_same(one, dossier)) {
                next = at + 1;
                let merged = merge_into(own, dossier);
                let (handle, stage) = (own.handle.clone(), own.stage);
                restored.push(RestoredDossier { handle, stage, merged });
                continue;
            }
            let mut added = dossier.clone();
            added.restored |= matches!(added.stage, Stage::Prepared | Stage::Submitting { .. });
            added.handle = free_name(&dossier.handle, |handle| {
                let is_other = |other: &str| other == handle && other != dossier.handle;
                wallet.dossiers.iter().any(|one| one.handle == handle)
                    || self.wallet.dossiers.iter().any(|one| is_other(&one.handle))
            });
            let (Asker::Existing { name } | Asker::Fresh { funded_by: name, .. }) =
                &mut added.account;
            if let Some(new) = renamed.get(name.as_str()) {
                *name = (*new).to_owned();
            }
            let (handle, stage) = (added.handle.clone(), added.stage);
            restored.push(RestoredDossier { handle, stage, merged: Merged::Added });
            wallet.dossiers.insert(next.min(wallet.dossiers.len()), added);
            next += 1;
        }
        restored
    }
}

/// Whether both are of one consultation. Handles are short, and two may be equal.
fn is_same(one: &Dossier, other: &Dossier) -> bool {
    one.record == other.record && one.genesis == other.genesis
}

/// What is erased in one of them is erased; what has come further in the backup goes on from there.
fn merge_into(own: &mut Dossier, backup: &Dossier) -> Merged {
    match (own.is_erased(), backup.is_erased()) {
        (true, false) => Merged::StaysErased,
        (false, true) if is_over(own, backup) => {
            own.destroy_keys();
            own.stage = backup.stage;
            Merged::Erased
        }
        // It was asked once more here, which the backup doesn't know of.
        (false, true) => Merged::Present,
        (true, true) => Merged::Present,
        (false, false) => merge_progress(own, backup),
    }
}

/// Whether what the backup has erased is what the wallet has: the same number, or none yet and no
/// money on its way.
fn is_over(own: &Dossier, backup: &Dossier) -> bool {
    match own.stage {
        Stage::Prepared => own.funding.is_none(),
        Stage::Submitting { .. } => false,
        Stage::Requested { .. } | Stage::Erased { .. } => own.id() == backup.id(),
    }
}

fn merge_progress(own: &mut Dossier, backup: &Dossier) -> Merged {
    let mut merged = Merged::Present;
    if own.id().is_none() && backup.id().is_some() {
        own.stage = backup.stage;
        own.requested_in = backup.requested_in;
        own.anchor = backup.anchor;
        own.request = None;
        own.restored = false;
        merged = Merged::Advanced;
    }
    if own.opinion.is_none() && backup.opinion.is_some() {
        own.opinion.clone_from(&backup.opinion);
        own.delivered_ms = backup.delivered_ms;
        merged = Merged::Advanced;
    }
    // What was exported is exported.
    own.exported |= backup.exported;
    merged
}

/// The name, or the first with a number behind it that isn't taken.
fn free_name(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut free = name.to_owned();
    let mut number = 1_u64;
    while is_taken(&free) {
        number += 1;
        let suffix = format!("-{number}");
        let kept = MAX_NAME.saturating_sub(suffix.len());
        free = name.chars().take(kept).chain(suffix.chars()).collect();
    }
    free
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Pair;

    fn wallet(accounts: &[(&str, &str)]) -> Wallet {
        let mut wallet = Wallet::default();
        for (name, suri) in accounts {
            wallet.add(name, &Pair::from_suri(suri).unwrap(), None).unwrap();
        }
        wallet
    }

    fn names(wallet: &Wallet) -> Vec<&str> {
        wallet.accounts.iter().map(|one| one.name.as_str()).collect()
    }

    #[test]
    fn a_taken_name_gets_a_number_and_is_told() {
        let long = "a".repeat(MAX_NAME);
        let mut here = wallet(&[("anna", "//1"), (&long, "//2"), ("ben", "//3")]);
        let there =
            wallet(&[("anna", "//4"), ("anna-2", "//5"), (&long, "//6"), ("benjamin", "//3")]);
        let restored = Backup { wallet: there }.merge(&mut here);
        let cut = format!("{}-2", "a".repeat(MAX_NAME - 2));
        assert_eq!(names(&here), ["anna", &long, "ben", "anna-3", "anna-2", &cut]);
        let told: Vec<_> = restored
            .accounts
            .iter()
            .map(|one| (one.name.as_str(), one.name_in_backup.as_deref(), one.merged))
            .collect();
        assert_eq!(
            told,
            [
                ("anna-3", Some("anna"), Merged::Added),
                ("anna-2", None, Merged::Added),
                (cut.as_str(), Some(long.as_str()), Merged::Added),
                ("ben", Some("benjamin"), Merged::Present),
            ]
        );
    }

    #[test]
    fn a_plan_changes_nothing_and_says_what_merging_does() {
        let mut here = wallet(&[("anna", "//1")]);
        let backup = Backup { wallet: wallet(&[("ben", "//2")]) };
        let plan = backup.plan(&here);
        assert_eq!(names(&here), ["anna"]);
        assert!(plan.changes_anything());
        assert_eq!(backup.merge(&mut here), plan);
        assert!(!backup.plan(&here).changes_anything());
    }

    #[test]
    fn backups_and_wallets_are_told_apart() {
        let passphrase = SecretText::from("right".to_owned());
        let here = wallet(&[("anna", "//1")]);
        let bytes = encrypt(&here, &passphrase, 1).unwrap();
        let refused = encryption::decrypt(&bytes, &passphrase);
        assert!(matches!(refused, Err(EncryptionError::Backup)), "{refused:?}");
        let copy = encryption::encrypt(&here, &passphrase, 1).unwrap();
        for bytes in [bytes, copy] {
            let backup = Backup::open(&bytes, &passphrase).unwrap();
            assert_eq!(names(&backup.wallet), ["anna"]);
        }
    }

    #[test]
    fn other_formats_versions_passphrases_and_cut_files_are_refused() {
        let passphrase = SecretText::from("right".to_owned());
        let here = wallet(&[]);
        let open = |format: &'static str, version: u32| {
            let written = Written { format, version, wallet: &here };
            Backup::open(&encryption::encrypt(&written, &passphrase, 1).unwrap(), &passphrase)
        };
        assert!(open(BACKUP, VERSION).is_ok());
        assert!(matches!(open(BACKUP, 2), Err(BackupError::Version(2))));
        assert!(matches!(open("something", 1), Err(BackupError::Form(_))));
        let bytes = encrypt(&here, &passphrase, 1).unwrap();
        let wrong = Backup::open(&bytes, &SecretText::from("wrong".to_owned()));
        assert!(matches!(wrong, Err(BackupError::Passphrase)), "{wrong:?}");
        for bytes in [&bytes[..bytes.len() - 1], b"no age file", b""] {
            assert!(matches!(Backup::open(bytes, &passphrase), Err(BackupError::Form(_))));
        }
    }
}
