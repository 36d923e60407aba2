// SPDX-License-Identifier: Apache-2.0
//! Temporary files that a program which was killed has left: what they hold may be an opinion.
//!
//! Whoever writes one holds a lock on it, which the system takes away with the process.

use std::{
    fs::{self, DirEntry, File, Metadata},
    io,
    path::Path,
    time::Duration,
};

/// Begins the name of a temporary file; six letters and digits follow.
pub(super) const PREFIX: &str = ".cso-";

/// Random characters after it.
const RANDOM: usize = 6;

/// Younger ones stay: their writer may not hold the lock yet.
const AGE: Duration = Duration::from_secs(60);

/// Says that somebody is at work on a temporary file, as long as it is open. Where files can't be
/// locked, nothing is ever removed either.
pub(super) fn hold(file: &File) {
    let _ = file.try_lock();
}

/// Removes this user's leftovers from a folder. What can't be looked at stays.
pub(super) fn remove(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten().filter(is_temporary) {
        let path = entry.path();
        if open(&path).is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = fs::remove_file(path);
        }
    }
}

/// Opens a file, and nothing that somebody put in its place.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::OFlags;
    use std::{fs::OpenOptions, os::unix::fs::OpenOptionsExt};
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32;
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

#[cfg(unix)]
fn is_own(found: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(found) == rustix::process::geteuid().as_raw()
}

/// Whose it is, the system alone knows: it lets nobody delete another's.
#[cfg(not(unix))]
fn is_own(_: &Metadata) -> bool {
    true
}

/// Whether it is one of ours by its name, and old enough.
fn is_temporary(entry: &DirEntry) -> bool {
    let name = entry.file_name();
    let is_named = name.to_str().and_then(|name| name.strip_prefix(PREFIX)).is_some_and(|rest| {
        rest.len() == RANDOM && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    is_named
        && entry.metadata().is_ok_and(|found| {
            let age = found.modified().ok().and_then(|time| time.elapsed().ok());
            found.is_file() && is_own(&found) && age.is_some_and(|age| age >= AGE)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{path::PathBuf, time::SystemTime};

    fn left(folder: &Path, name: &str, age: Duration) -> PathBuf {
        let path = folder.join(name);
        let file = File::create(&path).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
        path
    }

    #[test]
    fn only_old_files_of_ours_that_nobody_holds_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let old = AGE + Duration::from_secs(1);
        let gone = left(folder.path(), ".cso-aB3dE6", old);
        let held = left(folder.path(), ".cso-held00", old);
        let holder = File::open(&held).unwrap();
        hold(&holder);
        let mut stay = vec![held, left(folder.path(), ".cso-young0", Duration::ZERO)];
        for name in [".cso-", ".cso-notes.txt", ".cso-a-c-e-", "x.cso-aB3dE6", ".env-aB3dE6"] {
            stay.push(left(folder.path(), name, old));
        }
        remove(folder.path());
        assert!(!gone.exists());
        for path in &stay {
            assert!(path.exists(), "{}", path.display());
        }
        drop(holder);
        remove(folder.path());
        assert!(!stay[0].exists());
    }
}
