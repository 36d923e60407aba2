// SPDX-License-Identifier: Apache-2.0
//! Whatever bytes come as a table of cases: refused in one line, or read, with every column of
//! texts and numbers.

#![no_main]

use cso_model_files::Cases;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    match Cases::from_csv(data) {
        Ok(cases) => {
            for column in cases.columns() {
                assert_eq!(cases.texts(column).map(|texts| texts.len()), Ok(cases.len()));
                let _ = cases.numbers(column);
            }
        }
        Err(error) => assert!(!error.to_string().contains('\n'), "{error}"),
    }
});
