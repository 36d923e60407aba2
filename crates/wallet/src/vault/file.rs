// SPDX-License-Identifier: Apache-2.0
//! The wallet file on disk: JSON inside `age` passphrase encryption.
//!
//! - Mode 0600; the folder is made with 0700.
//! - A change is written to a new file beside it, flushed, and renamed over it: a crash leaves the
//!   old or the new one.
//! - A lock file keeps two writers apart; each change is made to what lies on disk at that moment.

use super::data::{Wallet, WalletError};
use crate::secret::SecretText;
use age::secrecy::SecretString;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// scrypt's `log2 N` of the files written. Every command opens the wallet and most of them write it
/// once or twice, so `age`'s own choice (about a second each) would be felt; 2^16 with r = 8 takes
/// 64 MiB and about a tenth of a second of one core a guess (measured: docs/wallet.md), twice what
/// polkadot-js takes for its account files.
const LOG_N: u8 = 16;
/// Files that ask for more are not opened: 2^20 is a gibibyte.
const MAX_LOG_N: u8 = 20;

/// An open wallet file.
pub struct Vault {
    path: PathBuf,
    passphrase: SecretText,
    /// The file as it was last read or written, to notice that another process changed it.
    on_disk: Option<Vec<u8>>,
    wallet: Wallet,
}

/// Why the wallet file can't be used.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// There is none.
    #[error(
        "there is no wallet at {0}; make one: cso account create NAME (or give --wallet FILE)"
    )]
    Missing(PathBuf),
    /// The file system refuses.
    #[error("can't {0} {1}: {2}")]
    Io(&'static str, PathBuf, io::Error),
    /// Others could read it.
    #[error("{0} can be read by other users; run: chmod 600 {0}")]
    Exposed(PathBuf),
    /// Not encrypted with this passphrase.
    #[error("wrong passphrase for the wallet {0}")]
    Passphrase(PathBuf),
    /// Not an age file with a passphrase, or cut short.
    #[error("{0} is no wallet: {1}")]
    Form(PathBuf, String),
    /// An empty passphrase protects nothing.
    #[error("the passphrase is empty; choose one of at least four words")]
    EmptyPassphrase,
    /// Another process holds the lock.
    #[error("another `cso` is writing the wallet {0}; try again when it's done")]
    Locked(PathBuf),
    /// The content refuses the change.
    #[error(transparent)]
    Wallet(#[from] WalletError),
}

impl Vault {
    /// Opens an existing wallet.
    pub fn open(path: &Path, passphrase: SecretText) -> Result<Self, VaultError> {
        let on_disk = read(path)?.ok_or_else(|| VaultError::Missing(path.to_owned()))?;
        let wallet = decrypt(path, &on_disk, &passphrase)?;
        Ok(Self { path: path.to_owned(), passphrase, on_disk: Some(on_disk), wallet })
    }

    /// An empty wallet, written with the first change.
    pub fn create(path: &Path, passphrase: SecretText) -> Result<Self, VaultError> {
        if passphrase.expose().is_empty() {
            return Err(VaultError::EmptyPassphrase);
        }
        Ok(Self { path: path.to_owned(), passphrase, on_disk: None, wallet: Wallet::default() })
    }

    /// Whether a wallet lies there.
    pub fn exists(path: &Path) -> bool {
        path.exists()
    }

    /// The content as last read.
    pub fn wallet(&self) -> &Wallet {
        &self.wallet
    }

    /// Changes the content and writes it, before anything else can. Refused changes leave file and
    /// content as they were.
    pub fn change<T, E: From<VaultError>>(
        &mut self,
        change: impl FnOnce(&mut Wallet) -> Result<T, E>,
    ) -> Result<T, E> {
        self.make_folder()?;
        let _lock = lock(&self.path)?;
        let found = read(&self.path)?;
        if found != self.on_disk {
            let newer = found.as_ref().ok_or_else(|| VaultError::Missing(self.path.clone()))?;
            self.wallet = decrypt(&self.path, newer, &self.passphrase)?;
            self.on_disk = found;
        }
        let result = change(&mut self.wallet);
        match &result {
            Ok(_) => self.write()?,
            // The closure may have stopped halfway: go back to what is on disk.
            Err(_) => {
                self.wallet = match &self.on_disk {
                    Some(bytes) => decrypt(&self.path, bytes, &self.passphrase)?,
                    None => Wallet::default(),
                }
            }
        }
        result
    }

    fn make_folder(&self) -> Result<(), VaultError> {
        let Some(folder) = self.path.parent().filter(|folder| !folder.as_os_str().is_empty())
        else {
            return Ok(());
        };
        if folder.is_dir() {
            return Ok(());
        }
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|error| VaultError::Io("make the folder", folder.to_owned(), error))
    }

    fn write(&mut self) -> Result<(), VaultError> {
        let bytes = encrypt(&self.wallet, &self.passphrase)
            .map_err(|error| VaultError::Io("encrypt", self.path.clone(), error))?;
        let failed = |error| VaultError::Io("write", self.path.clone(), error);
        let folder = folder(&self.path);
        let mut file = tempfile::Builder::new()
            .permissions(fs::Permissions::from_mode(0o600))
            .prefix(".wallet-")
            .tempfile_in(folder)
            .map_err(failed)?;
        file.write_all(&bytes).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(&self.path).map_err(|error| failed(error.error))?;
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
        self.on_disk = Some(bytes);
        Ok(())
    }
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Takes the lock beside the wallet; it's free again when the file is dropped.
fn lock(path: &Path) -> Result<File, VaultError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let lock = PathBuf::from(name);
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(&lock)
        .map_err(|error| VaultError::Io("open", lock.clone(), error))?;
    // Others hold it for a write, a fraction of a second. Who can't have it by then is told.
    for _ in 0..50 {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(fs::TryLockError::WouldBlock) => {
                std::thread::sleep(std::time::Duration::from_millis(100));
            }
            Err(fs::TryLockError::Error(error)) => return Err(VaultError::Io("lock", lock, error)),
        }
    }
    Err(VaultError::Locked(path.to_owned()))
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, VaultError> {
    let failed = |error| VaultError::Io("read", path.to_owned(), error);
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
        Ok(found) if !found.is_file() => {
            return Err(VaultError::Form(path.to_owned(), "not a file".into()));
        }
        Ok(found) if found.permissions().mode() & 0o077 != 0 => {
            return Err(VaultError::Exposed(path.to_owned()));
        }
        Ok(_) => {}
    }
    fs::read(path).map(Some).map_err(failed)
}

fn encrypt(wallet: &Wallet, passphrase: &SecretText) -> io::Result<Vec<u8>> {
    // Measure first: a buffer that grows would leave copies of the secrets behind.
    let mut length = Count(0);
    serde_json::to_writer(&mut length, wallet)?;
    let mut plain = Zeroizing::new(Vec::with_capacity(length.0));
    serde_json::to_writer(&mut *plain, wallet)?;

    let mut recipient = age::scrypt::Recipient::new(secret_string(passphrase));
    recipient.set_work_factor(LOG_N);
    age::encrypt(&recipient, &plain).map_err(io::Error::other)
}

fn decrypt(path: &Path, bytes: &[u8], passphrase: &SecretText) -> Result<Wallet, VaultError> {
    let form = |what: String| VaultError::Form(path.to_owned(), what);
    let mut identity = age::scrypt::Identity::new(secret_string(passphrase));
    identity.set_max_work_factor(MAX_LOG_N);
    let plain =
        age::decrypt(&identity, bytes).map(Zeroizing::new).map_err(|error| match error {
            age::DecryptError::DecryptionFailed
            | age::DecryptError::KeyDecryptionFailed
            | age::DecryptError::NoMatchingKeys => VaultError::Passphrase(path.to_owned()),
            age::DecryptError::ExcessiveWork { .. } => {
                form(format!("it asks for more than 2^{MAX_LOG_N} scrypt work"))
            }
            age::DecryptError::Io(error) => form(format!("cut short or damaged ({error})")),
            other => form(one_line(&other.to_string())),
        })?;
    let wallet: Wallet = serde_json::from_slice(&plain)
        .map_err(|error| form(format!("its content is damaged ({error})")))?;
    wallet.check_version()?;
    Ok(wallet)
}

fn secret_string(text: &SecretText) -> SecretString {
    SecretString::from(text.expose().to_owned())
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Counts what is written to it.
struct Count(usize);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Pair;

    fn passphrase(text: &str) -> SecretText {
        text.to_owned().into()
    }

    fn add(vault: &mut Vault, name: &str) -> Result<(), VaultError> {
        let pair = Pair::from_suri(&format!("//{name}")).unwrap();
        vault.change(|wallet| Ok(wallet.add(name, &pair, None)?))
    }

    fn new_wallet(folder: &tempfile::TempDir) -> (PathBuf, Vault) {
        let path = folder.path().join("deep/er/wallet.age");
        let mut vault = Vault::create(&path, passphrase("right")).unwrap();
        add(&mut vault, "anna").unwrap();
        (path, vault)
    }

    #[test]
    fn what_is_written_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let (path, _) = new_wallet(&folder);
        let again = Vault::open(&path, passphrase("right")).unwrap();
        let account = again.wallet().account("anna").unwrap();
        assert_eq!(account.pair().unwrap().account(), Pair::from_suri("//anna").unwrap().account());
    }

    #[test]
    fn wrong_passphrase_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let (path, _) = new_wallet(&folder);
        assert!(matches!(Vault::open(&path, passphrase("wrong")), Err(VaultError::Passphrase(_))));
    }

    #[test]
    fn empty_passphrase_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w");
        assert!(matches!(Vault::create(&path, passphrase("")), Err(VaultError::EmptyPassphrase)));
    }

    #[test]
    fn nobody_else_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let (path, _) = new_wallet(&folder);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(Vault::open(&path, passphrase("right")), Err(VaultError::Exposed(_))));
    }

    #[test]
    fn two_writers_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (path, mut one) = new_wallet(&folder);
        let mut two = Vault::open(&path, passphrase("right")).unwrap();
        add(&mut one, "ben").unwrap();
        add(&mut two, "carla").unwrap();
        let names: Vec<_> = two.wallet().accounts.iter().map(|a| a.name.clone()).collect();
        assert_eq!(names, ["anna", "ben", "carla"]);
    }

    #[test]
    fn refused_change_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (path, mut vault) = new_wallet(&folder);
        let before = fs::read(&path).unwrap();
        let result: Result<(), VaultError> = vault.change(|wallet| {
            wallet.accounts.clear();
            Err(WalletError::Empty.into())
        });
        assert!(result.is_err());
        assert_eq!(vault.wallet().accounts.len(), 1);
        assert_eq!(fs::read(&path).unwrap(), before);
    }

    #[test]
    fn damaged_files_are_told_from_wrong_passphrases() {
        let folder = tempfile::tempdir().unwrap();
        let (path, _) = new_wallet(&folder);
        let good = fs::read(&path).unwrap();
        let open = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            Vault::open(&path, passphrase("right")).err().unwrap()
        };
        assert!(matches!(open(&good[..good.len() - 1]), VaultError::Form(..)));
        assert!(matches!(open(b"not an age file"), VaultError::Form(..)));
        assert!(matches!(open(b""), VaultError::Form(..)));
    }

    #[test]
    fn missing_wallet_says_how_to_make_one() {
        let error = Vault::open(Path::new("/nowhere/w"), passphrase("x")).err().unwrap();
        assert!(error.to_string().contains("cso account create"), "{error}");
    }
}
