// SPDX-License-Identifier: Apache-2.0

//! The off-chain worker, with a keystore, a transaction pool and local storage. The evaluator is a
//! double that says what the test tells it to.

use std::sync::Arc;

use codec::Decode;
use frame_support::{assert_ok, storage::with_transaction, traits::Hooks};
use parking_lot::RwLock;
use sp_core::offchain::{
    testing::{PoolState, TestOffchainExt, TestTransactionPoolExt},
    OffchainDbExt, OffchainWorkerExt, TransactionPoolExt,
};
use sp_keyring::Sr25519Keyring as Keyring;
use sp_keystore::{testing::MemoryKeystore, Keystore, KeystoreExt};
use sp_runtime::{
    offchain::storage::StorageValueRef,
    traits::{Checkable, Dispatchable, IdentifyAccount},
    DispatchError, MultiSigner, TransactionOutcome,
};

use crate::{
    crypto::KEY_TYPE, mock::*, offchain::SUBMITTED, Call, ConsultationId, Refused, Status,
};

/// The node of an expert: what the off-chain worker finds around it.
struct Node {
    pool: Arc<RwLock<PoolState>>,
}

impl Node {
    /// Run a test on a node that has the worker keys of `keys`.
    fn run(keys: &[Keyring], test: impl FnOnce(Node)) {
        let (offchain, _) = TestOffchainExt::new();
        let (pool, state) = TestTransactionPoolExt::new();
        let keystore = MemoryKeystore::new();
        for key in keys {
            keystore.sr25519_generate_new(KEY_TYPE, Some(&key.to_seed())).unwrap();
        }
        let mut ext = new_test_ext();
        ext.register_extension(OffchainDbExt::new(offchain.clone()));
        ext.register_extension(OffchainWorkerExt::new(offchain));
        ext.register_extension(TransactionPoolExt::new(pool));
        ext.register_extension(KeystoreExt::new(keystore));
        ext.execute_with(|| {
            test(Node { pool: state });
            check();
        });
    }

    /// The off-chain worker's run after the present block. It sees the state, but leaves no trace
    /// in it.
    fn work(&self) {
        let run = with_transaction(|| {
            Consultations::offchain_worker(now());
            TransactionOutcome::Rollback(Ok::<_, DispatchError>(()))
        });
        assert_ok!(run);
    }

    /// What was submitted since the last call of this function.
    fn submitted(&self) -> Vec<Extrinsic> {
        let encoded = core::mem::take(&mut self.pool.write().transactions);
        encoded.iter().map(|bytes| Extrinsic::decode(&mut &bytes[..]).unwrap()).collect()
    }

    /// Include what was submitted in the present block, and go on to the next one. Returns how many
    /// transactions there were.
    fn include(&self) -> usize {
        let extrinsics = self.submitted();
        let count = extrinsics.len();
        for extrinsic in extrinsics {
            let (who, call) = opened(extrinsic);
            assert_ok!(call.dispatch(RuntimeOrigin::signed(who)));
        }
        jump_to(now() + 1);
        count
    }
}

/// Signer and call of an extrinsic whose signature is verified.
fn opened(extrinsic: Extrinsic) -> (AccountId, RuntimeCall) {
    let lookup = frame_system::ChainContext::<Test>::default();
    let checked = extrinsic.check(&lookup).expect("the signature is the worker's");
    let sp_runtime::generic::ExtrinsicFormat::Signed(who, _) = checked.format else {
        panic!("worker transactions are signed");
    };
    (who, checked.function)
}

fn answers(id: ConsultationId) {
    let outcome = Outcome::Deliver { answer: vec![1, 2, 3], note: vec![4] };
    Evaluator::with(|state| state.outcomes.insert(id, outcome));
}

fn queued() -> Vec<ConsultationId> {
    Evaluator::with(|state| state.queue.iter().copied().collect())
}

fn request_with_time() -> ConsultationId {
    let id = crate::NextId::<Test>::get();
    request_as(patient(), expert(), PRICE, now() + MAX_TERM).unwrap();
    id
}

#[test]
fn keys_of_the_worker_type_make_accounts_that_can_sign() {
    let public = MultiSigner::from(Keyring::Eve.public());
    assert_eq!(public.into_account(), worker());
}

#[test]
fn open_request_is_enqueued_and_its_answer_delivered() {
    Node::run(&[Keyring::Eve], |node| {
        let id = request();
        node.work();
        assert_eq!(queued(), [id]);
        assert!(node.submitted().is_empty());

        answers(id);
        node.work();
        let extrinsics = node.submitted();
        assert_eq!(extrinsics.len(), 1);
        let (who, call) = opened(extrinsics[0].clone());
        assert_eq!(who, worker());
        let deliver = Call::deliver {
            id,
            answer: vec![1, 2, 3].try_into().unwrap(),
            note: vec![4].try_into().unwrap(),
        };
        assert_eq!(call, RuntimeCall::Consultations(deliver));
    });
}

#[test]
fn request_is_declined_with_the_evaluators_reason() {
    Node::run(&[Keyring::Eve], |node| {
        let id = request();
        let reason = DeclineReason::RecordMissing;
        Evaluator::with(|state| state.outcomes.insert(id, Outcome::Decline { reason }));
        node.work();
        assert_eq!(node.include(), 1);
        assert!(matches!(
            status(id),
            Status::Declined { reason: DeclineReason::RecordMissing, .. }
        ));
    });
}

#[test]
fn answers_of_one_run_have_nonces_in_a_row() {
    Node::run(&[Keyring::Eve], |node| {
        for id in [request(), request(), request()] {
            answers(id);
        }
        node.work();
        let nonces: Vec<_> = node
            .submitted()
            .into_iter()
            .map(|extrinsic| match extrinsic.preamble {
                sp_runtime::generic::Preamble::Signed(_, _, extension) => extension.0,
                _ => panic!("worker transactions are signed"),
            })
            .collect();
        assert_eq!(nonces, [0, 1, 2]);
    });
}

#[test]
fn answer_is_submitted_once_while_it_is_on_its_way() {
    Node::run(&[Keyring::Eve], |node| {
        let id = request_with_time();
        answers(id);
        node.work();
        assert_eq!(node.submitted().len(), 1);
        for _ in 1..RETRY {
            jump_to(now() + 1);
            node.work();
            assert!(node.submitted().is_empty());
        }
    });
}

#[test]
fn answer_that_got_lost_is_submitted_again() {
    Node::run(&[Keyring::Eve], |node| {
        let id = request_with_time();
        answers(id);
        node.work();
        assert_eq!(node.submitted().len(), 1);
        jump_to(now() + RETRY);
        node.work();
        assert_eq!(node.include(), 1);
        assert!(matches!(status(id), Status::Delivered { .. }));
        jump_to(now() + RETRY);
        node.work();
        assert!(node.submitted().is_empty());
    });
}

#[test]
fn submission_noted_on_a_branch_that_was_left_does_not_count() {
    Node::run(&[Keyring::Eve], |node| {
        let id = request_with_time();
        answers(id);
        jump_to(10);
        node.work();
        assert_eq!(node.submitted().len(), 1);
        jump_to(9);
        node.work();
        assert_eq!(node.submitted().len(), 1);
    });
}

#[test]
fn notes_of_closed_requests_are_dropped() {
    Node::run(&[Keyring::Eve], |node| {
        let notes = || {
            StorageValueRef::persistent(SUBMITTED)
                .get::<std::collections::BTreeMap<ConsultationId, u64>>()
                .unwrap()
                .unwrap_or_default()
        };
        let id = request();
        answers(id);
        node.work();
        assert_eq!(notes().into_iter().collect::<Vec<_>>(), [(id, 1)]);
        node.include();
        node.work();
        assert!(notes().is_empty());
    });
}

#[test]
fn several_keys_of_one_expert_answer_once() {
    Node::run(&[Keyring::Eve, Keyring::One], |node| {
        let id = request();
        answers(id);
        node.work();
        assert_eq!(node.include(), 1);
        assert!(matches!(status(id), Status::Delivered { .. }));
    });
}

#[test]
fn node_of_two_experts_answers_for_both() {
    Node::run(&[Keyring::Eve, Keyring::Ferdie], |node| {
        let first = request();
        request_as(patient(), other_expert(), PRICE, now() + MIN_TERM).unwrap();
        answers(first);
        answers(first + 1);
        node.work();
        assert_eq!(node.include(), 2);
    });
}

#[test]
fn node_leaves_requests_to_other_experts_alone() {
    Node::run(&[Keyring::Ferdie], |node| {
        let id = request();
        answers(id);
        node.work();
        assert!(queued().is_empty());
        assert!(node.submitted().is_empty());
    });
}

#[test]
fn node_without_worker_keys_or_with_keys_of_nobody_does_nothing() {
    for keys in [&[][..], &[Keyring::Two]] {
        Node::run(keys, |node| {
            answers(request());
            node.work();
            assert!(queued().is_empty());
            assert!(node.submitted().is_empty());
        });
    }
}

#[test]
fn full_queue_keeps_nothing_but_the_new_request_waiting() {
    Node::run(&[Keyring::Eve], |node| {
        let id = request();
        Evaluator::with(|state| state.refuses = Some(Refused::QueueFull));
        node.work();
        assert!(queued().is_empty());
        Evaluator::with(|state| state.refuses = None);
        node.work();
        assert_eq!(queued(), [id]);
    });
}

#[test]
fn node_without_evaluator_submits_nothing() {
    Node::run(&[Keyring::Eve], |node| {
        answers(request());
        Evaluator::with(|state| state.refuses = Some(Refused::NoEvaluator));
        node.work();
        assert!(node.submitted().is_empty());
    });
}

#[test]
fn answer_is_not_submitted_when_it_would_come_too_late() {
    Node::run(&[Keyring::Eve], |node| {
        let id = request();
        answers(id);
        // The next block is the one after the deadline.
        jump_to(1 + MIN_TERM);
        node.work();
        assert!(node.submitted().is_empty());
        jump_to(MIN_TERM);
        node.work();
        assert_eq!(node.submitted().len(), 1);
    });
}

#[test]
fn answer_of_a_suspended_expert_is_kept_back_until_reinstated() {
    Node::run(&[Keyring::Eve], |node| {
        let id = request();
        answers(id);
        assert_ok!(Experts::suspend(RuntimeOrigin::root(), expert()));
        node.work();
        assert!(node.submitted().is_empty());
        assert_ok!(Experts::reinstate(RuntimeOrigin::root(), expert()));
        node.work();
        assert_eq!(node.submitted().len(), 1);
    });
}

#[test]
fn suspended_expert_still_declines() {
    Node::run(&[Keyring::Eve], |node| {
        let id = request();
        let reason = DeclineReason::ProtocolUnknown;
        Evaluator::with(|state| state.outcomes.insert(id, Outcome::Decline { reason }));
        assert_ok!(Experts::suspend(RuntimeOrigin::root(), expert()));
        node.work();
        assert_eq!(node.include(), 1);
    });
}

#[test]
fn answer_longer_than_the_chain_permits_is_not_submitted() {
    Node::run(&[Keyring::Eve], |node| {
        let id = request();
        let outcome = Outcome::Deliver { answer: vec![0; 65], note: vec![] };
        Evaluator::with(|state| state.outcomes.insert(id, outcome));
        node.work();
        assert!(node.submitted().is_empty());
    });
}

#[test]
fn second_run_at_the_same_time_stands_back() {
    use sp_runtime::offchain::storage_lock::{StorageLock, Time};
    Node::run(&[Keyring::Eve], |node| {
        answers(request());
        let mut lock = StorageLock::<Time>::new(crate::offchain::LOCK);
        let Ok(guard) = lock.try_lock() else {
            panic!("nobody else is there");
        };
        node.work();
        assert!(node.submitted().is_empty());
        drop(guard);
        node.work();
        assert_eq!(node.submitted().len(), 1);
    });
}
