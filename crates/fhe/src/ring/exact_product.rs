// SPDX-License-Identifier: Apache-2.0
//! Exact products of arbitrary with binary polynomials, through the floating-point transform.

use tfhe::core_crypto::fft_impl::fft64::c64;
use zeroize::Zeroize;

use crate::params::{FOURIER_LEN, N};

use super::fourier::Transform;

/// A polynomial split into two signed limbs of 32 bits, `low + 2^32 high`, each in the Fourier
/// domain.
///
/// Products of limbs with a *binary* polynomial are exact: coefficients are below `2^31 N = 2^42`
/// and the transform's error, about `2^-53 log2(N) |limb| |binary| < 2^-53 * 11 * 2^36.5 * 2^5.5 <
/// 2^-7`, rounds away.
pub(crate) struct Limbs {
    low: Box<[c64]>,
    high: Box<[c64]>,
}

impl Limbs {
    /// Bytes held.
    pub(crate) fn resident_bytes(&self) -> usize {
        size_of_val(&*self.low) + size_of_val(&*self.high)
    }
}

/// A secret in the Fourier domain, wiped when dropped.
pub(crate) struct Wiped(pub Box<[c64]>);

impl Drop for Wiped {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

fn wipe(secret: &mut [c64]) {
    secret.fill(c64::default());
    // Keeps the compiler from dropping writes that nobody reads.
    core::hint::black_box(secret);
}

/// Exact products in `Z_{2^64}[X]/(X^N + 1)` of arbitrary with binary polynomials.
pub(crate) struct ExactProduct {
    transform: Transform,
    low: Box<[u64]>,
    high: Box<[u64]>,
    product: Box<[c64]>,
}

impl Drop for ExactProduct {
    /// What is left in here is products with secrets.
    fn drop(&mut self) {
        self.low.zeroize();
        self.high.zeroize();
        wipe(&mut self.product);
    }
}

impl ExactProduct {
    pub(crate) fn new() -> Self {
        Self {
            transform: Transform::new(),
            low: vec![0; N].into(),
            high: vec![0; N].into(),
            product: vec![c64::default(); FOURIER_LEN].into(),
        }
    }

    /// The transform of a binary polynomial.
    pub(crate) fn binary(&mut self, polynomial: &[u64]) -> Box<[c64]> {
        let mut out: Box<[c64]> = vec![c64::default(); FOURIER_LEN].into();
        self.binary_into(&mut out, polynomial);
        out
    }

    /// [`Self::binary`] into existing memory.
    pub(crate) fn binary_into(&mut self, out: &mut [c64], polynomial: &[u64]) {
        self.transform.forward_integer(out, polynomial);
    }

    /// Empty limbs, to be filled by [`Self::split`].
    pub(crate) fn limbs() -> Limbs {
        let zero: Box<[c64]> = vec![c64::default(); FOURIER_LEN].into();
        Limbs { low: zero.clone(), high: zero }
    }

    /// The limbs of an arbitrary polynomial.
    pub(crate) fn split(&mut self, out: &mut Limbs, polynomial: &[u64]) {
        for ((x, low), high) in polynomial.iter().zip(&mut *self.low).zip(&mut *self.high) {
            let l = *x as i32 as i64;
            *low = l as u64;
            *high = ((x.wrapping_sub(l as u64) as i64) >> 32) as u64;
        }
        self.transform.forward_torus(&mut out.low, &self.low);
        self.transform.forward_torus(&mut out.high, &self.high);
    }

    /// `out += a * b`, exactly.
    pub(crate) fn add_product(&mut self, out: &mut [u64], a: &Limbs, b: &[c64]) {
        for (limb, shift) in [(&a.low, 0), (&a.high, 32)] {
            for ((p, x), y) in self.product.iter_mut().zip(limb).zip(b) {
                *p = x * y;
            }
            self.low.fill(0);
            self.transform.add_backward_torus(&mut self.low, &mut self.product);
            for (o, x) in out.iter_mut().zip(&*self.low) {
                *o = o.wrapping_add(x << shift);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{context, Stream};

    #[test]
    fn products_with_binary_polynomials_are_exact() {
        let mut stream = Stream::new(context::ZERO_MASK, &[&[3; 32]]);
        let (mut a, mut b) = ([0u64; N], [0u64; N]);
        stream.uniform(&mut a);
        stream.binary(&mut b);
        a[17] = u64::MAX;
        a[18] = 1 << 31;
        a[19] = (1 << 31) - 1;
        a[20] = 1 << 63;
        let mut expected = [0u64; N];
        for (i, x) in a.iter().enumerate() {
            for (j, y) in b.iter().enumerate().filter(|(_, y)| **y == 1) {
                let slot = &mut expected[(i + j) % N];
                *slot = if i + j < N { slot.wrapping_add(x * y) } else { slot.wrapping_sub(x * y) };
            }
        }
        let mut exact = ExactProduct::new();
        let binary = exact.binary(&b);
        let mut limbs = ExactProduct::limbs();
        exact.split(&mut limbs, &a);
        let mut got = [0u64; N];
        exact.add_product(&mut got, &limbs, &binary);
        assert!(got == expected);
    }

    #[test]
    fn products_stay_exact_in_the_worst_case() {
        // All limbs at their bound and all bits set: the largest coefficients there can be.
        let a = [0x8000_0000_8000_0000u64; N];
        let b = [1u64; N];
        let mut exact = ExactProduct::new();
        let binary = exact.binary(&b);
        let mut limbs = ExactProduct::limbs();
        exact.split(&mut limbs, &a);
        let mut got = [0u64; N];
        exact.add_product(&mut got, &limbs, &binary);
        for (i, x) in got.iter().enumerate() {
            // i + 1 terms enter with plus, N - 1 - i with minus.
            let terms = (2 * i as i64 + 2 - N as i64) as u64;
            assert_eq!(*x, terms.wrapping_mul(a[0]));
        }
    }
}
