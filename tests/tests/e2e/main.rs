// SPDX-License-Identifier: Apache-2.0

//! The whole way, with real nodes and the real wallet: the main story, and the ways it can go
//! wrong.

mod deadline;
mod declines;
mod metadata;
mod refusals;
mod restart;
mod story;
mod strangers;

use cso_tests::{data, own_answers, Actor};
use serde_json::Value;

/// The price that [`cso_tests::Expert`] asks, in CSO.
const PRICE: &str = "5";

/// Anna's bundle, which answers most of what CHA2DS2-VASc and FINDRISC ask.
fn bundle() -> String {
    data("bundle-anna.json").to_str().expect("the repository's path is text").to_owned()
}

/// The arguments that request an opinion on a bundle from the account `me`: by CHA2DS2-VASc, with
/// what Anna answers herself.
fn asking<'a>(expert: &'a str, protocol: &'a str, bundle: &'a str) -> Vec<&'a str> {
    [&asking_of(expert, protocol, bundle)[..], &own_answers("cha2ds2-vasc")].concat()
}

/// The same by any protocol, without answers.
fn asking_of<'a>(expert: &'a str, protocol: &'a str, bundle: &'a str) -> Vec<&'a str> {
    let what = ["--expert", expert, "--protocol", protocol, "--bundle", bundle];
    let how = ["--assume-no", "--today", "2026-11-23", "--from", "me", "--max-fee", PRICE, "--yes"];
    [&["consult", "request"], &what[..], &how].concat()
}

/// Requests an opinion on Anna's bundle, with further flags.
fn request(patient: &Actor, expert: &str, protocol: &str, more: &[&str]) -> Value {
    let bundle = bundle();
    patient.cso(&[&asking(expert, protocol, &bundle), more].concat())
}

fn id_of(answer: &Value) -> String {
    answer["id"].to_string()
}
