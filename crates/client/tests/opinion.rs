// SPDX-License-Identifier: Apache-2.0
//! What the wallet keeps of an opinion for years: when it came, whether it was exported, and where
//! its answers came from.

mod common;

use common::{world_after, Next};
use cso_client::{
    consultation::Filling,
    vault::{Dossier, Origin},
};
use cso_clinical::{fhir::RecordFile, Protocol, Value};
use jiff::{civil::date, Timestamp};

const PROTOCOL: &str = include_str!("../../clinical/protocols/cha2ds2-vasc.toml");
const RECORD: &str = include_str!("../../../tests/data/bundle-anna.json");

/// Opens the opinion: its time, and the block it came in.
async fn open(world: &common::World) -> (Option<Timestamp>, u64) {
    let mut vault = world.vault().await.unwrap();
    let mut session = world.session(&mut vault);
    let opened = session.open(None).await.unwrap();
    (opened.time, opened.opinion.delivered)
}

async fn kept(world: &common::World) -> Dossier {
    world.peek().await.dossiers.remove(0)
}

/// What the chain in memory says of a block.
fn time_of(block: u64) -> Option<Timestamp> {
    Some(Timestamp::from_millisecond(i64::try_from(block).unwrap() * 3000).unwrap())
}

#[tokio::test]
async fn the_time_of_an_opinion_stays_when_no_node_knows_it_any_more() {
    let world = world_after(Next::Answered).await;
    let (time, block) = open(&world).await;
    assert_eq!(time, time_of(block));
    assert_eq!(kept(&world).await.delivered_ms, Some(block * 3000));
    // A node without that block.
    world.chain.lag(1);
    assert_eq!(open(&world).await, (time_of(block), block));
}

#[tokio::test]
async fn a_time_that_a_fork_can_still_change_is_told_and_not_kept() {
    let world = world_after(Next::Requested).await;
    world.chain.make_blocks_by_hand();
    world.clinic.answer(&world.chain, &world.pool, 0);
    let (time, block) = open(&world).await;
    assert_eq!(time, time_of(block));
    let dossier = kept(&world).await;
    assert!(dossier.opinion.is_some() && dossier.delivered_ms.is_none());
    // Nobody can tell: no other time takes its place.
    world.chain.lag(1);
    assert_eq!(open(&world).await, (None, block));
    world.chain.lag(0);
    world.chain.finalize(usize::MAX);
    open(&world).await;
    assert_eq!(kept(&world).await.delivered_ms, Some(block * 3000));
}

#[tokio::test]
async fn an_export_is_noted_and_erasing_leaves_no_time() {
    let world = world_after(Next::Accepted).await;
    let mut vault = world.vault().await.unwrap();
    let handle = vault.wallet().dossier(None).unwrap().handle.clone();
    assert!(!kept(&world).await.exported && kept(&world).await.delivered_ms.is_some());
    world.session(&mut vault).note_exported(&handle).await.unwrap();
    assert!(kept(&world).await.exported);
    // Once is enough: the wallet isn't written again.
    let before = world.storage.shelf.borrow().wallet.clone();
    world.session(&mut vault).note_exported(&handle).await.unwrap();
    assert_eq!(world.storage.shelf.borrow().wallet, before);
    assert!(world.session(&mut vault).note_exported("r-0").await.is_err());
    drop(vault);
    assert_eq!(world.step(&common::fresh()).await.unwrap(), Some(Next::Erased));
    let dossier = kept(&world).await;
    assert!(dossier.exported && dossier.delivered_ms.is_none() && dossier.opinion.is_none());
}

#[test]
fn each_answer_knows_what_kind_of_origin_it_has() {
    let description = Protocol::from_toml(PROTOCOL).unwrap().description();
    let mut filling = Filling::new(&description);
    let file = RecordFile { name: "record.json", bytes: RECORD.as_bytes() };
    filling.read_history(&[file], date(2026, 11, 23)).unwrap();
    filling.read_answers(r#"{ "diabetes": false }"#, "/home/anna/answers.json").unwrap();
    filling.read_answer("sex", "female", "given with -a").unwrap();
    filling.leave_open();
    let origin = |id: &str| {
        let inputs = filling.inputs();
        inputs.iter().find(|input| input.id == id).unwrap().origin
    };
    assert_eq!(origin("age"), Origin::Record);
    assert_eq!(origin("diabetes"), Origin::File);
    assert_eq!(origin("sex"), Origin::Typed);
    assert_eq!(origin("heart-failure"), Origin::Open);
    filling.confirm_no();
    let silent: Vec<_> =
        filling.inputs().into_iter().filter(|input| input.origin == Origin::Confirmed).collect();
    assert!(!silent.is_empty() && silent.iter().all(|input| input.value == "no"), "{silent:?}");
    assert_eq!(filling.answers()["diabetes"], Value::Flag(false));
}

#[test]
fn answers_that_older_wallets_kept_have_no_known_origin() {
    let old = r#"{ "id": "age", "label": "Age", "value": "70", "source": "/home/anna/a.json" }"#;
    let input: cso_client::vault::Input = serde_json::from_str(old).unwrap();
    assert_eq!(input.origin, Origin::Unknown);
    assert!(!input.origin.words("en").contains('/'));
}
