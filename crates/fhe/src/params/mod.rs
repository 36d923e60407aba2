// SPDX-License-Identifier: Apache-2.0
//! The numbers everything else is built on, each with the calculation or the source that gave it.
//!
//! Ring and noise are fixed for all records; a [`Profile`] chooses only the gadget decomposition,
//! that is, how much noise a CMUX adds and what it costs. Security rests on the ring and the noise
//! alone, so all profiles have the same.
//!
//! Nothing is computed here that depends on a record or a program, and no number of the crate
//! stands anywhere else, save those that a formula of its file gives the only reason for.

mod encoding;
mod formats;
mod limits;
mod machine;
mod noise;
mod profile;
mod ring;

pub use formats::bucket;
pub use limits::MAX_OUTPUTS;
pub use profile::Profile;
pub use ring::POLYNOMIAL_SIZE;

pub(crate) use encoding::Encoding;
pub(crate) use formats::{
    ANSWER_FIXED_LEN, ANSWER_MAGIC, ANSWER_VERSION, BLOCK_BITS, BODY_BYTES, BUCKETS,
    COEFFICIENT_BYTES, DIGEST_LEN, KEY_ID_LEN, MAX_BITS, RECORD_FIXED_LEN, RECORD_FORM,
    RECORD_MAGIC, RECORD_VERSION, SEED_LEN,
};
pub(crate) use limits::{
    MAX_CMUXES, MAX_CUTS, MAX_FAILURE_LOG2, MAX_OUTPUT_BITS, MAX_REGISTERS, MAX_SELECT_BITS,
    MAX_TABLES,
};
pub(crate) use machine::{CACHE_LINE, FREQUENCIES, LOOK_AHEAD, SPECTRUM_STRIDE};
pub(crate) use noise::{BODY_BITS, BODY_VARIANCE, NOISE_BOUND_LOG2, NOISE_VARIANCE, TRANSFORM};
pub(crate) use profile::{MAX_LEVELS, MAX_ROWS};
pub(crate) use ring::{FOURIER_LEN, GLWE_LEN, LWE_LEN, N, ORDER, Q};
