// SPDX-License-Identifier: Apache-2.0
//! Which bits of a record are meant.

use core::fmt;

use crate::params::MAX_BITS;

/// A set of record bits: those that a program reads, those to load.
///
/// ```
/// use cso_fhe::{BitSet, Program, Step, Sum, Table};
///
/// let steps = vec![Step::Weighted { points: vec![0, 2, 0, 0, 1, 0] }];
/// let tables = vec![Table { output: 0, bits: 2, values: vec![0, 1, 2, 3] }];
/// let program = Program::new(6, vec![Sum { steps, bias: 0, wraps: false, tables }])?;
/// assert_eq!(program.reads().iter().collect::<Vec<_>>(), [1, 4]);
///
/// // For several programs on one record.
/// let both: BitSet = program.reads().iter().chain([0]).collect();
/// assert_eq!((both.count(), both.contains(4), both.contains(5)), (3, true, false));
/// assert!(BitSet::first(5).contains(4) && !BitSet::first(4).contains(4));
/// # Ok::<(), cso_fhe::ProgramError>(())
/// ```
///
/// Debug output tells the number only: which bits a private model reads is the expert's secret.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct BitSet {
    /// By bit, no longer than it must be.
    has: Vec<bool>,
}

impl fmt::Debug for BitSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BitSet").field("count", &self.count()).finish()
    }
}

impl BitSet {
    /// Every bit that a record can have.
    pub fn all() -> Self {
        Self::first(MAX_BITS)
    }

    /// The first `bits` bits.
    pub fn first(bits: usize) -> Self {
        Self { has: vec![true; bits.min(MAX_BITS)] }
    }

    /// Whether a bit is among them.
    pub fn contains(&self, bit: usize) -> bool {
        self.has.get(bit).is_some_and(|has| *has)
    }

    /// How many they are.
    pub fn count(&self) -> usize {
        self.has.iter().filter(|has| **has).count()
    }

    /// They, in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.has.iter().enumerate().filter(|(_, has)| **has).map(|(bit, _)| bit)
    }
}

/// Bits that no record has are left out.
impl FromIterator<usize> for BitSet {
    fn from_iter<I: IntoIterator<Item = usize>>(bits: I) -> Self {
        let mut set = Self::default();
        for bit in bits.into_iter().filter(|bit| *bit < MAX_BITS) {
            if set.has.len() <= bit {
                set.has.resize(bit + 1, false);
            }
            set.has[bit] = true;
        }
        set
    }
}
