// SPDX-License-Identifier: Apache-2.0
//! The encrypted record: its byte format, its strict parser, and its form ready for evaluation.
//!
//! A record is a seeded LWE bootstrapping key with the patient's bits in the place of the LWE
//! secret: one GGSW ciphertext a bit, all masks expanded from one seed. The format, all integers
//! little-endian:
//!
//! | bytes | what |
//! |---|---|
//! | 4 | magic `CSOR` |
//! | 1 | version, 1 |
//! | 1 | form, 1: one seeded GGSW a bit |
//! | 1 | profile |
//! | 1 | 0 |
//! | 2 | bits, one of the buckets |
//! | 6 | 0 |
//! | 16 | key id |
//! | 32 | public seed, from which all masks are expanded |
//! | 12288 | body of an encryption of zero, the record's public key: 2048 coefficients of 48 bits |
//! | 32 a block | BLAKE3 digests of the blocks |
//! | rest | blocks of 16 bits: for each bit `2 l` bodies of 12288 bytes |
//!
//! The header commits to everything that follows, so that each block can be verified, and loaded,
//! as it arrives.

use crate::params::{Profile, BLOCK_BITS, BODY_BYTES, BUCKETS, N};
use crate::random::{context, NoRandomness, Stream};
use crate::record::key::KEY_ID_LEN;

/// Why a record was refused, or could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Nothing to encrypt.
    #[error("a record needs at least one bit")]
    NoBits,
    /// More bits than the largest bucket holds.
    #[error("a record holds at most {max} bits, not {bits}")]
    TooManyBits {
        /// Bits asked for.
        bits: usize,
        /// Bits of the largest bucket.
        max: usize,
    },
    /// The operating system gave no randomness.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// Fewer bytes than the header announces, or than a header has.
    #[error("the record is truncated: {actual} bytes where {expected} are needed")]
    Truncated {
        /// Bytes needed.
        expected: usize,
        /// Bytes there.
        actual: usize,
    },
    /// More bytes than the header announces.
    #[error("the record is oversized: {actual} bytes where its header announces {expected}")]
    Oversized {
        /// Bytes announced.
        expected: usize,
        /// Bytes there.
        actual: usize,
    },
    /// The first four bytes are not `CSOR`.
    #[error("these bytes are not a record: they don't begin with CSOR")]
    Magic,
    /// A version this software doesn't know.
    #[error("record version {0} is unknown; this software reads version {VERSION}")]
    Version(u8),
    /// A form this software doesn't know.
    #[error("record form {0} is unknown; this software reads form {FORM}")]
    Form(u8),
    /// A profile this software doesn't know.
    #[error("record profile {0} is unknown")]
    Profile(u8),
    /// The number of bits is not a bucket.
    #[error("{0} bits is not the size of a record; sizes are {BUCKETS:?}")]
    Bits(usize),
    /// Reserved bytes are not zero.
    #[error("reserved bytes of the record's header are not zero")]
    Reserved,
    /// The bytes of a block don't have the digest that the header states.
    #[error("block {0} of the record does not match its digest")]
    Block(usize),
}

pub(crate) const MAGIC: [u8; 4] = *b"CSOR";
/// Version of the record format.
pub(crate) const VERSION: u8 = 1;
/// The only form so far: one seeded GGSW a bit.
pub(crate) const FORM: u8 = 1;
/// Bytes before the zero encryption's body.
pub(crate) const FIXED_LEN: usize = 64;
const DIGEST_LEN: usize = 32;

/// What the first bytes of a record say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub profile: Profile,
    pub bits: usize,
    pub key_id: [u8; KEY_ID_LEN],
    pub public_seed: [u8; 32],
}

impl Header {
    pub fn parse(bytes: &[u8]) -> Result<Self, RecordError> {
        let truncated = RecordError::Truncated { expected: FIXED_LEN, actual: bytes.len() };
        let fixed: &[u8; FIXED_LEN] =
            bytes.get(..FIXED_LEN).and_then(|b| b.try_into().ok()).ok_or(truncated)?;
        if fixed[..4] != MAGIC {
            return Err(RecordError::Magic);
        }
        if fixed[4] != VERSION {
            return Err(RecordError::Version(fixed[4]));
        }
        if fixed[5] != FORM {
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
        let mut header = Self { profile, bits, key_id: [0; KEY_ID_LEN], public_seed: [0; 32] };
        header.key_id.copy_from_slice(&fixed[16..32]);
        header.public_seed.copy_from_slice(&fixed[32..]);
        Ok(header)
    }

    fn to_bytes(self) -> [u8; FIXED_LEN] {
        let mut fixed = [0; FIXED_LEN];
        fixed[..4].copy_from_slice(&MAGIC);
        fixed[4] = VERSION;
        fixed[5] = FORM;
        fixed[6] = self.profile.id();
        fixed[8..10].copy_from_slice(&(self.bits as u16).to_le_bytes());
        fixed[16..32].copy_from_slice(&self.key_id);
        fixed[32..].copy_from_slice(&self.public_seed);
        fixed
    }

    pub fn blocks(&self) -> usize {
        self.bits / BLOCK_BITS
    }

    /// Bytes before the first block.
    pub fn blocks_start(&self) -> usize {
        FIXED_LEN + BODY_BYTES + self.blocks() * DIGEST_LEN
    }

    /// Bytes of the whole record.
    pub fn record_len(&self) -> usize {
        self.blocks_start() + self.blocks() * self.profile.block_bytes()
    }

    /// Where the digest of a block stands.
    pub fn digest_range(&self, block: usize) -> core::ops::Range<usize> {
        let start = FIXED_LEN + BODY_BYTES + block * DIGEST_LEN;
        start..start + DIGEST_LEN
    }

    /// The digest of a block: over the fixed header, its index and its bytes.
    pub fn digest(&self, block: usize, bytes: &[u8]) -> [u8; DIGEST_LEN] {
        Stream::new(context::BLOCK, &[&self.to_bytes(), &(block as u32).to_le_bytes(), bytes])
            .array()
    }
}

/// The AES key that a record's GGSW masks are expanded from.
pub(crate) fn mask_seed(public_seed: &[u8; 32]) -> [u8; 16] {
    Stream::new(context::GGSW_MASKS, &[public_seed]).array()
}

/// Where in the mask stream, counted in words, the mask of a row begins.
pub(crate) fn mask_index(profile: Profile, bit: usize, row: usize) -> u64 {
    ((bit * profile.rows() + row) * N) as u64
}

/// An encrypted record, in its byte form.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    pub(crate) header: Header,
    pub(crate) bytes: Vec<u8>,
}

impl core::fmt::Debug for Record {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Record")
            .field("profile", &self.header.profile)
            .field("bits", &self.header.bits)
            .field("bytes", &self.bytes.len())
            .finish()
    }
}

impl Record {
    /// A record whose bodies and digests are still to be filled.
    pub(crate) fn reserve(header: Header, zero_body: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(header.record_len());
        bytes.extend_from_slice(&header.to_bytes());
        bytes.extend_from_slice(zero_body);
        bytes.resize(header.record_len(), 0);
        Self { header, bytes }
    }

    /// The bodies of all bits.
    pub(crate) fn bodies_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[self.header.blocks_start()..]
    }

    /// Writes the digests.
    pub(crate) fn seal(&mut self) {
        for block in 0..self.header.blocks() {
            let digest = self.header.digest(block, self.block(block));
            self.bytes[self.header.digest_range(block)].copy_from_slice(&digest);
        }
    }

    /// The bytes of a block.
    pub(crate) fn block(&self, block: usize) -> &[u8] {
        let len = self.header.profile.block_bytes();
        let start = self.header.blocks_start() + block * len;
        &self.bytes[start..start + len]
    }

    /// The record's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.bytes.clone()
    }

    /// The record's bytes, borrowed.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Reads and verifies a record.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RecordError> {
        check_len(bytes)?;
        Self::from_vec(bytes.to_vec())
    }

    /// Reads and verifies a record without copying it.
    pub fn from_vec(bytes: Vec<u8>) -> Result<Self, RecordError> {
        let header = check_len(&bytes)?;
        let record = Self { header, bytes };
        for block in 0..header.blocks() {
            if header.digest(block, record.block(block)) != record.bytes[header.digest_range(block)]
            {
                return Err(RecordError::Block(block));
            }
        }
        Ok(record)
    }

    /// Number of encrypted bits, padding included.
    pub fn bits(&self) -> usize {
        self.header.bits
    }

    /// The record's profile.
    pub fn profile(&self) -> Profile {
        self.header.profile
    }

    /// Bytes of a record of `bits` bits once padded, or `None` if no record holds so many.
    pub fn len_of(bits: usize, profile: Profile) -> Option<usize> {
        let bits = crate::params::bucket(bits)?;
        Some(Header { profile, bits, key_id: [0; KEY_ID_LEN], public_seed: [0; 32] }.record_len())
    }
}

/// The header, once the length is what it announces.
fn check_len(bytes: &[u8]) -> Result<Header, RecordError> {
    let header = Header::parse(bytes)?;
    let (expected, actual) = (header.record_len(), bytes.len());
    match actual.cmp(&expected) {
        core::cmp::Ordering::Less => Err(RecordError::Truncated { expected, actual }),
        core::cmp::Ordering::Greater => Err(RecordError::Oversized { expected, actual }),
        core::cmp::Ordering::Equal => Ok(header),
    }
}
