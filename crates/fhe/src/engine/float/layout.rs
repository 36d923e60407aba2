// SPDX-License-Identifier: Apache-2.0
//! How a GGSW ciphertext stands in the memory of a loaded record: in the order in which it is read,
//! by groups of frequencies, within a group by row, mask before body.

use pulp::{Simd, WithSimd};
use tfhe::core_crypto::fft_impl::fft64::c64;

use crate::params::{Profile, FOURIER_LEN, FREQUENCIES, SPECTRUM_STRIDE};

/// Complex numbers of a bit's GGSW ciphertext in the Fourier domain.
pub(crate) const fn ggsw_len(profile: Profile) -> usize {
    profile.rows() * 2 * FOURIER_LEN
}

/// Stores the spectra of a GGSW ciphertext. They stand row by row and mask before body,
/// [`SPECTRUM_STRIDE`] apart, their coefficients read as integers; torus elements are integers
/// times `2^-64`, a factor that changes no bit of a mantissa. Written from end to end: in any other
/// order each cache line would be waited for.
pub(crate) struct Interleave<'a> {
    pub ggsw: &'a mut [c64],
    pub spectra: &'a [c64],
}

impl WithSimd for Interleave<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let scale = simd.splat_f64s((-64f64).exp2());
        let polynomials = self.spectra.len() / SPECTRUM_STRIDE;
        let ggsw = S::as_mut_simd_f64s(bytemuck::cast_slice_mut(self.ggsw)).0;
        let spectra = S::as_simd_f64s(bytemuck::cast_slice(self.spectra)).0;
        // Vectors in a group: a whole number for every instruction set.
        let vectors = FREQUENCIES * 2 / S::F64_LANES;
        for (group, out) in ggsw.chunks_exact_mut(polynomials * vectors).enumerate() {
            let spectra =
                spectra[group * vectors..].chunks(SPECTRUM_STRIDE / FREQUENCIES * vectors);
            for (out, spectrum) in out.chunks_exact_mut(vectors).zip(spectra) {
                for (out, value) in out.iter_mut().zip(spectrum) {
                    *out = simd.mul_f64s(*value, scale);
                }
            }
        }
    }
}
