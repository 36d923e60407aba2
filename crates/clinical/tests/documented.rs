// SPDX-License-Identifier: Apache-2.0
//! The example of `docs/protocols.md` can be followed from the top: its blocks, one behind the
//! other, are a protocol file that is read, compiles, and says what the page says of it.

use cso_clinical::{compile, Protocol};

const PAGE: &str = include_str!("../../../docs/protocols.md");

/// With this a block begins that belongs to other protocols.
const ELSEWHERE: &str = "# elsewhere";

/// The TOML blocks of sections 1 to 6.
fn blocks() -> Vec<&'static str> {
    let end = PAGE.find("\n## 7.").expect("section 7 follows the example");
    let after = PAGE[..end].split("```toml\n").skip(1);
    after.map(|rest| rest.split("```").next().unwrap_or_default()).collect()
}

fn example() -> String {
    blocks().into_iter().filter(|block| !block.starts_with(ELSEWHERE)).collect()
}

#[test]
fn the_example_is_a_protocol_that_compiles() {
    let toml = example();
    let protocol = Protocol::from_toml(&toml).unwrap_or_else(|error| panic!("{error}\n{toml}"));
    assert_eq!(protocol.meta().id, "fall-risk");
    let summary = compile(&protocol).unwrap().summary;
    // 32 ages, three aids, a fall.
    assert_eq!(summary.bits, 5 + 2 + 1);
    assert!(protocol.description().placeholders().is_empty());
    let figure = &protocol.outputs()[0].meaning(7.0).unwrap().figures[0];
    let line = figure.line("en");
    assert!(PAGE.contains(&format!("\"{line}\"")), "the page shows another line than {line}");
}

#[test]
fn the_example_has_every_part_that_a_file_may_have() {
    let file: toml::Table = example().parse().unwrap();
    let (known, elsewhere) = (
        ["format", "protocol", "intake", "requires", "output", "disclosure", "model", "example"],
        ["moment", "ranking"],
    );
    for part in known {
        assert!(file.contains_key(part), "{part}");
    }
    let others: String =
        blocks().into_iter().filter(|block| block.starts_with(ELSEWHERE)).collect();
    for part in elsewhere {
        assert!(others.contains(&format!("[[{part}]]")), "{part}");
    }
}

#[test]
fn what_stands_elsewhere_is_toml() {
    let others = blocks().into_iter().filter(|block| block.starts_with(ELSEWHERE));
    for block in others {
        block.parse::<toml::Table>().unwrap_or_else(|error| panic!("{error}\n{block}"));
    }
}
