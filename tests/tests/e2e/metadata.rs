// SPDX-License-Identifier: Apache-2.0

//! What is signed is what was meant, whatever a node says that calls are called.

use crate::{id_of, request};
use cso_tests::{Actor, Expert, Relay};

/// `accept` and `expire` as they stand in metadata: a length, and six letters in hex.
const ACCEPT: &str = "18616363657074";
const EXPIRE: &str = "18657870697265";

/// Both calls take a number: where they are swapped, who asks for the fee to come back would sign
/// that the expert gets it.
#[test]
fn a_node_that_swaps_two_calls_has_nothing_signed() {
    let (node, expert, published) = Expert::ready(&[], &["cha2ds2-vasc"]);
    let mut patient = Actor::with_account(&node, "//Dave");
    let id = id_of(&request(&patient, &expert.address, &published[0], &[]));
    patient.cso(&["consult", "wait", &id, "--timeout", "120"]);

    let liar = Relay::swapping(&node.url, ACCEPT, EXPIRE);
    patient.url = liar.url.clone();
    let refusal = patient.refused(&["consult", "accept", &id, "--yes"]);
    assert!(
        refusal.message.contains("describes version 1 of the runtime otherwise"),
        "{refusal:?}"
    );

    // One that passes on what the node says is no worse than the node.
    let honest = Relay::start(&node.url);
    patient.url = honest.url.clone();
    patient.cso(&["consult", "accept", &id, "--yes"]);
}
