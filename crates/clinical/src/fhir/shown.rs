// SPDX-License-Identifier: Apache-2.0
//! Texts of a record as people are shown them where they must decide by them.

/// Most characters of a text that is shown to decide by: enough for what a server or a doctor
/// writes in a sentence.
const MAX_CHARS: usize = 200;

/// A text in one line, cut only where it is longer than anybody reads.
pub(super) fn long(text: &str) -> String {
    let mut chars = text.chars().filter(|c| !c.is_control());
    let mut shown: String = chars.by_ref().take(MAX_CHARS).collect();
    if chars.next().is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_longer_than_anybody_reads_is_cut_and_says_so() {
        assert_eq!(long("two\nlines"), "twolines");
        assert_eq!(long(&"ä".repeat(200)), "ä".repeat(200));
        assert_eq!(long(&"ä".repeat(201)), "ä".repeat(200) + "…");
    }
}
