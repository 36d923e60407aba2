// SPDX-License-Identifier: Apache-2.0

//! What a wallet signs with each call: the hash of the metadata that it has encoded the call by.

use codec::{Decode, Encode};
use cso_primitives::metadata_hash;
use frame_metadata::RuntimeMetadataPrefixed;
use frame_metadata_hash_extension::CheckMetadataHash;
use frame_support::traits::Get;
use merkleized_metadata::{generate_metadata_digest, ExtraInfo};
use sc_executor::WasmExecutor;
use sp_core::traits::{CallContext, CodeExecutor, RuntimeCode, WrappedRuntimeCode};
use sp_keyring::Sr25519Keyring::{Alice, Bob};
use sp_runtime::{
    generic::Era,
    transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidity},
};

use super::{genesis_of, sign, wasm::blob, HostFunctions};
use crate::{
    configs::system::SS58Prefix, constants::currency::UNIT, genesis_presets::DEV, offchain,
    Runtime, System, UncheckedExtrinsic, VERSION,
};

/// The version of the metadata's format that the hash is defined for.
const FORMAT: u32 = 15;

fn noted() -> Option<[u8; 32]> {
    metadata_hash(&VERSION.spec_name, VERSION.spec_version)
}

#[test]
fn the_noted_hash_is_that_of_the_metadata() {
    let opaque = Runtime::metadata_at_version(FORMAT).expect("there is metadata of version 15");
    let metadata = RuntimeMetadataPrefixed::decode(&mut &opaque[..]).expect("it can be decoded");
    let extra = ExtraInfo {
        spec_version: VERSION.spec_version,
        spec_name: VERSION.spec_name.to_string(),
        base58_prefix: <SS58Prefix as Get<u8>>::get().into(),
        decimals: 12,
        token_symbol: "CSO".into(),
    };
    let digest = generate_metadata_digest(&metadata.1, extra).expect("it can be hashed");
    let hash = digest.hash();
    let line = format!("cso {} {}", VERSION.spec_version, hex::encode(hash));
    assert_eq!(noted(), Some(hash), "crates/primitives/metadata-hashes.txt must end with: {line}");
}

/// A transfer signed by Alice, with the hash of some metadata or with none.
fn transfer(metadata: CheckMetadataHash<Runtime>) -> UncheckedExtrinsic {
    let mut extension = offchain::extension(Era::Immortal, 0);
    extension.8 = metadata;
    let dest = Bob.to_account_id().into();
    sign(Alice, pallet_balances::Call::transfer_keep_alive { dest, value: UNIT }.into(), extension)
}

#[test]
fn the_blob_takes_what_was_signed_by_its_own_metadata_only() {
    let Some(blob) = blob() else { return };
    let executor = WasmExecutor::<HostFunctions>::builder().build();
    let code = RuntimeCode {
        code_fetcher: &WrappedRuntimeCode(blob.into()),
        heap_pages: None,
        hash: vec![0],
    };
    let mut state = sp_io::TestExternalities::new(genesis_of(DEV));
    let mut check = |metadata: CheckMetadataHash<Runtime>| {
        let (transaction, genesis) =
            state.execute_with(|| (transfer(metadata), System::block_hash(0)));
        let arguments = (TransactionSource::External, transaction, genesis).encode();
        let answer = executor
            .call(
                &mut state.ext(),
                &code,
                "TaggedTransactionQueue_validate_transaction",
                &arguments,
                CallContext::Offchain,
            )
            .0
            .expect("the blob runs");
        TransactionValidity::decode(&mut &answer[..]).expect("the answer can be decoded")
    };
    let own = noted().expect("the hash is noted");
    let other = own.map(|byte| !byte);
    let taken = check(CheckMetadataHash::new_with_custom_hash(own));
    assert!(taken.is_ok(), "{taken:?}");
    assert_eq!(
        check(CheckMetadataHash::new_with_custom_hash(other)),
        Err(InvalidTransaction::BadProof.into())
    );
    // Workers sign inside of the runtime itself, where nobody describes it to them.
    assert!(check(CheckMetadataHash::new(false)).is_ok());
}
