// SPDX-License-Identifier: Apache-2.0

//! Where the money is when accounts die, are frozen, or experts leave.

use frame_support::{
    assert_noop, assert_ok,
    traits::fungible::{Inspect, MutateFreeze},
};
use pallet_experts::Error as ExpertsError;
use sp_runtime::TokenError;

use crate::{mock::*, HoldReason, Status};

#[test]
fn account_of_a_patient_cannot_die_while_anything_is_on_hold() {
    run(|| {
        let id = delivered();
        assert_ok!(Balances::transfer_all(signed(patient()), stranger().into(), false));
        assert_eq!(Balances::balance(&patient()), ED);
        assert_noop!(
            Balances::transfer_allow_death(signed(patient()), stranger().into(), 1),
            TokenError::Frozen
        );

        assert_ok!(Consultations::accept(signed(patient()), id));
        assert_ok!(Consultations::erase(signed(patient()), id));
        assert_eq!(total(&patient()), ED + DEPOSIT);
    });
}

#[test]
fn refund_reaches_a_patient_who_has_spent_all_else() {
    run(|| {
        let id = request();
        assert_ok!(Balances::transfer_all(signed(patient()), stranger().into(), false));
        run_to(500);
        assert!(!crate::Consultations::<Test>::contains_key(id));
        assert_eq!(Balances::balance(&patient()), ED + PRICE + DEPOSIT);
    });
}

#[test]
fn expert_whose_account_has_died_is_paid_nevertheless() {
    run(|| {
        let id = delivered();
        lose_everything(&expert());
        assert_ok!(Consultations::accept(signed(patient()), id));
        assert_eq!(Balances::balance(&expert()), PRICE);
    });
}

#[test]
fn least_fee_opens_an_account() {
    run(|| {
        assert_ok!(Experts::update(signed(expert()), None, None, Some(ED)));
        assert_ok!(request_as(patient(), expert(), ED, now() + MIN_TERM));
        assert_ok!(deliver_as(worker(), 0));
        lose_everything(&expert());
        assert_ok!(Consultations::accept(signed(patient()), 0));
        assert_eq!(Balances::balance(&expert()), ED);
    });
}

#[test]
fn suspended_or_revoked_expert_is_paid_for_what_it_has_delivered() {
    run(|| {
        let before = total(&expert());
        let (first, second) = (delivered(), delivered());
        assert_ok!(Experts::suspend(RuntimeOrigin::root(), expert()));
        assert_ok!(Consultations::accept(signed(patient()), first));
        assert_ok!(Experts::revoke(RuntimeOrigin::root(), expert()));
        assert_ok!(Consultations::accept(signed(patient()), second));
        assert_eq!(total(&expert()), before + 2 * PRICE);
    });
}

#[test]
fn frozen_funds_of_a_patient_do_not_keep_the_fee_from_the_expert() {
    run(|| {
        let id = delivered();
        assert_ok!(Balances::set_freeze(&1, &patient(), total(&patient())));
        assert_ok!(Consultations::accept(signed(patient()), id));
        assert_ok!(Consultations::erase(signed(patient()), id));
    });
}

#[test]
fn expert_cannot_leave_before_all_is_paid_or_refunded() {
    run(|| {
        let open = ExpertsError::<Test>::ConsultationsOpen;
        let id = request();
        assert_noop!(Experts::withdraw(signed(expert())), open);
        assert_ok!(deliver_as(worker(), id));
        let open = ExpertsError::<Test>::ConsultationsOpen;
        assert_noop!(Experts::withdraw(signed(expert())), open);
        assert_ok!(Consultations::accept(signed(patient()), id));
        assert_ok!(Experts::withdraw(signed(expert())));

        // The consultation doesn't need the expert any more.
        assert!(matches!(status(id), Status::Accepted { .. }));
        assert_ok!(Consultations::erase(signed(patient()), id));
    });
}

#[test]
fn price_asked_later_does_not_change_the_fee() {
    run(|| {
        let before = total(&expert());
        let id = request();
        assert_ok!(Experts::update(signed(expert()), None, None, Some(2 * PRICE)));
        assert_ok!(deliver_as(worker(), id));
        assert_ok!(Consultations::accept(signed(patient()), id));
        assert_eq!(total(&expert()), before + PRICE);
    });
}

#[test]
fn fees_of_several_consultations_add_up_on_hold() {
    run(|| {
        let (first, _) = (request(), request());
        assert_eq!(held(HoldReason::Fee, &patient()), 2 * PRICE);
        assert_ok!(deliver_as(worker(), first));
        assert_ok!(Consultations::accept(signed(patient()), first));
        assert_eq!(held(HoldReason::Fee, &patient()), PRICE);
        assert_eq!(held(HoldReason::Deposit, &patient()), 2 * DEPOSIT);
    });
}
