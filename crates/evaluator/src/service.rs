// SPDX-License-Identifier: Apache-2.0

//! Starting, stopping, and the side that the host functions see.

use std::{
    io,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Instant,
};

use cso_expert_dir::{ExpertDir, ExpertDirError};
use cso_host::{EvaluatorService, ACCEPTED, QUEUE_FULL};
use cso_primitives::DeclineReason;
use parking_lot::{Condvar, Mutex};
use prometheus_endpoint::{PrometheusError, Registry};
use thiserror::Error;

use crate::{
    config::Config,
    metrics::Metrics,
    models::Models,
    ports::{ChainView, RecordPool},
    queue::{Enqueued, Queue},
    status::EvaluatorStatus,
    worker::{self, Shared, State},
    LOG,
};

/// Stack of an evaluating thread. The default of 2 MiB is tight for the scratch of an evaluation.
const STACK_BYTES: usize = 8 * 1024 * 1024;

/// Why an evaluator did not start.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StartError {
    /// The expert's directory cannot be used.
    #[error(transparent)]
    Directory(#[from] ExpertDirError),
    /// The metrics could not be registered.
    #[error("cannot register the evaluator's metrics: {0}")]
    Metrics(#[from] PrometheusError),
    /// A thread could not be started.
    #[error("cannot start an evaluating thread: {0}")]
    Thread(#[from] io::Error),
}

/// Starts an evaluator: checks the expert's directory, compiles the models in it, starts the
/// threads.
///
/// A protocol file that is of no use is logged and does not keep the others from being served.
///
/// # Errors
///
/// [`StartError`].
pub fn start(
    config: Config,
    chain: Arc<dyn ChainView>,
    pool: Arc<dyn RecordPool>,
    registry: Option<&Registry>,
) -> Result<Arc<EvaluatorHandle>, StartError> {
    let directory = ExpertDir::open(config.expert_dir)?;
    let models = Models::load(directory.clone())?;
    let threads = config.threads.max(1);
    log::info!(
        target: LOG,
        "serving the expert of {} with {} models on {threads} threads",
        directory.path().display(),
        models.commitments().len(),
    );
    let shared = Arc::new(Shared {
        chain,
        pool,
        directory,
        models,
        metrics: Metrics::new(registry)?,
        record_grace: config.record_grace,
        state: Mutex::new(State { queue: Queue::new(config.queue.max(1)), stopping: false }),
        wake: Condvar::new(),
    });
    let handle = EvaluatorHandle { shared: shared.clone(), threads: Mutex::default() };
    for index in 0..threads {
        let shared = shared.clone();
        let thread = thread::Builder::new()
            .name(format!("cso-evaluator-{index}"))
            .stack_size(STACK_BYTES)
            .spawn(move || worker::run(&shared))?;
        handle.threads.lock().push(thread);
    }
    Ok(Arc::new(handle))
}

/// A running evaluator. It stops when this is dropped.
pub struct EvaluatorHandle {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl std::fmt::Debug for EvaluatorHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EvaluatorHandle").finish_non_exhaustive()
    }
}

impl EvaluatorHandle {
    /// What the evaluator is doing.
    pub fn status(&self) -> EvaluatorStatus {
        let metrics = &self.shared.metrics;
        let (lengths, queue_capacity) = {
            let state = self.shared.state.lock();
            (state.queue.lengths(), state.queue.capacity())
        };
        EvaluatorStatus {
            models: self.shared.models.commitments().iter().map(ToString::to_string).collect(),
            threads: self.threads.lock().len(),
            queue_capacity,
            queue_length: lengths.pending,
            outcomes: lengths.done,
            answered: metrics.answered.get(),
            declined: DeclineReason::ALL
                .into_iter()
                .map(|reason| (reason.word(), metrics.declined(reason)))
                .collect(),
            refused: metrics.refused.get(),
            troubles: metrics.troubles.get(),
        }
    }

    /// Ends the threads and waits for them; an evaluation that runs is finished first. Outcomes
    /// can still be taken, nothing is taken on any more. Nothing happens the second time.
    pub fn stop(&self) {
        self.shared.state.lock().stopping = true;
        self.shared.wake.notify_all();
        for thread in self.threads.lock().drain(..) {
            if thread.join().is_err() {
                log::error!(target: LOG, "an evaluating thread had panicked");
            }
        }
    }
}

impl Drop for EvaluatorHandle {
    fn drop(&mut self) {
        self.stop();
    }
}

impl EvaluatorService for EvaluatorHandle {
    fn enqueue(&self, id: u64) -> u32 {
        if self.shared.state.lock().stopping {
            return QUEUE_FULL;
        }
        let enqueued = self.shared.with_queue(|queue| queue.enqueue(id, Instant::now()));
        match enqueued {
            Enqueued::Accepted => {
                self.shared.wake.notify_one();
                ACCEPTED
            }
            Enqueued::Known => ACCEPTED,
            Enqueued::Full => {
                self.shared.metrics.refused.inc();
                log::debug!(target: LOG, "the queue is full, consultation {id} has to wait");
                QUEUE_FULL
            }
        }
    }

    fn take(&self, id: u64) -> Option<Vec<u8>> {
        self.shared.state.lock().queue.outcome(id)
    }
}
