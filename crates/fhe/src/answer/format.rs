// SPDX-License-Identifier: Apache-2.0
//! The encrypted answer: LWE ciphertexts of the outputs, switched to a small modulus and packed.
//!
//! The format, all integers little-endian:
//!
//! | bytes | what |
//! |---|---|
//! | 4 | magic `CSOA` |
//! | 1 | version, 1 |
//! | 1 | profile |
//! | 1 | outputs, 1 to 8 |
//! | 1 | 0 |
//! | 16 | key id of the record |
//! | 1 an output | bits `p` of its value |
//! | 2049 elements of `p + 16` bits an output | mask and body, packed without gaps, each output beginning with a whole byte |

use crate::params::{Encoding, Profile, MAX_OUTPUTS, MAX_OUTPUT_BITS, N};
use crate::record::key::{Secret, KEY_ID_LEN};

const MAGIC: [u8; 4] = *b"CSOA";
const VERSION: u8 = 1;
const FIXED_LEN: usize = 8 + KEY_ID_LEN;
/// Elements of an LWE ciphertext under the GLWE key: the mask and the body.
pub(crate) const LWE_LEN: usize = N + 1;

/// Bytes of the longest answer: 8 outputs of 16 bits.
pub const MAX_ANSWER_LEN: usize =
    FIXED_LEN + MAX_OUTPUTS * (1 + (LWE_LEN * (MAX_OUTPUT_BITS as usize + 16)).div_ceil(8));

/// Why an answer was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// Fewer bytes than the header announces, or than a header has.
    #[error("the answer is truncated: {actual} bytes where {expected} are needed")]
    Truncated {
        /// Bytes needed.
        expected: usize,
        /// Bytes there.
        actual: usize,
    },
    /// More bytes than the header announces.
    #[error("the answer is oversized: {actual} bytes where its header announces {expected}")]
    Oversized {
        /// Bytes announced.
        expected: usize,
        /// Bytes there.
        actual: usize,
    },
    /// The first four bytes are not `CSOA`.
    #[error("these bytes are not an answer: they don't begin with CSOA")]
    Magic,
    /// A version this software doesn't know.
    #[error("answer version {0} is unknown; this software reads version {VERSION}")]
    Version(u8),
    /// A profile this software doesn't know.
    #[error("answer profile {0} is unknown")]
    Profile(u8),
    /// No outputs, or too many.
    #[error("an answer has 1 to {MAX_OUTPUTS} outputs, not {0}")]
    Outputs(u8),
    /// A width no output has.
    #[error("output {output} claims {bits} bits; 1 to {MAX_OUTPUT_BITS} are possible")]
    OutputBits {
        /// The output, counted from 0.
        output: usize,
        /// Bits claimed.
        bits: u8,
    },
    /// Reserved or padding bits are not zero.
    #[error("reserved or padding bits of the answer are not zero")]
    Reserved,
    /// The answer belongs to a record of another key.
    #[error("the answer was computed on a record of another key")]
    OtherKey,
}

/// An encrypted answer, in its byte form.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    encodings: Vec<Encoding>,
    bytes: Vec<u8>,
}

impl core::fmt::Debug for Answer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Answer")
            .field("outputs", &self.outputs())
            .field("bytes", &self.bytes.len())
            .finish()
    }
}

/// Bytes of one packed LWE ciphertext.
fn packed_len(encoding: Encoding) -> usize {
    (LWE_LEN * encoding.modulus_log2() as usize).div_ceil(8)
}

impl Answer {
    /// The header of an answer; [`Self::push`] adds the outputs.
    pub(crate) fn begin(
        profile: Profile,
        key_id: [u8; KEY_ID_LEN],
        encodings: Vec<Encoding>,
    ) -> Self {
        let len: usize = FIXED_LEN + encodings.iter().map(|e| 1 + packed_len(*e)).sum::<usize>();
        let mut bytes = Vec::with_capacity(len);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&[VERSION, profile.id(), encodings.len() as u8, 0]);
        bytes.extend_from_slice(&key_id);
        bytes.extend(encodings.iter().map(|e| e.bits as u8));
        Self { encodings, bytes }
    }

    /// Packs one output's switched ciphertext, mask before body.
    pub(crate) fn push(&mut self, encoding: Encoding, lwe: &[u32]) {
        let width = encoding.modulus_log2();
        let (mut held, mut held_bits) = (0u64, 0);
        for x in lwe {
            held |= u64::from(*x) << held_bits;
            held_bits += width;
            while held_bits >= 8 {
                self.bytes.push(held as u8);
                held >>= 8;
                held_bits -= 8;
            }
        }
        if held_bits > 0 {
            self.bytes.push(held as u8);
        }
    }

    /// The answer's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.bytes.clone()
    }

    /// The answer's bytes, borrowed.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Reads an answer.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, AnswerError> {
        let actual = bytes.len();
        if actual < FIXED_LEN {
            return Err(AnswerError::Truncated { expected: FIXED_LEN, actual });
        }
        if bytes[..4] != MAGIC {
            return Err(AnswerError::Magic);
        }
        if bytes[4] != VERSION {
            return Err(AnswerError::Version(bytes[4]));
        }
        let profile = Profile::from_id(bytes[5]).ok_or(AnswerError::Profile(bytes[5]))?;
        let outputs = usize::from(bytes[6]);
        if !(1..=MAX_OUTPUTS).contains(&outputs) {
            return Err(AnswerError::Outputs(bytes[6]));
        }
        if bytes[7] != 0 {
            return Err(AnswerError::Reserved);
        }
        let widths = bytes
            .get(FIXED_LEN..FIXED_LEN + outputs)
            .ok_or(AnswerError::Truncated { expected: FIXED_LEN + outputs, actual })?;
        let mut encodings = Vec::with_capacity(outputs);
        for (output, bits) in widths.iter().enumerate() {
            if !(1..=MAX_OUTPUT_BITS as u8).contains(bits) {
                return Err(AnswerError::OutputBits { output, bits: *bits });
            }
            encodings.push(Encoding { bits: u32::from(*bits), profile });
        }
        let expected = FIXED_LEN + encodings.iter().map(|e| 1 + packed_len(*e)).sum::<usize>();
        match actual.cmp(&expected) {
            core::cmp::Ordering::Less => return Err(AnswerError::Truncated { expected, actual }),
            core::cmp::Ordering::Greater => {
                return Err(AnswerError::Oversized { expected, actual })
            }
            core::cmp::Ordering::Equal => {}
        }
        let answer = Self { encodings, bytes: bytes.to_vec() };
        for (encoding, packed) in answer.packed() {
            let used = LWE_LEN * encoding.modulus_log2() as usize % 8;
            if used != 0 && packed[packed.len() - 1] >> used != 0 {
                return Err(AnswerError::Reserved);
            }
        }
        Ok(answer)
    }

    /// Number of outputs.
    pub fn outputs(&self) -> usize {
        self.encodings.len()
    }

    /// The profile of the record the answer was computed on.
    pub fn profile(&self) -> Profile {
        self.encodings[0].profile
    }

    pub(crate) fn key_id(&self) -> &[u8] {
        &self.bytes[8..FIXED_LEN]
    }

    fn packed(&self) -> impl Iterator<Item = (Encoding, &[u8])> {
        let mut start = FIXED_LEN + self.encodings.len();
        self.encodings.iter().map(move |encoding| {
            let packed = &self.bytes[start..start + packed_len(*encoding)];
            start += packed.len();
            (*encoding, packed)
        })
    }

    /// The values under a secret key.
    pub(crate) fn decode(&self, secret: &Secret) -> Vec<u16> {
        self.phases(secret)
            .into_iter()
            .zip(&self.encodings)
            .map(|(phase, e)| (phase.wrapping_add(e.delta() / 2) >> (64 - e.bits)) as u16)
            .collect()
    }

    /// The phases `b - <a, s>`, scaled to `q = 2^64`.
    pub(crate) fn phases(&self, secret: &Secret) -> Vec<u64> {
        self.packed()
            .map(|(encoding, packed)| {
                let width = encoding.modulus_log2();
                let mut elements = unpack(packed, width);
                let inner =
                    secret.bits.iter().zip(&mut elements).fold(0u64, |sum, (s, a)| sum + s * a);
                let body = elements.next().unwrap_or(0);
                body.wrapping_sub(inner) << (64 - width)
            })
            .collect()
    }

    /// The switched ciphertext of an output.
    #[cfg(test)]
    pub(crate) fn elements(&self, output: usize) -> Vec<u64> {
        let (encoding, packed) = self.packed().nth(output).expect("an output of the answer");
        unpack(packed, encoding.modulus_log2()).collect()
    }
}

/// The packed elements, in order.
fn unpack(packed: &[u8], width: u32) -> impl Iterator<Item = u64> + '_ {
    let mut bytes = packed.iter();
    let (mut held, mut held_bits) = (0u64, 0);
    (0..LWE_LEN).map(move |_| {
        while held_bits < width {
            held |= u64::from(bytes.next().copied().unwrap_or(0)) << held_bits;
            held_bits += 8;
        }
        let x = held & ((1 << width) - 1);
        held >>= width;
        held_bits -= width;
        x
    })
}
