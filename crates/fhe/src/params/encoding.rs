// SPDX-License-Identifier: Apache-2.0
//! How values stand on the torus, and how much of the room between them belongs to whom.

use super::profile::Profile;

/// Bits that a sanitised result keeps beyond its value's.
///
/// The rounding's standard deviation `2^(64 - 16 - bits) * sqrt((1 + N/2) / 12)` is then at most a
/// sixteenth of what a failure of 2^-128 allows.
const SPARE_BITS: u32 = 16;

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
    pub(crate) const fn delta(self) -> u64 {
        1 << (64 - self.bits)
    }

    /// The flooding is uniform in `[-flood, flood)`.
    pub(crate) const fn flood(self) -> u64 {
        self.delta() / 32 * self.profile.flood_sixteenths()
    }

    /// Largest phase error other than flooding that decodes right.
    pub(crate) const fn tolerance(self) -> u64 {
        self.delta() / 2 - self.flood()
    }

    /// Logarithm of the modulus to which a sanitised result is switched.
    pub(crate) const fn modulus_log2(self) -> u32 {
        self.bits + SPARE_BITS
    }
}
