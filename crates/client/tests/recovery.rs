// SPDX-License-Identifier: Apache-2.0
//! A wallet is lost and made again of its mnemonic: money comes back, and no account that was used
//! before is used again.

mod common;

use common::{fresh, world_after, Next, World, PATIENT};
use cso_client::{
    amount::UNIT,
    chain::{Call, Chain as _, Until},
    clock::Clock,
    progress::Silent,
    recovery::{bring_back, find},
    vault::{Asker, Vault, VaultError},
    Amount, Pair,
};
use std::time::Duration;

/// The index of the newest consultation's account.
async fn index(world: &World) -> u64 {
    match world.peek().await.dossier(None).unwrap().account {
        Asker::Fresh { index, .. } => index,
        Asker::Existing { .. } => panic!("it has an account of its own"),
    }
}

/// Makes the wallet again, of its mnemonic.
async fn lose(world: &World) {
    world.storage.shelf.borrow_mut().wallet = None;
    let patient = Pair::from_suri(PATIENT).unwrap();
    let passphrase = "correct horse battery staple".to_owned().into();
    let mut vault = Vault::create(world.storage.clone(), passphrase).unwrap().with_work(1);
    vault
        .change(|wallet| -> Result<(), VaultError> { Ok(wallet.add("me", &patient, None)?) })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_wallet_made_again_uses_no_account_again() {
    let world = world_after(Next::Erased).await;
    let before = index(&world).await;
    world.clock.pause(Duration::from_secs(60)).await;
    lose(&world).await;
    let mut vault = world.vault().await.unwrap();
    world.prepare(&mut vault, fresh()).await.unwrap();
    // The chain knows nothing of the account that was closed.
    assert!(index(&world).await > before);
    // In a wallet that isn't lost the next one follows.
    let now = index(&world).await;
    world.prepare(&mut vault, fresh()).await.unwrap();
    assert_eq!(index(&world).await, now + 1);
}

#[tokio::test]
async fn a_copy_that_begins_in_the_same_minute_steps_over_what_is_used() {
    let world = world_after(Next::Requested).await;
    let before = index(&world).await;
    lose(&world).await;
    let mut vault = world.vault().await.unwrap();
    world.prepare(&mut vault, fresh()).await.unwrap();
    assert_eq!(index(&world).await, before + 1);
}

#[tokio::test]
async fn money_in_accounts_of_a_lost_wallet_comes_back() {
    let world = world_after(Next::Requested).await;
    let lost_index = index(&world).await;
    lose(&world).await;
    let begin = world.clock.now();
    world.clock.pause(Duration::from_secs(3600)).await;
    let vault = world.vault().await.unwrap();
    let (chain, wallet) = (&world.chain, vault.wallet());
    let lost = find(chain, wallet, "me", begin..world.clock.now(), &Silent).await.unwrap();
    assert_eq!(lost.iter().map(|one| one.index).collect::<Vec<_>>(), [lost_index]);
    assert!(lost[0].is_bound(), "the fee is held");
    let me = wallet.account("me").unwrap().address;
    // The wallet that was lost may be in use elsewhere, and needs it.
    assert_eq!(bring_back(chain, &lost[0], me).await.unwrap(), Amount(0));

    let loose = Pair::from_suri(&format!("//Dave//consultation//{}", lost_index + 1)).unwrap();
    let call = Call::Transfer { to: loose.account(), amount: Amount(UNIT) };
    chain.submit(&call, &Pair::from_suri(PATIENT).unwrap(), Until::Finalized).await.unwrap();
    let lost = find(chain, wallet, "me", begin..world.clock.now(), &Silent).await.unwrap();
    let lost = &lost[1..];
    let me = wallet.account("me").unwrap().address;
    let before = world.chain.ledger.borrow().accounts[&me.0].free;
    let back = bring_back(chain, &lost[0], me).await.unwrap();
    assert!(back.0 > 0);
    assert_eq!(world.chain.ledger.borrow().accounts[&me.0].free, before + back.0);
    assert_eq!(bring_back(chain, &lost[0], me).await.unwrap(), Amount(0));
    // The minute is another one.
    let later = world.clock.now() - Duration::from_secs(1800)..world.clock.now();
    assert!(find(chain, wallet, "me", later, &Silent).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_the_wallet_still_needs_is_not_taken() {
    let world = world_after(Next::Requested).await;
    let vault = world.vault().await.unwrap();
    let when = world.clock.now() - Duration::from_secs(60)..world.clock.now();
    let lost = find(&world.chain, vault.wallet(), "me", when, &Silent).await.unwrap();
    assert!(lost.is_empty());
}

#[tokio::test]
async fn accounts_of_earlier_versions_are_found() {
    let world = World::new().await;
    let old = Pair::from_suri("//Dave//consultation//7").unwrap().account();
    let patient = Pair::from_suri(PATIENT).unwrap();
    let call = Call::Transfer { to: old, amount: Amount(UNIT) };
    world.chain.submit(&call, &patient, Until::Finalized).await.unwrap();
    let vault = world.vault().await.unwrap();
    let when = world.clock.now()..world.clock.now();
    let lost = find(&world.chain, vault.wallet(), "me", when, &Silent).await.unwrap();
    assert_eq!(lost.iter().map(|one| (one.index, one.account())).collect::<Vec<_>>(), [(7, old)]);
}

/// Two wallets with one mnemonic that begin in the same minute, before the other has sent anything.
#[tokio::test]
async fn an_account_that_another_wallet_took_meanwhile_is_left_to_it() {
    let world = world_after(Next::Prepared).await;
    let taken = index(&world).await;
    // The other wallet asks from the same account.
    let other = Pair::from_suri(&format!("//Dave//consultation//{taken}")).unwrap();
    let patient = Pair::from_suri(PATIENT).unwrap();
    let fill = Call::Transfer { to: other.account(), amount: Amount(9 * UNIT) };
    world.chain.submit(&fill, &patient, Until::Finalized).await.unwrap();
    let spend = Call::Transfer { to: patient.account(), amount: Amount(UNIT) };
    world.chain.submit(&spend, &other, Until::Finalized).await.unwrap();

    let mut vault = world.vault().await.unwrap();
    let handle = vault.wallet().dossier(None).unwrap().handle.clone();
    world.session(&mut vault).send(&handle).await.unwrap();
    assert_eq!(index(&world).await, taken + 1);
    let nonce = world.chain.nonce(&other.account()).await.unwrap();
    assert_eq!(nonce, 1, "nothing more was sent from the other's account");
}
