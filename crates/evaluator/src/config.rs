// SPDX-License-Identifier: Apache-2.0

//! What the node's flags set, and the bounds that nothing sets.

use std::{path::PathBuf, time::Duration};

/// What an evaluator is started with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The expert's directory (`cso-expert-dir`).
    pub expert_dir: PathBuf,
    /// Threads that evaluate; at least 1 is used.
    pub threads: usize,
    /// Consultations that may be known at once, outcomes that wait for delivery included; at
    /// least 1 is used.
    pub queue: usize,
    /// How long a record may be missing from the pool, counted from when the request was seen
    /// final, before the consultation is declined.
    pub record_grace: Duration,
}

impl Config {
    /// The defaults: 1 thread, 64 consultations, 10 seconds of grace.
    pub fn new(expert_dir: impl Into<PathBuf>) -> Self {
        Self {
            expert_dir: expert_dir.into(),
            threads: 1,
            queue: 64,
            record_grace: Duration::from_secs(10),
        }
    }
}

/// Most memory of a loaded record that a thread keeps for the next one: 500 bits of profile
/// `Private`.
pub(crate) const KEPT_RECORD_BYTES: usize = 64 * 1024 * 1024;

/// How often a consultation that waits is looked at.
pub(crate) const POLL: Duration = Duration::from_millis(250);

/// Pause after the chain or the expert's directory could not be read.
pub(crate) const RETRY: Duration = Duration::from_secs(2);

/// How long a consultation that the finalised chain doesn't know is kept. It may wait for
/// finality, or have been requested on a fork that died; if it still waits after this time, the
/// off-chain worker names it again.
pub(crate) const FINALITY_PATIENCE: Duration = Duration::from_secs(600);

/// Niceness of the evaluating threads: block production and import come first.
pub(crate) const NICENESS: i32 = 10;
