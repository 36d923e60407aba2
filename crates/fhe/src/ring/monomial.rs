// SPDX-License-Identifier: Apache-2.0
//! Polynomials times monomials: what turns an accumulator.

use core::ops::Range;

use crate::params::{N, ORDER};

use super::modulus::Modulus;

/// The exponent of `X^-points`.
pub(crate) fn exponent(points: i64) -> usize {
    (-points).rem_euclid(ORDER as i64) as usize
}

/// Coefficients that multiplication by a monomial moves as one: where to, where from, and whether
/// they are negated.
pub(crate) type Move = (Range<usize>, Range<usize>, bool);

/// The two moves, one of which may be empty, that make up multiplication by `X^exponent`, for an
/// exponent below [`ORDER`].
#[inline(always)]
pub(crate) fn moves(exponent: usize) -> [Move; 2] {
    let (shift, flip) = if exponent < N { (exponent, false) } else { (exponent - N, true) };
    [(shift..N, 0..N - shift, flip), (0..shift, N - shift..N, !flip)]
}

/// `out = X^exponent * input`, polynomial by polynomial.
#[inline(always)]
pub(crate) fn rotate<M: Modulus>(out: &mut [u64], input: &[u64], exponent: usize) {
    for (out, input) in out.chunks_exact_mut(N).zip(input.chunks_exact(N)) {
        for (to, from, negate) in moves(exponent) {
            let (out, input) = (&mut out[to], &input[from]);
            if negate {
                out.iter_mut().zip(input).for_each(|(o, i)| *o = M::neg(*i));
            } else {
                out.copy_from_slice(input);
            }
        }
    }
}

/// `out = X^exponent * input - out`, polynomial by polynomial.
#[inline(always)]
pub(crate) fn rotate_sub_from<M: Modulus>(out: &mut [u64], input: &[u64], exponent: usize) {
    for (out, input) in out.chunks_exact_mut(N).zip(input.chunks_exact(N)) {
        for (to, from, negate) in moves(exponent) {
            let (out, input) = (&mut out[to], &input[from]);
            if negate {
                out.iter_mut().zip(input).for_each(|(o, i)| *o = M::neg(M::add(*i, *o)));
            } else {
                out.iter_mut().zip(input).for_each(|(o, i)| *o = M::sub(*i, *o));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::modulus::Native;
    use super::*;

    fn numbered() -> Vec<u64> {
        (0..2 * N as u64).map(|i| i * i + 1).collect()
    }

    #[test]
    fn rotations_compose_and_return_after_a_full_turn() {
        let start = numbered();
        let mut once = vec![0; 2 * N];
        let mut twice = vec![0; 2 * N];
        rotate::<Native>(&mut once, &start, 1500);
        rotate::<Native>(&mut twice, &once, ORDER - 1500);
        assert_eq!(twice, start);
        rotate::<Native>(&mut once, &start, N);
        assert!(once.iter().zip(&start).all(|(a, b)| *a == b.wrapping_neg()));
    }

    #[test]
    fn rotation_brings_the_slot_of_the_points_to_the_front() {
        let start = numbered();
        let mut out = vec![0; 2 * N];
        rotate::<Native>(&mut out, &start, exponent(5));
        assert_eq!(out[0], start[5]);
        rotate::<Native>(&mut out, &start, exponent(-5));
        assert_eq!(out[5], start[0]);
    }

    #[test]
    fn fused_subtraction_equals_rotation_then_subtraction() {
        let start = numbered();
        let other: Vec<u64> = start.iter().map(|x| x.wrapping_mul(77)).collect();
        for e in [0, 1, N - 1, N, N + 9, ORDER - 1] {
            let mut rotated = vec![0; 2 * N];
            rotate::<Native>(&mut rotated, &start, e);
            let mut fused = other.clone();
            rotate_sub_from::<Native>(&mut fused, &start, e);
            for i in 0..2 * N {
                assert_eq!(fused[i], rotated[i].wrapping_sub(other[i]));
            }
        }
    }
}
