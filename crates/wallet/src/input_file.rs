// SPDX-License-Identifier: Apache-2.0
//! Files that the user names: read up to a bound, and refused beyond it. A device that never ends
//! must not fill the memory.

use anyhow::{anyhow, bail, Context as _, Result};
use cso_client::secret::SecretText;
use std::{
    fs::{File, Metadata},
    io::Read,
    path::Path,
};
use zeroize::Zeroizing;

/// Longest file of intake answers: 1 MiB. An intake has 256 features at most, so that is 4 KiB for
/// each.
pub(crate) const MAX_ANSWERS_BYTES: usize = 1024 * 1024;

/// Longest account file of polkadot-js: 64 KiB. It has about 600 bytes.
pub(crate) const MAX_ACCOUNT_FILE_BYTES: usize = 64 * 1024;

/// Longest file with a passphrase, a password or a mnemonic in its first line: 64 KiB.
pub(crate) const MAX_SECRET_FILE_BYTES: usize = 64 * 1024;

/// Reads a file of at most `most` bytes.
pub(crate) fn read(path: &Path, most: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    read_into(&mut bytes, path, &open(path)?, most)?;
    Ok(bytes)
}

fn open(path: &Path) -> Result<File> {
    File::open(path).with_context(|| format!("can't read {}", path.display()))
}

fn read_into(bytes: &mut Vec<u8>, path: &Path, file: &File, most: usize) -> Result<()> {
    file.take(most as u64 + 1)
        .read_to_end(bytes)
        .with_context(|| format!("can't read {}", path.display()))?;
    if bytes.len() > most {
        bail!("{} has more than {most} bytes; no more are read", path.display());
    }
    Ok(())
}

/// Reads a text file of at most `most` bytes.
pub(crate) fn read_text(path: &Path, most: usize) -> Result<String> {
    let bytes = read(path, most)?;
    String::from_utf8(bytes).map_err(|error| {
        let (path, is) = (path.display(), what_it_is(error.as_bytes()));
        anyhow!("{path} is no UTF-8 text{is}")
    })
}

/// The first line of a file with a secret, which nobody else may be able to read. Pipes and devices
/// (`/dev/fd/3`, `<(pass show wallet)`) have no such modes, and are read as they are.
pub(crate) fn read_secret(path: &Path) -> Result<SecretText> {
    let file = open(path)?;
    let found = file.metadata().with_context(|| format!("can't read {}", path.display()))?;
    if found.is_file() && is_exposed(&found) {
        let place = path.display();
        bail!("{place} can be read by other users; run: chmod 600 {place}");
    }
    // Room for all that is read: a buffer that grows would leave copies of the secret behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_SECRET_FILE_BYTES + 1));
    read_into(&mut bytes, path, &file, MAX_SECRET_FILE_BYTES)?;
    let text = std::str::from_utf8(&bytes)
        .with_context(|| format!("{} is no UTF-8 text", path.display()))?;
    Ok(text.lines().next().unwrap_or_default().to_owned().into())
}

/// As the wallet's file is judged (`StorageError::Exposed`).
#[cfg(unix)]
fn is_exposed(found: &Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o077 != 0
}

/// Where files have no modes there is nothing to see.
#[cfg(not(unix))]
fn is_exposed(_: &Metadata) -> bool {
    false
}

/// What bytes that are no UTF-8 begin like, with what to do, if it is known.
fn what_it_is(bytes: &[u8]) -> &'static str {
    match bytes {
        [0x1f, 0x8b, ..] => ": it is compressed with gzip, unpack it first",
        [0x50, 0x4b, 0x03, 0x04, ..] => ": it is a zip archive, unpack it first",
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => ": it is UTF-16, save it as UTF-8",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

    #[test]
    fn a_file_is_read_up_to_its_bound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("in");
        fs::write(&path, "four").unwrap();
        assert_eq!(read(&path, 4).unwrap(), b"four");
        let error = read(&path, 3).unwrap_err().to_string();
        assert!(error.contains("in has more than 3 bytes"), "{error}");
    }

    #[test]
    fn what_is_no_text_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("in");
        for (bytes, word) in [
            (&[0x1f, 0x8b, 8][..], "gzip"),
            (&b"PK\x03\x04\xff"[..], "zip"),
            (&[0xff, 0xfe, b'<', 0][..], "UTF-16"),
            (&[0xc0][..], "no UTF-8 text"),
        ] {
            fs::write(&path, bytes).unwrap();
            let error = read_text(&path, 10).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }

    fn secret_file(folder: &Path, text: &str, mode: u32) -> PathBuf {
        let path = folder.join("in");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    #[test]
    fn a_secret_is_the_first_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = secret_file(folder.path(), "four random words here\r\nmore\n", 0o600);
        assert_eq!(read_secret(&path).unwrap().expose(), "four random words here");
    }

    #[test]
    fn a_secret_that_others_can_read_is_refused_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        for mode in [0o640, 0o604, 0o644] {
            let path = secret_file(folder.path(), "four random words here\n", mode);
            let error = read_secret(&path).unwrap_err().to_string();
            assert!(error.ends_with(&format!("chmod 600 {}", path.display())), "{error}");
        }
        let path = secret_file(folder.path(), "four random words here\n", 0o400);
        assert!(read_secret(&path).is_ok());
    }

    #[test]
    fn a_buffer_with_room_for_the_bound_never_grows() {
        let folder = tempfile::tempdir().unwrap();
        for length in [0, 1, 4095, 4096, 4097] {
            let path = secret_file(folder.path(), &"a".repeat(length), 0o600);
            let mut bytes = Vec::with_capacity(4097);
            let (capacity, place) = (bytes.capacity(), bytes.as_ptr());
            let read = read_into(&mut bytes, &path, &open(&path).unwrap(), 4096);
            assert_eq!(read.is_ok(), length <= 4096);
            assert_eq!((bytes.capacity(), bytes.as_ptr()), (capacity, place));
        }
    }
}
