// SPDX-License-Identifier: Apache-2.0
//! The metadata of a node's runtime: what says how calls are encoded.
//!
//! A node could describe its calls otherwise than the runtime has them, and have one signed in
//! place of another. So the hash of the metadata is signed along with each call, as [RFC 78]
//! defines it (see [`SignedMetadata`](super::config::SignedMetadata)), and for the versions of the
//! runtime that this program knows the hash must be the right one to begin with.
//!
//! [RFC 78]: https://github.com/polkadot-fellows/RFCs/blob/main/text/0078-merkleized-metadata.md

use super::{one_line, ChainError};
use crate::amount::{DECIMALS, SYMBOL};
use cso_primitives::metadata_hash;
use merkleized_metadata::{generate_metadata_digest, ExtraInfo};
use std::fmt;
use subxt::{
    ext::{
        codec::{Decode, Encode},
        frame_metadata::{RuntimeMetadata, RuntimeMetadataPrefixed},
    },
    metadata::ArcMetadata,
    rpcs::{methods::LegacyRpcMethods, RpcConfig},
    utils::H256,
};

/// Hash of a runtime's metadata.
pub(super) type Digest = [u8; 32];

/// The version of the metadata's format that the hash is defined for.
const FORMAT: u32 = 15;

/// Most types that are looked at: some ten times as many as this runtime has. They are followed
/// from one to the next, and a longer chain of them would end the stack.
const MAX_TYPES: usize = 4096;

/// Metadata of one version of a runtime.
pub(super) struct Metadata {
    pub(super) spec_name: String,
    pub(super) spec_version: u32,
    pub(super) metadata: ArcMetadata,
    pub(super) digest: Digest,
}

impl Metadata {
    /// Fetches that of the last finalised block's runtime.
    pub(super) async fn fetch<C: RpcConfig<Hash = H256>>(
        url: &str,
        methods: &LegacyRpcMethods<C>,
    ) -> Result<Self, ChainError> {
        let failed = |error: &dyn fmt::Display| unreadable(url, &one_line(error));
        let block = methods.chain_get_finalized_head().await.map_err(|error| failed(&error))?;
        let version =
            methods.state_get_runtime_version(Some(block)).await.map_err(|error| failed(&error))?;
        let spec_name = version.other.get("specName").and_then(|name| name.as_str());
        let found = methods
            .state_call("Metadata_metadata_at_version", Some(&FORMAT.encode()), Some(block))
            .await
            .map_err(|error| failed(&error))?;
        Self::read(spec_name.unwrap_or_default(), version.spec_version, &found)
            .map_err(|reason| unreadable(url, &reason))
    }

    /// Reads what `Metadata_metadata_at_version` gives: perhaps bytes with their length.
    fn read(spec_name: &str, spec_version: u32, found: &[u8]) -> Result<Self, String> {
        let bytes: Option<Vec<u8>> =
            Decode::decode(&mut &*found).map_err(|error| error.to_string())?;
        let bytes = bytes.ok_or_else(|| format!("it has none of version {FORMAT}"))?;
        let metadata =
            RuntimeMetadataPrefixed::decode(&mut &*bytes).map_err(|error| error.to_string())?.1;
        let count = match &metadata {
            RuntimeMetadata::V15(metadata) => metadata.types.types.len(),
            _ => 0,
        };
        if count > MAX_TYPES {
            return Err(format!("it has {count} types, more than {MAX_TYPES}"));
        }
        let digest = digest(&metadata, spec_name, spec_version)?;
        let RuntimeMetadata::V15(metadata) = metadata else {
            return Err(format!("it has none of version {FORMAT}"));
        };
        let metadata = subxt::Metadata::from_v15(metadata).map_err(|error| error.to_string())?;
        let spec_name = spec_name.to_owned();
        Ok(Self { spec_name, spec_version, metadata: metadata.arc(), digest })
    }

    /// Refuses metadata that isn't that of its version, if the version is known.
    pub(super) fn require_known(&self, url: &str) -> Result<(), ChainError> {
        match metadata_hash(&self.spec_name, self.spec_version) {
            Some(known) if known != self.digest => {
                Err(ChainError::Metadata { url: url.to_owned(), version: self.spec_version })
            }
            _ => Ok(()),
        }
    }
}

fn digest(
    metadata: &RuntimeMetadata,
    spec_name: &str,
    spec_version: u32,
) -> Result<Digest, String> {
    let extra = ExtraInfo {
        spec_version,
        spec_name: spec_name.to_owned(),
        base58_prefix: ss58_prefix(metadata).ok_or("it has no System.SS58Prefix")?,
        decimals: DECIMALS,
        token_symbol: SYMBOL.to_owned(),
    };
    Ok(generate_metadata_digest(metadata, extra)?.hash())
}

fn ss58_prefix(metadata: &RuntimeMetadata) -> Option<u16> {
    let RuntimeMetadata::V15(metadata) = metadata else {
        return None;
    };
    let system = metadata.pallets.iter().find(|pallet| pallet.name == "System")?;
    let prefix = system.constants.iter().find(|constant| constant.name == "SS58Prefix")?;
    // One byte in this runtime, two in others.
    match *prefix.value {
        [low] => Some(u16::from(low)),
        [low, high] => Some(u16::from_le_bytes([low, high])),
        _ => None,
    }
}

fn unreadable(url: &str, reason: &str) -> ChainError {
    let what = "the metadata of its runtime".to_owned();
    ChainError::Read { url: url.to_owned(), what, reason: reason.to_owned() }
}
