// SPDX-License-Identifier: Apache-2.0
//! The parts that bound an evaluation and a load, each on its own, for benchmarks to time.
//!
//! ```
//! use cso_fhe::bench::{ExternalProduct, LoadBound};
//! use cso_fhe::{LoadedRecord, Profile, RecordKey};
//!
//! let record = RecordKey::generate()?.encrypt(&[true; 16], Profile::Private)?;
//! let loaded = LoadedRecord::load(&record);
//! let mut product = ExternalProduct::new(&loaded);
//! (0..16).for_each(|bit| product.run(bit));
//!
//! let mut bound = LoadBound::new(Profile::Private, 16);
//! bound.expand();
//! bound.transform();
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use core::fmt;

use tfhe::core_crypto::fft_impl::fft64::c64;

use crate::engine::{Arithmetic, Exact, ExactScratch, Float, FloatScratch};
use crate::params::{FOURIER_LEN, GLWE_LEN, N};
use crate::random::MaskStream;
use crate::ring::Transform;
use crate::{ExactRecord, LoadedRecord, Profile};

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

impl fmt::Debug for ExternalProduct<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExternalProduct").field("record", &self.record).finish_non_exhaustive()
    }
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

impl fmt::Debug for ExactExternalProduct<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExactExternalProduct").field("record", &self.record).finish_non_exhaustive()
    }
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
pub struct LoadBound {
    rows: usize,
    transform: Transform,
    masks: MaskStream,
    polynomial: Vec<u64>,
    spectrum: Vec<c64>,
}

impl LoadBound {
    /// For as many bits of a record of this profile.
    pub fn new(profile: Profile, bits: usize) -> Self {
        Self {
            rows: profile.rows() * bits,
            transform: Transform::new(),
            masks: MaskStream::new([9; 16]),
            polynomial: vec![0; N],
            spectrum: vec![c64::default(); FOURIER_LEN],
        }
    }

    /// Expands the mask of every row by AES-CTR.
    pub fn expand(&mut self) {
        for row in 0..self.rows {
            self.masks.fill((row * N) as u64, &mut self.polynomial);
            core::hint::black_box(&mut self.polynomial);
        }
    }

    /// Transforms mask and body of every row to the Fourier domain.
    pub fn transform(&mut self) {
        for _ in 0..2 * self.rows {
            self.transform.forward_integer(&mut self.spectrum, &self.polynomial);
            core::hint::black_box(&mut self.spectrum);
        }
    }
}

impl fmt::Debug for LoadBound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoadBound").field("rows", &self.rows).finish_non_exhaustive()
    }
}
