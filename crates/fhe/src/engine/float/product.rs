// SPDX-License-Identifier: Apache-2.0
//! The fast arithmetic: external products over `q = 2^64` by floating-point Fourier transforms.
//!
//! An external product decomposes both polynomials of its input into `l` polynomials of small
//! digits each, transforms those, multiplies the `2 l` spectra with the `2 l` rows of the GGSW
//! ciphertext, and transforms the two sums back. At 130 KB a bit the ciphertexts stream through the
//! cache, so a record keeps each of them in the order in which it is read.

use pulp::{Arch, Simd, WithSimd};
use tfhe::core_crypto::fft_impl::fft64::c64;

use crate::engine::arithmetic::Arithmetic;
use crate::machine::Ahead;
use crate::params::{Profile, FOURIER_LEN, FREQUENCIES, MAX_LEVELS, MAX_ROWS, N};
use crate::ring::{Decompose, Native, Transform};

use super::load::LoadedRecord;

/// Transform and scratch, kept from one evaluation to the next.
pub(crate) struct FloatScratch {
    arch: Arch,
    transform: Transform,
    digits: Box<[u64]>,
    spectra: Box<[c64]>,
    sums: Box<[c64]>,
}

impl FloatScratch {
    pub(crate) fn new() -> Self {
        Self {
            arch: Arch::new(),
            transform: Transform::new(),
            digits: vec![0; MAX_LEVELS * N].into(),
            spectra: vec![c64::default(); MAX_ROWS * FOURIER_LEN].into(),
            sums: vec![c64::default(); 2 * FOURIER_LEN].into(),
        }
    }

    pub(crate) fn resident_bytes(&self) -> usize {
        size_of_val(&*self.digits) + size_of_val(&*self.spectra) + size_of_val(&*self.sums)
    }

    /// `accumulator += ggsw * factor`.
    fn add_external_product(
        &mut self,
        profile: Profile,
        accumulator: &mut [u64],
        ggsw: &[c64],
        factor: Factor,
        next: &[c64],
    ) {
        let levels = profile.levels();
        let mut ahead = Ahead::new(next);
        for column in 0..2 {
            let digits = &mut self.digits[..levels * N];
            let (input, turn) = match factor {
                Factor::Difference(difference) => (difference, None),
                Factor::Turn(exponent) => (&*accumulator, Some(exponent)),
            };
            self.arch.dispatch(Decompose {
                profile,
                digits: &mut *digits,
                polynomial: &input[column * N..(column + 1) * N],
                turn,
                ahead: &mut ahead,
            });
            for (level, digits) in digits.chunks_exact(N).enumerate() {
                let row = level * 2 + column;
                let spectrum = &mut self.spectra[row * FOURIER_LEN..(row + 1) * FOURIER_LEN];
                self.transform.forward_integer(spectrum, digits);
            }
        }
        let spectra = &self.spectra[..profile.rows() * FOURIER_LEN];
        let (mask, body) = self.sums.split_at_mut(FOURIER_LEN);
        match profile {
            Profile::Fast => self.arch.dispatch(Multiply::<2> { spectra, ggsw, mask, body }),
            Profile::Private => self.arch.dispatch(Multiply::<4> { spectra, ggsw, mask, body }),
        }
        for (out, sum) in
            accumulator.chunks_exact_mut(N).zip(self.sums.chunks_exact_mut(FOURIER_LEN))
        {
            self.transform.add_backward_torus(out, sum);
        }
    }
}

/// What a GGSW ciphertext is multiplied with.
#[derive(Clone, Copy)]
enum Factor<'a> {
    /// This ciphertext.
    Difference(&'a [u64]),
    /// `(X^exponent - 1)` times the accumulator, decomposed while it is turned, so that it is
    /// never stored.
    Turn(usize),
}

/// The product of a row vector of spectra with a GGSW ciphertext of `ROWS` rows.
struct Multiply<'a, const ROWS: usize> {
    spectra: &'a [c64],
    ggsw: &'a [c64],
    mask: &'a mut [c64],
    body: &'a mut [c64],
}

impl<const ROWS: usize> WithSimd for Multiply<'_, ROWS> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let spectra: [&[S::c64s]; ROWS] = core::array::from_fn(|r| {
            S::as_simd_c64s(&self.spectra[r * FOURIER_LEN..(r + 1) * FOURIER_LEN]).0
        });
        let (mask, body) = (S::as_mut_simd_c64s(self.mask).0, S::as_mut_simd_c64s(self.body).0);
        let ggsw = S::as_simd_c64s(self.ggsw).0;
        // Vectors in a group: a whole number for every instruction set.
        let vectors = FREQUENCIES * ggsw.len() / self.ggsw.len();
        let groups = mask.chunks_exact_mut(vectors).zip(body.chunks_exact_mut(vectors));
        for (group, ((mask, body), ggsw)) in
            groups.zip(ggsw.chunks_exact(ROWS * 2 * vectors)).enumerate()
        {
            for (v, (mask, body)) in mask.iter_mut().zip(body).enumerate() {
                let (mut m, mut o) =
                    (simd.splat_c64s(c64::default()), simd.splat_c64s(c64::default()));
                for (row, spectrum) in spectra.iter().enumerate() {
                    let digit = spectrum[group * vectors + v];
                    m = simd.mul_add_c64s(ggsw[row * 2 * vectors + v], digit, m);
                    o = simd.mul_add_c64s(ggsw[(row * 2 + 1) * vectors + v], digit, o);
                }
                *mask = m;
                *body = o;
            }
        }
    }
}

/// The arithmetic on one record.
pub(crate) struct Float<'a> {
    pub record: &'a LoadedRecord,
    pub scratch: &'a mut FloatScratch,
}

impl Arithmetic for Float<'_> {
    type Modulus = Native;

    fn turn(&mut self, accumulator: &mut [u64], bit: usize, exponent: usize, next: Option<usize>) {
        let record = self.record;
        let next = next.map_or(&[][..], |bit| record.ggsw(bit));
        let (ggsw, factor) = (record.ggsw(bit), Factor::Turn(exponent));
        self.scratch.add_external_product(record.profile(), accumulator, ggsw, factor, next);
    }

    fn add_external_product(
        &mut self,
        accumulator: &mut [u64],
        bit: usize,
        difference: &[u64],
        next: Option<usize>,
    ) {
        let record = self.record;
        let next = next.map_or(&[][..], |bit| record.ggsw(bit));
        let (ggsw, factor) = (record.ggsw(bit), Factor::Difference(difference));
        self.scratch.add_external_product(record.profile(), accumulator, ggsw, factor, next);
    }
}
