// SPDX-License-Identifier: Apache-2.0

//! `accredit`, `suspend`, `reinstate`, `revoke`: the board's decisions, and that they are nobody
//! else's.

use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

use crate::{mock::*, Error, Event, Experts as Stored, Status};

fn board() -> RuntimeOrigin {
    RuntimeOrigin::signed(BOARD)
}

fn status() -> Status<u64> {
    Stored::<Test>::get(EXPERT).unwrap().status
}

#[test]
fn board_accredits_and_renews() {
    Ext::run(|| {
        apply(EXPERT, &[WORKER]);
        assert_ok!(Experts::accredit(board(), EXPERT, 100));
        assert_eq!(status(), Status::Accredited { until: 100 });
        assert_eq!(last_event(), Event::Accredited { expert: EXPERT, until: 100 });
        assert_ok!(Experts::accredit(board(), EXPERT, 200));
        assert_eq!(status(), Status::Accredited { until: 200 });
        // Also after it has run out, and to an earlier block.
        System::set_block_number(300);
        assert_ok!(Experts::accredit(board(), EXPERT, 300));
        assert_eq!(status(), Status::Accredited { until: 300 });
    });
}

#[test]
fn board_suspends_and_reinstates_without_moving_the_end() {
    Ext::run_accredited(|| {
        assert_ok!(Experts::suspend(board(), EXPERT));
        assert_eq!(status(), Status::Suspended { until: 100 });
        assert_eq!(last_event(), Event::Suspended { expert: EXPERT });
        assert_ok!(Experts::reinstate(board(), EXPERT));
        assert_eq!(status(), Status::Accredited { until: 100 });
        assert_eq!(last_event(), Event::Reinstated { expert: EXPERT });
    });
}

#[test]
fn board_revokes_what_is_suspended_and_what_is_not() {
    Ext::run_accredited(|| {
        assert_ok!(Experts::revoke(board(), EXPERT));
        assert_eq!(status(), Status::Applied);
        assert_eq!(last_event(), Event::Revoked { expert: EXPERT });
        assert_ok!(Experts::accredit(board(), EXPERT, 100));
        assert_ok!(Experts::suspend(board(), EXPERT));
        assert_ok!(Experts::revoke(board(), EXPERT));
        assert_eq!(status(), Status::Applied);
    });
}

#[test]
fn nobody_but_the_board_decides() {
    Ext::run_accredited(|| {
        for who in [EXPERT, STRANGER, WORKER] {
            let origin = || RuntimeOrigin::signed(who);
            let refused = DispatchError::BadOrigin;
            assert_noop!(Experts::accredit(origin(), EXPERT, 100), refused);
            assert_noop!(Experts::suspend(origin(), EXPERT), refused);
            assert_noop!(Experts::reinstate(origin(), EXPERT), refused);
            assert_noop!(Experts::revoke(origin(), EXPERT), refused);
            assert_noop!(Experts::slash(origin(), EXPERT, 1), refused);
        }
    });
}

#[test]
fn refuses_decisions_on_who_is_no_expert() {
    Ext::run(|| {
        assert_noop!(Experts::accredit(board(), STRANGER, 100), Error::<Test>::UnknownExpert);
        assert_noop!(Experts::suspend(board(), STRANGER), Error::<Test>::UnknownExpert);
        assert_noop!(Experts::reinstate(board(), STRANGER), Error::<Test>::UnknownExpert);
        assert_noop!(Experts::revoke(board(), STRANGER), Error::<Test>::UnknownExpert);
        assert_noop!(Experts::slash(board(), STRANGER, 1), Error::<Test>::UnknownExpert);
    });
}

#[test]
fn refuses_an_accreditation_that_ends_in_the_past() {
    Ext::run_accredited(|| {
        System::set_block_number(50);
        assert_noop!(Experts::accredit(board(), EXPERT, 49), Error::<Test>::UntilInPast);
    });
}

#[test]
fn refuses_to_accredit_a_suspended_expert() {
    Ext::run_accredited(|| {
        assert_ok!(Experts::suspend(board(), EXPERT));
        assert_noop!(Experts::accredit(board(), EXPERT, 200), Error::<Test>::ExpertSuspended);
    });
}

#[test]
fn refuses_to_accredit_or_reinstate_while_the_bond_is_not_whole() {
    Ext::run_accredited(|| {
        assert_ok!(Experts::slash(board(), EXPERT, 1));
        assert_noop!(Experts::accredit(board(), EXPERT, 200), Error::<Test>::BondTooSmall);
        assert_ok!(Experts::suspend(board(), EXPERT));
        assert_noop!(Experts::reinstate(board(), EXPERT), Error::<Test>::BondTooSmall);
        assert_ok!(Experts::top_up(RuntimeOrigin::signed(EXPERT)));
        assert_ok!(Experts::reinstate(board(), EXPERT));
        assert_ok!(Experts::accredit(board(), EXPERT, 200));
    });
}

#[test]
fn refuses_to_suspend_who_is_not_accredited_or_suspended_already() {
    Ext::run(|| {
        apply(EXPERT, &[WORKER]);
        assert_noop!(Experts::suspend(board(), EXPERT), Error::<Test>::NotAccredited);
        assert_ok!(Experts::accredit(board(), EXPERT, 100));
        assert_ok!(Experts::suspend(board(), EXPERT));
        assert_noop!(Experts::suspend(board(), EXPERT), Error::<Test>::ExpertSuspended);
    });
}

#[test]
fn refuses_to_reinstate_who_is_not_suspended() {
    Ext::run_accredited(|| {
        assert_noop!(Experts::reinstate(board(), EXPERT), Error::<Test>::NotSuspended);
    });
}

#[test]
fn refuses_to_revoke_what_was_never_given() {
    Ext::run(|| {
        apply(EXPERT, &[WORKER]);
        assert_noop!(Experts::revoke(board(), EXPERT), Error::<Test>::NotAccredited);
    });
}
