// SPDX-License-Identifier: Apache-2.0

//! The blob that goes onto the chain. These tests need it to be built: they are skipped, with a
//! message, under `SKIP_WASM_BUILD`.

use std::collections::BTreeSet;

use parity_wasm::elements::{External, Module};
use sc_chain_spec::GenesisConfigBuilderRuntimeCaller;
use sp_wasm_interface::HostFunctions as _;

use super::{genesis_of, HostFunctions};
use crate::{
    genesis_presets::{DEV, LOCAL},
    WASM_BINARY_BLOATY,
};

/// The blob, unless it was left out.
pub(super) fn blob() -> Option<&'static [u8]> {
    if WASM_BINARY_BLOATY.is_none() {
        eprintln!("skipped: built with SKIP_WASM_BUILD");
    }
    WASM_BINARY_BLOATY
}

fn imported_functions(blob: &[u8]) -> BTreeSet<String> {
    let module = Module::from_bytes(blob).expect("the blob is Wasm");
    module
        .import_section()
        .expect("a runtime imports its host functions")
        .entries()
        .iter()
        .filter(|entry| matches!(entry.external(), External::Function(_)))
        .map(|entry| entry.field().to_owned())
        .collect()
}

#[test]
fn the_blob_imports_nothing_that_a_node_does_not_offer() {
    let Some(blob) = blob() else { return };
    let offered: BTreeSet<String> =
        HostFunctions::host_functions().iter().map(|function| function.name().to_owned()).collect();
    let unknown: Vec<_> = imported_functions(blob).difference(&offered).cloned().collect();
    assert_eq!(unknown, Vec::<String>::new());
}

#[test]
fn of_the_evaluator_the_blob_imports_enqueue_and_take() {
    let Some(blob) = blob() else { return };
    let evaluator: Vec<_> = imported_functions(blob)
        .into_iter()
        .filter(|name| name.starts_with("ext_evaluator_"))
        .collect();
    assert_eq!(evaluator, ["ext_evaluator_enqueue_version_1", "ext_evaluator_take_version_1"]);
}

#[test]
fn the_blob_builds_the_same_genesis_as_native_code() {
    let Some(blob) = blob() else { return };
    let runtime =
        GenesisConfigBuilderRuntimeCaller::<cso_host::evaluator::HostFunctions>::new(blob);
    assert_eq!(runtime.preset_names(), Ok(vec![DEV.to_owned(), LOCAL.to_owned()]));
    for preset in [DEV, LOCAL] {
        let built = runtime
            .get_storage_for_named_preset(Some(&preset.to_owned()))
            .expect("the blob builds its own presets");
        assert_eq!(built.top, genesis_of(preset).top, "{preset}");
    }
}
