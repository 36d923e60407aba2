// SPDX-License-Identifier: Apache-2.0
//! What a program may be at most.

/// Largest number of outputs of a program: an answer stays within 64 KiB and a little more, and its
/// header counts outputs in a byte.
pub const MAX_OUTPUTS: usize = 8;

/// Largest number of tables of a program: eight parts for each output. Tables of 4 KiB, and budgets
/// that compare each part of an output with each other, stay small.
pub(crate) const MAX_TABLES: usize = 64;

/// Largest number of bits of one output value: values are words of 16 bits.
pub(crate) const MAX_OUTPUT_BITS: u32 = 16;

/// A program whose outputs may come out wrong more often than `2^MAX_FAILURE_LOG2` is refused: that
/// is as rare as guessing a key of the security claimed, at the first try.
pub(crate) const MAX_FAILURE_LOG2: f64 = -128.0;

/// Accumulators of 32 KiB that a diagram may keep at once: 8 MiB.
pub(crate) const MAX_REGISTERS: usize = 256;

/// Levels at which a diagram that needs more registers is cut: at most `2^8` pieces, so that
/// planning ends soon.
pub(crate) const MAX_CUTS: usize = 8;

/// CMUXes of one evaluation: about ten seconds of one core, at 10 us each (`docs/performance.md`),
/// and 16 MB for their order.
pub(crate) const MAX_CMUXES: usize = 1_000_000;

/// Largest number of bits of one selection: a row of `2^16` targets is 0.5 MiB.
pub(crate) const MAX_SELECT_BITS: usize = 16;
