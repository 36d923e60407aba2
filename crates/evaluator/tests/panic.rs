// SPDX-License-Identifier: Apache-2.0

//! A panic while evaluating, under the panic handler that a node sets. Alone in its file: that
//! handler ends the process on any panic that is not guarded.

mod common;

use common::*;
use cso_primitives::DeclineReason;

#[test]
fn a_panic_costs_the_consultation_and_not_the_node() {
    sp_panic_handler::set("nowhere", "0");
    let clinic = Clinic::new(&[protocol(&[1, 2])], |_| ());
    let evaluator = clinic.start();
    clinic.pool.set_fault(Fault::Panic);
    let first = clinic.patient(1, &[true, true], 0);
    first.consult(&clinic);
    assert_eq!(answer(&evaluator, 1), declined(DeclineReason::RecordInvalid));
    clinic.pool.set_fault(Fault::None);
    let second = clinic.patient(2, &[true, true], 0);
    second.consult(&clinic);
    assert_eq!(second.read(&answer(&evaluator, 2)).0, [3]);
    clinic.chain.close(1);
    eventually("the first record is let go", || clinic.pool.len() == second.chunks.len());
}
