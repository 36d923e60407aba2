// SPDX-License-Identifier: Apache-2.0
//! Conditions that stand only in a document's section of past illness or of the family's illness:
//! where they stand says of them what they don't say themselves.

use super::outcome::Doubt;
use super::reference::Index;
use super::resource::{all_of, codes_of, Resource};
use serde_json::Value as Json;
use std::collections::HashMap;

/// LOINC: history of past illness.
pub(super) const PAST: &str = "11348-0";
/// LOINC: history of family member diseases.
const FAMILY: &str = "10157-6";

/// In which sections something stands.
#[derive(Clone, Copy, Debug, Default)]
struct Places {
    past: bool,
    family: bool,
    other: bool,
}

/// What the section of an entry says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Past,
    Family,
    Other,
}

/// Marks the conditions of which only such sections tell.
pub(super) fn mark(resources: &mut [Resource<'_>]) {
    let compositions = resources.iter().filter(|one| one.kind == "Composition");
    let mut entries: Vec<(&str, Option<String>, Section)> = Vec::new();
    for composition in compositions {
        let base = composition.base();
        let mut found = Vec::new();
        collect(composition.json, Section::Other, &mut found);
        entries.extend(found.into_iter().map(|(entry, section)| (entry, base.clone(), section)));
    }
    if entries.iter().all(|(.., section)| *section == Section::Other) {
        return;
    }
    let index = Index::new(resources);
    let mut places: HashMap<usize, Places> = HashMap::new();
    for (entry, base, section) in entries {
        for number in index.slot(entry, base.as_deref()).map_or(&[][..], |slot| index.members(slot))
        {
            let places = places.entry(*number).or_default();
            match section {
                Section::Past => places.past = true,
                Section::Family => places.family = true,
                Section::Other => places.other = true,
            }
        }
    }
    for (number, places) in places {
        let resource = &mut resources[number];
        match places {
            _ if resource.kind != "Condition" => {}
            Places { other: true, .. } => {}
            Places { family: true, .. } => {
                let why = "is the history of the family, so that it may be a relative's";
                let doubt = Doubt::new(&resource.name, "Composition.section", FAMILY, why);
                resource.in_doubt.get_or_insert(doubt);
            }
            Places { .. } => resource.is_past = true,
        }
    }
}

/// The references of all sections. One without a code is a part of the section that it stands in.
fn collect<'a>(json: &'a Json, outer: Section, into: &mut Vec<(&'a str, Section)>) {
    for section in all_of(json, "section") {
        let concepts = all_of(section, "code").into_iter();
        let mut codes = concepts.flat_map(codes_of).map(|(_, code)| code);
        let of = match section.get("code") {
            None => outer,
            Some(_) => codes
                .find_map(|code| match code {
                    PAST => Some(Section::Past),
                    FAMILY => Some(Section::Family),
                    _ => None,
                })
                .unwrap_or(Section::Other),
        };
        let entries = all_of(section, "entry").into_iter();
        into.extend(entries.filter_map(|one| Some((one.get("reference")?.as_str()?, of))));
        collect(section, of, into);
    }
}
