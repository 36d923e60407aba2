// SPDX-License-Identifier: Apache-2.0
//! A chain in memory: balances, experts, consultations, one block a transaction.

use super::{Fault, Faults};
use cso_client::{
    amount::UNIT,
    chain::{
        Balance, Block, Call, Chain, ChainError, Consultation, ConsultationId, Event, Expert,
        GenesisHash, Head, Health, Load, Opinion, Parameters, PoolRefusal, Protocol, ProtocolId,
        Receipt, Refusal, Status, Until,
    },
    AccountId, Amount, Pair,
};
use cso_primitives::RecordCommitment;
use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

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
    /// Everything that transactions were charged.
    pub burnt: u128,
}

/// A connection to the chain.
#[derive(Clone, Debug)]
pub(crate) struct MemoryChain {
    pub ledger: Rc<RefCell<Ledger>>,
    pub genesis: GenesisHash,
    faults: Rc<Faults>,
}

impl Ledger {
    fn account(&mut self, who: &AccountId) -> &mut Account {
        self.accounts.entry(who.0).or_default()
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

    /// Includes a transaction: its fee is charged, whether it succeeds or not.
    fn include(&mut self, who: &AccountId, nonce: u64, call: &Call) -> Result<Receipt, ChainError> {
        let account = self.account(who);
        if account.nonce != nonce {
            return Err(Refusal::Pool(PoolRefusal::Outdated).into());
        }
        if account.free < FEE {
            return Err(Refusal::Pool(PoolRefusal::Fee).into());
        }
        account.free -= FEE;
        account.nonce += 1;
        self.burnt += FEE;
        self.block += 1;
        let before = self.clone();
        match self.dispatch(who, call) {
            Ok(events) => Ok(Receipt { block: self.block, events }),
            Err(refusal) => {
                *self = before;
                Err(refusal.into())
            }
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
        self.block += 1;
        let delivered = self.block;
        self.opinions.insert(id, Opinion { worker, answer, note, delivered });
        self.set_status(id, Status::Delivered { accept_by: self.block + CHALLENGE });
    }
}

impl MemoryChain {
    pub(crate) fn new(faults: &Rc<Faults>) -> Self {
        let genesis = GenesisHash([7; 32]);
        Self { ledger: Rc::default(), genesis, faults: faults.clone() }
    }

    fn act<T>(&self, act: impl FnOnce(&mut Ledger) -> T) -> Result<T, ChainError> {
        match self.faults.next() {
            Some(Fault::Before) => Err(ChainError::Unreachable {
                url: self.url().to_owned(),
                reason: "the test says so".into(),
            }),
            Some(Fault::After) => {
                act(&mut self.ledger.borrow_mut());
                Err(ChainError::Lost(self.url().to_owned()))
            }
            None => Ok(act(&mut self.ledger.borrow_mut())),
        }
    }
}

impl Chain for MemoryChain {
    fn url(&self) -> &str {
        "ws://chain"
    }

    fn genesis(&self) -> GenesisHash {
        self.genesis
    }

    async fn head(&self) -> Result<Head, ChainError> {
        self.act(|ledger| Head {
            spec_name: "test".into(),
            spec_version: 1,
            best: ledger.block,
            finalized: ledger.block,
        })
    }

    async fn health(&self) -> Result<Health, ChainError> {
        self.act(|ledger| Health {
            peers: 0,
            should_have_peers: false,
            is_syncing: false,
            best_block_ms: ledger.block * 3000,
        })
    }

    async fn best_block(&self) -> Result<Block, ChainError> {
        self.act(|ledger| ledger.block)
    }

    async fn parameters(&self) -> Result<Parameters, ChainError> {
        self.act(|_| Parameters {
            min_term: 5,
            max_term: 10_000,
            bond: Amount(BOND),
            block_ms: 3000,
        })
    }

    async fn expert(&self, expert: &AccountId) -> Result<(Option<Expert>, Block), ChainError> {
        self.act(|ledger| (ledger.experts.get(&expert.0).cloned(), ledger.block))
    }

    async fn experts(&self) -> Result<(Vec<(AccountId, Expert)>, Block), ChainError> {
        self.act(|ledger| {
            let experts = ledger.experts.iter();
            let experts = experts.map(|(address, expert)| (account(address), expert.clone()));
            (experts.collect(), ledger.block)
        })
    }

    async fn protocol(
        &self,
        expert: &AccountId,
        protocol: ProtocolId,
    ) -> Result<Option<Protocol>, ChainError> {
        self.act(|ledger| ledger.protocols.get(&(expert.0, protocol)).cloned())
    }

    async fn protocols(
        &self,
        expert: &AccountId,
    ) -> Result<Vec<(ProtocolId, Protocol)>, ChainError> {
        self.act(|ledger| {
            let all = ledger.protocols.iter();
            all.filter(|((owner, _), _)| *owner == expert.0)
                .map(|((_, id), protocol)| (*id, protocol.clone()))
                .collect()
        })
    }

    async fn load(&self, _: &AccountId) -> Result<Load, ChainError> {
        self.act(|_| Load::default())
    }

    async fn consultation(
        &self,
        id: ConsultationId,
    ) -> Result<(Option<Consultation>, Block), ChainError> {
        self.act(|ledger| (ledger.consultations.get(&id).cloned(), ledger.block))
    }

    async fn consultation_of_record(
        &self,
        record: &RecordCommitment,
    ) -> Result<Option<ConsultationId>, ChainError> {
        self.act(|ledger| {
            let mut all = ledger.consultations.iter();
            all.find(|(_, one)| one.record == *record).map(|(id, _)| *id)
        })
    }

    async fn opinion(&self, id: ConsultationId) -> Result<Option<Opinion>, ChainError> {
        self.act(|ledger| ledger.opinions.get(&id).cloned())
    }

    async fn balance(&self, account: &AccountId) -> Result<Balance, ChainError> {
        self.act(|ledger| {
            let Account { free, held, .. } = *ledger.account(account);
            Balance { free: Amount(free), held: Amount(held) }
        })
    }

    async fn nonce(&self, account: &AccountId) -> Result<u64, ChainError> {
        self.act(|ledger| ledger.account(account).nonce)
    }

    async fn finalized_nonce(&self, account: &AccountId) -> Result<u64, ChainError> {
        self.act(|ledger| ledger.account(account).nonce)
    }

    async fn fee(&self, _: &Call, _: &Pair) -> Result<Amount, ChainError> {
        self.act(|_| Amount(FEE))
    }

    async fn submit_with_nonce(
        &self,
        call: &Call,
        signer: &Pair,
        nonce: u64,
        _: Until,
    ) -> Result<Receipt, ChainError> {
        self.act(|ledger| ledger.include(&signer.account(), nonce, call))?
    }
}

fn account(bytes: &[u8; 32]) -> AccountId {
    let mut account = cso_client::Pair::from_seed(&[1; 32]).unwrap().account();
    account.0 = *bytes;
    account
}
