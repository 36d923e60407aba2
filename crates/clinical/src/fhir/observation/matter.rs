// SPDX-License-Identifier: Apache-2.0
//! What a question's codes are measured in, blood or urine, and by which codes and words of
//! specimens and sites it is known.

use super::super::resource::{one_or_more, text};
use crate::intake::{value_sets_of, CodeSet, CodeSystem};
use serde_json::Value as Json;

/// What the codes of a question are measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Matter {
    /// Blood, or nothing that is taken from the body.
    Blood,
    Urine,
}

impl Matter {
    /// Urine, if all codes of LOINC are ones of the value sets of urine.
    pub(super) fn of(wanted: &CodeSet) -> Self {
        let codes = wanted.all_of(CodeSystem::Loinc);
        let is_of_urine = |code: &&str| {
            let mut all = value_sets_of(URINE_SETS).flat_map(|set| set.codes.of(CodeSystem::Loinc));
            all.any(|one| one == code)
        };
        match !codes.is_empty() && codes.iter().all(is_of_urine) {
            true => Self::Urine,
            false => Self::Blood,
        }
    }

    pub(super) fn codes(self) -> &'static [&'static str] {
        match self {
            Self::Blood => &BLOOD_CODES,
            Self::Urine => &URINE_CODES,
        }
    }

    /// Whether a specimen is known to be this.
    pub(super) fn is(self, said: &Said) -> bool {
        match self {
            Self::Blood => is_usual(said, &BLOOD, &NOT_BLOOD),
            Self::Urine => is_usual(said, &URINE, &NOT_URINE),
        }
    }

    /// Whether a text tells of something else.
    pub(super) fn is_not(self, text: &str) -> bool {
        let text = text.to_lowercase();
        match self {
            Self::Blood => NOT_BLOOD.iter().any(|word| text.contains(word)),
            Self::Urine => NOT_URINE.iter().any(|word| text.contains(word)),
        }
    }

    /// Whether it is usually taken at a site.
    pub(super) fn is_taken_at(self, site: &Said) -> bool {
        match self {
            Self::Blood => is_usual_site(site) || is_usual(site, &BLOOD_SITES, &OTHER_SITES),
            Self::Urine => is_usual(site, &URINE_SITES, &OTHER_SITES),
        }
    }

    /// Why what isn't known to be this isn't used.
    pub(super) fn unknown(self) -> &'static str {
        match self {
            Self::Blood => "isn't known to be the blood that is asked about",
            Self::Urine => "isn't known to be the urine that is asked about",
        }
    }

    /// Whether the name of a result says that it is of another specimen, or of an unborn child.
    pub(super) fn is_another_of(self, name: &str) -> bool {
        let name = name.to_lowercase();
        let mut words = name.split(|c: char| !c.is_alphanumeric());
        words.any(|word| {
            let is_urine =
                URINE.iter().any(|begin| word.starts_with(begin)) || word.ends_with("urin");
            match self {
                Self::Urine if is_urine => false,
                Self::Urine if BLOOD.contains(&word) => true,
                _ => {
                    OTHER_BEGIN.iter().any(|begin| word.starts_with(begin))
                        || OTHER_END.iter().any(|end| word.ends_with(end))
                        || OTHER_WORDS.contains(&word)
                }
            }
        })
    }
}

/// One thing that a concept says.
pub(super) struct Said {
    pub text: String,
    has_usual_code: bool,
}

/// What a concept or a reference says in words, or in codes that have none.
pub(super) fn said(concept: &Json, usual: &[&str]) -> Vec<Said> {
    let plain = concept.as_str().filter(|text| !text.trim().is_empty());
    let words = plain.into_iter().chain(text(concept, "text")).chain(text(concept, "display"));
    let mut all: Vec<Said> =
        words.map(|text| Said { text: text.to_owned(), has_usual_code: false }).collect();
    for coding in one_or_more(concept, "coding") {
        let code = text(coding, "code");
        let has_usual_code = code.is_some_and(|code| usual.contains(&code));
        let text = text(coding, "display").or(code);
        all.extend(text.map(|text| Said { text: text.to_owned(), has_usual_code }));
    }
    // R5 has a concept beside a reference.
    let nested = concept.get("concept").filter(|nested| nested.get("concept").is_none());
    all.extend(nested.into_iter().flat_map(|nested| said(nested, usual)));
    // That it is a specimen says nothing of it.
    let is_empty = |text: &str| {
        let text = text.to_lowercase();
        let mut words = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
        words.all(|word| SPECIMEN.contains(&word))
    };
    all.retain(|one| {
        one.has_usual_code || !is_empty(&one.text) || one.text.contains(char::is_numeric)
    });
    all
}

/// What a specimen is called in several languages, and the word for what leads to it.
const SPECIMEN: [&str; 7] =
    ["specimen", "sample", "monster", "probe", "échantillon", "muestra", "reference"];

/// Whether a site is one at which vital signs are usually taken.
pub(super) fn is_usual_site(site: &Said) -> bool {
    is_usual(site, &USUAL_SITES, &OTHER_SITES)
}

/// Whether it is known to be usual, and nothing speaks against it.
fn is_usual(said: &Said, usual: &[&str], other: &[&str]) -> bool {
    let text = said.text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    !has(other) && (said.has_usual_code || has(usual))
}

/// Codes of specimens of blood, in SNOMED CT and HL7's tables 0487 and 0070.
const BLOOD_CODES: [&str; 15] = [
    "119297000",
    "119361006",
    "119364003",
    "122552005",
    "122554006",
    "122555007",
    "258580003",
    "BLD",
    "BLDA",
    "BLDC",
    "BLDV",
    "PLAS",
    "PPP",
    "SER",
    "WB",
];
const BLOOD: [&str; 6] = ["blood", "serum", "plasma", "blut", "sang", "suero"];
/// What isn't the patient's blood though the word may stand beside it: `cord blood`.
const NOT_BLOOD: [&str; 22] = [
    "urin", "cord", "csf", "liquor", "cerebro", "saliva", "speichel", "stool", "stuhl", "faec",
    "fec", "sweat", "fluid", "swab", "tissue", "marrow", "fetal", "foetal", "control", "donor",
    "dialys", "nabel",
];
/// SNOMED CT's code of a specimen of urine.
const URINE_CODES: [&str; 1] = ["122575003"];
const URINE: [&str; 2] = ["urin", "orina"];
const NOT_URINE: [&str; 24] = [
    "blood", "blut", "serum", "plasma", "cord", "csf", "liquor", "cerebro", "saliva", "speichel",
    "stool", "stuhl", "faec", "fec", "sweat", "swab", "tissue", "marrow", "fetal", "foetal",
    "control", "donor", "dialys", "nabel",
];
/// Sites from which urine comes.
const URINE_SITES: [&str; 4] = ["ureth", "bladder", "blase", "harnröhre"];
/// How the value sets of what is measured in urine are named at the beginning.
const URINE_SETS: &str = "urine-";
/// Sites at which vital signs are usually taken, and blood is.
const USUAL_SITES: [&str; 36] = [
    "arm",
    "wrist",
    "finger",
    "hand",
    "ear",
    "tympan",
    "mouth",
    "oral",
    "tongue",
    "axilla",
    "rectum",
    "rectal",
    "forehead",
    "temporal",
    "chest",
    "thora",
    "heart",
    "cardiac",
    "waist",
    "abdom",
    "umbilic",
    "trunk",
    "whole body",
    "entire body",
    "brachi",
    "radial",
    "vein",
    "cubital",
    "elbow",
    "handgelenk",
    "ohr",
    "mund",
    "stirn",
    "brust",
    "taille",
    "bauch",
];
const OTHER_SITES: [&str; 12] = [
    "fet", "foet", "placent", "cord", "leg", "ankle", "thigh", "toe", "foot", "calf", "bein",
    "knöchel",
];
/// SNOMED CT's codes of usual sites: upper arms, upper limbs, wrist, finger, ear, mouth, rectum,
/// heart.
pub(super) const USUAL_SITE_CODES: [&str; 14] = [
    "368208006",
    "368209003",
    "40983000",
    "53120007",
    "368456002",
    "368455003",
    "8205005",
    "7569003",
    "117590005",
    "123851003",
    "34402009",
    "80891009",
    "91470000",
    "33878007",
];

/// Sites at which blood is taken, besides.
const BLOOD_SITES: [&str; 12] = [
    "fossa",
    "jugular",
    "femoral",
    "subclavian",
    "venous",
    "arter",
    "catheter",
    "port",
    "line",
    "heel",
    "vene",
    "capillar",
];
/// Words of what isn't the patient's blood: at the beginning of a word, at its end, or all of it.
const OTHER_BEGIN: [&str; 20] = [
    "urin",
    "orina",
    "csf",
    "liquor",
    "cerebrospinal",
    "saliva",
    "speichel",
    "stool",
    "stuhl",
    "sweat",
    "dialysat",
    "pleura",
    "ascit",
    "peritone",
    "synovi",
    "fetal",
    "foetal",
    "fetus",
    "nabelschnur",
    "amnio",
];
const OTHER_END: [&str; 2] = ["urin", "dialysat"];
const OTHER_WORDS: [&str; 2] = ["cord", "cordblood"];
