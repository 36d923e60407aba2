// SPDX-License-Identifier: Apache-2.0
//! From Bundles to resources, and to what a server tells about its answers: searches that failed,
//! pages and matches that are missing, changes that it was asked for.

use super::completeness::{self, is_part, Claims};
use super::facts::Facts;
use super::files::{has_type, Files};
use super::issues;
use super::kinds::{self, Concern};
use super::resource::{all_of, is_withdrawn, kind_of, list, Resource, KINDS};
use super::search::{Address, Search};
use super::shown::long;
use super::FhirError;
use cso_model_files::shorten;
use serde_json::Value as Json;
use std::collections::{BTreeSet, HashSet};

/// Deepest bundle in a bundle: a server answers a batch of searches so.
const MAX_DEPTH: usize = 4;

/// All resources of all files, and what is told about them.
pub(super) fn read(files: &Files) -> Result<(Vec<Resource<'_>>, Facts, Claims<'_>), FhirError> {
    let mut reader = Reader { facts: files.facts.clone(), ..Reader::default() };
    for root in &files.roots {
        reader.root(&root.json).map_err(|error| error.at(&root.place))?;
    }
    let Reader { mut resources, mut facts, claims, gone, told, is_bundle } = reader;
    if let Some(told) = told.first().filter(|_| resources.is_empty()) {
        return Err(FhirError::Failed { told: told.clone() });
    }
    let kind = resources.iter().map(|resource| resource.kind).min();
    match kind.filter(|_| !is_bundle && !resources.iter().any(|one| KINDS.contains(&one.kind))) {
        Some(kind) => return Err(FhirError::WrongResource { kind: shorten(kind) }),
        None if resources.is_empty() => return Err(FhirError::Empty),
        None => {}
    }
    resources.retain(|resource| {
        let id = resource.text("id").filter(|_| resource.container.is_none());
        let is_gone =
            id.is_some_and(|id| gone.contains(&(resource.kind.to_owned(), id.to_owned())));
        if is_gone {
            let told = format!(
                "{} is in the record, which also asks to change or delete it",
                resource.name
            );
            facts.fail(kinds::concern(resource.kind), &told);
        }
        !is_gone
    });
    Ok((resources, facts, claims))
}

#[derive(Default)]
struct Reader<'a> {
    resources: Vec<Resource<'a>>,
    facts: Facts,
    claims: Claims<'a>,
    /// Types and ids of resources that aren't in force.
    gone: HashSet<(String, String)>,
    /// What servers said that failed.
    told: BTreeSet<String>,
    is_bundle: bool,
}

impl<'a> Reader<'a> {
    fn root(&mut self, root: &'a Json) -> Result<(), FhirError> {
        if let Some((found, right)) = misspelt(root) {
            let found = format!("has the `resourceType` `{}` instead of `{right}`", shorten(found));
            return Err(FhirError::NotFhir { found });
        }
        match kind_of(root) {
            "Bundle" => {
                self.claims.bundles.push(root);
                self.bundle(root, 0)
            }
            "OperationOutcome" => {
                self.outcome(root, Concern::All);
                Ok(())
            }
            _ if has_resources(root) => {
                Err(FhirError::Parameters { place: "what is there".to_owned() })
            }
            _ => {
                self.resource(root, None, "", false);
                Ok(())
            }
        }
    }

    /// Adds the resources of a bundle and of bundles in it.
    fn bundle(&mut self, bundle: &'a Json, depth: usize) -> Result<(), FhirError> {
        self.is_bundle = true;
        let of_type = bundle.get("type").and_then(Json::as_str);
        if of_type == Some("history") {
            return Err(FhirError::History);
        }
        for field in ["entry", "link"] {
            if bundle.get(field).is_some_and(|value| !value.is_array()) {
                return Err(FhirError::Shape { found: format!("`{field}`, which is no list") });
            }
        }
        let search = Search::read(bundle)?;
        let concern = search.concern();
        let tagged = completeness::label(bundle).map(|label| format!("the Bundle is {label}"));
        let part = search.part.clone().or(tagged);
        if let Some(part) = &part {
            self.facts.fail(concern, part);
        }
        if search.odd_total {
            self.facts.fail(concern, "a Bundle's `total` is no number");
        }
        if let Some(issues) = bundle.get("issues") {
            self.outcome(issues, concern);
        }
        let (mut matches, mut unnamed) = (HashSet::new(), 0u64);
        let before = self.resources.len();
        for (index, entry) in list(bundle, "entry").iter().enumerate() {
            let place = Place { number: index + 1, depth, concern, is_part: part.is_some() };
            let Some(resource) = self.entry(entry, place)? else {
                continue;
            };
            let mode = entry.get("search").and_then(|search| search.get("mode")?.as_str());
            if search.is_match(mode, kind_of(resource)) {
                match resource.get("id").and_then(Json::as_str) {
                    Some(id) => {
                        matches.insert((kind_of(resource), id));
                    }
                    None => unnamed += 1,
                }
            }
        }
        let found = matches.len() as u64 + unnamed;
        if let Some(total) = search.total.filter(|total| *total > found) {
            return Err(FhirError::Part { total, found });
        }
        let is_all = search.total == Some(found) && part.is_none() && unnamed == 0;
        if let Some(whole) = search.whole.filter(|_| is_all && of_type == Some("searchset")) {
            // All that was found must be of the kind.
            if matches.iter().all(|(kind, _)| *kind == whole.kind) {
                self.claims.searches.push((bundle, whole));
            }
        }
        if of_type == Some("document") {
            let first = list(bundle, "entry").first().and_then(|entry| entry.get("resource"));
            let first = first.filter(|first| kind_of(first) == "Composition");
            self.claims.documents.extend(first);
            // A document in a withdrawn one, or a withdrawn one in a document.
            let is_gone =
                |one: &Resource<'_>| one.documents.iter().flatten().any(|c| is_withdrawn(c));
            for resource in self.resources[before..].iter_mut().filter(|one| !is_gone(one)) {
                resource.documents = vec![first];
            }
        }
        Ok(())
    }

    /// Adds what an entry holds. Gives its resource, if it has one that is in force.
    fn entry(&mut self, entry: &'a Json, place: Place) -> Result<Option<&'a Json>, FhirError> {
        let number = place.number;
        let shape = |found: &str| FhirError::Shape { found: format!("entry {number}, {found}") };
        if !entry.is_object() {
            return Err(shape("which is no object"));
        }
        let resource = entry.get("resource");
        if let Some(kind) = entry.get("resourceType").and_then(Json::as_str) {
            return Err(shape(&format!(
                "which is a {} itself: that belongs into `resource`",
                shorten(kind)
            )));
        }
        if resource.is_some_and(|one| !has_type(one)) {
            return Err(shape("whose `resource` is none (it has no `resourceType`)"));
        }
        if let Some((found, right)) = resource.and_then(misspelt) {
            let found = shorten(found);
            return Err(shape(&format!("whose `resourceType` is `{found}` instead of `{right}`")));
        }
        let full_url = entry.get("fullUrl").and_then(Json::as_str);
        if self.is_failure(entry, resource, place.concern) || self.is_change(entry)? {
            return Ok(None);
        }
        let Some(resource) = resource else {
            self.without_resource(entry, full_url);
            return Ok(None);
        };
        match kind_of(resource) {
            "Bundle" if place.depth == MAX_DEPTH => {
                return Err(FhirError::Nested { most: MAX_DEPTH })
            }
            "Bundle" => self.bundle(resource, place.depth + 1)?,
            "OperationOutcome" => self.outcome(resource, place.concern),
            _ if has_resources(resource) => {
                return Err(FhirError::Parameters { place: format!("entry {number}") })
            }
            _ => self.resource(resource, full_url, &format!(" (entry {number})"), place.is_part),
        }
        Ok(Some(resource))
    }

    /// Adds a resource, unless it is only a part that may lack what changes its meaning.
    fn resource(&mut self, json: &'a Json, url: Option<&'a str>, place: &str, is_part_of: bool) {
        let resource = Resource::new(json, url, place);
        if (is_part_of || is_part(json)) && !has_status(json) {
            let told = format!("{} is a part of a resource, without its status", resource.name);
            self.facts.fail(kinds::concern(resource.kind), &told);
            return;
        }
        self.resources.push(resource);
        self.contained_results(json);
    }

    /// Whether the answer to an entry's request is that it failed. What stands in `outcome` beside
    /// a success is looked at, too.
    fn is_failure(&mut self, entry: &Json, resource: Option<&Json>, outer: Concern) -> bool {
        let Some(response) = entry.get("response") else {
            return false;
        };
        let concern = about(entry, resource, outer);
        let outcome = response.get("outcome");
        let status = match response.get("status") {
            Some(Json::String(status)) => status.trim().to_owned(),
            Some(status) => status.to_string(),
            None => String::new(),
        };
        // 304: nothing new, so nothing here.
        let is_success = status.starts_with('2') || status.starts_with("304") && resource.is_some();
        if is_success {
            if let Some(outcome) = outcome {
                self.outcome(outcome, concern);
            }
            return false;
        }
        let outcomes = outcome.into_iter().chain(resource).flat_map(|json| list(json, "issue"));
        let told: BTreeSet<String> = outcomes.map(issues::told).collect();
        let told = told.into_iter().next().map(|told| format!(" ({told})")).unwrap_or_default();
        let what = match concern {
            Concern::These([kind, ..]) => format!(" for {kind}"),
            _ => String::new(),
        };
        let told = format!("a request{what} was answered with `{}`{told}", long(&status));
        self.facts.fail(concern, &told);
        self.told.insert(told);
        true
    }

    /// Whether an entry asks for a change after which what is there no longer holds.
    fn is_change(&mut self, entry: &Json) -> Result<bool, FhirError> {
        let Some(request) = entry.get("request") else {
            return Ok(false);
        };
        let text = |field: &str| request.get(field).and_then(Json::as_str).unwrap_or_default();
        let method = text("method").to_ascii_uppercase();
        if matches!(method.as_str(), "GET" | "HEAD" | "POST" | "PUT") {
            return Ok(false);
        }
        match Address::read(text("url")).resource() {
            Some((kind, id)) => self.gone.insert((kind.to_owned(), id.to_owned())),
            None => {
                return Err(FhirError::Change {
                    method: shorten(&method.to_ascii_lowercase()),
                    url: shorten(text("url")),
                })
            }
        };
        Ok(true)
    }

    /// An entry without a resource: a question without an answer, or an answer to something else.
    fn without_resource(&mut self, entry: &Json, full_url: Option<&str>) {
        let response = entry.get("response").map(|response| {
            response.get("status").and_then(Json::as_str).unwrap_or_default().trim()
        });
        // What was deleted has no content.
        if response.is_some_and(|status| status.starts_with("204")) {
            return;
        }
        let asked = entry.get("request").and_then(|request| request.get("url")?.as_str());
        let told = match asked {
            Some(url) => format!("what stands at `{}` is asked for and isn't there", long(url)),
            None => match full_url {
                Some(url) => format!("the entry of `{}` has no resource", long(url)),
                None => "an entry has no resource".to_owned(),
            },
        };
        self.facts.fail(about(entry, None, Concern::All), &told);
    }

    /// What an OperationOutcome tells about what isn't there.
    fn outcome(&mut self, outcome: &Json, outer: Concern) {
        let all = list(outcome, "issue");
        if all.is_empty() {
            let told = "an OperationOutcome doesn't say what it is about";
            self.facts.fail(outer, told);
            self.told.insert(told.to_owned());
        }
        for one in all {
            if issues::is_loss(one) {
                let told = format!("OperationOutcome: {}", issues::told(one));
                let concern = issues::about(one).unwrap_or(outer);
                self.facts.fail(concern, &told);
                self.told.insert(told);
            } else if !issues::is_well(one) {
                self.facts.unprove(outer);
                self.facts.unprove(issues::about(one).unwrap_or(outer));
            }
        }
    }

    /// Adds the observations that a report contains, also those that it names nowhere.
    fn contained_results(&mut self, report: &'a Json) {
        if kind_of(report) == "DiagnosticReport" {
            let contained = all_of(report, "contained").into_iter();
            let results = contained.filter(|inner| kind_of(inner) == "Observation");
            self.resources.extend(results.map(|inner| Resource::contained(inner, report)));
        }
    }
}

/// Where an entry stands.
#[derive(Clone, Copy)]
struct Place {
    /// From 1.
    number: usize,
    depth: usize,
    /// What the Bundle's search was for.
    concern: Concern,
    /// Whether the Bundle has only parts of resources.
    is_part: bool,
}

/// Whether it is a Parameters that has resources, as the answer to an operation: they aren't read.
fn has_resources(json: &Json) -> bool {
    fn any(parts: &[&Json]) -> bool {
        let inner = |part: &&Json| any(&all_of(part, "part"));
        parts.iter().any(|part| part.get("resource").is_some_and(|one| !one.is_null()))
            || parts.iter().any(inner)
    }
    kind_of(json) == "Parameters" && any(&all_of(json, "parameter"))
}

/// A type that is read but for its spelling, and how it is spelt.
fn misspelt(resource: &Json) -> Option<(&str, &'static str)> {
    let kind = kind_of(resource);
    let is_meant = |known: &&str| *known != kind && known.eq_ignore_ascii_case(kind.trim());
    KINDS.into_iter().find(is_meant).map(|right| (kind, right))
}

/// Whether a resource says what changes its meaning.
fn has_status(json: &Json) -> bool {
    let has = |field: &str| json.get(field).is_some();
    match kind_of(json) {
        "Condition" => has("verificationStatus") || has("clinicalStatus"),
        "MedicationRequest" | "MedicationStatement" | "Observation" | "Procedure" => has("status"),
        _ => true,
    }
}

/// What the answer in an entry is about: the first that tells it.
fn about(entry: &Json, resource: Option<&Json>, outer: Concern) -> Concern {
    let text = |json: &Json, field: &str| json.get(field).and_then(Json::as_str).map(str::to_owned);
    let of = |part: &str, field: &str| entry.get(part).and_then(|part| text(part, field));
    let inner = resource.and_then(|bundle| {
        let link = list(bundle, "link")
            .iter()
            .find(|link| text(link, "relation").as_deref() == Some("self"))?;
        text(link, "url")
    });
    let addresses =
        [of("request", "url"), text(entry, "fullUrl"), of("response", "location"), inner];
    let outcomes = entry.get("response").and_then(|response| response.get("outcome"));
    let told = outcomes.into_iter().chain(resource).flat_map(|json| list(json, "issue"));
    addresses
        .into_iter()
        .flatten()
        .map(|address| Address::read(&address).concern())
        .chain(told.filter_map(issues::about))
        .find(|concern| *concern != Concern::All)
        .unwrap_or(outer)
}
