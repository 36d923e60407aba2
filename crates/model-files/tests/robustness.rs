// SPDX-License-Identifier: Apache-2.0
//! No input makes a reader panic: valid files with random damage are read or refused.

#[path = "common/boosters.rs"]
mod boosters;

use boosters::{DATA, LIGHTGBM, XGBOOST};
use cso_model_files::{read, Cases, Cell};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

/// One damage: at a place, so many characters are replaced by a text.
type Damage = (prop::sample::Index, usize, String);

fn damage() -> impl Strategy<Value = Vec<Damage>> {
    let text = prop_oneof![
        Just(String::new()),
        proptest::sample::select(vec!["-1", "1e308", "nan", "null", "{}", "[]", "\"", "\n", "é"])
            .prop_map(str::to_owned),
        "[ -~]{1,4}",
    ];
    proptest::collection::vec((any::<prop::sample::Index>(), 0usize..12, text), 1..4)
}

fn survives(text: &str, cases: u32, read: impl Fn(&str)) {
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new(config)
        .run(&damage(), |damages| {
            let mut characters: Vec<char> = text.chars().collect();
            for (place, length, replacement) in damages {
                let start = place.index(characters.len().max(1)).min(characters.len());
                let end = (start + length).min(characters.len());
                characters.splice(start..end, replacement.chars());
            }
            read(&characters.into_iter().collect::<String>());
            Ok(())
        })
        .unwrap();
}

#[test]
fn damaged_model_files_are_read_or_refused() {
    let trained = ["cat-one-hot", "cat-depthwise-classes", "xgb-categories", "lgb-linear-dump"]
        .map(|name| format!("tests/data/boosters/{name}/model.json"));
    let text = ["lgb-categories-text", "lgb-linear-text"]
        .map(|name| format!("tests/data/boosters/{name}/model.txt"));
    let files = trained.iter().chain(&text).map(|file| std::fs::read_to_string(file).unwrap());
    for text in [LIGHTGBM, XGBOOST].map(str::to_owned).into_iter().chain(files) {
        survives(&text, if text.len() < 2000 { 1500 } else { 300 }, |text| {
            if let Ok(model) = read(text.as_bytes()) {
                let _ = model.predict(&vec![Cell::Missing; model.columns().len()]);
            }
        });
    }
}

#[test]
fn damaged_binary_files_are_read_or_refused() {
    let bytes = std::fs::read("tests/data/boosters/xgb-categories-binary-file/model.ubj").unwrap();
    for place in 0..bytes.len().min(6000) {
        let mut damaged = bytes.clone();
        damaged[place] = damaged[place].wrapping_add(17);
        let _ = read(&damaged);
        let _ = read(&bytes[..place]);
    }
}

#[test]
fn damaged_tables_are_read_or_refused() {
    survives(DATA, 500, |text| {
        let _ = Cases::from_csv(text);
    });
}
