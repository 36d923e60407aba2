// SPDX-License-Identifier: Apache-2.0

//! What happens by itself, and how much of it in a block.

use frame_support::{assert_ok, traits::Hooks, weights::Weight};
use sp_runtime::TokenError;

use crate::{
    mock::*, Agenda, Consultations as Stored, Event, HoldReason, NextSweep, Status, WeightInfo,
};

fn idle(weight: Weight) -> Weight {
    Consultations::on_idle(now(), weight)
}

#[test]
fn fee_returns_by_itself_in_the_block_after_the_deadline() {
    run(|| {
        let id = request();
        run_to(1 + MIN_TERM);
        assert_eq!(status(id), Status::Requested);
        run_to(1 + MIN_TERM + 1);
        assert!(matches!(status(id), Status::Expired { .. }));
        assert_eq!(held(HoldReason::Fee, &patient()), 0);
    });
}

#[test]
fn expert_is_paid_by_itself_after_the_challenge_period() {
    run(|| {
        let before = total(&expert());
        delivered();
        run_to(1 + CHALLENGE);
        assert_eq!(total(&expert()), before);
        run_to(1 + CHALLENGE + 1);
        assert_eq!(total(&expert()), before + PRICE);
    });
}

#[test]
fn closed_consultation_is_erased_by_itself_after_the_retention() {
    run(|| {
        let id = accepted();
        run_to(1 + RETENTION);
        assert!(Stored::<Test>::contains_key(id));
        run_to(1 + RETENTION + 1);
        assert!(!Stored::<Test>::contains_key(id));
        assert_eq!(held(HoldReason::Deposit, &patient()), 0);
    });
}

#[test]
fn untouched_consultation_runs_its_whole_life_by_itself() {
    run(|| {
        let (asked, answered) = (request(), delivered());
        events();
        run_to(500);
        let expected = [
            Event::Expired { id: asked, patient: patient(), fee: PRICE },
            Event::Settled { id: answered, expert: expert(), fee: PRICE },
            Event::Erased { id: asked },
            Event::Erased { id: answered },
        ];
        assert_eq!(events(), expected);
        assert_eq!(total(&patient()), ENDOWMENT - PRICE);
        assert_eq!(Agenda::<Test>::iter().count(), 0);
    });
}

#[test]
fn no_block_sweeps_more_than_the_bound_and_the_rest_follows_in_order() {
    run(|| {
        let ids = [request(), request(), request()];
        run_to(MIN_TERM + 1);
        check();
        run_to(MIN_TERM + 2);
        let expired = |id: &u64| matches!(status(*id), Status::Expired { .. });
        assert_eq!(ids.iter().filter(|id| expired(id)).count(), 2);
        check();
        run_to(MIN_TERM + 3);
        assert!(ids.iter().all(expired));
    });
}

#[test]
fn sweep_catches_up_with_blocks_it_had_no_room_in() {
    run(|| {
        let (asked, answered) = (request(), delivered());
        jump_to(400);
        assert_eq!(idle(Weight::zero()), Weight::zero());
        assert_eq!(status(asked), Status::Requested);
        check();
        idle(Weight::MAX);
        assert!(matches!(status(asked), Status::Expired { .. }));
        assert!(matches!(status(answered), Status::Accepted { .. }));
        assert_eq!(NextSweep::<Test>::get(), 401);
    });
}

#[test]
fn sweep_stays_within_the_weight_it_is_given() {
    run(|| {
        let ids = [request(), request()];
        jump_to(MIN_TERM + 2);
        // Enough to walk the empty blocks before, and for one consultation.
        let walk = <() as WeightInfo>::sweep_block().saturating_mul(now() + 1);
        let step = Consultations::sweep_step_weight();
        let limit = walk.saturating_add(step);
        assert!(idle(limit).all_lte(limit));
        let expired = ids.iter().filter(|id| matches!(status(**id), Status::Expired { .. }));
        assert_eq!(expired.count(), 1);
        check();
    });
}

#[test]
fn sweep_with_little_weight_still_makes_headway() {
    run(|| {
        jump_to(100);
        let little = <() as WeightInfo>::sweep_block().saturating_mul(10);
        let mut before = NextSweep::<Test>::get();
        for _ in 0..11 {
            idle(little);
            let after = NextSweep::<Test>::get();
            assert!(after > before);
            before = after;
        }
        assert_eq!(before, 101);
    });
}

#[test]
fn idle_blocks_cost_no_more_than_one_look() {
    run(|| {
        run_to(10);
        jump_to(11);
        assert_eq!(idle(Weight::MAX), <() as WeightInfo>::sweep_block());
    });
}

#[test]
fn sweep_never_uses_more_than_its_bound_of_a_block() {
    let most = Consultations::sweep_step_weight().saturating_mul(u64::from(MAX_SWEPT));
    run(|| {
        request();
        request();
        run_to(1 + MIN_TERM);
        jump_to(now() + 1);
        let look = <() as WeightInfo>::sweep_block();
        assert!(idle(Weight::MAX).all_lte(most.saturating_add(look)));
    });
}

/// An upgrade that raises the existential deposit above a fee on hold is the one way to make a
/// payment impossible.
#[test]
fn what_cannot_be_paid_is_left_untouched_and_can_be_settled_later() {
    run(|| {
        let id = delivered();
        lose_everything(&expert());
        ExistentialDeposit::set(PRICE + 1);
        events();

        let due = 1 + CHALLENGE + 1;
        run_to(due);
        let error = TokenError::CannotCreate.into();
        assert_eq!(events(), [Event::SweepFailed { id, error }]);
        assert!(matches!(status(id), Status::Delivered { .. }));
        assert_eq!(held(HoldReason::Fee, &patient()), PRICE);
        ExistentialDeposit::set(ED);
        check();
        run_to(due + 10);
        assert_eq!(NextSweep::<Test>::get(), due + 11);
        check();

        assert_ok!(Consultations::settle(signed(stranger()), id));
        assert_eq!(total(&expert()), PRICE);
        run_to(due + 10 + RETENTION + 1);
        assert!(!Stored::<Test>::contains_key(id));
    });
}
