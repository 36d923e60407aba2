// SPDX-License-Identifier: Apache-2.0
//! Which observation counts: the latest, whether it can be used or not.

mod common;

use common::{protocol, read_record, TODAY};
use cso_clinical::fhir::Import;
use cso_clinical::intake::Intake;
use cso_clinical::Value;
use serde_json::{json, Value as Json};

/// What a record must give: a number, or a question whose reason has these words.
enum Right {
    Is(f64),
    Asks(&'static str),
    /// Nothing that answers, and nothing in doubt.
    Silent(&'static str),
}
use Right::{Asks, Is, Silent};

fn bundle(resources: &[Json]) -> Json {
    let entries: Vec<Json> =
        resources.iter().map(|resource| json!({ "resource": resource })).collect();
    json!({ "resourceType": "Bundle", "type": "collection", "entry": entries })
}

fn import(name: &str, resources: &[Json]) -> Import {
    import_as(protocol(name).intake(), resources)
}

fn import_as(intake: &Intake, resources: &[Json]) -> Import {
    read_record(&bundle(resources).to_string(), intake, TODAY).unwrap()
}

fn check(name: &str, feature: &str, rule: &str, resources: &[Json], right: &Right) {
    check_as(protocol(name).intake(), feature, rule, resources, right);
}

/// Reads the resources in both orders, which must not matter, and compares.
fn check_as(intake: &Intake, feature: &str, rule: &str, resources: &[Json], right: &Right) {
    let read = import_as(intake, resources);
    let mut turned = resources.to_vec();
    turned.reverse();
    let turned = import_as(intake, &turned);
    let of = |import: &Import| {
        let found = import.findings.iter().find(|one| one.feature == feature).cloned();
        (found, import.missing.iter().find(|one| one.feature == feature).cloned())
    };
    assert_eq!(of(&read), of(&turned), "{rule}: the order of entries changed it");
    let (found, missing) = of(&read);
    match (right, found, missing) {
        (Is(right), Some(found), _) => {
            let Value::Quantity(value) = found.value else { panic!("{rule}: {found:?}") };
            assert!((value - right).abs() < 0.005 * right, "{rule}: {value} is not {right}");
        }
        (Asks(words), None, Some(missing)) => {
            assert!(missing.in_doubt, "{rule}: {}", missing.reason);
            assert!(missing.reason.contains(words), "{rule}: {}", missing.reason);
            assert!(!missing.reason.contains('\n'), "{rule}: {}", missing.reason);
        }
        (Silent(words), None, Some(missing)) => {
            assert!(!missing.in_doubt, "{rule}: {}", missing.reason);
            assert!(missing.reason.contains(words), "{rule}: {}", missing.reason);
        }
        (_, found, missing) => panic!("{rule}: {found:?} {missing:?}"),
    }
}

fn with(base: &Json, more: Json) -> Json {
    let mut json = base.clone();
    for (field, value) in more.as_object().unwrap() {
        json[field] = value.clone();
    }
    json
}

fn coded(code: &str) -> Json {
    json!({ "coding": [{ "system": "http://loinc.org", "code": code }] })
}

fn quantity(value: f64, code: &str) -> Json {
    json!({ "value": value, "system": "http://unitsofmeasure.org", "code": code })
}

fn observation(id: &str, code: &str, when: &str, value: Json) -> Json {
    json!({ "resourceType": "Observation", "id": id, "status": "final", "code": coded(code),
        "subject": { "reference": "Patient/p" }, "effectiveDateTime": when, "valueQuantity": value })
}

/// A creatinine in mg/dL.
fn creatinine(id: &str, when: &str, value: f64) -> Json {
    observation(id, "2160-0", when, quantity(value, "mg/dL"))
}

fn old() -> Json {
    creatinine("old", "2026-11-10T08:00:00Z", 1.2)
}

fn new() -> Json {
    creatinine("new", "2026-11-19T08:00:00Z", 2.9)
}

fn patient() -> Json {
    json!({ "resourceType": "Patient", "id": "p", "gender": "male", "birthDate": "1957-03-14" })
}

fn creatinine_is(rule: &str, resources: &[Json], right: &Right) {
    let all: Vec<Json> = resources.iter().cloned().chain([patient()]).collect();
    check("meld-3", "creatinine", rule, &all, right);
}

#[test]
fn an_older_value_never_stands_in_for_one_that_cannot_be_used() {
    let text = |text: &str| json!({ "text": text });
    let specimen = |kind: Json| {
        json!({ "specimen": { "reference": "#s" },
            "contained": [{ "resourceType": "Specimen", "id": "s", "type": kind }] })
    };
    let urine = json!({ "coding": [{ "system": "http://snomed.info/sct", "code": "122575003" }] });
    let extension = |name: &str, value: &Json| {
        let url = format!("http://hl7.org/fhir/StructureDefinition/{name}");
        json!({ "extension": [with(value, json!({ "url": url }))] })
    };
    let fetus = json!({ "valueReference": { "reference": "Patient/fetus" } });
    let interpretation =
        |code: &str| json!({ "interpretation": [{ "coding": [{ "code": code }] }] });
    let absent =
        json!({ "extension": [{ "url": "x/data-absent-reason", "valueCode": "unknown" }] });
    let limit = json!({ "value": 9, "comparator": ">", "code": "mg/dL",
        "system": "http://unitsofmeasure.org" });
    for (rule, change, words) in [
        ("limit", json!({ "valueQuantity": limit }), "`>9 mg/dL` is only a limit"),
        (
            "odd limit",
            json!({ "valueQuantity": { "value": 2, "comparator": 7, "unit": "mg/dL" } }),
            "only a limit",
        ),
        (
            "text",
            json!({ "valueQuantity": null, "valueString": "2.9 mg/dL" }),
            "`2.9 mg/dL` is a text, and no quantity",
        ),
        (
            "lines",
            json!({ "valueQuantity": null, "valueString": "high\nsee note" }),
            "is a text, and no quantity",
        ),
        (
            "range",
            json!({ "valueQuantity": null,
                "valueRange": { "low": quantity(1.5, "mg/dL"), "high": quantity(2.0, "mg/dL") } }),
            "new (2160-0), value: `1.5 to 2.0 mg/dL` is a range, and no quantity",
        ),
        (
            "half a range",
            json!({ "valueQuantity": null, "valueRange": { "low": { "value": 2 } } }),
            "`from 2` is a range",
        ),
        (
            "ratio",
            json!({ "valueQuantity": null, "valueRatio": {
                "numerator": { "value": 2, "unit": "mg" }, "denominator": { "value": 1, "unit": "dL" } } }),
            "`2 mg / 1 dL` is a ratio",
        ),
        (
            "reliability",
            json!({ "reliability": "questionable" }),
            "reliability: `questionable` leaves open",
        ),
        ("status", json!({ "status": ["final"] }), "can't be read as a status"),
        (
            "samples",
            json!({ "valueQuantity": null, "valueSampledData": { "data": "1 2" } }),
            "and no quantity",
        ),
        (
            "integer",
            json!({ "valueQuantity": null, "valueInteger": 3 }),
            "`3` is a number without unit, and no quantity",
        ),
        ("several", json!({ "valueString": "7" }), "several values"),
        (
            "contradiction",
            json!({ "dataAbsentReason": text("lost") }),
            "beside a reason why there is none",
        ),
        (
            "absent",
            json!({ "valueQuantity": null, "dataAbsentReason": coded("error") }),
            "no value (error)",
        ),
        (
            "absent, told",
            json!({ "valueQuantity": null, "dataAbsentReason": text("haemolysed") }),
            "no value (haemolysed)",
        ),
        ("nothing", json!({ "valueQuantity": null }), "`no value` is there"),
        ("list", json!({ "valueQuantity": [quantity(2.9, "mg/dL")] }), "`2.9 mg/dL` is a list"),
        (
            "number as text",
            json!({ "valueQuantity": { "value": "2.9", "code": "mg/dL" } }),
            "has no number",
        ),
        ("no unit", json!({ "valueQuantity": { "value": 2.9 } }), "has no unit"),
        (
            "unit is a number",
            json!({ "valueQuantity": { "value": 2.9, "unit": 7 } }),
            "has `7` as `unit`",
        ),
        (
            "unknown unit",
            json!({ "valueQuantity": { "value": 2.9, "unit": "cubits" } }),
            "unknown unit `cubits`",
        ),
        (
            "other dimension",
            json!({ "valueQuantity": quantity(177.0, "mm[Hg]") }),
            "doesn't convert",
        ),
        ("impossible", json!({ "valueQuantity": quantity(-2.9, "mg/dL") }), "outside of"),
        (
            "modifier",
            json!({ "modifierExtension": [{ "url": "x", "valueBoolean": true }] }),
            "a modifier",
        ),
        ("focus", json!({ "focus": [{ "reference": "Patient/fetus" }] }), "focus: `Patient/fetus`"),
        ("future", json!({ "effectiveDateTime": "2031-11-19" }), "`2031-11-19` lies in the future"),
        (
            "mistyped year",
            json!({ "effectiveDateTime": "2027-11-19T08:00:00Z" }),
            "lies in the future",
        ),
        (
            "focus, older FHIR",
            extension("observation-focal-subject", &fetus),
            "focus: `Patient/fetus`",
        ),
        (
            "focus, older FHIR",
            extension("observation-focalSubject", &fetus),
            "focus: `Patient/fetus`",
        ),
        (
            "specimen's code",
            extension("observation-specimenCode", &json!({ "valueCodeableConcept": urine })),
            "specimen: `122575003`",
        ),
        (
            "site, extension",
            extension("bodySite", &json!({ "valueReference": { "display": "Left ankle" } })),
            "bodySite: `Left ankle`",
        ),
        (
            "site, R5",
            json!({ "bodyStructure": { "display": "Left ankle" } }),
            "bodySite: `Left ankle`",
        ),
        ("specimen is a text", json!({ "specimen": "Urine" }), "specimen: `Urine`"),
        (
            "masked specimen",
            json!({ "specimen": { "extension": [{ "url": "x/data-absent-reason", "valueCode": "masked" }] } }),
            "doesn't tell what it is",
        ),
        ("off scale", interpretation("<"), "interpretation: `<` says that it is below"),
        ("off scale", interpretation(">"), "interpretation: `>` says that it is above"),
        ("no quality", interpretation("QCF"), "quality control failed"),
        ("no status and why", json!({ "status": null, "_status": absent }), "status: `absent"),
        (
            "value that isn't known",
            json!({ "valueQuantity": { "value": 2.9, "unit": "mg/dL", "_value": absent } }),
            "extension that isn't understood (`_value`)",
        ),
        (
            "comparator that isn't known",
            json!({ "valueQuantity": { "value": 2.9, "unit": "mg/dL", "_comparator": absent } }),
            "(`_comparator`)",
        ),
        (
            "urine, told beside the code",
            json!({ "code": with(&coded("2160-0"), json!({ "text": "Creatinine, urine" })) }),
            "code: `Creatinine, urine`",
        ),
        (
            "urine, told in German",
            json!({ "code": with(&coded("2160-0"), json!({ "text": "Kreatinin i. Spontanurin" })) }),
            "beside a code of something else",
        ),
        (
            "codes of serum and urine",
            json!({ "code": { "coding": [coded("2161-8")["coding"][0], coded("2160-0")["coding"][0]] } }),
            "code: `2161-8` stands beside 2160-0",
        ),
        ("focus told", json!({ "focus": { "display": "Fetus" } }), "focus: `Fetus`"),
        ("urine", specimen(urine), "specimen: `122575003`"),
        (
            "urine told",
            json!({ "specimen": { "display": "Urine, 24 h" } }),
            "specimen: `Urine, 24 h`",
        ),
        ("cord blood", specimen(text("Cord blood")), "specimen: `Cord blood`"),
        (
            "bad specimen",
            json!({ "specimen": { "reference": "#s" }, "contained": [{ "resourceType": "Specimen", "id": "s", "status": "unsatisfactory" }] }),
            "`unsatisfactory` is the status",
        ),
        ("site", json!({ "bodySite": text("Fetal heart") }), "bodySite: `Fetal heart`"),
        (
            "bad date",
            json!({ "effectiveDateTime": "20261119" }),
            "`20261119` can't be read as a date",
        ),
        (
            "date is a number",
            json!({ "effectiveDateTime": 2026 }),
            "`2026` can't be read as a date",
        ),
        ("no date", json!({ "effectiveDateTime": null }), "has no date"),
        ("two dates", json!({ "effectiveInstant": "2026-11-20T08:00:00Z" }), "are two times"),
        (
            "backward",
            json!({ "effectiveDateTime": null, "effectivePeriod": { "start": "2026-11-19", "end": "2026-11-18" } }),
            "ends before it begins",
        ),
        (
            "unplaced",
            json!({ "effectiveDateTime": null, "effectiveTiming": { "code": text("daily") } }),
            "no time that can be placed",
        ),
        (
            "ends in the future",
            json!({ "effectiveDateTime": null, "effectivePeriod": { "start": "2026-11-19", "end": "2031-11-18" } }),
            "lies in the future",
        ),
        ("unknown status", json!({ "status": "unknown" }), "status: `unknown`"),
        ("status in a list", json!({ "status": ["final"] }), "status: `[\"final\"]`"),
        ("registered with a value", json!({ "status": "registered" }), "status: `registered`"),
        (
            "units differ",
            json!({ "valueQuantity": { "value": 2.9, "unit": "µmol/L", "system": "http://unitsofmeasure.org", "code": "mg/dL" } }),
            "are different units",
        ),
        (
            "month that may be too old",
            json!({ "effectiveDateTime": "2026" }),
            "may be of before the last 30 days",
        ),
    ] {
        creatinine_is(rule, &[old(), with(&new(), change)], &Asks(words));
    }
}

#[test]
fn what_is_known_not_to_count_leaves_the_one_before() {
    for (rule, change) in [
        ("withdrawn", json!({ "status": "entered-in-error" })),
        ("cancelled", json!({ "status": "cancelled" })),
        ("pending", json!({ "status": "registered", "valueQuantity": null })),
        ("too old", json!({ "effectiveDateTime": "2025-11-19" })),
        ("other code", json!({ "code": coded("2161-8") })),
    ] {
        creatinine_is(rule, &[old(), with(&new(), change.clone())], &Is(1.2));
        let alone = with(&new(), change);
        creatinine_is(rule, &[alone], &Silent(""));
    }
}

#[test]
fn what_is_understood_is_used() {
    let specimen = |kind: Json| json!({ "specimen": { "reference": "Specimen/s" } , "kind": kind });
    for (rule, change) in [
        ("focus on the patient", json!({ "focus": [{ "reference": "Patient/p" }] })),
        ("serum", json!({ "specimen": { "display": "Serum or plasma" } })),
        ("any", json!({ "specimen": { "reference": "Specimen/x", "display": "monster" } })),
        ("a specimen of which nothing is told", specimen(json!(null))),
        ("usual site", json!({ "bodySite": { "text": "Left arm" } })),
        (
            "instant",
            json!({ "effectiveDateTime": null, "effectiveInstant": "2026-11-19T08:00:00Z" }),
        ),
        (
            "period",
            json!({ "effectiveDateTime": null, "effectivePeriod": { "start": "2026-11-18", "end": "2026-11-19" } }),
        ),
        (
            "open period",
            json!({ "effectiveDateTime": null, "effectivePeriod": { "start": "2026-11-18" } }),
        ),
        (
            "events",
            json!({ "effectiveDateTime": null, "effectiveTiming": { "event": ["2026-11-19", "2026-11-02"] } }),
        ),
        (
            "bounds",
            json!({ "effectiveDateTime": null, "effectiveTiming": { "repeat": { "boundsPeriod": { "start": "2026-11-18", "end": "2026-11-19" } } } }),
        ),
        ("time without zone", json!({ "effectiveDateTime": "2026-11-19T08:00:00" })),
        ("preliminary", json!({ "status": "preliminary" })),
        ("no status", json!({ "status": null })),
    ] {
        creatinine_is(rule, &[old(), with(&new(), change)], &Is(2.9));
    }
    // That it is preliminary is told.
    let read = import("meld-3", &[with(&new(), json!({ "status": "preliminary" }))]);
    assert!(read.findings[0].origin.ends_with(", preliminary"), "{:?}", read.findings);
    // A specimen of the record, with type and codes.
    let serum = json!({ "resourceType": "Specimen", "id": "s", "type": { "coding": [{ "system": "http://snomed.info/sct", "code": "119364003" }] } });
    let urine = with(&serum, json!({ "type": { "text": "Urine" } }));
    let of = json!({ "specimen": { "reference": "Specimen/s" } });
    creatinine_is("serum", &[old(), with(&new(), of.clone()), serum], &Is(2.9));
    creatinine_is("urine", &[old(), with(&new(), of), urine], &Asks("specimen: `Urine`"));
}

#[test]
fn of_the_very_same_time_the_later_written_or_the_corrected_counts() {
    let at = |id: &str, value: f64, more: Json| {
        with(&creatinine(id, "2026-11-19T08:00:00Z", value), more)
    };
    let one = |more| at("one", 1.9, more);
    let two = |more| at("two", 2.9, more);
    let issued = |hour: &str| json!({ "issued": format!("2026-11-19T{hour}:00:00Z") });
    let status = |status: &str| json!({ "status": status });
    creatinine_is("later", &[one(issued("09")), two(issued("12"))], &Is(2.9));
    creatinine_is("corrected", &[one(json!({})), two(status("corrected"))], &Is(2.9));
    creatinine_is("amended", &[one(status("preliminary")), two(status("amended"))], &Is(2.9));
    creatinine_is("final", &[one(status("preliminary")), two(json!({}))], &Is(2.9));
    let offset = json!({ "effectiveDateTime": "2026-11-18T22:00:00-10:00", "status": "corrected" });
    creatinine_is("same moment", &[one(json!({})), two(offset)], &Is(2.9));
    creatinine_is("no order", &[one(json!({})), two(json!({}))], &Asks("may each be the latest"));
    let equal = at("two", 1.9, json!({}));
    creatinine_is("equal", &[one(json!({})), equal], &Is(1.9));
    // A correction that can't be used hides what it corrects.
    let unusable = with(&two(status("corrected")), json!({ "valueQuantity": { "value": 2 } }));
    creatinine_is("unusable", &[one(json!({})), unusable], &Asks("has no unit"));
}

#[test]
fn where_it_is_not_known_which_is_the_latest_all_must_agree() {
    for (rule, first, second, right) in [
        (
            "day and time of it",
            "2026-11-19",
            "2026-11-19T08:00:00Z",
            &Asks("may each be the latest"),
        ),
        ("month and day", "2026-11", "2026-11-05", &Asks("may each be the latest")),
        ("two times", "2026-11-19T08:00:00Z", "2026-11-19T08:00:00.5Z", &Is(2.9)),
        ("offsets", "2026-11-19T10:00:00+05:00", "2026-11-19T06:00:00Z", &Is(2.9)),
        ("days", "2026-11-18", "2026-11-19", &Is(2.9)),
    ] {
        let pair = [creatinine("one", first, 1.9), creatinine("two", second, 2.9)];
        creatinine_is(rule, &pair, right);
        let pair = [creatinine("one", first, 2.9), creatinine("two", second, 2.9)];
        creatinine_is(rule, &pair, &Is(2.9));
    }
    // When it was written says that it isn't of later, and not that it isn't of before.
    let issued = json!({ "effectiveDateTime": null, "issued": "2026-11-20T08:00:00Z" });
    creatinine_is(
        "issued",
        &[old(), with(&new(), issued.clone())],
        &Asks("may each be the latest"),
    );
    creatinine_is("issued", &[with(&new(), issued)], &Is(2.9));
    // A time that spans another.
    let span = json!({ "effectiveDateTime": null,
        "effectivePeriod": { "start": "2026-11-01", "end": "2026-11-19" } });
    creatinine_is("span", &[old(), with(&new(), span)], &Asks("may each be the latest"));
}

#[test]
fn what_another_observation_replaces_is_withdrawn() {
    let by = |more: Json| with(&with(&new(), json!({ "effectiveDateTime": "2026-11-18" })), more);
    let late = with(&new(), json!({ "id": "late", "valueQuantity": quantity(7.0, "mg/dL") }));
    let replaces = |id: &str| json!([{ "type": "replaces", "target": { "reference": id } }]);
    let extension = json!([{ "url": "http://hl7.org/fhir/StructureDefinition/observation-replaces",
        "valueReference": { "reference": "Observation/late" } }]);
    let one = replaces("Observation/late");
    for more in [json!({ "related": one.clone() }), json!({ "extension": extension })] {
        creatinine_is("replaced", &[late.clone(), by(more)], &Is(2.9));
    }
    creatinine_is(
        "itself",
        &[with(&new(), json!({ "related": replaces("Observation/new") }))],
        &Is(2.9),
    );
    let cancelled = by(json!({ "related": one.clone(), "status": "cancelled" }));
    creatinine_is("cancelled", &[late.clone(), cancelled], &Asks("`Observation/new` says that it"));
    let back = with(&late, json!({ "related": replaces("Observation/new") }));
    creatinine_is(
        "each other",
        &[back, by(json!({ "related": one }))],
        &Asks("says that it replaces"),
    );
}

#[test]
fn parts_of_one_observation_must_agree() {
    let panel = |second: f64| {
        let part =
            |value| json!({ "code": coded("2160-0"), "valueQuantity": quantity(value, "mg/dL") });
        with(
            &new(),
            json!({ "code": coded("24323-8"), "valueQuantity": null,
            "component": [part(2.9), part(second)] }),
        )
    };
    creatinine_is("twice", &[panel(2.9)], &Is(2.9));
    creatinine_is(
        "twice",
        &[panel(1.0)],
        &Asks("`1.0 mg/dL` and `2.9 mg/dL` stand there for the same"),
    );
    // A group has the values of its parts.
    let group = with(&panel(2.9), json!({ "code": coded("2160-0") }));
    creatinine_is("group", &[group], &Is(2.9));
}

#[test]
fn what_a_specimen_says_of_itself_and_of_what_it_was_made_counts() {
    let serum = json!({ "coding": [{ "system": "http://snomed.info/sct", "code": "119364003" }] });
    let specimen = |more: Json| {
        let base = json!({ "resourceType": "Specimen", "id": "s", "type": serum });
        with(&base, more)
    };
    let cord = json!({ "resourceType": "Specimen", "id": "c", "type": { "text": "Cord blood" } });
    let of = |specimen: Json| with(&new(), json!({ "specimen": specimen }));
    let by_id = of(json!({ "reference": "Specimen/s" }));
    for (rule, more, words) in [
        ("made of", json!({ "parent": [{ "reference": "Specimen/c" }] }), "specimen: `Cord blood`"),
        ("circle", json!({ "parent": [{ "reference": "Specimen/s" }] }), "was made of itself"),
        (
            "site",
            json!({ "collection": { "bodySite": { "coding": [{ "code": "29870000", "display": "Umbilical cord structure" }] } } }),
            "specimen: `Umbilical cord structure`",
        ),
        (
            "whose",
            json!({ "subject": { "reference": "Patient/other" } }),
            "specimen: `Patient/other`",
        ),
        ("withdrawn", json!({ "status": "entered-in-error" }), "specimen: `entered-in-error`"),
        (
            "what holds it",
            json!({ "type": null, "container": [{ "type": { "text": "24 h urine bottle" } }] }),
            "specimen: `24 h urine bottle`",
        ),
    ] {
        let all = [old(), by_id.clone(), specimen(more), cord.clone()];
        creatinine_is(rule, &all, &Asks(words));
    }
    let own = json!({ "subject": { "reference": "Patient/p" },
        "collection": { "bodySite": { "text": "Left antecubital fossa" } },
        "container": [{ "description": "Gel tube" }] });
    creatinine_is("usual", &[old(), by_id, specimen(own)], &Is(2.9));
    let identifier = json!({ "system": "urn:lab", "value": "S1" });
    let named = specimen(json!({ "identifier": [identifier], "type": { "text": "Urine" } }));
    let by_identifier = of(json!({ "identifier": identifier }));
    creatinine_is("identifier", &[old(), by_identifier, named], &Asks("specimen: `Urine`"));
}

#[test]
fn what_a_panel_or_report_says_holds_for_its_members() {
    let panel = |more: Json| {
        let base = json!({ "id": "panel", "code": coded("24323-8"), "valueQuantity": null,
            "hasMember": [{ "reference": "Observation/new" }] });
        with(&with(&new(), base), more)
    };
    let urine = json!({ "specimen": { "display": "Urine" } });
    let older = json!({ "hasMember": null, "specimen": { "display": "Urine" },
        "related": [{ "type": "has-member", "target": { "reference": "Observation/new" } }] });
    for (rule, more, words) in [
        ("specimen", urine.clone(), "specimen: `Urine`"),
        ("older FHIR", older, "Observation/panel says it, of which this is a part"),
        (
            "focus",
            json!({ "focus": [{ "reference": "RelatedPerson/b" }] }),
            "focus: `RelatedPerson/b`",
        ),
        ("site", json!({ "bodySite": { "text": "Fetal scalp" } }), "bodySite: `Fetal scalp`"),
        (
            "quality",
            json!({ "interpretation": [{ "coding": [{ "code": "QCF" }] }] }),
            "quality control",
        ),
        ("cancelled", json!({ "status": "cancelled" }), "status: `cancelled`"),
        ("withdrawn", json!({ "status": "entered-in-error" }), "status: `entered-in-error`"),
    ] {
        creatinine_is(rule, &[old(), new(), panel(more)], &Asks(words));
    }
    creatinine_is("plain", &[old(), new(), panel(json!({}))], &Is(2.9));
    // What a member says itself goes before.
    let serum = with(&new(), json!({ "specimen": { "display": "Serum" } }));
    creatinine_is("own", &[old(), serum, panel(urine.clone())], &Is(2.9));
    // A panel in force has it as well.
    let withdrawn = panel(json!({ "id": "x", "status": "entered-in-error" }));
    creatinine_is("corrected", &[old(), new(), withdrawn, panel(json!({}))], &Is(2.9));
    // A panel in a panel, and reports.
    let outer = with(
        &panel(urine.clone()),
        json!({ "id": "outer", "hasMember": [{ "reference": "Observation/panel" }] }),
    );
    creatinine_is("nested", &[old(), new(), panel(json!({})), outer], &Asks("specimen: `Urine`"));
    let report = |result: &str| {
        let base = json!({ "resourceType": "DiagnosticReport", "id": "r", "status": "final",
            "code": { "text": "Laboratory" }, "subject": { "reference": "Patient/p" },
            "result": [{ "reference": result }] });
        with(&base, urine.clone())
    };
    creatinine_is(
        "report",
        &[old(), new(), report("Observation/new")],
        &Asks("DiagnosticReport/r says it"),
    );
    let both = [old(), new(), panel(json!({})), report("Observation/panel")];
    creatinine_is("report of a panel", &both, &Asks("specimen: `Urine`"));
}

#[test]
fn a_blood_pressure_that_has_no_code_hides_none_before_it() {
    let part = |code: &str, value: f64| json!({ "code": coded(code), "valueQuantity": quantity(value, "mm[Hg]") });
    let panel = |id: &str, when: &str, more: Json| {
        let base = observation(id, "85354-9", when, Json::Null);
        with(&base, more)
    };
    let before = panel(
        "before",
        "2026-11-23T06:00:00Z",
        json!({ "component": [part("8480-6", 120.0), part("8462-4", 80.0)] }),
    );
    let now = |more: Json| panel("now", "2026-11-23T08:00:00Z", more);
    let text = json!({ "code": { "text": "Systolic" }, "valueQuantity": quantity(85.0, "mm[Hg]") });
    for (rule, more, right) in [
        ("text", json!({ "valueString": "85/50 mmHg" }), Asks("value: `85/50 mmHg`")),
        (
            "older panel",
            json!({ "code": coded("55284-4"), "valueString": "85/50" }),
            Asks("value: `85/50`"),
        ),
        (
            "components with texts",
            json!({ "component": [text] }),
            Asks("component: `85.0 mm[Hg]` has no code"),
        ),
        (
            "without code",
            json!({ "code": coded("24323-8"), "component": [with(&text, json!({ "code": null }))] }),
            Asks("has no code"),
        ),
        ("the other has a text", json!({ "component": [part("8480-6", 85.0), text] }), Is(85.0)),
        (
            "quality",
            json!({ "component": [with(&part("8480-6", 85.0), json!({ "interpretation": { "coding": [{ "code": "QCF" }] } }))] }),
            Asks("quality control failed"),
        ),
        ("other panel", json!({ "code": coded("24323-8"), "component": [text] }), Is(120.0)),
    ] {
        let all = [before.clone(), now(more), patient()];
        check("news2", "systolic", rule, &all, &right);
    }
    // FHIR's profiles require the general code beside a detailed one.
    let detailed =
        json!({ "coding": [coded("8480-6")["coding"][0], coded("8459-0")["coding"][0]] });
    let sitting = with(
        &observation("sitting", "8480-6", "2026-11-23T09:00:00Z", quantity(90.0, "mm[Hg]")),
        json!({ "code": detailed }),
    );
    let all = [before.clone(), sitting.clone(), patient()];
    check("news2", "systolic", "detailed", &all, &Is(90.0));
    // One that says more than is asked isn't such a detail, nor is a word that does.
    for (rule, code, text) in [
        ("standing", "8460-8", "Systolic blood pressure"),
        ("in words", "8480-6", "Blutdruck stehend"),
        ("of a day", "8480-6", "24 hour mean"),
    ] {
        let code = json!({ "coding": [coded("8480-6")["coding"][0], coded(code)["coding"][0]],
            "text": text });
        let other = with(&sitting, json!({ "code": code }));
        check("news2", "systolic", rule, &[other, patient()], &Asks("stands beside"));
    }
    // On pressures in the heart and the lungs as well.
    let ventricle = json!({ "coding": [coded("8480-6")["coding"][0],
        { "system": "http://loinc.org", "code": "8432-7", "display": "Right ventricular systolic" }] });
    let vessel = json!({ "text": "Pulmonary artery pressure" });
    for (rule, more) in [
        ("ventricle", json!({ "code": ventricle })),
        ("heart", json!({ "bodySite": { "coding": [{ "code": "80891009" }] } })),
        ("ear", json!({ "bodySite": { "text": "Left ear" } })),
        (
            "panel",
            json!({ "code": vessel, "component": [part("8480-6", 25.0)], "valueQuantity": null }),
        ),
    ] {
        let all = [before.clone(), with(&sitting, more), patient()];
        check("news2", "systolic", rule, &all, &Asks("pressure in the arteries of the body"));
    }
}

#[test]
fn one_sample_in_two_units_is_one_value() {
    let when = "2026-11-19T08:00:00Z";
    let in_units =
        |id: &str, value: f64, unit: &str| observation(id, "2160-0", when, quantity(value, unit));
    let given = |value| in_units("a", value, "mg/dL");
    for (rule, second, right) in [
        ("rounded", in_units("b", 212.0, "umol/L"), Is(2.4)),
        ("exact", in_units("b", 212.16, "umol/L"), Is(2.4)),
        ("other value", in_units("b", 215.0, "umol/L"), Asks("may each be the latest")),
        (
            "other spelling of the same unit",
            observation("b", "2160-0", when, json!({ "value": 2.41, "unit": "mg/dl" })),
            Asks("may each be the latest"),
        ),
        (
            "other time",
            observation("b", "2160-0", "2026-11-19", quantity(212.0, "umol/L")),
            Asks("may each be the latest"),
        ),
    ] {
        creatinine_is(rule, &[given(2.4), second], &right);
    }
    // What is given is what stands in the wanted unit, to the digit.
    let read = import("meld-3", &[in_units("0", 212.0, "umol/L"), given(2.4)]);
    assert_eq!(read.answers()["creatinine"], Value::Quantity(2.4));
    let two = [given(2.4), in_units("b", 212.0, "umol/L"), in_units("c", 213.0, "umol/L")];
    creatinine_is("two of one unit", &two, &Asks("may each be the latest"));
}

/// One systolic pressure above 160.
const PRESSURE: &str = r#"
[[intake]]
id = "hypertension"
label = "High blood pressure"
kind = "flag"
[[intake.source]]
kind = "observation"
value-sets = ["blood-pressure-systolic"]
within-days = 90
above = 160
unit = "mm[Hg]"
limits = [20, 350]
"#;

#[test]
fn limits_that_nothing_can_pass_are_asked() {
    for (name, feature, code, value, unit, right) in [
        ("", "hypertension", "8480-6", -5.0, "mm[Hg]", None),
        ("", "hypertension", "8480-6", 16.0, "mm[Hg]", None),
        ("", "hypertension", "8480-6", 9999.0, "mm[Hg]", None),
        ("", "hypertension", "8480-6", 180.0, "mm[Hg]", Some(true)),
        ("", "hypertension", "8480-6", 120.0, "mm[Hg]", Some(false)),
        ("has-bled", "renal", "2160-0", 88.0, "mg/dL", None),
        ("has-bled", "renal", "2160-0", 3.0, "mg/dL", Some(true)),
        ("findrisc", "high-glucose", "1558-6", 95.0, "mmol/L", None),
        ("findrisc", "high-glucose", "1558-6", 7.0, "mmol/L", Some(true)),
        ("news2", "oxygen", "3151-8", -1.0, "L/min", None),
        ("news2", "oxygen", "3151-8", 0.0, "L/min", Some(false)),
    ] {
        let one = observation("o", code, "2026-11-23T06:00:00Z", quantity(value, unit));
        let read = match name {
            "" => import_as(&common::intake(PRESSURE), &[one, patient()]),
            name => import(name, &[one, patient()]),
        };
        let rule = format!("{name} {feature} {value} {unit}");
        let asked = read.missing.iter().find(|one| one.feature == feature);
        match right {
            Some(flag) => assert_eq!(read.answers()[feature], Value::Flag(flag), "{rule}"),
            None => assert!(asked.unwrap().reason.contains("is outside of"), "{rule}: {asked:?}"),
        }
    }
}

#[test]
fn many_problems_are_each_a_question() {
    let spoons = |id: &str, code: &str| {
        observation(id, code, "2026-11-19", json!({ "value": 2, "unit": "spoons" }))
    };
    let record = [spoons("a", "2160-0"), spoons("b", "1975-2"), creatinine("c", "2026-11-18", 1.0)];
    let read = import("meld-3", &[&record[..], &[patient()]].concat());
    let asked: Vec<&str> =
        read.missing.iter().filter(|one| one.in_doubt).map(|one| one.feature.as_str()).collect();
    assert_eq!(asked, ["bilirubin", "creatinine"]);
    assert!(read.findings.iter().any(|one| one.feature == "sex"));
}

#[test]
fn large_records_are_read_without_comparing_each_with_each() {
    let specimen = json!({ "specimen": { "reference": "Specimen/none" } });
    let all: Vec<Json> = (0..20_000)
        .map(|n| with(&creatinine(&format!("o{n}"), "WHEN", 2.9), specimen.clone()))
        .collect();
    let text = bundle(&all).to_string();
    let protocol = protocol("meld-3");
    for when in ["2026-11-19T08:00:00Z", "2026-11-19"] {
        let text = text.replace("WHEN", when);
        let read = read_record(&text, protocol.intake(), TODAY).unwrap();
        assert_eq!(read.answers()["creatinine"], Value::Quantity(2.9));
    }
}

#[test]
fn a_panel_of_many_parts_is_read_in_time() {
    let part =
        |value: f64| json!({ "code": coded("2160-0"), "valueQuantity": quantity(value, "mg/dL") });
    let components: Vec<Json> = (0..20_000).map(|n| part(1.0 + f64::from(n) / 1e4)).collect();
    let panel = with(
        &new(),
        json!({ "code": coded("24323-8"), "valueQuantity": null, "component": components }),
    );
    creatinine_is("differ", &[panel], &Asks("stand there for the same"));
    let members: Vec<Json> =
        (0..20_000).map(|n| json!({ "reference": format!("Observation/o{n}") })).collect();
    let panel = with(
        &new(),
        json!({ "code": coded("24323-8"), "valueQuantity": null, "hasMember": members, "specimen": { "display": "Urine" } }),
    );
    let all = (0..20_000)
        .map(|n| creatinine(&format!("o{n}"), "2026-11-19T08:00:00Z", 1.0 + f64::from(n) / 1e4));
    let all: Vec<Json> = all.chain([panel]).collect();
    creatinine_is("members", &all, &Asks("specimen: `Urine`"));
}

fn weight(when: &str, value: f64, unit: &str) -> Json {
    observation("w", "29463-7", when, quantity(value, unit))
}

fn height(when: &str, value: f64, unit: &str) -> Json {
    observation("h", "8302-2", when, quantity(value, unit))
}

fn bmi(when: &str, value: f64) -> Json {
    observation("b", "39156-5", when, quantity(value, "kg/m2"))
}

/// A body mass index that is recorded or computed from the dated weights and heights.
const BMI: &str = r#"
[[intake]]
id = "bmi"
label = "Body mass index"
kind = "quantity"
unit = "kg/m2"
min = 10
max = 60
step = 0.1
[[intake.source]]
kind = "observation"
value-sets = ["body-mass-index"]
within-days = 730
[[intake.source]]
kind = "body-mass-index"
within-days = 730
"#;

fn bmi_is(rule: &str, birth: &str, resources: &[Json], right: &Right) {
    let patient = with(&patient(), json!({ "birthDate": birth }));
    let all: Vec<Json> = resources.iter().cloned().chain([patient]).collect();
    check_as(&common::intake(BMI), "bmi", rule, &all, right);
}

#[test]
fn a_body_mass_index_is_of_one_grown_person() {
    let now = "2026-10-01";
    let undated = |one: Json| with(&one, json!({ "effectiveDateTime": null }));
    for (rule, birth, weight, height, right) in [
        (
            "adult",
            "1980-05-05",
            weight(now, 70.0, "kg"),
            height("2010-05-01", 175.0, "cm"),
            Is(22.86),
        ),
        (
            "child's height",
            "2001-05-05",
            weight(now, 70.0, "kg"),
            height("2007-05-01", 112.0, "cm"),
            Asks("may be of a child"),
        ),
        (
            "the day before",
            "2001-05-05",
            weight(now, 70.0, "kg"),
            height("2019-05-04", 1.75, "m"),
            Asks("may be of a child"),
        ),
        (
            "the birthday",
            "2001-05-05",
            weight(now, 70.0, "kg"),
            height("2019-05-05", 1.75, "m"),
            Is(22.86),
        ),
        (
            "year that may be before",
            "2001-05-05",
            weight(now, 70.0, "kg"),
            height("2019", 1.75, "m"),
            Asks("may be of a child"),
        ),
        (
            "child of today",
            "2016-05-05",
            weight(now, 30.0, "kg"),
            height("2026-09-15", 1.4, "m"),
            Is(15.31),
        ),
        (
            "child of two years",
            "2016-05-05",
            weight(now, 30.0, "kg"),
            height("2025-09-15", 1.4, "m"),
            Asks("may be of a child"),
        ),
        (
            "undated height",
            "1980-05-05",
            weight(now, 70.0, "kg"),
            undated(height(now, 1.12, "m")),
            Asks("has no date"),
        ),
        (
            "metres for centimetres",
            "1980-05-05",
            weight(now, 70.0, "kg"),
            height(now, 175.0, "m"),
            Asks("no body height that can be"),
        ),
        (
            "grams for kilograms",
            "1980-05-05",
            weight(now, 70.0, "g"),
            height(now, 1.75, "m"),
            Asks("no body weight that can be"),
        ),
        (
            "zero",
            "1980-05-05",
            weight(now, 70.0, "kg"),
            height(now, 0.0, "m"),
            Asks("no body height that can be"),
        ),
        (
            "femtotonnes",
            "1980-05-05",
            weight(now, 70.0, "kg"),
            height(now, 5.9, "ft"),
            Asks("perhaps [ft_i]"),
        ),
    ] {
        bmi_is(rule, birth, &[weight, height], &right);
    }
    let unknown = [weight(now, 70.0, "kg"), height("2010-05-01", 175.0, "cm")];
    check_as(
        &common::intake(BMI),
        "bmi",
        "no birth date",
        &unknown,
        &Asks("how old the patient was"),
    );
    // A later adult height counts, whatever was measured before.
    let child = with(&height("2007-05-01", 112.0, "cm"), json!({ "id": "child" }));
    let all = [weight(now, 70.0, "kg"), height("2020-05-01", 175.0, "cm"), child];
    bmi_is("grown", "2001-05-05", &all, &Is(22.86));
}

#[test]
fn recorded_and_computed_body_mass_index_are_ranked_by_time() {
    let born = "1980-05-05";
    let tall = height("2015-01-01", 1.75, "m");
    let heavy = |when| weight(when, 70.0, "kg");
    for (rule, recorded, weighed, right) in [
        ("recorded later", bmi("2026-10-02", 30.0), heavy("2026-10-01"), Is(30.0)),
        ("computed later", bmi("2026-10-01", 30.0), heavy("2026-10-02"), Is(22.86)),
        ("rounded", bmi("2026-10-01", 23.0), heavy("2026-10-01"), Is(23.0)),
        (
            "contradiction",
            bmi("2026-10-01", 30.0),
            heavy("2026-10-01"),
            Asks("may each be the latest"),
        ),
        (
            "weight unusable, and before",
            bmi("2026-10-02", 30.0),
            weight("2026-10-01", 70.0, "m"),
            Is(30.0),
        ),
        (
            "weight unusable, and after",
            bmi("2026-10-01", 30.0),
            weight("2026-10-02", 70.0, "m"),
            Asks("doesn't convert"),
        ),
    ] {
        bmi_is(rule, born, &[recorded, weighed, tall.clone()], &right);
    }
}

#[test]
fn one_value_that_says_yes_is_enough_where_ever_counts() {
    let glucose = |when: &str, value: Json| observation(when, "1558-6", when, value);
    let yes = |resources: &[Json]| {
        let read = import("findrisc", resources);
        let value = read.answers().get("high-glucose").cloned();
        let asked = read.missing.iter().any(|one| one.feature == "high-glucose" && one.in_doubt);
        (value, asked)
    };
    let high = glucose("2020-01-01", quantity(7.0, "mmol/L"));
    let low = glucose("2026-01-01", quantity(5.0, "mmol/L"));
    let odd = glucose("2025-01-01", json!({ "value": 7, "unit": "spoons" }));
    let empty = with(&odd, json!({ "valueQuantity": null, "dataAbsentReason": coded("error") }));
    assert_eq!(yes(&[high.clone(), low.clone(), odd.clone()]), (Some(Value::Flag(true)), false));
    assert_eq!(yes(&[low.clone(), odd]), (None, true));
    // What was never high in the record may have been so outside of it.
    assert_eq!(yes(&[low.clone(), empty]), (None, false));
    let read = import("findrisc", &[low]);
    let asked = read.missing.iter().find(|one| one.feature == "high-glucose").unwrap();
    assert!(asked.reason.contains("says no (5 mmol/L is below 6.1)"), "{asked:?}");
}

fn response(id: &str, more: Json, answers: Json) -> Json {
    let base = json!({ "resourceType": "QuestionnaireResponse", "id": id, "status": "completed",
        "authored": "2026-11-01", "item": [{ "linkId": "family-history", "answer": answers }] });
    with(&base, more)
}

#[test]
fn answers_to_questionnaires_are_the_latest_and_clear() {
    let coding = |code: &str| json!([{ "valueCoding": { "code": code } }]);
    let answer = |resources: &[Json]| {
        let read = import("findrisc", resources);
        let missing = read.missing.iter().find(|one| one.feature == "family");
        match (read.answers().get("family"), missing) {
            (Some(Value::Choice(id)), _) => id.clone(),
            (_, Some(missing)) => {
                format!("{}: {}", if missing.in_doubt { "asks" } else { "silent" }, missing.reason)
            }
            other => panic!("{other:?}"),
        }
    };
    let old = response("old", json!({ "authored": "2026-01-01" }), coding("none"));
    let new = |more: Json, answers: Json| response("new", more, answers);
    assert_eq!(answer(&[old.clone(), new(json!({}), coding("first-degree"))]), "first-degree");
    let later = json!({ "authored": "2025-01-01" });
    assert_eq!(answer(&[old.clone(), new(later, coding("first-degree"))]), "none");
    for (rule, more, answers, words) in [
        ("status", json!({ "status": "unknown" }), coding("none"), "status: `unknown`"),
        ("status shape", json!({ "status": 7 }), coding("none"), "status: `7`"),
        ("date", json!({ "authored": "yesterday" }), coding("none"), "can't be read as a date"),
        (
            "modifier",
            json!({ "modifierExtension": [{ "url": "x" }] }),
            coding("none"),
            "a modifier",
        ),
        ("option", json!({}), coding("cousin"), "is none of the options"),
        (
            "options",
            json!({}),
            json!([{ "valueCoding": { "code": "none" } }, { "valueCoding": { "code": "first-degree" } }]),
            "more than once",
        ),
        (
            "values",
            json!({}),
            json!([{ "valueCoding": { "code": "none" }, "valueString": "yes" }]),
            "several values",
        ),
        ("empty", json!({}), json!([{ "item": [] }]), "is not a choice"),
        ("shape", json!({}), json!({ "valueCoding": { "code": "none" } }), "is no list of answers"),
        (
            "modified answer",
            json!({}),
            json!([{ "valueCoding": { "code": "none" }, "modifierExtension": [{ "url": "x" }] }]),
            "a modifier",
        ),
    ] {
        let text = answer(&[old.clone(), new(more, answers)]);
        assert!(text.starts_with("asks: ") && text.contains(words), "{rule}: {text}");
    }
    for status in ["in-progress", "stopped", "entered-in-error"] {
        let more = json!({ "status": status });
        assert_eq!(answer(&[old.clone(), new(more.clone(), coding("first-degree"))]), "none");
        let alone = answer(&[new(more, coding("first-degree"))]);
        assert!(alone.starts_with("silent: "), "{status}: {alone}");
    }
    let twice = json!([{ "valueCoding": { "code": "none" } }, { "valueString": "none" }]);
    assert_eq!(answer(&[new(json!({}), twice)]), "none");
    let undated = new(json!({ "authored": null }), coding("first-degree"));
    assert!(answer(&[old.clone(), undated.clone()]).starts_with("asks: "));
    assert_eq!(answer(&[undated]), "first-degree");
}

/// What is asked by codes of urine is read where all says that it is urine, and only there.
#[test]
fn what_is_measured_in_urine_is_read_from_urine() {
    let ratio = |display: &str, value: Json, more: Json| {
        let code = json!({ "coding": [{ "system": "http://loinc.org", "code": "9318-7", "display": display }] });
        let base = observation("acr", "9318-7", "2026-10-01", value);
        with(&with(&base, json!({ "code": code })), more)
    };
    let name = "Albumin/Creatinine [Mass Ratio] in Urine";
    let specimen = |kind: &str, code: &str| {
        let kind = json!({ "coding": [{ "system": "http://snomed.info/sct", "code": code, "display": kind }] });
        json!({ "specimen": { "reference": "#s" },
            "contained": [{ "resourceType": "Specimen", "id": "s", "type": kind }] })
    };
    let urine = specimen("Urine specimen", "122575003");
    let mass = || quantity(30.0, "mg/g");
    for (rule, one, right) in [
        ("display", ratio(name, mass(), json!({})), Is(30.0)),
        ("specimen", ratio(name, mass(), urine), Is(30.0)),
        (
            "text",
            ratio(name, mass(), json!({ "specimen": { "display": "Spontanurin" } })),
            Is(30.0),
        ),
        ("said of creatinine", ratio(name, quantity(30.0, "mg/g{creat}"), json!({})), Is(30.0)),
        ("by amount", ratio(name, quantity(3.0, "mg/mmol"), json!({})), Is(26.52)),
        ("other", ratio("Albumin in Pleural fluid", mass(), json!({})), Asks("something else")),
        ("serum", ratio("Albumin in Serum", mass(), json!({})), Asks("something else")),
        (
            "blood",
            ratio(name, mass(), specimen("Venous blood", "122555007")),
            Asks("isn't known to be the urine"),
        ),
    ] {
        check("kfre", "acr", rule, &[one, patient()], &right);
    }
}

/// Texts that name another analyte than the code, which is often mistaken for it.
#[test]
fn a_text_of_another_analyte_is_asked() {
    let when = "2026-11-22T08:00:00Z";
    for (protocol, feature, code, text, asks) in [
        ("child-pugh", "bilirubin", "1975-2", "Bilirubin direkt", true),
        ("child-pugh", "bilirubin", "1975-2", "Bilirubin, direct", true),
        ("child-pugh", "bilirubin", "1975-2", "Bilirubin gesamt", false),
        ("child-pugh", "bilirubin", "1975-2", "Total bilirubin (direct + indirect)", false),
        ("curb-65", "urea", "3094-0", "Harnstoff", true),
        ("curb-65", "urea", "3094-0", "Urea", true),
        ("curb-65", "urea", "3094-0", "Urea nitrogen [Mass/volume]", false),
        ("curb-65", "urea", "3094-0", "Harnstoff-N", false),
        ("curb-65", "urea", "3094-0", "BUN", false),
    ] {
        let lab = observation("a", code, when, quantity(2.0, "mg/dL"));
        let lab = with(&lab, json!({ "code": { "text": text, "coding": coded(code)["coding"] } }));
        let import = import(protocol, &[lab, patient()]);
        let missing = import.missing.iter().find(|one| one.feature == feature);
        let is_asked = missing.is_some_and(|one| one.reason.contains("of something else"));
        assert_eq!(is_asked, asks, "{text}: {missing:?}");
    }
}
