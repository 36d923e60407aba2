// SPDX-License-Identifier: Apache-2.0
//! Of each resource the version that is in force.

use super::record::Resource;
use super::time::{self, When};
use std::collections::hash_map::Entry;
use std::collections::HashMap;

/// Of resources that come more than once, as from several searches, the version that was updated
/// last.
pub(super) fn in_force(resources: Vec<Resource<'_>>) -> Vec<Resource<'_>> {
    let mut place: HashMap<(&str, &str, Option<&str>), usize> = HashMap::new();
    let mut kept: Vec<Resource<'_>> = Vec::with_capacity(resources.len());
    for resource in resources {
        let Some(id) = resource.text("id").filter(|_| resource.container.is_none()) else {
            kept.push(resource);
            continue;
        };
        match place.entry((resource.kind, id, resource.full_url)) {
            Entry::Vacant(entry) => {
                entry.insert(kept.len());
                kept.push(resource);
            }
            Entry::Occupied(entry) => {
                let other = &mut kept[*entry.get()];
                if updated(other) < updated(&resource) {
                    *other = resource;
                }
            }
        }
    }
    kept
}

fn updated(resource: &Resource<'_>) -> Option<When> {
    time::parse(resource.json.get("meta")?.get("lastUpdated")?.as_str()?)
}
