// SPDX-License-Identifier: Apache-2.0
//! The manifest of a bulk export: which files there are, and which searches failed.
//!
//! "Bulk Data Access" 2.0.0, "Response - Complete Status": `output` lists the files of each type of
//! resource, `error` those with what went wrong, and `request` what was asked for.

use super::super::evidence::is_recent;
use super::super::facts::{Facts, Reach};
use super::super::kinds::{asked, concern, Concern};
use super::super::resource::{kind_of, list};
use super::super::whole::whole_export;
use super::Root;
use cso_model_files::shorten;
use jiff::civil::Date;
use serde_json::Value as Json;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Whether it is the manifest of an export.
pub(super) fn is_one(json: &Json) -> bool {
    json.get("transactionTime").is_some() && json.get("output").is_some_and(Json::is_array)
}

/// Of one type of resources, what the manifests list.
#[derive(Default)]
struct Listed {
    /// Sum of the counts, if every file has one.
    count: Option<u64>,
    /// The ends of the files' addresses.
    files: Vec<String>,
}

/// What manifests tell about these files.
pub(super) fn facts(manifests: &[Json], names: &[String], roots: &[Root], today: Date) -> Facts {
    let mut facts = Facts::default();
    if manifests.is_empty() {
        return facts;
    }
    let names: HashSet<&str> = names.iter().map(|name| end(name)).collect();
    let mut there: HashMap<&str, HashSet<&str>> = HashMap::new();
    for root in roots {
        if let Some(id) = root.json.get("id").and_then(Json::as_str) {
            there.entry(kind_of(&root.json)).or_default().insert(id);
        }
    }
    let mut listed: BTreeMap<&str, Listed> = BTreeMap::new();
    // The types of which all was asked for, by each manifest.
    let mut asked_for: Option<Vec<Vec<String>>> = Some(Vec::new());
    for manifest in manifests {
        match (asked_for.as_mut(), asks_for_all(manifest, &names, today)) {
            (Some(all), Some(types)) => all.push(types),
            _ => asked_for = None,
        }
        for file in list(manifest, "output") {
            let Some(kind) = text(file, "type") else {
                facts.fail(Concern::All, "the export's manifest lists a file without its type");
                continue;
            };
            let count = file.get("count").and_then(Json::as_u64);
            let listed = listed.entry(kind).or_insert(Listed { count: Some(0), files: Vec::new() });
            listed.count = listed.count.zip(count).map(|(one, other)| one.saturating_add(other));
            listed.files.push(text(file, "url").map(end).unwrap_or_default().to_owned());
        }
        // What went wrong stands in files of its own; if they are here, they are read.
        let errors = list(manifest, "error");
        if errors.iter().any(|file| !text(file, "url").is_some_and(|url| names.contains(end(url))))
        {
            let told = format!("the export's manifest lists {} files of errors", errors.len());
            facts.fail(Concern::All, &told);
        }
    }
    for (kind, listed) in listed {
        let found = there.get(kind).map_or(0, |ids| ids.len() as u64);
        let has_files = listed.files.iter().all(|file| names.contains(file.as_str()));
        let is_short = match listed.count {
            Some(count) => found < count,
            None => found == 0 && !has_files,
        };
        if is_short {
            let told = match listed.count {
                Some(count) => format!(
                    "the export's manifest counts {count} of {}, the files have {found}",
                    shorten(kind)
                ),
                None => format!("the export's manifest lists {}, which no file has", shorten(kind)),
            };
            facts.fail(concern(kind), &told);
        } else if listed.count == Some(found) || listed.count.is_none() && has_files {
            let is_among =
                |types: &Vec<String>| types.is_empty() || types.iter().any(|one| one == kind);
            let is_asked_for = || asked_for.as_ref().is_some_and(|all| all.iter().all(is_among));
            if let Some(kind) = asked(kind).filter(|_| is_asked_for()) {
                facts.show(kind, Reach::Ever);
            }
        }
    }
    facts
}

/// The names of the files in which manifests count none.
pub(super) fn empty(manifests: &[Json]) -> HashSet<&str> {
    let files = || manifests.iter().flat_map(|manifest| list(manifest, "output"));
    let is_empty = |file: &&Json| file.get("count").and_then(Json::as_u64) == Some(0);
    let named = |file| text(file, "url").map(end);
    let others: HashSet<&str> = files().filter(|file| !is_empty(file)).filter_map(named).collect();
    let empty = files().filter(is_empty).filter_map(named);
    empty.filter(|name| !others.contains(name)).collect()
}

/// The types of which an export was asked for everything, all if none is named: not long ago,
/// without filters, and with all that the manifest tells beside its files.
fn asks_for_all(manifest: &Json, names: &HashSet<&str>, today: Date) -> Option<Vec<String>> {
    let is_there = |file: &Json| text(file, "url").is_some_and(|url| names.contains(end(url)));
    let has_all = list(manifest, "deleted").iter().all(is_there)
        && list(manifest, "link").is_empty()
        && is_recent(manifest.get("transactionTime"), today);
    whole_export(text(manifest, "request")?).filter(|_| has_all)
}

fn text<'a>(json: &'a Json, field: &str) -> Option<&'a str> {
    json.get(field).and_then(Json::as_str)
}

/// The name at the end of an address or path, without folders and the mark of gzip.
pub(super) fn end(path: &str) -> &str {
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    super::strip_gz(name)
}
