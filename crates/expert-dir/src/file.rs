// SPDX-License-Identifier: Apache-2.0

//! Reading and writing single files: bounded, private, whole or not at all.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::Path,
};

use zeroize::Zeroizing;

use crate::error::ExpertDirError;

/// Turns an I/O error into one that names the path.
pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> ExpertDirError + '_ {
    move |reason| ExpertDirError::Io { path: path.into(), reason }
}

/// Writes a new file that only its owner can read. It appears with all of its content or not at
/// all, and never takes the place of another.
pub(crate) fn create(path: &Path, content: &[u8]) -> Result<(), ExpertDirError> {
    let parent = path.parent().unwrap_or(Path::new("."));
    // Made with mode 0600 in the same directory, so that the final step is one rename.
    let mut file = tempfile::NamedTempFile::new_in(parent).map_err(at(parent))?;
    file.write_all(content).map_err(at(path))?;
    file.as_file().sync_all().map_err(at(path))?;
    file.persist_noclobber(path).map_err(|failed| match failed.error.kind() {
        io::ErrorKind::AlreadyExists => ExpertDirError::Exists(path.into()),
        _ => at(path)(failed.error),
    })?;
    File::open(parent).and_then(|directory| directory.sync_all()).map_err(at(parent))
}

/// Reads a file of at most `max` bytes.
pub(crate) fn read(path: &Path, max: usize) -> Result<Zeroizing<Vec<u8>>, ExpertDirError> {
    let file = File::open(path).map_err(at(path))?;
    // Room for all of it: a buffer that grows would leave copies of a key behind.
    let length = file.metadata().map_err(at(path))?.len();
    let room = usize::try_from(length).unwrap_or(max).min(max) + 1;
    let mut content = Zeroizing::new(Vec::with_capacity(room));
    file.take(max as u64 + 1).read_to_end(&mut content).map_err(at(path))?;
    if content.len() > max {
        return Err(ExpertDirError::TooLong { path: path.into(), max });
    }
    Ok(content)
}

/// Reads a file that holds 32 bytes as hexadecimal digits; white space around them is allowed.
pub(crate) fn read_hex32(path: &Path) -> Result<Zeroizing<[u8; 32]>, ExpertDirError> {
    let text = read(path, 128)?;
    let mut bytes = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text.trim_ascii(), &mut bytes[..])
        .map_err(|_| ExpertDirError::NotHex(path.into()))?;
    Ok(bytes)
}

/// Writes 32 bytes as hexadecimal digits to a new file.
pub(crate) fn create_hex32(path: &Path, bytes: &[u8; 32]) -> Result<(), ExpertDirError> {
    let mut text = Zeroizing::new(vec![b'\n'; 65]);
    hex::encode_to_slice(bytes, &mut text[..64]).expect("64 digits hold 32 bytes; qed");
    create(path, &text)
}

/// Makes a directory, and those above it, that only its owner can enter. One that exists stays.
pub(crate) fn create_private_dir(path: &Path) -> Result<(), ExpertDirError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(at(path))
}

/// Refuses a secret that other users of the machine may read.
#[cfg(unix)]
pub(crate) fn check_private(path: &Path) -> Result<(), ExpertDirError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path).map_err(at(path))?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(ExpertDirError::Exposed { path: path.into(), mode });
    }
    Ok(())
}

/// Where files have no modes there is nothing to check.
#[cfg(not(unix))]
pub(crate) fn check_private(_: &Path) -> Result<(), ExpertDirError> {
    Ok(())
}
