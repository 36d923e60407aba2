// SPDX-License-Identifier: Apache-2.0
//! The exact arithmetic: external products over the prime `Q = 2^64 - 2^32 + 1` by number-theoretic
//! transforms.
//!
//! Integers only, so the same record, program and coins give the same bytes on every CPU: the
//! ground for audits that repeat an evaluation. It reads the same records as the fast arithmetic.
//! Each ciphertext coefficient `x` of `Z_{2^64}` becomes `round(x Q / 2^64)`, whose error, at most
//! one half, vanishes beside the noise; results go back the same way before they are sanitised.

use tfhe_ntt::prime64::{Plan, Solinas};

use crate::engine::float::load::{unpack, Common};
use crate::engine::run::Arithmetic;
use crate::machine::parallel;
use crate::params::{Profile, BODY_BYTES, N};
use crate::random::MaskStream;
use crate::record::format::{mask_index, mask_seed, Record};
use crate::ring::decompose::{lowest_digit, rounded};
use crate::ring::poly::{rotate_sub_from, Modulus};

/// `Q = 2^64 - 2^32 + 1`, a Solinas prime with `2N` dividing `Q - 1`.
pub(crate) const Q: u64 = Solinas::P;

/// Arithmetic modulo [`Q`] on canonical representatives.
#[derive(Clone, Copy)]
pub(crate) struct Prime;

impl Modulus for Prime {
    #[inline(always)]
    fn add(a: u64, b: u64) -> u64 {
        Self::sub(a, Self::neg(b))
    }
    #[inline(always)]
    fn sub(a: u64, b: u64) -> u64 {
        let (x, borrow) = a.overflowing_sub(b);
        if borrow {
            x.wrapping_add(Q)
        } else {
            x
        }
    }
    #[inline(always)]
    fn neg(a: u64) -> u64 {
        if a == 0 {
            0
        } else {
            Q - a
        }
    }
}

/// `round(x Q / 2^64)`.
fn from_native(x: u64) -> u64 {
    ((u128::from(x) * u128::from(Q) + (1 << 63)) >> 64) as u64
}

/// `x 2^64 / Q` up to one unit: `2^64 / Q = 1 + 2^-32 + ...`.
pub(crate) fn to_native(x: u64) -> u64 {
    x + (x >> 32)
}

/// The transform's plan.
fn plan() -> Plan {
    Plan::try_new(N, Q).expect("Q is prime and 2N = 2^12 divides Q - 1")
}

/// A record ready for exact evaluation.
pub struct ExactRecord {
    pub(crate) common: Common,
    spectra: Vec<u64>,
}

impl ExactRecord {
    /// Loads all bits of a record.
    pub fn load(record: &Record) -> Self {
        Self::load_first(record, record.bits())
    }

    /// Loads only the first `bits` bits of a record (all of them if it has fewer).
    pub fn load_first(record: &Record, bits: usize) -> Self {
        let header = &record.header;
        let profile = header.profile;
        let bits = bits.min(header.bits);
        let len = profile.rows() * 2 * N;
        let mut spectra = vec![0; bits * len];
        let masks = MaskStream::new(mask_seed(&header.public_seed));
        let plan = plan();
        parallel::for_each_pair(
            (&record.bytes[header.blocks_start()..], profile.bit_bytes()),
            (&mut spectra, len),
            || (),
            |(), bit, bodies, out| {
                for (row, (body, out)) in
                    bodies.chunks_exact(BODY_BYTES).zip(out.chunks_exact_mut(2 * N)).enumerate()
                {
                    let (mask_out, body_out) = out.split_at_mut(N);
                    masks.fill(mask_index(profile, bit, row), mask_out);
                    unpack(body_out, body);
                    for polynomial in [mask_out, body_out] {
                        polynomial.iter_mut().for_each(|x| *x = from_native(*x));
                        plan.fwd(polynomial);
                        // Once here instead of after every inverse transform.
                        plan.normalize(polynomial);
                    }
                }
            },
        );
        Self { common: Common::load(record, bits), spectra }
    }

    /// Makes the ciphertext of a bit all zero, as a crafted record would have it.
    #[cfg(test)]
    pub(crate) fn clear(&mut self, bit: usize) {
        let len = self.common.profile.rows() * 2 * N;
        self.spectra[bit * len..(bit + 1) * len].fill(0);
    }

    /// Number of loaded bits.
    pub fn bits(&self) -> usize {
        self.common.bits
    }

    /// The record's profile.
    pub fn profile(&self) -> Profile {
        self.common.profile
    }
}

/// Plan and scratch, kept from one evaluation to the next.
pub(crate) struct ExactScratch {
    plan: Plan,
    digits: Box<[u64]>,
    sums: Box<[u64]>,
    difference: Box<[u64]>,
}

impl ExactScratch {
    pub fn new() -> Self {
        Self {
            plan: plan(),
            digits: vec![0; N].into(),
            sums: vec![0; 2 * N].into(),
            difference: vec![0; 2 * N].into(),
        }
    }

    pub fn resident_bytes(&self) -> usize {
        8 * (self.digits.len() + self.sums.len() + self.difference.len())
    }
}

/// The exact arithmetic on one record.
pub(crate) struct Exact<'a> {
    pub record: &'a ExactRecord,
    pub scratch: &'a mut ExactScratch,
}

impl Arithmetic for Exact<'_> {
    type Modulus = Prime;

    fn encode(value: u16, bits: u32) -> u64 {
        ((u128::from(value) * u128::from(Q) + (1 << (bits - 1))) >> bits) as u64
    }

    fn to_native(x: u64) -> u64 {
        to_native(x)
    }

    fn turn(&mut self, accumulator: &mut [u64], bit: usize, exponent: usize, next: Option<usize>) {
        let mut difference = core::mem::take(&mut self.scratch.difference);
        difference.copy_from_slice(accumulator);
        rotate_sub_from::<Prime>(&mut difference, accumulator, exponent);
        self.add_external_product(accumulator, bit, &difference, next);
        self.scratch.difference = difference;
    }

    fn add_external_product(
        &mut self,
        accumulator: &mut [u64],
        bit: usize,
        difference: &[u64],
        _next: Option<usize>,
    ) {
        let profile = self.record.common.profile;
        let ExactScratch { plan, digits, sums, .. } = &mut *self.scratch;
        let len = profile.rows() * 2 * N;
        let ggsw = &self.record.spectra[bit * len..(bit + 1) * len];
        sums.fill(0);
        for (row, ggsw) in ggsw.chunks_exact(2 * N).enumerate() {
            let polynomial = &difference[row % 2 * N..(row % 2 + 1) * N];
            for (d, x) in digits.iter_mut().zip(polynomial) {
                *d = digit(profile, *x, row / 2);
            }
            plan.fwd(digits);
            for (sum, ggsw) in sums.chunks_exact_mut(N).zip(ggsw.chunks_exact(N)) {
                plan.mul_accumulate(sum, digits, ggsw);
            }
        }
        for (out, sum) in accumulator.chunks_exact_mut(N).zip(sums.chunks_exact_mut(N)) {
            plan.inv(sum);
            for (o, s) in out.iter_mut().zip(sum) {
                // The transform may leave a representative in [Q, 2^64).
                let canonical = if *s >= Q { *s - Q } else { *s };
                *o = Prime::add(*o, canonical);
            }
        }
    }
}

/// Digit number `index`, counted from the finest, of a coefficient: that of the fast arithmetic,
/// taken from `x 2^64 / Q`.
fn digit(profile: Profile, x: u64, index: usize) -> u64 {
    let (mut digit, mut rest) = lowest_digit(profile.base_log(), rounded(profile, to_native(x)));
    for _ in 0..index {
        (digit, rest) = lowest_digit(profile.base_log(), rest);
    }
    // A negative digit is a word just below 2^64.
    if digit >> 63 == 1 {
        digit.wrapping_add(Q)
    } else {
        digit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modulus_arithmetic_agrees_with_wide_integers() {
        let samples = [0, 1, 2, 1 << 32, (1 << 32) - 1, Q / 2, Q - 2, Q - 1];
        for a in samples {
            for b in samples {
                let wide = |x: u128| (x % u128::from(Q)) as u64;
                assert_eq!(Prime::add(a, b), wide(u128::from(a) + u128::from(b)));
                assert_eq!(Prime::sub(a, b), wide(u128::from(a) + u128::from(Q) - u128::from(b)));
            }
            assert_eq!(Prime::add(a, Prime::neg(a)), 0);
        }
    }

    #[test]
    fn moduli_convert_back_and_forth_within_a_unit() {
        for x in [0u64, 1, 12345, 1 << 31, 1 << 32, 1 << 63, u64::MAX - 5, u64::MAX] {
            let there = from_native(x);
            assert!(there < Q);
            let back = to_native(there) as i64;
            assert!(back.wrapping_sub(x as i64).unsigned_abs() <= 2, "{x}");
        }
    }

    #[test]
    fn digits_recompose_to_the_coefficient() {
        for profile in Profile::ALL {
            for x in [0, 5, Q / 3, Q / 2, Q - 1, 0x0123_4567_89AB_CDEF] {
                let native = (0..profile.levels()).fold(0u64, |sum, index| {
                    let d = digit(profile, x, index);
                    let signed =
                        if d > Q / 2 { (d as i128 - i128::from(Q)) as i64 } else { d as i64 };
                    let level = (profile.levels() - index) as u32;
                    sum.wrapping_add((signed as u64) << (64 - level * profile.base_log()))
                });
                let error = native.wrapping_sub(to_native(x)) as i64;
                let bound = 1i64 << (63 - profile.levels() as u32 * profile.base_log());
                assert!(error.unsigned_abs() <= bound as u64);
            }
        }
    }

    #[test]
    fn products_are_those_of_schoolbook_multiplication() {
        let plan = plan();
        let a: Vec<u64> =
            (0..N as u64).map(|i| i.wrapping_mul(0x9E37_79B9_7F4A_7C15) % Q).collect();
        let mut b = vec![0; N];
        (b[0], b[3], b[N - 1]) = (7, Q - 1, 1 << 40);
        let mut expected = vec![0; N];
        for (j, y) in b.iter().enumerate().filter(|(_, y)| **y != 0) {
            for (i, x) in a.iter().enumerate() {
                let product = (u128::from(*x) * u128::from(*y) % u128::from(Q)) as u64;
                let product = if i + j < N { product } else { Prime::neg(product) };
                expected[(i + j) % N] = Prime::add(expected[(i + j) % N], product);
            }
        }
        let (mut x, mut y, mut sum) = (a, b, vec![0; N]);
        plan.fwd(&mut x);
        plan.normalize(&mut x);
        plan.fwd(&mut y);
        plan.mul_accumulate(&mut sum, &x, &y);
        plan.inv(&mut sum);
        sum.iter_mut().for_each(|s| *s = if *s >= Q { *s - Q } else { *s });
        assert_eq!(sum, expected);
    }
}
