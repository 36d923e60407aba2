// SPDX-License-Identifier: Apache-2.0
//! From bytes to text: UTF-8 and UTF-16. Everything else is refused by its name.

use super::super::FhirError;
use std::borrow::Cow;

/// What files begin with that are no text.
const OTHER: &[(&[u8], &str)] = &[
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"BZh", "compressed with bzip2"),
    (b"\xfd7zXZ", "compressed with xz"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"SQLite format 3", "a database"),
    (b"PAR1", "a Parquet file"),
    (b"\xd0\xcf\x11\xe0", "an Office document"),
    (b"DICM", "DICOM"),
];

/// What texts begin with that are no JSON, without regard to case.
const OTHER_TEXTS: &[(&str, &str)] = &[
    ("MSH|", "a message in HL7 version 2"),
    ("shc:/", "a SMART Health Card"),
    ("shlink:/", "a SMART Health Link"),
    ("@prefix", "RDF"),
    ("resourceType:", "YAML"),
];

/// The text in the bytes, without a byte order mark.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, FhirError> {
    let text: Cow<'_, str> = match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] | [1..=0x7f, 0, 0, 0, ..] => {
            return Err(FhirError::Encoding { found: "UTF-32".into() });
        }
        [0, 0, 0, first, ..] if *first != 0 => {
            return Err(FhirError::Encoding { found: "UTF-32".into() });
        }
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes)?.into(),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes)?.into(),
        // JSON begins with ASCII.
        [0, 1..=0x7f, ..] => utf16(bytes, u16::from_be_bytes)?.into(),
        [1..=0x7f, 0, ..] => utf16(bytes, u16::from_le_bytes)?.into(),
        _ => utf8(bytes)?.into(),
    };
    let text = match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_start_matches('\u{feff}')),
        text => text,
    };
    let start = text.trim_start();
    if start.is_empty() {
        return Err(FhirError::EmptyFile);
    }
    if start.starts_with('<') {
        return Err(markup(start));
    }
    let begins = |with: &str| start.get(..with.len()).is_some_and(|s| s.eq_ignore_ascii_case(with));
    if let Some((_, what)) = OTHER_TEXTS.iter().find(|(with, _)| begins(with)) {
        return Err(FhirError::OtherForm { found: what });
    }
    Ok(text)
}

fn utf8(bytes: &[u8]) -> Result<&str, FhirError> {
    let is_tar = bytes.get(257..262) == Some(b"ustar");
    let other = OTHER.iter().find(|(with, _)| bytes.starts_with(with)).map(|(_, what)| *what);
    if let Some(found) = other.or(is_tar.then_some("a tar archive")) {
        return Err(FhirError::OtherForm { found });
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let line = bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        let found = match (error.error_len(), bytes.get(at)) {
            (None, _) => format!("UTF-8 that ends within a letter (line {line}), so it is cut"),
            (_, byte) => format!(
                "no UTF-8 (byte {:02x} in line {line}), perhaps Latin-1 or Windows-1252",
                byte.copied().unwrap_or_default()
            ),
        };
        FhirError::Encoding { found }
    })
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, FhirError> {
    let wrong = || FhirError::Encoding { found: "damaged UTF-16".into() };
    if !bytes.len().is_multiple_of(2) {
        return Err(wrong());
    }
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units).collect::<Result<_, _>>().map_err(|_| wrong())
}

/// What a file with markup is.
fn markup(start: &str) -> FhirError {
    let head: String = start.chars().take(1000).collect::<String>().to_ascii_lowercase();
    match head.contains("<html") || head.starts_with("<!doctype html") {
        true => FhirError::Html,
        false => FhirError::Xml,
    }
}
