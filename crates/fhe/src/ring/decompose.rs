// SPDX-License-Identifier: Apache-2.0
//! The gadget decomposition: a polynomial as `l` polynomials of small digits.

use pulp::{Simd, WithSimd};
use tfhe::core_crypto::fft_impl::fft64::c64;

use crate::machine::prefetch::Ahead;
use crate::params::{Profile, N};
use crate::ring::poly::runs;

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
        for (to, from, negate) in runs(exponent) {
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

/// Coefficients between two looks ahead.
const RUN: usize = 64;

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
    for (run, (x, y)) in x.chunks(RUN).zip(y.chunks(RUN)).enumerate() {
        ahead.fetch(2 * N / RUN);
        let (start, len) = (run * RUN, x.len());
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
