// SPDX-License-Identifier: Apache-2.0

//! The expert's native worker: it turns a consultation's number into an outcome.
//!
//! The off-chain worker [enqueues](cso_host::EvaluatorService::enqueue) the numbers of
//! consultations that wait for an answer and [takes](cso_host::EvaluatorService::take) outcomes. In
//! between, threads of this crate wait until the request is final, open the envelope, claim the
//! encrypted record from the hand-off pool, check it against its commitment, evaluate the expert's
//! private model on it and seal a note. An outcome stays as long as the consultation waits for an
//! answer on the finalised chain; only then the record's chunks are acknowledged, which deletes
//! them, and the consultation is forgotten. Nothing is stored: after a restart the off-chain worker
//! enqueues again what waits.
//!
//! ```text
//!            enqueue            evaluate or decline              waits no longer
//!   unknown ─────────▶ waiting ◀────────▶ running ─────────▶ done ─────────────▶ unknown
//!                      not final yet,                        take()  ack chunks
//!                      record not there yet
//! ```
//!
//! | module | duty |
//! |---|---|
//! | `config` | what the node's flags set, and the fixed bounds |
//! | `ports` | what the evaluator needs of chain and pool, as traits |
//! | `queue` | which consultations are known, in which state, and who is next |
//! | `consultation` | what was learnt of one consultation; opening and checking its envelope |
//! | `claim` | fetching, checking and loading the chunks of a record |
//! | `evaluate` | from a loaded record to a sealed outcome |
//! | `models` | the expert's models by their commitments, compiled |
//! | `worker` | the threads |
//! | `metrics`, `status` | what the operator sees |
//! | `service` | starting, stopping, and the host functions' side |
//!
//! The crate knows neither client nor network: the node joins it to both. Logs go to the target
//! `cso::evaluator` and hold numbers of consultations, reasons and times, names of protocol files
//! and commitments to models; never keys or contents of envelopes.

mod claim;
mod config;
mod consultation;
mod evaluate;
mod metrics;
mod models;
mod ports;
mod queue;
mod service;
mod status;
mod worker;

pub use config::Config;
pub use ports::{ChainView, ClaimError, Job, RecordPool};
pub use service::{start, EvaluatorHandle, StartError};
pub use status::EvaluatorStatus;

/// Where all of this crate's log lines go.
pub(crate) const LOG: &str = "cso::evaluator";
