// SPDX-License-Identifier: Apache-2.0
//! Universal Binary JSON (<https://ubjson.org>, draft 12), as far as XGBoost writes it.

use serde_json::{Map, Number, Value as Json};

use super::refuse;
use crate::ModelFileError;

/// Deepest nesting; XGBoost's files have less than ten levels.
const MAX_DEPTH: usize = 32;

/// Whether the bytes begin like an object of XGBoost's.
pub(crate) fn is_ubjson(bytes: &[u8]) -> bool {
    bytes.starts_with(b"{L\0\0\0\0\0\0\0") || bytes.starts_with(b"{i\x07learner")
}

/// Reads one value, which is all there is.
pub(super) fn read(bytes: &[u8]) -> Result<Json, ModelFileError> {
    let mut reader = Reader { rest: bytes };
    let damaged = || refuse("its UBJSON is damaged: save it with `save_model(\"m.json\")`".into());
    let marker = reader.byte().ok_or_else(damaged)?;
    reader.value(marker, 0).ok_or_else(damaged)
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    /// Numbers are big-endian.
    fn value(&mut self, marker: u8, depth: usize) -> Option<Json> {
        Some(match marker {
            b'Z' => Json::Null,
            b'T' => Json::Bool(true),
            b'F' => Json::Bool(false),
            b'd' => Json::Number(Number::from_f64(f64::from(f32::from_be_bytes(self.array()?)))?),
            b'D' => Json::Number(Number::from_f64(f64::from_be_bytes(self.array()?))?),
            b'S' => Json::String(self.text()?),
            b'[' if depth < MAX_DEPTH => Json::Array(self.list(depth + 1)?),
            b'{' if depth < MAX_DEPTH => Json::Object(self.object(depth + 1)?),
            other => Json::Number(self.whole(other)?.into()),
        })
    }

    fn whole(&mut self, marker: u8) -> Option<i64> {
        Some(match marker {
            b'i' => i8::from_be_bytes(self.array()?).into(),
            b'U' => self.byte()?.into(),
            b'I' => i16::from_be_bytes(self.array()?).into(),
            b'l' => i32::from_be_bytes(self.array()?).into(),
            b'L' => i64::from_be_bytes(self.array()?),
            _ => return None,
        })
    }

    fn length(&mut self) -> Option<usize> {
        let marker = self.byte()?;
        usize::try_from(self.whole(marker)?).ok()
    }

    fn text(&mut self) -> Option<String> {
        let length = self.length()?;
        String::from_utf8(self.take(length)?.to_vec()).ok()
    }

    fn list(&mut self, depth: usize) -> Option<Vec<Json>> {
        let mut list = Vec::new();
        let mut kind = None;
        let mut marker = self.byte()?;
        if marker == b'$' {
            // Only kinds with a length, so that a count costs no memory that the file hasn't.
            kind = Some(self.byte().filter(|kind| b"dDiUIlL".contains(kind))?);
            marker = self.byte()?;
        }
        if marker == b'#' {
            for _ in 0..self.length()? {
                let marker = match kind {
                    Some(kind) => kind,
                    None => self.byte()?,
                };
                list.push(self.value(marker, depth)?);
            }
            return Some(list);
        }
        while kind.is_none() && marker != b']' {
            list.push(self.value(marker, depth)?);
            marker = self.byte()?;
        }
        Some(list)
    }

    fn object(&mut self, depth: usize) -> Option<Map<String, Json>> {
        let mut map = Map::new();
        while self.rest.first()? != &b'}' {
            let name = self.text()?;
            let marker = self.byte()?;
            map.insert(name, self.value(marker, depth)?);
        }
        self.byte()?;
        Some(map)
    }
}
