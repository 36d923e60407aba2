// SPDX-License-Identifier: Apache-2.0
//! The parts that bound an evaluation and a load, each on its own, for benchmarks to time.

use tfhe::core_crypto::fft_impl::fft64::c64;

use crate::engine::exact::product::{Exact, ExactRecord, ExactScratch};
use crate::engine::float::load::LoadedRecord;
use crate::engine::float::product::{Float, FloatScratch};
use crate::engine::run::Arithmetic;
use crate::params::{GLWE_LEN, N};
use crate::random::MaskStream;
use crate::ring::fourier::{Transform, FOURIER_LEN};

/// An accumulator and a difference that look like those of an evaluation.
fn operands() -> [Vec<u64>; 2] {
    let mut words = vec![0; 2 * GLWE_LEN];
    MaskStream::new([7; 16]).fill(0, &mut words);
    let difference = words.split_off(GLWE_LEN);
    [words, difference]
}

/// External products of one accumulator with bits of a record: what an evaluation cannot do
/// without.
pub struct ExternalProduct<'a> {
    record: &'a LoadedRecord,
    scratch: FloatScratch,
    operands: [Vec<u64>; 2],
}

impl<'a> ExternalProduct<'a> {
    /// With the bits of this record.
    pub fn new(record: &'a LoadedRecord) -> Self {
        Self { record, scratch: FloatScratch::new(), operands: operands() }
    }

    /// One external product with bit `bit`. Over and over with the same bit, its operands stay in
    /// the cache.
    ///
    /// # Panics
    ///
    /// If the record has no such bit.
    pub fn run(&mut self, bit: usize) {
        let [accumulator, difference] = &mut self.operands;
        Float { record: self.record, scratch: &mut self.scratch }.add_external_product(
            accumulator,
            bit,
            difference,
            None,
        );
    }
}

/// [`ExternalProduct`] in exact arithmetic.
pub struct ExactExternalProduct<'a> {
    record: &'a ExactRecord,
    scratch: ExactScratch,
    operands: [Vec<u64>; 2],
}

impl<'a> ExactExternalProduct<'a> {
    /// With the bits of this record.
    pub fn new(record: &'a ExactRecord) -> Self {
        let operands = operands().map(|words| words.into_iter().map(|x| x >> 1).collect());
        Self { record, scratch: ExactScratch::new(), operands }
    }

    /// One external product with bit `bit`.
    ///
    /// # Panics
    ///
    /// If the record has no such bit.
    pub fn run(&mut self, bit: usize) {
        let [accumulator, difference] = &mut self.operands;
        Exact { record: self.record, scratch: &mut self.scratch }.add_external_product(
            accumulator,
            bit,
            difference,
            None,
        );
    }
}

/// The least that loading a record takes, with everything in the cache: expanding masks, and
/// transforming.
pub struct LoadFloor {
    transform: Transform,
    masks: MaskStream,
    polynomial: Vec<u64>,
    spectrum: Vec<c64>,
}

impl Default for LoadFloor {
    fn default() -> Self {
        Self::new()
    }
}

impl LoadFloor {
    /// With its scratch.
    pub fn new() -> Self {
        Self {
            transform: Transform::new(),
            masks: MaskStream::new([9; 16]),
            polynomial: vec![0; N],
            spectrum: vec![c64::default(); FOURIER_LEN],
        }
    }

    /// Expands the masks of `polynomials` polynomials by AES-CTR.
    pub fn expand(&mut self, polynomials: usize) {
        for i in 0..polynomials {
            self.masks.fill((i * N) as u64, &mut self.polynomial);
            core::hint::black_box(&mut self.polynomial);
        }
    }

    /// Transforms `polynomials` polynomials to the Fourier domain.
    pub fn transform(&mut self, polynomials: usize) {
        for _ in 0..polynomials {
            self.transform.forward_integer(&mut self.spectrum, &self.polynomial);
            core::hint::black_box(&mut self.spectrum);
        }
    }
}
