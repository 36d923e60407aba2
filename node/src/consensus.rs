// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0

//! What writes and finalises blocks: Aura and GRANDPA, set up for this chain.

use std::{sync::Arc, time::Duration};

use cso_runtime::{opaque::Block, BlockNumber, Hash};
use sc_consensus::DefaultImportQueue;
use sc_consensus_aura::{
    CompatibilityMode, ImportQueueParams, SlotDuration, SlotProportion, StartAuraParams,
};
use sc_consensus_grandpa::{
    warp_proof::NetworkProvider, SharedVoterState, ThreeQuartersOfTheUnfinalizedChain,
    VotingRulesBuilder,
};
use sc_network::{
    config::FullNetworkConfiguration,
    service::{
        traits::{NetworkService, NotificationService},
        NotificationMetrics,
    },
    types::ProtocolName,
    NetworkBackend,
};
use sc_network_sync::SyncingService;
use sc_service::{Configuration, KeystoreContainer, TaskManager, WarpSyncConfig};
use sc_telemetry::TelemetryHandle;
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_consensus_aura::sr25519::AuthorityPair;

use crate::components::{FullBackend, FullClient, FullPool, FullSelectChain, ServiceError};

/// GRANDPA makes a justification that others can check at least every so many blocks; warp sync
/// steps along them.
const JUSTIFICATION_PERIOD: BlockNumber = 512;

/// How long a GRANDPA message is expected to travel through the network.
const GOSSIP_DURATION: Duration = Duration::from_millis(333);

/// Share of a slot that an author may use for building a block: two seconds of three.
const PROPOSAL_SHARE: f32 = 2.0 / 3.0;

/// Checks blocks and takes note of changes of the GRANDPA authorities in them.
pub(crate) type BlockImport =
    sc_consensus_grandpa::GrandpaBlockImport<FullBackend, Block, FullClient, FullSelectChain>;
/// Joins the block import to the GRANDPA voter.
pub(crate) type GrandpaLink = sc_consensus_grandpa::LinkHalf<Block, FullClient, FullSelectChain>;

/// Makes the block import with GRANDPA on top.
pub(crate) fn block_import(
    client: &Arc<FullClient>,
    select_chain: FullSelectChain,
    telemetry: Option<TelemetryHandle>,
) -> Result<(BlockImport, GrandpaLink), ServiceError> {
    Ok(sc_consensus_grandpa::block_import(
        client.clone(),
        JUSTIFICATION_PERIOD,
        client,
        select_chain,
        telemetry,
    )?)
}

/// Makes the queue through which other nodes' blocks are checked and imported.
pub(crate) fn import_queue(
    config: &Configuration,
    client: Arc<FullClient>,
    block_import: BlockImport,
    task_manager: &TaskManager,
    telemetry: Option<TelemetryHandle>,
) -> Result<DefaultImportQueue<Block>, ServiceError> {
    let slot_duration = sc_consensus_aura::slot_duration(&*client)?;
    let queue = sc_consensus_aura::import_queue::<AuthorityPair, _, _, _, _, _>(
        ImportQueueParams {
            justification_import: Some(Box::new(block_import.clone())),
            block_import,
            client,
            create_inherent_data_providers: move |_, ()| async move { Ok(inherent_data(slot_duration)) },
            spawner: &task_manager.spawn_essential_handle(),
            registry: config.prometheus_registry(),
            check_for_equivocation: Default::default(),
            telemetry,
            compatibility_mode: CompatibilityMode::None,
        },
    )?;
    Ok(queue)
}

/// The inherents of a block: time and slot.
fn inherent_data(
    slot_duration: SlotDuration,
) -> (sp_consensus_aura::inherents::InherentDataProvider, sp_timestamp::InherentDataProvider) {
    let timestamp = sp_timestamp::InherentDataProvider::from_system_time();
    let slot = sp_consensus_aura::inherents::InherentDataProvider::from_timestamp_and_slot_duration(
        *timestamp,
        slot_duration,
    );
    (slot, timestamp)
}

/// What a validator needs to write blocks.
pub(crate) struct Authoring {
    pub client: Arc<FullClient>,
    pub select_chain: FullSelectChain,
    pub block_import: BlockImport,
    pub transaction_pool: Arc<FullPool>,
    pub sync_service: Arc<SyncingService<Block>>,
    pub force: bool,
}

/// Starts writing blocks in the slots of this node's Aura key.
pub(crate) fn start_authoring(
    authoring: Authoring,
    keystore: &KeystoreContainer,
    task_manager: &TaskManager,
    registry: Option<&prometheus_endpoint::Registry>,
    telemetry: Option<TelemetryHandle>,
) -> Result<(), ServiceError> {
    let Authoring { client, select_chain, block_import, transaction_pool, sync_service, force } =
        authoring;
    let proposer_factory = sc_basic_authorship::ProposerFactory::new(
        task_manager.spawn_handle(),
        client.clone(),
        transaction_pool,
        registry,
        telemetry.clone(),
    );
    let slot_duration = sc_consensus_aura::slot_duration(&*client)?;
    let aura = sc_consensus_aura::start_aura::<AuthorityPair, _, _, _, _, _, _, _, _, _, _>(
        StartAuraParams {
            slot_duration,
            client,
            select_chain,
            block_import,
            proposer_factory,
            create_inherent_data_providers: move |_, ()| async move { Ok(inherent_data(slot_duration)) },
            sync_oracle: sync_service.clone(),
            justification_sync_link: sync_service,
            force_authoring: force,
            // A validator that is ahead of finality slows down instead of piling up blocks.
            backoff_authoring_blocks: Some(
                sc_consensus_slots::BackoffAuthoringOnFinalizedHeadLagging::default(),
            ),
            keystore: keystore.keystore(),
            block_proposal_slot_portion: SlotProportion::new(PROPOSAL_SHARE),
            max_block_proposal_slot_portion: None,
            telemetry,
            compatibility_mode: CompatibilityMode::None,
        },
    )?;
    task_manager.spawn_essential_handle().spawn_blocking("aura", Some("block-authoring"), aura);
    Ok(())
}

/// Announces GRANDPA's protocol to the network, and returns its name and the messages that come in
/// through it.
pub(crate) fn add_grandpa_protocol<N: NetworkBackend<Block, Hash>>(
    net_config: &mut FullNetworkConfiguration<Block, Hash, N>,
    genesis: Hash,
    config: &Configuration,
    metrics: NotificationMetrics,
) -> (ProtocolName, Box<dyn NotificationService>) {
    let name = sc_consensus_grandpa::protocol_standard_name(&genesis, &config.chain_spec);
    let (peers, notifications) = sc_consensus_grandpa::grandpa_peers_set_config::<_, N>(
        name.clone(),
        metrics,
        net_config.peer_store_handle(),
    );
    net_config.add_notification_protocol(peers);
    (name, notifications)
}

/// Lets a new node begin at the newest finalised block, which GRANDPA's justifications prove.
pub(crate) fn warp_sync(backend: &Arc<FullBackend>, link: &GrandpaLink) -> WarpSyncConfig<Block> {
    WarpSyncConfig::WithProvider(Arc::new(NetworkProvider::new(
        backend.clone(),
        link.shared_authority_set().clone(),
        Vec::new(),
    )))
}

/// What a node needs to follow or vote on finality.
pub(crate) struct Finality {
    pub link: GrandpaLink,
    pub network: Arc<dyn NetworkService>,
    pub sync_service: Arc<SyncingService<Block>>,
    pub notification_service: Box<dyn NotificationService>,
    pub transaction_pool: Arc<FullPool>,
    pub protocol_name: ProtocolName,
}

/// Starts GRANDPA: a validator votes, every other node follows the votes.
pub(crate) fn start_finality(
    finality: Finality,
    config: &FinalityConfig,
    keystore: &KeystoreContainer,
    task_manager: &TaskManager,
    registry: Option<prometheus_endpoint::Registry>,
    telemetry: Option<TelemetryHandle>,
) -> Result<(), ServiceError> {
    let Finality {
        link,
        network,
        sync_service,
        notification_service,
        transaction_pool,
        protocol_name,
    } = finality;
    let voter = sc_consensus_grandpa::run_grandpa_voter(sc_consensus_grandpa::GrandpaParams {
        config: sc_consensus_grandpa::Config {
            gossip_duration: GOSSIP_DURATION,
            justification_generation_period: JUSTIFICATION_PERIOD,
            name: Some(config.node_name.clone()),
            observer_enabled: false,
            keystore: config.role.is_authority().then(|| keystore.keystore()),
            local_role: config.role,
            telemetry: telemetry.clone(),
            protocol_name,
        },
        link,
        network,
        sync: sync_service,
        notification_service,
        // The default rules also stay two blocks behind the best one, which would delay every
        // opinion by two blocks: an expert's node works on finalised requests only. Forks
        // are rare here, since a slot has one author.
        voting_rule: VotingRulesBuilder::new().add(ThreeQuartersOfTheUnfinalizedChain).build(),
        prometheus_registry: registry,
        shared_voter_state: SharedVoterState::empty(),
        telemetry,
        offchain_tx_pool_factory: OffchainTransactionPoolFactory::new(transaction_pool),
    })?;
    task_manager.spawn_essential_handle().spawn_blocking("grandpa-voter", None, voter);
    Ok(())
}

/// The part of the node's configuration that GRANDPA asks for.
pub(crate) struct FinalityConfig {
    pub node_name: String,
    pub role: sc_service::Role,
}
