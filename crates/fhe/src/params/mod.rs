// SPDX-License-Identifier: Apache-2.0
//! The numbers everything else is built on: ring, noise, gadget profiles and size buckets.
//!
//! Ring and noise are fixed for all records; a [`Profile`] chooses only the gadget decomposition,
//! that is, how much noise a CMUX adds and what it costs. Security rests on the ring and the noise
//! alone, so all profiles have the same.

/// Degree `N` of the ring `Z_q[X]/(X^N + 1)`.
///
/// With the GLWE dimension `k = 1`, `q = 2^64`, a uniform binary secret and [`NOISE_BOUND_LOG2`]
/// these are the GLWE parameters of tfhe-rs' `V1_4_PARAM_MESSAGE_2_CARRY_2_KS_PBS_TUNIFORM_2M128`
/// (at least 128 bits of security).
pub const POLYNOMIAL_SIZE: usize = 2048;

/// Short name used inside the crate.
pub(crate) const N: usize = POLYNOMIAL_SIZE;

/// Polynomials of a GLWE ciphertext: one mask (`k = 1`) and one body.
pub(crate) const GLWE_LEN: usize = 2 * N;

/// Fresh noise is TUniform(2^17): integers in `[-2^17, 2^17]`, the two ends with half the
/// probability of the others.
pub const NOISE_BOUND_LOG2: u32 = 17;

/// Variance of TUniform(2^b): `(2^(2b+1) + 1) / 6` (tfhe-rs,
/// `core_crypto::commons::math::random::TUniform`).
pub const NOISE_VARIANCE: f64 = ((1u64 << (2 * NOISE_BOUND_LOG2 + 1)) + 1) as f64 / 6.0;

/// Bits kept of each body coefficient of a record.
///
/// Dropping the low 16 adds a uniform error of variance `2^32 / 12`, one sixteenth of
/// [`NOISE_VARIANCE`]: 0.04 bits of noise for a quarter of the record's size. Four bits fewer would
/// already double the variance.
pub const BODY_BITS: u32 = 48;

/// Bytes of one stored body polynomial.
pub(crate) const BODY_BYTES: usize = N * BODY_BITS as usize / 8;

/// Largest number of outputs of a program.
pub const MAX_OUTPUTS: usize = 8;

/// Largest number of bits of one output value.
pub const MAX_OUTPUT_BITS: u32 = 16;

/// A program whose outputs may come out wrong more often than `2^MAX_FAILURE_LOG2` is refused.
pub const MAX_FAILURE_LOG2: f64 = -128.0;

/// Sizes, in bits, to which records are padded, so that the length of a record tells little of what
/// it holds.
pub const BUCKETS: [usize; 13] = [16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 2048];

/// Record bits in one block, the unit in which a record is verified and loaded while it arrives.
pub const BLOCK_BITS: usize = 16;

/// The smallest bucket that holds `bits`, or `None` if there is none.
pub fn bucket(bits: usize) -> Option<usize> {
    BUCKETS.into_iter().find(|b| *b >= bits)
}

/// Gadget parameters of a record: what a CMUX costs and how much noise it adds.
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

    /// The byte that stands for the profile in every format.
    pub const fn id(self) -> u8 {
        match self {
            Self::Fast => 1,
            Self::Private => 2,
        }
    }

    /// The profile a format byte stands for.
    pub const fn from_id(id: u8) -> Option<Self> {
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
    pub const fn base_log(self) -> u32 {
        match self {
            Self::Fast => 23,
            Self::Private => 15,
        }
    }

    /// Number of gadget levels `l`.
    pub const fn levels(self) -> usize {
        match self {
            Self::Fast => 1,
            Self::Private => 2,
        }
    }

    /// GLWE ciphertexts in one GGSW ciphertext: `l (k + 1)`.
    pub const fn rows(self) -> usize {
        self.levels() * 2
    }

    /// Bytes of one stored record bit.
    pub const fn bit_bytes(self) -> usize {
        self.rows() * BODY_BYTES
    }

    /// Bytes of one stored block.
    pub const fn block_bytes(self) -> usize {
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

/// Bounds of one output's encoding: a value `v` of `bits` bits is the phase `v * delta`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Encoding {
    /// Bits of the value, `1..=MAX_OUTPUT_BITS`.
    pub bits: u32,
    /// The profile of the record.
    pub profile: Profile,
}

impl Encoding {
    /// Distance between two neighbouring values on the torus `Z_{2^64}`.
    pub const fn delta(self) -> u64 {
        1 << (64 - self.bits)
    }

    /// The flooding is uniform in `[-flood, flood)`.
    pub const fn flood(self) -> u64 {
        self.delta() / 32 * self.profile.flood_sixteenths()
    }

    /// Largest phase error other than flooding that decodes right.
    pub const fn tolerance(self) -> u64 {
        self.delta() / 2 - self.flood()
    }

    /// Logarithm of the modulus to which a sanitised result is switched.
    ///
    /// 16 bits beyond the value's: the rounding's standard deviation `2^(64 - 16 - bits) * sqrt((1
    /// + N/2) / 12)` is then at most a sixteenth of what a failure of 2^-128 allows.
    pub const fn modulus_log2(self) -> u32 {
        self.bits + 16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_whole_blocks_and_ascend() {
        assert!(BUCKETS.windows(2).all(|w| w[0] < w[1]));
        assert!(BUCKETS.iter().all(|b| b % BLOCK_BITS == 0));
        assert_eq!(bucket(180), Some(192));
        assert_eq!(bucket(2049), None);
    }

    #[test]
    fn profile_ids_round_trip() {
        for profile in Profile::ALL {
            assert_eq!(Profile::from_id(profile.id()), Some(profile));
        }
        assert_eq!(Profile::from_id(0), None);
    }
}
