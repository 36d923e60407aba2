// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0

//! What wallets and operators can ask this node over JSON-RPC, besides what every Substrate node
//! answers.
//!
//! | method | answer |
//! |---|---|
//! | `system_accountNextIndex` | the nonce of an account, counting what waits in the pool |
//! | `system_dryRun` | what would become of a transaction; an unsafe method |
//! | `payment_queryInfo`, `payment_queryFeeDetails` | what a transaction costs |
//! | `hop_submit`, `hop_claim`, `hop_ack`, `hop_poolStatus` | the pool of encrypted records, on an expert's node |
//! | `cso_evaluatorStatus` | what the evaluator is doing; `null` on a node that serves no expert |

use std::sync::Arc;

use cso_evaluator::{EvaluatorHandle, EvaluatorStatus};
use cso_runtime::opaque::Block;
use jsonrpsee::{core::RpcResult, proc_macros::rpc, RpcModule};
use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
use sc_hop::{HopApiServer, HopDataPool, HopRpcServer};
use substrate_frame_rpc_system::{System, SystemApiServer};

use crate::components::{FullClient, FullPool};

/// What the RPC server is built from.
#[derive(Clone)]
pub(crate) struct FullDeps {
    pub client: Arc<FullClient>,
    pub transaction_pool: Arc<FullPool>,
    pub record_pool: Option<Arc<HopDataPool>>,
    pub evaluator: Option<Arc<EvaluatorHandle>>,
}

/// Builds all methods of this file into one module.
pub(crate) fn create(
    deps: FullDeps,
) -> Result<RpcModule<()>, Box<dyn std::error::Error + Send + Sync>> {
    let FullDeps { client, transaction_pool, record_pool, evaluator } = deps;
    let mut module = RpcModule::new(());
    module.merge(System::new(client.clone(), transaction_pool).into_rpc())?;
    module.merge(TransactionPayment::new(client.clone()).into_rpc())?;
    if let Some(pool) = record_pool {
        module.merge(HopRpcServer::<_, Block>::new(pool, client).into_rpc())?;
    }
    module.merge(EvaluatorRpc { evaluator }.into_rpc())?;
    Ok(module)
}

/// Methods of this project.
#[rpc(server)]
pub trait EvaluatorApi {
    /// What the evaluator is doing; `null` on a node that serves no expert. Counts and public
    /// commitments only.
    #[method(name = "cso_evaluatorStatus")]
    fn evaluator_status(&self) -> RpcResult<Option<EvaluatorStatus>>;
}

/// Answers `EvaluatorApi`, for which the macro makes a server trait.
struct EvaluatorRpc {
    evaluator: Option<Arc<EvaluatorHandle>>,
}

impl EvaluatorApiServer for EvaluatorRpc {
    fn evaluator_status(&self) -> RpcResult<Option<EvaluatorStatus>> {
        Ok(self.evaluator.as_ref().map(|evaluator| evaluator.status()))
    }
}
