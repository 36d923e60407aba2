// SPDX-License-Identifier: Apache-2.0
//! A patient with a wallet between chain and expert, who goes on until nothing is left to do.

use super::{Clinic, Faults, MemoryChain, MemoryHandOff, MemoryStorage};
use cso_client::{
    amount::UNIT,
    chain::Status,
    clock::{Clock, Pause},
    consultation::{Filling, Offer, Payer, Session, Standing, Terms, Which},
    progress::Silent,
    secret::SecretText,
    vault::{Asker, Dossier, Stage, Vault, VaultError, Wallet},
    Amount, Pair,
};
use cso_fhe::Profile;
use std::{cell::Cell, error::Error, rc::Rc, time::Duration};

/// The patient's account.
pub(crate) const PATIENT: &str = "//Dave";

/// When stories begin: in 2026.
const BEGIN: Duration = Duration::from_secs(1_790_000_000);

/// A clock that runs only while somebody waits.
#[derive(Debug, Default)]
pub(crate) struct TestClock(Cell<Duration>);

impl Clock for TestClock {
    fn pause(&self, duration: Duration) -> Pause<'_> {
        self.0.set(self.0.get() + duration);
        Box::pin(std::future::ready(()))
    }

    fn elapsed(&self) -> Duration {
        self.0.get()
    }

    fn now(&self) -> Duration {
        BEGIN + self.0.get()
    }
}

/// Everything a story needs.
#[derive(Debug)]
pub(crate) struct World {
    pub faults: Rc<Faults>,
    pub chain: MemoryChain,
    pub pool: MemoryHandOff,
    pub storage: MemoryStorage,
    pub clock: TestClock,
    pub clinic: Clinic,
    /// How much money there was at first.
    pub coins: u128,
}

/// What the patient did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Prepared,
    Requested,
    Answered,
    Accepted,
    Erased,
}

/// A session with the world's parts.
pub(super) type WorldSession<'a> = Session<'a, MemoryChain, MemoryHandOff, MemoryStorage>;

impl World {
    /// The answers that the patient gives.
    pub(crate) const ANSWERS: [(&'static str, &'static str); 7] = [
        ("respiration", "24"),
        ("systolic", "95"),
        ("gcs", "14"),
        ("age", "60"),
        ("infection", "yes"),
        ("intensive-care", "no"),
        ("pregnant", "no"),
    ];

    /// A patient with 100 CSO, an expert who can be asked.
    pub(crate) async fn new() -> Self {
        let faults = Rc::new(Faults::default());
        let chain = MemoryChain::new(&faults);
        let clinic = Clinic::open();
        clinic.publish(&chain);
        let patient = Pair::from_suri(PATIENT).unwrap();
        let account = super::Account { free: 100 * UNIT, held: 0, nonce: 0 };
        chain.ledger.borrow_mut().accounts.insert(patient.account().0, account);
        let storage = MemoryStorage::new(&faults);
        let pool = MemoryHandOff::new(&faults);
        let coins = chain.ledger.borrow().total();
        let clock = TestClock::default();
        let world = Self { faults, chain, pool, storage, clock, clinic, coins };
        let vault = Vault::create(world.storage.clone(), passphrase()).unwrap();
        vault
            .with_work(1)
            .change(|wallet| -> Result<(), VaultError> { Ok(wallet.add("me", &patient, None)?) })
            .await
            .unwrap();
        world
    }

    /// Opens the wallet anew, as each command does.
    pub(crate) async fn vault(&self) -> Result<Vault<MemoryStorage>, VaultError> {
        Ok(Vault::open(self.storage.clone(), passphrase()).await?.with_work(1))
    }

    /// The wallet as it's stored, without anything that may fail.
    pub(crate) async fn peek(&self) -> Wallet {
        let storage = self.storage.without_faults();
        Vault::open(storage, passphrase()).await.unwrap().wallet().clone()
    }

    pub(crate) fn session<'a>(&'a self, vault: &'a mut Vault<MemoryStorage>) -> WorldSession<'a> {
        Session {
            chain: &self.chain,
            hand_off: &self.pool,
            vault,
            clock: &self.clock,
            progress: &Silent,
        }
    }

    pub(crate) fn terms(&self, payer: Payer) -> Terms {
        Terms {
            fee: Amount(Clinic::PRICE),
            deadline_blocks: 1200,
            question: "Is it sepsis?".into(),
            endpoint: "ws://expert".into(),
            profile: Profile::Private,
            payer,
        }
    }

    /// The answers, to that protocol's questions.
    pub(crate) fn filling(offer: &Offer) -> Filling<'_> {
        let mut filling = Filling::new(&offer.description);
        for (id, text) in Self::ANSWERS {
            filling.read_answer(id, text, "the test").unwrap();
        }
        filling
    }

    /// Makes keys and encrypts the answers.
    pub(crate) async fn prepare(
        &self,
        vault: &mut Vault<MemoryStorage>,
        payer: Payer,
    ) -> Result<String, Box<dyn Error>> {
        let offer = Offer::fetch(&self.chain, self.clinic.account, "qsofa").await?;
        let filling = Self::filling(&offer);
        let terms = self.terms(payer);
        let prepared = self.session(vault).prepare(&offer, &filling, terms).await?;
        Ok(prepared.handle().to_owned())
    }

    /// One step of the whole story, told by what wallet and chain say; `None` at its end.
    pub(crate) async fn step(&self, payer: &Payer) -> Result<Option<Next>, Box<dyn Error>> {
        let mut vault = self.vault().await?;
        let Some(dossier) = vault.wallet().dossiers.last() else {
            self.prepare(&mut vault, payer.clone()).await?;
            return Ok(Some(Next::Prepared));
        };
        let handle = dossier.handle.clone();
        let id = match dossier.stage {
            Stage::Prepared | Stage::Submitting { .. } => {
                self.session(&mut vault).send(&handle).await?;
                return Ok(Some(Next::Requested));
            }
            Stage::Requested { id } => id,
            Stage::Erased { .. } => return Ok(None),
        };
        let standing = Standing::look(&self.chain, &Which::of(dossier)).await?;
        match standing.found.map(|found| found.status) {
            Some(Status::Requested) => {
                self.clinic.answer(&self.chain, &self.pool, id);
                Ok(Some(Next::Answered))
            }
            Some(Status::Delivered { .. }) => {
                {
                    let mut session = self.session(&mut vault);
                    let opened = session.open(Some(&handle)).await?;
                    assert_eq!(opened.outputs, self.clinic.in_clear(&Self::ANSWERS));
                }
                self.session(&mut vault).accept(&handle).await?;
                Ok(Some(Next::Accepted))
            }
            _ => {
                self.session(&mut vault).erase(&handle, None).await?;
                Ok(Some(Next::Erased))
            }
        }
    }

    /// The whole story to its end.
    pub(crate) async fn run(&self, payer: &Payer) -> Result<(), Box<dyn Error>> {
        while self.step(payer).await?.is_some() {}
        Ok(())
    }

    /// What must be true whatever has happened: no coin is made or lost, at most one request, and
    /// no keys are gone that something on chain still needs.
    pub(crate) async fn check(&self) {
        self.faults.clear();
        let vault = self.vault().await.unwrap();
        let ledger = self.chain.ledger.borrow();
        assert_eq!(ledger.total(), self.coins, "every coin is somewhere");
        assert!(ledger.requests.values().all(|count| *count == 1), "{:?}", ledger.requests);
        for consultation in ledger.consultations.values() {
            let mut all = vault.wallet().dossiers.iter();
            let own = all.find(|dossier| dossier.record == consultation.record);
            let own = own.expect("what is on chain is in the wallet");
            assert!(own.keys.is_some(), "the keys of an open consultation are there");
        }
        for dossier in &vault.wallet().dossiers {
            self.check_way_on(dossier);
        }
    }

    /// A record that may still have to go out is there.
    fn check_way_on(&self, dossier: &Dossier) {
        if dossier.stage == Stage::Prepared {
            assert!(self.storage.shelf.borrow().records.contains_key(&dossier.handle));
        }
    }

    /// What must be true at the end.
    pub(crate) async fn check_end(&self) {
        self.check().await;
        let vault = self.vault().await.unwrap();
        let dossier = vault.wallet().dossier(None).unwrap();
        assert!(dossier.is_erased() && dossier.keys.is_none() && dossier.question.is_empty());
        let ledger = self.chain.ledger.borrow();
        assert!(ledger.consultations.is_empty() && ledger.opinions.is_empty());
        assert!(self.pool.chunks.borrow().is_empty(), "the pool is empty");
        let patient = Pair::from_suri(PATIENT).unwrap().account();
        let earned = ledger.accounts[&self.clinic.account.0].free;
        assert_eq!(earned, Clinic::PRICE);
        let own = ledger.accounts[&patient.0];
        assert_eq!(own.held, 0);
        assert_eq!(own.free + earned + ledger.burnt, self.coins, "nothing is left behind");
        if let Asker::Fresh { .. } = dossier.account {
            let asker = vault.wallet().asking_pair(dossier).unwrap().account();
            assert!(!ledger.accounts.contains_key(&asker.0), "the account is closed");
        }
        assert!(self.storage.shelf.borrow().records.len() <= self.abandoned(&vault));
    }

    /// Encrypted records whose keys were never stored: ciphertext that nobody can read.
    fn abandoned(&self, vault: &Vault<MemoryStorage>) -> usize {
        let shelf = self.storage.shelf.borrow();
        let known = |handle: &String| vault.wallet().dossier(Some(handle)).is_ok();
        shelf.records.keys().filter(|handle| !known(handle)).count()
    }
}

fn passphrase() -> SecretText {
    "correct horse battery staple".to_owned().into()
}

/// An account made for the consultation.
pub(crate) fn fresh() -> Payer {
    Payer::Fresh("me".into())
}

/// A world in which the consultation has come so far.
pub(crate) async fn world_after(last: Next) -> World {
    let world = World::new().await;
    while world.step(&fresh()).await.unwrap() != Some(last) {}
    world
}
