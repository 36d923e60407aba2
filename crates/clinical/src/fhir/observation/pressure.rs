// SPDX-License-Identifier: Apache-2.0
//! Blood pressures: the code of a systolic pressure stands on those in the heart and the lungs,
//! too, and only what is beside it tells them apart.

use super::super::codes;
use super::super::outcome::Doubt;
use super::super::resource::all_of;
use crate::intake::{CodeSet, CodeSystem};
use serde_json::Value as Json;

/// LOINC: systolic and diastolic blood pressure.
const PRESSURES: [&str; 2] = ["8480-6", "8462-4"];
/// LOINC: panels of both.
const PANELS: [&str; 3] = ["85354-9", "55284-4", "35094-2"];

/// Parts of words of where no systemic pressure is measured.
const ELSEWHERE: [&str; 15] = [
    "ventric",
    "ventrik",
    "intracardi",
    "intrachamber",
    "intracran",
    "atrium",
    "atrial",
    "vorhof",
    "pulmon",
    "lungen",
    "cardiac",
    "herz",
    "wedge",
    "venous",
    "vertebra",
];
/// The same, as whole words.
const ELSEWHERE_WORDS: [&str; 3] = ["ear", "heart", "tube"];
/// The same as codes of LOINC (pulmonary artery, right ventricle) and SNOMED CT (pressure of the
/// right ventricle; heart; left ventricle).
const ELSEWHERE_CODES: [&str; 6] =
    ["8440-0", "76284-9", "8432-7", "276756009", "80891009", "87878005"];

/// Whether an observation is one of blood pressures that has the wanted one somewhere.
pub(super) fn is_panel(json: &Json, wanted: &CodeSet) -> bool {
    let own = json.get("code").map(codes::read).unwrap_or_default();
    is_wanted(wanted) && own.codings.iter().any(|one| PANELS.contains(&one.code.trim()))
}

/// Whether a pressure is that of the systemic circulation, by its own code, its panel's and the
/// site.
pub(super) fn is_systemic(
    json: &Json,
    holder: &Json,
    wanted: &CodeSet,
    name: &str,
) -> Result<(), Doubt> {
    if !is_wanted(wanted) {
        return Ok(());
    }
    let parts = [(holder, "code"), (json, "code"), (holder, "bodySite"), (json, "bodySite")];
    for (part, element) in parts {
        let concepts = all_of(part, element).into_iter().map(codes::read);
        let found = concepts.filter_map(|concept| elsewhere(&concept)).min();
        if let Some(found) = found {
            let why = "isn't known to be the pressure in the arteries of the body";
            return Err(Doubt::new(name, element, &found, why));
        }
    }
    Ok(())
}

fn is_wanted(wanted: &CodeSet) -> bool {
    PRESSURES.iter().any(|code| wanted.has(CodeSystem::Loinc, code))
}

/// What a concept says that is measured somewhere else.
fn elsewhere(concept: &codes::Concept<'_>) -> Option<String> {
    let codings = concept.codings.iter();
    let code = codings.clone().map(|one| one.code.trim()).filter(|c| ELSEWHERE_CODES.contains(c));
    let texts = codings.filter_map(|one| one.display).chain(concept.texts.iter().copied());
    let is_elsewhere = |text: &&str| {
        let text = text.to_lowercase();
        let mut words = text.split(|c: char| !c.is_alphanumeric());
        words.any(|word| {
            ELSEWHERE_WORDS.contains(&word) || ELSEWHERE.iter().any(|part| word.contains(part))
        })
    };
    texts.filter(is_elsewhere).chain(code).min().map(str::to_owned)
}
