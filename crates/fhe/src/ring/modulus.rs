// SPDX-License-Identifier: Apache-2.0
//! The two moduli in use: `2^64` of records and answers, and the prime of the exact arithmetic.

use crate::params::Q;

/// A modulus whose elements fit a word.
pub(crate) trait Modulus: Copy {
    fn add(a: u64, b: u64) -> u64;
    fn sub(a: u64, b: u64) -> u64;
    fn neg(a: u64) -> u64;

    /// The phase of table value `value` of `bits` bits: `value / 2^bits` of the modulus.
    fn encode(value: u16, bits: u32) -> u64;

    /// An element, scaled to `2^64`.
    fn to_native(x: u64) -> u64;
}

/// `q = 2^64`.
#[derive(Clone, Copy)]
pub(crate) struct Native;

impl Modulus for Native {
    #[inline(always)]
    fn add(a: u64, b: u64) -> u64 {
        a.wrapping_add(b)
    }
    #[inline(always)]
    fn sub(a: u64, b: u64) -> u64 {
        a.wrapping_sub(b)
    }
    #[inline(always)]
    fn neg(a: u64) -> u64 {
        a.wrapping_neg()
    }

    #[inline(always)]
    fn encode(value: u16, bits: u32) -> u64 {
        u64::from(value) << (64 - bits)
    }

    #[inline(always)]
    fn to_native(x: u64) -> u64 {
        x
    }
}

/// Arithmetic modulo [`Q`] on canonical representatives.
#[derive(Clone, Copy)]
pub(crate) struct Prime;

impl Modulus for Prime {
    #[inline(always)]
    fn add(a: u64, b: u64) -> u64 {
        Self::sub(a, Self::neg(b))
    }
    #[inline(always)]
    fn sub(a: u64, b: u64) -> u64 {
        let (x, borrow) = a.overflowing_sub(b);
        if borrow {
            x.wrapping_add(Q)
        } else {
            x
        }
    }
    #[inline(always)]
    fn neg(a: u64) -> u64 {
        if a == 0 {
            0
        } else {
            Q - a
        }
    }

    #[inline(always)]
    fn encode(value: u16, bits: u32) -> u64 {
        ((u128::from(value) * u128::from(Q) + (1 << (bits - 1))) >> bits) as u64
    }

    /// `x 2^64 / Q` up to one unit: `2^64 / Q = 1 + 2^-32 + ...`.
    #[inline(always)]
    fn to_native(x: u64) -> u64 {
        x + (x >> 32)
    }
}

/// `round(x Q / 2^64)`.
#[inline]
pub(crate) fn from_native(x: u64) -> u64 {
    ((u128::from(x) * u128::from(Q) + (1 << 63)) >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modulus_arithmetic_agrees_with_wide_integers() {
        let samples = [0, 1, 2, 1 << 32, (1 << 32) - 1, Q / 2, Q - 2, Q - 1];
        for a in samples {
            for b in samples {
                let wide = |x: u128| (x % u128::from(Q)) as u64;
                assert_eq!(Prime::add(a, b), wide(u128::from(a) + u128::from(b)));
                assert_eq!(Prime::sub(a, b), wide(u128::from(a) + u128::from(Q) - u128::from(b)));
            }
            assert_eq!(Prime::add(a, Prime::neg(a)), 0);
        }
    }

    #[test]
    fn moduli_convert_back_and_forth_within_a_unit() {
        for x in [0u64, 1, 12345, 1 << 31, 1 << 32, 1 << 63, u64::MAX - 5, u64::MAX] {
            let there = from_native(x);
            assert!(there < Q);
            let back = Prime::to_native(there) as i64;
            assert!(back.wrapping_sub(x as i64).unsigned_abs() <= 2, "{x}");
        }
    }
}
