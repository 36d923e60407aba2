// SPDX-License-Identifier: Apache-2.0
//! What others wrote is printed so that it can do nothing: no byte of it commands a terminal, and
//! none makes a line of its own.

mod common;

use common::{protocol, User, FALLS};
use std::fs;

/// Fills the clipboard, turns the direction, splits the line, forges another one, and hides.
const HOSTILE: &str =
    "evil\u{1b}]52;c;QUFBQQ==\u{7}\u{202e}\u{61c}\u{2028}\u{9b}31m\u{200b}\nwarning: forged";

/// Nothing of it is in what was printed.
#[track_caller]
fn is_inert(printed: &[u8]) -> String {
    let text = String::from_utf8(printed.to_vec()).unwrap();
    let hostile = HOSTILE.chars().filter(|letter| !letter.is_ascii_graphic() && *letter != ' ');
    for letter in hostile.filter(|letter| *letter != '\n') {
        assert!(!text.contains(letter), "U+{:04X} in: {text:?}", u32::from(letter));
    }
    text
}

#[test]
fn a_warning_is_one_line_whatever_it_quotes() {
    let user = User::new();
    let (cases, out) = (user.path("cases.csv"), user.path("out.csv").display().to_string());
    let csv = format!("respiration,systolic,gcs,age,infection,intensive-care,pregnant,\"{HOSTILE}\"\n24,95,14,60,yes,no,no,1\n");
    fs::write(&cases, csv).unwrap();
    let (file, cases) = (protocol("qsofa"), cases.display().to_string());
    let command = ["protocol", "eval", "--protocol", &file, "--cases", &cases, "--out", &out];
    let output = user.command(&command).assert().success().get_output().clone();
    is_inert(&output.stdout);
    let said = is_inert(&output.stderr);
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("evil"), "{said}");
    fs::remove_file(&out).unwrap();
    let output = user.command(&command).arg("--json").assert().success().get_output().clone();
    let json: serde_json::Value = serde_json::from_str(&is_inert(&output.stdout)).unwrap();
    assert_eq!(json["unknown_columns"][0], HOSTILE);
}

#[test]
fn an_error_is_one_line_whatever_it_quotes() {
    let user = User::new();
    let said = user.refused(&["protocol", "check", HOSTILE], &["evil"]);
    is_inert(said.as_bytes());
    let output = user.command(&[HOSTILE]).assert().code(2).get_output().clone();
    assert!(is_inert(&output.stderr).contains("evil"));
}

#[test]
fn a_document_goes_into_files_and_programs_as_it_is() {
    let user = User::new();
    let script = user.text(&["completions", "bash"]);
    assert!(!script.contains('\u{fffd}'));
    let suri = "//Ali\u{ad}ce";
    user.json(&["account", "import", "alice", "--suri", suri]);
    assert_eq!(user.text(&["account", "export", "alice", "--suri"]).trim_end(), suri);
}

#[test]
fn a_description_with_such_characters_is_refused_with_field_and_character() {
    let user = User::new();
    let path = user.path("hostile.toml");
    for (escape, code) in [
        ("\\u001b]52;c;QUFBQQ==", "U+001B"),
        ("\\nwhat leaves  nothing", "U+000A"),
        ("\\u202e", "U+202E"),
        ("\\u061c", "U+061C"),
        ("\\u2028", "U+2028"),
    ] {
        let file = FALLS.replacen("Fell before", &format!("Fell {escape}"), 1);
        fs::write(&path, file).unwrap();
        let said = user.refused(
            &["protocol", "check", &path.display().to_string()],
            &["feature `fell`, label", code],
        );
        is_inert(said.as_bytes());
    }
}
