// SPDX-License-Identifier: Apache-2.0
//! Ids made of the names that a model file has.

/// The text as an id: other characters than an id may have become `-`, and a number makes it
/// unique.
pub(super) fn unique_id<'a>(text: &str, taken: impl Iterator<Item = &'a str> + Clone) -> String {
    let allowed = |c: char| {
        if c.is_ascii_graphic() && !"\"'`,=<>\\".contains(c) || c == ' ' {
            c
        } else {
            '-'
        }
    };
    let mut id: String = text.chars().map(allowed).take(56).collect();
    id = id.trim().to_owned();
    if id.is_empty() {
        id = "-".to_owned();
    }
    if !taken.clone().any(|other| other == id) {
        return id;
    }
    let numbered = (2..).map(|number| format!("{id} {number}"));
    let free = |candidate: &String| !taken.clone().any(|other| other == candidate);
    numbered.into_iter().find(free).unwrap_or(id)
}
