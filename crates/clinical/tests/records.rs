// SPDX-License-Identifier: Apache-2.0
//! FHIR records: what is found, what is converted, and what is refused.

mod common;

use cso_clinical::fhir::{questionnaire, FhirError, Import};
use cso_clinical::intake::Value;
use cso_clinical::{compile, Protocol};
use serde_json::{json, Value as Json};

use common::{intake, protocol, read_record, record, TODAY};

fn import_as(protocol: &Protocol, json: &str) -> Result<Import, FhirError> {
    read_record(json, protocol.intake(), TODAY)
}

fn finding<'a>(import: &'a Import, feature: &str) -> &'a cso_clinical::fhir::Finding {
    import
        .findings
        .iter()
        .find(|f| f.feature == feature)
        .unwrap_or_else(|| panic!("{feature} was not found"))
}

fn bundle(resources: &[Json]) -> String {
    let entries: Vec<Json> =
        resources.iter().map(|resource| json!({ "resource": resource })).collect();
    json!({ "resourceType": "Bundle", "type": "collection", "entry": entries }).to_string()
}

fn opinion(name: &str) -> (Import, Vec<u16>) {
    let protocol = protocol(name);
    let import = import_as(&protocol, &record("bundle-anna.json")).unwrap();
    let mut answers = import.answers();
    // Anna says so.
    let silent = import.unconfirmed.features.iter().map(|one| &one.feature);
    let asked = import.missing.iter().map(|one| &one.feature);
    answers.extend(silent.chain(asked).map(|feature| (feature.clone(), Value::Flag(false))));
    let encoded = protocol.intake().encode(&answers).unwrap();
    let raw = compile(&protocol).unwrap().program.evaluate(&encoded.bits).unwrap();
    assert_eq!(raw, protocol.evaluate(&answers).unwrap());
    (import, raw)
}

#[test]
fn annas_record_answers_cha2ds2_vasc() {
    let (import, raw) = opinion("cha2ds2-vasc");
    let missing: Vec<&str> = import.missing.iter().map(|one| one.feature.as_str()).collect();
    assert_eq!(missing, ["valve", "cardiomyopathy"], "{:?}", import.missing);
    // 69 years: 1, female: 1, hypertension: 1, transient ischaemic attack in the past: 2.
    assert_eq!(raw, [5]);
    assert_eq!(finding(&import, "age").value, Value::Quantity(69.0));
    assert_eq!(
        finding(&import, "stroke").origin,
        "Condition/tia: 266257000 Transient ischemic attack, over"
    );
    let unconfirmed: Vec<&str> =
        import.unconfirmed.features.iter().map(|one| one.feature.as_str()).collect();
    assert_eq!(unconfirmed, ["heart-failure", "diabetes", "vascular-disease"]);
    let diabetes = &import.unconfirmed.features[1];
    assert!(diabetes.notes[0].ends_with("is refuted"), "{diabetes:?}");
}

#[test]
fn annas_record_answers_findrisc_with_converted_units() {
    let (import, raw) = opinion("findrisc");
    // What eligibility needs and the record doesn't tell.
    let asked: Vec<(&str, bool)> =
        import.missing.iter().map(|one| (one.feature.as_str(), one.in_doubt)).collect();
    assert_eq!(asked, [("diabetes", false), ("pregnant", false), ("antihypertensives", false)]);
    // Age 4, body mass index 28.8: 1, waist 94 cm: 4, no daily vegetables: 1, glucose 5,
    // grandparent 3. What her medicine is for no record tells: she would say so herself.
    assert_eq!(raw, [18]);
    let bmi = finding(&import, "bmi");
    let conversion = |feature: &str| finding(&import, feature).conversion.clone().unwrap();
    assert!(conversion("weight").starts_with("178.6 [lb_av] = 81.011597"));
    assert_eq!(conversion("height"), "66 [in_i] = 167.64 cm");
    assert!(conversion("bmi").ends_with(": 28.8 kg/m2"), "{}", conversion("bmi"));
    assert!(
        bmi.origin.contains("Observation/weight of 2026-09-14"),
        "the latest weight counts: {}",
        bmi.origin
    );
    let glucose = finding(&import, "high-glucose").conversion.as_deref().unwrap();
    assert!(glucose.starts_with("114 mg/dL = 6.3278"), "{glucose}");
}

#[test]
fn nothing_but_what_the_protocol_asks_leaves_the_record() {
    let (import, _) = opinion("findrisc");
    let told = serde_json::to_string(&import).unwrap();
    for private in [
        "Example",
        "Maria",
        "1957-03-14",
        "756.0000",
        "Sample",
        "osteoarthritis",
        "apixaban",
        "creatinine",
    ] {
        assert!(!told.contains(private), "{private} left the record: {told}");
    }
}

#[test]
fn missing_answers_are_listed_with_the_reason() {
    let import = import_as(&protocol("cha2ds2-vasc"), &record("bad-missing.json")).unwrap();
    let reasons: Vec<(&str, &str)> =
        import.missing.iter().map(|m| (m.feature.as_str(), m.reason.as_str())).collect();
    assert_eq!(
        reasons,
        [
            ("age", "Patient/dora, birthDate: `1960` has no day, so that the age is 65 or 66"),
            ("sex", "Patient/dora has no gender"),
            ("atrial-fibrillation", "nothing in the record answers it"),
            ("valve", "nothing in the record answers it"),
            ("cardiomyopathy", "nothing in the record answers it"),
            ("anticoagulant", "nothing in the record answers it"),
        ]
    );
}

#[test]
fn ages_over_89_leave_as_90() {
    let patient =
        json!({ "resourceType": "Patient", "id": "old", "gender": "male", "birthDate": "1925-06" });
    let import = import_as(&protocol("cha2ds2-vasc"), &bundle(&[patient])).unwrap();
    let age = finding(&import, "age");
    // What stays with the patient goes by the age itself.
    assert_eq!(age.value, Value::Quantity(101.0));
    assert_eq!(age.clamped, None);
    assert!(age.conversion.as_ref().unwrap().ends_with("ages over 89 leave as 90"));
    let protocol = protocol("cha2ds2-vasc");
    let (_, feature) = protocol.intake().feature("age").unwrap();
    assert_eq!(feature.disclosed(&age.value), Value::Quantity(90.0));
    assert_eq!(feature.disclosed(&Value::Quantity(89.0)), Value::Quantity(89.0));
    let (_, other) = protocol.intake().feature("sex").unwrap();
    assert_eq!(other.disclosed(&Value::Choice("male".into())), Value::Choice("male".into()));
}

#[test]
fn values_beyond_the_coded_range_are_clamped_and_told() {
    let protocol = protocol("findrisc");
    let waist = json!({ "resourceType": "Observation", "id": "w", "status": "final", "effectiveDateTime": "2026-10-01",
        "code": { "coding": [{ "system": "http://loinc.org", "code": "8280-0" }] },
        "valueQuantity": { "value": 55.5, "unit": "inches" } });
    let import = import_as(&protocol, &bundle(&[waist])).unwrap();
    let clamped = finding(&import, "waist").clamped.clone().unwrap();
    assert_eq!((clamped.used, clamped.unit.as_str()), (103.5, "cm"));
    assert!((clamped.given - 140.97).abs() < 1e-9);
}

/// What can't be used becomes a question that says what stands in the record, and blocks nothing
/// else.
#[test]
fn what_cannot_be_used_is_asked() {
    for (name, file, feature, words) in [
        (
            "cha2ds2-vasc",
            "bad-code-system.json",
            "hypertension",
            ["Condition/htn (Hypertension), code: `I10`", "urn:example:local-codes"],
        ),
        ("findrisc", "bad-unit.json", "waist", ["value: `", "unknown unit `cubits`"]),
        ("findrisc", "bad-dimension.json", "waist", ["value: `", "doesn't convert"]),
    ] {
        let import = import_as(&protocol(name), &record(file)).unwrap();
        let missing = import.missing.iter().find(|one| one.feature == feature);
        let missing = missing.unwrap_or_else(|| panic!("{file}: {import:?}"));
        assert!(missing.in_doubt, "{missing:?}");
        for word in words {
            assert!(missing.reason.contains(word), "{}", missing.reason);
        }
        assert!(!import.findings.is_empty() || file != "bad-code-system.json", "{import:?}");
    }
}

/// An age that the protocol isn't for is found as it is: who it is of is told why, and no answer
/// is made of the nearest age that can be coded.
#[test]
fn an_age_that_a_protocol_is_not_for_is_no_answer() {
    let protocol = protocol("cha2ds2-vasc");
    let import = import_as(&protocol, &record("bad-range.json")).unwrap();
    let age = finding(&import, "age");
    assert_eq!(age.value, Value::Quantity(6.0));
    assert_eq!(age.clamped.as_ref().unwrap().used, 18.0);
    let eligibility = protocol.description().eligibility(&import.answers());
    let told = format!("{eligibility:?}");
    assert!(told.contains("for adults"), "{told}");
}

#[test]
fn refuses_records_of_several_people() {
    let protocol = protocol("cha2ds2-vasc");
    let error = import_as(&protocol, &record("bad-two-patients.json")).unwrap_err();
    assert_eq!(error, FhirError::SeveralPatients { ids: "Patient/bert, Patient/carla".into() });
    let error = import_as(&protocol, &record("bad-other-patient.json")).unwrap_err();
    assert!(
        matches!(&error, FhirError::OtherPatient { found, .. } if found == "Patient/carla"),
        "{error}"
    );
}

#[test]
fn refuses_files_that_are_no_record() {
    let protocol = protocol("cha2ds2-vasc");
    assert_eq!(import_as(&protocol, &record("bad-xml.xml")), Err(FhirError::Xml));
    let error = import_as(&protocol, &record("bad-not-json.txt")).unwrap_err();
    assert!(matches!(error, FhirError::NotJson { line: 1, column: 1, .. }), "{error}");
    let kind = "CodeSystem".to_owned();
    assert_eq!(
        import_as(&protocol, &record("bad-not-a-record.json")),
        Err(FhirError::WrongResource { kind })
    );
    let error = import_as(&protocol, "{\"age\": 3}").unwrap_err();
    assert!(matches!(error, FhirError::NotFhir { .. }), "{error}");
    assert_eq!(import_as(&protocol, "{\"resourceType\": \"Bundle\"}"), Err(FhirError::Empty));
}

fn condition(code: Json, more: Json) -> Json {
    let mut condition =
        json!({ "resourceType": "Condition", "id": "c", "code": { "coding": [code] } });
    condition.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    condition
}

fn has_hypertension(resource: Json) -> bool {
    let import = import_as(&protocol("cha2ds2-vasc"), &bundle(&[resource])).unwrap();
    import.answers().get("hypertension") == Some(&Value::Flag(true))
}

#[test]
fn conditions_count_by_status() {
    let code = json!({ "system": "http://snomed.info/sct", "code": "38341003" });
    let clinical = |status: &str| json!({ "clinicalStatus": { "coding": [{ "code": status }] } });
    let verified =
        |status: &str| json!({ "verificationStatus": { "coding": [{ "code": status }] } });
    for status in ["active", "recurrence", "relapse"] {
        assert!(has_hypertension(condition(code.clone(), clinical(status))), "{status}");
    }
    for status in ["inactive", "remission", "resolved"] {
        assert!(!has_hypertension(condition(code.clone(), clinical(status))), "{status}");
    }
    for status in ["refuted", "entered-in-error", "provisional", "differential", "unconfirmed"] {
        assert!(!has_hypertension(condition(code.clone(), verified(status))), "{status}");
    }
    assert!(has_hypertension(condition(code.clone(), json!({}))));
    assert!(!has_hypertension(condition(code, json!({ "abatementDateTime": "2020" }))));
}

#[test]
fn icd_10_codes_match_with_all_below_them() {
    let icd = |code: &str| json!({ "system": "http://hl7.org/fhir/sid/icd-10-cm", "code": code });
    for code in ["I10", "I11.9", "I119", "I15.0"] {
        assert!(has_hypertension(condition(icd(code), json!({}))), "{code}");
    }
    for code in ["I1", "I16.0", "O10"] {
        assert!(!has_hypertension(condition(icd(code), json!({}))), "{code}");
    }
}

fn waist(id: &str, more: Json) -> Json {
    let mut observation = json!({ "resourceType": "Observation", "id": id, "status": "final",
        "code": { "coding": [{ "system": "http://loinc.org", "code": "8280-0" }] } });
    observation.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    observation
}

fn centimetres(value: f64) -> Json {
    json!({ "value": value, "system": "http://unitsofmeasure.org", "code": "cm" })
}

#[test]
fn the_latest_observation_that_counts_is_used() {
    let resources = [
        waist(
            "old",
            json!({ "effectiveDateTime": "2026-01-02", "valueQuantity": centimetres(81.0) }),
        ),
        waist(
            "new",
            json!({ "effectiveDateTime": "2026-08-02T10:00:00Z", "valueQuantity": centimetres(82.0) }),
        ),
        waist(
            "wrong",
            json!({ "effectiveDateTime": "2026-09-02", "status": "entered-in-error", "valueQuantity": centimetres(83.0) }),
        ),
        waist(
            "none",
            json!({ "effectiveDateTime": "2026-08-01", "dataAbsentReason": { "coding": [{ "code": "not-performed" }] } }),
        ),
    ];
    let import = import_as(&protocol("findrisc"), &bundle(&resources)).unwrap();
    assert_eq!(finding(&import, "waist").value, Value::Quantity(82.0));
}

#[test]
fn observations_that_are_too_old_or_vague_are_left_to_the_patient() {
    for (more, reason) in [
        (
            json!({ "effectiveDateTime": "2020-01-02", "valueQuantity": centimetres(81.0) }),
            "older than 730 days",
        ),
        (
            json!({ "valueQuantity": centimetres(81.0) }),
            "has no date, and must be of the last 730 days",
        ),
        (
            json!({ "effectiveDateTime": "2026-01-02", "valueQuantity": { "value": 120, "comparator": ">", "code": "cm" } }),
            "`>120 cm` is only a limit",
        ),
        (
            json!({ "effectiveDateTime": "2026-01-02", "dataAbsentReason": { "coding": [{ "code": "asked-declined" }] } }),
            "has no value (asked-declined)",
        ),
    ] {
        let import = import_as(&protocol("findrisc"), &bundle(&[waist("w", more)])).unwrap();
        let missing = import.missing.iter().find(|m| m.feature == "waist").unwrap();
        assert!(missing.reason.contains(reason), "{}", missing.reason);
    }
}

#[test]
fn values_in_components_are_found() {
    let panel = json!({ "resourceType": "Observation", "id": "panel", "status": "final", "effectiveDateTime": "2026-10-01",
        "code": { "coding": [{ "system": "http://loinc.org", "code": "34565-2" }] },
        "component": [waist("ignored", json!({ "valueQuantity": centimetres(91.0) }))] });
    let import = import_as(&protocol("findrisc"), &bundle(&[panel])).unwrap();
    assert_eq!(finding(&import, "waist").value, Value::Quantity(91.0));
}

#[test]
fn what_decides_is_asked_where_a_record_cannot_tell() {
    // Who fits, and a laboratory part that no code has: silence isn't offered as "no".
    for (name, features) in [
        ("cha2ds2-vasc", &["valve", "cardiomyopathy"][..]),
        ("cha2ds2-va", &["valve", "cardiomyopathy"]),
        ("has-bled", &["liver"]),
    ] {
        let import = import_as(&protocol(name), &record("bundle-anna.json")).unwrap();
        for feature in features {
            assert!(import.missing.iter().any(|one| one.feature == *feature), "{name}: {feature}");
        }
    }
    // A beta blocker may be for the heart.
    let metoprolol = json!({ "resourceType": "MedicationStatement", "id": "m", "status": "active",
        "medicationCodeableConcept": { "coding": [{ "system": "http://www.whocc.no/atc", "code": "C07AB02" }] } });
    let import = import_as(&protocol("findrisc"), &bundle(&[metoprolol])).unwrap();
    assert!(import.missing.iter().any(|one| one.feature == "antihypertensives"));
}

#[test]
fn oxygen_is_of_the_moment_of_the_other_signs() {
    let sign = |id: &str, code: &str, hour: u32, value: f64, unit: &str| {
        json!({ "resourceType": "Observation", "id": id, "status": "final",
            "effectiveDateTime": format!("2026-11-23T{hour:02}:00:00Z"),
            "code": { "coding": [{ "system": "http://loinc.org", "code": code }] },
            "valueQuantity": { "value": value, "system": "http://unitsofmeasure.org", "code": unit } })
    };
    let news2 = protocol("news2");
    let read = |hour: u32| {
        let all = [sign("s", "2708-6", 9, 93.0, "%"), sign("o", "3151-8", hour, 4.0, "L/min")];
        import_as(&news2, &bundle(&all)).unwrap()
    };
    assert_eq!(finding(&read(9), "oxygen").value, Value::Flag(true));
    let asked = read(2);
    let why = asked.missing.iter().find(|one| one.feature == "oxygen").unwrap();
    assert!(why.in_doubt, "{}", why.reason);
}

#[test]
fn medicines_count_by_reference_and_by_status() {
    let medicine = json!({ "resourceType": "Medication", "id": "m",
        "code": { "coding": [{ "system": "http://www.whocc.no/atc", "code": "C08CA01" }] } });
    let request = |status: &str| {
        json!({ "resourceType": "MedicationRequest", "id": "r", "status": status, "intent": "order",
            "medicationReference": { "reference": "Medication/m" } })
    };
    let intake = intake(
        r#"
[[intake]]
id = "antihypertensives"
label = "Medicine against high blood pressure"
kind = "flag"
[[intake.source]]
kind = "medication"
past = true
value-sets = ["antihypertensives"]
"#,
    );
    let found = |status: &str| {
        let record = bundle(&[medicine.clone(), request(status)]);
        let import = read_record(&record, &intake, TODAY).unwrap();
        import.findings.iter().any(|f| f.feature == "antihypertensives")
    };
    assert!(found("active") && found("completed"));
    assert!(!found("cancelled") && !found("draft") && !found("entered-in-error"));
}

#[test]
fn answers_to_the_intakes_own_questionnaire_are_read_by_feature_id() {
    let findrisc = protocol("findrisc");
    let form = questionnaire(&findrisc.description());
    let response = json!({ "resourceType": "QuestionnaireResponse", "id": "q", "status": "completed",
        "questionnaire": form["url"], "item": [
        { "linkId": "active", "answer": [{ "valueCoding": { "system": "http://loinc.org", "code": "LA32-8" } }] },
        { "linkId": "bmi", "answer": [{ "valueDecimal": 27.25 }] },
        { "linkId": "waist", "answer": [{ "valueQuantity": { "value": 0.9, "unit": "m" } }] },
        { "linkId": "family", "answer": [{ "valueString": "parent, brother, sister or own child" }] } ] });
    let import = import_as(&findrisc, &response.to_string()).unwrap();
    assert_eq!(finding(&import, "active").value, Value::Flag(false));
    assert_eq!(finding(&import, "bmi").value, Value::Quantity(27.25));
    assert_eq!(finding(&import, "waist").value, Value::Quantity(90.0));
    assert_eq!(finding(&import, "family").value, Value::Choice("first-degree".into()));
}
