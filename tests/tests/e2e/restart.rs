// SPDX-License-Identifier: Apache-2.0

//! Programs that die in the middle lose nothing and do nothing twice, and a node that hasn't caught
//! up is not believed.

use crate::{asking, bundle, id_of, request};
use cso_tests::{Actor, Expert, Message, Moment, Node, NodeOptions, Relay};
use std::time::Duration;

/// How a wallet sends a transaction.
const SEND: &str = "author_submitAndWatchExtrinsic";

/// Where a request dies, each with what `consult list` says of it then.
const DEATHS: [(&str, Message, &str); 5] = [
    ("before the transfer to its account is sent", Message::Called(SEND, 1), "prepared"),
    ("the transfer is in a block", Message::Told("inBlock", 1), "prepared"),
    ("the record lies in the pool", Message::Answered("hop_submit", 1), "prepared"),
    ("before the request is sent", Message::Called(SEND, 2), "sent"),
    ("the request is in a block", Message::Told("inBlock", 2), "sent"),
];

#[test]
fn an_opinion_survives_a_crash_of_the_experts_node() {
    let (mut node, expert, published) = Expert::ready(&[], &["cha2ds2-vasc"]);
    let patient = Actor::with_account(&node, "//Dave");
    let id = id_of(&request(&patient, &expert.address, &published[0], &[]));
    node.restart();
    let waited = patient.cso(&["consult", "wait", &id, "--timeout", "120"]);
    assert_eq!(waited["status"], "delivered");
    assert_eq!(patient.cso(&["consult", "open", &id])["model_on_chain"], true);
}

/// A node that begins at the genesis block knows nothing of what the patient has on chain, and says
/// so with a straight face: same genesis, no such consultation.
#[test]
fn a_node_that_is_behind_destroys_nothing() {
    let (node, expert, published) = Expert::ready(&[], &["cha2ds2-vasc"]);
    let mut patient = Actor::with_account(&node, "//Dave");
    let asked = request(&patient, &expert.address, &published[0], &[]);
    let (id, handle) = (id_of(&asked), asked["handle"].as_str().expect("a handle").to_owned());
    patient.cso(&["consult", "wait", &id, "--timeout", "120"]);

    let behind = Node::start(NodeOptions::default());
    patient.url = behind.url.clone();
    let commands: [&[&str]; 4] = [
        &["consult", "erase", &id, "--yes"],
        &["consult", "forget", &handle, "--yes"],
        &["consult", "wait", &id, "--timeout", "5"],
        &["consult", "status", &id],
    ];
    for command in commands {
        let refusal = patient.refused(command);
        assert!(refusal.message.contains("is behind"), "{command:?}: {refusal:?}");
    }
    drop(behind);

    patient.url = node.url.clone();
    patient.cso(&["consult", "open", &id]);
    patient.cso(&["consult", "accept", &id, "--yes"]);
    patient.cso(&["consult", "erase", &id, "--yes"]);
}

/// The wallet dies at several points of its request; whatever it had done, the next `resume` brings
/// it to an end, and there is one consultation. `tests/kills` has more points.
#[test]
fn a_request_that_is_killed_happens_once() {
    let (node, expert, published) = Expert::ready(&[], &["cha2ds2-vasc"]);
    let mut patient = Actor::with_account(&node, "//Dave");
    let relay = Relay::start(&node.url);
    let bundle = bundle();
    let endpoint = ["--endpoint", relay.url.as_str()];
    let ask = [&asking(&expert.address, &published[0], &bundle)[..], &endpoint].concat();
    for (number, (place, message, status)) in DEATHS.into_iter().enumerate() {
        patient.url.clone_from(&relay.url);
        patient
            .killed(&ask, &relay, Moment::Wire(message))
            .unwrap_or_else(|error| panic!("{place}: {error}"));
        patient.url.clone_from(&node.url);
        let listed = patient.cso(&["consult", "list"]);
        let all = listed["consultations"].as_array().expect("a list");
        assert_eq!(all.len(), number + 1, "{place}: {listed}");
        assert!(all.iter().any(|one| one["id"].is_null() && one["status"] == status), "{listed}");
        let handle = all.iter().find(|one| one["id"].is_null()).expect("one without a number");
        let handle = handle["handle"].as_str().expect("a handle");
        // Each gets the next number: no request happened but those of the wallet.
        let resumed = patient.cso(&["consult", "resume", handle]);
        assert_eq!(resumed["id"], number, "{place}");
    }
    let ids = 0..DEATHS.len();
    let next = patient.cso(&["consult", "status", &ids.end.to_string()]);
    assert_eq!(next["on_chain"], false, "{next}");
    node.wait_until("all of them are answered", Duration::from_secs(120), || {
        ids.clone().all(|id| {
            let status = patient.cso(&["consult", "status", &id.to_string()]);
            status["status"] == "delivered"
        })
    });
}
