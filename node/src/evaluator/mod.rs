// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0

//! Joins the native evaluator to this node: what it may read from the chain ([`chain`]) and from
//! the record pool ([`records`]), and how the off-chain worker reaches it
//! ([`ExpertNode::extensions`]).
//!
//! The evaluator itself, its queue, threads and models, is the crate `cso-evaluator`.

mod chain;
mod records;

use std::sync::Arc;

use cso_evaluator::EvaluatorHandle;
use cso_expert_dir::ExpertDir;
use cso_host::EvaluatorExt;
use sc_cli::OffchainWorkerEnabled;
use sc_hop::{HopDataPool, HopMaintenanceTask, HopParams};
use sc_service::{Configuration, TaskManager};
use sp_blockchain::HeaderBackend;
use sp_externalities::Extension;

use crate::components::{FullClient, ServiceError};

/// With a limit of fewer megabytes a request, the record pool could not take a chunk of 4 MiB,
/// which is 8.4 MB as hexadecimal text.
const MIN_REQUEST_MEGABYTES: u32 = 10;

/// What makes a node an expert's: the evaluator and the pool of encrypted records.
pub(crate) struct ExpertNode {
    /// The running evaluator, if there is an expert to serve. It is stopped when this is dropped.
    pub evaluator: Option<Arc<EvaluatorHandle>>,
    /// Where patients hand their records in. There is one with every evaluator, and without if
    /// `--enable-hop` says so.
    pub record_pool: Option<Arc<HopDataPool>>,
}

impl ExpertNode {
    /// Opens the record pool and starts the evaluator, as far as the command line asks for them.
    pub(crate) fn start(
        evaluator: Option<cso_evaluator::Config>,
        hop: &HopParams,
        config: &Configuration,
        client: &Arc<FullClient>,
        task_manager: &TaskManager,
    ) -> Result<Self, ServiceError> {
        if !hop.enabled {
            return Ok(Self { evaluator: None, record_pool: None });
        }
        let registry = config.prometheus_registry();
        let record_pool = hop
            .build_pool(Some(config.data_path.clone()), registry)
            .map_err(|error| ServiceError::Other(format!("can't open the record pool: {error}")))?;
        start_maintenance(record_pool.clone(), hop, client, task_manager);

        let evaluator = evaluator
            .map(|evaluator| {
                cso_evaluator::start(
                    evaluator,
                    Arc::new(chain::FinalisedChain::new(client.clone())),
                    Arc::new(records::Records(record_pool.clone())),
                    registry,
                )
                .map_err(|error| ServiceError::Other(format!("can't serve the expert: {error}")))
            })
            .transpose()?;
        Ok(Self { evaluator, record_pool: Some(record_pool) })
    }

    /// What the off-chain worker's calls into the evaluator go through, for
    /// `OffchainWorkerOptions::custom_extensions`.
    pub(crate) fn extensions(&self) -> impl Fn() -> Vec<Box<dyn Extension>> + Send + 'static {
        let evaluator = self.evaluator.clone();
        move || match &evaluator {
            Some(evaluator) => {
                vec![Box::new(EvaluatorExt(evaluator.clone())) as Box<dyn Extension>]
            }
            None => Vec::new(),
        }
    }
}

impl Drop for ExpertNode {
    fn drop(&mut self) {
        if let Some(evaluator) = &self.evaluator {
            evaluator.stop();
        }
    }
}

/// Removes expired records now and then. Without a promoter: a record must never get onto the
/// chain, where it could not be erased.
fn start_maintenance(
    pool: Arc<HopDataPool>,
    hop: &HopParams,
    client: &Arc<FullClient>,
    task_manager: &TaskManager,
) {
    let client = client.clone();
    let task = HopMaintenanceTask::new(
        pool,
        None,
        Arc::new(move || client.info().best_number),
        hop.promotion_buffer_secs,
        hop.check_interval,
    );
    task_manager.spawn_handle().spawn("record-pool-maintenance", None, task.run());
}

/// Refuses what can't become an expert's node, before anything of a node is started.
pub(crate) fn check(
    evaluator: &cso_evaluator::Config,
    offchain_worker: &OffchainWorkerEnabled,
) -> Result<(), ServiceError> {
    ExpertDir::open(&evaluator.expert_dir)
        .and_then(|directory| directory.sealing_key())
        .map_err(|error| ServiceError::Other(format!("can't serve the expert: {error}")))?;
    // It would take records and never answer.
    if matches!(offchain_worker, OffchainWorkerEnabled::Never) {
        return Err(ServiceError::Other(
            "--expert-dir needs the off-chain worker, which signs the answers: leave out `--offchain-worker never`".into(),
        ));
    }
    Ok(())
}

/// Refuses a limit of RPC requests under which no chunk of a record could be handed in.
pub(crate) fn check_request_size(megabytes: u32) -> Result<(), ServiceError> {
    if megabytes < MIN_REQUEST_MEGABYTES {
        return Err(ServiceError::Other(format!(
            "--rpc-max-request-size {megabytes} is too small for the record pool: chunks of 4 MiB need at least {MIN_REQUEST_MEGABYTES}"
        )));
    }
    Ok(())
}
