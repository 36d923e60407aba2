// SPDX-License-Identifier: Apache-2.0
//! Conditions: whether they are true, and whether they hold or are over.

use super::certainty::{certainty, Certainty};
use super::codes::{self, Match};
use super::denials::{confirm, Entry};
use super::older::{negation, Negation};
use super::outcome::{Doubt, Found, Reading, Said};
use super::record::Record;
use super::resource::Resource;
use super::sections::PAST;
use super::status::{modified, statement, Statement, UNKNOWN};
use super::time;
use super::wording;
use crate::intake::{Choice, CodeSet, Value};
use jiff::civil::Date;
use serde_json::Value as Json;

/// Words of verification: the codes of R4 and R5, of DSTU1, plain words, and the SNOMED CT codes to
/// which FHIR maps them (R4, ConceptMap condition-ver-status to SNOMED CT; "known present" and
/// "known absent" are the context values of SNOMED CT).
const VERIFICATION: &[(&str, &str)] = &[
    ("confirmed", "true"),
    ("verified", "true"),
    ("410605003", "true"),
    ("410515003", "true"),
    ("refuted", "refuted"),
    ("ruled-out", "refuted"),
    ("excluded", "refuted"),
    ("disproved", "refuted"),
    ("not-present", "refuted"),
    ("410594000", "refuted"),
    ("410516002", "refuted"),
    ("entered-in-error", "entered-in-error"),
    ("723510000", "entered-in-error"),
    ("unconfirmed", "open"),
    ("provisional", "open"),
    ("differential", "open"),
    ("working", "open"),
    ("suspected", "open"),
];
/// Words of the clinical status, with the SNOMED CT codes to which FHIR maps them (R4, ConceptMap
/// condition-clinical to SNOMED CT).
const CLINICAL: &[(&str, &str)] = &[
    ("active", "holds"),
    ("recurrence", "holds"),
    ("relapse", "holds"),
    ("55561003", "holds"),
    ("246455001", "holds"),
    ("263855007", "holds"),
    ("inactive", "over"),
    ("remission", "remission"),
    ("in-remission", "remission"),
    ("resolved", "over"),
    ("73425007", "over"),
    ("277022003", "remission"),
    ("413322009", "over"),
];
/// Categories by which it is of the family: SNOMED CT "family history" and "family history of
/// clinical finding", LOINC's section, and words.
const CATEGORY: &[(&str, &str)] = &[
    ("family-history", "family"),
    ("familienanamnese", "family"),
    ("57177007", "family"),
    ("416471007", "family"),
    ("10157-6", "family"),
];

/// How a condition stands.
pub(super) enum Standing {
    Holds,
    Over,
    /// It was so at some time; whether it still is can't be told.
    Was(Doubt),
    /// It is not so: what it is instead.
    Not(String),
    /// It can't be told whether it was ever so.
    Open(Doubt),
}

/// Conditions with one of the codes, also those that are over if they count.
pub(super) fn condition(wanted: &CodeSet, past: bool, record: &Record<'_>) -> Said {
    let mut said = Said::default();
    let (mut entries, mut denials) = (Vec::new(), Vec::new());
    for resource in record.of_kind("Condition") {
        let name = &resource.name;
        let concept = resource.json.get("code");
        let (code, near) = match codes::find(concept, "code", wanted, name) {
            Match::Yes(code) => (code, None),
            Match::Near(doubt) => (codes::label(concept), Some(doubt)),
            Match::No => continue,
        };
        let over = match (standing(resource, &code, record.today), past) {
            (Standing::Not(why), _) => {
                said.note(format!("{name} ({code}) is {why}"));
                denials.push(Entry::new(resource, concept.as_slice(), &code, why));
                continue;
            }
            (Standing::Open(doubt), _) | (Standing::Was(doubt), false) => {
                said.doubt(near.unwrap_or(doubt).about(&code));
                continue;
            }
            (Standing::Holds, _) => false,
            (Standing::Over | Standing::Was(_), _) => true,
        };
        let near = near
            .or_else(|| wording::denied(concept.as_slice(), "code", &code, past, name))
            .or_else(|| wording::denied_beside(resource.json, &code, name))
            .or_else(|| modified(resource, &code));
        let entry = |origin| Entry::new(resource, concept.as_slice(), &code, origin);
        match near {
            _ if over && !past => said.note(format!("{name} ({code}) is over")),
            Some(doubt) => said.doubt(doubt.about(&code)),
            None if over => entries.push(entry(format!("{name}: {code}, over"))),
            None => entries.push(entry(format!("{name}: {code}"))),
        }
    }
    confirm(&mut said, entries, &denials);
    said
}

/// Which option the conditions name: all that hold must name one.
pub(super) fn choice(options: &[Choice], past: bool, record: &Record<'_>) -> Said {
    let mut all = Said::default();
    // What each option is known by.
    let mut named: Vec<(&str, Found)> = Vec::new();
    for option in options.iter().filter(|option| !option.codes.is_empty()) {
        let said = condition(&option.codes, past, record);
        all.notes.extend(said.notes);
        for reading in said.readings {
            match reading.said {
                Ok(found) => named.push((&option.id, found)),
                Err(_) => all.readings.push(reading),
            }
        }
    }
    named.sort_by(|(one, found), (other, by)| (one, &found.origin).cmp(&(other, &by.origin)));
    let Some((id, found)) = named.first() else {
        return all;
    };
    match named.iter().find(|(other, _)| other != id) {
        None => {
            let value = Value::Choice((*id).to_owned());
            all.readings.push(Reading::timeless(Ok(Found { value, ..found.clone() })));
        }
        Some((other, by)) => {
            let why =
                format!("is what {} names, and `{other}` what {} names", found.origin, by.origin);
            let resource = found.origin.split(": ").next().unwrap_or(&found.origin);
            all.doubt(Doubt::new(resource, "code", id, why));
        }
    }
    all
}

/// How a condition stands by all that it says of itself. `code` names it in doubts.
pub(super) fn standing(resource: &Resource<'_>, code: &str, today: Date) -> Standing {
    let name = &resource.name;
    let open = |element, shown: &str| {
        let why = format!("leaves open whether {code} holds");
        Standing::Open(Doubt::new(name, element, shown, why))
    };
    let (verified, clinical) = statuses(resource);
    // A known negative wins over what isn't known, not over what says the contrary.
    for negative in ["entered-in-error", "refuted"] {
        if verified.says(negative) && !verified.says("true") {
            return Standing::Not(negative.to_owned());
        }
    }
    let certain = certainty(resource, code);
    match (&certain, verified.only()) {
        (Certainty::Excluded, None | Some("open")) if !verified.says("true") => {
            return Standing::Not("excluded (Diagnosesicherheit A)".to_owned());
        }
        (Certainty::Excluded, _) => {
            let stands = cso_model_files::shorten(&verified.shown);
            let why = format!(
                "(excluded, Diagnosesicherheit) contradicts verificationStatus `{stands}` for {code}"
            );
            return Standing::Open(Doubt::new(name, "code", "A", why));
        }
        _ => {}
    }
    match negation(resource) {
        Negation::None => {}
        Negation::Negated(element) => return Standing::Not(format!("negated by `{element}`")),
        Negation::Unclear(doubt) => return Standing::Open(doubt),
    }
    if !verified.is_silent() && verified.only() != Some("true") {
        return open("verificationStatus", &verified.shown);
    }
    if let Some(doubt) = unlikely(resource, code, today) {
        return Standing::Open(doubt);
    }
    let after = match certain {
        Certainty::Unclear(doubt) => return Standing::Open(doubt),
        certain => matches!(certain, Certainty::After),
    };
    let doubt = |element, shown: &str| {
        Doubt::new(name, element, shown, format!("doesn't say whether {code} holds"))
    };
    let abated = abated(resource, today);
    let contradicts =
        |why: String| Standing::Was(Doubt::new(name, "clinicalStatus", &clinical.shown, why));
    match clinical.only() {
        _ if clinical.is_silent() => match abated {
            Abated::Unclear(doubt) => Standing::Was(doubt),
            Abated::Yes(_) => Standing::Over,
            Abated::No | Abated::Silent if after => Standing::Over,
            _ if resource.is_past => {
                let why = format!("is the history of past illness, and nothing else says whether {code} still holds");
                Standing::Was(Doubt::new(name, "Composition.section", PAST, why))
            }
            Abated::No | Abated::Silent => Standing::Holds,
        },
        Some("holds") => match abated {
            Abated::Unclear(doubt) => Standing::Was(doubt),
            Abated::No | Abated::Silent if !after => Standing::Holds,
            Abated::No | Abated::Silent => {
                contradicts(format!("contradicts Diagnosesicherheit `Z`, by which {code} is over"))
            }
            Abated::Yes(text) => {
                let text = cso_model_files::shorten(&text);
                contradicts(format!("contradicts abatement `{text}`, by which {code} is over"))
            }
        },
        Some("remission") => {
            let why = format!("is neither that {code} is there nor that it is over");
            Standing::Was(Doubt::new(name, "clinicalStatus", &clinical.shown, why))
        }
        Some(_) => match abated {
            Abated::No => contradicts(format!("contradicts abatement, by which {code} isn't over")),
            _ => Standing::Over,
        },
        None if clinical.says("remission") || clinical.says("holds") && clinical.says("over") => {
            Standing::Was(doubt("clinicalStatus", &clinical.shown))
        }
        // What isn't known beside it leaves it over, unless it says elsewhere that it isn't.
        None if clinical.says("over") => match abated {
            Abated::No => Standing::Was(doubt("clinicalStatus", &clinical.shown)),
            _ => Standing::Over,
        },
        None => Standing::Open(doubt("clinicalStatus", &clinical.shown)),
    }
}

/// The verification status and the clinical status. DSTU1 kept both in `status`.
fn statuses(resource: &Resource<'_>) -> (Statement, Statement) {
    let mut verified = statement(resource, "verificationStatus", VERIFICATION);
    let mut clinical = statement(resource, "clinicalStatus", CLINICAL);
    let old = statement(resource, "status", VERIFICATION);
    let old_clinical = statement(resource, "status", CLINICAL);
    let into = match old_clinical.says(UNKNOWN) {
        false => (&mut clinical, old_clinical),
        true => (&mut verified, old),
    };
    if !into.1.is_silent() {
        into.0.meanings.extend(into.1.meanings);
        into.0.shown = match into.0.shown.is_empty() {
            true => into.1.shown,
            false => format!("{}, {}", into.0.shown, into.1.shown),
        };
    }
    (verified, clinical)
}

/// Why it may not be so though its statuses say nothing of it: a certainty as of DSTU1, a beginning
/// that lies ahead, a category by which it is of somebody else.
fn unlikely(resource: &Resource<'_>, code: &str, today: Date) -> Option<Doubt> {
    let doubt =
        |element, shown: &str, why: String| Some(Doubt::new(&resource.name, element, shown, why));
    if statement(resource, "category", CATEGORY).says("family") {
        let shown = codes::label(resource.json.get("category"));
        return doubt("category", &shown, format!("may mean that {code} is of the family"));
    }
    if let Some(certainty) = resource.json.get("certainty").filter(|json| !json.is_null()) {
        let why = format!("leaves open whether {code} holds");
        return doubt("certainty", &codes::label(Some(certainty)), why);
    }
    let fields = resource.json.as_object().into_iter().flatten();
    let onsets = fields.filter(|(field, _)| field.starts_with("onset")).map(|(_, value)| value);
    let texts = onsets.filter_map(|value| value.as_str().or_else(|| value.get("start")?.as_str()));
    let ahead = |text: &&str| time::parse(text).is_some_and(|when| time::in_future(when, today));
    let text = texts.filter(ahead).min()?;
    doubt("onset", text, format!("lies ahead: {code} isn't there yet"))
}

/// What the elements `abatement[x]` say.
enum Abated {
    Silent,
    /// With what stands there.
    Yes(String),
    /// Not, or not yet.
    No,
    Unclear(Doubt),
}

fn abated(resource: &Resource<'_>, today: Date) -> Abated {
    let fields = resource.json.as_object().into_iter().flatten();
    let mut abated = Abated::Silent;
    for (field, value) in fields {
        if !field.trim_start_matches('_').starts_with("abate") || value.is_null() {
            continue;
        }
        let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let unclear = || {
            let text = shown.clone();
            let why = "doesn't say when or whether it was over";
            Abated::Unclear(Doubt::new(&resource.name, "abatement", &text, why))
        };
        let by = |text: &str| match time::parse(text) {
            Some(when) if time::in_future(when, today) => Abated::No,
            Some(_) => Abated::Yes(text.to_owned()),
            None => unclear(),
        };
        let one = match value {
            Json::Bool(true) => Abated::Yes(shown.clone()),
            Json::Bool(false) => Abated::No,
            Json::String(text) => by(text),
            _ if field.starts_with('_') => unclear(),
            Json::Object(parts) => {
                let date = |part: &str| parts.get(part).and_then(Json::as_str);
                match date("end").or_else(|| date("start")) {
                    Some(text) => by(text),
                    // An age or a range of ages.
                    None if ["value", "low", "high"].iter().any(|key| parts.contains_key(*key)) => {
                        Abated::Yes(shown.clone())
                    }
                    None => unclear(),
                }
            }
            _ => unclear(),
        };
        abated = match (abated, one) {
            (Abated::Silent, one) => one,
            (Abated::Yes(one), Abated::Yes(other)) => Abated::Yes(one.min(other)),
            (Abated::No, Abated::No) => Abated::No,
            // `_abatementDateTime` beside its value adds nothing.
            (kept, Abated::Unclear(_)) if field.starts_with('_') => kept,
            (Abated::Unclear(_), one) if field.starts_with('_') => one,
            _ => unclear(),
        };
    }
    abated
}
