// SPDX-License-Identifier: Apache-2.0

//! An expert who does not answer is not paid.

use crate::{id_of, request};
use cso_tests::{Actor, Expert};

#[test]
fn the_fee_returns_when_the_deadline_passes() {
    let (node, expert) = Expert::with_node(&[]);
    // Everything is in place but the worker's key: nobody answers.
    expert.apply(&node.url);
    Actor::with_account(&node, "//Alice").cso(&[
        "board",
        "accredit",
        &expert.address,
        "--days",
        "365",
    ]);
    let protocol = expert.publish("cha2ds2-vasc");
    let patient = Actor::with_account(&node, "//Dave");
    let before = patient.total("me");
    let expert_before = expert.actor.total("me");
    let id = id_of(&request(&patient, &expert.address, &protocol, &["--deadline-blocks", "10"]));
    let refusal = patient.refused(&["consult", "wait", &id, "--timeout", "120"]);
    assert_eq!(refusal.code, 3, "{}", refusal.message);
    assert_eq!(patient.cso(&["consult", "status", &id])["status"], "expired");
    let refusal = patient.refused(&["consult", "open", &id]);
    assert!(refusal.message.contains("expired without an answer"), "{}", refusal.message);
    patient.cso(&["consult", "erase", &id, "--yes"]);
    let lost = before - patient.total("me");
    assert!(lost < 10u128.pow(12), "lost {lost}");
    assert_eq!(expert.actor.total("me"), expert_before, "an expert who did not answer is not paid");
}
