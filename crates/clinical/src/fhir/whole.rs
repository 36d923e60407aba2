// SPDX-License-Identifier: Apache-2.0
//! Requests for everything: searches of all resources of one kind of one patient, and exports.
//!
//! What they bring is complete only if nothing in the address can leave anything out. So all of an
//! address must be known: one part that isn't may filter.

use super::kinds;
use super::reference::{base, literal};

/// A search of all resources of one kind of one patient.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct WholeSearch {
    /// The type that is searched for.
    pub kind: &'static str,
    /// The patient's id.
    pub patient: String,
    /// The servers that it names: where it was made, and where the patient is.
    pub bases: Vec<String>,
}

impl WholeSearch {
    /// Reads `[base]/Kind?patient=…` and `[base]/Patient/ID/Kind`, absolute or relative.
    pub(super) fn read(url: &str) -> Option<Self> {
        let address = Plain::read(url)?;
        let path = match address.path.as_slice() {
            [path @ .., "_search"] => path,
            path => path,
        };
        let (server, kind, of) = match path {
            [server @ .., "Patient", id, kind] => (server, kind, Some(*id)),
            [server @ .., kind] => (server, kind, None),
            [] => return None,
        };
        let kind = kinds::asked(kind)?;
        let mut bases: Vec<String> = address.base(server)?.into_iter().collect();
        let mut patients: Vec<String> = of.map(str::to_owned).into_iter().collect();
        for (name, value) in &address.parameters {
            match name.as_str() {
                "patient" | "subject" | "patient:Patient" | "subject:Patient" => {
                    let (id, base) = patient(value)?;
                    patients.push(id);
                    bases.extend(base);
                }
                name if is_harmless(name, value) => {}
                _ => return None,
            }
        }
        match <[String; 1]>::try_from(patients) {
            Ok([patient]) if is_id(&patient) => Some(Self { kind, patient, bases }),
            _ => None,
        }
    }
}

/// Of which types an export is asked for everything: of all if none is named. None if its address
/// can leave anything out.
pub(super) fn whole_export(url: &str) -> Option<Vec<String>> {
    let address = Plain::read(url)?;
    let server = match address.path.as_slice() {
        [server @ .., "Patient" | "Group", id, "$export" | "$everything"] if is_id(id) => server,
        [server @ .., "Patient", "$export"] => server,
        [server @ .., "$export"] => server,
        _ => return None,
    };
    address.base(server)?;
    let mut types = Vec::new();
    for (name, value) in &address.parameters {
        match name.as_str() {
            "_type" => types.extend(value.split(',').map(|kind| kind.trim().to_owned())),
            "_outputFormat" => {}
            _ => return None,
        }
    }
    Some(types)
}

/// An address without anything that servers read differently.
struct Plain<'a> {
    is_absolute: bool,
    /// The parts of its path; of an absolute one the host is the first.
    path: Vec<&'a str>,
    parameters: Vec<(String, String)>,
    scheme: &'a str,
}

impl<'a> Plain<'a> {
    fn read(url: &'a str) -> Option<Self> {
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let (scheme, path) = match path.split_once("://") {
            Some((scheme, path)) => (scheme, path),
            None => ("", path.strip_prefix('/').unwrap_or(path)),
        };
        let path: Vec<&str> = path.split('/').collect();
        let is_odd = |part: &&str| {
            part.is_empty()
                || part.starts_with('.')
                || part.contains(|c: char| c.is_whitespace() || "%;#\\&=".contains(c))
        };
        if path.iter().any(is_odd) || query.contains(['#', ';', '\\', '?']) {
            return None;
        }
        let parameters = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=')?;
            Some((decoded(name), decoded(value)))
        });
        let parameters = parameters.collect::<Option<Vec<_>>>()?;
        Some(Self { is_absolute: !scheme.is_empty(), path, parameters, scheme })
    }

    /// The server at the beginning of the path, if it names one: not a resource on one.
    fn base(&self, server: &[&str]) -> Option<Option<String>> {
        let is_on_one =
            |part: &&str| part.starts_with('$') || *part == "Group" || kinds::known(part).is_some();
        match (self.is_absolute, server) {
            (false, []) => Some(None),
            (true, [_, ..]) if !server.iter().any(is_on_one) => {
                Some(Some(base(&format!("{}://{}", self.scheme, server.join("/")))?))
            }
            _ => None,
        }
    }
}

/// The id and server of a patient by whom is searched.
fn patient(value: &str) -> Option<(String, Option<String>)> {
    if !value.contains('/') {
        return Some((value.to_owned(), None));
    }
    let found = literal(value).filter(|found| found.kind == "Patient")?;
    let is_plain = found.base.is_some() || value == format!("Patient/{}", found.id);
    is_plain.then(|| (found.id.to_owned(), found.base))
}

fn is_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
}

/// Whether a parameter leaves no match out.
fn is_harmless(name: &str, value: &str) -> bool {
    let only = |more: &str| {
        let is_known = |c: char| c.is_ascii_alphanumeric() || more.contains(c);
        !value.is_empty() && value.chars().all(is_known)
    };
    match name {
        "_count" => value.parse::<u32>().is_ok_and(|count| count > 0),
        "_format" => only("/+.- "),
        "_pretty" => matches!(value, "true" | "false"),
        "_sort" => only("_-,"),
        "_include" | "_revinclude" | "_include:iterate" | "_revinclude:iterate" => only("_-:*."),
        "_summary" => value == "false",
        "_total" => value == "accurate",
        _ => false,
    }
}

/// Undoes percent-encoding.
pub(super) fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, more @ ..] = rest {
        let hex = more.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match hex.filter(|_| *first == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok())
        {
            Some(byte) => {
                bytes.push(byte);
                rest = &more[2..];
            }
            None => {
                bytes.push(*first);
                rest = more;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
