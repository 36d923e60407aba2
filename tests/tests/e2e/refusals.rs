// SPDX-License-Identifier: Apache-2.0

//! Bad input is refused early, in one line that says what to do; nothing is half-submitted.

use crate::{asking, bundle, PRICE};
use cso_tests::{data, Actor, Expert, Refusal};

/// One line, exit code 1, and every word of `words` in it.
#[track_caller]
fn says(refusal: Refusal, words: &[&str]) {
    let message = refusal.message.trim();
    assert_eq!(refusal.code, 1, "{message}");
    assert_eq!(message.lines().count(), 1, "one line: {message}");
    for word in words {
        assert!(message.to_lowercase().contains(&word.to_lowercase()), "«{word}» in: {message}");
    }
}

#[test]
fn what_cannot_work_is_refused_before_anything_leaves() {
    let (node, expert, published) = Expert::ready(&[], &["cha2ds2-vasc"]);
    let patient = Actor::with_account(&node, "//Dave");
    let before = patient.total("me");
    let bundle = bundle();
    let protocol = published[0].as_str();

    says(patient.refused(&asking(&expert.address, "77", &bundle)), &["protocol", "77"]);
    let nobody = "5GNJqTPyNqANBkUVMN1LPPrxXnFouWXoe2wNSmmEoLctxiZY"; // //Alice's stash-like account: no expert
    says(patient.refused(&asking(nobody, protocol, &bundle)), &["expert"]);
    says(
        patient.refused(&asking(&expert.address, protocol, "/nowhere/bundle.json")),
        &["/nowhere/bundle.json"],
    );

    let missing = data("bundle-missing.json");
    says(
        patient.refused(&asking(&expert.address, protocol, missing.to_str().expect("text"))),
        &["missing"],
    );

    // A price that nobody agreed to, and one that is too high.
    let mut unpriced = asking(&expert.address, protocol, &bundle);
    let at = unpriced.iter().position(|word| *word == "--max-fee").expect("a bound of the fee");
    unpriced[at + 1] = "4.9";
    says(patient.refused(&unpriced), &["5 CSO", "--max-fee allows 4.9 CSO"]);
    unpriced.drain(at..at + 2);
    says(patient.refused(&unpriced), &["5 CSO", "--max-fee 5"]);

    // Another passphrase opens nothing.
    let mut thief = Actor::with_account(&node, "//Eve");
    thief.passphrase = "12345678".into();
    says(thief.refused(&["account", "list"]), &["passphrase"]);

    // A node that is not there.
    let mut offline = Actor::with_account(&node, "//Eve");
    offline.url = "ws://127.0.0.1:9".into();
    says(offline.refused(&asking(&expert.address, protocol, &bundle)), &["127.0.0.1:9"]);

    // An account without money.
    let poor = Actor::new(&node.url);
    poor.cso(&["account", "create", "me"]);
    says(poor.refused(&asking(&expert.address, protocol, &bundle)), &["balance"]);
    let dir = poor.file("expert");
    poor.cso(&["expert", "init", "--dir", &dir]);
    let listed = poor.cso(&["account", "list"]);
    let address = listed["accounts"][0]["address"].as_str().expect("an address");
    let apply = ["expert", "apply", "--dir", &dir, "--endpoint", "ws://127.0.0.1:9"];
    let apply = [&apply[..], &["--price", PRICE, "--worker", address, "--yes"]].concat();
    says(poor.refused(&apply), &["balance", "bond", "send", address]);

    // A suspended expert, then one whose accreditation ran out.
    let board = Actor::with_account(&node, "//Alice");
    board.cso(&["board", "suspend", &expert.address]);
    says(patient.refused(&asking(&expert.address, protocol, &bundle)), &["suspended"]);
    board.cso(&["board", "reinstate", &expert.address]);
    let now = patient.cso(&["chain"])["best"].as_u64().expect("a block number");
    board.cso(&["board", "accredit", &expert.address, "--until", &(now + 4).to_string()]);
    node.wait_until("the accreditation ran out", std::time::Duration::from_secs(60), || {
        patient.cso(&["chain"])["best"].as_u64().is_some_and(|best| best > now + 4)
    });
    says(patient.refused(&asking(&expert.address, protocol, &bundle)), &["expired"]);

    assert_eq!(patient.total("me"), before, "a refusal costs nothing");
    assert_eq!(
        patient.cso(&["consult", "list"])["consultations"],
        serde_json::json!([]),
        "nothing is left half-done"
    );
}
