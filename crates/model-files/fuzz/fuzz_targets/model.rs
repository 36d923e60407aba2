// SPDX-License-Identifier: Apache-2.0
//! Whatever bytes come as a model file: refused in one line, or read; and what is read predicts
//! without a panic.

#![no_main]

use cso_model_files::{read, Cell};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    match read(data) {
        Ok(model) => {
            for cell in [Cell::Missing, Cell::Number(0.5), Cell::Text("a".into())] {
                let _ = model.predict(&vec![cell; model.columns().len()]);
            }
        }
        Err(error) => assert!(!error.to_string().contains('\n'), "{error}"),
    }
});
