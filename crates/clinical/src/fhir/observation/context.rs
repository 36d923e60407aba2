// SPDX-License-Identifier: Apache-2.0
//! What changes whose or what an observation is: its focus, its specimen, its site of the body; and
//! what its laboratory says of the measurement.
//!
//! A code says what is measured, and where: creatinine in serum or plasma. What stands beside it
//! and says otherwise makes one of both wrong, and nobody can tell which from here.

use super::super::codes;
use super::super::outcome::Doubt;
use super::super::record::Record;
use super::super::resource::{is_withdrawn, kind_of, list, one_or_more, text, Resource};
use super::matter::{is_usual_site, said, Matter, USUAL_SITE_CODES};
use super::value::values;
use serde_json::Value as Json;
use std::collections::{HashMap, HashSet};

/// What results say of the measurement that makes the number none: beyond the scale of the
/// instrument, or without quality (HL7's observation interpretations, in all versions).
const INTERPRETATIONS: [(&str, &str); 3] = [
    ("<", "says that it is below what can be measured"),
    (">", "says that it is above what can be measured"),
    ("QCF", "says that quality control failed"),
];
/// How far specimens are followed to those that they were made of.
const MAX_PARENTS: usize = 8;

/// What panels and reports say for their members as well.
const PASSED_ON: [&str; 4] = ["focus", "specimen", "bodySite", "interpretation"];

/// What stands in a specimen and why that can't be what is asked about.
type Verdict = Result<(), (String, &'static str)>;

/// The resources to which observations point.
pub(super) struct Context<'a> {
    record: &'a Record<'a>,
    matter: Matter,
    specimens: HashMap<&'a str, Vec<&'a Json>>,
    /// By system and value of an identifier.
    identified: HashMap<(&'a str, &'a str), Vec<&'a Json>>,
    verdicts: HashMap<*const Json, Verdict>,
    /// How observations name the patient.
    subjects: HashSet<&'a str>,
    /// By resource that contains some, since one may contain many.
    contained: HashMap<*const Json, HashMap<&'a str, &'a Json>>,
    /// What panels and reports say that their members don't say themselves.
    passed_on: HashMap<*const Json, Vec<Doubt>>,
}

impl<'a> Context<'a> {
    pub(super) fn new(record: &'a Record<'a>, matter: Matter) -> Self {
        let mut specimens: HashMap<&str, Vec<&Json>> = HashMap::new();
        let mut identified: HashMap<(&str, &str), Vec<&Json>> = HashMap::new();
        for specimen in record.of_kind("Specimen") {
            for key in specimen.full_url.into_iter().chain(specimen.text("id")) {
                specimens.entry(key).or_default().push(specimen.json);
            }
            for identifier in one_or_more(specimen.json, "identifier") {
                if let Some(key) = identified_by(identifier) {
                    identified.entry(key).or_default().push(specimen.json);
                }
            }
        }
        let (verdicts, contained) = (HashMap::new(), HashMap::new());
        let passed_on = HashMap::new();
        let subjects = record.of_kind("Observation");
        let subjects = subjects.filter_map(|one| reference(one.json.get("subject")?)).collect();
        let mut context = Self {
            record,
            matter,
            specimens,
            identified,
            verdicts,
            subjects,
            contained,
            passed_on,
        };
        context.pass_on();
        context
    }

    /// Whether the observation is one of the patient, and of what its code says.
    pub(super) fn fits(&mut self, resource: &'a Resource<'a>) -> Result<(), Doubt> {
        PASSED_ON.into_iter().try_for_each(|element| self.own(element, resource))?;
        match self.passed_on.get(&std::ptr::from_ref(resource.json)).and_then(|all| all.first()) {
            Some(doubt) => Err(doubt.clone()),
            None => Ok(()),
        }
    }

    fn own(&mut self, element: &str, resource: &'a Resource<'a>) -> Result<(), Doubt> {
        match element {
            "focus" => focus(resource, self.record),
            "specimen" => self.specimen(resource),
            "bodySite" => site(resource),
            _ => measured_well(resource.json, &resource.name),
        }
    }

    /// Gives the members of panels and the results of reports what these say and they don't.
    fn pass_on(&mut self) {
        let record = self.record;
        let mut parts: HashMap<*const Json, Vec<&'a Resource<'a>>> = HashMap::new();
        for resource in record.of_kind("Observation") {
            let wholes = resource.panels.iter().chain(&resource.reports).copied();
            for whole in wholes.chain(resource.container) {
                parts.entry(std::ptr::from_ref(whole)).or_default().push(resource);
            }
        }
        let reports = record.of_kind("DiagnosticReport");
        let wholes = record.of_kind("Observation").chain(reports);
        let wholes: Vec<&'a Resource<'a>> =
            wholes.filter(|one| parts.contains_key(&std::ptr::from_ref(one.json))).collect();
        for element in PASSED_ON {
            let mut seen: HashSet<*const Json> = HashSet::new();
            for whole in &wholes {
                let Err(doubt) = self.own(element, whole) else {
                    continue;
                };
                let mut open = vec![*whole];
                while let Some(one) = open.pop() {
                    for part in parts.get(&std::ptr::from_ref(one.json)).into_iter().flatten() {
                        let key = std::ptr::from_ref(part.json);
                        if !says(part.json, element) && seen.insert(key) {
                            let doubt = doubt.of_part(&part.name);
                            self.passed_on.entry(key).or_default().push(doubt);
                            open.push(part);
                        }
                    }
                }
            }
        }
    }

    fn specimen(&mut self, resource: &'a Resource<'a>) -> Result<(), Doubt> {
        for specimen in told(resource.json, "specimen") {
            let doubt = |found: &str, why: &str| Doubt::new(&resource.name, "specimen", found, why);
            let reference = reference(specimen).or_else(|| specimen.as_str());
            let mut found =
                reference.map_or_else(Vec::new, |one| self.find(one, resource.json, resource));
            let identifier = specimen.get("identifier").and_then(identified_by);
            found
                .extend(identifier.and_then(|key| self.identified.get(&key)).into_iter().flatten());
            // A reference that is written as a text is no text.
            let said = match specimen {
                Json::String(_) if !found.is_empty() => Vec::new(),
                _ => said(specimen, self.matter.codes()),
            };
            if said.is_empty() && reference.is_none() && identifier.is_none() {
                return Err(doubt(&specimen.to_string(), "doesn't tell what it is"));
            }
            for found in found {
                let verdict = self.verdict(found, resource, 0);
                verdict.map_err(|(value, why)| doubt(&value, why))?;
            }
            if let Some(other) = said.iter().find(|said| !self.matter.is(said)) {
                return Err(doubt(&other.text, self.matter.unknown()));
            }
        }
        Ok(())
    }

    /// Whether a specimen is blood, or urine, of the patient.
    fn verdict(&mut self, specimen: &'a Json, of: &'a Resource<'a>, depth: usize) -> Verdict {
        let key = std::ptr::from_ref(specimen);
        if let Some(known) = self.verdicts.get(&key) {
            return known.clone();
        }
        let circle = (kind_of(specimen).to_owned(), "was made of itself");
        self.verdicts.insert(key, Err(circle));
        let verdict = self.judge(specimen, of, depth);
        self.verdicts.insert(key, verdict.clone());
        verdict
    }

    fn judge(&mut self, specimen: &'a Json, of: &'a Resource<'a>, depth: usize) -> Verdict {
        let matter = self.matter;
        if is_withdrawn(specimen) || text(specimen, "status") == Some("unsatisfactory") {
            let status = text(specimen, "status").unwrap_or("entered-in-error");
            return Err((status.to_owned(), "is the status of its specimen"));
        }
        if let Some(subject) = specimen.get("subject").filter(|subject| !subject.is_null()) {
            let found = reference(subject);
            let is_patient = |found: &str| {
                let is_patient = |target: &Json| kind_of(target) == "Patient";
                self.record.resolve(found, of).is_some_and(is_patient)
                    || self.subjects.contains(found)
            };
            if found.is_some_and(|found| !is_patient(found)) {
                let shown = found.unwrap_or_default().to_owned();
                return Err((shown, "is whom its specimen is of, and may not be the patient"));
            }
        }
        let kinds =
            one_or_more(specimen, "type").iter().flat_map(|kind| said(kind, matter.codes()));
        if let Some(other) = kinds.into_iter().find(|said| !matter.is(said)) {
            return Err((other.text, matter.unknown()));
        }
        let collections = one_or_more(specimen, "collection");
        for site in collections.iter().flat_map(|one| told(one, "bodySite")) {
            let mut sites = said(site, &USUAL_SITE_CODES).into_iter();
            if let Some(other) = sites.find(|one| !matter.is_taken_at(one)) {
                let why = match matter {
                    Matter::Blood => "is no site at which blood is usually taken",
                    Matter::Urine => "is no site from which urine usually comes",
                };
                return Err((other.text, why));
            }
        }
        // What holds it and how it was taken tells only of what it isn't.
        let containers = one_or_more(specimen, "container").iter();
        let holds = containers.flat_map(|one| {
            ["type", "description"].into_iter().flat_map(|field| one_or_more(one, field))
        });
        let methods = collections.iter().flat_map(|one| one_or_more(one, "method"));
        for one in holds.chain(methods).flat_map(|one| said(one, &[])) {
            if matter.is_not(&one.text) {
                return Err((one.text, matter.unknown()));
            }
        }
        for parent in one_or_more(specimen, "parent") {
            if let Some(other) = said(parent, &[]).into_iter().find(|one| matter.is_not(&one.text))
            {
                return Err((other.text, matter.unknown()));
            }
            for found in reference(parent).map_or_else(Vec::new, |one| self.find(one, specimen, of))
            {
                if depth == MAX_PARENTS {
                    let shown = reference(parent).unwrap_or_default().to_owned();
                    return Err((shown, "is one of too many specimens of which it was made"));
                }
                self.verdict(found, of, depth + 1)?;
            }
        }
        Ok(())
    }

    /// The specimens that a reference in `from`, which is or belongs to a resource, may mean.
    fn find(&mut self, reference: &'a str, from: &'a Json, of: &'a Resource<'a>) -> Vec<&'a Json> {
        let Some(id) = reference.strip_prefix('#') else {
            let path = reference.split("/_history/").next().unwrap_or(reference);
            let id = path.rsplit('/').next().unwrap_or(path);
            let found = self.specimens.get(path).or_else(|| self.specimens.get(id));
            return found.cloned().unwrap_or_default();
        };
        let own = list(from, "contained").first().map(|_| from);
        let holder = own.or(of.container).unwrap_or(of.json);
        let contained = self.contained.entry(std::ptr::from_ref(holder)).or_insert_with(|| {
            let inner = list(holder, "contained").iter();
            inner.filter_map(|inner| Some((text(inner, "id")?, inner))).collect()
        });
        contained.get(id).copied().into_iter().collect()
    }
}

/// What an observation or a procedure is about if that isn't its subject: a fetus, a donor, a
/// device.
pub(in super::super) fn focus(resource: &Resource<'_>, record: &Record<'_>) -> Result<(), Doubt> {
    let subject = resource.json.get("subject").and_then(reference);
    let is_patient = |focus: &Json| {
        reference(focus).is_some_and(|found| {
            let is_patient = |target: &Json| kind_of(target) == "Patient";
            Some(found) == subject || record.resolve(found, resource).is_some_and(is_patient)
        })
    };
    match told(resource.json, "focus").into_iter().find(|focus| !is_patient(focus)) {
        None => Ok(()),
        Some(focus) => {
            let shown = reference(focus).or_else(|| text(focus, "display"));
            let shown = shown.map_or_else(|| focus.to_string(), str::to_owned);
            let why = "is what it is about, and not the patient";
            Err(Doubt::new(&resource.name, "focus", &shown, why))
        }
    }
}

/// The site of the body, where it isn't one at which such things are usually measured.
fn site(resource: &Resource<'_>) -> Result<(), Doubt> {
    for site in told(resource.json, "bodySite") {
        let said = said(site, &USUAL_SITE_CODES);
        let why = "is no site at which this is usually measured";
        if said.is_empty() {
            return Err(Doubt::new(&resource.name, "bodySite", &site.to_string(), why));
        }
        if let Some(other) = said.iter().find(|one| !is_usual_site(one)) {
            return Err(Doubt::new(&resource.name, "bodySite", &other.text, why));
        }
    }
    Ok(())
}

/// Whether an observation or component has a number that was measured as it stands there.
pub(super) fn measured_well(holder: &Json, resource: &str) -> Result<(), Doubt> {
    for interpretation in told(holder, "interpretation") {
        let concept = codes::read(interpretation);
        let codes = concept.codings.iter().map(|coding| coding.code.as_ref());
        for word in codes.chain(concept.texts.iter().copied()) {
            let known = INTERPRETATIONS.iter().find(|(known, _)| *known == word.trim());
            if let Some((known, why)) = known {
                return Err(Doubt::new(resource, "interpretation", known, *why));
            }
        }
    }
    Ok(())
}

/// What is told in an element: also in the extensions that stand for it before and after the
/// version of FHIR that has it.
fn told<'a>(json: &'a Json, element: &str) -> Vec<&'a Json> {
    let (fields, ends): (&[&str], &[&str]) = match element {
        "focus" => (&["focus"], &["focalsubject", "focus", "focuscode"]),
        "specimen" => (&["specimen"], &["specimencode", "specimen"]),
        "bodySite" => (&["bodySite", "bodyStructure"], &["bodysite", "bodystructure"]),
        _ => (&["interpretation"], &[]),
    };
    let stands = fields.iter().flat_map(|field| one_or_more(json, field));
    let extensions = one_or_more(json, "extension").iter().filter(|extension| {
        let url = text(extension, "url").unwrap_or_default().to_lowercase().replace('-', "");
        ends.iter().any(|end| url.ends_with(end))
    });
    let values = extensions.flat_map(|extension| values(extension).into_iter().map(|(_, one)| one));
    stands.chain(values).filter(|one| !one.is_null()).collect()
}

fn says(json: &Json, element: &str) -> bool {
    !told(json, element).is_empty()
}

fn identified_by(identifier: &Json) -> Option<(&str, &str)> {
    Some((text(identifier, "system").unwrap_or_default(), text(identifier, "value")?))
}

fn reference(json: &Json) -> Option<&str> {
    text(json, "reference")
}
