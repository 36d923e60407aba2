// SPDX-License-Identifier: Apache-2.0

//! `deliver` and `decline`: who can answer, until when, and that it's free.

use frame_support::{assert_noop, assert_ok, dispatch::Pays};

use crate::{mock::*, Error, Event, HoldReason, Load, Loads, Opinions, Status, WaitingOf};

fn decline_as(
    who: AccountId,
    id: crate::ConsultationId,
) -> frame_support::dispatch::DispatchResultWithPostInfo {
    Consultations::decline(signed(who), id, DeclineReason::Overloaded)
}

#[test]
fn delivered_opinion_is_stored_and_the_fee_stays_on_hold() {
    run(|| {
        let id = request();
        events();
        jump_to(3);
        assert_ok!(deliver_as(worker(), id));

        let accept_by = 3 + CHALLENGE;
        assert_eq!(status(id), Status::Delivered { accept_by });
        let opinion = Opinions::<Test>::get(id).unwrap();
        assert_eq!(opinion.worker, worker());
        assert_eq!(opinion.answer, b"answer".to_vec());
        assert_eq!(opinion.note, b"note".to_vec());
        assert_eq!(opinion.delivered, 3);
        assert_eq!(held(HoldReason::Fee, &patient()), PRICE);
        assert!(!WaitingOf::<Test>::contains_key(expert(), id));
        assert_eq!(Loads::<Test>::get(expert()), Load { requested: 0, delivered: 1 });
        assert_eq!(events(), [Event::Delivered { id, worker: worker(), accept_by }]);
    });
}

#[test]
fn declined_consultation_returns_the_fee() {
    run(|| {
        let id = request();
        events();
        assert_ok!(decline_as(worker(), id));

        let reason = DeclineReason::Overloaded;
        assert_eq!(status(id), Status::Declined { reason, erase_after: 1 + RETENTION });
        assert_eq!(held(HoldReason::Fee, &patient()), 0);
        assert_eq!(held(HoldReason::Deposit, &patient()), DEPOSIT);
        assert_eq!(total(&patient()), ENDOWMENT);
        assert!(!WaitingOf::<Test>::contains_key(expert(), id));
        assert_eq!(Loads::<Test>::get(expert()), Load::default());
        assert_eq!(events(), [Event::Declined { id, worker: worker(), reason }]);
    });
}

#[test]
fn answering_is_free_if_it_succeeds() {
    run(|| {
        let (first, second) = (request(), request());
        assert_eq!(deliver_as(worker(), first).unwrap().pays_fee, Pays::No);
        assert_eq!(decline_as(worker(), second).unwrap().pays_fee, Pays::No);
        assert_eq!(deliver_as(worker(), first).unwrap_err().post_info.pays_fee, Pays::Yes);
        assert_eq!(decline_as(worker(), second).unwrap_err().post_info.pays_fee, Pays::Yes);
    });
}

#[test]
fn any_worker_of_the_expert_can_answer() {
    run(|| {
        let (first, second) = (request(), request());
        assert_ok!(deliver_as(second_worker(), first));
        assert_ok!(decline_as(second_worker(), second));
    });
}

#[test]
fn refuses_answers_to_what_was_never_asked() {
    run(|| {
        assert_noop!(deliver_as(worker(), 0), Error::<Test>::UnknownConsultation);
        assert_noop!(decline_as(worker(), 0), Error::<Test>::UnknownConsultation);
    });
}

#[test]
fn refuses_answers_of_all_but_workers_of_the_expert() {
    run(|| {
        let id = request();
        for who in [other_worker(), stranger(), patient(), expert()] {
            assert_noop!(deliver_as(who.clone(), id), Error::<Test>::NotWorker);
            assert_noop!(decline_as(who, id), Error::<Test>::NotWorker);
        }
    });
}

#[test]
fn refuses_answers_of_a_worker_that_was_removed() {
    run(|| {
        let id = request();
        let workers = vec![second_worker()].try_into().unwrap();
        assert_ok!(Experts::set_workers(signed(expert()), workers));
        assert_noop!(deliver_as(worker(), id), Error::<Test>::NotWorker);
        assert_ok!(deliver_as(second_worker(), id));
    });
}

#[test]
fn refuses_a_second_answer() {
    run(|| {
        let id = delivered();
        assert_noop!(deliver_as(worker(), id), Error::<Test>::NotRequested);
        assert_noop!(decline_as(worker(), id), Error::<Test>::NotRequested);

        let id = request();
        assert_ok!(decline_as(worker(), id));
        assert_noop!(deliver_as(worker(), id), Error::<Test>::NotRequested);
        assert_noop!(decline_as(worker(), id), Error::<Test>::NotRequested);
    });
}

#[test]
fn answers_are_accepted_up_to_the_deadline_and_no_longer() {
    run(|| {
        let (first, second, third) = (request(), request(), request());
        jump_to(1 + MIN_TERM);
        assert_ok!(deliver_as(worker(), first));
        assert_ok!(decline_as(worker(), second));
        jump_to(1 + MIN_TERM + 1);
        assert_noop!(deliver_as(worker(), third), Error::<Test>::DeadlinePassed);
        assert_noop!(decline_as(worker(), third), Error::<Test>::DeadlinePassed);
    });
}

#[test]
fn refuses_answers_to_an_expired_consultation() {
    run(|| {
        let id = request();
        jump_to(1 + MIN_TERM + 1);
        assert_ok!(Consultations::expire(signed(stranger()), id));
        assert_noop!(deliver_as(worker(), id), Error::<Test>::NotRequested);
    });
}

#[test]
fn suspended_expert_cannot_deliver_until_reinstated_but_can_decline() {
    run(|| {
        let (first, second) = (request(), request());
        assert_ok!(Experts::suspend(RuntimeOrigin::root(), expert()));
        assert_noop!(deliver_as(worker(), first), Error::<Test>::MayNotAnswer);
        assert_ok!(decline_as(worker(), second));
        assert_ok!(Experts::reinstate(RuntimeOrigin::root(), expert()));
        assert_ok!(deliver_as(worker(), first));
    });
}

#[test]
fn revoked_expert_cannot_deliver() {
    run(|| {
        let id = request();
        assert_ok!(Experts::revoke(RuntimeOrigin::root(), expert()));
        assert_noop!(deliver_as(worker(), id), Error::<Test>::MayNotAnswer);
    });
}

#[test]
fn expert_whose_accreditation_has_run_out_can_still_answer_what_was_asked_before() {
    run(|| {
        let id = request();
        assert_ok!(Experts::accredit(RuntimeOrigin::root(), expert(), 2));
        jump_to(3);
        assert_ok!(deliver_as(worker(), id));
    });
}

#[test]
fn refuses_an_empty_answer_but_not_an_empty_note() {
    run(|| {
        let id = request();
        let empty = Default::default();
        let note = b"note".to_vec().try_into().unwrap();
        let answer = b"answer".to_vec().try_into().unwrap();
        assert_noop!(
            Consultations::deliver(signed(worker()), id, empty, note),
            Error::<Test>::EmptyAnswer
        );
        assert_ok!(Consultations::deliver(signed(worker()), id, answer, Default::default()));
    });
}
