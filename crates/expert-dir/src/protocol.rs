// SPDX-License-Identifier: Apache-2.0

//! One protocol file with its salt.

use std::{
    fs::{self, Metadata},
    path::{Path, PathBuf},
    time::SystemTime,
};

use cso_primitives::{
    bounds::{MAX_MODEL_FILE_BYTES, MAX_PROTOCOL_FILE_BYTES},
    is_file_name, ModelCommitment,
};
use cso_sealing::commit_model;
use zeroize::Zeroizing;

use crate::{
    error::ExpertDirError,
    file::{at, read, read_hex32},
};

/// Reads the files that lie in the folder of another one, by their plain names: where
/// `cso_clinical::Protocol::from_toml_with` takes the model file of a protocol file from.
pub fn companion(path: &Path) -> impl Fn(&str) -> Result<Vec<u8>, String> + '_ {
    move |name| {
        if !is_file_name(name) {
            return Err(ExpertDirError::Name(name.into()).to_string());
        }
        let file = path.with_file_name(name);
        let content = read(&file, MAX_MODEL_FILE_BYTES).map_err(|error| error.to_string())?;
        Ok(content.to_vec())
    }
}

/// A protocol file as it was read, with the salt of its commitment.
pub struct ProtocolFile {
    /// The file's name without its ending.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
    /// The file's bytes: private.
    pub content: Zeroizing<Vec<u8>>,
    /// The bytes of the model file that it names, if it names one: private.
    pub model: Option<Zeroizing<Vec<u8>>>,
    /// The salt: private as long as the content is.
    pub salt: Zeroizing<[u8; 32]>,
}

impl ProtocolFile {
    /// The commitment that is published on chain: it fixes the model and shows nothing of it.
    ///
    /// With a model file beside it, both are covered: the protocol file, a zero byte, which no
    /// TOML file holds, and the model file.
    pub fn commitment(&self) -> ModelCommitment {
        match &self.model {
            None => commit_model(&self.salt, [&self.content[..]]),
            Some(model) => commit_model(&self.salt, [&self.content[..], &[0], model]),
        }
    }

    /// The file together with the model file that it names, which lies beside it.
    ///
    /// # Errors
    ///
    /// [`ExpertDirError`] if the name is unfit, or the file can't be read or is too long.
    pub fn with_model(mut self, name: &str) -> Result<Self, ExpertDirError> {
        if !is_file_name(name) {
            return Err(ExpertDirError::Name(name.into()));
        }
        self.model = Some(read(&self.path.with_file_name(name), MAX_MODEL_FILE_BYTES)?);
        Ok(self)
    }
}

impl core::fmt::Debug for ProtocolFile {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ProtocolFile").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Tells cheaply whether a protocol file or its salt has changed since it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    content: FileStamp,
    salt: Option<FileStamp>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct FileStamp {
    length: u64,
    modified: Option<SystemTime>,
    /// Tells a replaced file from the one before it, even within the clock's resolution.
    inode: u64,
}

impl FileStamp {
    fn new(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        let inode = std::os::unix::fs::MetadataExt::ino(metadata);
        #[cfg(not(unix))]
        let inode = 0;
        Self { length: metadata.len(), modified: metadata.modified().ok(), inode }
    }
}

/// Paths of a protocol called `name` in `directory`.
pub(crate) struct Paths {
    pub(crate) content: PathBuf,
    pub(crate) salt: PathBuf,
}

impl Paths {
    pub(crate) fn new(directory: &Path, name: &str) -> Result<Self, ExpertDirError> {
        if !is_file_name(name) {
            return Err(ExpertDirError::Name(name.into()));
        }
        Ok(Self {
            content: directory.join(format!("{name}.toml")),
            salt: directory.join(format!("{name}.salt")),
        })
    }

    pub(crate) fn stamp(&self) -> Result<Stamp, ExpertDirError> {
        let content = fs::metadata(&self.content).map_err(at(&self.content))?;
        Ok(Stamp {
            content: FileStamp::new(&content),
            salt: fs::metadata(&self.salt).ok().map(|salt| FileStamp::new(&salt)),
        })
    }

    pub(crate) fn read(self, name: &str) -> Result<ProtocolFile, ExpertDirError> {
        let content = read(&self.content, MAX_PROTOCOL_FILE_BYTES)?;
        if !self.salt.exists() {
            return Err(ExpertDirError::NoSalt(self.content));
        }
        Ok(ProtocolFile {
            name: name.into(),
            content,
            model: None,
            salt: read_hex32(&self.salt)?,
            path: self.content,
        })
    }
}
