// SPDX-License-Identifier: Apache-2.0
//! What transactions call. How that is encoded is the business of whoever submits them.

use super::{Block, ConsultationId, ProtocolId};
use crate::{address::AccountId, amount::Amount};
use cso_primitives::{ModelCommitment, RecordCommitment, SealingPublicKey};

/// A call of the runtime.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Call {
    /// `Balances.transfer_keep_alive`.
    Transfer {
        /// Who receives.
        to: AccountId,
        /// How much.
        amount: Amount,
    },
    /// `Balances.transfer_all`: leaves nothing, not even the account.
    TransferAll {
        /// Who receives.
        to: AccountId,
    },
    /// `Experts.apply`.
    Apply {
        /// Where wallets hand off records.
        endpoint: String,
        /// What envelopes are sealed to.
        sealing_key: Box<SealingPublicKey>,
        /// Who signs for the expert.
        workers: Vec<AccountId>,
        /// Least fee.
        price: Amount,
    },
    /// `Experts.update`: what is `None` stays.
    Update {
        /// Where wallets hand off records.
        endpoint: Option<String>,
        /// What envelopes are sealed to.
        sealing_key: Option<Box<SealingPublicKey>>,
        /// Least fee.
        price: Option<Amount>,
    },
    /// `Experts.set_workers`.
    SetWorkers {
        /// All of them.
        workers: Vec<AccountId>,
    },
    /// `Experts.withdraw`.
    Withdraw,
    /// `Experts.top_up`.
    TopUp,
    /// `Experts.publish`.
    Publish {
        /// The public description, JSON.
        description: String,
        /// Commitment to the private model.
        model: ModelCommitment,
    },
    /// `Experts.retire`.
    Retire {
        /// Which.
        protocol: ProtocolId,
    },
    /// `Experts.accredit`.
    Accredit {
        /// Whom.
        expert: AccountId,
        /// Last block of the accreditation.
        until: Block,
    },
    /// `Experts.suspend`.
    Suspend {
        /// Whom.
        expert: AccountId,
    },
    /// `Experts.reinstate`.
    Reinstate {
        /// Whom.
        expert: AccountId,
    },
    /// `Experts.revoke`.
    Revoke {
        /// Whom.
        expert: AccountId,
    },
    /// `Experts.slash`.
    Slash {
        /// Whom.
        expert: AccountId,
        /// At most that much.
        amount: Amount,
    },
    /// `Consultations.request`.
    Request {
        /// Who is asked.
        expert: AccountId,
        /// Commitment to the record.
        record: RecordCommitment,
        /// The sealed envelope.
        envelope: Vec<u8>,
        /// What the expert gets.
        fee: Amount,
        /// Last block for an answer.
        deadline: Block,
    },
    /// `Consultations.accept`.
    Accept {
        /// Which.
        id: ConsultationId,
    },
    /// `Consultations.settle`.
    Settle {
        /// Which.
        id: ConsultationId,
    },
    /// `Consultations.expire`.
    Expire {
        /// Which.
        id: ConsultationId,
    },
    /// `Consultations.erase`.
    Erase {
        /// Which.
        id: ConsultationId,
    },
}
