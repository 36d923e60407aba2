// SPDX-License-Identifier: Apache-2.0
//! The negacyclic Fourier transform.
//!
//! The transform is tfhe-rs' own, pinned to one algorithm by the workspace's feature
//! `experimental-force_fft_algo_dif4`: left to itself tfhe-rs picks the fastest by timing in each
//! process, and then the last bits of results differ from run to run.

use tfhe::core_crypto::commons::computation_buffers::ComputationBuffers;
use tfhe::core_crypto::fft_impl::fft64::c64;
use tfhe::core_crypto::fft_impl::fft64::math::fft::Fft;
use tfhe::core_crypto::fft_impl::fft64::math::polynomial::FourierPolynomial;
use tfhe::core_crypto::prelude::{Polynomial, PolynomialSize};

use crate::params::N;

/// The transform of degree `N` with its scratch.
pub(crate) struct Transform {
    fft: Fft,
    scratch: ComputationBuffers,
}

impl Transform {
    pub(crate) fn new() -> Self {
        let fft = Fft::new(PolynomialSize(N));
        let mut scratch = ComputationBuffers::new();
        let bytes = fft.as_view().backward_scratch().unaligned_bytes_required();
        scratch.resize(bytes.max(fft.as_view().forward_scratch().unaligned_bytes_required()));
        Self { fft, scratch }
    }

    /// Transform of `input` read as signed integers times `2^-64`.
    pub(crate) fn forward_torus(&mut self, out: &mut [c64], input: &[u64]) {
        self.fft.as_view().forward_as_torus(
            FourierPolynomial { data: out },
            Polynomial::from_container(input),
            self.scratch.stack(),
        );
    }

    /// Transform of `input` read as signed integers.
    pub(crate) fn forward_integer(&mut self, out: &mut [c64], input: &[u64]) {
        self.fft.as_view().forward_as_integer(
            FourierPolynomial { data: out },
            Polynomial::from_container(input),
            self.scratch.stack(),
        );
    }

    /// Adds the fractional parts of the inverse transform, times `2^64`, to `out`; destroys the
    /// input.
    pub(crate) fn add_backward_torus(&mut self, out: &mut [u64], input: &mut [c64]) {
        self.fft.as_view().add_backward_in_place_as_torus(
            Polynomial::from_container(out),
            FourierPolynomial { data: input },
            self.scratch.stack(),
        );
    }
}
