// SPDX-License-Identifier: Apache-2.0

//! `withdraw`: who can leave, and that nothing stays behind.

use cso_primitives::ModelCommitment;
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

use crate::{mock::*, Error, Event, Experts as Stored, Protocols, WeightInfo, Workers};

fn withdraw() -> frame_support::dispatch::DispatchResultWithPostInfo {
    Experts::withdraw(RuntimeOrigin::signed(EXPERT))
}

fn withdraw_error() -> DispatchError {
    withdraw().unwrap_err().error
}

fn publish() {
    let description = vec![1; 20].try_into().unwrap();
    assert_ok!(Experts::publish(
        RuntimeOrigin::signed(EXPERT),
        description,
        ModelCommitment::default()
    ));
}

#[test]
fn withdrawing_removes_everything_and_releases_bond_and_deposits() {
    Ext::run_accredited(|| {
        publish();
        publish();
        let info = withdraw().unwrap();
        assert_eq!(info.actual_weight, Some(<() as WeightInfo>::withdraw(2, 1)));

        assert_eq!(Stored::<Test>::iter().count(), 0);
        assert_eq!(Workers::<Test>::iter().count(), 0);
        assert_eq!(Protocols::<Test>::iter().count(), 0);
        assert_eq!(free(EXPERT), ENDOWMENT);
        assert_eq!(last_event(), Event::Withdrawn { expert: EXPERT });
    });
}

#[test]
fn expert_can_leave_before_the_board_has_decided_and_come_back() {
    Ext::run(|| {
        apply(EXPERT, &[WORKER]);
        assert_ok!(withdraw());
        apply(EXPERT, &[WORKER]);
    });
}

#[test]
fn expert_gets_back_what_a_slash_has_left() {
    Ext::run_accredited(|| {
        assert_ok!(Experts::slash(RuntimeOrigin::root(), EXPERT, 300));
        assert_ok!(withdraw());
        assert_eq!(free(EXPERT), ENDOWMENT - 300);
    });
}

#[test]
fn refuses_to_let_go_while_consultations_are_open() {
    Ext::run_accredited(|| {
        Open::set(&[EXPERT]);
        assert_noop!(withdraw(), Error::<Test>::ConsultationsOpen);
        Open::set(&[OTHER_EXPERT]);
        assert_ok!(withdraw());
    });
}

#[test]
fn suspended_expert_cannot_take_the_bond_away() {
    Ext::run_accredited(|| {
        assert_ok!(Experts::suspend(RuntimeOrigin::root(), EXPERT));
        assert_noop!(withdraw(), Error::<Test>::ExpertSuspended);
        assert_ok!(Experts::revoke(RuntimeOrigin::root(), EXPERT));
        assert_ok!(withdraw());
    });
}

#[test]
fn refuses_who_is_no_expert() {
    Ext::run(|| assert_eq!(withdraw_error(), Error::<Test>::UnknownExpert.into()));
}
