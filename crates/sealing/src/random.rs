// SPDX-License-Identifier: Apache-2.0

//! Randomness of the operating system: seeds, salts and claim keys.

use getrandom::{rand_core::UnwrapErr, SysRng};
use hpke::rand_core::Rng;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_draws_differ() {
        assert_ne!(random_bytes(), random_bytes());
    }
}
