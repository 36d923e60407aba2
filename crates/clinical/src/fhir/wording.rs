// SPDX-License-Identifier: Apache-2.0
//! What an entry's own words say against its code: `V.a. Diabetes` beside the code of diabetes.
//!
//! Records often code what is suspected, ruled out or of the family as if it were so, and only the
//! text says it. Words decide nothing here: they ask.

use super::codes::{self, System};
use super::outcome::Doubt;
use super::resource::one_or_more;
use cso_model_files::shorten;
use serde_json::Value as Json;

/// Words that deny or doubt, in English, German, French, Spanish, Italian and Dutch.
const DOUBTED: &[&str] = &[
    "rule out",
    "rule-out",
    "ruled out",
    "r/o",
    "excluded",
    "exclusion of",
    "no history of",
    "no h/o",
    "no hx of",
    "does not have",
    "not confirmed",
    "no evidence of",
    "no sign of",
    "no signs of",
    "not present",
    "denies",
    "denied",
    "negative for",
    "absence of",
    "suspected",
    "suspicion of",
    "suspicion for",
    "possible",
    "possibly",
    "probable",
    "probably",
    "presumed",
    "presumptive",
    "likely",
    "unlikely",
    "questionable",
    "query",
    "differential diagnosis",
    "ddx",
    "screening for",
    "at risk of",
    "at risk for",
    "risk of",
    "ausschluss",
    "ausschluß",
    "ausgeschlossen",
    "ausgeschl.",
    "nicht bestätigt",
    "nicht gesichert",
    "vd.",
    "vd. a.",
    "v.a.",
    "v. a.",
    "verdacht",
    "verdachtsdiagnose",
    "möglich",
    "mögliche",
    "möglicher",
    "mögliches",
    "wahrscheinlich",
    "vermutlich",
    "fraglich",
    "fragliche",
    "fraglicher",
    "fragliches",
    "differentialdiagnose",
    "differenzialdiagnose",
    "kein",
    "keine",
    "keinen",
    "keiner",
    "keinerlei",
    "kein hinweis",
    "suspicion de",
    "suspicion d'",
    "pas de",
    "pas d'",
    "absence de",
    "écarté",
    "écartée",
    "éliminé",
    "éliminée",
    "exclu",
    "exclue",
    "suspecté",
    "suspectée",
    "exclusion de",
    "sospecha de",
    "descartado",
    "descartada",
    "niega",
    "sin antecedentes de",
    "sospetto",
    "sospetta",
    "esclusione di",
    "probabile",
    "escluso",
    "esclusa",
    "verdenking",
    "uitgesloten",
    "geen",
];
/// At the beginning of a text.
const DENIED_FIRST: &[&str] = &["no", "dd", "dd:"];
/// What a remark beside a code must say to deny it: remarks are long, and doubt many things.
const DENIED_BESIDE: &[&str] = &[
    "excluded",
    "ruled out",
    "not confirmed",
    "does not have",
    "ausgeschlossen",
    "nicht bestätigt",
    "nicht gesichert",
    "écarté",
    "écartée",
    "descartado",
    "descartada",
    "escluso",
    "esclusa",
    "uitgesloten",
];
/// What isn't diabetes, beside a code of diabetes.
const BEFORE_DIABETES: &[&str] =
    &["prediabetes", "pre-diabetes", "prediabetic", "prädiabetes", "prä-diabetes", "prédiabète"];
const DIABETES_CODES: [&str; 9] =
    ["E10", "E11", "E12", "E13", "E14", "250", "44054006", "46635009", "73211009"];
/// Words that tell of the family.
const FAMILY: &[&str] = &[
    "family history",
    "fam hx",
    "famhx",
    "fhx",
    "fh of",
    "fh:",
    "familienanamnese",
    "antécédents familiaux",
    "antecedentes familiares",
    "familieanamnese",
    "mother:",
    "father:",
    "mutter:",
    "vater:",
    "mère:",
    "père:",
];
/// Words that tell of what was, which is enough where the past counts.
const PAST: &[&str] = &[
    "history of",
    "h/o",
    "hx of",
    "status post",
    "s/p",
    "zustand nach",
    "z.n.",
    "z. n.",
    "antécédent de",
    "antecedente de",
    "status na",
];
/// The categories of ICD-10 that are about the family, and about what was.
const FAMILY_CODES: [&str; 5] = ["Z80", "Z81", "Z82", "Z83", "Z84"];
const PAST_CODES: [&str; 5] = ["Z85", "Z86", "Z87", "Z91", "Z92"];

/// Why an entry may not be what its code says, by the texts of its concepts. `code` is the code
/// that was found, with its name; `past` says whether it is enough that it was so.
pub(super) fn denied(
    concepts: &[&Json],
    element: &'static str,
    code: &str,
    past: bool,
    resource: &str,
) -> Option<Doubt> {
    // Read codes that begin like one of ICD-10 mean something else.
    let is_read = concepts.iter().flat_map(|concept| codes::read(concept).codings).any(|coding| {
        let system = codes::system_of(coding.system);
        matches!(system, Some(System::ReadV2 | System::Ctv3))
            && code.starts_with(coding.code.trim())
    });
    let is_of = |categories: &[&str]| {
        !is_read && categories.iter().any(|category| code.starts_with(category))
    };
    let family = if is_of(&FAMILY_CODES) { &[][..] } else { FAMILY };
    let past = if past || is_of(&PAST_CODES) || is_of(&FAMILY_CODES) { &[][..] } else { PAST };
    let before: &[&str] = if is_of(&DIABETES_CODES) { BEFORE_DIABETES } else { &[] };
    let said = concepts.iter().flat_map(|concept| {
        let concept = codes::read(concept);
        let displays = concept.codings.into_iter().filter_map(|coding| coding.display);
        concept.texts.into_iter().chain(displays)
    });
    let (text, word) = said
        .filter_map(|text| {
            let plain = plain(text);
            let has = |words: &[&'static str]| words.iter().copied().find(|word| has(&plain, word));
            let first = DENIED_FIRST
                .iter()
                .copied()
                .find(|word| plain.strip_prefix(word).is_some_and(|rest| rest.starts_with(' ')));
            let asks = (plain.starts_with('?') || plain.ends_with('?')).then_some("?");
            let word = has(DOUBTED).or(first).or(asks).or_else(|| has(before));
            let word = word.or_else(|| has(family)).or_else(|| has(past));
            word.map(|word| (text, word))
        })
        .min()?;
    let why = format!("says `{word}`, so that it may not be {}", shorten(code));
    Some(Doubt::new(resource, element, text, why))
}

/// Why an entry may not be what its code says, by the remarks beside it.
pub(super) fn denied_beside(json: &Json, code: &str, resource: &str) -> Option<Doubt> {
    let notes = ["note", "notes"].into_iter().flat_map(|field| one_or_more(json, field));
    let texts = notes.filter_map(|note| note.as_str().or_else(|| note.get("text")?.as_str()));
    let (text, word) = texts
        .filter_map(|text| {
            let plain = plain(text);
            let word = DENIED_BESIDE.iter().copied().find(|word| has(&plain, word))?;
            Some((text, word))
        })
        .min()?;
    let why = format!("says `{word}`, so that it may not be {}", shorten(code));
    Some(Doubt::new(resource, "note", text, why))
}

/// A text in small letters, with single spaces.
pub(super) fn plain(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}

/// Whether a text has a word, and not as a part of a longer one.
pub(super) fn has(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        let is_open = |end: Option<char>| end.is_some_and(char::is_alphanumeric);
        let ends_open = word.ends_with(char::is_alphanumeric) && is_open(after);
        !is_open(before) && !ends_open
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn asks(text: &str, code: &str, past: bool) -> bool {
        let concepts =
            [json!({ "text": text }), json!({ "coding": [{ "code": "x", "display": text }] })];
        let asks = concepts.map(|one| denied(&[&one], "code", code, past, "Condition/c").is_some());
        assert_eq!(asks[0], asks[1], "{text}");
        asks[0]
    }

    #[test]
    fn words_that_deny_or_doubt_ask() {
        for text in [
            "V.a. arterielle Hypertonie",
            "V. a. Diabetes",
            "Verdacht auf Diabetes",
            "Ausschluss Diabetes mellitus Typ 2",
            "Diabetes AUSGESCHLOSSEN",
            "Kein Diabetes mellitus",
            "Rule out  MI",
            "HTN, r/o",
            "No history of hypertension",
            "No diabetes",
            "denies diabetes",
            "?TIA",
            "Stroke?",
            "Probable pneumonia",
            "Family history of diabetes",
            "FH: diabetes",
            "Screening for diabetes",
            "Sospecha de diabetes",
            "Pas d'hypertension",
            "Does not have diabetes",
            "Diabetes, not confirmed",
            "Diabetes nicht bestätigt",
            "Diabetes ausgeschl.",
            "Vd. a. Diabetes",
            "DD Diabetes",
            "DD: Diabetes",
            "Diabète écarté",
            "diabete probabile",
            "Prädiabetes",
            "Mother: diabetes",
            "Mutter: Diabetes",
        ] {
            assert!(asks(text, "E11.9", true), "{text}");
            assert!(asks(text, "E11.9", false), "{text}");
        }
    }

    #[test]
    fn what_was_asks_only_where_it_must_be_now() {
        for text in ["Z.n. Apoplex", "Zustand nach Hirninfarkt", "History of stroke", "S/P MI"] {
            assert!(!asks(text, "I63.9", true), "{text}");
            assert!(asks(text, "I63.9", false), "{text}");
        }
        assert!(!asks("Personal history of pulmonary embolism", "Z86.711", false));
        assert!(!asks("Family history of diabetes mellitus", "Z83.3", false));
        assert!(asks("Family history of stroke", "Z86.73", true));
    }

    #[test]
    fn what_comes_before_diabetes_asks_beside_its_codes_alone() {
        assert!(asks("Pre-diabetes", "44054006", true));
        assert!(!asks("Prediabetes", "R73.0", true) && !asks("Prediabetes", "15777000", true));
    }

    #[test]
    fn remarks_deny_by_few_words() {
        let denies = |text: &str| {
            let notes = [json!({ "note": [{ "text": text }] }), json!({ "notes": text })];
            let denies = notes.map(|note| denied_beside(&note, "E11.9", "Condition/c").is_some());
            assert_eq!(denies[0], denies[1], "{text}");
            denies[0]
        };
        assert!(denies("Diabetes excluded by OGTT") && denies("Diagnose nicht bestätigt"));
        assert!(!denies("Possible side effects discussed") && !denies("kein Insulin"));
    }

    #[test]
    fn a_read_code_is_none_of_icd_10() {
        for (system, asks) in
            [("http://read.info/readv2", true), ("urn:oid:2.16.840.1.113883.6.90", false)]
        {
            let coding = json!({ "system": system, "code": "Z91A." });
            let concept = json!({ "coding": [coding], "text": "Zustand nach Erkrankung" });
            let denied = denied(&[&concept], "code", "Z91A.", false, "Condition/c");
            assert_eq!(denied.is_some(), asks, "{system}");
        }
    }

    #[test]
    fn usual_names_ask_nothing() {
        for text in [
            "Essential (primary) hypertension",
            "Type 2 diabetes mellitus without complications",
            "Hirninfarkt, nicht näher bezeichnet",
            "Diabetes mellitus, Typ 2: nicht entgleist",
            "Non-insulin-dependent diabetes mellitus",
            "Transient cerebral ischaemic attack, unspecified",
            "Noonan syndrome",
            "Familial hypercholesterolaemia",
            "Spezifische Keinomie",
            "Nosocomial pneumonia",
            "Asthma, nonallergic",
            "Alpha-fetoprotein raised",
        ] {
            assert!(!asks(text, "I10", false), "{text}");
        }
    }
}
