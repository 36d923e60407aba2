// SPDX-License-Identifier: Apache-2.0

//! The threads: each takes what is due, brings it one step further and puts it back.

use std::{
    panic::{catch_unwind, AssertUnwindSafe},
    sync::Arc,
    time::{Duration, Instant},
};

use codec::Encode;
use cso_expert_dir::ExpertDir;
use cso_fhe::{EvaluateError, Evaluator, RecordMemory};
use cso_primitives::{DeclineReason, Outcome};
use parking_lot::{Condvar, Mutex};
use sp_panic_handler::AbortGuard;

use crate::{
    claim::{claim, Claimed, RecordError},
    config::{FINALITY_PATIENCE, KEPT_RECORD_BYTES, NICENESS, POLL, RETRY},
    consultation::{Consultation, Opened, Receipt},
    evaluate::{evaluate, EvaluationError},
    metrics::{Metrics, Step},
    models::Models,
    ports::{ChainView, ClaimError, RecordPool},
    queue::{Done, Queue, Work},
    LOG,
};

/// What all threads share.
pub(crate) struct Shared {
    pub(crate) chain: Arc<dyn ChainView>,
    pub(crate) pool: Arc<dyn RecordPool>,
    pub(crate) directory: ExpertDir,
    pub(crate) models: Models,
    pub(crate) metrics: Metrics,
    pub(crate) record_grace: Duration,
    pub(crate) state: Mutex<State>,
    /// Signalled when a consultation is enqueued and when the threads are to stop.
    pub(crate) wake: Condvar,
}

/// What the lock guards. It is never held while anything is read, computed or waited for.
pub(crate) struct State {
    pub(crate) queue: Queue,
    pub(crate) stopping: bool,
}

/// What a thread keeps from one consultation to the next.
#[derive(Default)]
struct Scratch {
    evaluator: Evaluator,
    memory: RecordMemory,
}

/// How an attempt at a consultation ended.
enum Progress {
    /// To be tried again after this time.
    Wait(Duration),
    /// An outcome was reached.
    Done(Vec<u8>),
    /// It no longer waits for an answer on chain, or the chain knows nothing of it for too long.
    Over,
}

/// A thread's life.
pub(crate) fn run(shared: &Shared) {
    lower_priority();
    // Parallel code of the libraries stays on this thread: rayon's own threads, which it would
    // spread over otherwise, have normal priority.
    let _pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .use_current_thread()
        .build()
        .map_err(|error| log::warn!(target: LOG, "cannot confine parallel code: {error}"));
    let mut scratch = Scratch::default();
    while let Some(work) = shared.next() {
        match work {
            Work::Attempt(consultation) => shared.attempt(consultation, &mut scratch),
            Work::Check { id, checked, done } => shared.check(id, checked, &done),
        }
    }
}

fn lower_priority() {
    // On Linux niceness belongs to the thread, and no process given means the calling one.
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        log::warn!(target: LOG, "evaluating at normal priority: {error}");
    }
}

impl Shared {
    /// Waits for work; `None` when the threads are to stop.
    fn next(&self) -> Option<Work> {
        let mut state = self.state.lock();
        loop {
            if state.stopping {
                return None;
            }
            if let Some(work) = state.queue.next(Instant::now(), POLL) {
                return Some(work);
            }
            match state.queue.next_due() {
                Some(due) => {
                    self.wake.wait_until(&mut state, due);
                }
                None => self.wake.wait(&mut state),
            }
        }
    }

    /// Changes the queue and shows its new length.
    pub(crate) fn with_queue<T>(&self, change: impl FnOnce(&mut Queue) -> T) -> T {
        let mut state = self.state.lock();
        let result = change(&mut state.queue);
        self.metrics.set_lengths(state.queue.lengths());
        result
    }

    /// Attempts a consultation and writes down how far it got.
    fn attempt(&self, mut consultation: Box<Consultation>, scratch: &mut Scratch) {
        let id = consultation.id;
        // A panic anywhere below costs this consultation, not the node: Substrate's panic handler
        // would end the process without the guard.
        let _guard = AbortGuard::force_unwind();
        let progress = catch_unwind(AssertUnwindSafe(|| {
            self.advance(&mut consultation, scratch)
        }))
        .unwrap_or_else(|_| {
            log::error!(target: LOG, "consultation {id}: evaluating it panicked; this is a bug");
            *scratch = Scratch::default();
            self.decline(id, DeclineReason::RecordInvalid)
        });
        match progress {
            Progress::Wait(time) => {
                let due = Instant::now() + time;
                self.with_queue(|queue| queue.put_back(consultation, due));
            }
            Progress::Done(outcome) => {
                let done = Done { outcome, receipt: consultation.receipt() };
                let due = Instant::now() + POLL;
                self.with_queue(|queue| queue.finish(id, done, consultation.head, due));
            }
            Progress::Over => self.let_go(id, consultation.receipt().as_ref()),
        }
        // Another thread may sleep until a later time than what was just written down.
        self.wake.notify_one();
    }

    /// Brings a consultation as far as it gets.
    fn advance(&self, consultation: &mut Consultation, scratch: &mut Scratch) -> Progress {
        if let Err(progress) = self.look_up(consultation) {
            return progress;
        }
        let Some(opened) = &mut consultation.opened else {
            return Progress::Wait(POLL);
        };
        let id = consultation.id;
        let Claimed { record, claim, load } =
            match claim(opened, self.pool.as_ref(), &mut scratch.memory) {
                Ok(claimed) => claimed,
                Err(error) => return self.no_record(id, opened, &error),
            };
        let start = Instant::now();
        let outcome = evaluate(&record, opened, &mut scratch.evaluator);
        let elapsed = start.elapsed();
        let memory = record.into_memory();
        if memory.resident_bytes() <= KEPT_RECORD_BYTES {
            scratch.memory = memory;
        }
        match outcome {
            Ok(outcome) => {
                self.metrics.answered.inc();
                self.metrics.observe(Step::Claim, claim);
                self.metrics.observe(Step::Load, load);
                self.metrics.observe(Step::Evaluate, elapsed);
                log::info!(
                    target: LOG,
                    "consultation {id} answered: claim {:.1} ms, load {:.1} ms, evaluate {:.1} ms",
                    millis(claim),
                    millis(load),
                    millis(elapsed),
                );
                Progress::Done(outcome)
            }
            Err(error) => self.not_evaluated(id, &error),
        }
    }

    /// Looks the consultation up on the finalised chain, if that has moved on, and opens its
    /// envelope. `Err` if that ends the attempt.
    fn look_up(&self, consultation: &mut Consultation) -> Result<(), Progress> {
        let head = self.chain.finalized();
        if head.is_some() && head == consultation.head {
            return Ok(());
        }
        let id = consultation.id;
        let now = Instant::now();
        let job = self
            .chain
            .job(id)
            .map_err(|error| self.trouble(id, &format_args!("cannot read the chain: {error}")))?;
        match job {
            None if consultation.opened.is_some() => return Err(Progress::Over),
            None if now.duration_since(consultation.known_since) >= FINALITY_PATIENCE => {
                log::info!(target: LOG, "consultation {id} did not become final, forgetting it");
                return Err(Progress::Over);
            }
            None => {}
            Some(job) if !job.waiting => return Err(Progress::Over),
            Some(_) if consultation.opened.is_some() => {}
            Some(job) => {
                let opened =
                    Opened::new(&job, now, self.chain.as_ref(), &self.directory, &self.models);
                match opened {
                    Ok(opened) => consultation.opened = Some(opened),
                    Err(error) => {
                        return Err(match error.reason() {
                            None => self.trouble(id, &error),
                            Some(reason) => {
                                log::warn!(target: LOG, "consultation {id}: {error}");
                                self.decline(id, reason)
                            }
                        })
                    }
                }
            }
        }
        consultation.head = head;
        Ok(())
    }

    /// What to do with a record that was not evaluated.
    fn not_evaluated(&self, id: u64, error: &EvaluationError) -> Progress {
        match error {
            EvaluationError::Evaluate(EvaluateError::NoRandomness(_)) => self.trouble(id, error),
            EvaluationError::TooLong { .. } => {
                log::error!(target: LOG, "consultation {id}: {error}");
                self.decline(id, DeclineReason::Declined)
            }
            // The record is sound, and the next one in this profile would fare no better: nothing
            // that invites to ask again. A wallet that reads the description doesn't get here.
            EvaluationError::NotServed(_) => {
                log::warn!(target: LOG, "consultation {id}: {error}");
                self.decline(id, DeclineReason::Declined)
            }
            EvaluationError::Evaluate(_) | EvaluationError::Note(_) => {
                log::warn!(target: LOG, "consultation {id}: {error}");
                self.decline(id, DeclineReason::RecordInvalid)
            }
        }
    }

    /// What to do without a record.
    fn no_record(&self, id: u64, opened: &Opened, error: &RecordError) -> Progress {
        let source = match error {
            RecordError::Missing { source, .. } => source,
            RecordError::Tampered(_)
            | RecordError::ChunkTooLong { .. }
            | RecordError::Format(_) => {
                log::warn!(target: LOG, "consultation {id}: {error}");
                return self.decline(id, DeclineReason::RecordInvalid);
            }
        };
        let within_grace = opened.since.elapsed() < self.record_grace;
        match (source, within_grace) {
            (ClaimError::NotFound, true) => Progress::Wait(POLL),
            (ClaimError::Pool(_), true) => self.trouble(id, error),
            (ClaimError::NotFound, false) => {
                log::warn!(target: LOG, "consultation {id}: {error}");
                self.decline(id, DeclineReason::RecordMissing)
            }
            (ClaimError::Pool(_), false) => {
                log::error!(target: LOG, "consultation {id}: {error}");
                self.decline(id, DeclineReason::Declined)
            }
        }
    }

    /// The trouble is this node's own and may pass.
    fn trouble(&self, id: u64, error: &dyn std::fmt::Display) -> Progress {
        self.metrics.troubles.inc();
        log::warn!(
            target: LOG,
            "consultation {id}: {error}; trying again in {} s",
            RETRY.as_secs(),
        );
        Progress::Wait(RETRY)
    }

    fn decline(&self, id: u64, reason: DeclineReason) -> Progress {
        self.metrics.count_declined(reason);
        log::info!(target: LOG, "consultation {id} declined: {}", reason.word());
        Progress::Done(Outcome::Decline { reason }.encode())
    }

    /// Forgets a consultation with outcome once it no longer waits for an answer on the finalised
    /// chain.
    fn check(&self, id: u64, checked: Option<[u8; 32]>, done: &Done) {
        let head = self.chain.finalized();
        if head.is_some() && head == checked {
            return;
        }
        match self.chain.job(id) {
            Ok(Some(job)) if job.waiting => self.with_queue(|queue| queue.checked(id, head)),
            Ok(_) => self.let_go(id, done.receipt.as_ref()),
            Err(error) => {
                self.trouble(id, &format_args!("cannot read the chain: {error}"));
            }
        }
    }

    /// Lets the pool delete the record and forgets the consultation.
    fn let_go(&self, id: u64, receipt: Option<&Receipt>) {
        if let Some(receipt) = receipt {
            for chunk in &receipt.chunks {
                self.pool.ack(*chunk, &receipt.claim_seed);
            }
        }
        self.with_queue(|queue| queue.forget(id));
        log::debug!(target: LOG, "consultation {id} waits no longer");
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
