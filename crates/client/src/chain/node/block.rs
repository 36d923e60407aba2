// SPDX-License-Identifier: Apache-2.0
//! Blocks as a node tells them, and how the transactions in them went.

use super::{
    config::NodeConfig,
    decode::{ProtocolPublished, Requested, Slashed},
    one_line, ChainError, NodeChain, Receipt,
};
use crate::{
    amount::Amount,
    chain::{Block, Event, Refusal},
    hash::blake2_256,
};
use serde::Deserialize;
use std::fmt;
use subxt::{
    error::{DispatchError, TokenError},
    events::{Event as RawEvent, Events, Phase},
    ext::scale_decode::DecodeAsFields,
    rpcs::rpc_params,
    utils::H256,
};

/// The events of one transaction in a block.
struct OwnEvents {
    index: u32,
    events: Events<NodeConfig>,
}

impl OwnEvents {
    fn iter(&self) -> impl Iterator<Item = RawEvent<'_, NodeConfig>> {
        self.events
            .iter()
            .filter_map(Result::ok)
            .filter(|event| event.phase() == Phase::ApplyExtrinsic(self.index))
    }

    fn known(&self) -> Vec<Event> {
        self.iter().filter_map(|event| known(&event)).collect()
    }
}

/// The event, if somebody waits for it.
fn known(event: &RawEvent<'_, NodeConfig>) -> Option<Event> {
    match (event.pallet_name(), event.event_name()) {
        ("Consultations", "Requested") => {
            fields(event).map(|Requested { id }| Event::Requested { id })
        }
        ("Experts", "ProtocolPublished") => fields(event)
            .map(|ProtocolPublished { protocol }| Event::ProtocolPublished { protocol }),
        ("Experts", "Slashed") => {
            fields(event).map(|Slashed { amount }| Event::Slashed { amount: Amount(amount) })
        }
        _ => None,
    }
}

fn fields<E: DecodeAsFields>(event: &RawEvent<'_, NodeConfig>) -> Option<E> {
    event.decode_fields_unchecked_as().ok()
}

/// A block as `chain_getBlock` tells it. Nodes of stable2609 write extrinsics as lists of bytes,
/// those before as hex, which is all that subxt 0.51 reads.
#[derive(Deserialize)]
struct SignedBlock {
    block: Body,
}

#[derive(Deserialize)]
struct Body {
    extrinsics: Vec<Extrinsic>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Extrinsic {
    Hex(String),
    Bytes(Vec<u8>),
}

impl Extrinsic {
    fn bytes(self) -> Option<Vec<u8>> {
        match self {
            Self::Hex(text) => hex::decode(text.trim_start_matches("0x")).ok(),
            Self::Bytes(bytes) => Some(bytes),
        }
    }

    fn hash(&self) -> Option<[u8; 32]> {
        match self {
            Self::Hex(text) => {
                hex::decode(text.trim_start_matches("0x")).ok().map(|bytes| blake2_256(&[&bytes]))
            }
            Self::Bytes(bytes) => Some(blake2_256(&[bytes])),
        }
    }
}

impl NodeChain {
    /// The hash of the block of that number, if the node has one.
    pub(super) async fn hash_of(&self, block: Block) -> Result<Option<H256>, ChainError> {
        let number = u32::try_from(block).unwrap_or(u32::MAX);
        self.methods
            .chain_get_block_hash(Some(number.into()))
            .await
            .map_err(|error| self.unreadable(&format!("its block {block}"), &error))
    }

    async fn block(&self, block: H256) -> Result<Option<SignedBlock>, ChainError> {
        self.rpc
            .request("chain_getBlock", rpc_params![block])
            .await
            .map_err(|error| self.unreadable("what is in a block", &error))
    }

    /// The transactions of a block as they are encoded, those of its author included, if the node
    /// still has them.
    pub(super) async fn transactions(
        &self,
        block: H256,
    ) -> Result<Option<Vec<Vec<u8>>>, ChainError> {
        let found = self.block(block).await?;
        Ok(found
            .map(|found| found.block.extrinsics.into_iter().filter_map(Extrinsic::bytes).collect()))
    }

    /// Where in a block a transaction stands, if it's in it.
    pub(super) async fn position(
        &self,
        block: H256,
        transaction: &[u8; 32],
    ) -> Result<Option<u32>, ChainError> {
        let found = self.block(block).await?;
        let found = found.ok_or_else(|| self.unreadable("what is in a block", &"it's gone"))?;
        let mut all = found.block.extrinsics.iter();
        let position = all.position(|one| one.hash().as_ref() == Some(transaction));
        Ok(position.and_then(|index| u32::try_from(index).ok()))
    }

    /// How the transaction at that place in a block went.
    pub(super) async fn outcome(
        &self,
        block: H256,
        index: u32,
    ) -> Result<Result<Receipt, Refusal>, ChainError> {
        let failed = |error: &dyn fmt::Display| self.unreadable("how the transaction went", error);
        let at = self.api.at_block(block).await.map_err(|error| failed(&error))?;
        let events = at.events().fetch().await.map_err(|error| failed(&error))?;
        let own = OwnEvents { index, events };
        let failure = own
            .iter()
            .find(|event| {
                event.pallet_name() == "System" && event.event_name() == "ExtrinsicFailed"
            })
            .map(|event| event.field_bytes().to_vec());
        match failure {
            None => Ok(Ok(Receipt { block: at.block_number(), events: own.known() })),
            Some(bytes) => {
                let error = DispatchError::decode_from(bytes, at.metadata())
                    .map_err(|error| failed(&error))?;
                Ok(Err(refusal(&error)))
            }
        }
    }
}

fn refusal(error: &DispatchError) -> Refusal {
    match error {
        DispatchError::Module(module) => match module.details() {
            Ok(details) => Refusal::Pallet {
                pallet: details.pallet.name().to_owned(),
                error: details.variant.name.clone(),
                docs: details.variant.docs.join(" ").trim().to_owned(),
            },
            Err(_) => Refusal::Other(module.details_string()),
        },
        DispatchError::BadOrigin => Refusal::BadOrigin,
        DispatchError::Token(TokenError::FundsUnavailable | TokenError::CannotCreateHold) => {
            Refusal::Funds
        }
        DispatchError::Token(
            TokenError::BelowMinimum | TokenError::OnlyProvider | TokenError::NotExpendable,
        ) => Refusal::BelowMinimum,
        other => Refusal::Other(one_line(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extrinsics_are_found_in_either_form() {
        let text = r#"{"block": {"extrinsics": ["0x280501", [40, 5, 1]]}, "justifications": null}"#;
        let block: SignedBlock = serde_json::from_str(text).unwrap();
        let hashes: Vec<_> = block.block.extrinsics.iter().map(Extrinsic::hash).collect();
        assert_eq!(hashes, [Some(blake2_256(&[&[40, 5, 1]])); 2]);
    }
}
