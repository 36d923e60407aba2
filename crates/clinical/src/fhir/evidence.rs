// SPDX-License-Identifier: Apache-2.0
//! What must hold of anything that tells of a whole list: it is of late, is understood, and what
//! it refers to is there.

use super::resource::{list, Resource};
use super::time;
use jiff::civil::Date;
use serde_json::Value as Json;
use std::collections::HashSet;

/// Days after which what was complete no longer shows anything.
const MAX_AGE: u32 = 365;

/// Whether what was written at these times still tells of today. What has no date does.
pub(super) fn is_recent<'a>(times: impl IntoIterator<Item = &'a Json>, today: Date) -> bool {
    times.into_iter().all(|time| {
        let when = time.as_str().and_then(|text| time::parse(text.trim()));
        when.is_some_and(|when| !time::may_be_older(when, MAX_AGE, today))
    })
}

/// What can be referred to.
pub(super) struct Index<'a> {
    urls: HashSet<&'a str>,
    ids: HashSet<(&'a str, &'a str)>,
}

impl<'a> Index<'a> {
    pub(super) fn of(resources: &[Resource<'a>]) -> Self {
        let named = |one: &Resource<'a>| Some((one.kind, one.text("id")?));
        let outer = || resources.iter().filter(|one| one.container.is_none());
        Self {
            urls: resources.iter().filter_map(|one| one.full_url).collect(),
            ids: outer().filter_map(named).collect(),
        }
    }

    /// Whether a reference leads to a resource of the record.
    pub(super) fn has(&self, reference: &str, from: &Json) -> bool {
        if reference.starts_with('#') {
            return contained(reference, from).is_some();
        }
        let reference = reference.split("/_history/").next().unwrap_or(reference);
        let mut parts = reference.rsplit('/');
        let named = parts.next().zip(parts.next());
        self.urls.contains(reference)
            || named.is_some_and(|(id, kind)| self.ids.contains(&(kind, id)))
    }
}

/// The resource inside another one to which a reference leads.
pub(super) fn contained<'a>(reference: &str, from: &'a Json) -> Option<&'a Json> {
    let id = reference.strip_prefix('#')?;
    list(from, "contained").iter().find(|one| one.get("id").and_then(Json::as_str) == Some(id))
}
