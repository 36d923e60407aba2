// SPDX-License-Identifier: Apache-2.0

//! What the runtime API answers, and the layouts that the native side relies on.

use codec::{Decode, Encode};
use cso_primitives::{ModelCommitment, RecordCommitment};
use frame_support::assert_ok;

use crate::{mock::*, Job};

#[test]
fn job_tells_the_evaluator_what_it_needs() {
    run(|| {
        let id = request();
        let job = Job {
            id,
            patient: patient(),
            expert: expert(),
            record: RecordCommitment::repeat(1),
            fee: PRICE,
            waiting: true,
            envelope: envelope(),
        };
        assert_eq!(Consultations::job(id), Some(job));
        assert_eq!(Consultations::job(id + 1), None);
    });
}

#[test]
fn job_is_open_while_it_can_be_answered() {
    run(|| {
        let (first, second) = (request(), request());
        let waiting = |id| Consultations::job(id).map(|job| job.waiting);
        assert_ok!(deliver_as(worker(), first));
        assert_eq!(waiting(first), Some(false));
        jump_to(1 + MIN_TERM);
        assert_eq!(waiting(second), Some(true));
        jump_to(1 + MIN_TERM + 1);
        assert_eq!(waiting(second), Some(false));
        assert_ok!(Consultations::accept(signed(patient()), first));
        assert_ok!(Consultations::erase(signed(patient()), first));
        assert_eq!(waiting(first), None);
    });
}

#[test]
fn model_is_the_commitment_that_the_expert_has_published() {
    run(|| {
        let model = ModelCommitment::repeat(9);
        assert_ok!(Experts::publish(signed(expert()), vec![1].try_into().unwrap(), model));
        assert_eq!(Consultations::model(expert(), 0), Some(model));
        assert_eq!(Consultations::model(expert(), 1), None);
        assert_eq!(Consultations::model(other_expert(), 0), None);
    });
}

#[test]
fn layout_of_outcomes_is_frozen() {
    let deliver = Outcome::Deliver { answer: vec![7, 8], note: vec![9] };
    assert_eq!(deliver.encode(), [0, 2 << 2, 7, 8, 1 << 2, 9]);
    let reasons = [
        DeclineReason::RecordMissing,
        DeclineReason::RecordInvalid,
        DeclineReason::EnvelopeUnreadable,
        DeclineReason::ProtocolUnknown,
        DeclineReason::Overloaded,
        DeclineReason::Declined,
    ];
    for (index, reason) in reasons.into_iter().enumerate() {
        let encoded = [1, index as u8];
        assert_eq!(Outcome::decode(&mut &encoded[..]), Ok(Outcome::Decline { reason }));
    }
}
