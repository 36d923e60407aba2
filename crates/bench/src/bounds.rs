// SPDX-License-Identifier: Apache-2.0
//! What any engine of this form must pay, measured with tfhe-rs' and RustCrypto's own routines.

use crate::{
    clock::{median, microseconds, milliseconds},
    report::Report,
};
use aes::{
    cipher::{BlockCipherEncrypt, KeyInit},
    Aes128, Block,
};
use cso_fhe::{Profile, Record, POLYNOMIAL_SIZE};
use std::hint::black_box;
use tfhe::core_crypto::{
    commons::computation_buffers::ComputationBuffers,
    fft_impl::fft64::{
        c64,
        crypto::ggsw::{
            add_external_product_assign, add_external_product_assign_scratch, FourierGgswCiphertext,
        },
        math::{fft::Fft, polynomial::FourierPolynomial},
    },
    prelude::*,
};

/// Bits of the record that the figures speak of.
pub const BITS: usize = 180;
const N: PolynomialSize = PolynomialSize(POLYNOMIAL_SIZE);

/// One external product with operands in cache, and the parts of loading a record: a copy of its bytes, the expansion of its
/// masks by AES in counter mode, and its Fourier transforms.
pub fn measure(report: &mut Report) {
    report.external_product_us = microseconds(external_product());
    let (copy, expansion, transforms) = load_parts();
    report.load_180_bound_ms = milliseconds(copy + expansion + transforms);
}

fn external_product() -> std::time::Duration {
    let profile = Profile::Private;
    let size = GlweSize(2);
    let modulus = CiphertextModulus::new_native();
    let levels = DecompositionLevelCount(profile.levels());
    let base = DecompositionBaseLog(profile.base_log() as usize);
    let fft = Fft::new(N);
    let mut buffers = ComputationBuffers::new();
    buffers.resize(
        add_external_product_assign_scratch::<u64>(size, N, fft.as_view())
            .unaligned_bytes_required(),
    );
    let ggsw = FourierGgswCiphertext::new(size, N, base, levels);
    let mut out = GlweCiphertext::new(0u64, size, N, modulus);
    let mut input = GlweCiphertext::new(0u64, size, N, modulus);
    for (index, word) in input.as_mut().iter_mut().enumerate() {
        *word = (index as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
    median(2001, || {
        add_external_product_assign(
            black_box(out.as_mut_view()),
            black_box(ggsw.as_view()),
            black_box(input.as_view()),
            fft.as_view(),
            buffers.stack(),
        );
    })
}

fn load_parts() -> (
    std::time::Duration,
    std::time::Duration,
    std::time::Duration,
) {
    let profile = Profile::Private;
    // A record holds bodies only; each has a mask that is expanded, and both are transformed.
    let rows = 2 * profile.levels() * BITS;
    let record = vec![1u8; Record::len_of(BITS, profile).unwrap_or(rows * POLYNOMIAL_SIZE * 6)];
    let mut copied = vec![0u8; record.len()];
    let copy = median(21, || {
        black_box(&mut copied).copy_from_slice(black_box(&record))
    });

    let cipher = Aes128::new(&[7; 16].into());
    let mut masks = vec![Block::default(); rows * POLYNOMIAL_SIZE * 8 / 16];
    let expansion = median(5, || {
        for (index, block) in masks.iter_mut().enumerate() {
            *block = (index as u128).to_le_bytes().into();
        }
        cipher.encrypt_blocks(black_box(&mut masks));
    });

    let fft = Fft::new(N);
    let mut buffers = ComputationBuffers::new();
    buffers.resize(fft.as_view().forward_scratch().unaligned_bytes_required());
    let input = Polynomial::from_container(vec![0x0123_4567_89AB_CDEFu64; POLYNOMIAL_SIZE]);
    let mut output = vec![c64::default(); 2 * rows * POLYNOMIAL_SIZE / 2];
    let transforms = median(3, || {
        for data in output.chunks_exact_mut(POLYNOMIAL_SIZE / 2) {
            fft.as_view().forward_as_torus(
                FourierPolynomial { data },
                input.as_view(),
                buffers.stack(),
            );
        }
    });
    (copy, expansion, transforms)
}
