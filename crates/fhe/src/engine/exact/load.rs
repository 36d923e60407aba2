// SPDX-License-Identifier: Apache-2.0
//! A record made ready for exact evaluation: masks expanded, everything transformed modulo `Q`.

use core::fmt;

use crate::engine::common::Common;
use crate::machine::for_each_pair;
use crate::params::{Profile, BODY_BYTES, N};
use crate::program::BitSet;
use crate::record::{mask_index, unpack, Record};
use crate::ring::from_native;

use super::transform::transform;

/// A record ready for exact evaluation: slower, and bit-identical on every CPU.
///
/// ```
/// use cso_fhe::{Coins, Evaluator, ExactRecord, Profile, Program, RecordKey, Step, Sum, Table};
///
/// let steps = vec![Step::Weighted { points: vec![2, 3] }];
/// let tables = vec![Table { output: 0, bits: 3, values: (0..6).collect() }];
/// let program = Program::new(2, vec![Sum { steps, bias: 0, wraps: false, tables }])?;
///
/// let key = RecordKey::generate()?;
/// let record = ExactRecord::load(&key.encrypt(&[true, true], Profile::Private)?);
/// assert_eq!((record.bits(), record.profile()), (16, Profile::Private));
///
/// // An audit repeats an evaluation: the same record, program and coins give the same bytes.
/// let coins = Coins::from_seed([7; 32]);
/// let answer = Evaluator::new().evaluate_exact_with(&record, &program, &coins)?;
/// assert_eq!(Evaluator::new().evaluate_exact_with(&record, &program, &coins)?, answer);
/// assert_eq!(key.decrypt(&answer)?, [5]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ExactRecord {
    common: Common,
    spectra: Vec<u64>,
}

impl fmt::Debug for ExactRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExactRecord")
            .field("profile", &self.profile())
            .field("bits", &self.bits())
            .finish()
    }
}

impl ExactRecord {
    /// Loads all bits of a record.
    pub fn load(record: &Record) -> Self {
        Self::load_first(record, record.bits())
    }

    /// Loads only the first `bits` bits of a record (all of them if it has fewer).
    pub fn load_first(record: &Record, bits: usize) -> Self {
        Self::load_only(record, &BitSet::first(bits))
    }

    /// Loads only the wanted bits of a record, those of them that it has.
    pub fn load_only(record: &Record, wanted: &BitSet) -> Self {
        let header = record.header();
        let profile = header.profile;
        let common = Common::load(header, record.zero_body(), wanted);
        let loaded = common.places.loaded();
        let len = ggsw_len(profile);
        let mut spectra = vec![0; loaded.len() * len];
        let masks = header.masks();
        let transform = transform();
        for_each_pair(
            (loaded, 1),
            (&mut spectra, len),
            || (),
            |(), _, bit, out| {
                let bit = usize::from(bit[0]);
                let bodies = &record.bodies()[bit * profile.bit_bytes()..];
                for (row, (body, out)) in
                    bodies.chunks_exact(BODY_BYTES).zip(out.chunks_exact_mut(2 * N)).enumerate()
                {
                    let (mask_out, body_out) = out.split_at_mut(N);
                    masks.fill(mask_index(profile, bit, row), mask_out);
                    unpack(body_out, body);
                    for polynomial in [mask_out, body_out] {
                        polynomial.iter_mut().for_each(|x| *x = from_native(*x));
                        transform.fwd(polynomial);
                        // Once here instead of after every inverse transform.
                        transform.normalize(polynomial);
                    }
                }
            },
        );
        Self { common, spectra }
    }

    /// Makes the ciphertext of a bit all zero, as a crafted record would have it.
    #[cfg(test)]
    pub(crate) fn clear(&mut self, bit: usize) {
        let len = ggsw_len(self.common.profile);
        let place = self.common.places.of(bit).expect("the bit is loaded");
        self.spectra[place * len..(place + 1) * len].fill(0);
    }

    /// Number of loaded bits.
    pub fn bits(&self) -> usize {
        self.common.places.loaded().len()
    }

    /// The record's profile.
    pub fn profile(&self) -> Profile {
        self.common.profile
    }

    /// What it holds in every arithmetic.
    pub(crate) fn common(&self) -> &Common {
        &self.common
    }

    /// The GGSW ciphertext of a loaded bit: row by row, mask before body.
    pub(super) fn ggsw(&self, bit: usize) -> &[u64] {
        let len = ggsw_len(self.common.profile);
        let place = self.common.places.of(bit).expect("bits are looked for before they are read");
        &self.spectra[place * len..(place + 1) * len]
    }
}

/// Words of a bit's GGSW ciphertext.
fn ggsw_len(profile: Profile) -> usize {
    profile.rows() * 2 * N
}
