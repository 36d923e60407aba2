// SPDX-License-Identifier: Apache-2.0
//! Units of records and of typed answers: what is read, and what is asked with which hint.

mod common;

use common::{protocol, read_record, TODAY};
use cso_clinical::Value;
use serde_json::{json, Value as Json};

/// A creatinine as a protocol for livers reads it: the value in mg/dL, or the question.
fn creatinine(quantity: Json) -> Result<f64, String> {
    let record = json!({ "resourceType": "Observation", "id": "o", "status": "final",
        "effectiveDateTime": "2026-11-20", "valueQuantity": quantity,
        "code": { "coding": [{ "system": "http://loinc.org", "code": "2160-0" }] } });
    let read = read_record(&record.to_string(), protocol("meld-3").intake(), TODAY).unwrap();
    let missing = read.missing.iter().find(|one| one.feature == "creatinine");
    match (read.answers().get("creatinine"), missing) {
        (Some(Value::Quantity(value)), _) => Ok(*value),
        (_, Some(missing)) if missing.in_doubt => Err(missing.reason.clone()),
        other => panic!("{other:?}"),
    }
}

const UCUM: &str = "http://unitsofmeasure.org";

#[test]
fn both_signs_for_micro_are_one() {
    for unit in ["\u{b5}mol/l", "\u{3bc}mol/l", "\u{b5}mol/L", "umol/l", "mcmol/L", "µmol·L⁻¹"]
    {
        let value = creatinine(json!({ "value": 177, "unit": unit })).unwrap();
        assert!((value - 2.002).abs() < 0.001, "{unit}: {value}");
    }
}

#[test]
fn a_misspelt_ucum_code_is_read_where_it_is_certain() {
    for code in ["µmol/L", "UMOL/L", "mcmol/L", "micromol/L", "umol/l"] {
        for system in [UCUM, "https://unitsofmeasure.org/", "urn:oid:2.16.840.1.113883.6.8"] {
            let quantity = json!({ "value": 177, "system": system, "code": code });
            let value = creatinine(quantity).unwrap();
            assert!((value - 2.002).abs() < 0.001, "{code}: {value}");
        }
    }
}

#[test]
fn code_and_text_of_a_unit_must_say_the_same() {
    for (code, unit, right) in [
        ("mg/dL", "mg/dl", Some(2.0)),
        ("mg/dL", "MG/DL", Some(2.0)),
        ("mg/dL", "mg per dL", Some(2.0)),
        // A text that is no unit says nothing.
        ("mg/dL", "milligrams of creatinine", Some(2.0)),
        ("mg/dL", "umol/L", None),
        ("umol/L", "mg/dL", None),
        ("mg/dL", "g/dL", None),
        // A text that is a unit of something else.
        ("mg/dL", "g", None),
        ("mg/dL", "%", None),
        ("mg/dL", "mmHg", None),
        ("mg/dL", "mmol/mol", None),
        ("mg/dL", "mg/24h", None),
        ("mg/dL", "sec", None),
        ("mg/dL", "mg/dL (calc)", Some(2.0)),
        ("mg/dL", "{creatinine}", Some(2.0)),
    ] {
        let read = creatinine(json!({ "value": 2, "system": UCUM, "code": code, "unit": unit }));
        match right {
            Some(right) => assert_eq!(read, Ok(right), "{code} {unit}"),
            None => assert!(read.clone().unwrap_err().contains("different units"), "{read:?}"),
        }
    }
    // Of a system that isn't UCUM the text is read, and the code mustn't speak against it.
    let local = |code: &str, unit: Json| {
        creatinine(json!({ "value": 2, "system": "urn:local", "code": code, "unit": unit }))
    };
    assert_eq!(local("u17", json!("mg/dL")), Ok(2.0));
    assert!(local("umol/L", json!("mg/dL")).unwrap_err().contains("different units"));
    assert!(local("mg/dL", Json::Null).unwrap_err().contains("`mg/dL` of the system `urn:local`"));
}

#[test]
fn hints_are_in_the_dimension_that_is_asked_about() {
    for (quantity, words, never) in [
        (json!({ "value": 2, "unit": "μmol/L (SI)" }), "perhaps umol/L", "mol]"),
        (json!({ "value": 2, "unit": "mmHg" }), "unknown unit `mmHg`", "perhaps"),
        (
            json!({ "value": 2, "system": UCUM, "code": "mm[Hg]" }),
            "measure different things",
            "perhaps",
        ),
        (json!({ "value": 2, "system": UCUM, "code": "MG/L" }), "perhaps mg/L", "Hg"),
        (json!({ "value": 2, "unit": "cubits" }), "unknown unit `cubits`", "perhaps"),
    ] {
        let reason = creatinine(quantity).unwrap_err();
        assert!(reason.contains(words) && !reason.contains(never), "{reason}");
    }
}

#[test]
fn megagrams_are_beyond_the_limits() {
    let reason = creatinine(json!({ "value": 2, "unit": "Mg/dL" })).unwrap_err();
    assert!(reason.contains("is outside of"), "{reason}");
}

#[test]
fn percentages_are_no_ratios() {
    let quick = json!({ "resourceType": "Observation", "id": "o", "status": "final",
        "effectiveDateTime": "2026-11-20", "valueQuantity": { "value": 70, "unit": "%" },
        "code": { "coding": [{ "system": "http://loinc.org", "code": "6301-6" }] } });
    let read = read_record(&quick.to_string(), protocol("meld-3").intake(), TODAY).unwrap();
    let inr = read.missing.iter().find(|one| one.feature == "inr").unwrap();
    assert!(inr.in_doubt && inr.reason.contains("doesn't convert"), "{}", inr.reason);
}

#[test]
fn typed_answers_are_read_by_the_same_rules() {
    let findrisc = protocol("findrisc");
    let waist = findrisc.intake().features().iter().find(|one| one.id == "waist").unwrap();
    for text in ["30 in", "30 in.", "30 ″", "30 inches", "76.2 CM", "0.762 metre", "762 mm"] {
        let Ok(Value::Quantity(value)) = waist.parse_answer(text) else { panic!("{text}") };
        assert!((value - 76.2).abs() < 1e-6, "{text}: {value}");
    }
    let typed = |name: &str, id: &str, text: &str| {
        let protocol = protocol(name);
        let feature = protocol.intake().features().iter().find(|one| one.id == id).unwrap();
        feature.parse_answer(text).map_err(|error| error.to_string())
    };
    for (name, id, text, right) in [
        ("meld-3", "creatinine", "1.7mg/dL", 1.7),
        ("meld-3", "creatinine", "150µmol/L", 1.6968),
        ("news2", "spo2", "97%", 97.0),
        ("news2", "spo2", "97 %", 97.0),
        ("news2", "systolic", "120mmHg", 120.0),
        ("news2", "temperature", "98.6°F", 37.0),
        ("news2", "pulse", "72/min", 72.0),
        ("curb-65", "urea", "7 mmol/L", 7.0),
    ] {
        let Ok(Value::Quantity(value)) = typed(name, id, text) else { panic!("{text}") };
        assert!((value - right).abs() < 1e-6, "{text}: {value}");
    }
    for (name, id, text, words) in [
        ("meld-3", "creatinine", "1,7", "is not a number in mg/dL: write a point: 1.7"),
        ("meld-3", "creatinine", "1,7 mg/dL", "write a point: 1.7"),
        ("news2", "systolic", "120/80", "is not a number"),
        ("meld-3", "creatinine", "1-2 mg/dL", "is not a number"),
        ("meld-3", "creatinine", "1.7mm", "doesn't convert"),
        ("curb-65", "urea", "42 mg/dL", "as urea or as urea nitrogen: give mmol/L"),
    ] {
        let error = typed(name, id, text).unwrap_err();
        assert!(error.contains(words), "{error}");
    }
    let error = waist.parse_answer("30 mmHg").unwrap_err().to_string();
    assert!(error.contains("unknown unit `mmHg`") && !error.contains("perhaps"), "{error}");
}

/// What one protocol reads of one quantity: the value, or the question.
fn read_one(name: &str, feature: &str, code: &str, quantity: &Json) -> Result<f64, String> {
    let record = json!({ "resourceType": "Observation", "id": "o", "status": "final",
        "effectiveDateTime": "2026-11-20", "valueQuantity": quantity,
        "code": { "coding": [{ "system": "http://loinc.org", "code": code }] } });
    let read = read_record(&record.to_string(), protocol(name).intake(), TODAY).unwrap();
    let missing = read.missing.iter().find(|one| one.feature == feature);
    match (read.answers().get(feature), missing) {
        (Some(Value::Quantity(value)), _) => Ok(*value),
        (_, Some(missing)) if missing.in_doubt => Err(missing.reason.clone()),
        other => panic!("{other:?}"),
    }
}

/// `10³/µL` without its height is 103 a microlitre for UCUM, a hundredth of what was meant.
#[test]
fn an_exponent_that_lost_its_height_is_asked() {
    let platelets = |quantity: Json| read_one("fib-4", "platelets", "777-3", &quantity);
    for quantity in [
        json!({ "value": 210, "unit": "103/uL" }),
        json!({ "value": 210, "unit": "103/µL" }),
        json!({ "value": 210, "unit": "109/L" }),
        json!({ "value": 210, "system": UCUM, "code": "103/uL" }),
        json!({ "value": 210, "system": UCUM, "code": "109/L", "unit": "10*9/L" }),
    ] {
        let why = platelets(quantity.clone()).unwrap_err();
        assert!(why.contains("whose exponent was lost: write 10*"), "{quantity}: {why}");
    }
    for quantity in [
        json!({ "value": 210, "unit": "10³/µL" }),
        json!({ "value": 210, "unit": "K/uL" }),
        json!({ "value": 210, "unit": "Tsd./µl" }),
        json!({ "value": 210, "unit": "G/L" }),
        // The code is certain.
        json!({ "value": 210, "system": UCUM, "code": "10*3/uL", "unit": "103/uL" }),
        json!({ "value": 210, "system": UCUM, "code": "10*3/uL", "unit": "K/uL" }),
    ] {
        let value = platelets(quantity.clone()).unwrap();
        assert!((value - 210.0).abs() < 1e-9, "{quantity}: {value}");
    }
}

/// UCUM takes what stands in braces for nothing; a filtration of the whole body isn't one of 1.73
/// m².
#[test]
fn a_filtration_must_say_of_what_surface_it_is() {
    let egfr = |quantity: Json| read_one("kfre", "egfr", "98979-8", &quantity);
    for quantity in [
        json!({ "value": 45, "unit": "mL/min" }),
        json!({ "value": 45, "system": UCUM, "code": "mL/min", "unit": "ml/min" }),
    ] {
        let why = egfr(quantity.clone()).unwrap_err();
        assert!(why.contains("doesn't say whether it is of 1.73 m²"), "{quantity}: {why}");
    }
    for quantity in [
        json!({ "value": 45, "unit": "mL/min/1.73m2" }),
        json!({ "value": 45, "unit": "mL/min/1,73m²" }),
        json!({ "value": 45, "system": UCUM, "code": "mL/min/{1.73_m2}" }),
        json!({ "value": 45, "system": UCUM, "code": "mL/min", "unit": "mL/min/1.73 m2" }),
    ] {
        assert_eq!(egfr(quantity.clone()), Ok(45.0), "{quantity}");
    }
}
