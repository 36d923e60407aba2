// SPDX-License-Identifier: Apache-2.0
//! From Bundles to resources, and to what they tell about how complete they are.

use super::absence::Facts;
use super::record::{kind_of, list, Resource, KINDS};
use super::FhirError;
use cso_model_files::shorten;
use serde_json::Value as Json;

/// Deepest bundle in a bundle: a server answers a batch of searches so.
const MAX_DEPTH: usize = 4;

/// All resources of all files, and what is told about them.
pub(super) fn read(roots: &[Json]) -> Result<(Vec<Resource<'_>>, Facts), FhirError> {
    let (mut resources, facts) = (Vec::new(), Facts::default());
    for root in roots {
        let kind = kind_of(root);
        if kind == "Bundle" {
            entries(root, 0, &mut resources)?;
        } else if KINDS.contains(&kind) {
            resources.push(Resource::new(root, None, ""));
            contained_results(root, &mut resources);
        } else {
            return Err(FhirError::WrongResource { kind: shorten(kind) });
        }
    }
    if resources.is_empty() {
        return Err(FhirError::Empty);
    }
    Ok((resources, facts))
}

/// Adds the resources of a bundle and of bundles in it.
fn entries<'a>(
    bundle: &'a Json,
    depth: usize,
    resources: &mut Vec<Resource<'a>>,
) -> Result<(), FhirError> {
    if bundle.get("type").and_then(Json::as_str) == Some("history") {
        return Err(FhirError::History);
    }
    let mut links = list(bundle, "link").iter();
    if links.any(|link| link.get("relation").and_then(Json::as_str) == Some("next")) {
        return Err(FhirError::Page);
    }
    for (index, entry) in list(bundle, "entry").iter().enumerate() {
        let Some(resource) = entry.get("resource") else {
            continue;
        };
        if kind_of(resource) == "Bundle" {
            if depth == MAX_DEPTH {
                return Err(FhirError::Nested { most: MAX_DEPTH });
            }
            entries(resource, depth + 1, resources)?;
            continue;
        }
        let full_url = entry.get("fullUrl").and_then(Json::as_str);
        resources.push(Resource::new(resource, full_url, &format!(" (entry {})", index + 1)));
        contained_results(resource, resources);
    }
    Ok(())
}

/// Adds the observations that a report contains as its results.
fn contained_results<'a>(report: &'a Json, resources: &mut Vec<Resource<'a>>) {
    if kind_of(report) != "DiagnosticReport" {
        return;
    }
    let id = |resource: &'a Json| resource.get("id").and_then(Json::as_str);
    let results: Vec<&str> = list(report, "result")
        .iter()
        .filter_map(|result| result.get("reference")?.as_str()?.strip_prefix('#'))
        .collect();
    for resource in list(report, "contained") {
        if kind_of(resource) == "Observation"
            && id(resource).is_some_and(|id| results.contains(&id))
        {
            resources.push(Resource::contained(resource, report));
        }
    }
}
