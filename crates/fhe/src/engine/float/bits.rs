// SPDX-License-Identifier: Apache-2.0
//! Loading the bits of a record: masks expanded, everything in the Fourier domain.

use pulp::Arch;
use tfhe::core_crypto::fft_impl::fft64::c64;

use crate::machine::{for_each_pair, Ahead};
use crate::params::{Profile, BODY_BYTES, FOURIER_LEN, MAX_ROWS, N, SPECTRUM_STRIDE};
use crate::random::MaskStream;
use crate::record::{mask_index, unpack};
use crate::ring::Transform;

use super::layout::{ggsw_len, Interleave};

/// Loads these bits, one after the other, into `ggsw`; `bodies` begins with those of bit `first`.
pub(super) fn load_bits(
    masks: &MaskStream,
    profile: Profile,
    bits: &[u16],
    (first, bodies): (usize, &[u8]),
    ggsw: &mut [c64],
) {
    let bytes = profile.bit_bytes();
    let of = |bit: u16| &bodies[(usize::from(bit) - first) * bytes..][..bytes];
    for_each_pair((bits, 1), (ggsw, ggsw_len(profile)), BitLoader::new, |loader, i, bit, out| {
        let next = bits.get(i + 1).map_or(&[][..], |bit| of(*bit));
        loader.load(masks, profile, usize::from(bit[0]), of(bit[0]), next, out);
    });
}

/// What one thread that loads works with.
struct BitLoader {
    arch: Arch,
    transform: Transform,
    mask: Box<[u64]>,
    body: Box<[u64]>,
    spectra: Box<[c64]>,
}

impl BitLoader {
    fn new() -> Self {
        Self {
            arch: Arch::new(),
            transform: Transform::new(),
            mask: vec![0; N].into(),
            body: vec![0; N].into(),
            spectra: vec![c64::default(); MAX_ROWS * 2 * SPECTRUM_STRIDE].into(),
        }
    }

    fn load(
        &mut self,
        masks: &MaskStream,
        profile: Profile,
        bit: usize,
        bodies: &[u8],
        next: &[u8],
        out: &mut [c64],
    ) {
        let mut ahead = Ahead::new(next);
        let spectra = &mut self.spectra[..profile.rows() * 2 * SPECTRUM_STRIDE];
        let rows = spectra.chunks_exact_mut(2 * SPECTRUM_STRIDE);
        for (row, (body, spectra)) in bodies.chunks_exact(BODY_BYTES).zip(rows).enumerate() {
            masks.fill(mask_index(profile, bit, row), &mut self.mask);
            unpack(&mut self.body, body);
            ahead.fetch(profile.rows());
            let (mask, body) = spectra.split_at_mut(SPECTRUM_STRIDE);
            self.transform.forward_integer(&mut mask[..FOURIER_LEN], &self.mask);
            self.transform.forward_integer(&mut body[..FOURIER_LEN], &self.body);
        }
        self.arch.dispatch(Interleave { ggsw: out, spectra });
    }
}
