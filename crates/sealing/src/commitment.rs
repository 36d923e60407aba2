// SPDX-License-Identifier: Apache-2.0

//! Commitments to records and models.
//!
//! `commitment = BLAKE2b-256(label || salt || data)` with a 16-byte label that names what is
//! committed to and a random 32-byte salt. Label and salt have fixed lengths, so that no two
//! different inputs concatenate to the same bytes. The salt hides the data even where it can be
//! guessed (published scores are few); BLAKE2b's collision resistance binds. Nobody needs this
//! crate to check one: `cat label salt data | b2sum -l 256`.

use blake2::{digest::consts::U32, Blake2b, Digest};

type Blake2b256 = Blake2b<U32>;

/// What a commitment is to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Domain {
    /// An encrypted record, as the list of its chunks' hashes.
    Record,
    /// An expert's protocol file.
    Model,
}

impl Domain {
    /// The label that separates the domains.
    const fn label(self) -> &'static [u8; 16] {
        match self {
            Self::Record => b"cso-record-v1\0\0\0",
            Self::Model => b"cso-model-v1\0\0\0\0",
        }
    }
}

/// Commits to `data` under `salt`.
pub fn commit(domain: Domain, salt: &[u8; 32], data: &[u8]) -> [u8; 32] {
    commit_parts(domain, salt, [data])
}

/// Commits to a record handed off in chunks with these hashes, in this order.
pub fn commit_record(salt: &[u8; 32], chunk_hashes: &[[u8; 32]]) -> [u8; 32] {
    commit_parts(Domain::Record, salt, chunk_hashes)
}

/// The hash that the hand-off pool addresses a chunk by: BLAKE2b-256 of its bytes.
pub fn chunk_hash(chunk: &[u8]) -> [u8; 32] {
    Blake2b256::digest(chunk).into()
}

fn commit_parts<T: AsRef<[u8]>>(
    domain: Domain,
    salt: &[u8; 32],
    parts: impl IntoIterator<Item = T>,
) -> [u8; 32] {
    let mut hash = Blake2b256::new();
    hash.update(domain.label());
    hash.update(salt);
    for part in parts {
        hash.update(part.as_ref());
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunk_hash_is_blake2b_256() {
        // `printf abc | b2sum -l 256` of GNU coreutils.
        assert_eq!(
            hex::encode(chunk_hash(b"abc")),
            "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"
        );
    }

    #[test]
    fn commitment_is_the_hash_of_label_salt_and_data() {
        let mut input = b"cso-model-v1\0\0\0\0".to_vec();
        input.extend([7; 32]);
        input.extend(b"points = 3");
        assert_eq!(commit(Domain::Model, &[7; 32], b"points = 3"), chunk_hash(&input));
    }

    #[test]
    fn domain_salt_and_data_each_change_the_commitment() {
        let base = commit(Domain::Model, &[1; 32], b"data");
        assert_ne!(base, commit(Domain::Record, &[1; 32], b"data"));
        assert_ne!(base, commit(Domain::Model, &[2; 32], b"data"));
        assert_ne!(base, commit(Domain::Model, &[1; 32], b"Data"));
    }

    #[test]
    fn order_and_number_of_chunks_change_the_commitment() {
        let (a, b) = ([1; 32], [2; 32]);
        let base = commit_record(&[0; 32], &[a, b]);
        assert_ne!(base, commit_record(&[0; 32], &[b, a]));
        assert_ne!(base, commit_record(&[0; 32], &[a]));
        assert_ne!(base, commit_record(&[0; 32], &[a, b, b]));
        assert_eq!(base, commit(Domain::Record, &[0; 32], &[[1; 32], [2; 32]].concat()));
    }
}
