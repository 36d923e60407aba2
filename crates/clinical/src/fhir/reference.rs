// SPDX-License-Identifier: Apache-2.0
//! References between resources, and where a resource stands.
//!
//! An id is known only on its server. A Bundle tells the server by the `fullUrl` of an entry;
//! without one an id stands for itself, as in files of a bulk export.

use super::resource::Resource;
use std::borrow::Cow;
use std::collections::HashMap;

/// A reference to a resource by kind and id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Literal<'a> {
    pub id: &'a str,
    pub kind: &'a str,
    /// The server, if the reference is absolute.
    pub base: Option<String>,
}

/// Reads `Kind/id` and `https://server/path/Kind/id`, both also with `/_history/version`.
pub(super) fn literal(text: &str) -> Option<Literal<'_>> {
    let text = unversioned(text);
    if text.contains('?') || text.contains('#') {
        return None;
    }
    let mut parts = text.rsplitn(3, '/');
    let (id, kind, rest) = (parts.next()?, parts.next()?, parts.next());
    let is_kind = kind.bytes().all(|byte| byte.is_ascii_alphabetic());
    if id.is_empty() || kind.is_empty() || !is_kind {
        return None;
    }
    Some(Literal { id, kind, base: rest.and_then(base) })
}

/// A reference without the version of what it points to.
pub(super) fn unversioned(text: &str) -> &str {
    let text = text.trim();
    text.split_once("/_history").map_or(text, |(text, _)| text)
}

/// A reference without its version, and URNs in one spelling: neither `urn:uuid` nor the UUID has
/// a case.
pub(super) fn address(text: &str) -> Cow<'_, str> {
    let text = unversioned(text);
    let is_urn = text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:"));
    match is_urn {
        true => Cow::Owned(text.to_ascii_lowercase()),
        false => Cow::Borrowed(text),
    }
}

/// The version that a URL names: `…/_history/2`.
pub(super) fn version(url: &str) -> Option<&str> {
    let (_, version) = url.trim().split_once("/_history/")?;
    Some(version.trim_end_matches('/')).filter(|version| !version.is_empty())
}

/// A server in one spelling: schemes, the case of hosts and a scheme's own port don't tell servers
/// apart.
pub(super) fn base(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let rest = rest.trim_end_matches('/');
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let scheme = scheme.to_ascii_lowercase();
    let port = if scheme == "https" { ":443" } else { ":80" };
    let host = host.strip_suffix(port).unwrap_or(host);
    let scheme = if scheme == "https" { "http" } else { &scheme };
    Some(format!("{scheme}://{}{path}", host.to_ascii_lowercase()))
}

/// Where a resource stands by the Bundle's URL for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Site {
    /// At a server, under its kind and id.
    Server(String),
    /// Under a name of its own, as `urn:uuid:…`.
    Named(String),
}

/// Reads the URL that a Bundle gives a resource of that kind.
pub(super) fn site(full_url: Option<&str>, kind: &str) -> Option<Site> {
    let url = unversioned(full_url?);
    match literal(url) {
        Some(Literal { kind: found, base, .. }) if found == kind => base.map(Site::Server),
        _ => (!url.is_empty()).then(|| Site::Named(address(url).into_owned())),
    }
}

impl Resource<'_> {
    /// The server against which the resource's relative references are read.
    pub(super) fn base(&self) -> Option<String> {
        match site(self.full_url, self.kind)? {
            Site::Server(base) => Some(base),
            Site::Named(_) => None,
        }
    }

    /// The same as it is written.
    pub(super) fn base_as_written(&self) -> Option<&str> {
        self.base()?;
        unversioned(self.full_url?).rsplitn(3, '/').nth(2)
    }
}

/// Where to find resources by references. All that a reference may mean is one slot.
#[derive(Debug, Default)]
pub(super) struct Index {
    slots: Vec<Vec<usize>>,
    urls: HashMap<String, usize>,
    /// By kind and id, on each server and where it isn't known.
    placed: HashMap<(Option<String>, String, String), usize>,
    /// By kind and id alone.
    anywhere: HashMap<(String, String), usize>,
}

impl Index {
    /// Of resources by their place in the list; contained ones aren't found.
    pub(super) fn new(resources: &[Resource<'_>]) -> Self {
        let mut index = Self::default();
        for (number, resource) in resources.iter().enumerate() {
            if resource.container.is_some() {
                continue;
            }
            for url in resource.urls().flatten() {
                let slot = slot(&mut index.slots, &mut index.urls, address(url).into_owned());
                add(&mut index.slots[slot], number);
            }
            let Some(id) = resource.text("id") else {
                continue;
            };
            for url in resource.urls() {
                let base = match site(url, resource.kind) {
                    Some(Site::Server(base)) => Some(base),
                    _ => None,
                };
                let key = (base, resource.kind.to_owned(), id.to_owned());
                let slot = slot(&mut index.slots, &mut index.placed, key);
                add(&mut index.slots[slot], number);
            }
            let key = (resource.kind.to_owned(), id.to_owned());
            let slot = slot(&mut index.slots, &mut index.anywhere, key);
            add(&mut index.slots[slot], number);
        }
        index
    }

    /// The slot of all that a reference in a resource at that server may mean.
    pub(super) fn slot(&self, reference: &str, from: Option<&str>) -> Option<usize> {
        if let Some(slot) = self.urls.get(&*address(reference)) {
            return Some(*slot);
        }
        let Literal { id, kind, base } = literal(reference)?;
        let (kind, id) = (kind.to_owned(), id.to_owned());
        let Some(base) = base.or_else(|| from.map(str::to_owned)) else {
            return self.anywhere.get(&(kind, id)).copied();
        };
        let placed = self.placed.get(&(Some(base), kind.clone(), id.clone()));
        placed.or_else(|| self.placed.get(&(None, kind, id))).copied()
    }

    pub(super) fn members(&self, slot: usize) -> &[usize] {
        &self.slots[slot]
    }
}

fn slot<K: std::hash::Hash + Eq>(
    slots: &mut Vec<Vec<usize>>,
    keys: &mut HashMap<K, usize>,
    key: K,
) -> usize {
    *keys.entry(key).or_insert_with(|| {
        slots.push(Vec::new());
        slots.len() - 1
    })
}

fn add(slot: &mut Vec<usize>, number: usize) {
    if slot.last() != Some(&number) {
        slot.push(number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literal_references_are_read_in_all_forms() {
        for (text, expected) in [
            ("Patient/p", Some((None, "Patient", "p"))),
            (" /Patient/p/_history/2 ", Some((None, "Patient", "p"))),
            (
                "https://A.example/fhir/Patient/p",
                Some((Some("http://a.example/fhir"), "Patient", "p")),
            ),
            (
                "http://a.example/Patient/p/_history/2",
                Some((Some("http://a.example"), "Patient", "p")),
            ),
            ("https://a.example:443/Patient/p", Some((Some("http://a.example"), "Patient", "p"))),
            ("http://a.example:80/Patient/p", Some((Some("http://a.example"), "Patient", "p"))),
            ("https://a.example:80/Patient/p", Some((Some("http://a.example:80"), "Patient", "p"))),
            ("urn:uuid:11111111-1111-1111-1111-111111111111", None),
            ("Patient?identifier=a|b", None),
            ("#p", None),
            ("Patient/", None),
            ("p", None),
            ("", None),
        ] {
            let found = literal(text);
            let found = found.as_ref().map(|one| (one.base.as_deref(), one.kind, one.id));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn urns_have_no_case_and_urls_may_name_a_version() {
        assert_eq!(address("URN:UUID:AA-0B/_history/1"), "urn:uuid:aa-0b");
        assert_eq!(address("https://A/Patient/P"), "https://A/Patient/P");
        assert_eq!(version("https://a.example/Patient/p/_history/12"), Some("12"));
        assert_eq!(version("https://a.example/Patient/p"), None);
    }
}
