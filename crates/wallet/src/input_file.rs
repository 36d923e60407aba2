// SPDX-License-Identifier: Apache-2.0
//! Files that the user names: read up to a bound, and refused beyond it. A device that never ends
//! must not fill the memory.

use anyhow::{anyhow, bail, Context as _, Result};
use cso_client::secret::SecretText;
use std::{fs::File, io::Read, path::Path};
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
    File::open(path)
        .and_then(|file| file.take(most as u64 + 1).read_to_end(&mut bytes))
        .with_context(|| format!("can't read {}", path.display()))?;
    if bytes.len() > most {
        bail!("{} has more than {most} bytes; no more are read", path.display());
    }
    Ok(bytes)
}

/// Reads a text file of at most `most` bytes.
pub(crate) fn read_text(path: &Path, most: usize) -> Result<String> {
    let bytes = read(path, most)?;
    String::from_utf8(bytes).map_err(|error| {
        let (path, is) = (path.display(), what_it_is(error.as_bytes()));
        anyhow!("{path} is no UTF-8 text{is}")
    })
}

/// The first line of a file with a secret.
pub(crate) fn read_secret(path: &Path) -> Result<SecretText> {
    let bytes = Zeroizing::new(read(path, MAX_SECRET_FILE_BYTES)?);
    let text = std::str::from_utf8(&bytes)
        .with_context(|| format!("{} is no UTF-8 text", path.display()))?;
    Ok(text.lines().next().unwrap_or_default().to_owned().into())
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

    #[test]
    fn a_file_is_read_up_to_its_bound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("in");
        std::fs::write(&path, "four").unwrap();
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
            std::fs::write(&path, bytes).unwrap();
            let error = read_text(&path, 10).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn a_secret_is_the_first_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("in");
        std::fs::write(&path, "four random words here\r\nmore\n").unwrap();
        assert_eq!(read_secret(&path).unwrap().expose(), "four random words here");
    }
}
