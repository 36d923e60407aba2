// SPDX-License-Identifier: Apache-2.0
//! What is irreversible needs proof: whom the wallet believes, what it forgets, and what it can
//! show later.

mod common;

use common::{
    fresh, world_after, Fault, MemoryChain, MemoryStorage, Next, World, FEE, PATIENT, UNIT,
};
use cso_client::{
    chain::{ChainError, Status},
    consultation::{CloseError, Payer, RequestError, Standing, StateError, TakenUp, Which},
    vault::{StorageError, Vault, VaultError},
    AccountId, Pair,
};
use cso_fhe::RecordKey;
use cso_primitives::bounds::MAX_CHUNK_BYTES;
use cso_sealing::{chunk_hash, Envelope, PublicKey, SealingKey};
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, Waker},
};

#[tokio::test]
async fn what_is_on_chain_is_not_forgotten_and_money_comes_back_before() {
    let world = world_after(Next::Requested).await;
    let mut vault = world.vault().await.unwrap();
    let handle = vault.wallet().dossier(None).unwrap().handle.clone();
    let error = world.session(&mut vault).forget(&handle).await.unwrap_err();
    assert!(matches!(error, CloseError::OnChain { id: 0, known: true, .. }), "{error}");

    let world = world_after(Next::Prepared).await;
    let mut vault = world.vault().await.unwrap();
    let mut session = world.session(&mut vault);
    let handle = session.vault.wallet().dossier(None).unwrap().handle.clone();
    let Ok(TakenUp::Prepared(prepared)) = session.take_up(&handle).await else {
        panic!("it was prepared");
    };
    let funded = session.fund(prepared).await.unwrap();
    session.hand_off(funded).await.unwrap();
    session.forget(&handle).await.unwrap();
    assert!(world.pool.chunks.borrow().is_empty());
    let ledger = world.chain.ledger.borrow();
    let patient = Pair::from_suri(PATIENT).unwrap().account();
    // One transfer there, one back.
    assert_eq!(ledger.accounts[&patient.0].free, 100 * UNIT - 2 * FEE);
    assert!(vault.wallet().dossiers.is_empty());
    assert!(world.storage.shelf.borrow().records.is_empty());
}

/// What destroys keys, and waiting: none of it believes this node.
async fn nothing_is_believed(world: &World) -> ChainError {
    let mut vault = world.vault().await.unwrap();
    let which = Which::of(vault.wallet().dossier(None).unwrap());
    let handle = which.handle.clone().unwrap();
    let mut session = world.session(&mut vault);
    let erased = session.erase(&handle, None).await;
    assert!(matches!(erased, Err(CloseError::Chain(_))), "{erased:?}");
    let forgotten = session.forget(&handle).await;
    assert!(matches!(forgotten, Err(CloseError::Chain(_))), "{forgotten:?}");
    let waited = Standing::wait(&world.chain, &world.clock, &which, None, |_| {}).await;
    let dossier = vault.wallet().dossier(None).unwrap();
    assert!(dossier.keys.is_some() && !dossier.question.is_empty());
    waited.expect_err("what isn't there may be elsewhere")
}

#[tokio::test]
async fn a_node_that_is_behind_destroys_nothing() {
    let world = world_after(Next::Answered).await;
    world.chain.lag(3);
    let error = nothing_is_believed(&world).await;
    assert!(matches!(error, ChainError::Behind { .. }), "{error}");
    world.chain.lag(0);
    world.run(&fresh()).await.unwrap();
    world.check_end().await;
}

#[tokio::test]
async fn of_what_version_1_did_not_note_only_a_node_that_has_caught_up_is_believed() {
    let world = world_after(Next::Answered).await;
    let mut vault = world.vault().await.unwrap();
    vault
        .change(|wallet| -> Result<(), VaultError> {
            wallet.dossiers.iter_mut().for_each(|dossier| dossier.anchor = None);
            Ok(())
        })
        .await
        .unwrap();
    world.chain.lag(3);
    let error = nothing_is_believed(&world).await;
    assert!(matches!(error, ChainError::Behind { .. }), "{error}");
    world.chain.lag(0);
    world.run(&fresh()).await.unwrap();
    world.check_end().await;
}

#[tokio::test]
async fn a_chain_that_began_again_destroys_nothing() {
    let mut world = world_after(Next::Answered).await;
    let same_genesis = MemoryChain::new(&world.faults);
    let real = std::mem::replace(&mut world.chain, same_genesis);
    let error = nothing_is_believed(&world).await;
    assert!(matches!(error, ChainError::Behind { .. }), "{error}");
    // Further on than the real one, it's told by its blocks.
    (0..50).for_each(|_| world.chain.make_block());
    let error = nothing_is_believed(&world).await;
    assert!(matches!(error, ChainError::OtherHistory { .. }), "{error}");
    world.chain = real;
    world.run(&fresh()).await.unwrap();
    world.check_end().await;
}

#[tokio::test]
async fn a_request_whose_reply_is_lost_is_found_and_not_made_anew() {
    // Each reply after the request was saved is lost once.
    let mut lost = 0;
    for point in 0.. {
        let world = world_after(Next::Prepared).await;
        let mut vault = world.vault().await.unwrap();
        let handle = vault.wallet().dossier(None).unwrap().handle.clone();
        world.faults.plan(point, Fault::After);
        let sent = world.session(&mut vault).send(&handle).await;
        if !world.faults.fired() {
            sent.unwrap();
            break;
        }
        world.faults.clear();
        let kept = world.peek().await.dossier(None).unwrap().request.clone();
        let mut vault = world.vault().await.unwrap();
        if let (Err(_), Some(kept)) = (&sent, kept) {
            lost += 1;
            let taken_up = world.session(&mut vault).take_up(&handle).await;
            assert!(matches!(taken_up, Ok(TakenUp::Requested(_))), "{taken_up:?} of {kept:?}");
        }
        world.run(&fresh()).await.unwrap();
        world.check_end().await;
    }
    assert!(lost >= 2, "the replies to saving and to sending were lost");
}

#[tokio::test]
async fn what_still_gets_money_is_not_forgotten() {
    let world = world_after(Next::Prepared).await;
    world.chain.make_blocks_by_hand();
    {
        let mut vault = world.vault().await.unwrap();
        let handle = vault.wallet().dossier(None).unwrap().handle.clone();
        let mut session = world.session(&mut vault);
        let mut sending = std::pin::pin!(session.send(&handle));
        // Killed while the transfer to its account waits in the pool.
        until_it_waits(&world, sending.as_mut());
    }
    let handle = world.peek().await.dossier(None).unwrap().handle.clone();
    let mut vault = world.vault().await.unwrap();
    let forgotten = world.session(&mut vault).forget(&handle).await;
    assert!(matches!(forgotten, Err(CloseError::MoneyOnItsWay { .. })), "{forgotten:?}");
    // Once its time is over it can't come any more.
    world.chain.restart();
    (0..64).for_each(|_| world.chain.make_block());
    world.chain.finalize(64);
    world.session(&mut vault).forget(&handle).await.unwrap();
    assert_eq!(world.chain.ledger.borrow().total(), world.coins);
    assert!(world.peek().await.dossiers.is_empty());
}

/// Turns a future until what it sends waits in the pool.
fn until_it_waits<F: Future>(world: &World, mut sending: Pin<&mut F>) {
    while world.chain.pending() == 0 {
        assert!(futures_poll(sending.as_mut()).is_none());
    }
}

/// One turn of a future.
fn futures_poll<F: Future>(future: Pin<&mut F>) -> Option<F::Output> {
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

#[tokio::test]
async fn what_somebody_else_asked_on_the_same_record_is_not_ones_own() {
    let world = world_after(Next::Requested).await;
    let stranger = Pair::from_suri("//Eve").unwrap().account();
    let change = |patient: AccountId| {
        let mut ledger = world.chain.ledger.borrow_mut();
        let found = ledger.consultations.get_mut(&0).unwrap();
        found.status = Status::Expired;
        std::mem::replace(&mut found.patient, patient)
    };
    let own = change(stranger);
    let mut vault = world.vault().await.unwrap();
    let error = world.session(&mut vault).erase("0", None).await.unwrap_err();
    assert!(matches!(error, CloseError::State(StateError::NotOwn { id: 0, .. })), "{error}");
    let error = world.session(&mut vault).accept("0").await.unwrap_err();
    assert!(matches!(error, CloseError::State(StateError::NotOwn { id: 0, .. })), "{error}");
    assert!(vault.wallet().dossier(None).unwrap().keys.is_some());
    change(own);
    world.session(&mut vault).erase("0", None).await.unwrap();
}

#[tokio::test]
async fn record_and_envelope_can_be_made_again() {
    let world = world_after(Next::Requested).await;
    let vault = world.vault().await.unwrap();
    let dossier = vault.wallet().dossier(None).unwrap();
    let keys = dossier.keys.as_ref().unwrap();
    let evidence = keys.evidence.as_ref().unwrap();
    let bits: Vec<_> = evidence.bits.expose().bytes().map(|digit| digit == b'1').collect();
    let key = RecordKey::from_seed(*keys.record.expose());
    let coins = evidence.record.expose();
    let record = key.encrypt_with_coins(&bits, dossier.profile, coins).unwrap().to_bytes();
    let chunks: Vec<_> = record.chunks(MAX_CHUNK_BYTES).map(chunk_hash).collect();
    assert_eq!(chunks, dossier.chunks);

    let envelope = Envelope {
        protocol: dossier.protocol,
        chunks,
        claim_seed: *keys.claim.expose(),
        salt: *keys.salt.expose(),
        note_key: SealingKey::from_seed(*keys.note.expose()).public(),
        question: dossier.question.clone(),
    };
    assert_eq!(envelope.record_commitment(), dossier.record);
    let context = cso_sealing::Context {
        genesis: dossier.genesis.0,
        expert: dossier.expert.0,
        patient: vault.wallet().asking_pair(dossier).unwrap().account().0,
        record: dossier.record,
    };
    let ledger = world.chain.ledger.borrow();
    let to = &ledger.experts[&dossier.expert.0].sealing_key;
    let to = PublicKey::from_bytes(to.as_ref()).unwrap();
    let sealed = envelope.seal_with_coins(&to, &context, evidence.envelope.expose()).unwrap();
    assert_eq!(sealed, ledger.envelopes[&0]);
}

/// A copy of the wallet on another computer, as it is now.
fn copy_of(world: &World) -> MemoryStorage {
    let copy = MemoryStorage::new(&world.faults);
    let (from, mut to) = (world.storage.shelf.borrow(), copy.shelf.borrow_mut());
    to.wallet.clone_from(&from.wallet);
    to.records.clone_from(&from.records);
    drop((from, to));
    copy
}

#[tokio::test]
async fn a_copy_of_the_wallet_does_not_ask_again_what_is_not_final_yet() {
    for payer in [fresh(), Payer::Existing("me".into())] {
        let world = World::new().await;
        world.step(&payer).await.unwrap();
        let copy = copy_of(&world);
        world.chain.make_blocks_by_hand();
        let mut vault = world.vault().await.unwrap();
        let handle = vault.wallet().dossier(None).unwrap().handle.clone();
        let mut session = world.session(&mut vault);
        let mut sending = std::pin::pin!(session.send(&handle));
        // Until the request is in a block that isn't final.
        while world.chain.ledger.borrow().requests.is_empty() {
            assert!(futures_poll(sending.as_mut()).is_none());
            if world.chain.pending() > 0 {
                world.chain.make_block();
            }
        }
        let passphrase = "correct horse battery staple".to_owned().into();
        let mut other = Vault::open(copy, passphrase).await.unwrap().with_work(1);
        let sent = world.session(&mut other).send(&handle).await;
        assert!(matches!(sent, Err(RequestError::Unsettled)), "{sent:?}");
        world.chain.finalize(usize::MAX);
        let sent = world.session(&mut other).send(&handle).await;
        assert_eq!(sent.unwrap().id, 0);
        assert_eq!(world.chain.ledger.borrow().requests.values().sum::<usize>(), 1);
    }
}

#[tokio::test]
async fn what_another_command_sends_is_not_abandoned() {
    let world = world_after(Next::Prepared).await;
    world.chain.make_blocks_by_hand();
    let mut vault = world.vault().await.unwrap();
    let handle = vault.wallet().dossier(None).unwrap().handle.clone();
    let mut session = world.session(&mut vault);
    let mut sending = std::pin::pin!(session.send(&handle));
    until_it_waits(&world, sending.as_mut());
    let mut other = world.vault().await.unwrap();
    let refused = other.abandon(&handle).await;
    assert!(matches!(refused, Err(VaultError::Storage(StorageError::Held(_)))), "{refused:?}");
}
