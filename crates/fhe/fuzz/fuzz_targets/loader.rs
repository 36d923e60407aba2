// SPDX-License-Identifier: Apache-2.0
//! Whatever bytes come, in pieces of whatever length, to the streaming loader: it agrees with the
//! parser of whole records.

#![no_main]

mod common;

use cso_fhe::{BitSet, Loader, Record};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((piece, data)) = data.split_first() else { return };
    let bytes = common::record_bytes(data);
    let mut loader = Loader::new(BitSet::first(usize::from(*piece) % 20));
    let mut pieces = bytes.chunks(usize::from(*piece) * 401 + 1);
    let loaded = pieces.try_for_each(|piece| loader.push(piece)).is_ok() && loader.finish().is_ok();
    assert_eq!(loaded, Record::from_bytes(&bytes).is_ok());
});
