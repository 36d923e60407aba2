// SPDX-License-Identifier: Apache-2.0
//! From text to JSON values, in which no member stands twice and nothing is nested too deep.
//!
//! One value, several one after the other, or one a line: all are read. RFC 8259 leaves open which
//! of two members of one name counts, and FHIR forbids them, so they are refused.

use super::super::FhirError;
use cso_model_files::shorten;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;
use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;

/// Deepest list or object in others. Questionnaires in Bundles in Bundles take about 40; below
/// serde_json's own bound of 128.
pub(super) const MAX_NESTING: usize = 100;

/// The values of a text, each with the line where it begins.
pub(super) fn values(text: &str, is_lines: bool) -> Result<Vec<(usize, Json)>, FhirError> {
    stream(text).or_else(|error| match is_lines || looks_like_lines(text) {
        // Says which line it is.
        true => lines(text),
        false => Err(error),
    })
}

/// Whether there are lines that begin a value each.
fn looks_like_lines(text: &str) -> bool {
    let mut lines = text.lines().map(unmarked).filter(|line| !line.trim().is_empty());
    let two = [lines.next(), lines.next()];
    two.iter().all(|line| line.is_some_and(|line| line.starts_with("{\"")))
}

/// A line without the byte order mark that stays in it when files are put together.
fn unmarked(line: &str) -> &str {
    line.trim_start_matches('\u{feff}')
}

/// Values one after the other.
fn stream(text: &str) -> Result<Vec<(usize, Json)>, FhirError> {
    let mut values = Vec::new();
    let (mut rest, mut before) = (text, Place::default());
    loop {
        let start = rest.trim_start();
        before.pass(&rest[..rest.len() - start.len()]);
        if start.is_empty() {
            return Ok(values);
        }
        let (one, after) = start.split_at(length(start));
        values.push((before.lines + 1, value(one, before)?));
        before.pass(one);
        rest = after;
    }
}

/// What stands before a piece of a text.
#[derive(Clone, Copy, Default)]
struct Place {
    lines: usize,
    /// Bytes of the last line, as the parser counts them.
    columns: usize,
}

impl Place {
    fn pass(&mut self, text: &str) {
        self.lines += text.bytes().filter(|byte| *byte == b'\n').count();
        self.columns = match text.rfind('\n') {
            Some(last) => text.len() - last - 1,
            None => self.columns + text.len(),
        };
    }

    /// The line and column, from 1, of an error in the piece.
    fn of(self, error: &serde_json::Error) -> (usize, usize) {
        let columns = if error.line() <= 1 { self.columns } else { 0 };
        (self.lines + error.line(), columns + error.column())
    }
}

/// How long the value is with which a text begins, as far as brackets tell; whether it is one, the
/// parser says.
fn length(text: &str) -> usize {
    if let Some(inner) = text.strip_prefix('"') {
        let mut escaped = false;
        let end = inner.bytes().position(|byte| match byte {
            _ if escaped => {
                escaped = false;
                false
            }
            b'\\' => {
                escaped = true;
                false
            }
            byte => byte == b'"',
        });
        return end.map_or(text.len(), |end| end + 2);
    }
    if !text.starts_with(['{', '[']) {
        return text.find(char::is_whitespace).unwrap_or(text.len());
    }
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return index + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}

/// One value a line.
fn lines(text: &str) -> Result<Vec<(usize, Json)>, FhirError> {
    let mut values = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = unmarked(line);
        if line.trim().is_empty() {
            continue;
        }
        values.push((index + 1, value(line, Place { lines: index, columns: 0 })?));
    }
    Ok(values)
}

/// The value that a piece of a text is.
fn value(text: &str, before: Place) -> Result<Json, FhirError> {
    let fault = RefCell::new(None);
    let mut parser = serde_json::Deserializer::from_str(text);
    let read = Checked { depth: 0, fault: &fault }.deserialize(&mut parser);
    let read = read.and_then(|()| parser.end()).and_then(|()| serde_json::from_str(text));
    read.map_err(|error| match fault.take() {
        Some(Fault::Deep) => FhirError::Deep { line: before.of(&error).0, most: MAX_NESTING },
        Some(Fault::Twice { member, mut path }) => {
            path.reverse();
            let place = match path.is_empty() {
                true => String::new(),
                false => format!(" in `{}`", path.concat().trim_start_matches('.')),
            };
            FhirError::Twice { member, place, line: before.of(&error).0 }
        }
        None => refusal(&error, text, before),
    })
}

/// What is wrong with a text, in the words of the parser without its place.
fn refusal(error: &serde_json::Error, text: &str, before: Place) -> FhirError {
    let (line, column) = before.of(error);
    if error.is_eof() {
        return FhirError::Cut { line };
    }
    let told = error.to_string();
    let why = told.rsplit_once(" at line ").map_or(told.as_str(), |(why, _)| why);
    let mut why = why.replace("(\\u0000-\\u001F) ", "");
    let rest = text
        .lines()
        .nth(error.line().saturating_sub(1))
        .and_then(|line| line.get(error.column().saturating_sub(1)..))
        .unwrap_or_default();
    let word: String =
        rest.chars().take(20).take_while(|c| c.is_alphanumeric() || *c == '-').collect();
    if !word.is_empty() && why.starts_with("expected") {
        why = format!("{why}, found `{word}`");
    }
    FhirError::NotJson { line, column, why }
}

/// What the parser of JSON itself wouldn't refuse.
enum Fault {
    Deep,
    Twice { member: String, path: Vec<String> },
}

/// Looks through any value, at a depth, and keeps nothing of it: what serde_json makes of numbers
/// depends on features that other crates of a build choose, so that it must make its values itself.
#[derive(Clone, Copy)]
struct Checked<'f> {
    depth: usize,
    fault: &'f RefCell<Option<Fault>>,
}

impl Checked<'_> {
    /// For what is in a list or object.
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth == MAX_NESTING {
            *self.fault.borrow_mut() = Some(Fault::Deep);
            return Err(E::custom("nested too deep"));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }

    /// On the way out: where the member is that stands twice.
    fn within(self, step: impl FnOnce() -> String) {
        if let Some(Fault::Twice { path, .. }) = &mut *self.fault.borrow_mut() {
            path.push(step());
        }
    }
}

impl<'de> DeserializeSeed<'de> for Checked<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Checked<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_string<E>(self, _: String) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let inner = self.deeper()?;
        let mut count = 0;
        loop {
            match list.next_element_seed(inner) {
                Ok(Some(())) => count += 1,
                Ok(None) => return Ok(()),
                Err(error) => {
                    self.within(|| format!("[{count}]"));
                    return Err(error);
                }
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let inner = self.deeper()?;
        let mut members = HashSet::new();
        while let Some(name) = object.next_key::<String>()? {
            if members.contains(&name) {
                let member = shorten(&name);
                *self.fault.borrow_mut() = Some(Fault::Twice { member, path: Vec::new() });
                return Err(A::Error::custom("a member stands twice"));
            }
            match object.next_value_seed(inner) {
                Ok(()) => members.insert(name),
                Err(error) => {
                    self.within(|| format!(".{}", shorten(&name)));
                    return Err(error);
                }
            };
        }
        Ok(())
    }
}
