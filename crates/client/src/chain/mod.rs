// SPDX-License-Identifier: Apache-2.0
//! The chain as the steps see it: a trait, and what is read and submitted through it.
//!
//! | module | what |
//! |---|---|
//! | `types` | what is read, as typed structs |
//! | `call` | what transactions call |
//! | `event` | what transactions cause |
//! | `transaction` | transactions from signing to settling |
//! | `error`, `refusal` | what can go wrong, and the runtime's refusals as sentences |
//! | [`node`] | a real node, over JSON-RPC |
//!
//! No wallet file and no medicine here.

mod call;
mod error;
mod event;
pub mod node;
mod refusal;
mod transaction;
mod types;

pub use call::Call;
pub use error::ChainError;
pub use event::{Event, Receipt};
pub use refusal::{PoolRefusal, Refusal};
pub use transaction::{Anchor, Fate, Reach, Signed};
pub use types::{
    Balance, Block, Consultation, ConsultationId, Expert, ExpertStatus, GenesisHash, Head, Health,
    Load, Opinion, Parameters, Protocol, ProtocolId, Status,
};

use crate::{address::AccountId, amount::Amount, keys::Pair};
use cso_primitives::RecordCommitment;
use std::collections::BTreeMap;

/// How long to wait for a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// It is in the best block: enough for a transaction that only prepares the next one of the
    /// same user.
    Included,
    /// It is in a finalised block: it stays.
    Finalized,
}

/// A chain that has experts and consultations.
///
/// What a request relies on (experts, protocols) is read at the finalised block. What a user waits
/// for (consultations, balances) is read at the best block: an opinion that a fork takes back is
/// delivered again.
///
/// # Errors
///
/// Each method: [`ChainError`].
#[allow(async_fn_in_trait)] // Callers block on one task, or run in a browser: no `Send` is needed.
pub trait Chain {
    /// Where it's reached, for messages.
    fn url(&self) -> &str;

    /// What tells it from all other chains.
    fn genesis(&self) -> GenesisHash;

    /// Name, version and heights.
    async fn head(&self) -> Result<Head, ChainError>;

    /// How the node is.
    async fn health(&self) -> Result<Health, ChainError>;

    /// Number of the best block.
    async fn best_block(&self) -> Result<Block, ChainError>;

    /// When a block was made, by its author's clock: milliseconds since 1970. `None` if the node
    /// doesn't have the block, or no longer what is in it.
    async fn time_of(&self, block: Block) -> Result<Option<u64>, ChainError>;

    /// What the runtime fixes.
    async fn parameters(&self) -> Result<Parameters, ChainError>;

    /// An expert, and the block it was read at.
    async fn expert(&self, expert: &AccountId) -> Result<(Option<Expert>, Block), ChainError>;

    /// All experts, in no order, and the block they were read at.
    async fn experts(&self) -> Result<(Vec<(AccountId, Expert)>, Block), ChainError>;

    /// One protocol of an expert.
    async fn protocol(
        &self,
        expert: &AccountId,
        protocol: ProtocolId,
    ) -> Result<Option<Protocol>, ChainError>;

    /// All protocols of an expert, by number.
    async fn protocols(
        &self,
        expert: &AccountId,
    ) -> Result<Vec<(ProtocolId, Protocol)>, ChainError>;

    /// What an expert has to do and to get.
    async fn load(&self, expert: &AccountId) -> Result<Load, ChainError>;

    /// A consultation, and the block it was read at.
    async fn consultation(
        &self,
        id: ConsultationId,
    ) -> Result<(Option<Consultation>, Block), ChainError>;

    /// A consultation in the finalised state.
    async fn finalized_consultation(
        &self,
        id: ConsultationId,
    ) -> Result<Option<Consultation>, ChainError>;

    /// The number of the consultation of that patient with that expert on that record in the
    /// finalised state. Commitments are public: somebody else may have used the same.
    async fn find_consultation(
        &self,
        patient: &AccountId,
        expert: &AccountId,
        record: &RecordCommitment,
    ) -> Result<Option<ConsultationId>, ChainError>;

    /// The opinion on a consultation.
    async fn opinion(&self, id: ConsultationId) -> Result<Option<Opinion>, ChainError>;

    /// What an account has. An account that doesn't exist has nothing.
    async fn balance(&self, account: &AccountId) -> Result<Balance, ChainError>;

    /// What each account has in the finalised state.
    async fn finalized_balances(&self) -> Result<BTreeMap<[u8; 32], Balance>, ChainError>;

    /// What an account has in the finalised state.
    async fn finalized_balance(&self, account: &AccountId) -> Result<Balance, ChainError>;

    /// Transactions the account has sent, those in the pool included: the nonce of the next one.
    async fn nonce(&self, account: &AccountId) -> Result<u64, ChainError>;

    /// Transactions of the account in the finalised state.
    async fn finalized_nonce(&self, account: &AccountId) -> Result<u64, ChainError>;

    /// The last finalised block.
    async fn anchor(&self) -> Result<Anchor, ChainError>;

    /// Whether the finalised chain has that block.
    async fn reach(&self, anchor: &Anchor) -> Result<Reach, ChainError>;

    /// What the chain will charge for a transaction.
    async fn fee(&self, call: &Call) -> Result<Amount, ChainError>;

    /// Signs a call with the account's next nonce; nothing is sent. Two transactions of one account
    /// with one nonce can't both be included.
    async fn sign(&self, call: &Call, signer: &Pair) -> Result<Signed, ChainError>;

    /// Sends a signed transaction as it is, waits, and reads how it went. Sending what was sent
    /// before does nothing new. An error says nothing of what becomes of the transaction:
    /// [`Self::fate`] does.
    async fn send(&self, signed: &Signed, until: Until) -> Result<Receipt, ChainError>;

    /// What has become of a transaction of `account`.
    async fn fate(&self, signed: &Signed, account: &AccountId) -> Result<Fate, ChainError>;

    /// Signs and sends.
    async fn submit(
        &self,
        call: &Call,
        signer: &Pair,
        until: Until,
    ) -> Result<Receipt, ChainError> {
        let signed = self.sign(call, signer).await?;
        self.send(&signed, until).await
    }
}
