// SPDX-License-Identifier: Apache-2.0
//! The gadget profiles.

use super::formats::{BLOCK_BITS, BODY_BYTES};

/// Levels of the largest gadget.
pub(crate) const MAX_LEVELS: usize = Profile::Private.levels();

/// Rows of the largest gadget.
pub(crate) const MAX_ROWS: usize = Profile::Private.rows();

/// Gadget parameters of a record: what a CMUX costs and how much noise it adds. The patient chooses
/// when encrypting; the record is equally secret in all of them.
///
/// ```
/// use cso_fhe::{Profile, Program, Record, Step, Sum, Table};
///
/// let len = |profile| Record::len_of(180, profile);
/// assert_eq!(len(Profile::Fast), Some(4_731_328));
/// assert_eq!(len(Profile::Private), Some(9_449_920));
///
/// // What the larger record buys: an answer of 8 bits tells 2^-8 as much of the model.
/// let steps = vec![Step::Weighted { points: vec![1; 180] }];
/// let tables = vec![Table { output: 0, bits: 8, values: (0..=180).collect() }];
/// let program = Program::new(180, vec![Sum { steps, bias: 0, wraps: false, tables }])?;
/// let margin = |profile| program.budget(profile).map(|budget| budget.privacy_margin_log2);
/// assert!(margin(Profile::Private)? < margin(Profile::Fast)? - 8.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Profile {
    /// One gadget level of base 2^23: half the size and time of [`Profile::Private`], and little
    /// room for flooding.
    Fast,
    /// Two gadget levels of base 2^15: room for flooding that hides the model behind answers of 8
    /// bits and more.
    Private,
}

impl Profile {
    /// Every profile.
    pub const ALL: [Self; 2] = [Self::Fast, Self::Private];

    /// How texts, files and command lines write it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fast => "fast",
            Self::Private => "private",
        }
    }

    /// The profile of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.word() == word)
    }

    /// The byte that stands for the profile in every format.
    pub(crate) const fn id(self) -> u8 {
        match self {
            Self::Fast => 1,
            Self::Private => 2,
        }
    }

    /// The profile a format byte stands for.
    pub(crate) const fn from_id(id: u8) -> Option<Self> {
        match id {
            1 => Some(Self::Fast),
            2 => Some(Self::Private),
            _ => None,
        }
    }

    /// Logarithm of the gadget base `B`.
    ///
    /// Chosen so that what falls with `B` in a CMUX's noise, rounding, and what grows with it,
    /// products with fresh noise and the transform's errors, are as even as integers allow;
    /// `docs/cryptography.md` has the table.
    pub(crate) const fn base_log(self) -> u32 {
        match self {
            Self::Fast => 23,
            Self::Private => 15,
        }
    }

    /// Number of gadget levels `l`.
    pub(crate) const fn levels(self) -> usize {
        match self {
            Self::Fast => 1,
            Self::Private => 2,
        }
    }

    /// GLWE ciphertexts in one GGSW ciphertext: `l (k + 1)`.
    pub(crate) const fn rows(self) -> usize {
        self.levels() * 2
    }

    /// Bytes of one stored record bit.
    pub(crate) const fn bit_bytes(self) -> usize {
        self.rows() * BODY_BYTES
    }

    /// Bytes of one stored block.
    pub(crate) const fn block_bytes(self) -> usize {
        self.bit_bytes() * BLOCK_BITS
    }

    /// Sixteenths of an output's decision distance `Delta / 2` that the flooding takes; the rest is
    /// for everything else.
    ///
    /// The share depends on nothing but the profile: a bound that followed the program's noise
    /// would tell its depth.
    pub(crate) const fn flood_sixteenths(self) -> u64 {
        match self {
            Self::Fast => 8,
            Self::Private => 15,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profile_ids_round_trip() {
        for profile in Profile::ALL {
            assert_eq!(Profile::from_id(profile.id()), Some(profile));
        }
        assert_eq!(Profile::from_id(0), None);
    }

    #[test]
    fn words_round_trip() {
        for profile in Profile::ALL {
            assert_eq!(Profile::from_word(profile.word()), Some(profile));
        }
        for other in ["", "Fast", "private ", "exact"] {
            assert_eq!(Profile::from_word(other), None, "{other}");
        }
    }
}
