// SPDX-License-Identifier: Apache-2.0

//! How the node gives its evaluator to the off-chain worker.

use alloc::{sync::Arc, vec::Vec};

use sp_externalities::decl_extension;

/// What a native evaluator offers to the off-chain worker. Both calls return at once.
pub trait EvaluatorService: Send + Sync {
    /// Queues a consultation: [`crate::ACCEPTED`] (also if it's known already) or
    /// [`crate::QUEUE_FULL`].
    fn enqueue(&self, id: u64) -> u32;

    /// The encoded `cso_primitives::Outcome` of a consultation once there is one, of at most
    /// `cso_primitives::bounds::MAX_OUTCOME_BYTES`. It stays available as
    /// long as the consultation waits for an answer on the finalised chain, so that a submission
    /// that got lost can be repeated.
    fn take(&self, id: u64) -> Option<Vec<u8>>;
}

decl_extension! {
    /// The evaluator in an off-chain worker's externalities. Registered with
    /// `OffchainWorkerOptions::custom_extensions` on nodes that have one, and only there.
    pub struct EvaluatorExt(Arc<dyn EvaluatorService>);
}
