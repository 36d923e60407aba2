// SPDX-License-Identifier: Apache-2.0

//! `apply`: who can become an expert, and what it takes.

use frame_support::{assert_noop, assert_ok};
use sp_runtime::{DispatchResult, TokenError};

use crate::{mock::*, Error, Event, Expert, Experts as Stored, Status, Workers};

/// An application of [`EXPERT`] with some of it changed.
struct Application {
    endpoint: &'static [u8],
    workers: &'static [u64],
    price: u64,
}

impl Default for Application {
    fn default() -> Self {
        Self { endpoint: b"wss://expert.example", workers: &[WORKER], price: PRICE }
    }
}

impl Application {
    fn submit(self, who: u64) -> DispatchResult {
        Experts::apply(
            RuntimeOrigin::signed(who),
            self.endpoint.to_vec().try_into().unwrap(),
            Box::new(KEY),
            self.workers.to_vec().try_into().unwrap(),
            self.price,
        )
    }
}

#[test]
fn application_holds_the_bond_and_stores_the_expert() {
    Ext::run(|| {
        let application = Application { workers: &[WORKER, OTHER_WORKER], ..Default::default() };
        assert_ok!(application.submit(EXPERT));

        let expected = Expert {
            status: Status::Applied,
            price: PRICE,
            bond: BOND,
            endpoint: b"wss://expert.example".to_vec().try_into().unwrap(),
            sealing_key: KEY,
            workers: vec![WORKER, OTHER_WORKER].try_into().unwrap(),
            protocols: 0,
        };
        assert_eq!(Stored::<Test>::get(EXPERT), Some(expected));
        assert_eq!(Workers::<Test>::get(WORKER), Some(EXPERT));
        assert_eq!(Workers::<Test>::get(OTHER_WORKER), Some(EXPERT));
        assert_eq!(free(EXPERT), ENDOWMENT - BOND);
        assert_eq!(last_event(), Event::Applied { expert: EXPERT, bond: BOND });
    });
}

#[test]
fn expert_can_be_its_own_worker() {
    Ext::run(|| {
        let application = Application { workers: &[EXPERT], ..Default::default() };
        assert_ok!(application.submit(EXPERT));
    });
}

#[test]
fn refuses_a_second_application() {
    Ext::run(|| {
        apply(EXPERT, &[WORKER]);
        let second = Application { workers: &[OTHER_WORKER], ..Default::default() };
        assert_noop!(second.submit(EXPERT), Error::<Test>::AlreadyExpert);
    });
}

#[test]
fn refuses_endpoints_that_are_empty_or_not_printable_ascii() {
    Ext::run(|| {
        for endpoint in
            [&b""[..], b"wss://a b", b"wss://a\n", b"wss://\x1b[2J", "wss://ä".as_bytes()]
        {
            let bad = Application { endpoint, ..Default::default() };
            assert_noop!(bad.submit(EXPERT), Error::<Test>::BadEndpoint);
        }
    });
}

#[test]
fn refuses_a_price_below_the_least() {
    Ext::run(|| {
        let cheap = Application { price: 9, ..Default::default() };
        assert_noop!(cheap.submit(EXPERT), Error::<Test>::PriceTooLow);
        assert_ok!(Application { price: 10, ..Default::default() }.submit(EXPERT));
    });
}

#[test]
fn refuses_an_application_without_workers() {
    Ext::run(|| {
        let nobody = Application { workers: &[], ..Default::default() };
        assert_noop!(nobody.submit(EXPERT), Error::<Test>::NoWorkers);
    });
}

#[test]
fn refuses_a_worker_named_twice() {
    Ext::run(|| {
        let twice = Application { workers: &[WORKER, WORKER], ..Default::default() };
        assert_noop!(twice.submit(EXPERT), Error::<Test>::DuplicateWorker);
    });
}

#[test]
fn refuses_a_worker_of_another_expert() {
    Ext::run(|| {
        apply(OTHER_EXPERT, &[WORKER]);
        let taken = Application { workers: &[OTHER_WORKER, WORKER], ..Default::default() };
        assert_noop!(taken.submit(EXPERT), Error::<Test>::WorkerTaken);
    });
}

#[test]
fn refuses_who_cannot_pay_the_bond_and_live() {
    Ext::run(|| {
        assert_noop!(Application::default().submit(POOR), TokenError::FundsUnavailable);
    });
}
