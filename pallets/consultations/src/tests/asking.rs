// SPDX-License-Identifier: Apache-2.0

//! `request`: who can ask whom, for how much, until when.

use cso_primitives::RecordCommitment;
use frame_support::{assert_noop, assert_ok};
use sp_runtime::TokenError;

use crate::{mock::*, Consultation, Error, Event, HoldReason, Load, Loads, Status, WaitingOf};

fn ask() -> sp_runtime::DispatchResult {
    request_as(patient(), expert(), PRICE, now() + MIN_TERM)
}

#[test]
fn request_holds_fee_and_deposit_and_stores_the_consultation() {
    run(|| {
        assert_ok!(request_as(patient(), expert(), PRICE + 1, 50));

        assert_eq!(held(HoldReason::Fee, &patient()), PRICE + 1);
        assert_eq!(held(HoldReason::Deposit, &patient()), DEPOSIT);
        let stored = Consultation {
            patient: patient(),
            expert: expert(),
            record: RecordCommitment::repeat(1),
            fee: PRICE + 1,
            deposit: DEPOSIT,
            deadline: 50,
            status: Status::Requested,
        };
        assert_eq!(crate::Consultations::<Test>::get(0), Some(stored));
        assert_eq!(crate::Envelopes::<Test>::get(0).unwrap(), envelope());
        assert!(WaitingOf::<Test>::contains_key(expert(), 0));
        assert_eq!(Loads::<Test>::get(expert()), Load { requested: 1, delivered: 0 });
        let event = Event::Requested {
            id: 0,
            patient: patient(),
            expert: expert(),
            fee: PRICE + 1,
            deadline: 50,
        };
        assert_eq!(events(), [event]);
    });
}

#[test]
fn consultations_are_numbered_and_numbers_are_never_used_again() {
    run(|| {
        assert_eq!(accepted(), 0);
        assert_ok!(Consultations::erase(signed(patient()), 0));
        assert_eq!(request(), 1);
    });
}

#[test]
fn deposit_pays_for_envelope_and_longest_opinion() {
    run(|| {
        let before = held(HoldReason::Deposit, &patient());
        let longer = vec![0; envelope().len() + 3].try_into().unwrap();
        assert_ok!(Consultations::request(
            signed(patient()),
            expert(),
            RecordCommitment::default(),
            longer,
            PRICE,
            now() + MIN_TERM,
        ));
        assert_eq!(held(HoldReason::Deposit, &patient()), before + DEPOSIT + 3);
    });
}

#[test]
fn deadline_may_be_as_near_as_min_term_and_as_far_as_max_term() {
    run(|| {
        let ask = |term| request_as(patient(), expert(), PRICE, now() + term);
        assert_noop!(ask(MIN_TERM - 1), Error::<Test>::DeadlineTooSoon);
        assert_ok!(ask(MIN_TERM));
        assert_ok!(ask(MAX_TERM));
        assert_noop!(ask(MAX_TERM + 1), Error::<Test>::DeadlineTooLate);
    });
}

#[test]
fn refuses_who_is_no_expert() {
    run(|| {
        let ask = request_as(patient(), stranger(), PRICE, now() + MIN_TERM);
        assert_noop!(ask, Error::<Test>::UnknownExpert);
    });
}

#[test]
fn refuses_an_expert_whose_accreditation_was_revoked() {
    run(|| {
        assert_ok!(Experts::revoke(RuntimeOrigin::root(), expert()));
        assert_noop!(ask(), Error::<Test>::NotAccredited);
    });
}

#[test]
fn refuses_a_suspended_expert() {
    run(|| {
        assert_ok!(Experts::suspend(RuntimeOrigin::root(), expert()));
        assert_noop!(ask(), Error::<Test>::ExpertSuspended);
    });
}

#[test]
fn refuses_an_expert_whose_accreditation_has_run_out() {
    run(|| {
        assert_ok!(Experts::accredit(RuntimeOrigin::root(), expert(), 10));
        jump_to(10);
        assert_ok!(ask());
        jump_to(11);
        assert_noop!(ask(), Error::<Test>::AccreditationExpired);
    });
}

#[test]
fn refuses_a_fee_below_the_price() {
    run(|| {
        let ask = request_as(patient(), expert(), PRICE - 1, now() + MIN_TERM);
        assert_noop!(ask, Error::<Test>::FeeTooLow);
    });
}

#[test]
fn refuses_an_expert_or_its_worker_asking_the_expert_itself() {
    run(|| {
        for own in [expert(), worker()] {
            let ask = request_as(own, expert(), PRICE, now() + MIN_TERM);
            assert_noop!(ask, Error::<Test>::OwnExpert);
        }
        // Asking a colleague is another matter.
        assert_ok!(request_as(expert(), other_expert(), PRICE, now() + MIN_TERM));
        assert_ok!(request_as(worker(), other_expert(), PRICE, now() + MIN_TERM));
    });
}

#[test]
fn refuses_an_empty_envelope() {
    run(|| {
        let deadline = now() + MIN_TERM;
        let empty = Default::default();
        assert_noop!(
            Consultations::request(
                signed(patient()),
                expert(),
                RecordCommitment::default(),
                empty,
                PRICE,
                deadline
            ),
            Error::<Test>::EmptyEnvelope
        );
    });
}

#[test]
fn refuses_an_envelope_longer_than_the_bound() {
    assert!(frame_support::BoundedVec::<u8, <Test as crate::Config>::MaxEnvelopeLen>::try_from(
        vec![0; 33]
    )
    .is_err());
}

#[test]
fn refuses_more_requests_than_an_expert_may_have_waiting() {
    run(|| {
        let first = request();
        request();
        request();
        assert_noop!(ask(), Error::<Test>::ExpertBusy);
        assert_ok!(request_as(patient(), other_expert(), PRICE, now() + MIN_TERM));
        // An answer makes room.
        assert_ok!(deliver_as(worker(), first));
        assert_ok!(ask());
    });
}

#[test]
fn refuses_a_patient_who_cannot_pay_fee_and_deposit_and_live() {
    run(|| {
        let ask = |balance| {
            assert_ok!(Balances::force_set_balance(
                RuntimeOrigin::root(),
                stranger().into(),
                balance
            ));
            request_as(stranger(), expert(), PRICE, now() + MIN_TERM)
        };
        assert_eq!(ask(PRICE + DEPOSIT + ED - 1), Err(TokenError::FundsUnavailable.into()));
        assert_ok!(ask(PRICE + DEPOSIT + ED));
    });
}
