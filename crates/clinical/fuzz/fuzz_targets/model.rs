// SPDX-License-Identifier: Apache-2.0
//! Whatever bytes come as a model file: refused in one line, or read; and what is read predicts
//! without a panic.

#![no_main]

use cso_clinical::import::{self, Cell};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    match import::model(data) {
        Ok(model) => {
            for cell in [Cell::Missing, Cell::Number(0.5), Cell::Text("a".into())] {
                let _ = model.predict(&vec![cell; model.features().len()]);
            }
        }
        Err(error) => assert!(!error.to_string().contains('\n'), "{error}"),
    }
});
