// SPDX-License-Identifier: Apache-2.0
//! Limits that make yes or no of a measured value, and findings that must be repeated.

mod common;

use common::{check, intake, read_resources, try_intake};
use serde_json::{json, Value as Json};

/// A flag by observations of LOINC 1558-6 in mg/dL.
fn flag(more: &str) -> String {
    format!(
        "[[intake]]\nid = \"f\"\nlabel = \"F\"\nkind = \"flag\"\n[[intake.source]]\nkind = \"observation\"\nloinc = [\"1558-6\"]\n{more}\n"
    )
}

fn observation(id: &str, when: &str, value: Json) -> Json {
    json!({ "resourceType": "Observation", "id": id, "status": "final", "effectiveDateTime": when,
        "code": { "coding": [{ "system": "http://loinc.org", "code": "1558-6" }] },
        "valueQuantity": value })
}

/// A value as it is written: `<5`.
fn value(text: &str) -> Json {
    let number = text.trim_start_matches(['<', '>', '=', 'a', 'd']);
    let mut json = json!({ "value": serde_json::from_str::<Json>(number).unwrap(), "code": "mg/dL",
        "system": "http://unitsofmeasure.org" });
    let comparator = text.strip_suffix(number).unwrap();
    if !comparator.is_empty() {
        json["comparator"] = json!(comparator);
    }
    json
}

#[test]
fn a_value_within_the_limits_is_a_yes() {
    for (limit, found, right) in [
        ("at-least = 4", "4", "= yes"),
        ("at-least = 4", "3.9", "= no"),
        ("above = 4", "4", "= no"),
        ("above = 4", "4.1", "= yes"),
        ("at-most = 4", "4", "= yes"),
        ("at-most = 4", "4.1", "= no"),
        ("below = 4", "4", "= no"),
        ("below = 4", "3.9", "= yes"),
        ("at-least = 4\nbelow = 6", "5", "= yes"),
        ("at-least = 4\nbelow = 6", "6", "= no"),
        // What is only an end decides where it is certain.
        ("below = 4", "<5", "? `<5 mg/dL` doesn't tell whether it is below 4 mg/dL"),
        ("below = 5", "<5", "= yes"),
        ("at-least = 5", "<5", "= no"),
        ("at-least = 4", ">=4", "= yes"),
        ("at-least = 4\nbelow = 6", ">6", "= no"),
        ("at-least = 4\nbelow = 6", ">=5", "? doesn't tell whether it is at least 4 and below 6"),
        ("below = 4", "ad3", "? is only a limit"),
        // What can't be is asked, whatever the limits say.
        ("below = 4", "-1", "? is less than nothing"),
        ("below = 4\nlimits = [1, 100]", "0.5", "? is outside of 1 to 100 mg/dL"),
        ("below = 4\nlimits = [1, 100]", "<0.5", "? is outside of 1 to 100 mg/dL"),
    ] {
        let intake = intake(&flag(&format!("{limit}\nunit = \"mg/dL\"")));
        let import = read_resources(&intake, &[observation("a", "2026-11-01", value(found))]);
        check(&format!("{limit}: {found}"), &import, "f", right);
    }
}

#[test]
fn an_end_is_converted_as_a_value_is() {
    let intake = intake(&flag("at-least = 200\nunit = \"mg/dL\"\nanalyte = \"glucose\""));
    let mmol = |comparator: &str, value: f64| {
        json!({ "value": value, "comparator": comparator, "code": "mmol/L",
            "system": "http://unitsofmeasure.org" })
    };
    for (found, right) in [
        (mmol(">", 11.2), "= yes"),
        (mmol("<", 11.0), "= no"),
        (mmol(">", 11.0), "? `>11.0 mmol/L`"),
    ] {
        let import = read_resources(&intake, &[observation("a", "2026-11-01", found.clone())]);
        check(&found.to_string(), &import, "f", right);
    }
}

#[test]
fn a_repeated_finding_needs_readings_of_different_days() {
    let intake = intake(&flag("at-least = 126\nunit = \"mg/dL\"\ntimes = 2\nwithin-days = 365"));
    type Reading = (&'static str, &'static str);
    let cases: &[(&str, &[Reading], &str)] = &[
        ("two days", &[("2026-10-01", "130"), ("2026-11-01", "140")], "= yes"),
        (
            "others between",
            &[("2026-10-01", "130"), ("2026-10-15", "90"), ("2026-11-01", "140")],
            "= yes",
        ),
        (
            "a later no",
            &[("2026-10-01", "130"), ("2026-10-15", "140"), ("2026-11-01", "90")],
            "= yes",
        ),
        ("one", &[("2026-10-01", "130")], "? `130 mg/dL` is 1 of 2 readings of different days"),
        ("one and a no", &[("2026-10-01", "130"), ("2026-11-01", "90")], "? 1 of 2"),
        (
            "one day",
            &[("2026-10-01T08:00:00Z", "130"), ("2026-10-01T18:00:00Z", "140")],
            "? 1 of 2",
        ),
        ("a month and a day of it", &[("2026-10", "130"), ("2026-10-05", "140")], "? 1 of 2"),
        ("a month and a day of another", &[("2026-10", "130"), ("2026-11-05", "140")], "= yes"),
        ("one too old", &[("2024-10-01", "130"), ("2026-11-01", "140")], "? 1 of 2"),
        (
            "one that may be too old",
            &[("2025", "130"), ("2026-11-01", "140")],
            "? may be of before the last 365 days",
        ),
        ("none", &[("2026-10-01", "90"), ("2026-11-01", "100")], "= no"),
        (
            "one that can't be read",
            &[("2026-10-01", "90"), ("2026-11-01", "<200")],
            "? doesn't tell",
        ),
        (
            "two and one that can't be read",
            &[("2026-09-01", "130"), ("2026-10-01", "130"), ("2026-11-01", "<200")],
            "= yes",
        ),
        ("nothing", &[], "- nothing in the record"),
    ];
    for (rule, readings, right) in cases {
        let resources: Vec<Json> = readings
            .iter()
            .enumerate()
            .map(|(at, (when, found))| observation(&format!("o{at}"), when, value(found)))
            .collect();
        let mut all = resources;
        all.push(json!({ "resourceType": "Patient", "id": "p" }));
        check(rule, &read_resources(&intake, &all), "f", right);
    }
    // A correction of one reading isn't another one.
    let mut corrected = observation("b", "2026-10-01T08:00:00Z", value("90"));
    corrected["status"] = json!("corrected");
    let all = [observation("a", "2026-10-01T08:00:00Z", value("130")), corrected];
    check("corrected", &read_resources(&intake, &all), "f", "= no");
}

#[test]
fn a_repeated_finding_names_its_readings() {
    let intake = intake(&flag("at-least = 126\nunit = \"mg/dL\"\ntimes = 2"));
    let import = read_resources(
        &intake,
        &[
            observation("a", "2026-10-01", value("130")),
            observation("b", "2026-11-01", value("140")),
        ],
    );
    let found = &import.findings[0];
    assert_eq!(
        found.origin,
        "Observation/a of 2026-10-01: 1558-6; Observation/b of 2026-11-01: 1558-6"
    );
    let conversion = "130 mg/dL is at least 126; 140 mg/dL is at least 126";
    assert_eq!(found.conversion.as_deref(), Some(conversion));
}

#[test]
fn limits_that_cannot_be_are_refused() {
    for (more, words) in [
        ("at-least = 1\nabove = 1\nunit = \"mg/dL\"", "can't stand together"),
        ("below = 1", "`below` and `unit` belong together"),
        ("unit = \"mg/dL\"", "`unit` needs a limit"),
        ("at-least = 5\nbelow = 5\nunit = \"mg/dL\"", "leave nothing"),
        ("below = 1\nunit = \"mg/dL\"\ntimes = 1", "`times` is 2 to 10"),
        ("within-days = 1\nwithin-hours = 1", "can't stand together"),
        ("within-hours = 0", "is 1 to 8784"),
        ("within-hours = 24\npick = \"highest\"", "fills a quantity, not a flag"),
    ] {
        let error = try_intake(&flag(more)).unwrap_err();
        assert!(error.contains(words), "{more}: {error}");
    }
}
