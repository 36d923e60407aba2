// SPDX-License-Identifier: Apache-2.0

//! The runtime interface itself.

use sp_runtime_interface::{pass_by::PassFatPointerAndWrite, runtime_interface};

#[cfg(not(substrate_runtime))]
use sp_externalities::ExternalitiesExt;

#[cfg(not(substrate_runtime))]
use crate::extension::EvaluatorExt;

/// The native evaluator as the off-chain worker sees it.
#[runtime_interface]
pub trait Evaluator {
    /// Asks for consultation `id` to be evaluated. Idempotent.
    ///
    /// Returns [`crate::ACCEPTED`], [`crate::QUEUE_FULL`] or [`crate::NO_EVALUATOR`].
    fn enqueue(&mut self, id: u64) -> u32 {
        self.extension::<EvaluatorExt>()
            .map_or(crate::NO_EVALUATOR, |evaluator| evaluator.enqueue(id))
    }

    /// Writes the SCALE-encoded `cso_primitives::Outcome` of consultation `id` to the front of
    /// `out` and returns its length; 0 as long as there is none. `out` should have
    /// `cso_primitives::bounds::MAX_OUTCOME_BYTES`: an outcome that does not
    /// fit is not written and counts as not there.
    fn take(&mut self, id: u64, out: PassFatPointerAndWrite<&mut [u8]>) -> u32 {
        let Some(outcome) =
            self.extension::<EvaluatorExt>().and_then(|evaluator| evaluator.take(id))
        else {
            return 0;
        };
        let Some(front) = out.get_mut(..outcome.len()) else {
            log::error!(
                target: "cso::evaluator",
                "outcome of consultation {id} has {} bytes, the runtime offers room for {}",
                outcome.len(),
                out.len(),
            );
            return 0;
        };
        front.copy_from_slice(&outcome);
        outcome.len() as u32
    }
}
