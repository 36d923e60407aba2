// SPDX-License-Identifier: Apache-2.0

//! The directory as a whole.

use std::{
    fs,
    path::{Path, PathBuf},
};

use cso_primitives::{
    bounds::{MAX_MODEL_FILE_BYTES, MAX_NOTE_TEXT_BYTES, MAX_PROTOCOL_FILE_BYTES},
    is_file_name,
};
use cso_sealing::{random_bytes, SealingKey};
use zeroize::Zeroizing;

use crate::{
    error::ExpertDirError,
    file::{at, check_private, create, create_hex32, create_private_dir, read, read_hex32},
    protocol::{Paths, ProtocolFile, Stamp},
};

/// An expert's directory.
#[derive(Debug, Clone)]
pub struct ExpertDir {
    root: PathBuf,
}

impl ExpertDir {
    /// Makes an expert's directory at `root` with a new sealing key. The directory itself may
    /// exist.
    ///
    /// # Errors
    ///
    /// [`ExpertDirError::Exists`] if it has a sealing key already; whatever the file system says.
    pub fn init(root: impl Into<PathBuf>) -> Result<Self, ExpertDirError> {
        let directory = Self { root: root.into() };
        create_private_dir(&directory.protocols_path())?;
        create_hex32(&directory.key_path(), SealingKey::generate().seed())?;
        Ok(directory)
    }

    /// The expert's directory at `root`. Its sealing key is read once, so that a directory which
    /// cannot serve is noticed early.
    ///
    /// # Errors
    ///
    /// As [`Self::sealing_key`], and [`ExpertDirError::NotADirectory`].
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, ExpertDirError> {
        let directory = Self { root: root.into() };
        if !directory.key_path().is_file() {
            return Err(ExpertDirError::NotADirectory(directory.root));
        }
        directory.sealing_key()?;
        Ok(directory)
    }

    /// Where the directory lies.
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// Reads the sealing key.
    ///
    /// # Errors
    ///
    /// [`ExpertDirError`] if others may read the file, or it is not 64 hexadecimal digits.
    pub fn sealing_key(&self) -> Result<SealingKey, ExpertDirError> {
        check_private(&self.key_path())?;
        Ok(SealingKey::from_seed(*read_hex32(&self.key_path())?))
    }

    /// The expert's own words that go to every patient with the answer: the text of `note.txt`,
    /// empty if there is no such file.
    ///
    /// # Errors
    ///
    /// [`ExpertDirError::TooLong`] past [`MAX_NOTE_TEXT_BYTES`], [`ExpertDirError::NotText`] if it
    /// is not UTF-8.
    pub fn note(&self) -> Result<String, ExpertDirError> {
        let path = self.root.join("note.txt");
        if !path.exists() {
            return Ok(String::new());
        }
        let text = read(&path, MAX_NOTE_TEXT_BYTES)?;
        match std::str::from_utf8(&text) {
            Ok(text) => Ok(text.trim().to_string()),
            Err(_) => Err(ExpertDirError::NotText(path)),
        }
    }

    /// Puts a protocol into the directory, with a new salt, and returns it with its commitment.
    ///
    /// Idempotent: a protocol of that name and the same content keeps its salt, and so its
    /// commitment. A file that the expert put into `protocols/` by hand gets its salt here.
    ///
    /// # Errors
    ///
    /// [`ExpertDirError::Taken`] if the name has other content, [`ExpertDirError::Name`] if it
    /// makes no file name, [`ExpertDirError::TooLong`] past [`MAX_PROTOCOL_FILE_BYTES`].
    pub fn add_protocol(&self, name: &str, content: &[u8]) -> Result<ProtocolFile, ExpertDirError> {
        let paths = Paths::new(&self.protocols_path(), name)?;
        if content.len() > MAX_PROTOCOL_FILE_BYTES {
            return Err(ExpertDirError::TooLong {
                path: paths.content,
                max: MAX_PROTOCOL_FILE_BYTES,
            });
        }
        create_private_dir(&self.protocols_path())?;
        // Salt first: a protocol file without one would look unfinished to the evaluator.
        let salt = Zeroizing::new(random_bytes());
        match create_hex32(&paths.salt, &salt) {
            Ok(()) | Err(ExpertDirError::Exists(_)) => {}
            Err(error) => return Err(error),
        }
        match create(&paths.content, content) {
            Ok(()) | Err(ExpertDirError::Exists(_)) => {}
            Err(error) => return Err(error),
        }
        let stored = paths.read(name)?;
        if stored.content[..] != *content {
            return Err(ExpertDirError::Taken(stored.path));
        }
        Ok(stored)
    }

    /// Puts a model file into the directory that a protocol file names, before that protocol is
    /// added. Idempotent.
    ///
    /// # Errors
    ///
    /// [`ExpertDirError::Taken`] if the name has other content, [`ExpertDirError::Name`] if it
    /// makes no file name, [`ExpertDirError::TooLong`] past [`MAX_MODEL_FILE_BYTES`].
    pub fn add_model(&self, name: &str, content: &[u8]) -> Result<(), ExpertDirError> {
        if !is_file_name(name) {
            return Err(ExpertDirError::Name(name.into()));
        }
        let path = self.protocols_path().join(name);
        if content.len() > MAX_MODEL_FILE_BYTES {
            return Err(ExpertDirError::TooLong { path, max: MAX_MODEL_FILE_BYTES });
        }
        create_private_dir(&self.protocols_path())?;
        match create(&path, content) {
            Ok(()) => Ok(()),
            Err(ExpertDirError::Exists(_))
                if read(&path, MAX_MODEL_FILE_BYTES)?[..] == *content =>
            {
                Ok(())
            }
            Err(ExpertDirError::Exists(_)) => Err(ExpertDirError::Taken(path)),
            Err(error) => Err(error),
        }
    }

    /// Reads the protocol called `name`.
    ///
    /// # Errors
    ///
    /// [`ExpertDirError`] if there is none, or it has no salt.
    pub fn protocol(&self, name: &str) -> Result<ProtocolFile, ExpertDirError> {
        Paths::new(&self.protocols_path(), name)?.read(name)
    }

    /// Names of the protocol files with a stamp that changes when they do, in order of names.
    /// Files with other endings or unfit names are passed over.
    ///
    /// # Errors
    ///
    /// [`ExpertDirError::Io`] if the directory cannot be listed.
    pub fn protocols(&self) -> Result<Vec<(String, Stamp)>, ExpertDirError> {
        let directory = self.protocols_path();
        let mut found = Vec::new();
        for entry in fs::read_dir(&directory).map_err(at(&directory))? {
            let file_name = entry.map_err(at(&directory))?.file_name();
            let Some(name) = file_name
                .to_str()
                .and_then(|file| file.strip_suffix(".toml"))
                .filter(|name| is_file_name(name))
            else {
                continue;
            };
            // A file that vanishes between listing and looking was not there.
            if let Ok(stamp) = Paths::new(&directory, name)?.stamp() {
                found.push((name.to_string(), stamp));
            }
        }
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(found)
    }

    fn key_path(&self) -> PathBuf {
        self.root.join("sealing.key")
    }

    fn protocols_path(&self) -> PathBuf {
        self.root.join("protocols")
    }
}
