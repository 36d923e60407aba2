// SPDX-License-Identifier: Apache-2.0
//! Which characters a text may have that one person writes and another one's program shows.
//!
//! A terminal obeys control characters: an escape sequence can fill the clipboard or write over
//! what stands there. Direction marks and characters without width make a text read as another one.
//! So only characters that are drawn, each in its place, are *plain*; by their general category
//! (Unicode Standard Annex #44, table 12), as the crate `unicode-properties` has it:
//!
//! | not plain | category | among them |
//! |---|---|---|
//! | control characters | Cc | line ends, tabs, escape, delete, U+0080 to U+009F |
//! | format characters | Cf | all of `Bidi_Control`, U+00AD, U+200B, U+2060, U+FEFF, tags |
//! | separators of lines and paragraphs | Zl, Zp | U+2028, U+2029 |
//! | private and unassigned ones | Co, Cn | what is drawn for them is anybody's guess |
//!
//! U+200C and U+200D are the exception: Persian and the scripts of India can't be written without
//! them, and they do no more than choose how their neighbours are joined.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// Format characters that orthographies need: zero width non-joiner and joiner.
const JOINERS: [char; 2] = ['\u{200c}', '\u{200d}'];

/// Whether a character is drawn in its place, and does nothing else.
pub fn is_plain(letter: char) -> bool {
    if letter.is_ascii() {
        return !letter.is_ascii_control();
    }
    let unseen = matches!(
        letter.general_category(),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
            | GeneralCategory::PrivateUse
            | GeneralCategory::Surrogate
            | GeneralCategory::Unassigned
    );
    !unseen || JOINERS.contains(&letter)
}

/// The first character of a text that isn't plain.
pub(crate) fn first_not_plain(text: &str) -> Option<char> {
    text.chars().find(|letter| !is_plain(*letter))
}

/// A character as it is called where it can't be shown: `U+202E`.
pub(crate) fn code_point(letter: &char) -> String {
    format!("U+{:04X}", u32::from(*letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_plain() {
        for text in [
            "mg/dL ≤ 5 %",
            "Lindström",
            "Ελληνικά",
            "кириллица",
            "سرطان",
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "日本語",
            "👍",
        ] {
            assert_eq!(first_not_plain(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_obeyed_or_unseen_is_not() {
        let bidi_control = "\u{61c}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}";
        let others = "\0\u{7}\t\n\r\u{1b}\u{7f}\u{85}\u{9b}\u{9c}\u{ad}\u{200b}\u{2028}\u{2029}\u{2060}\u{feff}\u{e000}\u{fff9}\u{ffff}\u{e0041}\u{10ffff}";
        for letter in bidi_control.chars().chain(others.chars()) {
            assert!(!is_plain(letter), "{}", code_point(&letter));
        }
    }

    #[test]
    fn code_points_have_at_least_four_digits() {
        assert_eq!(code_point(&'\u{1b}'), "U+001B");
        assert_eq!(code_point(&'\u{e0041}'), "U+E0041");
    }
}
