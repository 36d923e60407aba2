// SPDX-License-Identifier: Apache-2.0
//! The gadget decomposition: a polynomial as `l` polynomials of small digits.

use pulp::{Simd, WithSimd};

use crate::params::{Profile, N};
use crate::poly::runs;

/// Writes the balanced digits of each coefficient `x`: `sum_j digit_j q / B^j`, digits in `[-B/2, B/2)`. The finest digits go to the front
/// of `digits`, those of the next level `N` further on.
///
/// An operation rather than a function, so that all of it is compiled for the processor it runs on.
pub(crate) struct Decompose<'a> {
    pub profile: Profile,
    pub digits: &'a mut [u64],
    pub polynomial: &'a [u64],
    /// Decompose `(X^exponent - 1)` times the polynomial instead, turned on the way, so that the product is never stored.
    pub turn: Option<usize>,
}

impl WithSimd for Decompose<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self {
            profile,
            digits,
            polynomial,
            turn,
        } = self;
        let Some(exponent) = turn else {
            return decompose(profile, digits, polynomial, polynomial, |x, _| x);
        };
        for (to, from, negate) in runs(exponent) {
            let (turned, straight) = (&polynomial[from], &polynomial[to.clone()]);
            let digits = &mut digits[to.start..];
            if negate {
                decompose(profile, digits, turned, straight, |x, y| {
                    x.wrapping_add(y).wrapping_neg()
                });
            } else {
                decompose(profile, digits, turned, straight, |x, y| x.wrapping_sub(y));
            }
        }
    }
}

/// The digits of `combine(x, y)` for each pair of coefficients.
#[inline(always)]
fn decompose(
    profile: Profile,
    digits: &mut [u64],
    x: &[u64],
    y: &[u64],
    combine: impl Fn(u64, u64) -> u64,
) {
    let (base_log, len) = (profile.base_log(), x.len());
    let y = &y[..len];
    match profile {
        Profile::Fast => {
            let digits = &mut digits[..len];
            for i in 0..len {
                digits[i] = lowest_digit(base_log, rounded(profile, combine(x[i], y[i]))).0;
            }
        }
        Profile::Private => {
            let (fine, coarse) = digits.split_at_mut(N);
            let (fine, coarse) = (&mut fine[..len], &mut coarse[..len]);
            for i in 0..len {
                let (digit, rest) = lowest_digit(base_log, rounded(profile, combine(x[i], y[i])));
                fine[i] = digit;
                coarse[i] = lowest_digit(base_log, rest).0;
            }
        }
    }
}

/// The coefficient in units of the finest level, rounded, ties to even.
///
/// Ties matter: what comes out of a floating-point transform lies on a grid of about 2^36, so one coefficient in twenty-odd of a
/// [`Profile::Fast`] record is a tie. Rounded all one way they would give the mask's error a mean, which the secret key's mean turns
/// into a wave that grows with every CMUX instead of with the square root of their number.
#[inline(always)]
pub(crate) fn rounded(profile: Profile, x: u64) -> u64 {
    let dropped = 64 - profile.base_log() * profile.levels() as u32;
    let odd = x >> dropped & 1;
    x.wrapping_add((1 << (dropped - 1)) - 1 + odd) >> dropped
}

/// The lowest balanced digit, and what remains above it.
#[inline(always)]
pub(crate) fn lowest_digit(base_log: u32, state: u64) -> (u64, u64) {
    let low = state & ((1 << base_log) - 1);
    let carry = low >> (base_log - 1);
    (
        low.wrapping_sub(carry << base_log),
        (state >> base_log).wrapping_add(carry),
    )
}
