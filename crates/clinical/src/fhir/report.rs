// SPDX-License-Identifier: Apache-2.0
//! Reports and their results: what a report says of itself holds for its results as well.
//!
//! A result that no report in force has, but one that was withdrawn, is withdrawn with it. The
//! members of a panel share its fate.

use super::outcome::{Doubt, Standing};
use super::record::{all_of, is_withdrawn, Resource};
use super::reference::Index;
use serde_json::Value as Json;
use std::collections::{HashMap, HashSet};

/// What becomes of a result through a report. Of several reports the first in this order decides.
#[derive(Clone, Debug)]
enum Fate {
    Stands,
    Preliminary,
    /// The report leaves open whether it counts: element, value and why.
    Unclear(&'static str, String, String),
    Withdrawn,
}

impl Fate {
    fn rank(&self) -> usize {
        match self {
            Self::Stands => 0,
            Self::Preliminary => 1,
            Self::Unclear(..) => 2,
            Self::Withdrawn => 3,
        }
    }

    fn of(report: &Resource<'_>) -> Self {
        let name = &report.name;
        if is_withdrawn(report.json) {
            return Self::Withdrawn;
        }
        if let Some(doubt) = &report.in_doubt {
            let why = format!("is the report of this result, and {}", doubt.told());
            return Self::Unclear("DiagnosticReport", name.clone(), why);
        }
        if let Some(element) = report.modifier() {
            let why = format!("of {name} isn't understood");
            return Self::Unclear("DiagnosticReport", element.to_owned(), why);
        }
        let status = report.json.get("status").filter(|status| !status.is_null());
        let word = status.and_then(Json::as_str).map(|status| status.trim().to_ascii_lowercase());
        match (word.as_deref(), status) {
            (None, None)
            | (Some("final" | "amended" | "corrected" | "appended" | "modified"), _) => {
                Self::Stands
            }
            (Some("partial" | "preliminary"), _) => Self::Preliminary,
            (Some("cancelled"), _) => Self::Withdrawn,
            _ => {
                let shown =
                    word.unwrap_or_else(|| status.map_or_else(String::new, Json::to_string));
                let why = format!("of {name} doesn't say whether its results count");
                Self::Unclear("DiagnosticReport.status", shown, why)
            }
        }
    }
}

/// Whether the results of a report count, if only as preliminary ones.
pub(super) fn counts(report: &Resource<'_>) -> bool {
    matches!(Fate::of(report), Fate::Stands | Fate::Preliminary)
}

/// Gives the results of reports their fate, and leaves out those that were withdrawn.
pub(super) fn settle<'a>(resources: Vec<Resource<'a>>) -> Vec<Resource<'a>> {
    let reports: Vec<(usize, Fate)> = (0..resources.len())
        .filter(|number| resources[*number].kind == "DiagnosticReport")
        .map(|number| (number, Fate::of(&resources[number])))
        .collect();
    if reports.is_empty() {
        return resources;
    }
    let index = Index::new(&resources);
    let mut fates: Vec<Option<&Fate>> = vec![None; resources.len()];
    let mut of_reports: HashMap<usize, Vec<&'a Json>> = HashMap::new();
    for rank in 0..=Fate::Withdrawn.rank() {
        let mut seen = HashSet::new();
        for (number, fate) in reports.iter().filter(|(_, fate)| fate.rank() == rank) {
            let report = &resources[*number];
            let results = references(report, "result");
            for slot in results.iter().filter_map(|one| index.slot(one, report.base().as_deref())) {
                if let (false, [result]) = (is_withdrawn(report.json), index.members(slot)) {
                    of_reports.entry(*result).or_default().push(report.json);
                }
            }
            // Each result, and with a panel its members.
            let mut open = vec![(*number, results)];
            while let Some((from, references)) = open.pop() {
                let base = resources[from].base();
                for slot in references.iter().filter_map(|one| index.slot(one, base.as_deref())) {
                    if !seen.insert(slot) {
                        continue;
                    }
                    for result in index.members(slot) {
                        if resources[*result].kind == "Observation" && fates[*result].is_none() {
                            fates[*result] = Some(fate);
                            open.push((*result, members(&resources[*result])));
                        }
                    }
                }
            }
        }
    }
    let by_container: HashMap<*const Json, &Fate> = reports
        .iter()
        .map(|(number, fate)| (std::ptr::from_ref(resources[*number].json), fate))
        .collect();
    for (number, resource) in resources.iter().enumerate() {
        let container = resource.container.map(std::ptr::from_ref);
        if let Some(fate) = container.and_then(|container| by_container.get(&container)) {
            fates[number] = Some(fate);
        }
    }
    let fates: Vec<Option<Fate>> = fates.into_iter().map(|fate| fate.cloned()).collect();
    let mut kept = Vec::with_capacity(resources.len());
    for (number, (mut resource, fate)) in resources.into_iter().zip(fates).enumerate() {
        match fate {
            None | Some(Fate::Stands) => {}
            Some(Fate::Preliminary) => resource.at_most = Standing::Preliminary,
            Some(Fate::Unclear(element, value, why)) => {
                let doubt = Doubt::new(&resource.name, element, &value, why);
                resource.in_doubt.get_or_insert(doubt);
            }
            Some(Fate::Withdrawn) => continue,
        }
        resource.reports = of_reports.remove(&number).unwrap_or_default();
        kept.push(resource);
    }
    kept
}

/// The members of a panel; before R4 they stood in `related`.
fn members<'a>(panel: &Resource<'a>) -> Vec<&'a str> {
    let older = all_of(panel.json, "related")
        .into_iter()
        .filter(|related| related.get("type").and_then(Json::as_str) == Some("has-member"));
    let older = older.filter_map(|related| related.get("target")?.get("reference")?.as_str());
    references(panel, "hasMember").into_iter().chain(older).collect()
}

fn references<'a>(resource: &Resource<'a>, field: &str) -> Vec<&'a str> {
    let all = all_of(resource.json, field).into_iter();
    all.filter_map(|one| one.get("reference").unwrap_or(one).as_str()).collect()
}
