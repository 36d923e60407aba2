// SPDX-License-Identifier: Apache-2.0
//! How a medicine is given: what is rubbed in or dropped into an eye has the code of what is
//! swallowed, and hardly acts on the rest of the body.

use super::codes;
use super::outcome::Doubt;
use super::resource::{list, one_or_more, Resource};
use super::wording::{has, plain};
use serde_json::Value as Json;

/// Routes of SNOMED CT that act where they begin: topical, otic, vaginal, nasal, ophthalmic (FHIR
/// R5, value set route-codes).
const LOCAL: [&str; 5] = ["6064005", "10547007", "16857009", "46713006", "54485002"];
/// Words of routes and of forms that act where they are put.
const LOCAL_WORDS: &[&str] = &[
    "topical",
    "topically",
    "cutaneous",
    "ophthalmic",
    "ocular",
    "nasal",
    "otic",
    "auricular",
    "vaginal",
    "gel",
    "emulgel",
    "cream",
    "ointment",
    "lotion",
    "eye drops",
    "eye drop",
    "ear drops",
    "nasal spray",
    "topisch",
    "kutan",
    "äußerlich",
    "augentropfen",
    "augensalbe",
    "ohrentropfen",
    "nasentropfen",
    "nasenspray",
    "salbe",
    "creme",
    "pommade",
    "collyre",
];
/// Words of what is swallowed or injected, beside which the others say nothing (soft gel capsules).
const OF_THE_BODY: &[&str] = &[
    "oral",
    "tablet",
    "tablets",
    "capsule",
    "capsules",
    "tablette",
    "tabletten",
    "filmtabletten",
    "kapsel",
    "kapseln",
    "weichkapseln",
    "injection",
    "injektion",
];

/// Why a medicine may not act on the body: by all routes that are told, or by its own words.
pub(super) fn local(resource: &Resource<'_>, concepts: &[&Json], code: &str) -> Option<Doubt> {
    let dosages = [list(resource.json, "dosageInstruction"), list(resource.json, "dosage")];
    let routes: Vec<&Json> =
        dosages.into_iter().flatten().flat_map(|dosage| one_or_more(dosage, "route")).collect();
    let why = format!("acts where it is put: {code} may not be meant");
    if let Some(first) = routes.first() {
        let is_local = |route: &&Json| {
            let has_code = codes::plain_codes(route).iter().any(|code| LOCAL.contains(code));
            has_code || texts(route).iter().any(|text| named(text).is_some())
        };
        // What is told of the way goes before what the name says.
        return routes
            .iter()
            .all(is_local)
            .then(|| Doubt::new(&resource.name, "dosage.route", &codes::label(Some(first)), why));
    }
    let texts = concepts.iter().flat_map(|concept| texts(concept));
    let text = texts.filter(|text| named(text).is_some()).min()?;
    Some(Doubt::new(&resource.name, "medication", text, why))
}

/// The word of a text by which something acts only where it is put.
fn named(text: &str) -> Option<&'static str> {
    let text = plain(text);
    let find = |words: &[&'static str]| words.iter().copied().find(|word| has(&text, word));
    find(LOCAL_WORDS).filter(|_| find(OF_THE_BODY).is_none())
}

fn texts(concept: &Json) -> Vec<&str> {
    let concept = codes::read(concept);
    let displays = concept.codings.into_iter().filter_map(|coding| coding.display);
    concept.texts.into_iter().chain(displays).collect()
}
