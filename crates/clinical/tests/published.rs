// SPDX-License-Identifier: Apache-2.0
//! The protocol files that ship: their worked examples, their programs, their descriptions.

mod common;

use std::path::Path;

use cso_clinical::{compile, Description, Setting};
use cso_primitives::bounds::MAX_DESCRIPTION_BYTES;

#[test]
fn every_example_holds_in_the_model_and_in_the_program() {
    for (name, protocol) in common::shipped() {
        assert!(!protocol.examples().is_empty(), "{name} has no worked example");
        // Reading the file runs them through the model, `compile` through the program.
        let compiled = compile(&protocol).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(compiled.summary.bits, protocol.intake().bits(), "{name}");
    }
}

#[test]
fn every_protocol_cites_its_source_and_says_what_it_is_not_for() {
    for (name, protocol) in common::shipped() {
        let meta = protocol.meta();
        assert_eq!(meta.id, name);
        assert!(!meta.references.is_empty(), "{name}");
        assert!(meta.not_for.is_some(), "{name}");
    }
}

#[test]
fn every_protocol_has_its_page_its_vignettes_and_two_languages() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = root.join("../../docs/clinical");
    let index = std::fs::read_to_string(docs.join("README.md")).unwrap();
    let section = |setting: Setting| match setting {
        Setting::Elective => "## Elective",
        Setting::Urgent => "## Urgent",
        Setting::Emergency => "## Emergency",
        Setting::Placeholder => "none",
    };
    for (name, protocol) in common::shipped() {
        assert!(docs.join(format!("{name}.md")).exists(), "{name} has no page");
        let vignettes = root.join("tests/vignettes").join(format!("{name}.toml"));
        let vignettes = std::fs::read_to_string(vignettes).unwrap();
        let count = vignettes.matches("[[vignette]]").count();
        assert!(count >= 3, "{name} has {count} vignettes");
        assert!(vignettes.contains("refused = "), "{name}: nobody is refused");
        let row = format!("| [`{name}`]({name}.md) | {} | {count} |", protocol.meta().title);
        let head = section(protocol.meta().setting);
        let place = index.find(head).unwrap_or_else(|| panic!("{head} is no section"));
        let end = index[place + 1..].find("\n## ").map_or(index.len(), |end| place + 1 + end);
        assert!(index[place..end].contains(&row), "{head} lacks the row\n{row}");
        assert_eq!(protocol.meta().languages(), ["en", "de"], "{name}");
    }
}

#[test]
fn every_page_says_where_figures_come_from_and_what_the_owner_asks() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/clinical");
    let mut wrong = Vec::new();
    for (name, _) in common::shipped() {
        let page = std::fs::read_to_string(docs.join(format!("{name}.md"))).unwrap();
        let headings = || page.lines().filter_map(|line| line.strip_prefix("## "));
        if !headings().any(|heading| heading.starts_with("Figures")) {
            wrong.push(format!("{name}.md has no heading `Figures`"));
        }
        let of_the_owner = |heading: &str| {
            heading.to_lowercase().contains("licence") || heading.starts_with("Terms")
        };
        if !headings().any(of_the_owner) {
            wrong.push(format!("{name}.md has no heading `Licence`"));
        }
        // Answers that a language model wrote are no source.
        if page.contains("droracle.ai") {
            wrong.push(format!("{name}.md cites answers that a program wrote"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn texts_read_well_where_they_are_shown() {
    let mut wrong = Vec::new();
    for (name, protocol) in common::shipped() {
        let german = protocol.description().in_language("de");
        // It's shown under "Not for" and "Nicht geeignet für".
        for description in [&protocol.description(), &german] {
            let text = description.meta().not_for.as_ref().unwrap().to_string();
            if text.starts_with("Nicht ") || text.starts_with("Not ") {
                wrong.push(format!("{name}, not_for: {text}"));
            }
        }
        let toml = common::protocol_text(&name);
        for line in toml.lines() {
            let calls_a_call = line.contains("Rufen Sie") && line.contains("den Notruf");
            // Readers of all languages see it: no words but the paper's.
            let has_words = line.starts_with("source = ")
                && (line.contains(", as in ") || line.contains(", as tabulated by "));
            if calls_a_call && !line.contains("wählen Sie den Notruf") || has_words {
                wrong.push(format!("{name}: {line}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn descriptions_survive_the_chain_and_hold_no_model() {
    for (name, protocol) in common::shipped() {
        let json = protocol.description().to_json();
        assert!(json.len() <= MAX_DESCRIPTION_BYTES, "{name}: {} bytes", json.len());
        let read = Description::from_json(&json).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(read, protocol.description(), "{name}");
        assert_eq!(read.to_json(), json, "{name}");
        assert!(
            !json.contains("\"points\":")
                && !json.contains("\"model\"")
                && !json.contains("\"example\":"),
            "{name}"
        );
    }
}

#[test]
fn descriptions_keep_numbers_to_the_last_bit() {
    let json = common::protocol("qsofa").description().to_json();
    // A quick reading of so many digits is off by one bit.
    let many = "35088888889888888888888888888888888888888888888888888888888888888888888888";
    let json = json.replace("[20.0,350.0]", &format!("[20.0,{many}]"));
    assert!(json.contains(many), "{json}");
    let read = Description::from_json(&json).unwrap();
    assert_eq!(Description::from_json(&read.to_json()).unwrap(), read);
}

#[test]
fn every_possible_output_has_a_meaning() {
    for (name, protocol) in common::shipped() {
        let description = protocol.description();
        for (index, output) in description.outputs().iter().enumerate() {
            for raw in 0..output.values() {
                let mut outputs = vec![0; description.outputs().len()];
                outputs[index] = raw as u16;
                let readings = description
                    .interpret(&outputs, &Default::default())
                    .unwrap_or_else(|error| panic!("{name}: {error}"));
                assert!(!readings[index].meaning.is_empty());
            }
        }
    }
}

#[test]
fn cha2ds2_vasc_costs_few_external_products() {
    let summary = compile(&common::protocol("cha2ds2-vasc")).unwrap().summary;
    // 5 flags and the sex on weights, the age bands on a diagram of at most 2 nodes a bit and
    // limit.
    assert_eq!(summary.bits, 13);
    assert!(summary.sums[0].exact);
    assert_eq!(summary.sums[0].weighted_bits, 6);
    assert!(summary.cmuxes <= 6 + 14, "{summary:?}");
}

#[test]
fn findrisc_keeps_its_range_though_waist_is_judged_by_sex() {
    let summary = compile(&common::protocol("findrisc")).unwrap().summary;
    // Both waist terms share one diagram, so they count once: 26 points, not 30.
    assert_eq!((summary.sums[0].lowest, summary.sums[0].highest), (0.0, 26.0));
}
