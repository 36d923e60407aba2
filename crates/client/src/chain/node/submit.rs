// SPDX-License-Identifier: Apache-2.0
//! Transactions: signing, submitting, and waiting until they count.

use super::{
    calls::encode,
    decode::{ProtocolPublished, Requested, Slashed},
    one_line, Call, ChainError, NodeChain, Receipt, Until,
};
use crate::{
    amount::Amount,
    chain::{Event, PoolRefusal, Refusal},
    hash::blake2_256,
    keys::Pair,
};
use serde::Deserialize;
use std::fmt;
use subxt::{
    config::DefaultExtrinsicParamsBuilder,
    error::{DispatchError, TokenError},
    events::{Event as RawEvent, Events, Phase},
    ext::scale_decode::DecodeAsFields,
    rpcs::rpc_params,
    tx::TransactionStatus,
    utils::H256,
    PolkadotConfig,
};

/// Blocks that a signed transaction stays valid for.
const LIFE: u64 = 64;

/// The events of one transaction in a block.
struct OwnEvents {
    index: u32,
    events: Events<PolkadotConfig>,
}

impl OwnEvents {
    fn iter(&self) -> impl Iterator<Item = RawEvent<'_, PolkadotConfig>> {
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
fn known(event: &RawEvent<'_, PolkadotConfig>) -> Option<Event> {
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

fn fields<E: DecodeAsFields>(event: &RawEvent<'_, PolkadotConfig>) -> Option<E> {
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
    /// Signs, submits, waits, and reads the outcome.
    pub(super) async fn send(
        &self,
        call: &Call,
        signer: &Pair,
        nonce: u64,
        until: Until,
    ) -> Result<Receipt, ChainError> {
        let failed = |error: &dyn fmt::Display| {
            ChainError::Refused(Refusal::Pool(PoolRefusal::from_words(&one_line(error))))
        };
        let params = DefaultExtrinsicParamsBuilder::<PolkadotConfig>::new()
            .nonce(nonce)
            .mortal(LIFE)
            .build();
        let at = self.finalized().await?;
        let mut progress = at
            .transactions()
            .sign_and_submit_then_watch(&encode(call), signer, params)
            .await
            .map_err(|error| failed(&error))?;
        while let Some(status) = progress.next().await {
            let found = match status.map_err(|_| ChainError::Lost(self.url.clone()))? {
                TransactionStatus::InBestBlock(found) if until == Until::Included => found,
                TransactionStatus::InFinalizedBlock(found) => found,
                TransactionStatus::Error { message }
                | TransactionStatus::Invalid { message }
                | TransactionStatus::Dropped { message } => {
                    return Err(ChainError::Dropped(message))
                }
                TransactionStatus::Validated
                | TransactionStatus::Broadcasted
                | TransactionStatus::InBestBlock(_)
                | TransactionStatus::NoLongerInBestBlock => continue,
            };
            return self.receipt(found.block_hash(), found.extrinsic_hash()).await;
        }
        Err(ChainError::Lost(self.url.clone()))
    }

    /// How a transaction in a block went.
    async fn receipt(&self, block: H256, extrinsic: H256) -> Result<Receipt, ChainError> {
        let failed = |error: &dyn fmt::Display| self.unreadable("how the transaction went", error);
        let found: SignedBlock = self
            .rpc
            .request("chain_getBlock", rpc_params![block])
            .await
            .map_err(|error| failed(&error))?;
        let index = found
            .block
            .extrinsics
            .iter()
            .position(|one| one.hash() == Some(extrinsic.0))
            .and_then(|index| u32::try_from(index).ok())
            .ok_or_else(|| failed(&"it is not in the block it should be in"))?;
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
            None => Ok(Receipt { block: at.block_number(), events: own.known() }),
            Some(bytes) => {
                let error = DispatchError::decode_from(bytes, at.metadata())
                    .map_err(|error| failed(&error))?;
                Err(ChainError::Refused(refusal(&error)))
            }
        }
    }

    pub(super) async fn estimate_fee(
        &self,
        call: &Call,
        signer: &Pair,
    ) -> Result<Amount, ChainError> {
        let at = self.finalized().await?;
        let failed =
            |error: &dyn fmt::Display| self.unreadable("what the transaction costs", error);
        let params = DefaultExtrinsicParamsBuilder::<PolkadotConfig>::new().nonce(0).build();
        let signed = at
            .transactions()
            .create_signed(&encode(call), signer, params)
            .await
            .map_err(|error| failed(&error))?;
        signed.partial_fee_estimate().await.map(Amount).map_err(|error| failed(&error))
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
