// SPDX-License-Identifier: Apache-2.0
//! Whose record it is, which versions are in force, what reports do to their results, and what
//! Patients say of age and sex.

mod common;

use common::{protocol, TODAY};
use cso_clinical::fhir::{import, FhirError, Import, RecordFile};
use proptest::prelude::*;
use serde_json::{json, Value as Json};

const HERE: &str = "https://ehr.example/fhir";

fn bundle(entries: &[Json]) -> Json {
    json!({ "resourceType": "Bundle", "type": "collection", "entry": entries })
}

/// An entry with its URL on a server.
fn at(server: &str, resource: Json) -> Json {
    let url = format!("{server}/{}/{}", text(&resource, "resourceType"), text(&resource, "id"));
    json!({ "fullUrl": url, "resource": resource })
}

fn here(resource: Json) -> Json {
    at(HERE, resource)
}

fn named(url: &str, resource: Json) -> Json {
    json!({ "fullUrl": url, "resource": resource })
}

/// An entry without a URL.
fn plain(resource: Json) -> Json {
    json!({ "resource": resource })
}

fn text<'a>(resource: &'a Json, field: &str) -> &'a str {
    resource[field].as_str().unwrap()
}

/// A resource with fields added or, if null, left out.
fn with(mut resource: Json, fields: Json) -> Json {
    for (field, value) in fields.as_object().unwrap() {
        match value {
            Json::Null => drop(resource.as_object_mut().unwrap().remove(field)),
            value => resource[field] = value.clone(),
        }
    }
    resource
}

fn patient(fields: Json) -> Json {
    let patient = json!({ "resourceType": "Patient", "id": "p", "gender": "male", "birthDate": "1957-03-14" });
    with(patient, fields)
}

/// High blood pressure.
fn condition(fields: Json) -> Json {
    let condition = json!({ "resourceType": "Condition", "id": "c", "subject": { "reference": "Patient/p" },
        "code": { "coding": [{ "system": "http://hl7.org/fhir/sid/icd-10", "code": "I10" }] } });
    with(condition, fields)
}

fn subject(subject: Json) -> Json {
    condition(json!({ "subject": subject }))
}

/// A creatinine in mg/dL.
fn creatinine(id: &str, value: f64, fields: Json) -> Json {
    let observation = json!({ "resourceType": "Observation", "id": id, "status": "final",
        "subject": { "reference": "Patient/p" }, "effectiveDateTime": "2026-11-20T08:00:00Z",
        "code": { "coding": [{ "system": "http://loinc.org", "code": "2160-0" }] },
        "valueQuantity": { "value": value, "system": "http://unitsofmeasure.org", "code": "mg/dL" } });
    with(observation, fields)
}

/// An older creatinine of 1.2, which must not stand in for a newer one in doubt.
fn older() -> Json {
    creatinine("older", 1.2, json!({ "effectiveDateTime": "2026-11-10T08:00:00Z" }))
}

fn report(fields: Json) -> Json {
    let report = json!({ "resourceType": "DiagnosticReport", "id": "r", "status": "final",
        "subject": { "reference": "Patient/p" }, "code": { "text": "Metabolic panel" },
        "result": [{ "reference": "Observation/o" }] });
    with(report, fields)
}

fn identifier(system: &str, value: &str) -> Json {
    json!({ "system": system, "value": value })
}

fn link(kind: &str, to: &str) -> Json {
    json!({ "link": [{ "type": kind, "other": { "reference": to } }] })
}

/// What must come out.
#[derive(Clone, Copy, Debug)]
enum Right {
    Value(&'static str),
    /// A question with these words.
    Asked(&'static [&'static str]),
    /// Nothing on it.
    Silent,
    Refused(&'static [&'static str]),
}
use Right::{Asked, Refused, Silent, Value};

fn read(files: &[Json], name: &str) -> Result<Import, FhirError> {
    let texts: Vec<String> = files.iter().map(ToString::to_string).collect();
    let files: Vec<RecordFile<'_>> = texts
        .iter()
        .map(|text| RecordFile { name: "record.json", bytes: text.as_bytes() })
        .collect();
    import(&files, protocol(name).intake(), TODAY)
}

/// Reads the entries in both orders, and each in a file of its own.
fn check(claim: &str, feature: &str, entries: &[Json], right: Right) {
    let name = if feature == "creatinine" { "meld-3" } else { "cha2ds2-vasc" };
    let result = read(&[bundle(entries)], name);
    let mut turned = entries.to_vec();
    turned.reverse();
    assert_eq!(result, read(&[bundle(&turned)], name), "{claim}: the order matters");
    let files: Vec<Json> = turned.into_iter().map(|entry| bundle(&[entry])).collect();
    assert_eq!(result, read(&files, name), "{claim}: the files matter");
    let told = match &result {
        Err(error) => ("refused", error.to_string()),
        Ok(import) => {
            let found = import.findings.iter().find(|one| one.feature == feature);
            let missing = import.missing.iter().find(|one| one.feature == feature);
            match (found, missing) {
                (Some(found), _) => ("value", found.text.clone()),
                (None, Some(missing)) if missing.in_doubt => ("asked", missing.reason.clone()),
                _ => ("silent", String::new()),
            }
        }
    };
    let fits = match (right, told.0) {
        (Value(value), "value") => told.1.split(' ').next() == Some(value),
        (Asked(words), "asked") | (Refused(words), "refused") => {
            words.iter().all(|word| told.1.contains(word)) && !told.1.contains('\n')
        }
        (Silent, "silent") => true,
        _ => false,
    };
    assert!(fits, "{claim}: {told:?} instead of {right:?}");
}

#[test]
fn subjects_are_compared_in_every_form() {
    let known = || here(patient(json!({ "identifier": [identifier("urn:mrn", "1")] })));
    let other = Refused(&["Condition/c is about", "export one patient's record"]);
    for (claim, subject, right) in [
        ("relative", json!({ "reference": "Patient/p" }), Value("yes")),
        ("with a version", json!({ "reference": "Patient/p/_history/2" }), Value("yes")),
        ("absolute", json!({ "reference": "https://ehr.example/fhir/Patient/p" }), Value("yes")),
        (
            "another scheme and case",
            json!({ "reference": "http://EHR.example/fhir/Patient/p" }),
            Value("yes"),
        ),
        ("another server", json!({ "reference": "https://other.example/fhir/Patient/p" }), other),
        ("another id", json!({ "reference": "Patient/q" }), other),
        (
            "an unknown URN",
            json!({ "reference": "urn:uuid:11111111-1111-1111-1111-111111111111" }),
            other,
        ),
        ("the identifier", json!({ "identifier": identifier("urn:mrn", "1") }), Value("yes")),
        (
            "the identifier in a list",
            json!({ "identifier": [identifier("urn:mrn", "1")] }),
            Value("yes"),
        ),
        (
            "another number",
            json!({ "identifier": identifier("urn:mrn", "2") }),
            Refused(&["urn:mrn|2"]),
        ),
        (
            "the id, and another number",
            json!({ "reference": "Patient/p", "identifier": identifier("urn:mrn", "2") }),
            Refused(&["urn:mrn|2"]),
        ),
        (
            "another server, and the same number",
            json!({ "reference": "https://other.example/fhir/Patient/7", "identifier": identifier("urn:mrn", "1") }),
            other,
        ),
        (
            "another server and id of the same number",
            json!({ "reference": "https://other.example/fhir/Patient/p", "identifier": identifier("urn:mrn", "1") }),
            Value("yes"),
        ),
        (
            "a number of another system",
            json!({ "identifier": identifier("urn:x", "1") }),
            Asked(&["Condition/c (I10), subject", "urn:x|1"]),
        ),
        (
            "a number of no system",
            json!({ "identifier": { "value": "1" } }),
            Asked(&["Condition/c (I10), subject"]),
        ),
        ("a search", json!({ "reference": "Patient?identifier=urn:mrn|1" }), Value("yes")),
        (
            "an escaped search",
            json!({ "reference": "Patient?identifier=urn%3Amrn%7C1" }),
            Value("yes"),
        ),
        (
            "a search for another",
            json!({ "reference": "Patient?identifier=urn:mrn|2" }),
            Refused(&["urn:mrn|2"]),
        ),
        (
            "a search by name",
            json!({ "reference": "Patient?name=Anna" }),
            Asked(&["Patient?name=Anna"]),
        ),
        (
            "a name only",
            json!({ "display": "Somebody" }),
            Asked(&["Condition/c (I10), subject: `Somebody`"]),
        ),
        ("nothing", json!({}), Asked(&["Condition/c (I10), subject"])),
        ("a number", json!(7), Asked(&["Condition/c (I10), subject: `7`"])),
        ("a text", json!("Patient/p"), Value("yes")),
        ("a list", json!([{ "reference": "Patient/p" }]), Value("yes")),
        (
            "a list with another",
            json!([{ "reference": "Patient/p" }, { "reference": "Patient/q" }]),
            other,
        ),
        ("a group", json!({ "reference": "Group/g" }), other),
        ("a relative", json!({ "reference": "RelatedPerson/p" }), other),
        ("a device", json!({ "reference": "Device/p" }), Asked(&["Device/p", "is no person"])),
        ("a hole", json!({ "reference": "#x" }), Asked(&["#x", "leads nowhere"])),
        (
            "the scheme's own port",
            json!({ "reference": "https://ehr.example:443/fhir/Patient/p" }),
            Value("yes"),
        ),
        (
            "another port",
            json!({ "reference": "https://ehr.example:8443/fhir/Patient/p" }),
            Refused(&[
                "https://ehr.example:8443/fhir/Patient/p",
                "patient is https://ehr.example/fhir/Patient/p",
            ]),
        ),
        (
            "a type that contradicts",
            json!({ "reference": "Patient/p", "type": "RelatedPerson" }),
            Asked(&["Condition/c (I10), subject: `RelatedPerson` is the `type`"]),
        ),
        (
            "a type that fits",
            json!({ "reference": "p", "type": "http://hl7.org/fhir/StructureDefinition/Patient" }),
            Value("yes"),
        ),
        (
            "a placeholder",
            json!({ "identifier": identifier("urn:mrn", "000000") }),
            Asked(&["Condition/c (I10), subject"]),
        ),
        (
            "an id that differs at its end",
            json!({ "reference": "urn:uuid:aaaaaaaa-0000-4000-8000-000000000009" }),
            Refused(&["aaaaaaaa-0000-4000-8000-000000000009"]),
        ),
        ("left out", Json::Null, Value("yes")),
    ] {
        check(claim, "hypertension", &[known(), here(self::subject(subject))], right);
    }
    let of_older_fhir =
        condition(json!({ "subject": null, "patient": { "reference": "Patient/q" } }));
    check("patient instead of subject", "hypertension", &[known(), here(of_older_fhir)], other);
}

#[test]
fn contained_patients_are_compared_by_identifier() {
    let known = || here(patient(json!({ "identifier": [identifier("urn:mrn", "1")] })));
    for (claim, kind, identifiers, right) in [
        ("same", "Patient", json!([identifier("urn:mrn", "1")]), Value("yes")),
        ("other", "Patient", json!([identifier("urn:mrn", "2")]), Refused(&["urn:mrn|2"])),
        ("none", "Patient", json!([]), Asked(&["contained Patient"])),
        ("a group", "Group", json!([]), Refused(&["#x (Group)"])),
    ] {
        let contained = json!([{ "resourceType": kind, "id": "x", "identifier": identifiers }]);
        let condition =
            condition(json!({ "subject": { "reference": "#x" }, "contained": contained }));
        check(claim, "hypertension", &[known(), here(condition)], right);
    }
    for (claim, fields, right) in [
        ("alike", json!({ "birthDate": "1957-03-14", "gender": "male" }), Value("yes")),
        ("a newborn", json!({ "birthDate": "2026-11-18" }), Asked(&["#x", "date of birth"])),
        ("another sex", json!({ "gender": "female" }), Asked(&["#x", "another name, sex"])),
    ] {
        let one = json!({ "resourceType": "Patient", "id": "x", "identifier": [identifier("urn:mrn", "1")] });
        let condition = condition(
            json!({ "subject": { "reference": "#x" }, "contained": [with(one, fields)] }),
        );
        check(claim, "hypertension", &[known(), here(condition)], right);
    }
}

#[test]
fn relative_references_are_read_against_the_server_of_the_entry() {
    let elsewhere = at("https://other.example/fhir", condition(json!({})));
    check(
        "two servers",
        "hypertension",
        &[here(patient(json!({}))), elsewhere],
        Refused(&["Condition/c is about https://other.example/fhir/Patient/p"]),
    );
    let uuid = "urn:uuid:0b4f5f0e-5d55-4a3c-8c38-6a7a7d2a3b11";
    let by_name = |reference: &str| named("urn:uuid:2", subject(json!({ "reference": reference })));
    check(
        "by URN",
        "hypertension",
        &[named(uuid, patient(json!({}))), by_name(uuid)],
        Value("yes"),
    );
    check(
        "by URN in capitals",
        "hypertension",
        &[named(&uuid.to_uppercase(), patient(json!({}))), by_name(uuid)],
        Value("yes"),
    );
    let id = uuid.strip_prefix("urn:uuid:").unwrap();
    check(
        "by the UUID in capitals",
        "hypertension",
        &[plain(patient(json!({ "id": id.to_uppercase() }))), by_name(uuid)],
        Value("yes"),
    );
    check(
        "by the UUID",
        "hypertension",
        &[plain(patient(json!({ "id": id }))), by_name(uuid)],
        Value("yes"),
    );
    // The patient's server isn't known: it may be one, but not two.
    let absolute = |id: &str, server: &str| {
        plain(condition(
            json!({ "id": id, "subject": { "reference": format!("{server}/Patient/p") } }),
        ))
    };
    let one = absolute("c", HERE);
    check("one server", "hypertension", &[plain(patient(json!({}))), one.clone()], Value("yes"));
    let other = absolute("d", "https://other.example/fhir");
    check(
        "two servers of references",
        "hypertension",
        &[plain(patient(json!({}))), one, other],
        Refused(&["is about"]),
    );
}

#[test]
fn records_without_a_patient_are_of_one_person_too() {
    let about = |id: &str, subject: Json| plain(condition(json!({ "id": id, "subject": subject })));
    let literal = |text: &str| json!({ "reference": text });
    let number = |value: &str| json!({ "identifier": identifier("urn:mrn", value) });
    for (claim, one, other, right) in [
        ("the same", literal("Patient/p"), literal("Patient/p/_history/1"), Value("yes")),
        ("two", literal("Patient/p"), literal("Patient/q"), Refused(&["Patient/q", "Patient/p"])),
        ("one number", number("1"), number("1"), Value("yes")),
        ("two numbers", number("1"), number("2"), Refused(&["urn:mrn|2"])),
        ("names", json!({ "display": "A" }), json!({ "display": "B" }), Asked(&["`A`", "`B`"])),
    ] {
        check(claim, "hypertension", &[about("c", one), about("d", other)], right);
    }
}

#[test]
fn one_patient_may_stand_here_twice() {
    let me = || patient(json!({}));
    let called = |family: &str, given: &str| {
        patient(json!({ "name": [{ "family": family, "given": [given] }] }))
    };
    let condition = || here(condition(json!({})));
    let mrn = json!([identifier("urn:mrn", "1")]);
    let others_id = |fields: Json| {
        at(
            "https://other.example/fhir",
            with(patient(json!({ "id": "x", "identifier": mrn })), fields),
        )
    };
    let mine = || here(patient(json!({ "identifier": mrn })));
    let several = Refused(&["several patients"]);
    for (claim, patients, right) in [
        ("the same twice", vec![here(me()), here(me())], Value("yes")),
        ("with a URL and without", vec![here(me()), plain(me())], Value("yes")),
        ("with a URL and a URN", vec![here(me()), named("urn:uuid:1", me())], Value("yes")),
        ("two servers", vec![here(me()), at("https://other.example/fhir", me())], several),
        ("one identifier", vec![mine(), others_id(json!({}))], Value("yes")),
        (
            "one identifier, another day of birth",
            vec![mine(), others_id(json!({ "birthDate": "1990-01-01" }))],
            several,
        ),
        (
            "one identifier, no day of birth",
            vec![
                here(patient(json!({ "identifier": mrn, "birthDate": null }))),
                others_id(json!({ "birthDate": null })),
            ],
            several,
        ),
        (
            "one identifier, another sex",
            vec![mine(), others_id(json!({ "gender": "female" }))],
            several,
        ),
        (
            "one identifier, another number",
            vec![
                here(patient(json!({ "identifier": [mrn[0], identifier("urn:ssn", "1")] }))),
                others_id(json!({ "identifier": [mrn[0], identifier("urn:ssn", "2")] })),
            ],
            several,
        ),
        (
            "one id of no server, another day of birth",
            vec![plain(me()), plain(patient(json!({ "birthDate": "1990-01-01" })))],
            Refused(&["several patients", "born 1957-03-14", "born 1990-01-01"]),
        ),
        (
            "one id of no server, another sex",
            vec![plain(me()), plain(patient(json!({ "gender": "female" })))],
            several,
        ),
        (
            "one id of no server, another family",
            vec![plain(called("Meier", "Anna")), plain(called("Schulze", "Anna"))],
            several,
        ),
        (
            "one id of no server, spelt otherwise",
            vec![plain(called("Müller", "Zoë")), plain(called("MUELLER", "Zoe"))],
            Value("yes"),
        ),
        (
            "twins of one insurance",
            vec![
                here(with(called("A", "Xaver"), json!({ "identifier": mrn }))),
                others_id(json!({ "name": called("A", "Yann")["name"] })),
            ],
            several,
        ),
        (
            "a family name from before",
            vec![
                here(with(called("Meier", "Anna"), json!({ "identifier": mrn }))),
                others_id(json!({ "name": called("Schulze", "Anna")["name"] })),
            ],
            Value("yes"),
        ),
        (
            "a placeholder in place of a number",
            vec![
                here(patient(json!({ "identifier": [identifier("urn:mrn", "000-00-0000")] }))),
                others_id(json!({ "identifier": [identifier("urn:mrn", "000-00-0000")] })),
            ],
            several,
        ),
        (
            "a placeholder beside a number",
            vec![
                here(patient(
                    json!({ "identifier": [mrn[0], identifier("urn:ssn", "999-99-9999")] }),
                )),
                others_id(json!({ "identifier": [mrn[0], identifier("urn:ssn", "1")] })),
            ],
            Value("yes"),
        ),
        (
            "other numbers in a list in a list",
            vec![
                plain(patient(json!({ "identifier": mrn }))),
                plain(patient(json!({ "identifier": [[identifier("urn:mrn", "2")]] }))),
            ],
            several,
        ),
        (
            "two hospitals",
            vec![
                here(called("Meier", "Anna")),
                at(
                    "https://other.example/fhir",
                    with(called("Meier", "Anna"), json!({ "id": "x" })),
                ),
            ],
            Refused(&["several patients", "one person at two hospitals", "--bundle"]),
        ),
        (
            "another person",
            vec![here(me()), here(patient(json!({ "id": "q" })))],
            Refused(&["several patients", "export one patient's record"]),
        ),
    ] {
        let mut entries = patients;
        entries.push(condition());
        check(claim, "hypertension", &entries, right);
    }
}

#[test]
fn merged_patients_are_one() {
    let old = |fields: Json| here(with(patient(json!({ "id": "old", "active": false })), fields));
    let new = |fields: Json| here(with(patient(json!({})), fields));
    let condition = here(subject(json!({ "reference": "Patient/old" })));
    let both = Refused(&["link", "Patient/old"]);
    for (claim, patients, right) in [
        (
            "both say so",
            vec![new(link("replaces", "Patient/old")), old(link("replaced-by", "Patient/p"))],
            Value("yes"),
        ),
        (
            "the new one says so",
            vec![new(link("replaces", "Patient/old")), old(json!({}))],
            Value("yes"),
        ),
        (
            "the old one says so",
            vec![new(json!({})), old(link("replaced-by", "Patient/p"))],
            Value("yes"),
        ),
        ("the old one isn't here", vec![new(link("replaces", "Patient/old"))], Value("yes")),
        ("in DSTU2", vec![new(json!({})), old(link("replace", "Patient/p"))], Value("yes")),
        (
            "by absolute reference",
            vec![new(json!({})), old(link("replaced-by", "https://ehr.example/fhir/Patient/p"))],
            Value("yes"),
        ),
        (
            "through one that isn't here",
            vec![new(link("replaces", "Patient/mid")), old(link("replaced-by", "Patient/mid"))],
            Value("yes"),
        ),
        (
            "by identifier",
            vec![
                new(json!({ "identifier": [identifier("urn:mrn", "1")] })),
                old(
                    json!({ "link": [{ "type": "replaced-by", "other": { "identifier": identifier("urn:mrn", "1") } }] }),
                ),
            ],
            Value("yes"),
        ),
        (
            "in a circle",
            vec![new(link("replaced-by", "Patient/old")), old(link("replaced-by", "Patient/p"))],
            Value("yes"),
        ),
        (
            "by one that isn't here",
            vec![old(link("replaced-by", "Patient/new"))],
            Refused(&["Patient/old", "replaced by Patient/new", "isn't in the record"]),
        ),
        (
            "see also, one day of birth",
            vec![new(link("seealso", "Patient/old")), old(json!({}))],
            Value("yes"),
        ),
        (
            "see also, another day of birth",
            vec![new(link("seealso", "Patient/old")), old(json!({ "birthDate": "1990-01-01" }))],
            both,
        ),
        (
            "refer, no day of birth",
            vec![new(link("refer", "Patient/old")), old(json!({ "birthDate": null }))],
            both,
        ),
        (
            "a link of no type",
            vec![
                new(json!({ "link": [{ "other": { "reference": "Patient/old" } }] })),
                old(json!({})),
            ],
            both,
        ),
        ("no link", vec![new(json!({})), old(json!({}))], Refused(&["several patients"])),
        (
            "by a reference that leads nowhere, and an identifier",
            vec![
                new(json!({ "identifier": [identifier("urn:mrn", "1")] })),
                old(json!({ "link": [{ "type": "replaced-by",
                    "other": { "reference": "Patient/gone", "identifier": identifier("urn:mrn", "1") } }] })),
            ],
            Value("yes"),
        ),
        (
            "see also one that isn't here",
            vec![new(link("seealso", "Patient/old"))],
            Refused(&["Condition/c is about Patient/old"]),
        ),
    ] {
        let mut entries = patients;
        entries.push(condition.clone());
        check(claim, "hypertension", &entries, right);
    }
}

#[test]
fn links_to_patients_who_are_not_here_are_followed_by_identifier() {
    let replaces = json!({ "identifier": [identifier("urn:mrn", "1")],
        "link": [{ "type": "replaces", "other": { "identifier": identifier("urn:mrn", "2") } }] });
    let about = |value: &str| here(subject(json!({ "identifier": identifier("urn:mrn", value) })));
    let me = || here(patient(replaces.clone()));
    check("the one replaced", "hypertension", &[me(), about("2")], Value("yes"));
    check("another", "hypertension", &[me(), about("3")], Refused(&["urn:mrn|3"]));
    // That there is more elsewhere changes nothing here.
    let entries = [here(patient(link("seealso", "Patient/old"))), here(condition(json!({})))];
    check("see also", "hypertension", &entries, Value("yes"));
}

#[test]
fn what_names_nobody_is_of_whom_its_encounter_is() {
    let encounter = |subject: Json| {
        here(
            json!({ "resourceType": "Encounter", "id": "e", "status": "finished", "subject": subject }),
        )
    };
    let me = || here(patient(json!({ "identifier": [identifier("urn:mrn", "1")] })));
    let other = Refused(&["Observation/o, by its report or encounter, is about"]);
    for (claim, subject, right) in [
        ("the patient's", json!({ "reference": "Patient/p" }), Value("2.9")),
        ("another's", json!({ "reference": "Patient/q" }), other),
        ("another's by number", json!({ "identifier": identifier("urn:mrn", "2") }), other),
        (
            "somebody's",
            json!({ "display": "Somebody" }),
            Asked(&["Observation/o (2160-0), subject", "Somebody"]),
        ),
        ("nobody's", Json::Null, Value("2.9")),
    ] {
        for field in ["encounter", "context"] {
            let result = creatinine(
                "o",
                2.9,
                json!({ "subject": null, field: { "reference": "Encounter/e" } }),
            );
            check(claim, "creatinine", &[me(), encounter(subject.clone()), here(result)], right);
        }
    }
    let result = creatinine(
        "o",
        2.9,
        json!({ "subject": null, "encounter": { "reference": "Encounter/x" } }),
    );
    let entries = [me(), encounter(json!({ "reference": "Patient/q" })), here(result)];
    check("not here", "creatinine", &entries, Value("2.9"));
    let result = creatinine("o", 2.9, json!({ "encounter": { "reference": "Encounter/e" } }));
    let entries = [me(), encounter(json!({ "reference": "Patient/q" })), here(result)];
    check("it names somebody", "creatinine", &entries, Value("2.9"));
}

#[test]
fn copies_of_what_was_withdrawn_are_asked() {
    let me = || here(patient(json!({})));
    let number = json!({ "identifier": [identifier("urn:o", "7")] });
    let result = |fields: Json| here(creatinine("o", 2.9, fields));
    let gone = |fields: Json| {
        here(with(creatinine("n2", 2.9, json!({ "status": "entered-in-error" })), fields))
    };
    let copy =
        Asked(&["Observation/o (2160-0), identifier: `urn:o|7`", "Observation/n2", "withdrawn"]);
    let check = |claim: &str, entries: &[Json], right: Right| {
        check(claim, "creatinine", &[&[me(), here(older())], entries].concat(), right);
    };
    check("a copy", &[result(number.clone()), gone(number.clone())], copy);
    check("no number", &[result(json!({})), gone(json!({}))], Value("2.9"));
    check("one number", &[result(number.clone()), gone(json!({}))], Value("2.9"));
    let nobodys = json!({ "identifier": [identifier("urn:o", "unknown")] });
    check("a placeholder", &[result(nobodys.clone()), gone(nobodys)], Value("2.9"));
    let sodium = json!({ "identifier": [identifier("urn:o", "7")],
        "code": { "coding": [{ "system": "http://loinc.org", "code": "2951-2" }] } });
    check("another test of one order", &[result(number.clone()), gone(sodium)], Value("2.9"));
    let uncoded = json!({ "identifier": [identifier("urn:o", "7")], "code": { "text": "x" } });
    check("a copy without its code", &[result(number.clone()), gone(uncoded)], copy);
    // The same at two servers.
    let at_other = |fields: Json| {
        let fields = with(
            fields,
            json!({ "status": "entered-in-error", "subject": { "reference": "https://ehr.example/fhir/Patient/p" } }),
        );
        at("https://other.example/fhir", creatinine("o", 2.9, fields))
    };
    check(
        "withdrawn at one server",
        &[result(json!({})), at_other(json!({}))],
        Asked(&["Observation/o (2160-0), id", "another server"]),
    );
    let changed = json!({ "effectiveDateTime": "2026-10-01" });
    check("something else there", &[result(json!({})), at_other(changed)], Value("2.9"));
    // A report that names its result by number.
    for (status, right) in [
        ("final", Value("2.9")),
        ("preliminary", Value("2.9")),
        ("entered-in-error", Asked(&["Observation/o (2160-0), identifier", "DiagnosticReport/r"])),
        ("cancelled", Asked(&["Observation/o (2160-0), identifier", "DiagnosticReport/r"])),
        ("unknown", Asked(&["Observation/o (2160-0), identifier", "DiagnosticReport/r"])),
    ] {
        let named =
            json!({ "status": status, "result": [{ "identifier": identifier("urn:o", "7") }] });
        check(status, &[result(number.clone()), here(report(named))], right);
    }
}

#[test]
fn what_stands_in_a_withdrawn_document_is_asked() {
    let composition = |fields: Json| {
        let one = json!({ "resourceType": "Composition", "id": "comp", "status": "final",
            "subject": { "reference": "Patient/p" }, "type": { "text": "Summary" },
            "section": [{ "entry": [{ "reference": "Observation/o" }] }] });
        with(one, fields)
    };
    let error = || json!({ "status": "entered-in-error" });
    let document = |composition: Json, rest: &[Json]| {
        let entries = [&[here(composition)], rest].concat();
        plain(with(bundle(&entries), json!({ "type": "document" })))
    };
    let me = || here(patient(json!({})));
    let result = || here(creatinine("o", 2.9, json!({})));
    let doubt =
        Asked(&["Observation/o", "Composition.status: `entered-in-error`", "Composition/comp"]);
    let stands = document(composition(json!({})), &[me(), result()]);
    let gone = document(composition(error()), &[me(), result()]);
    check("final", "creatinine", std::slice::from_ref(&stands), Value("2.9"));
    check("withdrawn", "creatinine", &[gone.clone(), here(older())], doubt);
    check("the patient isn't", "sex", std::slice::from_ref(&gone), Value("male"));
    check("the same outside", "creatinine", &[gone, result()], Value("2.9"));
    let first = document(composition(json!({ "meta": { "versionId": "1" } })), &[me(), result()]);
    let then = here(composition(with(error(), json!({ "meta": { "versionId": "2" } }))));
    check("withdrawn later", "creatinine", &[first, then], doubt);
    let inside = report(json!({ "result": [{ "reference": "#o" }],
        "contained": [creatinine("o", 2.9, json!({}))] }));
    let inside = document(composition(error()), &[me(), here(inside)]);
    let doubt = Asked(&["Composition.status", "Composition/comp"]);
    check("in a report of it", "creatinine", &[inside, here(older())], doubt);
}

#[test]
fn merged_patients_must_agree_on_age_and_sex() {
    let pair = |fields: Json| {
        let old = with(
            patient(json!({ "id": "old", "active": false })),
            link("replaced-by", "Patient/p"),
        );
        [here(patient(json!({}))), here(with(old, fields))]
    };
    check("they agree", "age", &pair(json!({})), Value("69"));
    check("one has the year", "age", &pair(json!({ "birthDate": "1957" })), Value("69"));
    check(
        "they differ",
        "age",
        &pair(json!({ "birthDate": "1956-03-14" })),
        Asked(&["birthDate", "1956-03-14", "1957-03-14"]),
    );
    check(
        "they differ",
        "sex",
        &pair(json!({ "gender": "female" })),
        Asked(&["`male`", "`female`", "contradict"]),
    );
    let unknown = pair(json!({ "gender": "unknown" }));
    check("one doesn't know", "sex", &unknown, Asked(&["gender: `unknown`"]));
}

#[test]
fn withdrawn_resources_take_no_part() {
    let me = || here(patient(json!({})));
    let withdrawn = json!({ "coding": [{ "code": "local" }, { "code": "entered-in-error" }] });
    let other = json!({ "reference": "Patient/other" });
    let error = condition(json!({ "subject": other, "verificationStatus": withdrawn }));
    check("a condition", "hypertension", &[me(), here(error)], Silent);
    for status in
        [json!("entered-in-error"), json!("Entered-In-Error"), json!(["entered-in-error"])]
    {
        let error = creatinine("o", 2.9, json!({ "subject": other, "status": status }));
        check("an observation", "creatinine", &[me(), here(older()), here(error)], Value("1.2"));
    }
}

#[test]
fn the_last_version_is_in_force() {
    let version =
        |meta: Json, fields: Json| with(creatinine("o", 2.9, json!({ "meta": meta })), fields);
    let id = |version: &str| json!({ "versionId": version });
    let time = |time: &str| json!({ "lastUpdated": time });
    let both = |version: &str, time: &str| json!({ "versionId": version, "lastUpdated": time });
    let (first, then) = ("2026-11-20T10:00:00Z", "2026-11-20T12:00:00+01:00");
    let other = || json!({ "valueQuantity": { "value": 3.9, "unit": "mg/dL" } });
    let error = || json!({ "status": "entered-in-error" });
    let contradicts = Asked(&["Observation/o", "different contents"]);
    for (claim, one, another, right) in [
        ("by count", version(id("9"), json!({})), version(id("10"), other()), Value("3.9")),
        (
            "by count as number",
            version(json!({ "versionId": 9 }), json!({})),
            version(id("010"), other()),
            Value("3.9"),
        ),
        ("by time", version(time(first), json!({})), version(time(then), other()), Value("3.9")),
        (
            "by both",
            version(both("1", first), json!({})),
            version(both("2", then), other()),
            Value("3.9"),
        ),
        ("withdrawn later", version(id("1"), json!({})), version(id("2"), error()), Value("1.2")),
        ("restored later", version(id("2"), json!({})), version(id("1"), error()), Value("2.9")),
        (
            "time against count",
            version(both("1", then), json!({})),
            version(both("2", first), other()),
            contradicts,
        ),
        ("the same count", version(id("1"), json!({})), version(id("1"), other()), contradicts),
        ("one without", version(id("1"), json!({})), version(json!({}), other()), contradicts),
        ("no numbers", version(id("a"), json!({})), version(id("b"), other()), contradicts),
        ("nothing", version(json!({}), json!({})), version(json!({}), other()), contradicts),
        (
            "withdrawn, or not",
            version(json!({}), json!({})),
            version(json!({}), error()),
            contradicts,
        ),
        ("equal ones", version(id("a"), json!({})), version(id("b"), json!({})), Value("2.9")),
    ] {
        let rest = [plain(patient(json!({}))), plain(older())];
        for pair in [
            [plain(one.clone()), plain(another.clone())],
            [here(one.clone()), plain(another.clone())],
            [here(one.clone()), here(another.clone())],
        ] {
            check(claim, "creatinine", &[&pair[..], &rest[..]].concat(), right);
        }
    }
    let at_version = |number: &str, fields: Json| {
        let url = format!("{HERE}/Observation/o/_history/{number}");
        named(&url, version(json!({}), fields))
    };
    let entries =
        [plain(patient(json!({}))), at_version("9", json!({})), at_version("10", other())];
    check("by URL", "creatinine", &entries, Value("3.9"));
    let elsewhere = at("https://other.example/fhir", version(id("1"), json!({ "subject": null })));
    let entries = [
        here(patient(json!({}))),
        here(version(id("2"), json!({ "effectiveDateTime": "2026-11-01" }))),
        elsewhere,
    ];
    check("servers count for themselves", "creatinine", &entries, Value("2.9"));
}

#[test]
fn medicines_that_contradict_themselves_are_told() {
    let medicine = |code: &str| {
        plain(json!({ "resourceType": "Medication", "id": "m",
        "code": { "coding": [{ "system": "http://www.whocc.no/atc", "code": code }] } }))
    };
    let statement = plain(
        json!({ "resourceType": "MedicationStatement", "id": "s", "status": "active",
        "subject": { "reference": "Patient/p" }, "medicationReference": { "reference": "Medication/m" } }),
    );
    let entries = [plain(patient(json!({}))), medicine("B01AC06"), medicine("C09AA05"), statement];
    let import = read(&[bundle(&entries)], "has-bled").unwrap();
    assert!(!import.findings.iter().any(|one| one.feature == "drugs"), "{import:?}");
    let told = format!("{:?}", import);
    assert!(told.contains("Medication/m, id: `m` stands here several times"), "{told}");
    assert!(!import.unconfirmed.is_shown());
}

#[test]
fn results_share_the_fate_of_their_reports() {
    let me = || here(patient(json!({})));
    let result = |fields: Json| creatinine("o", 2.9, fields);
    let doubt = Asked(&["Observation", "DiagnosticReport.status"]);
    for (claim, status, right) in [
        ("final", json!("final"), Value("2.9")),
        ("corrected", json!("corrected"), Value("2.9")),
        ("withdrawn", json!("entered-in-error"), Value("1.2")),
        ("cancelled", json!("cancelled"), Value("1.2")),
        ("registered", json!("registered"), doubt),
        ("unknown", json!("unknown"), doubt),
        ("a list", json!(["final"]), doubt),
        ("left out", Json::Null, Value("2.9")),
    ] {
        let with_status = |fields: Json| here(with(report(json!({ "status": status })), fields));
        let contained =
            json!({ "result": [{ "reference": "#o" }], "contained": [result(json!({}))] });
        check(claim, "creatinine", &[me(), here(older()), with_status(contained)], right);
        for reference in ["Observation/o", "https://ehr.example/fhir/Observation/o/_history/1"] {
            let report = with_status(json!({ "result": [{ "reference": reference }] }));
            check(
                claim,
                "creatinine",
                &[me(), here(older()), here(result(json!({}))), report],
                right,
            );
        }
        let panel = json!({ "resourceType": "Observation", "id": "panel", "status": "final",
            "code": { "text": "panel" }, "hasMember": [{ "reference": "Observation/o" }] });
        let report = with_status(json!({ "result": [{ "reference": "Observation/panel" }] }));
        let entries = [me(), here(older()), here(result(json!({}))), here(panel), report];
        check(&format!("{claim}, in a panel"), "creatinine", &entries, right);
    }
    let withdrawn = || here(report(json!({ "status": "entered-in-error" })));
    let other = |status: &str| here(report(json!({ "id": "r2", "status": status })));
    let two = |report: Json| [me(), here(older()), here(result(json!({}))), withdrawn(), report];
    check("in another that stands", "creatinine", &two(other("final")), Value("2.9"));
    check("in another that is unknown", "creatinine", &two(other("unknown")), doubt);
    let reports = [here(report(json!({}))), here(report(json!({ "conclusion": "x" })))];
    let entries = [&[me(), here(older()), here(result(json!({})))], &reports[..]].concat();
    check(
        "reports that contradict each other",
        "creatinine",
        &entries,
        Asked(&["Observation/o", "DiagnosticReport/r"]),
    );
    // What stands in a version that isn't in force isn't either.
    let version = |number: &str, day: &str, value: f64| {
        here(report(json!({ "meta": { "versionId": number }, "result": [{ "reference": "#o" }],
            "contained": [creatinine("o", value, json!({ "effectiveDateTime": null, "issued": format!("{day}T00:00:00Z") }))] })))
    };
    check(
        "contained in an old version",
        "creatinine",
        &[me(), version("2", "2026-11-20", 2.0), version("1", "2026-11-21", 1.0)],
        Value("2"),
    );
}

#[test]
fn preliminary_reports_make_preliminary_results() {
    let pair = |status: &str| {
        let both = [
            creatinine("o", 2.9, json!({})),
            creatinine("o2", 3.9, json!({ "status": "amended" })),
        ];
        let [one, two] = both.map(here);
        let reports = here(report(
            json!({ "status": status, "result": [{ "reference": "Observation/o2" }] }),
        ));
        [here(patient(json!({}))), one, two, reports]
    };
    check("an amended result of the same time counts", "creatinine", &pair("final"), Value("3.9"));
    check("not if its report is preliminary", "creatinine", &pair("preliminary"), Value("2.9"));
}

#[test]
fn results_without_a_subject_are_of_whom_their_report_is() {
    let result = |id: &str| creatinine(id, 2.9, json!({ "subject": null }));
    for (claim, subject, right) in [
        ("the patient", json!({ "reference": "Patient/p" }), Value("2.9")),
        ("another", json!({ "reference": "Patient/q" }), Refused(&["Patient/q"])),
        ("unknown", json!({ "identifier": { "value": "77" } }), Asked(&["subject"])),
    ] {
        let contained = report(
            json!({ "subject": subject, "result": [{ "reference": "#o" }], "contained": [result("o")] }),
        );
        check(claim, "creatinine", &[here(patient(json!({}))), here(contained)], right);
        let entries = [
            here(patient(json!({}))),
            here(result("o")),
            here(report(json!({ "subject": subject }))),
        ];
        check(claim, "creatinine", &entries, right);
    }
}

#[test]
fn the_age_asks_where_the_birth_date_can_not_be_meant() {
    for (claim, fields, right) in [
        ("alive", json!({ "deceasedBoolean": false }), Value("69")),
        (
            "dead",
            json!({ "deceasedBoolean": true }),
            Asked(&["Patient/p, deceasedBoolean: `true`", "died"]),
        ),
        ("dead in words", json!({ "deceasedBoolean": "true" }), Asked(&["deceasedBoolean"])),
        (
            "dead since",
            json!({ "deceasedDateTime": "2015-06-01" }),
            Asked(&["Patient/p, deceasedDateTime: `2015-06-01`"]),
        ),
        ("another form", json!({ "birthDate": "14.03.1957" }), Asked(&["birthDate: `14.03.1957`"])),
        ("a number", json!({ "birthDate": 1957 }), Asked(&["birthDate: `1957` is no date"])),
        ("in the future", json!({ "birthDate": "2057-03-14" }), Asked(&["birthDate"])),
        (
            "a century ago",
            json!({ "birthDate": "1900-01-01" }),
            Asked(&["`1900-01-01`", "unknown date"]),
        ),
        ("year one", json!({ "birthDate": "0001-01-01" }), Asked(&["`0001-01-01`"])),
        ("the epoch", json!({ "birthDate": "1970-01-01" }), Asked(&["`1970-01-01`"])),
        ("near the epoch", json!({ "birthDate": "1970-01-02" }), Value("56")),
        ("a month", json!({ "birthDate": "1957-03" }), Value("69")),
        ("a year", json!({ "birthDate": "1957" }), Asked(&["68 or 69"])),
        ("a moment", json!({ "birthDate": "1957-03-13T23:00:00Z" }), Value("69")),
        (
            "a moment at the birthday",
            json!({ "birthDate": "1957-11-23T00:00:00Z" }),
            Asked(&["68 or 69"]),
        ),
        ("not in use", json!({ "active": false }), Asked(&["Patient/p, active: `false`"])),
        ("old", json!({ "birthDate": "1925-03-14" }), Value("101")),
        (
            "a modifier",
            json!({ "modifierExtension": [{ "url": "urn:x", "valueBoolean": true }] }),
            Asked(&["modifierExtension"]),
        ),
        (
            "absent beside",
            json!({ "_birthDate": { "extension": [{ "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked" }] } }),
            Asked(&["birthDate"]),
        ),
        ("none", json!({ "birthDate": null }), Silent),
    ] {
        let condition = here(condition(json!({})));
        let entries = [here(patient(fields)), condition];
        check(claim, "age", &entries, right);
        // It blocks nothing else.
        check(claim, "hypertension", &entries, Value("yes"));
    }
    let in_december = patient(json!({ "birthDate": "1957-12" }));
    check("a month to come", "age", &[here(in_december)], Value("68"));
}

#[test]
fn everything_said_of_the_sex_must_agree() {
    let hl7 = "http://hl7.org/fhir/StructureDefinition";
    let core = "http://hl7.org/fhir/us/core/StructureDefinition";
    let code =
        |url: String, code: &str| json!({ "extension": [{ "url": url, "valueCode": code }] });
    let value = |url: String, code: &str| {
        let concept = json!({ "coding": [{ "system": "urn:x", "code": code }] });
        json!({ "extension": [{ "url": url, "extension": [{ "url": "value", "valueCodeableConcept": concept }] }] })
    };
    let until = |code: &str| {
        let mut json = value(format!("{hl7}/patient-sexParameterForClinicalUse"), code);
        let period = json!({ "url": "period", "valuePeriod": { "end": "2020-01-01" } });
        json["extension"][0]["extension"].as_array_mut().unwrap().push(period);
        json
    };
    let having = |mut fields: Json, gender: Json| {
        fields["gender"] = gender;
        fields
    };
    let clinical = || format!("{hl7}/patient-sexParameterForClinicalUse");
    let recorded = || format!("{hl7}/individual-recordedSexOrGender");
    let identity = || format!("{hl7}/individual-genderIdentity");
    let (birth, core_sex) =
        (|| format!("{core}/us-core-birthsex"), || format!("{core}/us-core-sex"));
    for (claim, fields, right) in [
        ("gender", json!({}), Value("male")),
        ("in capitals", json!({ "gender": " Male " }), Value("male")),
        ("a list", json!({ "gender": ["male"] }), Asked(&["Patient/p, gender"])),
        ("a letter", json!({ "gender": "M" }), Asked(&["gender: `M`"])),
        ("other", json!({ "gender": "other" }), Asked(&["gender: `other`"])),
        ("none", json!({ "gender": null }), Silent),
        ("born so", code(birth(), "M"), Value("male")),
        ("born otherwise", code(birth(), "F"), Asked(&["birth sex", "`F`", "male"])),
        ("birth unknown", code(birth(), "UNK"), Value("male")),
        ("born other", code(birth(), "OTH"), Asked(&["birth sex"])),
        ("US Core", code(core_sex(), "248153007"), Value("male")),
        ("US Core otherwise", code(core_sex(), "248152002"), Asked(&["248152002"])),
        ("US Core 8", code(format!("{core}/us-core-individual-sex"), "248153007"), Value("male")),
        (
            "US Core 8 otherwise",
            code(format!("{core}/us-core-individual-sex"), "248152002"),
            Asked(&["recorded sex", "248152002"]),
        ),
        ("clinical", value(clinical(), "male-typical"), Value("male")),
        ("clinical, until a day", until("male-typical"), Asked(&["clinical", "male-typical"])),
        (
            "only clinical, until a day",
            having(until("female-typical"), Json::Null),
            Asked(&["clinical", "female-typical"]),
        ),
        (
            "clinical otherwise",
            value(clinical(), "female-typical"),
            Asked(&["clinical", "female-typical"]),
        ),
        (
            "clinical by a comment",
            value(clinical(), "specified"),
            Asked(&["clinical", "specified"]),
        ),
        ("clinical unknown", value(clinical(), "unknown"), Asked(&["clinical"])),
        ("recorded", value(recorded(), "male"), Value("male")),
        ("recorded otherwise", value(recorded(), "female"), Asked(&["recorded sex"])),
        ("another identity", value(identity(), "446141000124107"), Asked(&["gender identity"])),
        ("only clinical", having(value(clinical(), "female-typical"), Json::Null), Value("female")),
        ("only birth", having(code(birth(), "F"), Json::Null), Asked(&["birth sex"])),
        (
            "unknown, clinical known",
            having(value(clinical(), "female-typical"), json!("unknown")),
            Value("female"),
        ),
        (
            "other, clinical known",
            having(value(clinical(), "female-typical"), json!("other")),
            Asked(&["other"]),
        ),
        ("no sex", code(format!("{hl7}/patient-sexualOrientation"), "38628009"), Value("male")),
    ] {
        check(claim, "sex", &[here(patient(fields))], right);
    }
}

#[test]
fn resources_without_an_id_are_named_by_what_they_say() {
    let nameless = |code: &str| {
        plain(condition(
            json!({ "id": null, "code": { "coding": [{ "system": "urn:x", "code": code }] } }),
        ))
    };
    let entries = [plain(patient(json!({}))), nameless("I10"), nameless("I11"), nameless("E11")];
    check(
        "in order",
        "hypertension",
        &entries,
        Asked(&["Condition without id (2)", "Condition without id (3)"]),
    );
}

#[test]
fn hostile_records_are_read_in_time() {
    let many = 20_000;
    let contained: Vec<Json> = std::iter::once(json!({ "resourceType": "Patient", "id": "x" }))
        .chain((0..many).map(|n| {
            creatinine(
                &format!("o{n}"),
                2.0,
                json!({ "subject": { "reference": "#x" }, "code": { "text": "x" } }),
            )
        }))
        .collect();
    let versions = (0..many)
        .map(|n| plain(creatinine("v", 1.0 + f64::from(n), json!({ "code": { "text": "x" } }))));
    let medicines =
        (0..many).map(|n| plain(json!({ "resourceType": "Medication", "id": format!("m{n}") })));
    let statements = (0..many).map(|n| {
        plain(json!({ "resourceType": "MedicationStatement", "id": format!("s{n}"),
        "medicationReference": { "reference": format!("Medication/m{n}") } }))
    });
    let results: Vec<Json> = (0..many).map(|_| json!({ "reference": "Observation/v" })).collect();
    let reports = [
        plain(report(json!({ "result": [], "contained": contained }))),
        plain(report(json!({ "id": "r2", "result": results }))),
    ];
    let entries: Vec<Json> = versions.chain(medicines).chain(statements).chain(reports).collect();
    read(&[bundle(&entries)], "has-bled").unwrap();
    let patients: Vec<Json> =
        (0..many).map(|n| plain(patient(json!({ "id": format!("p{n}") })))).collect();
    assert!(matches!(read(&[bundle(&patients)], "meld-3"), Err(FhirError::SeveralPatients { .. })));
}

/// Entries as they come from several exports: duplicates, versions, merges, reports.
fn any_entry() -> impl Strategy<Value = Json> {
    let url = prop_oneof![Just(0), Just(1), Just(2)];
    let meta = prop_oneof![
        Just(json!({})),
        (1..4u8).prop_map(|n| json!({ "versionId": n.to_string() })),
        (1..4u8).prop_map(|n| json!({ "lastUpdated": format!("2026-11-0{n}T00:00:00Z") })),
    ];
    let status = prop::sample::select(vec![
        "final",
        "amended",
        "preliminary",
        "entered-in-error",
        "unknown",
    ]);
    let who = prop::sample::select(vec![
        json!({ "reference": "Patient/p" }),
        json!({ "reference": "Patient/p" }),
        json!({ "reference": "Patient/old" }),
        json!({ "display": "Somebody" }),
        Json::Null,
    ]);
    let id = prop::sample::select(vec!["a", "b", "c"]);
    (0..7u8, url, meta, status, who, id, 1..4u8).prop_map(|(kind, url, meta, status, who, id, n)| {
        let resource = match kind {
            0 => patient(if n == 1 { link("replaces", "Patient/old") } else { json!({}) }),
            1 => with(patient(json!({ "id": "old", "active": false, "birthDate": if n == 3 { "1957" } else { "1957-03-14" } })),
                link("replaced-by", "Patient/p")),
            2 | 3 => creatinine(id, f64::from(n), json!({ "subject": who, "status": status,
                "effectiveDateTime": format!("2026-11-1{}", n / 2),
                "identifier": if n == 2 { json!([]) } else { json!([identifier("urn:o", "7")]) } })),
            4 => report(json!({ "id": id, "status": status, "result": [{ "reference": "Observation/a" }, { "reference": "#o" }],
                "contained": [creatinine("o", f64::from(n), json!({ "subject": null }))] })),
            5 => condition(json!({ "id": if n == 1 { Json::Null } else { json!(id) }, "subject": who,
                "code": { "coding": [{ "system": "http://hl7.org/fhir/sid/icd-10", "code": (["I10", "E11", "I50"][usize::from(n) - 1]) }] } })),
            _ => condition(json!({ "id": null, "code": { "text": format!("{n}") } })),
        };
        let resource = with(resource, json!({ "meta": meta }));
        match (url, resource.get("id")) {
            (1, Some(_)) => here(resource),
            (2, _) => named(&format!("urn:uuid:{id}"), resource),
            _ => plain(resource),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_entries_and_files_never_matters(
        entries in prop::collection::vec(any_entry(), 1..9),
        seed in prop::collection::vec(any::<u32>(), 9),
        files in 1..4usize,
    ) {
        let mut shuffled: Vec<(u32, Json)> = seed.into_iter().zip(entries.clone()).collect();
        shuffled.sort_by_key(|(key, _)| *key);
        let shuffled: Vec<Json> = shuffled.into_iter().map(|(_, entry)| entry).collect();
        let size = shuffled.len().div_ceil(files);
        let parts: Vec<Json> = shuffled.chunks(size).map(bundle).collect();
        for name in ["meld-3", "cha2ds2-vasc"] {
            let result = read(&[bundle(&entries)], name);
            prop_assert_eq!(&result, &read(&[bundle(&shuffled)], name));
            prop_assert_eq!(&result, &read(&parts, name));
        }
    }
}
