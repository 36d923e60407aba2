// SPDX-License-Identifier: Apache-2.0
//! The code systems that protocols and value sets name: how codes are written, and in which form
//! they are compared.

use super::check_digit;

/// A code system by its name in protocol files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CodeSystem {
    /// SNOMED CT concept ids.
    Snomed,
    /// ICD-10 of the WHO and of nations; a code stands for all below it.
    Icd10,
    /// LOINC.
    Loinc,
    /// RxNorm concept ids.
    RxNorm,
    /// ATC; a code stands for all below it.
    Atc,
    /// Diagnoses of ICD-9-CM; a code stands for all below it.
    Icd9,
    /// Read codes of version 2, without their term.
    ReadV2,
    /// Clinical Terms version 3, which is Read codes version 3.
    Ctv3,
    /// The NHS dictionary of medicines and devices. Its ids are ones of SNOMED CT.
    Dmd,
}

impl CodeSystem {
    /// All of them, in the order in which they are written.
    pub const ALL: [Self; 9] = [
        Self::Snomed,
        Self::Icd10,
        Self::Loinc,
        Self::RxNorm,
        Self::Atc,
        Self::Icd9,
        Self::ReadV2,
        Self::Ctv3,
        Self::Dmd,
    ];

    /// The name in protocol files and value sets.
    pub fn name(self) -> &'static str {
        match self {
            Self::Snomed => "snomed",
            Self::Icd10 => "icd10",
            Self::Loinc => "loinc",
            Self::RxNorm => "rxnorm",
            Self::Atc => "atc",
            Self::Icd9 => "icd9",
            Self::ReadV2 => "readv2",
            Self::Ctv3 => "ctv3",
            Self::Dmd => "dmd",
        }
    }

    /// Whether a text has the form of a code of the system, with its check digit where it has one.
    /// Guards against mistyped codes and codes in the wrong list.
    pub(super) fn is_well_formed(self, code: &str) -> bool {
        let bytes = code.as_bytes();
        let is_capital = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_uppercase);
        let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
        match self {
            Self::Snomed | Self::Dmd => {
                digits(code) && (6..=18).contains(&code.len()) && check_digit::verhoeff(code)
            }
            Self::RxNorm => digits(code) && code.len() <= 8,
            Self::Loinc => match code.split_once('-') {
                // Codes of LOINC terms are `number-check digit`; answers are `LAnumber-digit`.
                Some((number, check)) if digits(check) && check.len() == 1 => {
                    match number.strip_prefix("LA") {
                        Some(answer) => digits(answer),
                        None => digits(number) && check_digit::luhn(&format!("{number}{check}")),
                    }
                }
                _ => false,
            },
            Self::Icd10 => {
                let allowed = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'.';
                (3..=8).contains(&bytes.len())
                    && is_capital(0)
                    && is_digit(1)
                    && bytes.iter().all(allowed)
            }
            Self::Icd9 => {
                !code.ends_with('.') && icd9(code).is_some_and(|known| known == undotted(code))
            }
            Self::ReadV2 | Self::Ctv3 => {
                let stem = code.trim_end_matches('.');
                bytes.len() == READ_LENGTH
                    && !stem.is_empty()
                    && stem.bytes().all(|b| b.is_ascii_alphanumeric())
            }
            Self::Atc => {
                (1..=7).contains(&bytes.len())
                    && is_capital(0)
                    && bytes.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
            }
        }
    }

    /// Whether a code stands for all below it.
    pub(super) fn is_tree(self) -> bool {
        matches!(self, Self::Icd10 | Self::Icd9 | Self::Atc)
    }

    /// A code of a list in the form in which it is compared.
    pub(super) fn comparable(self, code: &str) -> String {
        match self {
            Self::Icd10 | Self::Icd9 => undotted(code).to_uppercase(),
            Self::Atc | Self::Loinc => code.to_uppercase(),
            Self::Snomed | Self::RxNorm | Self::ReadV2 | Self::Ctv3 | Self::Dmd => code.to_owned(),
        }
    }
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn undotted(code: &str) -> String {
    code.chars().filter(|c| *c != '.').collect()
}

/// Characters of a Read code; shorter ones are filled up with dots.
const READ_LENGTH: usize = 5;

/// A Read code as it is compared: five characters, whose case counts. Version 2 may carry two more,
/// which say by which of its names the code was chosen.
pub(crate) fn read_code(text: &str) -> Option<String> {
    let text = text.trim();
    let is_code = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.');
    let code = match text.len() {
        1..=READ_LENGTH => format!("{text:.<READ_LENGTH$}"),
        7 => text.get(..READ_LENGTH)?.to_owned(),
        _ => return None,
    };
    (is_code && !code.starts_with('.')).then_some(code)
}

/// A diagnosis of ICD-9-CM as it is compared: upper case, without its dot. Three digits, `V` and
/// two, or `E` and three; then up to two more, of `E` one. A dot in another place is that of a
/// procedure (`39.95`), which looks like a diagnosis without it.
pub(crate) fn icd9(text: &str) -> Option<String> {
    let text = text.trim().to_uppercase();
    let (category, more) = match text.as_bytes().first()? {
        b'E' => (4, 1),
        _ => (3, 2),
    };
    let (head, tail) = match text.split_once('.') {
        Some((head, tail)) if head.len() == category => (head, tail),
        Some(_) => return None,
        None => (text.get(..category)?, text.get(category..)?),
    };
    let number = head.strip_prefix(['V', 'E']).unwrap_or(head);
    let is_code = digits(number) && tail.len() <= more && tail.bytes().all(|b| b.is_ascii_digit());
    is_code.then(|| format!("{head}{tail}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_the_form_of_their_system() {
        use CodeSystem::{Ctv3, Dmd, Icd9, ReadV2};
        for (system, right, wrong) in [
            (Icd9, &["428", "428.0", "V45.11", "E934.2"][..], &["42", "428.", "39.95", "E93"][..]),
            (ReadV2, &["G58..", "G5800"][..], &["G58", ".....", "G58..00", "G.8.."][..]),
            (Ctv3, &["XE0Uc", "X40J4", "C10.."][..], &["XE0U", "XE0Uc1"][..]),
            (Dmd, &["36126411000001107"][..], &["36126411000001108", "1"][..]),
        ] {
            for code in right {
                assert!(system.is_well_formed(code), "{} {code}", system.name());
            }
            for code in wrong {
                assert!(!system.is_well_formed(code), "{} {code}", system.name());
            }
        }
    }

    #[test]
    fn codes_of_records_are_compared_in_one_form() {
        for (text, code) in [
            ("428.0", Some("4280")),
            ("4280", Some("4280")),
            (" v45.11 ", Some("V4511")),
            ("E934.2", Some("E9342")),
            ("39.95", None),
            ("3.995", None),
            ("428.000", None),
            ("428.0x", None),
            ("ü28", None),
            ("", None),
        ] {
            assert_eq!(icd9(text).as_deref(), code, "{text}");
        }
        for (text, code) in [
            ("G58", Some("G58..")),
            ("G58..", Some("G58..")),
            ("G58..00", Some("G58..")),
            ("XE0Uc", Some("XE0Uc")),
            ("", None),
            (".....", None),
            ("hypertension", None),
            ("G58é", None),
        ] {
            assert_eq!(read_code(text).as_deref(), code, "{text}");
        }
    }
}
