// SPDX-License-Identifier: Apache-2.0
//! The wallet as a file on this computer, and the records on their way out beside it:
//! `WALLET.outbox/HANDLE`.
//!
//! - Mode 0600; the folder is made with 0700.
//! - A change is written to a new file beside it, flushed, and renamed over it: a crash leaves the
//!   old or the new one.
//! - A lock file keeps two writers apart.
//! - Records are ciphertext; their keys are in the wallet. Each is deleted when its request is on
//!   chain.

use super::{Storage, StorageError};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

/// How often, and how long apart, the lock is tried for. Others hold it for a write, a fraction of
/// a second.
const PATIENCE: (u32, Duration) = (50, Duration::from_millis(100));

/// A wallet file.
#[derive(Clone, Debug)]
pub struct FileStorage {
    path: PathBuf,
}

impl FileStorage {
    /// The wallet at `path`, which needn't be there.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Whether a wallet lies there.
    pub fn exists(&self) -> bool {
        self.path.exists()
    }

    fn outbox(&self) -> PathBuf {
        beside(&self.path, ".outbox")
    }
}

impl Storage for FileStorage {
    fn place(&self) -> String {
        self.path.display().to_string()
    }

    async fn read(&self) -> Result<Option<Vec<u8>>, StorageError> {
        read(&self.path)
    }

    async fn replace(&self, expected: Option<&[u8]>, new: &[u8]) -> Result<(), StorageError> {
        let folder = folder(&self.path);
        make_private_folder(folder)?;
        let _lock = lock(&self.path)?;
        if read(&self.path)?.as_deref() != expected {
            return Err(StorageError::Changed(self.place()));
        }
        write(&self.path, new)?;
        sync_folder(folder).map_err(failed("write", &self.path))
    }

    async fn put_record(&self, handle: &str, record: &[u8]) -> Result<(), StorageError> {
        let outbox = self.outbox();
        make_private_folder(&outbox)?;
        write(&outbox.join(handle), record)
    }

    async fn record(&self, handle: &str) -> Result<Option<Vec<u8>>, StorageError> {
        let path = self.outbox().join(handle);
        match fs::read(&path) {
            Ok(record) => Ok(Some(record)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed("read", &path)(error)),
        }
    }

    async fn remove_record(&self, handle: &str) -> Result<(), StorageError> {
        let outbox = self.outbox();
        let path = outbox.join(handle);
        match fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed("delete", &path)(error)),
        }
        // Fails while other records wait in it, which is right.
        let _ = fs::remove_dir(&outbox);
        Ok(())
    }
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StorageError {
    let place = path.display().to_string();
    move |error| StorageError::System { action, place, reason: error.to_string() }
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn make_private_folder(folder: &Path) -> Result<(), StorageError> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(failed("make the folder", folder))
}

/// Takes the lock beside the wallet; it's free again when the file is dropped.
fn lock(path: &Path) -> Result<File, StorageError> {
    let lock = beside(path, ".lock");
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&lock).map_err(failed("open", &lock))?;
    let (attempts, pause) = PATIENCE;
    for _ in 0..attempts {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(fs::TryLockError::WouldBlock) => std::thread::sleep(pause),
            Err(fs::TryLockError::Error(error)) => return Err(failed("lock", &lock)(error)),
        }
    }
    Err(StorageError::Busy(path.display().to_string()))
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, StorageError> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed("read", path)(error)),
        Ok(found) if !found.is_file() => {
            return Err(StorageError::NotAFile(path.display().to_string()));
        }
        Ok(found) if is_exposed(&found) => {
            return Err(StorageError::Exposed(path.display().to_string()));
        }
        Ok(_) => {}
    }
    fs::read(path).map(Some).map_err(failed("read", path))
}

#[cfg(unix)]
fn is_exposed(found: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o077 != 0
}

/// Where files have no modes there is nothing to see.
#[cfg(not(unix))]
fn is_exposed(_: &fs::Metadata) -> bool {
    false
}

/// Writes all of it or nothing. `tempfile` makes files with mode 0600.
fn write(path: &Path, bytes: &[u8]) -> Result<(), StorageError> {
    let mut file = tempfile::Builder::new()
        .prefix(".wallet-")
        .tempfile_in(folder(path))
        .map_err(failed("write", path))?;
    file.write_all(bytes)
        .and_then(|()| file.as_file().sync_all())
        .and_then(|()| file.persist(path).map_err(|error| error.error))
        .map(drop)
        .map_err(failed("write", path))
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Elsewhere folders can't be opened as files.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
