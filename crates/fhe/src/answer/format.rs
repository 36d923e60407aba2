// SPDX-License-Identifier: Apache-2.0
//! The answer's bytes and their strict parser.

use core::cmp::Ordering;
use core::fmt;

use crate::params::{
    Encoding, Profile, ANSWER_FIXED_LEN, ANSWER_MAGIC, ANSWER_VERSION, KEY_ID_LEN, LWE_LEN,
    MAX_OUTPUTS, MAX_OUTPUT_BITS,
};

use super::error::AnswerError;

/// An encrypted answer, in its byte form: for each output an LWE ciphertext under the record's key,
/// sanitised, switched to a small modulus and packed.
///
/// The format, all integers little-endian:
///
/// | bytes | what |
/// |---|---|
/// | 4 | magic `CSOA` |
/// | 1 | version, 1 |
/// | 1 | profile |
/// | 1 | outputs, 1 to 8 |
/// | 1 | 0 |
/// | 16 | key id of the record |
/// | 1 an output | bits `p` of its value |
/// | rest | for each output 2049 elements of `p + 16` bits, mask then body, in whole bytes |
///
/// ```
/// use cso_fhe::{Answer, AnswerError, Evaluator, LoadedRecord, Profile, RecordKey};
/// # use cso_fhe::{Program, Step, Sum, Table};
/// # let steps = vec![Step::Weighted { points: vec![1, 1] }];
/// # let tables = vec![Table { output: 0, bits: 2, values: vec![3, 2, 1] }];
/// # let program = Program::new(2, vec![Sum { steps, bias: 0, wraps: false, tables }])?;
///
/// let key = RecordKey::generate()?;
/// let record = LoadedRecord::load(&key.encrypt(&[true, false], Profile::Private)?);
/// let bytes = Evaluator::new().evaluate(&record, &program)?.to_bytes();
///
/// // On the patient's side again.
/// let answer = Answer::from_bytes(&bytes)?;
/// assert_eq!((answer.outputs(), bytes.len()), (1, 24 + 1 + (2049 * 18_usize).div_ceil(8)));
/// assert_eq!(key.decrypt(&answer)?, [2]);
///
/// assert_eq!(RecordKey::generate()?.decrypt(&answer), Err(AnswerError::OtherKey));
/// let short = Answer::from_bytes(b"CSOA");
/// assert_eq!(short, Err(AnswerError::Truncated { expected: 24, actual: 4 }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    encodings: Vec<Encoding>,
    bytes: Vec<u8>,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
        let len: usize =
            ANSWER_FIXED_LEN + encodings.iter().map(|e| 1 + packed_len(*e)).sum::<usize>();
        let mut bytes = Vec::with_capacity(len);
        bytes.extend_from_slice(&ANSWER_MAGIC);
        bytes.extend_from_slice(&[ANSWER_VERSION, profile.id(), encodings.len() as u8, 0]);
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
    ///
    /// # Errors
    ///
    /// What the header announces and no answer has: [`AnswerError::Magic`],
    /// [`AnswerError::Version`], [`AnswerError::Profile`], [`AnswerError::Outputs`],
    /// [`AnswerError::OutputBits`]. A length that isn't the one announced:
    /// [`AnswerError::Truncated`], [`AnswerError::Oversized`]. [`AnswerError::Reserved`] if bits
    /// that carry nothing are not zero. Header and length are checked before the bytes are copied.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, AnswerError> {
        let actual = bytes.len();
        if actual < ANSWER_FIXED_LEN {
            return Err(AnswerError::Truncated { expected: ANSWER_FIXED_LEN, actual });
        }
        if bytes[..4] != ANSWER_MAGIC {
            return Err(AnswerError::Magic);
        }
        if bytes[4] != ANSWER_VERSION {
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
            .get(ANSWER_FIXED_LEN..ANSWER_FIXED_LEN + outputs)
            .ok_or(AnswerError::Truncated { expected: ANSWER_FIXED_LEN + outputs, actual })?;
        let mut encodings = Vec::with_capacity(outputs);
        for (output, bits) in widths.iter().enumerate() {
            if !(1..=MAX_OUTPUT_BITS as u8).contains(bits) {
                return Err(AnswerError::OutputBits { output, bits: *bits });
            }
            encodings.push(Encoding { bits: u32::from(*bits), profile });
        }
        let expected =
            ANSWER_FIXED_LEN + encodings.iter().map(|e| 1 + packed_len(*e)).sum::<usize>();
        match actual.cmp(&expected) {
            Ordering::Less => return Err(AnswerError::Truncated { expected, actual }),
            Ordering::Greater => return Err(AnswerError::Oversized { expected, actual }),
            Ordering::Equal => {}
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

    /// The identifier of the record's key.
    pub(crate) fn key_id(&self) -> &[u8] {
        &self.bytes[8..ANSWER_FIXED_LEN]
    }

    /// Each output's encoding and packed ciphertext.
    pub(super) fn packed(&self) -> impl Iterator<Item = (Encoding, &[u8])> {
        let mut start = ANSWER_FIXED_LEN + self.encodings.len();
        self.encodings.iter().map(move |encoding| {
            let packed = &self.bytes[start..start + packed_len(*encoding)];
            start += packed.len();
            (*encoding, packed)
        })
    }

    /// The switched ciphertext of an output.
    #[cfg(test)]
    pub(crate) fn elements(&self, output: usize) -> Vec<u64> {
        let (encoding, packed) = self.packed().nth(output).expect("an output of the answer");
        unpack(packed, encoding.modulus_log2()).collect()
    }
}

/// The elements of a packed ciphertext, in order.
pub(super) fn unpack(packed: &[u8], width: u32) -> impl Iterator<Item = u64> + '_ {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_answer_has_as_many_bytes_as_the_documents_say() {
        let widest = Encoding { bits: MAX_OUTPUT_BITS, profile: Profile::Private };
        let mut answer =
            Answer::begin(Profile::Private, [7; KEY_ID_LEN], vec![widest; MAX_OUTPUTS]);
        (0..MAX_OUTPUTS).for_each(|_| answer.push(widest, &[u32::MAX; LWE_LEN]));
        assert_eq!(answer.as_bytes().len(), 65_600);
        assert_eq!(Answer::from_bytes(answer.as_bytes()), Ok(answer));
    }

    #[test]
    fn packed_elements_come_back_at_every_width() {
        for bits in 1..=MAX_OUTPUT_BITS {
            let encoding = Encoding { bits, profile: Profile::Fast };
            let mask = u32::MAX >> (32 - encoding.modulus_log2());
            let lwe: Vec<u32> =
                (0..LWE_LEN as u32).map(|i| i.wrapping_mul(0x9E37_79B9) & mask).collect();
            let mut answer = Answer::begin(Profile::Fast, [7; KEY_ID_LEN], vec![encoding]);
            answer.push(encoding, &lwe);
            assert!(answer.elements(0).into_iter().eq(lwe.into_iter().map(u64::from)), "{bits}");
        }
    }
}
