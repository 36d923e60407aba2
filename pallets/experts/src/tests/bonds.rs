// SPDX-License-Identifier: Apache-2.0

//! `slash` and `top_up`.

use frame_support::{assert_noop, assert_ok};
use sp_runtime::TokenError;

use crate::{mock::*, Error, Event, Experts as Stored, Status};

fn slash(amount: u64) -> sp_runtime::DispatchResult {
    Experts::slash(RuntimeOrigin::signed(BOARD), EXPERT, amount)
}

fn top_up() -> sp_runtime::DispatchResult {
    Experts::top_up(RuntimeOrigin::signed(EXPERT))
}

fn bond() -> u64 {
    Stored::<Test>::get(EXPERT).unwrap().bond
}

#[test]
fn slash_takes_from_the_bond_and_nothing_else() {
    Ext::run_accredited(|| {
        let (free_before, issued) = (free(EXPERT), Balances::total_issuance());
        assert_ok!(slash(300));
        assert_eq!(bond(), BOND - 300);
        assert_eq!(free(EXPERT), free_before);
        assert_eq!(Balances::total_issuance(), issued - 300);
        assert_eq!(last_event(), Event::Slashed { expert: EXPERT, amount: 300 });
        assert_eq!(Stored::<Test>::get(EXPERT).unwrap().status, Status::Accredited { until: 100 });
    });
}

#[test]
fn slash_takes_no_more_than_there_is() {
    Ext::run_accredited(|| {
        let free_before = free(EXPERT);
        assert_ok!(slash(BOND + 1));
        assert_eq!(bond(), 0);
        assert_eq!(free(EXPERT), free_before);
        assert_eq!(last_event(), Event::Slashed { expert: EXPERT, amount: BOND });
    });
}

#[test]
fn refuses_to_slash_nothing() {
    Ext::run_accredited(|| {
        assert_noop!(slash(0), Error::<Test>::NothingToSlash);
        assert_ok!(slash(BOND));
        assert_noop!(slash(1), Error::<Test>::NothingToSlash);
    });
}

#[test]
fn top_up_makes_the_bond_whole_after_a_slash() {
    Ext::run_accredited(|| {
        assert_ok!(slash(300));
        assert_ok!(top_up());
        assert_eq!(bond(), BOND);
        assert_eq!(free(EXPERT), ENDOWMENT - BOND - 300);
        assert_eq!(last_event(), Event::BondToppedUp { expert: EXPERT, amount: 300 });
    });
}

#[test]
fn top_up_follows_a_bond_that_was_raised() {
    Ext::run_accredited(|| {
        RequiredBond::set(BOND + 7);
        assert_ok!(top_up());
        assert_eq!(bond(), BOND + 7);
    });
}

#[test]
fn refuses_to_top_up_a_bond_that_is_whole() {
    Ext::run_accredited(|| {
        assert_noop!(top_up(), Error::<Test>::BondSufficient);
        RequiredBond::set(BOND - 7);
        assert_noop!(top_up(), Error::<Test>::BondSufficient);
    });
}

#[test]
fn refuses_to_top_up_for_who_is_no_expert_or_cannot_pay() {
    Ext::run_accredited(|| {
        let stranger = RuntimeOrigin::signed(STRANGER);
        assert_noop!(Experts::top_up(stranger), Error::<Test>::UnknownExpert);
        assert_ok!(slash(300));
        assert_ok!(Balances::transfer_all(RuntimeOrigin::signed(EXPERT), STRANGER, false));
        assert_noop!(top_up(), TokenError::FundsUnavailable);
    });
}
