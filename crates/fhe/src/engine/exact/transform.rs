// SPDX-License-Identifier: Apache-2.0
//! The number-theoretic transform modulo `Q`.

use tfhe_ntt::prime64::Plan;

use crate::params::{N, Q};

/// The transform of degree `N`.
pub(super) type Transform = Plan;

/// The transform of degree `N`.
pub(super) fn transform() -> Transform {
    Plan::try_new(N, Q).expect("Q is prime and 2N = 2^12 divides Q - 1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ring::{Modulus, Prime};

    #[test]
    fn products_are_those_of_schoolbook_multiplication() {
        let transform = transform();
        let a: Vec<u64> =
            (0..N as u64).map(|i| i.wrapping_mul(0x9E37_79B9_7F4A_7C15) % Q).collect();
        let mut b = vec![0; N];
        (b[0], b[3], b[N - 1]) = (7, Q - 1, 1 << 40);
        let mut expected = vec![0; N];
        for (j, y) in b.iter().enumerate().filter(|(_, y)| **y != 0) {
            for (i, x) in a.iter().enumerate() {
                let product = (u128::from(*x) * u128::from(*y) % u128::from(Q)) as u64;
                let product = if i + j < N { product } else { Prime::neg(product) };
                expected[(i + j) % N] = Prime::add(expected[(i + j) % N], product);
            }
        }
        let (mut x, mut y, mut sum) = (a, b, vec![0; N]);
        transform.fwd(&mut x);
        transform.normalize(&mut x);
        transform.fwd(&mut y);
        transform.mul_accumulate(&mut sum, &x, &y);
        transform.inv(&mut sum);
        sum.iter_mut().for_each(|s| *s = if *s >= Q { *s - Q } else { *s });
        assert_eq!(sum, expected);
    }
}
