// SPDX-License-Identifier: Apache-2.0
//! Numbers that follow from the machine, not from the mathematics: results don't depend on them.

use super::ring::{FOURIER_LEN, N};

/// Bytes of a cache line on x86-64; elsewhere a guess that costs time at most.
pub(crate) const CACHE_LINE: usize = 64;

/// Frequencies that a loaded GGSW ciphertext keeps together: two cache lines of complex numbers,
/// and a whole number of vectors for every instruction set.
pub(crate) const FREQUENCIES: usize = 8;

/// Complex numbers from one spectrum to the next before they are interleaved. Powers of two would
/// put all into the same places of the cache.
pub(crate) const SPECTRUM_STRIDE: usize = FOURIER_LEN + FREQUENCIES;

/// Coefficients that are decomposed between two requests for what is wanted next: 64 requests a
/// ciphertext, each for 32 cache lines of the largest GGSW ciphertext. Fewer and larger ones are
/// more than the processor can wait for at once.
pub(crate) const LOOK_AHEAD: usize = 64;

const _: () = assert!(N.is_multiple_of(LOOK_AHEAD) && FOURIER_LEN.is_multiple_of(FREQUENCIES));
