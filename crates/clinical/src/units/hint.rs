// SPDX-License-Identifier: Apache-2.0
//! What may be meant by a unit that can't be read. A hint always converts to the wanted unit: one
//! of another dimension would lead astray.

use super::{check_only, connect, spelling, MAX_UNIT};

/// Longest text that is compared with every unit there is.
const MAX_COMPARED: usize = 32;
/// Most hints given.
const MAX_HINTS: usize = 2;

/// Hints for a text that is no UCUM unit. Without a wanted unit every unit may be meant.
pub(super) fn unknown(text: &str, wanted: Option<&str>) -> Vec<String> {
    if text.len() > MAX_UNIT {
        return Vec::new();
    }
    // What stands in brackets mostly explains: `umol/L (SI)`.
    let plain = spelling::plain(text);
    let before = plain.split(['(', ',']).next().unwrap_or_default().trim();
    let everyday = [spelling::meant(&plain), spelling::meant(before)];
    let similar = if text.len() <= MAX_COMPARED { similar(text) } else { Vec::new() };
    let mut hints: Vec<String> = Vec::new();
    for code in everyday.into_iter().flatten().chain(similar) {
        let fits = wanted.is_none_or(|wanted| connect(&code, wanted));
        if fits && check_only(&code) && !hints.contains(&code) && hints.len() < MAX_HINTS {
            hints.push(code);
        }
    }
    hints
}

/// What people mean by a text that is a UCUM unit of another dimension: `ft` is no femtotonne.
pub(super) fn meant(text: &str, wanted: &str) -> Vec<String> {
    let meant = spelling::meant(&spelling::plain(text));
    meant.into_iter().filter(|code| code != text && connect(code, wanted)).collect()
}

/// UCUM units that look alike. The engine speaks in sentences, of which those name a whole unit
/// that say nothing of prefixes.
fn similar(text: &str) -> Vec<String> {
    let sentences = octofhir_ucum::validate(text).err().map(|error| error.suggestions);
    let sentences = sentences.iter().flatten().map(ToString::to_string);
    sentences
        .filter(|sentence| !sentence.contains("prefixed"))
        .filter_map(|sentence| Some(sentence.split('\'').nth(1)?.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{convert, from_code, from_text, UnitError};
    use proptest::prelude::*;

    fn hints(error: &UnitError) -> &[String] {
        match error {
            UnitError::Unknown { suggestions, .. }
            | UnitError::Incommensurable { suggestions, .. } => suggestions,
            _ => &[],
        }
    }

    #[test]
    fn hints_say_what_is_meant() {
        for (code, wanted, hint) in [
            ("ft", "m", "[ft_i]"),
            ("F", "Cel", "[degF]"),
            ("G/L", "g/dL", "g/L"),
            ("st", "kg", "[stone_av]"),
            ("u/l", "U/L", "U/L"),
        ] {
            let read = from_code(code, wanted).unwrap();
            let error = convert(1.0, &read, wanted, None).unwrap_err();
            assert_eq!(hints(&error), [hint], "{error}");
        }
        let error = from_text("μmol/L (SI)", "mg/dL").unwrap_err();
        assert_eq!(hints(&error), ["umol/L"], "{error}");
    }

    #[test]
    fn hints_are_never_of_another_dimension() {
        for (text, wanted) in [
            ("mmHg", "m"),
            ("lb", "m"),
            ("mcmol", "mg/dL"),
            ("mmol", "%"),
            ("cubits", "cm"),
            ("mmHg", "mg/dL"),
        ] {
            let error = from_text(text, wanted).unwrap_err();
            assert!(hints(&error).is_empty(), "{error}");
        }
    }

    proptest! {
        #[test]
        fn hints_convert_to_the_wanted_unit(
            text in "[a-zA-Zµ°%/.^0-9 \\[\\]()]{1,10}",
            wanted in proptest::sample::select(vec!["m", "kg", "mg/dL", "mm[Hg]", "Cel", "{INR}", "a", "%"]),
        ) {
            if let Err(error) = from_text(&text, wanted) {
                for hint in hints(&error) {
                    prop_assert!(convert(1.0, hint, wanted, Some("glucose")).is_ok(), "{}", error);
                }
            }
        }
    }
}
