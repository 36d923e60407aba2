// SPDX-License-Identifier: Apache-2.0
//! The wallet in a file: nothing is lost, nothing is shown.

use cso_client::{
    secret::SecretText,
    vault::{
        Backup, BackupError, FileStorage, Storage, StorageError, Vault, VaultError, WalletError,
    },
    Pair,
};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

type FileVault = Vault<FileStorage>;

fn passphrase(text: &str) -> SecretText {
    text.to_owned().into()
}

async fn open(path: &Path, text: &str) -> Result<FileVault, VaultError> {
    Vault::open(FileStorage::new(path), passphrase(text)).await.map(|vault| vault.with_work(1))
}

async fn add(vault: &mut FileVault, name: &str) -> Result<(), VaultError> {
    let pair = Pair::from_suri(&format!("//{name}")).unwrap();
    vault.change(|wallet| Ok(wallet.add(name, &pair, None)?)).await
}

async fn new_wallet(folder: &TempDir) -> (PathBuf, FileVault) {
    let path = folder.path().join("deep/er/wallet.age");
    let vault = Vault::create(FileStorage::new(&path), passphrase("right")).unwrap();
    let mut vault = vault.with_work(1);
    add(&mut vault, "anna").await.unwrap();
    (path, vault)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn what_is_written_is_read_back() {
    let folder = TempDir::new().unwrap();
    let (path, _) = new_wallet(&folder).await;
    let again = open(&path, "right").await.unwrap();
    let account = again.wallet().account("anna").unwrap();
    let anna = Pair::from_suri("//anna").unwrap().account();
    assert_eq!(account.pair().unwrap().account(), anna);
    assert_eq!(account.address, anna);
}

#[tokio::test]
async fn wallets_of_version_1_are_read() {
    // Written by the release before the client was a library: one account, one consultation.
    let bytes = include_bytes!("data/wallet-v1.age");
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("wallet.age");
    fs::write(&path, bytes).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let vault = open(&path, "correct horse battery staple").await.unwrap();
    let wallet = vault.wallet();
    assert_eq!(wallet.accounts.len(), 1);
    let dossier = wallet.dossier(None).unwrap();
    assert_eq!(dossier.chunks.len(), 1);
    assert!(dossier.handle.ends_with(&format!("{:x}", dossier.record)[..8]));
    assert!(dossier.keys.is_some());
}

#[tokio::test]
async fn wrong_passphrase_is_told() {
    let folder = TempDir::new().unwrap();
    let (path, _) = new_wallet(&folder).await;
    assert!(matches!(open(&path, "wrong").await, Err(VaultError::Passphrase(_))));
}

#[test]
fn empty_passphrase_is_refused() {
    let folder = TempDir::new().unwrap();
    let storage = FileStorage::new(folder.path().join("w"));
    assert!(matches!(Vault::create(storage, passphrase("")), Err(VaultError::EmptyPassphrase)));
}

#[tokio::test]
async fn nobody_else_may_read_it() {
    let folder = TempDir::new().unwrap();
    let (path, _) = new_wallet(&folder).await;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(
        open(&path, "right").await,
        Err(VaultError::Storage(StorageError::Exposed(_)))
    ));
}

#[tokio::test]
async fn two_writers_lose_nothing() {
    let folder = TempDir::new().unwrap();
    let (path, mut one) = new_wallet(&folder).await;
    let mut two = open(&path, "right").await.unwrap();
    add(&mut one, "ben").await.unwrap();
    add(&mut two, "carla").await.unwrap();
    let names: Vec<_> = two.wallet().accounts.iter().map(|a| a.name.clone()).collect();
    assert_eq!(names, ["anna", "ben", "carla"]);
}

#[tokio::test]
async fn a_changed_passphrase_opens_what_was_there() {
    let folder = TempDir::new().unwrap();
    let (path, mut vault) = new_wallet(&folder).await;
    // What another program writes meanwhile goes along.
    add(&mut open(&path, "right").await.unwrap(), "ben").await.unwrap();
    vault.rekey(passphrase("new")).await.unwrap();
    assert!(matches!(open(&path, "right").await, Err(VaultError::Passphrase(_))));
    add(&mut vault, "carla").await.unwrap();
    let again = open(&path, "new").await.unwrap();
    let names: Vec<_> = again.wallet().accounts.iter().map(|a| a.name.clone()).collect();
    assert_eq!(names, ["anna", "ben", "carla"]);
    assert_eq!(mode(&path), 0o600);
}

#[tokio::test]
async fn who_writes_with_the_old_passphrase_is_told_that_it_was_changed() {
    let folder = TempDir::new().unwrap();
    let (path, mut one) = new_wallet(&folder).await;
    let mut two = open(&path, "right").await.unwrap();
    one.rekey(passphrase("new")).await.unwrap();
    let before = fs::read(&path).unwrap();
    for error in [
        add(&mut two, "ben").await.unwrap_err(),
        two.rekey(passphrase("newest")).await.unwrap_err(),
        two.backup().await.unwrap_err(),
    ] {
        assert!(matches!(error, VaultError::Rekeyed(_)), "{error}");
        assert!(!error.to_string().contains("wrong"), "{error}");
    }
    assert_eq!(fs::read(&path).unwrap(), before);
    add(&mut open(&path, "new").await.unwrap(), "ben").await.unwrap();
}

#[tokio::test]
async fn an_empty_or_the_same_passphrase_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let (path, mut vault) = new_wallet(&folder).await;
    let before = fs::read(&path).unwrap();
    let error = vault.rekey(passphrase("")).await.unwrap_err();
    assert!(matches!(error, VaultError::EmptyPassphrase), "{error}");
    let error = vault.rekey(passphrase("right")).await.unwrap_err();
    assert!(matches!(error, VaultError::SamePassphrase), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_backup_keeps_the_passphrase_that_it_was_made_with() {
    let folder = TempDir::new().unwrap();
    let (_, mut vault) = new_wallet(&folder).await;
    let bytes = vault.backup().await.unwrap();
    vault.rekey(passphrase("new")).await.unwrap();
    let error = vault.open_backup(&bytes).unwrap_err();
    assert!(matches!(error, BackupError::Passphrase), "{error}");
    assert!(Backup::open(&bytes, &passphrase("right")).is_ok());
}

#[tokio::test]
async fn a_backup_is_no_wallet_and_says_so() {
    let folder = TempDir::new().unwrap();
    let (path, mut vault) = new_wallet(&folder).await;
    let bytes = vault.backup().await.unwrap();
    fs::write(&path, bytes).unwrap();
    let error = open(&path, "right").await.err().unwrap();
    assert!(matches!(error, VaultError::Backup(_)), "{error}");
}

#[tokio::test]
async fn a_change_in_between_is_noticed_not_overwritten() {
    let folder = TempDir::new().unwrap();
    let (path, _) = new_wallet(&folder).await;
    let storage = FileStorage::new(&path);
    let seen = storage.read().await.unwrap();
    storage.replace(seen.as_deref(), b"newer").await.unwrap();
    let late = storage.replace(seen.as_deref(), b"older").await;
    assert!(matches!(late, Err(StorageError::Changed(_))));
    assert_eq!(fs::read(&path).unwrap(), b"newer");
}

#[tokio::test]
async fn refused_change_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let (path, mut vault) = new_wallet(&folder).await;
    let before = fs::read(&path).unwrap();
    let refuse = |wallet: &mut cso_client::vault::Wallet| -> Result<(), VaultError> {
        wallet.accounts.clear();
        Err(WalletError::Empty.into())
    };
    assert!(vault.change(refuse).await.is_err());
    assert_eq!(vault.wallet().accounts.len(), 1);
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_wallet_that_vanished_is_not_made_again() {
    let folder = TempDir::new().unwrap();
    let (path, mut vault) = new_wallet(&folder).await;
    fs::remove_file(&path).unwrap();
    assert!(matches!(add(&mut vault, "ben").await, Err(VaultError::Missing(_))));
    assert!(!path.exists());
}

#[tokio::test]
async fn damaged_files_are_told_from_wrong_passphrases() {
    let folder = TempDir::new().unwrap();
    let (path, _) = new_wallet(&folder).await;
    let good = fs::read(&path).unwrap();
    for bytes in [&good[..good.len() - 1], b"not an age file", b""] {
        fs::write(&path, bytes).unwrap();
        assert!(matches!(open(&path, "right").await, Err(VaultError::Form(..))));
    }
}

#[tokio::test]
async fn a_missing_wallet_is_named() {
    let error = open(Path::new("/nowhere/w"), "x").await.err().unwrap();
    assert_eq!(error.to_string(), "there is no wallet at /nowhere/w");
}

#[tokio::test]
async fn records_on_their_way_leave_nothing_behind() {
    let folder = TempDir::new().unwrap();
    let storage = FileStorage::new(folder.path().join("wallet.age"));
    assert_eq!(storage.record("r-1").await.unwrap(), None);
    storage.put_record("r-1", b"one").await.unwrap();
    storage.put_record("r-2", b"two").await.unwrap();
    assert_eq!(mode(&folder.path().join("wallet.age.outbox/r-1")), 0o600);
    assert_eq!(storage.record("r-1").await.unwrap().unwrap(), b"one");
    storage.remove_record("r-1").await.unwrap();
    storage.remove_record("r-1").await.unwrap();
    assert_eq!(storage.record("r-2").await.unwrap().unwrap(), b"two");
    storage.remove_record("r-2").await.unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
