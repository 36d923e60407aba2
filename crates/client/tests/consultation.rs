// SPDX-License-Identifier: Apache-2.0
//! The patient's steps: what each does, what it refuses, and that whatever fails outside, the way
//! goes on and nothing is lost or paid twice.

mod common;

use common::{fresh, world_after, Clinic, Fault, MemoryStorage, Next, World, PATIENT, UNIT};
use cso_client::{
    chain::{GenesisHash, Status},
    consultation::{
        CloseError, ModelCheck, NoteCheck, OfferError, OpinionError, Payer, Phase, PrepareError,
        RequestError, Standing, StateError, TakenUp, Terms, TermsError, Which,
    },
    secret::Secret,
    vault::{Asker, RecordKeys, Stage, Vault, VaultError, Wallet},
    Amount, Pair,
};
use cso_fhe::Profile;
use std::time::Duration;

fn existing() -> Payer {
    Payer::Existing("me".into())
}

#[tokio::test]
async fn the_whole_way_leaves_nothing_but_the_fee() {
    for payer in [fresh(), existing()] {
        let world = World::new().await;
        let mut steps = Vec::new();
        while let Some(step) = world.step(&payer).await.unwrap() {
            world.check().await;
            steps.push(step);
        }
        let whole = [Next::Prepared, Next::Requested, Next::Answered, Next::Accepted, Next::Erased];
        assert_eq!(steps, whole);
        world.check_end().await;
    }
}

/// Fails each operation that goes outside, one after the other, and goes on afterwards.
async fn every_point(fault: Fault, payer: Payer) -> usize {
    for point in 0.. {
        let world = World::new().await;
        world.faults.plan(point, fault);
        let result = world.run(&payer).await;
        if !world.faults.fired() {
            result.unwrap();
            return point;
        }
        world.check().await;
        // A fault in the last step's clearing up shows no error, and that is right.
        let went_on = world.run(&payer).await;
        went_on.unwrap_or_else(|error| panic!("after {fault:?} at {point}: {error}"));
        world.check_end_but_pool(point, fault).await;
    }
    unreachable!("a story has an end")
}

trait EndButPool {
    async fn check_end_but_pool(&self, point: usize, fault: Fault);
}

impl EndButPool for World {
    /// Chunks may stay in the pool if it can't be asked to drop them: it does so by itself.
    async fn check_end_but_pool(&self, point: usize, fault: Fault) {
        let left = self.pool.chunks.borrow().len();
        assert!(left <= 1, "after {fault:?} at {point}: {left} chunks");
        self.pool.chunks.borrow_mut().clear();
        self.check_end().await;
    }
}

#[tokio::test]
async fn what_fails_before_it_is_done_costs_nothing() {
    assert!(every_point(Fault::Before, fresh()).await > 40);
    assert!(every_point(Fault::Before, existing()).await > 30);
}

#[tokio::test]
async fn what_is_done_but_not_told_is_not_done_again() {
    assert!(every_point(Fault::After, fresh()).await > 40);
    assert!(every_point(Fault::After, existing()).await > 30);
}

#[tokio::test]
async fn only_experts_who_can_be_asked_are_asked() {
    let world = World::new().await;
    let account = world.clinic.account;
    let stranger = Pair::from_suri("//Eve").unwrap().account();
    let fetch = |protocol: &'static str| {
        cso_client::consultation::Offer::fetch(&world.chain, account, protocol)
    };
    assert_eq!(fetch("0").await.unwrap().protocol, 0);
    assert_eq!(fetch("qsofa").await.unwrap().protocol, 0);
    assert!(matches!(fetch("7").await, Err(OfferError::NoProtocol { .. })));
    assert!(matches!(fetch("news2").await, Err(OfferError::NoProtocol { .. })));
    let none = cso_client::consultation::Offer::fetch(&world.chain, stranger, "0").await;
    assert!(matches!(none, Err(OfferError::NoExpert(_))));
}

#[tokio::test]
async fn terms_that_cannot_be_met_are_refused_before_anything_is_made() {
    let world = World::new().await;
    let vault = world.vault().await.unwrap();
    let check = |fee: u128, payer: Payer| {
        let (vault, chain) = (&vault, &world.chain);
        async move { Terms::check_funds(&payer, Amount(fee), vault.wallet(), chain).await }
    };
    assert!(check(Clinic::PRICE, fresh()).await.is_ok());
    // 100 CSO are there, and 1.5 are set aside beside the fee, 1.52 through a new account.
    assert!(check(98 * UNIT + UNIT / 2, existing()).await.is_ok());
    let refused = check(98 * UNIT + UNIT / 2, fresh()).await;
    assert!(matches!(refused, Err(TermsError::Funds { .. })));
    let unknown = check(UNIT, Payer::Existing("nobody".into())).await;
    assert!(matches!(unknown, Err(TermsError::Wallet(_))));
}

#[tokio::test]
async fn terms_that_cannot_be_met_make_no_keys() {
    let world = World::new().await;
    let offer = cso_client::consultation::Offer::fetch(&world.chain, world.clinic.account, "0");
    let offer = offer.await.unwrap();
    let filling = World::filling(&offer);
    let terms = || world.terms(fresh());
    let unmet = [
        Terms { profile: Profile::Fast, ..terms() },
        Terms { fee: Amount(Clinic::PRICE - 1), ..terms() },
        Terms { deadline_blocks: 4, ..terms() },
        Terms { question: "?".repeat(4097), ..terms() },
        Terms { fee: Amount(1000 * UNIT), ..terms() },
    ];
    for terms in unmet {
        let mut vault = world.vault().await.unwrap();
        let refused = world.session(&mut vault).prepare(&offer, &filling, terms).await;
        assert!(matches!(refused, Err(PrepareError::Terms(_))), "{refused:?}");
        assert!(vault.wallet().dossiers.is_empty());
        assert!(world.storage.shelf.borrow().records.is_empty());
    }
}

#[tokio::test]
async fn two_programs_at_once_take_two_accounts() {
    let world = World::new().await;
    let mut vaults = [world.vault().await.unwrap(), world.vault().await.unwrap()];
    let mut accounts = Vec::new();
    for vault in &mut vaults {
        // Each has read the wallet before the other wrote it.
        let handle = world.prepare(vault, fresh()).await.unwrap();
        let dossier = vault.wallet().dossier(Some(&handle)).unwrap();
        accounts.push(vault.wallet().asking_pair(dossier).unwrap().account());
    }
    assert_ne!(accounts[0], accounts[1]);
    let indices = |wallet: &Wallet| {
        let all = wallet.dossiers.iter().map(|dossier| match dossier.account {
            Asker::Fresh { index, .. } => Some(index),
            Asker::Existing { .. } => None,
        });
        all.collect::<Vec<_>>()
    };
    let indices = indices(vaults[1].wallet());
    assert_eq!(indices[1], indices[0].map(|first| first + 1));
}

#[tokio::test]
async fn records_that_nobody_has_the_keys_of_are_removed() {
    let world = world_after(Next::Prepared).await;
    let own = world.peek().await.dossier(None).unwrap().handle.clone();
    {
        let mut shelf = world.storage.shelf.borrow_mut();
        shelf.records.insert("r-00000000".into(), vec![1]);
        shelf.settled = true;
    }
    let mut vault = world.vault().await.unwrap();
    let other = world.prepare(&mut vault, fresh()).await.unwrap();
    let left: Vec<_> = world.storage.shelf.borrow().records.keys().cloned().collect();
    assert!(left.len() == 2 && left.contains(&own) && left.contains(&other), "{left:?}");
}

#[tokio::test]
async fn each_consultation_has_an_account_of_its_own() {
    let world = World::new().await;
    let mut accounts = Vec::new();
    for _ in 0..3 {
        let mut vault = world.vault().await.unwrap();
        let handle = world.prepare(&mut vault, fresh()).await.unwrap();
        let dossier = vault.wallet().dossier(Some(&handle)).unwrap();
        let account = vault.wallet().asking_pair(dossier).unwrap().account();
        let Asker::Fresh { index, .. } = dossier.account else { panic!("it's a new account") };
        let by_hand = Pair::from_suri(&format!("//Dave//consultation//{index}")).unwrap();
        assert_eq!(account, by_hand.account());
        accounts.push(account);
    }
    assert!(accounts[0] != accounts[1] && accounts[1] != accounts[2]);
}

#[tokio::test]
async fn states_come_one_after_the_other() {
    let world = world_after(Next::Prepared).await;
    let mut vault = world.vault().await.unwrap();
    let handle = vault.wallet().dossier(None).unwrap().handle.clone();
    let mut session = world.session(&mut vault);
    let Ok(TakenUp::Prepared(prepared)) = session.take_up(&handle).await else {
        panic!("it was prepared");
    };
    assert!(world.pool.chunks.borrow().is_empty());
    let funded = session.fund(prepared).await.unwrap();
    let handed_off = session.hand_off(funded).await.unwrap();
    assert_eq!(world.pool.chunks.borrow().len(), 1);
    assert_eq!(world.chain.ledger.borrow().next_id, 0);
    let requested = session.request(handed_off).await.unwrap();
    assert_eq!((requested.id, requested.handle.as_str()), (0, handle.as_str()));
    assert!(world.storage.shelf.borrow().records.is_empty(), "the record is in the pool now");
    let again = session.take_up(&handle).await;
    assert!(matches!(again, Err(RequestError::State(StateError::AlreadyRequested { id: 0, .. }))));
}

#[tokio::test]
async fn an_account_that_is_full_is_not_filled_again() {
    let world = world_after(Next::Prepared).await;
    let mut vault = world.vault().await.unwrap();
    let handle = vault.wallet().dossier(None).unwrap().handle.clone();
    let mut session = world.session(&mut vault);
    for _ in 0..2 {
        let Ok(TakenUp::Prepared(prepared)) = session.take_up(&handle).await else {
            panic!("it was prepared");
        };
        session.fund(prepared).await.unwrap();
    }
    let patient = Pair::from_suri(PATIENT).unwrap().account();
    assert_eq!(world.chain.ledger.borrow().accounts[&patient.0].nonce, 1, "one transfer");
}

#[tokio::test]
async fn a_record_that_was_changed_or_lost_for_good_moves_no_money() {
    for damage in [true, false] {
        let world = world_after(Next::Prepared).await;
        let before = world.chain.ledger.borrow().accounts.clone();
        {
            let mut shelf = world.storage.shelf.borrow_mut();
            match damage {
                true => shelf.records.values_mut().for_each(|record| record[100] ^= 1),
                false => shelf.records.clear(),
            }
        }
        let mut vault = world.vault().await.unwrap();
        // As wallets of version 1 are: there is nothing to make the record again of.
        change_keys(&mut vault, |keys| keys.evidence = None).await;
        let handle = vault.wallet().dossier(None).unwrap().handle.clone();
        let error = world.session(&mut vault).send(&handle).await.unwrap_err();
        match damage {
            true => assert!(matches!(error, RequestError::RecordDamaged), "{error}"),
            false => assert!(matches!(error, RequestError::RecordGone), "{error}"),
        }
        let after = world.chain.ledger.borrow().accounts.clone();
        assert_eq!(sorted(before), sorted(after));
    }
}

async fn change_keys(vault: &mut Vault<MemoryStorage>, change: impl Fn(&mut RecordKeys)) {
    let change = |wallet: &mut Wallet| -> Result<(), VaultError> {
        change(wallet.dossiers.last_mut().unwrap().keys.as_mut().unwrap());
        Ok(())
    };
    vault.change(change).await.unwrap();
}

#[tokio::test]
async fn a_lost_record_is_made_again_byte_for_byte() {
    let world = world_after(Next::Prepared).await;
    let handle = world.peek().await.dossier(None).unwrap().handle.clone();
    let before = world.storage.shelf.borrow_mut().records.remove(&handle).unwrap();
    let mut vault = world.vault().await.unwrap();
    let mut session = world.session(&mut vault);
    let Ok(TakenUp::Prepared(prepared)) = session.take_up(&handle).await else {
        panic!("it was prepared");
    };
    session.fund(prepared).await.unwrap();
    drop(vault);
    assert!(world.storage.shelf.borrow().records[&handle] == before);
    world.run(&fresh()).await.unwrap();
    world.check_end().await;
}

#[tokio::test]
async fn evidence_that_makes_another_record_moves_no_money() {
    let flip = |text: &str| text.replacen('1', "0", 1).replacen("00", "01", 1);
    for spoil in [
        &(|keys: &mut RecordKeys| keys.record = Secret::from([1; 32])) as &dyn Fn(&mut RecordKeys),
        &|keys| {
            let evidence = keys.evidence.as_mut().unwrap();
            evidence.bits = flip(evidence.bits.expose()).into();
        },
        &|keys| keys.evidence.as_mut().unwrap().bits = "01x".to_owned().into(),
        &|keys| keys.evidence.as_mut().unwrap().bits = String::new().into(),
    ] {
        let world = world_after(Next::Prepared).await;
        world.storage.shelf.borrow_mut().records.clear();
        let before = world.chain.ledger.borrow().accounts.clone();
        let mut vault = world.vault().await.unwrap();
        change_keys(&mut vault, spoil).await;
        let handle = vault.wallet().dossier(None).unwrap().handle.clone();
        let error = world.session(&mut vault).send(&handle).await.unwrap_err();
        assert!(matches!(error, RequestError::EvidenceDamaged), "{error}");
        assert_eq!(sorted(before), sorted(world.chain.ledger.borrow().accounts.clone()));
        assert!(world.storage.shelf.borrow().records.is_empty());
    }
}

fn sorted<T: std::fmt::Debug>(map: impl IntoIterator<Item = T>) -> Vec<String> {
    let mut all: Vec<_> = map.into_iter().map(|one| format!("{one:?}")).collect();
    all.retain(|one| !one.contains("free: 0, held: 0, nonce: 0"));
    all.sort();
    all
}

#[tokio::test]
async fn a_refused_request_can_be_sent_again() {
    let world = world_after(Next::Prepared).await;
    // The price rises between the look and the request.
    let account = world.clinic.account.0;
    let raise = |price: u128| {
        world.chain.ledger.borrow_mut().experts.get_mut(&account).unwrap().price = price;
    };
    raise(Clinic::PRICE + 1);
    let mut vault = world.vault().await.unwrap();
    let handle = vault.wallet().dossier(None).unwrap().handle.clone();
    let error = world.session(&mut vault).send(&handle).await.unwrap_err();
    assert!(error.to_string().contains("below the expert's price"), "{error}");
    assert_eq!(vault.wallet().dossier(None).unwrap().stage, Stage::Prepared);
    raise(Clinic::PRICE);
    world.run(&fresh()).await.unwrap();
    world.check_end().await;
}

#[tokio::test]
async fn another_chain_is_not_mixed_up() {
    let mut world = world_after(Next::Answered).await;
    world.chain.genesis = GenesisHash([8; 32]);
    let mut vault = world.vault().await.unwrap();
    let which = Which::of(vault.wallet().dossier(None).unwrap());
    assert!(matches!(which.require_chain(&world.chain), Err(StateError::OtherChain { .. })));
    let mut session = world.session(&mut vault);
    let opened = session.open(None).await.err();
    assert!(matches!(opened, Some(OpinionError::State(StateError::OtherChain { .. }))));
    let erased = world.session(&mut vault).erase("0", None).await;
    assert!(matches!(erased, Err(CloseError::State(StateError::OtherChain { .. }))));
    assert!(vault.wallet().dossier(None).unwrap().keys.is_some());
}

#[tokio::test]
async fn an_opinion_is_read_with_who_stands_behind_it() {
    let world = world_after(Next::Answered).await;
    let mut vault = world.vault().await.unwrap();
    let mut session = world.session(&mut vault);
    let opened = session.open(None).await.unwrap();
    assert_eq!(opened.outputs, world.clinic.in_clear(&World::ANSWERS));
    assert_eq!(opened.model, ModelCheck::Published);
    assert_eq!(opened.model_commitment(), Some(world.clinic.model));
    assert_eq!(opened.note.note().unwrap().text, "See your doctor.");
    assert_eq!(opened.readings.len(), opened.outputs.len());
}

#[tokio::test]
async fn an_opinion_of_another_model_or_without_a_note_is_shown_as_such() {
    let world = world_after(Next::Answered).await;
    let account = world.clinic.account.0;
    let mut vault = world.vault().await.unwrap();
    world.chain.ledger.borrow_mut().protocols.get_mut(&(account, 0)).unwrap().model =
        cso_primitives::ModelCommitment([9; 32]);
    assert_eq!(model(&world, &mut vault).await, ModelCheck::Differs);
    world.chain.ledger.borrow_mut().protocols.clear();
    assert_eq!(model(&world, &mut vault).await, ModelCheck::Retired);
    world.chain.ledger.borrow_mut().opinions.get_mut(&0).unwrap().note[200] ^= 1;
    let mut session = world.session(&mut vault);
    let opened = session.open(None).await.unwrap();
    assert!(matches!(opened.note, NoteCheck::Unreadable(_)));
    assert_eq!(opened.model, ModelCheck::Unknown);
}

async fn model(world: &World, vault: &mut Vault<MemoryStorage>) -> ModelCheck {
    world.session(vault).open(None).await.unwrap().model
}

#[tokio::test]
async fn what_was_opened_is_kept_until_it_is_erased() {
    let world = world_after(Next::Answered).await;
    let mut vault = world.vault().await.unwrap();
    let first = world.session(&mut vault).open(None).await.unwrap().outputs;
    // Its time on chain is over.
    world.chain.ledger.borrow_mut().opinions.clear();
    let mut vault = world.vault().await.unwrap();
    assert_eq!(world.session(&mut vault).open(None).await.unwrap().outputs, first);
    world.chain.ledger.borrow_mut().consultations.clear();
    world.session(&mut vault).erase("0", None).await.unwrap();
    let dossier = world.peek().await.dossier(None).unwrap().clone();
    assert!(dossier.opinion.is_none() && dossier.keys.is_none());
}

#[tokio::test]
async fn an_answer_that_is_none_is_refused() {
    let world = world_after(Next::Answered).await;
    world.chain.ledger.borrow_mut().opinions.get_mut(&0).unwrap().answer.truncate(100);
    let mut vault = world.vault().await.unwrap();
    let mut session = world.session(&mut vault);
    assert!(matches!(session.open(None).await, Err(OpinionError::Answer(_))));
}

#[tokio::test]
async fn what_is_erased_is_neither_accepted_nor_erased_again() {
    let world = world_after(Next::Erased).await;
    let mut vault = world.vault().await.unwrap();
    let mut session = world.session(&mut vault);
    let already = |result: Result<(), CloseError>| {
        let error = result.unwrap_err();
        assert!(matches!(error, CloseError::State(StateError::AlreadyErased { id: 0 })), "{error}");
    };
    already(session.accept("0").await.map(|_| ()));
    already(session.erase("0", None).await.map(|_| ()));
}

#[tokio::test]
async fn debug_output_shows_neither_question_nor_answers() {
    let world = world_after(Next::Prepared).await;
    let vault = world.vault().await.unwrap();
    let shown = format!("{:?} {:?}", vault.wallet(), world.terms(fresh()));
    for hidden in ["sepsis", "respiration"] {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
    }
}

#[tokio::test]
async fn there_is_nothing_to_open_before_the_answer() {
    let world = world_after(Next::Requested).await;
    let mut vault = world.vault().await.unwrap();
    let mut session = world.session(&mut vault);
    assert!(matches!(session.open(None).await, Err(OpinionError::None(0))));
}

#[tokio::test]
async fn open_consultations_are_not_erased() {
    for last in [Next::Requested, Next::Answered] {
        let world = world_after(last).await;
        let mut vault = world.vault().await.unwrap();
        let error = world.session(&mut vault).erase("0", None).await.unwrap_err();
        assert!(matches!(error, CloseError::Open { id: 0, .. }), "{error}");
        assert!(vault.wallet().dossier(None).unwrap().keys.is_some());
    }
}

#[tokio::test]
async fn waiting_ends_with_the_answer_or_in_time() {
    let world = world_after(Next::Requested).await;
    let vault = world.vault().await.unwrap();
    let which = Which::of(vault.wallet().dossier(None).unwrap());
    let mut looks = 0;
    let timeout = Some(Duration::from_secs(10));
    let waited =
        Standing::wait(&world.chain, &world.clock, &which, timeout, |_| looks += 1).await.unwrap();
    assert!(waited.timed_out && waited.standing.waits());
    assert_eq!(looks, 25, "a look each 0.4 s");

    world.clinic.answer(&world.chain, &world.pool, 0);
    let waited = Standing::wait(&world.chain, &world.clock, &which, None, |_| panic!("it's there"))
        .await
        .unwrap();
    assert!(matches!(waited.standing.phase, Phase::OnChain(Status::Delivered { .. })));
    assert_eq!((waited.timed_out, waited.blocks), (false, Some(1)));
}
