// SPDX-License-Identifier: Apache-2.0
//! Transactions: signing, submitting, and waiting until they count.

use super::{explain, hop::blake2_256, one_line, Block, Chain, ChainError};
use crate::amount::Amount;
use crate::keys::Pair;
use serde::Deserialize;
use subxt::{
    config::DefaultExtrinsicParamsBuilder,
    error::DispatchError,
    events::{Event, Events, Phase},
    ext::scale_decode::DecodeAsFields,
    rpcs::rpc_params,
    tx::{Payload, TransactionStatus},
    utils::H256,
    PolkadotConfig,
};

/// Blocks that a signed transaction stays valid for.
const LIFE: u64 = 64;

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// It is in the best block: enough for a transaction that only prepares the next one of the
    /// same user.
    Included,
    /// It is in a finalised block: it stays.
    Finalized,
}

/// A transaction that succeeded.
pub struct Receipt {
    /// Number of its block.
    pub block: Block,
    /// Its place in the block.
    index: u32,
    events: Events<PolkadotConfig>,
}

impl Receipt {
    /// The first event of that name.
    pub fn event<E: DecodeAsFields>(&self, pallet: &str, name: &str) -> Option<E> {
        self.own_events()
            .find(|event| event.pallet_name() == pallet && event.event_name() == name)
            .and_then(|event| event.decode_fields_unchecked_as().ok())
    }

    fn own_events(&self) -> impl Iterator<Item = Event<'_, PolkadotConfig>> {
        self.events
            .iter()
            .filter_map(Result::ok)
            .filter(|event| event.phase() == Phase::ApplyExtrinsic(self.index))
    }
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

impl Chain {
    /// Signs, submits, waits, and reads the outcome.
    pub async fn submit<Call: Payload>(
        &self,
        call: &Call,
        signer: &Pair,
        until: Until,
    ) -> Result<Receipt, ChainError> {
        let nonce = self.nonce(&signer.account()).await?;
        self.submit_with_nonce(call, signer, nonce, until).await
    }

    /// The same with a given nonce: two transactions with one nonce can't both be included.
    pub async fn submit_with_nonce<Call: Payload>(
        &self,
        call: &Call,
        signer: &Pair,
        nonce: u64,
        until: Until,
    ) -> Result<Receipt, ChainError> {
        let failed = |error: &dyn std::fmt::Display| {
            ChainError::Refused(explain::rejection(&one_line(error)))
        };
        let params = DefaultExtrinsicParamsBuilder::<PolkadotConfig>::new()
            .nonce(nonce)
            .mortal(LIFE)
            .build();
        let at = self.finalized().await?;
        let mut progress = at
            .transactions()
            .sign_and_submit_then_watch(call, signer, params)
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
        let failed =
            |error: &dyn std::fmt::Display| self.unreadable("how the transaction went", error);
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
        let receipt = Receipt { block: at.block_number(), index, events };
        let failure = receipt
            .own_events()
            .find(|event| {
                event.pallet_name() == "System" && event.event_name() == "ExtrinsicFailed"
            })
            .map(|event| event.field_bytes().to_vec());
        match failure {
            None => Ok(receipt),
            Some(bytes) => {
                let error = DispatchError::decode_from(bytes, at.metadata())
                    .map_err(|error| failed(&error))?;
                Err(ChainError::Refused(refusal(&error)))
            }
        }
    }

    /// What the chain will charge for a transaction.
    pub async fn fee<Call: Payload>(
        &self,
        call: &Call,
        signer: &Pair,
    ) -> Result<Amount, ChainError> {
        let at = self.finalized().await?;
        let failed =
            |error: &dyn std::fmt::Display| self.unreadable("what the transaction costs", error);
        let params = DefaultExtrinsicParamsBuilder::<PolkadotConfig>::new().nonce(0).build();
        let signed = at
            .transactions()
            .create_signed(call, signer, params)
            .await
            .map_err(|error| failed(&error))?;
        signed.partial_fee_estimate().await.map(Amount).map_err(|error| failed(&error))
    }
}

fn refusal(error: &DispatchError) -> String {
    match error {
        DispatchError::Module(module) => match module.details() {
            Ok(details) => {
                explain::module(details.pallet.name(), &details.variant.name, &details.variant.docs)
            }
            Err(_) => format!("the chain refused: {}", module.details_string()),
        },
        DispatchError::BadOrigin => explain::BAD_ORIGIN.to_owned(),
        DispatchError::Token(error) => explain::token(error),
        other => format!("the chain refused: {}", one_line(other)),
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
