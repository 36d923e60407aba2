// SPDX-License-Identifier: Apache-2.0
//! `cso protocol` as an expert meets it.

mod common;

use common::{data, own_answers, protocol, User, FALLS};
use std::{fs, os::unix::fs::PermissionsExt};

#[test]
fn shipped_protocols_check_and_evaluate() {
    let user = User::new();
    for (name, outputs) in [("cha2ds2-vasc", 5), ("findrisc", 20)] {
        let file = protocol(name);
        let checked = user.json(&["protocol", "check", &file]);
        assert_eq!(checked["id"], name);
        for profile in ["private", "fast"] {
            let profile = &checked["profiles"][profile];
            assert!(profile["failure_log2"].as_f64().unwrap() <= -128.0, "{checked}");
            assert!(profile["privacy_margin_log2"].as_f64().unwrap() < 0.0);
            assert!(profile["times"]["evaluate"]["median_ms"].as_f64().unwrap() > 0.0);
        }
        let bytes = |profile: &str| checked["profiles"][profile]["record_bytes"].as_u64().unwrap();
        assert!(bytes("private") > bytes("fast"));
        assert_eq!(checked["examples"]["passed"], checked["examples"]["total"]);
        let bundle = data("bundle-anna.json");
        let mut eval = vec!["protocol", "eval", "--model", &file, "--bundle", &bundle];
        eval.extend(["--assume-no", "--today", "2026-11-23"]);
        eval.extend(own_answers(name));
        let value = user.json(&eval);
        assert_eq!(value["outputs"], serde_json::json!([outputs]), "{value}");
        let text = user.text(&eval);
        assert!(text.contains("not a medical device"), "{text}");
    }
}

#[test]
fn answers_on_the_command_line_go_before_files() {
    let user = User::new();
    let file = protocol("cha2ds2-vasc");
    let bundle = data("bundle-anna.json");
    let [_, own] = own_answers("cha2ds2-vasc");
    let mut answers: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(own).unwrap()).unwrap();
    answers["age"] = "80 a".into();
    fs::write(user.path("answers.json"), answers.to_string()).unwrap();
    let answers = user.path("answers.json").display().to_string();
    let evaluate = |more: &[&str]| {
        let common =
            ["protocol", "eval", "--model", &file, "--bundle", &bundle, "--today", "2026-11-23"];
        user.json(&[&common[..], &["--assume-no"], more].concat())["outputs"][0].as_u64().unwrap()
    };
    // 69 years give one point, 80 two, 50 none.
    assert_eq!(evaluate(&["--answers", own]), 5);
    assert_eq!(evaluate(&["--answers", &answers]), 6);
    assert_eq!(evaluate(&["--answers", &answers, "-a", "age=50"]), 4);
}

#[test]
fn bad_answers_are_named() {
    let user = User::new();
    let file = protocol("cha2ds2-vasc");
    let refused = |more: &[&str], words: &[&str]| {
        user.refused(&[&["protocol", "eval", "--model", &file], more].concat(), words)
    };
    refused(&[], &["missing", "age", "-a"]);
    refused(&["-a", "age"], &["no `=`"]);
    refused(&["-a", "height=180"], &["height", "age"]);
    refused(&["-a", "age=old"], &["age", "old"]);
    refused(&["--bundle", "/nowhere.json"], &["/nowhere.json"]);
    refused(&["--bundle", &data("bad-xml.xml")], &["XML"]);
    refused(&["--bundle", &data("bad-two-patients.json")], &["several patients"]);
    fs::write(user.path("a.json"), "[1]").unwrap();
    refused(&["--answers", &user.path("a.json").display().to_string()], &["a.json", "JSON object"]);
    user.refused(&["protocol", "check", &data("bundle-anna.json")], &["bundle-anna.json"]);
}

/// In another order than the protocol's, one column more, every way to write an answer, gaps, and a
/// value that is clamped.
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
        Self { user, model, cases: csv, out }
    }

    fn eval<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        let mut arguments = vec!["protocol", "eval", "--model", &self.model, "--cases"];
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
        let said = falls.user.json(&falls.eval(&["--encrypted", "--profile", profile]));
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
        "protocol",
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
    let output = falls.user.command(&falls.eval(&[])).assert().success().get_output().clone();
    let warnings = String::from_utf8(output.stderr).unwrap();
    for words in
        ["protocol doesn't ask for: tall", "no columns for grip", "nearer end is used: 1 value"]
    {
        assert!(warnings.contains(words), "{warnings}");
    }
}

#[test]
fn what_follows_from_other_columns_needs_none_of_its_own() {
    let user = User::new();
    let [cases, out] = ["cases.csv", "out.csv"].map(|name| user.path(name).display().to_string());
    let file = protocol("kdigo-ckd");
    let eval =
        ["protocol", "eval", "--protocol", &file, "--cases", &cases, "--out", &out, "--force"];
    // CKD-EPI 2021: a woman of 60 with 2.0 mg/dL has 28 mL/min/1.73 m², a man of 40 with 0.8 117.
    let rows = ["60,female,2.0,a1", "40,male,0.8,a1"];
    fs::write(&cases, format!("age,sex,creatinine,albumin\n{}\n", rows.join("\n"))).unwrap();
    user.json(&eval);
    let derived = fs::read_to_string(&out).unwrap();
    // One that is given goes before.
    let rows = rows.map(|row| format!("{row},28")).join("\n");
    fs::write(&cases, format!("age,sex,creatinine,albumin,egfr\n{rows}\n")).unwrap();
    user.json(&eval);
    let given = fs::read_to_string(&out).unwrap();
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let [derived, given] = [derived, given].map(|text| lines(&text));
    assert_eq!(derived[1], given[1]);
    assert_ne!(derived[2], given[2]);
    fs::write(&cases, "age,sex,creatinine,albumin\n60,female,,a1\n").unwrap();
    user.refused(&eval, &["line 2", "`egfr`", "missing"]);
}

#[test]
fn results_are_not_written_over_a_file() {
    let falls = Falls::new(CASES);
    fs::write(&falls.out, "mine").unwrap();
    falls.user.refused(&falls.eval(&[]), &["out.csv", "--force"]);
    assert_eq!(falls.results(), "mine");
    falls.user.json(&falls.eval(&["--force"]));
    assert_eq!(falls.results(), RESULTS);
}

#[test]
fn bad_cases_are_named_and_leave_no_file() {
    for (cases, words) in [
        ("", ["cases.csv", "line 1", "no header"]),
        ("age,aid,fell\n", ["cases.csv", "nothing", "header"]),
        ("aid,grip\nnone,1\n", ["columns are missing", "age, fell", "template"]),
        ("age,aid,fell\n70,none,no\n70,none\n", ["line 3", "2 fields", "3"]),
        ("age,aid,fell\n70,none,no\n70,wheels,no\n", ["line 3", "`aid`", "frame"]),
        ("age,aid,fell\n\n130,none,no\n", ["line 3", "`age`", "60 to 120"]),
        ("age,aid,fell\n,none,no\n", ["line 2", "`age`", "missing"]),
        ("age,aid,fell\n70,none,perhaps\n", ["line 2", "`fell`", "yes or no"]),
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
            "protocol",
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
            "protocol",
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
    for more in
        [["--answers", "x.json"], ["-a", "age=70"], ["--bundle", "b.json"], ["--profile", "fast"]]
    {
        falls.user.command(&falls.eval(&more)).assert().code(2);
    }
    falls
        .user
        .command(&["protocol", "eval", "--model", &falls.model, "--cases", &falls.cases])
        .assert()
        .code(2);
}

#[test]
fn check_says_what_rounding_changes() {
    let falls = Falls::new(CASES);
    let check = |more: &[&str]| {
        let arguments = [&["protocol", "check", &falls.model], more].concat();
        (falls.user.json(&arguments), falls.user.text(&arguments))
    };
    let (json, text) = check(&[]);
    assert_eq!(json["cases"], serde_json::Value::Null);
    assert!(text.contains("every point is exact"), "{text}");
    let (json, text) = check(&["--cases", &falls.cases]);
    assert_eq!(json["cases"]["cases"], 4);
    assert_eq!(json["cases"]["changed"], 0);
    assert!(text.contains("meaning of 0 of 4"), "{text}");

    // Points of many sizes don't all become whole.
    let mut uneven = FALLS.replace(
        "choices = { none = 0, stick = 1, frame = 2 }",
        "choices = { none = 0, stick = 0.70711, frame = 1.0001 }",
    );
    uneven =
        uneven.replace("feature = \"fell\"\npoints = 1", "feature = \"fell\"\npoints = 0.49999");
    fs::write(&falls.model, uneven).unwrap();
    let (json, text) = check(&["--cases", &falls.cases]);
    assert!(text.contains("total by at most 0.0"), "{text}");
    assert!(json["report"]["sums"][0]["deviation"].as_f64().unwrap() > 0.0);
}

#[test]
fn a_program_that_no_record_carries_is_refused_with_the_step() {
    let user = User::new();
    let model = user.path("fine.toml").display().to_string();
    // An output of 11 bits, after hundreds of decisions.
    let mut features = String::new();
    let mut terms = String::new();
    for index in 0..100 {
        features += &format!("[[intake]]\nid = \"f{index}\"\nlabel = \"F\"\nkind = \"quantity\"\nunit = \"1\"\nmin = 0\nmax = 1023\nstep = 1\n");
        terms += &format!("[[model.term]]\nfeature = \"f{index}\"\nweight = 0.02\n");
    }
    let head = &FALLS[..FALLS.find("[[intake]]").unwrap()];
    let toml = format!("{head}{features}\n[[output]]\nid = \"value\"\nlabel = \"Value\"\nmin = 0\nmax = 2047\nmeaning = [{{ from = 0, to = 2047, text = \"Any.\", next = \"Ask.\" }}]\n[model]\n{terms}");
    fs::write(&model, toml).unwrap();
    let checked = user.json(&["protocol", "check", &model]);
    let refused = checked["profiles"]["fast"]["refused"].as_str().unwrap();
    assert!(refused.contains("step 0") && refused.contains("Private"), "{refused}");
    let cases = user.path("c.csv").display().to_string();
    user.text(&["protocol", "template", &model, "--out", &cases]);
    let out = user.path("o.csv").display().to_string();
    user.refused(
        &[
            "protocol",
            "eval",
            "--model",
            &model,
            "--cases",
            &cases,
            "--out",
            &out,
            "--encrypted",
            "--profile",
            "fast",
        ],
        &["noise budget", "step 0"],
    );
}

/// A protocol with more steps than an output of 11 bits can hide, even in profile private.
fn deep() -> String {
    let head = &FALLS[..FALLS.find("[[intake]]").unwrap()];
    let mut toml = format!("{head}[[output]]\nid = \"fine\"\nlabel = \"Fine\"\nmin = 0\nmax = 2047\nmeaning = [{{ from = 0, to = 2047, text = \"Any.\", next = \"Ask.\" }}]\n");
    for index in 0..256 {
        toml += &format!("[[intake]]\nid = \"q{index}\"\nlabel = \"Q\"\nkind = \"quantity\"\nunit = \"1\"\nmin = 0\nmax = 3\nstep = 1\n[[model.term]]\nfeature = \"q{index}\"\nweight = 1\n");
    }
    for index in 2..256 {
        let (a, b) = (index - 2, index - 1);
        toml += &format!(
            "[[model.term]]\nwhen = \"q{a} == 1 and q{b} == 2 and q{index} == 3\"\npoints = 1\n"
        );
    }
    toml
}

#[test]
fn check_says_in_which_profiles_a_protocol_is_served() {
    let user = User::new();
    for (name, fast) in [("qsofa", true), ("grace", false)] {
        let file = protocol(name);
        let (json, text) =
            (user.json(&["protocol", "check", &file]), user.text(&["protocol", "check", &file]));
        assert_eq!(json["profiles"]["private"]["served"], true);
        let of_fast = &json["profiles"]["fast"];
        assert_eq!(of_fast["served"], fast, "{json}");
        assert_eq!(of_fast["refused"].is_string(), !fast);
        assert_eq!(text.contains("not served in profile fast: output `score`"), !fast, "{text}");
        assert_eq!(json["placeholders"], serde_json::json!([]));
    }
}

#[test]
fn a_model_that_no_profile_hides_is_neither_checked_nor_published() {
    let user = User::new();
    let model = user.path("deep.toml").display().to_string();
    let folder = user.path("expert").display().to_string();
    fs::write(&model, deep()).unwrap();
    user.json(&["account", "create", "me"]);
    user.json(&["expert", "init", "--dir", &folder]);
    let said = ["deep.toml", "output `fine`", "2^-9.", "2^-10", "1024 values"];
    user.refused(&["protocol", "check", &model], &said);
    // Nobody listens at the node's address: it is refused before the node is asked.
    user.refused(&["expert", "publish", "--as", "me", "--dir", &folder, &model], &said);
    assert_eq!(fs::read_dir(user.path("expert/protocols")).unwrap().count(), 0);
}

#[test]
fn what_may_hold_patients_data_or_a_model_is_for_its_owner_only() {
    let falls = Falls::new(CASES);
    falls.user.json(&falls.eval(&[]));
    let path = |name: &str| falls.user.path(name).display().to_string();
    let (model, data, out) = (path("model.json"), path("data.csv"), path("smoke-risk.toml"));
    fs::write(&model, XGBOOST).unwrap();
    fs::write(&data, DATA).unwrap();
    falls.user.json(&["protocol", "import", &model, "--data", &data, "--out", &out]);
    let template = path("template.csv");
    falls.user.json(&["protocol", "template", &model, "--out", &template]);
    for file in [&falls.out, &out, &template] {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600, "{file}");
    }
}

#[test]
fn what_an_import_leaves_to_be_written_is_told_and_not_published() {
    let user = User::new();
    let path = |name: &str| user.path(name).display().to_string();
    let (model, data, out) = (path("model.json"), path("data.csv"), path("smoke-risk.toml"));
    let folder = path("expert");
    fs::write(&model, XGBOOST).unwrap();
    fs::write(&data, DATA).unwrap();
    user.json(&["protocol", "import", &model, "--data", &data, "--out", &out]);
    let output = user.command(&["protocol", "check", &out]).assert().success().get_output().clone();
    let warnings = String::from_utf8(output.stderr).unwrap();
    let left = ["`TITLE`", "`LICENCE`", "FOR WHOM AND FOR WHAT", "meaning of output `probability`"];
    for words in left {
        assert!(warnings.contains(words), "{warnings}");
    }
    user.json(&["account", "create", "me"]);
    user.json(&["expert", "init", "--dir", &folder]);
    user.refused(&["expert", "publish", "--as", "me", "--dir", &folder, &out], &left);
    assert_eq!(fs::read_dir(user.path("expert/protocols")).unwrap().count(), 0);
}

#[test]
fn a_template_is_a_table_of_cases() {
    let falls = Falls::new("");
    let header = falls.user.text(&["protocol", "template", &falls.model]);
    assert_eq!(header, "age,aid,fell,grip\n65,none,no,\n");
    let template = falls.user.path("template.csv").display().to_string();
    for name in ["cha2ds2-vasc", "news2"] {
        let model = protocol(name);
        falls.user.text(&["protocol", "template", &model, "--out", &template, "--force"]);
        let arguments = [
            "protocol", "eval", "--model", &model, "--cases", &template, "--out", &falls.out,
            "--force",
        ];
        assert_eq!(falls.user.json(&arguments)["cases"], 1);
    }
    falls.user.refused(&["protocol", "template", &falls.model, "--out", &template], &["--force"]);
    falls.user.refused(&["protocol", "template", "/nowhere.toml"], &["/nowhere.toml"]);
}

#[test]
fn a_questionnaire_asks_every_feature() {
    let falls = Falls::new("");
    let text = falls.user.text(&["protocol", "questionnaire", &falls.model]);
    let printed: serde_json::Value = serde_json::from_str(&text).unwrap();
    let file = falls.user.path("q.json").display().to_string();
    let said = falls.user.json(&["protocol", "questionnaire", &falls.model, "--out", &file]);
    let written: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(written, printed);
    assert_eq!(said["questionnaire"], printed);
    let links = printed["item"].as_array().unwrap().iter();
    let links: Vec<_> = links.map(|item| item["linkId"].as_str().unwrap()).collect();
    assert_eq!(links, ["age", "aid", "fell", "grip"]);
    falls.user.refused(&["protocol", "questionnaire", &falls.model, "--out", &file], &["--force"]);
}

#[test]
fn a_questionnaire_response_answers_like_a_record() {
    let falls = Falls::new("");
    let said = falls.user.json(&["protocol", "questionnaire", &falls.model]);
    let response = serde_json::json!({
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "questionnaire": said["questionnaire"]["url"],
        "item": [
            { "linkId": "age", "answer": [{ "valueDecimal": 84 }] },
            { "linkId": "aid", "answer": [{ "valueCoding": { "code": "stick" } }] },
            { "linkId": "fell", "answer": [{ "valueBoolean": true }] },
        ],
    })
    .to_string();
    let bundle = format!(
        r#"{{"resourceType": "Bundle", "type": "collection", "entry": [{{"resource": {response}}}]}}"#
    );
    let file = falls.user.path("response.json").display().to_string();
    for record in [&response, &bundle] {
        fs::write(&file, record).unwrap();
        let said =
            falls.user.json(&["protocol", "eval", "--model", &falls.model, "--bundle", &file]);
        assert_eq!(said["outputs"], serde_json::json!([3, 1]));
        let source = said["inputs"][0]["source"].as_str().unwrap();
        assert!(source.contains("QuestionnaireResponse"), "{source}");
    }
}

/// Two trees on three features, as XGBoost writes them.
const XGBOOST: &str = r#"{"learner":{"feature_names":["age","weight","smoker"],"objective":{"name":"binary:logistic"},
"learner_model_param":{"base_score":"[2.5E-1]","num_class":"0","num_feature":"3","num_target":"1"},
"gradient_booster":{"name":"gbtree","model":{"trees":[
{"left_children":[1,3,-1,-1,-1],"right_children":[2,4,-1,-1,-1],"split_indices":[0,1,0,0,0],
 "split_conditions":[60.0,81.5,0.75,-0.5,0.25],"default_left":[1,0,0,0,0],"split_type":[0,0,0,0,0]},
{"left_children":[1,-1,-1],"right_children":[2,-1,-1],"split_indices":[2,0,0],
 "split_conditions":[1.0,-0.125,0.5],"default_left":[0,0,0],"split_type":[0,0,0]}]}}}}"#;
const DATA: &str = "age,weight,smoker\n41,70.5,0\n80,99.25,1\n,55.5,0\n63,,1\n";

#[test]
fn a_model_file_becomes_a_protocol_that_works() {
    let user = User::new();
    let path = |name: &str| user.path(name).display().to_string();
    let (model, data, out) = (path("model.json"), path("data.csv"), path("smoke-risk.toml"));
    fs::write(&model, XGBOOST).unwrap();
    fs::write(&data, DATA).unwrap();
    let header = user.text(&["protocol", "template", &model]);
    assert_eq!(header, "age,weight,smoker\n0,0,0\n");
    let import = ["protocol", "import", &model, "--data", &data, "--out", &out];
    let said = user.json(&import);
    assert_eq!(said["id"], "smoke-risk");
    user.refused(&import, &["smoke-risk.toml", "--force"]);
    let said = user.json(&[&import[..], &["--force", "--id", "other"]].concat());
    assert_eq!(said["id"], "other");
    assert_eq!(user.json(&["protocol", "check", &out])["id"], "other");
    let results = path("results.csv");
    user.json(&[
        "protocol",
        "eval",
        "--model",
        &out,
        "--cases",
        &data,
        "--out",
        &results,
        "--encrypted",
    ]);
    // 100 / (1 + exp(-(ln(1/3) + points))) for -0.5 - 0.125, 0.75 + 0.5, -0.5 - 0.125, and 0.75 +
    // 0.5.
    let expected = [-0.625, 1.25, -0.625, 1.25f64]
        .map(|points| (100.0 / (1.0 + 3.0 * (-points).exp())).round());
    let results = fs::read_to_string(results).unwrap();
    let values: Vec<f64> = results.lines().skip(1).map(|line| line.parse().unwrap()).collect();
    assert_eq!(values, expected);
}

#[test]
fn models_and_data_that_do_not_fit_are_refused_without_a_file() {
    let user = User::new();
    let path = |name: &str| user.path(name).display().to_string();
    let (model, data, out) = (path("model.json"), path("data.csv"), path("out.toml"));
    let import = ["protocol", "import", &model, "--data", &data, "--out", &out];
    for (content, csv, words) in [
        ("PK", DATA, ["model.json", "XGBoost"]),
        (XGBOOST, "age,weight\n1,2\n3,4\n", ["smoker", "column"]),
        (XGBOOST, "age,weight,smoker\n,2,0\n,3,1\n", ["`age`", "range"]),
        (&XGBOOST.replace("binary:logistic", "rank:map"), DATA, ["rank:map", "not supported"]),
    ] {
        fs::write(&model, content).unwrap();
        fs::write(&data, csv).unwrap();
        user.refused(&import, &words);
        assert!(!user.path("out.toml").exists());
    }
}
