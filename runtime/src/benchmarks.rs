// SPDX-License-Identifier: Apache-2.0

//! The benchmarks this runtime offers to `frame-omni-bencher`, with the feature
//! `runtime-benchmarks`.

use alloc::{string::String, vec::Vec};

use frame_benchmarking::{BenchmarkBatch, BenchmarkConfig, BenchmarkList};
use frame_support::traits::{StorageInfo, StorageInfoTrait, WhitelistedStorageKeys};

use crate::{
    AllPalletsWithSystem, Balances, Board, Consultations, Experts, Runtime, Sudo, Timestamp,
    Utility, Validators,
};

frame_benchmarking::define_benchmarks!(
    [frame_system, frame_system_benchmarking::Pallet::<Runtime>]
    [frame_system_extensions, frame_system_benchmarking::extensions::Pallet::<Runtime>]
    [pallet_balances, Balances]
    [pallet_membership, Board]
    [pallet_sudo, Sudo]
    [pallet_timestamp, Timestamp]
    [pallet_utility, Utility]
    [pallet_experts, Experts]
    [pallet_consultations, Consultations]
    [pallet_validators, Validators]
);

impl frame_system_benchmarking::Config for Runtime {}

/// The benchmarks there are, and where each pallet stores its data.
pub(crate) fn metadata(extra: bool) -> (Vec<BenchmarkList>, Vec<StorageInfo>) {
    let mut list = Vec::new();
    list_benchmarks!(list, extra);
    (list, AllPalletsWithSystem::storage_info())
}

/// Runs the benchmark that `config` names.
pub(crate) fn dispatch(config: BenchmarkConfig) -> Result<Vec<BenchmarkBatch>, String> {
    let whitelist = AllPalletsWithSystem::whitelisted_storage_keys();
    let params = (&config, &whitelist);
    let mut batches = Vec::new();
    add_benchmarks!(params, batches);
    Ok(batches)
}
