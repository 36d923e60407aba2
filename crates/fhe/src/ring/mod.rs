// SPDX-License-Identifier: Apache-2.0
//! Polynomials of `Z_q[X]/(X^N + 1)`: the moduli, monomials, transforms, exact products and the
//! gadget decomposition. Records are made of them, programs turn them, the engine computes with
//! them; nothing here knows a record, a program or a key.

mod decompose;
mod exact_product;
mod fourier;
mod modulus;
mod monomial;

pub(crate) use decompose::{prime_digit, Decompose};
pub(crate) use exact_product::{ExactProduct, Limbs, Wiped};
pub(crate) use fourier::Transform;
pub(crate) use modulus::{from_native, Modulus, Native, Prime};
pub(crate) use monomial::{exponent, rotate, rotate_sub_from};

#[cfg(test)]
pub(crate) use decompose::{lowest_digit, rounded};
