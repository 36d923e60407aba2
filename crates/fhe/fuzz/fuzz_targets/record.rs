// SPDX-License-Identifier: Apache-2.0
//! Whatever bytes come as a record: refused or parsed, never a panic, and what is parsed keeps its
//! bytes.

#![no_main]

mod common;

use cso_fhe::Record;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let bytes = common::record_bytes(data);
    if let Ok(record) = Record::from_bytes(&bytes) {
        assert_eq!(record.as_bytes(), bytes);
    }
});
