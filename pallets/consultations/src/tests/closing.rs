// SPDX-License-Identifier: Apache-2.0

//! `accept`, `settle` and `expire`: who gets the fee, and when.

use frame_support::{assert_noop, assert_ok};

use crate::{mock::*, Error, Event, HoldReason, Load, Loads, Status};

#[test]
fn accepting_pays_the_expert() {
    run(|| {
        let id = delivered();
        events();
        let before = total(&expert());
        jump_to(4);
        assert_ok!(Consultations::accept(signed(patient()), id));

        assert_eq!(status(id), Status::Accepted { erase_after: 4 + RETENTION });
        assert_eq!(total(&expert()), before + PRICE);
        assert_eq!(total(&patient()), ENDOWMENT - PRICE);
        assert_eq!(held(HoldReason::Fee, &patient()), 0);
        assert_eq!(Loads::<Test>::get(expert()), Load::default());
        assert_eq!(events(), [Event::Accepted { id, expert: expert(), fee: PRICE }]);
    });
}

#[test]
fn settling_after_the_challenge_period_pays_the_expert() {
    run(|| {
        let id = delivered();
        events();
        let before = total(&expert());
        jump_to(1 + CHALLENGE);
        assert_noop!(
            Consultations::settle(signed(stranger()), id),
            Error::<Test>::ChallengePeriodRunning
        );
        jump_to(1 + CHALLENGE + 1);
        assert_ok!(Consultations::settle(signed(stranger()), id));

        assert!(matches!(status(id), Status::Accepted { .. }));
        assert_eq!(total(&expert()), before + PRICE);
        assert_eq!(events(), [Event::Settled { id, expert: expert(), fee: PRICE }]);
    });
}

#[test]
fn patient_can_accept_after_the_challenge_period_too() {
    run(|| {
        let id = delivered();
        jump_to(1 + CHALLENGE + 1);
        assert_ok!(Consultations::accept(signed(patient()), id));
    });
}

#[test]
fn fee_returns_when_the_deadline_passes() {
    run(|| {
        let id = request();
        events();
        jump_to(1 + MIN_TERM);
        assert_noop!(
            Consultations::expire(signed(stranger()), id),
            Error::<Test>::DeadlineNotPassed
        );
        let now = 1 + MIN_TERM + 1;
        jump_to(now);
        assert_ok!(Consultations::expire(signed(stranger()), id));

        assert_eq!(status(id), Status::Expired { erase_after: now + RETENTION });
        assert_eq!(held(HoldReason::Fee, &patient()), 0);
        assert_eq!(total(&patient()), ENDOWMENT);
        assert_eq!(Loads::<Test>::get(expert()), Load::default());
        assert_eq!(events(), [Event::Expired { id, patient: patient(), fee: PRICE }]);
    });
}

#[test]
fn only_the_patient_accepts() {
    run(|| {
        let id = delivered();
        for who in [expert(), worker(), other_patient()] {
            assert_noop!(Consultations::accept(signed(who), id), Error::<Test>::NotPatient);
        }
    });
}

#[test]
fn refuses_to_pay_before_an_opinion_is_there() {
    run(|| {
        let id = request();
        assert_noop!(Consultations::accept(signed(patient()), id), Error::<Test>::NotDelivered);
        assert_noop!(Consultations::settle(signed(patient()), id), Error::<Test>::NotDelivered);
    });
}

#[test]
fn refuses_to_pay_twice() {
    run(|| {
        let id = accepted();
        jump_to(1 + CHALLENGE + 1);
        assert_noop!(Consultations::accept(signed(patient()), id), Error::<Test>::NotDelivered);
        assert_noop!(Consultations::settle(signed(patient()), id), Error::<Test>::NotDelivered);
    });
}

#[test]
fn refuses_to_pay_for_what_was_declined_or_has_expired() {
    run(|| {
        let (declined, expired) = (request(), request());
        assert_ok!(Consultations::decline(signed(worker()), declined, DeclineReason::Declined));
        jump_to(1 + MIN_TERM + 1);
        assert_ok!(Consultations::expire(signed(stranger()), expired));
        for id in [declined, expired] {
            assert_noop!(Consultations::accept(signed(patient()), id), Error::<Test>::NotDelivered);
            assert_noop!(Consultations::settle(signed(patient()), id), Error::<Test>::NotDelivered);
        }
    });
}

#[test]
fn refuses_to_return_the_fee_of_an_answered_consultation() {
    run(|| {
        let id = delivered();
        jump_to(1 + MAX_TERM);
        assert_noop!(Consultations::expire(signed(patient()), id), Error::<Test>::NotRequested);
    });
}

#[test]
fn refuses_to_return_a_fee_twice() {
    run(|| {
        let id = request();
        jump_to(1 + MIN_TERM + 1);
        assert_ok!(Consultations::expire(signed(patient()), id));
        assert_noop!(Consultations::expire(signed(patient()), id), Error::<Test>::NotRequested);
    });
}

#[test]
fn refuses_to_close_what_was_never_asked() {
    run(|| {
        let unknown = Error::<Test>::UnknownConsultation;
        assert_noop!(Consultations::accept(signed(patient()), 0), unknown);
        let unknown = Error::<Test>::UnknownConsultation;
        assert_noop!(Consultations::settle(signed(patient()), 0), unknown);
        let unknown = Error::<Test>::UnknownConsultation;
        assert_noop!(Consultations::expire(signed(patient()), 0), unknown);
    });
}
