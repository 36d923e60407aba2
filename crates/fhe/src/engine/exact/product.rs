// SPDX-License-Identifier: Apache-2.0
//! The exact arithmetic: external products over the prime `Q = 2^64 - 2^32 + 1` by number-theoretic
//! transforms.
//!
//! Integers only, so the same record, program and coins give the same bytes on every CPU: the
//! ground for audits that repeat an evaluation. It reads the same records as the fast arithmetic.
//! Each ciphertext coefficient `x` of `Z_{2^64}` becomes `round(x Q / 2^64)`, whose error, at most
//! one half, vanishes beside the noise; results go back the same way before they are sanitised.

use crate::engine::arithmetic::Arithmetic;
use crate::params::{N, Q};
use crate::ring::{prime_digit, rotate_sub_from, Modulus, Prime};

use super::load::ExactRecord;
use super::transform::{transform, Transform};

/// Transform and scratch, kept from one evaluation to the next.
pub(crate) struct ExactScratch {
    transform: Transform,
    digits: Box<[u64]>,
    sums: Box<[u64]>,
    difference: Box<[u64]>,
}

impl ExactScratch {
    pub(crate) fn new() -> Self {
        Self {
            transform: transform(),
            digits: vec![0; N].into(),
            sums: vec![0; 2 * N].into(),
            difference: vec![0; 2 * N].into(),
        }
    }

    pub(crate) fn resident_bytes(&self) -> usize {
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
        let profile = self.record.profile();
        let ExactScratch { transform, digits, sums, .. } = &mut *self.scratch;
        sums.fill(0);
        for (row, ggsw) in self.record.ggsw(bit).chunks_exact(2 * N).enumerate() {
            let polynomial = &difference[row % 2 * N..(row % 2 + 1) * N];
            for (d, x) in digits.iter_mut().zip(polynomial) {
                *d = prime_digit(profile, *x, row / 2);
            }
            transform.fwd(digits);
            for (sum, ggsw) in sums.chunks_exact_mut(N).zip(ggsw.chunks_exact(N)) {
                transform.mul_accumulate(sum, digits, ggsw);
            }
        }
        for (out, sum) in accumulator.chunks_exact_mut(N).zip(sums.chunks_exact_mut(N)) {
            transform.inv(sum);
            for (o, s) in out.iter_mut().zip(sum) {
                // The transform may leave a representative in [Q, 2^64).
                let canonical = if *s >= Q { *s - Q } else { *s };
                *o = Prime::add(*o, canonical);
            }
        }
    }
}
