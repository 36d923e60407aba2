// SPDX-License-Identifier: Apache-2.0
//! Asking at the terminal, through a pseudo-terminal.

mod common;

use assert_cmd::cargo::cargo_bin;
use common::{
    terminal::{expect, start},
    User, FALLS,
};
use rexpect::session::PtySession;
use std::{fs, process::Command, thread, time::Duration};

fn asked(user: &User, more: &[&str]) -> PtySession {
    let model = user.path("falls.toml");
    fs::write(&model, FALLS).unwrap();
    let mut command = Command::new(cargo_bin("cso"));
    command.args(["model", "eval", "--model"]).arg(model).args(more);
    start(user, command)
}

#[test]
fn the_intake_is_asked_with_ranges_options_help_and_a_way_back() {
    let user = User::new();
    let mut session = asked(&user, &[]);
    expect(&mut session, &["4 questions.", "1/4  Age (60 to 120 years)", "> "]);
    for (typed, said) in [
        ("<", "This is the first question."),
        ("?", "From 65 to 96 years, in steps of 1, values are told apart; one beyond counts"),
        ("old", "`old` is not a number in a"),
        ("130", "outside of 60 to 120 a"),
        ("110", "96 years is used"),
    ] {
        session.send_line(typed).unwrap();
        expect(&mut session, &[said]);
    }
    expect(&mut session, &["2/4  Walking aid", "1  none", "2  stick", "3  walking frame"]);
    for (typed, said) in [
        ("<", "1/4  Age"),
        ("84 a", "2/4  Walking aid"),
        ("4", "no option `4`"),
        ("2", "3/4  Fell before (y/n)"),
        ("y", "4/4  Grip strength (0 to 63 kg; Enter if unknown)"),
        ("", "Score = 3"),
    ] {
        session.send_line(typed).unwrap();
        expect(&mut session, &[said]);
    }
    expect(&mut session, &["Risk = high, act", "not a medical device"]);
    session.exp_eof().unwrap();
}

#[test]
fn only_what_is_missing_is_asked_after_what_is_known_is_shown() {
    let user = User::new();
    let record = user.path("record.json");
    let model = user.path("falls.toml").display().to_string();
    fs::write(&model, FALLS).unwrap();
    let said = user.json(&["model", "questionnaire", &model]);
    let form = said["questionnaire"]["url"].as_str().unwrap();
    let response = format!(
        r#"{{"resourceType": "QuestionnaireResponse", "status": "completed", "id": "q1", "questionnaire": "{form}",
        "item": [{{"linkId": "fell", "answer": [{{"valueBoolean": true}}]}}]}}"#
    );
    fs::write(&record, response).unwrap();
    let record = record.display().to_string();
    let mut session = asked(&user, &["--bundle", &record, "-a", "age=70", "-a", "grip=missing"]);
    expect(&mut session, &["question", "Age", "70 years", "given with -a"]);
    expect(&mut session, &["Fell before", "yes", "QuestionnaireResponse/q1"]);
    expect(&mut session, &["1 question.", "1/1  Walking aid"]);
    session.send_line("walking FRAME").unwrap();
    expect(&mut session, &["Score = 3"]);
    session.exp_eof().unwrap();
}

#[test]
fn nothing_is_drawn_over_an_open_question() {
    let user = User::new();
    let mut session = asked(&user, &[]);
    expect(&mut session, &["1/4", "> "]);
    // Progress is drawn after a second. Both the first prompt and later ones stay as they are.
    for _ in 0..2 {
        thread::sleep(Duration::from_millis(1_600));
        session.send_line("<").unwrap();
        let between = session.exp_string("This is the first question.").unwrap();
        assert!(!between.contains('\u{1b}'), "{between:?}");
        expect(&mut session, &["1/4", "> "]);
    }
}

#[test]
fn closing_the_terminal_does_nothing() {
    let user = User::new();
    let mut session = asked(&user, &[]);
    expect(&mut session, &["1/4", "> "]);
    session.send_control('d').unwrap();
    expect(&mut session, &["error: the input ended; nothing was done"]);
    session.exp_eof().unwrap();
}

#[test]
fn on_a_narrow_terminal_no_address_is_torn() {
    let user = User::new();
    let address = user.json(&["account", "create", "anna"])["address"].clone();
    let address = address.as_str().unwrap();
    let shown = |columns: &str| {
        let mut command = Command::new("env");
        let passphrase = format!("CSO_PASSPHRASE={}", user.passphrase);
        command.args([&passphrase, &format!("COLUMNS={columns}")]);
        command.arg(cargo_bin("cso")).args(["account", "list"]);
        start(&user, command).exp_eof().unwrap().replace("\r\n", "\n")
    };
    assert!(shown("40").contains(&format!("anna:\n  {address}\n")), "{}", shown("40"));
    assert!(shown("80").contains(&format!("anna  {address}\n")), "{}", shown("80"));
}
