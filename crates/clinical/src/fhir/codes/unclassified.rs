// SPDX-License-Identifier: Apache-2.0
//! Entries that a person must look at before silence counts as "no": those that no rule can place,
//! and codes that are asked for, where they stand and answer nothing.

use super::elsewhere::{codes_of, codes_of_feature};
use super::system::{named, Fit, Named};
use super::{elsewhere, read, Match, System, ABSENT_OR_UNKNOWN};
use crate::fhir::kinds::kinds;
use crate::fhir::kinds::{MEDICINES_GIVEN, MEDICINES_TAKEN};
use crate::fhir::medication::{self, Medicine, Medicines};
use crate::fhir::record::Record;
use crate::fhir::resource::{all_of, Resource};
use crate::fhir::shown::long;
use crate::fhir::{condition, procedure};
use crate::intake::{CodeSet, CodeSystem, Feature, Intake, Source};
use serde_json::Value as Json;
use std::collections::{BTreeMap, HashSet};

/// Most entries that are listed.
const MAX_LISTED: usize = 200;
/// What stands for all medicines among the kinds that are asked.
const MEDICINES: &str = "MedicationStatement";

/// The entries of a record of which somebody must say whether they are meant.
pub(in crate::fhir) struct Listing<'r> {
    /// Those that may be about something that the intake asks, and of which no rule can tell:
    /// without a code, of an unknown code system, or with a code of SNOMED CT or RxNorm that no
    /// list of the intake has, since what lies below what isn't known here. Codes of ICD-10, ATC
    /// and LOINC say by themselves that they are something else. By kind and text, with the first
    /// place; equal texts are listed once.
    unplaced: BTreeMap<&'static str, BTreeMap<String, String>>,
    /// Codes that the intake asks for in places that answer nothing.
    elsewhere: Vec<elsewhere::Place<'r>>,
}

impl<'r> Listing<'r> {
    pub(in crate::fhir) fn of(intake: &Intake, record: &'r Record<'r>) -> Self {
        let listed = Listed::of(intake);
        let medicines = Medicines::of(record);
        let mut listing = Self { unplaced: BTreeMap::new(), elsewhere: Vec::new() };
        for resource in &record.resources {
            let mut add = |kind: &'static str, element: &str, text: Option<String>| {
                let Some(text) = text else { return };
                let place = format!("{}{element}", resource.name);
                let texts = listing.unplaced.entry(kind).or_default();
                let first = texts.entry(text).or_insert_with(|| place.clone());
                if place < *first {
                    *first = place;
                }
            };
            let code = || resource.json.get("code").into_iter().collect::<Vec<_>>();
            match resource.kind {
                _ if !is_listed(resource) || is_refuted(resource, record) => {}
                "Condition" => add("Condition", "", listed.unplaced(&code(), true)),
                "Procedure" => add("Procedure", "", listed.unplaced(&code(), false)),
                "Observation" => {
                    add("Observation", "", listed.unplaced(&code(), false));
                    for part in all_of(resource.json, "component") {
                        let code: Vec<&Json> = part.get("code").into_iter().collect();
                        add("Observation", ", component", listed.unplaced(&code, false));
                    }
                }
                kind => {
                    let medicine = medicines.of_resource(resource);
                    let is_mentioned = MEDICINES_GIVEN.contains(&kind);
                    add(MEDICINES, "", listed.medicine(&medicine, is_mentioned));
                }
            }
            let places = elsewhere::places(resource);
            let asked = places.into_iter().filter(|place| {
                place.is_code_of(&listed.all) && !(place.is_own() && is_refuted(resource, record))
            });
            listing.elsewhere.extend(asked);
        }
        listing
    }

    /// What bears on these features, in lines: those with codes that they ask for first.
    pub(in crate::fhir) fn entries(&self, features: &[&Feature]) -> Vec<String> {
        let asked = self.asked(features);
        let mut unplaced = self.unplaced(features);
        unplaced.retain(|text, _| !asked.contains_key(text));
        asked.into_iter().chain(unplaced).map(|(text, place)| format!("{place}: {text}")).collect()
    }

    /// The same by their text, and how many more there are than anybody looks at.
    pub(in crate::fhir) fn shown(&self, features: &[&Feature]) -> Vec<String> {
        let mut entries = self.unplaced(features);
        entries.extend(self.asked(features));
        let more = entries.len().saturating_sub(MAX_LISTED);
        let lines =
            entries.into_iter().take(MAX_LISTED).map(|(text, place)| format!("{place}: {text}"));
        let rest = (more > 0).then(|| format!("and {more} more"));
        lines.chain(rest).collect()
    }

    fn unplaced(&self, features: &[&Feature]) -> BTreeMap<String, String> {
        let mut entries: BTreeMap<String, String> = BTreeMap::new();
        let asked: HashSet<&str> = features.iter().flat_map(|feature| kinds(feature)).collect();
        let texts = self.unplaced.iter().filter(|(kind, _)| asked.contains(*kind));
        for (text, place) in texts.flat_map(|(_, texts)| texts) {
            first(&mut entries, text.clone(), place.clone());
        }
        entries
    }

    fn asked(&self, features: &[&Feature]) -> BTreeMap<String, String> {
        let mut entries: BTreeMap<String, String> = BTreeMap::new();
        for place in &self.elsewhere {
            if features.iter().any(|feature| place.is_asked(feature)) {
                first(&mut entries, label(&[place.concept]), place.to_string());
            }
        }
        entries
    }
}

/// Keeps the first of the places of a text.
fn first(entries: &mut BTreeMap<String, String>, text: String, place: String) {
    let known = entries.entry(text).or_insert_with(|| place.clone());
    if place < *known {
        *known = place;
    }
}

/// Whether entries of its kind are listed.
fn is_listed(resource: &Resource<'_>) -> bool {
    let kind = &resource.kind;
    ["Condition", "Observation", "Procedure"].contains(kind)
        || MEDICINES_TAKEN.contains(kind)
        || MEDICINES_GIVEN.contains(kind)
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
        kind if MEDICINES_TAKEN.contains(&kind) => {
            matches!(medication::standing(resource, "", record), medication::Standing::Not(_))
        }
        _ => medication::is_withdrawn(resource),
    }
}

/// All codes that an intake names.
struct Listed<'a> {
    codes: Vec<&'a CodeSet>,
    /// All of them in one.
    all: CodeSet,
    /// Whether everything that is asked of conditions has codes of ICD-9-CM, so that one of these
    /// that isn't asked for is something else.
    has_icd9: bool,
}

impl<'a> Listed<'a> {
    fn of(intake: &'a Intake) -> Self {
        let codes: Vec<&CodeSet> = intake.features().iter().flat_map(codes_of_feature).collect();
        let all = CodeSet::union(codes.iter().copied());
        let conditions = intake.features().iter().flat_map(|feature| {
            let sources = feature.sources.iter();
            let of_conditions = sources.filter(|one| matches!(one, Source::Condition { .. }));
            of_conditions.flat_map(|source| codes_of(feature, source))
        });
        let mut named = conditions.filter(|codes| !codes.is_empty());
        let has_icd9 = named.all(|codes| codes.has_any(CodeSystem::Icd9));
        Self { codes, all, has_icd9 }
    }

    /// What the concepts of a resource say, if none of their codes has a known place.
    fn unplaced(&self, concepts: &[&Json], is_condition: bool) -> Option<String> {
        let concept = concepts.iter().map(|concept| read(concept));
        let is_placed = concept.into_iter().any(|concept| {
            let has_text = concept.text().is_some();
            concept.codings.iter().any(|one| match named(one.system) {
                // Without its dot, a procedure looks like a diagnosis.
                Named::Known(System::Icd9) if !(is_condition && self.has_icd9) => false,
                _ => self.places(one.system, one.code.trim(), has_text),
            })
        });
        (!is_placed).then(|| label(concepts))
    }

    /// Whether a code says by itself, or by the lists of the intake, what it is and isn't.
    fn places(&self, system: &str, code: &str, has_text: bool) -> bool {
        match named(system) {
            // What lies below or beside what is asked isn't known here.
            Named::Known(
                system @ (System::Snomed
                | System::RxNorm
                | System::ReadV2
                | System::Ctv3
                | System::Dmd),
            ) => system.fit(code, &self.all) == Fit::Yes,
            // "Illness, unspecified": the text says which.
            Named::Known(System::Icd10(_))
                if has_text && code.to_uppercase().starts_with("R69") =>
            {
                false
            }
            Named::Known(system) => system.places(code),
            // There are none: no entry.
            _ => system.ends_with(ABSENT_OR_UNKNOWN) && code.starts_with("no-known-"),
        }
    }

    /// What a medicine is, if that can't be told, also of what is in it; or, where it was given
    /// once and is asked for: that is no answer, but isn't nothing.
    fn medicine(&self, medicine: &Medicine<'_>, is_mentioned: bool) -> Option<String> {
        if let (Some(lost), true) = (medicine.lost, medicine.concepts.is_empty()) {
            return Some(format!("{}, which isn't in the record", long(lost)));
        }
        let is_known = |concept: &&&Json| {
            let mut codings = read(concept).codings.into_iter();
            codings.any(|one| matches!(named(one.system), Named::Known(_)))
        };
        let ingredient = || {
            let unknown = medicine.ingredients.iter().filter(|one| !is_known(one));
            let text = unknown.map(|one| label(&[one])).min()?;
            Some(format!("{}, with {text}", label(&medicine.concepts)))
        };
        let is_asked = || is_mentioned && self.is_asked(&medicine.concepts);
        self.unplaced(&medicine.concepts, false)
            .or_else(ingredient)
            .or_else(|| is_asked().then(|| label(&medicine.concepts)))
    }

    /// Whether a concept is one that the intake asks for.
    fn is_asked(&self, concepts: &[&Json]) -> bool {
        concepts.iter().any(|concept| {
            self.codes
                .iter()
                .any(|codes| !matches!(super::find(Some(concept), "code", codes, ""), Match::No))
        })
    }
}

fn label(concepts: &[&Json]) -> String {
    match concepts.first() {
        None => "without a code".to_owned(),
        concept => super::labelled(concept.copied(), long),
    }
}
