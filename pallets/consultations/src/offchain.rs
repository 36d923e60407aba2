// SPDX-License-Identifier: Apache-2.0

//! The off-chain worker: from waiting requests to the native evaluator, and from its outcomes to
//! the chain.
//!
//! It runs after each block on every node, and does something only where the keystore has keys of
//! type [`KEY_TYPE`](crate::crypto::KEY_TYPE) that belong to workers of an expert. It never
//! computes: off-chain workers share a few threads and have no time limit, and one that takes long
//! keeps others waiting and signs with a stale nonce. In each run it
//!
//! 1. finds the experts that the keys in the keystore sign for, and the requests that wait for
//!    them;
//! 2. names each to the evaluator, which knows those it has;
//! 3. asks for the outcome, and if there is one
//! 4. signs and submits `deliver` or `decline`.
//!
//! Only one run at a time gets past a lock. What was submitted is noted in the node's local
//! storage, and submitted again only if it still waits [`Config::RetryAfter`] blocks later. The
//! notes survive a restart; those of requests that wait no longer are dropped. A duplicate
//! that slips through all of that is refused on chain and costs the worker a transaction fee.

use alloc::{collections::BTreeMap, vec::Vec};

use cso_primitives::Outcome;
use frame_support::traits::Get;
use frame_system::{
    offchain::{Account, SendSignedTransaction, Signer},
    pallet_prelude::BlockNumberFor,
};
use pallet_experts::Accreditation;
use sp_runtime::{
    offchain::{
        storage::StorageValueRef,
        storage_lock::{StorageLock, Time},
        Duration,
    },
    traits::Saturating,
};

use crate::{Call, Config, ConsultationId, Consultations, Pallet, WaitingOf, LOG_TARGET};

/// Name of the lock in local storage.
pub(crate) const LOCK: &[u8] = b"consultations::worker-lock";

/// Name of the notes in local storage.
pub(crate) const SUBMITTED: &[u8] = b"consultations::submitted";

/// A run that takes longer than this has died: the next one may begin.
const LOCK_EXPIRY: Duration = Duration::from_millis(20_000);

/// Why the evaluator doesn't take a consultation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refused {
    /// Its queue is full; later there may be room.
    QueueFull,
    /// This node has none.
    NoEvaluator,
}

/// The native evaluator as the off-chain worker sees it. The runtime implements it over host
/// functions, so that this pallet knows no native code.
pub trait EvaluatorQueue {
    /// Ask for an evaluation. Succeeds if the evaluator has the consultation already.
    ///
    /// # Errors
    ///
    /// [`Refused`].
    fn enqueue(id: ConsultationId) -> Result<(), Refused>;

    /// The outcome, if there is one. It can be asked for again.
    fn take(id: ConsultationId) -> Option<Outcome>;
}

/// A node without evaluator.
impl EvaluatorQueue for () {
    fn enqueue(_: ConsultationId) -> Result<(), Refused> {
        Err(Refused::NoEvaluator)
    }

    fn take(_: ConsultationId) -> Option<Outcome> {
        None
    }
}

/// When each waiting request was last answered by this node.
type Submitted<T> = BTreeMap<ConsultationId, BlockNumberFor<T>>;

impl<T: Config> Pallet<T> {
    /// Run the off-chain worker after block `now`.
    pub(crate) fn run_worker(now: BlockNumberFor<T>) {
        let experts = Self::local_experts();
        if experts.is_empty() {
            return;
        }
        let mut lock = StorageLock::<Time>::with_deadline(LOCK, LOCK_EXPIRY);
        let Ok(_guard) = lock.try_lock() else {
            log::debug!(target: LOG_TARGET, "another run is under way");
            return;
        };

        let notes = StorageValueRef::persistent(SUBMITTED);
        let before = notes.get::<Submitted<T>>().ok().flatten().unwrap_or_default();
        let mut submitted = before.clone();
        submitted
            .retain(|id, _| Self::get(*id).is_ok_and(|c| c.status == crate::Status::Requested));
        for (expert, workers) in &experts {
            for id in WaitingOf::<T>::iter_key_prefix(expert) {
                if Self::is_settling(now, submitted.get(&id)) {
                    continue;
                }
                match Self::advance(now, expert, workers, id) {
                    Ok(true) => {
                        submitted.insert(id, now);
                        // At once: should the node stop before the end of this run, it'll know.
                        notes.set(&submitted);
                    }
                    Ok(false) => {}
                    Err(Refused::QueueFull) => {
                        log::debug!(target: LOG_TARGET, "consultation {id}: queue full");
                    }
                    Err(Refused::NoEvaluator) => {
                        log::debug!(target: LOG_TARGET, "no evaluator on this node");
                        return;
                    }
                }
            }
        }
        if submitted != before {
            notes.set(&submitted);
        }
    }

    /// The experts that this node signs for, with the accounts it can sign with.
    fn local_experts() -> BTreeMap<T::AccountId, Vec<Account<T>>> {
        let mut experts = BTreeMap::<_, Vec<_>>::new();
        for account in Signer::<T, T::WorkerKey>::keystore_accounts() {
            if let Some(expert) = T::Experts::expert_of(&account.id) {
                experts.entry(expert).or_default().push(account);
            }
        }
        experts
    }

    /// Whether a submission is so recent that it may still be on its way. One noted at a block to
    /// come was made on a branch that has been left: it doesn't count.
    fn is_settling(now: BlockNumberFor<T>, submitted: Option<&BlockNumberFor<T>>) -> bool {
        submitted.is_some_and(|at| *at <= now && now < at.saturating_add(T::RetryAfter::get()))
    }

    /// Take one waiting request a step further. Returns whether an answer was submitted.
    fn advance(
        now: BlockNumberFor<T>,
        expert: &T::AccountId,
        workers: &[Account<T>],
        id: ConsultationId,
    ) -> Result<bool, Refused> {
        // What is submitted now is in the next block at the earliest.
        let in_time = Consultations::<T>::get(id).is_some_and(|c| now < c.deadline);
        if !in_time {
            return Ok(false);
        }
        T::Evaluator::enqueue(id)?;
        let Some(outcome) = T::Evaluator::take(id) else {
            return Ok(false);
        };
        let deliverable = T::Experts::may_answer(expert);
        if matches!(outcome, Outcome::Deliver { .. }) && !deliverable {
            log::warn!(target: LOG_TARGET, "consultation {id}: expert suspended, answer kept");
            return Ok(false);
        }
        let Some(call) = Self::call_for(id, outcome) else {
            log::error!(target: LOG_TARGET, "consultation {id}: answer or note too long");
            return Ok(false);
        };
        Ok(Self::submit(workers, id, call))
    }

    fn call_for(id: ConsultationId, outcome: Outcome) -> Option<Call<T>> {
        Some(match outcome {
            Outcome::Deliver { answer, note } => {
                Call::deliver { id, answer: answer.try_into().ok()?, note: note.try_into().ok()? }
            }
            Outcome::Decline { reason } => Call::decline { id, reason },
        })
    }

    /// Sign with the first worker whose transaction the pool takes.
    fn submit(workers: &[Account<T>], id: ConsultationId, call: Call<T>) -> bool {
        let signer = Signer::<T, T::WorkerKey>::any_account();
        workers.iter().any(|worker| {
            let sent = signer.send_single_signed_transaction(worker, call.clone());
            match sent {
                Some(Ok(())) => log::info!(
                    target: LOG_TARGET,
                    "consultation {id}: answer submitted by worker {:?}",
                    worker.id,
                ),
                Some(Err(())) => log::warn!(
                    target: LOG_TARGET,
                    "consultation {id}: answer of worker {:?} not taken; has it funds?",
                    worker.id,
                ),
                None => log::error!(
                    target: LOG_TARGET,
                    "consultation {id}: worker {:?} can't sign",
                    worker.id,
                ),
            }
            matches!(sent, Some(Ok(())))
        })
    }
}
