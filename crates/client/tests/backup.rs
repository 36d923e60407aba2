// SPDX-License-Identifier: Apache-2.0
//! Backups: a lost wallet comes back from one, however old, and goes on; what was destroyed stays
//! destroyed.

mod common;

use common::{fresh, world_after, Fault, MemoryStorage, Next, World, PATIENT};
use cso_client::{
    amount::UNIT,
    chain::{Call, Chain as _, ChainError, Until},
    clock::Clock,
    consultation::{CloseError, Payer, RequestError},
    secret::SecretText,
    vault::{Asker, Backup, Dossier, Merged, Restored, Stage, Vault, VaultError, Wallet},
    Amount, Pair,
};
use std::time::Duration;

fn passphrase() -> SecretText {
    "correct horse battery staple".to_owned().into()
}

async fn back_up(world: &World) -> Vec<u8> {
    world.vault().await.unwrap().backup().await.unwrap()
}

/// The same from a moment when the wallet had an account more.
async fn back_up_with_another_account(world: &World) -> Vec<u8> {
    let mut vault = world.vault().await.unwrap();
    let eve = Pair::from_suri("//Eve").unwrap();
    let add =
        |wallet: &mut Wallet| -> Result<(), VaultError> { Ok(wallet.add("eve", &eve, None)?) };
    vault.change(add).await.unwrap();
    let bytes = vault.backup().await.unwrap();
    let remove = |wallet: &mut Wallet| -> Result<(), VaultError> { Ok(wallet.remove("eve")?) };
    vault.change(remove).await.unwrap();
    bytes
}

/// The wallet and what lay beside it are gone.
fn lose(world: &World) {
    let mut shelf = world.storage.shelf.borrow_mut();
    shelf.wallet = None;
    shelf.records.clear();
}

/// Makes a wallet of a backup, where there is none.
async fn restore(world: &World, bytes: &[u8]) -> Restored {
    let backup = Backup::open(bytes, &passphrase()).unwrap();
    let vault = Vault::create(world.storage.clone(), passphrase()).unwrap();
    vault.with_work(1).restore(&backup).await.unwrap()
}

/// Merges a backup into the wallet.
async fn merge(world: &World, bytes: &[u8]) -> Restored {
    let mut vault = world.vault().await.unwrap();
    let backup = vault.open_backup(bytes).unwrap();
    vault.restore(&backup).await.unwrap()
}

async fn dossier(world: &World) -> Dossier {
    world.peek().await.dossier(None).unwrap().clone()
}

/// How a backup finds the consultation.
#[derive(Clone, Copy, Debug)]
enum At {
    Prepared,
    /// The request is signed and saved, and hasn't been sent.
    Submitting,
    Requested,
    Opened,
}

/// A world in which the consultation has come so far.
async fn world_at(at: At) -> World {
    match at {
        At::Prepared => world_after(Next::Prepared).await,
        At::Requested => world_after(Next::Requested).await,
        At::Opened => {
            let world = world_after(Next::Answered).await;
            let mut vault = world.vault().await.unwrap();
            world.session(&mut vault).open(None).await.unwrap();
            world
        }
        At::Submitting => {
            for point in 0.. {
                let world = world_after(Next::Prepared).await;
                world.faults.plan(point, Fault::Before);
                assert!(world.step(&fresh()).await.is_err(), "no step ended where it is sent");
                world.faults.clear();
                if matches!(dossier(&world).await.stage, Stage::Submitting { .. }) {
                    return world;
                }
            }
            unreachable!("each step is tried");
        }
    }
}

/// The patient says that it wasn't asked.
async fn vouch(world: &World) {
    let mut vault = world.vault().await.unwrap();
    let handle = vault.wallet().dossier(None).unwrap().handle.clone();
    world.session(&mut vault).send_vouched(&handle).await.unwrap();
}

/// Goes on after the loss, to the end.
async fn goes_on(world: &World) {
    world.run(&fresh()).await.unwrap();
    assert_eq!(world.chain.ledger.borrow().requests.len(), 1);
    world.check_end().await;
}

#[tokio::test]
async fn a_lost_wallet_goes_on_from_a_backup_of_any_stage() {
    for at in [At::Prepared, At::Submitting, At::Requested, At::Opened] {
        let world = world_at(at).await;
        let bytes = back_up(&world).await;
        lose(&world);
        let restored = restore(&world, &bytes).await;
        assert_eq!(restored.accounts.len(), 1);
        assert_eq!(restored.dossiers[0].merged, Merged::Added, "{at:?}");
        if matches!(at, At::Prepared) {
            vouch(&world).await;
        }
        // `World::run` compares the opinion with what the model says in clear.
        goes_on(&world).await;
    }
}

#[tokio::test]
async fn a_backup_older_than_the_chain_makes_no_second_request() {
    for at in [At::Prepared, At::Submitting, At::Requested, At::Opened] {
        for lost_after in [Next::Requested, Next::Answered, Next::Accepted] {
            let world = world_at(at).await;
            let bytes = back_up(&world).await;
            let ends = [Some(lost_after), Some(Next::Accepted)];
            while !ends.contains(&world.step(&fresh()).await.unwrap()) {}
            lose(&world);
            restore(&world, &bytes).await;
            goes_on(&world).await;
        }
    }
}

#[tokio::test]
async fn what_was_asked_and_erased_since_the_backup_is_not_asked_again() {
    for (at, payer) in [
        (At::Prepared, fresh()),
        (At::Submitting, fresh()),
        (At::Prepared, Payer::Existing("me".into())),
    ] {
        let world = match payer {
            Payer::Fresh(_) => world_at(at).await,
            Payer::Existing(_) => {
                let world = World::new().await;
                world.step(&payer).await.unwrap();
                world
            }
        };
        let bytes = back_up(&world).await;
        world.run(&payer).await.unwrap();
        lose(&world);
        restore(&world, &bytes).await;
        let mut vault = world.vault().await.unwrap();
        let handle = vault.wallet().dossier(None).unwrap().handle.clone();
        let sent = world.session(&mut vault).send(&handle).await;
        match at {
            // The very transaction is found in its block.
            At::Submitting => assert_eq!(sent.unwrap().id, 0),
            _ => assert!(matches!(sent, Err(RequestError::Restored { .. })), "{sent:?}"),
        }
        assert!(world.chain.ledger.borrow().requests.values().all(|count| *count == 1));
    }
}

#[tokio::test]
async fn money_that_a_stranger_sends_proves_nothing() {
    let world = world_at(At::Prepared).await;
    let bytes = back_up(&world).await;
    world.run(&fresh()).await.unwrap();
    let asker = {
        let wallet = world.peek().await;
        wallet.asking_pair(wallet.dossier(None).unwrap()).unwrap().account()
    };
    lose(&world);
    restore(&world, &bytes).await;
    let dust = Call::Transfer { to: asker, amount: Amount(UNIT / 50) };
    let stranger = Pair::from_suri(PATIENT).unwrap();
    world.chain.submit(&dust, &stranger, Until::Finalized).await.unwrap();
    let mut vault = world.vault().await.unwrap();
    let handle = vault.wallet().dossier(None).unwrap().handle.clone();
    let sent = world.session(&mut vault).send(&handle).await;
    assert!(matches!(sent, Err(RequestError::Restored { .. })), "{sent:?}");
}

#[tokio::test]
async fn a_backup_that_has_come_further_brings_the_wallet_up_to_date() {
    let world = world_at(At::Prepared).await;
    let before = world.storage.shelf.borrow().wallet.clone();
    while world.step(&fresh()).await.unwrap() != Some(Next::Answered) {}
    let mut vault = world.vault().await.unwrap();
    world.session(&mut vault).open(None).await.unwrap();
    let bytes = back_up(&world).await;
    world.storage.shelf.borrow_mut().wallet = before;
    let restored = merge(&world, &bytes).await;
    assert_eq!(restored.dossiers[0].merged, Merged::Advanced);
    let own = dossier(&world).await;
    assert_eq!((own.id(), own.opinion.is_some()), (Some(0), true));
    assert!(!merge(&world, &bytes).await.changes_anything());
    // And once it's erased nothing is asked again.
    goes_on(&world).await;
}

#[tokio::test]
async fn what_was_not_asked_goes_on_once_the_patient_says_so() {
    let world = world_at(At::Prepared).await;
    let bytes = back_up(&world).await;
    lose(&world);
    restore(&world, &bytes).await;
    let mut vault = world.vault().await.unwrap();
    let handle = vault.wallet().dossier(None).unwrap().handle.clone();
    let error = world.session(&mut vault).send(&handle).await.unwrap_err();
    assert!(matches!(error, RequestError::Restored { .. }), "{error}");
    vouch(&world).await;
    goes_on(&world).await;
}

#[tokio::test]
async fn what_has_ended_since_the_backup_is_erased() {
    for at in [At::Requested, At::Opened] {
        let world = world_at(at).await;
        let bytes = back_up(&world).await;
        world.run(&fresh()).await.unwrap();
        lose(&world);
        restore(&world, &bytes).await;
        goes_on(&world).await;
    }
}

#[tokio::test]
async fn a_node_that_is_behind_the_backup_is_not_believed() {
    let world = world_at(At::Opened).await;
    let bytes = back_up(&world).await;
    lose(&world);
    restore(&world, &bytes).await;
    world.chain.lag(9);
    let mut vault = world.vault().await.unwrap();
    let error = world.session(&mut vault).erase("0", None).await.unwrap_err();
    assert!(matches!(error, CloseError::Chain(ChainError::Behind { .. })), "{error}");
    assert!(dossier(&world).await.keys.is_some());
    world.chain.lag(0);
    goes_on(&world).await;
}

#[tokio::test]
async fn a_backup_from_before_an_erasure_brings_no_keys_back() {
    for at in [At::Prepared, At::Requested, At::Opened] {
        let world = world_at(at).await;
        let bytes = back_up(&world).await;
        let with_more = back_up_with_another_account(&world).await;
        world.run(&fresh()).await.unwrap();
        let before = world.storage.shelf.borrow().wallet.clone();
        let restored = merge(&world, &bytes).await;
        assert_eq!(restored.dossiers[0].merged, Merged::StaysErased, "{at:?}");
        assert!(!restored.changes_anything());
        assert!(world.storage.shelf.borrow().wallet == before, "nothing is written");
        let restored = merge(&world, &with_more).await;
        assert_eq!(restored.dossiers[0].merged, Merged::StaysErased, "{at:?}");
        assert!(restored.changes_anything(), "an account was added");
        let dossier = dossier(&world).await;
        assert!(dossier.is_erased() && dossier.keys.is_none() && dossier.opinion.is_none());
        assert!(dossier.question.is_empty() && dossier.inputs.is_empty());
    }
}

#[tokio::test]
async fn an_erasure_goes_over_to_a_wallet_that_still_has_the_keys() {
    let world = world_at(At::Opened).await;
    let copy = world.storage.shelf.borrow().wallet.clone();
    world.run(&fresh()).await.unwrap();
    let bytes = back_up(&world).await;
    world.storage.shelf.borrow_mut().wallet = copy;
    assert!(dossier(&world).await.keys.is_some());
    let restored = merge(&world, &bytes).await;
    assert_eq!(restored.dossiers[0].merged, Merged::Erased);
    assert!(matches!(restored.dossiers[0].stage, Stage::Erased { id: 0 }));
    let dossier = dossier(&world).await;
    assert!(dossier.is_erased() && dossier.keys.is_none() && dossier.opinion.is_none());
}

#[tokio::test]
async fn what_has_come_further_is_not_set_back() {
    let world = world_at(At::Prepared).await;
    let bytes = back_up(&world).await;
    world.step(&fresh()).await.unwrap();
    let restored = merge(&world, &bytes).await;
    assert_eq!(restored.dossiers[0].merged, Merged::Present);
    assert!(matches!(dossier(&world).await.stage, Stage::Requested { id: 0 }));
    goes_on(&world).await;
}

/// Another wallet at the same place, with another account by the name `me`.
async fn another_wallet(world: &World) -> Vault<MemoryStorage> {
    lose(world);
    let vault = Vault::create(world.storage.clone(), passphrase()).unwrap();
    let mut vault = vault.with_work(1);
    let eve = Pair::from_suri("//Eve").unwrap();
    let add = |wallet: &mut Wallet| -> Result<(), VaultError> { Ok(wallet.add("me", &eve, None)?) };
    vault.change(add).await.unwrap();
    vault
}

#[tokio::test]
async fn consultations_follow_an_account_that_gets_another_name() {
    let world = world_at(At::Prepared).await;
    let bytes = back_up(&world).await;
    another_wallet(&world).await;
    let restored = merge(&world, &bytes).await;
    let account = &restored.accounts[0];
    assert_eq!((account.name.as_str(), account.merged), ("me-2", Merged::Added));
    assert_eq!(account.name_in_backup.as_deref(), Some("me"));
    // It's paid by the account that was to pay, and the rest comes back to it.
    vouch(&world).await;
    goes_on(&world).await;
}

#[tokio::test]
async fn a_consultation_comes_behind_the_one_that_it_follows() {
    let world = World::new().await;
    let mut vault = world.vault().await.unwrap();
    let first = world.prepare(&mut vault, fresh()).await.unwrap();
    let copy = world.storage.shelf.borrow().wallet.clone();
    let second = world.prepare(&mut vault, fresh()).await.unwrap();
    let bytes = back_up(&world).await;
    world.storage.shelf.borrow_mut().wallet = copy;
    let mut vault = world.vault().await.unwrap();
    let third = world.prepare(&mut vault, fresh()).await.unwrap();
    let restored = merge(&world, &bytes).await;
    let merged: Vec<_> = restored.dossiers.iter().map(|one| one.merged).collect();
    assert_eq!(merged, [Merged::Present, Merged::Added]);
    let wallet = world.peek().await;
    let handles: Vec<_> = wallet.dossiers.iter().map(|one| one.handle.as_str()).collect();
    assert_eq!(handles, [&first, &second, &third]);
}

#[tokio::test]
async fn an_equal_handle_of_another_record_gets_a_number() {
    let world = world_at(At::Prepared).await;
    let bytes = back_up(&world).await;
    let handle = dossier(&world).await.handle;
    lose(&world);
    restore(&world, &bytes).await;
    let mut vault = world.vault().await.unwrap();
    let other = |wallet: &mut Wallet| -> Result<(), VaultError> {
        wallet.dossiers.last_mut().unwrap().record.0[31] ^= 1;
        Ok(())
    };
    vault.change(other).await.unwrap();
    let restored = merge(&world, &bytes).await;
    assert_eq!(restored.dossiers[0].handle, format!("{handle}-2"));
    assert_eq!(world.peek().await.dossiers.len(), 2);
}

/// The index of the newest consultation's account.
async fn index(world: &World) -> u64 {
    match dossier(world).await.account {
        Asker::Fresh { index, .. } => index,
        Asker::Existing { .. } => panic!("it has an account of its own"),
    }
}

#[tokio::test]
async fn a_restored_or_merged_wallet_takes_accounts_of_another_range() {
    for is_lost in [true, false] {
        let world = world_at(At::Prepared).await;
        let bytes = back_up_with_another_account(&world).await;
        let taken = index(&world).await;
        // A range begins with a minute.
        world.clock.pause(Duration::from_secs(60)).await;
        if is_lost {
            lose(&world);
            restore(&world, &bytes).await;
        } else {
            merge(&world, &bytes).await;
        }
        let mut vault = world.vault().await.unwrap();
        world.prepare(&mut vault, fresh()).await.unwrap();
        // What follows may have been taken by a wallet that isn't here.
        assert!(index(&world).await > taken + 1000);
    }
}

#[tokio::test]
async fn a_backup_shows_nothing_in_clear() {
    let world = world_at(At::Opened).await;
    let bytes = back_up(&world).await;
    let keys = dossier(&world).await.keys.unwrap();
    let text = String::from_utf8_lossy(&bytes);
    for secret in [hex(keys.record.expose()), "respiration".into(), "sepsis".into()] {
        assert!(!text.contains(&secret));
    }
    let backup = Backup::open(&bytes, &passphrase()).unwrap();
    assert_eq!(format!("{backup:?}"), "Backup(..)");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn what_was_asked_once_more_is_not_erased_by_a_backup() {
    let world = world_at(At::Prepared).await;
    let before = world.storage.shelf.borrow().wallet.clone();
    world.run(&fresh()).await.unwrap();
    let erased = back_up(&world).await;
    world.storage.shelf.borrow_mut().wallet = before;
    // The patient has said that it wasn't asked, which was wrong.
    let mut vault = world.vault().await.unwrap();
    let handle = vault.wallet().dossier(None).unwrap().handle.clone();
    world.session(&mut vault).send_vouched(&handle).await.unwrap();
    let restored = merge(&world, &erased).await;
    assert_eq!(restored.dossiers[0].merged, Merged::Present);
    assert!(dossier(&world).await.keys.is_some());
}
