// SPDX-License-Identifier: Apache-2.0
//! The fixed header of a record, and what follows from it: lengths, places, digests, masks.

use core::ops::Range;

use crate::params::{
    Profile, BLOCK_BITS, BODY_BYTES, BUCKETS, DIGEST_LEN, KEY_ID_LEN, N, RECORD_FIXED_LEN,
    RECORD_FORM, RECORD_MAGIC, RECORD_VERSION, SEED_LEN,
};
use crate::random::{context, MaskStream, Stream};

use super::error::RecordError;

/// What the fixed header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub profile: Profile,
    pub bits: usize,
    pub key_id: [u8; KEY_ID_LEN],
    pub public_seed: [u8; SEED_LEN],
}

impl Header {
    /// Reads the fixed header at the front of `bytes`.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, RecordError> {
        let truncated = RecordError::Truncated { expected: RECORD_FIXED_LEN, actual: bytes.len() };
        let fixed: &[u8; RECORD_FIXED_LEN] =
            bytes.get(..RECORD_FIXED_LEN).and_then(|b| b.try_into().ok()).ok_or(truncated)?;
        if fixed[..4] != RECORD_MAGIC {
            return Err(RecordError::Magic);
        }
        if fixed[4] != RECORD_VERSION {
            return Err(RecordError::Version(fixed[4]));
        }
        if fixed[5] != RECORD_FORM {
            return Err(RecordError::Form(fixed[5]));
        }
        let profile = Profile::from_id(fixed[6]).ok_or(RecordError::Profile(fixed[6]))?;
        let bits = usize::from(u16::from_le_bytes([fixed[8], fixed[9]]));
        if !BUCKETS.contains(&bits) {
            return Err(RecordError::Bits(bits));
        }
        if fixed[7] != 0 || fixed[10..16].iter().any(|b| *b != 0) {
            return Err(RecordError::Reserved);
        }
        let mut header =
            Self { profile, bits, key_id: [0; KEY_ID_LEN], public_seed: [0; SEED_LEN] };
        header.key_id.copy_from_slice(&fixed[16..32]);
        header.public_seed.copy_from_slice(&fixed[32..]);
        Ok(header)
    }

    /// The fixed header's bytes.
    pub(crate) fn to_bytes(self) -> [u8; RECORD_FIXED_LEN] {
        let mut fixed = [0; RECORD_FIXED_LEN];
        fixed[..4].copy_from_slice(&RECORD_MAGIC);
        fixed[4] = RECORD_VERSION;
        fixed[5] = RECORD_FORM;
        fixed[6] = self.profile.id();
        fixed[8..10].copy_from_slice(&(self.bits as u16).to_le_bytes());
        fixed[16..32].copy_from_slice(&self.key_id);
        fixed[32..].copy_from_slice(&self.public_seed);
        fixed
    }

    /// Number of blocks.
    pub(crate) fn blocks(&self) -> usize {
        self.bits / BLOCK_BITS
    }

    /// Bytes before the first block: fixed header, zero encryption, digests.
    pub(crate) fn blocks_start(&self) -> usize {
        RECORD_FIXED_LEN + BODY_BYTES + self.blocks() * DIGEST_LEN
    }

    /// Bytes of the whole record.
    pub(crate) fn record_len(&self) -> usize {
        self.blocks_start() + self.blocks() * self.profile.block_bytes()
    }

    /// Where the digest of a block stands.
    pub(crate) fn digest_range(&self, block: usize) -> Range<usize> {
        let start = RECORD_FIXED_LEN + BODY_BYTES + block * DIGEST_LEN;
        start..start + DIGEST_LEN
    }

    /// The digest of a block: over the fixed header, its index and its bytes.
    pub(crate) fn digest(&self, block: usize, bytes: &[u8]) -> [u8; DIGEST_LEN] {
        Stream::new(context::BLOCK, &[&self.to_bytes(), &(block as u32).to_le_bytes(), bytes])
            .array()
    }

    /// The mask of the zero encryption: the output of a hash, so nobody can choose it.
    pub(crate) fn zero_mask(&self) -> [u64; N] {
        let mut mask = [0; N];
        Stream::new(context::ZERO_MASK, &[&self.public_seed]).uniform(&mut mask);
        mask
    }

    /// The seed of the record's GGSW masks.
    pub(crate) fn mask_seed(&self) -> [u8; 16] {
        Stream::new(context::GGSW_MASKS, &[&self.public_seed]).array()
    }

    /// The record's GGSW masks, one after the other; [`mask_index`] says where each begins.
    pub(crate) fn masks(&self) -> MaskStream {
        MaskStream::new(self.mask_seed())
    }
}

/// Where in the mask stream, counted in words, the mask of a row begins.
pub(crate) fn mask_index(profile: Profile, bit: usize, row: usize) -> u64 {
    ((bit * profile.rows() + row) * N) as u64
}
