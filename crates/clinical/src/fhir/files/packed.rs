// SPDX-License-Identifier: Apache-2.0
//! Compressed files: what they are, and gzip.

use super::super::FhirError;
use super::MAX_RECORD_BYTES;
use flate2::bufread::MultiGzDecoder;
use std::io::Read;

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Gzip,
    Zip,
}

/// How these bytes are packed, if they are.
pub(super) fn kind(bytes: &[u8]) -> Option<Kind> {
    match bytes {
        [0x1f, 0x8b, ..] => Some(Kind::Gzip),
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Kind::Zip),
        _ => None,
    }
}

/// Unpacks all members of a gzip file, into at most so many bytes.
pub(super) fn gunzip(bytes: &[u8], most: usize) -> Result<Vec<u8>, FhirError> {
    inflate(MultiGzDecoder::new(bytes), most, "gzip")
}

/// Reads to the end, but no more than so many bytes.
pub(super) fn inflate(
    reader: impl Read,
    most: usize,
    form: &'static str,
) -> Result<Vec<u8>, FhirError> {
    let mut unpacked = Vec::new();
    reader.take(most as u64 + 1).read_to_end(&mut unpacked).map_err(|error| {
        let why = match error.kind() {
            std::io::ErrorKind::UnexpectedEof => "it ends too early",
            _ => "it can't be unpacked",
        };
        FhirError::Packed { why: format!("is damaged {form}: {why}") }
    })?;
    if unpacked.len() > most {
        return Err(FhirError::TooLong { found: MAX_RECORD_BYTES + 1, most: MAX_RECORD_BYTES });
    }
    Ok(unpacked)
}
