// SPDX-License-Identifier: Apache-2.0
//! Files without a name, which a kill leaves nothing of: Linux' `O_TMPFILE`.

use std::{fs::File, io, path::Path};

/// Through here a file that is open gets a name.
#[cfg(target_os = "linux")]
const OPEN_FILES: &str = "/proc/self/fd";

/// A file in `folder` that has no name yet. `None` where the file system has no such files.
#[cfg(target_os = "linux")]
pub(super) fn create(folder: &Path, mode: u32) -> Option<File> {
    use rustix::fs::{open, Mode, OFlags};
    if !Path::new(OPEN_FILES).is_dir() {
        return None;
    }
    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    open(folder, flags, Mode::from_raw_mode(mode)).ok().map(File::from)
}

/// Other systems have none.
#[cfg(not(target_os = "linux"))]
pub(super) fn create(_: &Path, _: u32) -> Option<File> {
    None
}

/// Gives it a name, which nothing may have yet.
#[cfg(target_os = "linux")]
pub(super) fn link(file: &File, path: &Path) -> io::Result<()> {
    use rustix::fs::{linkat, AtFlags, CWD};
    use std::os::fd::AsRawFd;
    let open = format!("{OPEN_FILES}/{}", file.as_raw_fd());
    Ok(linkat(CWD, open, CWD, path, AtFlags::SYMLINK_FOLLOW)?)
}

/// Nobody makes one.
#[cfg(not(target_os = "linux"))]
pub(super) fn link(_: &File, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
