// SPDX-License-Identifier: Apache-2.0
//! tfhe-rs as the oracle: a record is one of its seeded bootstrapping keys, and its own blind
//! rotation gives our weighted sums.

use pulp::Arch;
use tfhe::core_crypto::prelude::*;
use tfhe_csprng::seeders::Seed;

use tfhe::core_crypto::fft_impl::fft64::c64;

use crate::engine::{ggsw_len, Interleave};
use crate::params::{Profile, BODY_BITS, FOURIER_LEN, N, NOISE_BOUND_LOG2, SPECTRUM_STRIDE};
use crate::{LoadedRecord, Record, RecordKey};

/// The record as tfhe-rs holds it.
fn bootstrapping_key(record: &Record) -> LweBootstrapKeyOwned<u64> {
    let profile = record.profile();
    let bodies: Vec<u64> = record
        .bodies()
        .chunks_exact(BODY_BITS as usize / 8)
        .map(|b| b.iter().rev().fold(0, |x, byte| x << 8 | u64::from(*byte)) << (64 - BODY_BITS))
        .collect();
    let seed = Seed(u128::from_le_bytes(record.header().mask_seed()));
    let (base, levels) = (
        DecompositionBaseLog(profile.base_log() as usize),
        DecompositionLevelCount(profile.levels()),
    );
    let (glwe, size, modulus) = (GlweSize(2), PolynomialSize(N), CiphertextModulus::new_native());
    let seeded = SeededLweBootstrapKey::from_container(
        bodies,
        glwe,
        size,
        base,
        levels,
        seed.into(),
        modulus,
    );
    let mut key =
        LweBootstrapKey::new(0, glwe, size, base, levels, LweDimension(record.bits()), modulus);
    decompress_seeded_lwe_bootstrap_key::<_, _, _, DefaultRandomGenerator>(&mut key, &seeded);
    key
}

fn sample(profile: Profile) -> (Vec<bool>, RecordKey, Record) {
    let bits: Vec<bool> = (0..16).map(|i| i % 3 == 0).collect();
    let key = RecordKey::from_seed([5; 32]);
    let record = key.encrypt(&bits, profile).unwrap();
    (bits, key, record)
}

#[test]
fn tfhe_decrypts_every_bit_of_a_record() {
    for profile in Profile::ALL {
        let (bits, key, record) = sample(profile);
        let secret = GlweSecretKey::from_container(key.secret().bits.to_vec(), PolynomialSize(N));
        for (ggsw, bit) in bootstrapping_key(&record).iter().zip(bits) {
            assert_eq!(decrypt_constant_ggsw_ciphertext(&secret, &ggsw).0, u64::from(bit));
        }
    }
}

#[test]
fn loading_gives_the_fourier_key_of_tfhe_up_to_rounding() {
    for profile in Profile::ALL {
        let (_, _, record) = sample(profile);
        let standard = bootstrapping_key(&record);
        let mut fourier = FourierLweBootstrapKey::new(
            standard.input_lwe_dimension(),
            standard.glwe_size(),
            standard.polynomial_size(),
            standard.decomposition_base_log(),
            standard.decomposition_level_count(),
        );
        convert_standard_lwe_bootstrap_key_to_fourier(&standard, &mut fourier);
        let loaded = LoadedRecord::load(&record);
        for (bit, ggsw) in fourier.as_view().into_ggsw_iter().enumerate() {
            let spectra = ggsw.data().chunks_exact(FOURIER_LEN);
            let mut integers = vec![c64::default(); profile.rows() * 2 * SPECTRUM_STRIDE];
            for (integers, spectrum) in integers.chunks_exact_mut(SPECTRUM_STRIDE).zip(spectra) {
                for (integer, value) in integers.iter_mut().zip(spectrum) {
                    *integer = value * 64f64.exp2();
                }
            }
            let mut ours = vec![c64::default(); ggsw_len(profile)];
            Arch::new().dispatch(Interleave { ggsw: &mut ours, spectra: &integers });
            // Spectra are about 2^4 in size; 53 bits leave errors of about 2^-49.
            let error =
                ours.iter().zip(loaded.ggsw(bit)).map(|(a, b)| (a - b).norm()).fold(0.0, f64::max);
            assert!(error < 1e-12, "{error:e}");
        }
    }
}

#[test]
fn noise_is_at_least_what_tfhe_asks_for_132_bits_of_security() {
    use tfhe::core_crypto::commons::noise_formulas::secure_noise::minimal_glwe_bound_for_132_bits_security_tuniform;
    let least = minimal_glwe_bound_for_132_bits_security_tuniform(
        GlweDimension(1),
        PolynomialSize(N),
        64f64.exp2(),
    );
    assert!(NOISE_BOUND_LOG2 >= least, "{least}");
}
