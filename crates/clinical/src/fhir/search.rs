// SPDX-License-Identifier: Apache-2.0
//! Searches of a server, by the address in a Bundle's links: pages, parts, filters.

use super::kinds::{self, Concern};
use super::resource::list;
use super::whole::{decoded, WholeSearch};
use super::FhirError;
use cso_model_files::shorten;
use serde_json::Value as Json;

/// Parameters that say how many matches or pages were left out before: their names, and the value
/// that says none.
const OFFSETS: [(&str, &str); 10] = [
    ("_getpagesoffset", "0"),
    ("_offset", "0"),
    ("offset", "0"),
    ("_skip", "0"),
    ("skip", "0"),
    ("startIndex", "0"),
    ("page", "1"),
    ("_page", "1"),
    ("pageNumber", "1"),
    ("_pageNumber", "1"),
];

/// Parameters with which a server finds a later page again.
const TOKENS: [&str; 8] =
    ["_page_token", "pageToken", "_cursor", "cursor", "ct", "_pageId", "pageId", "sessionID"];

/// HAPI's token, which the offset beside it makes a page.
const TOKEN_OF_PAGES: (&str, &str) = ("_getpages", "_getpagesoffset");

/// An address of a FHIR server.
#[derive(Debug, Default)]
pub(super) struct Address {
    /// The parts of its path.
    pub path: Vec<String>,
    /// Its parameters.
    pub parameters: Vec<(String, String)>,
}

impl Address {
    /// Takes an address apart.
    pub(super) fn read(address: &str) -> Self {
        let address = address.split('#').next().unwrap_or(address);
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        Self {
            path: path.split('/').filter(|part| !part.is_empty()).map(decoded).collect(),
            parameters: query
                .split('&')
                .filter(|pair| !pair.is_empty())
                .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
                .map(|(name, value)| (decoded(name), decoded(value)))
                .collect(),
        }
    }

    /// What can be found at it.
    pub(super) fn concern(&self) -> Concern {
        let is_operation = self.path.iter().any(|part| part.starts_with('$'));
        let includes =
            self.has(|name, _| name.starts_with("_include") || name.starts_with("_revinclude"));
        match self.path.iter().rev().find_map(|part| kinds::known(part)) {
            _ if is_operation => Concern::All,
            // Whatever refers to a patient may come with him.
            Some(Concern::These([])) if includes => Concern::All,
            Some(concern) => concern,
            None => Concern::All,
        }
    }

    /// The resource at it: its type and id.
    pub(super) fn resource(&self) -> Option<(&str, &str)> {
        let path = match self.path.iter().position(|part| part == "_history") {
            Some(at) => &self.path[..at],
            None => &self.path[..],
        };
        match path {
            [.., kind, id] if self.parameters.is_empty() && is_type(kind) => Some((kind, id)),
            _ => None,
        }
    }

    /// The type that is searched for.
    fn kind(&self) -> Option<&str> {
        let mut path = self.path.iter().rev().filter(|part| *part != "_search");
        path.next().map(String::as_str).filter(|part| is_type(part))
    }

    fn has(&self, tells: impl Fn(&str, &str) -> bool) -> bool {
        self.parameters.iter().any(|(name, value)| tells(name, value))
    }
}

fn is_type(part: &str) -> bool {
    part.starts_with(|c: char| c.is_ascii_uppercase())
        && part.bytes().all(|b| b.is_ascii_alphabetic())
}

/// What a Bundle tells about the search that it answers.
#[derive(Debug, Default)]
pub(super) struct Search {
    /// The address of the search, if it has one.
    pub address: Option<Address>,
    /// What it was for, if it left nothing out and this is all that it found.
    pub whole: Option<WholeSearch>,
    /// Why its resources are only parts, if they are.
    pub part: Option<String>,
    /// How many matches there are in all.
    pub total: Option<u64>,
    /// Set if `total` is no number.
    pub odd_total: bool,
}

impl Search {
    /// Reads a Bundle's links and `total`.
    pub(super) fn read(bundle: &Json) -> Result<Self, FhirError> {
        let links = list(bundle, "link");
        let text = |link: &Json, field: &str| {
            link.get(field).and_then(Json::as_str).unwrap_or_default().trim().to_owned()
        };
        let named = |link: &Json| text(link, "relation").to_ascii_lowercase();
        if links.iter().any(|link| named(link) == "next") {
            return Err(FhirError::Page);
        }
        let mut own = links.iter().filter(|link| named(link) == "self");
        let url = match (own.next(), own.next()) {
            (Some(link), None) => Some(text(link, "url")),
            _ => None,
        };
        let address = url.as_deref().map(Address::read);
        let before = links.iter().map(named).find(|name| name == "prev" || name == "previous");
        let is_later = |address: &Address| {
            let (token, offset) = TOKEN_OF_PAGES;
            address.has(|name, value| {
                TOKENS.iter().any(|known| known.eq_ignore_ascii_case(name))
                    || OFFSETS.iter().any(|(known, none)| *known == name && value != *none)
            }) || address.has(|name, _| name == token) && !address.has(|name, _| name == offset)
        };
        let later = address.as_ref().filter(|address| is_later(address)).map(|_| "self".to_owned());
        if let Some(link) = before.or(later) {
            return Err(FhirError::LaterPage { link });
        }
        let part = address.as_ref().and_then(|address| {
            let part = address.parameters.iter().find(|(name, value)| {
                name == "_elements"
                    || name == "_summary" && value != "false"
                    || name == "_count" && value == "0"
            })?;
            Some(format!(
                "a search was for parts only (`{}={}`)",
                shorten(&part.0),
                shorten(&part.1)
            ))
        });
        let total = bundle.get("total");
        let number = total.and_then(|total| {
            total.as_u64().or_else(|| total.as_str().and_then(|text| text.trim().parse().ok()))
        });
        // Where the last page isn't the first one, there are several.
        let at = |relation: &str| links.iter().find(|link| named(link) == relation);
        let first = at("first").map(|link| text(link, "url")).or_else(|| url.clone());
        let is_one = at("last").is_none_or(|link| Some(text(link, "url")) == first);
        let is_number = total.is_some_and(Json::is_number);
        let whole = url.filter(|_| is_one && is_number).and_then(|url| WholeSearch::read(&url));
        let odd_total = total.is_some() && number.is_none();
        Ok(Self { address, whole, part, total: number, odd_total })
    }

    /// What it was for.
    pub(super) fn concern(&self) -> Concern {
        self.address.as_ref().map_or(Concern::All, Address::concern)
    }

    /// Whether a resource of a kind counts as a match of it, by the entry's `search.mode`.
    pub(super) fn is_match(&self, mode: Option<&str>, kind: &str) -> bool {
        match mode {
            Some(mode) => mode == "match",
            None if kind == "OperationOutcome" => false,
            None => self.address.as_ref().and_then(Address::kind).is_none_or(|one| one == kind),
        }
    }
}
