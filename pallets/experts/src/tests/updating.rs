// SPDX-License-Identifier: Apache-2.0

//! `update` and `set_workers`.

use frame_support::{assert_noop, assert_ok};

use cso_primitives::SealingPublicKey;

use crate::{mock::*, Error, Event, Experts as Stored, Workers};

fn set_workers(who: u64, workers: &[u64]) -> sp_runtime::DispatchResult {
    let workers = workers.to_vec().try_into().unwrap();
    Experts::set_workers(RuntimeOrigin::signed(who), workers)
}

#[test]
fn update_changes_what_is_given_and_nothing_else() {
    Ext::run_accredited(|| {
        let before = Stored::<Test>::get(EXPERT).unwrap();
        let origin = || RuntimeOrigin::signed(EXPERT);

        assert_ok!(Experts::update(origin(), None, None, Some(77)));
        let mut expected = before.clone();
        expected.price = 77;
        assert_eq!(Stored::<Test>::get(EXPERT), Some(expected.clone()));
        assert_eq!(last_event(), Event::Updated { expert: EXPERT });

        let endpoint = b"wss://other.example".to_vec();
        assert_ok!(Experts::update(origin(), Some(endpoint.try_into().unwrap()), None, None));
        expected.endpoint = b"wss://other.example".to_vec().try_into().unwrap();
        assert_eq!(Stored::<Test>::get(EXPERT), Some(expected.clone()));

        let key = SealingPublicKey::repeat(8);
        assert_ok!(Experts::update(origin(), None, Some(Box::new(key.clone())), None));
        expected.sealing_key = key;
        assert_eq!(Stored::<Test>::get(EXPERT), Some(expected));
    });
}

#[test]
fn update_refuses_what_an_application_refuses() {
    Ext::run_accredited(|| {
        let origin = || RuntimeOrigin::signed(EXPERT);
        let empty = Some(Default::default());
        assert_noop!(Experts::update(origin(), empty, None, None), Error::<Test>::BadEndpoint);
        assert_noop!(Experts::update(origin(), None, None, Some(9)), Error::<Test>::PriceTooLow);
    });
}

#[test]
fn update_refuses_who_is_no_expert() {
    Ext::run(|| {
        let origin = RuntimeOrigin::signed(STRANGER);
        assert_noop!(Experts::update(origin, None, None, None), Error::<Test>::UnknownExpert);
    });
}

#[test]
fn workers_named_anew_replace_the_old_ones() {
    Ext::run_accredited(|| {
        assert_ok!(set_workers(EXPERT, &[OTHER_WORKER, EXPERT]));
        assert_eq!(Workers::<Test>::get(WORKER), None);
        assert_eq!(Workers::<Test>::get(OTHER_WORKER), Some(EXPERT));
        assert_eq!(Workers::<Test>::get(EXPERT), Some(EXPERT));
        let workers = vec![OTHER_WORKER, EXPERT].try_into().unwrap();
        assert_eq!(last_event(), Event::WorkersSet { expert: EXPERT, workers });

        // One that stays may be named again.
        assert_ok!(set_workers(EXPERT, &[WORKER, OTHER_WORKER]));
        // One that was left out is free for others.
        apply(OTHER_EXPERT, &[EXPERT]);
    });
}

#[test]
fn set_workers_refuses_what_an_application_refuses() {
    Ext::run_accredited(|| {
        apply(OTHER_EXPERT, &[OTHER_WORKER]);
        assert_noop!(set_workers(EXPERT, &[]), Error::<Test>::NoWorkers);
        assert_noop!(set_workers(EXPERT, &[WORKER, WORKER]), Error::<Test>::DuplicateWorker);
        assert_noop!(set_workers(EXPERT, &[WORKER, OTHER_WORKER]), Error::<Test>::WorkerTaken);
        assert_noop!(set_workers(STRANGER, &[STRANGER]), Error::<Test>::UnknownExpert);
    });
}
