// SPDX-License-Identifier: Apache-2.0
//! The noise budget: how far a program's results may stray, and what that means for correctness and
//! for the model's privacy.
//!
//! All variances are absolute, in units of `(1 / 2^64)^2` of the torus times `2^128`, that is, of
//! the integers `Z_{2^64}`. The formulas are those of Chillotti, Ligier, Orfila and Tap
//! (<https://eprint.iacr.org/2021/729>, theorem 4 for the external product), with the
//! rounding of the stored bodies added; `docs/cryptography.md` derives them.

use crate::params::{Encoding, Profile, BODY_BITS, MAX_FAILURE_LOG2, N, NOISE_VARIANCE};

const NF: f64 = N as f64;
/// Variance of a record body: fresh noise and the rounding to [`BODY_BITS`].
const BODY_VARIANCE: f64 =
    NOISE_VARIANCE + ((1u64 << (64 - BODY_BITS)) as f64 * (1u64 << (64 - BODY_BITS)) as f64) / 12.0;

/// Variance that one CMUX adds, whatever its bit.
///
/// `l (k+1) N (B^2 + 2)/12 * Var(body)` for the products of digits with noise, `(q / B^l)^2 / 12 *
/// (1 + kN/2)` for the part of the input below the last digit (it strikes only where the bit is 1;
/// the budget takes it always), and [`transform_variance`].
pub(crate) fn cmux_variance(profile: Profile) -> f64 {
    let base = f64::from(profile.base_log()).exp2();
    let digits = profile.rows() as f64 * NF * (base * base + 2.0) / 12.0;
    let rounding = (64.0 - f64::from(profile.base_log()) * profile.levels() as f64).exp2();
    digits * BODY_VARIANCE
        + rounding * rounding / 12.0 * (1.0 + NF / 2.0)
        + transform_variance(profile)
}

/// Variance that the floating-point transform adds to a CMUX: `20 * 2^-106 * l (k+1) N * B^2/12 *
/// q^2/12 * (1 + kN/2)`.
///
/// The products of digits with torus elements, `B^2/12 * q^2/12` each and `l (k+1) N` of them in a
/// coefficient, carry 53 bits; the error of the mask meets the secret key. The constant, for the
/// passes of the transforms, is measured against the exact arithmetic; tfhe-rs' own fitted formula
/// gives half as much (`noise_formulas::lwe_programmable_bootstrap`, mantissa 53).
pub(crate) fn transform_variance(profile: Profile) -> f64 {
    let base = f64::from(profile.base_log()).exp2();
    let products = profile.rows() as f64 * NF * base * base / 144.0;
    20.0 * (128.0 - 106.0f64).exp2() * products * (1.0 + NF / 2.0)
}

/// Variance that the zero encryption adds: `e u + e2 - e1 s` with binary `u` and `s`.
pub(crate) fn zero_variance() -> f64 {
    NF / 2.0 * BODY_VARIANCE + NF / 2.0 * NOISE_VARIANCE + NOISE_VARIANCE
}

/// Variance that switching the modulus adds: the roundings of the mask under a binary key, and that
/// of the body.
pub(crate) fn switch_variance(encoding: Encoding) -> f64 {
    let step = f64::from(64 - encoding.modulus_log2()).exp2();
    (1.0 + NF / 2.0) * step * step / 12.0
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

/// What a program costs in noise, under one profile.
#[derive(Clone, Debug, PartialEq)]
pub struct Budget {
    /// The profile it was computed for.
    pub profile: Profile,
    /// CMUXes that an evaluation runs: what its time is proportional to.
    pub cmuxes: usize,
    /// One line an output, in order.
    pub outputs: Vec<OutputBudget>,
    /// Logarithm of the largest failure probability of an output.
    pub failure_log2: f64,
    /// Logarithm of the largest privacy margin of an output.
    pub privacy_margin_log2: f64,
}

/// The noise of one output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OutputBudget {
    /// Longest chain of CMUXes that leads to it.
    pub depth: usize,
    /// Logarithm of the standard deviation of the phase error before sanitising, with `q = 2^64`.
    pub noise_log2: f64,
    /// Logarithm of the probability that it decodes wrong.
    pub failure_log2: f64,
    /// Logarithm of the statistical distance, on an honest record, between the sanitised answers
    /// of two programs of this depth with equal outputs.
    ///
    /// Flooding is uniform in `[-F, F)` and the two raw errors `r1, r2` are as good as independent
    /// with standard deviation `s`, so the distance is `E|r1 - r2| / 2F = s / (F sqrt(pi))`.
    pub privacy_margin_log2: f64,
}

impl OutputBudget {
    pub(crate) fn new(depth: usize, encoding: Encoding) -> Self {
        // A program of constants has no raw error; one unit keeps the logarithms finite.
        let raw = (depth as f64 * cmux_variance(encoding.profile)).max(1.0);
        let total = raw + zero_variance() + switch_variance(encoding);
        Self {
            depth,
            noise_log2: raw.log2() / 2.0,
            failure_log2: tail_log2(encoding.tolerance() as f64, total),
            privacy_margin_log2: raw.log2() / 2.0
                - (encoding.flood() as f64).log2()
                - std::f64::consts::PI.log2() / 2.0,
        }
    }
}

/// A program that a profile can't carry, or whose answers would tell too much.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BudgetError {
    /// An output would come out wrong too often.
    #[error(
        "output {output} may fail with probability 2^{failure_log2:.0} (at most 2^{MAX_FAILURE_LOG2} is allowed): sum {sum} exceeds the \
         noise budget of profile {profile:?} at step {step}; use fewer or shallower steps, fewer output bits, or profile Private"
    )]
    Failure {
        /// The profile.
        profile: Profile,
        /// The sum, counted from 0.
        sum: usize,
        /// The first step, counted from 0, with which the limit is passed.
        step: usize,
        /// The output, counted from 0.
        output: usize,
        /// Logarithm of the failure probability of the whole program.
        failure_log2: f64,
    },
    /// The privacy margin is worse than asked for.
    #[error("output {output} has a privacy margin of 2^{margin_log2:.1}, worse than the required 2^{floor_log2:.1}")]
    Margin {
        /// The output, counted from 0.
        output: usize,
        /// Its margin.
        margin_log2: f64,
        /// The margin asked for.
        floor_log2: f64,
    },
}

impl Budget {
    pub(crate) fn new(profile: Profile, cmuxes: usize, outputs: Vec<OutputBudget>) -> Self {
        let worst =
            |f: fn(&OutputBudget) -> f64| outputs.iter().map(f).fold(f64::NEG_INFINITY, f64::max);
        Self {
            profile,
            cmuxes,
            failure_log2: worst(|o| o.failure_log2),
            privacy_margin_log2: worst(|o| o.privacy_margin_log2),
            outputs,
        }
    }

    /// Refuses a program whose answers tell more than `2^floor_log2`.
    pub fn require_margin(&self, floor_log2: f64) -> Result<(), BudgetError> {
        match self.outputs.iter().position(|o| o.privacy_margin_log2 > floor_log2) {
            None => Ok(()),
            Some(output) => Err(BudgetError::Margin {
                output,
                margin_log2: self.outputs[output].privacy_margin_log2,
                floor_log2,
            }),
        }
    }
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
