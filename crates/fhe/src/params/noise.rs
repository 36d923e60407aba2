// SPDX-License-Identifier: Apache-2.0
//! Fresh noise, what storing adds to it, and what the floating-point transform does. Variances are
//! in units of `Z_{2^64}`.

/// Fresh noise is TUniform(2^17): integers in `[-2^17, 2^17]`, the two ends with half the
/// probability of the others.
///
/// The least bound for this ring that tfhe-rs' curve through figures of the lattice estimator gives
/// for 132 bits of security: `ceil(-0.025167785 N + 64 + 4.100671) = ceil(16.56)`.
pub(crate) const NOISE_BOUND_LOG2: u32 = 17;

/// Variance of TUniform(2^b): `(2^(2b+1) + 1) / 6` (tfhe-rs,
/// `core_crypto::commons::math::random::TUniform`).
pub(crate) const NOISE_VARIANCE: f64 = ((1u64 << (2 * NOISE_BOUND_LOG2 + 1)) + 1) as f64 / 6.0;

/// Bits kept of each body coefficient of a record.
///
/// Dropping the low 16 adds a uniform error of variance `2^32 / 12`, one sixteenth of
/// [`NOISE_VARIANCE`]: 0.04 bits of noise for a quarter of the record's size. Four bits fewer would
/// already double the variance.
pub(crate) const BODY_BITS: u32 = 48;

/// Variance of a record body: fresh noise and the rounding to [`BODY_BITS`].
pub(crate) const BODY_VARIANCE: f64 =
    NOISE_VARIANCE + ((1u64 << (64 - BODY_BITS)) as f64 * (1u64 << (64 - BODY_BITS)) as f64) / 12.0;

/// What the passes of a transform make of one rounding: the factor before `2^-106`, the square of a
/// rounding of 53 bits, in the variance of a CMUX's transform.
///
/// Measured against integer products (`errors_of_the_float_transform_are_as_predicted`). The fitted
/// formula of tfhe-rs (`noise_formulas::lwe_programmable_bootstrap`, mantissa 53) gives half as
/// much.
pub(crate) const TRANSFORM: f64 = 20.0;
