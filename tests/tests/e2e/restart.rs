// SPDX-License-Identifier: Apache-2.0

//! Programs that die in the middle lose nothing and do nothing twice, and a node that hasn't caught
//! up is not believed.

use crate::{bundle, id_of, request, PRICE};
use cso_tests::{Actor, Expert, Node, NodeOptions};
use std::time::{Duration, Instant};

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
/// it to an end, and there is one consultation.
#[test]
fn a_request_that_is_killed_happens_once() {
    let (node, expert, published) = Expert::ready(&[], &["cha2ds2-vasc"]);
    let patient = Actor::with_account(&node, "//Dave");
    let bundle = bundle();
    let ask = [
        "consult",
        "request",
        "--expert",
        &expert.address,
        "--protocol",
        &published[0],
        "--bundle",
        &bundle,
        "--from",
        "me",
        "--max-fee",
        PRICE,
        "--yes",
    ];
    let begin = Instant::now();
    let whole = patient.cso(&ask);
    let whole_time = begin.elapsed();
    for tenth in [1, 2, 4, 7, 9] {
        let begin = Instant::now();
        let point = whole_time * tenth / 10;
        let killed = patient.killed(&ask, || begin.elapsed() >= point);
        assert!(killed, "it had {point:?} of {whole_time:?} and was through");
    }
    let listed = patient.cso(&["consult", "list"]);
    let mut ids = vec![whole["id"].clone()];
    for one in listed["consultations"].as_array().expect("a list") {
        let handle = one["handle"].as_str().expect("a handle");
        if one["id"].is_null() {
            ids.push(patient.cso(&["consult", "resume", handle])["id"].clone());
        }
    }
    let listed = patient.cso(&["consult", "list"]);
    let all = listed["consultations"].as_array().expect("a list");
    let on_chain: Vec<_> = all.iter().map(|one| one["id"].clone()).collect();
    assert_eq!(on_chain.len(), ids.len(), "{listed}");
    for id in 0..ids.len() {
        let status = patient.cso(&["consult", "status", &id.to_string()]);
        assert_eq!(status["on_chain"], true, "{status}");
    }
    // No request but those of the wallet: the next number isn't taken.
    let next = patient.cso(&["consult", "status", &ids.len().to_string()]);
    assert_eq!(next["on_chain"], false, "{next}");
    node.wait_until("all of them are answered", Duration::from_secs(120), || {
        (0..ids.len()).all(|id| {
            let status = patient.cso(&["consult", "status", &id.to_string()]);
            status["status"] == "delivered"
        })
    });
}
