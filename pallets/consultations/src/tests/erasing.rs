// SPDX-License-Identifier: Apache-2.0

//! `erase`: who may, when, and that nothing is left.

use codec::Encode;
use frame_support::{assert_noop, assert_ok, storage::KeyPrefixIterator};

use crate::{mock::*, Error, Event, HoldReason};

/// All keys in state that belong to this pallet, without its prefix.
fn keys() -> Vec<Vec<u8>> {
    let prefix = sp_io::hashing::twox_128(b"Consultations").to_vec();
    KeyPrefixIterator::new(prefix.clone(), prefix, |key| Ok(key.to_vec())).collect()
}

#[test]
fn state_holds_nothing_of_a_consultation_after_erase() {
    run(|| {
        let before = keys();
        for close in [
            (|| accepted()) as fn() -> u64,
            || {
                let id = request();
                let reason = DeclineReason::RecordMissing;
                assert_ok!(Consultations::decline(signed(worker()), id, reason));
                id
            },
            || {
                let id = request();
                jump_to(now() + MIN_TERM + 1);
                assert_ok!(Consultations::expire(signed(stranger()), id));
                id
            },
        ] {
            let id = close();
            events();
            assert_ok!(Consultations::erase(signed(patient()), id));
            assert_eq!(events(), [Event::Erased { id }]);
            assert_eq!(held(HoldReason::Deposit, &patient()), 0);
            // The counter is all that has come to the state.
            let counter = crate::NextId::<Test>::hashed_key()[16..].to_vec();
            let left: Vec<_> = keys().into_iter().filter(|key| *key != counter).collect();
            assert_eq!(left, before);
            assert_eq!(crate::NextId::<Test>::get().encode(), (id + 1).encode());
        }
    });
}

#[test]
fn patient_can_erase_as_soon_as_the_consultation_is_closed() {
    run(|| {
        let id = request();
        assert_noop!(Consultations::erase(signed(patient()), id), Error::<Test>::NotClosed);
        assert_ok!(deliver_as(worker(), id));
        assert_noop!(Consultations::erase(signed(patient()), id), Error::<Test>::NotClosed);
        assert_ok!(Consultations::accept(signed(patient()), id));
        assert_ok!(Consultations::erase(signed(patient()), id));
    });
}

#[test]
fn others_can_erase_only_after_the_retention() {
    run(|| {
        let id = accepted();
        jump_to(1 + RETENTION);
        for who in [stranger(), expert(), worker()] {
            assert_noop!(Consultations::erase(signed(who), id), Error::<Test>::RetentionRunning);
        }
        jump_to(1 + RETENTION + 1);
        assert_ok!(Consultations::erase(signed(stranger()), id));
        assert_eq!(held(HoldReason::Deposit, &patient()), 0);
        assert_eq!(total(&patient()), ENDOWMENT - PRICE);
    });
}

#[test]
fn refuses_to_erase_twice() {
    run(|| {
        let id = accepted();
        assert_ok!(Consultations::erase(signed(patient()), id));
        let unknown = Error::<Test>::UnknownConsultation;
        assert_noop!(Consultations::erase(signed(patient()), id), unknown);
    });
}
