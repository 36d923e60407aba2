// SPDX-License-Identifier: Apache-2.0
//! Windows of hours, which value of a window counts, and what must be of one moment.

mod common;

use common::{check, intake, read_resources, try_intake, TODAY};
use cso_clinical::fhir::{import_rest, RecordFile};
use cso_clinical::intake::{Intake, Moment};
use serde_json::{json, Value as Json};

/// A quantity by observations of a LOINC code, in /min.
fn quantity(id: &str, loinc: &str, feature: &str, source: &str) -> String {
    format!(
        "[[intake]]\nid = \"{id}\"\nlabel = \"{id}\"\nkind = \"quantity\"\nunit = \"/min\"\nmin = 0\nmax = 255\nstep = 1\n{feature}\n[[intake.source]]\nkind = \"observation\"\nloinc = [\"{loinc}\"]\n{source}\n"
    )
}

fn observation(id: &str, loinc: &str, when: &str, value: f64) -> Json {
    let mut json = json!({ "resourceType": "Observation", "id": id, "status": "final",
        "code": { "coding": [{ "system": "http://loinc.org", "code": loinc }] },
        "valueQuantity": { "value": value, "code": "/min", "system": "http://unitsofmeasure.org" } });
    if !when.is_empty() {
        json["effectiveDateTime"] = json!(when);
    }
    json
}

fn pulse(id: &str, when: &str, value: f64) -> Json {
    observation(id, "8867-4", when, value)
}

#[test]
fn hours_count_back_from_today() {
    assert_eq!(TODAY.to_string(), "2026-11-23");
    let intake = intake(&quantity("q", "8867-4", "", "within-hours = 48"));
    for (when, right) in [
        ("2026-11-23T10:00:00Z", "= 80"),
        ("2026-11-22T00:00:00+01:00", "= 80"),
        ("2026-11-22", "= 80"),
        ("2026-11-21T23:59:00Z", "? may be of before the last 48 hours"),
        ("2026-11-21", "? may be of before the last 48 hours"),
        ("2026-11", "? may be of before"),
        ("2026-11-20T23:59:00Z", "- Observation/a of 2026-11-20, is older than 48 hours"),
        ("2026-11-20", "- is older than 48 hours"),
        ("", "? has no date, and must be of the last 48 hours"),
        ("2026-12-01", "? lies in the future"),
    ] {
        check(when, &read_resources(&intake, &[pulse("a", when, 80.0)]), "q", right);
    }
}

#[test]
fn the_value_that_is_picked_is_one_of_the_window() {
    let early = || pulse("early", "2026-11-22T08:00:00Z", 70.0);
    let high = || pulse("high", "2026-11-22T12:00:00Z", 110.0);
    let low = || pulse("low", "2026-11-22T16:00:00Z", 50.0);
    let late = || pulse("late", "2026-11-22T20:00:00Z", 80.0);
    let day = || vec![early(), high(), low(), late()];
    let and = |more: Json| [day(), vec![more]].concat();
    let limit = |id: &str, when: &str| {
        let mut json = pulse(id, when, 60.0);
        json["valueQuantity"]["comparator"] = json!("<");
        json
    };
    let mut corrected = pulse("corrected", "2026-11-22T12:00:00Z", 90.0);
    corrected["status"] = json!("corrected");
    let cases: &[(&str, Vec<Json>, [&str; 4])] = &[
        ("a day", day(), ["= 80", "= 70", "= 110", "= 50"]),
        ("one", vec![high()], ["= 110"; 4]),
        ("none", vec![], ["- nothing"; 4]),
        (
            "one before the window",
            and(pulse("old", "2026-11-19T08:00:00Z", 200.0)),
            ["= 80", "= 70", "= 110", "= 50"],
        ),
        (
            "one that may be before it",
            and(pulse("old", "2026-11-21", 200.0)),
            ["= 80", "? may be of before", "? may be of before", "? may be of before"],
        ),
        (
            "one in the middle that can't be read",
            and(limit("x", "2026-11-22T14:00:00Z")),
            ["= 80", "= 70", "? is only a limit", "? is only a limit"],
        ),
        (
            "the first can't be read",
            and(limit("x", "2026-11-22T07:00:00Z")),
            ["= 80", "? is only a limit", "? is only a limit", "? is only a limit"],
        ),
        ("one was corrected", [vec![corrected], day()].concat(), ["= 80", "= 70", "= 90", "= 50"]),
        (
            "the same day without a time",
            vec![pulse("x", "2026-11-22", 60.0), high()],
            ["? may each be the latest", "? may each be the first", "= 110", "= 60"],
        ),
    ];
    for (rule, resources, rights) in cases {
        for (pick, right) in ["latest", "first", "highest", "lowest"].iter().zip(rights) {
            let intake = intake(&quantity(
                "q",
                "8867-4",
                "",
                &format!("within-hours = 48\npick = \"{pick}\""),
            ));
            let resources =
                [resources.clone(), vec![json!({ "resourceType": "Patient", "id": "p" })]].concat();
            check(&format!("{pick}: {rule}"), &read_resources(&intake, &resources), "q", right);
        }
    }
}

/// What isn't there may be the highest one, also if it is earlier than the highest that is there.
#[test]
fn what_could_not_be_read_may_be_the_one_that_is_picked() {
    let report = json!({ "resourceType": "DiagnosticReport", "id": "r", "status": "final",
        "effectiveDateTime": "2026-11-22T06:00:00Z", "code": { "text": "x" },
        "result": [{ "reference": "Observation/lost" }] });
    for (pick, right) in
        [("latest", "= 80"), ("first", "? may be missing"), ("highest", "? may be missing")]
    {
        let intake =
            intake(&quantity("q", "8867-4", "", &format!("within-hours = 48\npick = \"{pick}\"")));
        let all = [pulse("a", "2026-11-22T08:00:00Z", 80.0), report.clone()];
        check(pick, &read_resources(&intake, &all), "q", right);
    }
}

#[test]
fn of_the_first_values_of_several_sources_the_earliest_counts() {
    let pick = "pick = \"first\"\nwithin-days = 30";
    let second = format!("[[intake.source]]\nkind = \"observation\"\nloinc = [\"9279-1\"]\n{pick}");
    let intake = intake(&quantity("q", "8867-4", "", &format!("{pick}\n{second}")));
    let later = || observation("later", "9279-1", "2026-11-22T20:00:00Z", 15.0);
    let cases = [
        ("the earlier of both", vec![pulse("a", "2026-11-22T08:00:00Z", 80.0)], "= 80"),
        ("the other", vec![pulse("a", "2026-11-22T21:00:00Z", 80.0)], "= 15"),
        (
            "one without a date",
            vec![pulse("a", "2026-11-22T08:00:00Z", 80.0), pulse("b", "", 90.0)],
            "? has no date",
        ),
        (
            "one of that day",
            vec![pulse("a", "2026-11-22T08:00:00Z", 80.0), pulse("b", "2026-11-22", 80.0)],
            "= 80",
        ),
        ("only the day is known", vec![pulse("b", "2026-11-22", 80.0)], "? may each be the latest"),
    ];
    for (rule, resources, right) in cases {
        check(rule, &read_resources(&intake, &[resources, vec![later()]].concat()), "q", right);
    }
}

#[test]
fn a_pick_needs_a_window() {
    let error = try_intake(&quantity("q", "8867-4", "", "pick = \"highest\"")).unwrap_err();
    assert!(error.contains("`pick` needs `within-hours` or `within-days`"), "{error}");
}

/// Two quantities of one moment, and one that is of none.
fn vitals(within_hours: u32) -> Intake {
    let text = quantity("pulse", "8867-4", "", "")
        + &quantity("breaths", "9279-1", "", "")
        + &quantity("free", "2708-6", "", "");
    let mut features = intake(&text).features().to_vec();
    for feature in &mut features[..2] {
        feature.moment = Some("vitals".to_owned());
    }
    Intake::with_moments(features, vec![Moment { id: "vitals".to_owned(), within_hours }]).unwrap()
}

#[test]
fn values_of_a_moment_are_of_one_time() {
    let breaths = |when: &str| observation("b", "9279-1", when, 15.0);
    let apart = "? aren't known to be within 1 hour of each other";
    let cases: &[(&str, Vec<Json>, [&str; 2])] = &[
        (
            "within the hour",
            vec![pulse("a", "2026-11-22T08:00:00Z", 80.0), breaths("2026-11-22T09:00:00Z")],
            ["= 80", "= 15"],
        ),
        (
            "in other offsets",
            vec![pulse("a", "2026-11-22T10:00:00+02:00", 80.0), breaths("2026-11-22T09:00:00Z")],
            ["= 80", "= 15"],
        ),
        (
            "two hours apart",
            vec![pulse("a", "2026-11-22T08:00:00Z", 80.0), breaths("2026-11-22T10:00:00Z")],
            [apart, "= 15"],
        ),
        ("one alone", vec![pulse("a", "2026-11-20T08:00:00Z", 80.0)], ["= 80", "- nothing"]),
        ("days only", vec![pulse("a", "2026-11-22", 80.0), breaths("2026-11-22")], [apart, apart]),
        (
            "a day and a time of the next",
            vec![pulse("a", "2026-11-22", 80.0), breaths("2026-11-23T08:00:00Z")],
            [apart, "= 15"],
        ),
        (
            "no time",
            vec![pulse("a", "", 80.0), breaths("2026-11-22T10:00:00Z")],
            ["? is of no known time", "= 15"],
        ),
        (
            "the latest can't be read",
            vec![pulse("a", "2026-11-22T08:00:00Z", 80.0), {
                let mut json = breaths("2026-11-22T20:00:00Z");
                json["valueQuantity"]["comparator"] = json!("<");
                json
            }],
            [apart, "? is only a limit"],
        ),
    ];
    let mut several = breaths("2026-11-22");
    several["id"] = json!("c");
    let parts = [pulse("a", "", 80.0), breaths("")]
        .map(|one| json!({ "code": one["code"], "valueQuantity": one["valueQuantity"] }));
    let panel = json!({
        "resourceType": "Observation", "id": "p", "status": "final", "effectiveDateTime": "2026-11-22",
        "code": { "coding": [{ "system": "http://loinc.org", "code": "85353-1" }] },
        "component": parts,
    });
    let more = [
        ("parts of one observation", vec![panel], ["= 80", "= 15"]),
        (
            "one of several that may be the latest is far",
            vec![
                pulse("a", "2026-11-22T08:30:00Z", 80.0),
                breaths("2026-11-22T09:00:00Z"),
                several,
            ],
            [apart, "= 15"],
        ),
    ];
    for (rule, resources, [right, other]) in cases.iter().chain(&more) {
        let free = observation("f", "2708-6", "2026-01-01T08:00:00Z", 97.0);
        let import = read_resources(&vitals(1), &[resources.clone(), vec![free]].concat());
        check(rule, &import, "pulse", right);
        check(rule, &import, "breaths", other);
        check(rule, &import, "free", "= 97");
    }
    let days = [pulse("a", "2026-11-22", 80.0), breaths("2026-11-22")];
    check("days within a day", &read_resources(&vitals(24), &days), "pulse", "= 80");
    let import = read_resources(
        &vitals(1),
        &[pulse("a", "2026-11-22T08:00:00Z", 80.0), breaths("2026-11-22T10:00:00Z")],
    );
    check(
        "told",
        &import,
        "pulse",
        "? `80.0 /min` is of 2026-11-22 08:00, and `breaths` of 2026-11-22 10:00",
    );
}

/// Somebody's own answer to one of them doesn't change when the others were.
#[test]
fn an_answer_of_ones_own_does_not_dissolve_a_moment() {
    let all = [
        pulse("p", "2026-11-23T13:00:00Z", 135.0),
        observation("b", "9279-1", "2026-11-20T08:00:00Z", 20.0),
    ];
    let entries: Vec<Json> = all.iter().map(|one| json!({ "resource": one })).collect();
    let bundle = json!({ "resourceType": "Bundle", "type": "collection", "entry": entries });
    let bundle = bundle.to_string();
    let files = [RecordFile { name: "r.json", bytes: bundle.as_bytes() }];
    let intake = vitals(24);
    let ids: Vec<&str> = intake.features().iter().map(|one| one.id.as_str()).collect();
    let (pulse, breath) = (ids[0], ids[1]);
    for answered in [None, Some(pulse)] {
        let is_answered = |id: &str| Some(id) == answered;
        let import = import_rest(&files, &intake, TODAY, is_answered).unwrap();
        check("moment", &import, breath, "? aren't known to be within 24 hours");
        let found = import.findings.iter().any(|one| one.feature == pulse);
        assert_eq!(found, answered.is_none());
    }
}

/// One reading that two systems keep with other offsets isn't one of two days.
#[test]
fn days_differ_by_the_clock_and_in_utc() {
    let flag = "[[intake]]\nid = \"f\"\nlabel = \"f\"\nkind = \"flag\"\n[[intake.source]]\nkind = \"observation\"\nloinc = [\"8867-4\"]\nat-least = 100\nunit = \"/min\"\ntimes = 2\nwithin-days = 30\n";
    let intake = intake(flag);
    let fast = |id: &str, when: &str| pulse(id, when, 120.0);
    for (one, other, right) in [
        ("2026-11-20T23:30:00Z", "2026-11-21T00:30:00+01:00", "? is 1 of 2 readings"),
        ("2026-11-20T23:30:00Z", "2026-11-21T02:30:00+03:00", "? is 1 of 2 readings"),
        ("2026-11-20T20:00:00-05:00", "2026-11-21T20:00:00-05:00", "= yes"),
        ("2026-11-20T23:30:00Z", "2026-11-21T23:30:00+01:00", "= yes"),
        ("2026-11-20", "2026-11-21", "= yes"),
    ] {
        let import = read_resources(&intake, &[fast("a", one), fast("b", other)]);
        check(other, &import, "f", right);
    }
}

/// The first value of two days isn't that at admission, if it is of a visit before.
#[test]
fn the_first_of_a_visit_and_of_a_stay_is_asked() {
    let intake = intake(&quantity("q", "8867-4", "", "pick = \"first\"\nwithin-hours = 48"));
    let at = |id: &str, when: &str, value: f64, encounter: &str| {
        let mut pulse = pulse(id, when, value);
        pulse["encounter"] = json!({ "reference": format!("Encounter/{encounter}") });
        pulse
    };
    let encounter = |id: &str, class: &str| {
        json!({ "resourceType": "Encounter", "id": id, "status": "finished",
            "class": { "code": class } })
    };
    for (first, second, right) in [
        ("AMB", "EMER", "? is of a visit, and Observation/b of a stay"),
        ("EMER", "IMP", "= 90"),
        ("AMB", "AMB", "= 90"),
        ("other", "IMP", "= 90"),
    ] {
        let all = [
            encounter("one", first),
            encounter("two", second),
            at("a", "2026-11-22T10:00:00Z", 90.0, "one"),
            at("b", "2026-11-23T10:00:00Z", 70.0, "two"),
        ];
        check(second, &read_resources(&intake, &all), "q", right);
    }
}
