// SPDX-License-Identifier: Apache-2.0
//! Stored bodies: polynomials of which each coefficient keeps its highest bits.

use crate::params::{BODY_BITS, COEFFICIENT_BYTES};

/// Bits of a coefficient that are not stored.
const DROPPED: u32 = 64 - BODY_BITS;

/// Stores a body, each coefficient rounded.
pub(super) fn pack(out: &mut [u8], body: &[u64]) {
    for (out, x) in out.chunks_exact_mut(COEFFICIENT_BYTES).zip(body) {
        let kept = x.wrapping_add(1 << (DROPPED - 1)) >> DROPPED;
        out.copy_from_slice(&kept.to_le_bytes()[..COEFFICIENT_BYTES]);
    }
}

/// Reads body coefficients back to words: the word that ends with a coefficient's last byte has it
/// at the top, above the end of the coefficient before.
#[inline(always)]
pub(crate) fn unpack(out: &mut [u64], bytes: &[u8]) {
    const STEP: usize = COEFFICIENT_BYTES;
    const BELOW: usize = 8 - STEP;
    let (first, rest) = out.split_at_mut(1);
    let mut word = [0; 8];
    word[BELOW..].copy_from_slice(&bytes[..STEP]);
    first[0] = u64::from_le_bytes(word);
    let bytes = &bytes[STEP - BELOW..];
    for (i, x) in rest.iter_mut().enumerate() {
        word.copy_from_slice(&bytes[i * STEP..i * STEP + 8]);
        *x = u64::from_le_bytes(word) >> DROPPED << DROPPED;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::{BODY_BYTES, N};

    #[test]
    fn a_stored_body_comes_back_rounded() {
        let body: Vec<u64> =
            (0..N as u64).map(|i| i.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(7)).collect();
        let (mut stored, mut back) = (vec![0; BODY_BYTES], vec![0; N]);
        pack(&mut stored, &body);
        unpack(&mut back, &stored);
        for (x, y) in body.iter().zip(&back) {
            assert_eq!(y % (1 << DROPPED), 0);
            assert!((x.wrapping_sub(*y) as i64).unsigned_abs() <= 1 << (DROPPED - 1));
        }
    }
}
