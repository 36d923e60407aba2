// SPDX-License-Identifier: Apache-2.0
//! Several commands at once, killed at any point, on a chain whose blocks are taken back, by nodes
//! that forget, lag behind and lose replies: a request happens once, no key is gone that something
//! on chain still needs, and every coin is accounted for.

mod common;

use common::{Clinic, Fault, World, PATIENT};
use cso_client::{
    chain::Status,
    consultation::Payer,
    vault::{Asker, Dossier, Stage, Wallet},
    Pair,
};
use proptest::{collection::vec, prelude::*, test_runner::TestCaseError};
use std::{
    error::Error,
    future::Future,
    pin::{pin, Pin},
    task::{Context, Poll, Waker},
};

/// Most consultations at a time: each is really encrypted.
const MOST: usize = 3;

/// What the patient types.
#[derive(Clone, Copy, Debug)]
enum Command {
    Ask { fresh: bool },
    Resume(usize),
    Open(usize),
    Accept(usize),
    Erase(usize),
    Forget(usize),
}

/// What happens.
#[derive(Clone, Debug)]
enum Event {
    /// A command begins.
    Start(Command),
    /// One that runs comes so many operations further.
    Advance { which: usize, turns: usize },
    /// It's killed.
    Kill(usize),
    /// So many blocks are made.
    Blocks(usize),
    /// So many more are final.
    Finalize(usize),
    /// A fork wins.
    Fork { depth: usize, lost: bool },
    /// The node starts anew.
    Restart,
    /// The wallet talks to a node that is so far behind.
    Lag(usize),
    /// The operation after so many others fails.
    Fail { after: usize, fault: Fault },
    /// The expert's node answers what waits.
    Answer,
}

fn command() -> impl Strategy<Value = Command> {
    let which = 0..MOST;
    prop_oneof![
        2 => any::<bool>().prop_map(|fresh| Command::Ask { fresh }),
        6 => which.clone().prop_map(Command::Resume),
        1 => which.clone().prop_map(Command::Open),
        3 => which.clone().prop_map(Command::Accept),
        3 => which.clone().prop_map(Command::Erase),
        3 => which.prop_map(Command::Forget),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    let fault = prop_oneof![Just(Fault::Before), Just(Fault::After)];
    prop_oneof![
        6 => command().prop_map(Event::Start),
        24 => (0..4_usize, 1..40_usize).prop_map(|(which, turns)| Event::Advance { which, turns }),
        2 => (0..4_usize).prop_map(Event::Kill),
        8 => (1..3_usize).prop_map(Event::Blocks),
        1 => (60..80_usize).prop_map(Event::Blocks),
        6 => (1..5_usize).prop_map(Event::Finalize),
        3 => (1..4_usize, any::<bool>()).prop_map(|(depth, lost)| Event::Fork { depth, lost }),
        1 => Just(Event::Restart),
        2 => prop_oneof![Just(0_usize), 1..20_usize].prop_map(Event::Lag),
        3 => (0..30_usize, fault).prop_map(|(after, fault)| Event::Fail { after, fault }),
        4 => Just(Event::Answer),
    ]
}

type Running<'a> = Pin<Box<dyn Future<Output = Result<(), Box<dyn Error>>> + 'a>>;

/// Runs a command as the program does: it opens the wallet, and ends.
async fn run(world: &World, command: Command) -> Result<(), Box<dyn Error>> {
    let mut vault = world.vault().await?;
    let handle = |which: usize| -> Result<String, Box<dyn Error>> {
        let found = vault.wallet().dossiers.get(which).map(|dossier| dossier.handle.clone());
        found.ok_or_else(|| "there is none".into())
    };
    match command {
        Command::Ask { fresh } => {
            if vault.wallet().dossiers.len() >= MOST {
                return Ok(());
            }
            let payer = match fresh {
                true => Payer::Fresh("me".into()),
                false => Payer::Existing("me".into()),
            };
            let handle = world.prepare(&mut vault, payer).await?;
            world.session(&mut vault).send(&handle).await?;
        }
        Command::Resume(which) => {
            let handle = handle(which)?;
            world.session(&mut vault).send(&handle).await?;
        }
        Command::Open(which) => {
            let handle = handle(which)?;
            let mut session = world.session(&mut vault);
            let opened = session.open(Some(&handle)).await?;
            assert_eq!(opened.outputs, world.clinic.in_clear(&World::ANSWERS));
        }
        Command::Accept(which) => {
            let handle = handle(which)?;
            world.session(&mut vault).accept(&handle).await?;
        }
        Command::Erase(which) => {
            let handle = handle(which)?;
            world.session(&mut vault).erase(&handle, None).await?;
        }
        Command::Forget(which) => {
            let handle = handle(which)?;
            world.session(&mut vault).forget(&handle).await?;
        }
    }
    Ok(())
}

/// One turn.
fn poll<T>(future: Pin<&mut (impl Future<Output = T> + ?Sized)>) -> Option<T> {
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => Some(result),
        Poll::Pending => None,
    }
}

/// To the end, on a chain that goes on and makes everything final.
fn complete<T>(world: &World, future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    for turn in 0..1_000_000_usize {
        if let Some(result) = poll(future.as_mut()) {
            return result;
        }
        if turn % 20 == 19 {
            world.chain.make_block();
            world.chain.finalize(usize::MAX);
        }
    }
    panic!("it doesn't end");
}

/// Without the chain.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Some(result) = poll(future.as_mut()) {
            return result;
        }
    }
}

/// The wallet as it was last written.
#[derive(Default)]
struct Seen {
    bytes: Option<Vec<u8>>,
    wallet: Option<Wallet>,
}

impl Seen {
    fn wallet(&mut self, world: &World) -> &Wallet {
        let bytes = world.storage.shelf.borrow().wallet.clone();
        if self.bytes != bytes {
            self.bytes = bytes;
            self.wallet = None;
        }
        self.wallet.get_or_insert_with(|| at_once(world.peek()))
    }
}

/// What must be true at every moment.
fn check(world: &World, seen: &mut Seen) -> Result<(), TestCaseError> {
    let ledger = world.chain.ledger.borrow();
    prop_assert_eq!(ledger.total(), world.coins, "every coin is somewhere");
    for (record, count) in &ledger.requests {
        prop_assert!(*count <= 1, "{} requests on {:?}", count, &record[..4]);
    }
    let wallet = seen.wallet(world);
    for consultation in ledger.consultations.values() {
        let own = wallet.dossiers.iter().find(|dossier| dossier.record == consultation.record);
        let has_keys = own.is_some_and(|dossier| dossier.keys.is_some());
        prop_assert!(has_keys, "the keys of {:?} are gone", consultation);
    }
    let mut askers: Vec<_> = wallet
        .dossiers
        .iter()
        .filter_map(|dossier| match dossier.account {
            Asker::Fresh { index, .. } => Some(index),
            Asker::Existing { .. } => None,
        })
        .collect();
    askers.sort_unstable();
    askers.dedup();
    let fresh = |dossier: &&Dossier| matches!(dossier.account, Asker::Fresh { .. });
    prop_assert_eq!(askers.len(), wallet.dossiers.iter().filter(fresh).count(), "shared accounts");
    Ok(())
}

/// The expert's node answers everything on the best chain that waits.
fn answer(world: &World) {
    let waiting: Vec<_> = {
        let ledger = world.chain.ledger.borrow();
        let all = ledger.consultations.iter();
        all.filter(|(_, one)| one.status == Status::Requested).map(|(id, _)| *id).collect()
    };
    for id in waiting {
        match world.clinic.has_record(&world.chain, &world.pool, id) {
            true => world.clinic.answer(&world.chain, &world.pool, id),
            // A command that was about to forget it has taken it away, on another computer.
            false => {
                assert!(world.storage.shelf.borrow().copied, "the record of {id} is gone");
                world.chain.decline(id);
            }
        }
    }
}

fn happen<'a>(world: &'a World, running: &mut Vec<Running<'a>>, event: &Event) {
    match *event {
        Event::Start(command) => {
            if running.len() < 4 {
                running.push(Box::pin(run(world, command)));
            }
        }
        Event::Advance { which, turns } => {
            let Some(which) = which.checked_rem(running.len()) else {
                return;
            };
            for _ in 0..turns {
                if poll(running[which].as_mut()).is_some() {
                    drop(running.remove(which));
                    return;
                }
            }
        }
        Event::Kill(which) => {
            if let Some(which) = which.checked_rem(running.len()) {
                drop(running.remove(which));
            }
        }
        Event::Blocks(count) => (0..count).for_each(|_| world.chain.make_block()),
        Event::Finalize(count) => world.chain.finalize(count),
        Event::Fork { depth, lost } => world.chain.reorganize(depth, lost),
        Event::Restart => world.chain.restart(),
        Event::Lag(blocks) => world.chain.lag(blocks),
        Event::Fail { after, fault } => world.faults.plan(after, fault),
        Event::Answer => answer(world),
    }
}

/// Goes on with everything until nothing is left to do.
fn finish(world: &World) -> Result<(), TestCaseError> {
    world.faults.clear();
    world.chain.lag(0);
    for _ in 0..100 {
        for _ in 0..5 {
            world.chain.make_block();
        }
        world.chain.finalize(usize::MAX);
        let wallet = at_once(world.peek());
        let open = |dossier: &&Dossier| !dossier.is_erased();
        let Some(which) = wallet.dossiers.iter().position(|dossier| open(&dossier)) else {
            return Ok(());
        };
        let status = {
            let ledger = world.chain.ledger.borrow();
            let id = wallet.dossiers[which].id();
            id.and_then(|id| ledger.consultations.get(&id).map(|found| found.status))
        };
        let command = match (wallet.dossiers[which].stage, status) {
            (Stage::Prepared | Stage::Submitting { .. }, _) => Command::Resume(which),
            (_, Some(Status::Requested)) => {
                answer(world);
                continue;
            }
            (_, Some(Status::Delivered { .. })) => {
                let read = complete(world, run(world, Command::Open(which)));
                prop_assert!(read.is_ok(), "{:?}", read);
                Command::Accept(which)
            }
            _ => Command::Erase(which),
        };
        // Whatever it says: the next round sees how far it came.
        let _ = complete(world, run(world, command));
    }
    Err(TestCaseError::fail("it doesn't come to an end"))
}

/// What must be true at the end.
fn check_end(world: &World, seen: &mut Seen) -> Result<(), TestCaseError> {
    check(world, seen)?;
    let wallet = seen.wallet(world);
    let ledger = world.chain.ledger.borrow();
    prop_assert!(ledger.consultations.is_empty() && ledger.opinions.is_empty());
    let free = |account: &[u8; 32]| ledger.accounts.get(account).map_or(0, |one| one.free);
    let earned = free(&world.clinic.account.0);
    prop_assert_eq!(earned % Clinic::PRICE, 0);
    prop_assert!(earned <= Clinic::PRICE * ledger.requests.len() as u128);
    let patient = Pair::from_suri(PATIENT).unwrap().account();
    let left = world.coins - earned - ledger.burnt;
    prop_assert_eq!(free(&patient.0), left, "nothing is left behind in {:?}", wallet.dossiers);
    prop_assert!(world.storage.shelf.borrow().wallet.is_some());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(),
        max_shrink_iters: 300,
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_happens_a_request_happens_once(
        events in vec(event(), 100..400),
        copied in any::<bool>(),
    ) {
        let world = at_once(World::new());
        world.storage.shelf.borrow_mut().copied = copied;
        world.chain.make_blocks_by_hand();
        let mut seen = Seen::default();
        {
            let mut running = Vec::new();
            for event in &events {
                happen(&world, &mut running, event);
                check(&world, &mut seen)?;
            }
        }
        finish(&world)?;
        check_end(&world, &mut seen)?;
    }
}

/// Some 100 000 events at the nightly check (`CSO_INTERLEAVING_CASES=400`), a tenth of that else.
fn cases() -> u32 {
    let given = std::env::var("CSO_INTERLEAVING_CASES").ok();
    given.and_then(|count| count.parse().ok()).unwrap_or(40)
}
