// SPDX-License-Identifier: Apache-2.0

//! Commitments to records and models.
//!
//! `commitment = BLAKE2b-256(label || salt || data)` with a 16-byte label that names what is
//! committed to and a random 32-byte salt. Label and salt have fixed lengths, so that no two
//! different inputs concatenate to the same bytes. The salt hides the data even where it can be
//! guessed (published scores are few); BLAKE2b's collision resistance binds. Nobody needs this
//! crate to check one: `cat label salt data | b2sum -l 256`.

use blake2::{digest::consts::U32, Blake2b, Digest};
use cso_primitives::{ChunkHash, ModelCommitment, RecordCommitment};

type Blake2b256 = Blake2b<U32>;

/// Label of commitments to encrypted records.
const RECORD: &[u8; 16] = b"cso-record-v1\0\0\0";

/// Label of commitments to models.
const MODEL: &[u8; 16] = b"cso-model-v1\0\0\0\0";

/// Commits to an expert's model, given as the parts of its files, one after the other.
pub fn commit_model<'a>(
    salt: &[u8; 32],
    parts: impl IntoIterator<Item = &'a [u8]>,
) -> ModelCommitment {
    ModelCommitment(commit(MODEL, salt, parts))
}

/// Commits to a record handed off in chunks with these hashes, in this order.
pub fn commit_record(salt: &[u8; 32], chunks: &[ChunkHash]) -> RecordCommitment {
    RecordCommitment(commit(RECORD, salt, chunks))
}

/// The hash that the hand-off pool addresses a chunk by: BLAKE2b-256 of its bytes.
pub fn chunk_hash(chunk: &[u8]) -> ChunkHash {
    ChunkHash(Blake2b256::digest(chunk).into())
}

fn commit<T: AsRef<[u8]>>(
    label: &[u8; 16],
    salt: &[u8; 32],
    parts: impl IntoIterator<Item = T>,
) -> [u8; 32] {
    let mut hash = Blake2b256::new();
    hash.update(label);
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
            chunk_hash(b"abc").to_string(),
            "0xbddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"
        );
    }

    #[test]
    fn commitment_is_the_hash_of_label_salt_and_data() {
        let mut input = b"cso-model-v1\0\0\0\0".to_vec();
        input.extend([7; 32]);
        input.extend(b"points = 3");
        let whole = chunk_hash(&input).0;
        assert_eq!(commit_model(&[7; 32], [&b"points = 3"[..]]).0, whole);
        assert_eq!(commit_model(&[7; 32], [&b"points"[..], b" = 3"]).0, whole);
    }

    #[test]
    fn label_salt_and_data_each_change_the_commitment() {
        let base = commit_model(&[1; 32], [&[3; 32][..]]);
        assert_ne!(base.0, commit_record(&[1; 32], &[ChunkHash([3; 32])]).0);
        assert_ne!(base, commit_model(&[2; 32], [&[3; 32][..]]));
        assert_ne!(base, commit_model(&[1; 32], [&[4; 32][..]]));
    }

    #[test]
    fn order_and_number_of_chunks_change_the_commitment() {
        let (a, b) = (ChunkHash([1; 32]), ChunkHash([2; 32]));
        let base = commit_record(&[0; 32], &[a, b]);
        assert_ne!(base, commit_record(&[0; 32], &[b, a]));
        assert_ne!(base, commit_record(&[0; 32], &[a]));
        assert_ne!(base, commit_record(&[0; 32], &[a, b, b]));
    }
}
