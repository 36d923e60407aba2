// SPDX-License-Identifier: Apache-2.0
//! Which observations there are, when they were made, and which of them can be used.

use super::super::codes::{self, Match, System};
use super::super::effective::{effective, Effective, DAY};
use super::super::outcome::{Doubt, Found, Made, Measured, Reading, Standing};
use super::super::record::Record;
use super::super::resource::{all_of, Resource};
use super::super::status::modified;
use super::super::time::{self, Inside};
use super::super::wording::{has, plain};
use super::context::{measured_well, Context};
use super::matter::Matter;
use super::pressure;
use super::replaced::replaced;
use super::value;
use crate::intake::{CodeSet, CodeSystem, Value, Window};
use cso_model_files::shorten;
use jiff::civil::Date;
use serde_json::Value as Json;

/// Codes of vital signs that FHIR's profiles require beside a more detailed one.
const GENERAL: [&str; 10] = [
    "2708-6", "8302-2", "8310-5", "8462-4", "8480-6", "8867-4", "9279-1", "9843-4", "29463-7",
    "39156-5",
];

/// The more detailed codes that say the same of what is asked: by the mouth, sitting, at rest,
/// measured. They are those of the value sets of these vital signs, and the heart rate by pulse
/// oximetry.
const REFINED: [&str; 28] = [
    "20564-1", "3137-7", "3138-5", "3141-9", "3142-7", "59408-5", "59417-6", "68999-2", "69000-8",
    "75539-7", "76174-2", "8306-3", "8308-9", "8328-7", "8329-5", "8331-1", "8332-9", "8333-7",
    "8334-5", "8350-1", "8351-9", "8453-3", "8455-8", "8459-0", "8461-6", "8889-8", "96608-5",
    "96609-3",
];
/// Words of a vital sign that was taken at another time or of somebody else than is asked.
const UNUSUAL: [&str; 12] = [
    "standing",
    "exercise",
    "stress",
    "peak",
    "maximum",
    "minimum",
    "fetal",
    "foetal",
    "24 hour",
    "24h",
    "stehend",
    "belastung",
];

/// Something that was observed.
pub(super) struct Observed<'a> {
    pub resource: &'a Resource<'a>,
    /// The observation or its component: the object that has `value[x]`.
    pub holder: &'a Json,
    code: String,
    when: Option<Effective<'a>>,
    standing: Standing,
    /// Whether it has no value.
    pub is_empty: bool,
    /// Why it can't be used, whatever its value is.
    pub usable: Result<(), Doubt>,
}

impl Observed<'_> {
    fn origin(&self) -> String {
        let name = &self.resource.name;
        let of = self.when.map(|when| format!(" of {}", when.day())).unwrap_or_default();
        let preliminary = match self.standing {
            Standing::Preliminary => ", preliminary",
            Standing::Final | Standing::Corrected => "",
        };
        format!("{name}{of}: {}{preliminary}", self.code)
    }

    pub(super) fn reading(&self, read: Result<(Value, Option<String>), Doubt>) -> Reading {
        let found = |(value, conversion)| {
            let stands = Some(value::shown(self.holder));
            Found { value, origin: self.origin(), stands, conversion }
        };
        Reading {
            when: self.when.map(|effective| effective.when),
            issued: self.resource.text("issued").and_then(time::parse),
            standing: self.standing,
            made: Made::Recorded,
            lasts: false,
            is_of_window: false,
            reported: None,
            made_of: vec![Measured {
                when: self.when.map(|effective| effective.when),
                resource: Some(self.resource.name.clone()),
            }],
            said: read.map(found).map_err(|doubt| doubt.about(&self.code)),
        }
    }
}

/// The observations with one of the codes, and notes on those that don't count.
pub(super) fn collect<'a>(
    wanted: &CodeSet,
    window: Option<Window>,
    record: &'a Record<'a>,
) -> (Vec<Observed<'a>>, Vec<String>) {
    let matter = Matter::of(wanted);
    let mut context = Context::new(record, matter);
    let mut observed = Vec::new();
    let mut notes = Vec::new();
    let mut old: Option<(Date, &str, &str)> = None;
    let replaced = replaced(record);
    for resource in record.of_kind("Observation") {
        let name = &resource.name;
        let matches = matches(resource, wanted, matter);
        let Some((_, first, _)) = matches.first() else {
            continue;
        };
        let mut replacing = Ok(());
        match replaced.get(&std::ptr::from_ref(resource.json)) {
            None => {}
            Some((other, true)) => {
                notes.push(format!("{name} ({first}) is replaced by {other}"));
                continue;
            }
            Some((other, false)) => {
                let why = "says that it replaces this, and doesn't count itself";
                replacing = Err(Doubt::new(name, "related", other, why));
            }
        }
        // What all parts share, of which there may be many.
        let (when, dated) = match effective(resource, record.today) {
            Ok(when) => (when, Ok(())),
            Err(doubt) => (None, Err(doubt)),
        };
        let shared = modified(resource, first).map_or(Ok(()), Err);
        let shared = replacing.and(shared).and_then(|()| reliable(resource));
        let shared = shared.and_then(|()| context.fits(resource)).and(dated);
        for (holder, code, mut usable) in matches {
            let is_empty = value::values(holder).is_empty();
            let standing = match standing(resource, is_empty) {
                Ok(standing) => standing,
                Err(Uncounted::Withdrawn) => continue,
                Err(Uncounted::Known(note)) => {
                    notes.push(note);
                    continue;
                }
                Err(Uncounted::Doubt(doubt)) => {
                    usable = usable.and(Err(doubt));
                    Standing::Final
                }
            };
            let standing = standing.min(resource.at_most);
            usable =
                usable.and_then(|()| shared.clone()).and_then(|()| measured_well(holder, name));
            match (when, window) {
                // A mistyped year hides the latest value.
                (Some(time), _) if time::in_future(time.when, record.today) => {
                    let why = "lies in the future";
                    let doubt = Doubt::new(name, "effective", time.text, why);
                    usable = usable.and(Err(doubt));
                }
                (Some(time), _) if time::in_future(time.end, record.today) => {
                    let why = "lies in the future, and what it is the end of may not";
                    let doubt = Doubt::new(name, "effective", time.text, why);
                    usable = usable.and(Err(doubt));
                }
                (Some(time), Some(window)) => match time::inside(time.end, window, record.today) {
                    Inside::Yes => {}
                    Inside::Perhaps => {
                        let why = format!("may be of before the last {}", told(window));
                        let doubt = Doubt::new(name, "effective", time.text, why);
                        usable = usable.and(Err(doubt));
                    }
                    Inside::No => {
                        let day = time.text.get(..DAY).unwrap_or(time.text);
                        old = old.max(Some((time.end.first, name, day)));
                        continue;
                    }
                },
                (Some(_) | None, None) => {}
                // It can't be shown to be recent.
                (None, Some(window)) => {
                    let why = format!("has no date, and must be of the last {}", told(window));
                    let doubt = Doubt::new(name, "value", &value::shown(holder), why);
                    usable = usable.and(Err(doubt));
                }
            }
            if is_empty {
                let is_group = |field| !all_of(holder, field).is_empty();
                let absent = holder.get("dataAbsentReason").filter(|reason| !reason.is_null());
                match absent {
                    Some(reason) => {
                        let text = reason.get("text").and_then(Json::as_str);
                        let code = codes::plain_codes(reason).first().copied();
                        let reason = code.or(text).unwrap_or("unknown");
                        let why = format!("is why it has no value ({})", shorten(reason));
                        usable = usable.and(Err(Doubt::new(name, "dataAbsentReason", reason, why)));
                    }
                    // Its parts have the values.
                    None if is_group("component") || is_group("hasMember") => continue,
                    None => {
                        let why = "is there, and it may be the latest";
                        usable = usable.and(Err(Doubt::new(name, "value", "no value", why)));
                    }
                }
            }
            observed.push(Observed { resource, holder, code, when, standing, is_empty, usable });
        }
    }
    if let (Some((_, name, day)), Some(window)) = (old, window) {
        notes.push(format!("the latest, {name} of {day}, is older than {}", told(window)));
    }
    (observed, notes)
}

/// How long a window is.
fn told(window: Window) -> String {
    match window {
        Window::Days(days) => format!("{days} days"),
        Window::Hours(hours) => format!("{hours} hours"),
    }
}

/// A part of an observation, or all of it, with the code for people, and whether what it says of
/// itself fits that code.
type Part<'a> = (&'a Json, String, Result<(), Doubt>);

/// The observation and its components, as far as they have one of the codes or may have.
fn matches<'a>(resource: &'a Resource<'a>, wanted: &CodeSet, matter: Matter) -> Vec<Part<'a>> {
    let name = &resource.name;
    let parts = all_of(resource.json, "component");
    let mut found: Vec<Part<'a>> = Vec::new();
    for holder in std::iter::once(resource.json).chain(parts.iter().copied()) {
        let Some(concept) = holder.get("code") else {
            continue;
        };
        match codes::find(Some(concept), "code", wanted, name) {
            Match::Yes(code) => {
                let fits = pressure::is_systemic(resource.json, holder, wanted, name)
                    .and_then(|()| unambiguous(concept, wanted, matter, name));
                found.push((holder, code, fits));
            }
            Match::Near(doubt) => {
                found.push((holder, codes::label(Some(concept)), Err(doubt)));
            }
            Match::No => {}
        }
    }
    if found.is_empty() {
        let is_pressure = pressure::is_panel(resource.json, wanted);
        let hidden = hidden(resource.json, &parts, is_pressure);
        found.extend(hidden.map(|(holder, element, why)| {
            let doubt = Doubt::new(name, element, &value::shown(holder), why);
            (holder, String::new(), Err(doubt))
        }));
    }
    found
}

/// A value without a code that may be the one that is looked for: of a component without any code
/// or text, and in a panel of blood pressures also of a component with a text only, or of the
/// panel.
fn hidden<'a>(
    own: &'a Json,
    parts: &[&'a Json],
    is_pressure: bool,
) -> Option<(&'a Json, &'static str, &'static str)> {
    let has_value = |holder: &Json| !value::values(holder).is_empty();
    if is_pressure && has_value(own) {
        return Some((own, "value", "is the value of a panel, and may be what is asked about"));
    }
    let is_hidden = |part: &&&Json| {
        let concept = part.get("code").map(codes::read).unwrap_or_default();
        let is_named = concept.texts.iter().any(|text| !text.trim().is_empty());
        concept.codings.is_empty() && (is_pressure || !is_named) && has_value(part)
    };
    let part = parts.iter().find(is_hidden)?;
    Some((part, "component", "has no code, and may be what is asked about"))
}

/// Whether a concept with a wanted code says one thing: no other LOINC code, and no specimen or
/// person that the code isn't about.
fn unambiguous(
    concept: &Json,
    wanted: &CodeSet,
    matter: Matter,
    resource: &str,
) -> Result<(), Doubt> {
    let concept = codes::read(concept);
    let is_loinc =
        |coding: &&codes::Coding<'_>| codes::system_of(coding.system) == Some(System::Loinc);
    let loinc = concept.codings.iter().filter(is_loinc).map(|coding| coding.code.trim());
    let (right, mut other): (Vec<&str>, Vec<&str>) =
        loinc.partition(|code| wanted.has(CodeSystem::Loinc, &code.to_uppercase()));
    // Parts and groups of LOINC aren't codes of observations.
    other.retain(|code| !code.starts_with(['L', 'l']));
    let is_general = right.iter().any(|code| GENERAL.contains(code));
    if is_general {
        other.retain(|code| !REFINED.contains(code));
    }
    if let (Some(right), Some(other)) = (right.iter().min(), other.iter().min()) {
        let why = format!("stands beside {right}: one result can't be both");
        return Err(Doubt::new(resource, "code", other, why));
    }
    let displays = concept.codings.iter().filter_map(|coding| coding.display);
    let texts = displays.chain(concept.texts.iter().copied());
    // People are measured standing.
    let may_be_unusual = is_general && !right.contains(&HEIGHT);
    let is_unusual = |text: &str| {
        let plain = plain(text);
        may_be_unusual && UNUSUAL.iter().any(|word| has(&plain, word))
    };
    let is_other =
        |text: &&str| matter.is_another_of(text) || is_unusual(text) || contradicts(text, &right);
    match texts.filter(is_other).min() {
        Some(text) => {
            let why = "stands beside a code of something else";
            Err(Doubt::new(resource, "code", text, why))
        }
        None => Ok(()),
    }
}

/// Body height.
const HEIGHT: &str = "8302-2";

/// Whether a text names another analyte than the code, which is often mistaken for it: direct
/// bilirubin for all of it, urea for its nitrogen.
fn contradicts(text: &str, codes: &[&str]) -> bool {
    let is_of = |wanted: &[&str]| codes.iter().any(|code| wanted.contains(code));
    let text = plain(text);
    let has = |words: &[&str]| words.iter().any(|word| has(&text, word));
    let begins = |begins: &[&str]| {
        let mut words = text.split(|c: char| !c.is_alphanumeric());
        words.any(|word| begins.iter().any(|begin| word.starts_with(begin)))
    };
    let is_part = has(&["direct", "indirect", "conjugated", "unconjugated", "konjugiert"])
        || begins(&["direkt", "indirekt", "konjugiert"]);
    is_of(&["1975-2", "14631-6"]) && is_part && !begins(&["total", "gesamt"])
        || is_of(&["3094-0", "6299-2"])
            && begins(&["urea", "harnstoff"])
            && !text.contains("nitrogen")
            && !text.contains("stickstoff")
            && !has(&["n", "bun"])
}

/// Why an observation doesn't count as it is.
enum Uncounted {
    /// It takes no part in anything.
    Withdrawn,
    /// It is known not to count: why.
    Known(String),
    Doubt(Doubt),
}

/// How final an observation is. One without a status counts as final.
fn standing(resource: &Resource<'_>, is_empty: bool) -> Result<Standing, Uncounted> {
    let name = &resource.name;
    let doubt =
        |found: &str, why: &str| Err(Uncounted::Doubt(Doubt::new(name, "status", found, why)));
    let beside = resource.json.get("_status").filter(|beside| !beside.is_null());
    match resource.json.get("status") {
        _ if beside.is_some() => {
            let shown = resource.text("status").unwrap_or("absent, with an extension");
            doubt(shown, "doesn't say whether it counts")
        }
        None | Some(Json::Null) => Ok(Standing::Final),
        Some(Json::String(status)) => match status.as_str() {
            "preliminary" => Ok(Standing::Preliminary),
            "final" => Ok(Standing::Final),
            "amended" | "corrected" | "appended" => Ok(Standing::Corrected),
            "entered-in-error" => Err(Uncounted::Withdrawn),
            "cancelled" | "cannot-be-obtained" => {
                Err(Uncounted::Known(format!("{name} is {status}")))
            }
            "registered" | "specimen-in-process" if is_empty => {
                Err(Uncounted::Known(format!("{name} is {status}: it has no result yet")))
            }
            other => doubt(other, "doesn't say whether it counts"),
        },
        Some(other) => doubt(&other.to_string(), "can't be read as a status"),
    }
}

/// DSTU1's `reliability`: `error`, `questionable` and others make a value one of doubt.
fn reliable(resource: &Resource<'_>) -> Result<(), Doubt> {
    let Some(reliability) = resource.json.get("reliability").filter(|json| !json.is_null()) else {
        return Ok(());
    };
    match reliability.as_str() {
        Some("ok") => Ok(()),
        text => {
            let shown = text.map_or_else(|| reliability.to_string(), str::to_owned);
            let why = "leaves open whether the value counts";
            Err(Doubt::new(&resource.name, "reliability", &shown, why))
        }
    }
}
