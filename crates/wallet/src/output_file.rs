// SPDX-License-Identifier: Apache-2.0
//! Files that commands write for the user: whole or not at all, and never over another one by
//! accident.

use anyhow::{anyhow, bail, Context as _, Result};
use std::{
    fs::Permissions,
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};
use tempfile::NamedTempFile;

/// A file that is to be written. Made before the work begins, so that a place that can't be written
/// to is refused first.
pub(crate) struct OutputFile {
    path: PathBuf,
    new: NamedTempFile,
    force: bool,
}

impl OutputFile {
    /// Takes the place of a file that others may read as far as the user's umask allows. Without
    /// `force` an existing file is refused.
    pub(crate) fn create(path: &Path, force: bool) -> Result<Self> {
        Self::with_mode(path, force, 0o666)
    }

    /// The same for a file that is only for the user.
    pub(crate) fn private(path: &Path, force: bool) -> Result<Self> {
        Self::with_mode(path, force, 0o600)
    }

    fn with_mode(path: &Path, force: bool, mode: u32) -> Result<Self> {
        if path.is_dir() {
            bail!("{} is a folder; name a file in it", path.display());
        }
        if !force && path.exists() {
            bail!("{}", exists(path));
        }
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let new = tempfile::Builder::new()
            .prefix(".cso-")
            .permissions(Permissions::from_mode(mode))
            .tempfile_in(folder)
            .map_err(|error| anyhow!("can't write {}: {}", path.display(), why(folder, &error)))?;
        Ok(Self { path: path.to_owned(), new, force })
    }

    /// Writes everything and puts it in place by a rename.
    pub(crate) fn write(mut self, content: &[u8]) -> Result<()> {
        let cannot = || format!("can't write {}", self.path.display());
        // Not through `self.new`, whose errors have the temporary name in them.
        self.new.as_file_mut().write_all(content).with_context(cannot)?;
        self.new.as_file().sync_all().with_context(cannot)?;
        let persisted = match self.force {
            true => self.new.persist(&self.path),
            false => self.new.persist_noclobber(&self.path),
        };
        match persisted {
            Ok(_) => Ok(()),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                bail!("{}", exists(&self.path))
            }
            Err(error) => Err(error.error).with_context(cannot),
        }
    }
}

/// Why no file can be made in a folder, without the temporary name that the error has in it.
fn why(folder: &Path, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => format!("there is no folder {}", folder.display()),
        kind => kind.to_string(),
    }
}

fn exists(path: &Path) -> String {
    format!("{} exists already; name another file, or add --force to replace it", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn an_existing_file_is_replaced_only_by_force() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        OutputFile::create(&path, false).unwrap().write(b"one").unwrap();
        assert!(OutputFile::create(&path, false).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"one");
        OutputFile::create(&path, true).unwrap().write(b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
    }

    #[test]
    fn a_file_that_appears_meanwhile_stays_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let file = OutputFile::create(&path, false).unwrap();
        fs::write(&path, "theirs").unwrap();
        assert!(file.write(b"mine").is_err());
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_private_file_is_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let mode = |name: &str, create: fn(&Path, bool) -> Result<OutputFile>| {
            let path = folder.path().join(name);
            create(&path, false).unwrap().write(b"text").unwrap();
            fs::metadata(path).unwrap().permissions().mode() & 0o777
        };
        assert_eq!(mode("private", OutputFile::private), 0o600);
        // What the umask leaves; the owner can always read and write.
        assert_eq!(mode("shared", OutputFile::create) & 0o600, 0o600);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named_as_it_was_given() {
        let folder = tempfile::tempdir().unwrap();
        for (name, reason) in [("none/out.pdf", "no folder"), ("file/out.pdf", "not a directory")] {
            fs::write(folder.path().join("file"), "").unwrap();
            let path = folder.path().join(name);
            let error = OutputFile::create(&path, false).err().unwrap();
            let error = format!("{error:#}");
            assert!(error.contains(&path.display().to_string()), "{error}");
            assert!(error.contains(reason) && !error.contains(".cso-"), "{error}");
        }
    }

    #[test]
    fn work_that_fails_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        drop(OutputFile::create(&folder.path().join("out"), false).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
