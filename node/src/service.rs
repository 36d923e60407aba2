// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0

//! Puts the parts of a node together and starts them.
//!
//! [`new_partial`] makes what the offline subcommands need too: database, client, transaction pool
//! and import queue. [`new_full`] adds network, consensus, RPC, the record pool and the evaluator.

use std::sync::Arc;

use cso_runtime::{apis::RuntimeApi, opaque::Block, Hash};
use futures::FutureExt;
use sc_cli::OffchainWorkerEnabled;
use sc_client_api::Backend;
use sc_consensus::{DefaultImportQueue, LongestChain};
use sc_hop::HopParams;
use sc_network::config::FullNetworkConfiguration;
use sc_offchain::{OffchainWorkerOptions, OffchainWorkers};
use sc_service::{
    BuildNetworkParams, Configuration, PartialComponents, SpawnTasksParams, TaskManager,
};
use sc_telemetry::{Telemetry, TelemetryWorker};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_blockchain::HeaderBackend;

use crate::{
    components::{FullBackend, FullClient, FullPool, FullSelectChain, HostFunctions, ServiceError},
    consensus::{self, Authoring, BlockImport, Finality, FinalityConfig, GrandpaLink},
    evaluator::{self, ExpertNode},
    rpc,
};

/// What [`new_partial`] makes besides the usual components.
pub(crate) struct Consensus {
    pub block_import: BlockImport,
    pub grandpa_link: GrandpaLink,
    pub telemetry: Option<Telemetry>,
}

/// The components that exist before the network does.
pub(crate) type Partial = PartialComponents<
    FullClient,
    FullBackend,
    FullSelectChain,
    DefaultImportQueue<Block>,
    FullPool,
    Consensus,
>;

/// The part of the command line that Substrate's configuration has no place for.
pub(crate) struct ServiceParams {
    /// Set on an expert's node.
    pub evaluator: Option<cso_evaluator::Config>,
    /// The record pool. Enabled on every expert's node.
    pub hop: HopParams,
    /// What `--offchain-worker` says.
    pub offchain_worker: OffchainWorkerEnabled,
}

/// Opens the database and makes client, transaction pool and import queue.
pub(crate) fn new_partial(config: &Configuration) -> Result<Partial, ServiceError> {
    let telemetry = config
        .telemetry_endpoints
        .clone()
        .filter(|endpoints| !endpoints.is_empty())
        .map(|endpoints| -> Result<_, sc_telemetry::Error> {
            let worker = TelemetryWorker::new(16)?;
            let telemetry = worker.handle().new_telemetry(endpoints);
            Ok((worker, telemetry))
        })
        .transpose()?;

    let executor = sc_service::new_wasm_executor::<HostFunctions>(&config.executor);
    let (client, backend, keystore_container, task_manager) =
        sc_service::new_full_parts::<Block, RuntimeApi, _>(
            config,
            telemetry.as_ref().map(|(_, telemetry)| telemetry.handle()),
            executor,
            Vec::new(),
        )?;
    let client = Arc::new(client);

    let telemetry = telemetry.map(|(worker, telemetry)| {
        task_manager.spawn_handle().spawn("telemetry", None, worker.run());
        telemetry
    });
    let telemetry_handle = telemetry.as_ref().map(|telemetry| telemetry.handle());

    let select_chain = LongestChain::new(backend.clone());
    let transaction_pool = Arc::from(
        sc_transaction_pool::Builder::new(
            task_manager.spawn_essential_handle(),
            client.clone(),
            config.role.is_authority().into(),
        )
        .with_options(config.transaction_pool.clone())
        .with_prometheus(config.prometheus_registry())
        .build(),
    );

    let (block_import, grandpa_link) =
        consensus::block_import(&client, select_chain.clone(), telemetry_handle.clone())?;
    let import_queue = consensus::import_queue(
        config,
        client.clone(),
        block_import.clone(),
        &task_manager,
        telemetry_handle,
    )?;

    Ok(PartialComponents {
        client,
        backend,
        task_manager,
        keystore_container,
        select_chain,
        import_queue,
        transaction_pool,
        other: Consensus { block_import, grandpa_link, telemetry },
    })
}

/// Starts a node. Everything it needs runs as a task of the returned task manager and ends with it.
pub(crate) fn new_full<N>(
    mut config: Configuration,
    params: ServiceParams,
) -> Result<TaskManager, ServiceError>
where
    N: sc_network::NetworkBackend<Block, Hash>,
{
    // Before anything is started, so that a mistake ends the node with one line.
    if let Some(evaluator) = &params.evaluator {
        evaluator::check(evaluator, &params.offchain_worker)?;
        config.offchain_worker.enabled = true;
    }
    if params.hop.enabled {
        evaluator::check_request_size(config.rpc.max_request_size)?;
    }

    let PartialComponents {
        client,
        backend,
        mut task_manager,
        import_queue,
        keystore_container,
        select_chain,
        transaction_pool,
        other: Consensus { block_import, grandpa_link, mut telemetry },
    } = new_partial(&config)?;
    let registry = config.prometheus_registry().cloned();
    let telemetry_handle = telemetry.as_ref().map(|telemetry| telemetry.handle());

    let expert = ExpertNode::start(params.evaluator, &params.hop, &config, &client, &task_manager)?;

    let mut net_config =
        FullNetworkConfiguration::<Block, Hash, N>::new(&config.network, registry.clone());
    let metrics = N::register_notification_metrics(registry.as_ref());
    let (grandpa_protocol, grandpa_notifications) = consensus::add_grandpa_protocol(
        &mut net_config,
        client.info().genesis_hash,
        &config,
        metrics.clone(),
    );
    let (network, system_rpc_tx, tx_handler_controller, sync_service, _bitswap) =
        sc_service::build_network(BuildNetworkParams {
            config: &config,
            net_config,
            client: client.clone(),
            transaction_pool: transaction_pool.clone(),
            spawn_handle: task_manager.spawn_handle(),
            spawn_essential_handle: task_manager.spawn_essential_handle(),
            import_queue,
            block_announce_validator_builder: None,
            warp_sync_config: Some(consensus::warp_sync(&backend, &grandpa_link)),
            block_relay: None,
            metrics,
            gap_sync_body_policy: None,
        })?;

    if config.offchain_worker.enabled {
        let extensions = expert.extensions();
        let workers = OffchainWorkers::new(OffchainWorkerOptions {
            runtime_api_provider: client.clone(),
            keystore: Some(keystore_container.keystore()),
            offchain_db: backend.offchain_storage(),
            transaction_pool: Some(OffchainTransactionPoolFactory::new(transaction_pool.clone())),
            network_provider: Arc::new(network.clone()),
            is_validator: config.role.is_authority(),
            enable_http_requests: false,
            custom_extensions: move |_| extensions(),
        })?;
        task_manager.spawn_handle().spawn(
            "offchain-workers-runner",
            "offchain-worker",
            workers.run(client.clone(), task_manager.spawn_handle()).boxed(),
        );
    }

    let role = config.role;
    let force_authoring = config.force_authoring;
    let finality_config = (!config.disable_grandpa)
        .then(|| FinalityConfig { node_name: config.network.node_name.clone(), role });
    let rpc_deps = rpc::FullDeps {
        client: client.clone(),
        transaction_pool: transaction_pool.clone(),
        record_pool: expert.record_pool.clone(),
        evaluator: expert.evaluator.clone(),
    };
    sc_service::spawn_tasks(SpawnTasksParams {
        config,
        client: client.clone(),
        backend,
        task_manager: &mut task_manager,
        keystore: keystore_container.keystore(),
        transaction_pool: transaction_pool.clone(),
        rpc_builder: Box::new(move |_| rpc::create(rpc_deps.clone()).map_err(Into::into)),
        network: network.clone(),
        system_rpc_tx,
        tx_handler_controller,
        sync_service: sync_service.clone(),
        telemetry: telemetry.as_mut(),
        tracing_execute_block: None,
    })?;

    if role.is_authority() {
        let authoring = Authoring {
            client,
            select_chain,
            block_import,
            transaction_pool: transaction_pool.clone(),
            sync_service: sync_service.clone(),
            force: force_authoring,
        };
        consensus::start_authoring(
            authoring,
            &keystore_container,
            &task_manager,
            registry.as_ref(),
            telemetry_handle.clone(),
        )?;
    }
    if let Some(finality_config) = finality_config {
        let finality = Finality {
            link: grandpa_link,
            network,
            sync_service,
            notification_service: grandpa_notifications,
            transaction_pool,
            protocol_name: grandpa_protocol,
        };
        consensus::start_finality(
            finality,
            &finality_config,
            &keystore_container,
            &task_manager,
            registry,
            telemetry_handle,
        )?;
    }

    task_manager.keep_alive(expert);
    Ok(task_manager)
}
