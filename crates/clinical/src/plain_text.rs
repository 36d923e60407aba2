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
//! | what is drawn as nothing | | fillers of Hangul, variation selectors, U+034F, U+2800 |
//!
//! The last have categories of letters, marks and symbols; all but U+2800, the braille pattern
//! without dots, have the property `Default_Ignorable_Code_Point` (Unicode Standard, 5.21).
//!
//! U+200C and U+200D are the exception: Persian and the scripts of India can't be written without
//! them, and they do no more than choose how their neighbours are joined. So is U+FE0F behind an
//! emoji, which is then drawn in colour.

use unicode_properties::{
    GeneralCategory, GeneralCategoryGroup, UnicodeEmoji, UnicodeGeneralCategory,
};

/// Format characters that orthographies need: zero width non-joiner and joiner.
const JOINERS: [char; 2] = ['\u{200c}', '\u{200d}'];
/// Asks for an emoji in colour.
const IN_COLOUR: char = '\u{fe0f}';
/// Most marks on one letter. Vietnamese has two, Hebrew with vowels and accents up to four.
pub(crate) const MAX_MARKS: usize = 4;

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
    !(unseen || is_nothing(letter)) || JOINERS.contains(&letter)
}

/// Whether a letter, mark or symbol is drawn as nothing.
fn is_nothing(letter: char) -> bool {
    matches!(
        letter,
        '\u{34f}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0e}'
            | '\u{ffa0}'
            | '\u{e0100}'..='\u{e01ef}'
    )
}

/// The first character of a text that isn't plain where it stands.
pub(crate) fn first_not_plain(text: &str) -> Option<char> {
    let mut before = None;
    text.chars().find(|letter| {
        let behind = before.replace(*letter);
        let is_emoji = |letter: char| !letter.is_ascii() && letter.is_emoji_char();
        !is_plain(*letter) || *letter == IN_COLOUR && !behind.is_some_and(is_emoji)
    })
}

/// Whether something of a text is drawn: a letter, a number, a sign. Blanks, joiners and marks that
/// stand on nothing aren't.
pub(crate) fn is_drawn(text: &str) -> bool {
    text.chars().any(|letter| {
        let group = letter.general_category_group();
        is_plain(letter)
            && matches!(
                group,
                GeneralCategoryGroup::Letter
                    | GeneralCategoryGroup::Number
                    | GeneralCategoryGroup::Punctuation
                    | GeneralCategoryGroup::Symbol
            )
    })
}

/// Whether a letter of a text has more than [`MAX_MARKS`] marks, which are drawn over what stands
/// around.
pub(crate) fn has_heap_of_marks(text: &str) -> bool {
    let mut marks = 0;
    text.chars().any(|letter| {
        let is_mark = letter.general_category_group() == GeneralCategoryGroup::Mark;
        marks = if is_mark { marks + 1 } else { 0 };
        marks > MAX_MARKS
    })
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
            "👩‍⚕️",
            "Tiếng Việt",
            "שָׁלוֹם",
            "%",
            "?",
        ] {
            assert_eq!(first_not_plain(text), None, "{text}");
            assert!(is_drawn(text) && !has_heap_of_marks(text), "{text}");
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
    fn what_is_drawn_as_nothing_is_not_plain() {
        let blanks = "\u{34f}\u{115f}\u{1160}\u{17b4}\u{17b5}\u{180b}\u{180f}\u{2800}\u{3164}\u{fe00}\u{fe0e}\u{ffa0}\u{e0100}\u{e01ef}";
        for letter in blanks.chars() {
            assert!(!is_plain(letter), "{}", code_point(&letter));
            assert!(!is_drawn(&letter.to_string()), "{}", code_point(&letter));
        }
        for text in ["a\u{fe0f}", "\u{fe0f}", "1\u{fe0f}", "⚕\u{fe0f}\u{fe0f}"] {
            assert_eq!(first_not_plain(text), Some(IN_COLOUR), "{text}");
        }
    }

    #[test]
    fn marks_and_joiners_alone_are_nothing() {
        for text in ["", " \u{a0}", "\u{200d}\u{200c}", "\u{301}\u{301}", "\u{fe0f}"] {
            assert!(!is_drawn(text), "{text:?}");
        }
        let marked = |marks| format!("a{}b", "\u{301}".repeat(marks));
        assert!(!has_heap_of_marks(&marked(MAX_MARKS)));
        assert!(has_heap_of_marks(&marked(MAX_MARKS + 1)));
    }

    #[test]
    fn code_points_have_at_least_four_digits() {
        assert_eq!(code_point(&'\u{1b}'), "U+001B");
        assert_eq!(code_point(&'\u{e0041}'), "U+E0041");
    }
}
