// SPDX-License-Identifier: Apache-2.0

//! What the evaluator says of itself over RPC.

use std::collections::BTreeMap;

use serde::Serialize;

/// A snapshot of the evaluator. It holds counts and what is public on chain; no names of files,
/// and nothing of a single consultation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EvaluatorStatus {
    /// Commitments of the models that are ready, as `0x` and hexadecimal digits.
    pub models: Vec<String>,
    /// Threads that evaluate.
    pub threads: usize,
    /// Consultations that may be known at once.
    pub queue_capacity: usize,
    /// Consultations that wait for evaluation or are in it.
    pub queue_length: usize,
    /// Consultations with an outcome that still wait for an answer on the finalised chain.
    pub outcomes: usize,
    /// Consultations answered since the start.
    pub answered: u64,
    /// Consultations declined since the start, by reason.
    pub declined: BTreeMap<&'static str, u64>,
    /// Times a consultation was not taken on because the queue was full.
    pub refused: u64,
    /// Times the chain, the pool or the expert's directory failed and was tried again.
    pub troubles: u64,
}
