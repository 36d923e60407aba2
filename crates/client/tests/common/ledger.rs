// SPDX-License-Identifier: Apache-2.0
//! What is on the chain in memory: balances, experts, consultations, and what calls do to them.

use cso_client::{
    amount::UNIT,
    chain::{
        Block, Call, Consultation, ConsultationId, Event, Expert, Opinion, PoolRefusal, Protocol,
        ProtocolId, Receipt, Refusal, Status,
    },
    AccountId,
};
use cso_primitives::DeclineReason;
use std::collections::BTreeMap;

/// What each transaction costs.
pub(crate) const FEE: u128 = UNIT / 100;
/// What is held for an expert.
pub(crate) const BOND: u128 = 1000 * UNIT;
/// What is held for a consultation until it's erased.
const DEPOSIT: u128 = UNIT * 9 / 10;
/// Blocks in which only the patient can release the fee.
const CHALLENGE: Block = 100;
/// The error of a pallet.
fn pallet(pallet: &str, error: &str) -> Refusal {
    Refusal::Pallet { pallet: pallet.into(), error: error.into(), docs: String::new() }
}

/// What an account has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Account {
    pub free: u128,
    pub held: u128,
    pub nonce: u64,
}

/// The state.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    pub block: Block,
    pub accounts: BTreeMap<[u8; 32], Account>,
    pub experts: BTreeMap<[u8; 32], Expert>,
    pub protocols: BTreeMap<([u8; 32], ProtocolId), Protocol>,
    pub consultations: BTreeMap<ConsultationId, Consultation>,
    pub envelopes: BTreeMap<ConsultationId, Vec<u8>>,
    pub opinions: BTreeMap<ConsultationId, Opinion>,
    pub next_id: ConsultationId,
    /// How many requests there were on each record.
    pub requests: BTreeMap<[u8; 32], usize>,
    /// Everything that transactions were charged.
    pub burnt: u128,
}

impl Ledger {
    fn account(&mut self, who: &AccountId) -> &mut Account {
        self.accounts.entry(who.0).or_default()
    }

    pub(crate) fn nonce(&self, who: &AccountId) -> u64 {
        self.accounts.get(&who.0).map_or(0, |account| account.nonce)
    }

    /// All coins there are, those that were burnt included.
    pub(crate) fn total(&self) -> u128 {
        let held: u128 = self.accounts.values().map(|one| one.free + one.held).sum();
        held + self.burnt
    }

    fn pay(&mut self, from: &AccountId, to: &AccountId, amount: u128) -> Result<(), Refusal> {
        let payer = self.account(from);
        payer.free = payer.free.checked_sub(amount).ok_or(Refusal::Funds)?;
        self.account(to).free += amount;
        Ok(())
    }

    fn hold(&mut self, who: &AccountId, amount: u128) -> Result<(), Refusal> {
        let account = self.account(who);
        account.free = account.free.checked_sub(amount).ok_or(Refusal::Funds)?;
        account.held += amount;
        Ok(())
    }

    fn release(&mut self, who: &AccountId, amount: u128) {
        let account = self.account(who);
        account.held -= amount;
        account.free += amount;
    }

    fn own(&self, id: ConsultationId, who: &AccountId) -> Result<Consultation, Refusal> {
        let found = self.consultations.get(&id).cloned();
        let found = found.ok_or_else(|| pallet("Consultations", "UnknownConsultation"))?;
        match found.patient == *who {
            true => Ok(found),
            false => Err(pallet("Consultations", "NotPatient")),
        }
    }

    fn set_status(&mut self, id: ConsultationId, status: Status) {
        if let Some(consultation) = self.consultations.get_mut(&id) {
            consultation.status = status;
        }
    }

    fn dispatch(&mut self, who: &AccountId, call: &Call) -> Result<Vec<Event>, Refusal> {
        match call {
            Call::Transfer { to, amount } => self.pay(who, to, amount.0)?,
            Call::TransferAll { to } => {
                let free = self.account(who).free;
                self.pay(who, to, free)?;
            }
            Call::Apply { .. } => self.hold(who, BOND)?,
            Call::Request { expert, record, envelope, fee, deadline } => {
                let price = self.experts.get(&expert.0).map(|one| one.price);
                let price = price.ok_or_else(|| pallet("Consultations", "UnknownExpert"))?;
                if fee.0 < price {
                    return Err(pallet("Consultations", "FeeTooLow"));
                }
                self.hold(who, fee.0 + DEPOSIT)?;
                let id = self.next_id;
                self.next_id += 1;
                *self.requests.entry(record.0).or_default() += 1;
                let consultation = Consultation {
                    patient: *who,
                    expert: *expert,
                    record: *record,
                    fee: fee.0,
                    deposit: DEPOSIT,
                    deadline: *deadline,
                    status: Status::Requested,
                };
                self.consultations.insert(id, consultation);
                self.envelopes.insert(id, envelope.clone());
                return Ok(vec![Event::Requested { id }]);
            }
            Call::Accept { id } => {
                let found = self.own(*id, who)?;
                if !matches!(found.status, Status::Delivered { .. }) {
                    return Err(pallet("Consultations", "NotDelivered"));
                }
                self.release(who, found.fee);
                self.pay(who, &found.expert, found.fee)?;
                self.set_status(*id, Status::Accepted);
            }
            Call::Expire { id } => {
                let found = self.consultations.get(id).cloned();
                let found = found.ok_or_else(|| pallet("Consultations", "UnknownConsultation"))?;
                if found.status != Status::Requested || self.block <= found.deadline {
                    return Err(pallet("Consultations", "DeadlineNotPassed"));
                }
                self.release(&found.patient, found.fee);
                self.set_status(*id, Status::Expired);
            }
            Call::Erase { id } => {
                let found = self.own(*id, who)?;
                if !found.status.is_closed() {
                    return Err(pallet("Consultations", "NotClosed"));
                }
                self.release(who, found.deposit);
                self.consultations.remove(id);
                self.envelopes.remove(id);
                self.opinions.remove(id);
            }
            other => panic!("the test chain doesn't know {other:?}"),
        }
        Ok(vec![])
    }

    /// What the pool says of a transaction before it takes it.
    pub(crate) fn admits(&self, who: &AccountId, nonce: u64) -> Result<(), Refusal> {
        let account = self.accounts.get(&who.0).copied().unwrap_or_default();
        match () {
            () if nonce < account.nonce => Err(Refusal::Pool(PoolRefusal::Outdated)),
            () if account.free < FEE => Err(Refusal::Pool(PoolRefusal::Fee)),
            () => Ok(()),
        }
    }

    /// Includes a transaction that is due: its fee is charged, whether it succeeds or not.
    pub(crate) fn include(&mut self, who: &AccountId, call: &Call) -> Result<Receipt, Refusal> {
        let account = self.account(who);
        account.free -= FEE;
        account.nonce += 1;
        self.burnt += FEE;
        let before = self.clone();
        let result = self.dispatch(who, call);
        if result.is_err() {
            *self = before;
        }
        // An account without anything is closed, and its nonce begins again.
        let closed = |account: &Account| account.free == 0 && account.held == 0;
        if self.accounts.get(&who.0).is_some_and(closed) {
            self.accounts.remove(&who.0);
        }
        result.map(|events| Receipt { block: self.block, events })
    }

    /// The expert's worker declines: the record didn't come.
    pub(crate) fn decline(&mut self, id: ConsultationId) {
        if let Some(found) = self.consultations.get(&id).cloned() {
            self.release(&found.patient, found.fee);
            self.set_status(id, Status::Declined { reason: DeclineReason::RecordMissing });
        }
    }

    /// The expert's worker delivers.
    pub(crate) fn deliver(
        &mut self,
        id: ConsultationId,
        worker: AccountId,
        answer: Vec<u8>,
        note: Vec<u8>,
    ) {
        let delivered = self.block;
        self.opinions.insert(id, Opinion { worker, answer, note, delivered });
        self.set_status(id, Status::Delivered { accept_by: self.block + CHALLENGE });
    }
}
