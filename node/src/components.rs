// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0

//! The types of this node's parts: Substrate's generic ones, with this chain's block, runtime and
//! host functions put in.

use cso_runtime::{apis::RuntimeApi, opaque::Block};
use sc_consensus::LongestChain;
use sc_executor::WasmExecutor;

pub(crate) use sc_service::Error as ServiceError;

/// The host functions of this chain: Substrate's, and the calls to the native evaluator. Every node
/// ships them, since the runtime imports them; without an evaluator they answer that there is none.
pub(crate) type HostFunctions = (sp_io::SubstrateHostFunctions, cso_host::evaluator::HostFunctions);

pub(crate) type FullClient =
    sc_service::TFullClient<Block, RuntimeApi, WasmExecutor<HostFunctions>>;
pub(crate) type FullBackend = sc_service::TFullBackend<Block>;
pub(crate) type FullSelectChain = LongestChain<FullBackend, Block>;
pub(crate) type FullPool = sc_transaction_pool::TransactionPoolHandle<Block, FullClient>;
