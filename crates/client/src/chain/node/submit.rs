// SPDX-License-Identifier: Apache-2.0
//! Transactions: signing, sending, and waiting until they count.

use super::{
    anchor_of, calls::encode, one_line, Call, Chain, ChainError, NodeChain, Receipt, Signed, Until,
};
use crate::{
    amount::Amount,
    chain::{PoolRefusal, Refusal},
    keys::Pair,
    secret::Secret,
};
use std::fmt;
use subxt::{
    error::{BackendError, ExtrinsicError, RpcError},
    rpcs::{Error, UserError},
    tx::TransactionStatus,
    utils::H256,
};

/// Period of a signed transaction's era, in blocks: those after the one it was signed at that can
/// include it are one fewer.
const LIFE: u64 = 64;

impl NodeChain {
    /// Signs with the account's next nonce.
    pub(super) async fn create_signed(
        &self,
        call: &Call,
        signer: &Pair,
    ) -> Result<Signed, ChainError> {
        let nonce = self.nonce(&signer.account()).await?;
        let at = self.finalized().await?;
        let params = self.config.params(at.spec_version(), nonce, LIFE);
        let signed = at
            .transactions()
            .create_signed(&encode(call), signer, params)
            .await
            .map_err(|error| self.not_signed(&error))?;
        let born = anchor_of(&at);
        let last = born.block.saturating_add(LIFE - 1);
        Ok(Signed { bytes: signed.into_encoded(), nonce, born, last })
    }

    /// Sends, waits, and reads how it went.
    pub(super) async fn send_and_wait(
        &self,
        signed: &Signed,
        until: Until,
    ) -> Result<Receipt, ChainError> {
        let at = self.finalized().await?;
        let transaction = at.transactions().from_bytes(signed.bytes.clone());
        let mut progress =
            transaction.submit_and_watch().await.map_err(|error| self.not_taken(&error))?;
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
            return self.receipt(found.block_hash(), signed).await;
        }
        Err(ChainError::Lost(self.url.clone()))
    }

    /// How a transaction in a block went.
    async fn receipt(&self, block: H256, signed: &Signed) -> Result<Receipt, ChainError> {
        let index = self.position(block, &signed.hash()).await?.ok_or_else(|| {
            self.unreadable("how the transaction went", &"it is not in the block it should be in")
        })?;
        Ok(self.outcome(block, index).await??)
    }

    fn not_signed(&self, error: &dyn fmt::Display) -> ChainError {
        let reason = one_line(error);
        match PoolRefusal::from_words(&reason) {
            PoolRefusal::UnknownCall(_) => {
                ChainError::Refused(Refusal::Pool(PoolRefusal::UnknownCall(reason)))
            }
            _ => self.unreadable("what a transaction needs", error),
        }
    }

    /// Why a node didn't take a transaction: its pool's reason, if it gave one.
    fn not_taken(&self, error: &ExtrinsicError) -> ChainError {
        match rpc_error(error) {
            Some(Error::User(refusal)) => {
                ChainError::Refused(Refusal::Pool(PoolRefusal::from_words(&words(refusal))))
            }
            _ => ChainError::Lost(self.url.clone()),
        }
    }

    pub(super) async fn estimate_fee(&self, call: &Call) -> Result<Amount, ChainError> {
        let at = self.finalized().await?;
        let failed =
            |error: &dyn fmt::Display| self.unreadable("what the transaction costs", error);
        // As long as the real one; a node could do nothing with it.
        let nobody = Pair::from_seed(Secret::random().expose()).map_err(|error| failed(&error))?;
        let params = self.config.params(at.spec_version(), 0, LIFE);
        let signed = at
            .transactions()
            .create_signed(&encode(call), &nobody, params)
            .await
            .map_err(|error| failed(&error))?;
        signed.partial_fee_estimate().await.map(Amount).map_err(|error| failed(&error))
    }
}

fn rpc_error(error: &ExtrinsicError) -> Option<&Error> {
    match error {
        ExtrinsicError::ErrorSubmittingTransaction(BackendError::Rpc(RpcError::ClientError(
            error,
        ))) => Some(error),
        _ => None,
    }
}

/// What a node says: the reason is in `data`, the message names its kind alone.
fn words(error: &UserError) -> String {
    let data = error.data.as_ref().map(|data| data.get().trim_matches('"').to_owned());
    match data {
        Some(data) => format!("{}: {data}", error.message),
        None => error.message.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_of_a_refusal_is_in_its_data() {
        let text = r#"{"code":1010,"message":"Invalid Transaction","data":"Inability to pay some fees (e.g. account balance too low)"}"#;
        let error: UserError = serde_json::from_str(text).unwrap();
        assert_eq!(PoolRefusal::from_words(&words(&error)), PoolRefusal::Fee);
        let text =
            r#"{"code":1010,"message":"Invalid Transaction","data":"Transaction is outdated"}"#;
        let error: UserError = serde_json::from_str(text).unwrap();
        assert_eq!(PoolRefusal::from_words(&words(&error)), PoolRefusal::Outdated);
    }
}
