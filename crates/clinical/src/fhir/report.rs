// SPDX-License-Identifier: Apache-2.0
//! Reports and their results: what a report says of itself holds for its results as well.
//!
//! A result that no report in force has, but one that was withdrawn, is withdrawn with it. The
//! members of a panel share its fate. A result that they name and that isn't there may be a later
//! one than all that are. Of members whose own panel was
//! withdrawn alone, nobody can tell whether they still count.

use super::effective::time_of;
use super::facts::Facts;
use super::outcome::{Doubt, Standing};
use super::person::{identifiers, Identifiers};
use super::reference::{literal, Index};
use super::resource::{all_of, is_withdrawn, Resource};
use super::shown::long;
use jiff::civil::Date;
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

/// Gives the results of reports their fate, and leaves out those that were withdrawn. Tells which
/// results aren't there.
pub(super) fn settle<'a>(
    mut resources: Vec<Resource<'a>>,
    today: Date,
    facts: &mut Facts,
) -> Vec<Resource<'a>> {
    tell_members(&mut resources);
    let reports: Vec<(usize, Fate)> = (0..resources.len())
        .filter(|number| resources[*number].kind == "DiagnosticReport")
        .map(|number| (number, Fate::of(&resources[number])))
        .collect();
    let is_panel = |one: &Resource<'_>| one.kind == "Observation" && !named(one).is_empty();
    if reports.is_empty() && !resources.iter().any(is_panel) {
        return resources;
    }
    let index = Index::new(&resources);
    let mut fates: Vec<Option<&Fate>> = vec![None; resources.len()];
    let mut of_reports: HashMap<usize, Vec<&'a Json>> = HashMap::new();
    for rank in 0..=Fate::Withdrawn.rank() {
        let mut seen = HashSet::new();
        for (number, fate) in reports.iter().filter(|(_, fate)| fate.rank() == rank) {
            let report = &resources[*number];
            let results = links(report);
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
                            open.push((*result, links(&resources[*result])));
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
    let mut told = fates.clone();
    for (number, fate) in &reports {
        told[*number] = Some(fate);
    }
    let is_in_force = |number: usize| !matches!(told[number], Some(Fate::Withdrawn));
    let naming = resources.iter().enumerate().filter(|(number, _)| is_in_force(*number));
    let mut numbers = Identifiers::new();
    for result in resources.iter().filter(|one| one.kind == "Observation") {
        for (system, values) in identifiers(result.json.get("identifier")) {
            numbers.entry(system).or_default().extend(values);
        }
    }
    tell_lost(naming.map(|(_, one)| one), &index, &numbers, today, facts);
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

/// Tells the results that reports and panels in force name and that aren't there.
fn tell_lost<'r, 'a: 'r>(
    resources: impl Iterator<Item = &'r Resource<'a>>,
    index: &Index,
    numbers: &Identifiers,
    today: Date,
    facts: &mut Facts,
) {
    // By resource that contains some, since one may contain many.
    let mut contained: HashMap<*const Json, HashSet<&str>> = HashMap::new();
    for resource in resources {
        let named = named(resource);
        let is_cancelled = resource.text("status") == Some("cancelled");
        let container = resource.container.unwrap_or(resource.json);
        let is_out = [container, resource.json].into_iter().any(is_withdrawn);
        if named.is_empty() || is_cancelled || is_out {
            continue;
        }
        let inside = contained.entry(std::ptr::from_ref(container)).or_insert_with(|| {
            let ids = all_of(container, "contained").into_iter();
            ids.filter_map(|inner| inner.get("id")?.as_str()).collect()
        });
        let base = resource.base();
        let is_there = |link: &str| match link.strip_prefix('#') {
            Some(id) => inside.contains(id),
            None => {
                let other = literal(link).is_some_and(|link| NO_RESULTS.contains(&link.kind));
                other || index.slot(link, base.as_deref()).is_some()
            }
        };
        let word = if resource.kind == "Observation" { "member" } else { "result" };
        let when = time_of(resource, today);
        for reference in named {
            let link = reference.get("reference").unwrap_or(reference).as_str();
            let numbered = identifiers(reference.get("identifier"));
            let is_numbered = numbered.iter().any(|(system, values)| {
                numbers.get(system).is_some_and(|known| !known.is_disjoint(values))
            });
            if link.is_some_and(is_there) || link.is_none() && is_numbered {
                continue;
            }
            let display = reference.get("display").and_then(Json::as_str);
            let number = numbered.into_values().flatten().next();
            let shown = link.or(display).or(number.as_deref()).unwrap_or("something");
            let shown = long(shown);
            let told = format!("{shown}, a {word} of {}, isn't in the record", resource.name);
            facts.lose(told, when);
        }
    }
}

/// Tells observations of which panels they are members, and marks those of panels that were taken
/// back, unless a panel in force has them as well.
fn tell_members(resources: &mut [Resource<'_>]) {
    let numbers = 0..resources.len();
    let is_panel = |number: &usize| {
        let one = &resources[*number];
        one.kind == "Observation" && !links(one).is_empty()
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
        for reference in links(one) {
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

/// What panels may have among their members beside observations.
const NO_RESULTS: [&str; 2] = ["MolecularSequence", "QuestionnaireResponse"];

/// What a report or panel names: its results, its members. Before R4 these stood in `related`.
fn named<'a>(resource: &Resource<'a>) -> Vec<&'a Json> {
    match resource.kind {
        "DiagnosticReport" => all_of(resource.json, "result"),
        "Observation" => {
            let older = all_of(resource.json, "related").into_iter();
            let older = older
                .filter(|related| related.get("type").and_then(Json::as_str) == Some("has-member"));
            let older = older.filter_map(|related| related.get("target"));
            all_of(resource.json, "hasMember").into_iter().chain(older).collect()
        }
        _ => Vec::new(),
    }
}

/// The references to what a report or panel names.
fn links<'a>(resource: &Resource<'a>) -> Vec<&'a str> {
    let all = named(resource).into_iter();
    all.filter_map(|one| one.get("reference").unwrap_or(one).as_str()).collect()
}
