// SPDX-License-Identifier: Apache-2.0
//! A chain in memory, with what makes real ones hard: blocks that aren't final yet and may be taken
//! back, a pool that forgets, a node that lags behind.

use super::{
    ledger::{Account, Ledger, BOND, FEE},
    Fault, Faults,
};
use cso_client::{
    amount::UNIT,
    chain::{
        Anchor, Balance, Block, Call, Chain, ChainError, Consultation, ConsultationId, Expert,
        Fate, GenesisHash, Head, Health, Load, Opinion, Parameters, PoolRefusal, Protocol,
        ProtocolId, Reach, Receipt, Refusal, Signed, Until,
    },
    AccountId, Amount, Pair,
};
use cso_primitives::RecordCommitment;
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
    sync::atomic::{AtomicU64, Ordering},
};

/// Blocks that can include a transaction after the one it was signed at.
const LIFE: Block = 63;

/// Blocks ever made, on whatever chain: their hashes.
static MADE: AtomicU64 = AtomicU64::new(1);

/// How a transaction in a block went.
type Outcome = Result<Receipt, Refusal>;

/// A transaction with what its bytes mean: they are a number.
#[derive(Clone, Debug)]
struct Transaction {
    signed: Signed,
    who: AccountId,
    call: Call,
}

/// A block with the state after it. Its number is its index.
#[derive(Clone, Debug)]
struct Sealed {
    hash: [u8; 32],
    ledger: Ledger,
    included: Vec<(Vec<u8>, Outcome)>,
}

/// What all connections lead to.
#[derive(Debug, Default)]
struct Network {
    /// The best chain, the genesis block first.
    blocks: Vec<Sealed>,
    /// The last final block.
    finalized: usize,
    pool: Vec<Transaction>,
    signed: BTreeMap<Vec<u8>, Transaction>,
    /// How many blocks the node is behind.
    lag: usize,
}

/// A connection to the chain.
#[derive(Clone, Debug)]
pub(crate) struct MemoryChain {
    /// The best state.
    pub ledger: Rc<RefCell<Ledger>>,
    pub genesis: GenesisHash,
    network: Rc<RefCell<Network>>,
    faults: Rc<Faults>,
    /// Whether each transaction makes a block, which is final at once; else the test makes them.
    at_once: Rc<Cell<bool>>,
}

impl Network {
    /// The best block that the node knows.
    fn best(&self) -> usize {
        self.blocks.len().saturating_sub(1 + self.lag)
    }

    /// The last final block that the node knows.
    fn last_final(&self) -> usize {
        self.finalized.min(self.best())
    }

    fn anchor(&self, index: usize) -> Anchor {
        Anchor { block: index as Block, hash: self.blocks[index].hash }
    }

    fn reach(&self, anchor: &Anchor) -> Reach {
        let finalized = self.last_final() as Block;
        match usize::try_from(anchor.block) {
            Ok(index) if anchor.block <= finalized => {
                match self.blocks[index].hash == anchor.hash {
                    true => Reach::Within,
                    false => Reach::Elsewhere,
                }
            }
            _ => Reach::Behind { finalized },
        }
    }

    /// Where the chain that the node knows has a transaction, and how it went.
    fn find(&self, signed: &Signed) -> Option<(usize, Outcome)> {
        let blocks = self.blocks.iter().enumerate().take(self.best() + 1);
        let mut found = blocks.flat_map(|(index, block)| {
            block.included.iter().map(move |(bytes, outcome)| (index, bytes, outcome))
        });
        let found = found.find(|(_, bytes, _)| **bytes == signed.bytes);
        found.map(|(index, _, outcome)| (index, outcome.clone()))
    }

    /// Whether a transaction can be in the next block, as far as its time goes.
    fn is_in_time(&self, signed: &Signed) -> bool {
        let born = usize::try_from(signed.born.block).ok().and_then(|it| self.blocks.get(it));
        signed.last >= self.blocks.len() as Block
            && born.is_some_and(|block| block.hash == signed.born.hash)
    }

    /// Takes a transaction into the pool.
    fn take(&mut self, signed: &Signed) -> Result<(), Refusal> {
        let transaction = self.signed[&signed.bytes].clone();
        let Transaction { who, .. } = &transaction;
        if self.pool.iter().any(|one| one.who == *who && one.signed.nonce == signed.nonce) {
            return Err(Refusal::Pool(PoolRefusal::Busy));
        }
        if !self.is_in_time(signed) {
            return Err(Refusal::Pool(PoolRefusal::Other("ancient birth block".into())));
        }
        self.blocks[self.best()].ledger.admits(who, signed.nonce)?;
        self.pool.push(transaction);
        Ok(())
    }

    /// The nonce of an account's next transaction.
    fn next_nonce(&self, ledger: &Ledger, who: &AccountId) -> u64 {
        let mut nonce = ledger.nonce(who);
        while self.pool.iter().any(|one| one.who == *who && one.signed.nonce == nonce) {
            nonce += 1;
        }
        nonce
    }
}

impl MemoryChain {
    pub(crate) fn new(faults: &Rc<Faults>) -> Self {
        let chain = Self {
            ledger: Rc::default(),
            genesis: GenesisHash([7; 32]),
            network: Rc::default(),
            faults: faults.clone(),
            at_once: Rc::new(Cell::new(true)),
        };
        chain.seal(Vec::new());
        chain
    }

    /// From now on the test makes the blocks, and commands take turns.
    pub(crate) fn make_blocks_by_hand(&self) {
        self.settle();
        self.at_once.set(false);
        self.faults.take_turns();
    }

    /// What a test has put into the best state belongs to the last block.
    fn settle(&self) {
        if let Some(last) = self.network.borrow_mut().blocks.last_mut() {
            last.ledger = self.ledger.borrow().clone();
        }
    }

    fn seal(&self, included: Vec<(Vec<u8>, Outcome)>) {
        let network = &mut *self.network.borrow_mut();
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&MADE.fetch_add(1, Ordering::Relaxed).to_le_bytes());
        network.blocks.push(Sealed { hash, ledger: self.ledger.borrow().clone(), included });
        if self.at_once.get() {
            network.finalized = network.blocks.len() - 1;
        }
    }

    /// Makes a block of what is due in the pool.
    pub(crate) fn make_block(&self) {
        let mut included = Vec::new();
        {
            let network = &mut *self.network.borrow_mut();
            let ledger = &mut *self.ledger.borrow_mut();
            ledger.block += 1;
            for one in std::mem::take(&mut network.pool) {
                if !network.is_in_time(&one.signed) {
                    continue;
                }
                match ledger.admits(&one.who, one.signed.nonce) {
                    Ok(()) if ledger.nonce(&one.who) == one.signed.nonce => {
                        let outcome = ledger.include(&one.who, &one.call);
                        included.push((one.signed.bytes, outcome));
                    }
                    Ok(()) => network.pool.push(one),
                    Err(_) => {}
                }
            }
        }
        self.seal(included);
    }

    /// Lets the expert's worker deliver, in a block of its own.
    pub(crate) fn deliver(
        &self,
        id: ConsultationId,
        worker: AccountId,
        answer: Vec<u8>,
        note: Vec<u8>,
    ) {
        {
            let mut ledger = self.ledger.borrow_mut();
            ledger.block += 1;
            ledger.deliver(id, worker, answer, note);
        }
        self.seal(Vec::new());
    }

    /// Lets it decline instead.
    pub(crate) fn decline(&self, id: ConsultationId) {
        {
            let mut ledger = self.ledger.borrow_mut();
            ledger.block += 1;
            ledger.decline(id);
        }
        self.seal(Vec::new());
    }

    /// Makes so many more blocks final.
    pub(crate) fn finalize(&self, count: usize) {
        let network = &mut *self.network.borrow_mut();
        network.finalized = network.finalized.saturating_add(count).min(network.blocks.len() - 1);
    }

    /// Another fork wins: so many blocks are taken back, but for final ones. Their transactions are
    /// in the pool again, or lost.
    pub(crate) fn reorganize(&self, depth: usize, lost: bool) {
        let network = &mut *self.network.borrow_mut();
        let keep = network.blocks.len().saturating_sub(depth).max(network.finalized + 1);
        for block in network.blocks.split_off(keep) {
            for (bytes, _) in block.included.into_iter().filter(|_| !lost) {
                network.pool.push(network.signed[&bytes].clone());
            }
        }
        if let Some(last) = network.blocks.last() {
            *self.ledger.borrow_mut() = last.ledger.clone();
        }
    }

    /// How many transactions wait in the pool.
    pub(crate) fn pending(&self) -> usize {
        self.network.borrow().pool.len()
    }

    /// The node starts anew: its pool is empty.
    pub(crate) fn restart(&self) {
        self.network.borrow_mut().pool.clear();
    }

    /// The wallet talks to a node that is so many blocks behind.
    pub(crate) fn lag(&self, blocks: usize) {
        self.network.borrow_mut().lag = blocks;
    }

    /// The state that the node calls best.
    fn best<T>(&self, read: impl FnOnce(&Ledger) -> T) -> T {
        let network = self.network.borrow();
        match network.lag {
            0 => read(&self.ledger.borrow()),
            _ => read(&network.blocks[network.best()].ledger),
        }
    }

    /// The state that the node calls final.
    pub(crate) fn finalized<T>(&self, read: impl FnOnce(&Ledger) -> T) -> T {
        let network = self.network.borrow();
        match self.at_once.get() && network.lag == 0 {
            true => read(&self.ledger.borrow()),
            false => read(&network.blocks[network.last_final()].ledger),
        }
    }

    async fn act<T>(&self, act: impl FnOnce() -> T) -> Result<T, ChainError> {
        self.faults.turn().await;
        let result = match self.faults.next() {
            Some(Fault::Before) => Err(ChainError::Unreachable {
                url: self.url().to_owned(),
                reason: "the test says so".into(),
            }),
            Some(Fault::After) => {
                act();
                Err(ChainError::Lost(self.url().to_owned()))
            }
            None => Ok(act()),
        };
        self.faults.turn().await;
        result
    }

    /// The node takes a transaction, and, if blocks are made at once, includes it.
    fn take(&self, signed: &Signed) -> Result<(), Refusal> {
        if self.at_once.get() {
            self.settle();
        }
        self.network.borrow_mut().take(signed)?;
        if self.at_once.get() {
            self.make_block();
        }
        Ok(())
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
        self.act(|| Head {
            spec_name: "test".into(),
            spec_version: 1,
            best: self.best(|ledger| ledger.block),
            finalized: self.finalized(|ledger| ledger.block),
        })
        .await
    }

    async fn health(&self) -> Result<Health, ChainError> {
        self.act(|| Health {
            peers: 0,
            should_have_peers: false,
            is_syncing: self.network.borrow().lag > 0,
            best_block_ms: self.best(|ledger| ledger.block * 3000),
        })
        .await
    }

    async fn best_block(&self) -> Result<Block, ChainError> {
        self.act(|| self.best(|ledger| ledger.block)).await
    }

    async fn time_of(&self, block: Block) -> Result<Option<u64>, ChainError> {
        self.act(|| self.best(|ledger| (block <= ledger.block).then_some(block * 3000))).await
    }

    async fn parameters(&self) -> Result<Parameters, ChainError> {
        self.act(|| Parameters {
            min_term: 5,
            max_term: 10_000,
            bond: Amount(BOND),
            block_ms: 3000,
        })
        .await
    }

    async fn expert(&self, expert: &AccountId) -> Result<(Option<Expert>, Block), ChainError> {
        self.act(|| self.finalized(|ledger| (ledger.experts.get(&expert.0).cloned(), ledger.block)))
            .await
    }

    async fn experts(&self) -> Result<(Vec<(AccountId, Expert)>, Block), ChainError> {
        self.act(|| {
            self.finalized(|ledger| {
                let experts = ledger.experts.iter();
                let experts = experts.map(|(address, expert)| (account(address), expert.clone()));
                (experts.collect(), ledger.block)
            })
        })
        .await
    }

    async fn protocol(
        &self,
        expert: &AccountId,
        protocol: ProtocolId,
    ) -> Result<Option<Protocol>, ChainError> {
        let key = (expert.0, protocol);
        self.act(|| self.finalized(|ledger| ledger.protocols.get(&key).cloned())).await
    }

    async fn protocols(
        &self,
        expert: &AccountId,
    ) -> Result<Vec<(ProtocolId, Protocol)>, ChainError> {
        self.act(|| {
            self.finalized(|ledger| {
                let all = ledger.protocols.iter();
                all.filter(|((owner, _), _)| *owner == expert.0)
                    .map(|((_, id), protocol)| (*id, protocol.clone()))
                    .collect()
            })
        })
        .await
    }

    async fn load(&self, _: &AccountId) -> Result<Load, ChainError> {
        self.act(Load::default).await
    }

    async fn consultation(
        &self,
        id: ConsultationId,
    ) -> Result<(Option<Consultation>, Block), ChainError> {
        let read = |ledger: &Ledger| (ledger.consultations.get(&id).cloned(), ledger.block);
        self.act(|| self.best(read)).await
    }

    async fn finalized_consultation(
        &self,
        id: ConsultationId,
    ) -> Result<Option<Consultation>, ChainError> {
        self.act(|| self.finalized(|ledger| ledger.consultations.get(&id).cloned())).await
    }

    async fn find_consultation(
        &self,
        patient: &AccountId,
        expert: &AccountId,
        record: &RecordCommitment,
    ) -> Result<Option<ConsultationId>, ChainError> {
        self.act(|| {
            self.finalized(|ledger| {
                let mut all = ledger.consultations.iter();
                let fits = |one: &Consultation| {
                    one.patient == *patient && one.expert == *expert && one.record == *record
                };
                all.find(|(_, one)| fits(one)).map(|(id, _)| *id)
            })
        })
        .await
    }

    async fn opinion(&self, id: ConsultationId) -> Result<Option<Opinion>, ChainError> {
        self.act(|| self.best(|ledger| ledger.opinions.get(&id).cloned())).await
    }

    async fn balance(&self, account: &AccountId) -> Result<Balance, ChainError> {
        self.act(|| {
            let found = self.best(|ledger| ledger.accounts.get(&account.0).copied());
            let found = found.unwrap_or_default();
            Balance { free: Amount(found.free), held: Amount(found.held) }
        })
        .await
    }

    async fn finalized_balances(&self) -> Result<BTreeMap<[u8; 32], Balance>, ChainError> {
        let balance = |one: &Account| Balance { free: Amount(one.free), held: Amount(one.held) };
        self.act(|| {
            self.finalized(|ledger| {
                ledger.accounts.iter().map(|(account, one)| (*account, balance(one))).collect()
            })
        })
        .await
    }

    async fn finalized_balance(&self, account: &AccountId) -> Result<Balance, ChainError> {
        self.act(|| {
            let found = self.finalized(|ledger| ledger.accounts.get(&account.0).copied());
            let found = found.unwrap_or_default();
            Balance { free: Amount(found.free), held: Amount(found.held) }
        })
        .await
    }

    async fn finalized_nonce(&self, account: &AccountId) -> Result<u64, ChainError> {
        self.act(|| {
            self.finalized(|ledger| ledger.accounts.get(&account.0).map_or(0, |found| found.nonce))
        })
        .await
    }

    async fn nonce(&self, account: &AccountId) -> Result<u64, ChainError> {
        self.act(|| self.best(|ledger| self.network.borrow().next_nonce(ledger, account))).await
    }

    async fn anchor(&self) -> Result<Anchor, ChainError> {
        self.act(|| {
            let network = self.network.borrow();
            network.anchor(network.last_final())
        })
        .await
    }

    async fn reach(&self, anchor: &Anchor) -> Result<Reach, ChainError> {
        self.act(|| self.network.borrow().reach(anchor)).await
    }

    async fn fee(&self, _: &Call) -> Result<Amount, ChainError> {
        self.act(|| Amount(FEE)).await
    }

    async fn sign(&self, call: &Call, signer: &Pair) -> Result<Signed, ChainError> {
        self.act(|| {
            let who = signer.account();
            let nonce = self.best(|ledger| self.network.borrow().next_nonce(ledger, &who));
            let network = &mut *self.network.borrow_mut();
            let born = network.anchor(network.last_final());
            let bytes = network.signed.len().to_le_bytes().to_vec();
            let signed = Signed { bytes, nonce, born, last: born.block + LIFE };
            let transaction = Transaction { signed: signed.clone(), who, call: call.clone() };
            network.signed.insert(signed.bytes.clone(), transaction);
            signed
        })
        .await
    }

    async fn send(&self, signed: &Signed, until: Until) -> Result<Receipt, ChainError> {
        self.act(|| self.take(signed)).await??;
        loop {
            let (found, waits, last_final) = {
                let network = self.network.borrow();
                let waits = network.pool.iter().any(|one| one.signed == *signed);
                (network.find(signed), waits, network.last_final())
            };
            match found {
                Some((index, outcome)) if until == Until::Included || index <= last_final => {
                    return Ok(outcome?)
                }
                None if !waits => return Err(ChainError::Dropped("the test says so".into())),
                _ => self.faults.turn().await,
            }
        }
    }

    async fn fate(&self, signed: &Signed, account: &AccountId) -> Result<Fate, ChainError> {
        let url = self.url().to_owned();
        let block = signed.born.block;
        self.act(|| {
            let network = self.network.borrow();
            let last = network.last_final();
            match network.reach(&signed.born) {
                Reach::Within => {}
                Reach::Behind { .. } => return Ok(Fate::Open),
                Reach::Elsewhere => return Err(ChainError::OtherHistory { url, block }),
            }
            Ok(match network.find(signed) {
                Some((index, Ok(receipt))) if index <= last => {
                    Fate::Done(receipt, network.anchor(index))
                }
                Some((index, Err(refusal))) if index <= last => Fate::Failed(refusal),
                _ => {
                    let over = last as Block >= signed.last;
                    let taken = self.finalized(|ledger| ledger.nonce(account)) > signed.nonce;
                    match over || taken {
                        true => Fate::Dead,
                        false => Fate::Open,
                    }
                }
            })
        })
        .await?
    }
}

fn account(bytes: &[u8; 32]) -> AccountId {
    let mut account = Pair::from_seed(&[1; 32]).unwrap().account();
    account.0 = *bytes;
    account
}
