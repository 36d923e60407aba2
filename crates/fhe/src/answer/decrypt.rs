// SPDX-License-Identifier: Apache-2.0
//! Decrypting an answer.

use crate::key::{RecordKey, Secret};
use crate::params::Encoding;

use super::error::AnswerError;
use super::format::{unpack, Answer};

impl RecordKey {
    /// Decrypts an answer: one value an output, in the order of the program's tables.
    ///
    /// # Errors
    ///
    /// [`AnswerError::OtherKey`] if the answer was computed on a record of another key.
    pub fn decrypt(&self, answer: &Answer) -> Result<Vec<u16>, AnswerError> {
        if answer.key_id() != self.id() {
            return Err(AnswerError::OtherKey);
        }
        let secret = self.secret();
        let nearest = |(encoding, phase): (Encoding, u64)| {
            (phase.wrapping_add(encoding.delta() / 2) >> (64 - encoding.bits)) as u16
        };
        Ok(answer.phases(&secret).map(nearest).collect())
    }
}

impl Answer {
    /// Each output's encoding and phase `b - <a, s>`, scaled to `q = 2^64`.
    pub(crate) fn phases<'a>(
        &'a self,
        secret: &'a Secret,
    ) -> impl Iterator<Item = (Encoding, u64)> + 'a {
        self.packed().map(move |(encoding, packed)| {
            let width = encoding.modulus_log2();
            let mut elements = unpack(packed, width);
            let inner = secret.bits.iter().zip(&mut elements).fold(0u64, |sum, (s, a)| sum + s * a);
            let body = elements.next().unwrap_or(0);
            (encoding, body.wrapping_sub(inner) << (64 - width))
        })
    }
}
