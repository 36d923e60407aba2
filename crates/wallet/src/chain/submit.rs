// SPDX-License-Identifier: Apache-2.0
//! Transactions: what they call, signing, and waiting until they count.

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
    /// It is in the best block: enough for a transaction that only prepares the next one of the same user.
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
            Self::Hex(text) => hex::decode(text.trim_start_matches("0x"))
                .ok()
                .map(|bytes| blake2_256(&[&bytes])),
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
            return self
                .receipt(found.block_hash(), found.extrinsic_hash())
                .await;
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
        let at = self
            .api
            .at_block(block)
            .await
            .map_err(|error| failed(&error))?;
        let events = at.events().fetch().await.map_err(|error| failed(&error))?;
        let receipt = Receipt {
            block: at.block_number(),
            index,
            events,
        };
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
        let params = DefaultExtrinsicParamsBuilder::<PolkadotConfig>::new()
            .nonce(0)
            .build();
        let signed = at
            .transactions()
            .create_signed(call, signer, params)
            .await
            .map_err(|error| failed(&error))?;
        signed
            .partial_fee_estimate()
            .await
            .map(Amount)
            .map_err(|error| failed(&error))
    }
}

fn refusal(error: &DispatchError) -> String {
    match error {
        DispatchError::Module(module) => match module.details() {
            Ok(details) => explain::module(
                details.pallet.name(),
                &details.variant.name,
                &details.variant.docs,
            ),
            Err(_) => format!("the chain refused: {}", module.details_string()),
        },
        DispatchError::BadOrigin => explain::BAD_ORIGIN.to_owned(),
        DispatchError::Token(error) => explain::token(error),
        other => format!("the chain refused: {}", one_line(other)),
    }
}

/// The calls the wallet makes.
pub mod calls {
    use super::Amount;
    use subxt::{
        dynamic::{self, Value},
        tx::Payload,
        utils::{AccountId32, MultiAddress},
    };

    type To = MultiAddress<AccountId32, ()>;

    /// `Balances.transfer_keep_alive`.
    pub fn transfer(to: AccountId32, amount: Amount) -> impl Payload {
        dynamic::tx("Balances", "transfer_keep_alive", (To::Id(to), amount.0))
    }

    /// `Balances.transfer_all`: leaves nothing, not even the account.
    pub fn transfer_all(to: AccountId32) -> impl Payload {
        dynamic::tx("Balances", "transfer_all", (To::Id(to), false))
    }

    /// `Experts.apply`.
    pub fn apply(
        endpoint: &str,
        sealing_key: &[u8],
        workers: Vec<AccountId32>,
        price: Amount,
    ) -> impl Payload {
        let arguments = (
            Value::from_bytes(endpoint),
            Value::from_bytes(sealing_key),
            Value::unnamed_composite(workers.iter().map(|worker| Value::from_bytes(worker.0))),
            Value::u128(price.0),
        );
        dynamic::tx("Experts", "apply", arguments)
    }

    /// `Experts.update`.
    pub fn update(
        endpoint: Option<&str>,
        sealing_key: Option<&[u8]>,
        price: Option<Amount>,
    ) -> impl Payload {
        let arguments = (
            option(endpoint.map(Value::from_bytes)),
            option(sealing_key.map(Value::from_bytes)),
            option(price.map(|price| Value::u128(price.0))),
        );
        dynamic::tx("Experts", "update", arguments)
    }

    /// `Experts.set_workers`.
    pub fn set_workers(workers: &[AccountId32]) -> impl Payload {
        let workers =
            Value::unnamed_composite(workers.iter().map(|worker| Value::from_bytes(worker.0)));
        dynamic::tx("Experts", "set_workers", (workers,))
    }

    /// `Experts.withdraw`.
    pub fn withdraw() -> impl Payload {
        dynamic::tx("Experts", "withdraw", ())
    }

    /// `Experts.top_up`.
    pub fn top_up() -> impl Payload {
        dynamic::tx("Experts", "top_up", ())
    }

    /// `Experts.publish`.
    pub fn publish(description: &str, model: [u8; 32]) -> impl Payload {
        let arguments = (Value::from_bytes(description), Value::from_bytes(model));
        dynamic::tx("Experts", "publish", arguments)
    }

    /// `Experts.retire`.
    pub fn retire(protocol: u32) -> impl Payload {
        dynamic::tx("Experts", "retire", (protocol,))
    }

    /// `Experts.accredit`.
    pub fn accredit(expert: AccountId32, until: u32) -> impl Payload {
        dynamic::tx("Experts", "accredit", (expert, until))
    }

    /// `Experts.suspend`.
    pub fn suspend(expert: AccountId32) -> impl Payload {
        dynamic::tx("Experts", "suspend", (expert,))
    }

    /// `Experts.reinstate`.
    pub fn reinstate(expert: AccountId32) -> impl Payload {
        dynamic::tx("Experts", "reinstate", (expert,))
    }

    /// `Experts.revoke`.
    pub fn revoke(expert: AccountId32) -> impl Payload {
        dynamic::tx("Experts", "revoke", (expert,))
    }

    /// `Experts.slash`.
    pub fn slash(expert: AccountId32, amount: Amount) -> impl Payload {
        dynamic::tx("Experts", "slash", (expert, amount.0))
    }

    /// `Consultations.request`.
    pub fn request(
        expert: AccountId32,
        record: [u8; 32],
        envelope: &[u8],
        fee: Amount,
        deadline: u32,
    ) -> impl Payload {
        let arguments = (
            Value::from_bytes(expert.0),
            Value::from_bytes(record),
            Value::from_bytes(envelope),
            Value::u128(fee.0),
            Value::u128(deadline.into()),
        );
        dynamic::tx("Consultations", "request", arguments)
    }

    /// `Consultations.accept`, `settle`, `expire` or `erase`.
    pub fn close(call: &'static str, id: u64) -> impl Payload {
        dynamic::tx("Consultations", call, (id,))
    }

    fn option(value: Option<Value>) -> Value {
        match value {
            Some(value) => Value::unnamed_variant("Some", [value]),
            None => Value::unnamed_variant("None", []),
        }
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
