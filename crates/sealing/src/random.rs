// SPDX-License-Identifier: Apache-2.0

//! Randomness of the operating system, and coins that can be kept.

use blake2::{digest::consts::U32, Blake2b, Digest};
use chacha20::ChaCha20Rng;
use getrandom::{rand_core::UnwrapErr, SysRng};
use hpke::rand_core::{Rng, SeedableRng};
use zeroize::Zeroizing;

/// Names what the generator below is for.
const COINS: &[u8; 16] = b"cso-seal-coins\0\0";

/// The operating system's generator, as HPKE wants it.
pub(crate) fn system_rng() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}

/// 32 bytes from the operating system's generator, for a seed, a salt or a one-time key.
///
/// # Panics
///
/// If the operating system has no randomness to give: nothing could be kept secret then.
pub fn random_bytes() -> [u8; 32] {
    let mut bytes = [0u8; 32];
    system_rng().fill_bytes(&mut bytes);
    bytes
}

/// The generator that `coins` stand for, for sealing this message. It depends on the message as
/// well: one that is sealed with the same coins has other randomness, or is the same.
pub(crate) fn kept_rng<'a>(
    coins: &[u8; 32],
    message: impl IntoIterator<Item = &'a [u8]>,
) -> ChaCha20Rng {
    let mut hash = Blake2b::<U32>::new();
    hash.update(COINS);
    hash.update(coins);
    for part in message {
        hash.update(part);
    }
    let seed: Zeroizing<[u8; 32]> = Zeroizing::new(hash.finalize().into());
    ChaCha20Rng::from_seed(*seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_draws_differ() {
        assert_ne!(random_bytes(), random_bytes());
    }
}
