// SPDX-License-Identifier: Apache-2.0
//! FHIR in and out: from a record to answers, by an allow-list, and from an opinion to resources.
//!
//! [`import`] reads a record and looks only at what the sources of an intake's features name. Each
//! answer comes with the resource it was taken from and with what was converted or clamped, so that
//! the patient sees what will leave. Nothing is guessed, and nothing is left out silently: what
//! bears on a feature and can't be used as it is becomes a question that says what stands in the
//! record and why it can't be used; what the record says nothing of joins a group that somebody
//! confirms. Only what concerns the whole record is an error: that it isn't FHIR, is cut, or is
//! about several people.
//!
//! Dates never leave: birth dates become ages, and of ages over 89 no more leaves than that
//! ([`Feature::disclosed`]).
//!
//! The way through the modules: [`files`] (bytes to JSON), [`entries`] (Bundles to resources, with
//! [`search`], [`whole`] and [`issues`]), [`completeness`], [`lists`] and [`none_known`] (what the
//! record tells about itself, judged as [`evidence`], kept as [`facts`] by [`kinds`]),
//! [`versions`], [`copies`], [`report`], [`subject`] and [`sections`] (one version of each
//! [`resource`], none of a withdrawn report, all about one [`person`]) make a [`record`]; the
//! sources ([`patient`], [`condition`], [`procedure`], [`medication`], [`observation`],
//! [`questionnaire`]) read it with [`codes`], [`status`], [`certainty`], [`wording`], [`denials`],
//! [`route`], [`older`], [`effective`] and [`time`]; [`outcome`] decides, [`moment`] keeps together
//! what is of one time, [`derived`] computes what can be, and [`absence`] says what silence is
//! worth.

mod absence;
mod certainty;
mod codes;
mod completeness;
mod condition;
mod copies;
mod denials;
mod derived;
mod effective;
mod entries;
mod error;
mod evidence;
mod export;
mod facts;
mod files;
mod identity;
mod issues;
mod kinds;
mod likeness;
mod lists;
mod medication;
mod moment;
mod none_known;
mod observation;
mod older;
mod outcome;
mod patient;
mod person;
mod procedure;
mod questionnaire;
mod record;
mod reference;
mod report;
mod resource;
mod route;
mod search;
mod sections;
mod sex;
mod shown;
mod status;
mod subject;
mod supply;
mod time;
mod versions;
mod whole;
mod wording;

pub use absence::{Silent, Unconfirmed};
pub use error::FhirError;
pub use export::{opinion, questionnaire, Answered};
pub use files::{is_hidden, is_part, RecordFile, HEAD, MAX_RECORD_BYTES, MAX_RECORD_FILES};

use crate::intake::{
    Answers, Clamped, CodeSet, Derivation, Feature, Intake, Kind, Source, Value, WhenAbsent,
};
use cso_model_files::shorten;
use jiff::civil::Date;
use outcome::{Basis, Doubt, Found, Outcome, Said};
use record::Record;
use serde::Serialize;
use std::collections::BTreeSet;
use time::When;

/// Answers found in a record.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Import {
    /// One for each feature that the record answers, in the intake's order.
    pub findings: Vec<Finding>,
    /// The features that it doesn't answer.
    pub missing: Vec<Missing>,
    /// The features of which it says nothing, and that are "no" if somebody confirms it.
    pub unconfirmed: Unconfirmed,
    /// How many resources the record has.
    pub resources: usize,
    /// Files of archives that are no FHIR by their names and beginnings.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub passed_over: Vec<String>,
}

/// An answer with its origin.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// The feature's id.
    pub feature: String,
    /// The feature's label.
    pub label: String,
    /// The answer, in the feature's unit.
    pub value: Value,
    /// The answer as a person reads it, with its unit or the option's label.
    pub text: String,
    /// Where it was found.
    pub origin: String,
    /// How units were converted or values computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversion: Option<String>,
    /// Set if the value lies outside of the coded range and will be moved to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clamped: Option<Clamped>,
}

/// A feature that the record doesn't answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Missing {
    /// The feature's id.
    pub feature: String,
    /// The feature's label.
    pub label: String,
    /// Why: what stands in the record and can't be used, or that nothing does.
    pub reason: String,
    /// Whether the record has something on it, so that leaving it open would hide that.
    pub in_doubt: bool,
    /// Of what is computed: the features that the doubt is due to, by id. It is settled once
    /// somebody has answered all of them. Empty, if the doubt is the feature's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub of_inputs: Vec<String>,
}

impl Import {
    /// The answers by feature id; what is missing or unconfirmed has no entry.
    pub fn answers(&self) -> Answers {
        self.findings
            .iter()
            .map(|finding| (finding.feature.clone(), finding.value.clone()))
            .collect()
    }
}

/// Reads a patient's record for the features of an intake. Ages and the age of findings are
/// reckoned from `today`.
///
/// # Errors
///
/// [`FhirError`] if the files are no FHIR of one patient, or are known not to be the whole record.
pub fn import(files: &[RecordFile<'_>], intake: &Intake, today: Date) -> Result<Import, FhirError> {
    import_rest(files, intake, today, |_| false)
}

/// The same for the features that nobody has answered: of the others nothing is found, asked or
/// left to confirm.
///
/// # Errors
///
/// As [`import`].
pub fn import_rest(
    files: &[RecordFile<'_>],
    intake: &Intake,
    today: Date,
    is_answered: impl Fn(&str) -> bool,
) -> Result<Import, FhirError> {
    let files = files::read(files, today)?;
    let record = Record::read(&files, today)?;
    let form = identity::questionnaire(intake);
    let mut import = Import {
        findings: Vec::new(),
        missing: Vec::new(),
        unconfirmed: Unconfirmed::default(),
        resources: record.resources.len(),
        passed_over: files.passed_over.clone(),
    };
    // What is answered says when others must have been, and what is later than what is computed.
    let serves = |id: &str| {
        let mut all = intake.features().iter().flat_map(Feature::derivations);
        all.any(|derivation| derivation.features().any(|input| input == id))
    };
    let is_read = |feature: &&Feature| {
        !is_answered(&feature.id) || feature.moment.is_some() || serves(&feature.id)
    };
    let of_interest = intake.features().iter().filter(is_read);
    let mut read: Vec<Read<'_>> =
        of_interest.map(|feature| read(feature, &record, &form)).collect();
    moment::keep_together(intake.moments(), &mut read);
    derived::derive(intake, &record, &mut read, &is_answered);
    read.retain(|one| !is_answered(&one.feature.id));
    let mut answers: Answers = intake
        .features()
        .iter()
        .filter(|feature| is_answered(&feature.id))
        .map(|feature| (feature.id.clone(), Value::Missing))
        .collect();
    answers.extend(read.iter().filter_map(|one| {
        let found = one.found()?;
        Some((one.feature.id.clone(), found.value.clone()))
    }));
    let mut silent = Vec::new();
    let listing = codes::Listing::of(intake, &record);
    for Read { feature, outcome, notes, of_inputs, .. } in read {
        let is_needed = intake.is_needed(&feature.id, &answers);
        match outcome {
            Outcome::Found(found) => import.findings.push(finding(feature, found)),
            _ if !is_needed => {}
            Outcome::Doubt(doubts) => {
                let doubts: Vec<String> = doubts.iter().map(ToString::to_string).collect();
                import.missing.push(missing(feature, told(&doubts), true, of_inputs));
            }
            Outcome::Silent if feature.absent == WhenAbsent::No => silent.push((feature, notes)),
            Outcome::Silent => {
                // What wasn't read may be about what it is computed from.
                let ids = feature.derivations().flat_map(Derivation::features);
                let inputs = ids.filter_map(|id| intake.feature(id)).map(|(_, input)| input);
                let own = absence::failures(feature, &record);
                let of_input = |input: &Feature| absence::failures(input, &record);
                let failing: Vec<&Feature> =
                    inputs.filter(|input| !of_input(input).is_empty()).collect();
                let of_inputs = match own.is_empty() {
                    true => failing.iter().map(|input| input.id.clone()).collect(),
                    false => Vec::new(),
                };
                let failures: BTreeSet<String> =
                    failing.into_iter().flat_map(of_input).chain(own).collect();
                let near: Vec<String> = failures.iter().chain(&notes).cloned().collect();
                let mut reason = match near.is_empty() {
                    true => "nothing in the record answers it".to_owned(),
                    false => told(&near),
                };
                let entries = listing.entries(&[feature]);
                if !entries.is_empty() {
                    let entries = counted(&entries, MAX_ENTRIES, ", ", ", and");
                    reason += &format!("; entries that can't be told: {entries}");
                }
                let in_doubt = !failures.is_empty();
                import.missing.push(missing(feature, reason, in_doubt, of_inputs));
            }
        }
    }
    import.unconfirmed = absence::unconfirmed(silent, &listing, &record);
    Ok(import)
}

/// What the record says of a feature.
struct Read<'a> {
    feature: &'a Feature,
    outcome: Outcome,
    basis: Basis,
    /// What is near and doesn't count.
    notes: Vec<String>,
    /// The inputs that its doubt is due to.
    of_inputs: Vec<String>,
}

impl Read<'_> {
    /// The last time that it may be of.
    fn last(&self) -> Option<When> {
        self.basis.when
    }

    fn found(&self) -> Option<&Found> {
        match &self.outcome {
            Outcome::Found(found) => Some(found),
            _ => None,
        }
    }
}

/// What the record says of a feature, as far as nothing that wasn't read may change it.
fn read<'a>(feature: &'a Feature, record: &Record<'_>, form: &str) -> Read<'a> {
    let (mut outcome, basis, notes) = answer(feature, record, form);
    if let Outcome::Found(found) = &outcome {
        let failures = absence::later(feature, &found.value, &basis, record);
        if !failures.is_empty() {
            let reason = format!(
                "{} gives `{}`, and a later one may be missing: {}",
                found.origin,
                found.stands.clone().unwrap_or_else(|| feature.show(&found.value)),
                told(&failures)
            );
            outcome = Outcome::Doubt(vec![Doubt::general(reason)]);
        }
    }
    Read { feature, outcome, basis, notes, of_inputs: Vec::new() }
}

fn missing(feature: &Feature, reason: String, in_doubt: bool, of_inputs: Vec<String>) -> Missing {
    let (feature, label) = (feature.id.clone(), feature.label.to_string());
    Missing { feature, label, reason, in_doubt, of_inputs }
}

/// Most remarks that are told of one feature.
const MAX_REMARKS: usize = 4;

/// Most entries that can't be told that are told of one feature.
const MAX_ENTRIES: usize = 3;

/// The remarks in one line.
fn told(remarks: &[String]) -> String {
    counted(remarks, MAX_REMARKS, "; ", "; and")
}

/// The first texts in one line, and how many more there are.
fn counted(texts: &[String], most: usize, between: &str, and: &str) -> String {
    let first = texts.len().min(most);
    let more = match texts.len() - first {
        0 => String::new(),
        more => format!("{and} {more} more"),
    };
    format!("{}{more}", texts[..first].join(between))
}

/// What the record says of a feature, and notes on what is near and doesn't count. `form` is the
/// canonical URL of the intake's own questionnaire, whose items carry the features' ids.
fn answer(feature: &Feature, record: &Record<'_>, form: &str) -> (Outcome, Basis, Vec<String>) {
    let (mut readings, mut notes) = (Vec::new(), Vec::new());
    // A list of conditions, procedures or medicines can only say yes.
    let is_list = |source: &Source| {
        matches!(
            source,
            Source::Condition { .. } | Source::Procedure { .. } | Source::Medication(_)
        )
    };
    let has_list = feature.sources.iter().any(is_list);
    for source in &feature.sources {
        let mut said = look_up(source, feature, record);
        if has_list && matches!(source, Source::Observation(_)) {
            said.demote_no();
        }
        readings.extend(said.readings);
        notes.extend(said.notes);
    }
    let own = questionnaire::answer(&feature.id, Some(form), feature, record);
    readings.extend(own.readings);
    notes.extend(own.notes);
    notes.sort();
    notes.dedup();
    let (outcome, basis) = outcome::decide(feature, readings);
    (outcome, basis, notes)
}

fn look_up(source: &Source, feature: &Feature, record: &Record<'_>) -> Said {
    let options = match (&feature.kind, source) {
        (Kind::Choice { options }, Source::Condition { .. } | Source::Observation(_)) => {
            &options[..]
        }
        _ => &[],
    };
    let sets = source.codes().into_iter().chain(options.iter().map(|option| &option.codes));
    let mut unknown: Vec<&str> = sets.flat_map(CodeSet::unknown_value_sets).collect();
    if !unknown.is_empty() {
        // What isn't known can't be found, and that it isn't found says nothing.
        unknown.sort_unstable();
        unknown.dedup();
        let names: Vec<String> =
            unknown.iter().map(|name| format!("`{}`", shorten(name))).collect();
        let mut said = Said::default();
        said.doubt(Doubt::general(format!(
            "this program doesn't have the codes {}, by which it would be found: update it",
            names.join(", ")
        )));
        return said;
    }
    match source {
        Source::Patient(field) => patient::patient(*field, feature, record),
        Source::Condition { past, .. } if !options.is_empty() => {
            condition::choice(options, *past, record)
        }
        Source::Condition { codes, past } => condition::condition(codes, *past, record),
        Source::Procedure { codes } => procedure::procedure(codes, record),
        Source::Medication(query) => medication::medication(query, record),
        Source::Observation(query) => observation::observation(query, feature, record),
        Source::BodyMassIndex { within_days } => {
            observation::body_mass_index(*within_days, feature, record)
        }
        Source::Answer { link } => questionnaire::answer(link, None, feature, record),
        // From the answers to others, once these are known.
        Source::Derived(_) => Said::default(),
    }
}

fn finding(feature: &Feature, found: Found) -> Finding {
    let mut clamped = Vec::new();
    // Whether it can be taken was looked at when it was decided.
    let _ = feature.level(&feature.disclosed(&found.value), &mut clamped);
    Finding {
        feature: feature.id.clone(),
        label: feature.label.to_string(),
        text: feature.show(&found.value),
        value: found.value,
        origin: found.origin,
        conversion: found.conversion,
        clamped: clamped.pop(),
    }
}
