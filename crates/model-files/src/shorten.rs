// SPDX-License-Identifier: Apache-2.0
//! Foreign text in messages.

/// At most 40 characters of foreign text, without control characters: what an error message may
/// show of a file or of what somebody typed.
pub fn shorten(text: &str) -> String {
    let mut short: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
    if text.chars().nth(40).is_some() {
        short.push('…');
    }
    short
}
