// SPDX-License-Identifier: Apache-2.0
//! The ring, and the lengths that follow from it.

/// Degree `N` of the ring `Z_q[X]/(X^N + 1)`, and so the largest number of values in a
/// [`Table`](crate::Table).
///
/// With the GLWE dimension `k = 1`, `q = 2^64`, a uniform binary secret and TUniform(2^17) noise
/// these are the GLWE parameters of tfhe-rs' `V1_4_PARAM_MESSAGE_2_CARRY_2_KS_PBS_TUNIFORM_2M128`
/// (at least 128 bits of security).
pub const POLYNOMIAL_SIZE: usize = 2048;

/// Short name used inside the crate.
pub(crate) const N: usize = POLYNOMIAL_SIZE;

/// Exponents of `X` count modulo `2N`, since `X^N = -1`.
pub(crate) const ORDER: usize = 2 * N;

/// Coefficients of a GLWE ciphertext: one mask (`k = 1`) and one body.
pub(crate) const GLWE_LEN: usize = 2 * N;

/// Elements of an LWE ciphertext under the GLWE key: the mask and the body.
pub(crate) const LWE_LEN: usize = N + 1;

/// Complex numbers of a polynomial in the Fourier domain: the spectrum of `N` real coefficients on
/// the odd roots of unity, of which one half is the conjugate of the other.
pub(crate) const FOURIER_LEN: usize = N / 2;

/// The modulus of the exact arithmetic: `Q = 2^64 - 2^32 + 1`, a Solinas prime with `2N` dividing
/// `Q - 1 = 2^32 (2^32 - 1)`, as the number-theoretic transform needs it.
pub(crate) const Q: u64 = u64::MAX - (1 << 32) + 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exact_modulus_is_the_prime_of_the_transform() {
        assert_eq!(Q, tfhe_ntt::prime64::Solinas::P);
        assert_eq!((Q - 1) % ORDER as u64, 0);
    }
}
