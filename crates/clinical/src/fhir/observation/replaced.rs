// SPDX-License-Identifier: Apache-2.0
//! Observations that another one of the record replaces: DSTU2 and STU3 said so in `related`, later
//! versions in the extension `observation-replaces`.

use super::super::record::Record;
use super::super::resource::{all_of, Resource};
use serde_json::Value as Json;
use std::collections::HashMap;

/// The end of the extension's URL.
const EXTENSION: &str = "observation-replaces";
/// Statuses by which an observation counts, and so what it replaces doesn't.
const COUNTS: [&str; 5] = ["final", "amended", "corrected", "appended", "preliminary"];

/// The observations that others replace, each with the name of one that does, and whether that one
/// counts itself. Two that replace each other contradict each other: neither counts for sure.
pub(super) fn replaced(record: &Record<'_>) -> HashMap<*const Json, (String, bool)> {
    let mut by: HashMap<*const Json, Vec<&Resource<'_>>> = HashMap::new();
    for resource in record.of_kind("Observation") {
        for target in targets(resource) {
            if let Some(target) = record.resolve(target, resource) {
                let target = std::ptr::from_ref(target);
                if target != std::ptr::from_ref(resource.json) {
                    by.entry(target).or_default().push(resource);
                }
            }
        }
    }
    let mut replaced = HashMap::with_capacity(by.len());
    for (target, others) in &by {
        let counts = |other: &&&Resource<'_>| {
            // Of those that replace each other none does.
            let is_back = by
                .get(&std::ptr::from_ref(other.json))
                .is_some_and(|back| back.iter().any(|one| std::ptr::from_ref(one.json) == *target));
            let status = other.json.get("status").filter(|status| !status.is_null());
            let is_final = status.is_none_or(|status| {
                status.as_str().is_some_and(|status| COUNTS.contains(&status))
            });
            is_final && other.in_doubt.is_none() && !is_back
        };
        let name = |other: &&Resource<'_>| other.name.clone();
        let sure = others.iter().filter(counts).map(name).min();
        let is_sure = sure.is_some();
        if let Some(other) = sure.or_else(|| others.iter().map(name).min()) {
            replaced.insert(*target, (other, is_sure));
        }
    }
    replaced
}

/// The references to what an observation replaces.
fn targets<'a>(resource: &Resource<'a>) -> Vec<&'a str> {
    let related = all_of(resource.json, "related").into_iter();
    let related = related
        .filter(|one| one.get("type").and_then(Json::as_str) == Some("replaces"))
        .filter_map(|one| one.get("target"));
    let extensions = all_of(resource.json, "extension").into_iter();
    let extensions = extensions
        .filter(|one| {
            let url = one.get("url").and_then(Json::as_str).unwrap_or("");
            url.trim_end_matches('/').ends_with(EXTENSION)
        })
        .filter_map(|one| one.get("valueReference"));
    let references = related.chain(extensions);
    references.filter_map(|one| one.get("reference").and_then(Json::as_str)).collect()
}
