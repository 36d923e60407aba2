// SPDX-License-Identifier: Apache-2.0
//! Codes, statuses, older FHIR, conditions, procedures and medicines: what counts, what asks, and
//! what is listed for a person to look at.

mod common;

use common::{intake, protocol, read_record, TODAY};
use cso_clinical::fhir::Import;
use cso_clinical::intake::{Intake, Source};
use cso_clinical::Value;
use proptest::prelude::*;
use serde_json::{json, Value as Json};
use std::sync::LazyLock;

const SNOMED: &str = "http://snomed.info/sct";
const ICD_CM: &str = "http://hl7.org/fhir/sid/icd-10-cm";
const ICD_GM: &str = "http://fhir.de/CodeSystem/bfarm/icd-10-gm";
const RXNORM: &str = "http://www.nlm.nih.gov/research/umls/rxnorm";
const ATC: &str = "http://www.whocc.no/atc";
const CERTAINTY: &str = "http://fhir.de/StructureDefinition/icd-10-gm-diagnosesicherheit";

static CHA2DS2: LazyLock<Intake> = LazyLock::new(|| protocol("cha2ds2-vasc").intake().clone());
static HAS_BLED: LazyLock<Intake> = LazyLock::new(|| protocol("has-bled").intake().clone());

/// A medicine that counts also if it is over.
static MEDICINES: LazyLock<Intake> = LazyLock::new(|| {
    intake(
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
    )
});

/// Medicines, and kidneys by procedures and values: what isn't there may be confirmed as "no".
static CONFIRMED: LazyLock<Intake> = LazyLock::new(|| {
    intake(
        r#"
[[intake]]
id = "drugs"
label = "Drugs"
kind = "flag"
absent = "no"
[[intake.source]]
kind = "medication"
value-sets = ["antiplatelets", "nsaids"]
[[intake]]
id = "renal"
label = "Kidneys"
kind = "flag"
absent = "no"
[[intake.source]]
kind = "procedure"
value-sets = ["kidney-transplant"]
[[intake.source]]
kind = "observation"
value-sets = ["creatinine"]
at-least = 200
unit = "umol/L"
analyte = "creatinine"
"#,
    )
});

fn read(intake: &Intake, resources: &[Json]) -> Import {
    let entries: Vec<Json> =
        resources.iter().map(|resource| json!({ "resource": resource })).collect();
    let bundle = json!({ "resourceType": "Bundle", "type": "collection", "entry": entries });
    read_record(&bundle.to_string(), intake, TODAY).unwrap()
}

/// What a record says of a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    Yes,
    /// It asks, and says what stands in the record.
    Asks,
    /// Nothing; what is near is told.
    Silent,
}
use Says::{Asks, Silent, Yes};

fn says(import: &Import, feature: &str) -> Says {
    if import.answers().get(feature) == Some(&Value::Flag(true)) {
        return Yes;
    }
    match import.missing.iter().find(|missing| missing.feature == feature) {
        Some(missing) if missing.in_doubt => {
            assert!(!missing.reason.contains('\n') && missing.reason.contains('`'), "{missing:?}");
            Asks
        }
        _ => Silent,
    }
}

fn with(resource: &Json, more: Json) -> Json {
    let mut changed = resource.clone();
    changed.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    changed
}

fn coding(system: &str, code: &str) -> Json {
    json!({ "system": system, "code": code })
}

fn concept(codings: &[Json]) -> Json {
    json!({ "coding": codings })
}

fn condition(code: Json) -> Json {
    json!({ "resourceType": "Condition", "id": "c", "code": code })
}

/// Hypertension, with more said of it.
fn hypertension(more: Json) -> Import {
    let resource = condition(concept(&[coding(SNOMED, "38341003")]));
    read(&CHA2DS2, &[with(&resource, more)])
}

/// A stroke, which counts also if it is over, with more said of it.
fn stroke(more: Json) -> Import {
    let resource = condition(concept(&[coding(SNOMED, "230690007")]));
    read(&CHA2DS2, &[with(&resource, more)])
}

fn statement(code: Json) -> Json {
    json!({ "resourceType": "MedicationStatement", "id": "m", "status": "active",
        "medicationCodeableConcept": code })
}

/// A statement of aspirin, which must be taken now, and of enalapril, which may be past.
fn aspirin(more: Json) -> Says {
    let resource = with(&statement(concept(&[coding(ATC, "B01AC06")])), more);
    says(&read(&HAS_BLED, &[resource]), "drugs")
}

fn enalapril(more: Json) -> Says {
    let resource = with(&statement(concept(&[coding(ATC, "C09AA02")])), more);
    says(&read(&MEDICINES, &[resource]), "antihypertensives")
}

fn transplant(more: Json) -> Says {
    let resource = json!({ "resourceType": "Procedure", "id": "t", "status": "completed",
        "code": concept(&[coding(SNOMED, "70536003")]) });
    says(&read(&HAS_BLED, &[with(&resource, more)]), "renal")
}

#[test]
fn a_code_counts_in_every_name_of_its_system_and_asks_in_any_other() {
    for (system, code, right) in [
        ("http://hl7.org/fhir/sid/icd-10-us", "I10", Yes),
        ("https://HL7.org/fhir/sid/icd-10-cm/", "i10", Yes),
        ("http://hl7.org/fhir/sid/icd-10-cm|2024", " I10 ", Yes),
        ("http://hl7.org/fhir/sid/icd-10-am", "I11.-", Yes),
        ("urn:oid:2.16.840.1.113883.6.90", "I119", Yes),
        ("2.16.840.1.113883.6.3", "I15*", Yes),
        ("ICD-10", "I10", Yes),
        ("http://snomed.info/sct/900000000000207008/version/20240101", "38341003", Yes),
        ("urn:vendor:diagnosis", "I10", Asks),
        ("urn:oid:1.2.840.114350.1.13.0.1.7.2.696871", "I10.9", Asks),
        ("", "I10", Asks),
        ("urn:vendor:diagnosis", "38341003", Asks),
        ("http://hl7.org/fhir/sid/icd-9-cm", "401.9", Yes),
        ("http://hl7.org/fhir/sid/icd-9-cm", "493.90", Silent),
        ("http://id.who.int/icd/release/11/mms", "I10", Silent),
        ("http://hl7.org/fhir/sid/icd-10-pcs", "I10", Silent),
        ("urn:vendor:diagnosis", "1998", Silent),
        (ICD_CM, "I16.0", Silent),
    ] {
        let import = read(&CHA2DS2, &[condition(concept(&[coding(system, code)]))]);
        assert_eq!(says(&import, "hypertension"), right, "{system} {code}: {import:?}");
    }
}

#[test]
fn a_known_foreign_coding_hides_nothing() {
    for other in [coding(ICD_CM, "J45.9"), coding(SNOMED, "195967001"), coding("urn:x", "1")] {
        let near = concept(&[other.clone(), coding("urn:vendor:diagnosis", "I10")]);
        assert_eq!(says(&read(&CHA2DS2, &[condition(near)]), "hypertension"), Asks, "{other}");
        let yes = concept(&[other.clone(), coding(ICD_CM, "I10")]);
        assert_eq!(says(&read(&CHA2DS2, &[condition(yes)]), "hypertension"), Yes, "{other}");
    }
}

#[test]
fn a_code_above_what_is_asked_asks() {
    for (code, feature) in [("I70", "vascular-disease"), ("Z86.7", "stroke")] {
        let import = read(&CHA2DS2, &[condition(concept(&[coding(ICD_CM, code)]))]);
        assert_eq!(says(&import, feature), Asks, "{code}");
    }
}

#[test]
fn categories_that_the_who_lacks_count_only_in_their_own_edition() {
    for (system, right) in [
        (ICD_CM, Yes),
        ("http://hl7.org/fhir/sid/icd-10-am", Asks),
        ("http://hl7.org/fhir/sid/icd-10", Asks),
        ("urn:vendor:diagnosis", Asks),
    ] {
        let import = read(&CHA2DS2, &[condition(concept(&[coding(system, "E09.9")]))]);
        assert_eq!(says(&import, "diabetes"), right, "{system}");
    }
}

#[test]
fn concepts_of_every_shape_are_read_or_listed() {
    let one = coding(ICD_CM, "I10");
    for (code, right) in [
        (json!({ "coding": one }), Yes),
        (one.clone(), Yes),
        (json!([{ "coding": [one] }]), Yes),
        (json!({ "coding": [{ "system": SNOMED, "code": 38341003 }] }), Yes),
        (json!("I10"), Asks),
        (json!({ "coding": ["I10"] }), Asks),
        (json!(10), Silent),
        (json!({ "coding": [{ "display": "High blood pressure" }] }), Silent),
        (json!({ "text": "High blood pressure" }), Silent),
        (json!({}), Silent),
        (json!({ "coding": true }), Silent),
    ] {
        let import = read(&CHA2DS2, &[condition(code.clone())]);
        assert_eq!(says(&import, "hypertension"), right, "{code}");
        if right == Silent {
            assert_eq!(import.unconfirmed.entries.len(), 1, "{code}: {import:?}");
            assert!(!import.unconfirmed.is_shown());
        }
    }
}

/// An entry that says that there are none and is one: neither "no" nor "yes", in any order.
#[test]
fn a_match_beside_a_code_that_says_there_are_none_asks() {
    let ips = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips";
    for none in ["no-known-problems", "no-problem-info"] {
        for codings in [[(ips, none), (ICD_CM, "I10")], [(ICD_CM, "I10"), (ips, none)]] {
            let codings = codings.map(|(system, code)| coding(system, code));
            let import = read(&CHA2DS2, &[condition(concept(&codings))]);
            assert_eq!(says(&import, "hypertension"), Asks, "{none}: {import:?}");
            assert!(!import.unconfirmed.is_shown());
        }
    }
}

#[test]
fn entries_that_no_rule_places_are_listed_by_their_text() {
    let listed = |resource: Json| read(&CHA2DS2, &[resource]).unconfirmed.entries;
    let code = |system: &str, code: &str, display: &str| {
        condition(concept(&[json!({ "system": system, "code": code, "display": display })]))
    };
    let ips = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips";
    for (resource, entry) in [
        (condition(json!({ "text": "Bluthochdruck" })), "Condition/c: Bluthochdruck"),
        (code(SNOMED, "195967001", "Asthma"), "Condition/c: Asthma (195967001)"),
        // A procedure's, and one of a system that nothing is asked by.
        (code("http://hl7.org/fhir/sid/icd-9-cm", "39.95", "HTN"), "Condition/c: HTN (39.95)"),
        (code("http://hl7.org/fhir/sid/icpc-2", "K86", "HTN"), "Condition/c: HTN (K86)"),
        (code("urn:local", "7", "Gout"), "Condition/c: Gout (7)"),
        (code(ICD_CM, "asthma", "asthma"), "Condition/c: asthma"),
        (json!({ "resourceType": "Condition", "id": "c" }), "Condition/c: without a code"),
        // A number of one system says nothing in another.
        (code(RXNORM, "230690007", "Stroke"), "Condition/c: Stroke (230690007)"),
        // A letter in place of a digit; a code that leaves it to the text.
        (code(ICD_CM, "I1O", "Hypertension"), "Condition/c: Hypertension (I1O)"),
        (code(ICD_CM, "R69", "CVA"), "Condition/c: CVA (R69)"),
        (
            condition(json!({ "coding": [coding(ICD_CM, "R69")], "text": "CVA w/ weakness" })),
            "Condition/c: CVA w/ weakness (R69)",
        ),
    ] {
        assert_eq!(listed(resource), [entry]);
    }
    // Whole sentences are shown whole.
    let long =
        "Status post percutaneous coronary intervention after ST-elevation myocardial infarction";
    assert_eq!(listed(condition(json!({ "text": long }))), [format!("Condition/c: {long}")]);
    let cut = listed(condition(json!({ "text": "x".repeat(201) })));
    assert_eq!(cut, [format!("Condition/c: {}…", "x".repeat(200))]);
    // Placed by a code of a tree, by a list of the intake, or because it isn't so.
    let refuted = json!({ "verificationStatus": { "coding": [{ "code": "refuted" }] } });
    for resource in [
        code(ICD_CM, "J45.9", "Asthma"),
        code(ICD_CM, "C4A.0", "Merkel cell carcinoma"),
        condition(concept(&[coding(ICD_CM, "R69")])),
        condition(concept(&[coding(SNOMED, "195967001"), coding(ICD_CM, "J45.9")])),
        code(ips, "no-known-problems", "none"),
        with(&condition(json!({ "text": "Asthma" })), refuted),
    ] {
        assert_eq!(listed(resource.clone()), Vec::<String>::new(), "{resource}");
    }
}

#[test]
fn a_long_list_of_entries_is_cut_and_counted() {
    let resources: Vec<Json> = (0..3000)
        .map(|n| {
            let resource = condition(json!({ "text": format!("Finding {:04}", n % 1000) }));
            with(&resource, json!({ "id": format!("c{n}") }))
        })
        .collect();
    let entries = read(&CHA2DS2, &resources).unconfirmed.entries;
    assert_eq!(entries.len(), 201);
    assert_eq!(
        (&entries[0][..], &entries[200][..]),
        ("Condition/c0: Finding 0000", "and 800 more")
    );
}

#[test]
fn parts_of_observations_and_of_medicines_are_listed() {
    let listed = |resource: Json| read(&CONFIRMED, &[resource]).unconfirmed.entries;
    let panel = |part: Json| {
        json!({ "resourceType": "Observation", "id": "o", "status": "final",
        "code": concept(&[coding("http://loinc.org", "24323-8")]),
        "component": [{ "code": part, "valueQuantity": { "value": 300, "unit": "umol/L" } }] })
    };
    assert_eq!(
        listed(panel(json!({ "text": "Kreatinin" }))),
        ["Observation/o, component: Kreatinin"]
    );
    let local = coding("urn:lab", "KREA");
    assert_eq!(listed(panel(concept(&[local]))), ["Observation/o, component: KREA"]);
    let known = coding("http://loinc.org", "2951-2");
    assert_eq!(listed(panel(concept(&[known]))), Vec::<String>::new());

    let of = |ingredients: Json| {
        json!({ "resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order",
        "medicationReference": { "reference": "#x" }, "contained": [{ "resourceType": "Medication", "id": "x",
            "code": concept(&[coding(ATC, "N02BE51")]), "ingredient": ingredients }] })
    };
    let item = |item: Json| json!({ "itemCodeableConcept": item });
    let paracetamol = item(concept(&[coding(SNOMED, "387517004")]));
    assert_eq!(listed(of(json!([paracetamol]))), Vec::<String>::new());
    for (unknown, text) in [
        (item(json!({ "text": "Acetylsalicylic acid" })), "Acetylsalicylic acid"),
        (item(concept(&[coding("urn:ask", "00002")])), "00002"),
        (json!({ "itemReference": { "reference": "Substance/a", "display": "ASS" } }), "ASS"),
    ] {
        let right = [format!("MedicationRequest/m: N02BE51, with {text}")];
        assert_eq!(listed(of(json!([paracetamol, unknown]))), right);
        assert_eq!(listed(of(json!([unknown, paracetamol]))), right);
    }
}

/// What is asked and stands where it answers nothing must have been seen before it is "no".
#[test]
fn codes_that_are_asked_are_listed_wherever_they_stand() {
    let stroke = concept(&[json!({ "system": ICD_CM, "code": "I63.9", "display": "Stroke" })]);
    let of = |kind: &str, more: Json| {
        with(&json!({ "resourceType": kind, "id": "x", "status": "completed" }), more)
    };
    let placed = concept(&[coding(ICD_CM, "Z00.0")]);
    let reason = json!({ "reasonCode": [stroke] });
    let drug =
        with(&reason, json!({ "medicationCodeableConcept": concept(&[coding(ATC, "B01AF02")]) }));
    let part = json!({ "code": placed, "valueCodeableConcept": stroke });
    let diagnosis = json!({ "diagnosis": [{ "sequence": 1, "diagnosisCodeableConcept": stroke }] });
    for (resource, place) in [
        (of("Encounter", reason.clone()), "Encounter/x, reasonCode"),
        (
            of("Encounter", json!({ "reason": [{ "value": [{ "concept": stroke }] }] })),
            "Encounter/x, reason",
        ),
        (of("Encounter", json!({ "reason": [stroke] })), "Encounter/x, reason"),
        (
            of("Encounter", json!({ "diagnosis": [{ "condition": [{ "concept": stroke }] }] })),
            "Encounter/x, diagnosis",
        ),
        (of("Claim", diagnosis.clone()), "Claim/x, diagnosis"),
        (of("ExplanationOfBenefit", diagnosis), "ExplanationOfBenefit/x, diagnosis"),
        (of("Flag", json!({ "code": stroke })), "Flag/x, code"),
        (of("Observation", json!({ "code": stroke })), "Observation/x, code"),
        (of("Observation", part.clone()), "Observation/x, value"),
        (
            of("Observation", json!({ "code": placed, "component": [part] })),
            "Observation/x, component.value",
        ),
        (
            of("DiagnosticReport", json!({ "conclusionCode": [stroke] })),
            "DiagnosticReport/x, conclusionCode",
        ),
        (of("MedicationRequest", drug.clone()), "MedicationRequest/x, reasonCode"),
        (of("MedicationStatement", drug), "MedicationStatement/x, reasonCode"),
        (of("Procedure", with(&reason, json!({ "code": placed }))), "Procedure/x, reasonCode"),
        (of("Procedure", json!({ "code": stroke })), "Procedure/x, code"),
    ] {
        let entries = read(&CHA2DS2, std::slice::from_ref(&resource)).unconfirmed.entries;
        assert_eq!(entries, [format!("{place}: Stroke (I63.9)")], "{resource}");
        // What is answered needs nobody's word.
        let import = read(&CHA2DS2, &[resource, condition(stroke.clone())]);
        assert_eq!(says(&import, "stroke"), Yes);
        assert_eq!(import.unconfirmed.entries, Vec::<String>::new());
    }
    // The kidney transplant is a procedure, and here a condition.
    let condition = condition(concept(&[coding(SNOMED, "70536003")]));
    let entries = read(&CONFIRMED, std::slice::from_ref(&condition)).unconfirmed.entries;
    assert_eq!(entries, ["Condition/c, code: 70536003"]);
    // Where a question takes such conditions, it is the answer.
    assert_eq!(says(&read(&HAS_BLED, &[condition]), "renal"), Yes);

    // About others, withdrawn, not so, of no system, or something else.
    let patient = json!({ "resourceType": "Patient", "id": "p" });
    let family = json!({ "condition": [{ "code": stroke }], "reasonCode": [stroke] });
    for resource in [
        of("FamilyMemberHistory", family),
        of("ServiceRequest", reason.clone()),
        of("AllergyIntolerance", json!({ "code": stroke })),
        of("Encounter", with(&reason, json!({ "subject": { "reference": "Patient/other" } }))),
        of(
            "Claim",
            json!({ "patient": { "display": "Anna" }, "diagnosis": [{ "diagnosisCodeableConcept": stroke }] }),
        ),
        of("Encounter", with(&reason, json!({ "status": "entered-in-error" }))),
        of("Procedure", json!({ "code": stroke, "status": "not-done" })),
        of("Encounter", json!({ "reasonCode": [{ "coding": [{ "code": "I63.9" }] }] })),
        of("Encounter", json!({ "reasonCode": [placed] })),
    ] {
        let import = read(&CHA2DS2, &[patient.clone(), resource.clone()]);
        assert_eq!(import.unconfirmed.entries, Vec::<String>::new(), "{resource}");
    }
}

#[test]
fn where_a_document_names_a_condition_says_whether_it_holds() {
    let section = |code: &str, more: Json| {
        with(&json!({ "code": concept(&[coding("http://loinc.org", code)]) }), more)
    };
    let entry = |code: &str| section(code, json!({ "entry": [{ "reference": "Condition/c" }] }));
    let nested =
        section("11348-0", json!({ "section": [{ "entry": [{ "reference": "Condition/c" }] }] }));
    let active = json!({ "clinicalStatus": { "coding": [{ "code": "active" }] } });
    let over = json!({ "abatementDateTime": "2020" });
    let in_list = json!({ "code": [concept(&[coding("http://loinc.org", "10157-6")]), "x"] });
    let deeper = json!({ "code": { "coding": [[coding("http://loinc.org", "11348-0"), "x"]] } });
    for (sections, more, now, ever) in [
        (json!([entry("11450-4")]), json!({}), Yes, Yes),
        (json!([entry("11348-0")]), json!({}), Asks, Yes),
        (json!([with(&entry("11348-0"), deeper)]), json!({}), Asks, Yes),
        (json!([[entry("11348-0"), "x"]]), json!({}), Asks, Yes),
        (json!([nested]), json!({}), Asks, Yes),
        (json!([entry("11348-0")]), active.clone(), Yes, Yes),
        (json!([entry("11348-0")]), over, Silent, Yes),
        (json!([entry("11348-0"), entry("11450-4")]), json!({}), Yes, Yes),
        (json!([entry("10157-6")]), json!({}), Asks, Asks),
        (json!([entry("10157-6")]), active, Asks, Asks),
        (json!([with(&entry("10157-6"), in_list)]), json!({}), Asks, Asks),
        (json!([entry("10157-6"), entry("11348-0")]), json!({}), Asks, Asks),
        (json!([entry("11450-4"), entry("10157-6")]), json!({}), Yes, Yes),
    ] {
        let composition = json!({ "resourceType": "Composition", "id": "k", "status": "final", "section": sections });
        for (code, feature, right) in
            [("38341003", "hypertension", now), ("230690007", "stroke", ever)]
        {
            let condition = with(&condition(concept(&[coding(SNOMED, code)])), more.clone());
            let import = read(&CHA2DS2, &[composition.clone(), condition]);
            assert_eq!(says(&import, feature), right, "{sections} {more}");
        }
    }
}

/// A question that nobody may confirm as a group says what may be meant.
#[test]
fn a_question_without_an_answer_names_entries_that_cannot_be_told() {
    let ramipril = |id: &str| {
        let coding = json!({ "system": SNOMED, "code": format!("31890100{id}"), "display": format!("Ramipril {id}") });
        with(&statement(concept(&[coding])), json!({ "id": id }))
    };
    let reason = |resources: &[Json]| {
        let import = read(&MEDICINES, resources);
        let missing = import.missing.iter().find(|one| one.feature == "antihypertensives").unwrap();
        assert!(!missing.in_doubt);
        missing.reason.clone()
    };
    assert_eq!(
        reason(&[ramipril("8")]),
        "nothing in the record answers it; entries that can't be told: MedicationStatement/8: Ramipril 8 (318901008)"
    );
    let many: Vec<Json> = ["5", "4", "3", "2", "1"].map(ramipril).into();
    assert!(
        reason(&many).ends_with("MedicationStatement/3: Ramipril 3 (318901003), and 2 more"),
        "{}",
        reason(&many)
    );
    let condition = condition(json!({ "text": "Bluthochdruck" }));
    assert_eq!(reason(&[condition]), "nothing in the record answers it");
}

#[test]
fn medicines_that_lead_nowhere_or_are_not_read_are_listed() {
    let drugs = |resource: Json| {
        let import = read(&CONFIRMED, &[resource]);
        assert_eq!(says(&import, "drugs"), Silent);
        import.unconfirmed
    };
    let lost = json!({ "resourceType": "MedicationRequest", "id": "m", "status": "active",
        "medicationReference": { "reference": "Medication/x" } });
    assert_eq!(
        drugs(lost).entries,
        ["MedicationRequest/m: Medication/x, which isn't in the record"]
    );
    let article = coding("https://pharmacy.example/article", "1191");
    let named = with(&article, json!({ "display": "Vitamin D" }));
    assert_eq!(
        drugs(statement(concept(&[named]))).entries,
        ["MedicationStatement/m: Vitamin D (1191)"]
    );
    // Aspirin in RxNorm; in SNOMED CT nobody knows what it is.
    let elsewhere = statement(concept(&[coding(SNOMED, "243670")]));
    assert_eq!(drugs(elsewhere).entries, ["MedicationStatement/m: 243670"]);
    for kind in ["MedicationDispense", "MedicationAdministration"] {
        let given = json!({ "resourceType": kind, "id": "d", "status": "completed",
            "medicationCodeableConcept": concept(&[coding(ATC, "B01AC06")]) });
        let group = drugs(given.clone());
        assert_eq!(group.entries, [format!("{kind}/d: B01AC06")]);
        let notes = &group.features.iter().find(|one| one.feature == "drugs").unwrap().notes;
        assert!(notes[0].contains("doesn't say whether it is taken"), "{notes:?}");
        let withdrawn = with(&given, json!({ "status": "entered-in-error" }));
        assert_eq!(drugs(withdrawn).entries, Vec::<String>::new());
    }
}

#[test]
fn verification_is_read_from_all_that_is_said() {
    let local = json!({ "system": "urn:local", "code": "OK" });
    let code = |code: &str| json!({ "code": code });
    for (status, right) in [
        (concept(&[code("confirmed")]), Yes),
        (json!("confirmed"), Yes),
        (concept(&[local.clone(), code("refuted")]), Silent),
        (concept(&[code("refuted"), local.clone()]), Silent),
        (concept(&[local.clone(), code("confirmed")]), Asks),
        (concept(&[code("confirmed"), code("refuted")]), Asks),
        (concept(&[code("REFUTED")]), Silent),
        (concept(&[coding(SNOMED, "410594000")]), Silent),
        (concept(&[coding(SNOMED, "410605003")]), Yes),
        (json!({ "text": "Refuted" }), Silent),
        (json!({ "text": "Ruled out" }), Silent),
        (json!({ "text": "who knows" }), Asks),
        (json!([{ "coding": [code("refuted")] }]), Silent),
        (json!("refuted"), Silent),
        (json!({ "code": "refuted" }), Silent),
        (concept(&[code("provisional")]), Asks),
        (concept(&[code("unknown")]), Asks),
        (json!({ "code": ["refuted"] }), Silent),
        (concept(&[code("confirmed"), json!({ "code": {} })]), Asks),
        (
            concept(&[
                code("confirmed"),
                json!({ "system": "http://fhir.de/CodeSystem/dimdi/diagnosesicherheit", "code": true }),
            ]),
            Asks,
        ),
        (json!(7), Asks),
        (json!({}), Asks),
        (json!({ "extension": [{ "url": "x", "valueCode": "unknown" }] }), Asks),
    ] {
        let import = hypertension(json!({ "verificationStatus": status }));
        assert_eq!(says(&import, "hypertension"), right, "{status}");
        // That it is over doesn't matter to what counts for ever; that it isn't true does.
        let import = stroke(json!({ "verificationStatus": status }));
        assert_eq!(says(&import, "stroke"), right, "{status}");
    }
    let absent = json!({ "_verificationStatus": { "extension": [] } });
    assert_eq!(says(&hypertension(absent), "hypertension"), Asks);
    let old = |status: &str| says(&hypertension(json!({ "status": status })), "hypertension");
    assert_eq!([old("refuted"), old("confirmed"), old("working")], [Silent, Yes, Asks]);
}

#[test]
fn clinical_status_is_read_from_all_that_is_said() {
    let code = |code: &str| json!({ "code": code });
    for (more, now, ever) in [
        (json!({ "clinicalStatus": concept(&[code("active")]) }), Yes, Yes),
        (json!({ "clinicalStatus": "active" }), Yes, Yes),
        (json!({ "clinicalStatus": concept(&[code("x"), code("resolved")]) }), Silent, Yes),
        (json!({ "clinicalStatus": concept(&[code("active"), code("resolved")]) }), Asks, Yes),
        (json!({ "clinicalStatus": { "text": "Resolved" } }), Silent, Yes),
        (json!({ "clinicalStatus": "Inactive" }), Silent, Yes),
        (json!({ "clinicalStatus": concept(&[coding(SNOMED, "413322009")]) }), Silent, Yes),
        (json!({ "clinicalStatus": concept(&[code("unknown")]) }), Asks, Asks),
        (json!({ "clinicalStatus": "completed" }), Asks, Asks),
        (json!({ "clinicalStatus": "remission" }), Asks, Yes),
        (json!({ "clinicalStatus": "In remission", "abatementDateTime": "2020" }), Asks, Yes),
        (json!({ "clinicalStatus": concept(&[code("remission"), code("active")]) }), Asks, Yes),
        (json!({ "onsetDateTime": "2031" }), Asks, Asks),
        (json!({ "onsetPeriod": { "start": "2031-02-01" } }), Asks, Asks),
        (json!({ "onsetDateTime": "2001", "onsetString": "long ago" }), Yes, Yes),
        (json!({ "certainty": { "text": "not certain" } }), Asks, Asks),
        (json!({ "category": [concept(&[code("family-history")])] }), Asks, Asks),
        (json!({ "category": [concept(&[coding(SNOMED, "57177007")])] }), Asks, Asks),
        (json!({ "category": [concept(&[code("problem-list-item")])] }), Yes, Yes),
        (json!({ "clinicalStatus": {} }), Asks, Asks),
        (json!({ "_clinicalStatus": { "extension": [] } }), Asks, Asks),
        (json!({ "abatementDateTime": "2020" }), Silent, Yes),
        (json!({ "abatementDateTime": "2031" }), Yes, Yes),
        (json!({ "abatementBoolean": false }), Yes, Yes),
        (json!({ "abatementBoolean": true }), Silent, Yes),
        (json!({ "abatementAge": { "value": 60, "code": "a" } }), Silent, Yes),
        (json!({ "abatementPeriod": { "start": "2019", "end": "2020" } }), Silent, Yes),
        (json!({ "abatementString": "some day" }), Asks, Yes),
        (json!({ "abatementDateTime": "2020", "clinicalStatus": "active" }), Asks, Yes),
        (json!({ "abatementBoolean": false, "clinicalStatus": "resolved" }), Asks, Yes),
        (json!({ "abatementBoolean": false, "clinicalStatus": "active" }), Yes, Yes),
    ] {
        assert_eq!(says(&hypertension(more.clone()), "hypertension"), now, "{more}");
        assert_eq!(says(&stroke(more.clone()), "stroke"), ever, "{more}");
    }
}

#[test]
fn what_is_asked_names_resource_element_and_value() {
    let import = hypertension(json!({ "clinicalStatus": concept(&[json!({ "code": "gone" })]) }));
    let reason = &import.missing.iter().find(|one| one.feature == "hypertension").unwrap().reason;
    assert_eq!(reason, "Condition/c, clinicalStatus: `gone` doesn't say whether 38341003 holds");
    let texts = [
        (
            json!({ "verificationStatus": with(&concept(&[json!({ "code": "confirmed" })]), json!({ "text": "Ruled out" })) }),
            "Condition/c, verificationStatus: `Ruled out, confirmed` leaves open whether 38341003 holds",
        ),
        (
            json!({ "clinicalStatus": "active", "abatementDateTime": "2020-01" }),
            "Condition/c, clinicalStatus: `active` contradicts abatement `2020-01`, by which 38341003 is over",
        ),
        (
            json!({ "modifierExtension": [{ "url": "urn:x:negated" }] }),
            "Condition/c (38341003), modifierExtension: `urn:x:negated` is a modifier that isn't understood: it may say that the rest isn't so",
        ),
        (
            json!({ "implicitRules": "urn:rules" }),
            "Condition/c (38341003), implicitRules: `urn:rules` is a modifier that isn't understood: it may say that the rest isn't so",
        ),
        (
            json!({ "notDone": "perhaps" }),
            "Condition/c (38341003), notDone: `perhaps` says neither that it was done nor that it wasn't",
        ),
    ];
    for (more, text) in texts {
        let import = hypertension(more);
        let reason =
            &import.missing.iter().find(|one| one.feature == "hypertension").unwrap().reason;
        assert_eq!(reason, text);
    }
    let import = stroke(json!({ "verificationStatus": "refuted" }));
    let silent = &import.unconfirmed.features.iter().find(|one| one.feature == "stroke").unwrap();
    assert_eq!(silent.notes, ["Condition/c (230690007) is refuted"]);
}

#[test]
fn german_certainty_counts_wherever_it_stands() {
    let extension = |value: Json| {
        let mut extension = json!([{ "url": CERTAINTY }]);
        extension[0].as_object_mut().unwrap().extend(value.as_object().unwrap().clone());
        extension
    };
    let diabetes =
        |code: Json, more: Json| says(&read(&CHA2DS2, &[with(&condition(code), more)]), "diabetes");
    let base = coding(ICD_GM, "E11.90");
    for (letter, right) in
        [("A", Silent), ("V", Asks), ("Z", Silent), ("G", Yes), ("g", Yes), ("X", Asks)]
    {
        for value in [json!({ "valueCoding": { "code": letter } }), json!({ "valueCode": letter })]
        {
            let found = [
                with(&base, json!({ "extension": extension(value.clone()) })),
                with(
                    &concept(std::slice::from_ref(&base)),
                    json!({ "extension": extension(value.clone()) }),
                ),
            ]
            .map(|code| diabetes(code, json!({})));
            assert_eq!(found, [right, right], "{letter}");
            let whole = json!({ "extension": extension(value) });
            assert_eq!(diabetes(concept(std::slice::from_ref(&base)), whole), right, "{letter}");
        }
        let behind = coding(ICD_GM, &format!("E11.90 {letter}"));
        assert_eq!(diabetes(concept(&[behind]), json!({})), right, "{letter}");
    }
    for (system, code, right) in [
        (ICD_GM, "E11.90A", Silent),
        (ICD_GM, "E11.90G", Yes),
        (ICD_GM, "E11.90+", Yes),
        ("http://hl7.org/fhir/sid/icd-10", "E11.90A", Asks),
        (ICD_CM, "E11.9", Yes),
    ] {
        assert_eq!(diabetes(concept(&[coding(system, code)]), json!({})), right, "{code}");
    }
    let excluded = with(&base, json!({ "extension": extension(json!({ "valueCode": "A" })) }));
    let confirmed = json!({ "verificationStatus": "confirmed" });
    assert_eq!(diabetes(concept(&[excluded]), confirmed), Asks);
    // As a coding of the verification status.
    let kbv = "https://fhir.kbv.de/CodeSystem/KBV_CS_SFHIR_ICD_DIAGNOSESICHERHEIT";
    let hl7 = json!({ "code": "confirmed" });
    for (letter, alone, beside) in
        [("G", Yes, Yes), ("A", Silent, Asks), ("V", Asks, Asks), ("Z", Silent, Silent)]
    {
        for system in [kbv, "http://fhir.de/CodeSystem/dimdi/diagnosesicherheit"] {
            let status = |more: &[Json]| {
                let codings = [&[coding(system, letter)], more].concat();
                let status = json!({ "verificationStatus": concept(&codings) });
                diabetes(concept(std::slice::from_ref(&base)), status)
            };
            assert_eq!(status(&[]), alone, "{letter}");
            assert_eq!(status(std::slice::from_ref(&hl7)), beside, "{letter}");
        }
    }
    for (system, code, text) in [
        (
            ICD_GM,
            "E11.90 V",
            "code: `V` (suspected, Diagnosesicherheit) leaves open whether E11.90 V holds",
        ),
        (
            "http://hl7.org/fhir/sid/icd-10",
            "E11.90A",
            "code: `E11.90A` may end in a Diagnosesicherheit",
        ),
    ] {
        let import = read(&CHA2DS2, &[condition(concept(&[coding(system, code)]))]);
        let reason = &import.missing.iter().find(|one| one.feature == "diabetes").unwrap().reason;
        assert!(reason.starts_with(&format!("Condition/c, {text}")), "{reason}");
    }
    // A condition after which something remains counts where the past counts.
    let after = with(
        &coding(ICD_GM, "I63.9"),
        json!({ "extension": extension(json!({ "valueCode": "Z" })) }),
    );
    assert_eq!(says(&read(&CHA2DS2, &[condition(concept(&[after]))]), "stroke"), Yes);
}

#[test]
fn older_fhir_negates_in_elements_of_its_own() {
    for (more, right) in [
        (json!({ "wasNotTaken": true }), Silent),
        (json!({ "wasNotTaken": "true" }), Silent),
        (json!({ "wasNotTaken": false }), Yes),
        (json!({ "wasNotTaken": "perhaps" }), Asks),
        (json!({ "wasNotTaken": 1 }), Asks),
        (json!({ "wasNotGiven": true }), Silent),
        (json!({ "taken": "y" }), Yes),
        (json!({ "taken": "n" }), Silent),
        (json!({ "taken": "unk" }), Asks),
        (json!({ "taken": "na" }), Asks),
        (json!({ "reasonNotTaken": [{ "text": "allergic" }] }), Asks),
        (json!({ "reasonNotTaken": [] }), Yes),
        (json!({ "doNotPerform": true }), Silent),
        (json!({ "doNotPerform": "TRUE" }), Silent),
        (json!({ "doNotPerform": [true] }), Asks),
        (json!({ "extension": [{ "url": "urn:x/qicore-notDone", "valueBoolean": true }] }), Silent),
        (json!({ "extension": [{ "url": "urn:x/not-done", "valueBoolean": false }] }), Yes),
        (json!({ "extension": [{ "url": "urn:x/notDone" }] }), Asks),
        (json!({ "extension": [{ "url": "urn:x/notDoneReason", "valueCode": "x" }] }), Asks),
    ] {
        assert_eq!(enalapril(more.clone()), right, "{more}");
        assert_eq!(aspirin(more.clone()), right, "{more}");
    }
    for kind in ["MedicationOrder", "MedicationPrescription"] {
        assert_eq!(aspirin(json!({ "resourceType": kind })), Yes, "{kind}");
        assert_eq!(aspirin(json!({ "resourceType": kind, "status": "draft" })), Silent, "{kind}");
    }
    let other = json!({ "resourceType": "MedicationOrder", "id": "m", "patient": { "reference": "Patient/q" } });
    let patient = json!({ "resourceType": "Patient", "id": "p" });
    let bundle = json!({ "resourceType": "Bundle", "type": "collection",
        "entry": [{ "resource": patient }, { "resource": other }] });
    read_record(&bundle.to_string(), &HAS_BLED, TODAY).unwrap_err();
}

#[test]
fn procedures_count_only_if_they_were_done() {
    for (more, right) in [
        (json!({}), Yes),
        (json!({ "status": "Completed" }), Yes),
        (json!({ "status": "not-done" }), Silent),
        (json!({ "status": ["not-done"] }), Silent),
        (json!({ "status": "in-progress" }), Asks),
        (json!({ "status": "aborted" }), Asks),
        (json!({ "status": ["completed", "not-done"] }), Asks),
        (json!({ "status": 1 }), Asks),
        (json!({ "notDone": true }), Silent),
        (json!({ "notDone": "true" }), Silent),
        (json!({ "notPerformed": true }), Silent),
        (json!({ "notPerformed": {} }), Asks),
        (json!({ "notPerformed": false }), Yes),
        (json!({ "performedDateTime": "2031-01-01" }), Asks),
        (json!({ "performedPeriod": { "start": "2031" } }), Asks),
        (json!({ "performedDateTime": "2015-01-01T10:00" }), Yes),
        (json!({ "performedDateTime": "soon" }), Asks),
        (json!({ "date": { "start": "2031-01-01" } }), Asks),
        (json!({ "date": { "start": "2011-01-01" } }), Yes),
        (json!({ "focus": { "reference": "RelatedPerson/donor" } }), Asks),
        (
            json!({ "subject": { "reference": "Patient/p" }, "focus": { "reference": "Patient/p" } }),
            Yes,
        ),
    ] {
        assert_eq!(transplant(more.clone()), right, "{more}");
    }
}

#[test]
fn medicines_count_while_they_are_taken() {
    for (more, now, ever) in [
        (json!({ "status": "active" }), Yes, Yes),
        (json!({ "status": "Active" }), Yes, Yes),
        (json!({ "status": "stopped" }), Silent, Yes),
        (json!({ "status": "on hold" }), Silent, Yes),
        (json!({ "status": "not-taken" }), Silent, Silent),
        (json!({ "status": ["stopped", "active"] }), Asks, Asks),
        (json!({ "status": "unknown" }), Asks, Asks),
        (json!({ "status": "on_formulary" }), Asks, Asks),
        (
            json!({ "status": "recorded", "adherence": { "code": { "text": "Not taking" } } }),
            Silent,
            Silent,
        ),
        (
            json!({ "status": "recorded", "adherence": { "code": concept(&[json!({ "code": "odd" })]) } }),
            Asks,
            Asks,
        ),
        (json!({ "status": "recorded" }), Asks, Asks),
        (
            json!({ "adherence": { "code": concept(&[json!({ "code": "not-taking" })]) } }),
            Silent,
            Silent,
        ),
        (json!({ "adherence": { "code": concept(&[json!({ "code": "taking" })]) } }), Yes, Yes),
        (json!({ "adherence": { "code": concept(&[json!({ "code": "odd" })]) } }), Asks, Asks),
        (json!({ "dateAsserted": "2009" }), Asks, Yes),
        (json!({ "dateAsserted": "2009", "effectivePeriod": { "start": "2009" } }), Yes, Yes),
        (json!({ "dateAsserted": "2026-10-01" }), Yes, Yes),
        (json!({ "whenGiven": { "start": "2010", "end": "2010-02-01" } }), Asks, Yes),
        (json!({ "effectivePeriod": { "start": "2020", "end": "2021" } }), Silent, Yes),
        (json!({ "effectivePeriod": { "start": "2031" } }), Asks, Asks),
        (json!({ "effectiveDateTime": "2026-09" }), Yes, Yes),
        (json!({ "effectiveDateTime": "2009" }), Asks, Yes),
        (json!({ "dispenseRequest": { "validityPeriod": { "end": "2009-02-01" } } }), Asks, Yes),
        (json!({ "dispenseRequest": { "validityPeriod": { "end": "2031-02-01" } } }), Yes, Yes),
        (
            json!({ "dosageInstruction": [{ "timing": { "repeat": { "boundsPeriod": { "end": "2009" } } } }] }),
            Asks,
            Yes,
        ),
        (
            json!({ "dosageInstruction": [{ "timing": { "repeat": { "boundsPeriod": { "end": "2009" } } } }, {}] }),
            Yes,
            Yes,
        ),
        (json!({ "statusReason": [{ "text": "allergy" }] }), Asks, Yes),
        (json!({ "intent": "order" }), Yes, Yes),
        (json!({ "intent": "proposal" }), Silent, Silent),
        (json!({ "intent": "plan" }), Asks, Asks),
        (json!({ "intent": ["order", "proposal"] }), Asks, Asks),
    ] {
        assert_eq!(aspirin(more.clone()), now, "{more}");
        assert_eq!(enalapril(more.clone()), ever, "{more}");
    }
}

#[test]
fn prescriptions_count_while_they_last() {
    let days = |days: u32| json!({ "value": days, "unit": "days", "code": "d" });
    let dosage = |length: Json| json!([{ "timing": { "repeat": { "boundsDuration": length } } }]);
    for (more, now, ever) in [
        (json!({ "dateEnded": "2026-10-20" }), Silent, Yes),
        (json!({ "dateEnded": "2031-10-20" }), Yes, Yes),
        (json!({ "dateEnded": "soon" }), Asks, Yes),
        (json!({ "reasonEnded": { "text": "Adverse reaction" } }), Asks, Yes),
        (json!({ "authoredOn": "2009" }), Asks, Yes),
        (json!({ "dateWritten": "2015-01-01" }), Asks, Yes),
        (json!({ "authoredOn": "last year" }), Asks, Yes),
        (json!({ "authoredOn": "2026-02-01" }), Yes, Yes),
        (json!({ "authoredOn": "2026-10-01", "dosageInstruction": dosage(days(7)) }), Asks, Yes),
        (json!({ "authoredOn": "2026-10-01", "dosageInstruction": dosage(days(90)) }), Yes, Yes),
        (
            json!({ "authoredOn": "2026-10-01", "dosageInstruction": dosage(json!({ "value": 1, "code": "wk" })) }),
            Asks,
            Yes,
        ),
        (
            json!({ "authoredOn": "2026-10-01", "dosageInstruction": dosage(json!({ "value": 7 })) }),
            Yes,
            Yes,
        ),
        (
            json!({ "authoredOn": "2026-10-01", "dispenseRequest": { "expectedSupplyDuration": days(10) } }),
            Asks,
            Yes,
        ),
        (
            json!({ "authoredOn": "2026-10-01",
                "dispenseRequest": { "expectedSupplyDuration": days(10), "numberOfRepeatsAllowed": 9 } }),
            Yes,
            Yes,
        ),
        (
            json!({ "authoredOn": "2026-10-01",
                "dispenseRequest": { "expectedSupplyDuration": days(10), "numberOfRepeatsAllowed": true } }),
            Asks,
            Yes,
        ),
        (json!({ "dosageInstruction": dosage(days(7)) }), Yes, Yes),
    ] {
        let more = with(&json!({ "resourceType": "MedicationRequest" }), more);
        assert_eq!(aspirin(more.clone()), now, "{more}");
        assert_eq!(enalapril(more.clone()), ever, "{more}");
    }
}

/// What the record's own words say against a code decides nothing, and asks.
#[test]
fn texts_that_deny_or_doubt_ask() {
    for (text, now, ever) in [
        ("V.a. arterielle Hypertonie", Asks, Asks),
        ("Ruled out", Asks, Asks),
        ("Zustand nach Hypertonie", Asks, Yes),
        ("Arterielle Hypertonie", Yes, Yes),
    ] {
        let said = |codings: [Json; 1]| with(&concept(&codings), json!({ "text": text }));
        let pressure = condition(said([coding(ICD_CM, "I10")]));
        assert_eq!(says(&read(&CHA2DS2, &[pressure]), "hypertension"), now, "{text}");
        let named = with(&coding(ICD_CM, "I63.9"), json!({ "display": text }));
        let import = read(&CHA2DS2, &[condition(concept(&[named]))]);
        assert_eq!(says(&import, "stroke"), ever, "{text}");
    }
    assert_eq!(
        transplant(
            json!({ "code": with(&concept(&[coding(SNOMED, "70536003")]), json!({ "text": "Possible transplant" })) })
        ),
        Asks
    );
    assert_eq!(
        aspirin(
            json!({ "medicationCodeableConcept": with(&concept(&[coding(ATC, "B01AC06")]), json!({ "text": "No aspirin" })) })
        ),
        Asks
    );
}

#[test]
fn a_translated_status_contradicts_nothing() {
    let local = |display: &str| json!({ "system": "urn:local", "code": "1", "display": display });
    let code = |code: &str| json!({ "code": code });
    for (codings, right) in [
        ([local("Active"), code("active")], Yes),
        ([local("Active"), code("resolved")], Asks),
        ([local("Fine"), code("active")], Asks),
    ] {
        let status = json!({ "clinicalStatus": concept(&codings) });
        assert_eq!(says(&hypertension(status), "hypertension"), right, "{codings:?}");
    }
}

#[test]
fn medicines_are_found_by_every_form_of_reference() {
    let medication = json!({ "resourceType": "Medication", "id": "x", "code": concept(&[coding("http://fhir.de/CodeSystem/bfarm/atc", "b01 ac06")]) });
    let request = |more: Json| {
        with(&json!({ "resourceType": "MedicationRequest", "id": "m", "status": "active" }), more)
    };
    for more in [
        json!({ "medicationReference": { "reference": "Medication/x" } }),
        json!({ "medicationReference": { "reference": "Medication/x/_history/2" } }),
        json!({ "medication": { "reference": { "reference": "Medication/x" } } }),
        json!({ "medication": { "reference": "Medication/x" } }),
        json!({ "medicationReference": { "reference": "#x" }, "contained": [medication.clone()] }),
    ] {
        let import = read(&HAS_BLED, &[request(more.clone()), medication.clone()]);
        assert_eq!(says(&import, "drugs"), Yes, "{more}");
    }
    let mixture = json!({ "resourceType": "Medication", "id": "x", "code": { "text": "mixture" },
        "ingredient": [{ "itemCodeableConcept": concept(&[coding(ATC, "B01AC06")]) }] });
    let import = read(
        &HAS_BLED,
        &[request(json!({ "medicationReference": { "reference": "Medication/x" } })), mixture],
    );
    assert_eq!(says(&import, "drugs"), Asks);
}

#[test]
fn listed_descendants_count() {
    for code in ["1201005", "78975002", "31992008", "56218007"] {
        let import = read(&CHA2DS2, &[condition(concept(&[coding(SNOMED, code)]))]);
        assert_eq!(says(&import, "hypertension"), Yes, "{code}");
    }
}

/// Every code that an intake names is found in a concept of that one code.
#[test]
fn every_code_of_the_lists_is_found() {
    for feature in CHA2DS2.features() {
        for source in &feature.sources {
            let Source::Condition { codes, .. } = source else { continue };
            let snomed = codes.lists().snomed.iter().map(|code| coding(SNOMED, code));
            for one in snomed.chain(codes.lists().icd10.iter().map(|code| coding(ICD_CM, code))) {
                let import = read(&CHA2DS2, &[condition(concept(std::slice::from_ref(&one)))]);
                assert_eq!(says(&import, &feature.id), Yes, "{one}");
            }
        }
    }
}

fn any_coding() -> impl Strategy<Value = Json> {
    let systems = ["", SNOMED, ICD_CM, ICD_GM, "urn:vendor", "http://hl7.org/fhir/sid/icd-9-cm"];
    let codes = ["I10", "i11.9", "38341003", "59621000", "E11.90A", "E11.9", "I63", "7", "refuted"];
    let displays = [None, Some("one"), Some("another")];
    (
        prop::sample::select(systems.to_vec()),
        prop::sample::select(codes.to_vec()),
        prop::sample::select(displays.to_vec()),
    )
        .prop_map(|(system, code, display)| {
            let mut coding = json!({ "code": code });
            if !system.is_empty() {
                coding["system"] = json!(system);
            }
            if let Some(display) = display {
                coding["display"] = json!(display);
            }
            coding
        })
}

fn any_status() -> impl Strategy<Value = Vec<Json>> {
    let words = ["active", "resolved", "confirmed", "refuted", "odd", "REMISSION"];
    prop::collection::vec(prop::sample::select(words.to_vec()), 0..3)
        .prop_map(|words| words.into_iter().map(|word| json!({ "code": word })).collect())
}

proptest! {
    /// Neither the order of codings nor that of entries changes an answer or a text.
    #[test]
    fn order_never_changes_anything(
        codings in prop::collection::vec(any_coding(), 0..5),
        clinical in any_status(),
        verified in any_status(),
    ) {
        let make = |backwards: bool| {
            let turned = |list: &[Json]| {
                let mut list = list.to_vec();
                if backwards {
                    list.reverse();
                }
                concept(&list)
            };
            let first = with(&condition(turned(&codings)), json!({
                "clinicalStatus": turned(&clinical), "verificationStatus": turned(&verified) }));
            let second = with(&condition(turned(&codings)), json!({ "id": "d" }));
            let third = with(&statement(turned(&codings)), json!({}));
            match backwards {
                false => read(&CHA2DS2, &[first, second, third]),
                true => read(&CHA2DS2, &[third, second, first]),
            }
        };
        prop_assert_eq!(make(false), make(true));
    }
}
