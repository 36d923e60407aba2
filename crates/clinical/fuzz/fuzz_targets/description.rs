// SPDX-License-Identifier: Apache-2.0
//! Whatever text the chain holds as a description: refused, or read; and then any answer is put
//! into words or refused.

#![no_main]

use cso_clinical::Description;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(description) = Description::from_json(text) {
        assert_eq!(Description::from_json(&description.to_json()).as_ref(), Ok(&description));
        for raw in [0, 1, 2047, u16::MAX] {
            let _ = description.interpret(&vec![raw; description.outputs().len()], &Default::default());
        }
    }
});
