// SPDX-License-Identifier: Apache-2.0
//! Whether values of a window are of one stay. The first value of two days is that at admission
//! only if none of them is of a visit before.

use super::super::outcome::Doubt;
use super::super::record::Record;
use super::super::resource::{one_or_more, Resource};
use super::observed::Observed;
use super::value;
use serde_json::Value as Json;

/// Classes of visits to whom one doesn't stay, and of stays (HL7's ActEncounterCode, and the words
/// of FHIR before R4).
const VISITS: [&str; 7] = ["amb", "hh", "vr", "fld", "ambulatory", "outpatient", "home"];
const STAYS: [&str; 9] =
    ["emer", "imp", "acute", "nonac", "obsenc", "ss", "inpatient", "emergency", "daytime"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Visit,
    Stay,
}

/// Why the first value may be of before the stay: there are some of a visit and some of a stay.
pub(super) fn before(observed: &[Observed<'_>], record: &Record<'_>) -> Option<Doubt> {
    let classes = observed.iter().filter_map(|one| Some((one, class(one.resource, record)?)));
    let classes: Vec<_> = classes.collect();
    let of = |wanted: Class| {
        let found = classes.iter().filter(move |(_, class)| *class == wanted);
        found.map(|(one, _)| one).min_by_key(|one| &one.resource.name)
    };
    let (visit, stay) = (of(Class::Visit)?, of(Class::Stay)?);
    let why = format!("is of a visit, and {} of a stay or an emergency", stay.resource.name);
    Some(Doubt::new(&visit.resource.name, "encounter", &value::shown(visit.holder), why))
}

fn class(resource: &Resource<'_>, record: &Record<'_>) -> Option<Class> {
    let field = |name| resource.json.get(name);
    let reference = field("encounter").or_else(|| field("context"))?.get("reference")?.as_str()?;
    let id = reference.rsplit('/').next()?;
    let encounter = record.of_kind("Encounter").find(|one| {
        one.full_url == Some(reference)
            || reference.contains("Encounter/") && one.text("id") == Some(id)
    })?;
    let mut words = Vec::new();
    for class in one_or_more(encounter.json, "class") {
        words.extend(class.as_str());
        for coding in std::iter::once(class).chain(one_or_more(class, "coding")) {
            words.extend(coding.get("code").and_then(Json::as_str));
        }
    }
    let is =
        |known: &[&str]| words.iter().any(|word| known.contains(&&*word.trim().to_lowercase()));
    match (is(&VISITS), is(&STAYS)) {
        (true, false) => Some(Class::Visit),
        (false, true) => Some(Class::Stay),
        _ => None,
    }
}
