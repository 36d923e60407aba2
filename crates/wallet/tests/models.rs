// SPDX-License-Identifier: Apache-2.0
//! `cso model` as an expert meets it.

mod common;

use common::{data, protocol, User};
use std::fs;

#[test]
fn shipped_protocols_check_and_evaluate() {
    let user = User::new();
    for (name, outputs) in [("cha2ds2-vasc", 5), ("findrisc", 20)] {
        let file = protocol(name);
        let checked = user.json(&["model", "check", &file]);
        assert_eq!(checked["id"], name);
        assert!(
            checked["failure_log2"].as_f64().unwrap() <= -128.0,
            "{checked}"
        );
        assert_eq!(checked["examples"]["passed"], checked["examples"]["total"]);
        let bundle = data("bundle-anna.json");
        let value = user.json(&[
            "model",
            "eval",
            "--model",
            &file,
            "--bundle",
            &bundle,
            "--today",
            "2026-11-23",
        ]);
        assert_eq!(value["outputs"], serde_json::json!([outputs]), "{value}");
        let text = user.text(&[
            "model",
            "eval",
            "--model",
            &file,
            "--bundle",
            &bundle,
            "--today",
            "2026-11-23",
        ]);
        assert!(text.contains("not a medical device"), "{text}");
    }
}

#[test]
fn answers_on_the_command_line_go_before_files() {
    let user = User::new();
    let file = protocol("cha2ds2-vasc");
    let bundle = data("bundle-anna.json");
    fs::write(user.path("answers.json"), r#"{"age": "80 a"}"#).unwrap();
    let answers = user.path("answers.json").display().to_string();
    let evaluate = |more: &[&str]| {
        let common = [
            "model",
            "eval",
            "--model",
            &file,
            "--bundle",
            &bundle,
            "--today",
            "2026-11-23",
        ];
        user.json(&[&common, more].concat())["outputs"][0]
            .as_u64()
            .unwrap()
    };
    // 69 years give one point, 80 two, 50 none.
    assert_eq!(evaluate(&[]), 5);
    assert_eq!(evaluate(&["--answers", &answers]), 6);
    assert_eq!(evaluate(&["--answers", &answers, "-a", "age=50"]), 4);
}

#[test]
fn bad_answers_are_named() {
    let user = User::new();
    let file = protocol("cha2ds2-vasc");
    let refused = |more: &[&str], words: &[&str]| {
        user.refused(
            &[&["model", "eval", "--model", &file], more].concat(),
            words,
        )
    };
    refused(&[], &["missing", "age", "-a"]);
    refused(&["-a", "age"], &["no `=`"]);
    refused(&["-a", "height=180"], &["height", "age"]);
    refused(&["-a", "age=old"], &["age", "old"]);
    refused(&["--bundle", "/nowhere.json"], &["/nowhere.json"]);
    refused(&["--bundle", &data("bad-xml.xml")], &["XML"]);
    refused(
        &["--bundle", &data("bad-two-patients.json")],
        &["several patients"],
    );
    fs::write(user.path("a.json"), "[1]").unwrap();
    refused(
        &["--answers", &user.path("a.json").display().to_string()],
        &["a.json", "JSON object"],
    );
    user.refused(
        &["model", "check", &data("bundle-anna.json")],
        &["bundle-anna.json"],
    );
}

/// A protocol with every kind of feature, a feature that may be missing, a number and a class.
const FALLS: &str = r#"
format = 1

[protocol]
id = "falls"
title = "Risk of falling"
version = "1.0.0"
language = "en"
licence = "CC0-1.0"
intended_use = "A test."

[[intake]]
id = "age"
label = "Age"
kind = "quantity"
unit = "a"
min = 65
max = 96
step = 1
limits = [60, 120]

[[intake]]
id = "aid"
label = "Walking aid"
kind = "choice"
options = [{ id = "none", label = "none" }, { id = "stick", label = "stick" }, { id = "frame", label = "walking frame" }]

[[intake]]
id = "fell"
label = "Fell before"
kind = "flag"

[[intake]]
id = "grip"
label = "Grip strength"
kind = "quantity"
unit = "kg"
min = 0
max = 63
step = 1
missing = true

[[output]]
id = "score"
label = "Score"
min = 0
max = 6
meaning = [{ from = 0, to = 6, text = "More is worse." }]

[[output]]
id = "risk"
label = "Risk"
kind = "class"
min = 0
max = 1
meaning = [{ from = 0, to = 0, name = "low", text = "Low." }, { from = 1, to = 1, name = "high, act", text = "High." }]

[model]
[[model.output]]
id = "score"
[[model.output]]
id = "risk"
link = "classes"
classes = [{ below = 3, value = 0 }, { value = 1 }]
[[model.term]]
feature = "age"
bands = [{ below = 75, points = 0 }, { below = 85, points = 1 }, { points = 2 }]
[[model.term]]
feature = "aid"
choices = { none = 0, stick = 1, frame = 2 }
[[model.term]]
feature = "fell"
points = 1
[[model.term]]
feature = "grip"
bands = [{ below = 20, points = 1 }, { points = 0 }]
missing = 0
"#;

/// In another order than the protocol's, one column more, every way to write an answer, gaps, and a value that is clamped.
const CASES: &str = "case,fell,age,grip,aid\n1,no,65,40,none\n2,1.0,84.9,,stick\n3,TRUE,110,19,Walking frame\n4,0,75,NA,frame\n";
const RESULTS: &str =
    "score,risk,risk name\n0,0,low\n3,1,\"high, act\"\n6,1,\"high, act\"\n3,1,\"high, act\"\n";

/// A folder with the protocol and cases.
struct Falls {
    user: User,
    model: String,
    cases: String,
    out: String,
}

impl Falls {
    fn new(cases: &str) -> Self {
        let user = User::new();
        let path = |name: &str| user.path(name).display().to_string();
        let (model, csv, out) = (path("falls.toml"), path("cases.csv"), path("out.csv"));
        fs::write(&model, FALLS).unwrap();
        fs::write(&csv, cases).unwrap();
        Self {
            user,
            model,
            cases: csv,
            out,
        }
    }

    fn eval<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        let mut arguments = vec!["model", "eval", "--model", &self.model, "--cases"];
        arguments.extend([self.cases.as_str(), "--out", &self.out]);
        arguments.extend(more);
        arguments
    }

    fn results(&self) -> String {
        fs::read_to_string(&self.out).unwrap()
    }
}

#[test]
fn cases_are_evaluated_in_their_order() {
    let falls = Falls::new(CASES);
    let said = falls.user.json(&falls.eval(&[]));
    assert_eq!(falls.results(), RESULTS);
    assert_eq!(said["cases"], 4, "{said}");
    assert_eq!(said["clamped"], 1);
    assert_eq!(said["unknown_columns"], serde_json::json!(["case"]));
    assert_eq!(said["encrypted"], serde_json::Value::Null);
}

#[test]
fn encrypted_cases_give_the_same_with_times() {
    for profile in ["fast", "private"] {
        let falls = Falls::new(CASES);
        let said = falls
            .user
            .json(&falls.eval(&["--encrypted", "--profile", profile]));
        assert_eq!(falls.results(), RESULTS);
        let encrypted = &said["encrypted"];
        assert_eq!(encrypted["profile"], profile);
        assert_eq!(encrypted["equal_to_program"], 4);
        assert_eq!(encrypted["changed_by_rounding"], 0);
        for part in ["encrypt", "load", "evaluate", "decrypt"] {
            let times = &encrypted["times"][part];
            let [median, total] =
                ["median_ms", "total_ms"].map(|name| times[name].as_f64().unwrap());
            assert!(0.0 < median && median < total, "{said}");
        }
        assert!(said["per_second"].as_f64().unwrap() > 0.0);
    }
}

#[test]
fn one_record_is_evaluated_encrypted() {
    let falls = Falls::new(CASES);
    let said = falls.user.json(&[
        "model",
        "eval",
        "--model",
        &falls.model,
        "-a",
        "age=84",
        "-a",
        "aid=stick",
        "-a",
        "fell=yes",
        "--encrypted",
    ]);
    assert_eq!(said["outputs"], serde_json::json!([3, 1]));
    assert_eq!(said["encrypted"]["profile"], "private");
}

#[test]
fn warnings_name_columns_and_clamping() {
    let falls = Falls::new("age,aid,fell,tall\n64,none,no,1\n");
    let output = falls
        .user
        .command(&falls.eval(&[]))
        .assert()
        .success()
        .get_output()
        .clone();
    let warnings = String::from_utf8(output.stderr).unwrap();
    for words in [
        "protocol doesn't ask for: tall",
        "no columns for grip",
        "1 values are out of",
    ] {
        assert!(warnings.contains(words), "{warnings}");
    }
}

#[test]
fn results_are_not_written_over_a_file() {
    let falls = Falls::new(CASES);
    fs::write(&falls.out, "mine").unwrap();
    falls
        .user
        .refused(&falls.eval(&[]), &["out.csv", "--force"]);
    assert_eq!(falls.results(), "mine");
    falls.user.json(&falls.eval(&["--force"]));
    assert_eq!(falls.results(), RESULTS);
}

#[test]
fn bad_cases_are_named_and_leave_no_file() {
    for (cases, words) in [
        ("", ["cases.csv", "line 1", "no header"]),
        ("age,aid,fell\n", ["cases.csv", "nothing", "header"]),
        (
            "aid,grip\nnone,1\n",
            ["columns are missing", "age, fell", "template"],
        ),
        (
            "age,aid,fell\n70,none,no\n70,none\n",
            ["line 3", "2 fields", "3"],
        ),
        (
            "age,aid,fell\n70,none,no\n70,wheels,no\n",
            ["line 3", "`aid`", "frame"],
        ),
        (
            "age,aid,fell\n\n130,none,no\n",
            ["line 3", "`age`", "60 to 120"],
        ),
        ("age,aid,fell\n,none,no\n", ["line 2", "`age`", "missing"]),
        (
            "age,aid,fell\n70,none,perhaps\n",
            ["line 2", "`fell`", "yes or no"],
        ),
    ] {
        let falls = Falls::new(cases);
        falls.user.refused(&falls.eval(&[]), &words);
        assert!(!std::path::Path::new(&falls.out).exists());
        let left = fs::read_dir(falls.user.path("")).unwrap().count();
        assert_eq!(left, 2, "only the protocol and the cases");
    }
    let falls = Falls::new(CASES);
    falls.user.refused(
        &[
            "model",
            "eval",
            "--model",
            &falls.model,
            "--cases",
            "/nowhere.csv",
            "--out",
            &falls.out,
        ],
        &["/nowhere.csv"],
    );
    falls.user.refused(
        &[
            "model",
            "eval",
            "--model",
            &falls.model,
            "--cases",
            &falls.cases,
            "--out",
            "/nowhere/out.csv",
        ],
        &["/nowhere"],
    );
}

#[test]
fn flags_of_one_record_and_of_many_do_not_mix() {
    let falls = Falls::new(CASES);
    for more in [
        ["--answers", "x.json"],
        ["-a", "age=70"],
        ["--bundle", "b.json"],
        ["--profile", "fast"],
    ] {
        falls.user.command(&falls.eval(&more)).assert().code(2);
    }
    falls
        .user
        .command(&[
            "model",
            "eval",
            "--model",
            &falls.model,
            "--cases",
            &falls.cases,
        ])
        .assert()
        .code(2);
}
