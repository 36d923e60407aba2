// SPDX-License-Identifier: Apache-2.0

//! The host functions between the runtime's off-chain worker and the native evaluator.
//!
//! The off-chain worker runs in the Wasm runtime, must not compute for long and can hold neither
//! records nor models. It therefore only names consultations to the node's evaluator
//! ([`evaluator::enqueue`]) and fetches what became of them ([`evaluator::take`]); ids and small
//! byte strings are all that crosses the border.
//!
//! Every node of the network ships these functions, since the runtime imports them. A node without
//! an evaluator, and any call outside an off-chain worker, gets the same fixed refusal
//! ([`NO_EVALUATOR`], or nothing to take): the extension [`EvaluatorExt`] isn't there then. So the
//! answer to an on-chain call, which no correct runtime makes, would still be the same everywhere.
//!
//! The set of functions is frozen by a test: it may grow by new versions, never change.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod interface;

#[cfg(not(substrate_runtime))]
mod extension;

pub use interface::evaluator;

#[cfg(not(substrate_runtime))]
pub use extension::{EvaluatorExt, EvaluatorService};

/// [`evaluator::enqueue`]: the consultation is queued, or was known already.
pub const ACCEPTED: u32 = 0;

/// [`evaluator::enqueue`]: the queue is full; ask again in a later block.
pub const QUEUE_FULL: u32 = 1;

/// [`evaluator::enqueue`]: this node has no evaluator.
pub const NO_EVALUATOR: u32 = 2;
