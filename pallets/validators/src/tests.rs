// SPDX-License-Identifier: Apache-2.0

//! What the board can do to the list, and what sessions make of it.

use frame_support::{assert_noop, assert_ok};
use sp_runtime::{BuildStorage, DispatchError};

use crate::{mock::*, Admitted, Error, Event};

fn root() -> RuntimeOrigin {
    RuntimeOrigin::root()
}

fn turn(sessions: u32) {
    for _ in 0..sessions {
        Session::rotate_session();
    }
}

fn purge(who: u64) {
    assert_ok!(Session::purge_keys(RuntimeOrigin::signed(who)));
}

#[test]
fn genesis_validators_make_the_first_blocks() {
    run(|| {
        assert_eq!(Admitted::<Test>::get(), vec![1, 2]);
        assert_eq!(Session::validators(), vec![1, 2]);
    });
}

#[test]
fn session_keys_decide_when_genesis_names_no_validators() {
    let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
    let keys = SessionKeys { dummy: sp_runtime::testing::UintAuthorityId(7) };
    pallet_session::GenesisConfig::<Test> { keys: vec![(7, 7, keys)], non_authority_keys: vec![] }
        .assimilate_storage(&mut storage)
        .unwrap();
    sp_io::TestExternalities::new(storage).execute_with(|| {
        assert_eq!(Session::validators(), vec![7]);
        turn(3);
        assert_eq!(Session::validators(), vec![7]);
    });
}

#[test]
#[should_panic(expected = "listed twice")]
fn genesis_refuses_a_validator_listed_twice() {
    let _ = crate::GenesisConfig::<Test> { validators: vec![1, 1] }.build_storage();
}

#[test]
#[should_panic(expected = "more validators than MaxValidators")]
fn genesis_refuses_too_many_validators() {
    let _ = crate::GenesisConfig::<Test> { validators: vec![1, 2, 3, 4, 5] }.build_storage();
}

#[test]
fn admitted_validator_makes_blocks_from_the_session_after_next() {
    run(|| {
        assert_ok!(Validators::admit(root(), 3));
        System::assert_last_event(Event::Admitted { validator: 3 }.into());
        turn(1);
        assert_eq!(Session::validators(), vec![1, 2]);
        turn(1);
        assert_eq!(Session::validators(), vec![1, 2, 3]);
    });
}

#[test]
fn retired_validator_makes_blocks_until_the_session_after_next() {
    run(|| {
        assert_ok!(Validators::retire(root(), 1));
        System::assert_last_event(Event::Retired { validator: 1 }.into());
        turn(1);
        assert_eq!(Session::validators(), vec![1, 2]);
        turn(1);
        assert_eq!(Session::validators(), vec![2]);
    });
}

#[test]
fn only_the_board_admits_and_retires() {
    run(|| {
        let signed = RuntimeOrigin::signed(1);
        assert_noop!(Validators::admit(signed.clone(), 3), DispatchError::BadOrigin);
        assert_noop!(Validators::retire(signed, 1), DispatchError::BadOrigin);
    });
}

#[test]
fn refuses_to_admit_without_session_keys() {
    run(|| {
        assert_noop!(Validators::admit(root(), 9), Error::<Test>::NotRegistered);
    });
}

#[test]
fn refuses_to_admit_twice() {
    run(|| {
        assert_noop!(Validators::admit(root(), 1), Error::<Test>::AlreadyAdmitted);
    });
}

#[test]
fn refuses_to_admit_more_than_the_list_holds() {
    run(|| {
        assert_ok!(Validators::admit(root(), 3));
        assert_ok!(Validators::admit(root(), 4));
        assert_noop!(Validators::admit(root(), 5), Error::<Test>::TooManyValidators);
    });
}

#[test]
fn refuses_to_retire_who_is_not_admitted() {
    run(|| {
        assert_noop!(Validators::retire(root(), 3), Error::<Test>::NotAdmitted);
    });
}

#[test]
fn refuses_to_retire_the_last_validator() {
    run(|| {
        assert_ok!(Validators::retire(root(), 1));
        assert_noop!(Validators::retire(root(), 2), Error::<Test>::LastValidator);
    });
}

#[test]
fn refuses_to_retire_the_last_validator_with_session_keys() {
    run(|| {
        purge(2);
        assert_noop!(Validators::retire(root(), 1), Error::<Test>::LastValidator);
        assert_ok!(Validators::retire(root(), 2));
    });
}

#[test]
fn validator_that_purges_its_keys_is_passed_over_until_it_sets_them_again() {
    run(|| {
        purge(2);
        turn(2);
        assert_eq!(Session::validators(), vec![1]);

        let keys = SessionKeys { dummy: sp_runtime::testing::UintAuthorityId(2) };
        pallet_session::NextKeys::<Test>::insert(2, keys);
        turn(2);
        assert_eq!(Session::validators(), vec![1, 2]);
    });
}

#[test]
fn authorities_change_hands_once_for_each_change_of_the_list() {
    run(|| {
        turn(5);
        assert_eq!(CountHandovers::count(), 0);
        assert_ok!(Validators::admit(root(), 3));
        turn(5);
        assert_eq!(CountHandovers::count(), 1);
        assert_ok!(Validators::retire(root(), 2));
        turn(5);
        assert_eq!(CountHandovers::count(), 2);
    });
}

#[test]
fn change_taken_back_before_the_session_turns_is_no_change() {
    run(|| {
        assert_ok!(Validators::admit(root(), 3));
        assert_ok!(Validators::retire(root(), 3));
        turn(3);
        assert_eq!(CountHandovers::count(), 0);
    });
}

#[test]
fn authorities_change_hands_once_when_a_validator_purges_its_keys() {
    run(|| {
        purge(2);
        turn(6);
        assert_eq!(CountHandovers::count(), 1);
    });
}

#[test]
fn authorities_stay_when_nobody_on_the_list_has_keys() {
    run(|| {
        purge(1);
        purge(2);
        turn(6);
        assert_eq!(CountHandovers::count(), 0);

        // The first to come back takes over.
        let keys = SessionKeys { dummy: sp_runtime::testing::UintAuthorityId(1) };
        pallet_session::NextKeys::<Test>::insert(1, keys);
        turn(2);
        assert_eq!(Session::validators(), vec![1]);
        assert_eq!(CountHandovers::count(), 1);
    });
}
