// SPDX-License-Identifier: Apache-2.0
//! Writing one `age` file again and again under one passphrase.
//!
//! scrypt makes each guess at a passphrase expensive, and each opening. Writing needn't pay it
//! anew: an age file is a header, in which the passphrase wraps a random file key, and a payload
//! under a key that HKDF derives of the file key and 16 random bytes, others for each payload. So
//! the header stays, and each writing has a payload key of its own. What comes out is an age file
//! as any other: `age -d` opens it.
//!
//! The format: <https://age-encryption.org/v1>, sections "Header" and "Payload".

use super::WalletError;
use crate::secret::{Secret, SecretText};
use age::{
    secrecy::{ExposeSecret, SecretString},
    DecryptError, EncryptError,
};
use age_core::{
    format::{FileKey, Stanza, FILE_KEY_BYTES},
    primitives::hkdf,
};
use chacha20poly1305::{AeadInPlace, ChaCha20Poly1305, KeyInit};
use std::{cell::RefCell, collections::HashSet, io::Read};
use zeroize::Zeroizing;

/// Begins the last line of a header.
const MAC_LINE: &[u8] = b"\n---";
/// Random bytes before the payload.
const NONCE_BYTES: usize = 16;
/// What the payload key is derived for.
const PAYLOAD: &[u8] = b"payload";
/// Plaintext in one chunk of the payload.
const CHUNK_BYTES: usize = 64 * 1024;

/// Wallets that ask for more are not opened: 2^20 is a gibibyte.
const MAX_LOG_N: u8 = 20;

/// Why bytes are no wallet that this passphrase opens.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EncryptionError {
    /// Not encrypted with this passphrase.
    #[error("wrong passphrase")]
    Passphrase,
    /// Not an age file with a passphrase, or cut short.
    #[error("{0}")]
    Form(String),
    /// A backup of a wallet.
    #[error("it is a backup of a wallet")]
    Backup,
    /// The content is of another version.
    #[error(transparent)]
    Wallet(#[from] WalletError),
}

/// What opens a file, and writes it again.
#[derive(Debug)]
pub(super) struct Seal {
    /// The header, its last line included.
    header: Vec<u8>,
    file_key: Secret<FILE_KEY_BYTES>,
}

impl Seal {
    /// A new one, with this scrypt work.
    pub(super) fn new(passphrase: &SecretText, log_n: u8) -> Result<Self, EncryptionError> {
        let mut recipient = age::scrypt::Recipient::new(secret_string(passphrase));
        recipient.set_work_factor(log_n);
        let recipient = Noting { inner: recipient, file_key: RefCell::default() };
        let form = |error: &dyn std::fmt::Display| EncryptionError::Form(error.to_string());
        let file = age::encrypt(&recipient, b"").map_err(|error| form(&error))?;
        let file_key = recipient.file_key.take().ok_or_else(|| form(&"no file key"))?;
        Ok(Self { header: header_of(&file)?.to_vec(), file_key })
    }

    /// Opens a file with its passphrase.
    pub(super) fn open(
        bytes: &[u8],
        passphrase: &SecretText,
    ) -> Result<(Self, Zeroizing<Vec<u8>>), EncryptionError> {
        let mut identity = age::scrypt::Identity::new(secret_string(passphrase));
        identity.set_max_work_factor(MAX_LOG_N);
        let identity = Noting { inner: identity, file_key: RefCell::default() };
        let plain = decrypt(bytes, &identity)?;
        let file_key = identity.file_key.take().ok_or(EncryptionError::Passphrase)?;
        Ok((Self { header: header_of(bytes)?.to_vec(), file_key }, plain))
    }

    /// Opens what this has written, without its passphrase; `None` if it's something else.
    pub(super) fn reopen(
        &self,
        bytes: &[u8],
    ) -> Option<Result<Zeroizing<Vec<u8>>, EncryptionError>> {
        let is_same = header_of(bytes).is_ok_and(|header| header == self.header);
        is_same.then(|| decrypt(bytes, &Known(&self.file_key)))
    }

    /// The file with this content.
    pub(super) fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, EncryptionError> {
        let nonce = Secret::<NONCE_BYTES>::random();
        let key = Zeroizing::new(hkdf(nonce.expose(), PAYLOAD, self.file_key.expose()));
        let cipher = ChaCha20Poly1305::new((&*key).into());
        let mut file = Vec::with_capacity(
            self.header.len() + NONCE_BYTES + plain.len() + 16 * (plain.len() / CHUNK_BYTES + 1),
        );
        file.extend_from_slice(&self.header);
        file.extend_from_slice(nonce.expose());
        // An empty content is one empty chunk.
        let count = plain.len().div_ceil(CHUNK_BYTES).max(1);
        for number in 0..count {
            let begin = number * CHUNK_BYTES;
            let chunk = &plain[begin..plain.len().min(begin + CHUNK_BYTES)];
            // Eleven bytes count, one tells the last.
            let mut counter = [0; 12];
            counter[3..11].copy_from_slice(&(number as u64).to_be_bytes());
            counter[11] = u8::from(number + 1 == count);
            // Encrypted where it's written: no copy of it is left in clear.
            let at = file.len();
            file.extend_from_slice(chunk);
            let tag = cipher
                .encrypt_in_place_detached(&counter.into(), b"", &mut file[at..])
                .map_err(|error| EncryptionError::Form(error.to_string()))?;
            file.extend_from_slice(&tag);
        }
        Ok(file)
    }
}

/// The header of a file, its last line included.
fn header_of(file: &[u8]) -> Result<&[u8], EncryptionError> {
    let end = file.windows(MAC_LINE.len()).position(|part| part == MAC_LINE).and_then(|at| {
        let line = at + MAC_LINE.len();
        let length = file[line..].iter().position(|byte| *byte == b'\n')?;
        Some(line + length + 1)
    });
    let end = end.ok_or_else(|| EncryptionError::Form("its header doesn't end".into()))?;
    Ok(&file[..end])
}

fn decrypt(
    bytes: &[u8],
    identity: &dyn age::Identity,
) -> Result<Zeroizing<Vec<u8>>, EncryptionError> {
    let cut = |error| EncryptionError::Form(format!("cut short or damaged ({error})"));
    let decryptor = age::Decryptor::new_buffered(bytes).map_err(refusal)?;
    let mut reader = decryptor.decrypt(std::iter::once(identity)).map_err(refusal)?;
    // The plaintext is shorter than the file, so the buffer never grows and leaves no copies.
    let mut plain = Zeroizing::new(Vec::with_capacity(bytes.len()));
    reader.read_to_end(&mut plain).map_err(cut)?;
    Ok(plain)
}

fn refusal(error: age::DecryptError) -> EncryptionError {
    match error {
        DecryptError::DecryptionFailed
        | DecryptError::KeyDecryptionFailed
        | DecryptError::NoMatchingKeys => EncryptionError::Passphrase,
        DecryptError::ExcessiveWork { .. } => {
            EncryptionError::Form(format!("it asks for more than 2^{MAX_LOG_N} scrypt work"))
        }
        DecryptError::Io(error) => EncryptionError::Form(format!("cut short or damaged ({error})")),
        other => EncryptionError::Form(one_line(&other.to_string())),
    }
}

fn secret_string(text: &SecretText) -> SecretString {
    SecretString::from(text.expose().to_owned())
}

/// The text on one line.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Notes the file key that goes through it.
struct Noting<T> {
    inner: T,
    file_key: RefCell<Option<Secret<FILE_KEY_BYTES>>>,
}

impl<T> Noting<T> {
    fn note(&self, file_key: &FileKey) {
        self.file_key.replace(Some(Secret::from(*file_key.expose_secret())));
    }
}

impl age::Recipient for Noting<age::scrypt::Recipient> {
    fn wrap_file_key(
        &self,
        file_key: &FileKey,
    ) -> Result<(Vec<Stanza>, HashSet<String>), EncryptError> {
        self.note(file_key);
        self.inner.wrap_file_key(file_key)
    }
}

impl age::Identity for Noting<age::scrypt::Identity> {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        let unwrapped = self.inner.unwrap_stanza(stanza);
        if let Some(Ok(file_key)) = &unwrapped {
            self.note(file_key);
        }
        unwrapped
    }
}

/// A file key that is known.
struct Known<'a>(&'a Secret<FILE_KEY_BYTES>);

impl age::Identity for Known<'_> {
    fn unwrap_stanza(&self, _: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        Some(Ok(FileKey::init_with_mut(|key| key.copy_from_slice(self.0.expose()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passphrase() -> SecretText {
        "lantern orchid gravel teacup".to_owned().into()
    }

    #[test]
    fn age_opens_what_is_written() {
        let seal = Seal::new(&passphrase(), 1).unwrap();
        for length in [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES] {
            let plain: Vec<u8> = (0..length).map(|at| at as u8).collect();
            let file = seal.seal(&plain).unwrap();
            let identity = age::scrypt::Identity::new(secret_string(&passphrase()));
            assert_eq!(age::decrypt(&identity, &file).unwrap(), plain, "{length}");
        }
    }

    #[test]
    fn what_age_wrote_is_opened_and_written_again() {
        let mut recipient = age::scrypt::Recipient::new(secret_string(&passphrase()));
        recipient.set_work_factor(2);
        let file = age::encrypt(&recipient, b"first").unwrap();
        let (seal, plain) = Seal::open(&file, &passphrase()).unwrap();
        assert_eq!(&*plain, b"first");
        let second = seal.seal(b"second").unwrap();
        assert_eq!(&*seal.reopen(&second).unwrap().unwrap(), b"second");
        assert_eq!(&*Seal::open(&second, &passphrase()).unwrap().1, b"second");
        assert!(second.starts_with(&seal.header));
    }

    #[test]
    fn equal_contents_are_written_differently() {
        let seal = Seal::new(&passphrase(), 1).unwrap();
        let (one, other) = (seal.seal(b"same").unwrap(), seal.seal(b"same").unwrap());
        let payload = seal.header.len();
        assert_ne!(one[payload..payload + NONCE_BYTES], other[payload..payload + NONCE_BYTES]);
        assert_ne!(one[payload + NONCE_BYTES..], other[payload + NONCE_BYTES..]);
    }

    #[test]
    fn another_file_is_not_reopened_and_a_damaged_one_is_refused() {
        let seal = Seal::new(&passphrase(), 1).unwrap();
        let other = Seal::new(&passphrase(), 1).unwrap().seal(b"other").unwrap();
        assert!(seal.reopen(&other).is_none());
        let mut file = seal.seal(b"content").unwrap();
        let last = file.len() - 1;
        file[last] ^= 1;
        assert!(seal.reopen(&file).unwrap().is_err());
        assert!(seal.reopen(&file[..last]).unwrap().is_err());
        assert!(seal.reopen(b"no age file").is_none());
    }
}
