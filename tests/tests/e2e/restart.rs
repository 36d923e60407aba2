// SPDX-License-Identifier: Apache-2.0

//! A node that dies in the middle loses nothing.

use crate::{id_of, request};
use cso_tests::{Actor, Expert};

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
