// SPDX-License-Identifier: Apache-2.0

//! `publish` and `retire`.

use cso_primitives::ModelCommitment;
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{ArithmeticError, DispatchResult, TokenError};

use crate::{
    mock::*, Accreditation, Error, Event, Experts as Stored, NextProtocolId, Protocol, Protocols,
};

const MODEL: ModelCommitment = ModelCommitment::repeat(9);

fn publish(who: u64, len: usize) -> DispatchResult {
    let description = vec![b'x'; len].try_into().unwrap();
    Experts::publish(RuntimeOrigin::signed(who), description, MODEL)
}

fn retire(who: u64, protocol: u32) -> DispatchResult {
    Experts::retire(RuntimeOrigin::signed(who), protocol)
}

#[test]
fn published_protocol_is_stored_against_a_deposit_by_length() {
    Ext::run_accredited(|| {
        let before = free(EXPERT);
        System::set_block_number(5);
        assert_ok!(publish(EXPERT, 20));

        let deposit = 120;
        let description = vec![b'x'; 20].try_into().unwrap();
        let expected = Protocol { description, model: MODEL, published: 5, deposit };
        assert_eq!(Protocols::<Test>::get(EXPERT, 0), Some(expected));
        assert_eq!(<Experts as Accreditation<_, _>>::model(&EXPERT, 0), Some(MODEL));
        assert_eq!(free(EXPERT), before - deposit);
        assert_eq!(Stored::<Test>::get(EXPERT).unwrap().protocols, 1);
        let event = Event::ProtocolPublished { expert: EXPERT, protocol: 0, model: MODEL };
        assert_eq!(last_event(), event);
    });
}

#[test]
fn expert_can_publish_before_the_board_has_decided() {
    Ext::run(|| {
        apply(EXPERT, &[WORKER]);
        assert_ok!(publish(EXPERT, 20));
    });
}

#[test]
fn retired_protocol_is_gone_and_its_deposit_released() {
    Ext::run_accredited(|| {
        let before = free(EXPERT);
        assert_ok!(publish(EXPERT, 20));
        assert_ok!(retire(EXPERT, 0));
        assert_eq!(Protocols::<Test>::get(EXPERT, 0), None);
        assert_eq!(free(EXPERT), before);
        assert_eq!(last_event(), Event::ProtocolRetired { expert: EXPERT, protocol: 0 });
    });
}

#[test]
fn numbers_of_protocols_are_unique_and_never_used_again() {
    Ext::run_accredited(|| {
        apply(OTHER_EXPERT, &[OTHER_WORKER]);
        assert_ok!(publish(EXPERT, 1));
        assert_ok!(publish(OTHER_EXPERT, 1));
        assert_ok!(retire(EXPERT, 0));
        assert_ok!(publish(EXPERT, 1));
        let mut ids: Vec<_> = Protocols::<Test>::iter().map(|(who, id, _)| (id, who)).collect();
        ids.sort();
        assert_eq!(ids, [(1, OTHER_EXPERT), (2, EXPERT)]);
    });
}

#[test]
fn refuses_an_empty_description() {
    Ext::run_accredited(|| {
        assert_noop!(publish(EXPERT, 0), Error::<Test>::EmptyDescription);
    });
}

#[test]
fn refuses_more_protocols_than_the_bound_until_one_is_retired() {
    Ext::run_accredited(|| {
        for _ in 0..4 {
            assert_ok!(publish(EXPERT, 1));
        }
        assert_noop!(publish(EXPERT, 1), Error::<Test>::TooManyProtocols);
        assert_ok!(retire(EXPERT, 2));
        assert_ok!(publish(EXPERT, 1));
    });
}

#[test]
fn refuses_who_is_no_expert() {
    Ext::run(|| {
        assert_noop!(publish(STRANGER, 1), Error::<Test>::UnknownExpert);
        assert_noop!(retire(STRANGER, 0), Error::<Test>::UnknownExpert);
    });
}

#[test]
fn refuses_to_retire_what_is_not_there_or_belongs_to_another() {
    Ext::run_accredited(|| {
        apply(OTHER_EXPERT, &[OTHER_WORKER]);
        assert_ok!(publish(OTHER_EXPERT, 1));
        assert_noop!(retire(EXPERT, 0), Error::<Test>::UnknownProtocol);
        assert_noop!(retire(EXPERT, 1), Error::<Test>::UnknownProtocol);
    });
}

#[test]
fn refuses_who_cannot_pay_the_deposit() {
    Ext::run_accredited(|| {
        let origin = RuntimeOrigin::signed(EXPERT);
        assert_ok!(Balances::transfer_all(origin, STRANGER, false));
        assert_noop!(publish(EXPERT, 1), TokenError::FundsUnavailable);
    });
}

#[test]
fn refuses_to_publish_when_numbers_have_run_out() {
    Ext::run_accredited(|| {
        NextProtocolId::<Test>::put(u32::MAX);
        assert_noop!(publish(EXPERT, 1), ArithmeticError::Overflow);
    });
}
