// SPDX-License-Identifier: Apache-2.0
//! Whatever model file is read becomes a protocol or is refused in one line; what is written of the
//! protocol is read as the same one.

#![no_main]

use cso_clinical::{draft, Protocol};
use cso_model_files::{read, Cases, ColumnKind};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(model) = read(bytes) else {
        return;
    };
    // Three cases and a gap in the first column.
    let quote = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let row = |cell: &dyn Fn(usize, &ColumnKind) -> String| {
        let cells = model.columns().iter().enumerate();
        cells.map(|(index, column)| cell(index, &column.kind)).collect::<Vec<_>>().join(",")
    };
    let value = |case: usize| {
        move |index: usize, kind: &ColumnKind| match kind {
            _ if case == 3 && index == 0 => String::new(),
            ColumnKind::Number { range } => {
                let [low, high] = range.unwrap_or([0.0, 100.0]);
                (low + (high - low) * case as f64 / 3.0).to_string()
            }
            ColumnKind::Category { values } => values
                .get(case % values.len().max(1))
                .map_or_else(|| format!("c{case}"), |value| quote(&value.to_string())),
        }
    };
    let header: Vec<String> = model.columns().iter().map(|column| quote(&column.name)).collect();
    let rows: Vec<String> = (0..4).map(|case| row(&value(case))).collect();
    let Ok(data) = Cases::from_csv(format!("{}\n{}\n", header.join(","), rows.join("\n"))) else {
        return;
    };
    match draft(&model, "fuzzed", &data) {
        Ok(draft) => {
            if let Ok(toml) = draft.to_toml() {
                assert_eq!(Protocol::from_toml(&toml).as_ref(), Ok(&draft.protocol), "{toml}");
            }
        }
        Err(error) => assert!(!error.to_string().contains('\n'), "{error}"),
    }
});
