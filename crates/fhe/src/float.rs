// SPDX-License-Identifier: Apache-2.0
//! The fast arithmetic: external products over `q = 2^64` by floating-point Fourier transforms.

use tfhe::core_crypto::commons::computation_buffers::ComputationBuffers;
use tfhe::core_crypto::fft_impl::fft64::crypto::ggsw::{
    add_external_product_assign, add_external_product_assign_scratch, FourierGgswCiphertext,
};
use tfhe::core_crypto::fft_impl::fft64::math::fft::Fft;
use tfhe::core_crypto::prelude::{
    CiphertextModulus, DecompositionBaseLog, DecompositionLevelCount, GlweCiphertext, GlweSize,
    PolynomialSize,
};

use crate::engine::Arithmetic;
use crate::load::LoadedRecord;
use crate::params::N;
use crate::poly::Native;

/// Transform and scratch, kept from one evaluation to the next.
pub(crate) struct FloatScratch {
    fft: Fft,
    buffers: ComputationBuffers,
}

impl FloatScratch {
    pub fn new() -> Self {
        let fft = Fft::new(PolynomialSize(N));
        let mut buffers = ComputationBuffers::new();
        let request = add_external_product_assign_scratch::<u64>(
            GlweSize(2),
            PolynomialSize(N),
            fft.as_view(),
        );
        buffers.resize(request.unaligned_bytes_required());
        Self { fft, buffers }
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

    fn add_external_product(&mut self, accumulator: &mut [u64], bit: usize, difference: &[u64]) {
        let profile = self.record.profile;
        let modulus = CiphertextModulus::new_native();
        let ggsw = FourierGgswCiphertext::from_container(
            self.record.ggsw(bit),
            GlweSize(2),
            PolynomialSize(N),
            DecompositionBaseLog(profile.base_log() as usize),
            DecompositionLevelCount(profile.levels()),
        );
        add_external_product_assign(
            GlweCiphertext::from_container(accumulator, PolynomialSize(N), modulus),
            ggsw,
            GlweCiphertext::from_container(difference, PolynomialSize(N), modulus),
            self.scratch.fft.as_view(),
            self.scratch.buffers.stack(),
        );
    }
}
