// SPDX-License-Identifier: Apache-2.0
//! What an expert does on chain, and what is said when it goes wrong halfway.

mod common;

use common::{Account, Fault, World, BOND, UNIT};
use cso_client::{
    expert::{apply, Application, Applied, ExpertError},
    progress::Silent,
    Amount, Pair,
};
use cso_primitives::{SealingPublicKey, SEALING_PUBLIC_KEY_BYTES};

/// Applies with one worker, whose account is to have 1 CSO, out of an account that has `free`.
async fn apply_with(world: &World, free: u128) -> Result<Applied, ExpertError> {
    let expert = Pair::from_suri("//Eve").unwrap();
    let account = Account { free, ..Account::default() };
    world.chain.ledger.borrow_mut().accounts.insert(expert.account().0, account);
    let application = Application {
        endpoint: "ws://expert".into(),
        sealing_key: Box::new(SealingPublicKey([1; SEALING_PUBLIC_KEY_BYTES])),
        workers: vec![worker().account()],
        price: Amount(5 * UNIT),
        worker_funds: Amount(UNIT),
    };
    apply(&world.chain, &Silent, &expert, application).await
}

fn worker() -> Pair {
    Pair::from_suri("//Eve//worker").unwrap()
}

fn free(world: &World, pair: &Pair) -> u128 {
    let ledger = world.chain.ledger.borrow();
    ledger.accounts.get(&pair.account().0).map_or(0, |account| account.free)
}

#[tokio::test]
async fn an_application_bonds_the_expert_and_fills_the_workers() {
    let world = World::new().await;
    let applied = apply_with(&world, BOND + 2 * UNIT).await.unwrap();
    assert_eq!(applied.bond, Amount(BOND));
    assert_eq!(free(&world, &worker()), UNIT);
}

#[tokio::test]
async fn nothing_is_bonded_unless_the_workers_can_be_filled_too() {
    let world = World::new().await;
    let refused = apply_with(&world, BOND + UNIT).await;
    assert!(matches!(refused, Err(ExpertError::Funds { .. })), "{refused:?}");
    assert_eq!(free(&world, &Pair::from_suri("//Eve").unwrap()), BOND + UNIT);
}

#[tokio::test]
async fn an_application_that_stops_halfway_says_so() {
    for point in 0.. {
        let world = World::new().await;
        world.faults.plan(point, Fault::Before);
        let result = apply_with(&world, BOND + 2 * UNIT).await;
        if !world.faults.fired() {
            result.unwrap();
            return;
        }
        world.faults.clear();
        let bonded = free(&world, &Pair::from_suri("//Eve").unwrap()) < BOND;
        let told = matches!(result, Err(ExpertError::Worker { .. }));
        assert_eq!(told, bonded, "at {point}: {result:?}");
    }
}
