// SPDX-License-Identifier: Apache-2.0
//! What an arithmetic must be able to do, for a plan to be run in it.

use crate::ring::Modulus;

/// An arithmetic in which programs are evaluated: a modulus and an external product with the bits
/// of one record.
pub(crate) trait Arithmetic {
    type Modulus: Modulus;

    /// `accumulator *= X^exponent` if the bit is 1: `accumulator += GGSW(bit) * (X^exponent - 1)
    /// accumulator`.
    fn turn(&mut self, accumulator: &mut [u64], bit: usize, exponent: usize, next: Option<usize>);

    /// `accumulator += GGSW(bit) * difference`. `next` is the bit whose turn comes next, if that is
    /// known.
    fn add_external_product(
        &mut self,
        accumulator: &mut [u64],
        bit: usize,
        difference: &[u64],
        next: Option<usize>,
    );
}
