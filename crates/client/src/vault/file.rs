// SPDX-License-Identifier: Apache-2.0
//! The wallet as a file on this computer, and the records on their way out beside it:
//! `WALLET.outbox/HANDLE`.
//!
//! - Mode 0600; the folder is made with 0700.
//! - A change is written to a new file beside it, `WALLET.unfinished`, flushed, and renamed over
//!   it: a crash leaves the old or the new one. An unfinished one that a crash left is removed by
//!   the next change.
//! - A lock file, `WALLET.lock`, keeps two writers apart; `WALLET.outbox/HANDLE.lock` two
//!   programs that work on one consultation. It's deleted by whoever held it; what a killed program
//!   left goes with the records that nobody knows.
//! - Where the path is a symbolic link, all of that is done at what it leads to.
//! - Records are ciphertext; their keys are in the wallet. Each is deleted when its request is on
//!   chain.

use super::{storage::SETTLED, Storage, StorageError};
use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

/// Ends the name of the file that a program which works on a consultation has locked.
const LOCK: &str = ".lock";

/// Ends the name of a file that isn't whole yet.
const NEW: &str = ".unfinished";

/// Most symbolic links in a row that are followed: as many as Linux does.
const MAX_LINKS: usize = 40;

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

    /// The file itself: what `path` leads to, if it's a symbolic link. A rename over the link would
    /// take the link's place and leave the wallet as it was.
    fn target(&self) -> Result<PathBuf, StorageError> {
        let mut target = self.path.clone();
        for _ in 0..=MAX_LINKS {
            match fs::read_link(&target) {
                Ok(next) => target = folder(&target).join(next),
                // No link: the wallet, or nothing yet.
                Err(_) => return Ok(target),
            }
        }
        Err(StorageError::System {
            action: "follow",
            place: self.place(),
            reason: format!("more than {MAX_LINKS} symbolic links in a row"),
        })
    }

    fn outbox(&self) -> Result<PathBuf, StorageError> {
        Ok(beside(&self.target()?, ".outbox"))
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
        let target = self.target()?;
        let folder = folder(&target);
        make_private_folder(folder)?;
        let _lock = lock(&target)?;
        if read(&target)?.as_deref() != expected {
            return Err(StorageError::Changed(self.place()));
        }
        write(&target, new)?;
        sync_folder(folder).map_err(failed("write", &target))
    }

    type Hold = Hold;

    async fn hold(&self, handle: &str) -> Result<Hold, StorageError> {
        let outbox = self.outbox()?;
        let path = outbox.join(format!("{handle}{LOCK}"));
        let (attempts, _) = PATIENCE;
        for _ in 0..attempts {
            make_private_folder(&outbox)?;
            // Another program may have taken the empty folder away between.
            let Ok(file) = open_lock(&path) else { continue };
            match file.try_lock() {
                // Whoever held it before may have deleted it between: then nobody else sees it.
                Ok(()) if is_at(&file, &path) => return Ok(Hold { path, _file: file }),
                Ok(()) => {}
                Err(fs::TryLockError::WouldBlock) => {
                    return Err(StorageError::Held(handle.to_owned()))
                }
                Err(fs::TryLockError::Error(error)) => return Err(failed("lock", &path)(error)),
            }
        }
        open_lock(&path).and(Err(StorageError::Held(handle.to_owned())))
    }

    async fn put_record(&self, handle: &str, record: &[u8]) -> Result<(), StorageError> {
        let outbox = self.outbox()?;
        make_private_folder(&outbox)?;
        write(&outbox.join(handle), record)
    }

    async fn record(&self, handle: &str) -> Result<Option<Vec<u8>>, StorageError> {
        let path = self.outbox()?.join(handle);
        match fs::read(&path) {
            Ok(record) => Ok(Some(record)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed("read", &path)(error)),
        }
    }

    async fn records(&self) -> Result<Vec<String>, StorageError> {
        let outbox = self.outbox()?;
        let entries = match fs::read_dir(&outbox) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed("list", &outbox)(error)),
        };
        let mut handles = BTreeSet::new();
        for entry in entries {
            let entry = entry.map_err(failed("list", &outbox))?;
            let name = entry.file_name();
            if let (Some(name), true) = (name.to_str(), is_settled(&entry)) {
                let handle = [NEW, LOCK].into_iter().find_map(|end| name.strip_suffix(end));
                handles.insert(handle.unwrap_or(name).to_owned());
            }
        }
        Ok(handles.into_iter().collect())
    }

    async fn remove_record(&self, handle: &str) -> Result<(), StorageError> {
        let outbox = self.outbox()?;
        let path = outbox.join(handle);
        for path in [beside(&path, NEW), path] {
            remove(&path).map_err(failed("delete", &path))?;
        }
        // Fails while other records wait in it, which is right.
        let _ = fs::remove_dir(&outbox);
        Ok(())
    }
}

/// Whether it's a file that nobody has written to for a while. One whose time can't be told, or
/// lies ahead, is not.
fn is_settled(entry: &fs::DirEntry) -> bool {
    entry.metadata().is_ok_and(|found| {
        let age = found.modified().ok().and_then(|time| time.elapsed().ok());
        found.is_file() && age.is_some_and(|age| age >= SETTLED)
    })
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

/// A consultation that is held. The system takes the lock away when the program ends, the file
/// itself is deleted here.
#[derive(Debug)]
pub struct Hold {
    path: PathBuf,
    _file: File,
}

impl Drop for Hold {
    fn drop(&mut self) {
        // Still locked: nobody else takes it for free. One that can't be deleted does no harm.
        let _ = remove(&self.path);
        // Fails while others are in it, which is right.
        let _ = fs::remove_dir(folder(&self.path));
    }
}

fn open_lock(path: &Path) -> Result<File, StorageError> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(failed("open", path))
}

/// Whether the file that was opened still lies there.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let place = |found: fs::Metadata| (found.dev(), found.ino());
    file.metadata().map(place).ok() == fs::metadata(path).map(place).ok()
}

/// Where a file that is open can't be deleted it does.
#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

/// Takes the lock beside the wallet; it's free again when the file is dropped.
fn lock(path: &Path) -> Result<File, StorageError> {
    let lock = beside(path, ".lock");
    let file = open_lock(&lock)?;
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

/// Writes all of it or nothing: to a new file beside it, which then takes its place. Two writers of
/// one file are never here at once: the lock sees to it for the wallet, and a record has one
/// writer.
fn write(path: &Path, bytes: &[u8]) -> Result<(), StorageError> {
    let new = beside(path, NEW);
    let written = remove(&new).and_then(|()| {
        let mut file = create_private(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&new, path)
    });
    written.map_err(|error| {
        // The disk may be full: what there is of it goes.
        let _ = remove(&new);
        failed("write", path)(error)
    })
}

/// A new file that only its owner may read. Nothing that lies there already is opened or followed.
fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Deletes a file. Nothing there is fine.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
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
