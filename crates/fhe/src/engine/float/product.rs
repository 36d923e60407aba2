// SPDX-License-Identifier: Apache-2.0
//! The fast arithmetic: external products over `q = 2^64` by floating-point Fourier transforms.
//!
//! An external product decomposes both polynomials of its input into `l` polynomials of small
//! digits each, transforms those, multiplies the `2 l` spectra with the `2 l` rows of the GGSW
//! ciphertext, and transforms the two sums back. At 130 KB a bit the ciphertexts stream through the
//! cache, so a record keeps each of them in the order in which it is read: by blocks of
//! frequencies, within a block by row, mask before body.

use pulp::{Arch, Simd, WithSimd};
use tfhe::core_crypto::fft_impl::fft64::c64;

use crate::engine::float::load::LoadedRecord;
use crate::engine::run::Arithmetic;
use crate::machine::prefetch::Ahead;
use crate::params::{Profile, N};
use crate::ring::decompose::Decompose;
use crate::ring::fourier::{Transform, FOURIER_LEN};
use crate::ring::poly::Native;

/// Frequencies of a block: two cache lines.
const BLOCK: usize = 8;

/// Complex numbers of a bit's GGSW ciphertext in the Fourier domain.
pub(crate) const fn ggsw_len(profile: Profile) -> usize {
    profile.rows() * 2 * FOURIER_LEN
}

/// Complex numbers from one spectrum to the next before they are interleaved. Powers of two would
/// put all into the same places of the cache.
pub(crate) const PADDED: usize = FOURIER_LEN + BLOCK;

/// Stores the spectra of a GGSW ciphertext, row by row and mask before body, its coefficients read
/// as integers. Torus elements are integers times `2^-64`, a factor that changes no bit of a
/// mantissa. Written from end to end: in any other order each cache line would be waited for.
pub(crate) struct Interleave<'a> {
    pub ggsw: &'a mut [c64],
    pub spectra: &'a [c64],
}

impl WithSimd for Interleave<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let scale = simd.splat_f64s((-64f64).exp2());
        let polynomials = self.spectra.len() / PADDED;
        let ggsw = S::as_mut_simd_f64s(bytemuck::cast_slice_mut(self.ggsw)).0;
        let spectra = S::as_simd_f64s(bytemuck::cast_slice(self.spectra)).0;
        // Vectors in a block: a whole number for every instruction set.
        let vectors = BLOCK * 2 / S::F64_LANES;
        for (b, out) in ggsw.chunks_exact_mut(polynomials * vectors).enumerate() {
            let spectra = spectra[b * vectors..].chunks(PADDED / BLOCK * vectors);
            for (out, spectrum) in out.chunks_exact_mut(vectors).zip(spectra) {
                for (out, value) in out.iter_mut().zip(spectrum) {
                    *out = simd.mul_f64s(*value, scale);
                }
            }
        }
    }
}

/// Transform and scratch, kept from one evaluation to the next.
pub(crate) struct FloatScratch {
    arch: Arch,
    transform: Transform,
    digits: Box<[u64]>,
    spectra: Box<[c64]>,
    sums: Box<[c64]>,
}

/// Rows of the largest gadget.
pub(crate) const MAX_ROWS: usize = 4;

impl FloatScratch {
    pub fn new() -> Self {
        Self {
            arch: Arch::new(),
            transform: Transform::new(),
            digits: vec![0; MAX_ROWS / 2 * N].into(),
            spectra: vec![c64::default(); MAX_ROWS * FOURIER_LEN].into(),
            sums: vec![c64::default(); 2 * FOURIER_LEN].into(),
        }
    }

    pub fn resident_bytes(&self) -> usize {
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
        // Vectors in a block: a whole number for every instruction set.
        let vectors = BLOCK * ggsw.len() / self.ggsw.len();
        let blocks = mask.chunks_exact_mut(vectors).zip(body.chunks_exact_mut(vectors));
        for (b, ((mask, body), ggsw)) in
            blocks.zip(ggsw.chunks_exact(ROWS * 2 * vectors)).enumerate()
        {
            for (v, (mask, body)) in mask.iter_mut().zip(body).enumerate() {
                let (mut m, mut o) =
                    (simd.splat_c64s(c64::default()), simd.splat_c64s(c64::default()));
                for (row, spectrum) in spectra.iter().enumerate() {
                    let digit = spectrum[b * vectors + v];
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

    fn encode(value: u16, bits: u32) -> u64 {
        u64::from(value) << (64 - bits)
    }

    fn to_native(x: u64) -> u64 {
        x
    }

    fn turn(&mut self, accumulator: &mut [u64], bit: usize, exponent: usize, next: Option<usize>) {
        let record = self.record;
        let next = next.map_or(&[][..], |bit| record.ggsw(bit));
        let (ggsw, factor) = (record.ggsw(bit), Factor::Turn(exponent));
        self.scratch.add_external_product(record.common.profile, accumulator, ggsw, factor, next);
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
        self.scratch.add_external_product(record.common.profile, accumulator, ggsw, factor, next);
    }
}
