// SPDX-License-Identifier: Apache-2.0
//! Randomness: domain-separated expansion of seeds, fresh coins, and the distributions that need
//! them.
//!
//! Seeds are expanded by BLAKE3 in its key-derivation mode, one context string for each purpose, so
//! no two purposes ever see the same stream. The masks of a record, which are public and large,
//! come from AES-128 in counter mode instead: that is the generator of tfhe-rs, which makes a
//! record a seeded bootstrapping key tfhe-rs itself can expand.

use aes::cipher::{BlockCipherEncrypt, KeyInit};
use rand_core::{OsRng, RngCore};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::params::{N, NOISE_BOUND_LOG2, SEED_LEN};

/// Context strings of BLAKE3's key-derivation mode: one for each purpose, never reused.
pub(crate) mod context {
    pub(crate) const SECRET_KEY: &str = "cso-fhe v1 2026-11-23 GLWE secret key";
    pub(crate) const KEY_ID: &str = "cso-fhe v1 2026-11-23 key id";
    pub(crate) const ENCRYPTION: &str = "cso-fhe v1 2026-11-23 coins of a record's encryption";
    pub(crate) const PUBLIC_SEED: &str = "cso-fhe v1 2026-11-23 public seed of a record";
    pub(crate) const GGSW_NOISE: &str = "cso-fhe v1 2026-11-23 noise of a record bit";
    pub(crate) const ZERO_NOISE: &str = "cso-fhe v1 2026-11-23 noise of the zero encryption";
    pub(crate) const GGSW_MASKS: &str = "cso-fhe v1 2026-11-23 AES key of a record's masks";
    pub(crate) const ZERO_MASK: &str = "cso-fhe v1 2026-11-23 mask of the zero encryption";
    pub(crate) const SANITISE: &str = "cso-fhe v1 2026-11-23 coins of an answer";
    pub(crate) const BLOCK: &str = "cso-fhe v1 2026-11-23 digest of a record block";
}

/// A stream of pseudo-random bytes for one purpose.
pub(crate) struct Stream(blake3::OutputReader);

impl Stream {
    /// The stream that `parts` determine for the purpose `context`. Callers pass parts of fixed
    /// length, so that no two lists of parts spell the same input.
    pub(crate) fn new(context: &'static str, parts: &[&[u8]]) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key(context);
        for part in parts {
            hasher.update(part);
        }
        Self(hasher.finalize_xof())
    }

    pub(crate) fn fill(&mut self, out: &mut [u8]) {
        self.0.fill(out);
    }

    pub(crate) fn array<const L: usize>(&mut self) -> [u8; L] {
        let mut out = [0; L];
        self.fill(&mut out);
        out
    }

    /// Fills a polynomial with uniform bits.
    pub(crate) fn binary(&mut self, out: &mut [u64; N]) {
        let mut bytes = [0u8; N / 8];
        self.fill(&mut bytes);
        for (chunk, byte) in out.chunks_exact_mut(8).zip(bytes) {
            for (i, bit) in chunk.iter_mut().enumerate() {
                *bit = u64::from(byte >> i & 1);
            }
        }
        bytes.zeroize();
    }

    /// Fills a polynomial with uniform elements of `Z_{2^64}`.
    pub(crate) fn uniform(&mut self, out: &mut [u64; N]) {
        let mut bytes = [0u8; 1024];
        for chunk in out.chunks_exact_mut(bytes.len() / 8) {
            self.fill(&mut bytes);
            for (x, b) in chunk.iter_mut().zip(bytes.chunks_exact(8)) {
                *x = u64::from_le_bytes(b.try_into().expect("chunks of 8"));
            }
        }
    }

    /// Adds TUniform noise to every element.
    pub(crate) fn add_noise(&mut self, out: &mut [u64]) {
        let mut bytes = [0u8; 1024];
        for chunk in out.chunks_mut(bytes.len() / 4) {
            let used = &mut bytes[..chunk.len() * 4];
            self.fill(used);
            for (x, b) in chunk.iter_mut().zip(used.chunks_exact(4)) {
                let word = u32::from_le_bytes(b.try_into().expect("chunks of 4"));
                *x = x.wrapping_add(t_uniform(word));
            }
        }
        bytes.zeroize();
    }

    /// A uniform integer in `[-bound, bound)` for `bound` up to `2^62`, by rejection.
    pub(crate) fn uniform_within(&mut self, bound: u64) -> u64 {
        let width = bound * 2;
        let mask = width.next_power_of_two() - 1;
        loop {
            let x = u64::from_le_bytes(self.array()) & mask;
            if x < width {
                return x.wrapping_sub(bound);
            }
        }
    }
}

/// TUniform(2^b) of a random word: `b + 2` of its bits, halved and rounded up, give `0` and
/// `2^(b+1)` half the weight of the integers between; then centred.
fn t_uniform(word: u32) -> u64 {
    let bits = u64::from(word) & ((1 << (NOISE_BOUND_LOG2 + 2)) - 1);
    bits.div_ceil(2).wrapping_sub(1 << NOISE_BOUND_LOG2)
}

/// The AES-128-CTR keystream (counter and words little-endian) that tfhe-rs expands a 128-bit
/// compression seed to.
pub(crate) struct MaskStream(aes::Aes128);

impl MaskStream {
    pub(crate) fn new(seed: [u8; 16]) -> Self {
        Self(aes::Aes128::new(&seed.into()))
    }

    /// Fills `out` with the words that start at word `index` of the stream. `index` and the length
    /// of `out` are even: a counter block holds two words.
    pub(crate) fn fill(&self, index: u64, out: &mut [u64]) {
        assert!(index.is_multiple_of(2) && out.len().is_multiple_of(2), "whole counter blocks");
        let blocks: &mut [[u8; 16]] = bytemuck::cast_slice_mut(&mut *out);
        for (i, block) in (index / 2..).zip(&mut *blocks) {
            *block = u128::from(i).to_le_bytes();
        }
        self.0.encrypt_blocks(aes::Block::cast_slice_from_core_mut(blocks));
        for word in out {
            *word = u64::from_le(*word);
        }
    }
}

/// The expert's secret randomness of one answer.
///
/// Fresh coins from the operating system are what sanitising rests on. Coins from a seed exist so
/// that an audit can repeat an evaluation bit for bit; a seed must never serve two answers.
/// [`Evaluator::evaluate`](crate::Evaluator::evaluate) takes fresh ones by itself.
///
/// ```
/// use cso_fhe::{Coins, Evaluator, LoadedRecord, Profile, RecordKey};
/// # use cso_fhe::{Program, Step, Sum, Table};
/// # let steps = vec![Step::Weighted { points: vec![1, 1] }];
/// # let tables = vec![Table { output: 0, bits: 2, values: vec![0, 1, 2] }];
/// # let program = Program::new(2, vec![Sum { steps, bias: 0, wraps: false, tables }])?;
///
/// let key = RecordKey::generate()?;
/// let record = LoadedRecord::load(&key.encrypt(&[true, true], Profile::Private)?);
/// let coins = Coins::from_seed([7; 32]);
/// assert_eq!(format!("{coins:?}"), "Coins(redacted)");
///
/// let mut evaluator = Evaluator::new();
/// let answer = evaluator.evaluate_with(&record, &program, &coins)?;
/// assert_eq!(evaluator.evaluate_with(&record, &program, &coins)?, answer);
/// assert_ne!(evaluator.evaluate(&record, &program)?, answer);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Coins([u8; SEED_LEN]);

impl Coins {
    /// Fresh coins from the operating system.
    pub(crate) fn from_os() -> Result<Self, NoRandomness> {
        os_bytes().map(Self)
    }

    /// Coins determined by a seed, for repeating an evaluation.
    pub fn from_seed(seed: [u8; SEED_LEN]) -> Self {
        Self(seed)
    }

    /// The stream for one output of one answer.
    pub(crate) fn stream(&self, output: usize) -> Stream {
        Stream::new(context::SANITISE, &[&self.0, &[output as u8]])
    }
}

impl core::fmt::Debug for Coins {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Coins(redacted)")
    }
}

/// The operating system gave no randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gives no randomness")]
pub struct NoRandomness;

/// 32 fresh bytes from the operating system.
pub(crate) fn os_bytes() -> Result<[u8; SEED_LEN], NoRandomness> {
    let mut bytes = [0; SEED_LEN];
    OsRng.try_fill_bytes(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::NOISE_VARIANCE;

    #[test]
    fn t_uniform_covers_its_range_with_halved_ends() {
        let bound = 1i64 << NOISE_BOUND_LOG2;
        let mut counts = std::collections::BTreeMap::new();
        for word in 0..1u32 << (NOISE_BOUND_LOG2 + 2) {
            *counts.entry(t_uniform(word) as i64).or_insert(0) += 1;
        }
        assert_eq!(counts.first_key_value(), Some((&-bound, &1)));
        assert_eq!(counts.last_key_value(), Some((&bound, &1)));
        assert!(counts.iter().all(|(v, n)| *n == if v.abs() == bound { 1 } else { 2 }));
        let total: f64 = counts.iter().map(|(v, n)| (v * v) as f64 * f64::from(*n)).sum();
        let variance = total / f64::from(1u32 << (NOISE_BOUND_LOG2 + 2));
        assert!((variance / NOISE_VARIANCE - 1.0).abs() < 1e-9);
    }

    #[test]
    fn flooding_stays_within_its_bound_and_reaches_both_sides() {
        let mut stream = Stream::new(context::SANITISE, &[&[7; 32]]);
        let bound = 15 << 20;
        let samples: Vec<i64> = (0..10_000).map(|_| stream.uniform_within(bound) as i64).collect();
        assert!(samples.iter().all(|x| (-(bound as i64)..bound as i64).contains(x)));
        assert!(samples.iter().any(|x| *x > bound as i64 * 9 / 10));
        assert!(samples.iter().any(|x| *x < -(bound as i64) * 9 / 10));
    }

    #[test]
    fn purposes_have_separate_streams() {
        let a = Stream::new(context::KEY_ID, &[&[1; 32]]).array::<16>();
        let b = Stream::new(context::PUBLIC_SEED, &[&[1; 32]]).array::<16>();
        assert_ne!(a, b);
    }

    #[test]
    fn masks_are_the_stream_of_tfhe_rs_at_any_offset() {
        use tfhe::core_crypto::commons::math::random::{DefaultRandomGenerator, RandomGenerator};
        use tfhe_csprng::seeders::Seed;
        let seed = *b"sixteen byte key";
        let mut expected = vec![0u64; 1000];
        RandomGenerator::<DefaultRandomGenerator>::new(Seed(u128::from_le_bytes(seed)))
            .fill_slice_with_random_uniform(&mut expected);
        let mut got = vec![0u64; 900];
        MaskStream::new(seed).fill(100, &mut got);
        assert_eq!(got, expected[100..]);
    }
}
