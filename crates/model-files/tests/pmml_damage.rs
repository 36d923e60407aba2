// SPDX-License-Identifier: Apache-2.0
//! No PMML file makes the reader panic: valid ones with random damage are read or refused.

use cso_model_files::{read, Cell};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

/// Names and values that files may hold, to be put in the place of others.
const WORDS: [&str; 16] = [
    "0",
    "-1",
    "1e308",
    "nan",
    "",
    "age",
    "raw",
    "exp",
    "pow",
    "if",
    "selectFirst",
    "modelChain",
    "probability",
    "transformedValue",
    "power",
    "false",
];

/// The text with the attribute's value at a place replaced, or some characters.
fn damaged(text: &str, place: prop::sample::Index, word: Option<usize>, other: &str) -> String {
    let values: Vec<_> = text.match_indices("=\"").map(|(start, _)| start + 2).collect();
    let start = values[place.index(values.len())];
    let end = start + text[start..].find('"').unwrap();
    let word = word.map_or(other, |word| WORDS[word]);
    format!("{}{word}{}", &text[..start], &text[end..])
}

#[test]
fn damaged_files_are_read_or_refused() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/pmml");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "pmml") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap().replace("{variant}", "cauchit");
        let word = proptest::option::weighted(0.8, 0..WORDS.len());
        let damage = (any::<prop::sample::Index>(), word, "[ -;=?-~]{0,4}");
        let damages = proptest::collection::vec(damage, 1..4);
        let config =
            ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() };
        TestRunner::new(config)
            .run(&damages, |damages| {
                let text = damages.into_iter().fold(text.clone(), |text, (place, word, other)| {
                    damaged(&text, place, word, &other.replace(['"', '<', '&'], ""))
                });
                if let Ok(model) = read(text.as_bytes()) {
                    for cell in [Cell::Missing, Cell::Number(1.0), Cell::Text("F".into())] {
                        let _ = model.predict(&vec![cell; model.columns().len()]);
                    }
                }
                Ok(())
            })
            .unwrap();
    }
}
