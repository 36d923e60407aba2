// SPDX-License-Identifier: Apache-2.0
//! The record's bytes and their strict parser.

use core::cmp::Ordering;
use core::fmt;

use crate::params::{bucket, Profile, BODY_BYTES, KEY_ID_LEN, RECORD_FIXED_LEN, SEED_LEN};

use super::error::RecordError;
use super::header::Header;

/// An encrypted record, in its byte form.
///
/// A record is a seeded LWE bootstrapping key with the patient's bits in the place of the LWE
/// secret: one GGSW ciphertext a bit, all masks expanded from one seed. The format, all integers
/// little-endian:
///
/// | bytes | what |
/// |---|---|
/// | 4 | magic `CSOR` |
/// | 1 | version, 1 |
/// | 1 | form, 1: one seeded GGSW a bit |
/// | 1 | profile |
/// | 1 | 0 |
/// | 2 | bits, one of the [buckets](crate::bucket) |
/// | 6 | 0 |
/// | 16 | key id |
/// | 32 | public seed, from which all masks are expanded |
/// | 12288 | body of an encryption of zero, the record's public key: 2048 coefficients of 48 bits |
/// | 32 a block | BLAKE3 digests of the blocks |
/// | rest | blocks of 16 bits: for each bit `2 l` bodies of 12288 bytes |
///
/// The first eight rows are the fixed header. Together with the next two it commits to everything
/// that follows, so that each block can be verified, and loaded, as it arrives.
///
/// ```
/// use cso_fhe::{Profile, Record, RecordError, RecordKey};
///
/// let key = RecordKey::generate()?;
/// let record = key.encrypt(&[true, false, true], Profile::Fast)?;
/// // Three bits are padded to sixteen, so that their number doesn't show.
/// assert_eq!((record.bits(), record.profile()), (16, Profile::Fast));
///
/// let mut bytes = record.to_bytes();
/// assert_eq!(Some(bytes.len()), Record::len_of(3, Profile::Fast));
/// assert_eq!(Record::from_bytes(&bytes)?, record);
///
/// // Bytes from elsewhere are verified: a flipped bit names its block, a lost end what is missing.
/// *bytes.last_mut().unwrap() ^= 1;
/// assert_eq!(Record::from_bytes(&bytes), Err(RecordError::Block(0)));
/// let (expected, actual) = (bytes.len(), 1000);
/// assert_eq!(
///     Record::from_bytes(&bytes[..actual]),
///     Err(RecordError::Truncated { expected, actual })
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    header: Header,
    bytes: Vec<u8>,
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("profile", &self.header.profile)
            .field("bits", &self.header.bits)
            .field("bytes", &self.bytes.len())
            .finish()
    }
}

impl Record {
    /// A record whose bodies and digests are still to be filled.
    pub(super) fn reserve(header: Header, zero_body: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(header.record_len());
        bytes.extend_from_slice(&header.to_bytes());
        bytes.extend_from_slice(zero_body);
        bytes.resize(header.record_len(), 0);
        Self { header, bytes }
    }

    /// The bodies of all bits.
    pub(super) fn bodies_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[self.header.blocks_start()..]
    }

    /// Writes the digests, once all bodies are there.
    pub(super) fn write_digests(&mut self) {
        for block in 0..self.header.blocks() {
            let digest = self.header.digest(block, self.block(block));
            self.bytes[self.header.digest_range(block)].copy_from_slice(&digest);
        }
    }

    /// What the fixed header says.
    pub(crate) fn header(&self) -> &Header {
        &self.header
    }

    /// The body of the zero encryption.
    pub(crate) fn zero_body(&self) -> &[u8] {
        &self.bytes[RECORD_FIXED_LEN..RECORD_FIXED_LEN + BODY_BYTES]
    }

    /// The bodies of all bits, those of a bit in [`Profile::bit_bytes`] bytes.
    pub(crate) fn bodies(&self) -> &[u8] {
        &self.bytes[self.header.blocks_start()..]
    }

    /// The bytes of a block.
    fn block(&self, block: usize) -> &[u8] {
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
    ///
    /// # Errors
    ///
    /// What the header announces and this software doesn't read: [`RecordError::Magic`],
    /// [`RecordError::Version`], [`RecordError::Form`], [`RecordError::Profile`],
    /// [`RecordError::Bits`], [`RecordError::Reserved`]. A length that isn't the one announced:
    /// [`RecordError::Truncated`], [`RecordError::Oversized`]. And [`RecordError::Block`] for the
    /// first block that doesn't have its digest. Length and header are checked before anything is
    /// allocated.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RecordError> {
        check_len(bytes)?;
        Self::from_vec(bytes.to_vec())
    }

    /// Reads and verifies a record without copying it.
    ///
    /// # Errors
    ///
    /// As [`Self::from_bytes`].
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
        let bits = bucket(bits)?;
        let (key_id, public_seed) = ([0; KEY_ID_LEN], [0; SEED_LEN]);
        Some(Header { profile, bits, key_id, public_seed }.record_len())
    }
}

/// The header, once the length is what it announces.
fn check_len(bytes: &[u8]) -> Result<Header, RecordError> {
    let header = Header::parse(bytes)?;
    let (expected, actual) = (header.record_len(), bytes.len());
    match actual.cmp(&expected) {
        Ordering::Less => Err(RecordError::Truncated { expected, actual }),
        Ordering::Greater => Err(RecordError::Oversized { expected, actual }),
        Ordering::Equal => Ok(header),
    }
}
