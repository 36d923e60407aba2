// SPDX-License-Identifier: Apache-2.0
//! The questions asked of a node.

use super::{
    decode::AccountInfo, one_line, At, Balance, ChainError, Consultation, ConsultationId, Expert,
    Head, Health, NodeChain, Parameters, Protocol, ProtocolId,
};
use crate::{address::AccountId, amount::Amount, secret::Secret};
use cso_primitives::WORKER_KEY_TYPE;
use serde_json::Value;
use std::{collections::BTreeMap, fmt};
use subxt::{dynamic, ext::scale_decode::DecodeAsType, rpcs::rpc_params};
use zeroize::Zeroizing;

impl NodeChain {
    pub(super) async fn read_head(&self) -> Result<Head, ChainError> {
        let best = self.best().await?;
        let finalized = self.finalized().await?;
        let version: Value = self
            .rpc
            .request("state_getRuntimeVersion", rpc_params![])
            .await
            .map_err(|error| self.unreadable("its runtime's version", &error))?;
        Ok(Head {
            spec_name: version["specName"].as_str().unwrap_or_default().to_owned(),
            spec_version: best.spec_version(),
            best: best.block_number(),
            finalized: finalized.block_number(),
        })
    }

    pub(super) async fn read_health(&self) -> Result<Health, ChainError> {
        let said = self
            .methods
            .system_health()
            .await
            .map_err(|error| self.unreadable("how it is", &error))?;
        let at = self.best().await?;
        let now = self.get::<(), u64>(&at, "Timestamp", "Now", ()).await?;
        Ok(Health {
            peers: said.peers,
            should_have_peers: said.should_have_peers,
            is_syncing: said.is_syncing,
            best_block_ms: now.unwrap_or_default(),
        })
    }

    pub(super) async fn read_parameters(&self) -> Result<Parameters, ChainError> {
        let at = self.finalized().await?;
        let constant = |pallet: &str, name: &str| {
            at.constants()
                .entry(dynamic::constant::<u128>(pallet, name))
                .map_err(|error| self.unreadable(&format!("its constant {pallet}.{name}"), &error))
        };
        let term = |name: &str| -> Result<u64, ChainError> {
            let blocks = constant("Consultations", name)?;
            Ok(u64::try_from(blocks).unwrap_or(u64::MAX))
        };
        let slot = dynamic::runtime_api_call::<_, u64>("AuraApi", "slot_duration", ());
        let block_ms = at
            .runtime_apis()
            .call(slot)
            .await
            .map_err(|error| self.unreadable("the time between blocks", &error))?;
        Ok(Parameters {
            min_term: term("MinTerm")?,
            max_term: term("MaxTerm")?,
            bond: Amount(constant("Experts", "Bond")?),
            block_ms,
        })
    }

    pub(super) async fn read_experts(&self) -> Result<(Vec<(AccountId, Expert)>, u64), ChainError> {
        let at = self.finalized().await?;
        let address = dynamic::storage::<([u8; 32],), Expert>("Experts", "Experts");
        let failed = |error: &dyn fmt::Display| self.unreadable("its experts", error);
        let storage = at.storage();
        let mut entries = storage.iter(address, ()).await.map_err(|error| failed(&error))?;
        let mut experts = Vec::new();
        while let Some(entry) = entries.next().await {
            let entry = entry.map_err(|error| failed(&error))?;
            let key = entry.key().and_then(|key| key.decode()).map_err(|error| failed(&error))?;
            let expert = entry.value().decode().map_err(|error| failed(&error))?;
            experts.push((subxt::utils::AccountId32(key.0), expert));
        }
        Ok((experts, at.block_number()))
    }

    pub(super) async fn read_protocols(
        &self,
        expert: &AccountId,
    ) -> Result<Vec<(ProtocolId, Protocol)>, ChainError> {
        let at = self.finalized().await?;
        let address = dynamic::storage::<([u8; 32], u32), Protocol>("Experts", "Protocols");
        let failed = |error: &dyn fmt::Display| self.unreadable("the expert's protocols", error);
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

    /// The first consultation in the finalised state that fits.
    pub(super) async fn find(
        &self,
        fits: impl Fn(&Consultation) -> bool,
    ) -> Result<Option<ConsultationId>, ChainError> {
        let at = self.finalized().await?;
        let address = dynamic::storage::<(u64,), Consultation>("Consultations", "Consultations");
        let failed = |error: &dyn fmt::Display| self.unreadable("its consultations", error);
        let storage = at.storage();
        let mut entries = storage.iter(address, ()).await.map_err(|error| failed(&error))?;
        while let Some(entry) = entries.next().await {
            let entry = entry.map_err(|error| failed(&error))?;
            let found = entry.value().decode().map_err(|error| failed(&error))?;
            if fits(&found) {
                let key =
                    entry.key().and_then(|key| key.decode()).map_err(|error| failed(&error))?;
                return Ok(Some(key.0));
            }
        }
        Ok(None)
    }

    pub(super) async fn read_balances(&self) -> Result<BTreeMap<[u8; 32], Balance>, ChainError> {
        let at = self.finalized().await?;
        let address = dynamic::storage::<([u8; 32],), AccountInfo>("System", "Account");
        let failed = |error: &dyn fmt::Display| self.unreadable("its accounts", error);
        let storage = at.storage();
        let mut entries = storage.iter(address, ()).await.map_err(|error| failed(&error))?;
        let mut balances = BTreeMap::new();
        while let Some(entry) = entries.next().await {
            let entry = entry.map_err(|error| failed(&error))?;
            let key = entry.key().and_then(|key| key.decode()).map_err(|error| failed(&error))?;
            let info = entry.value().decode().map_err(|error| failed(&error))?;
            balances.insert(key.0, balance(&info));
        }
        Ok(balances)
    }

    pub(super) async fn balance_at(
        &self,
        at: &At,
        account: &AccountId,
    ) -> Result<Balance, ChainError> {
        let info: Option<AccountInfo> = self.get(at, "System", "Account", (account.0,)).await?;
        Ok(info.as_ref().map_or_else(Balance::default, balance))
    }

    pub(super) async fn nonce_at(&self, at: &At, account: &AccountId) -> Result<u64, ChainError> {
        let info: Option<AccountInfo> = self.get(at, "System", "Account", (account.0,)).await?;
        Ok(info.map_or(0, |info| info.nonce))
    }

    /// What the node's evaluator says of itself, as JSON; `None` if the node has none or doesn't
    /// tell.
    pub async fn evaluator_status(&self) -> Option<Value> {
        self.rpc.request("cso_evaluatorStatus", rpc_params![]).await.ok()
    }

    /// Puts a worker's key into the keystore of the node: its seed, and nothing above it. Only
    /// nodes that trust the caller allow it, and they keep whatever they get: that the seed makes
    /// the account `public` is for [`worker_seed`](crate::expert::worker_seed) to see to.
    ///
    /// # Errors
    ///
    /// [`ChainError::Keystore`] if the node doesn't take it.
    pub async fn insert_worker_key(
        &self,
        seed: &Secret<32>,
        public: &AccountId,
    ) -> Result<(), ChainError> {
        let key_type = String::from_utf8_lossy(&WORKER_KEY_TYPE).into_owned();
        let digits = Zeroizing::new(hex::encode(seed.expose()));
        // What the RPC client makes of it, it doesn't wipe.
        let suri = format!("0x{}", *digits);
        self.methods.author_insert_key(key_type, suri, public.0.to_vec()).await.map_err(|error| {
            ChainError::Keystore { url: self.url.clone(), reason: one_line(&error) }
        })
    }

    pub(super) async fn get<Key, Value>(
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
            |error: &dyn fmt::Display| self.unreadable(&format!("{pallet}.{entry}"), error);
        let address = dynamic::storage::<Key, Value>(pallet, entry);
        let found = at.storage().try_fetch(address, key).await.map_err(|error| failed(&error))?;
        found.map(|value| value.decode().map_err(|error| failed(&error))).transpose()
    }
}

fn balance(info: &AccountInfo) -> Balance {
    Balance { free: Amount(info.data.free), held: Amount(info.data.reserved) }
}
