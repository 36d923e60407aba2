// SPDX-License-Identifier: Apache-2.0
//! The bytes of wallets and backups: JSON inside `age` passphrase encryption. Both begin with a
//! version; a backup has a format before it, so that neither is taken for the other.

use super::{
    sealed::{one_line, EncryptionError, Seal},
    Wallet,
};
use crate::secret::SecretText;
use serde::{Deserialize, Serialize};
use std::io::{self, Write};
use zeroize::Zeroizing;

/// scrypt's `log2 N` of what is written, unless told otherwise. Every command pays it once, to open
/// the wallet, so `age`'s own choice (about a second) would be felt; 2^16 with r = 8 takes 64 MiB a
/// guess, twice what polkadot-js takes for its account files.
pub(super) const LOG_N: u8 = 16;

/// What a backup says it is.
pub(super) const BACKUP: &str = "cso-wallet-backup";

/// What tells wallets and backups apart.
#[derive(Deserialize)]
pub(super) struct Header {
    /// What a backup says it is; a wallet says nothing.
    #[serde(default)]
    pub format: Option<String>,
    /// Version of that format.
    pub version: u32,
}

/// A file with this content, under a passphrase.
pub(super) fn encrypt(
    content: &impl Serialize,
    passphrase: &SecretText,
    log_n: u8,
) -> Result<Vec<u8>, EncryptionError> {
    write(content, &Seal::new(passphrase, log_n)?)
}

/// The same by what has written it before.
pub(super) fn write(content: &impl Serialize, seal: &Seal) -> Result<Vec<u8>, EncryptionError> {
    let form = |error: &dyn std::fmt::Display| EncryptionError::Form(one_line(&error.to_string()));
    // Measure first: a buffer that grows would leave copies of the secrets behind.
    let mut length = Count(0);
    serde_json::to_writer(&mut length, content).map_err(|error| form(&error))?;
    let mut plain = Zeroizing::new(Vec::with_capacity(length.0));
    serde_json::to_writer(&mut *plain, content).map_err(|error| form(&error))?;
    seal.seal(&plain)
}

/// Opens a wallet, and gives what writes it again.
pub(super) fn decrypt(
    bytes: &[u8],
    passphrase: &SecretText,
) -> Result<(Seal, Wallet), EncryptionError> {
    let (seal, plain) = Seal::open(bytes, passphrase)?;
    Ok((seal, read(&plain)?))
}

/// The wallet that the JSON is, unless it's a backup or something else.
pub(super) fn read(plain: &[u8]) -> Result<Wallet, EncryptionError> {
    match header(plain)?.format.as_deref() {
        None => wallet(plain),
        Some(BACKUP) => Err(EncryptionError::Backup),
        Some(other) => Err(EncryptionError::Form(format!("its content is `{}`", one_line(other)))),
    }
}

/// What the JSON says it is.
pub(super) fn header(plain: &[u8]) -> Result<Header, EncryptionError> {
    serde_json::from_slice(plain).map_err(damaged)
}

/// The wallet that the JSON is.
pub(super) fn wallet(plain: &[u8]) -> Result<Wallet, EncryptionError> {
    let wallet: Wallet = serde_json::from_slice(plain).map_err(damaged)?;
    Ok(wallet.upgrade()?)
}

/// The error of JSON that is something else.
pub(super) fn damaged(error: serde_json::Error) -> EncryptionError {
    EncryptionError::Form(format!("its content is damaged ({error})"))
}

/// Counts what is written to it.
struct Count(usize);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_bytes_are_told_from_wrong_passphrases() {
        let right = SecretText::from("right".to_owned());
        let good = encrypt(&Wallet::default(), &right, 1).unwrap();
        assert!(decrypt(&good, &right).is_ok());
        let wrong = SecretText::from("wrong".to_owned());
        assert!(matches!(decrypt(&good, &wrong), Err(EncryptionError::Passphrase)));
        for bytes in [&good[..good.len() - 1], b"not an age file", b""] {
            assert!(matches!(decrypt(bytes, &right), Err(EncryptionError::Form(_))));
        }
    }
}
