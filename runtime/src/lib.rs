// SPDX-License-Identifier: Apache-2.0

//! The runtime of the Confidential Second Opinion chain: the state transition function that every
//! node runs as Wasm.
//!
//! What lives here is composition only: which pallets there are, how they are set up, and what the
//! node may ask. The rules of a consultation are in `pallet-consultations`, those of accreditation
//! in `pallet-experts`.
//!
//! | file | subject |
//! |---|---|
//! | `constants.rs` | units of time and money, price of state |
//! | `configs/` | the settings of each pallet, by group |
//! | `apis.rs` | the runtime APIs, called by the node |
//! | `offchain.rs` | signing the expert's transactions, and the way to the native evaluator |
//! | `genesis_presets.rs` | the chains `dev` and `local` |
//!
//! No record, key or model ever enters the runtime: it handles accounts, hashes and small sealed
//! byte strings.

#![cfg_attr(not(feature = "std"), no_std)]
#![recursion_limit = "256"]
// The macros that make a runtime also make items without documentation.
#![allow(missing_docs)]

#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

extern crate alloc;

pub mod apis;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
pub mod configs;
pub mod constants;
pub mod genesis_presets;
pub mod offchain;
#[cfg(test)]
mod tests;

use alloc::{borrow::Cow, vec::Vec};

use sp_runtime::{
    generic, impl_opaque_keys,
    traits::{BlakeTwo256, IdentifyAccount, Verify},
    MultiAddress, MultiSignature,
};
use sp_version::RuntimeVersion;

pub use configs::board::BoardOrigin;

/// Signature of an account: sr25519, ed25519 or ecdsa.
pub type Signature = MultiSignature;
/// An account: the public key that checks its signatures, or a hash of it.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// An account as it appears in a transaction.
pub type Address = MultiAddress<AccountId, ()>;
/// An amount of the chain's token, in units of 10^-12 CSO.
pub type Balance = u128;
/// Number of transactions an account has sent.
pub type Nonce = u32;
/// Hash of a block, a transaction or data.
pub type Hash = sp_core::H256;
/// Height of a block.
pub type BlockNumber = u32;
/// Header of a block.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;

/// Types for the node, which need not know what is inside a transaction.
pub mod opaque {
    use sp_runtime::{generic, OpaqueExtrinsic};

    /// A block whose transactions are byte strings.
    pub type Block = generic::Block<super::Header, OpaqueExtrinsic>;
}

impl_opaque_keys! {
    /// The keys of a validator, set with `session.set_keys`.
    pub struct SessionKeys {
        pub aura: Aura,
        pub grandpa: Grandpa,
    }
}

/// What this runtime is, for nodes and wallets.
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
    spec_name: Cow::Borrowed("cso"),
    impl_name: Cow::Borrowed("cso-node"),
    authoring_version: 1,
    spec_version: 1,
    impl_version: 1,
    apis: apis::RUNTIME_API_VERSIONS,
    transaction_version: 1,
    system_version: 1,
};

/// What every signed transaction carries and is checked for, in this order, before it is executed.
pub type TxExtension = (
    frame_system::CheckNonZeroSender<Runtime>,
    frame_system::CheckSpecVersion<Runtime>,
    frame_system::CheckTxVersion<Runtime>,
    frame_system::CheckGenesis<Runtime>,
    frame_system::CheckEra<Runtime>,
    frame_system::CheckNonce<Runtime>,
    frame_system::CheckWeight<Runtime>,
    pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
    frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
    frame_system::WeightReclaim<Runtime>,
);

/// A transaction as it is sent and stored.
pub type UncheckedExtrinsic =
    generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;

/// What an account signs.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;

/// Applies blocks to the state.
pub type Executive = frame_executive::Executive<
    Runtime,
    Block,
    frame_system::ChainContext<Runtime>,
    Runtime,
    AllPalletsWithSystem,
>;

/// The pallets. Indices are part of the transaction format and are never reused.
#[frame_support::runtime]
mod runtime {
    /// The runtime itself, which implements every pallet's configuration.
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask,
        RuntimeViewFunction
    )]
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = frame_system;
    #[runtime::pallet_index(1)]
    pub type Timestamp = pallet_timestamp;
    #[runtime::pallet_index(2)]
    pub type Utility = pallet_utility;
    #[runtime::pallet_index(3)]
    pub type Sudo = pallet_sudo;

    #[runtime::pallet_index(10)]
    pub type Balances = pallet_balances;
    #[runtime::pallet_index(11)]
    pub type TransactionPayment = pallet_transaction_payment;

    // The order matters at genesis: `Session` asks `Validators` for the first set, then fills
    // `Aura` and `Grandpa`.
    #[runtime::pallet_index(20)]
    pub type Validators = pallet_validators;
    #[runtime::pallet_index(21)]
    pub type Session = pallet_session;
    #[runtime::pallet_index(22)]
    pub type Aura = pallet_aura;
    #[runtime::pallet_index(23)]
    pub type Grandpa = pallet_grandpa;

    #[runtime::pallet_index(30)]
    pub type Board = pallet_membership<Instance1>;

    #[runtime::pallet_index(40)]
    pub type Experts = pallet_experts;
    #[runtime::pallet_index(41)]
    pub type Consultations = pallet_consultations;
}
