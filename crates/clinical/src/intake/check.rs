// SPDX-License-Identifier: Apache-2.0
//! What holds for every id and every text of a protocol.

use cso_model_files::shorten;

use super::error::SchemaError;
use crate::plain_text::{first_not_plain, has_heap_of_marks, is_drawn, MAX_MARKS};

/// Checks an id: short, printable, safe in CSV headers, JSON, TOML keys and `feature=value`
/// arguments.
///
/// Upper case, spaces and brackets are allowed, since features of imported models keep the
/// names of their columns (`mean radius`).
pub(crate) fn check_id(field: &str, id: &str) -> Result<(), SchemaError> {
    let allowed = |b: u8| (b.is_ascii_graphic() || b == b' ') && !b"\"'`,=<>".contains(&b);
    if (1..=64).contains(&id.len()) && id.trim() == id && id.bytes().all(allowed) {
        Ok(())
    } else {
        Err(SchemaError::BadId { field: field.to_owned(), id: shorten(id) })
    }
}

/// Checks that a text says something, isn't longer than `most` characters, and has none that isn't
/// drawn where it stands: it's one line, whoever shows it.
pub(crate) fn check_text(field: &str, text: &str, most: usize) -> Result<(), SchemaError> {
    let found = text.trim().chars().count();
    if found == 0 || text.chars().count() > most {
        let found = if found == 0 { 0 } else { text.chars().count() };
        return Err(SchemaError::BadText { field: field.to_owned(), found, most });
    }
    let field = || field.to_owned();
    match first_not_plain(text) {
        Some(letter) => Err(SchemaError::BadLetter { field: field(), letter }),
        None if !is_drawn(text) => Err(SchemaError::NothingDrawn { field: field() }),
        None if has_heap_of_marks(text) => {
            Err(SchemaError::TooManyMarks { field: field(), most: MAX_MARKS })
        }
        None => Ok(()),
    }
}
