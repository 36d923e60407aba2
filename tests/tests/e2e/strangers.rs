// SPDX-License-Identifier: Apache-2.0

//! Nobody but the patient opens an opinion or settles for them.

use crate::{id_of, request};
use cso_tests::{Actor, Expert};

#[test]
fn another_patient_can_neither_open_nor_accept_nor_erase() {
    let (node, expert, published) = Expert::ready(&[], &["cha2ds2-vasc"]);
    let dave = Actor::with_account(&node, "//Dave");
    let eve = Actor::with_account(&node, "//Eve");
    let daves = id_of(&request(&dave, &expert.address, &published[0], &[]));
    let eves = id_of(&request(&eve, &expert.address, &published[0], &[]));
    for (patient, id) in [(&dave, &daves), (&eve, &eves)] {
        patient.cso(&["consult", "wait", id, "--timeout", "120"]);
    }
    for command in ["open", "accept", "erase"] {
        let refusal = eve.refused(&["consult", command, &daves]);
        assert_eq!(refusal.code, 1, "{}", refusal.message);
        assert_eq!(refusal.message.trim().lines().count(), 1, "{}", refusal.message);
    }
    assert_eq!(dave.cso(&["consult", "open", &daves])["model_on_chain"], true);
    assert_eq!(eve.cso(&["consult", "open", &eves])["model_on_chain"], true);
}
