// SPDX-License-Identifier: Apache-2.0
//! The files of a record: from bytes to JSON.

use super::FhirError;
use serde_json::Value as Json;

/// Longest record in bytes, all files together; a long life with many laboratory values takes a few
/// MiB.
pub const MAX_RECORD_BYTES: usize = 64 * 1024 * 1024;

/// One file of a record.
#[derive(Clone, Copy, Debug)]
pub struct RecordFile<'a> {
    /// What to call it in errors.
    pub name: &'a str,
    /// What is in it.
    pub bytes: &'a [u8],
}

/// The FHIR in the files: Bundles and resources.
pub(super) fn read(files: &[RecordFile<'_>]) -> Result<Vec<Json>, FhirError> {
    let found = files.iter().map(|file| file.bytes.len()).sum();
    if found > MAX_RECORD_BYTES {
        return Err(FhirError::TooLong { found, most: MAX_RECORD_BYTES });
    }
    files.iter().map(|file| parse(file.bytes)).collect()
}

fn parse(bytes: &[u8]) -> Result<Json, FhirError> {
    let text = std::str::from_utf8(bytes).map_err(|_| FhirError::NotJson { line: 1, column: 1 })?;
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('<') {
        return Err(FhirError::Xml);
    }
    let value: Json = serde_json::from_str(text)
        .map_err(|error| FhirError::NotJson { line: error.line(), column: error.column() })?;
    if value.get("resourceType").and_then(Json::as_str).is_none() {
        return Err(FhirError::NotFhir);
    }
    Ok(value)
}
