// SPDX-License-Identifier: Apache-2.0
//! No input makes a reader panic: valid files with random damage are read or refused.

mod common;

use cso_clinical::{compile, draft, Description, Protocol};
use cso_model_files::{read, Cases};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

/// One damage: at a place, so many characters are replaced by a text.
type Damage = (prop::sample::Index, usize, String);

fn damage() -> impl Strategy<Value = Vec<Damage>> {
    let text = prop_oneof![
        Just(String::new()),
        proptest::sample::select(vec![
            "-1", "1e308", "nan", "null", "{}", "[]", "\"\"", "true", "0", "\u{0}", "é", "\n", "(",
            "not "
        ])
        .prop_map(str::to_owned),
        "[ -~]{1,4}",
    ];
    proptest::collection::vec((any::<prop::sample::Index>(), 0usize..12, text), 1..4)
}

fn damaged(text: &str, damages: &[Damage]) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for (place, length, replacement) in damages {
        let start = place.index(characters.len().max(1)).min(characters.len());
        let end = (start + length).min(characters.len());
        characters.splice(start..end, replacement.chars());
    }
    characters.into_iter().collect()
}

fn survives(text: &str, cases: u32, read: impl Fn(&str)) {
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new(config)
        .run(&damage(), |damages| {
            read(&damaged(text, &damages));
            Ok(())
        })
        .unwrap();
}

#[test]
fn damaged_protocol_files_are_read_or_refused() {
    for name in ["findrisc", "news2", "grace"] {
        survives(&common::protocol_text(name), 300, |text| {
            if let Ok(protocol) = Protocol::from_toml(text) {
                // What is read also compiles or is refused, and its description comes back.
                let _ = compile(&protocol);
                let json = protocol.description().to_json();
                assert_eq!(Description::from_json(&json).unwrap(), protocol.description());
            }
        });
    }
}

#[test]
fn damaged_descriptions_are_read_or_refused() {
    survives(&common::protocol("news2").description().to_json(), 1000, |text| {
        let _ = Description::from_json(text);
    });
}

#[test]
fn damaged_records_are_read_or_refused() {
    let protocol = common::protocol("findrisc");
    survives(&common::record("bundle-anna.json"), 1500, |text| {
        if let Ok(found) = common::read_record(text, protocol.intake(), common::TODAY) {
            let _ = protocol.intake().encode(&found.answers());
        }
    });
}

#[test]
fn damaged_model_files_become_protocols_that_can_be_read_or_none() {
    const TEXT: &str = "tree\nversion=v4\nnum_class=1\nobjective=regression\nfeature_names=a b\n\nTree=0\nnum_leaves=3\n\
        split_feature=0 1\nthreshold=60 81.5\ndecision_type=10 8\nleft_child=1 -1\nright_child=-2 -3\nleaf_value=-0.5 0.75 0.25\nend of trees\n";
    const JSON: &str = r#"{"learner":{"feature_names":["a","b"],"objective":{"name":"reg:squarederror"},
        "learner_model_param":{"base_score":"5E-1","num_class":"0","num_feature":"2"},"gradient_booster":{"name":"gbtree","model":{"trees":[
        {"left_children":[1,-1,-1],"right_children":[2,-1,-1],"split_indices":[1,0,0],"split_conditions":[1.0,-0.125,0.5],"default_left":[0,0,0]}]}}}}"#;
    const DATA: &str = "a,b\n1,2.5\n70,\n33,-4\n";
    let data = Cases::from_csv(DATA).unwrap();
    for text in [TEXT, JSON] {
        survives(text, 1500, |text| {
            if let Ok(model) = read(text.as_bytes()) {
                if let Ok(draft) = draft(&model, "x", &data) {
                    common::comes_back(&draft);
                    let _ = compile(&draft.protocol);
                }
            }
        });
    }
}
