// SPDX-License-Identifier: Apache-2.0
//! The questions the wallet asks the chain.
//!
//! What a request relies on (experts, protocols) is read at the finalised block. What the user
//! waits for (consultations, balances) is read at the best block: an opinion that a fork takes back
//! is delivered again.

use super::{
    AccountInfo, At, Balance, Block, Chain, ChainError, Consultation, Expert, Load, Opinion,
    Protocol,
};
use crate::amount::Amount;
use serde_json::Value;
use subxt::{dynamic, ext::scale_decode::DecodeAsType, utils::AccountId32};

/// What the wallet shows of a chain.
#[derive(Debug)]
pub struct Head {
    /// Name of the runtime.
    pub spec_name: String,
    /// Version of the runtime.
    pub spec_version: u32,
    /// Best block.
    pub best: Block,
    /// Finalised block.
    pub finalized: Block,
}

impl Chain {
    /// Names and heights.
    pub async fn head(&self) -> Result<Head, ChainError> {
        let best = self.best().await?;
        let finalized = self.finalized().await?;
        let version: Value = self
            .rpc
            .request("state_getRuntimeVersion", subxt::rpcs::rpc_params![])
            .await
            .map_err(|error| self.unreadable("its runtime's version", &error))?;
        Ok(Head {
            spec_name: version["specName"].as_str().unwrap_or_default().to_owned(),
            spec_version: best.spec_version(),
            best: best.block_number(),
            finalized: finalized.block_number(),
        })
    }

    /// Number of the best block.
    pub async fn best_block(&self) -> Result<Block, ChainError> {
        Ok(self.best().await?.block_number())
    }

    /// An expert, and the block it was read at.
    pub async fn expert(
        &self,
        expert: &AccountId32,
    ) -> Result<(Option<Expert>, Block), ChainError> {
        let at = self.finalized().await?;
        let found = self.get(&at, "Experts", "Experts", (expert.0,)).await?;
        Ok((found, at.block_number()))
    }

    /// All experts, in no order, and the block they were read at.
    pub async fn experts(&self) -> Result<(Vec<(AccountId32, Expert)>, Block), ChainError> {
        let at = self.finalized().await?;
        let address = dynamic::storage::<([u8; 32],), Expert>("Experts", "Experts");
        let failed = |error: &dyn std::fmt::Display| self.unreadable("its experts", error);
        let storage = at.storage();
        let mut entries = storage.iter(address, ()).await.map_err(|error| failed(&error))?;
        let mut experts = Vec::new();
        while let Some(entry) = entries.next().await {
            let entry = entry.map_err(|error| failed(&error))?;
            let key = entry.key().and_then(|key| key.decode()).map_err(|error| failed(&error))?;
            let expert = entry.value().decode().map_err(|error| failed(&error))?;
            experts.push((AccountId32(key.0), expert));
        }
        Ok((experts, at.block_number()))
    }

    /// One protocol of an expert.
    pub async fn protocol(
        &self,
        expert: &AccountId32,
        protocol: u32,
    ) -> Result<Option<Protocol>, ChainError> {
        let at = self.finalized().await?;
        self.get(&at, "Experts", "Protocols", (expert.0, protocol)).await
    }

    /// All protocols of an expert, by number.
    pub async fn protocols(
        &self,
        expert: &AccountId32,
    ) -> Result<Vec<(u32, Protocol)>, ChainError> {
        let at = self.finalized().await?;
        let address = dynamic::storage::<([u8; 32], u32), Protocol>("Experts", "Protocols");
        let failed =
            |error: &dyn std::fmt::Display| self.unreadable("the expert's protocols", error);
        let storage = at.storage();
        let mut entries =
            storage.iter(address, (expert.0,)).await.map_err(|error| failed(&error))?;
        let mut protocols = Vec::new();
        while let Some(entry) = entries.next().await {
            let entry = entry.map_err(|error| failed(&error))?;
            let key = entry.key().and_then(|key| key.decode()).map_err(|error| failed(&error))?;
            let protocol = entry.value().decode().map_err(|error| failed(&error))?;
            protocols.push((key.1, protocol));
        }
        protocols.sort_by_key(|(number, _)| *number);
        Ok(protocols)
    }

    /// A consultation, and the block it was read at.
    pub async fn consultation(&self, id: u64) -> Result<(Option<Consultation>, Block), ChainError> {
        let at = self.best().await?;
        let found = self.get(&at, "Consultations", "Consultations", (id,)).await?;
        Ok((found, at.block_number()))
    }

    /// The number of the consultation that carries this record commitment, if the chain has one.
    pub async fn consultation_of_record(
        &self,
        record: &[u8; 32],
    ) -> Result<Option<u64>, ChainError> {
        let at = self.finalized().await?;
        let address = dynamic::storage::<(u64,), Consultation>("Consultations", "Consultations");
        let failed = |error: &dyn std::fmt::Display| self.unreadable("its consultations", error);
        let storage = at.storage();
        let mut entries = storage.iter(address, ()).await.map_err(|error| failed(&error))?;
        while let Some(entry) = entries.next().await {
            let entry = entry.map_err(|error| failed(&error))?;
            let found = entry.value().decode().map_err(|error| failed(&error))?;
            if found.record == *record {
                let key =
                    entry.key().and_then(|key| key.decode()).map_err(|error| failed(&error))?;
                return Ok(Some(key.0));
            }
        }
        Ok(None)
    }

    /// The opinion on a consultation.
    pub async fn opinion(&self, id: u64) -> Result<Option<Opinion>, ChainError> {
        let at = self.best().await?;
        self.get(&at, "Consultations", "Opinions", (id,)).await
    }

    /// What an account has. An account that doesn't exist has nothing.
    pub async fn balance(&self, account: &AccountId32) -> Result<Balance, ChainError> {
        let at = self.best().await?;
        let info: Option<AccountInfo> = self.get(&at, "System", "Account", (account.0,)).await?;
        Ok(info.map_or_else(Balance::default, |info| Balance {
            free: Amount(info.data.free),
            held: Amount(info.data.reserved),
        }))
    }

    /// What an expert has to do and to get.
    pub async fn load(&self, expert: &AccountId32) -> Result<Load, ChainError> {
        let at = self.best().await?;
        let found = self.get(&at, "Consultations", "Loads", (expert.0,)).await?;
        Ok(found.unwrap_or_default())
    }

    /// Transactions of the account that are in finalised blocks.
    pub async fn settled_nonce(&self, account: &AccountId32) -> Result<u64, ChainError> {
        let at = self.finalized().await?;
        let info: Option<AccountInfo> = self.get(&at, "System", "Account", (account.0,)).await?;
        Ok(info.map_or(0, |info| info.nonce))
    }

    /// Transactions the account has sent, those in the pool included: the nonce of the next one.
    pub async fn nonce(&self, account: &AccountId32) -> Result<u64, ChainError> {
        self.methods
            .system_account_next_index(account)
            .await
            .map_err(|error| self.unreadable("the account's nonce", &error))
    }

    /// A number among the runtime's constants.
    pub async fn constant(&self, pallet: &str, name: &str) -> Result<u128, ChainError> {
        let at = self.finalized().await?;
        at.constants()
            .entry(dynamic::constant::<u128>(pallet, name))
            .map_err(|error| self.unreadable(&format!("its constant {pallet}.{name}"), &error))
    }

    /// Milliseconds between two blocks.
    pub async fn block_ms(&self) -> Result<u64, ChainError> {
        let at = self.finalized().await?;
        let call = dynamic::runtime_api_call::<_, u64>("AuraApi", "slot_duration", ());
        at.runtime_apis()
            .call(call)
            .await
            .map_err(|error| self.unreadable("the time between blocks", &error))
    }

    /// What the node's evaluator says of itself; `None` if the node has none or doesn't tell.
    pub async fn evaluator_status(&self) -> Option<Value> {
        self.rpc.request("cso_evaluatorStatus", subxt::rpcs::rpc_params![]).await.ok()
    }

    /// Puts a worker's key into the keystore of the node. Only nodes that trust the caller allow
    /// it.
    pub async fn insert_worker_key(
        &self,
        suri: &str,
        public: &AccountId32,
    ) -> Result<(), ChainError> {
        self.methods
            .author_insert_key(WORKER_KEY_TYPE.into(), suri.into(), public.0.to_vec())
            .await
            .map_err(|error| {
                ChainError::Refused(format!(
                    "the node at {} doesn't take the key ({}); use the expert's own node on the same machine, or start it with --rpc-methods unsafe",
                    self.url,
                    super::one_line(&error)
                ))
            })
    }

    async fn get<Key, Value>(
        &self,
        at: &At,
        pallet: &str,
        entry: &str,
        key: Key,
    ) -> Result<Option<Value>, ChainError>
    where
        Key: subxt::ext::frame_decode::storage::IntoEncodableValues
            + subxt::ext::frame_decode::storage::IntoDecodableValues,
        Value: DecodeAsType,
    {
        let failed =
            |error: &dyn std::fmt::Display| self.unreadable(&format!("{pallet}.{entry}"), error);
        let address = dynamic::storage::<Key, Value>(pallet, entry);
        let found = at.storage().try_fetch(address, key).await.map_err(|error| failed(&error))?;
        found.map(|value| value.decode().map_err(|error| failed(&error))).transpose()
    }
}

/// Key type of the workers' keys in a node's keystore.
const WORKER_KEY_TYPE: &str = "csow";
