// SPDX-License-Identifier: Apache-2.0

//! Tests of the runtime as a whole: that the pallets fit together, that what a chain begins with is
//! right, and that the blob built from all this asks its node for nothing unknown. What a pallet
//! does by itself is tested in the pallet.

mod consultation;
mod fees;
mod genesis;
mod hand_off;
mod metadata;
mod session;
mod wasm;

use codec::Encode;
use frame_support::genesis_builder_helper;
use serde_json::Value;
use sp_consensus_aura::{Slot, AURA_ENGINE_ID};
use sp_core::Pair;
use sp_keyring::Sr25519Keyring;
use sp_runtime::{
    generic::{Digest, DigestItem, Era},
    ApplyExtrinsicResult, BuildStorage, Storage,
};

use crate::{
    constants::time::SLOT_DURATION, genesis_presets, offchain, AccountId, BlockNumber, Executive,
    Header, RuntimeCall, RuntimeGenesisConfig, Signature, SignedPayload, System, TxExtension,
    UncheckedExtrinsic,
};

/// What a node of this chain offers its runtime.
type HostFunctions = (sp_io::SubstrateHostFunctions, cso_host::evaluator::HostFunctions);

/// The state of a chain at its beginning, built from a preset as a node does it: the patch is laid
/// over the default.
fn genesis_of(preset: &str) -> Storage {
    let json = |id: Option<String>| -> Value {
        let bytes = genesis_builder_helper::get_preset::<RuntimeGenesisConfig>(
            &id,
            genesis_presets::get_preset,
        )
        .expect("the preset exists");
        serde_json::from_slice(&bytes).expect("the preset is JSON")
    };
    let mut config = json(None);
    merge(&mut config, json(Some(preset.into())));
    serde_json::from_value::<RuntimeGenesisConfig>(config)
        .expect("the preset fits the genesis configuration")
        .build_storage()
        .expect("the genesis can be built")
}

/// JSON merge patch (RFC 7386) for patches without nulls that delete.
fn merge(into: &mut Value, patch: Value) {
    match (into, patch) {
        (Value::Object(into), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, patch) => *into = patch,
    }
}

/// Runs `test` on the state of a chain that has just begun.
fn on_chain(preset: &str, test: impl FnOnce()) {
    let mut externalities = sp_io::TestExternalities::new(genesis_of(preset));
    externalities.execute_with(|| {
        test();
        check_state();
    });
}

/// Checks the invariants of every pallet, where they are compiled in.
fn check_state() {
    #[cfg(feature = "try-runtime")]
    {
        use frame_support::traits::{TryState, TryStateSelect};
        <crate::AllPalletsWithSystem as TryState<BlockNumber>>::try_state(
            System::block_number(),
            TryStateSelect::All,
        )
        .expect("every pallet's state is consistent");
    }
}

/// Begins block `number`, with the inherent that every block has.
fn begin_block(number: BlockNumber) {
    let slot = Slot::from(u64::from(number));
    let parent = if number == 1 { Default::default() } else { System::parent_hash() };
    let digest = Digest { logs: vec![DigestItem::PreRuntime(AURA_ENGINE_ID, slot.encode())] };
    Executive::initialize_block(&Header {
        number,
        parent_hash: parent,
        state_root: Default::default(),
        extrinsics_root: Default::default(),
        digest,
    });
    let now = pallet_timestamp::Call::set { now: u64::from(number) * SLOT_DURATION };
    assert_eq!(Executive::apply_extrinsic(UncheckedExtrinsic::new_bare(now.into())), Ok(Ok(())));
}

/// Goes from block `from` to block `to` through blocks without transactions, and begins `to`.
fn run_to_block(from: BlockNumber, to: BlockNumber) {
    for number in from..to {
        Executive::finalize_block();
        begin_block(number + 1);
    }
}

/// Signs a call as `who` and applies it to the block that is being built.
fn submit(who: Sr25519Keyring, call: impl Into<RuntimeCall>) -> ApplyExtrinsicResult {
    Executive::apply_extrinsic(signed(who, call.into()))
}

/// A call signed by `who` with its next nonce.
fn signed(who: Sr25519Keyring, call: RuntimeCall) -> UncheckedExtrinsic {
    let account: AccountId = who.to_account_id();
    sign(who, call, offchain::extension(Era::Immortal, System::account_nonce(&account)))
}

/// A call signed by `who` with an extension.
fn sign(who: Sr25519Keyring, call: RuntimeCall, extension: TxExtension) -> UncheckedExtrinsic {
    let account: AccountId = who.to_account_id();
    let payload = SignedPayload::new(call, extension).expect("the implicit part can be read");
    let signature = Signature::Sr25519(payload.using_encoded(|bytes| who.pair().sign(bytes)));
    let (call, extension, _) = payload.deconstruct();
    UncheckedExtrinsic::new_signed(call, account.into(), signature, extension)
}
