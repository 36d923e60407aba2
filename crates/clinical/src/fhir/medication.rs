// SPDX-License-Identifier: Apache-2.0
//! Medicines that are or were taken.

use super::codes::{self, Match};
use super::denials::{confirm, Entry};
use super::kinds::{MEDICINES_GIVEN, MEDICINES_TAKEN};
use super::older::{negation, Negation};
use super::outcome::{Doubt, Said};
use super::record::Record;
use super::resource::{list, Resource};
use super::route;
use super::status::{modified, statement, Statement};
use super::supply;
use super::time::{self, When};
use super::wording;
use crate::intake::{CodeSet, MedicationQuery};
use serde_json::Value as Json;
use std::collections::HashMap;

/// Words of the status.
const STATUS: &[(&str, &str)] = &[
    ("active", "active"),
    ("completed", "completed"),
    ("ended", "ended"),
    ("stopped", "stopped"),
    ("on-hold", "on-hold"),
    ("entered-in-error", "entered-in-error"),
    ("not-taken", "not-taken"),
    ("not-taking", "not-taking"),
    ("cancelled", "cancelled"),
    ("draft", "draft"),
    ("recorded", "recorded"),
];
/// R5's adherence, which says whether the medicine is taken.
const ADHERENCE: &[(&str, &str)] = &[
    ("taking", "active"),
    ("taking-as-directed", "active"),
    ("taking-not-as-directed", "active"),
    ("on-hold", "on-hold"),
    ("on-hold-as-directed", "on-hold"),
    ("on-hold-not-as-directed", "on-hold"),
    ("stopped", "stopped"),
    ("stopped-as-directed", "stopped"),
    ("stopped-not-as-directed", "stopped"),
    ("not-taking", "not-taking"),
];
/// The intents of prescriptions. A `plan` may be what the patient takes by themselves (US Core).
const INTENT: &[(&str, &str)] = &[
    ("order", "order"),
    ("original-order", "order"),
    ("reflex-order", "order"),
    ("filler-order", "order"),
    ("instance-order", "order"),
    ("proposal", "proposed"),
    ("option", "proposed"),
    ("plan", "planned"),
];
/// The meanings by which it was taken.
const OVER: [&str; 4] = ["completed", "ended", "stopped", "on-hold"];
/// The meanings by which it wasn't.
const NOT: [&str; 5] = ["entered-in-error", "not-taken", "not-taking", "cancelled", "draft"];
/// A statement of one day doesn't say what is taken longer than this after it.
const STALE_DAYS: u32 = 365;

/// How a medicine stands.
pub(super) enum Standing {
    Taken,
    /// It was taken: what it is now.
    Over(String),
    /// It was taken; whether it still is can't be told.
    Was(Doubt),
    /// It was not taken: what it is instead.
    Not(String),
    Open(Doubt),
}

/// Statements of and prescriptions for one of the medicines.
pub(super) fn medication(query: &MedicationQuery, record: &Record<'_>) -> Said {
    let mut said = Said::default();
    let (mut entries, mut denials) = (Vec::new(), Vec::new());
    let medicines = Medicines::of(record);
    for resource in MEDICINES_TAKEN.into_iter().flat_map(|kind| record.of_kind(kind)) {
        let name = &resource.name;
        let medicine = medicines.of_resource(resource);
        let (code, near) = match medicine.find(&query.codes, name) {
            Match::Yes(code) => (code, None),
            Match::Near(doubt) => (medicine.label(), Some(doubt)),
            Match::No => continue,
        };
        let concepts = &medicine.concepts;
        let entry = |text| Entry::new(resource, concepts, &code, text);
        let origin = match (standing(resource, &code, record), query.past) {
            (Standing::Not(why), _) => {
                said.note(format!("{name} ({code}) is {why}"));
                if !query.past && why.starts_with("not") {
                    denials.push(entry(why));
                }
                continue;
            }
            (Standing::Over(why), false) => {
                said.note(format!("{name} ({code}) is over: {why}"));
                if why == "stopped" {
                    denials.push(entry(why));
                }
                continue;
            }
            (Standing::Open(doubt), _) | (Standing::Was(doubt), false) => {
                said.doubt(near.unwrap_or(doubt).about(&code));
                continue;
            }
            (Standing::Over(_) | Standing::Was(_), true) => format!("{name}: {code}, in the past"),
            (Standing::Taken, _) => format!("{name}: {code}"),
        };
        let doubt = near
            .or_else(|| wording::denied(concepts, "medication", &code, query.past, name))
            .or_else(|| route::local(resource, concepts, &code))
            .or_else(|| modified(resource, &code));
        match doubt {
            Some(doubt) => said.doubt(doubt.about(&code)),
            None => entries.push(entry(origin)),
        }
    }
    confirm(&mut said, entries, &denials);
    for resource in MEDICINES_GIVEN.into_iter().flat_map(|kind| record.of_kind(kind)) {
        let name = &resource.name;
        if is_withdrawn(resource) {
            continue;
        }
        let medicine = medicines.of_resource(resource);
        if !matches!(medicine.find(&query.codes, name), Match::No) {
            let label = medicine.label();
            said.note(format!("{name} ({label}) doesn't say whether it is taken"));
        }
    }
    said
}

/// What was entered in error, or never given.
pub(super) fn is_withdrawn(resource: &Resource<'_>) -> bool {
    let words = &[("entered-in-error", "not"), ("not-done", "not"), ("declined", "not")];
    statement(resource, "status", words).says("not")
        || matches!(negation(resource), Negation::Negated(_))
}

/// How a medicine stands by all that the resource says of itself.
pub(super) fn standing(resource: &Resource<'_>, code: &str, record: &Record<'_>) -> Standing {
    let name = &resource.name;
    let open = |element, shown: &str| {
        let why = format!("doesn't say whether {code} is taken");
        Standing::Open(Doubt::new(name, element, shown, why))
    };
    let (element, status) = taking(resource);
    // R5 kept the status of R4 in old data: whether it is taken the adherence says.
    let is_beside = element == "status" && status.only() == Some("active");
    let adherence = is_beside.then(|| adherence(resource));
    let said = adherence.as_ref().and_then(Statement::only);
    if let Some(not) = NOT.into_iter().find(|not| said == Some(*not)) {
        return Standing::Not(not.to_owned());
    }
    // A known negative wins over what isn't known, not over what says the contrary.
    let is_or_was = status.says("active") || OVER.iter().any(|over| status.says(over));
    if let (false, Some(not)) = (is_or_was, NOT.into_iter().find(|not| status.says(not))) {
        return Standing::Not(not.to_owned());
    }
    match negation(resource) {
        Negation::None => {}
        Negation::Negated(element) => return Standing::Not(format!("not taken (`{element}`)")),
        Negation::Unclear(doubt) => return Standing::Open(doubt),
    }
    if let Some(adherence) =
        adherence.filter(|one| !one.is_silent() && one.only() != Some("active"))
    {
        return open("adherence", &adherence.shown);
    }
    let intent = statement(resource, "intent", INTENT);
    match intent.only() {
        _ if intent.is_silent() => {}
        Some("order") => {}
        Some("proposed") => return Standing::Not("only proposed".to_owned()),
        _ => return open("intent", &intent.shown),
    }
    match status.only() {
        Some("active") => {}
        _ if status.is_silent() => {}
        Some(over) if OVER.contains(&over) => return Standing::Over(over.to_owned()),
        _ => return open(element, &status.shown),
    }
    period(resource, code, record)
}

/// The status, or in R5, where the status is that of the statement, the adherence.
fn taking(resource: &Resource<'_>) -> (&'static str, Statement) {
    let status = statement(resource, "status", STATUS);
    if status.only() != Some("recorded") {
        return ("status", status);
    }
    match adherence(resource) {
        // That it was written down doesn't say that it is taken.
        silent if silent.is_silent() => ("status", status),
        adherence => ("adherence", adherence),
    }
}

fn adherence(resource: &Resource<'_>) -> Statement {
    statement(resource, "adherence", ADHERENCE)
}

/// What the times say of a medicine that is active by its status: records seldom close what ended.
fn period(resource: &Resource<'_>, code: &str, record: &Record<'_>) -> Standing {
    let name = &resource.name;
    let today = record.today;
    let date = |element, value| date(name, element, value);
    let ended = |element, text: &str| {
        let why = format!("is over, yet {code} is active");
        Standing::Was(Doubt::new(name, element, text, why))
    };
    match date("dateEnded", resource.json.get("dateEnded")) {
        Err(doubt) => return Standing::Was(doubt),
        Ok(Some((end, text))) if end.last < today => {
            return Standing::Over(format!("until {}", cso_model_files::shorten(text)));
        }
        Ok(_) => {}
    }
    if let Some(reason) = resource.json.get("reasonEnded").filter(|reason| !reason.is_null()) {
        let why = format!("is a reason for its end, and {code} is active");
        let shown = codes::label(Some(reason));
        return Standing::Was(Doubt::new(name, "reasonEnded", &shown, why));
    }
    let effective = resource.json.get("effectivePeriod");
    match date("effectivePeriod.start", effective.and_then(|period| period.get("start"))) {
        Err(doubt) => return Standing::Was(doubt),
        Ok(Some((start, text))) if time::in_future(start, today) => {
            let why = format!("lies ahead: {code} isn't taken yet");
            return Standing::Open(Doubt::new(name, "effectivePeriod.start", text, why));
        }
        Ok(_) => {}
    }
    match date("effectivePeriod.end", effective.and_then(|period| period.get("end"))) {
        Err(doubt) => return Standing::Was(doubt),
        Ok(Some((end, text))) if end.last < today => {
            return Standing::Over(format!("until {}", cso_model_files::shorten(text)));
        }
        Ok(_) => {}
    }
    let valid = resource.json.get("dispenseRequest").and_then(|one| one.get("validityPeriod"));
    match date("dispenseRequest.validityPeriod.end", valid.and_then(|period| period.get("end"))) {
        Err(doubt) => return Standing::Was(doubt),
        Ok(Some((end, text))) if end.last < today => {
            return ended("dispenseRequest.validityPeriod.end", text);
        }
        Ok(_) => {}
    }
    // Over if all dosages are.
    let dosages = [list(resource.json, "dosageInstruction"), list(resource.json, "dosage")];
    let mut ends = Vec::new();
    for dosage in dosages.into_iter().flatten() {
        let repeat = dosage.get("timing").and_then(|timing| timing.get("repeat"));
        let bounds = repeat.and_then(|repeat| repeat.get("boundsPeriod"));
        match date("dosage.timing.repeat.boundsPeriod.end", bounds.and_then(|b| b.get("end"))) {
            Err(doubt) => return Standing::Was(doubt),
            Ok(end) => ends.push(end),
        }
    }
    if let Some(Some((end, text))) = ends.iter().max() {
        if ends.iter().all(Option::is_some) && end.last < today {
            return ended("dosage.timing.repeat.boundsPeriod.end", text);
        }
    }
    let stale = |element, text: &str| {
        let why = format!("is long ago: it doesn't say whether {code} is still taken");
        Standing::Was(Doubt::new(name, element, text, why))
    };
    let is_statement = resource.kind == "MedicationStatement";
    // When it was written, where nothing says when it was so.
    let written: &[&'static str] = match (is_statement, has_effective(resource)) {
        (true, true) => &[],
        (true, false) => &["dateAsserted"],
        (false, _) => &["authoredOn", "dateWritten"],
    };
    let mut start: Option<When> = None;
    for element in written {
        match date(element, resource.json.get(*element)) {
            Err(doubt) => return Standing::Was(doubt),
            Ok(Some((when, text))) if time::older_than(when, STALE_DAYS, today) => {
                return stale(element, text);
            }
            Ok(when) => start = start.max(when.map(|(when, _)| when)),
        }
    }
    if let Some(start) = start {
        if let Some((element, text)) = supply::over(resource, start, today) {
            return ended(element, &text);
        }
    }
    if is_statement {
        let given = resource.json.get("whenGiven");
        match date("whenGiven.end", given.and_then(|period| period.get("end"))) {
            Err(doubt) => return Standing::Was(doubt),
            Ok(Some((end, text))) if end.last < today => return ended("whenGiven.end", text),
            Ok(_) => {}
        }
        match date("effectiveDateTime", resource.json.get("effectiveDateTime")) {
            Err(doubt) => return Standing::Was(doubt),
            Ok(Some((when, text))) if time::in_future(when, today) => {
                let why = format!("lies ahead: {code} isn't taken yet");
                return Standing::Open(Doubt::new(name, "effectiveDateTime", text, why));
            }
            Ok(Some((when, text))) if time::older_than(when, STALE_DAYS, today) => {
                return stale("effectiveDateTime", text);
            }
            Ok(_) => {}
        }
    }
    match resource.json.get("statusReason").filter(|reason| !reason.is_null()) {
        Some(reason) if *reason != Json::Array(Vec::new()) => {
            let first = list(resource.json, "statusReason").first().unwrap_or(reason);
            let why = format!("is a reason for a status, and {code} is active");
            let shown = codes::label(Some(first));
            Standing::Was(Doubt::new(name, "statusReason", &shown, why))
        }
        _ => Standing::Taken,
    }
}

/// Whether a statement says when it was so.
fn has_effective(resource: &Resource<'_>) -> bool {
    let fields = resource.json.as_object().into_iter().flatten();
    let times = fields.filter(|(name, _)| name.starts_with("effective") || *name == "whenGiven");
    times.into_iter().any(|(_, value)| !value.is_null())
}

/// A date with how it is written.
fn date<'a>(
    resource: &str,
    element: &'static str,
    value: Option<&'a Json>,
) -> Result<Option<(When, &'a str)>, Doubt> {
    let Some(value) = value.filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let text = value.as_str().unwrap_or("");
    let doubt = || {
        let shown = if text.is_empty() { value.to_string() } else { text.to_owned() };
        Doubt::new(resource, element, &shown, "can't be read as a date")
    };
    time::parse(text).map(|when| Some((when, text))).ok_or_else(doubt)
}

/// The Medications of a record, by where references point.
pub(super) struct Medicines<'r, 'a> {
    record: &'r Record<'a>,
    by_url: HashMap<&'a str, &'a Json>,
    /// Those of which the id doesn't say which it is are none.
    by_id: HashMap<&'a str, Option<&'a Json>>,
}

/// What medicine a resource is about.
pub(super) struct Medicine<'a> {
    /// All translations of what it is.
    pub concepts: Vec<&'a Json>,
    /// What it has in it, beside.
    pub ingredients: Vec<&'a Json>,
    /// The reference that leads nowhere.
    pub lost: Option<&'a str>,
}

impl<'r, 'a> Medicines<'r, 'a> {
    pub(super) fn of(record: &'r Record<'a>) -> Self {
        let (mut by_url, mut by_id) = (HashMap::new(), HashMap::new());
        for resource in record.of_kind("Medication").filter(|one| !is_withdrawn(one)) {
            if let Some(url) = resource.full_url {
                by_url.insert(url, resource.json);
            }
            if let Some(id) = resource.text("id").filter(|_| resource.container.is_none()) {
                let known = by_id.entry(id).or_insert(Some(resource.json));
                if *known != Some(resource.json) {
                    *known = None;
                }
            }
        }
        Self { record, by_url, by_id }
    }

    fn resolve(&self, reference: &str, from: &Resource<'a>) -> Option<&'a Json> {
        if reference.starts_with('#') {
            return self.record.resolve(reference, from);
        }
        let plain = reference.split("/_history/").next().unwrap_or(reference);
        let by_url = self.by_url.get(reference).or_else(|| self.by_url.get(plain));
        by_url.copied().or_else(|| {
            let mut parts = plain.rsplit('/');
            let (id, kind) = (parts.next()?, parts.next()?);
            (kind == "Medication").then(|| self.by_id.get(id).copied().flatten())?
        })
    }

    /// The medicine's concepts, given in the resource itself or by reference to a Medication.
    pub(super) fn of_resource(&self, resource: &Resource<'a>) -> Medicine<'a> {
        let field = |name: &str| resource.json.get(name).filter(|value| !value.is_null());
        let mut medicine = Medicine { concepts: Vec::new(), ingredients: Vec::new(), lost: None };
        // R5 has `medication.concept` and `medication.reference` instead of R4's two fields, DSTU1
        // the reference itself.
        let short = field("medication");
        let r5 = |name: &str| short.and_then(|medication| medication.get(name));
        let reference = field("medicationReference")
            .or_else(|| r5("reference").filter(|reference| reference.is_object()))
            .or_else(|| short.filter(|short| short.get("reference").is_some()));
        medicine.concepts.extend(field("medicationCodeableConcept").or_else(|| r5("concept")));
        if medicine.concepts.is_empty() && reference.is_none() {
            medicine.concepts.extend(short);
        }
        if let Some(reference) = reference {
            let text = |name| reference.get(name).and_then(Json::as_str);
            let target = text("reference").and_then(|link| self.resolve(link, resource));
            match target {
                Some(target) => {
                    medicine.concepts.extend(target.get("code"));
                    let product = target.get("product").unwrap_or(target);
                    for part in list(target, "ingredient").iter().chain(list(product, "ingredient"))
                    {
                        let item = part.get("itemCodeableConcept").or_else(|| part.get("item"));
                        let item = item.or_else(|| part.get("itemReference"));
                        medicine.ingredients.extend(item);
                    }
                }
                None => {
                    let shown = text("display").or_else(|| text("reference"));
                    medicine.lost = Some(shown.unwrap_or("a reference"));
                }
            }
        }
        medicine
    }
}

impl Medicine<'_> {
    fn find(&self, wanted: &CodeSet, resource: &str) -> Match {
        let mut near = None;
        for concept in &self.concepts {
            match codes::find(Some(concept), "medication", wanted, resource) {
                Match::Yes(code) => return Match::Yes(code),
                Match::Near(doubt) => near = near.or(Some(doubt)),
                Match::No => {}
            }
        }
        for concept in &self.ingredients {
            match codes::find(Some(concept), "medication.ingredient", wanted, resource) {
                Match::Yes(code) => {
                    let why = match self.concepts.is_empty() {
                        true => "is an ingredient of a medicine without text or code".to_owned(),
                        false => {
                            format!("is an ingredient of {}, which has no such code", self.label())
                        }
                    };
                    near = near.or(Some(Doubt::new(resource, "medication.ingredient", &code, why)));
                }
                Match::Near(doubt) => near = near.or(Some(doubt)),
                Match::No => {}
            }
        }
        near.map_or(Match::No, Match::Near)
    }

    fn label(&self) -> String {
        codes::label(self.concepts.first().copied())
    }
}
