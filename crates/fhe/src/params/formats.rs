// SPDX-License-Identifier: Apache-2.0
//! Lengths and marks of the byte formats, and the sizes to which records are padded.

use super::noise::BODY_BITS;
use super::ring::N;

/// Bytes of a seed: 256 bits, twice the security claimed, so that searching on a quantum computer
/// gains nothing.
pub(crate) const SEED_LEN: usize = 32;

/// Bytes of the identifier by which an answer is matched to its key: 128 bits, never equal by
/// chance.
pub(crate) const KEY_ID_LEN: usize = 16;

/// Bytes of the digest of a block: 256 bits, so that collisions take 2^128 tries.
pub(crate) const DIGEST_LEN: usize = 32;

/// Bytes of one stored body coefficient.
pub(crate) const COEFFICIENT_BYTES: usize = BODY_BITS as usize / 8;

/// Bytes of one stored body polynomial.
pub(crate) const BODY_BYTES: usize = N * COEFFICIENT_BYTES;

/// Record bits in one block, the unit in which a record is verified and loaded while it arrives:
/// 0.4 or 0.8 MB, so little is left to do after the last byte.
pub(crate) const BLOCK_BITS: usize = 16;

/// Sizes, in bits, to which records are padded, so that the length of a record tells little of what
/// it holds. Each is at most half as large again as the one before, but for the second and the
/// last, which are twice as large: whole blocks end there, and few records are so long.
pub(crate) const BUCKETS: [usize; 13] =
    [16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 2048];

/// Bits of the largest record.
pub(crate) const MAX_BITS: usize = BUCKETS[BUCKETS.len() - 1];

/// The first bytes of a record.
pub(crate) const RECORD_MAGIC: [u8; 4] = *b"CSOR";
/// Version of the record format.
pub(crate) const RECORD_VERSION: u8 = 1;
/// The only form so far: one seeded GGSW a bit.
pub(crate) const RECORD_FORM: u8 = 1;
/// Bytes of a record's fixed header, before the zero encryption's body: see the table at
/// [`Record`](crate::Record).
pub(crate) const RECORD_FIXED_LEN: usize = 16 + KEY_ID_LEN + SEED_LEN;

/// The first bytes of an answer.
pub(crate) const ANSWER_MAGIC: [u8; 4] = *b"CSOA";
/// Version of the answer format.
pub(crate) const ANSWER_VERSION: u8 = 1;
/// Bytes of an answer's fixed header, before the widths of its outputs: see the table at
/// [`Answer`](crate::Answer).
pub(crate) const ANSWER_FIXED_LEN: usize = 8 + KEY_ID_LEN;

/// Bits of a record that holds `bits` once it is padded: the smallest of 16, 32, 48, 64, 96, 128,
/// 192, 256, 384, 512, 768, 1024 and 2048 that is enough, or `None` if none is.
///
/// ```
/// assert_eq!(cso_fhe::bucket(13), Some(16));
/// assert_eq!(cso_fhe::bucket(180), Some(192));
/// assert_eq!(cso_fhe::bucket(2049), None);
/// ```
pub fn bucket(bits: usize) -> Option<usize> {
    BUCKETS.into_iter().find(|bucket| *bucket >= bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_whole_blocks_and_ascend() {
        assert!(BUCKETS.windows(2).all(|w| w[0] < w[1]));
        assert!(BUCKETS.iter().all(|b| b % BLOCK_BITS == 0));
        assert_eq!(bucket(180), Some(192));
        assert_eq!(bucket(2049), None);
    }
}
