// SPDX-License-Identifier: Apache-2.0
//! Histories at the command line: what they leave open is confirmed, asked, or refused.

mod common;

use assert_cmd::cargo::cargo_bin;
use common::{
    data, protocol,
    terminal::{expect, start},
    User,
};
use serde_json::{json, Value};
use std::{fs, process::Command};

const TODAY: [&str; 2] = ["--today", "2026-11-23"];

/// A file with a patient and a condition.
fn history(user: &User, name: &str, code: Value) -> String {
    let patient = json!({ "resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1957-03-14" });
    let condition = json!({ "resourceType": "Condition", "id": "c", "code": code });
    let entries: Vec<Value> =
        [patient, condition].iter().map(|one| json!({ "resource": one })).collect();
    let bundle = json!({ "resourceType": "Bundle", "type": "collection", "entry": entries });
    let path = user.path(name);
    fs::write(&path, bundle.to_string()).unwrap();
    path.display().to_string()
}

fn hypertension() -> Value {
    json!({ "coding": [{ "system": "http://hl7.org/fhir/sid/icd-10", "code": "I10" }] })
}

fn evaluate<'a>(file: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let asked = ["-a", "atrial-fibrillation=yes", "-a", "anticoagulant=no"];
    let asked = [asked, ["-a", "valve=no", "-a", "cardiomyopathy=no"]].concat();
    [&["protocol", "eval", "--protocol", file][..], &TODAY, &asked[..], more].concat()
}

/// The JSON that a refused command prints.
fn refused(user: &User, arguments: &[&str]) -> Value {
    let output = user.command(arguments).arg("--json").assert().code(1).get_output().clone();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn where_nobody_can_confirm_silence_is_refused_with_all_that_was_found() {
    let user = User::new();
    let file = protocol("cha2ds2-vasc");
    let bundle = history(&user, "history.json", hypertension());
    let arguments = evaluate(&file, &["--bundle", &bundle]);
    let said = refused(&user, &arguments);
    assert!(said["error"].as_str().unwrap().contains("nobody has confirmed"), "{said}");
    assert!(said["error"].as_str().unwrap().contains("-a heart-failure=no"), "{said}");
    assert!(said.get("outputs").is_none(), "{said}");
    let input = |id: &str| {
        let inputs = said["inputs"].as_array().unwrap();
        inputs.iter().find(|one| one["id"] == id).unwrap().clone()
    };
    assert_eq!(input("hypertension")["value"], "yes");
    assert!(input("hypertension")["source"].as_str().unwrap().starts_with("Condition/c"));
    assert_eq!(input("stroke")["value"], "no, unconfirmed");
    // People see the same, each answer with its source.
    let output = user.command(&arguments).assert().code(1).get_output().clone();
    let text = String::from_utf8(output.stdout).unwrap();
    for word in ["Condition/c: I10", "UNCONFIRMED", "The history says nothing of 4 questions"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let said = refused(&user, &evaluate(&file, &["--bundle", &bundle, "--assume-no"]));
    assert!(said["error"].as_str().unwrap().contains("doesn't show that it has every"), "{said}");
    // Answers of one's own are enough.
    let answers = ["heart-failure", "diabetes", "stroke", "vascular-disease"];
    let answers = answers.map(|id| format!("{id}=no"));
    let given: Vec<&str> = answers.iter().flat_map(|answer| ["-a", answer]).collect();
    let said = user.json(&evaluate(&file, &[&["--bundle", &bundle], &given[..]].concat()));
    assert_eq!(said["outputs"], json!([3]));
}

#[test]
fn a_record_that_is_complete_may_be_taken_at_its_word() {
    let user = User::new();
    let file = protocol("cha2ds2-vasc");
    let bundle = data("bundle-anna.json");
    let text = user
        .text(&evaluate(&file, &["--bundle", &bundle, "--assume-no", "-a", "heart-failure=no"]));
    for word in ["Diabetes", "the history is complete and says nothing of it", "is refuted", " = 5"]
    {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn at_the_terminal_silence_is_confirmed_once_or_asked_one_by_one() {
    let user = User::new();
    let file = protocol("cha2ds2-vasc");
    let bundle = history(&user, "history.json", json!({ "text": "Zuckerkrankheit" }));
    let asked = || {
        let mut command = Command::new(cargo_bin("cso"));
        command.args(evaluate(&file, &["--bundle", &bundle]));
        start(&user, command)
    };
    let mut session = asked();
    expect(
        &mut session,
        &["says nothing of 5 questions", "may be meant", "Zuckerkrankheit", "[yes/no] "],
    );
    session.send_line("").unwrap();
    expect(&mut session, &["Type no if none", "[yes/no] "]);
    session.send_line("no").unwrap();
    expect(&mut session, &["confirmed as no", " = 2"]);
    session.exp_eof().unwrap();

    let mut session = asked();
    expect(&mut session, &["[yes/no] "]);
    session.send_line("yes").unwrap();
    for answer in ["n", "n", "y", "n", "n"] {
        expect(&mut session, &["(y/n)", "> "]);
        session.send_line(answer).unwrap();
    }
    expect(&mut session, &["asked at the terminal", " = 3"]);
    session.exp_eof().unwrap();
}

#[test]
fn whom_it_is_not_for_is_told_so_before_more_is_asked() {
    let user = User::new();
    // Anna had a transient ischaemic attack: SCORE2 isn't for her, whatever else she answers.
    let (file, bundle) = (protocol("score2"), data("bundle-anna.json"));
    let arguments = [&["protocol", "eval", "--protocol", &file, "--bundle", &bundle][..], &TODAY];
    let said = refused(&user, &arguments.concat());
    let error = said["error"].as_str().unwrap();
    for word in
        ["answers are missing: region", "by the answers that there are, this protocol isn't"]
    {
        assert!(error.contains(word), "{word}: {error}");
    }
}

#[test]
fn in_an_emergency_that_it_cannot_wait_is_said_before_anything_is_asked() {
    let user = User::new();
    for (language, warning) in
        [("en", "In an emergency call emergency services now"), ("de", "sofort den Rettungsdienst")]
    {
        let mut command = Command::new(cargo_bin("cso"));
        let file = protocol("qsofa");
        command.args(["protocol", "eval", "--language", language, "--protocol", &file]);
        let mut session = start(&user, command);
        expect(&mut session, &[warning, "Type ? for help", "> "]);
        session.send_line("70").unwrap();
        // German readers answer in German.
        for next in ["(y/n)", "3/7"] {
            expect(&mut session, &[next, "> "]);
            session.send_line("ja").unwrap();
        }
    }
}

#[test]
fn a_history_may_be_several_files_or_a_folder() {
    let user = User::new();
    let file = protocol("cha2ds2-vasc");
    let folder = user.path("export");
    fs::create_dir(&folder).unwrap();
    let patient = json!({ "resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1957-03-14" });
    let condition = json!({ "resourceType": "Condition", "id": "c", "code": hypertension(),
        "subject": { "reference": "Patient/p" } });
    let one = folder.join("Patient.ndjson").display().to_string();
    let two = folder.join("Condition.ndjson").display().to_string();
    fs::write(&one, format!("{patient}\n")).unwrap();
    fs::write(&two, format!("{condition}\n")).unwrap();
    let folder = folder.display().to_string();
    for given in [&["--bundle", &one, "--bundle", &two][..], &["--bundle", &folder]] {
        let said = refused(&user, &evaluate(&file, given));
        let inputs = said["inputs"].as_array().unwrap();
        let value = |id: &str| &inputs.iter().find(|one| one["id"] == id).unwrap()["value"];
        assert_eq!((value("hypertension"), value("age")), (&json!("yes"), &json!("69 years")));
    }
}
