// SPDX-License-Identifier: Apache-2.0
//! Whatever bytes come as an answer: refused or parsed, never a panic; what is parsed keeps its
//! bytes, and decrypting it fails or ends.

#![no_main]

use cso_fhe::{Answer, RecordKey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(answer) = Answer::from_bytes(data) {
        assert_eq!(answer.as_bytes(), data);
        if let Ok(values) = RecordKey::from_seed([1; 32]).decrypt(&answer) {
            assert_eq!(values.len(), answer.outputs());
        }
    }
});
