// SPDX-License-Identifier: Apache-2.0
//! Whatever text comes as a protocol file: refused in one line, or read; what is read has a
//! description that is read again, unless placeholders of an import are left.

#![no_main]

use cso_clinical::{Description, Protocol};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Protocol::from_toml(text) {
        Ok(protocol) => {
            let description = protocol.description();
            let again = Description::from_json(&description.to_json());
            if description.placeholders().is_empty() {
                assert_eq!(again.as_ref(), Ok(&description));
            }
        }
        Err(error) => assert!(!error.to_string().contains('\n'), "{error}"),
    }
});
