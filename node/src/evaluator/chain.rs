// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0

//! The chain as the evaluator sees it: always the finalised state, read through the runtime API.
//!
//! The off-chain worker names consultations of the best block, which a fork may undo; the evaluator
//! spends time on a consultation, and lets its answer out, only when it is final.

use std::sync::Arc;

use cso_evaluator::{ChainView, Job};
use cso_primitives::ModelCommitment;
use cso_runtime::{AccountId, Balance, Hash};
use pallet_consultations::runtime_api::ConsultationsApi;
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;

use crate::components::FullClient;

/// The client's finalised head.
pub(super) struct FinalisedChain {
    client: Arc<FullClient>,
    genesis: Hash,
}

impl FinalisedChain {
    /// Reads the chain through `client`.
    pub(super) fn new(client: Arc<FullClient>) -> Self {
        let genesis = client.info().genesis_hash;
        Self { client, genesis }
    }
}

impl ChainView for FinalisedChain {
    fn genesis(&self) -> [u8; 32] {
        self.genesis.0
    }

    fn finalized(&self) -> Option<[u8; 32]> {
        Some(self.client.info().finalized_hash.0)
    }

    fn job(&self, id: u64) -> Result<Option<Job>, String> {
        let head = self.client.info().finalized_hash;
        let job = self.client.runtime_api().job(head, id).map_err(|error| error.to_string())?;
        Ok(job.map(|job: pallet_consultations::Job<AccountId, Balance>| Job {
            id: job.id,
            patient: job.patient.into(),
            expert: job.expert.into(),
            record: job.record,
            waiting: job.waiting,
            envelope: job.envelope,
        }))
    }

    fn model(&self, expert: [u8; 32], protocol: u32) -> Result<Option<ModelCommitment>, String> {
        let head = self.client.info().finalized_hash;
        self.client
            .runtime_api()
            .model(head, AccountId::from(expert), protocol)
            .map_err(|error| error.to_string())
    }
}
