// SPDX-License-Identifier: Apache-2.0
//! Files that commands write for the user: whole or not at all, and never over another one by
//! accident.
//!
//! Until a file is whole it has no name, so that a kill leaves nothing of it. Where the file system
//! has no such files, or one is to be replaced, which is done by a rename, it has a temporary name
//! for a moment; what a kill leaves then, the next file that is written in that folder removes.

mod leftovers;
mod unnamed;

use anyhow::{anyhow, bail, Context as _, Result};
use std::{
    fs::File,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};
use tempfile::NamedTempFile;

/// What every age file begins with.
const AGE: &[u8; 21] = b"age-encryption.org/v1";

/// A file that is to be written. Made before the work begins, so that a place that can't be written
/// to is refused first.
pub(crate) struct OutputFile {
    path: PathBuf,
    new: New,
    force: bool,
}

/// A file that isn't in its place yet.
enum New {
    /// Without a name.
    Unnamed(File),
    /// With a temporary one, which is removed with it.
    Named(NamedTempFile),
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

    /// The same for a backup, which may replace another one.
    pub(crate) fn backup(path: &Path, force: bool) -> Result<Self> {
        Self::in_place_of(path, force, 0o600)
    }

    fn with_mode(path: &Path, force: bool, mode: u32) -> Result<Self> {
        // What isn't a file is refused below, and opening a pipe would wait for its writer.
        if force && path.is_file() && is_encrypted(path) {
            bail!(
                "{} is a wallet, or a backup of one, and isn't replaced by something else; name another file",
                path.display()
            );
        }
        Self::in_place_of(path, force, mode)
    }

    fn in_place_of(path: &Path, force: bool, mode: u32) -> Result<Self> {
        if path.is_dir() {
            bail!("{} is a folder; name a file in it", path.display());
        }
        match path.metadata() {
            // A rename would take the place of a device, for all programs on this computer.
            Ok(found) if !found.is_file() => {
                bail!("{} is a device or a pipe, not a file; name a file", path.display())
            }
            Ok(_) if !force => bail!("{}", exists(path)),
            _ => {}
        }
        let folder = folder(path);
        leftovers::remove(folder);
        let new = match unnamed::create(folder, mode) {
            Some(file) => New::Unnamed(file),
            None => New::Named(named(folder, mode).map_err(|error| {
                anyhow!("can't write {}: {}", path.display(), why(folder, &error))
            })?),
        };
        leftovers::hold(new.file());
        Ok(Self { path: path.to_owned(), new, force })
    }

    /// Writes everything and puts it in place.
    pub(crate) fn write(self, content: &[u8]) -> Result<()> {
        let cannot = || format!("can't write {}", self.path.display());
        let mut file = self.new.file();
        file.write_all(content).and_then(|()| file.sync_all()).with_context(cannot)?;
        match self.new.put(&self.path, self.force) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                bail!("{}", exists(&self.path))
            }
            put => put.with_context(cannot),
        }
    }
}

impl New {
    fn file(&self) -> &File {
        match self {
            Self::Unnamed(file) => file,
            Self::Named(file) => file.as_file(),
        }
    }

    /// Gives it its name, in the place of another file only by `force`.
    fn put(self, path: &Path, force: bool) -> io::Result<()> {
        match (self, force) {
            (Self::Named(file), true) => file.persist(path).map(drop).map_err(|error| error.error),
            (Self::Named(file), false) => {
                file.persist_noclobber(path).map(drop).map_err(|error| error.error)
            }
            (Self::Unnamed(file), force) => match unnamed::link(&file, path) {
                Err(error) if force && error.kind() == io::ErrorKind::AlreadyExists => {
                    replace(&file, path)
                }
                linked => linked,
            },
        }
    }
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn named(folder: &Path, mode: u32) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(leftovers::PREFIX);
    give_mode(&mut builder, mode);
    builder.tempfile_in(folder)
}

#[cfg(unix)]
fn give_mode(builder: &mut tempfile::Builder<'_, '_>, mode: u32) {
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
}

/// Elsewhere files have no modes.
#[cfg(not(unix))]
fn give_mode(_: &mut tempfile::Builder<'_, '_>, _: u32) {}

/// Puts a file without a name in the place of another. A link can't do that, a rename can.
fn replace(file: &File, path: &Path) -> io::Result<()> {
    let name = tempfile::Builder::new()
        .prefix(leftovers::PREFIX)
        .make_in(folder(path), |temporary| unnamed::link(file, temporary))?;
    name.into_temp_path().persist(path).map_err(|error| error.error)
}

/// Why no file can be made in a folder, without the temporary name that the error has in it.
fn why(folder: &Path, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => format!("there is no folder {}", folder.display()),
        kind => kind.to_string(),
    }
}

/// Whether an age file lies there, as wallets and backups are. One that can't be read may be one.
fn is_encrypted(path: &Path) -> bool {
    let mut begin = [0; AGE.len()];
    match File::open(path).and_then(|mut file| file.read_exact(&mut begin)) {
        Ok(()) => begin == *AGE,
        Err(error) => error.kind() == io::ErrorKind::PermissionDenied,
    }
}

fn exists(path: &Path) -> String {
    format!("{} exists already; name another file, or add --force to replace it", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::PermissionsExt};

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
    fn a_wallet_is_replaced_by_a_backup_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wallet.age");
        fs::write(&path, [&AGE[..], b"\n-> scrypt"].concat()).unwrap();
        for create in [OutputFile::private, OutputFile::create] {
            let error = create(&path, true).err().unwrap().to_string();
            assert!(error.contains("is a wallet, or a backup"), "{error}");
        }
        OutputFile::backup(&path, true).unwrap().write(b"newer").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"newer");
        // What is short is no wallet.
        OutputFile::private(&path, true).unwrap().write(b"page").unwrap();
    }

    #[test]
    fn what_is_no_file_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("socket");
        let _listening = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        for path in [Path::new("/dev/null"), &socket, folder.path()] {
            let kind = fs::metadata(path).unwrap().file_type();
            for create in [OutputFile::private, OutputFile::create, OutputFile::backup] {
                for force in [false, true] {
                    let error = create(path, force).err().unwrap().to_string();
                    assert!(error.contains("name a file"), "{error}");
                }
            }
            assert_eq!(fs::metadata(path).unwrap().file_type(), kind);
        }
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
    fn with_or_without_a_temporary_name_it_is_the_same() {
        let ways: [fn(&Path) -> Option<New>; 2] = [
            |folder| Some(New::Named(named(folder, 0o600).unwrap())),
            // Not every file system has them.
            |folder| unnamed::create(folder, 0o600).map(New::Unnamed),
        ];
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let write = |way: fn(&Path) -> Option<New>, force, content: &[u8]| {
            let new = way(folder.path())?;
            Some(OutputFile { path: path.clone(), new, force }.write(content).is_ok())
        };
        for way in ways {
            assert_ne!(write(way, false, b"one"), Some(false));
            fs::write(&path, "theirs").unwrap();
            assert_ne!(write(way, false, b"two"), Some(true));
            assert_eq!(fs::read(&path).unwrap(), b"theirs");
            if write(way, true, b"three") == Some(true) {
                assert_eq!(fs::read(&path).unwrap(), b"three");
                assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            }
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
            fs::remove_file(&path).unwrap();
        }
    }

    #[test]
    fn a_file_that_is_not_whole_has_no_name_where_it_needs_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = OutputFile::private(&folder.path().join("out"), true).unwrap();
        let names = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(names, usize::from(matches!(file.new, New::Named(_))));
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
