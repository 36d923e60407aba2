// SPDX-License-Identifier: Apache-2.0
//! Sanitising: what makes a result tell the patient its value and nothing else about the model.
//!
//! The patient knows the secret key, so mask and noise of a raw result would give the model away.
//! Four things happen to it:
//!
//! 1. One coefficient is extracted as an LWE ciphertext ([`add_lwe`], which adds up the parts of an
//!    output that has several); the rest is never seen.
//! 2. A fresh encryption of zero under the record's public key `(a, b)` is added: `(a u + e1, b u +
//!    e2)` with secret coins `u`, `e1`, `e2`. `a` is the output of a hash, so `a u + e1` is a
//!    ring-LWE sample with secret `u` and hides the mask, whatever `b` is.
//! 3. Uniform bounded noise, as large as the output's precision allows, is added to the body.
//! 4. The modulus is switched down to the few bits that the value and its noise need.

use tfhe::core_crypto::fft_impl::fft64::c64;

use crate::params::{Encoding, LWE_LEN, N};
use crate::program::Extract;
use crate::random::Stream;
use crate::ring::{ExactProduct, Modulus, Native};

use super::common::ZeroEncryption;

/// The sanitiser with its scratch, kept from one answer to the next.
pub(crate) struct Sanitiser {
    exact: ExactProduct,
    coins: Box<[u64; N]>,
    coins_fourier: Box<[c64]>,
    zero: Box<[u64]>,
    lwe: Box<[u64]>,
    switched: Box<[u32]>,
    #[cfg(test)]
    flooding: u64,
}

#[cfg(test)]
impl Sanitiser {
    /// The last result before its modulus was switched.
    pub(crate) fn unswitched(&self) -> &[u64] {
        &self.lwe
    }

    /// The last flooding.
    pub(crate) fn flooding(&self) -> u64 {
        self.flooding
    }
}

impl Sanitiser {
    pub(crate) fn new() -> Self {
        let mut exact = ExactProduct::new();
        let coins = Box::new([0; N]);
        Self {
            coins_fourier: exact.binary(&*coins),
            exact,
            coins,
            zero: vec![0; N].into(),
            lwe: vec![0; LWE_LEN].into(),
            switched: vec![0; LWE_LEN].into(),
            #[cfg(test)]
            flooding: 0,
        }
    }

    pub(crate) fn resident_bytes(&self) -> usize {
        size_of_val(&*self.coins)
            + size_of_val(&*self.coins_fourier)
            + size_of_val(&*self.zero)
            + size_of_val(&*self.lwe)
            + size_of_val(&*self.switched)
    }

    /// The sanitised form of a raw result: mask then body, modulo `2^modulus_log2`.
    pub(crate) fn run(
        &mut self,
        raw: &[u64],
        encoding: Encoding,
        key: &ZeroEncryption,
        mut coins: Stream,
    ) -> &[u32] {
        self.lwe.copy_from_slice(raw);
        self.add_zero(key, &mut coins);
        let flooding = coins.uniform_within(encoding.flood());
        self.lwe[N] = self.lwe[N].wrapping_add(flooding);
        #[cfg(test)]
        {
            self.flooding = flooding;
        }
        switch(&mut self.switched, &self.lwe, encoding);
        &self.switched
    }

    /// Adds a fresh encryption of zero under the record's public key.
    fn add_zero(&mut self, key: &ZeroEncryption, coins: &mut Stream) {
        coins.binary(&mut self.coins);
        self.exact.binary_into(&mut self.coins_fourier, &*self.coins);
        self.zero.fill(0);
        self.exact.add_product(&mut self.zero, &key.mask, &self.coins_fourier);
        coins.add_noise(&mut self.zero);
        // Coefficient 0 of b u: the other coefficients of the body are not needed.
        let turned = key.body[1..].iter().rev().zip(&self.coins[1..]);
        let mut body = [key.body[0]
            .wrapping_mul(self.coins[0])
            .wrapping_sub(turned.fold(0u64, |sum, (b, u)| sum.wrapping_add(b.wrapping_mul(*u))))];
        coins.add_noise(&mut body);
        add_extracted::<Native>(&mut self.lwe, &self.zero, 0, false);
        self.lwe[N] = self.lwe[N].wrapping_add(body[0]);
        self.coins.fill(0);
    }
}

/// Adds the LWE ciphertext, over `2^64`, of one coefficient of an accumulator.
pub(crate) fn add_lwe<M: Modulus>(lwe: &mut [u64], accumulator: &[u64], extract: Extract) {
    let (mask, body) = accumulator.split_at(N);
    add_extracted::<M>(lwe, mask, extract.coefficient, extract.negate);
    let body = M::to_native(body[extract.coefficient]);
    let body = if extract.negate { body.wrapping_neg() } else { body };
    lwe[N] = lwe[N].wrapping_add(body);
}

/// Adds to the LWE mask what gives coefficient `j` of `mask * s`: `a_(j-i)` for `i <= j` and
/// `-a_(N+j-i)` beyond.
fn add_extracted<M: Modulus>(lwe: &mut [u64], mask: &[u64], j: usize, negate: bool) {
    for (i, x) in lwe[..N].iter_mut().enumerate() {
        let (a, flip) = if i <= j { (mask[j - i], negate) } else { (mask[N + j - i], !negate) };
        let a = M::to_native(a);
        *x = if flip { x.wrapping_sub(a) } else { x.wrapping_add(a) };
    }
}

/// Rounds to the encoding's modulus.
pub(crate) fn switch(switched: &mut [u32], lwe: &[u64], encoding: Encoding) {
    let dropped = 64 - encoding.modulus_log2();
    let half = 1 << (dropped - 1);
    let mask = u64::MAX >> dropped;
    for (s, x) in switched.iter_mut().zip(lwe) {
        *s = (x.wrapping_add(half) >> dropped & mask) as u32;
    }
}
