// SPDX-License-Identifier: Apache-2.0
//! Substrate's hash of most things.

use blake2::{digest::consts::U32, Blake2b, Digest};

/// BLAKE2b-256 of the parts one after the other.
pub(crate) fn blake2_256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Blake2b::<U32>::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_hashed_as_one() {
        let whole = blake2_256(&[b"hop-ack-v1:", &[1; 32]]);
        let mut joined = b"hop-ack-v1:".to_vec();
        joined.extend([1; 32]);
        assert_eq!(whole, blake2_256(&[&joined]));
        assert_eq!(cso_sealing::chunk_hash(b"x").0, blake2_256(&[b"x"]));
    }
}
