// SPDX-License-Identifier: Apache-2.0
//! Names of categories in XGBoost's files: numbers, or texts as bytes between offsets.

use super::file::Names;
use super::refuse;
use crate::boosting::{cell, Codes};
use crate::encoded::Encoded;
use crate::{Cell, ModelFileError};

/// Reads the names of a feature's categories; none are numbers or a feature without categories.
/// Names with letters outside of ASCII may be damaged.
pub(super) fn codes(names: &Names) -> Result<(Codes, Option<Encoded>), ModelFileError> {
    let damaged = || refuse("`cats` has names of categories that can't be read".to_owned());
    let Some(offsets) = &names.offsets else {
        let list: Option<Vec<Cell>> = names.values.iter().map(cell).collect();
        return Ok((named(list.ok_or_else(damaged)?), None));
    };
    // UTF-8 in signed bytes.
    let bytes = names.values.iter().map(|byte| byte.as_i64().map(|byte| byte as u8));
    let bytes: Vec<u8> = bytes.collect::<Option<_>>().ok_or_else(damaged)?;
    let parts = offsets.windows(2).map(|ends| bytes.get(ends[0]..ends[1]));
    let parts: Vec<&[u8]> = parts.collect::<Option<_>>().ok_or_else(damaged)?;
    if bytes.is_ascii() {
        let text = |part: &&[u8]| Cell::Text(String::from_utf8_lossy(part).into());
        return Ok((named(parts.iter().map(text).collect()), None));
    }
    // Each has another number, so that no two are the same where offsets count letters.
    let read: Option<Vec<&str>> = parts.iter().map(|part| std::str::from_utf8(part).ok()).collect();
    let distinct = |list: &Vec<&str>| (1..list.len()).all(|at| !list[..at].contains(&list[at]));
    let list: Vec<Cell> = match read.filter(distinct) {
        Some(list) => list.into_iter().map(|text| Cell::Text(text.into())).collect(),
        None => (0..parts.len()).map(|at| Cell::Text(format!("category {at}").into())).collect(),
    };
    let letters: Vec<char> = String::from_utf8_lossy(&bytes).chars().collect();
    let given = letters.iter().rposition(|letter| *letter != '\u{fffd}').map_or(0, |last| last + 1);
    let name = |ends: &[usize]| letters[ends[0].min(given)..ends[1].min(given)].iter().collect();
    let encoded = Encoded::Offsets {
        bytes: list.clone(),
        letters: offsets.windows(2).map(name).collect(),
        whole: offsets.windows(2).take_while(|ends| ends[1] <= given).count(),
    };
    Ok((named(list), Some(encoded)))
}

fn named(list: Vec<Cell>) -> Codes {
    if list.is_empty() {
        Codes::Plain
    } else {
        Codes::Named(list)
    }
}
