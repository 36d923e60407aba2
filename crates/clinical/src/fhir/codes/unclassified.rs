// SPDX-License-Identifier: Apache-2.0
//! Entries that no rule can place: a person must look at them before silence counts as "no".

use super::system::{named, Named};
use super::{read, System, ABSENT_OR_UNKNOWN};
use crate::fhir::medication::{self, Medicines, MENTIONED, READ};
use crate::fhir::record::{Record, Resource};
use crate::fhir::{condition, procedure};
use crate::intake::{CodeSet, Intake, Source};
use cso_model_files::shorten;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Most entries that are listed.
const MAX_LISTED: usize = 20;

/// The entries of these kinds that may be about something that the intake asks, and of which no
/// rule can tell: without a code, of an unknown code system, or with a code of SNOMED CT or RxNorm
/// that no list of the intake has, since what lies below what isn't known here. Codes of ICD-10,
/// ATC and LOINC say by themselves that they are something else. Equal texts are listed once.
pub(in crate::fhir) fn unclassified(
    kinds: &BTreeSet<&'static str>,
    intake: &Intake,
    record: &Record<'_>,
) -> Vec<String> {
    let listed = Listed::of(intake);
    let medicines = Medicines::of(record);
    let has_medicines = READ.iter().any(|kind| kinds.contains(kind));
    // By text, with the first resource that has it.
    let mut entries: BTreeMap<String, &str> = BTreeMap::new();
    for resource in &record.resources {
        let text = if READ.contains(&resource.kind) || MENTIONED.contains(&resource.kind) {
            let medicine = medicines.of_resource(resource);
            match has_medicines && !is_refuted(resource, record) {
                false => None,
                true if medicine.lost.is_some() && medicine.concepts.is_empty() => {
                    let lost = shorten(medicine.lost.unwrap_or(""));
                    Some(format!("{lost}, which isn't in the record"))
                }
                // What was given once and is asked for is no answer, but isn't nothing.
                true if MENTIONED.contains(&resource.kind) => {
                    listed.unplaced(&medicine.concepts).or_else(|| {
                        listed.is_asked(&medicine.concepts).then(|| label(&medicine.concepts))
                    })
                }
                true => listed.unplaced(&medicine.concepts),
            }
        } else if kinds.contains(resource.kind) && !is_refuted(resource, record) {
            listed.unplaced(&resource.json.get("code").into_iter().collect::<Vec<_>>())
        } else {
            None
        };
        if let Some(text) = text {
            let name = entries.entry(text).or_insert(&resource.name);
            *name = (*name).min(&resource.name);
        }
    }
    let more = entries.len().saturating_sub(MAX_LISTED);
    let lines = entries.into_iter().take(MAX_LISTED).map(|(text, name)| format!("{name}: {text}"));
    let rest = (more > 0).then(|| format!("and {more} more"));
    lines.chain(rest).collect()
}

/// Whether it says of itself that it isn't so, or was withdrawn.
fn is_refuted(resource: &Resource<'_>, record: &Record<'_>) -> bool {
    match resource.kind {
        "Condition" => {
            matches!(condition::standing(resource, "", record.today), condition::Standing::Not(_))
        }
        "Procedure" => {
            matches!(procedure::standing(resource, "", record.today), procedure::Standing::Not(_))
        }
        kind if READ.contains(&kind) => {
            matches!(medication::standing(resource, "", record), medication::Standing::Not(_))
        }
        _ => medication::is_withdrawn(resource),
    }
}

/// All codes that an intake names.
struct Listed<'a> {
    codes: Vec<&'a CodeSet>,
    exact: HashSet<&'a str>,
}

impl<'a> Listed<'a> {
    fn of(intake: &'a Intake) -> Self {
        let sources = intake.features().iter().flat_map(|feature| &feature.sources);
        let codes: Vec<&CodeSet> = sources
            .filter_map(|source| match source {
                Source::Condition { codes, .. } | Source::Procedure { codes } => Some(codes),
                Source::Medication(query) => Some(&query.codes),
                Source::Observation(query) => Some(&query.codes),
                Source::Patient(_) | Source::Answer { .. } | Source::BodyMassIndex { .. } => None,
            })
            .collect();
        let lists = codes.iter().flat_map(|codes| codes.snomed.iter().chain(&codes.rxnorm));
        let exact = lists.map(String::as_str).collect();
        Self { codes, exact }
    }

    /// What the concepts of a resource say, if none of their codes has a known place.
    fn unplaced(&self, concepts: &[&Json]) -> Option<String> {
        let codings = concepts.iter().flat_map(|concept| read(concept).codings);
        let is_placed = |system: &str, code: &str| match named(system) {
            Named::Known(System::Snomed | System::RxNorm) => self.exact.contains(code),
            Named::Known(system) => system.places(code),
            // There are none: no entry.
            _ => system.ends_with(ABSENT_OR_UNKNOWN) && code.starts_with("no-known-"),
        };
        let mut codings = codings;
        match codings.any(|one| is_placed(one.system, one.code.trim())) {
            true => None,
            false => Some(label(concepts)),
        }
    }

    /// Whether a concept is one that the intake asks for.
    fn is_asked(&self, concepts: &[&Json]) -> bool {
        concepts.iter().any(|concept| {
            self.codes.iter().any(|codes| {
                !matches!(super::find(Some(concept), "code", codes, ""), super::Match::No)
            })
        })
    }
}

fn label(concepts: &[&Json]) -> String {
    match concepts.first() {
        None => "without a code".to_owned(),
        concept => super::label(concept.copied()),
    }
}
