// SPDX-License-Identifier: Apache-2.0
//! The noise formulas: what each operation adds to a phase's error.
//!
//! All variances are absolute, in units of `(1 / 2^64)^2` of the torus times `2^128`, that is, of
//! the integers `Z_{2^64}`. The formulas are those of Chillotti, Ligier, Orfila and Tap
//! (<https://eprint.iacr.org/2021/729>, theorem 4 for the external product), with the
//! rounding of the stored bodies added; `docs/cryptography.md` derives them.

use crate::params::{Encoding, Profile, BODY_VARIANCE, N, NOISE_VARIANCE, TRANSFORM};

/// `N`, to reckon with.
const DEGREE: f64 = N as f64;

/// Variance that one CMUX adds, whatever its bit.
///
/// `l (k+1) N (B^2 + 2)/12 * Var(body)` for the products of digits with noise, `(q / B^l)^2 / 12 *
/// (1 + kN/2)` for the part of the input below the last digit (it strikes only where the bit is 1;
/// the budget takes it always), and [`transform_variance`].
pub(crate) fn cmux_variance(profile: Profile) -> f64 {
    let base = f64::from(profile.base_log()).exp2();
    let digits = profile.rows() as f64 * DEGREE * (base * base + 2.0) / 12.0;
    let rounding = (64.0 - f64::from(profile.base_log()) * profile.levels() as f64).exp2();
    digits * BODY_VARIANCE
        + rounding * rounding / 12.0 * (1.0 + DEGREE / 2.0)
        + transform_variance(profile)
}

/// Variance that the floating-point transform adds to a CMUX: `20 * 2^-106 * l (k+1) N * B^2/12 *
/// q^2/12 * (1 + kN/2)`.
///
/// The products of digits with torus elements, `B^2/12 * q^2/12` each and `l (k+1) N` of them in a
/// coefficient, carry 53 bits; the error of the mask meets the secret key. The factor 20, for the
/// passes of the transforms, is measured: see [`TRANSFORM`].
pub(crate) fn transform_variance(profile: Profile) -> f64 {
    let base = f64::from(profile.base_log()).exp2();
    let products = profile.rows() as f64 * DEGREE * base * base / 144.0;
    TRANSFORM * (128.0 - 106.0f64).exp2() * products * (1.0 + DEGREE / 2.0)
}

/// Variance that the zero encryption adds: `e u + e2 - e1 s` with binary `u` and `s`.
pub(crate) fn zero_variance() -> f64 {
    DEGREE / 2.0 * BODY_VARIANCE + DEGREE / 2.0 * NOISE_VARIANCE + NOISE_VARIANCE
}

/// Variance that switching the modulus adds: the roundings of the mask under a binary key, and that
/// of the body.
pub(crate) fn switch_variance(encoding: Encoding) -> f64 {
    let step = f64::from(64 - encoding.modulus_log2()).exp2();
    (1.0 + DEGREE / 2.0) * step * step / 12.0
}

/// Logarithm of the probability that a centred Gaussian of this variance leaves `[-bound, bound]`.
///
/// `erfc(x) < exp(-x^2) / (x sqrt(pi))`, which for the bounds in question is an excellent
/// approximation too.
pub(crate) fn tail_log2(bound: f64, variance: f64) -> f64 {
    let x = bound / (2.0 * variance).sqrt();
    let log2 = -x * x * std::f64::consts::LOG2_E - (x * std::f64::consts::PI.sqrt()).log2();
    log2.min(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tail_matches_known_values() {
        // erfc(1) = 0.1573, erfc(9.3) ~ 2^-128.6 (from tables).
        assert!((tail_log2(2f64.sqrt(), 1.0) - 0.1573f64.log2()).abs() < 0.45);
        let (bound, x) = (13.1, 13.1 / 2f64.sqrt());
        let expected =
            (-x * x + (-(x * std::f64::consts::PI.sqrt()).ln())) / std::f64::consts::LN_2;
        assert!((tail_log2(bound, 1.0) - expected).abs() < 1e-9);
        assert!(tail_log2(13.1, 1.0) < -127.0 && tail_log2(13.0, 1.0) > -127.5);
    }

    #[test]
    fn a_cmux_adds_what_the_design_measured() {
        // log2 of the standard deviation after 180 CMUXes: 48.0 and 40.8 were measured, with half
        // of the bits set.
        let after_180 = |p| (180.0 * cmux_variance(p)).log2() / 2.0;
        assert!((after_180(Profile::Fast) - 48.0).abs() < 0.5, "{}", after_180(Profile::Fast));
        assert!(
            (after_180(Profile::Private) - 40.8).abs() < 0.5,
            "{}",
            after_180(Profile::Private)
        );
    }
}
