// SPDX-License-Identifier: Apache-2.0
//! The files of a record: from bytes to JSON.
//!
//! A file is unpacked ([`packed`], [`zip`]), decoded ([`encoding`]) and parsed ([`json`]): one
//! value, several, one a line, or a list of them. What they are about is none of this module's
//! business, but for the [`manifest`] of an export, which names other files.

mod choice;
mod encoding;
mod json;
mod manifest;
mod packed;
mod zip;

pub use choice::{is_hidden, is_part, HEAD};

use super::facts::Facts;
use super::FhirError;
use cso_model_files::shorten;
use jiff::civil::Date;
use serde_json::Value as Json;

/// Longest record in bytes, all files together, before and after unpacking; a long life with many
/// laboratory values takes a few MiB.
pub const MAX_RECORD_BYTES: usize = 64 * 1024 * 1024;

/// Most files of a record, those in archives included; some exports write one a resource.
pub const MAX_RECORD_FILES: usize = 50_000;

/// Deepest archive in an archive: NDJSON with gzip in a zip is 2.
const MAX_PACKED: usize = 2;

/// One file of a record.
#[derive(Clone, Copy, Debug)]
pub struct RecordFile<'a> {
    /// What to call it in errors.
    pub name: &'a str,
    /// What is in it.
    pub bytes: &'a [u8],
}

/// What the files hold.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// The FHIR in them: Bundles and resources.
    pub roots: Vec<Root>,
    /// What the manifests of exports tell.
    pub facts: Facts,
    /// Files of archives that are something else.
    pub passed_over: Vec<String>,
}

/// A Bundle or resource that isn't in another one.
#[derive(Debug)]
pub(super) struct Root {
    pub json: Json,
    /// Where it stands, for errors; empty if it is all there is.
    pub place: String,
}

/// The FHIR in the files.
pub(super) fn read(files: &[RecordFile<'_>], today: Date) -> Result<Files, FhirError> {
    let found = files.iter().map(|file| file.bytes.len()).sum();
    if found > MAX_RECORD_BYTES {
        return Err(FhirError::TooLong { found, most: MAX_RECORD_BYTES });
    }
    let mut sorted = files.to_vec();
    sorted.sort_by_key(|file| (file.name, file.bytes));
    let mut reader = Reader {
        is_one: files.len() == 1,
        bytes_left: MAX_RECORD_BYTES,
        files_left: MAX_RECORD_FILES,
        names: Vec::new(),
        empty: Vec::new(),
        manifests: Vec::new(),
        roots: Vec::new(),
        passed_over: Vec::new(),
    };
    for file in sorted {
        reader.file(file.name, file.bytes, 0)?;
    }
    // A file may be empty if the manifest says so.
    let due = manifest::empty(&reader.manifests);
    let is_due = |name: &str| due.contains(manifest::end(name));
    if let Some((_, error)) = reader.empty.iter().find(|(name, _)| !is_due(name)) {
        return Err(error.clone());
    }
    let facts = manifest::facts(&reader.manifests, &reader.names, &reader.roots, today);
    if reader.roots.is_empty() {
        return Err(FhirError::Empty);
    }
    Ok(Files { roots: reader.roots, facts, passed_over: reader.passed_over })
}

struct Reader {
    /// Whether errors need no file's name.
    is_one: bool,
    bytes_left: usize,
    files_left: usize,
    names: Vec<String>,
    /// Files of lines without any, and the error that this is.
    empty: Vec<(String, FhirError)>,
    manifests: Vec<Json>,
    roots: Vec<Root>,
    passed_over: Vec<String>,
}

impl Reader {
    /// Reads a file, or those in it.
    fn file(&mut self, name: &str, bytes: &[u8], depth: usize) -> Result<(), FhirError> {
        self.files_left = self
            .files_left
            .checked_sub(1)
            .ok_or(FhirError::TooManyFiles { most: MAX_RECORD_FILES })?;
        let place = if self.is_one { String::new() } else { plain(name) };
        let at = |error: FhirError| error.at(&place);
        let packed = packed::kind(bytes);
        if packed.is_some() && depth == MAX_PACKED {
            return Err(at(FhirError::Packed { why: "has archives in archives".into() }));
        }
        match packed {
            Some(packed::Kind::Gzip) => {
                let inner = packed::gunzip(bytes, self.bytes_left).map_err(at)?;
                self.file(strip_gz(name), &inner, depth + 1)
            }
            Some(packed::Kind::Zip) => {
                self.is_one = false;
                let mut any = false;
                for member in zip::members(bytes).map_err(at)? {
                    if !choice::is_part(&member.name, &member.head()) {
                        if !choice::is_hidden(&member.name) {
                            self.passed_over.push(plain(&member.name));
                        }
                        continue;
                    }
                    any = true;
                    let name = plain(&member.name);
                    let inner = member.read(self.bytes_left).map_err(|error| error.at(&name))?;
                    self.file(&name, &inner, depth + 1)?;
                }
                if any {
                    Ok(())
                } else {
                    Err(at(FhirError::Packed { why: "has no file in JSON or NDJSON".into() }))
                }
            }
            None => {
                let text = match encoding::decode(bytes) {
                    Err(FhirError::EmptyFile) if is_lines(name) => {
                        self.names.push(name.to_owned());
                        self.empty.push((name.to_owned(), at(FhirError::EmptyFile)));
                        return Ok(());
                    }
                    text => text.map_err(at)?,
                };
                self.bytes_left = self.bytes_left.checked_sub(text.len()).ok_or_else(|| {
                    at(FhirError::TooLong { found: MAX_RECORD_BYTES + 1, most: MAX_RECORD_BYTES })
                })?;
                self.names.push(name.to_owned());
                self.text(name, &place, &text)
            }
        }
    }

    /// Takes the values of a text.
    fn text(&mut self, name: &str, place: &str, text: &str) -> Result<(), FhirError> {
        let values = json::values(text, is_lines(name)).map_err(|error| error.at(place))?;
        let is_one = values.len() == 1;
        for (line, value) in values {
            let place = match (is_one, place) {
                (true, place) => place.to_owned(),
                (false, "") => format!("line {line}"),
                (false, place) => format!("{place}, line {line}"),
            };
            match value {
                Json::Array(list) if list.is_empty() => return Err(FhirError::Empty.at(&place)),
                Json::Array(list) => {
                    for (index, value) in list.into_iter().enumerate() {
                        let item = format!("item {} of the list", index + 1);
                        let place = match place.as_str() {
                            "" => item,
                            place => format!("{place}, {item}"),
                        };
                        self.value(value, place)?;
                    }
                }
                value => self.value(value, place)?,
            }
        }
        Ok(())
    }

    fn value(&mut self, json: Json, place: String) -> Result<(), FhirError> {
        if manifest::is_one(&json) {
            self.manifests.push(json);
        } else if has_type(&json) {
            self.roots.push(Root { json, place });
        } else {
            return Err(FhirError::NotFhir { found: what(&json) }.at(&place));
        }
        Ok(())
    }
}

/// Whether it says what resource it is.
pub(super) fn has_type(json: &Json) -> bool {
    let kind = json.get("resourceType").and_then(Json::as_str);
    kind.is_some_and(|kind| !kind.trim().is_empty())
}

/// A file's name in one line, its end if it is long.
fn plain(name: &str) -> String {
    const MOST: usize = 120;
    let clean: Vec<char> = name.chars().filter(|c| !c.is_control()).collect();
    match clean.len() > MOST {
        true => format!("…{}", clean[clean.len() - MOST..].iter().collect::<String>()),
        false => clean.into_iter().collect(),
    }
}

fn strip_gz(name: &str) -> &str {
    let cut = name.len().saturating_sub(3);
    match name.get(cut..) {
        Some(end) if end.eq_ignore_ascii_case(".gz") => &name[..cut],
        _ => name,
    }
}

/// Whether the name says that there is one value a line.
fn is_lines(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".ndjson", ".jsonl"].iter().any(|end| name.ends_with(end))
}

/// What JSON that isn't FHIR is, for people.
fn what(json: &Json) -> String {
    match json {
        Json::Object(object) => {
            let wrapped = object.iter().find_map(|(name, value)| {
                let inner = value.as_array().and_then(|list| list.first()).unwrap_or(value);
                has_type(inner).then(|| (name, inner["resourceType"].as_str().unwrap_or_default()))
            });
            match (wrapped, object.keys().next()) {
                (Some((name, kind)), _) => format!(
                    "has a {} in its member `{}`, to be given alone",
                    shorten(kind),
                    shorten(name)
                ),
                _ if object.contains_key("resourceType") => {
                    "has a `resourceType` that is no name".into()
                }
                (None, Some(name)) => {
                    format!("is an object with `{}` and no `resourceType`", shorten(name))
                }
                (None, None) => "is an object without anything in it".into(),
            }
        }
        Json::Array(_) => "is a list".into(),
        Json::Null => "is `null`".into(),
        Json::Bool(_) => "is true or false".into(),
        Json::Number(_) => "is a number".into(),
        Json::String(text) if text.trim_start().starts_with(['{', '[']) => {
            "is JSON as a text, in quotes, which must be decoded once more".into()
        }
        Json::String(_) => "is a text".into(),
    }
}
