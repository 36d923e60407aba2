// SPDX-License-Identifier: Apache-2.0
//! Bytes to try as a record: the input itself, or a valid record with the input's changes.

use std::sync::OnceLock;

use cso_fhe::{Profile, RecordKey};

/// First byte 0: the rest as it is. Otherwise: changes of five bytes each (position, value to xor),
/// and the first byte, as a signed number, changes the length.
pub(crate) fn record_bytes(data: &[u8]) -> Vec<u8> {
    static VALID: OnceLock<Vec<u8>> = OnceLock::new();
    let Some((first, rest)) = data.split_first() else { return Vec::new() };
    if *first == 0 {
        return rest.to_vec();
    }
    let mut bytes = VALID
        .get_or_init(|| {
            let key = RecordKey::from_seed([1; 32]);
            key.encrypt(&[true, false], Profile::Fast).expect("two bits fit").to_bytes()
        })
        .clone();
    for change in rest.chunks_exact(5) {
        let position = u32::from_le_bytes([change[0], change[1], change[2], change[3]]) as usize;
        let len = bytes.len();
        bytes[position % len] ^= change[4];
    }
    let len = bytes.len().saturating_add_signed(isize::from(*first as i8) - 1);
    bytes.resize(len, 0);
    bytes
}
