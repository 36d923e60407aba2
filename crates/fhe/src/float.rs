// SPDX-License-Identifier: Apache-2.0
//! The fast arithmetic: external products over `q = 2^64` by floating-point Fourier transforms.
//!
//! An external product decomposes both polynomials of its input into `l` polynomials of small digits each, transforms those, multiplies
//! the `2 l` spectra with the `2 l` rows of the GGSW ciphertext, and transforms the two sums back. At 130 KB a bit the ciphertexts
//! stream through the cache, so a record keeps each of them in the order in which it is read: by blocks of frequencies, within a block
//! by row, mask before body.

use pulp::{Arch, Simd, WithSimd};
use tfhe::core_crypto::fft_impl::fft64::c64;

use crate::engine::Arithmetic;
use crate::fourier::{Transform, FOURIER_LEN};
use crate::load::LoadedRecord;
use crate::params::{Profile, N};
use crate::poly::{runs, Native};

/// Frequencies of a block: two cache lines.
const BLOCK: usize = 8;

/// Complex numbers of a bit's GGSW ciphertext in the Fourier domain.
pub(crate) const fn ggsw_len(profile: Profile) -> usize {
    profile.rows() * 2 * FOURIER_LEN
}

/// Stores the spectrum of one polynomial of a GGSW ciphertext, its coefficients read as integers: of row `row`, the mask (`column` 0) or
/// the body (1). Torus elements are integers times `2^-64`, a factor that changes no bit of a mantissa.
pub(crate) fn store_spectrum(
    ggsw: &mut [c64],
    rows: usize,
    row: usize,
    column: usize,
    spectrum: &[c64],
) {
    let scale = (-64f64).exp2();
    let stride = rows * 2 * BLOCK;
    let start = (row * 2 + column) * BLOCK;
    for (block, values) in ggsw
        .chunks_exact_mut(stride)
        .zip(spectrum.chunks_exact(BLOCK))
    {
        for (out, value) in block[start..start + BLOCK].iter_mut().zip(values) {
            *out = value * scale;
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
const MAX_ROWS: usize = 4;

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
        // Forward and backward transforms: the places where the next ciphertext is asked for.
        let mut ahead = Ahead::new(next, profile.rows() + 2);
        for column in 0..2 {
            let digits = &mut self.digits[..levels * N];
            let range = column * N..(column + 1) * N;
            match factor {
                Factor::Difference(d) => self
                    .arch
                    .dispatch(|| decompose_all(profile, digits, &d[range])),
                Factor::Turn(e) => self
                    .arch
                    .dispatch(|| decompose_turn(profile, digits, &accumulator[range], e)),
            }
            for (level, digits) in digits.chunks_exact(N).enumerate() {
                let row = level * 2 + column;
                let spectrum = &mut self.spectra[row * FOURIER_LEN..(row + 1) * FOURIER_LEN];
                ahead.fetch();
                self.transform.forward_integer(spectrum, digits);
            }
        }
        let spectra = &self.spectra[..profile.rows() * FOURIER_LEN];
        let (mask, body) = self.sums.split_at_mut(FOURIER_LEN);
        match profile {
            Profile::Fast => self.arch.dispatch(Multiply::<2> {
                spectra,
                ggsw,
                mask,
                body,
            }),
            Profile::Private => self.arch.dispatch(Multiply::<4> {
                spectra,
                ggsw,
                mask,
                body,
            }),
        }
        for (out, sum) in accumulator
            .chunks_exact_mut(N)
            .zip(self.sums.chunks_exact_mut(FOURIER_LEN))
        {
            ahead.fetch();
            self.transform.add_backward_torus(out, sum);
        }
    }
}

/// Brings a ciphertext that will be wanted soon into the cache, piece by piece.
///
/// An evaluation reads every ciphertext of a record once, and the record is larger than the cache: without this the memory would
/// stand idle during the transforms, and the transforms' results wait for the memory.
struct Ahead<'a> {
    rest: &'a [c64],
    piece: usize,
}

impl<'a> Ahead<'a> {
    fn new(next: &'a [c64], pieces: usize) -> Self {
        Self {
            rest: next,
            piece: next.len().div_ceil(pieces),
        }
    }

    #[inline(always)]
    fn fetch(&mut self) {
        let (piece, rest) = self.rest.split_at(self.piece.min(self.rest.len()));
        self.rest = rest;
        #[cfg(target_arch = "x86_64")]
        for line in piece.chunks(64 / core::mem::size_of::<c64>()) {
            use core::arch::x86_64::{_mm_prefetch, _MM_HINT_T1};
            // SAFETY: prefetching reads nothing and never faults; the address is that of a live slice anyway.
            unsafe { _mm_prefetch::<_MM_HINT_T1>(line.as_ptr().cast()) };
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = piece;
    }
}

/// What a GGSW ciphertext is multiplied with.
#[derive(Clone, Copy)]
enum Factor<'a> {
    /// This ciphertext.
    Difference(&'a [u64]),
    /// `(X^exponent - 1)` times the accumulator, decomposed while it is turned, so that it is never stored.
    Turn(usize),
}

/// The digits of a polynomial.
#[inline(always)]
fn decompose_all(profile: Profile, digits: &mut [u64], polynomial: &[u64]) {
    decompose(profile, digits, polynomial, polynomial, |x, _| x);
}

/// The digits of `(X^exponent - 1)` times a polynomial.
#[inline(always)]
fn decompose_turn(profile: Profile, digits: &mut [u64], polynomial: &[u64], exponent: usize) {
    for (to, from, negate) in runs(exponent) {
        let (turned, straight) = (&polynomial[from], &polynomial[to.clone()]);
        let digits = &mut digits[to.start..];
        if negate {
            decompose(profile, digits, turned, straight, |x, y| {
                x.wrapping_add(y).wrapping_neg()
            });
        } else {
            decompose(profile, digits, turned, straight, |x, y| x.wrapping_sub(y));
        }
    }
}

/// Balanced digits of `combine(x, y)` for each pair of coefficients: `sum_j digit_j q / B^j`, digits in `[-B/2, B/2)`. The finest digits go
/// to the front of `digits`, those of the next level `N` further on.
#[inline(always)]
fn decompose(
    profile: Profile,
    digits: &mut [u64],
    x: &[u64],
    y: &[u64],
    combine: impl Fn(u64, u64) -> u64,
) {
    let (base_log, len) = (profile.base_log(), x.len());
    let y = &y[..len];
    match profile {
        Profile::Fast => {
            let digits = &mut digits[..len];
            for i in 0..len {
                digits[i] = lowest_digit(base_log, rounded(profile, combine(x[i], y[i]))).0;
            }
        }
        Profile::Private => {
            let (fine, coarse) = digits.split_at_mut(N);
            let (fine, coarse) = (&mut fine[..len], &mut coarse[..len]);
            for i in 0..len {
                let (digit, rest) = lowest_digit(base_log, rounded(profile, combine(x[i], y[i])));
                fine[i] = digit;
                coarse[i] = lowest_digit(base_log, rest).0;
            }
        }
    }
}

/// The coefficient in units of the finest level, rounded, ties to even.
///
/// Ties matter: what comes out of a floating-point transform lies on a grid of about 2^36, so one coefficient in twenty-odd of a
/// [`Profile::Fast`] record is a tie. Rounded all one way they would give the mask's error a mean, which the secret key's mean turns
/// into a wave that grows with every CMUX instead of with the square root of their number.
#[inline(always)]
pub(crate) fn rounded(profile: Profile, x: u64) -> u64 {
    let dropped = 64 - profile.base_log() * profile.levels() as u32;
    let odd = x >> dropped & 1;
    x.wrapping_add((1 << (dropped - 1)) - 1 + odd) >> dropped
}

/// The lowest balanced digit, and what remains above it.
#[inline(always)]
pub(crate) fn lowest_digit(base_log: u32, state: u64) -> (u64, u64) {
    let low = state & ((1 << base_log) - 1);
    let carry = low >> (base_log - 1);
    (
        low.wrapping_sub(carry << base_log),
        (state >> base_log).wrapping_add(carry),
    )
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
        let (mask, body) = (
            S::as_mut_simd_c64s(self.mask).0,
            S::as_mut_simd_c64s(self.body).0,
        );
        let ggsw = S::as_simd_c64s(self.ggsw).0;
        // Vectors in a block: a whole number for every instruction set.
        let vectors = BLOCK * ggsw.len() / self.ggsw.len();
        let blocks = mask
            .chunks_exact_mut(vectors)
            .zip(body.chunks_exact_mut(vectors));
        for (b, ((mask, body), ggsw)) in blocks
            .zip(ggsw.chunks_exact(ROWS * 2 * vectors))
            .enumerate()
        {
            for (v, (mask, body)) in mask.iter_mut().zip(body).enumerate() {
                let (mut m, mut o) = (
                    simd.splat_c64s(c64::default()),
                    simd.splat_c64s(c64::default()),
                );
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
        self.scratch
            .add_external_product(record.common.profile, accumulator, ggsw, factor, next);
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
        self.scratch
            .add_external_product(record.common.profile, accumulator, ggsw, factor, next);
    }
}
