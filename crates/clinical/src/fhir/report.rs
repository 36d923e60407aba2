// SPDX-License-Identifier: Apache-2.0
//! Reports and their results: what a report says of itself holds for its results as well.
//!
//! A result that no report in force has, but one that was withdrawn, is withdrawn with it. The
//! members of a panel share its fate. Of members whose own panel was withdrawn alone, nobody can
//! tell whether they still count.

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
        if report.in_doubt.is_some() {
            let why = "is the report of this result, and stands here several times with different contents".to_owned();
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

/// Gives the results of reports their fate, and leaves out those that were withdrawn.
pub(super) fn settle<'a>(mut resources: Vec<Resource<'a>>) -> Vec<Resource<'a>> {
    tell_members(&mut resources);
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

/// Tells observations of which panels they are members, and marks those of panels that were taken
/// back, unless a panel in force has them as well.
fn tell_members(resources: &mut [Resource<'_>]) {
    let numbers = 0..resources.len();
    let is_panel = |number: &usize| {
        let one = &resources[*number];
        one.kind == "Observation" && !members(one).is_empty()
    };
    let panels: Vec<usize> = numbers.filter(is_panel).collect();
    if panels.is_empty() {
        return;
    }
    let index = Index::new(resources);
    let mut contained: HashMap<(*const Json, &str), usize> = HashMap::new();
    for (number, resource) in resources.iter().enumerate() {
        if let (Some(container), Some(id)) = (resource.container, resource.text("id")) {
            contained.insert((std::ptr::from_ref(container), id), number);
        }
    }
    let mut of_panels: HashMap<usize, Vec<usize>> = HashMap::new();
    for panel in panels {
        let one = &resources[panel];
        let holder = std::ptr::from_ref(one.container.unwrap_or(one.json));
        let base = one.base();
        let mut of_panel: Vec<usize> = Vec::new();
        for reference in members(one) {
            match reference.strip_prefix('#') {
                Some(id) => of_panel.extend(contained.get(&(holder, id))),
                None => {
                    let slot = index.slot(reference, base.as_deref());
                    of_panel.extend(slot.into_iter().flat_map(|slot| index.members(slot)));
                }
            }
        }
        of_panels.insert(panel, of_panel);
    }
    let taken_back = |number: usize| {
        let one = &resources[number];
        let status = one.text("status").map(str::trim).unwrap_or_default();
        let is_cancelled = matches!(status, "cancelled" | "cannot-be-obtained");
        (is_cancelled || is_withdrawn(one.json)).then(|| match is_withdrawn(one.json) {
            true => "entered-in-error".to_owned(),
            false => status.to_owned(),
        })
    };
    let mut numbers: Vec<usize> = of_panels.keys().copied().collect();
    numbers.sort_unstable();
    let in_force = numbers.iter().filter(|number| taken_back(**number).is_none());
    let mut seen: HashSet<usize> =
        in_force.flat_map(|number| &of_panels[number]).copied().collect();
    let mut doubts: Vec<(usize, Doubt)> = Vec::new();
    for number in &numbers {
        let Some(status) = taken_back(*number) else {
            continue;
        };
        let why = format!("is the status of {}, of which this is a part", resources[*number].name);
        let mut open = vec![*number];
        while let Some(panel) = open.pop() {
            for member in of_panels.get(&panel).into_iter().flatten() {
                if seen.insert(*member) {
                    let name = &resources[*member].name;
                    doubts.push((*member, Doubt::new(name, "status", &status, why.as_str())));
                    open.push(*member);
                }
            }
        }
    }
    for (member, doubt) in doubts {
        resources[member].in_doubt.get_or_insert(doubt);
    }
    for number in numbers {
        let panel = resources[number].json;
        for member in &of_panels[&number] {
            resources[*member].panels.push(panel);
        }
    }
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
