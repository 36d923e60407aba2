// SPDX-License-Identifier: Apache-2.0
//! The gadget decomposition: a polynomial as `l` polynomials of small digits.

use pulp::{Simd, WithSimd};
use tfhe::core_crypto::fft_impl::fft64::c64;

use crate::machine::Ahead;
use crate::params::{Profile, LOOK_AHEAD, N, Q};

use super::modulus::{Modulus, Prime};
use super::monomial::moves;

/// Writes the balanced digits of each coefficient `x`: `sum_j digit_j q / B^j`, digits in `[-B/2,
/// B/2)`. The finest digits go to the front of `digits`, those of the next level `N` further on.
///
/// An operation rather than a function, so that all of it is compiled for the processor it runs on.
pub(crate) struct Decompose<'a, 'n> {
    pub profile: Profile,
    pub digits: &'a mut [u64],
    pub polynomial: &'a [u64],
    /// Decompose `(X^exponent - 1)` times the polynomial instead, turned on the way, so that the
    /// product is never stored.
    pub turn: Option<usize>,
    /// What is wanted next: this brings half of it, the other polynomial's decomposition the rest.
    pub ahead: &'a mut Ahead<'n, c64>,
}

impl WithSimd for Decompose<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { profile, digits, polynomial, turn, ahead } = self;
        let Some(exponent) = turn else {
            return decompose(profile, digits, (polynomial, polynomial), ahead, |x, _| x);
        };
        for (to, from, negate) in moves(exponent) {
            let pair = (&polynomial[from], &polynomial[to.clone()]);
            let digits = &mut digits[to.start..];
            if negate {
                decompose(profile, digits, pair, ahead, |x, y| x.wrapping_add(y).wrapping_neg());
            } else {
                decompose(profile, digits, pair, ahead, |x, y| x.wrapping_sub(y));
            }
        }
    }
}

/// The digits of `combine(x, y)` for each pair of coefficients.
#[inline(always)]
fn decompose(
    profile: Profile,
    digits: &mut [u64],
    (x, y): (&[u64], &[u64]),
    ahead: &mut Ahead<'_, c64>,
    combine: impl Fn(u64, u64) -> u64,
) {
    let base_log = profile.base_log();
    let (fine, coarse) = digits.split_at_mut(N.min(digits.len()));
    for (i, (x, y)) in x.chunks(LOOK_AHEAD).zip(y.chunks(LOOK_AHEAD)).enumerate() {
        ahead.fetch(2 * N / LOOK_AHEAD);
        let (start, len) = (i * LOOK_AHEAD, x.len());
        let (fine, y) = (&mut fine[start..start + len], &y[..len]);
        match profile {
            Profile::Fast => {
                for i in 0..len {
                    fine[i] = lowest_digit(base_log, rounded(profile, combine(x[i], y[i]))).0;
                }
            }
            Profile::Private => {
                let coarse = &mut coarse[start..start + len];
                for i in 0..len {
                    let x = rounded(profile, combine(x[i], y[i]));
                    let (digit, rest) = lowest_digit(base_log, x);
                    fine[i] = digit;
                    coarse[i] = lowest_digit(base_log, rest).0;
                }
            }
        }
    }
}

/// The coefficient in units of the finest level, rounded, ties to even.
///
/// Ties matter: what comes out of a floating-point transform lies on a grid of about 2^36, so one
/// coefficient in twenty-odd of a [`Profile::Fast`] record is a tie. Rounded all one way they would
/// give the mask's error a mean, which the secret key's mean turns into a wave that grows with
/// every CMUX instead of with the square root of their number.
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
    (low.wrapping_sub(carry << base_log), (state >> base_log).wrapping_add(carry))
}

/// Digit number `index`, counted from the finest, of a coefficient modulo [`Q`]: that of the fast
/// arithmetic, taken from `x 2^64 / Q`.
#[inline]
pub(crate) fn prime_digit(profile: Profile, x: u64, index: usize) -> u64 {
    let (mut digit, mut rest) =
        lowest_digit(profile.base_log(), rounded(profile, Prime::to_native(x)));
    for _ in 0..index {
        (digit, rest) = lowest_digit(profile.base_log(), rest);
    }
    // A negative digit is a word just below 2^64.
    if digit >> 63 == 1 {
        digit.wrapping_add(Q)
    } else {
        digit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_recompose_to_the_coefficient() {
        for profile in Profile::ALL {
            for x in [0, 5, Q / 3, Q / 2, Q - 1, 0x0123_4567_89AB_CDEF] {
                let native = (0..profile.levels()).fold(0u64, |sum, index| {
                    let d = prime_digit(profile, x, index);
                    let signed =
                        if d > Q / 2 { (d as i128 - i128::from(Q)) as i64 } else { d as i64 };
                    let level = (profile.levels() - index) as u32;
                    sum.wrapping_add((signed as u64) << (64 - level * profile.base_log()))
                });
                let error = native.wrapping_sub(Prime::to_native(x)) as i64;
                let bound = 1i64 << (63 - profile.levels() as u32 * profile.base_log());
                assert!(error.unsigned_abs() <= bound as u64);
            }
        }
    }
}
