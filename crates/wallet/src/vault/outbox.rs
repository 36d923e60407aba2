// SPDX-License-Identifier: Apache-2.0
//! Encrypted records on their way to an expert's node, beside the wallet: `WALLET.outbox/HANDLE`.
//!
//! A request that was interrupted goes on with the very same record, so that the commitment that
//! may already be on its way stays true. The files are ciphertext; their keys are in the wallet.
//! Each is deleted when its request is on chain.

use super::VaultError;
use std::{
    fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

/// The folder of records that haven't arrived.
pub struct Outbox {
    folder: PathBuf,
}

impl Outbox {
    /// The outbox of the wallet at `wallet`.
    pub fn of(wallet: &Path) -> Self {
        let mut folder = wallet.as_os_str().to_owned();
        folder.push(".outbox");
        Self { folder: folder.into() }
    }

    /// Keeps a record.
    pub fn put(&self, handle: &str, record: &[u8]) -> Result<(), VaultError> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)
            .map_err(|error| VaultError::Io("make the folder", self.folder.clone(), error))?;
        let path = self.folder.join(handle);
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)
            .map_err(|error| VaultError::Io("write", path.clone(), error))?;
        io::Write::write_all(&mut file, record)
            .and_then(|()| file.as_file().sync_all())
            .and_then(|()| file.persist(&path).map_err(|error| error.error))
            .map_err(|error| VaultError::Io("write", path, error))?;
        Ok(())
    }

    /// Reads a record; `None` if it's not there any more.
    pub fn get(&self, handle: &str) -> Result<Option<Vec<u8>>, VaultError> {
        let path = self.folder.join(handle);
        match fs::read(&path) {
            Ok(record) => Ok(Some(record)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(VaultError::Io("read", path, error)),
        }
    }

    /// Deletes a record, and the folder once it's empty. Nothing there is fine.
    pub fn remove(&self, handle: &str) -> Result<(), VaultError> {
        let path = self.folder.join(handle);
        match fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(VaultError::Io("delete", path, error)),
        }
        // Fails while other records wait in it, which is right.
        let _ = fs::remove_dir(&self.folder);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::of(&folder.path().join("wallet.age"));
        assert_eq!(outbox.get("r-1").unwrap(), None);
        outbox.put("r-1", b"one").unwrap();
        outbox.put("r-2", b"two").unwrap();
        assert_eq!(outbox.get("r-1").unwrap().unwrap(), b"one");
        outbox.remove("r-1").unwrap();
        outbox.remove("r-1").unwrap();
        assert_eq!(outbox.get("r-2").unwrap().unwrap(), b"two");
        outbox.remove("r-2").unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
