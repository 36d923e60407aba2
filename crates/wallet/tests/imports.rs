// SPDX-License-Identifier: Apache-2.0
//! `cso protocol import` as a data scientist meets it.

mod common;

use common::User;
use std::{fs, os::unix::fs::PermissionsExt};

/// A tree of LightGBM on a laboratory value with a long tail.
const MODEL: &str = "tree\nversion=v4\nnum_class=1\nobjective=binary sigmoid:1\nfeature_names=age hormone\n\n\
Tree=0\nnum_leaves=3\nsplit_feature=1 1\nthreshold=362 137\ndecision_type=8 8\nleft_child=1 -1\nright_child=-2 -3\n\
leaf_value=-2 0.75 -0.5\nis_linear=0\n\n\nend of trees\n\nparameters:\nend of parameters\n";

struct Folder {
    user: User,
}

impl Folder {
    fn new() -> Self {
        let user = User::new();
        let mut data = String::from("age,hormone\n");
        for case in 0..300u32 {
            data += &format!("{},{}\n", 40 + case % 50, case * case / 40);
        }
        fs::write(user.path("model.txt"), MODEL).unwrap();
        fs::write(user.path("data.csv"), data).unwrap();
        Self { user }
    }

    fn path(&self, name: &str) -> String {
        self.user.path(name).display().to_string()
    }

    fn import<'a>(&self, paths: &'a [String; 3], more: &[&'a str]) -> Vec<&'a str> {
        let [model, data, out] = paths;
        let own = ["protocol", "import", model, "--data", data, "--out", out];
        own.iter().chain(more).copied().collect()
    }

    fn paths(&self) -> [String; 3] {
        ["model.txt", "data.csv", "hormone.toml"].map(|name| self.path(name))
    }
}

#[test]
fn an_import_is_measured_and_keeps_the_key_of_its_edges() {
    let folder = Folder::new();
    let paths = folder.paths();
    let said = folder.user.json(&folder.import(&paths, &[]));
    let measured = &said["measured"][0];
    assert_eq!(
        (measured["cases"].as_u64(), measured["classes_changed"].as_u64()),
        (Some(300), Some(0))
    );
    assert!(measured["largest"].as_f64().unwrap() < 0.004, "{measured}");
    assert!(said["intake_tells"][0].as_str().unwrap().contains("hormone"), "{said}");
    let key = fs::read_to_string(folder.user.path("edges.key")).unwrap();
    let mode = fs::metadata(folder.user.path("edges.key")).unwrap().permissions().mode();
    assert_eq!((key.trim().len(), mode & 0o777), (64, 0o600));
    let edges = |name: &str| -> String {
        let toml = fs::read_to_string(folder.user.path(name)).unwrap();
        toml.lines().find(|line| line.starts_with("edges = ")).unwrap().to_owned()
    };
    let first = edges("hormone.toml");
    let [model, data, _] = &paths;
    let again = folder.path("again.toml");
    folder.user.json(&["protocol", "import", model, "--data", data, "--out", &again]);
    assert_eq!(first, edges("again.toml"));
    // What is public may be told to `check`, too.
    let checked =
        folder.user.json(&["protocol", "check", &again, "--cases", data, "--against", model]);
    assert_eq!(checked["measured"][0], *measured);
}

#[test]
fn a_protocol_too_far_from_its_model_is_refused_with_the_feature() {
    let folder = Folder::new();
    let paths = folder.paths();
    let words = ["would differ from the model by", "--max-deviation"];
    folder.user.refused(&folder.import(&paths, &["--max-deviation", "0.01"]), &words);
    assert!(!folder.user.path("hormone.toml").exists());
}

#[test]
fn options_that_mean_nothing_are_refused() {
    let folder = Folder::new();
    let paths = folder.paths();
    folder.user.refused(&folder.import(&paths, &["--horizon", "365"]), &["LightGBM", "horizon"]);
}

#[test]
fn cases_with_a_gap_are_left_out_and_the_others_evaluated() {
    let folder = Folder::new();
    let toml = common::FALLS;
    fs::write(folder.user.path("falls.toml"), toml).unwrap();
    fs::write(
        folder.user.path("cases.csv"),
        "fell,age,grip,aid\nno,65,40,none\n,70,30,stick\nyes,90,19,frame\n",
    )
    .unwrap();
    let [protocol, cases, out] =
        ["falls.toml", "cases.csv", "out.csv"].map(|name| folder.path(name));
    let said = folder.user.json(&[
        "protocol",
        "eval",
        "--protocol",
        &protocol,
        "--cases",
        &cases,
        "--out",
        &out,
    ]);
    assert_eq!(said["skipped_lines"], serde_json::json!([3]), "{said}");
    let results = fs::read_to_string(&out).unwrap();
    let lines: Vec<&str> = results.lines().collect();
    assert_eq!((lines.len(), lines[2]), (4, ",,"), "{results}");
}
