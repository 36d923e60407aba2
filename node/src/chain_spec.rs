// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0

//! The chains built into the node: `dev` and `local`. What their genesis holds is in the runtime's
//! `genesis_presets`.

use cso_runtime::{genesis_presets, WASM_BINARY};
use sc_service::{ChainType, Properties};

/// A chain specification without extensions of its own.
pub(crate) type ChainSpec = sc_service::GenericChainSpec;

/// One validator, Alice: `--dev` or `--chain dev`.
pub(crate) fn dev() -> Result<ChainSpec, String> {
    preset("CSO Development", genesis_presets::DEV, ChainType::Development)
}

/// Two validators, Alice and Bob: `--chain local`.
pub(crate) fn local() -> Result<ChainSpec, String> {
    preset("CSO Local Testnet", genesis_presets::LOCAL, ChainType::Local)
}

fn preset(name: &str, id: &str, kind: ChainType) -> Result<ChainSpec, String> {
    let code = WASM_BINARY.ok_or(
        "this node was built with SKIP_WASM_BUILD and has no runtime: build it again without, or name a chain specification file",
    )?;
    Ok(ChainSpec::builder(code, None)
        .with_name(name)
        .with_id(id)
        .with_protocol_id("cso")
        .with_chain_type(kind)
        .with_genesis_config_preset_name(id)
        .with_properties(token_properties())
        .build())
}

/// What wallets show amounts and addresses with.
fn token_properties() -> Properties {
    let mut properties = Properties::new();
    properties.insert("tokenSymbol".into(), "CSO".into());
    properties.insert("tokenDecimals".into(), 12.into());
    properties.insert("ss58Format".into(), cso_runtime::configs::system::SS58Prefix::get().into());
    properties
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_chains_are_made_by_the_runtime_in_this_node() {
        if WASM_BINARY.is_none() {
            eprintln!("skipped: built with SKIP_WASM_BUILD");
            return;
        }
        for (spec, id) in [(dev(), "dev"), (local(), "local")] {
            let spec = spec.expect("the runtime is built in");
            assert_eq!(spec.id(), id);
            assert_eq!(spec.properties()["tokenSymbol"], "CSO");
            assert!(spec.as_json(true).is_ok(), "{id} has no genesis state");
        }
    }

    #[test]
    fn the_two_chains_are_not_the_same_network() {
        if WASM_BINARY.is_none() {
            return;
        }
        let genesis = |spec: Result<ChainSpec, String>| spec.expect("built in").as_json(true);
        assert_ne!(genesis(dev()), genesis(local()));
    }
}
