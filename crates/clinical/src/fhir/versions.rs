// SPDX-License-Identifier: Apache-2.0
//! Of each resource the version that is in force.
//!
//! The later version counts, by the server's clock (`meta.lastUpdated`) and its count
//! (`meta.versionId`). Where they don't tell, or contradict each other, all versions stay and each
//! is marked, so that what rests on any of them asks.

use super::outcome::Doubt;
use super::reference::{self, site, Site};
use super::resource::{in_any_order, Resource};
use super::time::{self, When};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Of resources that come more than once, as from several searches, the version in force.
pub(super) fn in_force(resources: Vec<Resource<'_>>) -> Vec<Resource<'_>> {
    let mut kept: Vec<Resource<'_>> = Vec::with_capacity(resources.len());
    let mut contained = Vec::new();
    let mut groups: HashMap<(&str, &str), Vec<Resource<'_>>> = HashMap::new();
    for resource in resources {
        match resource.text("id") {
            _ if resource.container.is_some() => contained.push(resource),
            Some(id) => groups.entry((resource.kind, id)).or_default().push(resource),
            None => kept.push(resource),
        }
    }
    for group in groups.into_values() {
        match group.len() {
            1 => kept.extend(group),
            _ => kept.extend(settled(group)),
        }
    }
    // What stands in a version that isn't in force isn't either.
    let containers: HashSet<*const Json> =
        kept.iter().map(|one| std::ptr::from_ref(one.json)).collect();
    kept.extend(contained.into_iter().filter(|one| {
        one.container.is_some_and(|container| containers.contains(&std::ptr::from_ref(container)))
    }));
    kept
}

/// The versions in force of resources of one kind and id.
fn settled(group: Vec<Resource<'_>>) -> Vec<Resource<'_>> {
    let sites: Vec<Option<Site>> = group.iter().map(|one| site(one.full_url, one.kind)).collect();
    let distinct: BTreeSet<&Site> = sites.iter().flatten().collect();
    if distinct.len() <= 1 {
        let (group, why) = latest(group);
        return unique(group, why);
    }
    if sites.iter().all(|site| matches!(site, Some(Site::Server(_)))) {
        // Servers count for themselves: these are several resources.
        let mut servers: BTreeMap<Option<Site>, Vec<Resource<'_>>> = BTreeMap::new();
        for (site, resource) in sites.into_iter().zip(group) {
            servers.entry(site).or_default().push(resource);
        }
        return servers
            .into_values()
            .flat_map(|group| {
                let (group, why) = latest(group);
                unique(group, why)
            })
            .collect();
    }
    // They may be versions of one, or several.
    unique(group, UNTOLD)
}

/// Why versions that differ can't be told apart.
const UNTOLD: &str = "nothing tells which version is the last";
const CONTRADICT: &str =
    "by `meta.lastUpdated` another version is the last than by `meta.versionId`";

/// Those of which none is known to be older than another, and why they can't be told apart if there
/// are several.
fn latest(group: Vec<Resource<'_>>) -> (Vec<Resource<'_>>, &'static str) {
    let updated: Option<Vec<When>> = group.iter().map(updated).collect();
    let counted: Option<Vec<(usize, String)>> = group.iter().map(counted).collect();
    let by_clock = updated.map(|times| {
        let last = times.iter().max().copied();
        times.iter().map(|one| !last.is_some_and(|last| last.is_after(*one))).collect::<Vec<_>>()
    });
    let by_count = counted.map(|counts| {
        let last = counts.iter().max();
        counts.iter().map(|one| Some(one) == last).collect::<Vec<_>>()
    });
    let mut why = UNTOLD;
    let open: Vec<bool> = match (by_clock, by_count) {
        (Some(clock), Some(count)) => {
            let both: Vec<bool> =
                clock.iter().zip(&count).map(|(one, other)| *one && *other).collect();
            match both.contains(&true) {
                true => both,
                // The clock and the count contradict each other.
                false => {
                    why = CONTRADICT;
                    vec![true; group.len()]
                }
            }
        }
        (Some(open), None) | (None, Some(open)) => open,
        (None, None) => vec![true; group.len()],
    };
    let open = group.into_iter().zip(open).filter_map(|(one, open)| open.then_some(one));
    (open.collect(), why)
}

/// Equal contents are one resource; different ones contradict each other.
fn unique<'a>(mut group: Vec<Resource<'a>>, why: &str) -> Vec<Resource<'a>> {
    if group.len() == 1 {
        return group;
    }
    group.sort_by_cached_key(|one| {
        (content(one.json), one.full_url.is_none(), one.full_url, in_any_order(one.json.clone()))
    });
    let mut kept: Vec<Resource<'_>> = Vec::new();
    let mut last = String::new();
    for resource in group {
        let content = content(resource.json);
        match kept.last_mut() {
            Some(same) if content == last => {
                same.also_at.push(resource.full_url);
                same.documents.extend(resource.documents);
            }
            _ => kept.push(resource),
        }
        last = content;
    }
    if kept.len() > 1 {
        for resource in &mut kept {
            let why = format!("stands here several times with different contents, and {why}");
            let id = resource.text("id").unwrap_or_default();
            resource.in_doubt = Some(Doubt::new(&resource.name, "id", id, why));
        }
    }
    kept
}

/// What a version says, without what is said of the version.
fn content(json: &Json) -> String {
    let mut json = json.clone();
    if let Json::Object(fields) = &mut json {
        fields.remove("meta");
    }
    in_any_order(json)
}

fn updated(resource: &Resource<'_>) -> Option<When> {
    time::parse(resource.json.get("meta")?.get("lastUpdated")?.as_str()?)
}

/// The number of a version: its digits, of whatever length, and first how many. It may stand only
/// in the Bundle's URL.
fn counted(resource: &Resource<'_>) -> Option<(usize, String)> {
    let own = resource.json.get("meta").and_then(|meta| meta.get("versionId"));
    let version = match own.filter(|own| !own.is_null()) {
        Some(Json::String(text)) => text.trim().to_owned(),
        Some(Json::Number(number)) => number.to_string(),
        Some(_) => return None,
        None => reference::version(resource.full_url?)?.to_owned(),
    };
    if version.is_empty() || !version.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = version.trim_start_matches('0').to_owned();
    Some((digits.len(), digits))
}
